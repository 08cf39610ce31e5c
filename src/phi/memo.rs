//! Remembers, per thread, what a pure function said of short texts: keys and cue phrases repeat from line to line.
//!
//! Owns a table of fixed size, two places for each hash. A collision costs a second computation, never a wrong answer, because the
//! text itself is compared. Texts of more than 32 bytes are not remembered.

const SLOTS: usize = 512;

/// A short text, as its first and last bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    words: [u64; 4],
    len: usize,
}

impl Key {
    /// Read without a loop over the bytes: what is read twice is told apart by the length.
    fn of(text: &[u8]) -> Option<Key> {
        let len = text.len();
        let at = |from: usize| text[from..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
        let words = match len {
            0..8 => [padded(text), 0, 0, 0],
            8..=16 => [at(0), at(len - 8), 0, 0],
            17..=32 => [at(0), at(8), at(len - 16), at(len - 8)],
            _ => return None,
        };
        Some(Key { words, len })
    }

    /// The first of the two places.
    fn slot(&self) -> usize {
        let [a, b, c, d] = self.words;
        let low = (a ^ c.rotate_left(29)).wrapping_add(self.len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let high = (b ^ d.rotate_left(41)).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        let hash = low ^ high.rotate_left(32);
        (hash >> 40) as usize % (SLOTS / 2) * 2
    }
}

/// Fewer than eight bytes as one number, without a loop over them: what is read twice falls on itself.
fn padded(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(low), Some(high)) => {
            u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << (8 * (len - 4))
        }
        _ => [0, len / 2, len.saturating_sub(1)]
            .into_iter()
            .fold(0, |word, at| word | bytes.get(at).map_or(0, |byte| u64::from(*byte) << (8 * at))),
    }
}

pub(super) struct Memo<V> {
    slots: Vec<Option<(Key, V)>>,
}

impl<V: Copy> Memo<V> {
    pub(super) fn new() -> Memo<V> {
        Memo { slots: vec![None; SLOTS] }
    }

    /// What `make` says of `text`; it must say the same each time.
    pub(super) fn get(&mut self, text: &str, make: impl FnOnce(&str) -> V) -> V {
        let Some(key) = Key::of(text.as_bytes()) else { return make(text) };
        let at = key.slot();
        // Two that fall together keep out of each other's way.
        for place in [at, at + 1] {
            if let Some((known, value)) = &self.slots[place]
                && *known == key
            {
                return *value;
            }
        }
        let value = make(text);
        self.slots[at + 1] = self.slots[at];
        self.slots[at] = Some((key, value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_keeps_its_own_answer() {
        let mut memo = Memo::new();
        let texts: Vec<String> =
            (0..5000).map(|n: u32| format!("{n:x}").repeat(1 + n as usize % 12)).collect();
        for _ in 0..2 {
            for text in &texts {
                assert_eq!(
                    memo.get(text, |text| (text.len(), text.as_bytes()[0])),
                    (text.len(), text.as_bytes()[0])
                );
            }
        }
    }

    #[test]
    fn few_bytes_are_padded_in_their_order() {
        for len in 1..8 {
            let bytes = &b"\xffbcdefg"[..len];
            let mut padded = [0; 8];
            padded[..len].copy_from_slice(bytes);
            assert_eq!(super::padded(bytes), u64::from_le_bytes(padded));
        }
    }

    #[test]
    fn padding_is_no_text() {
        let mut memo = Memo::new();
        assert_eq!(["a", "a\0", "", "\0"].map(|text| memo.get(text, str::len)), [1, 2, 0, 1]);
    }
}
