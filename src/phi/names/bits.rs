//! One pass over the bytes that says where words start and end: a bit per byte, eight bytes at a time.
//!
//! Owns no meaning beyond byte classes. It exists because a branch at every word's end costs more than all the rest of a clean line.

/// The classes of 64 bytes.
#[derive(Clone, Copy, Default)]
struct Block {
    /// Letters, digits, underscores and all bytes beyond ASCII.
    word: u64,
    upper: u64,
    /// Of the word bytes, those that are no ASCII letters.
    other: u64,
}

/// A run of word bytes longer than this is nobody's name.
pub(super) const RUN_BYTES: usize = 256;

pub(super) struct Bits {
    blocks: Vec<Block>,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

impl Bits {
    pub fn new(bytes: &[u8]) -> Bits {
        let mut blocks = Vec::with_capacity(bytes.len() / 64 + 2);
        for chunk in bytes.chunks(64) {
            let mut block = Block::default();
            let mut eights = chunk.chunks_exact(8);
            let mut shift = 0;
            for eight in &mut eights {
                let eight = [eight[0], eight[1], eight[2], eight[3], eight[4], eight[5], eight[6], eight[7]];
                block.add(u64::from_le_bytes(eight), shift);
                shift += 8;
            }
            let mut rest = [b' '; 8];
            if !eights.remainder().is_empty() {
                rest[..eights.remainder().len()].copy_from_slice(eights.remainder());
                block.add(u64::from_le_bytes(rest), shift);
            }
            blocks.push(block);
        }
        // A block of no words ends every search.
        blocks.push(Block::default());
        Bits { blocks }
    }

    /// The first word byte at or after `at`.
    pub fn start(&self, at: usize) -> Option<usize> {
        let mut index = at / 64;
        let mut bits = self.blocks.get(index)?.word & (!0 << (at % 64));
        while bits == 0 {
            index += 1;
            bits = self.blocks.get(index)?.word;
        }
        Some(index * 64 + bits.trailing_zeros() as usize)
    }

    /// The first byte after `at` that is no word byte, or a word byte at least [`RUN_BYTES`] on: a run may have to be
    /// looked at again from every byte, so no look at it may be long.
    #[inline]
    pub fn end(&self, at: usize) -> usize {
        let mut index = at / 64;
        let mut shift = at % 64;
        while let Some(block) = self.blocks.get(index).filter(|_| index * 64 < at + RUN_BYTES) {
            let bits = !block.word & (!0 << shift);
            if bits != 0 {
                return index * 64 + bits.trailing_zeros() as usize;
            }
            index += 1;
            shift = 0;
        }
        index * 64
    }

    /// What the word bytes between hold.
    #[inline]
    pub fn kinds(&self, start: usize, end: usize) -> Kinds {
        let (mut word, mut upper, mut other) = (0, 0, 0);
        let mut at = start;
        while at < end {
            let Some(block) = self.blocks.get(at / 64) else { break };
            let until = end.min((at / 64 + 1) * 64);
            let mask = (!0 >> (64 - (until - at))) << (at % 64);
            (word, upper, other) = (
                word | block.word & !(block.upper | block.other) & mask,
                upper | block.upper & mask,
                other | block.other & mask,
            );
            at = until;
        }
        Kinds { lower: word != 0, upper: upper != 0, other: other != 0 }
    }
}

/// Which classes occur in a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub lower: bool,
    pub upper: bool,
    /// Digits, underscores, bytes beyond ASCII.
    pub other: bool,
}

impl Block {
    fn add(&mut self, bytes: u64, shift: u32) {
        let low = bytes & !HIGH;
        let wide = bytes & HIGH;
        let letters = within(low | (ONES * 0x20), b'a', b'z') & !wide;
        let upper = within(low, b'A', b'Z') & !wide;
        let digits = within(low, b'0', b'9') & !wide;
        let underscores = within(low, b'_', b'_') & !wide;
        let other = digits | underscores | wide;
        self.word |= gather(letters | other) << shift;
        self.upper |= gather(upper) << shift;
        self.other |= gather(other) << shift;
    }
}

/// The high bit of every byte (all below 0x80) that is between `from` and `to`.
fn within(bytes: u64, from: u8, to: u8) -> u64 {
    let at_least = bytes + ONES * u64::from(0x80 - from);
    let beyond = bytes + ONES * u64::from(0x7f - to);
    at_least & !beyond & HIGH
}

/// The high bits of eight bytes as eight bits.
fn gather(high: u64) -> u64 {
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_byte_at_a_time() {
        let text: String = (0..400u32).map(|n| char::from_u32(n * 7 % 400).unwrap_or('x')).collect();
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 200, text.len()] {
            let bytes = &text.as_bytes()[..len.min(text.len())];
            let bits = Bits::new(bytes);
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
            for at in 0..bytes.len() {
                assert_eq!(bits.start(at), bytes[at..].iter().position(is_word).map(|n| at + n));
                let end = bytes[at..].iter().position(|byte| !is_word(byte)).map_or(bytes.len(), |n| at + n);
                let seen = bits.end(at);
                assert!(seen == end || seen < end && seen >= at + RUN_BYTES);
                let any = |is: &dyn Fn(&u8) -> bool| bytes[at..].iter().any(is);
                let kinds = Kinds {
                    lower: any(&u8::is_ascii_lowercase),
                    upper: any(&u8::is_ascii_uppercase),
                    other: any(&|byte| is_word(byte) && !byte.is_ascii_alphabetic()),
                };
                assert_eq!(bits.kinds(at, bytes.len()), kinds);
            }
        }
    }
}
