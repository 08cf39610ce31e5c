//! How deep a JSON text goes, by its brackets outside of strings alone, 64 bytes at a time.
//!
//! Bytes of one kind are the bits of a word, which the compiler makes of them with vectors; what stands in strings follows
//! from the bits of the quotes. Does not know names, values or where anything but the depth comes from.

/// What a text that begins outside of any string does to the containers around it.
#[derive(Debug, PartialEq, Eq)]
pub struct Skimmed {
    /// So many of those that were open before it are closed.
    pub closed: usize,
    /// Most that were open at once, over those before it.
    pub deepest: usize,
    /// Behind the last bracket with no others open: whatever is open at the end of the text was opened from here on.
    pub rest: usize,
}

/// Nothing if there is a backslash outside of strings.
pub fn skim(text: &[u8]) -> Option<Skimmed> {
    let (blocks, end) = text.as_chunks::<64>();
    let mut last = [b' '; 64];
    last.get_mut(..end.len())?.copy_from_slice(end);
    let escapes = memchr::memchr(b'\\', text).is_some();
    let mut walk = Walk::default();
    for block in blocks {
        walk.over(block, escapes)?;
    }
    walk.over(&last, escapes)?;
    Some(Skimmed {
        closed: walk.lowest.unsigned_abs(),
        deepest: walk.deepest.unsigned_abs(),
        rest: walk.rest,
    })
}

#[derive(Default)]
struct Walk {
    at: usize,
    /// The byte before is a backslash, and not escaped itself.
    escaping: bool,
    /// All ones if the byte before stands in a string.
    in_string: u64,
    depth: isize,
    lowest: isize,
    deepest: isize,
    rest: usize,
}

impl Walk {
    #[inline(always)]
    fn over(&mut self, block: &[u8; 64], escapes: bool) -> Option<()> {
        let mut quotes = bits(block, |byte| byte == b'"');
        let mut backslashes = 0;
        if escapes {
            backslashes = bits(block, |byte| byte == b'\\');
            quotes &= !escaped(backslashes, &mut self.escaping);
        }
        let strings = is_odd(quotes) ^ self.in_string;
        self.in_string = 0u64.wrapping_sub(strings >> 63);
        if backslashes & !strings != 0 {
            return None;
        }
        let mut brackets = bits(block, |byte| matches!(byte, b'{' | b'}' | b'[' | b']')) & !strings;
        while brackets != 0 {
            let at = brackets.trailing_zeros() as usize;
            brackets &= brackets - 1;
            // Those that open have the second bit.
            self.depth += if block[at] & 2 != 0 { 1 } else { -1 };
            self.deepest = self.deepest.max(self.depth);
            if self.depth <= self.lowest {
                (self.lowest, self.rest) = (self.depth, self.at + at + 1);
            }
        }
        self.at += block.len();
        Some(())
    }
}

/// A bit for each byte that is of a kind.
#[inline(always)]
fn bits(block: &[u8; 64], is: impl Fn(u8) -> bool) -> u64 {
    // A square of bits: each eight bytes have a bit of their own, so that all of them fit into one word, which is turned then.
    const ROWS: [u8; 64] = {
        let mut rows = [0; 64];
        let mut at = 0;
        while at < rows.len() {
            rows[at] = 1 << (at / 8);
            at += 1;
        }
        rows
    };
    let flags: [u8; 64] = std::array::from_fn(|at| if is(block[at]) { ROWS[at] } else { 0 });
    let square = flags.as_chunks::<8>().0.iter().fold(0, |all, row| all | u64::from_le_bytes(*row));
    turned(square)
}

/// Eight times eight bits with columns for rows (Hacker's Delight, 7-3).
fn turned(mut square: u64) -> u64 {
    for (by, mask) in [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0)] {
        let differ = (square ^ (square >> by)) & mask;
        square ^= differ ^ (differ << by);
    }
    square
}

/// Of each bit whether the ones up to it, itself among them, are odd in number.
fn is_odd(mut ones: u64) -> u64 {
    for by in [1, 2, 4, 8, 16, 32] {
        ones ^= ones << by;
    }
    ones
}

/// The bytes that are escaped. `escaping`: the byte before the block escapes, and then whether its last does.
fn escaped(mut backslashes: u64, escaping: &mut bool) -> u64 {
    let mut escaped = u64::from(*escaping);
    *escaping = false;
    while backslashes != 0 {
        let first = backslashes & backslashes.wrapping_neg();
        backslashes ^= first;
        if escaped & first == 0 {
            escaped |= first << 1;
            *escaping = first >> 63 == 1;
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same byte by byte.
    fn slowly(text: &[u8]) -> Option<Skimmed> {
        let (mut in_string, mut escaped) = (false, false);
        let (mut depth, mut lowest, mut deepest, mut rest) = (0isize, 0, 0isize, 0);
        for (at, byte) in text.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if !in_string => return None,
                b'\\' => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' | b'}' | b']' if !in_string => {
                    depth += if matches!(byte, b'{' | b'[') { 1 } else { -1 };
                    deepest = deepest.max(depth);
                    if depth <= lowest {
                        (lowest, rest) = (depth, at + 1);
                    }
                }
                _ => {}
            }
        }
        Some(Skimmed { closed: lowest.unsigned_abs(), deepest: deepest.unsigned_abs(), rest })
    }

    #[test]
    fn what_is_open_at_the_end_was_opened_in_the_rest() {
        for (text, closed, deepest, rest) in [
            (r#"{"a":["#, 0, 2, r#"{"a":["#),
            (r#"{"a":[]},"b":{"c":"}""#, 0, 2, r#","b":{"c":"}""#),
            (r#"1}]}, "a":[{"b":2},{"c":"\\\"]"#, 3, 0, r#", "a":[{"b":2},{"c":"\\\"]"#),
            (r#"{"a":1}  ]"#, 1, 1, ""),
            ("", 0, 0, ""),
        ] {
            let expected = Skimmed { closed, deepest, rest: text.len() - rest.len() };
            assert_eq!(skim(text.as_bytes()), Some(expected), "{text}");
        }
        assert_eq!(skim(br#"{"a":\u0020}"#), None);
    }

    proptest! {
        #[test]
        fn blocks_make_no_difference(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", "\"", "\"\"", "\\", "\\\\", "\\\"", " ", "y_Y\u{7f}", "\u{fb}\u{5b}", "\"a\":",
                    "                                                           ",
                ]),
                0..80,
            ),
        ) {
            let text = words.concat();
            prop_assert_eq!(skim(text.as_bytes()), slowly(text.as_bytes()));
        }
    }
}
