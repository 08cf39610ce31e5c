//! Numbers of which a sentence says how they were checked: only an identifier has a check digit.
//!
//! Owns the words for such a check, of each of which the gate knows one.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Scan;
use super::context::ends_clause;

/// Shortest number of which somebody would say that its check digit is wrong.
const CHECKED_BYTES_MIN: usize = 8;

impl Scan<'_> {
    /// `466 554 1585 failed the Modulus 11 check`: does the clause say how the number at `span` was checked?
    pub(super) fn is_checked(&self, span: Range<usize>) -> bool {
        const REACH: usize = 48;
        // What opens a line is a stamp.
        if span.len() < CHECKED_BYTES_MIN || span.start < 2 {
            return false;
        }
        static CHECKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
            let words = [
                "check digit",
                "modulus 11",
                "modulus 10",
                "modulus 97",
                "mod 11",
                "mod-11",
                "mod11",
                "mod 97",
                "mod-97",
                "mod97",
                "luhn",
                "suma kontrolna",
                "elfproef",
            ];
            AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
        });
        static FAULTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
            let words =
                ["fail", "invalid", "not valid", "not pass", "wrong", "bad ", "incorrect", "mismatch", "nie"];
            AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
        });
        let near = &self.bytes[span.end..self.bytes.len().min(span.end + REACH)];
        let clause = &near[..near.iter().position(|byte| ends_clause(*byte)).unwrap_or(near.len())];
        CHECKS.as_ref().is_some_and(|checks| checks.is_match(clause))
            && FAULTS.as_ref().is_some_and(|faults| faults.is_match(clause))
    }
}
