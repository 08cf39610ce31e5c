//! Strings in quotes inside a sentence: which of them are values, and of which field.
//!
//! Owns what the words beside a quote say of it. What a sentence speaks of is `subject`'s, what is done to a value of a class
//! the reader's.

use std::ops::Range;

use super::REACH;
use super::content::{
    compares, is_lone_name, is_mistyped_name, is_named_thing, is_organisation, is_prose_of_a_person,
    is_watched,
};
use super::entries::{class_of_index, is_key_of_persons};
use super::subject::{
    clause_after, clause_before, is_allowing, is_complaint, is_value_word, names_a_field, subject, suggested,
};
use super::terms::{is_named_by_a_program, is_of_terminology};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    rules::homonyms,
    structure::{
        Context, Edit, PLACEHOLDER_HEAD, Reader, class_of, field_class, is_open_number, pairs, phi, rows,
        words,
    },
    validate,
};

/// Longest sentence in quotes whose own quotes are looked into.
const SENTENCE_BYTES_MAX: usize = 256;

impl Reader<'_> {
    /// Every string in quotes whose neighbours say that it is a value.
    pub(super) fn quoted_values(
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
        // Where the sentence in quotes ends whose own quotes are looked into.
        let mut close = bytes.len();
        while let Some(found) = memchr::memchr3(b'\'', b'"', b'`', &bytes[at..]) {
            let open = at + found;
            at = open + 1;
            if open >= close {
                close = bytes.len();
                continue;
            }
            if let Some(done) = skip.iter().find(|done| done.contains(&open)) {
                at = done.end;
                continue;
            }
            // An apostrophe opens nothing.
            if open > 0 && (bytes[open - 1].is_ascii_alphanumeric() || bytes[open - 1] >= 0x80) {
                continue;
            }
            let begin = if open > 0 && bytes[open - 1] == b'\\' { open - 1 } else { open };
            let Some(inner) = pairs::quoted_value(&text[..close], begin) else { continue };
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
                // `ClaimRejected("last name mismatch: sent 'Okafor'")`: a sentence with quotes of its own.
                if bytes[open] == b'"' && content.contains('\'') && inner.len() <= SENTENCE_BYTES_MAX {
                    (at, close) = (inner.start, inner.end);
                }
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
        let left_words = match left.rfind(PLACEHOLDER_HEAD) {
            Some(head) => left[head..].find(']').map_or("", |end| &left[head + end + 1..]),
            None => left,
        };
        let mut before = left_words
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '-')
            // `Invalid value - '…'`
            .filter(|word| !word.is_empty() && *word != "-");
        let last = before.next().unwrap_or("");
        // `format: "23-11-1987"` quotes a date, `format: "yyyy-MM-dd"` a rule.
        let digits = content.bytes().filter(u8::is_ascii_digit).count();
        let format_of_date = last == "format" && digits >= 6 && left.trim_end().ends_with(':');
        // `'van den Hoogenband' te lang`
        let family = content.rsplit(' ').next().is_some_and(|word| word.starts_with(char::is_uppercase));
        let opens = left.trim().is_empty() && rows::is_name(content, family);
        // `NameError: name 'foo' is not defined`, `The name 'Practitioner' is not valid`: parts of programs and types.
        let undefined =
            left.ends_with("NameError: name ") || right.trim_start().starts_with("is not defined");
        if undefined
            || ["name", "type"].iter().any(|word| last.eq_ignore_ascii_case(word))
                && words::is_type_of_resource(content)
            || is_of_terminology(left, right)
            || homonyms::ends_in_typeface(left)
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
            || is_watched(last, right)
            || is_named_by_a_program(left_words, content, right)
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
        // `{ name: "BradenScaleDocumented" }`
        if last == "name" && crate::phi::names::is_compound_word(content) {
            return None;
        }
        if let Some(class) = words::mention(last) {
            return Some(KeyClass::Phi(class));
        }
        // `WHERE display LIKE 'Parkinson disease%'`: what codes are called.
        let column = before.clone().next().unwrap_or("");
        if last.eq_ignore_ascii_case("like")
            && ["display", "title", "term"].iter().any(|called| column.ends_with(called))
            && !["patient", "person", "member", "name"].iter().any(|person| left.contains(person))
        {
            return None;
        }
        // `code: 'Parkinson disease' is not an ICD-10 code`: what a field of codes was sent.
        let coded = left.trim_end().strip_suffix(last).is_none()
            && left.trim_end().ends_with(':')
            && matches!(class_of(last), KeyClass::Safe);
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
        // `sent 'Fitzsimmons', payer has 'Fitzsimons'`: two sides that differ in the field the sentence names.
        let told = matches!(last, "sent" | "has" | "have" | "holds" | "shows" | "says")
            && (left.contains("match") || last == "sent")
            && subject(left, "", context).is_some();
        // `lastName must not contain digits: "Kahananui2"`
        let complained =
            left.trim_end().ends_with(':') && is_complaint(left) && subject(left, "", context).is_some();
        if !(is_value_word(last)
            || told
            || complained
            || judged
            || context.subject.is_some() && is_value_word(before.next().unwrap_or("")))
        {
            return None;
        }
        // A parser of dates names no field, and quotes a date.
        let dated = matches!(last, "date" | "datetime" | "timestamp" | "data" | "Text" | "time")
            && (4..=14).contains(&digits);
        let subject = subject(left, right, context)
            .or_else(|| chained(&text[after..]))
            .or((dated && content.len() < 40).then_some(Class::Date));
        // `gender must be one of: male, female; got 'Vrou'`: a word out of a list.
        // `address.state: must be a two-letter code, received 'Ohio'`
        let of_state = left.contains("two-letter") && left.contains("state");
        let named = is_value_word(last) && is_lone_name(content) && !left.contains(" one of") && !of_state;
        let subject = subject
            .or(named.then_some(Class::Name))
            // `Invalid value - '4815992705' in field 'id'`: by its check digit, a number of the NHS.
            .or((content.len() == 10 && validate::nhs(content.as_bytes())).then_some(Class::Mrn))
            .or_else(|| is_open_number(content).then(|| suggested(left, right, context)).flatten());
        Some(subject.map_or(KeyClass::Free, KeyClass::Phi))
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
}

/// `(through reference chain: com.example.PatientDto["dateOfBirth"])`, as Jackson says at the end which field it could not read.
fn chained(after: &str) -> Option<Class> {
    const REACH: usize = 320;
    let near = &after[..after.floor_char_boundary(REACH.min(after.len()))];
    let chain = &near[near.find("reference chain: ")?..];
    let chain = &chain[..chain.find(')')?];
    let field = chain.trim_end_matches(['"', ']', '\\']).rsplit(['"', '[']).next()?;
    phi(field_class(field))
}
