//! Does a word end in one of many endings? Most words leave by their last two letters.
//!
//! Owns the table of these letters, made when compiling. What the endings mean is decided where they are listed.

/// Endings of at least two bytes.
pub(super) struct Ends<const N: usize> {
    endings: [&'static str; N],
    /// By the last byte, a bit for each byte that stands before it in an ending; bytes count by their lowest five bits, so
    /// letters fall together in both cases.
    last_two: [u32; 32],
}

impl<const N: usize> Ends<N> {
    pub(super) const fn new(endings: [&'static str; N]) -> Ends<N> {
        let mut last_two = [0; 32];
        let mut at = 0;
        while at < N {
            let ending = endings[at].as_bytes();
            let [before, last] = [ending[ending.len() - 2], ending[ending.len() - 1]];
            last_two[(last & 31) as usize] |= 1 << (before & 31);
            at += 1;
        }
        Ends { endings, last_two }
    }

    /// The endings that end as `word` does, in any case: none of them, or all.
    pub(super) fn of(&self, word: &str) -> &[&'static str] {
        let listed =
            |[before, last]: &[u8; 2]| self.last_two[usize::from(last & 31)] >> (before & 31) & 1 == 1;
        // A single letter tells too little.
        if word.as_bytes().last_chunk().is_none_or(listed) { &self.endings } else { &[] }
    }

    /// Does `word` end in one of them, letter by letter?
    pub(super) fn end(&self, word: &str) -> bool {
        self.of(word).iter().any(|end| word.ends_with(end))
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
        assert_eq!(ENDS.of("HAUBERG").len(), 4);
        assert!(ENDS.of("worker").is_empty());
    }
}
