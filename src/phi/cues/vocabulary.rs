//! The words themselves, as data: groups of compact lower-case forms (`dateofbirth`) with what they mean.
//!
//! Diacritics are folded and separators dropped before a look-up, so one entry serves `Date of Birth`, `date_of_birth`
//! and `dateOfBirth`. The table is hashed at compile time. A word stands in one group only (tested).

mod words;

use std::{ops::Range, sync::LazyLock};

use words::GROUP_LIST;
pub(super) use words::{Group, Kind};

pub(super) static GROUPS: &[Group] = GROUP_LIST;

/// What `word` (compact, lower case, ASCII) means: its group and the entry itself.
pub(super) fn lookup(word: &[u8]) -> Option<(usize, &'static str)> {
    if word.is_empty() || word.len() > WORD_MAX {
        return None;
    }
    let mut at = hash(word, 0, word.len()) as usize & (SLOTS - 1);
    // The table is at most half full, so a free slot ends every probe.
    while TABLE[at].len != 0 {
        let slot = &TABLE[at];
        if slot.len as usize == word.len() {
            let group = slot.group as usize;
            let from = slot.from as usize;
            let entry = &GROUPS[group].words[from..from + word.len()];
            if entry.as_bytes() == word {
                return Some((group, entry));
            }
        }
        at = (at + 1) & (SLOTS - 1);
    }
    None
}

/// May a phrase whose last token is `token` match any entry (`claims`: any that is not merely operational)? Decided
/// by the last six letters of a token that is one word, else by the last four, without false negatives; shorter and
/// other tokens pass.
pub(super) fn may_end(token: &[u8], claims: bool) -> bool {
    let Some(tail @ [_, rest @ ..]) = token.last_chunk::<4>() else { return true };
    if !tail.iter().all(u8::is_ascii_alphabetic) {
        return true;
    }
    // A capital here may open a last word shorter than four: `patientDob`.
    if rest.iter().any(u8::is_ascii_uppercase) && !tail.iter().all(u8::is_ascii_uppercase) {
        return true;
    }
    let filter = if claims { &CLAIM_TAILS } else { &ALL_TAILS };
    if !filter.has(tail) {
        return false;
    }
    // Capitals inside a token part it, and then its last word may be shorter.
    let Some(tail) = token.last_chunk::<6>() else { return true };
    if !token[1..].iter().all(u8::is_ascii_lowercase) {
        return true;
    }
    !tail.iter().all(u8::is_ascii_alphabetic) || filter.has(tail)
}

/// Every entry that claims something, without its digits, and what follows these; sorted from its end.
static CLAIMS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut claims: Vec<&'static str> = Vec::new();
    for list in GROUPS {
        if matches!(list.kind, Kind::Safe | Kind::Free | Kind::Tail | Kind::Up) {
            continue;
        }
        for word in list.words.split_ascii_whitespace() {
            if word.bytes().any(|byte| byte.is_ascii_digit()) {
                // A few entries, made once: kept as long as the words that stand in the binary.
                claims.push(word.replace(|c: char| c.is_ascii_digit(), "").leak());
                claims.extend(word.split(|c: char| c.is_ascii_digit()).rfind(|part| !part.is_empty()));
            } else {
                claims.push(word);
            }
        }
    }
    claims.sort_by_cached_key(|word| {
        (end_of(word.as_bytes()), word.bytes().rev().skip(ENDS_BYTES).collect::<Vec<u8>>())
    });
    claims.dedup();
    claims.shrink_to_fit();
    claims
});

/// How much of its end stands for an entry.
const ENDS_BYTES: usize = 16;

/// The ends of [`CLAIMS`] as numbers: comparing byte by byte takes ten times as long.
static ENDS: LazyLock<Vec<u128>> =
    LazyLock::new(|| CLAIMS.iter().map(|entry| end_of(entry.as_bytes())).collect());

/// The last bytes of a word, in lower case, as a number in which the very last counts most.
fn end_of(word: &[u8]) -> u128 {
    word.iter().fold(0, |end, byte| end >> 8 | u128::from(byte.to_ascii_lowercase()) << 120)
}

/// Where in [`CLAIMS`] the entries begin that end in two given letters.
static BY_END: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let rank = |entry: &&str| entry.as_bytes().last_chunk().map_or(0, |end| end_rank(*end));
    (0..=26 * 26).map(|end| place(CLAIMS.partition_point(|entry| rank(entry) < end))).collect()
});

/// The entries that claim something and end in `word` (letters in lower case), as a range of [`CLAIMS`]. `None` if it is such an entry
/// itself.
pub(super) fn claimed_by(word: &[u8]) -> Option<Range<u16>> {
    let all = CLAIMS.as_slice();
    let (first, last) = match word.last_chunk() {
        Some(end) => (BY_END[end_rank(*end)], BY_END[end_rank(*end) + 1]),
        None => (0, BY_END[26 * 26]),
    };
    let among = &all[usize::from(first)..usize::from(last)];
    let fits = |entry: &&str| entry.as_bytes().ends_with(word);
    // Sorted from their ends, all that end in the word stand together.
    let from = if word.len() <= ENDS_BYTES {
        let end = end_of(word);
        ENDS[usize::from(first)..usize::from(last)].partition_point(|entry| *entry < end)
    } else {
        among.iter().position(fits).unwrap_or(among.len())
    };
    let more = among[from..].iter().take_while(|entry| fits(entry)).count() as u16;
    if more == 0 {
        return Some(0..0);
    }
    // The shortest comes first.
    let from = first + from as u16;
    (all[usize::from(from)].len() != word.len()).then_some(from..from + more)
}

/// The place of two letters in the order of [`CLAIMS`]: the last counts most.
fn end_rank([before, last]: [u8; 2]) -> usize {
    let place = |letter: u8| usize::from(letter.to_ascii_lowercase().saturating_sub(b'a').min(25));
    place(last) * 26 + place(before)
}

/// The letters before `len` letters at the end of these entries, two by two; a single one may follow whichever it is.
pub(super) fn pairs_before(entries: &Range<u16>, len: usize) -> u32 {
    let entries = &CLAIMS[usize::from(entries.start)..usize::from(entries.end)];
    entries.iter().fold(0, |pairs, entry| match entry.as_bytes()[..entry.len() - len] {
        [.., first, last] => pairs | super::pair_bit(first, last),
        [last] => pairs | super::pair_bit(0, last),
        [] => pairs,
    })
}

/// Does `before`, in any case, stand right before `len` letters at the end of one of these entries?
pub(super) fn stands_before(entries: &Range<u16>, before: &[u8], len: usize) -> bool {
    let among = usize::from(entries.start)..usize::from(entries.end);
    if before.is_empty() {
        return false;
    }
    if before.len() + len > ENDS_BYTES {
        return CLAIMS[among].iter().any(|entry| {
            let head = &entry.as_bytes()[..entry.len() - len];
            let from = head.len().checked_sub(before.len());
            from.is_some_and(|from| head[from..].eq_ignore_ascii_case(before))
        });
    }
    let end = end_of(before);
    let ends = &ENDS[among];
    // Sorted from their ends, so the first that is not before these letters ends in them, if any does.
    let from = ends.partition_point(|entry| entry << (8 * len) < end);
    ends.get(from).is_some_and(|entry| (entry << (8 * len) ^ end) >> (128 - 8 * before.len()) == 0)
}

const TAIL_BITS: usize = 32768;
static ALL_TAILS: Tails = tails(true);
static CLAIM_TAILS: Tails = tails(false);

/// The last four and the last six letters of every entry, hashed.
struct Tails([u64; TAIL_BITS / 64]);

impl Tails {
    /// Letters in any case.
    fn has<const N: usize>(&self, tail: &[u8; N]) -> bool {
        let mut lower = [0; N];
        for (lower, byte) in lower.iter_mut().zip(tail) {
            *lower = byte | 0x20;
        }
        let bit = tail_bit(&lower, 0, N);
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }
}

const fn tail_bit(bytes: &[u8], from: usize, to: usize) -> usize {
    (hash(bytes, from, to) as usize) & (TAIL_BITS - 1)
}

const fn tails(safe: bool) -> Tails {
    let mut filter = [0; TAIL_BITS / 64];
    let mut group = 0;
    while group < GROUP_LIST.len() {
        if safe || !matches!(GROUP_LIST[group].kind, Kind::Safe) {
            let words = GROUP_LIST[group].words.as_bytes();
            let mut i = 0;
            while i < words.len() {
                let from = i;
                while i < words.len() && words[i] != b' ' {
                    i += 1;
                }
                if i >= from + 4 {
                    let bit = tail_bit(words, i - 4, i);
                    filter[bit / 64] |= 1 << (bit % 64);
                }
                if i >= from + 6 {
                    let bit = tail_bit(words, i - 6, i);
                    filter[bit / 64] |= 1 << (bit % 64);
                }
                i += 1;
            }
        }
        group += 1;
    }
    Tails(filter)
}

const WORD_MAX: usize = 32;
const SLOTS: usize = 8192;

#[derive(Clone, Copy)]
struct Slot {
    group: u8,
    len: u8,
    from: u16,
}

static TABLE: [Slot; SLOTS] = build();

const fn hash(bytes: &[u8], from: usize, to: usize) -> u32 {
    let mut hash = 0x811C_9DC5u32;
    let mut i = from;
    while i < to {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash ^ hash >> 15
}

const fn build() -> [Slot; SLOTS] {
    let mut table = [Slot { group: 0, len: 0, from: 0 }; SLOTS];
    let mut group = 0;
    while group < GROUP_LIST.len() {
        let words = GROUP_LIST[group].words.as_bytes();
        let mut i = 0;
        while i < words.len() {
            let from = i;
            while i < words.len() && words[i] != b' ' {
                i += 1;
            }
            if i > from && i - from <= WORD_MAX {
                let mut at = hash(words, from, i) as usize & (SLOTS - 1);
                while table[at].len != 0 {
                    at = (at + 1) & (SLOTS - 1);
                }
                table[at] = Slot { group: group as u8, len: (i - from) as u8, from: from as u16 };
            }
            i += 1;
        }
        group += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_lets_every_entry_through() {
        for list in GROUPS {
            for word in list.words.split_ascii_whitespace() {
                let capital = word[..1].to_ascii_uppercase() + &word[1..];
                for form in
                    [word.to_string(), capital.clone(), word.to_ascii_uppercase(), format!("my{capital}")]
                {
                    assert!(may_end(form.as_bytes(), false), "{form}");
                    assert!(list.kind == Kind::Safe || may_end(form.as_bytes(), true), "{form}");
                }
            }
        }
        let prose = ["scheduler", "flushed", "segment", "whichever", "comes"];
        assert!(prose.iter().filter(|word| may_end(word.as_bytes(), false)).count() <= 2);
    }

    #[test]
    fn every_word_is_compact_and_finds_itself_once() {
        let mut seen = std::collections::HashMap::new();
        let mut faults = Vec::new();
        for (group, list) in GROUPS.iter().enumerate() {
            for word in list.words.split_ascii_whitespace() {
                if let Some(other) = seen.insert(word, group)
                    && other != group
                {
                    faults.push(format!("{word} twice: {:?} {:?}", GROUPS[other].kind, list.kind));
                }
                if word.len() > WORD_MAX
                    || !word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                {
                    faults.push(format!("{word} is not compact"));
                }
                if lookup(word.as_bytes()).is_none() {
                    faults.push(format!("{word} is not found"));
                }
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
