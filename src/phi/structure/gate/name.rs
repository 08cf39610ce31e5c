//! What single words bring about: readers of names, of phrases, of path segments.
//!
//! Owns when words could be somebody's name. A capitalised word needs one beside it that is a part of a name too or says
//! something of persons; a word in small letters needs a cue before it with nothing but names between.

use super::Needs;
use super::vocabulary::{Word, bit};
use super::walk::Walk;
use crate::phi::names;
use crate::phi::structure::sentence;

/// Words between a cue and the end of a name in small letters, with room to spare.
const CUE_WORDS_MAX: u8 = 8;
/// What stands between two words of one name is no longer.
const GAP_BYTES_MAX: usize = 24;

/// What a word means for a name beside it.
mod role {
    /// Can be a part of a name itself.
    pub(super) const ELEMENT: u8 = 1;
    /// Says something of one: a cue, or an initial.
    pub(super) const SPEAKS: u8 = 2;
    /// Capitals in no list: a name beside a word that is listed.
    pub(super) const CAPITALS: u8 = 4;
    /// Two or three capitals that are listed: a name beside others of its kind.
    pub(super) const SHORT: u8 = 8;
    /// One of two words joined: a name beside any capitalised word, as `Park` is behind `Hyun-woo`.
    pub(super) const JOINED: u8 = 16;
    pub(super) const CAPITAL: u8 = 32;
}

impl Walk<'_> {
    /// Another word begins: what was said of those before it.
    pub(super) fn next_word(&mut self, start: usize) {
        let gap = &self.bytes[self.last.end.min(start)..start];
        // A hyphen or apostrophe makes one word of two.
        if matches!(gap, b"-" | b"'" | b"`") {
            return;
        }
        let near = gap.len() <= GAP_BYTES_MAX;
        (self.word_before, self.word_here) = (if near { self.word_here } else { 0 }, 0);
        // A label may stand right behind the cue, and nothing but blanks and full stops further on.
        let joins = |byte: &u8| !byte.is_ascii_alphanumeric();
        let chained = match self.cue_reach {
            CUE_WORDS_MAX => gap.len() <= 8 && gap.iter().all(joins),
            _ => matches!(gap, b" " | b". " | b"  " | b"." | b", " | b"+"),
        };
        self.cue_reach = if chained { self.cue_reach.saturating_sub(1) } else { 0 };
    }

    /// Does the comma at `at` stand beside a word for somebody who is spoken to: `Amara, your results are ready`, `Time for your
    /// refill, Isla`?
    pub(super) fn addresses(&self, at: usize) -> bool {
        const CLAUSE_BYTES_MAX: usize = 48;
        let rest = &self.bytes[at + 2..];
        let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte >= 0x80;
        if names::speaks_to(rest) {
            return self.last.end == at
                && self.bytes.get(self.last.start).is_some_and(|byte| is_capital(*byte))
                || at > 0 && self.bytes[at - 1] >= 0x80;
        }
        let clause = &self.bytes[at.saturating_sub(CLAUSE_BYTES_MAX)..at];
        rest.first().is_some_and(|byte| is_capital(*byte))
            && (memchr::memmem::find(clause, b" you").is_some() || names::closes_letter(&self.text[..at + 1]))
    }

    /// Could a credential stand behind the word that ends at `end`?
    fn announces_key(&self, end: usize) -> bool {
        let key = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.~+/=%".contains(byte);
        let behind = self.bytes.get(end + 1..).unwrap_or_default();
        let len = behind.iter().take(4096).take_while(key).count();
        // Small letters are a word; a credential is told by others, or by how it is packed.
        let plain = |byte: &u8| byte.is_ascii_lowercase();
        matches!(self.byte(end), b' ' | b'+' | b'%') && len >= 8 && !behind[..len].iter().all(plain)
    }

    /// A name in small letters is one only near a cue before it.
    fn lower_name(&mut self) {
        if self.cue_reach != 0 {
            self.needs.add(Needs::NAMES);
        }
    }

    /// Could a capitalised name begin, go on or end here?
    fn name(&mut self, start: usize, end: usize, bits: u32) {
        let (before, next) = (self.before(start), self.byte(end));
        let joins =
            |byte: u8, beyond: u8| matches!(byte, b'-' | b'\'' | b'`') && beyond.is_ascii_alphanumeric();
        let behind = joins(before, self.before(start.saturating_sub(1)));
        let joined = behind || joins(next, self.byte(end + 1));
        let part = next == b'_' || before == b'_' || next.is_ascii_digit();
        let element =
            joined && bits & (bit::ELEMENT | bit::CAPITAL) != 0 || bits & bit::ELEMENT != 0 && !part;
        let initial = end - start == 1 && bits & bit::UPPER != 0;
        // `ORDER BY updated_at`: a cue, and no name beside another.
        let of_query = || {
            end - start == 2
                && [b"ORDER BY", b"GROUP BY"].iter().any(|words| self.bytes[..end].ends_with(&words[..]))
        };
        if element && !of_query() {
            let capitals = bits & bit::LOWER == 0 && !joined;
            self.word_here |= match bits & bit::NAMED != 0 {
                false if capitals => role::CAPITALS,
                true if capitals && end - start < 4 => role::SHORT,
                _ => role::ELEMENT,
            };
        }
        if bits & bit::ANY_CUE != 0 || initial {
            self.word_here |= role::SPEAKS;
        }
        self.word_here |= if joined && bits & bit::ELEMENT != 0 { role::JOINED } else { 0 };
        self.word_here |= if bits & bit::CAPITAL != 0 { role::CAPITAL } else { 0 };
        let (one, two) = (self.word_before, self.word_here);
        let both = one | two;
        let short = |a: u8, b: u8| a & role::SHORT != 0 && b & (role::SHORT | role::SPEAKS) != 0;
        // `OYELARAN, MIA`: capitals in no list before a short name.
        let turned = one & role::CAPITALS != 0
            && two & role::SHORT != 0
            && self.bytes.get(self.last.end..start) == Some(b", ");
        // `family name WARRINGAH`: capitals in no list behind the name of their field.
        let labelled = two & role::CAPITALS != 0
            && self.bytes.get(self.last.end..start) == Some(b" ")
            && self.bytes[..self.last.end]
                .last_chunk()
                .is_some_and(|last: &[u8; 4]| last.eq_ignore_ascii_case(b"name"));
        let listed = |a: u8, b: u8| a & role::JOINED != 0 && b & role::CAPITAL != 0;
        let speaking = !role::CAPITAL;
        let beside = one & speaking != 0 && two & speaking != 0 && both & role::ELEMENT != 0
            || listed(one, two)
            || listed(two, one)
            || turned
            || labelled
            || self.is_family(start, end)
            || short(one, two)
            || short(two, one);
        // `nee WYNDHAM`: nothing but a name follows.
        let nee = bits & bit::ANY_CUE != 0 && self.text[start..end].eq_ignore_ascii_case("nee");
        // `TREGENZA L admitted`, `TREGENZA L: admitted`
        let initialled = initial && one & role::CAPITALS != 0 && names::is_said_of_person(&self.text[end..]);
        // `Winthrop-Fields`: two family names in one word.
        let last = self.last_word.bits;
        let double = behind
            && before == b'-'
            && self.last.end + 1 == start
            && bits & last & bit::CAPITAL != 0
            && (bits | last) & bit::LIKELY != 0;
        // `OKAFOR/NGOZI`
        let slashed = before == b'/'
            && self.last.end + 1 == start
            && bits & last & bit::NAMED != 0
            && ((bits | last) & bit::LOWER == 0
                || next == b'/' && matches!(self.byte(end + 1), b'F' | b'M' | b'U'));
        if beside || double || nee || initialled || slashed {
            self.needs.add(Needs::NAMES);
        }
    }

    /// `Grace Fields`, `Maria Ward`: behind a part of a name, a word of our trade that families are called too.
    fn is_family(&self, start: usize, end: usize) -> bool {
        self.word_before & role::ELEMENT != 0
            && self.bytes[start].is_ascii_uppercase()
            && names::is_family_and_word(&self.text[start..end])
    }

    /// A capitalised word of which nothing else is known: a name only behind two joined words.
    pub(super) fn capital(&mut self, start: usize, end: usize) {
        self.word_here |= role::CAPITAL;
        if self.word_before & role::JOINED != 0 || self.is_family(start, end) {
            self.needs.add(Needs::NAMES);
        }
    }

    /// A word of which something is known.
    pub(super) fn marked(&mut self, start: usize, end: usize, word: Word, inside: bool) {
        let bits = word.bits;
        self.words |= bits;
        if bits & bit::LOWER_NAME != 0 {
            self.lower_name();
        }
        if bits & bit::CUE != 0 {
            self.cue_reach = CUE_WORDS_MAX;
        }
        if bits & bit::CLAIM != 0 && !self.is_noise(inside, end) {
            self.claim(start..end);
        }
        if bits & bit::SCAN != 0 || bits & bit::SCHEME != 0 && self.announces_key(end) {
            self.needs.add(Needs::SCAN);
        }
        // `(KHTML, like Gecko)`, as every browser says, compares nothing.
        let phrase = bits & bit::PHRASE != 0 && matches!(self.byte(end), b' ' | b':' | b'=');
        let browser =
            || self.bytes[..start].ends_with(b"(KHTML, ") && self.bytes[end..].starts_with(b" Gecko");
        if phrase && !browser() {
            let (value, other) = sentence::phrases_at(self.text, &self.text[start..end], end);
            self.words |= if value { bit::SPEAKS } else { 0 };
            self.needs.add(if other { Needs::SENTENCES } else { Needs::NOBODY });
        }
        let (before, next) = (self.before(start), self.byte(end));
        if !inside {
            self.name(start, end, bits);
        }
        if bits & bit::FILE_TYPE != 0 && before == b'.' {
            self.words |= bit::FILE;
            // `"Maria Garcia.pdf"`
            let title = self.last.end + 1 == start && self.follows_capital();
            self.needs.add(if title { Needs::SLUGS } else { Needs::NOBODY });
        }
        self.slug(start, end, bits);
        // `pt_jane_doe`; `user jane.doe`
        let dotted = (before == b'.' || next == b'.') && self.words & bit::ANY_CUE != 0;
        if bits & bit::LIKELY != 0 && (before == b'_' || dotted) {
            self.needs.add(Needs::NAMES);
        }
        if bits & bit::LIKELY != 0 {
            self.named_here = true;
            self.needs.add(if self.in_query { Needs::PAIRS } else { Needs::NOBODY });
        }
        // `hpi`, whose end a single letter is, is written in one.
        let whole = end - start > 1 || self.bytes[start] | 0x20 == b'q' || !matches!(before, 0 | b' ');
        if bits & bit::ASKS != 0 && whole && self.ends_key(end) {
            self.words |= bit::ASKING;
        }
        if bits & (bit::MONTH | bit::COUNTS) != 0 {
            self.dated(start, end, bits);
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
            self.words |= bit::NAMED_TWICE;
        }
        if bits & bit::CAPITAL != 0 && (joins(before) || joins(self.byte(end))) {
            self.words |= if self.words & bit::JOINED != 0 { bit::JOINED_TWICE } else { bit::JOINED };
        }
    }

    /// `patient 'zbigniewska'`, `KeyError: 'Okonjo'`: a word in quotes.
    #[inline]
    pub(super) fn sought(&mut self, at: usize, next: u8) {
        if next.is_ascii_uppercase() && names::is_missing_key(self.text, at + 1) {
            self.needs.add(Needs::NAMES);
        }
        if self.words & bit::SEEKS != 0
            && next.is_ascii_lowercase()
            && self.before(at) == b' '
            && self.last.end + 1 == at
        {
            self.needs.add(Needs::NAMES);
        }
    }

    /// Is the word before capitalised, and so is another behind a blank before it?
    fn follows_capital(&self) -> bool {
        const WORD_BYTES_MAX: usize = 40;
        let start = self.last.start;
        let joins = |byte: &&u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'\'');
        let head = self.bytes[..start].strip_suffix(b" ").unwrap_or_default();
        let len = head.iter().rev().take(WORD_BYTES_MAX).take_while(joins).count();
        let first = head[head.len() - len..].iter().find(|byte| **byte != b'\'');
        len > 1 && first.is_some_and(u8::is_ascii_uppercase) && self.bytes[start].is_ascii_uppercase()
    }

    /// A hyphen or apostrophe between letters makes one word of two, which may be listed as a name.
    pub(super) fn join(&mut self, at: usize, next: u8) {
        if next.is_ascii_alphabetic() && self.before(at).is_ascii_alphabetic() {
            self.lower_name();
        }
    }
}
