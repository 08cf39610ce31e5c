//! Values that open or end a sentence about a field: `Thistlewood contains a digit`, `Contains digits: X`.

use super::REACH;
use super::content::{is_lone_name, is_written_day};
use super::subject::{speaks_of_another, subject};
use crate::phi::{
    class::Class,
    names,
    structure::{Context, Edit, Reader, is_open_number, words},
};

impl Reader<'_> {
    /// `Contains digits: X` and `too long for column 'last_name' at row 1: X`: what ends a sentence about a field.
    pub(super) fn last_value(&mut self, text: &str, context: Context, out: &mut Vec<Edit>) {
        let line = text.lines().next().unwrap_or("");
        let colons = memchr::memrchr_iter(b':', line.as_bytes());
        let Some(colon) = colons.into_iter().find(|at| line[at + 1..].starts_with(' ')) else { return };
        let value = line[colon + 2..].trim_end_matches(['.', ' ']);
        let left = &line[text.ceil_char_boundary(colon.saturating_sub(REACH)).min(colon)..colon];
        if let Some(len) = judged_number(value) {
            if let Some(class) = subject(left, "", context).filter(|class| is_numbered(*class)) {
                out.push(Edit::likely(colon + 2..colon + 2 + len, class, "sentence.end"));
            }
            return;
        }
        if value.is_empty() || value.len() > 64 || value.contains(['[', '{', '\'', '"', '=', '(']) {
            return;
        }
        let capital = value.starts_with(|c: char| c.is_uppercase() || !c.is_ascii());
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let mut parts = value.split([' ', '-', ',']).filter(|word| !word.is_empty());
        if words::is_message(value) || value.split(' ').count() > 4 || parts.any(words::is_common) {
            return;
        }
        let Some(class) = subject(left, "", context) else { return };
        if matches!(class, Class::Date | Class::ApiKey) && speaks_of_another(left) {
            return;
        }
        let fits = match class {
            Class::Name => capital && digits <= 2,
            Class::Email => value.contains('@'),
            Class::Geo => capital,
            // `Duration: 118.42 ms`
            Class::Date => digits >= 3 && is_written_day(value),
            // `.NET Framework Version:4.0.30319`
            _ => {
                digits >= 4
                    && !value
                        .split(' ')
                        .any(|word| word.len() >= 7 && word.bytes().all(|b| b.is_ascii_alphabetic()))
            }
        };
        if fits {
            out.push(Edit::likely(colon + 2..colon + 2 + value.len(), class, "sentence.end"));
        }
    }

    /// `Thistlewood contains a digit`, `1861-07-04 is too far in the past`, `“4/7/61” value has an invalid format`: what
    /// opens a sentence about a field of `class`.
    pub(super) fn leading_value(&mut self, text: &str, class: Class, depth: u8, out: &mut Vec<Edit>) {
        let trimmed = text.trim_start();
        let at = text.len() - trimmed.len();
        let closes = [
            ('\u{201c}', '\u{201d}'),
            ('\u{2018}', '\u{2019}'),
            ('\u{ab}', '\u{bb}'),
            ('\u{201e}', '\u{201c}'),
        ];
        if let Some((open, close)) = closes.into_iter().find(|(open, _)| trimmed.starts_with(*open)) {
            let inner = &trimmed[open.len_utf8()..];
            if let Some(len) = inner.find(close).filter(|len| (1..=64).contains(len))
                && !words::is_field_name(&inner[..len])
            {
                let start = at + open.len_utf8();
                self.held(text, start..start + len, class, depth, out);
            }
            return;
        }
        let mut ends = trimmed.match_indices(' ').map(|(end, _)| end);
        let Some(end) = ends.next() else { return };
        // `QUIGL 806151 DT9XK is not a valid number`: a number in groups of capitals and digits.
        let group = |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let mut groups = trimmed.split(' ').take_while(|word| group(word) && !word.is_empty());
        let (first, more) = (groups.next(), groups.clone().take(4).map(|word| word.len() + 1).sum::<usize>());
        if let Some(first) =
            first.filter(|_| more > 0 && !matches!(class, Class::Name | Class::Geo | Class::Email))
        {
            let len = first.len() + more;
            let digits = trimmed[..len].bytes().filter(u8::is_ascii_digit).count();
            let says = trimmed[len..].trim_start().split([' ', '.', ',']).next().unwrap_or("");
            if digits >= 4 && len <= 40 && words::is_predicate(says) {
                out.push(Edit::likely(at..at + len, class, "sentence.opens"));
            }
            return;
        }
        let fits = |word: &str| match class {
            Class::Name => {
                is_lone_name(word)
                    && !words::is_common(word)
                    && !words::is_field_name(word)
                    && names::is_distinctive(word)
            }
            _ => word.bytes().filter(u8::is_ascii_digit).count() >= 4 && !is_code_of_message(word, class),
        };
        if !fits(&trimmed[..end]) {
            return;
        }
        // A second name may follow the first.
        let second = ends.next().filter(|next| class == Class::Name && fits(&trimmed[end + 1..*next]));
        let end = second.unwrap_or(end);
        let says = trimmed[end + 1..].split([' ', '.', ',']).next().unwrap_or("");
        if words::is_predicate(says) {
            out.push(Edit::likely(at..at + end, class, "sentence.opens"));
        }
    }
}

/// `HAPI-0524:`: the number of a message. Where a number of somebody may look like one, that of HAPI alone.
fn is_code_of_message(word: &str, class: Class) -> bool {
    word.strip_suffix(':').and_then(|code| code.split_once('-')).is_some_and(|(system, number)| {
        (system == "HAPI" || matches!(class, Class::Date | Class::Phone | Class::Fax | Class::Ssn))
            && system.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `085-55-50-199 not valid in region IE`: how long the number is that opens a sentence about it.
fn judged_number(value: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+' | '(' | ')' | '/' | '.');
    let number = value[..value.find(|c| !is_part(c)).unwrap_or(value.len())].trim_end_matches([' ', '.']);
    let says = value[number.len()..].strip_prefix(' ')?.split([' ', '.', ',']).next()?;
    (is_open_number(number) && words::is_predicate(says)).then_some(number.len())
}

/// Values of these classes are numbers of seven digits or more.
fn is_numbered(class: Class) -> bool {
    !matches!(class, Class::Name | Class::Geo | Class::Email | Class::Date | Class::ApiKey | Class::Clinical)
}
