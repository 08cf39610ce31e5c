//! Does a word end in one of many endings? Most words leave by their last two letters.
//!
//! Owns the table of these letters, made when compiling. What the endings mean is decided where they are listed.

/// Endings of at least two bytes.
pub(super) struct Ends<const N: usize> {
    /// In the order of their last bytes.
    endings: [&'static str; N],
    /// Where the endings of a last byte begin.
    from: [u16; 33],
    /// By the last byte, a bit for each byte that stands before it in an ending; bytes count by their lowest five bits, so
    /// letters fall together in both cases.
    last_two: [u32; 32],
}

impl<const N: usize> Ends<N> {
    pub(super) const fn new(endings: [&'static str; N]) -> Ends<N> {
        let mut ends = Ends { endings: [""; N], from: [0; 33], last_two: [0; 32] };
        let (mut letter, mut at) = (0, 0);
        while letter < 32 {
            let mut next = 0;
            while next < N {
                let ending = endings[next].as_bytes();
                let [before, last] = [ending[ending.len() - 2], ending[ending.len() - 1]];
                if (last & 31) as usize == letter {
                    ends.last_two[letter] |= 1 << (before & 31);
                    ends.endings[at] = endings[next];
                    at += 1;
                }
                next += 1;
            }
            letter += 1;
            ends.from[letter] = at as u16;
        }
        ends
    }

    #[cfg(test)]
    pub(super) fn endings(&self) -> &[&'static str] {
        &self.endings
    }

    /// The endings that may end as `word` does, in any case: those of its last letter, if some has the one before it too.
    pub(super) fn of(&self, word: &[u8]) -> &[&'static str] {
        let Some(last) = word.last().map(|last| usize::from(last & 31)) else { return &[] };
        // A single letter tells too little.
        let before = word.len().checked_sub(2).map(|before| word[before]);
        match before.is_none_or(|before| self.last_two[last] >> (before & 31) & 1 == 1) {
            true => &self.endings[usize::from(self.from[last])..usize::from(self.from[last + 1])],
            false => &[],
        }
    }

    /// Does `word` end in one of them, letter by letter?
    pub(super) fn end(&self, word: &str) -> bool {
        self.of(word.as_bytes()).iter().any(|end| word.ends_with(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_no_ending_leave_early() {
        static ENDS: Ends<4> = Ends::new(["ov", "ová", "berg", "Klinik"]);
        for (word, ends) in [
            ("Petrov", true),
            ("Petrová", true),
            ("ov", true),
            ("HAUBERG", false),
            ("haUberg", true),
            ("Poliklinik", false),
            ("PoliKlinik", true),
            ("v", false),
            ("", false),
            ("worker", false),
        ] {
            assert_eq!(ENDS.end(word), ends, "{word}");
            assert_eq!(["ov", "ová", "berg", "Klinik"].iter().any(|end| word.ends_with(end)), ends, "{word}");
        }
        assert_eq!(ENDS.of(b"HAUBERG"), ["berg"]);
        assert!(ENDS.of(b"worker").is_empty());
    }
}
