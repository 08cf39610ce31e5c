//! An incremental check that a byte stream is one well-formed JSON text (RFC 8259) of bounded depth.
//!
//! Works on any chunking and holds no text. Duplicate keys pass: the grammar allows them. Bytes that are not UTF-8
//! inside strings are refused (RFC 8259 section 8.1).

/// Why a text is not acceptable JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

/// What may come next outside of strings and scalars.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// After `[`: a value or `]`.
    ValueOrEnd,
    /// After `{`: a key or `}`.
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    String {
        key: bool,
    },
    Escape {
        key: bool,
    },
    Unicode {
        key: bool,
        left: u8,
    },
    /// Inside a multi-byte character: continuation bytes left, and the range the next one must be in.
    Utf8 {
        key: bool,
        left: u8,
        low: u8,
        high: u8,
    },
    Literal {
        rest: &'static [u8],
    },
    Number(Number),
}

/// Where a number stands in `-? int frac? exp?`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Int,
    Dot,
    Frac,
    E,
    ESign,
    Exp,
}

impl Number {
    const fn complete(self) -> bool {
        matches!(self, Number::Zero | Number::Int | Number::Frac | Number::Exp)
    }

    const fn next(self, byte: u8) -> Option<Number> {
        Some(match (self, byte) {
            (Number::Minus, b'0') => Number::Zero,
            (Number::Minus | Number::Int, b'0'..=b'9') => Number::Int,
            (Number::Zero | Number::Int, b'.') => Number::Dot,
            (Number::Dot | Number::Frac, b'0'..=b'9') => Number::Frac,
            (Number::Zero | Number::Int | Number::Frac, b'e' | b'E') => Number::E,
            (Number::E, b'+' | b'-') => Number::ESign,
            (Number::E | Number::ESign | Number::Exp, b'0'..=b'9') => Number::Exp,
            _ => return None,
        })
    }
}

/// The state between two chunks.
pub struct JsonCheck {
    expect: Expect,
    token: Token,
    /// One bit per open container, 1 for an object; `depth_max` is at most its capacity.
    stack: Vec<bool>,
    depth_max: usize,
    string_bytes_max: usize,
    /// Bytes of the string that is being read, as written.
    string_bytes: usize,
}

impl JsonCheck {
    pub fn new(depth_max: usize, string_bytes_max: usize) -> JsonCheck {
        JsonCheck {
            expect: Expect::Value,
            token: Token::None,
            stack: Vec::new(),
            depth_max,
            string_bytes_max,
            string_bytes: 0,
        }
    }

    /// Takes the next chunk.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), NotJson> {
        let mut at = 0;
        while let Some(&byte) = chunk.get(at) {
            // The bulk of a body is plain characters inside strings: skip them at once.
            if let Token::String { .. } = self.token {
                let rest = chunk.get(at..).unwrap_or_default();
                let plain = rest
                    .iter()
                    .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f | 0x80..))
                    .unwrap_or(rest.len());
                if plain > 0 {
                    at += plain;
                    self.longer(plain)?;
                    continue;
                }
            }
            self.step(byte)?;
            at += 1;
        }
        Ok(())
    }

    /// The text has ended.
    pub fn finish(self) -> Result<(), NotJson> {
        let number_done = matches!(self.token, Token::Number(number) if number.complete());
        let whole = self.stack.is_empty()
            && ((self.token == Token::None && self.expect == Expect::Nothing) || number_done);
        if whole { Ok(()) } else { Err(NotJson) }
    }

    /// Counts bytes of a string or a key.
    fn longer(&mut self, bytes: usize) -> Result<(), NotJson> {
        self.string_bytes += bytes;
        if self.string_bytes > self.string_bytes_max { Err(NotJson) } else { Ok(()) }
    }

    fn step(&mut self, byte: u8) -> Result<(), NotJson> {
        match self.token {
            Token::String { .. } if byte == b'"' => self.string_bytes = 0,
            Token::String { .. } | Token::Escape { .. } | Token::Unicode { .. } | Token::Utf8 { .. } => {
                self.longer(1)?;
            }
            Token::None | Token::Literal { .. } | Token::Number(_) => {}
        }
        match self.token {
            Token::None => self.structure(byte),
            Token::String { key } => self.string(key, byte),
            Token::Escape { key } => {
                self.token = match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Token::String { key },
                    b'u' => Token::Unicode { key, left: 4 },
                    _ => return Err(NotJson),
                };
                Ok(())
            }
            Token::Unicode { key, left } => {
                if !byte.is_ascii_hexdigit() {
                    return Err(NotJson);
                }
                self.token =
                    if left == 1 { Token::String { key } } else { Token::Unicode { key, left: left - 1 } };
                Ok(())
            }
            Token::Utf8 { key, left, low, high } => {
                if byte < low || byte > high {
                    return Err(NotJson);
                }
                self.token = if left == 1 {
                    Token::String { key }
                } else {
                    Token::Utf8 { key, left: left - 1, low: 0x80, high: 0xbf }
                };
                Ok(())
            }
            Token::Literal { rest } => match rest.split_first() {
                Some((expected, rest)) if *expected == byte => {
                    if rest.is_empty() {
                        self.token = Token::None;
                        self.value_done();
                    } else {
                        self.token = Token::Literal { rest };
                    }
                    Ok(())
                }
                _ => Err(NotJson),
            },
            Token::Number(number) => match number.next(byte) {
                Some(number) => {
                    self.token = Token::Number(number);
                    Ok(())
                }
                None if number.complete() => {
                    self.token = Token::None;
                    self.value_done();
                    self.structure(byte)
                }
                None => Err(NotJson),
            },
        }
    }

    fn string(&mut self, key: bool, byte: u8) -> Result<(), NotJson> {
        // The ranges of well-formed UTF-8, Unicode 15 table 3-7.
        self.token = match byte {
            b'"' => {
                if key {
                    self.expect = Expect::Colon;
                } else {
                    self.value_done();
                }
                Token::None
            }
            b'\\' => Token::Escape { key },
            0..=0x1f => return Err(NotJson),
            0x20..=0x7f => Token::String { key },
            0xc2..=0xdf => Token::Utf8 { key, left: 1, low: 0x80, high: 0xbf },
            0xe0 => Token::Utf8 { key, left: 2, low: 0xa0, high: 0xbf },
            0xe1..=0xec | 0xee..=0xef => Token::Utf8 { key, left: 2, low: 0x80, high: 0xbf },
            0xed => Token::Utf8 { key, left: 2, low: 0x80, high: 0x9f },
            0xf0 => Token::Utf8 { key, left: 3, low: 0x90, high: 0xbf },
            0xf1..=0xf3 => Token::Utf8 { key, left: 3, low: 0x80, high: 0xbf },
            0xf4 => Token::Utf8 { key, left: 3, low: 0x80, high: 0x8f },
            0x80..=0xc1 | 0xf5..=0xff => return Err(NotJson),
        };
        Ok(())
    }

    fn structure(&mut self, byte: u8) -> Result<(), NotJson> {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return Ok(());
        }
        match (self.expect, byte) {
            (Expect::Value | Expect::ValueOrEnd, _) if self.begin_value(byte)? => Ok(()),
            (Expect::ValueOrEnd, b']') => self.close(false),
            (Expect::KeyOrEnd | Expect::Key, b'"') => {
                self.token = Token::String { key: true };
                Ok(())
            }
            (Expect::KeyOrEnd, b'}') => self.close(true),
            (Expect::Colon, b':') => {
                self.expect = Expect::Value;
                Ok(())
            }
            (Expect::CommaOrEnd, b',') => {
                self.expect = if self.stack.last() == Some(&true) { Expect::Key } else { Expect::Value };
                Ok(())
            }
            (Expect::CommaOrEnd, b'}') => self.close(true),
            (Expect::CommaOrEnd, b']') => self.close(false),
            _ => Err(NotJson),
        }
    }

    /// Whether this byte begins a value.
    fn begin_value(&mut self, byte: u8) -> Result<bool, NotJson> {
        match byte {
            b'{' => self.open(true)?,
            b'[' => self.open(false)?,
            b'"' => self.token = Token::String { key: false },
            b't' => self.token = Token::Literal { rest: b"rue" },
            b'f' => self.token = Token::Literal { rest: b"alse" },
            b'n' => self.token = Token::Literal { rest: b"ull" },
            b'-' => self.token = Token::Number(Number::Minus),
            b'0' => self.token = Token::Number(Number::Zero),
            b'1'..=b'9' => self.token = Token::Number(Number::Int),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn open(&mut self, object: bool) -> Result<(), NotJson> {
        if self.stack.len() >= self.depth_max {
            return Err(NotJson);
        }
        self.stack.push(object);
        self.expect = if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
        Ok(())
    }

    fn close(&mut self, object: bool) -> Result<(), NotJson> {
        if self.stack.pop() != Some(object) {
            return Err(NotJson);
        }
        self.value_done();
        Ok(())
    }

    fn value_done(&mut self) {
        self.expect = if self.stack.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &[u8], chunk: usize) -> bool {
        let mut json = JsonCheck::new(8, 64);
        text.chunks(chunk.max(1)).all(|chunk| json.push(chunk).is_ok()) && json.finish().is_ok()
    }

    #[test]
    fn accepts_json_and_nothing_else() {
        for text in [
            "{}",
            "[]",
            " [ ] ",
            "0",
            "-0.5e+10",
            "\"\"",
            "true",
            "null",
            "[1,2,{\"a\":[]}]",
            "\"\\u00e9\\n\"",
            "\"é漢😀\"",
            "{\"a\":1,\"a\":2}",
            "12 ",
            "[[[[[[[[]]]]]]]]",
        ] {
            assert!(check(text.as_bytes(), usize::MAX), "{text}");
        }
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "1.",
            "1e",
            "-",
            "+1",
            "tru",
            "truee",
            "\"",
            "\"\\x\"",
            "\"\n\"",
            "[1 2]",
            "{\"a\" 1}",
            "1 2",
            "]",
            "[}",
            "{]",
            "'a'",
            "NaN",
            "[[[[[[[[[]]]]]]]]]",
            "\u{feff}{}",
        ] {
            assert!(!check(text.as_bytes(), usize::MAX), "{text}");
        }
        assert!(!check(b"\"\xc0\xaf\"", 99));
        assert!(!check(b"\"\xed\xa0\x80\"", 99));
        assert!(!check(b"\"\xe9\"", 99));
    }

    #[test]
    fn a_string_of_n_bytes_passes_and_one_more_is_refused() {
        let text = |string: &str| format!("{{\"{string}\":[\"\",\"{string}\"]}}");
        for (n, more) in [
            ("a".repeat(64), "a"),
            ("é".repeat(32), "a"),
            ("\\u00e9".repeat(10), "abcde"),
            ("\\\"".repeat(32), "\\n"),
        ] {
            for chunk in [1, 2, 3, 7, 1000] {
                assert!(check(text(&n).as_bytes(), chunk), "{n}");
                assert!(!check(text(&format!("{n}{more}")).as_bytes(), chunk), "{n} and more");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde_on_any_chunking(text in "[\\[\\]{}:, \"a-c0-9.eE+\\\\utrlsfn-]{0,24}", chunk in 1usize..5) {
            let serde = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(check(text.as_bytes(), chunk), serde);
        }

        #[test]
        fn any_bytes_do_not_panic(bytes: Vec<u8>, chunk in 1usize..9) {
            let serde = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
            prop_assert!(!serde || check(&bytes, chunk));
        }
    }
}
