//! The embedded lexicon: one lookup tells what a word is as a given name, a family name and a dictionary word.
//!
//! Owns the table format and the folding of words. Built by `scripts/build_names.py`, whose `fold` and `hash64` are the
//! twins of the functions here. Nothing is parsed at start: a lookup hashes the word and scans one bucket of about ten
//! 4-byte entries. Words are held as 39-bit fingerprints, so an unknown word passes for a name once in a million.

use unicode_normalization::UnicodeNormalization;

static DATA: &[u8] = include_bytes!("../../../data/names/lexicon.bin");
const BUCKET_BITS: u32 = 15;
const BUCKETS: usize = 1 << BUCKET_BITS;
const ENTRIES_AT: usize = (BUCKETS + 1) * 4;
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

    /// In no list at all.
    pub fn is_unknown(self) -> bool {
        self == Entry::default()
    }
}

/// Looks up one word, or a phrase of words joined by single spaces, in any case and with any diacritics.
pub(super) fn lookup(word: &str) -> Entry {
    let mut buffer = [0u8; FOLDED_MAX];
    if word.is_ascii() {
        let mut len = 0;
        for &byte in word.as_bytes() {
            if byte == b'\'' {
                continue;
            }
            let Some(slot) = buffer.get_mut(len) else { return Entry::default() };
            *slot = byte.to_ascii_lowercase();
            len += 1;
        }
        return lookup_folded(&buffer[..len]);
    }
    if word.len() > FOLDED_MAX * 2 {
        return Entry::default();
    }
    lookup_folded(fold(word).as_bytes())
}

/// The lookup form of any word: lower case, without diacritics and apostrophes.
pub(super) fn fold(word: &str) -> String {
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

fn lookup_folded(word: &[u8]) -> Entry {
    if word.is_empty() {
        return Entry::default();
    }
    let hash = hash(word);
    let bucket = (hash >> (64 - BUCKET_BITS)) as usize;
    let finger = (hash >> 8) as u32 & 0xff_ffff;
    let from = ENTRIES_AT + read(bucket * 4) as usize * 4;
    let to = ENTRIES_AT + read(bucket * 4 + 4) as usize * 4;
    let entries = DATA.get(from..to).unwrap_or_default();
    for entry in entries.chunks_exact(4) {
        let entry = u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]);
        if entry >> 8 == finger {
            return Entry::from_flags(entry as u8);
        }
    }
    Entry::default()
}

fn read(at: usize) -> u32 {
    DATA.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// FNV-1a with a final mix.
fn hash(word: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in word {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ hash >> 29
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
    fn nonsense_is_unknown() {
        for word in
            ["", "Xqzvbw", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]
        {
            assert!(lookup(word).is_unknown());
        }
    }

    #[test]
    fn the_table_fits_its_budget() {
        assert!(DATA.len() <= 1_572_864);
    }
}
