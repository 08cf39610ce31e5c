//! Sentences about fields: what validators, databases and parsers say, and the values they quote.
//!
//! `severity: Expected 'mild' | 'severe', received 'HIV stage 3'` · `value 'X' is not a valid birthDate` ·
//! `Duplicate entry 'X' for key 'patients.email'` · `Key (email)=(X) already exists` · `INSERT … VALUES ('X')`.
//! A quoted value takes the class of the field the sentence names; one that names none is free text if it has more
//! than one word. Values that only list what is allowed stay.

use std::ops::Range;

mod bound;
mod content;
mod edges;
mod entries;
mod phrases;
mod rows;
mod subject;
mod terms;

use content::{
    compares, is_lone_name, is_mistyped_name, is_named_thing, is_organisation, is_prose_of_a_person,
};
use entries::{class_of_index, is_key_of_persons};
use phrases::Cue;
pub(super) use phrases::{announces, phrases_at};
use subject::{clause_after, clause_before, has_own_key, is_allowing, is_value_word, names_a_field, subject};
use terms::{is_counter, is_of_terminology};

use super::{Context, Edit, Reader, pairs, words};
use crate::phi::{class::Class, cues::KeyClass};

/// Cues followed up in one text.
const CUES_MAX: usize = 256;
/// How far from a value its field is looked for.
const REACH: usize = 128;

impl Reader<'_> {
    pub(super) fn sentences(
        &mut self,
        text: &str,
        context: Context,
        depth: u8,
        skip: &[Range<usize>],
        out: &mut Vec<Edit>,
    ) {
        let (mut speaks, mut column) = (false, false);
        let mut last_detail = 0;
        let mut last_bound = 0;
        let (mut vcard, mut vevent, mut multipart, mut dicom) = (false, false, false, false);
        for (found, cue) in phrases::phrases(text).take(CUES_MAX) {
            if skip.iter().any(|done| done.contains(&found.start))
                || super::is_inside_placeholder(text, &found)
            {
                continue;
            }
            let end = found.end;
            match cue {
                Cue::Value => {
                    speaks = true;
                    self.bare_value(text, found, context, depth, out);
                }
                Cue::KeyDetail => {
                    if end >= last_detail {
                        last_detail = self.key_detail(text, end, depth, out).unwrap_or(end);
                    }
                }
                // Each of these readers goes through the whole text.
                Cue::Vcard => vcard = true,
                Cue::Vevent => vevent = true,
                Cue::Multipart => multipart = true,
                Cue::Dicom => dicom = true,
                Cue::Column => column = true,
                Cue::Row => self.row(text, end, out),
                Cue::Insert => self.insert(text, end, depth, out),
                Cue::Bound => {
                    if end >= last_bound {
                        last_bound = self.bound(text, end, depth, out);
                    }
                }
                Cue::Beside => {
                    let open = found.start + text[found].find('[').unwrap_or(0);
                    if open >= last_bound {
                        last_bound = self.bound_beside(text, open, depth, out);
                    }
                }
            }
        }
        if vcard {
            self.vcard(text, out);
        }
        if vevent {
            self.calendar(text, out);
        }
        if multipart {
            self.multipart(text, depth, out);
        }
        if dicom {
            self.dicom(text, out);
        }
        if speaks || context.subject.is_some() || column {
            self.last_value(text, context, out);
        }
        if let Some(class) = context.subject {
            self.leading_value(text, class, depth, out);
        }
        if speaks || context.subject.is_some() {
            self.quoted_values(text, context, depth, skip, out);
        }
    }

    /// Every string in quotes whose neighbours say that it is a value.
    fn quoted_values(
        &mut self,
        text: &str,
        context: Context,
        depth: u8,
        skip: &[Range<usize>],
        out: &mut Vec<Edit>,
    ) {
        let bytes = text.as_bytes();
        let mut at = 0;
        // The string before, if it was a value.
        let mut last: Option<(usize, Class)> = None;
        while let Some(found) = memchr::memchr3(b'\'', b'"', b'`', &bytes[at..]) {
            let open = at + found;
            at = open + 1;
            if let Some(done) = skip.iter().find(|done| done.contains(&open)) {
                at = done.end;
                continue;
            }
            // An apostrophe opens nothing.
            if open > 0 && (bytes[open - 1].is_ascii_alphanumeric() || bytes[open - 1] >= 0x80) {
                continue;
            }
            let begin = if open > 0 && bytes[open - 1] == b'\\' { open - 1 } else { open };
            let Some(inner) = pairs::quoted_value(text, begin) else { continue };
            if inner.start > inner.end {
                continue;
            }
            at = (inner.end + 1).min(bytes.len());
            if inner.is_empty() {
                continue;
            }
            let content = &text[inner.clone()];
            let compared = last
                .take()
                .filter(|(end, _)| {
                    text.get(*end + 1..begin).is_some_and(compares) && !words::is_type_word(content)
                })
                .map(|(_, class)| KeyClass::Phi(class));
            let Some(class) = compared.or_else(|| self.quoted_role(text, begin, &inner, context)) else {
                continue;
            };
            if let KeyClass::Phi(class) = class {
                last = Some((inner.end, class));
            }
            let (first, entry) = (out.len(), text[..begin].ends_with("entry "));
            match class {
                KeyClass::Phi(class) => {
                    self.held(text, inner.clone(), class, depth, out);
                    if class == Class::Geo {
                        self.aside(text, inner.end, class, out);
                    }
                }
                _ if is_prose_of_a_person(content) && !is_organisation(content) => {
                    out.push(Edit::likely(inner.clone(), Class::Clinical, "sentence.quoted"))
                }
                _ if entry && let Some(class) = class_of_index(&text[inner.end..]) => {
                    self.held(text, inner.clone(), class, depth, out);
                }
                _ if entry && is_key_of_persons(&text[inner.end..]) => {
                    self.unnamed(text, inner.clone(), out);
                }
                _ => {}
            }
            if entry && out.len() == first {
                self.composite(text, inner, out);
            }
        }
    }

    /// `None` if the string is no value; its class, or `Free` if no field is named.
    fn quoted_role(
        &self,
        text: &str,
        open: usize,
        inner: &Range<usize>,
        context: Context,
    ) -> Option<KeyClass> {
        let content = &text[inner.clone()];
        let named = words::is_field_name(content) && !content.contains('@') && !is_mistyped_name(content);
        // `"public"."patient"`: a name of a table or column, and of what holds it.
        let qualifies = text[inner.end..].starts_with("\".\"");
        if words::is_type_word(content) || named || qualifies {
            return None;
        }
        let floor = text.ceil_char_boundary(open.saturating_sub(REACH));
        let left = clause_before(&text[floor..open]);
        let after = (inner.end + 1).min(text.len());
        let after = text.ceil_char_boundary(after);
        let ceiling = text.floor_char_boundary((after + REACH).min(text.len()));
        let right = clause_after(&text[after..ceiling]);
        // Our own placeholder before a value is no word of the sentence.
        let left_words = match left.rfind(super::PLACEHOLDER_HEAD) {
            Some(head) => left[head..].find(']').map_or("", |end| &left[head + end + 1..]),
            None => left,
        };
        let mut before = left_words
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '-')
            .filter(|word| !word.is_empty());
        let last = before.next().unwrap_or("");
        // `format: "23-11-1987"` quotes a date, `format: "yyyy-MM-dd"` a rule.
        let digits = content.bytes().filter(u8::is_ascii_digit).count();
        let format_of_date = last == "format" && digits >= 6 && left.trim_end().ends_with(':');
        // `'van den Hoogenband' te lang`
        let family = content.rsplit(' ').next().is_some_and(|word| word.starts_with(char::is_uppercase));
        let opens = left.trim().is_empty() && super::rows::is_name(content, family);
        // `NameError: name 'foo' is not defined`, `The name 'Practitioner' is not valid`: parts of programs and types.
        let undefined =
            left.ends_with("NameError: name ") || right.trim_start().starts_with("is not defined");
        if undefined
            || last.eq_ignore_ascii_case("name") && words::is_type_of_resource(content)
            || is_of_terminology(left, right)
        {
            return None;
        }
        if context.subject == Some(Class::Name) && (is_lone_name(content) || opens) && !is_allowing(last) {
            return Some(KeyClass::Phi(Class::Name));
        }
        if is_allowing(last) && !format_of_date || left.trim_end().ends_with(['|', '/']) {
            return None;
        }
        // `because "subscriber" is null`, `bean with name 'quayRegistry'`: parts of a program.
        // `input[name="Grace period"]`
        let of_thing =
            || text[..open].strip_suffix("name=").is_some_and(|at| words::is_of_a_thing(text, at.len()));
        if last == "because"
            || matches!(last, "name" | "named") && (is_named_thing(before.clone()) || of_thing())
        {
            return None;
        }
        // `does not exist on type 'PatientDto'`
        if last == "type"
            && before
                .clone()
                .next()
                .is_some_and(|word| matches!(word, "on" | "of" | "to" | "from" | "by" | "in" | "for"))
        {
            return None;
        }
        // `for resource type "Appointment"`: a word of the format, mistyped or not.
        if matches!(last, "type" | "name") && before.clone().next() == Some("resource") {
            return None;
        }
        if let Some(class) = words::mention(last) {
            return Some(KeyClass::Phi(class));
        }
        // `code: 'Parkinson disease' is not an ICD-10 code`: what a field of codes was sent.
        let coded = left.trim_end().strip_suffix(last).is_none()
            && left.trim_end().ends_with(':')
            && matches!(super::class_of(last), KeyClass::Safe);
        if coded && content.bytes().filter(u8::is_ascii_digit).count() < 4 {
            return None;
        }
        if names_a_field(last) && !is_value_word(last) {
            return None;
        }
        // `PlanDefinition 'Hodgkin Lymphoma Follow-up' is retired`: what a thing of the catalogue is called.
        if last.ends_with("Definition") || words::is_thing(last) || crate::phi::names::is_place_or_maker(last)
        {
            return None;
        }
        // `UCUM unit 'mm Hg' is not valid for code …`, `Display 'Parkinson disease' does not match code …`
        let of_code = matches!(last, "unit" | "Unit" | "display" | "Display") && right.contains(" code ");
        if of_code && digits < 4 {
            return None;
        }
        let right_word = right.split_whitespace().next().unwrap_or("");
        let judged = matches!(
            right_word,
            "is" | "was"
                | "does"
                | "could"
                | "cannot"
                | "must"
                | "already"
                | "has"
                | "not"
                | "as"
                | "to"
                | "for"
                | "in"
                | "into"
                | "exceeds"
        );
        if format_of_date {
            return Some(KeyClass::Phi(Class::Date));
        }
        if !(is_value_word(last)
            || judged
            || context.subject.is_some() && is_value_word(before.next().unwrap_or("")))
        {
            return None;
        }
        // A parser of dates names no field, and quotes a date.
        let dated = matches!(last, "date" | "datetime" | "timestamp" | "data" | "Text" | "time")
            && (4..=14).contains(&digits);
        let subject = subject(left, right, context).or((dated && content.len() < 40).then_some(Class::Date));
        // `gender must be one of: male, female; got 'Vrou'`: a word out of a list.
        let named = is_value_word(last) && is_lone_name(content) && !left.contains(" one of");
        Some(subject.or(named.then_some(Class::Name)).map_or(KeyClass::Free, KeyClass::Phi))
    }

    /// `(Round Rock 78664)` right after a place: more of the same.
    fn aside(&mut self, text: &str, end: usize, class: Class, out: &mut Vec<Edit>) {
        let rest = text[end..].trim_start_matches(['"', '\'', '`', '\\']);
        let start = text.len() - rest.len();
        if let Some(inner) = rest.strip_prefix(" (")
            && let Some(len) = inner.find(')').filter(|len| *len <= 80)
            && !words::is_message(&inner[..len])
            // `postal_code (6 of 6 columns)`
            && !inner[..len].contains(" of ")
        {
            out.push(Edit::likely(start + 2..start + 2 + len, class, "sentence.aside"));
        }
    }

    /// `received X` without quotes, where the sentence names a field of an identifier class.
    fn bare_value(
        &mut self,
        text: &str,
        cue: Range<usize>,
        context: Context,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let bytes = text.as_bytes();
        // A cue is a word, not the end of one: `birthDate=` is a pair.
        if cue.start > 0 && bytes[cue.start - 1].is_ascii_alphanumeric() && bytes[cue.start] != b' ' {
            return;
        }
        let mut at = cue.end;
        // `match=0.98` is a score.
        if text[cue.clone()].eq_ignore_ascii_case("match")
            && [&b"=0."[..], b"=1.0"].iter().any(|score| bytes[at..].starts_with(score))
        {
            return;
        }
        // The cue may end inside a word: `parse` in `parsed`.
        while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
            at += 1;
        }
        let word_end = at;
        while at < bytes.len() && at < word_end + 4 && matches!(bytes[at], b' ' | b':' | b'=' | b'-' | b'>') {
            at += 1;
        }
        if at == word_end || at >= bytes.len() || matches!(bytes[at], b'\'' | b'"' | b'`' | b'{' | b'\\') {
            return;
        }
        // `with value [X]`
        if bytes[at] == b'[' {
            let inner = &text[at + 1..text.floor_char_boundary((at + 1 + REACH).min(text.len()))];
            let floor = text.ceil_char_boundary(cue.start.saturating_sub(REACH));
            let valued = text[cue.start..word_end].trim_start().eq_ignore_ascii_case("value")
                || text[cue.start..word_end].trim() == "was" && text[..cue.start].ends_with("alue");
            if valued
                && let Some(len) = inner.find(']')
                && let Some(class) = subject(clause_before(&text[floor..cue.start]), "", context)
            {
                self.held(text, at + 1..at + 1 + len, class, depth, out);
            }
            return;
        }
        let line = &text[at..text.floor_char_boundary((at + pairs::BARE_BYTES_MAX).min(text.len()))];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        let first = line.split([' ', ',', ';']).next().unwrap_or("");
        if is_counter(&text[cue.clone()], line) {
            return;
        }
        let plain = first.trim_matches(|c: char| !c.is_alphanumeric());
        // `NO_MATCH code=930`: a pair has a key of its own.
        let pair = first.split_once('=').is_some_and(|(key, value)| {
            !key.is_empty()
                && !value.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'-'))
        });
        if plain.is_empty()
            || pair
            || words::is_common(plain)
            || words::is_type_word(first)
            || words::is_field_name(plain)
            || words::is_bind(first.trim_matches(['(', ')', ',']))
            || has_own_key(first)
        {
            return;
        }
        let floor = text.ceil_char_boundary(cue.start.saturating_sub(REACH));
        let Some(class) = subject(clause_before(&text[floor..cue.start]), clause_after(line), context) else {
            return;
        };
        let cue_word = &text[cue.start..word_end];
        let strong =
            ["received", " got", "value", "input"].iter().any(|strong| cue_word.eq_ignore_ascii_case(strong));
        let fits = match class {
            Class::Name | Class::Geo => {
                let opens = |c: char| c.is_uppercase() || !c.is_ascii() || c.is_ascii_digit();
                // `received van de Pavert1`
                let led = matches!(first, "van" | "von" | "de" | "da" | "di" | "del" | "al" | "el" | "bin")
                    && line.split(' ').take(4).any(|word| word.starts_with(opens));
                strong && (led || first.starts_with(opens))
            }
            Class::Email => first.contains('@') || strong,
            // `expected 3 segments, got 2`
            Class::ApiKey => plain.len() >= 8 && first.bytes().any(|byte| byte.is_ascii_digit()),
            // `minimum required = 1, but only found 0`
            _ => first.bytes().filter(u8::is_ascii_digit).count() >= 3,
        };
        if fits {
            let len = pairs::grow(line, class);
            self.held(text, at..at + len, class, depth, out);
        }
    }
}
