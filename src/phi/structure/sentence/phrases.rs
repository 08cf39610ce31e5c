//! The phrases by which validators, databases and parsers announce a value, and cheap tests for where one may begin.

use std::{ops::Range, sync::LazyLock};

/// What a phrase announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// A value that was sent.
    Value,
    /// What a value should have been.
    Complaint,
    /// `Key (columns)=(values)`.
    KeyDetail,
    /// A whole row of values in brackets.
    Row,
    Insert,
    /// A list of bound parameters.
    Bound,
    /// A list of columns, each with the parameter that was bound for it.
    Beside,
    /// A record with fields of its own: announced here so that one search serves all.
    Vcard,
    Vevent,
    Multipart,
    Dicom,
    Column,
}

pub(super) const PHRASES: &[(&str, Cue)] = &[
    ("received", Cue::Value),
    (" got", Cue::Value),
    ("value", Cue::Value),
    ("input", Cue::Value),
    ("found", Cue::Value),
    ("entry '", Cue::Value),
    ("invalid", Cue::Value),
    ("duplicate", Cue::Value),
    (" was ", Cue::Value),
    (" is ", Cue::Value),
    ("pars", Cue::Value),
    ("binding parameter", Cue::Bound),
    ("parameter value [", Cue::Bound),
    ("bind:", Cue::Bound),
    ("time data", Cue::Value),
    ("text '", Cue::Value),
    ("convert", Cue::Value),
    ("match", Cue::Value),
    ("exist", Cue::Value),
    ("rejected", Cue::Value),
    ("unknown", Cue::Value),
    ("unexpected", Cue::Value),
    ("provided", Cue::Value),
    ("supplied", Cue::Value),
    (" like ", Cue::Value),
    (" ilike ", Cue::Value),
    ("syntax", Cue::Value),
    ("date", Cue::Value),
    ("dup key: { :", Cue::Bound),
    ("key (", Cue::KeyDetail),
    ("row contains (", Cue::Row),
    ("key value is (", Cue::Row),
    ("insert into", Cue::Insert),
    ("parameters:", Cue::Bound),
    ("parameters: ", Cue::Bound),
    ("params:", Cue::Bound),
    ("params=", Cue::Bound),
    ("params [", Cue::Bound),
    ("parameters [", Cue::Bound),
    ("bindings [", Cue::Bound),
    ("[generated in", Cue::Bound),
    ("[cached since", Cue::Bound),
    ("[no key", Cue::Bound),
    ("[raw sql]", Cue::Bound),
    ("parameters=[", Cue::Bound),
    ("binds:", Cue::Bound),
    ("bindings:", Cue::Bound),
    ("bind values", Cue::Bound),
    ("bound values", Cue::Bound),
    ("$1 = ", Cue::Bound),
    ("args:", Cue::Bound),
    ("args=", Cue::Bound),
    (" [[\"", Cue::Beside),
    ("[[nil, \"", Cue::Beside),
    ("lookup", Cue::Value),
    ("must ", Cue::Complaint),
    ("contain ", Cue::Complaint),
    ("contains", Cue::Complaint),
    ("cannot ", Cue::Complaint),
    ("may not ", Cue::Complaint),
    ("may only ", Cue::Complaint),
    ("too long", Cue::Complaint),
    ("too short", Cue::Complaint),
    (" failed", Cue::Complaint),
    ("recogni", Cue::Complaint),
    ("not in list", Cue::Complaint),
    ("begin:vcard", Cue::Vcard),
    ("begin:vevent", Cue::Vevent),
    ("form-data; name=", Cue::Multipart),
    ("(0008,", Cue::Dicom),
    ("(0010,", Cue::Dicom),
    ("column ", Cue::Column),
];

/// The phrases of a text in any case, one behind the other; of those that begin together the longest.
pub(super) fn phrases(text: &str) -> impl Iterator<Item = (Range<usize>, Cue)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = &bytes[at..];
            let start = at + first_opening(rest);
            let rest = &bytes[start..];
            let opening = opening(*rest.first_chunk()?);
            let opens = PHRASES.iter().zip(OPENINGS).filter(|(_, own)| *own == opening);
            let stands = opens.map(|(phrase, _)| phrase).filter(|(phrase, _)| {
                rest.get(..phrase.len()).is_some_and(|part| part.eq_ignore_ascii_case(phrase.as_bytes()))
            });
            if let Some((phrase, cue)) = stands.max_by_key(|(phrase, _)| phrase.len()) {
                at = start + phrase.len();
                return Some((start..at, *cue));
            }
            at = start + 1;
        }
    })
}

/// The first four bytes of each phrase, in lower case: most texts hold none.
const OPENINGS: [u32; PHRASES.len()] = {
    let mut openings = [0; PHRASES.len()];
    let mut at = 0;
    while at < openings.len() {
        let phrase = PHRASES[at].0.as_bytes();
        openings[at] = opening([phrase[0], phrase[1], phrase[2], phrase[3]]);
        at += 1;
    }
    openings
};

/// A bit for the hash of each opening.
static OPENING_BITS: [u64; 256] = {
    let mut bits = [0; 256];
    let mut at = 0;
    while at < OPENINGS.len() {
        let bit = opening_bit(OPENINGS[at]);
        bits[bit / 64] |= 1 << (bit % 64);
        at += 1;
    }
    bits
};

/// Four bytes without case. Signs may fall together too, which only makes the gate less sharp.
const fn opening(four: [u8; 4]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}

const fn opening_bit(opening: u32) -> usize {
    (opening.wrapping_mul(0x9e37_79b1) >> 18) as usize
}

/// Where the first phrase may begin: none does before it. The end of the text if there is none at all.
pub(super) fn first_opening(bytes: &[u8]) -> usize {
    let at = bytes.array_windows().position(|four| {
        let opening = opening(*four);
        let bit = opening_bit(opening);
        OPENING_BITS[bit / 64] & (1 << (bit % 64)) != 0 && OPENINGS.contains(&opening)
    });
    at.unwrap_or(bytes.len())
}

/// A phrase by its first word.
struct Opening {
    /// Something stands before it.
    bounded: bool,
    word: &'static str,
    /// What stands behind it.
    rest: &'static str,
    /// The last letter of the word and the sign behind it; the letter alone if nothing follows.
    joint: (u8, Option<u8>),
    cue: Cue,
}

/// The phrases by their first words.
struct Openings {
    all: Vec<Opening>,
    /// Those that go on behind the word, and by the last letter of the word a bit for the one before it.
    longer: Vec<Opening>,
    last_two: [u32; 32],
}

static WORDS: LazyLock<Openings> = LazyLock::new(|| {
    let letter = |c: char| c.is_ascii_lowercase();
    let opening = |(phrase, cue): &(&'static str, Cue)| {
        let word = phrase.trim_start_matches(|c| !letter(c));
        let bounded = word.len() < phrase.len();
        let (word, rest) = word.split_at(word.find(|c| !letter(c)).unwrap_or(word.len()));
        let joint = (*word.as_bytes().last()?, rest.bytes().next());
        Some(Opening { bounded, word, rest, joint, cue: *cue })
    };
    let all = || PHRASES.iter().filter_map(opening);
    let longer: Vec<Opening> = all().filter(|opening| !opening.rest.is_empty()).collect();
    let mut last_two = [0; 32];
    for opening in &longer {
        match opening.word.as_bytes() {
            [.., before, last] => last_two[usize::from(last & 31)] |= 1 << (before & 31),
            _ => last_two = [u32::MAX; 32],
        }
    }
    Openings { all: all().collect(), longer, last_two }
});

impl Cue {
    /// Does it say that a string in quotes is a value?
    fn speaks(self) -> bool {
        matches!(self, Cue::Value | Cue::Complaint)
    }
}

impl Opening {
    fn fits(&self, word: &[u8]) -> bool {
        let own = self.word.as_bytes();
        // Where more follows, the word ends here; most end otherwise.
        if !self.rest.is_empty() && own.last() != word.last() {
            return false;
        }
        match (self.bounded, self.rest.is_empty()) {
            (true, true) => word.starts_with(own),
            (true, false) => word == own,
            (false, true) => word.windows(own.len()).any(|part| part == own),
            (false, false) => word.ends_with(own),
        }
    }
}

/// Does this run of lower-case letters hold a phrase that announces a value in quotes, and can a phrase of several words begin with it?
pub(in crate::phi::structure) fn announces(word: &str) -> (bool, bool) {
    let word = word.as_bytes();
    // A phrase of one word has at least four letters, or begins the run.
    let holds = first_opening(word) < word.len() || word.starts_with(b"got");
    let mut found = (false, false);
    // Most words hold none; what is left are those that a phrase of several words may begin with.
    if !holds
        && let [.., before, last] = word
        && WORDS.last_two[usize::from(last & 31)] >> (before & 31) & 1 == 0
    {
        return found;
    }
    let among = if holds { &WORDS.all } else { &WORDS.longer };
    for opening in among.iter().filter(|opening| opening.word.len() <= word.len()) {
        let alone = opening.rest.is_empty();
        if opening.fits(word) {
            found.0 |= alone && opening.cue.speaks();
            found.1 |= !alone || !opening.cue.speaks();
        }
    }
    found
}

/// Which phrases of more than the run of letters `word`, which ends at `end`, begin with it: one that announces a value in
/// quotes, any other.
pub(in crate::phi::structure) fn phrases_at(text: &str, word: &str, end: usize) -> (bool, bool) {
    let Some(last) = word.bytes().last() else { return (false, false) };
    let joint = (last.to_ascii_lowercase(), text.as_bytes().get(end).copied());
    let goes_on = |rest: &str| {
        let next = text.as_bytes().get(end..end + rest.len());
        next.is_some_and(|next| next.eq_ignore_ascii_case(rest.as_bytes()))
    };
    let mut found = (false, false);
    // The letter before and the sign behind the end of the word rule out most of them.
    for opening in WORDS.longer.iter().filter(|opening| opening.joint == joint) {
        if !goes_on(opening.rest) || !opening.fits(word.to_ascii_lowercase().as_bytes()) {
            continue;
        }
        found.0 |= opening.cue.speaks();
        // What stands in a column is a value only if the column is one of a class.
        found.1 |= !opening.cue.speaks() && opening.cue != Cue::Column;
    }
    found
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};

    use super::*;

    #[test]
    fn all_phrases_are_found_as_by_an_automaton() {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(PHRASES.iter().map(|(phrase, _)| phrase))
            .expect("the phrases compile");
        let fillers = ["", "7", "flushed 128 \u{e9} ", "d\u{e4}te: x\u{2019}s, 'rec' ", "INVA DAT PAR "];
        for (phrase, _) in PHRASES {
            for (filler, (other, _)) in
                fillers.iter().flat_map(|filler| PHRASES.iter().map(move |other| (filler, other)))
            {
                for text in [
                    format!("{filler}{phrase}{other}{filler}"),
                    format!("{filler}{}{filler}{other}", phrase.to_uppercase()),
                ] {
                    let expected: Vec<_> = automaton
                        .find_iter(&text)
                        .map(|found| (found.range(), PHRASES[found.pattern().as_usize()].1))
                        .collect();
                    let found: Vec<_> = phrases(&text).collect();
                    assert!(!found.is_empty() && found == expected, "{text}");
                }
            }
        }
        assert_eq!(first_opening(b"GET /v1/tasks 200"), 17);
    }
}
