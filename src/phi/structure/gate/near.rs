//! Short words that matter for what stands beside them: fields that a standard numbers, months beside words for numbers.

use std::ops::Range;

use super::Needs;
use super::walk::Walk;
use crate::phi::{rules, structure::ncpdp};

impl Walk<'_> {
    /// `C4=19910711`: a field that a standard numbers.
    #[inline]
    pub(super) fn numbered(&mut self, token: Range<usize>) {
        if token.len() == 2
            && matches!(self.byte(token.end), b'=' | b':' | b'"' | b'\'')
            && ncpdp::field(&self.text[token]).is_some()
        {
            self.needs.add(Needs::PAIRS);
        }
    }

    /// Does a word for a number stand near a month?
    pub(super) fn is_counted(&self, start: usize, end: usize) -> bool {
        const REACH: usize = 24;
        let words = |bytes: &[u8]| {
            bytes
                .split(|byte| !byte.is_ascii_alphabetic())
                .any(|word| !word.is_empty() && rules::dates::is_number_word(word))
        };
        words(&self.bytes[start.saturating_sub(REACH)..start])
            || words(&self.bytes[end..self.bytes.len().min(end + REACH)])
    }
}
