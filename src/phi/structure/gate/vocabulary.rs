//! What single words can bring about: each is asked of all the vocabularies once, and the answer is remembered.
//!
//! Owns the table of answers, one per thread and of fixed size: logs say the same words over and over. A word that falls on the place
//! of another takes it; the word itself is compared, so the answer is never another word's.

use std::{borrow::Cow, cell::RefCell};

use crate::phi::{
    cues, cues::Behind, ends::Ends, list::List, memo, names, rules, structure::aamva, structure::hidden,
    structure::sentence, structure::words,
};

/// The bits of a word, each the next one, so that no two can be the same.
pub(super) mod bit {
    macro_rules! bits {
        (@from $nth:expr;) => {};
        (@from $nth:expr; $(#[$doc:meta])* $name:ident, $($rest:tt)*) => {
            $(#[$doc])*
            pub const $name: u32 = 1 << ($nth);
            bits!(@from $nth + 1; $($rest)*);
        };
    }

    bits! {@from 0;
        /// A letter of this case occurs. The lowest two bits, as in the kinds of a token.
        LOWER,
        UPPER,
        /// Ends a phrase that claims something.
        CLAIM,
        /// Opens a rule of the flat scan that needs no cue.
        SCAN,
        /// Before a credential.
        SCHEME,
        /// Can be an element of a capitalised name.
        ELEMENT,
        /// Can be an element of a name in small letters.
        LOWER_NAME,
        /// A name rather than a word.
        LIKELY,
        /// Makes a name of what stands beside it.
        CUE,
        /// Says anything at all of a name beside it: what persons do, titles, degrees.
        ANY_CUE,
        /// A word of sentences about fields: matters if the text quotes something.
        SPEAKS,
        /// May begin such a phrase of several words.
        PHRASE,
        /// The end of a key whose value is prose or a search.
        ASKS,
        /// A word for a record, before `family, given`.
        RECORD,
        DIFFERS,
        /// A word before an address of a caller.
        FROM,
        /// Matters in one place only.
        RARE,
        /// Opens with a capital.
        CAPITAL,
        /// In the lists of names, and no word that bars one.
        NAMED,
        /// Asks for somebody, before small letters in quotes.
        SEEKS,
        /// What the name of a file ends in, behind its full stop.
        FILE_TYPE,
        MONTH,
        /// A word for a number, which makes a date beside a month.
        COUNTS,
        /// Set by the walk: a word with [`ASKS`] does end a key.
        ASKING,
        /// Set by the walk: something is claimed, and nothing answers it so far.
        CLAIMED,
        /// Set by the walk: a capitalised word is joined to another.
        JOINED,
        /// Set by the walk: so are two.
        JOINED_TWICE,
        /// Set by the walk: two names are joined.
        NAMED_TWICE,
        /// Set by the walk: the name of a file stands here.
        FILE,
    }

    /// Anything to look at.
    pub const ANY: u32 = !LOWER;
}

/// What is known of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) bits: u32,
    /// Behind which words it ends a phrase that claims something.
    pub(super) behind: Behind,
}

impl Word {
    pub(super) const NOTHING: Word = Word { bits: 0, behind: Behind::NOTHING };
    /// Small letters that mean nothing.
    pub(super) const SMALL: Word = Word { bits: bit::LOWER, behind: Behind::NOTHING };
}

/// Places in the table, and the longest word it holds.
const PLACES: usize = 4096;
const BYTES_MAX: usize = 16;

#[derive(Clone, Copy)]
struct Place {
    key: [u64; 2],
    word: Word,
}

pub(super) struct Memo {
    places: Vec<Place>,
    /// The runs of up to three small letters that nothing is known of. Ids are full of them, and must not take the places
    /// of words.
    silent: Vec<bool>,
    /// Words that the table does not hold: names of classes, mostly.
    long: Option<memo::Memo<Word>>,
}

/// Places for the runs of up to three small letters: five bits a letter.
const SHORT_RUNS: usize = 1 << 15;

thread_local! {
    static MEMO: RefCell<Memo> = const { RefCell::new(Memo { places: Vec::new(), silent: Vec::new(), long: None }) };
}

/// Lends out the table of this thread. What is done with it must not ask for it again.
pub(super) fn remembered<T>(ask: impl FnOnce(&mut Memo) -> T) -> T {
    MEMO.with_borrow_mut(|memo| {
        if memo.places.is_empty() {
            memo.places = vec![Place { key: [0; 2], word: Word::NOTHING }; PLACES];
            memo.silent = vec![false; SHORT_RUNS];
        }
        ask(memo)
    })
}

impl Memo {
    /// What is known of a run of letters, unless it means more than a word in silence.
    #[inline]
    pub(super) fn silent(&self, run: &Run) -> Option<Silent> {
        if run.len <= 3 && short_place(run.key[0]).is_some_and(|place| self.silent[place]) {
            return Some(Silent { pairs: 0, bits: bit::LOWER });
        }
        let at = run.place();
        let place = self.places.get(at..at + 2)?.iter().find(|place| place.key == run.key)?;
        (run.len < BYTES_MAX && place.word.bits & !SILENT == 0)
            .then_some(Silent { pairs: place.word.behind.pairs, bits: place.word.bits })
    }

    /// What is known of the run of letters at `start`.
    #[inline]
    pub(super) fn word(&mut self, text: &str, start: usize, run: &Run) -> Word {
        let text = &text[start..start + run.len];
        if run.len > BYTES_MAX {
            return self.long_word(text);
        }
        let short = if run.len <= 3 { short_place(run.key[0]) } else { None };
        if short.is_some_and(|place| self.silent[place]) {
            return Word::SMALL;
        }
        let at = run.place();
        let [first, second] = &mut self.places[at..at + 2] else { return study(text) };
        // Two that fall together keep out of each other's way.
        if first.key != run.key {
            std::mem::swap(first, second);
            if first.key != run.key {
                let word = study(text);
                if let Some(place) = short.filter(|_| word == Word::SMALL) {
                    self.silent[place] = true;
                    return word;
                }
                *first = Place { key: run.key, word };
            }
        }
        first.word
    }

    // Out of line, as few words are so long.
    #[cold]
    #[inline(never)]
    fn long_word(&mut self, text: &str) -> Word {
        self.long.get_or_insert_with(memo::Memo::new).get(text, study)
    }
}

/// A run of letters: its length, and the first [`BYTES_MAX`] of them.
pub(super) struct Run {
    key: [u64; 2],
    pub(super) len: usize,
}

impl Run {
    #[inline(always)]
    pub(super) fn at(bytes: &[u8], start: usize) -> Run {
        let low = eight(bytes, start);
        let len = letters(low);
        if len < 8 { Run { key: [masked(low, len), 0], len } } else { Run::long(bytes, start, low) }
    }

    fn long(bytes: &[u8], start: usize, low: u64) -> Run {
        let mut len = 8;
        let high = eight(bytes, start + 8);
        let more = letters(high);
        len += more;
        if len == BYTES_MAX {
            len += bytes[start + len..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        }
        Run { key: [low, masked(high, more)], len }
    }

    /// The first of the two places of the table.
    fn place(&self) -> usize {
        let mixed = (self.key[0] ^ self.key[1].rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 52) as usize % (PLACES / 2) * 2
    }
}

/// A word that by itself means nothing, and little to its neighbours.
pub(super) struct Silent {
    /// The ends of words before it with which it would claim something.
    pub(super) pairs: u32,
    pub(super) bits: u32,
}

/// Of such a word no more is known.
const SILENT: u32 = bit::LOWER | bit::UPPER | bit::NAMED | bit::CAPITAL;

/// How many hexadecimal digits stand from `at` on, up to 128.
pub(super) fn hex_run(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take(128).take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// The place of up to three letters, the lowest bytes of `low`, among all such runs, if they are small.
#[inline]
fn short_place(low: u64) -> Option<usize> {
    let (letters, small) = (low & 0x40_4040, low & 0x20_2020);
    (letters >> 1 == small).then_some((low & 0x1f | low >> 3 & 0x3e0 | low >> 6 & 0x7c00) as usize)
}

/// Eight bytes from `at` on, zeros beyond the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// How many of the bytes from the lowest on are letters.
fn letters(eight: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let lower = (eight & !HIGH) | (ONES * 0x20);
    let at_least = lower + ONES * (0x80 - b'a' as u64);
    let beyond = lower + ONES * (0x7f - b'z' as u64);
    let other = !(at_least & !beyond) & HIGH | eight & HIGH;
    (other.trailing_zeros() / 8) as usize
}

/// The first `len` bytes.
fn masked(eight: u64, len: usize) -> u64 {
    if len == 8 { eight } else { eight & ((1 << (8 * len)) - 1) }
}

/// Asks every vocabulary.
#[cold]
fn study(run: &str) -> Word {
    #[rustfmt::skip] // Rows of words, not one a line.
    static RARE: List<34> = List::new([
        "at", "c", "some", "year", "first", "last", "patient", "patients", "person", "persons", "member", "people",
        "charts", "residents", "resident", "pt", "pts", "client", "guarantor", "enrollee", "chart", "members", "image", "m",
        "redacted", "ansi", "pls", "plz", "please", "your", "template", "embedding", "descriptor", "minutiae",
    ]);
    #[rustfmt::skip] // Rows of words, not one a line.
    static RECORDS: List<11> = List::new([
        "record", "chart", "unmatched", "pt", "client", "member", "resident", "person", "patient", "named", "name",
    ]);
    static DIFFERS: Ends<5> = Ends::new(["differ", "differs", "mismatch", "mismatched", "conflict"]);
    let mut bits = 0;
    let mut set = |when: bool, bit: u32| bits |= if when { bit } else { 0 };
    let bytes = run.as_bytes();
    let capitals = bytes.iter().any(u8::is_ascii_uppercase);
    let lower = if capitals { Cow::Owned(run.to_ascii_lowercase()) } else { Cow::Borrowed(run) };
    set(bytes.iter().any(u8::is_ascii_lowercase), bit::LOWER);
    set(capitals, bit::UPPER);
    set(bytes[0].is_ascii_uppercase(), bit::CAPITAL);
    let behind = match cues::ending(run) {
        cues::Ending::Nothing => Behind::NOTHING,
        cues::Ending::Claims => {
            set(true, bit::CLAIM);
            Behind::NOTHING
        }
        cues::Ending::Behind(behind) => behind,
    };
    let traits = names::traits(run);
    set(traits.element, bit::ELEMENT);
    set(traits.lower, bit::LOWER_NAME);
    set(traits.likely, bit::LIKELY);
    set(traits.named, bit::NAMED);
    set(traits.cue, bit::CUE);
    set(traits.any_cue, bit::ANY_CUE);
    set(traits.seeks, bit::SEEKS);
    set(
        rules::dates::age::is_age_word(bytes)
            || rules::places::street::is_street_word(bytes)
            || rules::secrets::is_opening(bytes)
            || rules::places::town::is_living(run)
            || rules::codes::is_merge_word(&lower)
            || rules::dates::is_century(bytes)
            || lower == "box",
        bit::SCAN,
    );
    set(rules::secrets::is_scheme(bytes), bit::SCHEME);
    let (speaks, opens) = sentence::announces(&lower);
    set(speaks, bit::SPEAKS);
    set(opens, bit::PHRASE);
    set(words::may_end_asking_key(&lower), bit::ASKS);
    set(RECORDS.has_exactly(lower.as_bytes()), bit::RECORD);
    set(DIFFERS.end(&lower), bit::DIFFERS);
    set(matches!(run, "from" | "From" | "client" | "remote" | "user" | "by"), bit::FROM);
    set(hidden::may_end_file(bytes), bit::FILE_TYPE);
    set(rules::dates::is_month(bytes), bit::MONTH);
    set(rules::dates::is_number_word(bytes), bit::COUNTS);
    set(
        RARE.has_exactly(lower.as_bytes())
            || says_how_checked(&lower)
            || aamva::element(run).is_some()
            || hidden::is_of_portraits(&lower)
            || matters_in_path(&lower)
            || opens_segment(run),
        bit::RARE,
    );
    Word { bits, behind }
}

/// A word, or the end of one, for how a number was checked (`scan/checks.rs`).
fn says_how_checked(lower: &str) -> bool {
    static MODULI: Ends<2> = Ends::new(["mod", "modulus"]);
    lower.starts_with("digit")
        || MODULI.end(lower)
        // Each of them has one; most words have none.
        || lower.contains('l') && ["luhn", "kontrolna", "elfproef"].iter().any(|check| lower.contains(check))
}

/// A segment of a path that may claim the next one.
fn matters_in_path(lower: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static SEGMENTS: List<20> = List::new([
        "name", "family", "given", "surname", "search", "find", "lookup", "member", "patient", "patients", "person",
        "persons", "subscriber", "subscribers", "enrollee", "enrollees", "beneficiary", "beneficiaries", "policy",
        "policies",
    ]);
    SEGMENTS.has_exactly(lower.as_bytes())
}

/// The letters of the name of an HL7 segment.
pub(super) fn opens_segment(word: &str) -> bool {
    matches!(
        word,
        "PID" | "PD" | "MRG" | "NK" | "IN" | "GT" | "PV" | "ORC" | "OBR" | "OBX" | "AIP" | "ACC" | "DG"
    )
}
