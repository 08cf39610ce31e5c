//! Sentences about fields: what validators, databases and parsers say, and the values they quote.
//!
//! `severity: Expected 'mild' | 'severe', received 'HIV stage 3'` · `value 'X' is not a valid birthDate` ·
//! `Duplicate entry 'X' for key 'patients.email'` · `Key (email)=(X) already exists` · `INSERT … VALUES ('X')`.
//! A quoted value takes the class of the field the sentence names; one that names none is free text if it has more
//! than one word. Values that only list what is allowed stay.

use std::ops::Range;

use aho_corasick::Input;

mod phrases;

use phrases::{CUES, Cue, PHRASES, first_opening};
pub(super) use phrases::{announces, phrases_at};

use super::{Context, Edit, Reader, field_class, pairs, phi, words};
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
        let Some(cues) = CUES.as_ref() else { return };
        let (mut speaks, mut column) = (false, false);
        let mut last_detail = 0;
        let mut last_bound = 0;
        let (mut vcard, mut multipart, mut dicom) = (false, false, false);
        let from = first_opening(text.as_bytes());
        for found in cues.find_iter(Input::new(text).range(from..)).take(CUES_MAX) {
            if skip.iter().any(|done| done.contains(&found.start()))
                || super::is_inside_placeholder(text, &found.range())
            {
                continue;
            }
            let end = found.end();
            match PHRASES[found.pattern().as_usize()].1 {
                Cue::Value => {
                    speaks = true;
                    self.bare_value(text, found.start()..end, context, depth, out);
                }
                Cue::KeyDetail => {
                    if end >= last_detail {
                        last_detail = self.key_detail(text, end, depth, out).unwrap_or(end);
                    }
                }
                // Each of these readers goes through the whole text.
                Cue::Vcard => vcard = true,
                Cue::Multipart => multipart = true,
                Cue::Dicom => dicom = true,
                Cue::Column => column = true,
                Cue::Row => self.row(text, end, out),
                Cue::Insert => self.insert(text, end, depth, out),
                Cue::Bound => {
                    if end >= last_bound {
                        last_bound = self.bound(text, end, out);
                    }
                }
            }
        }
        if vcard {
            self.vcard(text, out);
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
        if speaks || context.subject.is_some() {
            self.quoted_values(text, context, depth, skip, out);
        }
    }

    /// `Contains digits: X` and `too long for column 'last_name' at row 1: X`: what ends a sentence about a field.
    fn last_value(&mut self, text: &str, context: Context, out: &mut Vec<Edit>) {
        let line = text.lines().next().unwrap_or("");
        let Some(colon) = line.rfind(": ") else { return };
        let value = line[colon + 2..].trim_end_matches(['.', ' ']);
        if value.is_empty() || value.len() > 64 || value.contains(['[', '{', '\'', '"', '=', '(']) {
            return;
        }
        let capital = value.starts_with(|c: char| c.is_uppercase() || !c.is_ascii());
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let mut parts = value.split([' ', '-', ',']).filter(|word| !word.is_empty());
        if words::is_message(value) || value.split(' ').count() > 4 || parts.any(words::is_common) {
            return;
        }
        let left = &line[text.ceil_char_boundary(colon.saturating_sub(REACH)).min(colon)..colon];
        let Some(class) = subject(left, "", context) else { return };
        let fits = match class {
            Class::Name => capital && digits <= 2,
            Class::Email => value.contains('@'),
            Class::Geo => capital,
            _ => digits >= 4,
        };
        if fits {
            out.push(Edit::likely(colon + 2..colon + 2 + value.len(), class, "sentence.end"));
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
            if inner.is_empty() || inner.start > inner.end {
                continue;
            }
            at = (inner.end + 1).min(bytes.len());
            let content = &text[inner.clone()];
            let Some(class) = self.quoted_role(text, begin, &inner, context) else { continue };
            match class {
                KeyClass::Phi(class) => {
                    self.held(text, inner.clone(), class, depth, out);
                    if class == Class::Geo {
                        self.aside(text, inner.end, class, out);
                    }
                }
                _ if is_prose_of_a_person(content) && !is_organisation(content) => {
                    out.push(Edit::likely(inner, Class::Clinical, "sentence.quoted"))
                }
                _ if text[..begin].ends_with("entry ") => self.composite(text, inner, out),
                _ => {}
            }
        }
    }

    /// `Duplicate entry 'Whitlock-Genevieve-1984-07-22'`: the columns of a key in one string. Beside a date or a long number
    /// and a listed name, words that no machine says are the names of a person.
    fn composite(&self, text: &str, entry: Range<usize>, out: &mut Vec<Edit>) {
        let content = &text[entry.clone()];
        let digits = content.bytes().filter(u8::is_ascii_digit).count();
        if digits < 6 || !content.contains('-') || content.contains("[REDACTED:") {
            return;
        }
        let listed = crate::phi::names::is_name_like;
        if !content.split('-').any(listed) {
            return;
        }
        let mut at = entry.start;
        for part in content.split('-') {
            if is_lone_name(part) || is_capitals(part) && listed(part) {
                out.push(Edit::likely(at..at + part.len(), Class::Name, "sentence.composite"));
            }
            at += part.len() + 1;
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
        if words::is_type_word(content) || words::is_field_name(content) && !content.contains('@') {
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
        if context.subject == Some(Class::Name) && is_lone_name(content) && !is_allowing(last) {
            return Some(KeyClass::Phi(Class::Name));
        }
        if is_allowing(last) && !format_of_date || left.trim_end().ends_with(['|', '/']) {
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
        let named = is_value_word(last) && is_lone_name(content);
        Some(subject.or(named.then_some(Class::Name)).map_or(KeyClass::Free, KeyClass::Phi))
    }

    /// `(Round Rock 78664)` right after a place: more of the same.
    fn aside(&mut self, text: &str, end: usize, class: Class, out: &mut Vec<Edit>) {
        let rest = text[end..].trim_start_matches(['"', '\'', '`', '\\']);
        let start = text.len() - rest.len();
        if let Some(inner) = rest.strip_prefix(" (")
            && let Some(len) = inner.find(')').filter(|len| *len <= 80)
            && !words::is_message(&inner[..len])
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
            if text[cue.start..word_end].eq_ignore_ascii_case("value")
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
        let plain = first.trim_matches(|c: char| !c.is_alphanumeric());
        if plain.is_empty()
            || words::is_common(plain)
            || words::is_type_word(first)
            || words::is_field_name(plain)
            || words::is_bind(first.trim_matches(['(', ')', ',']))
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
                strong && first.starts_with(|c: char| c.is_uppercase() || !c.is_ascii() || c.is_ascii_digit())
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

    /// `Key (email, born)=(X, Y) already exists.`: columns and values in the same order. Returns where the values end.
    fn key_detail(&mut self, text: &str, open: usize, depth: u8, out: &mut Vec<Edit>) -> Option<usize> {
        let columns = parenthesised(text, open)?;
        let sign = text.as_bytes()[columns.end..].iter().take(5).position(|byte| *byte == b'=')?;
        let values = columns.end + sign + 1;
        let values = parenthesised(text, values + usize::from(text[values..].starts_with('(')))
            .filter(|inner| inner.start > values)?;
        let names: Vec<&str> = text[columns].split(',').map(column_name).collect();
        let end = values.end;
        self.row_of(text, values, &names, depth, out);
        Some(end)
    }

    /// Values in the order of columns; the last column takes what is left, since values may hold commas.
    fn row_of(&mut self, text: &str, row: Range<usize>, names: &[&str], depth: u8, out: &mut Vec<Edit>) {
        let mut values = row_values(text, row.clone());
        if let (Some(first), true) =
            (values.get(names.len().saturating_sub(1)).cloned(), names.len() < values.len())
        {
            values.truncate(names.len());
            if let Some(last) = values.last_mut() {
                *last = first.start..row.end;
            }
        }
        for (value, name) in values.into_iter().zip(names) {
            match field_class(name) {
                KeyClass::Phi(class) => self.held(text, value, class, depth, out),
                KeyClass::Safe => {}
                _ => self.unnamed(text, value, out),
            }
        }
    }

    /// A row whose columns are not named: whatever is no plain word of a machine goes.
    fn row(&mut self, text: &str, open: usize, out: &mut Vec<Edit>) {
        let Some(row) = parenthesised(text, open) else { return };
        let (mut before, first) = ("", out.len());
        for value in row_values(text, row) {
            let content = &text[value.clone()];
            // `'3 Quarry Bank','AR','7263'`: behind a place its state, and a code that lost its leading zero.
            if out.len() > first && is_state(before) && is_short_number(content) {
                out.push(Edit::likely(value, Class::Geo, "value.postcode"));
            } else {
                self.unnamed(text, value, out);
            }
            before = content;
        }
    }

    /// A value that nothing names: gone, unless it is a word or number of machines.
    pub(super) fn unnamed(&mut self, text: &str, value: Range<usize>, out: &mut Vec<Edit>) {
        let content = &text[value.clone()];
        if is_operational(content) {
            return;
        }
        let class = if content.contains('@') {
            Class::Email
        } else if content.bytes().filter(u8::is_ascii_digit).count() >= 6 {
            Class::OtherId
        } else if crate::phi::names::is_name_like(content) {
            Class::Name
        } else {
            Class::Clinical
        };
        out.push(Edit::likely(value, class, "value.unnamed"));
    }

    /// `INSERT INTO t (columns) VALUES (values), (values)`.
    fn insert(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) {
        // `INSERT INTO addr VALUES('…')`: no column says what a value is.
        let head =
            text[from..].get(..text[from..].floor_char_boundary(80)).unwrap_or_default().to_ascii_lowercase();
        if let Some(values) = head.find("values").filter(|values| !head[..*values].contains('(')) {
            let rest = &text[from + values + "values".len()..];
            if let Some(open) = rest.trim_start().strip_prefix('(') {
                self.row(text, text.len() - open.len(), out);
            }
            return;
        }
        let Some(open) = text[from..].find('(').filter(|offset| *offset <= 120) else { return };
        let Some(columns) = parenthesised(text, from + open + 1) else { return };
        let names: Vec<&str> = text[columns.clone()].split(',').map(column_name).collect();
        let rest = &text[columns.end..];
        let Some(values) = rest
            .get(..rest.floor_char_boundary(16))
            .and_then(|head| head.to_ascii_lowercase().find("values"))
        else {
            return;
        };
        let mut at = columns.end + values + "values".len();
        for _ in 0..64 {
            let rest = text[at..].trim_start_matches([' ', ',', '\n', '\r', '\t']);
            if !rest.starts_with('(') {
                return;
            }
            let Some(row) = parenthesised(text, text.len() - rest.len() + 1) else { return };
            at = (row.end + 1).min(text.len());
            self.row_of(text, row, &names, depth, out);
        }
    }

    /// `parameters: $1 = 'X', $2 = 'Y'` and `params: ["X", "Y"]`: user data without names. Returns where it ends.
    fn bound(&mut self, text: &str, from: usize, out: &mut Vec<Edit>) -> usize {
        let bytes = text.as_bytes();
        let end = memchr::memchr(b'\n', &bytes[from..]).map_or(text.len(), |len| from + len);
        // `binding parameter [1] as [VARCHAR] - [X]`
        if let Some(found) = text[from..end].rfind("- [").filter(|_| text[..from].ends_with("parameter")) {
            let start = from + found + 3;
            let close = memchr::memrchr(b']', &bytes[start..end]).map_or(end, |len| start + len);
            self.unnamed(text, start..close, out);
        }
        let mut at = from;
        while let Some(found) = memchr::memchr2(b'\'', b'"', &bytes[at..end]) {
            let open = at + found;
            let Some(inner) = pairs::quoted_value(&text[..end], open) else { break };
            at = (inner.end + 1).min(end);
            if inner.start < inner.end
                && !bytes[at..].starts_with(b":")
                && !words::is_field_name(&text[inner.clone()])
            {
                self.unnamed(text, inner, out);
            }
        }
        end
    }
}

/// The class of the field that the words around a value name: a phrase such as `for column 'x'` after it, the
/// nearest mention before it, what the caller knows.
fn subject(left: &str, right: &str, context: Context) -> Option<Class> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    let mut pointed = false;
    for word in right.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()).take(10) {
        let word = word.trim_end_matches(['.', '-']);
        if pointed && let Some(class) = words::mention(word).or_else(|| phi(field_class(word))) {
            return Some(class);
        }
        pointed |= matches!(
            word,
            "column"
                | "key"
                | "field"
                | "for"
                | "valid"
                | "property"
                | "parameter"
                | "attribute"
                | "of"
                | "a"
                | "an"
                | "in"
                | "at"
                | "path"
        );
    }
    left.rsplit(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .take(20)
        // Words of our own placeholders name no field.
        .filter(|word| (!word.ends_with(']') || word.starts_with('[')) && *word != "[REDACTED")
        .map(|word| word.trim_matches(['.', '-', '[', ']']))
        .find_map(|word| words::mention(word).or_else(|| super::wire::field_of_path(word)))
        .or(context.subject)
}

/// The part of the clause that ends a text.
fn clause_before(text: &str) -> &str {
    let start = text.rfind(['\n', ';']).map_or(0, |at| at + 1);
    &text[start..]
}

fn clause_after(text: &str) -> &str {
    &text[..text.find(['\n', ';']).unwrap_or(text.len())]
}

/// A value stands after this word.
fn is_value_word(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "received"
            | "got"
            | "value"
            | "input"
            | "found"
            | "was"
            | "is"
            | "entry"
            | "given"
            | "provided"
            | "supplied"
            | "data"
            | "text"
            | "parse"
            | "convert"
            | "literal"
            | "rejected"
            | "but"
            | "instead"
            | "string"
            | "duplicate"
            | "invalid"
            | "unknown"
            | "unexpected"
            | "actual"
            | "saw"
            | "entered"
            | "submitted"
            | "current"
            | "existing"
            | "named"
            | "incorrect"
            | "malformed"
            | "bad"
            | "wrong"
            | "date"
            | "type"
            | "like"
            | "ilike"
            | "to"
            | "contains"
            | "equals"
            | "parsing"
            | "converting"
            | "lookup"
            | "search"
    )
}

/// What is allowed stands after this word.
fn is_allowing(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "expected"
            | "expects"
            | "of"
            | "in"
            | "enum"
            | "allowed"
            | "options"
            | "or"
            | "be"
            | "pattern"
            | "format"
            | "reading"
            | "regex"
            | "equal"
            | "accepted"
            | "supported"
            | "with"
            | "and"
            | "either"
            | "valid"
            | "matching"
            | "schema"
            | "using"
            | "match"
            | "matches"
            | "as"
            | "layout"
    )
}

/// The name of something stands after this word.
fn names_a_field(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "field"
            | "property"
            | "key"
            | "column"
            | "parameter"
            | "param"
            | "attribute"
            | "header"
            | "table"
            | "index"
            | "constraint"
            | "function"
            | "method"
            | "module"
            | "option"
            | "argument"
            | "class"
            | "relation"
            | "operator"
            | "package"
            | "file"
            | "variable"
            | "path"
            | "object"
            | "scope"
            | "role"
            | "resource"
            | "element"
            | "database"
    )
}

/// One capitalised word that no machine says.
fn is_lone_name(content: &str) -> bool {
    let mut letters = content.chars();
    content.len() >= 3
        && letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase)
        && content.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'')
        && content.chars().filter(|c| c.is_uppercase()).count() <= 1 + content.matches(['-', '\'']).count()
        && !content.split('-').all(words::is_common)
}

/// More than one word, and not only words of machines: somebody wrote this.
fn is_prose_of_a_person(content: &str) -> bool {
    let words: Vec<&str> =
        content.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(64).collect();
    let letters = words.iter().filter(|word| word.chars().any(char::is_alphabetic)).count();
    let common = words
        .iter()
        .filter(|word| words::is_common(word) || word.bytes().all(|b| b.is_ascii_digit()))
        .count();
    content.contains(' ')
        && letters >= 2
        && common * 10 < words.len() * 6
        && !content.contains(['/', '\\', '<', '=', '_', '$'])
        && !content.contains("::")
        && !content.contains("[REDACTED:")
}

/// `Cedars-Sinai Medical Center`: what a place of care or a firm is called.
fn is_organisation(content: &str) -> bool {
    const KINDS: [&str; 16] = [
        "Hospital",
        "Center",
        "Centre",
        "Clinic",
        "University",
        "Institute",
        "Inc",
        "LLC",
        "Ltd",
        "GmbH",
        "Health",
        "Pharmacy",
        "Laboratory",
        "Laboratories",
        "Foundation",
        "Trust",
    ];
    content.split(' ').count() <= 6
        && content
            .split([' ', ',', '.'])
            .any(|word| KINDS.contains(&word) || word.starts_with("Universit") || word.ends_with("klinik"))
        && content
            .split(' ')
            .all(|word| word.starts_with(|c: char| c.is_uppercase() || c == '&') || word.len() <= 3)
}

fn column_name(column: &str) -> &str {
    column
        .trim()
        .trim_start_matches("lower(")
        .trim_matches(['"', '`', '\'', '[', ']', '(', ')'])
        .split("::")
        .next()
        .unwrap_or("")
}

/// The inside of the parentheses whose first inner byte is at `from`. Strings in quotes may hold parentheses.
fn parenthesised(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut level = 1;
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(from).take(16 * 1024) {
        match (quote, byte) {
            (None, b'\'' | b'"') if at == from || !bytes[at - 1].is_ascii_alphanumeric() => {
                quote = Some(*byte)
            }
            (Some(open), byte) if *byte == open => quote = None,
            (None, b'(') => level += 1,
            (None, b')') => {
                level -= 1;
                if level == 0 {
                    return Some(from..at);
                }
            }
            _ => {}
        }
    }
    // Cut short, or an apostrophe taken for a quote: up to the last closing one of the line, else to its end.
    let line_end = memchr::memchr(b'\n', bytes.get(from..)?).map_or(text.len(), |len| from + len);
    let end = memchr::memrchr(b')', &bytes[from..line_end]).map_or(line_end, |len| from + len);
    Some(from..end)
}

/// The values of a row, quotes taken off, split at commas outside quotes and brackets.
fn row_values(text: &str, row: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    let mut at = row.start;
    while at < row.end && values.len() < 256 {
        while at < row.end && bytes[at] == b' ' {
            at += 1;
        }
        if let Some(inner) = pairs::quoted_value(&text[..row.end], at) {
            let next = (inner.end + 1).min(row.end);
            values.push(inner);
            at = memchr::memchr(b',', &bytes[next..row.end]).map_or(row.end, |len| next + len) + 1;
            continue;
        }
        let mut level = 0;
        let end = (at..row.end)
            .find(|&i| {
                match bytes[i] {
                    b'(' | b'[' | b'{' => level += 1,
                    b')' | b']' | b'}' => level -= 1,
                    _ => {}
                }
                bytes[i] == b',' && level <= 0
            })
            .unwrap_or(row.end);
        let trimmed = text[at..end].trim_end().len();
        values.push(at..at + trimmed);
        at = end + 1;
    }
    values
}

fn is_capitals(content: &str) -> bool {
    content.len() >= 3 && content.chars().all(char::is_uppercase)
}

fn is_state(content: &str) -> bool {
    matches!(content.len(), 2 | 3) && content.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_short_number(content: &str) -> bool {
    matches!(content.len(), 4 | 5) && content.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers, booleans, ids, timestamps and words of machines.
fn is_operational(content: &str) -> bool {
    let content = content.trim();
    let opaque = content.len() >= 16
        && content.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && content.contains(|c: char| c.is_ascii_alphabetic());
    let counter = content.len() <= 5 && content.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let stamp = content.is_ascii()
        && content.len() >= 19
        && content.as_bytes()[4] == b'-'
        && content[10..].contains(':');
    let id = content.split_once('_').is_some_and(|(prefix, id)| {
        prefix.len() <= 5
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && id.bytes().any(|b| b.is_ascii_digit())
            && !content.contains(' ')
    });
    content.is_empty()
        || opaque
        || counter
        || stamp
        || id
        || content.starts_with("[REDACTED:")
        || words::is_type_word(content)
        || words::is_common(content)
        || content.starts_with('?')
        || content.starts_with('$')
        || content == "..."
}
