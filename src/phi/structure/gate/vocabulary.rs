//! What single words can bring about: each is asked of all the vocabularies once, and the answer is remembered.
//!
//! Owns the table of answers, one per thread and of fixed size: logs say the same words over and over. A word that falls on the place
//! of another takes it; the word itself is compared, so the answer is never another word's.

use std::cell::RefCell;

use crate::phi::{cues, cues::Behind, names, rules, structure::sentence, structure::words};

/// The bits of a word.
pub(super) mod bit {
    /// A letter of this case occurs. The lowest two bits, as in the kinds of a token.
    pub const LOWER: u32 = 1;
    pub const UPPER: u32 = 2;
    /// Ends a phrase that claims something.
    pub const CLAIM: u32 = 4;
    /// Opens a rule of the flat scan that needs no cue.
    pub const SCAN: u32 = 8;
    /// Can be an element of a capitalised name.
    pub const ELEMENT: u32 = 16;
    /// Can be an element of a name in small letters.
    pub const LOWER_NAME: u32 = 32;
    /// A name rather than a word.
    pub const LIKELY: u32 = 64;
    /// Makes a name of what stands beside it.
    pub const CUE: u32 = 128;
    /// A word of sentences about fields: matters if the text quotes something.
    pub const SPEAKS: u32 = 256;
    /// May begin such a phrase of several words.
    pub const PHRASE: u32 = 512;
    /// The end of a key whose value is prose or a search.
    pub const ASKS: u32 = 1024;
    /// A word for a record, before `family, given`.
    pub const RECORD: u32 = 2048;
    pub const DIFFERS: u32 = 4096;
    /// A word before an address of a caller.
    pub const FROM: u32 = 8192;
    /// Set by the walk: a word with [`ASKS`] does end a key.
    pub const ASKING: u32 = 65536;
    /// Set by the walk: something is claimed, and nothing answers it so far.
    pub const CLAIMED: u32 = 131_072;
    /// In the lists of names, and no word that bars one.
    pub const NAMED: u32 = 262_144;
    /// Set by the walk: a capitalised word is joined to another.
    pub const JOINED: u32 = 524_288;
    /// Matters in one place only.
    pub const RARE: u32 = 16384;
    /// Opens with a capital.
    pub const CAPITAL: u32 = 32768;
    /// Asks for somebody, before small letters in quotes.
    pub const SEEKS: u32 = 1_048_576;
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
}

/// Places in the table, and the longest word it holds.
const PLACES: usize = 2048;
const BYTES_MAX: usize = 16;

#[derive(Clone, Copy)]
struct Place {
    key: [u64; 2],
    word: Word,
}

pub(super) struct Memo {
    places: Vec<Place>,
}

thread_local! {
    static MEMO: RefCell<Memo> = const { RefCell::new(Memo { places: Vec::new() }) };
}

/// Lends out the table of this thread. What is done with it must not ask for it again.
pub(super) fn remembered<T>(ask: impl FnOnce(&mut Memo) -> T) -> T {
    MEMO.with_borrow_mut(|memo| {
        if memo.places.is_empty() {
            memo.places = vec![Place { key: [0; 2], word: Word::NOTHING }; PLACES];
        }
        ask(memo)
    })
}

impl Memo {
    /// The run of letters that begins at `start`: its end, and what is known of it.
    #[inline]
    pub(super) fn word(&mut self, text: &str, start: usize) -> (usize, Word) {
        let bytes = text.as_bytes();
        let low = eight(bytes, start);
        let mut len = letters(low);
        let mut key = [masked(low, len), 0];
        if len == 8 {
            let high = eight(bytes, start + 8);
            let more = letters(high);
            key[1] = masked(high, more);
            len += more;
            if len == BYTES_MAX {
                let rest = bytes[start + len..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if rest > 0 {
                    let end = start + len + rest;
                    return (end, study(&text[start..end]));
                }
            }
        }
        let end = start + len;
        let mixed = (key[0] ^ key[1].rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = &mut self.places[(mixed >> 53) as usize % PLACES];
        if place.key != key {
            *place = Place { key, word: study(&text[start..end]) };
        }
        (end, place.word)
    }
}

/// How many letters stand from `at` on, up to eight.
pub(super) fn short_run(bytes: &[u8], at: usize) -> usize {
    letters(eight(bytes, at))
}

/// How many hexadecimal digits stand from `at` on, up to 128.
pub(super) fn hex_run(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take(128).take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// Eight bytes from `at` on, zeros beyond the end.
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
    let mut bits = 0;
    let mut set = |when: bool, bit: u32| bits |= if when { bit } else { 0 };
    let lower = run.to_ascii_lowercase();
    let bytes = run.as_bytes();
    set(bytes.iter().any(u8::is_ascii_lowercase), bit::LOWER);
    set(bytes.iter().any(u8::is_ascii_uppercase), bit::UPPER);
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
    set(traits.seeks, bit::SEEKS);
    set(
        rules::dates::age::is_age_word(bytes)
            || rules::places::street::is_street_word(bytes)
            || rules::secrets::is_opening(bytes)
            || rules::places::town::is_living(run)
            || rules::dates::is_century(bytes)
            || lower == "box",
        bit::SCAN,
    );
    let (speaks, opens) = sentence::announces(&lower);
    set(speaks, bit::SPEAKS);
    set(opens, bit::PHRASE);
    set(words::may_end_asking_key(&lower), bit::ASKS);
    set(
        matches!(
            lower.as_str(),
            "record"
                | "chart"
                | "unmatched"
                | "pt"
                | "client"
                | "member"
                | "resident"
                | "person"
                | "patient"
                | "named"
                | "name"
        ),
        bit::RECORD,
    );
    set(
        ["differ", "differs", "mismatch", "mismatched", "conflict"].iter().any(|end| lower.ends_with(end)),
        bit::DIFFERS,
    );
    set(matches!(run, "from" | "From" | "client" | "remote" | "user" | "by"), bit::FROM);
    set(
        matches!(
            lower.as_str(),
            "at" | "c"
                | "some"
                | "year"
                | "first"
                | "last"
                | "patient"
                | "patients"
                | "person"
                | "persons"
                | "member"
                | "people"
                | "charts"
                | "residents"
                | "resident"
                | "pt"
                | "pts"
                | "client"
                | "guarantor"
                | "enrollee"
                | "chart"
                | "members"
                | "image"
                | "m"
                | "redacted"
        ) || matters_in_path(&lower)
            || rules::dates::is_month(bytes)
            || opens_segment(run),
        bit::RARE,
    );
    Word { bits, behind }
}

/// A segment of a path that may claim the next one.
fn matters_in_path(lower: &str) -> bool {
    matches!(
        lower,
        "name"
            | "family"
            | "given"
            | "surname"
            | "search"
            | "find"
            | "lookup"
            | "member"
            | "patient"
            | "patients"
            | "person"
            | "persons"
            | "subscriber"
            | "subscribers"
            | "enrollee"
            | "enrollees"
            | "beneficiary"
            | "beneficiaries"
            | "policy"
            | "policies"
    )
}

/// The letters of the name of an HL7 segment.
pub(super) fn opens_segment(word: &str) -> bool {
    matches!(
        word,
        "PID" | "PD" | "MRG" | "NK" | "IN" | "GT" | "PV" | "ORC" | "OBR" | "OBX" | "AIP" | "ACC" | "DG"
    )
}
