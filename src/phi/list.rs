//! Is a word one of a list? Most words leave by their first letter, their length and their last letter.
//!
//! Owns the order of the words, made when compiling. What a list means is decided where it stands.

/// Words of fewer than 32 bytes.
pub(super) struct List<const N: usize> {
    /// In the order of their first letters, which count by their lowest five bits: those fall together in both cases.
    words: [&'static str; N],
    /// Where the words of a first letter begin.
    from: [u16; 33],
    /// By the first letter, a bit for each length that occurs, and one for the lowest five bits of each last letter.
    lengths: [u32; 32],
    ends: [u32; 32],
}

impl<const N: usize> List<N> {
    pub(super) const fn new(words: [&'static str; N]) -> List<N> {
        let mut list = List { words: [""; N], from: [0; 33], lengths: [0; 32], ends: [0; 32] };
        let (mut letter, mut at) = (0, 0);
        while letter < 32 {
            let mut next = 0;
            while next < N {
                let word = words[next].as_bytes();
                if (word[0] & 31) as usize == letter {
                    assert!(word.len() < 32);
                    list.lengths[letter] |= 1 << word.len();
                    list.ends[letter] |= 1 << (word[word.len() - 1] & 31);
                    list.words[at] = words[next];
                    at += 1;
                }
                next += 1;
            }
            letter += 1;
            list.from[letter] = at as u16;
        }
        list
    }

    /// Is `word` one of them, in any case of its ASCII letters?
    #[inline]
    pub(super) fn has(&self, word: &[u8]) -> bool {
        self.may_have(word) && self.beside(word).iter().any(|own| own.as_bytes().eq_ignore_ascii_case(word))
    }

    /// Is `word` one of them, letter by letter?
    #[inline]
    pub(super) fn has_exactly(&self, word: &[u8]) -> bool {
        self.may_have(word) && self.beside(word).iter().any(|own| own.as_bytes() == word)
    }

    #[cfg(test)]
    pub(super) fn words(&self) -> &[&'static str] {
        &self.words
    }

    #[inline]
    fn may_have(&self, word: &[u8]) -> bool {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return false };
        let letter = usize::from(first & 31);
        word.len() < 32
            && self.lengths[letter] >> word.len() & 1 == 1
            && self.ends[letter] >> (last & 31) & 1 == 1
    }

    /// The words of the same first letter.
    fn beside(&self, word: &[u8]) -> &[&'static str] {
        let letter = word.first().map_or(0, |first| usize::from(first & 31));
        &self.words[usize::from(self.from[letter])..usize::from(self.from[letter + 1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_as_by_comparison_with_each() {
        const WORDS: [&str; 7] = ["is", "isn", "Not", "not", "née", "über", "n/a"];
        static LIST: List<7> = List::new(WORDS);
        let others = [
            "",
            "i",
            "IS",
            "Is",
            "nOT",
            "NÉE",
            "NÉe",
            "Über",
            "n",
            "\u{1}ot",
            "a-word-that-is-longer-than-any",
        ];
        for word in WORDS.iter().chain(&others).map(|word| word.as_bytes()) {
            assert_eq!(LIST.has(word), WORDS.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(word)));
            assert_eq!(LIST.has_exactly(word), WORDS.iter().any(|own| own.as_bytes() == word));
        }
    }
}
