//! How many words belong to a value without quotes: as many as values of its class have.

use super::extent::key_follows;
use crate::phi::{class::Class, rules::numbers::is_plate, structure::words};

/// How many bytes of `line` belong to a value of `class` that begins it: the first word, and more words as long as
/// they can be part of such a value.
pub(in crate::phi::structure) fn grow(line: &str, class: Class) -> usize {
    let mut end = 0;
    let mut count = 0;
    // `mlopez@laptop-14 holds the lock`: an account is whole.
    let account = line.split(' ').next().and_then(|first| first.split_once('@')).is_some_and(|(_, host)| {
        host.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
    });
    let lower = line.starts_with(|c: char| c.is_lowercase()) && !account;
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
        // `KAPOOR     SUNITA`: fields of a fixed width are filled up with blanks.
        let shouts = |text: &str| text.bytes().take(3).filter(u8::is_ascii_uppercase).count() >= 2;
        let filled = spaces <= 24 && class == Class::Name && shouts(line) && shouts(rest.trim_start());
        if count > 0 && (spaces == 0 || spaces > 2 && !filled) {
            break;
        }
        let rest = &rest[spaces..];
        if count > 0 && key_follows(rest) && !(class == Class::Name && is_name_before_colon(rest)) {
            break;
        }
        let name = class == Class::Name && is_name_before_colon(rest);
        let len = if name { rest.find(':').unwrap_or(0) } else { word_len(rest) };
        let word = &rest[..len];
        // `vrm=YD71 KXM`
        let plate = class == Class::Vehicle && is_plate(&line.as_bytes()[..end + spaces + len]);
        if len == 0 || count > 0 && !plate && !continues(word, class, count, lower, comma, scheme) {
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

/// `Thornbury-Nash:198.51.100.9`: the end of a name in a key of several parts, not a key of its own.
fn is_name_before_colon(rest: &str) -> bool {
    rest.split_once(':').is_some_and(|(word, behind)| {
        behind.starts_with(|c: char| c.is_ascii_digit())
            && word.starts_with(char::is_uppercase)
            && !word.contains(' ')
            && word.split('-').all(crate::phi::names::is_distinctive)
            && matches!(crate::phi::structure::class_of(word), crate::phi::cues::KeyClass::Unknown)
    })
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
            // `de Pavert1`: mistyped.
            let name = bare.trim_end_matches(|c: char| c.is_ascii_digit());
            let mistyped = capital && name.len() >= 3 && bare.len() - name.len() <= 2;
            count < 5
                && (!has_digit || mistyped && name.chars().all(char::is_alphabetic))
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

pub(super) fn is_month(word: &str) -> bool {
    word.len() >= 3
        && matches!(
            word[..word.floor_char_boundary(3)].to_ascii_lowercase().as_str(),
            "jan" | "feb" | "mar" | "apr" | "may" | "jun" | "jul" | "aug" | "sep" | "oct" | "nov" | "dec"
        )
}
