//! Pairs of key and value in running text: logfmt, `key: value`, query strings, form bodies, broken JSON, and the
//! debug output of languages (Python, Java, Go, JavaScript, Ruby), which all put a key before `=`, `:` or `=>`.
//!
//! Owns which pairs are followed up: those whose key is of an identifier class, and a few whose neighbours say what
//! they hold. The value of any other key is left to the flat scan. [`key`] finds keys, [`extent`] and `grow` where
//! values end.

use std::ops::Range;

mod extent;
mod grow;
mod key;
mod other;
mod record;
mod value;

pub(super) use extent::quoted_value;
use extent::{bare_end, bracketed, elements, has_pairs, typed_len, value_start};
pub(super) use grow::grow;
use key::{KEY_BYTES_MAX, Key, is_in_urn, key_before, pair_class};
use other::Pair;
pub(super) use other::may_hold_somebody;
pub(super) use record::{is_id_of_patient, is_written_by_a_hospital};
use value::{is_span_name, names_a_service, names_a_thing};

use super::{DEPTH_MAX, Edit, PLACEHOLDER_HEAD, Reader, class_of, dicom, phi, query, statement, view, words};
use crate::phi::{class::Class, cues::KeyClass, rules::homonyms, rules::keyed, systems};

/// No word for a type is as long.
const TYPE_WORD_BYTES_MAX: usize = 32;
/// Longest value without quotes or brackets.
pub(super) const BARE_BYTES_MAX: usize = 256;

impl Reader<'_> {
    pub(super) fn pairs(&mut self, text: &str, depth: u8, skip: &[Range<usize>], out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        // The inside of a nested value whose own keys may say less than the key above them: `name: {first: 'X'}`.
        let mut scope: Option<(usize, Class)> = None;
        while let Some(found) = memchr::memchr2(b'=', b':', &bytes[at..]) {
            let separator = at + found;
            at = separator + 1;
            if let Some(done) = skip.iter().find(|done| done.contains(&separator)) {
                at = done.end;
                continue;
            }
            if bytes[separator] == b':'
                && let Some(end) = self.keyword(text, separator, depth, out)
            {
                at = end;
                continue;
            }
            let Some(key) = key_before(text, separator) else { continue };
            // `urn:oid:…` is a name of a system, whatever else the letters may mean.
            if bytes[separator] == b':' && is_in_urn(text, separator) {
                continue;
            }
            let inherited = scope
                .filter(|(end, _)| separator < *end && super::json::inherits(&text[key.span.clone()]))
                .map(|(_, class)| class);
            let class = pair_class(text, &key, bytes[separator]).or(inherited);
            if class == Some(Class::Name) && record::is_of_thing(text, &key) {
                continue;
            }
            let Some(class) = class.filter(|_| !self.is_silent(&text[key.span.clone()])) else {
                at = self.other_pair(Pair { text, key: &key, separator }, depth, out).max(at);
                continue;
            };
            if class == Class::Name
                && key.quoted
                && let Some(cut) = record::cut_before(text, &key)
            {
                out.push(Edit::likely(cut, Class::Name, "name.cut"));
            }
            let value = value_start(bytes, separator);
            // `password= user=admin`: nothing stands between this key and the next.
            let empty = bytes[separator] == b'='
                && value > separator + 1
                && !matches!(bytes.get(separator.wrapping_sub(1)), Some(b' '))
                && opens_a_pair(&text[value..]);
            if value < bytes.len() && !empty {
                if matches!(class, Class::Name | Class::Geo)
                    && let Some((_, inner)) = bracketed(text, value, class)
                    && has_pairs(&text[inner.clone()])
                {
                    scope = Some((inner.end, class));
                }
                at = self.pair(Claim { text, key: &key, class }, value, depth, out).max(at);
            }
        }
    }

    /// `:first_name "Noor"`, as Clojure and Elixir print maps. Returns where the value ends.
    fn keyword(&mut self, text: &str, colon: usize, depth: u8, out: &mut Vec<Edit>) -> Option<usize> {
        let bytes = text.as_bytes();
        if !matches!(colon.checked_sub(1).map(|before| bytes[before]), Some(b'{' | b' ' | b',' | b'(')) {
            return None;
        }
        let key = colon + 1;
        let len = bytes[key..]
            .iter()
            .take(KEY_BYTES_MAX)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.'))
            .count();
        if len == 0 || bytes.get(key + len) != Some(&b' ') {
            return None;
        }
        let list = bytes.get(key + len + 1) == Some(&b'[') && bytes.get(key + len + 2) == Some(&b'"');
        if !list && bytes.get(key + len + 1) != Some(&b'"') {
            return None;
        }
        let class = phi(class_of(&text[key..key + len]))?;
        if list {
            let (outer, inner) = bracketed(text, key + len + 1, class)?;
            for element in strings(text, inner) {
                self.held(text, element, class, depth, out);
            }
            return Some(outer.end);
        }
        let inner = quoted_value(text, key + len + 1)?;
        let end = inner.end;
        self.held(text, inner, class, depth, out);
        Some(end)
    }

    /// Reads the value at `value` under a key of a class. Returns where reading goes on.
    fn pair(&mut self, claim: Claim<'_>, value: usize, depth: u8, out: &mut Vec<Edit>) -> usize {
        let Claim { text, key, class } = claim;
        let value = match claim.value_at(value) {
            Ok(value) => value,
            Err(on) => return on,
        };
        if let Some((day, quoted)) = claim.day_part(value) {
            let end = day.end;
            let edit = Edit::plain(day, class, "pair.key");
            out.push(if quoted { edit.quoted() } else { edit });
            return end;
        }
        if let Some(inner) = quoted_value(text, value) {
            let end = inner.end;
            if class == Class::Name && is_span_name(&text[inner.clone()]) || claim.is_of_a_thing(&inner) {
                return end;
            }
            self.held(text, inner, class, depth, out);
            return self.changed(text, end, class, depth, out);
        }
        if let Some((outer, inner)) = bracketed(text, value, class) {
            return self.in_brackets(claim, outer, inner, depth, out);
        }
        if query::is_parameter(text, key.span.start) {
            let end = query::value_end(text, value);
            let name = claim.key().split(':').next().unwrap_or("").eq_ignore_ascii_case("name");
            if !(name && words::is_of_a_thing(text, key.span.start)) {
                self.parameter(text, value..end, KeyClass::Phi(class), depth, out);
            }
            return end;
        }
        if let Some(end) = keyed::counted(text, value, class) {
            return end;
        }
        let Some(end) = bare_end(text, key.span.start, value, class) else { return value };
        if claim.is_of_a_thing(&(value..end)) {
            return end;
        }
        let bare = &text[value..end];
        if key.quoted && bare.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
        {
            // A number of a JSON fragment.
            if bare.bytes().filter(u8::is_ascii_digit).count() >= 4 + usize::from(class == Class::Date) {
                out.push(Edit::plain(value..end, class, "pair.key").quoted());
            }
            return end;
        }
        self.held(text, value..end, class, depth, out);
        end
    }

    /// A list or a nested value, with and without its brackets. Returns where reading goes on.
    fn in_brackets(
        &mut self,
        claim: Claim<'_>,
        outer: Range<usize>,
        inner: Range<usize>,
        depth: u8,
        out: &mut Vec<Edit>,
    ) -> usize {
        let Claim { text, class, .. } = claim;
        let (open, end) = (outer.start, outer.end);
        let content = &text[inner.clone()];
        // `birth_date:{year:1980 month:2 day:29}`
        let spelled = class == Class::Date && content.contains("month") && content.contains("day");
        if !spelled && has_pairs(content) {
            return open + 1; // Nested fields have keys of their own.
        }
        if class != Class::Date {
            for element in elements(text, inner) {
                self.held(text, element, class, depth, out);
            }
        } else if spelled || content.bytes().any(|byte| byte.is_ascii_digit()) {
            out.push(Edit::plain(outer, class, "pair.key"));
        }
        end
    }

    /// `"old" -> "new"`, `"old" => "new"`: the other value of the same field. Returns where reading goes on.
    fn changed(&mut self, text: &str, end: usize, class: Class, depth: u8, out: &mut Vec<Edit>) -> usize {
        let rest = &text[end..];
        let after = rest.trim_start_matches(['"', '\'', '\\', '`']);
        let Some(next) = [" -> ", " => ", " to ", " \u{2192} ", "->", "=>"]
            .iter()
            .find_map(|sign| after.strip_prefix(sign))
        else {
            return end;
        };
        match quoted_value(text, text.len() - next.len()) {
            Some(inner) if after.len() < rest.len() => {
                let end = inner.end;
                self.held(text, inner, class, depth, out);
                end
            }
            _ => end,
        }
    }

    /// A value of known extent: decoded if it is escaped, then judged by its class.
    pub(super) fn held(
        &mut self,
        text: &str,
        span: Range<usize>,
        class: Class,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        if span.is_empty() {
            return;
        }
        let depth = depth.saturating_add(1).min(DEPTH_MAX);
        match view::backslash(&text[span.clone()]) {
            Some(view) => {
                self.through(&view, span.start, out, |r, value, out| r.value(value, class, depth, out))
            }
            None => self.part(text, span, out, |r, value, out| r.value(value, class, depth, out)),
        }
    }
}

/// A key of a class, and the text it stands in.
#[derive(Clone, Copy)]
struct Claim<'a> {
    text: &'a str,
    key: &'a Key,
    class: Class,
}

impl<'a> Claim<'a> {
    fn key(self) -> &'a str {
        &self.text[self.key.span.clone()]
    }

    /// Where the value opens, behind the system and the type it is told with; or, if none of the class stands there, where reading
    /// goes on.
    fn value_at(self, value: usize) -> Result<usize, usize> {
        let Claim { text, class, .. } = self;
        let rest = &text[value..];
        if rest.starts_with(PLACEHOLDER_HEAD) {
            return Err(value + rest.find(']').unwrap_or(0));
        }
        // The carrier of a device label is read by its own rule: a model is nobody's.
        if class == Class::Device && rest.starts_with("(01)")
            || homonyms::means_another(class, &self.key().to_ascii_lowercase(), text, value)
        {
            return Err(value);
        }
        let value = value + systems::width(rest) + dicom::tag_width(rest);
        let rest = &text[value..];
        // `"dob" = $2  [["last_name", …`: the place of a value, before what was bound in it.
        let mark = statement::mark_len(rest);
        if mark > 0 {
            return Err(value + mark);
        }
        // `string(5) "Ngozi"`, as PHP dumps a value.
        let value = keyed::unwrapped(text.as_bytes(), value + typed_len(rest));
        let near = &text[value..text.floor_char_boundary((value + TYPE_WORD_BYTES_MAX).min(text.len()))];
        let word = near.split([' ', ',', ';', ')', ']', '}']).next().unwrap_or("");
        let nobodys = words::is_type_word(word) && word.len() > 2
            || words::is_literal_id(word, class)
            || class == Class::Geo && words::is_host(word);
        if nobodys { Err(value + word.len()) } else { Ok(value) }
    }

    /// The month or day of a date that parts of it spell, and whether it stands as a number of JSON does.
    fn day_part(self, value: usize) -> Option<(Range<usize>, bool)> {
        if self.class != Class::Date || !words::is_day_part_key(self.key()) {
            return None;
        }
        let rest = &self.text[value..];
        let digits = rest.trim_start_matches(['"', '\'', '\\']);
        let open = value + rest.len() - digits.len();
        let part = open..open + digits.bytes().take_while(u8::is_ascii_digit).count();
        let quoted = self.key.quoted && open == value;
        words::is_day_part(&self.text[part.clone()]).then_some((part, quoted))
    }

    /// A name of a thing or a service, under a key of names.
    fn is_of_a_thing(self, value: &Range<usize>) -> bool {
        let Claim { text, key, class } = self;
        class == Class::Name
            && (names_a_thing(self.key(), &text[value.clone()])
                || names_a_service(text, key.span.clone(), value.clone()))
    }
}

/// The strings of a list whose elements only blanks part.
fn strings(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    const STRINGS_MAX: usize = 16;
    let mut found = Vec::new();
    let mut at = list.start;
    while at < list.end && found.len() < STRINGS_MAX {
        at += text[at..list.end].len() - text[at..list.end].trim_start_matches([' ', ',']).len();
        let Some(inner) = quoted_value(&text[..list.end], at).filter(|inner| inner.end > at) else { break };
        at = (inner.end + 1).min(list.end);
        found.push(inner);
    }
    found
}

/// `user=admin`: a key, an equal sign, and its value right behind it.
pub(in crate::phi) fn opens_a_pair(text: &str) -> bool {
    let key = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        .count();
    let rest = &text.as_bytes()[key..];
    key > 0
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.first() == Some(&b'=')
        && rest.get(1).is_some_and(|byte| *byte != b'=')
        && (rest[1] != b' ' || opens_a_pair(&text[key + 2..]))
}
