//! The one pass over the bytes: words, signs, and what they mean together.
//!
//! Numbers are in `number.rs`, signs in `signs.rs`, what single words can bring about in `vocabulary.rs`.

use std::ops::Range;

use super::Needs;
use super::documents::Documents;
use super::signs::sign;
use super::vocabulary::{Memo, Run, Word, bit};
use crate::phi::{canon, cues, cues::Says, structure::hidden, work};

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
            | b'|' | b'$' | b',' | b'*' | b'~' | b'@' | b'[' => SIGN,
            b'\\' | b'^' => CLOSED,
            b'+' | b'_' => JOIN,
            _ => PLAIN,
        };
        byte += 1;
    }
    table[b'\t' as usize] = PLAIN;
    table
};

/// Words from one for a record to the end of the name behind it.
const RECORD_NEAR: u8 = 1 << 5;
/// Shortest token that could be packed text.
const PACKED_BYTES_MIN: usize = hidden::PACKED_BYTES_MIN;

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
    /// What the word before and the word under way mean for names, hyphens and apostrophes being parts of words.
    pub(super) word_before: u8,
    pub(super) word_here: u8,
    /// The end, digits and groups of the numbers that stand together here.
    pub(super) chain_end: usize,
    pub(super) chain_digits: usize,
    pub(super) chain_groups: usize,
    pub(super) chain_start: usize,
    /// Up to where such numbers are known to be nobody's by themselves.
    pub(super) chain_known: usize,
    pub(super) colon: (usize, usize),
    pub(super) dash: (usize, usize),
    /// The end of the last claim that nothing directly around it answers; 0 for none.
    pub(super) claim_end: usize,
    /// Where the run of bytes began that could be packed text.
    pub(super) run: usize,
    /// How many words may still follow the last one that makes a name of what stands beside it; 0 for none.
    pub(super) cue_reach: u8,
    /// What the last claim says.
    pub(super) claimed: Option<Says>,
    /// The ends of the last month and of the last word for a number; 0 for none.
    pub(super) month_end: usize,
    pub(super) counted_end: usize,
    /// Where a day with its time ends.
    pub(super) stamp_end: usize,
    /// A word for a record stands a few words back: a bit that moves with each word.
    pub(super) record_near: u8,
    /// The parameters of a URL have begun.
    pub(super) in_query: bool,
    /// A name stands between the last blank and here.
    pub(super) named_here: bool,
    /// Where documents of JSON open inside the text.
    pub(super) documents: Documents,
}

pub(super) const LOWER: u8 = 1;
pub(super) const UPPER: u8 = 2;
pub(super) const DIGIT: u8 = 4;

/// Who has to look at this text, which is no JSON object and no markup; and the documents inside it that have to be clean
/// by themselves.
pub(super) fn needs(text: &str, asked: Asked, memo: &mut Memo) -> (Needs, Documents) {
    work::add(text.len());
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
        word_before: 0,
        word_here: 0,
        chain_end: 0,
        chain_digits: 0,
        chain_groups: 0,
        chain_start: 0,
        chain_known: 0,
        colon: (usize::MAX, 0),
        dash: (usize::MAX, 0),
        claim_end: 0,
        run: 0,
        cue_reach: 0,
        claimed: None,
        record_near: 0,
        month_end: 0,
        counted_end: 0,
        stamp_end: 0,
        in_query: false,
        named_here: false,
        documents: Documents::default(),
    };
    let mut at = 0;
    while let Some(byte) = walk.bytes.get(at) {
        at = match BYTES[usize::from(*byte)] {
            PLAIN => {
                walk.close_run(at);
                if *byte == b' ' {
                    (walk.in_query, walk.named_here) = (false, false);
                }
                at += 1;
                continue;
            }
            JOIN => {
                at += 1;
                continue;
            }
            LETTER => walk.words(at, memo),
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
        work::add(1);
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

    /// Words from `start` on: those that mean nothing by themselves, a plain sign behind each, all at once, and the next one.
    #[inline]
    fn words(&mut self, start: usize, memo: &mut Memo) -> usize {
        let mut at = start;
        let mut run = Run::at(self.bytes, at);
        if self.run == start && (self.token.end != start || start == 0) {
            while let Some(end) = self.silent_word(at, &run, memo) {
                self.last_word = Word::SMALL;
                self.token = at..end;
                if BYTES[usize::from(self.bytes[end])] != PLAIN {
                    return end;
                }
                at = end + 1;
                self.run = at;
                run = Run::at(self.bytes, at);
                if run.len == 0 {
                    return at;
                }
            }
        }
        self.word(at, &run, memo)
    }

    /// The end of a word that means nothing here, before a sign. Does what [`Walk::word`] would, and that sign if it is a plain one.
    #[inline]
    fn silent_word(&mut self, start: usize, run: &Run, memo: &Memo) -> Option<usize> {
        let silent = memo.silent(run)?;
        let end = start + run.len;
        let sign = *self.bytes.get(end)?;
        match BYTES[usize::from(sign)] {
            PLAIN => {}
            SIGN if silent.bits == bit::LOWER && run.len > 2 => {}
            _ => return None,
        }
        if silent.pairs != 0 && cues::may_follow(silent.pairs, &self.bytes[self.last.clone()]) {
            return None;
        }
        if silent.bits & (bit::NAMED | bit::CAPITAL) != 0 {
            // What it is joined to counts; so do capitals before a number.
            let before = self.before(start);
            let joined = sign == b'.' || matches!(before, b'.' | b'/' | b'\'' | b'`');
            let short = silent.bits & bit::LOWER == 0 && run.len <= 5;
            if joined || short && (run.len == 1 || run.len == 2 && sign != b' ') {
                return None;
            }
            if short && sign == b' ' {
                self.capitals(run.len, end);
            }
        }
        self.close_token();
        if self.cue_reach != 0 || self.word_before | self.word_here != 0 {
            self.next_word(start);
        }
        if silent.bits & bit::CAPITAL != 0 {
            self.capital(start, end);
        }
        self.last = start..end;
        self.record_near >>= 1;
        if sign == b' ' {
            (self.in_query, self.named_here) = (false, false);
        }
        Some(end)
    }

    /// A run of letters.
    #[inline]
    fn word(&mut self, start: usize, run: &Run, memo: &mut Memo) -> usize {
        let inside = self.token.end == start && start > 0;
        let end = start + run.len;
        if run.len == 2
            && !inside
            && self.byte(start + 2) == b'-'
            && let Some(end) = self.host(start)
        {
            return end;
        }
        if run.len <= 8 && self.byte(end).is_ascii_digit() {
            if !inside {
                if let Some(end) = self.opaque(start) {
                    return end;
                }
            } else if self.token_kinds & (LOWER | UPPER) != 0
                && run.len < 8
                && self.bytes[start..end].iter().all(u8::is_ascii_lowercase)
            {
                // Deep in a token of letters and digits: it has parts on both sides.
                self.token.end = end;
                self.token_kinds |= LOWER;
                return end;
            }
        }
        let word = memo.word(self.text, start, run);
        self.extend_token(start..end, inside);
        self.token_kinds |= (word.bits & (bit::LOWER | bit::UPPER)) as u8;
        if word.behind.pairs != 0
            && cues::may_follow(word.behind.pairs, &self.bytes[self.last.clone()])
            && word.behind.follows(&self.text[self.last.clone()])
            && !self.is_noise(inside, end)
        {
            self.claim(self.last.start..end);
        }
        if self.cue_reach != 0 || self.word_before | self.word_here != 0 {
            self.next_word(start);
        }
        if word.bits & bit::ANY != 0 {
            self.marked(start, end, word, inside);
        }
        self.last = start..end;
        self.last_word = word;
        self.record_near = self.record_near >> 1 | if word.bits & bit::RECORD != 0 { RECORD_NEAR } else { 0 };
        match self.byte(end) {
            b'_' if !inside => self.minted(start, end).unwrap_or(end),
            _ => end,
        }
    }

    /// Does a separator stand after what ends here, as after a key?
    pub(super) fn ends_key(&self, end: usize) -> bool {
        // Digits may stand behind it; behind those other letters end the key.
        let digits = self.bytes[end..].iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        let end = end + digits;
        if digits > 0 && self.byte(end).is_ascii_alphabetic() {
            return false;
        }
        let rest = &self.bytes[end..];
        let after = rest.iter().take(8).find(|byte| !matches!(byte, b' ' | b'"' | b'\'' | b'`' | b']'));
        after.is_some_and(|byte| matches!(byte, b'=' | b':' | b'!' | b'<' | b'>' | b'~' | b'+'))
            || rest.first().is_some_and(|byte| !byte.is_ascii_whitespace() && !b"\"'`],;)=:".contains(byte))
    }

    /// Looks at a token that is over, if it holds both letters and digits.
    #[inline]
    pub(super) fn close_token(&mut self) {
        let kinds = std::mem::take(&mut self.token_kinds);
        if kinds & DIGIT != 0 && kinds & (LOWER | UPPER) != 0 {
            self.mixed_token(kinds);
        }
    }

    /// What only the whole text can tell.
    fn together(&mut self) {
        let (words, signs) = (self.words, self.signs);
        if signs & sign::QUOTE != 0 && words & bit::SPEAKS != 0 {
            self.needs.add(Needs::SENTENCES);
        }
        if signs & sign::QUOTE != 0 && words & bit::ASKING != 0 {
            self.needs.add(Needs::PAIRS);
        }
        // Two capitalised words are somebody's in the name of a file.
        if words & bit::FILE != 0 && words & bit::JOINED_TWICE != 0 {
            self.needs.add(Needs::SLUGS);
        }
        let closes = || [b"</", b"/>"].iter().any(|end| memchr::memmem::find(self.bytes, *end).is_some());
        if signs & sign::ANGLE != 0 && closes() {
            self.needs.add(Needs::ALL);
        }
        // What is said of a field may end in its value; what it was quotes the scan reads too.
        if words & bit::CLAIMED != 0 && words & bit::SPEAKS != 0 {
            self.needs.add(if signs & sign::QUOTE == 0 { Needs::SENTENCES } else { Needs::ALL });
        }
        // Two slugs that need a path or the name of a file around them.
        if words & bit::NAMED_TWICE != 0 && (signs & sign::SLASH != 0 || words & bit::FILE != 0) {
            self.needs.add(Needs::SLUGS);
        }
        if signs & sign::STAMPED != 0 && self.is_access_log() {
            self.needs.add(Needs::ACCESS_LOG);
        }
        if words & bit::DIFFERS != 0 {
            self.needs.add(Needs::ROWS);
        }
    }

    /// A byte at `at` ends what could be packed text.
    #[inline(always)]
    fn close_run(&mut self, at: usize) {
        let run = std::mem::replace(&mut self.run, at + 1)..at;
        if run.len() >= PACKED_BYTES_MIN {
            self.unpack(run);
        }
    }

    /// Does a run of bytes unpack to a text?
    #[cold]
    fn unpack(&mut self, run: Range<usize>) {
        if hidden::may_be_packed(&self.bytes[run.clone()]) && canon::probe(&self.text[run], &mut |_| true) {
            self.needs.add(Needs::ALL);
        }
    }
}
