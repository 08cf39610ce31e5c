//! Flat text scan: one walk over the bytes makes tokens, a second over the tokens proposes candidates.
//!
//! Owns the order of the rules and the merging of findings; tokens and the context of a candidate (the cue words around it)
//! are in files of their own, the shapes in `rules/*`. Invariants: findings come out sorted and non-overlapping, on
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
use super::work;

mod beside;
mod checks;
mod context;
mod stamp;
mod tokens;
mod words;

pub(super) use context::Context;
use tokens::tokenize;
pub(super) use tokens::{DIGIT, LETTER, LOWER, NON_HEX, Token, UPPER, WIDE, extension};
pub(super) use words::links;

impl Engine {
    /// Finds what identifies a person in `text`. `hint` is the class of the key that holds it. Findings are appended
    /// to `out`, sorted, non-overlapping, with spans into `text`.
    pub fn scan(&self, text: &str, place: Place, hint: KeyClass, out: &mut Vec<Finding>) {
        if text.is_empty() || u32::try_from(text.len()).is_err() {
            return;
        }
        work::add(text.len());
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

/// How many of the last protected spans are asked whether they hold a token.
const PROTECTED_MAX: usize = 12;

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

impl Scan<'_> {
    fn walk(&mut self) {
        if let Some(end) = stamp::stamp(self.bytes) {
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
            if self.byte(token.end()) == b'<' && rules::mrz::line(self, i) {
                i += 1;
                continue;
            }
            if !(secrets::token(self, i) || network::colons(self, i) || rules::links::web(self, i)) {
                // `address.line.0: ...`, `phone1=...`: a key may end in digits.
                if token.is_word() && dates::spelled(self, i) {
                    i += 1;
                    continue;
                }
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
        if token.len() == 2 && self.before(token.start()) == b'%' {
            // The end of `%84`.
            self.done = self.done.max(token.end());
            return;
        }
        if rules::mrz::second(self, token) {
            return;
        }
        if let Some(end) = protect::opaque(self.bytes, token.start()) {
            let literal = self.bytes[token.start()..].starts_with(b"0x");
            let claimed =
                codes::biometric(self, i) || !literal && end - token.start() <= 20 && codes::cued(self, i);
            if !claimed {
                self.protect(token.start()..end);
            }
            return;
        }
        if self.is_code_of_database(token) {
            self.protect(token.start()..token.end());
            return;
        }
        if let Some(end) = codes::of_a_program(self, token) {
            self.protect(token.start()..end);
            return;
        }
        let joined = matches!(self.before(token.start()), b'-' | b'_');
        if (token.len() >= 8 || joined) && codes::biometric(self, i)
            || codes::stroked(self, i)
            || numbers::slipped(self, i)
        {
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
                || token.len() <= 4 && numbers::plate(self, i)
                || rules::places::numbered(self, i)
                || numbers::bare(self, i)
                || matches!(next, b'-' | b'/') && codes::cued(self, i)
        } else {
            dates::worded(self, i)
                || numbers::behind_script(self, i)
                || token.len() <= numbers::PLATE_BYTES_MAX && numbers::plate(self, i)
                || codes::shaped(self, i)
                || codes::prefixed(self, i)
                || rules::places::numbered(self, i)
                || codes::cued(self, i)
        };
        if !taken {
            self.done = self.done.max(token.end());
        }
    }

    /// `ORA-00001`, `HAPI-2001`: the number of an error, whatever stands in brackets behind it.
    fn is_code_of_database(&self, token: Token) -> bool {
        const HEADS: [&[u8]; 8] =
            [b"ORA-", b"TNS-", b"PLS-", b"HAPI-", b"CVE-", b"RFC-", b"PGRST", b"SQLSTATE-"];
        self.before(token.start()) == b'-'
            && token.is_number()
            && HEADS.iter().any(|head| self.bytes[..token.start()].ends_with(head))
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
}

/// What the rules use.
impl Scan<'_> {
    pub(super) fn tok(&self, i: usize) -> Token {
        work::add(1);
        self.scratch.tokens[i]
    }

    pub(super) fn get(&self, i: usize) -> Option<Token> {
        work::add(1);
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
        work::add(1);
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn before(&self, at: usize) -> u8 {
        if at == 0 { 0 } else { self.bytes[at - 1] }
    }

    /// Up to `reach` bytes of text that lead up to `at`.
    pub(super) fn lead(&self, at: usize, reach: usize) -> &str {
        &self.text[self.text.ceil_char_boundary(at.saturating_sub(reach))..at]
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

    /// Is the token a part of what was protected last?
    pub(super) fn is_protected(&self, token: Token) -> bool {
        let near = self.scratch.protected.iter().rev().take(PROTECTED_MAX);
        near.into_iter().any(|span| span.contains(&token.start()))
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
}

#[cfg(test)]
mod tests;
