//! Flat text scan: one walk over the bytes makes tokens, a second over the tokens proposes candidates.
//!
//! Owns tokens, the context of a candidate (the cue words around it), the order of the rules, and the merging of
//! findings. The shapes themselves are in `rules/*`. Invariants: findings come out sorted and non-overlapping, on
//! character boundaries; every look around a token is bounded, so the whole is linear. There is no gate
//! to miss anything: plain words cost a look at the byte after them.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::class::{Class, Confidence, Finding, Place};
use super::cues::{self, Cue, KeyClass, Says};
use super::engine::Engine;
use super::names::{self, NameSettings};
use super::protect;
use super::rules::{self, Rule, codes, contact, dates, keyed, network, numbers, secrets};
use super::settings::RegionSet;

impl Engine {
    /// Finds what identifies a person in `text`. `hint` is the class of the key that holds it. Findings are appended
    /// to `out`, sorted, non-overlapping, with spans into `text`.
    pub fn scan(&self, text: &str, place: Place, hint: KeyClass, out: &mut Vec<Finding>) {
        if text.is_empty() || u32::try_from(text.len()).is_err() {
            return;
        }
        let first = out.len();
        // A key of a class that does not count says nothing; the value may still hold another.
        let hint = match hint {
            KeyClass::Phi(class) if !self.settings.at(place).counts(class, Confidence::High) => {
                KeyClass::Unknown
            }
            hint => hint,
        };
        if let KeyClass::Phi(class) = hint
            && keyed::whole_value(text, class, out)
        {
            self.finish(text, place, first, out);
            return;
        }
        // The scratch buffers are taken, so a nested scan on this thread would simply allocate its own.
        let mut scratch = SCRATCH.take();
        tokenize(text.as_bytes(), &mut scratch.tokens);
        let memo = [const { Cell::new((u32::MAX, None)) }; 16];
        let bytes = text.as_bytes();
        let mut scan = Scan {
            engine: self,
            text,
            bytes,
            place,
            hint,
            scratch,
            memo,
            around: Cell::new((u32::MAX, Context::NONE)),
            found: Vec::new(),
            done: 0,
        };
        scan.walk();
        scan.custom();
        scan.names();
        scan.beside_names();
        let Scan { mut found, mut scratch, .. } = scan;
        out.append(&mut found);
        scratch.clear();
        SCRATCH.set(scratch);
        self.finish(text, place, first, out);
    }

    /// Drops what the policy lets pass, then sorts and resolves overlaps.
    fn finish(&self, text: &str, place: Place, first: usize, out: &mut Vec<Finding>) {
        if out.len() == first {
            return;
        }
        let settings = self.settings.at(place);
        let mut fresh = out.split_off(first);
        fresh.retain(|finding| {
            settings.counts(finding.class, finding.confidence)
                && (settings.regions == RegionSet::ALL
                    || finding.cue.is_none_or(|cue| cues::regions::is_on(cue, settings.regions)))
                && !finding.span.is_empty()
                && text.get(finding.span.clone()).is_some_and(|value| !self.allows(value))
        });
        fresh.sort_by_key(|finding| (finding.span.start, std::cmp::Reverse(finding.span.end)));
        for finding in fresh {
            match out[first..].last_mut() {
                Some(last) if finding.span.start < last.span.end => {
                    last.span.end = last.span.end.max(finding.span.end);
                }
                _ => out.push(finding),
            }
        }
    }
}

/// Writes `text` with each finding replaced by `[REDACTED:<label>]`. The findings must be sorted, as `scan` gives them.
pub fn redact(text: &str, findings: &[Finding], out: &mut String) {
    let mut at = 0;
    for finding in findings {
        let (Some(before), true) = (text.get(at..finding.span.start), finding.span.end <= text.len()) else {
            continue;
        };
        out.push_str(before);
        out.push_str("[REDACTED:");
        out.push_str(finding.class.label());
        out.push(']');
        at = finding.span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
}

/// Bits of a token, and of a whole text.
pub(super) const DIGIT: u8 = 1;
pub(super) const LOWER: u8 = 2;
pub(super) const UPPER: u8 = 4;
/// A letter that is no hexadecimal digit.
pub(super) const NON_HEX: u8 = 8;
/// A byte beyond ASCII.
pub(super) const WIDE: u8 = 16;
pub(super) const LETTER: u8 = LOWER | UPPER | WIDE;

/// A maximal run of ASCII letters and digits and of letters beyond ASCII.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) flags: u8,
}

impl Token {
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }

    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn is_number(self) -> bool {
        self.flags == DIGIT
    }

    pub(super) fn has_digit(self) -> bool {
        self.flags & DIGIT != 0
    }

    pub(super) fn is_word(self) -> bool {
        self.flags & DIGIT == 0
    }
}

#[derive(Default)]
struct Scratch {
    tokens: Vec<Token>,
    protected: Vec<Range<usize>>,
    /// Dates and numbers that become findings only if a name stands beside them.
    pending: Vec<(Range<usize>, &'static Rule)>,
    /// Spans sorted for the name detector.
    taken: Vec<Range<usize>>,
}

impl Scratch {
    fn clear(&mut self) {
        // A single huge text must not keep its buffers for ever.
        if self.tokens.capacity() > 1 << 16 {
            *self = Scratch::default();
            return;
        }
        self.tokens.clear();
        self.protected.clear();
        self.pending.clear();
        self.taken.clear();
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

// Looks at tokens and bytes around a candidate, counted so that a test can tell linear work from quadratic.
#[cfg(test)]
thread_local! {
    static WORK: Cell<u64> = const { Cell::new(0) };
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
fn tokenize(bytes: &[u8], tokens: &mut Vec<Token>) {
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
        while flag != 0 {
            if flag & WIDE != 0 {
                let width = wide_separator(&bytes[i..]);
                if width > 0 {
                    break;
                }
            }
            flags |= flag;
            i += 1;
            flag = bytes.get(i).map_or(0, |byte| FLAGS[*byte as usize]);
        }
        if i == start {
            i += wide_separator(&bytes[i..]).max(1);
            continue;
        }
        tokens.push(Token { start: start as u32, end: i as u32, flags });
    }
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

/// What the words around a candidate say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) says: Says,
    pub(super) word: &'static str,
    pub(super) strong: bool,
    /// Only fillers stand between the cue and the candidate.
    pub(super) adjacent: bool,
}

impl Context {
    pub(super) const NONE: Context = Context { says: Says::Filler, word: "", strong: false, adjacent: false };

    pub(super) fn class(self) -> Option<Class> {
        match self.says {
            Says::Phi(class) | Says::Provider(class) => Some(class),
            _ => None,
        }
    }

    pub(super) fn cue(self) -> Option<&'static str> {
        (!self.word.is_empty()).then_some(self.word)
    }

    pub(super) fn is_safe(self) -> bool {
        self.says == Says::Safe
    }
}

/// One scan under way.
pub(super) struct Scan<'a> {
    pub(super) engine: &'a Engine,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) place: Place,
    pub(super) hint: KeyClass,
    scratch: Scratch,
    /// The last cues looked up, by token: a key is asked for by itself and by each number after it.
    memo: [Cell<(u32, Option<Cue>)>; 16],
    /// The last context looked up, by token: several rules ask for that of one number.
    around: Cell<(u32, Context)>,
    found: Vec<Finding>,
    /// Tokens that start before this byte are consumed.
    pub(super) done: usize,
}

/// How far a cue may stand before its value.
const CUE_WORDS_MAX: usize = 12;
const CUE_BYTES_MAX: usize = 96;

impl Scan<'_> {
    fn walk(&mut self) {
        if let Some(end) = stamp(self.bytes) {
            self.protect(0..end);
        }
        let mut i = 0;
        while i < self.scratch.tokens.len() {
            let token = self.scratch.tokens[i];
            if token.start() < self.done {
                i += 1;
                continue;
            }
            let at = token.start();
            if at > 0 && self.bytes[at - 1] == b'[' && protect::placeholder(&self.bytes[at..]).is_some() {
                let width = protect::placeholder(&self.bytes[at..]).unwrap_or(1);
                self.protect(at - 1..at + width);
                i += 1;
                continue;
            }
            if !(secrets::token(self, i) || network::colons(self, i) || rules::links::web(self, i)) {
                // `address.line.0: ...`, `phone1=...`: a key may end in digits.
                if token.is_word() || self.ends_key(token) {
                    keyed::word(self, i);
                }
                if token.has_digit() && token.start() >= self.done {
                    self.numeric(i);
                }
            }
            i += 1;
        }
        contact::emails(self);
    }

    /// Could a token with digits be the end of a key?
    fn ends_key(&self, token: Token) -> bool {
        matches!(self.byte(token.end()), b':' | b'=' | b']' | b'"' | b'\'' | b' ' | b'(' | b'\t')
            && (matches!(self.before(token.start()), b'.' | b'[' | b'_') && token.len() <= 2
                || token.flags & LETTER != 0 && token.len() <= 16)
    }

    /// A token with a digit in it: what is it part of?
    fn numeric(&mut self, i: usize) {
        let token = self.tok(i);
        if let Some(end) = protect::opaque(self.bytes, token.start()) {
            let claimed = codes::biometric(self, i) || end - token.start() <= 20 && codes::cued(self, i);
            if !claimed {
                self.protect(token.start()..end);
            }
            return;
        }
        let joined = matches!(self.before(token.start()), b'-' | b'_');
        if (token.len() >= 8 || joined) && codes::biometric(self, i) || codes::stroked(self, i) {
            return;
        }
        // What a second group, a country code or a device label needs next to the number.
        let next = self.byte(token.end());
        let joins = matches!(next, b'-' | b'.' | b'/' | b')' | b'%' | 0x80..)
            || next == b' '
                && (self.byte(token.end() + 1).is_ascii_digit()
                    || matches!(self.byte(token.end() + 1), b'(' | b'-' | b' '))
            || matches!(self.before(token.start()), b'+' | b'(' | b'B' | b'b');
        // `duration=34`, `22:04:11`: too short for anything but an age, and no word that a date or a street would
        // need touches it.
        if token.is_number()
            && token.len() <= 2
            && !joins
            && next != b' '
            && matches!(self.before(token.start()), b'=' | b':' | b'[' | b',' | b'"')
            && self.bytes[token.start()] != b'9'
        {
            self.done = self.done.max(token.end());
            return;
        }
        if token.is_number()
            && let Some(end) = self.decimal(token)
        {
            self.done = self.done.max(end);
            return;
        }
        let taken = if token.is_number() {
            dates::numeric(self, i)
                || joins && (network::ipv4(self, i) || numbers::grouped(self, i))
                || codes::prefixed(self, i)
                || rules::places::numbered(self, i)
                || numbers::bare(self, i)
                || matches!(next, b'-' | b'/') && codes::cued(self, i)
        } else {
            dates::worded(self, i)
                || codes::shaped(self, i)
                || codes::prefixed(self, i)
                || rules::places::numbered(self, i)
                || codes::cued(self, i)
        };
        if !taken {
            self.done = self.done.max(token.end());
        }
    }

    /// End of a measured value such as `rt=0.012` or ` 3.5`: too few digits for any identifier, and one point only.
    fn decimal(&self, token: Token) -> Option<usize> {
        if token.len() > 2
            || self.byte(token.end()) != b'.'
            || !matches!(self.before(token.start()), b'=' | b' ' | b':' | b'[' | b',')
        {
            return None;
        }
        let rest = &self.bytes[token.end() + 1..];
        let fraction = rest.iter().take(8).take_while(|b| b.is_ascii_digit()).count();
        let few = token.len() + fraction < 4
            || self.bytes[token.start()] == b'0' && token.len() == 1 && fraction < 8;
        let ends = match rest.get(fraction) {
            None | Some(b' ' | b',' | b'"' | b'}' | b']' | b';' | b')' | b's' | b'm') => true,
            Some(_) => false,
        };
        (fraction > 0 && few && ends).then_some(token.end() + 1 + fraction)
    }

    fn custom(&mut self) {
        for rule in &self.engine.custom {
            rule.hits(self.text, |span| self.found.push(rule.finding(span)));
        }
    }

    fn names(&mut self) {
        if !names::may_hold_name(self.text) {
            return;
        }
        let taken = &mut self.scratch.taken;
        taken.extend(self.scratch.protected.iter().cloned());
        taken.extend(self.found.iter().map(|finding| finding.span.clone()));
        taken.sort_by_key(|span| span.start);
        let settings = NameSettings { hide_providers: self.engine.settings.hide_providers };
        names::find(self.text, self.place, &settings, taken, &mut self.found);
    }

    /// A date or long number directly beside a name is that person's.
    fn beside_names(&mut self) {
        let pending = std::mem::take(&mut self.scratch.pending);
        for (span, rule) in &pending {
            let beside = self.found.iter().any(|finding| {
                finding.class == Class::Name
                    && (finding.span.end <= span.start && self.joins(finding.span.end..span.start, rule)
                        || span.end <= finding.span.start && self.joins(span.end..finding.span.start, rule))
            });
            if beside {
                self.add(rule, Context::NONE, span.clone());
            }
        }
        self.scratch.pending = pending;
    }

    /// Is this gap short and made of nothing that separates statements? A whole date may stand anywhere in a clause that
    /// names a person, a stamp with a time of day only where it is said of the person: `moved for Ida Lund to …`.
    fn joins(&self, gap: Range<usize>, rule: &Rule) -> bool {
        const FAR: [u8; 6] = *b"\n;&|}]";
        const SAID: [u8; 8] = *b"[](=:<>\"";
        let bytes = &self.bytes[gap];
        let (bytes_max, letters_max) = match rule.id {
            "date.of-name" => (64, 64),
            "date.slot" => (20, 10),
            _ => (16, 6),
        };
        bytes.len() <= bytes_max
            && bytes.iter().filter(|b| b.is_ascii_alphanumeric()).count() <= letters_max
            && !bytes.iter().any(|b| FAR.contains(b) || rule.id == "date.slot" && SAID.contains(b))
    }
}

/// What the rules use.
impl Scan<'_> {
    pub(super) fn tok(&self, i: usize) -> Token {
        #[cfg(test)]
        WORK.set(WORK.get() + 1);
        self.scratch.tokens[i]
    }

    pub(super) fn get(&self, i: usize) -> Option<Token> {
        #[cfg(test)]
        WORK.set(WORK.get() + 1);
        self.scratch.tokens.get(i).copied()
    }

    /// Index of the first token that starts at or after `at`.
    pub(super) fn token_from(&self, at: usize) -> usize {
        self.scratch.tokens.partition_point(|token| token.start() < at)
    }

    pub(super) fn slice(&self, token: Token) -> &[u8] {
        &self.bytes[token.start()..token.end()]
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        #[cfg(test)]
        WORK.set(WORK.get() + 1);
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn before(&self, at: usize) -> u8 {
        if at == 0 { 0 } else { self.bytes[at - 1] }
    }

    /// No letter, digit or joining sign stands directly before or after `span`.
    pub(super) fn stands_alone(&self, span: &Range<usize>) -> bool {
        let glued = |byte: u8, beyond: u8| match byte {
            b'-' | b'_' | b'.' | b'+' => beyond.is_ascii_alphanumeric() || beyond == b'_',
            b'/' => false,
            byte => byte.is_ascii_alphanumeric() || byte >= 0x80,
        };
        let before = self.before(span.start);
        let beyond = if span.start >= 2 { self.bytes[span.start - 2] } else { 0 };
        !glued(before, beyond) && !glued(self.byte(span.end), self.byte(span.end + 1))
    }

    pub(super) fn protect(&mut self, span: Range<usize>) {
        self.done = self.done.max(span.end);
        self.scratch.protected.push(span);
    }

    pub(super) fn pend(&mut self, span: Range<usize>, rule: &'static Rule) {
        if self.scratch.pending.len() < 64 {
            self.scratch.pending.push((span, rule));
        }
    }

    /// Records a finding and consumes its span. A cue lifts layer and confidence.
    pub(super) fn add(&mut self, rule: &'static Rule, context: Context, span: Range<usize>) {
        let backed = context.class().is_some();
        self.add_as(rule, rule.class, context, span, backed);
    }

    /// Records a finding whose class the cue gives.
    pub(super) fn add_cued(
        &mut self,
        rule: &'static Rule,
        class: Class,
        context: Context,
        span: Range<usize>,
    ) {
        self.add_as(rule, class, context, span, true);
    }

    fn add_as(
        &mut self,
        rule: &'static Rule,
        class: Class,
        context: Context,
        span: Range<usize>,
        backed: bool,
    ) {
        self.done = self.done.max(span.end);
        let confidence = if backed && context.adjacent { Confidence::High } else { rule.confidence };
        self.found.push(Finding {
            class,
            rule: rule.id,
            layer: rule.layer,
            confidence,
            cue: if backed { context.cue() } else { None },
            span,
        });
    }

    /// The packs of national identifiers that are on where this text stands.
    pub(super) fn regions(&self) -> RegionSet {
        self.engine.settings.at(self.place).regions
    }

    /// Is a clinician's identifier to be left alone?
    pub(super) fn keeps(&self, context: Context) -> bool {
        matches!(context.says, Says::Provider(_)) && !self.engine.settings.hide_providers
    }

    /// The cue for the candidate that opens with token `i`: before it, else after its last token.
    pub(super) fn context(&self, i: usize, end: usize) -> Context {
        let before = self.cue_before(i);
        if before.class().is_some_and(numeric_class) || before.is_safe() {
            return before;
        }
        let after = self.cue_after(i, end);
        if after.class().is_some() { after } else { before }
    }

    fn hinted(&self) -> Context {
        match self.hint {
            KeyClass::Phi(class) => {
                Context { says: Says::Phi(class), word: "key", strong: true, adjacent: true }
            }
            KeyClass::Safe => Context { says: Says::Safe, word: "key", strong: true, adjacent: true },
            _ => Context::NONE,
        }
    }

    /// Walks back over the words before token `i`. The nearest identifier word wins; an operational word only counts
    /// when it touches the candidate; a key of its own (`foo=`) ends the search.
    pub(super) fn cue_before(&self, i: usize) -> Context {
        let (token, known) = self.around.get();
        if token as usize == i {
            return known;
        }
        let context = self.cue_before_uncached(i);
        self.around.set((i as u32, context));
        context
    }

    fn cue_before_uncached(&self, i: usize) -> Context {
        let origin = self.tok(i).start();
        let mut adjacent = true;
        let mut person = Context::NONE;
        let mut j = i;
        let mut numbers = 0;
        while j > 0 && i - j < CUE_WORDS_MAX {
            let (token, next) = (self.tok(j - 1), self.tok(j));
            let gap = &self.bytes[token.end()..next.start()];
            // Elements of X12 are known by their place.
            if origin - token.start() > CUE_BYTES_MAX
                || gap.len() > 16
                || gap.trim_ascii_start() == b"*"
                || gap.iter().any(|b| ends_clause(*b))
            {
                return person;
            }
            // The label inside a placeholder speaks of what was there.
            if gap[0] == b']' && self.closes_placeholder(token) {
                return person;
            }
            j -= 1;
            if token.is_number() {
                numbers += 1;
                if numbers > 4 {
                    return person;
                }
                continue;
            }
            // `Intel Mac OS X 10_15_7`: an address of a network card has a key or its own shape.
            // The end of a path is none of a value behind it, nor is a unit: `/patients/[id]/chart in`, `mg/dL`.
            let in_path = |token: Token| token.len() >= 2 && self.before(token.start()) == b'/';
            let path = in_path(token) || j > 0 && token.len() <= 2 && in_path(self.tok(j - 1));
            let found = self.cue_ending(j).filter(|cue| cue.word != "mac" && !path || is_key_gap(gap));
            let Some(cue) = found else {
                let own_key = is_key_gap(gap) && adjacent;
                if own_key {
                    return person;
                }
                // `member id KWD 9981 20 117`: the letters that open it are a part of the number.
                let opens = j + 1 == i
                    && token.flags & (LOWER | DIGIT | WIDE) == 0
                    && token.len() <= 4
                    && gap == b" ";
                adjacent = adjacent && (token.has_digit() || opens);
                continue;
            };
            if cue.says == Says::Safe && matches!(self.slice(token), b"to" | b"from") {
                // `sent 3 pages to 808-555-0177`: an operational word says nothing of where something goes.
                adjacent = false;
                continue;
            }
            let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent };
            match cue.says {
                Says::Phi(_) | Says::Provider(_) => return context,
                Says::Safe if adjacent && numbers == 0 && (is_key_gap(gap) || !cues::is_prose(cue.word)) => {
                    return context;
                }
                Says::Person if adjacent && numbers == 0 => {
                    person = context;
                    adjacent = false;
                }
                Says::Filler => {}
                Says::Free | Says::Safe | Says::Person => adjacent = false,
            }
        }
        if j == 0 && person.word.is_empty() && adjacent { self.hinted() } else { person }
    }

    fn closes_placeholder(&self, token: Token) -> bool {
        let from = token.start().saturating_sub(32);
        self.bytes[from..token.start()].windows(10).any(|window| window == b"[REDACTED:")
    }

    /// The cue whose last word is token `j`.
    pub(super) fn cue_ending(&self, j: usize) -> Option<Cue> {
        if !cues::may_end_cue(self.slice(self.tok(j)), false) {
            return None;
        }
        let memo = &self.memo[j % 16];
        let (token, known) = memo.get();
        if token as usize == j {
            return known;
        }
        let cue = self.cue_ending_uncached(j);
        memo.set((j as u32, cue));
        cue
    }

    fn cue_ending_uncached(&self, j: usize) -> Option<Cue> {
        let last = self.tok(j);
        let mut from = j;
        while from > 0 && j - from < 3 {
            let (token, next) = (self.tok(from - 1), self.tok(from));
            let gap = &self.bytes[token.end()..next.start()];
            let joined = matches!(gap, [b' ' | b'_' | b'-' | b'\'' | b'/' | b'.'])
                // H&C number: any other ampersand parts two parameters.
                || gap == b"&" && token.len() == 1 && next.len() == 1;
            if !joined || token.is_number() {
                break;
            }
            from -= 1;
        }
        cues::cue_at_end(&self.text[self.tok(from).start()..last.end()])
    }

    /// `1987-11-23 is not a valid date of birth`.
    pub(super) fn cue_after_date(&self, i: usize, end: usize) -> Context {
        self.cue_after_where(i, end, |class| class == Class::Date)
    }

    /// `... is not a valid SSN`, `4471 (MRN)`: a cue a few linking words after the value.
    fn cue_after(&self, i: usize, end: usize) -> Context {
        self.cue_after_where(i, end, numeric_class)
    }

    fn cue_after_where(&self, i: usize, end: usize, fit: fn(Class) -> bool) -> Context {
        let mut j = i;
        while self.get(j).is_some_and(|token| token.start() < end) {
            j += 1;
        }
        let mut at = end;
        for step in 0..7 {
            let Some(token) = self.get(j + step) else { break };
            let gap = &self.bytes[at.min(token.start())..token.start()];
            if token.has_digit()
                || gap.len() > 3
                || gap.iter().any(|b| ends_clause(*b) || matches!(b, b',' | b'=' | b'&'))
            {
                break;
            }
            at = token.end();
            let next = self.byte(at);
            let owns_next = matches!(next, b'=' | b':')
                || self.get(j + step + 1).is_some_and(|t| t.has_digit() && t.start() - at <= 3);
            if let Some(cue) = self.cue_ending_from(j, j + step)
                && let Says::Phi(class) | Says::Provider(class) = cue.says
            {
                let fits = cue.strong && fit(class) && !owns_next;
                if fits {
                    return Context { says: cue.says, word: cue.word, strong: true, adjacent: step < 2 };
                }
                if !self.links(token) {
                    break;
                }
            } else if !self.links(token) {
                break;
            }
        }
        Context::NONE
    }

    fn cue_ending_from(&self, first: usize, last: usize) -> Option<Cue> {
        if !cues::may_end_cue(self.slice(self.tok(last)), true) {
            return None;
        }
        let from = first.max(last.saturating_sub(3));
        cues::cue_at_end(&self.text[self.tok(from).start()..self.tok(last).end()])
    }

    /// A word that may stand between a value and the cue after it.
    fn links(&self, token: Token) -> bool {
        const LINKS: [&[u8]; 34] = [
            b"is",
            b"not",
            b"a",
            b"an",
            b"the",
            b"valid",
            b"invalid",
            b"as",
            b"was",
            b"isn",
            b"t",
            b"correct",
            b"known",
            b"unknown",
            b"no",
            b"failed",
            b"fails",
            b"does",
            b"pass",
            b"match",
            b"matches",
            b"look",
            b"like",
            b"looks",
            b"for",
            b"wrong",
            b"malformed",
            b"duplicate",
            b"existing",
            b"of",
            b"patient",
            b"patients",
            b"s",
            b"medical",
        ];
        let word = self.slice(token);
        LINKS.iter().any(|link| word.eq_ignore_ascii_case(link))
    }

    /// Does an operational word or unit follow directly: `1532 ms`, `412 rows`?
    pub(super) fn unit_after(&self, end: usize, i: usize) -> bool {
        let mut j = i;
        while self.get(j).is_some_and(|token| token.start() < end) {
            j += 1;
        }
        let Some(token) = self.get(j) else { return false };
        if token.has_digit() || self.bytes[end..token.start()] != *b" " {
            return false;
        }
        // A cue that touches the number is surer than most words behind it: `CHI 0511825013 sex digit`.
        let context = self.cue_before(i);
        if context.adjacent && context.strong && context.class().is_some() && !is_counted(self.slice(token)) {
            return false;
        }
        let owns =
            matches!(self.byte(token.end()), b'=' | b':') || !cues::may_end_cue(self.slice(token), false);
        !owns
            && cues::cue_at_end(&self.text[token.start()..token.end()])
                .is_some_and(|cue| cue.says == Says::Safe && !cues::is_prose(cue.word))
    }
}

/// What numbers are counts and measures of.
fn is_counted(word: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const COUNTED: [&[u8]; 38] = [
        b"ms", b"msec", b"millis", b"s", b"sec", b"secs", b"seconds", b"minutes", b"hours", b"days", b"weeks", b"months",
        b"bytes", b"kb", b"mb", b"gb", b"rows", b"records", b"items", b"entries", b"pages", b"results", b"requests",
        b"retries", b"attempts", b"tries", b"hits", b"misses", b"tests", b"steps", b"threads", b"connections", b"users",
        b"tasks", b"errors", b"warnings", b"failures", b"percent",
    ];
    COUNTED.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// End of the stamp that opens a log line: `2026-11-21 22:04:11.402 INFO`, `2026-11-21T22:04:11Z [`. The level or
/// bracket is asked for, because a date of birth may open a line as well.
fn stamp(bytes: &[u8]) -> Option<usize> {
    const SHAPE: &[u8; 19] = b"0000-00-00 00:00:00";
    let head = bytes.first_chunk::<19>()?;
    let shaped = head.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        _ => byte == shape,
    });
    if !shaped {
        return None;
    }
    let mut end = 19;
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        end += 1;
        end += bytes[end..].iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    }
    if bytes.get(end) == Some(&b'Z') {
        end += 1;
    }
    let spaces = bytes[end..].iter().take(2).take_while(|b| **b == b' ').count();
    let rest = &bytes[end + spaces..];
    const LEVELS: [&[u8]; 8] = [b"[", b"INFO", b"WARN", b"ERROR", b"DEBUG", b"TRACE", b"FATAL", b"NOTICE"];
    (spaces > 0 && LEVELS.iter().any(|level| rest.starts_with(level)) && !rest.starts_with(b"[REDACTED"))
        .then_some(end)
}

/// Ends what a cue can reach.
fn ends_clause(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b';' | b'&' | b'}')
}

/// `: `, `="`, `': '`: what stands between a key and its value.
pub(super) fn is_key_gap(gap: &[u8]) -> bool {
    gap.iter().any(|b| matches!(b, b':' | b'='))
        && gap.iter().all(|b| {
            matches!(
                b,
                b':' | b'=' | b' ' | b'"' | b'\'' | b']' | b'[' | b'(' | b'\\' | b'`' | b'>' | b'+' | b'{'
            )
        })
}

fn numeric_class(class: Class) -> bool {
    !matches!(
        class,
        Class::Name
            | Class::Geo
            | Class::Date
            | Class::Email
            | Class::Url
            | Class::Photo
            | Class::Biometric
            | Class::ApiKey
    )
}

#[cfg(test)]
mod tests;
