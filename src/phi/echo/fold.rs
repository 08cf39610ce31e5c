//! Folding: what stays of a text when case, diacritics and separators do not count.
//!
//! Folded text is lower-case letters and digits with nothing between them, each with the place it came from, so that
//! one search finds `Quintanar-Abbott`, `QUINTANAR^ABBOTT` and `quintanar abbott` alike. Where words begin and end is
//! asked of the raw text afterwards.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::phi::structure::words;

pub(super) struct Folded {
    pub(super) text: Vec<u8>,
    /// For each folded byte, where its character begins in the raw text.
    at: Vec<u32>,
}

pub(super) fn fold(text: &str) -> Folded {
    let mut folded = Folded { text: Vec::with_capacity(text.len()), at: Vec::with_capacity(text.len()) };
    if text.is_ascii() {
        for (at, byte) in text.bytes().enumerate() {
            if byte.is_ascii_alphanumeric() {
                folded.text.push(byte.to_ascii_lowercase());
                folded.at.push(at as u32);
            }
        }
        return folded;
    }
    let mut utf8 = [0; 4];
    for (at, letter) in text.char_indices() {
        if letter.is_ascii_alphanumeric() {
            folded.text.push(letter.to_ascii_lowercase() as u8);
            folded.at.push(at as u32);
            continue;
        }
        if letter.is_ascii() {
            continue;
        }
        let plain = match letter {
            'ß' => "ss",
            'ø' | 'Ø' => "o",
            'æ' | 'Æ' => "ae",
            'œ' | 'Œ' => "oe",
            'đ' | 'Đ' | 'ð' | 'Ð' => "d",
            'ł' | 'Ł' => "l",
            'ı' => "i",
            'þ' | 'Þ' => "th",
            _ => "",
        };
        for byte in plain.bytes() {
            folded.text.push(byte);
            folded.at.push(at as u32);
        }
        if !plain.is_empty() {
            continue;
        }
        for part in
            std::iter::once(letter).nfkd().filter(|part| !is_combining_mark(*part) && part.is_alphanumeric())
        {
            for lower in part.to_lowercase() {
                for byte in lower.encode_utf8(&mut utf8).bytes() {
                    folded.text.push(byte);
                    folded.at.push(at as u32);
                }
            }
        }
    }
    folded
}

pub(super) fn is_mark(letter: char) -> bool {
    is_combining_mark(letter)
}

impl Folded {
    /// The raw bytes that folded bytes `from..to` came from, trailing combining marks included.
    pub(super) fn raw(&self, text: &str, from: usize, to: usize) -> Range<usize> {
        let start = self.at[from] as usize;
        let mut end = self.end_of(text, to - 1);
        for mark in text[end..].chars().take_while(|mark| is_combining_mark(*mark)).take(8) {
            end += mark.len_utf8();
        }
        start..end
    }

    fn end_of(&self, text: &str, index: usize) -> usize {
        let at = self.at[index] as usize;
        at + text[at..].chars().next().map_or(0, char::len_utf8)
    }

    /// A word begins at folded byte `index`: after a separator, at a hump of camel case, where digits meet letters,
    /// and anywhere in a script without spaces.
    pub(super) fn begins_word(&self, text: &str, index: usize) -> bool {
        let at = self.at[index] as usize;
        let here = text[at..].chars().next();
        match (text[..at].chars().next_back(), here) {
            (None, _) | (_, None) => true,
            (Some(before), Some(here)) => breaks(before, here),
        }
    }

    pub(super) fn ends_word(&self, text: &str, index: usize) -> bool {
        let end = self.end_of(text, index - 1);
        let last = text[..end].chars().next_back();
        match (last, text[end..].chars().find(|c| !is_combining_mark(*c))) {
            (_, None) | (None, _) => true,
            (Some(last), Some(after)) => breaks(last, after),
        }
    }

    /// Digits directly before folded byte `index`.
    pub(super) fn digits_before(&self, index: usize) -> usize {
        self.text[..index].iter().rev().take(8).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// No two neighbours within `from..to` stand further apart than `gap` bytes of separators.
    pub(super) fn gaps_at_most(&self, from: usize, to: usize, gap: usize) -> bool {
        self.at[from..to].windows(2).all(|pair| (pair[1] - pair[0]) as usize <= gap + 4)
    }
}

fn breaks(before: char, after: char) -> bool {
    if !before.is_alphanumeric() || !after.is_alphanumeric() {
        return true;
    }
    before.is_numeric() != after.is_numeric()
        || before.is_lowercase() && after.is_uppercase()
        || !(before.is_ascii() || before.is_lowercase() || before.is_uppercase())
        || !(after.is_ascii() || after.is_lowercase() || after.is_uppercase())
}

/// One run of words that is worth finding alone.
pub(super) struct Run {
    pub(super) hash: u64,
    pub(super) span: Range<usize>,
}

/// Words of free text looked at.
const WORDS_MAX: usize = 16 * 1024;

/// Every run of three words of twelve letters and more, and of two words that are both rare.
pub(super) fn runs(text: &str, folded: &Folded) -> Vec<Run> {
    struct Word {
        hash: u64,
        len: usize,
        common: bool,
        span: Range<usize>,
    }
    let mut list: Vec<Word> = Vec::new();
    let mut from = 0;
    while from < folded.text.len() && list.len() < WORDS_MAX {
        let mut to = from + 1;
        while to < folded.text.len() && adjacent(text, folded, to) {
            to += 1;
        }
        let span = folded.raw(text, from, to);
        let word = &folded.text[from..to];
        let common = std::str::from_utf8(word).is_ok_and(words::is_common) || word.len() <= 2;
        list.push(Word { hash: hash(word), len: to - from, common, span });
        from = to;
    }
    let mut runs = Vec::new();
    for (at, first) in list.iter().enumerate() {
        if let [second, third] = list.get(at + 1..at + 3).unwrap_or_default()
            && first.len + second.len + third.len >= 12
            && !(first.common && second.common && third.common)
        {
            let hash = mix(mix(first.hash, second.hash), third.hash);
            runs.push(Run { hash, span: first.span.start..third.span.end });
        }
        if let Some(second) = list.get(at + 1)
            && !first.common
            && !second.common
            && first.len >= 4
            && second.len >= 4
            && first.len + second.len >= 11
        {
            runs.push(Run { hash: mix(first.hash, second.hash), span: first.span.start..second.span.end });
        }
    }
    runs
}

/// Folded byte `index` belongs to the same word as the one before it.
fn adjacent(text: &str, folded: &Folded, index: usize) -> bool {
    let (before, at) = (folded.at[index - 1] as usize, folded.at[index] as usize);
    before == at || text[before..at].chars().skip(1).all(is_combining_mark)
}

fn hash(word: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut fnv = words::Fnv::default();
    fnv.write(word);
    fnv.finish()
}

fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Capitalised words inside sentences: likely names.
pub(super) fn capitalised(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'')
        .filter(|word| {
            let mut letters = word.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
        })
        .take(256)
}

/// The parts of a match that runs over the quotes between two strings: `'Friederike', 'von Thun'`.
pub(super) fn strings(text: &str, span: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let raw = &text[span.clone()];
    let (mut at, mut done) = (span.start, false);
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let rest = &text[at..span.end];
        let gap = ["', '", "','", "\", \"", "\",\""]
            .iter()
            .filter_map(|gap| Some((rest.find(gap)?, gap.len())))
            .min()
            .filter(|_| raw.contains(','));
        let start = at;
        done = gap.is_none();
        let (len, width) = gap.unwrap_or((rest.len(), 0));
        at += len + width;
        Some(start..start + len)
    })
}

/// A found name together with initials beside it: `M. Quintanar`, `Quintanar, M.`.
pub(super) fn with_initials(text: &str, span: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = span;
    let before = &text.as_bytes()[..start];
    if let [.., initial, b'.', b' '] = before
        && initial.is_ascii_uppercase()
        && before.iter().rev().nth(3).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    {
        start -= 3;
    }
    let after = &text.as_bytes()[end..];
    let skip = match after {
        [b',', b' ', ..] => 2,
        [b' ', ..] | [b'^', ..] => 1,
        _ => 0,
    };
    if skip > 0
        && let [initial, rest @ ..] = &after[skip..]
        && initial.is_ascii_uppercase()
        && rest.first() == Some(&b'.')
    {
        end += skip + 2;
    }
    start..end
}
