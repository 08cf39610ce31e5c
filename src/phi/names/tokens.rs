//! Splits flat text into words, with the shape of each and what stands between it and the word before.
//!
//! Owns no vocabulary; a word remembers what the lexicon says of it. Identifiers (digits, underscores, dots, camel case, path segments) come out as such, so that no
//! rule mistakes a class or host for a person. One pass, linear; offsets are bytes of the text.

use std::cell::Cell;

use super::bits::{Bits, RUN_BYTES};
use super::cues::{self, Cue};
use super::lexicon::Entry;
use super::score::entry_of;
use super::shapes::{DIGIT, JOINER, LOWER, Shape, UNDERSCORE, UPPER, WIDE, WORD, class, shape};

/// What stands between a word and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Space,
    Comma,
    /// A full stop, with or without a space.
    Dot,
    Caret,
    Star,
    /// A comma between quotes.
    Quotes,
    /// Colons, equal signs, quotes, brackets.
    Label,
    /// Everything else, the start of the text included.
    Break,
    /// Words that say nothing.
    Far,
    /// To be worked out from the bytes between; never in a token.
    Near,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    start: u32,
    end: u32,
    /// The entry of the cue table, for `cues::entry`.
    cue: u16,
    pub shape: Shape,
    pub gap: Gap,
    /// `'s` follows.
    pub possessive: bool,
    /// What the lexicon says, once it was asked.
    entry: Cell<Option<Entry>>,
}

impl Token {
    pub fn start(&self) -> usize {
        self.start as usize
    }

    pub fn end(&self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn cue(&self) -> Cue {
        cues::entry(self.cue)
    }

    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start()..self.end()).unwrap_or_default()
    }

    /// The word as an element of a name. It begins several runs and stands inside of others, and is looked up once.
    pub fn entry(&self, text: &str) -> Entry {
        let known = self.entry.get();
        known.unwrap_or_else(|| {
            let entry = entry_of(self.text(text));
            self.entry.set(Some(entry));
            entry
        })
    }

    pub fn is_named(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Upper | Shape::Caseless)
    }
}

/// Appends the words of `text` that matter to `tokens`: every word with a capital, every cue, and the lower-case words
/// right after one of them. A word left out leaves [`Gap::Far`] behind.
pub(super) fn split(text: &str, tokens: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    // Offsets are held in 32 bits; no caller scans a text near that size.
    if u32::try_from(bytes.len()).is_err() {
        return;
    }
    crate::phi::work::add(bytes.len());
    let bits = Bits::new(bytes);
    let mut at = 0;
    let mut gap_from = 0;
    // How many lower-case words may still follow what came before.
    let mut lower_left = 0;
    let mut far = Gap::Break;
    while let Some(start) = bits.start(at) {
        at = bits.end(start);
        let kinds = bits.kinds(start, at);
        let after = class(bytes.get(at).copied().unwrap_or(b' '));
        let mut seen = if kinds.lower { LOWER } else { 0 } | if kinds.upper { UPPER } else { 0 };
        if kinds.other || after == JOINER || at - start >= RUN_BYTES {
            if seen == 0 && after != JOINER && bytes[start].is_ascii_digit() && bytes[at - 1].is_ascii_digit()
            {
                // Left in the gap: a number separates as punctuation does.
                continue;
            }
            seen = 0;
            at = long_word(text, start, &mut seen);
            if at == start {
                at += char_len(bytes[start]);
                continue;
            }
        } else if seen == LOWER && lower_left == 0 && cues::index(&text[start..at]) == 0 {
            (gap_from, far) = (at, Gap::Far);
            continue;
        }
        if seen & (DIGIT | UNDERSCORE) != 0 {
            if seen & UNDERSCORE != 0 && seen & (LOWER | UPPER) != 0 {
                tokens.push(Token {
                    start: start as u32,
                    end: at as u32,
                    shape: Shape::Joined,
                    gap: Gap::Break,
                    possessive: false,
                    cue: 0,
                    entry: Cell::new(None),
                });
                (gap_from, far) = (at, Gap::Break);
            }
            continue;
        }
        let mut end = at;
        let word = &bytes[start..end];
        let possessive = matches!(word, [.., b'\'', b's' | b'S'] | [.., 0xe2, 0x80, 0x99, b's']);
        if possessive {
            end -= if word.len() > 3 && word[word.len() - 2] == b'\'' { 2 } else { 4.min(word.len()) };
        }
        let Some(word) = text.get(start..end).filter(|word| !word.is_empty()) else { continue };
        let shape = shape(word, seen, bytes, start, at);
        let cue = if seen & WIDE == 0 { cues::index(word) } else { cues::index_folded(word) };
        let keeps = shape != Shape::Lower || cue != 0 || lower_left > 0;
        if !keeps {
            (gap_from, far) = (at, Gap::Far);
            continue;
        }
        let gap = if far == Gap::Near { gap(&bytes[gap_from..start]) } else { far };
        lower_left = match shape {
            Shape::Lower if cue == 0 => lower_left - 1,
            Shape::Code => 0,
            _ if cue != 0 => 3,
            // What a name is followed by: a verb, or a word that makes it an organisation.
            _ => 1,
        };
        let entry = Cell::new(None);
        tokens.push(Token { start: start as u32, end: end as u32, shape, gap, possessive, cue, entry });
        (gap_from, far) = (at, Gap::Near);
    }
}

/// The end of a word of more than plain letters, with the classes it holds.
fn long_word(text: &str, start: usize, seen: &mut u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        let class = bytes.get(at).map_or(0, |byte| class(*byte));
        let more = match class {
            0 => 0,
            _ if class & WORD != 0 => {
                *seen |= class;
                1
            }
            _ => joined(text, at, at > start, seen),
        };
        if more == 0 {
            return at;
        }
        at += more;
    }
}

/// How many bytes at `at` go on with the word: an apostrophe or hyphen before a letter, or a letter beyond ASCII.
fn joined(text: &str, at: usize, inside: bool, seen: &mut u8) -> usize {
    let bytes = text.as_bytes();
    if class(bytes[at]) == JOINER {
        let goes_on = inside
            && (is_letter_at(text, at + 1)
                || bytes[at] == b'-' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
        return usize::from(goes_on);
    }
    if is_apostrophe_at(bytes, at) || is_hyphen_at(bytes, at) {
        let goes_on = inside && is_letter_at(text, at + 3);
        *seen |= if goes_on { WIDE } else { 0 };
        return if goes_on { 3 } else { 0 };
    }
    if !is_letter_at(text, at) {
        return 0;
    }
    *seen |= WIDE;
    char_len(bytes[at])
}

fn gap(between: &[u8]) -> Gap {
    match between {
        b" " | b"  " | b"\t" | b"\xc2\xa0" | b"+" => return Gap::Space,
        b"," | b", " | b",  " => return Gap::Comma,
        b"." | b". " | b".  " => return Gap::Dot,
        b"^" => return Gap::Caret,
        b"*" => return Gap::Star,
        b"', '" | b"','" | b"\", \"" | b"\",\"" => return Gap::Quotes,
        b" -> " => return Gap::Label,
        _ => {}
    }
    let label = between.len() <= 6
        && between.iter().all(|byte| {
            matches!(
                byte,
                b' ' | b':' | b'=' | b'"' | b'\'' | b'(' | b'[' | b'{' | b'<' | b'>' | b'#' | b'`' | b'\\'
            )
        })
        && between.iter().any(|byte| *byte != b' ');
    // Full-width colon and typographic quotes, as `患者：山田` and `patient “Jane Doe”`.
    let wide = between.len() <= 6
        && matches!(
            between,
            [0xef, 0xbc, 0x9a, ..]
                | [b' ', 0xe2, 0x80, ..]
                | [0xe2, 0x80, ..]
                | [0xc2, 0xab, ..]
                | [b' ', 0xc2, 0xab, ..]
        );
    if label || wide { Gap::Label } else { Gap::Break }
}

fn char_len(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// Whether a letter, or a mark that belongs to one, starts at `at`.
fn is_letter_at(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphabetic(),
        Some(_) => text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| c.is_alphabetic() || is_mark(c)),
        None => false,
    }
}

/// Vowel signs, tone marks and joiners that are not letters by themselves.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{7a6}'..='\u{7b0}'
        | '\u{900}'..='\u{963}' | '\u{981}'..='\u{9cd}' | '\u{a01}'..='\u{acd}' | '\u{b01}'..='\u{dca}'
        | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}')
}

fn is_apostrophe_at(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 3), Some([0xe2, 0x80, 0x98 | 0x99]))
}

fn is_hyphen_at(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 3), Some([0xe2, 0x80, 0x90 | 0x91]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(&str, Shape, Gap)> {
        let mut tokens = Vec::new();
        split(text, &mut tokens);
        tokens.iter().map(|token| (token.text(text), token.shape, token.gap)).collect()
    }

    #[test]
    fn shapes_of_words() {
        let cases = [
            ("Jane", Shape::Capital),
            ("JANE", Shape::Upper),
            ("patient", Shape::Lower),
            ("J", Shape::Initial),
            ("O'Brien", Shape::Capital),
            ("O’Brien", Shape::Capital),
            ("d'Arcy", Shape::Capital),
            ("Quintanar-Abbott", Shape::Capital),
            ("al-Rashid", Shape::Capital),
            ("McDonald", Shape::Capital),
            ("José", Shape::Capital),
            ("Ángel", Shape::Capital),
            ("МАРИЯ", Shape::Upper),
            ("山田太郎", Shape::Caseless),
            ("TypeError", Shape::Code),
            ("pt_jane_doe", Shape::Joined),
        ];
        for (text, shape) in cases {
            assert_eq!(words(text), [(text, shape, Gap::Break)], "{text}");
        }
    }

    #[test]
    fn gaps_and_code() {
        assert_eq!(
            words("Doe, Jane^A")[1..],
            [("Jane", Shape::Capital, Gap::Comma), ("A", Shape::Initial, Gap::Caret)]
        );
        assert_eq!(words("com.example.Foo").last().unwrap().1, Shape::Code);
        assert_eq!(words("name: \"Jane\"")[1], ("Jane", Shape::Capital, Gap::Label));
        assert_eq!(words("Jane's dog")[0].0, "Jane");
        assert!(words("abc123 4d5e").is_empty());
    }
}
