//! What a word is worth as a given or a family name.
//!
//! Owns the arithmetic only: ranks of the lexicon, less the rank of the word in the dictionary.

use super::cues::{self, PARTICLE};
use super::forms;
use super::lexicon::{Entry, Kind, lookup};

/// A name word with its hyphenated halves looked up apart, and a guess by its form if it is in no list.
pub(super) fn entry_of(word: &str) -> Entry {
    let mut whole = lookup(word);
    if whole != Entry::default() {
        if !word.is_ascii() && whole.is_name() {
            // `Hà` is not the English `ha`.
            whole.word = 0;
        }
        return whole;
    }
    if !word.contains(['-', '‐', '‑']) {
        return forms::guess(word);
    }
    if forms::is_korean(word) {
        return Entry { given: 2, ..Entry::default() };
    }
    // `KIM-Fachdienst`, `Großgeräte-Kalender`: the last part says what it is.
    if forms::is_of_things(word) {
        return Entry { word: 2, ..Entry::default() };
    }
    let mut merged: Option<Entry> = None;
    for half in word.split(['-', '‐', '‑']) {
        if half.len() < 2 || cues::cue(half).has(PARTICLE) {
            continue;
        }
        let mut entry = lookup(half);
        if entry.is_unknown() {
            entry = forms::guess(half);
        }
        // `Szymborska-Lis`: what is an acronym in capitals is none here.
        if entry.is_blocked()
            && half.len() <= 4
            && half.chars().skip(1).all(char::is_lowercase)
            && is_titled(word)
        {
            entry = Entry::default();
        }
        if entry.is_blocked() {
            return entry;
        }
        merged = Some(match merged {
            None => entry,
            Some(so_far) => Entry {
                given: so_far.given.max(entry.given),
                family: so_far.family.max(entry.family),
                word: so_far.word.min(entry.word),
                kind: if entry.kind == Kind::Place && so_far.kind == Kind::Place {
                    Kind::Place
                } else {
                    Kind::Plain
                },
            },
        });
    }
    merged.unwrap_or_default()
}

/// Do all parts of a word begin with a capital, the first one of them a name or in no list?
fn is_titled(word: &str) -> bool {
    let mut parts = word.split(['-', '‐', '‑']);
    let first = parts.clone().next().map(lookup).unwrap_or_default();
    parts.all(|part| part.starts_with(char::is_uppercase)) && first.word == 0 && !first.is_blocked()
}

pub(super) fn as_given(entry: Entry) -> i32 {
    points(entry.given, entry)
}

pub(super) fn as_family(entry: Entry) -> i32 {
    points(entry.family, entry)
}

/// How well two words make a given and a family name, in either order.
pub(super) fn pair(a: Entry, b: Entry) -> i32 {
    // Without a known given name the pair may be any two unknown or capitalised words.
    let order = |given: Entry, family: Entry| {
        as_given(given) + as_family(family)
            - i32::from(given.given == 0)
            - i32::from(!family.is_name() && !given.is_name()) * 9
    };
    order(a, b).max(order(b, a) - 1)
}

/// Points of a word in a role: up to 4 for a common name, 1 for a word in no list, negative for a dictionary word.
fn points(rank: u8, entry: Entry) -> i32 {
    let word = i32::from(if entry.kind == Kind::Place { entry.word.max(2) } else { entry.word });
    match rank {
        0 if word == 0 => 1,
        0 => -9,
        rank => i32::from(rank) + 1 - word,
    }
}
