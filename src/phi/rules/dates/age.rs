//! Ages of 90 and over count as dates: `aged 93`, `92-year-old`, `101 yo`.

use super::read::value;
use crate::phi::list::List;
use crate::phi::rules::AGE;
use crate::phi::scan::{Scan, Token};

#[rustfmt::skip] // Rows of words, not one a line.
static UNITS: List<21> = List::new([
    "year", "years", "yr", "yrs", "yo", "y", "yom", "yof", "ans", "jahre", "jaar", "anni", "lat", "ar", "anos",
    "jahriger", "jarige", "yearold", "años", "anys", "år",
]);
#[rustfmt::skip] // Rows of words, not one a line.
static CUES: List<10> = List::new([
    "age", "aged", "Age", "Aged", "AGE", "alter", "Alter", "edad", "patientAge", "ageYears",
]);

/// Words for one person, of whom an age may be said.
#[rustfmt::skip] // Rows of words, not one a line.
static PERSONS: List<13> = List::new([
    "he", "she", "mother", "father", "mom", "mum", "dad", "grandmother", "grandfather", "wife", "husband", "aunt", "uncle",
]);

/// A word that an age stands beside.
pub(in crate::phi) fn is_age_word(word: &[u8]) -> bool {
    CUES.has_exactly(word) || UNITS.has(word) || PERSONS.has(word)
}

/// `he is 93`: does the verb before an age follow a word for one person?
fn is_said_of_somebody(scan: &Scan<'_>, verb: usize) -> bool {
    static VERBS: List<4> = List::new(["is", "was", "turned", "turns"]);
    verb > 0 && VERBS.has(scan.slice(scan.tok(verb))) && {
        let (person, verb) = (scan.tok(verb - 1), scan.tok(verb));
        PERSONS.has(scan.slice(person)) && scan.bytes[person.end()..verb.start()] == *b" "
    }
}

/// `90 year climate file`, `100-year storm`: does a thing follow that a number of years is said of?
fn is_of_a_thing(text: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static THINGS: List<15> = List::new([
        "archive", "average", "bond", "calendar", "climate", "flood", "horizon", "lease", "licence", "license",
        "mortgage", "retention", "series", "storm", "warranty",
    ]);
    let word = text.trim_start_matches([' ', '-']).split(|c: char| !c.is_alphanumeric()).next();
    word.is_some_and(|word| THINGS.has(word.as_bytes()))
}

/// `aged 93`, `92-year-old`, `101 yo`.
pub(super) fn age(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if !matches!(digits, 2 | 3) || !(90..=129).contains(&value(&text[..digits])) {
        return false;
    }
    let rest = &text[digits..];
    let before = scan.before(token.start());
    if before == b'.' || before == b'-' || before == b'/' {
        return false;
    }
    let is_unit = |word: &[u8]| UNITS.has(word);
    if !rest.is_empty() && is_unit(rest) && rest.len() > 1 {
        scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..token.end());
        return true;
    }
    if !rest.is_empty() {
        return false;
    }
    let next = scan.get(i + 1);
    let follows = |t: &Token| matches!(&scan.bytes[token.end()..t.start()], b" " | b"-");
    if let Some(unit) = next.filter(follows)
        && is_unit(scan.slice(unit))
    {
        let short = scan.slice(unit).len() == 1;
        let slash_o = scan.byte(unit.end()) == b'/' && matches!(scan.byte(unit.end() + 1), b'o' | b'O');
        // "retention 90 years" and "365 y" are no ages; "90 y/o" and "90-year-old" are.
        let veto = i > 0
            && [
                b"retention".as_slice(),
                b"for",
                b"last",
                b"keep",
                b"past",
                b"within",
                b"after",
                b"every",
                b"top",
                b"next",
                b"valid",
                b"expires",
            ]
            .contains(&scan.slice(scan.tok(i - 1)));
        // `90 year climate file`: how long something is.
        let of_thing =
            scan.slice(unit).eq_ignore_ascii_case(b"year") && is_of_a_thing(&scan.text[unit.end()..]);
        if (!short || slash_o) && !veto && !of_thing {
            let old =
                scan.bytes.get(unit.end()..unit.end() + 4).is_some_and(|t| t == b"-old" || t == b" old");
            let end = unit.end()
                + if old {
                    4
                } else if slash_o {
                    2
                } else {
                    0
                };
            scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..end);
            return true;
        }
    }
    if i > 0 {
        let word = scan.tok(i - 1);
        let gap = &scan.bytes[word.end()..token.start()];
        let ends = matches!(scan.byte(token.end()), 0 | b',' | b'.' | b';' | b')' | b'"')
            || [&b" and "[..], b" years", b" yrs", b" now", b" today"]
                .iter()
                .any(|word| scan.bytes[token.end()..].starts_with(word));
        // `max_age=94`: of what is kept, not of who lives.
        let bound = || {
            matches!(scan.before(word.start()), b'_' | b'-')
                && i > 1
                && [&b"max"[..], b"min", b"MAX", b"MIN"].contains(&scan.slice(scan.tok(i - 2)))
        };
        let cue = CUES.has_exactly(scan.slice(word)) && !bound() || ends && is_said_of_somebody(scan, i - 1);
        let plain = gap.len() <= 4 && !gap.iter().any(|b| matches!(b, b'-' | b'_' | b'.' | b'/'));
        let unit = scan.unit_after(token.end(), i) || matches!(scan.byte(token.end()), b'.' | b'%' | b'-');
        if cue && plain && !unit {
            scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..token.end());
            return true;
        }
    }
    false
}
