//! Days under the names of elements and attributes: `<discharged>2026-11-12</discharged>`.

use std::ops::Range;

use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{class_of, json::is_care_key},
};

/// What an element or attribute is called says what it holds; what is done to patients only, if `held` is written as a day.
pub(super) fn class_of_element(name: &str, held: &str) -> KeyClass {
    match class_of(name) {
        KeyClass::Unknown if is_care_key(name) && may_be_day(held) => KeyClass::Phi(Class::Date),
        class => class,
    }
}

/// What an element holds, up to the next tag: its attributes and its text.
pub(super) fn held_by(text: &str, attributes: Range<usize>) -> &str {
    const REACH: usize = 256;
    let rest = &text[attributes.start..text.floor_char_boundary((attributes.end + REACH).min(text.len()))];
    &rest[..rest.find('<').unwrap_or(rest.len())]
}

/// `2026-11-12`, `12.11.2026`, `12 Nov 2026`, `20261112`: digits with signs between, beside the name of a month, or as many as
/// a day has. Where nothing is written, it may stand further inside.
fn may_be_day(held: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const MONTHS: [&str; 16] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez", "ago",
    ];
    if !held.contains(|c: char| c.is_alphanumeric()) {
        return true;
    }
    let signed = held.as_bytes().windows(3).any(|three| {
        three[0].is_ascii_digit() && matches!(three[1], b'-' | b'/' | b'.') && three[2].is_ascii_digit()
    });
    let packed = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_digit())
            && (matches!(word.len(), 8 | 12 | 14) && (word.starts_with("19") || word.starts_with("20")))
    };
    let month = |word: &str| {
        word.is_ascii() && word.len() >= 3 && MONTHS.iter().any(|month| word[..3].eq_ignore_ascii_case(month))
    };
    let mut words = held.split(|c: char| !c.is_alphanumeric());
    let digits = held.bytes().any(|byte| byte.is_ascii_digit());
    signed || held.contains(['年', '月']) || words.any(|word| packed(word) || digits && month(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_care_key_holds_days() {
        for day in
            ["2026-11-12", "12.11.2026 09:00", "12 Nov 2026", "20261112", " value=\"2026-11-12\"/>", ">"]
        {
            assert_eq!(class_of_element("discharged", day), KeyClass::Phi(Class::Date), "{day}");
        }
        for other in [">104857600", ">Amoxicillin", ">500 mg", ">true"] {
            assert_eq!(class_of_element("prescribed", other), KeyClass::Unknown, "{other}");
        }
    }
}
