//! Pairs whose key is of no identifier class, and whose value is somebody's all the same: by what it looks like, by the pairs beside
//! it, or by the form that the text is written in.
//!
//! Owns the order in which these are asked. What a value looks like by itself is in `value`, what other pairs say in `record`.

use std::ops::Range;

use super::key::{Key, holds_key, is_beside_phi, is_name_in_query};
use super::value::{is_apostrophised, is_search_of_persons, is_turned_name};
use super::{quoted_value, record, value_start};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    names,
    structure::{
        Edit, PLACEHOLDER_HEAD, Reader, class_of, field_class, is_open_number, phi, query, rows::is_name,
        said_before, view, words,
    },
};

/// How far above a value Pydantic names its field.
const FIELD_ABOVE_BYTES_MAX: usize = 256;

/// A key and its separator in a text.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) text: &'a str,
    pub(super) key: &'a Key,
    pub(super) separator: usize,
}

impl<'a> Pair<'a> {
    fn name(self) -> &'a str {
        &self.text[self.key.span.clone()]
    }

    fn key_at(self) -> usize {
        self.key.span.start
    }

    fn is_assigned(self) -> bool {
        self.text.as_bytes()[self.separator] == b'='
    }

    /// The inside of the quotes behind the separator.
    fn quoted(self) -> Option<Range<usize>> {
        quoted_value(self.text, value_start(self.text.as_bytes(), self.separator))
    }

    /// What stands right behind the separator, as long as its characters are such.
    fn run(self, holds: impl Fn(char) -> bool) -> Range<usize> {
        let value = self.separator + 1;
        let rest = &self.text[value..];
        value..value + rest.find(|c| !holds(c)).unwrap_or(rest.len())
    }
}

impl Reader<'_> {
    /// Looks for somebody in such a pair. Returns where reading goes on.
    pub(super) fn other_pair(&mut self, pair: Pair<'_>, depth: u8, out: &mut Vec<Edit>) -> usize {
        let Pair { text, separator, .. } = pair;
        if let Some(end) = parameter(pair, out) {
            return end;
        }
        if pair.name().eq_ignore_ascii_case("year")
            && let Some(end) = self.parted_day(text, pair.key_at(), out)
        {
            return end;
        }
        let found = record::beside(text, pair.key, separator)
            .or_else(|| slug(pair))
            .or_else(|| first_or_last(pair))
            .or_else(|| name_of_somebody(pair))
            .or_else(|| preferred(pair))
            .or_else(|| apostrophised(pair))
            .or_else(|| sought(pair))
            .or_else(|| announced(pair));
        if let Some(edit) = found {
            let end = edit.span.end;
            out.push(edit);
            return end;
        }
        if let Some((who, day)) = sought_with_day(pair) {
            let end = day.span.end;
            out.extend([who, day]);
            return end;
        }
        if let Some(edit) = of_field_above(pair) {
            out.push(edit);
            return separator;
        }
        if let Some((class, value)) = custom_of_cef(pair) {
            let end = value.end;
            self.held(text, value, class, depth, out);
            return end;
        }
        out.extend(clinical(pair));
        separator
    }
}

/// A parameter of a query: a name as such, sought among persons, or beside a parameter of a person. Returns where it ends, be it
/// anybody's or not.
fn parameter(pair: Pair<'_>, out: &mut Vec<Edit>) -> Option<usize> {
    let (text, name) = (pair.text, pair.name());
    if !query::is_parameter(text, pair.key_at()) || matches!(class_of(name), KeyClass::Safe) {
        return None;
    }
    let value = pair.separator + 1;
    let end = query::value_end(text, value);
    let decoded = view::percent(&text[value..end], true);
    let plain = decoded.as_ref().map_or(&text[value..end], |view| view.text.as_str());
    if !plain.starts_with(PLACEHOLDER_HEAD)
        && !words::is_field_name(plain)
        && (is_name_in_query(plain)
            || words::is_search_key(name) && is_search_of_persons(text, pair.key_at(), plain)
            || is_beside_phi(text, pair.key_at(), end, plain))
    {
        out.push(Edit::likely(value..end, Class::Name, "pair.parameter"));
    }
    Some(end)
}

/// `patient=abiodun_balogun`
fn slug(pair: Pair<'_>) -> Option<Edit> {
    if !may_hold_somebody(pair.name()) || pair.name() == "person" || !pair.is_assigned() {
        return None;
    }
    let run = pair.run(|c| c.is_alphabetic() || matches!(c, '_' | '-' | '.' | '+'));
    let word = pair.text[run.clone()].trim_end_matches(['.', '-']);
    let slug = word.contains(['_', '-', '.', '+']) && names::is_unlisted_slug(word);
    slug.then(|| Edit::plain(run.start..run.start + word.len(), Class::Name, "name.slug"))
}

/// `PatientRow(first=Ebere, last=Onuigbo)`: each of the two says what the other is.
fn first_or_last(pair: Pair<'_>) -> Option<Edit> {
    const PARTS: [(&str, &str); 3] = [("first", "last"), ("First", "Last"), ("FIRST", "LAST")];
    let text = pair.text;
    let other = PARTS.iter().find_map(|(first, last)| match pair.name() {
        name if name == *first => Some(last),
        name if name == *last => Some(first),
        _ => None,
    })?;
    if !holds_key(text, pair.key_at(), other) && !is_of_record(text, pair.key_at()) {
        return None;
    }
    let span = pair.quoted().or_else(|| {
        let value = value_start(text.as_bytes(), pair.separator);
        let len = text[value..].find(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’')))?;
        Some(value..value + len)
    })?;
    is_name(&text[span.clone()], false).then(|| Edit::plain(span, Class::Name, "name.first-last"))
}

/// `subject=Tsegaye Alemu`: two capitalised words or three, up to a sign that parts fields. `cn=Oyelaran Temiloluwa,ou=nursing`:
/// who an entry of a directory is of (RFC 4519 section 2.3).
fn name_of_somebody(pair: Pair<'_>) -> Option<Edit> {
    let entry = pair.name().eq_ignore_ascii_case("cn");
    if !entry && !may_hold_somebody(pair.name()) || !pair.is_assigned() {
        return None;
    }
    let run = pair.run(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''));
    let said = &pair.text[run.clone()];
    let next = pair.text.as_bytes().get(run.end);
    let parted = match entry {
        true => matches!(next, Some(b',' | b'"')),
        false => matches!(next, None | Some(b'^' | b'|' | b',' | b';' | b'\n' | b'\t')),
    };
    let capital = |word: &str| word.starts_with(char::is_uppercase) && names::may_be_part(word);
    let name = parted
        && (2..=3).contains(&said.split(' ').count())
        && said.split(' ').all(capital)
        && names::may_be_run(said);
    name.then(|| Edit::plain(run, Class::Name, "name.of-key"))
}

/// `"preferred"=>"Birte"`, beside the family name.
fn preferred(pair: Pair<'_>) -> Option<Edit> {
    let beside = |key| holds_key(pair.text, pair.key_at(), key);
    if pair.name() != "preferred" || !beside("last_name") && !beside("lastName") {
        return None;
    }
    let span = pair.quoted().filter(|span| is_name(&pair.text[span.clone()], false))?;
    Some(Edit::plain(span, Class::Name, "name.first-last"))
}

/// `'last': 'O\'Cathain'`: nothing else is written like that.
fn apostrophised(pair: Pair<'_>) -> Option<Edit> {
    if !["first", "last", "middle"].iter().any(|part| pair.name().eq_ignore_ascii_case(part)) {
        return None;
    }
    let span = pair.quoted().filter(|span| is_apostrophised(&pair.text[span.clone()]))?;
    Some(Edit::plain(span, Class::Name, "name.first-last"))
}

/// `q="farouk, omar"`: what was searched for.
fn sought(pair: Pair<'_>) -> Option<Edit> {
    if !words::is_search_key(pair.name()) {
        return None;
    }
    let span = pair.quoted().filter(|span| is_turned_name(&pair.text[span.clone()]))?;
    Some(Edit::likely(span, Class::Name, "pair.search"))
}

/// `health card rejected province=ON number=3938268137`: of what the message before the pairs speaks.
fn announced(pair: Pair<'_>) -> Option<Edit> {
    const REACH: usize = 96;
    const PAIRS_MAX: usize = 4;
    let bare = || Some(pair.run(|c| c.is_ascii_alphanumeric() || c == '-')).filter(|_| pair.is_assigned());
    if !matches!(pair.name(), "number" | "no" | "num" | "value") {
        return None;
    }
    let value = pair.quoted().or_else(bare).filter(|value| is_open_number(&pair.text[value.clone()]))?;
    let mut said = &pair.text[..pair.key_at()];
    said = &said[said.ceil_char_boundary(said.len().saturating_sub(REACH))..];
    for _ in 0..PAIRS_MAX {
        let Some((before, last)) = said.trim_end().rsplit_once(' ') else { break };
        if !last.contains('=') || last.ends_with('"') && last.matches('"').count() == 1 {
            break;
        }
        said = before;
    }
    // `metric=mrn_index_size`: no message.
    let said = said.trim_end();
    if said.rsplit(' ').next().is_none_or(|last| last.contains('=')) {
        return None;
    }
    let class = said_before(said.trim_end_matches('"'))?;
    Some(Edit::likely(value, class, "pair.announced"))
}

/// `q="esperanza montes 4/17/52"`
fn sought_with_day(pair: Pair<'_>) -> Option<(Edit, Edit)> {
    if !words::is_search_key(pair.name()) {
        return None;
    }
    let inner = pair.quoted()?;
    let (who, day) = query::person_and_day(&pair.text[inner.clone()])?;
    let edit = |span: Range<usize>, class| {
        Edit::likely(inner.start + span.start..inner.start + span.end, class, "pair.search")
    };
    Some((edit(who, Class::Name), edit(day, Class::Date)))
}

/// `input_value='…'`: Pydantic names the field on a line of its own, above what it says of it.
fn of_field_above(pair: Pair<'_>) -> Option<Edit> {
    if pair.name() != "input_value" {
        return None;
    }
    let inner = pair.quoted()?;
    let floor = pair.text.ceil_char_boundary(pair.key_at().saturating_sub(FIELD_ABOVE_BYTES_MAX));
    let field = pair.text[floor..pair.key_at()].rsplit('\n').nth(1).map(str::trim).unwrap_or("");
    let class = phi(field_class(field)).filter(|_| !field.is_empty() && !field.contains(' '))?;
    Some(Edit::plain(inner, class, "pair.field-above"))
}

/// `cs2Label=mrn cs2=00881277`, as CEF names its own fields: the class that the label says, and the value.
fn custom_of_cef(pair: Pair<'_>) -> Option<(Class, Range<usize>)> {
    let class = cef_class(pair.text, pair.name())?;
    let value = pair.separator + 1;
    let line = &pair.text[value..];
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    let len = line.find(['=', '|']).unwrap_or(line.len());
    // The last word before the next equal sign is a key.
    let len = match line.as_bytes().get(len) {
        Some(b'=') => line[..len].rfind(' ').unwrap_or(len),
        _ => len,
    };
    Some((class, value..value + len))
}

/// `note="…"`: prose of a clinician or a patient.
fn clinical(pair: Pair<'_>) -> Option<Edit> {
    // What a validator of FHIR says of an extension.
    let profile = pair.text[..pair.key_at()].ends_with("deprecated with the ");
    if !words::is_clinical_key(pair.name()) || profile {
        return None;
    }
    let inner = pair.quoted().filter(|inner| words::is_prose(&pair.text[inner.clone()]))?;
    Some(Edit::plain(inner, Class::Clinical, "pair.clinical"))
}

/// Does a key of a person stand near: `@Last=N'…', @DOB='…'`?
fn is_of_record(text: &str, at: usize) -> bool {
    ["DOB", "dob", "birth_date", "birthDate", "BirthDate", "birthdate", "mrn", "MRN", "ssn", "SSN", "surname"]
        .iter()
        .any(|key| holds_key(text, at, key))
}

/// Keys that claim nothing, before an equal sign and what may be somebody all the same.
pub(in crate::phi::structure) fn may_hold_somebody(key: &str) -> bool {
    matches!(key, "patient" | "pt" | "member" | "client" | "resident" | "subject" | "person")
}

/// The class that the label of one of CEF's custom fields names.
fn cef_class(text: &str, key: &str) -> Option<Class> {
    let custom = key.starts_with(['c', 'f'])
        && ["cs", "cn", "flexString"].iter().any(|head| {
            key.strip_prefix(head).is_some_and(|nth| nth.len() == 1 && nth.as_bytes()[0].is_ascii_digit())
        });
    let at = custom.then(|| text.find(&format!("{key}Label="))).flatten()?;
    let label = &text[at + key.len() + "Label=".len()..];
    let label = label.split(['=', '\n']).next()?;
    phi(class_of(label.rsplit_once(' ').map_or(label, |(label, _)| label)))
}
