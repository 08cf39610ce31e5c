//! What fills the slots of a message: `"vars":{"1":"Ottoline","2":"Tue 24 Nov 08:15"}`. It is what somebody was told: their name,
//! and when they are to come.

use super::{Edit, Kind, Tape};
use crate::phi::{class::Class, list::List, rules::dates::MONTHS, structure::rows};

/// Keys of what is put into a template.
pub(super) fn is_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<22> = List::new([
        "vars", "variables", "contentvariables", "content_variables", "merge_vars", "mergevars", "global_merge_vars",
        "globalmergevars", "substitutions", "templateparams", "template_params", "templatedata", "template_data",
        "templatevars", "template_vars", "dynamic_template_data", "dynamictemplatedata", "placeholders", "personalization",
        "personalizations", "message_variables", "messagevariables",
    ]);
    KEYS.has(key.as_bytes())
}

/// Is this the key of a slot: a number, or what a person is called and when they come?
pub(super) fn is_slot(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<20> = List::new([
        "name", "first", "last", "fname", "lname", "patient", "recipient", "greeting", "salutation", "who", "client",
        "when", "time", "date", "day", "appointment", "appt", "slot", "provider", "doctor",
    ]);
    let bare = key.trim_matches(['{', '}', '%', '-', '_', ' ']);
    !bare.is_empty() && bare.len() <= 2 && bare.bytes().all(|byte| byte.is_ascii_digit())
        || KEYS.has(bare.as_bytes())
}

/// What a slot says of somebody: a name, or the day they are to come.
pub(super) fn class_of(value: &str) -> Option<Class> {
    if is_visit(value) {
        Some(Class::Date)
    } else {
        (value.starts_with(char::is_uppercase) && rows::is_name(value, false)).then_some(Class::Name)
    }
}

/// The slots of a document that is itself a string: `"contentVariables":"{\"1\":\"Ottoline\"}"`.
pub(super) fn document(text: &str, out: &mut Vec<Edit>) {
    let tape = Tape::read(text);
    for pair in tape.tokens.windows(2) {
        let [key, value] = pair else { continue };
        if key.kind != Kind::Key || value.kind != Kind::Str || !is_slot(&text[key.start..key.end]) {
            continue;
        }
        let raw = &text[value.start..value.end];
        let decoded = value.decoded(text);
        if let Some(class) = class_of(decoded.as_ref().map_or(raw, |view| view.text.as_str())) {
            out.push(Edit::likely(value.start..value.end, class, "json.filled"));
        }
    }
}

/// `Tue 24 Nov 08:15`, `December 3 at 2:10pm`, `12/03 9:40`: a day, in words or digits, and nothing else.
fn is_visit(value: &str) -> bool {
    const PARTS_MAX: usize = 8;
    const JOINS: [&str; 12] =
        ["at", "on", "the", "of", "um", "a", "\u{e0}", "am", "pm", "uhr", "h", "o'clock"];
    let lower = value.to_lowercase();
    let parts = || {
        lower
            .split([' ', ',', '\u{a0}'])
            .map(|part| part.trim_end_matches('.'))
            .filter(|part| !part.is_empty())
    };
    let dated = |part: &str| part.len() >= 4 && part.contains(['/', '-']) && is_numeral(part);
    parts().count() <= PARTS_MAX
        && parts().any(|part| is_day_word(part) || dated(part))
        && parts().any(is_numeral)
        && parts().all(|part| is_day_word(part) || is_numeral(part) || JOINS.contains(&part))
}

/// `24`, `3rd`, `08:15`, `2:10pm`, `12/03`, `2026-12-04t09:20`
fn is_numeral(part: &str) -> bool {
    let digits = part.trim_end_matches(char::is_alphabetic);
    part.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'/' | b'-' | b'.' | b't'))
        && matches!(&part[digits.len()..], "" | "am" | "pm" | "st" | "nd" | "rd" | "th" | "h" | "z" | "uhr")
}

/// A day of the week or a month, whole or cut to three letters or four.
fn is_day_word(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let is = |known: &&str| *known == word || word.len() <= 5 && known.starts_with(word);
    word.len() >= 3 && DAYS.iter().chain(&MONTHS).any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_hold_names_and_visits() {
        for (value, class) in [
            ("Ottoline", Some(Class::Name)),
            ("Tue 24 Nov 08:15", Some(Class::Date)),
            ("December 3 at 2:10pm", Some(Class::Date)),
            ("Thursday, 3rd December", Some(Class::Date)),
            ("2026-12-04 09:20", Some(Class::Date)),
            ("12/03 9:40", Some(Class::Date)),
            ("12", None),
            ("2.5 mg", None),
            ("$12.50", None),
            ("https://example.org/x", None),
            ("yes", None),
            ("1.4.2", None),
            ("May", None),
        ] {
            assert_eq!(class_of(value), class, "{value}");
        }
    }
}
