//! What an answer would show of the API keys: each key as a whole, and what stands behind its prefix by itself.
//!
//! Finds them in plain bytes, in one pass however many keys there are. The texts stay in the memory of their secrets; of
//! each only the first bytes are copied, for the search. Does not undo escapes: `response` does.

use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, packed};

use super::{ApiKey, Secret};

/// What stands behind the prefix, if shorter than this, is looked for with its prefix only: it could be a word.
pub const BODY_BYTES_MIN: usize = 16;
/// Bytes of each text that the search begins with. No text is shorter.
const HEAD_BYTES: usize = 4;

#[derive(Default)]
pub struct Traces {
    /// In the order of their bytes.
    texts: Vec<Trace>,
    heads: Option<AhoCorasick>,
    /// The same with vectors, as long as they are few: heads are all of one length, so that both find the same.
    few: Option<packed::Searcher>,
    longest: usize,
    /// Bytes that stand in any of them.
    alphabet: Bytes,
    /// Bytes that any of them begins with.
    firsts: Bytes,
}

/// A set of bytes.
struct Bytes([bool; 256]);

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes([false; 256])
    }
}

impl Bytes {
    fn of(bytes: impl Iterator<Item = u8>) -> Bytes {
        let mut set = Bytes::default();
        for byte in bytes {
            if let Some(place) = set.0.get_mut(usize::from(byte)) {
                *place = true;
            }
        }
        set
    }

    fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)) == Some(&true)
    }
}

struct Trace {
    secret: Secret,
    from: usize,
}

impl Trace {
    fn bytes(&self) -> &[u8] {
        self.secret.expose_bytes().get(self.from..).unwrap_or_default()
    }
}

impl Traces {
    pub(crate) fn of(keys: impl Iterator<Item = Secret>) -> Traces {
        let mut texts: Vec<Trace> = keys
            .flat_map(|secret| [0, ApiKey::PREFIX_BYTES].map(|from| Trace { secret: secret.clone(), from }))
            .filter(|text| text.from == 0 || text.bytes().len() >= BODY_BYTES_MIN)
            .filter(|text| text.bytes().len() >= HEAD_BYTES)
            .collect();
        texts.sort_unstable_by(|one, other| one.bytes().cmp(other.bytes()));
        let longest = texts.iter().map(|text| text.bytes().len()).max().unwrap_or(0);
        let mut heads: Vec<&[u8]> = texts.iter().filter_map(|text| text.bytes().get(..HEAD_BYTES)).collect();
        heads.dedup();
        // Without heads every place is looked at, which is slow and finds the same.
        let few = packed::Searcher::new(&heads);
        let heads = AhoCorasick::new(heads).ok();
        let alphabet = Bytes::of(texts.iter().flat_map(|text| text.bytes().iter().copied()));
        let firsts = Bytes::of(texts.iter().filter_map(|text| text.bytes().first().copied()));
        Traces { texts, heads, few, longest, alphabet, firsts }
    }

    /// Bytes of the longest text.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Whether any of them holds this byte.
    pub fn hold(&self, byte: u8) -> bool {
        self.alphabet.contains(byte)
    }

    /// Where they stand.
    pub fn find(&self, data: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = self.next_head(data, at) {
            at = match self.length_at(data.get(start..).unwrap_or_default()) {
                Some(length) => {
                    found.push(start..start + length);
                    start + length
                }
                None => start + 1,
            };
        }
        found
    }

    /// Whether `tail` begins one of them without being all of it.
    pub fn begin_with(&self, tail: &[u8]) -> bool {
        if !tail.first().is_some_and(|first| self.firsts.contains(*first)) {
            return false;
        }
        let next = self.texts.partition_point(|text| text.bytes() <= tail);
        self.texts.get(next).is_some_and(|text| text.bytes().starts_with(tail))
    }

    fn next_head(&self, data: &[u8], from: usize) -> Option<usize> {
        if self.texts.is_empty() || from >= data.len() {
            return None;
        }
        match (&self.few, &self.heads) {
            (Some(few), _) => few.find_in(data, (from..data.len()).into()).map(|head| head.start()),
            (None, Some(heads)) => heads.find(Input::new(data).range(from..)).map(|head| head.start()),
            (None, None) => Some(from),
        }
    }

    /// The length of the longest text that `rest` begins with.
    fn length_at(&self, rest: &[u8]) -> Option<usize> {
        let mut rest = rest.get(..self.longest).unwrap_or(rest);
        // A text that `rest` begins with stands before it in order, and so do only texts that share that much with it.
        while rest.len() >= HEAD_BYTES {
            let before = self.texts.partition_point(|text| text.bytes() <= rest);
            let text = self.texts.get(before.checked_sub(1)?)?.bytes();
            let shared = text.iter().zip(rest).take_while(|(one, other)| one == other).count();
            if shared == text.len() {
                return Some(shared);
            }
            rest = rest.get(..shared)?;
        }
        None
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traces({})", self.texts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(keys: &[&str]) -> Traces {
        let secret = |key: &&str| Secret::parse(key.as_bytes()).expect("a secret");
        Traces::of(keys.iter().map(secret))
    }

    #[test]
    fn keys_are_found_whole_and_without_their_prefix() {
        let traces =
            traces(&["clk_test_Zq8vT3nWZq8vT3nW", "clk_live_short123", "clk_test_Zq8vT3nWZq8vT3nWx"]);
        for (text, expected) in [
            ("a clk_test_Zq8vT3nWZq8vT3nW.", Some((2, 27))),
            ("Zq8vT3nWZq8vT3nW", Some((0, 16))),
            ("Zq8vZq8vT3nWZq8vT3nWxy", Some((4, 21))),
            ("clk_clk_test_Zq8vT3nWZq8vT3nWx", Some((4, 30))),
            ("clk_live_short123 short123", Some((0, 17))),
            ("clk_test_Zq8vT3nWZq8vT3n", None),
            ("", None),
        ] {
            let found = traces.find(text.as_bytes());
            assert_eq!(found.first().map(|span| (span.start, span.end)), expected, "{text}");
            assert!(found.len() <= 1, "{text}");
        }
        assert!(traces.begin_with(b"Zq8") && traces.begin_with(b"clk_test_Zq8vT3nWZq8vT3nW"));
        assert!(!traces.begin_with(b"clk_live_short123") && !traces.begin_with(b"q8v"));
        assert!(!format!("{traces:?}").contains("Zq8v"));
    }
}
