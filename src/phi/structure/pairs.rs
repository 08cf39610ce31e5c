//! Pairs of key and value in running text: logfmt, `key: value`, query strings, form bodies, broken JSON, and the
//! debug output of languages (Python, Java, Go, JavaScript, Ruby), which all put a key before `=`, `:` or `=>`.
//!
//! Owns where a key and its value begin and end. Only keys of an identifier class are followed up; the value of any
//! other key is left to the flat scan.

use std::ops::Range;

use super::{DEPTH_MAX, Edit, PLACEHOLDER_HEAD, Reader, class_of, phi, query, view, words};
use crate::phi::{class::Class, cues::KeyClass};

/// Longest key looked at, and longest bracketed value.
const KEY_BYTES_MAX: usize = 80;
const BRACKET_BYTES_MAX: usize = 1024;
/// How far the attributes of one DICOM data set stand apart.
const DATA_SET_BYTES: usize = 1024;
/// No word for a type is as long.
const TYPE_WORD_BYTES_MAX: usize = 32;
/// Longest value without quotes or brackets.
pub(super) const BARE_BYTES_MAX: usize = 256;

struct Key {
    span: Range<usize>,
    /// In quotes, as in JSON.
    quoted: bool,
}

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
            if bytes[separator] == b':' && text[key.span.clone()].eq_ignore_ascii_case("urn") {
                continue;
            }
            let inherited = scope
                .filter(|(end, _)| separator < *end && super::json::inherits(&text[key.span.clone()]))
                .map(|(_, class)| class);
            let Some(class) = pair_class(text, &key, bytes[separator]).or(inherited) else {
                at = self.other_pair(text, &key, separator, out).max(at);
                continue;
            };
            let value = value_start(bytes, separator);
            if value < bytes.len() {
                if matches!(class, Class::Name | Class::Geo)
                    && let Some((_, inner)) = bracketed(text, value, class)
                    && has_pairs(&text[inner.clone()])
                {
                    scope = Some((inner.end, class));
                }
                at = self.pair(text, &key, value, class, depth, out).max(at);
            }
        }
    }

    /// A pair whose key is of no identifier class: a parameter that holds a name all the same, or prose.
    fn other_pair(&mut self, text: &str, key: &Key, separator: usize, out: &mut Vec<Edit>) -> usize {
        let name = &text[key.span.clone()];
        if query::is_parameter(text, key.span.start) && !matches!(class_of(name), KeyClass::Safe) {
            let value = separator + 1;
            let end = query::value_end(text, value);
            let decoded = view::percent(&text[value..end], true);
            let plain = decoded.as_ref().map_or(&text[value..end], |view| view.text.as_str());
            if !plain.starts_with(PLACEHOLDER_HEAD)
                && !words::is_field_name(plain)
                && (crate::phi::names::is_name_like(plain) || is_beside_phi(text, key.span.start, end, plain))
            {
                out.push(Edit::likely(value..end, Class::Name, "pair.parameter"));
            }
            return end;
        }
        // `patient=abiodun_balogun`
        if matches!(name, "patient" | "pt" | "member" | "client" | "resident" | "subject")
            && text.as_bytes()[separator] == b'='
        {
            let value = separator + 1;
            let len = text[value..]
                .find(|c: char| !(c.is_alphabetic() || matches!(c, '_' | '-' | '.' | '+')))
                .unwrap_or(text.len() - value);
            let word = text[value..value + len].trim_end_matches(['.', '-']);
            if word.contains(['_', '-', '.', '+']) && crate::phi::names::is_unlisted_slug(word) {
                out.push(Edit::plain(value..value + word.len(), Class::Name, "name.slug"));
                return value + len;
            }
        }
        // `PatientRow(first=Ebere, last=Onuigbo)`: each of the two says what the other is.
        if let Some(other) = match name {
            "first" => Some("last"),
            "last" => Some("first"),
            "First" => Some("Last"),
            "Last" => Some("First"),
            "FIRST" => Some("LAST"),
            "LAST" => Some("FIRST"),
            _ => None,
        } && holds_key(text, key.span.start, other)
        {
            let value = value_start(text.as_bytes(), separator);
            let span = quoted_value(text, value).or_else(|| {
                let len =
                    text[value..].find(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’')))?;
                Some(value..value + len)
            });
            if let Some(span) = span.filter(|span| super::rows::is_name(&text[span.clone()], false)) {
                let end = span.end;
                out.push(Edit::plain(span, Class::Name, "name.first-last"));
                return end;
            }
        }
        // `q="farouk, omar"`: what was searched for.
        if words::is_search_key(name)
            && let Some(inner) = quoted_value(text, value_start(text.as_bytes(), separator))
            && is_turned_name(&text[inner.clone()])
        {
            let end = inner.end;
            out.push(Edit::likely(inner, Class::Name, "pair.search"));
            return end;
        }
        // Pydantic names the field on a line of its own, above what it says of it.
        if name == "input_value"
            && let Some(inner) = quoted_value(text, value_start(text.as_bytes(), separator))
        {
            let floor = text.ceil_char_boundary(key.span.start.saturating_sub(256));
            let field = text[floor..key.span.start].rsplit('\n').nth(1).map(str::trim).unwrap_or("");
            if !field.is_empty()
                && !field.contains(' ')
                && let Some(class) = phi(super::field_class(field))
            {
                out.push(Edit::plain(inner, class, "pair.field-above"));
                return separator;
            }
        }
        if words::is_clinical_key(name)
            && let Some(inner) = quoted_value(text, value_start(text.as_bytes(), separator))
            && words::is_prose(&text[inner.clone()])
        {
            out.push(Edit::plain(inner, Class::Clinical, "pair.clinical"));
        }
        separator
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
        if len == 0 || bytes.get(key + len) != Some(&b' ') || !matches!(bytes.get(key + len + 1), Some(b'"'))
        {
            return None;
        }
        let class = phi(class_of(&text[key..key + len]))?;
        let inner = quoted_value(text, key + len + 1)?;
        let end = inner.end;
        self.held(text, inner, class, depth, out);
        Some(end)
    }

    /// Reads the value at `value` under a key of `class`. Returns where reading goes on.
    fn pair(
        &mut self,
        text: &str,
        key: &Key,
        value: usize,
        class: Class,
        depth: u8,
        out: &mut Vec<Edit>,
    ) -> usize {
        let rest = &text[value..];
        if rest.starts_with(PLACEHOLDER_HEAD) {
            return value + rest.find(']').unwrap_or(0);
        }
        // The carrier of a device label is read by its own rule: a model is nobody's.
        if class == Class::Device
            && (rest.starts_with("(01)") || crate::phi::rules::network::is_of_certificate(text, value))
        {
            return value;
        }
        // `string(5) "Ngozi"`, as PHP dumps a value.
        let value = crate::phi::rules::keyed::unwrapped(text.as_bytes(), value + typed_len(rest));
        let rest = &text[value..];
        let near = &rest[..text.floor_char_boundary((value + TYPE_WORD_BYTES_MAX).min(text.len())) - value];
        let word = near.split([' ', ',', ';', ')', ']', '}']).next().unwrap_or("");
        if words::is_type_word(word) && word.len() > 2 {
            return value + word.len();
        }
        if let Some(inner) = quoted_value(text, value) {
            let end = inner.end;
            if class == Class::Name && is_span_name(&text[inner.clone()]) {
                return end;
            }
            self.held(text, inner, class, depth, out);
            return self.changed(text, end, class, depth, out);
        }
        if let Some((outer, inner)) = bracketed(text, value, class) {
            let content = &text[inner.clone()];
            if has_pairs(content) {
                return value + 1; // Nested fields have keys of their own.
            }
            if class == Class::Date {
                if content.bytes().any(|byte| byte.is_ascii_digit()) {
                    out.push(Edit::plain(outer.clone(), class, "pair.key"));
                }
                return outer.end;
            }
            for element in elements(text, inner) {
                self.held(text, element, class, depth, out);
            }
            return outer.end;
        }
        if query::is_parameter(text, key.span.start) {
            let end = query::value_end(text, value);
            self.parameter(text, value..end, KeyClass::Phi(class), depth, out);
            return end;
        }
        let Some(end) = bare_end(text, key.span.start, value, class) else { return value };
        let bare = &text[value..end];
        if class == Class::Name && names_a_thing(&text[key.span.clone()], bare) {
            return end;
        }
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

/// Does the other key stand near?
fn holds_key(text: &str, at: usize, key: &str) -> bool {
    let from = text.ceil_char_boundary(at.saturating_sub(80));
    let to = text.floor_char_boundary((at + 80).min(text.len()));
    text[from..to].match_indices(key).any(|(found, _)| {
        let rest = text[from + found + key.len()..].trim_start_matches(['"', '\'', ' ', '\\']);
        rest.starts_with(['=', ':'])
    })
}

/// `farouk, omar`: family name, given name, and nothing else.
fn is_turned_name(text: &str) -> bool {
    text.split_once(", ").is_some_and(|(family, given)| {
        [family, given].iter().all(|name| {
            name.chars().count() >= 3
                && name.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
                && !words::is_common(name)
                && !crate::phi::protect::is_vocabulary(name)
        })
    })
}

/// `famly=Obiora&birthdate=…`: one capitalised word that no machine says, beside a parameter of a person.
fn is_beside_phi(text: &str, key: usize, end: usize, plain: &str) -> bool {
    let letters = plain.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
    let capitals = plain.chars().filter(|c| c.is_uppercase()).count();
    if !letters
        || plain.chars().count() < 3
        || !plain.starts_with(char::is_uppercase)
        || capitals > 1 + plain.matches(['-', '\'']).count()
        || words::is_common(plain)
        || crate::phi::protect::is_vocabulary(plain)
    {
        return false;
    }
    let floor = text.ceil_char_boundary(key.saturating_sub(96));
    let ceiling = text.floor_char_boundary((end + 96).min(text.len()));
    let of_query =
        |part: &str| part.len() - part.trim_end_matches(|c: char| !c.is_whitespace() && c != '"').len();
    let left = &text[floor..key];
    let left = &left[left.len() - of_query(left)..];
    let right = text[end..ceiling].split([' ', '"', '\n']).next().unwrap_or("");
    left.split(['?', '&']).chain(right.split('&')).any(|pair| {
        pair.split_once('=').is_some_and(|(name, value)| !value.is_empty() && phi(class_of(name)).is_some())
    })
}

/// The key that ends before the separator.
fn key_before(text: &str, separator: usize) -> Option<Key> {
    let bytes = text.as_bytes();
    let mut end = separator;
    match bytes[separator] {
        b'=' => match bytes.get(end.checked_sub(1)?) {
            Some(b'=') => return None,
            Some(b'!' | b'<' | b'>' | b':' | b'~' | b'+') => end -= 1,
            _ => {}
        },
        _ => {
            let next = bytes.get(separator + 1);
            if next == Some(&b':')
                || bytes[..separator].ends_with(b":")
                || bytes[separator + 1..].starts_with(b"//")
            {
                return None;
            }
        }
    }
    let floor = separator.saturating_sub(KEY_BYTES_MAX);
    while end > floor && bytes[end - 1] == b' ' && separator - end < 4 {
        end -= 1;
    }
    let mut last = *bytes.get(end.checked_sub(1)?)?;
    // `["firstName"]=>`, as PHP and Ruby index.
    if last == b']' && end >= 3 && matches!(bytes[end - 2], b'"' | b'\'') {
        end -= 1;
        last = bytes[end - 1];
    }
    if matches!(last, b'"' | b'\'' | b'`') {
        end -= 1;
        let escaped = bytes[..end].ends_with(b"\\");
        end -= usize::from(escaped);
        let open = bytes[floor..end].iter().rposition(|byte| *byte == last)? + floor + 1;
        return (open < end && !text[open..end].contains([' ', ',']) || class_spans_words(text, open, end))
            .then_some(Key { span: open..end, quoted: last == b'"' });
    }
    let colon_too = bytes[separator] == b'=';
    let in_key = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'@' | b'%')
            || colon_too && byte == b':'
    };
    let mut start = end;
    while start > floor && in_key(bytes[start - 1]) {
        start -= 1;
    }
    while start < end && !(bytes[start].is_ascii_alphabetic() || bytes[start] >= 0x80) {
        start += 1;
    }
    (start < end && text.is_char_boundary(start) && text.is_char_boundary(end))
        .then_some(Key { span: start..end, quoted: false })
}

/// A quoted key of several words, as `"Date of Birth": …`.
fn class_spans_words(text: &str, open: usize, end: usize) -> bool {
    open < end && text[open..end].split(' ').count() <= 4 && !text[open..end].contains(',')
}

/// The identifier class of a key; before a colon, of up to four words that end in it (`Date of birth: …`).
fn pair_class(text: &str, key: &Key, separator: u8) -> Option<Class> {
    let name = &text[key.span.clone()];
    let own = class_of(name);
    if let Some(class) = super::wire::field_of_path(name) {
        return Some(class);
    }
    // As DICOM spells its attribute: the number of a hospital.
    let near = &text[text.ceil_char_boundary(key.span.start.saturating_sub(DATA_SET_BYTES))
        ..text.floor_char_boundary((key.span.end + DATA_SET_BYTES).min(text.len()))];
    if name == "PatientID"
        && (near.contains("PatientName") || near.contains("Modality") || near.contains("StudyInstance"))
    {
        return Some(Class::Mrn);
    }
    if key.quoted || !matches!(own, KeyClass::Unknown | KeyClass::Free) {
        return phi(own);
    }
    let bytes = text.as_bytes();
    if separator == b':' && key.span.start >= 3 && bytes[key.span.start - 1] == b' ' {
        let floor = text.ceil_char_boundary(key.span.start.saturating_sub(40));
        let mut start = key.span.start;
        for _ in 0..3 {
            let before = text[floor..start].trim_end_matches(' ');
            let word = before.len()
                - before
                    .trim_end_matches(|c: char| c.is_alphanumeric() || c == '-' || c == '/' || c == '\'')
                    .len();
            if word == 0 || before.len() == start - floor && start != key.span.end {
                break;
            }
            start = floor + before.len() - word;
            if let Some(class) = phi(class_of(&text[start..key.span.end])) {
                return Some(class);
            }
        }
    }
    None
}

/// Past the rest of the separator (`=>`, `==`, `:=`) and spaces.
fn value_start(bytes: &[u8], separator: usize) -> usize {
    let mut at = separator + 1;
    while at < bytes.len() && at < separator + 3 && matches!(bytes[at], b'>' | b'=' | b'~') {
        at += 1;
    }
    let spaces = bytes[at..].iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    at + spaces
}

/// The inside of a quoted value that begins at `at`: plain, escaped (`\"…\"`) or typographic quotes, and the string
/// prefixes of Python and SQL. A string that never closes runs to the end of the line.
pub(super) fn quoted_value(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut open = at;
    if matches!(bytes.get(open)?, b'b' | b'u' | b'r' | b'f' | b'N' | b'E')
        && matches!(bytes.get(open + 1), Some(b'"' | b'\''))
    {
        open += 1;
    }
    if text[open..].starts_with('“') {
        let start = open + '“'.len_utf8();
        let end = text[start..].find('”').map_or(text.len(), |len| start + len);
        return Some(start..end);
    }
    let escaped = bytes[open] == b'\\';
    let quote = *bytes.get(open + usize::from(escaped))?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let start = open + 1 + usize::from(escaped);
    let mut from = start;
    while let Some(found) = memchr::memchr3(quote, b'\\', b'\n', &bytes[from.min(bytes.len())..]) {
        let found = from + found;
        match bytes[found] {
            b'\n' => return Some(start..found),
            b'\\' if escaped && bytes.get(found + 1) == Some(&quote) => return Some(start..found),
            b'\\' => from = found + 2,
            // SQL doubles a quote; an apostrophe inside a word is no end.
            _ if quote == b'\'' && bytes.get(found + 1) == Some(&b'\'') && found > start => from = found + 2,
            _ if quote == b'\''
                && bytes.get(found + 1).is_some_and(|byte| byte.is_ascii_alphabetic())
                && found > start
                && bytes[found - 1].is_ascii_alphabetic() =>
            {
                from = found + 1;
            }
            _ => return Some(start..found),
        }
    }
    Some(start..text.len())
}

/// A value in brackets, with or without a constructor before them: the whole and the inside.
fn bracketed(text: &str, at: usize, class: Class) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let head = bytes[at..]
        .iter()
        .take(40)
        .enumerate()
        .take_while(|(index, byte)| {
            byte.is_ascii_alphabetic()
                || matches!(byte, b'_' | b'.')
                || *index < 2 && matches!(byte, b'&' | b'*' | b'#' | b'<')
        })
        .count();
    let head = if bytes[at..].starts_with(b"new ") {
        4 + bytes[at + 4..].iter().take(40).take_while(|byte| byte.is_ascii_alphabetic()).count()
    } else {
        head
    };
    let open = at + head;
    let (opener, closer) = match bytes.get(open)? {
        b'[' => (b'[', b']'),
        b'{' => (b'{', b'}'),
        b'<' if head == 0 => (b'<', b'>'),
        // A telephone number may begin with its area code.
        b'(' if !(head == 0 && matches!(class, Class::Phone | Class::Fax)) => (b'(', b')'),
        _ => return None,
    };
    if bytes[open..].starts_with(PLACEHOLDER_HEAD.as_bytes()) {
        return None;
    }
    let mut level = 0;
    for (offset, byte) in bytes[open..].iter().enumerate().take(BRACKET_BYTES_MAX) {
        if *byte == opener {
            level += 1;
        } else if *byte == closer {
            level -= 1;
            if level == 0 {
                let close = open + offset;
                return Some((at..close + 1, open + 1..close));
            }
        } else if *byte == b'\n' && opener == b'(' {
            return None;
        }
    }
    None
}

/// The text holds keys of its own.
fn has_pairs(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'=', b':', bytes).any(|at| {
        at > 0
            && (bytes[at - 1].is_ascii_alphabetic()
                || matches!(bytes[at - 1], b'"' | b'\'' | b'_' | b'>' | b'=' | b' '))
            && !bytes[at + 1..].starts_with(b"//")
    })
}

/// The elements of a list, without their quotes.
fn elements(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = list.start;
    while at < list.end && found.len() < 256 {
        let rest = &text[at..list.end];
        let lead = rest.len() - rest.trim_start_matches([' ', ',', '\n', '\r', '\t', '[', '(', '%']).len();
        at += lead;
        if at >= list.end {
            break;
        }
        if let Some(inner) = quoted_value(&text[..list.end], at) {
            at = inner.end + 1;
            while at < list.end && !text.is_char_boundary(at) {
                at += 1;
            }
            found.push(inner);
        } else {
            let end = text[at..list.end].find([',', '\n']).map_or(list.end, |len| at + len);
            found.push(at..at + text[at..end].trim_end_matches([' ', ']', ')', '%']).len());
            at = end;
        }
    }
    found
}

/// The end of a value without quotes. `None` if what stands there is no value but the beginning of a sentence.
fn bare_end(text: &str, key: usize, value: usize, class: Class) -> Option<usize> {
    let window = text.floor_char_boundary((value + BARE_BYTES_MAX).min(text.len()));
    let line = &text[value..window];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let clause = &line[..line.find([';', '{']).unwrap_or(line.len())];
    let first = clause.split([' ', ',', ')', '}', ']', '"', '\'']).next().unwrap_or("");
    if words::is_bind(first) || is_same_field(text, key, first) {
        return None;
    }
    if first.is_empty() || words::is_type_word(first) || words::is_message(clause) {
        return None;
    }
    if class != Class::Geo && words::is_common(first) && !(class == Class::Date && is_month(first)) {
        return None;
    }
    // Inside the brackets of a debug dump a value runs to the next key or the closing bracket.
    let opens = text[..key].trim_end_matches([' ', '@', ':', '"', '\'']).as_bytes().last();
    if matches!(opens, Some(b'{' | b'(' | b'[' | b',' | b'<'))
        && let Some(len) = dump_value_len(line)
    {
        return (len > 0).then_some(value + len);
    }
    // A header of credentials: the scheme goes with them, and cookies go whole.
    if class == Class::ApiKey && is_cookie(&text[key..value]) {
        return Some(value + line.find(['"', '\'']).unwrap_or(line.len()));
    }
    let len = grow(line, class);
    (len > 0).then_some(value + len)
}

/// `family=family` in source code: a variable that bears the name of its field.
fn is_same_field(text: &str, key: usize, value: &str) -> bool {
    let key = &text[key..];
    value.len() >= 2
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && key.get(..value.len()).is_some_and(|head| head.eq_ignore_ascii_case(value))
        && key[value.len()..].starts_with(['=', ':', ' '])
}

/// `name=clinik-guard`: a key that may name anything, and a value that reads like no person.
fn names_a_thing(key: &str, value: &str) -> bool {
    let generic = key.eq_ignore_ascii_case("name") || key.ends_with(" name");
    generic && words::is_machine_name(value) && !crate::phi::names::is_name_like(value)
}

/// `GET /v1/patients/{id}`: spans and routes have names too.
fn is_span_name(value: &str) -> bool {
    value
        .split_once(" /")
        .is_some_and(|(method, _)| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The length of `string(5) ` before a quoted value.
fn typed_len(rest: &str) -> usize {
    let Some(inner) = rest.strip_prefix("string(") else { return 0 };
    let digits = inner.bytes().take(8).take_while(u8::is_ascii_digit).count();
    if digits > 0 && inner[digits..].starts_with(") \"") { "string(".len() + digits + 2 } else { 0 }
}

fn is_cookie(key: &str) -> bool {
    let key = key.trim_end_matches([' ', ':', '=']);
    key.len() >= 6
        && key.is_char_boundary(key.len() - 6)
        && key[key.len() - 6..].eq_ignore_ascii_case("cookie")
}

/// The length of a value inside a debug dump, if the dump goes on or closes on this line.
fn dump_value_len(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut level = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => level += 1,
            b')' | b']' | b'}' | b'>' => {
                if level == 0 {
                    return Some(line[..at].trim_end().len());
                }
                level -= 1;
            }
            b'"' | b'\'' if at == 0 => return None,
            b',' | b';' | b' ' if level == 0 && key_follows(&line[at + 1..]) => {
                return Some(line[..at].trim_end_matches([' ', ',']).len());
            }
            _ => {}
        }
    }
    None
}

/// A key and its separator stand next.
fn key_follows(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '@', ':', '"', '\'']);
    let len = rest
        .bytes()
        .take(40)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'#'))
        .count();
    let after = rest[len..].trim_start_matches(['"', '\'']);
    let after = if after.starts_with(" =") { &after[1..] } else { after };
    len > 0
        && rest.as_bytes()[0].is_ascii_alphabetic()
        && (after.starts_with('=') || after.starts_with(':') && !after.starts_with("://"))
}

/// How many bytes of `line` belong to a value of `class` that begins it: the first word, and more words as long as
/// they can be part of such a value.
pub(super) fn grow(line: &str, class: Class) -> usize {
    let mut end = 0;
    let mut count = 0;
    let lower = line.starts_with(|c: char| c.is_lowercase());
    let scheme = ["bearer ", "basic ", "token ", "digest ", "apikey "]
        .iter()
        .any(|scheme| line.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    // For dates the same question is whether the first word is one already.
    let scheme = scheme
        || class == Class::Date
            && line
                .split(' ')
                .next()
                .is_some_and(|word| word.len() >= 8 && word.starts_with(|c: char| c.is_ascii_digit()));
    while count < 14 {
        let rest = &line[end..];
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let comma = count > 0 && line[..end].ends_with(',');
        if count > 0 && (spaces == 0 || spaces > 2) {
            break;
        }
        let rest = &rest[spaces..];
        if count > 0 && key_follows(rest) {
            break;
        }
        let len = word_len(rest);
        let word = &rest[..len];
        if len == 0 || count > 0 && !continues(word, class, count, lower, comma, scheme) {
            break;
        }
        end += spaces + len;
        count += 1;
        if !line[end..].starts_with(' ') {
            break;
        }
        if line[..end].ends_with(',') && !matches!(class, Class::Geo | Class::Date | Class::Name) {
            break;
        }
    }
    line[..end].trim_end_matches(['.', ',', ':', '!', '?']).len()
}

/// A word ends at a space or at what never is inside a value.
fn word_len(rest: &str) -> usize {
    let mut level = 0;
    for (at, letter) in rest.char_indices() {
        match letter {
            ' ' | '\t' | '\n' | '\r' | ';' | '|' | '"' | '<' | '>' | '{' | '}' | ']' | '`' | '”' | '&' => {
                return at;
            }
            '[' if at > 0 => return at,
            '(' => level += 1,
            ')' if level == 0 => return at,
            ')' => level -= 1,
            ',' => {
                // A comma ends a word; it belongs to the value only if the value goes on after a space.
                return if rest[at + 1..].starts_with(' ') { at + 1 } else { at };
            }
            '\'' if !rest[at + 1..].starts_with(|c: char| c.is_alphanumeric()) => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Can `word` go on a value of `class`?
fn continues(word: &str, class: Class, count: usize, lower: bool, comma: bool, complete: bool) -> bool {
    let bare = word.trim_end_matches([',', '.', ':']);
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    match class {
        Class::Name => {
            let capital = bare.starts_with(|c: char| {
                c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase() && !c.is_ascii())
            });
            let particle = matches!(
                bare,
                "de" | "la"
                    | "del"
                    | "van"
                    | "der"
                    | "den"
                    | "von"
                    | "al"
                    | "el"
                    | "bin"
                    | "da"
                    | "dos"
                    | "di"
                    | "y"
                    | "le"
                    | "ter"
                    | "ibn"
                    | "of"
                    | "zu"
            );
            count < 5
                && !has_digit
                && !words::is_predicate(bare)
                && (capital && !(words::is_common(bare) && bare.len() > 3)
                    || particle
                    || lower
                        && count < 3
                        && !comma
                        && bare.len() >= 2
                        && bare.bytes().all(|b| b.is_ascii_lowercase())
                        && !words::is_common(bare))
        }
        Class::Geo => !words::is_predicate(bare) && !matches!(bare, "is" | "and" | "for" | "not"),
        Class::Date => {
            let of_digits = has_digit
                && without_ordinal(bare).bytes().all(|b| b.is_ascii_digit() || b"-/.:T+".contains(&b));
            let time =
                matches!(bare, "AM" | "PM" | "am" | "pm" | "UTC" | "GMT") || of_digits && bare.contains(':');
            count < 6
                && (time
                    || !complete
                        && (of_digits || is_month(bare) || matches!(bare, "of" | "at"))
                        && (!comma || of_digits))
        }
        Class::Phone | Class::Fax => {
            count < 6
                && (has_digit || matches!(bare, "ext" | "x" | "extension" | "-"))
                && word.bytes().all(|b| !b.is_ascii_alphabetic() || has_digit || b.is_ascii_lowercase())
        }
        Class::Ssn
        | Class::Mrn
        | Class::HealthPlan
        | Class::Account
        | Class::License
        | Class::OtherId
        | Class::Vehicle
        | Class::Device => {
            count < 6
                && !comma
                && has_digit
                && bare.len() <= 8
                && bare.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-')
        }
        Class::ApiKey => count == 1 && complete,
        _ => false,
    }
}

fn without_ordinal(word: &str) -> &str {
    ["th", "st", "nd", "rd", "Z"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word)
}

fn is_month(word: &str) -> bool {
    word.len() >= 3
        && matches!(
            word[..word.floor_char_boundary(3)].to_ascii_lowercase().as_str(),
            "jan" | "feb" | "mar" | "apr" | "may" | "jun" | "jul" | "aug" | "sep" | "oct" | "nov" | "dec"
        )
}
