//! The tokens of a text: runs of letters and digits, found in one walk over the bytes.
//!
//! Owns what a token is and which kinds of bytes it holds. What a token means is decided elsewhere.

use std::ops::Range;

/// Bits of a token, and of a whole text.
pub(in crate::phi) const DIGIT: u8 = 1;
pub(in crate::phi) const LOWER: u8 = 2;
pub(in crate::phi) const UPPER: u8 = 4;
/// A letter that is no hexadecimal digit.
pub(in crate::phi) const NON_HEX: u8 = 8;
/// A byte beyond ASCII.
pub(in crate::phi) const WIDE: u8 = 16;
pub(in crate::phi) const LETTER: u8 = LOWER | UPPER | WIDE;

/// A maximal run of ASCII letters and digits and of letters beyond ASCII.
#[derive(Clone, Copy, Debug)]
pub(in crate::phi) struct Token {
    pub(in crate::phi) start: u32,
    pub(in crate::phi) end: u32,
    pub(in crate::phi) flags: u8,
}

impl Token {
    pub(in crate::phi) fn start(self) -> usize {
        self.start as usize
    }

    pub(in crate::phi) fn end(self) -> usize {
        self.end as usize
    }

    pub(in crate::phi) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(in crate::phi) fn is_number(self) -> bool {
        self.flags == DIGIT
    }

    pub(in crate::phi) fn has_digit(self) -> bool {
        self.flags & DIGIT != 0
    }

    pub(in crate::phi) fn is_word(self) -> bool {
        self.flags & DIGIT == 0
    }
}

const FLAGS: [u8; 256] = flags();

const fn flags() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => LOWER,
            b'g'..=b'z' => LOWER | NON_HEX,
            b'A'..=b'F' => UPPER,
            b'G'..=b'Z' => UPPER | NON_HEX,
            0x80.. => WIDE | NON_HEX,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The first walk.
pub(super) fn tokenize(bytes: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    let mut i = 0;
    while i < bytes.len() {
        let mut flag = FLAGS[bytes[i] as usize];
        if flag == 0 {
            i += 1;
            continue;
        }
        let start = i;
        let mut flags = 0;
        while flag != 0 && (flag & WIDE == 0 || wide_separator(&bytes[i..]) == 0) {
            flags |= flag;
            i += 1;
            // Most bytes of most tokens are plain.
            for byte in &bytes[i..] {
                flag = FLAGS[*byte as usize];
                if flag == 0 || flag & WIDE != 0 {
                    break;
                }
                flags |= flag;
                i += 1;
            }
            flag = bytes.get(i).map_or(0, |byte| FLAGS[*byte as usize]);
        }
        if i == start {
            i += wide_separator(&bytes[i..]).max(1);
            continue;
        }
        if flags & DIGIT != 0
            && flags != DIGIT
            && let Some(extension) = extension(bytes, start..i)
        {
            tokens.push(Token { start: start as u32, end: extension as u32, flags: DIGIT });
            tokens.push(Token { start: extension as u32, end: i as u32, flags });
            continue;
        }
        tokens.push(Token { start: start as u32, end: i as u32, flags });
    }
}

/// Where the extension begins in the last group of a telephone number, `0143x219`; a size (`1920x1080`) has no groups before.
pub(in crate::phi) fn extension(bytes: &[u8], token: Range<usize>) -> Option<usize> {
    let [.., a, b, c, b'-' | b'.' | b' ' | b')'] = &bytes[..token.start] else { return None };
    let (number, rest) = bytes[token.clone()].split_at_checked(4)?;
    let digits =
        rest.strip_prefix(b"x").or_else(|| rest.strip_prefix(b"X")).or_else(|| rest.strip_prefix(b"ext"))?;
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let fits = all_digits(&[*a, *b, *c])
        && all_digits(number)
        && all_digits(digits)
        && (1..=6).contains(&digits.len());
    fits.then_some(token.start + 4)
}

/// Width of the punctuation, symbol or space beyond ASCII that opens `bytes`; 0 if it is a letter.
fn wide_separator(bytes: &[u8]) -> usize {
    let width = match (bytes[0], bytes.get(1).copied().unwrap_or(0)) {
        (0xC2, _) => 2,
        (0xE2, 0x80..=0xAF) | (0xE3, 0x80) => 3,
        (0xEF, 0xBC) if matches!(bytes.get(2), Some(0x81..=0x8F | 0x9A..=0xA0)) => 3,
        _ => 0,
    };
    width.min(bytes.len())
}
