//! The embedded lexicon: one lookup tells what a word is as a given name, a family name and a dictionary word.
//!
//! Owns the table format and the folding of words. Built by `scripts/build_names.py`, whose `fold` and `hash64` are the
//! twins of the functions here. Nothing is parsed at start: a lookup hashes the word, scans one bucket of about eight
//! 4-byte entries, and combines three cells of the table of the usual ones. Words are held as fingerprints, so an unknown word
//! passes for a listed one once in eight thousand.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::phi::list::List;

static DATA: &[u8] = include_bytes!("../../../data/names/lexicon.bin");
/// The table of exact entries.
const BUCKET_BITS: u32 = 12;
const BUCKETS: usize = 1 << BUCKET_BITS;
const ENTRIES_AT: usize = (BUCKETS + 1) * 4;
/// The table of usual ones, a binary fuse: cells of 16 bits, in segments.
const SEGMENT: usize = 1 << 13;
/// What three bits of it stand for, as the flags of an exact entry.
const USUAL: [u8; 8] = [0b0100, 0b0001, 0b1000, 0b0010, 0b0101, 0b01_0000, 0b10_0000, 0b11_0000];
/// Longer words are in no list.
const FOLDED_MAX: usize = 64;

/// What the lexicon says of one word. Ranks go from 0 (not listed) to 3 (very common).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub given: u8,
    pub family: u8,
    /// As an English or technical dictionary word.
    pub word: u8,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Plain,
    /// A country, state or big city.
    Place,
    /// Never part of a name: record, software, clinical vocabulary.
    Stop,
    /// Makes its neighbours an organisation, a building or an eponym.
    Organisation,
}

impl Entry {
    fn from_flags(flags: u8) -> Entry {
        let kind = match flags >> 6 {
            0 => Kind::Plain,
            1 => Kind::Place,
            2 => Kind::Stop,
            _ => Kind::Organisation,
        };
        Entry { given: flags & 3, family: flags >> 2 & 3, word: flags >> 4 & 3, kind }
    }

    pub fn is_blocked(self) -> bool {
        matches!(self.kind, Kind::Stop | Kind::Organisation)
    }

    pub fn is_name(self) -> bool {
        self.given > 0 || self.family > 0
    }

    /// In no list, or a rare name and nothing else.
    pub fn is_uncommon(self) -> bool {
        self.given < 2 && self.family < 2 && self.word == 0 && self.kind == Kind::Plain
    }

    /// In no list at all.
    pub fn is_unknown(self) -> bool {
        self == Entry::default()
    }
}

/// Looks up one word, or a phrase of words joined by single spaces, in any case and with any diacritics.
pub(super) fn lookup(word: &str) -> Entry {
    if word.len() > FOLDED_MAX * 2 {
        return Entry::default();
    }
    if word.is_ascii() { lookup_folded(word.as_bytes()) } else { lookup_folded(fold(word).as_bytes()) }
}

/// Latin letters fold one by one: to one or two others, the second often [`NOTHING`].
static LATIN: LazyLock<Vec<[char; 2]>> = LazyLock::new(|| {
    (LATIN_FIRST..LATIN_END)
        .map(|c| {
            let folded = char::from_u32(c).map(|c| fold_any(c.encode_utf8(&mut [0; 4]))).unwrap_or_default();
            let mut letters = folded.chars();
            [(); 2].map(|()| letters.next().unwrap_or(NOTHING))
        })
        .collect()
});
const LATIN_FIRST: u32 = 0x80;
const LATIN_END: u32 = 0x250;
const NOTHING: char = '\0';

/// The lookup form of any word: lower case, without diacritics and apostrophes.
pub(super) fn fold(word: &str) -> String {
    let latin = |c: char| c.is_ascii() || (LATIN_FIRST..LATIN_END).contains(&u32::from(c)) || c == '’';
    if !word.chars().all(latin) {
        return fold_any(word);
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            '\'' | '`' | '’' => {}
            _ if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            _ => folded.extend(
                LATIN[(u32::from(c) - LATIN_FIRST) as usize].into_iter().filter(|folded| *folded != NOTHING),
            ),
        }
    }
    folded
}

/// Is the lookup form of `word` in a list of such forms?
pub(super) fn is_in<const N: usize>(list: &List<N>, word: &str) -> bool {
    // Most words are folded but for their case.
    match word.is_ascii() && !word.bytes().any(|byte| matches!(byte, b'\'' | b'`')) {
        true => list.has(word.as_bytes()),
        false => list.has_exactly(fold(word).as_bytes()),
    }
}

fn fold_any(word: &str) -> String {
    let lower = word.to_lowercase();
    let stripped: String = lower.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
    let mut folded = String::with_capacity(stripped.len());
    for c in stripped.nfc() {
        match c {
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            'ə' => folded.push('e'),
            'ħ' => folded.push('h'),
            '\'' | '’' | 'ʼ' | '‘' | '`' | '´' | 'ʻ' => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// The entry of a word that is folded but for its case and apostrophes.
fn lookup_folded(word: &[u8]) -> Entry {
    let (hash, len) = hash(word);
    if !(1..=FOLDED_MAX).contains(&len) {
        return Entry::default();
    }
    let bucket = (hash >> (64 - BUCKET_BITS)) as usize;
    let finger = (hash >> 8) as u32 & 0xff_ffff;
    let from = ENTRIES_AT + read(bucket * 4) as usize * 4;
    let to = ENTRIES_AT + read(bucket * 4 + 4) as usize * 4;
    let (entries, _) = DATA.get(from..to).unwrap_or_default().as_chunks::<4>();
    let entry = entries.iter().map(|entry| u32::from_le_bytes(*entry)).find(|entry| entry >> 8 == finger);
    entry.map_or_else(|| usual(hash), |entry| Entry::from_flags(entry as u8))
}

/// Three cells of a word, each from a segment of its own, combined: its fingerprint and what it is. Anything else is in no list.
fn usual(hash: u64) -> Entry {
    let (cells, _) = DATA.get(usual_at()..).unwrap_or_default().as_chunks::<2>();
    let firsts = cells.len().saturating_sub(2 * SEGMENT);
    let first = ((u128::from(hash) * firsts as u128) >> 64) as usize;
    let second = (first + SEGMENT) ^ ((hash >> 18) as usize & (SEGMENT - 1));
    let third = (first + 2 * SEGMENT) ^ (hash as usize & (SEGMENT - 1));
    let cell = |at: usize| cells.get(at).map_or(0, |cell| u16::from_le_bytes(*cell));
    let held = cell(first) ^ cell(second) ^ cell(third);
    if held >> 3 == (hash ^ hash >> 32) as u16 & 0x1fff {
        Entry::from_flags(USUAL[usize::from(held & 7)])
    } else {
        Entry::default()
    }
}

/// Where the exact entries end.
fn usual_at() -> usize {
    ENTRIES_AT + read(BUCKETS * 4) as usize * 4
}

fn read(at: usize) -> u32 {
    DATA.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// FNV-1a with a final mix, and how many bytes count.
fn hash(word: &[u8]) -> (u64, usize) {
    let (mut hash, mut len) = (0xcbf2_9ce4_8422_2325_u64, 0);
    for byte in word {
        if *byte != b'\'' {
            hash = (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3);
            len += 1;
        }
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash ^ hash >> 29, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_are_listed_in_any_writing() {
        for word in [
            "Maria",
            "MARIA",
            "maría",
            "mari\u{301}a",
            "José",
            "Jose",
            "Müller",
            "Mueller",
            "muller",
            "O'Brien",
            "OBrien",
            "O’Brien",
        ] {
            assert!(lookup(word).is_name(), "{word}");
        }
        // Of voters and authors, in both tables.
        for word in ["Babajide", "Bongani", "Folake", "Lindiwe", "Thabo", "Sudipta", "Ffion", "Yevgenia"] {
            assert!(lookup(word).given > 0, "{word}");
        }
        assert_eq!(lookup("Maria").given, 3);
        assert_eq!(lookup("Garcia").family, 3);
    }

    #[test]
    fn vocabulary_is_blocked_or_a_word() {
        for word in ["Patient", "ERROR", "Observation", "TypeError", "Tomcat", "metformin"] {
            assert_eq!(lookup(word).kind, Kind::Stop, "{word}");
        }
        assert_eq!(lookup("Hospital").kind, Kind::Organisation);
        assert_eq!(lookup("San Antonio").kind, Kind::Place);
        assert!(lookup("Jenkins").word > 0);
    }

    #[test]
    fn letters_fold_one_by_one_as_they_do_together() {
        let latin: Vec<char> = (0x20..LATIN_END).filter_map(char::from_u32).chain(['’']).collect();
        for (n, c) in latin.iter().enumerate() {
            // Beside letters and before the next ones.
            for word in [format!("{c}"), format!("Sa{c}E{}{}", latin[(n + 1) % latin.len()], latin[n / 2])] {
                assert_eq!(fold(&word), fold_any(&word), "{word}");
            }
        }
        for word in ["Žižka\u{301}", "ΣΊΣΥΦΟΣ", "Ёлкин", "山田"] {
            assert_eq!(fold(word), fold_any(word));
        }
    }

    #[test]
    fn nonsense_is_unknown() {
        for word in
            ["", "Xqzvbw", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]
        {
            assert!(lookup(word).is_unknown());
        }
    }

    /// By chance alone one in 8,000 is found, and one in eight of those for each kind.
    #[test]
    fn few_words_of_no_list_pass_for_listed_ones() {
        let listed = (0..20_000).filter(|n| !lookup(&format!("zq{n}xv")).is_unknown()).count();
        assert!(listed <= 10, "{listed}");
    }

    #[test]
    fn the_table_fits_its_budget() {
        assert!(DATA.len() <= 1_572_864);
    }
}
