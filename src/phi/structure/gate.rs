//! The gate before all readers: one pass over a text that tells whether any of them could find something.
//!
//! Owns what lets a rule begin at all: words, each looked up once ([`vocabulary`]), the forms of numbers, and signs. A text that
//! nothing opens leaves with no further work; one that only a few readers could take an interest in is shown to
//! those. Findings are never made here. Invariant, tested against the readers: what the gate calls clean, they find nothing in.
//!
//! The argument: nearly all rules ask for a word of the vocabulary of claims (`cues`), so a text without one leaves only
//! the rules that need none. Each of those has its condition here, wider than its own.

use std::ops::Range;

use super::{Context, Reader, sentence};
use crate::phi::{Engine, Place, canon, cues, cues::KeyClass, names};

pub(super) mod json;
#[cfg(test)]
mod tests;
mod vocabulary;

use vocabulary::{Memo, Word, bit};

/// Who has to look at a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Needs(u8);

impl Needs {
    const NOBODY: Needs = Needs(0);
    /// The flat scan, names included.
    const SCAN: Needs = Needs(1);
    const NAMES: Needs = Needs(2);
    const SENTENCES: Needs = Needs(4);
    const PAIRS: Needs = Needs(8);
    const SLUGS: Needs = Needs(16);
    const ROWS: Needs = Needs(32);
    const ACCESS_LOG: Needs = Needs(64);
    /// Everybody: the gate cannot tell.
    const ALL: Needs = Needs(128);

    fn add(&mut self, more: Needs) {
        self.0 |= more.0;
    }

    fn has(self, what: Needs) -> bool {
        self.0 & what.0 != 0
    }
}

/// What a byte does here.
const PLAIN: u8 = 0;
const LETTER: u8 = 1;
const NUMBER: u8 = 2;
/// Has a case of its own in [`Walk::sign`].
const SIGN: u8 = 3;
/// Beyond what the gate can judge.
const CLOSED: u8 = 4;

static BYTES: [u8; 256] = {
    let mut table = [CLOSED; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => NUMBER,
            b'"' | b'\'' | b'`' | b'?' | b'&' | b';' | b'%' | b'/' | b'[' | b']' | b'(' | b':' | b'-'
            | b'{' | b'<' | b'|' | b'$' | b',' => SIGN,
            b'\\' | b'@' | b'^' | b'~' => CLOSED,
            _ => PLAIN,
        };
        byte += 1;
    }
    table[b'\t' as usize] = PLAIN;
    table
};

/// Digits that groups of a number without a cue have at least, and so has a number by itself.
const GROUPED_DIGITS_MIN: usize = 9;
const BARE_DIGITS_MIN: usize = 15;
/// Shortest token that could be packed text.
const PACKED_BYTES_MIN: usize = super::hidden::PACKED_BYTES_MIN;

struct Walk<'a> {
    text: &'a str,
    bytes: &'a [u8],
    needs: Needs,
    /// What the words so far say together.
    words: u32,
    /// Signs met: quotes, brackets and the like.
    signs: u32,
    /// The word before.
    last: Range<usize>,
    last_word: Word,
    /// The token of letters and digits under way.
    token: Range<usize>,
    token_kinds: u8,
    /// The end, digits and groups of the numbers that stand together here.
    chain_end: usize,
    chain_digits: usize,
    chain_groups: usize,
    colon: (usize, usize),
    dash: (usize, usize),
}

const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;

mod sign {
    pub(super) const QUOTE: u32 = 1;
    pub(super) const PARAMETER: u32 = 2;
    pub(super) const SEMICOLON: u32 = 4;
    pub(super) const AMPERSAND: u32 = 8;
    pub(super) const PATH: u32 = 16;
    pub(super) const BRACKET: u32 = 32;
    pub(super) const PAREN: u32 = 64;
    pub(super) const COMMA: u32 = 256;
}

impl Reader<'_> {
    /// Would reading this document find nothing? False only says that it has to be read.
    pub(super) fn passes(&mut self, text: &str, context: Context) -> bool {
        // What the request said, own rules and the field that a text speaks about are beyond the gate.
        let open = self.echo.is_none()
            && self.engine.custom.is_empty()
            && context.subject.is_none()
            && !matches!(context.hint, KeyClass::Phi(_));
        #[cfg(test)]
        let open = open && self.gated;
        open && self.clean_document(text, context.hint)
    }

    fn clean_document(&mut self, text: &str, hint: KeyClass) -> bool {
        match text.as_bytes().first() {
            None => true,
            Some(b'{') => json::is_clean(self, text, hint),
            Some(b'<') => false,
            Some(b' ' | b'\t') if text.trim_start().starts_with(['<', '{']) => false,
            Some(_) => self.clean_text(text, hint),
        }
    }

    fn clean_text(&mut self, text: &str, hint: KeyClass) -> bool {
        let private_ips = self.engine.settings().hide_private_ips;
        let needs = vocabulary::remembered(|memo| needs(text, private_ips, memo));
        needs == Needs::NOBODY || !needs.has(Needs::ALL) && self.nobody_finds(text, hint, needs)
    }

    /// Shows the text to those who might take an interest.
    #[cold]
    fn nobody_finds(&mut self, text: &str, hint: KeyClass, needs: Needs) -> bool {
        let mut found = Vec::new();
        // In an error, what was `received` is a finding of the scan too.
        let quoted = needs.has(Needs::SENTENCES) && self.place == Place::Error;
        if needs.has(Needs::SCAN) || quoted {
            self.findings.clear();
            self.engine.scan(text, self.place, hint, &mut self.findings);
            if !self.findings.is_empty() {
                return false;
            }
        } else if needs.has(Needs::NAMES) && self.engine.finds_name(text, self.place) {
            return false;
        }
        if needs.has(Needs::SENTENCES) {
            self.sentences(text, Context::of(hint), 1, &[], &mut found);
        }
        if needs.has(Needs::PAIRS) && found.is_empty() {
            self.pairs(text, Context::of(hint), 1, &[], &mut found);
        }
        if needs.has(Needs::SLUGS) && found.is_empty() {
            self.slugs(text, &mut found);
        }
        if needs.has(Needs::ACCESS_LOG) && found.is_empty() {
            self.access_log(text, &mut found);
        }
        if needs.has(Needs::ROWS) && found.is_empty() {
            self.rows(text, 0, &mut found);
        }
        found.is_empty()
    }
}

/// Who has to look at this text, which is no JSON object and no markup.
fn needs(text: &str, private_ips: bool, memo: &mut Memo) -> Needs {
    let mut walk = Walk {
        text,
        bytes: text.as_bytes(),
        needs: Needs::NOBODY,
        words: 0,
        signs: 0,
        last: 0..0,
        last_word: Word::NOTHING,
        token: 0..0,
        token_kinds: 0,
        chain_end: 0,
        chain_digits: 0,
        chain_groups: 0,
        colon: (usize::MAX, 0),
        dash: (usize::MAX, 0),
    };
    let mut at = 0;
    while let Some(byte) = walk.bytes.get(at) {
        at = match BYTES[usize::from(*byte)] {
            PLAIN => {
                at += 1;
                continue;
            }
            LETTER => walk.word(at, memo),
            NUMBER => walk.number(at, private_ips),
            SIGN => walk.sign(at, *byte),
            _ => return Needs::ALL,
        };
        if walk.needs.has(Needs::ALL) {
            return Needs::ALL;
        }
    }
    walk.close_token();
    walk.together();
    walk.needs
}

impl Walk<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |at| self.byte(at))
    }

    #[inline]
    fn extend_token(&mut self, run: Range<usize>, inside: bool) {
        if inside {
            self.token.end = run.end;
        } else {
            self.close_token();
            self.token = run;
        }
    }

    /// The end of a UUID that begins at `start`, if each of its groups has a digit: so none is a word.
    #[inline]
    fn uuid(&mut self, start: usize) -> Option<usize> {
        if self.byte(start + 13) != b'-' {
            return None;
        }
        let end = self.uuid_end(start)?;
        self.close_token();
        self.token = end..end;
        self.chain_groups = 0;
        Some(end)
    }

    fn uuid_end(&self, start: usize) -> Option<usize> {
        let uuid = self.bytes.get(start..start + 36)?;
        let shaped = uuid.iter().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        // `cf16` would be read as a word with a number.
        let opaque = |group: &[u8]| {
            let letters = group.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            letters == 0 || group[letters..].iter().any(u8::is_ascii_alphabetic)
        };
        let digits = uuid
            .split(|byte| *byte == b'-')
            .all(|group| opaque(group) && group.iter().any(u8::is_ascii_digit));
        let (before, next) = (self.before(start), self.byte(start + 36));
        let glued = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'.' | b'=' | b':')
        };
        let free = matches!(before, b'=' | b':') || !glued(before);
        (shaped && digits && free && !glued(next)).then_some(start + 36)
    }

    /// A run of letters.
    #[inline]
    fn word(&mut self, start: usize, memo: &mut Memo) -> usize {
        let inside = self.token.end == start && start > 0;
        if !inside
            && self.byte(start + 8) == b'-'
            && let Some(end) = self.uuid(start)
        {
            return end;
        }
        // Deep in a token of letters and digits a few small letters say nothing: it has parts on both sides.
        if inside && self.token_kinds & (LOWER | UPPER) != 0 {
            let end = start + vocabulary::short_run(self.bytes, start);
            if end < start + 4
                && self.byte(end).is_ascii_digit()
                && self.bytes[start..end].iter().all(u8::is_ascii_lowercase)
            {
                self.token.end = end;
                self.token_kinds |= LOWER;
                return end;
            }
        }
        let (end, word) = memo.word(self.text, start);
        self.extend_token(start..end, inside);
        self.token_kinds |= (word.bits & (bit::LOWER | bit::UPPER)) as u8;
        if word.behind.letters != 0
            && self.last.end > 0
            && word.behind.letters & cues::letter_bit(self.bytes[self.last.end - 1]) != 0
            && word.behind.follows(&self.text[self.last.clone()])
        {
            self.needs.add(Needs::ALL);
        }
        if word.bits & bit::ANY != 0 {
            self.marked(start, end, word, inside);
        }
        self.last = start..end;
        self.last_word = word;
        end
    }

    /// A word of which something is known.
    fn marked(&mut self, start: usize, end: usize, word: Word, inside: bool) {
        let bits = word.bits;
        self.words |= bits;
        if bits & bit::CLAIM != 0 {
            self.needs.add(Needs::ALL);
            return;
        }
        if bits & bit::SCAN != 0 {
            self.needs.add(Needs::SCAN);
        }
        if bits & bit::PHRASE != 0 && matches!(self.byte(end), b' ' | b':' | b'=') {
            let (value, other) = sentence::phrases_at(self.text, &self.text[start..end], end);
            self.words |= if value { bit::SPEAKS } else { 0 };
            self.needs.add(if other { Needs::SENTENCES } else { Needs::NOBODY });
        }
        let (before, next) = (self.before(start), self.byte(end));
        if bits & (bit::ELEMENT | bit::CAPITAL) != 0 && !inside {
            let joined =
                |byte: u8, beyond: u8| matches!(byte, b'-' | b'\'' | b'`') && beyond.is_ascii_alphanumeric();
            let joined =
                joined(before, self.before(start.saturating_sub(1))) || joined(next, self.byte(end + 1));
            let part = next == b'_' || before == b'_' || next.is_ascii_digit();
            if joined || bits & bit::ELEMENT != 0 && !part {
                self.needs.add(Needs::NAMES);
            }
        }
        if bits & bit::LIKELY != 0 {
            let joins = |byte: u8| matches!(byte, b'-' | b'_' | b'.' | b'+');
            if joins(before) || joins(next) {
                self.needs.add(Needs::SLUGS);
            }
            if before == b'_' {
                self.needs.add(Needs::NAMES);
            }
        }
        if bits & bit::ASKS != 0 && self.ends_key(end) {
            self.words |= bit::ASKING;
        }
        if bits & bit::RARE != 0 {
            self.rare(start, end, before, next);
        }
        if bits & bit::LOWER == 0 && matches!(next, b' ' | b'-') {
            self.capitals(end - start, end);
        }
    }

    /// Does a separator stand after what ends here, as after a key?
    fn ends_key(&self, end: usize) -> bool {
        let rest = &self.bytes[end..];
        let after = rest.iter().take(8).find(|byte| !matches!(byte, b' ' | b'"' | b'\'' | b'`' | b']'));
        after.is_some_and(|byte| matches!(byte, b'=' | b':' | b'!' | b'<' | b'>' | b'~' | b'+'))
            || rest.first().is_some_and(|byte| !byte.is_ascii_whitespace() && !b"\"'`],;)=:".contains(byte))
    }

    /// Words that matter in one place only.
    #[cold]
    fn rare(&mut self, start: usize, end: usize, before: u8, next: u8) {
        let word = &self.text[start..end];
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "at" if matches!(before, b'(' | b'[') => self.needs.add(Needs::SCAN),
            // `C/ Alfarería 33`
            "c" if next == b'/' => self.needs.add(Needs::SCAN),
            "image" if self.text[..start].ends_with("data:") => self.needs.add(Needs::SCAN),
            "m" if self.bytes[end..].starts_with(b". ") => self.needs.add(Needs::ROWS),
            "redacted" => self.needs.add(Needs::ALL),
            _ => {}
        }
        // `PID.5=`
        let segment = word.len() <= 3 && (matches!(next, b'.' | b'-') || next.is_ascii_digit());
        if segment && vocabulary::opens_segment(word) {
            self.needs.add(Needs::ALL);
        }
    }

    /// `AB 12 34 56 C`, `TREM 9051 1508`, `TX 78701`: capitals and a number.
    fn capitals(&mut self, len: usize, end: usize) {
        if !matches!(len, 2 | 4) {
            return;
        }
        let from = end + 1 + usize::from(self.byte(end + 1) == b' ');
        let digits =
            self.bytes[from.min(self.bytes.len())..].iter().take(8).take_while(|b| b.is_ascii_digit());
        match (len, digits.count()) {
            (2, 2 | 5..=7) => self.needs.add(Needs::SCAN),
            (4, 4)
                if matches!(self.byte(from + 4), b' ' | b'-')
                    && self.byte(from + 5).is_ascii_alphanumeric() =>
            {
                self.needs.add(Needs::SCAN);
            }
            _ => {}
        }
    }

    /// A run of digits.
    #[inline]
    fn number(&mut self, start: usize, private_ips: bool) -> usize {
        let inside = self.token.end == start && start > 0;
        if !inside
            && self.byte(start + 8) == b'-'
            && let Some(end) = self.uuid(start)
        {
            return end;
        }
        let mut end = start + 1;
        while self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        let len = end - start;
        let next = self.byte(end);
        self.extend_token(start..end, inside);
        self.token_kinds |= DIGIT;
        let whole = !inside && !next.is_ascii_alphabetic();
        if !whole {
            // `1984` in `12Mar1984`, `92` in `92yo`.
            if len == 4 && self.is_old_year(start)
                || matches!(len, 2 | 3) && !inside && self.is_old_age(start, len)
            {
                self.needs.add(Needs::SCAN);
            }
            // `123-45-6789A`
            if !inside && self.chain_groups >= 2 && start == self.chain_end + 1 {
                self.needs.add(Needs::SCAN);
            }
            self.chain_groups = 0;
            return end;
        }
        let before = self.before(start);
        if len == 4 {
            if self.is_old_year(start) {
                self.needs.add(Needs::SCAN);
            } else if let Some(day) = self.day(start, before) {
                // A day of our time: nothing reads it without a cue.
                self.token = day - 2..day;
                self.chain_groups = 0;
                return day;
            }
            if before == b'(' && &self.bytes[start..end] == b"0010" {
                self.needs.add(Needs::SENTENCES);
            }
        }
        if next == b'.'
            && len <= 3
            && let Some(after) = self.quad(start, before)
        {
            if private_ips || !self.is_private(start) || self.words & bit::FROM != 0 {
                self.needs.add(Needs::SCAN);
            }
            self.token = after..after;
            self.token_kinds = 0;
            self.chain_groups = 0;
            return after;
        }
        let foreign = before == b'+' || before == b'(' && start >= 2 && self.bytes[start - 2] == b'+';
        if len >= BARE_DIGITS_MIN
            || before == b'(' && next == b')'
            || foreign
                && self.bytes[start] != b'0'
                && (len >= 7 || matches!(next, b' ' | b'-' | b'.' | b')' | b'('))
        {
            self.needs.add(Needs::SCAN);
        }
        let gap = &self.bytes[self.chain_end.min(start)..start];
        if self.chain_groups > 0
            && gap.len() <= 3
            && gap.iter().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
        {
            self.chain_digits += len;
            self.chain_groups += 1;
            if self.chain_digits >= GROUPED_DIGITS_MIN {
                self.needs.add(Needs::SCAN);
            }
        } else {
            self.chain_digits = len;
            self.chain_groups = 1;
        }
        self.chain_end = end;
        // `Molenberglei 40, 2627 Schelle`
        if before == b' '
            && (2..=6).contains(&len)
            && self.bytes[..start].ends_with(b", ")
            && matches!(next, b' ' | b'-')
        {
            self.needs.add(Needs::SCAN);
        }
        // `220281-686U`
        if len == 6 && matches!(next, b'-' | b'+' | b'A') {
            self.needs.add(Needs::SCAN);
        }
        end
    }

    fn is_old_year(&self, start: usize) -> bool {
        let year = &self.bytes[start..start + 4];
        &year[..2] == b"19" || &year[..3] == b"200" && year[3] <= b'7'
    }

    fn is_old_age(&self, start: usize, len: usize) -> bool {
        self.bytes[start] == b'9' && len == 2 || self.bytes[start] == b'1' && len == 3
    }

    /// The end of `2026-11-21`, if a day after 2007 stands here by itself.
    fn day(&self, start: usize, before: u8) -> Option<usize> {
        let day = self.bytes.get(start..start + 10)?;
        let sep = day[4];
        let digits = [5, 6, 8, 9].iter().all(|at| day[*at].is_ascii_digit());
        let year = &day[..2] == b"20" && (day[2] > b'0' || day[3] > b'7');
        let alone = !matches!(before, b'-' | b'.' | b'/' | b'+' | b'_');
        let next = self.byte(start + 10);
        let goes_on = next.is_ascii_digit()
            || matches!(next, b'-' | b'/' | b'.') && self.byte(start + 11).is_ascii_digit();
        let shaped = matches!(sep, b'-' | b'/' | b'.') && day[7] == sep;
        (digits && year && alone && shaped && !goes_on).then_some(start + 10)
    }

    /// The end of four small numbers with dots between.
    fn quad(&self, start: usize, before: u8) -> Option<usize> {
        if matches!(before, b'.' | b'-' | b'_') {
            return None;
        }
        let mut at = start;
        for group in 0..4 {
            let digits = self.bytes[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
            if !(1..=3).contains(&digits) || digits > 1 && self.bytes[at] == b'0' {
                return None;
            }
            let over = digits == 3 && &self.bytes[at..at + 3] > b"255".as_slice();
            at += digits;
            if over || group < 3 && self.byte(at) != b'.' {
                return None;
            }
            at += usize::from(group < 3);
        }
        let next = self.byte(at);
        let goes_on = next.is_ascii_alphanumeric() || matches!(next, b'-' | b'+' | b'.' | b'_');
        (!goes_on).then_some(at)
    }

    /// Of an address: this host, or a private network.
    fn is_private(&self, start: usize) -> bool {
        let rest = &self.bytes[start..];
        rest.starts_with(b"127.")
            || rest.starts_with(b"10.")
            || rest.starts_with(b"192.168.")
            || rest.starts_with(b"0.")
    }

    /// Looks at a token that is over, if it holds both letters and digits.
    #[inline]
    fn close_token(&mut self) {
        let kinds = std::mem::take(&mut self.token_kinds);
        if kinds & DIGIT != 0 && kinds & (LOWER | UPPER) != 0 {
            self.mixed_token(kinds);
        }
    }

    fn mixed_token(&mut self, kinds: u8) {
        let token = &self.bytes[self.token.clone()];
        let len = token.len();
        let letters = |span: Range<usize>| token[span].iter().all(u8::is_ascii_alphabetic);
        let next = self.byte(self.token.end);
        let interesting = if kinds & LOWER == 0 {
            // Codes are written in capitals: `1EG4TE5MK73`, `LS6 3AB`, `DE61 …`.
            len >= 8
                || len <= 4
                    && matches!(next, b' ' | b'-' | b'+')
                    && self.byte(self.token.end + 1).is_ascii_alphanumeric()
        } else {
            len == 9 && letters(0..2) && token[2].is_ascii_digit()
                || len == 16 && letters(0..6)
                || len >= 16 && matches!(&token[..4], b"AKIA" | b"ASIA" | b"AIza")
                || token.starts_with(b"eyJ")
        };
        let image = len >= 2
            && (token.starts_with(b"9j") || token.starts_with(b"R0lGOD") || token.starts_with(b"iVBORw"));
        // A hexadecimal constant in capitals is none of these, but a hash may be long.
        if interesting || image {
            self.needs.add(Needs::SCAN);
        }
    }

    fn sign(&mut self, at: usize, byte: u8) -> usize {
        let next = self.byte(at + 1);
        match byte {
            b'"' => self.signs |= sign::QUOTE,
            b'`' => {
                self.join(at, next);
                self.signs |= sign::QUOTE;
            }
            b'\'' => {
                self.join(at, next);
                // `mother's`
                if matches!(next, b's' | b'S') && self.before(at).is_ascii_alphabetic() {
                    self.needs.add(Needs::ALL);
                }
                self.signs |= sign::QUOTE;
            }
            b'?' => self.signs |= sign::PARAMETER,
            b'&' => self.signs |= sign::PARAMETER | sign::AMPERSAND,
            b';' => self.signs |= sign::SEMICOLON,
            b'%' if next.is_ascii_hexdigit() && self.byte(at + 2).is_ascii_hexdigit()
                || matches!(next, b'u' | b'U') =>
            {
                self.needs.add(Needs::ALL)
            }
            b'/' => self.signs |= sign::PATH,
            b'[' => self.signs |= sign::BRACKET,
            b'(' => self.signs |= sign::PAREN,
            b',' => self.signs |= if next == b' ' { sign::COMMA } else { 0 },
            b'{' => {
                // A document of its own inside the text.
                let inner = self.bytes[at + 1..].trim_ascii_start().first();
                if matches!(inner, Some(b'"' | b'}')) {
                    self.needs.add(Needs::ALL);
                }
            }
            b'|' => {
                let before = self.before(at);
                if before.is_ascii_uppercase() || before.is_ascii_digit() {
                    self.needs.add(Needs::ALL);
                }
            }
            // An element of markup inside the text.
            b'<' if next.is_ascii_alphabetic() => self.needs.add(Needs::ALL),
            b'$' if next == b'1' => self.needs.add(Needs::SENTENCES),
            b':' => {
                // An address of six or eight groups, or one with a gap.
                let near = at.wrapping_sub(self.colon.0) <= 5;
                self.colon = (at, if near { self.colon.1 + 1 } else { 1 });
                if self.colon.1 >= 5 || next == b':' && self.before(at).is_ascii_hexdigit() {
                    self.needs.add(Needs::SCAN);
                }
            }
            b'-' => {
                self.join(at, next);
                let near = at.wrapping_sub(self.dash.0) == 3;
                self.dash = (at, if near { self.dash.1 + 1 } else { 1 });
                if self.dash.1 >= 5 {
                    self.needs.add(Needs::SCAN);
                }
            }
            _ => {}
        }
        at + 1
    }

    /// A hyphen or apostrophe between letters makes one word of two, which may be listed as a name.
    fn join(&mut self, at: usize, next: u8) {
        if next.is_ascii_alphabetic() && self.before(at).is_ascii_alphabetic() {
            self.words |= bit::LOWER_NAME;
        }
    }

    /// What only the whole text can tell.
    fn together(&mut self) {
        let (words, signs) = (self.words, self.signs);
        if words & bit::LOWER_NAME != 0 && words & bit::CUE != 0 {
            self.needs.add(Needs::NAMES);
        }
        if signs & sign::QUOTE != 0 && words & bit::SPEAKS != 0 {
            self.needs.add(Needs::SENTENCES);
        }
        if signs & sign::QUOTE != 0 && words & bit::ASKING != 0
            || signs & sign::PARAMETER != 0 && words & bit::LIKELY != 0
        {
            self.needs.add(Needs::PAIRS);
        }
        if signs & sign::AMPERSAND != 0 && signs & sign::SEMICOLON != 0 {
            self.needs.add(Needs::ALL);
        }
        if signs & sign::QUOTE != 0 && signs & sign::BRACKET != 0 {
            self.needs.add(Needs::ACCESS_LOG);
        }
        if signs & sign::COMMA != 0 && words & bit::RECORD != 0
            || signs & sign::PAREN != 0 && words & bit::DIFFERS != 0
        {
            self.needs.add(Needs::ROWS);
        }
        if self.bytes.len() >= PACKED_BYTES_MIN && self.is_packed() {
            self.needs.add(Needs::ALL);
        }
    }

    /// Does a token unpack to text?
    fn is_packed(&self) -> bool {
        let mut packed = false;
        super::hidden::packed_tokens(self.text, |token| {
            packed = canon::probe(&self.text[token], &mut |_| true);
            packed
        });
        packed
    }
}

impl Engine {
    /// Whether the text holds a name, if nothing is protected.
    fn finds_name(&self, text: &str, place: Place) -> bool {
        let settings = names::NameSettings { hide_providers: self.settings().hide_providers };
        let mut found = Vec::new();
        names::find(text, place, &settings, &[], &mut found);
        !found.is_empty()
    }
}
