//! The one pass over the bytes: words, signs, and what they mean together.
//!
//! Numbers are in `number.rs`, what single words can bring about in `vocabulary.rs`.

use std::ops::Range;

use super::Needs;
use super::documents::Documents;
use super::vocabulary::{self, Memo, Word, bit};
use crate::phi::{
    canon, cues, rules,
    structure::{hidden, segments, sentence},
};

/// What a byte does here.
const PLAIN: u8 = 0;
const LETTER: u8 = 1;
const NUMBER: u8 = 2;
/// Has a case of its own in [`Walk::sign`].
const SIGN: u8 = 3;
/// Beyond what the gate can judge.
const CLOSED: u8 = 4;
/// Means nothing by itself, and may stand inside packed text.
const JOIN: u8 = 5;

static BYTES: [u8; 256] = {
    let mut table = [CLOSED; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => NUMBER,
            b'"' | b'\'' | b'`' | b'?' | b'&' | b';' | b'%' | b'/' | b'(' | b':' | b'-' | b'{' | b'<'
            | b'|' | b'$' | b',' | b'*' => SIGN,
            b'\\' | b'@' | b'^' | b'~' => CLOSED,
            b'+' | b'_' => JOIN,
            _ => PLAIN,
        };
        byte += 1;
    }
    table[b'\t' as usize] = PLAIN;
    table
};

/// No reference to a character is longer.
const ENTITY_BYTES_MAX: usize = 12;
/// Shortest token that could be packed text.
const PACKED_BYTES_MIN: usize = hidden::PACKED_BYTES_MIN;
/// Words between a cue and a name in small letters, with room to spare.
const CUE_WORDS_MAX: usize = 8;

/// What is known of a text beside its bytes.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Addresses of private networks count.
    pub(super) private_ips: bool,
    /// It speaks about a field of a person.
    pub(super) subject: bool,
}

pub(super) struct Walk<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) needs: Needs,
    /// What the words so far say together.
    pub(super) words: u32,
    /// Signs met: quotes, brackets and the like.
    pub(super) signs: u32,
    /// The word before.
    pub(super) last: Range<usize>,
    pub(super) last_word: Word,
    /// The token of letters and digits under way.
    pub(super) token: Range<usize>,
    pub(super) token_kinds: u8,
    /// The end, digits and groups of the numbers that stand together here.
    pub(super) chain_end: usize,
    pub(super) chain_digits: usize,
    pub(super) chain_groups: usize,
    pub(super) colon: (usize, usize),
    pub(super) dash: (usize, usize),
    /// The end of the last claim that nothing directly around it answers; 0 for none.
    pub(super) claim_end: usize,
    /// Where the run of bytes began that could be packed text.
    pub(super) run: usize,
    /// Words so far, and the last of them that makes a name of what stands beside it.
    pub(super) count: usize,
    pub(super) cue: usize,
    /// Where documents of JSON open inside the text.
    pub(super) documents: Documents,
}

pub(super) const LOWER: u8 = 1;
pub(super) const UPPER: u8 = 2;
pub(super) const DIGIT: u8 = 4;

mod sign {
    pub(super) const QUOTE: u32 = 1;
    pub(super) const PARAMETER: u32 = 2;
    pub(super) const STAMPED: u32 = 32;
    pub(super) const PAREN: u32 = 64;
    pub(super) const COMMA: u32 = 256;
    pub(super) const LABEL: u32 = 4;
}

/// Who has to look at this text, which is no JSON object and no markup; and the documents inside it that have to be clean
/// by themselves.
pub(super) fn needs(text: &str, asked: Asked, memo: &mut Memo) -> (Needs, Documents) {
    let private_ips = asked.private_ips;
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
        claim_end: 0,
        run: 0,
        count: 0,
        cue: usize::MAX,
        documents: Documents::default(),
    };
    let mut at = 0;
    while let Some(byte) = walk.bytes.get(at) {
        at = match BYTES[usize::from(*byte)] {
            PLAIN => {
                walk.close_run(at);
                at += 1;
                continue;
            }
            JOIN => {
                at += 1;
                continue;
            }
            LETTER => walk.word(at, memo),
            NUMBER => walk.number(at, private_ips),
            SIGN => {
                if *byte != b'-' {
                    walk.close_run(at);
                }
                walk.sign(at, *byte)
            }
            _ => return (Needs::ALL, walk.documents),
        };
        if walk.needs.has(Needs::ALL) {
            return (Needs::ALL, walk.documents);
        }
    }
    walk.close_token();
    walk.close_run(at);
    walk.together();
    // The reader of sentences knows what they say of the field; what is quoted or announced others read too.
    if asked.subject {
        walk.needs.add(Needs::SENTENCES);
        if walk.signs & (sign::QUOTE | sign::LABEL) != 0 || walk.words & bit::SPEAKS != 0 {
            walk.needs.add(Needs::ALL);
        }
    }
    (walk.needs, walk.documents)
}

impl Walk<'_> {
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |at| self.byte(at))
    }

    #[inline]
    pub(super) fn extend_token(&mut self, run: Range<usize>, inside: bool) {
        if inside {
            self.token.end = run.end;
        } else {
            self.close_token();
            self.token = run;
        }
    }

    /// A run of letters.
    #[inline]
    fn word(&mut self, start: usize, memo: &mut Memo) -> usize {
        let inside = self.token.end == start && start > 0;
        let run = vocabulary::short_run(self.bytes, start);
        if self.byte(start + run).is_ascii_digit() {
            if !inside {
                if let Some(end) = self.opaque(start) {
                    return end;
                }
            } else if self.token_kinds & (LOWER | UPPER) != 0
                && run < 8
                && self.bytes[start..start + run].iter().all(u8::is_ascii_lowercase)
            {
                // Deep in a token of letters and digits: it has parts on both sides.
                let end = start + run;
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
            && !self.is_noise(inside, end)
        {
            self.claim(self.last.start..end);
        }
        if word.bits & bit::ANY != 0 {
            self.marked(start, end, word, inside);
        }
        self.last = start..end;
        self.last_word = word;
        self.count += 1;
        match self.byte(end) {
            b'_' if !inside => self.minted(start, end).unwrap_or(end),
            _ => end,
        }
    }

    /// A name in small letters is one only near a cue before it.
    fn lower_name(&mut self) {
        if self.cue != usize::MAX && self.count - self.cue <= CUE_WORDS_MAX {
            self.needs.add(Needs::NAMES);
        }
    }

    /// A word of which something is known.
    fn marked(&mut self, start: usize, end: usize, word: Word, inside: bool) {
        let bits = word.bits;
        self.words |= bits;
        if bits & bit::LOWER_NAME != 0 {
            self.lower_name();
        }
        if bits & bit::CUE != 0 {
            self.cue = self.count;
        }
        if bits & bit::CLAIM != 0 && !self.is_noise(inside, end) {
            self.claim(start..end);
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
        self.slug(start, end, bits);
        if bits & bit::LIKELY != 0 && (before == b'_' || before == b'.' || next == b'.') {
            self.needs.add(Needs::NAMES);
        }
        if bits & bit::ASKS != 0 && self.ends_key(end) {
            self.words |= bit::ASKING;
        }
        if bits & bit::RARE != 0 {
            self.rare(start, end, before, next);
        }
        if bits & bit::LOWER == 0 {
            if matches!(next, b' ' | b'-') {
                self.capitals(end - start, end);
            } else if next == b'+' && end - start == 3 {
                // A segment of EDIFACT.
                self.needs.add(Needs::ALL);
            }
            self.numbered(start..end);
        }
    }

    /// Two names side by side in one path segment, or two capitalised words.
    fn slug(&mut self, start: usize, end: usize, bits: u32) {
        let joins = |byte: u8| matches!(byte, b'-' | b'_' | b'.' | b'+');
        let (before, last) = (self.before(start), self.last_word.bits);
        if bits & last & bit::NAMED != 0
            && (bits | last) & bit::LIKELY != 0
            && self.last.end + 1 == start
            && joins(before)
        {
            self.needs.add(Needs::SLUGS);
        }
        if bits & bit::CAPITAL != 0 && (joins(before) || joins(self.byte(end))) {
            self.needs.add(if self.words & bit::JOINED != 0 { Needs::SLUGS } else { Needs::NOBODY });
            self.words |= bit::JOINED;
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
            "some" if next == b'(' => self.needs.add(Needs::ALL),
            "at" if matches!(before, b'(' | b'[') => self.needs.add(Needs::SCAN),
            // `C/ Alfarería 33`
            "c" if next == b'/' => self.needs.add(Needs::SCAN),
            // `(first=Ebere, last=Onuigbo)`, `year: 1991 month: 11 day: 30`
            "first" | "last" | "year" if self.ends_key(end) => self.needs.add(Needs::PAIRS),
            "patient" | "patients" | "person" | "persons" | "people" | "member" | "members" | "chart"
            | "charts" | "residents" | "name" | "family" | "given" | "surname" | "search" | "find"
            | "lookup" | "subscriber" | "subscribers" | "enrollee" | "enrollees" | "beneficiary"
            | "beneficiaries" | "policy" | "policies"
                if matches!(next, b'/' | b'_') =>
            {
                self.needs.add(Needs::SLUGS);
            }
            "patient" | "patients" | "pt" | "pts" | "person" | "persons" | "people" | "member"
            | "members" | "subscriber" | "subscribers" | "resident" | "residents" | "client"
            | "guarantor" | "enrollee"
                if segments::opens_segment(self.bytes, end) =>
            {
                self.needs.add(Needs::SLUGS);
            }
            "image" if self.text[..start].ends_with("data:") => self.needs.add(Needs::SCAN),
            "m" if self.bytes[end..].starts_with(b". ") => self.needs.add(Needs::ROWS),
            "redacted" => self.needs.add(Needs::ALL),
            _ => {}
        }
        // `fourth of March`, `March fourth`
        if rules::dates::is_month(word.as_bytes()) && self.is_counted(start, end) {
            self.needs.add(Needs::SCAN);
        }
        // `4-Jul-61`
        if before == b'-'
            && next == b'-'
            && self.byte(end + 1).is_ascii_digit()
            && rules::dates::is_month(word.as_bytes())
        {
            self.needs.add(Needs::SCAN);
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
        let run = |from: usize| {
            let rest = self.bytes.get(from..).unwrap_or_default();
            rest.iter().take(8).take_while(|byte| byte.is_ascii_alphanumeric()).count()
        };
        let digits = self.bytes.get(from..).unwrap_or_default();
        let digits = digits.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        let found = match (len, digits) {
            (2, 2 | 5..=7) => true,
            // Eight more in two groups.
            (4, 1..=7) => {
                matches!(self.byte(from + digits), b' ' | b'-') && digits + run(from + digits + 1) == 8
            }
            _ => false,
        };
        self.needs.add(if found { Needs::SCAN } else { Needs::NOBODY });
    }

    /// Looks at a token that is over, if it holds both letters and digits.
    #[inline]
    pub(super) fn close_token(&mut self) {
        let kinds = std::mem::take(&mut self.token_kinds);
        if kinds & DIGIT != 0 && kinds & (LOWER | UPPER) != 0 {
            self.mixed_token(kinds);
        }
    }

    fn sign(&mut self, at: usize, byte: u8) -> usize {
        let next = self.byte(at + 1);
        match byte {
            b'"' => {
                self.sought(at, next);
                self.signs |= sign::QUOTE;
                if self.bytes[..at].ends_with(b"] ") {
                    self.signs |= sign::STAMPED;
                }
            }
            b'`' => {
                self.sought(at, next);
                self.join(at, next);
                self.signs |= sign::QUOTE;
            }
            b'\'' => {
                self.sought(at, next);
                self.join(at, next);
                // `mother's`
                if matches!(next, b's' | b'S') && self.before(at).is_ascii_alphabetic() {
                    self.needs.add(Needs::ALL);
                }
                self.signs |= sign::QUOTE;
            }
            b'?' => {
                // A word of a mail header: `=?utf-8?Q?…?=`.
                if self.before(at) == b'=' && next.is_ascii_alphabetic() {
                    self.needs.add(Needs::ALL);
                }
                self.signs |= sign::PARAMETER;
            }
            b'&' => {
                self.signs |= sign::PARAMETER;
                self.claim_end = 0;
                // A reference to a character.
                if self.bytes[at..].iter().take(ENTITY_BYTES_MAX).any(|byte| *byte == b';') {
                    self.needs.add(Needs::ALL);
                }
            }
            b';' => self.claim_end = 0,
            b'%' if next.is_ascii_hexdigit() && self.byte(at + 2).is_ascii_hexdigit()
                || matches!(next, b'u' | b'U') =>
            {
                self.needs.add(Needs::ALL)
            }
            b'(' => self.signs |= sign::PAREN,
            b',' => {
                self.signs |= if next == b' ' { sign::COMMA } else { 0 };
                // `quintanar, marisol`
                if next == b' '
                    && self.last.end == at
                    && self.last_word.bits & bit::LOWER_NAME != 0
                    && self.byte(at + 2).is_ascii_lowercase()
                {
                    self.needs.add(Needs::ROWS);
                }
            }
            b'{' => {
                // A document of its own inside the text.
                let inner = self.bytes[at + 1..].trim_ascii_start().first();
                if matches!(inner, Some(b'"' | b'}')) && (self.before(at) == b'[' || !self.documents.push(at))
                {
                    self.needs.add(Needs::ALL);
                }
            }
            // The separators of HL7 and X12.
            b'|' | b'*' => {
                let before = self.before(at);
                if before.is_ascii_uppercase() || before.is_ascii_digit() {
                    self.needs.add(Needs::ALL);
                }
            }
            // An element of markup inside the text.
            b'<' if next.is_ascii_alphabetic() => self.needs.add(Needs::ALL),
            b'$' if next == b'1' => self.needs.add(Needs::SENTENCES),
            b':' => {
                self.signs |= if next == b' ' { sign::LABEL } else { 0 };
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

    /// `patient 'zbigniewska'`: a word in small letters in quotes.
    #[inline]
    fn sought(&mut self, at: usize, next: u8) {
        if self.words & bit::SEEKS != 0
            && next.is_ascii_lowercase()
            && self.before(at) == b' '
            && self.last.end + 1 == at
        {
            self.needs.add(Needs::NAMES);
        }
    }

    /// A hyphen or apostrophe between letters makes one word of two, which may be listed as a name.
    fn join(&mut self, at: usize, next: u8) {
        if next.is_ascii_alphabetic() && self.before(at).is_ascii_alphabetic() {
            self.lower_name();
        }
    }

    /// What only the whole text can tell.
    fn together(&mut self) {
        let (words, signs) = (self.words, self.signs);
        if signs & sign::QUOTE != 0 && words & bit::SPEAKS != 0 {
            self.needs.add(Needs::SENTENCES);
        }
        if signs & sign::QUOTE != 0 && words & bit::ASKING != 0
            || signs & sign::PARAMETER != 0 && words & bit::LIKELY != 0
        {
            self.needs.add(Needs::PAIRS);
        }
        if words & bit::CLAIMED != 0 && words & bit::SPEAKS != 0 {
            self.needs.add(Needs::ALL);
        }
        if signs & sign::STAMPED != 0 {
            self.needs.add(Needs::ACCESS_LOG);
        }
        if signs & sign::COMMA != 0 && words & bit::RECORD != 0
            || signs & sign::PAREN != 0 && words & bit::DIFFERS != 0
        {
            self.needs.add(Needs::ROWS);
        }
    }

    /// A byte at `at` ends what could be packed text: does it unpack?
    #[inline]
    fn close_run(&mut self, at: usize) {
        let run = std::mem::replace(&mut self.run, at + 1)..at;
        if run.len() >= PACKED_BYTES_MIN
            && hidden::may_be_packed(&self.bytes[run.clone()])
            && canon::probe(&self.text[run], &mut |_| true)
        {
            self.needs.add(Needs::ALL);
        }
    }
}
