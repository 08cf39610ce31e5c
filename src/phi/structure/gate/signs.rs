//! What a sign between words opens: labels, quotes, groups of digits, placeholders.

use super::Needs;
use super::vocabulary::bit;
use super::walk::Walk;
use crate::phi::{
    protect, rules,
    structure::{dumps, persons::opens_age, wire},
};

/// No reference to a character is longer.
const ENTITY_BYTES_MAX: usize = 12;

pub(super) mod sign {
    pub(in crate::phi::structure::gate) const QUOTE: u32 = 1;
    pub(in crate::phi::structure::gate) const LABEL: u32 = 2;
    pub(in crate::phi::structure::gate) const STAMPED: u32 = 4;
    pub(in crate::phi::structure::gate) const PAREN: u32 = 8;
    pub(in crate::phi::structure::gate) const ANGLE: u32 = 16;
    pub(in crate::phi::structure::gate) const SLASH: u32 = 32;
}

impl Walk<'_> {
    pub(super) fn sign(&mut self, at: usize, byte: u8) -> usize {
        let next = self.byte(at + 1);
        match byte {
            // What was replaced is no longer a string in quotes.
            b'"' | b'\'' | b'`' if next == b'[' && !self.bytes[..at].ends_with(b"] ") => {
                if let Some(end) = self.past_replaced(at) {
                    self.placeholder(at + 1, end - 1);
                    self.run = end;
                    return end;
                }
                self.signs |= sign::QUOTE;
            }
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
                self.in_query = true;
            }
            b'&' => {
                self.in_query = true;
                // The first of several parameters may have no mark before it.
                self.needs.add(if self.named_here { Needs::PAIRS } else { Needs::NOBODY });
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
            // `record khumalo, mbali`; `quintanar, marisol`
            b',' => {
                let named = self.last.end == at && self.last_word.bits & bit::LOWER_NAME != 0;
                let turned = next == b' ' && self.byte(at + 2).is_ascii_lowercase();
                let turned = turned && (named || self.record_near != 0);
                // `for will young, 68M`
                let aged = next == b' ' && opens_age(&self.bytes[at + 2..]);
                self.needs.add(if turned || aged { Needs::ROWS } else { Needs::NOBODY });
                if next == b' ' && self.addresses(at) {
                    self.needs.add(Needs::NAMES);
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
                if (before.is_ascii_uppercase() || before.is_ascii_digit())
                    && wire::opens_segment(self.text, at)
                {
                    self.needs.add(Needs::ALL);
                }
            }
            // An element of markup inside the text, if any closes.
            b'<' if (next == b'<' || at > 0) && rules::mrz::around(self.bytes, at).is_some() => {
                self.needs.add(Needs::SCAN);
            }
            b'<' if next.is_ascii_alphabetic() => self.signs |= sign::ANGLE,
            b'$' if self.bytes[at + 1..].starts_with(b"1 = ") => self.needs.add(Needs::SENTENCES),
            b'/' => self.signs |= sign::SLASH,
            b'[' => {
                if let Some(end) = protect::placeholder_at(self.bytes, at) {
                    return self.placeholder(at, end);
                }
                // `[123 34 112`
                if dumps::opens_list(self.bytes, at) {
                    self.needs.add(Needs::ALL);
                }
            }
            // A person's own pages.
            b'~' if self.before(at) == b'/' => self.needs.add(Needs::ALL),
            b'@' if rules::contact::is_address(self.bytes, at) => self.needs.add(Needs::ALL),
            b':' => {
                self.signs |= if next == b' ' { sign::LABEL } else { 0 };
                // An address of six or eight groups, or one with a gap.
                let near = at.wrapping_sub(self.colon.0) <= 5;
                self.colon = (at, if near { self.colon.1 + 1 } else { 1 });
                if self.colon.1 >= 5 || next == b':' && self.ends_hex_group(at) {
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

    /// What was replaced holds nothing, no cue reaches beyond it, and it parts words and numbers: unless it may be a part of a
    /// key, glued to what stands behind it or before an equal sign.
    fn placeholder(&mut self, at: usize, end: usize) -> usize {
        const SIGNS_MAX: usize = 6;
        // From the last word of a longer one the scan may not see its head.
        const BARRING_BYTES_MAX: usize = 34;
        let apart = |byte| byte == 0 || b" ,;)}\"'|&/?<>".contains(&byte);
        let next = self.byte(end);
        let ends = apart(next) || matches!(next, b'.' | b':' | b']') && apart(self.byte(end + 1));
        let mut signs =
            self.bytes[end..].iter().take(SIGNS_MAX).take_while(|byte| !byte.is_ascii_alphanumeric());
        if !ends || signs.any(|byte| *byte == b'=') {
            self.needs.add(Needs::ALL);
        }
        // Beside a parameter of a person, others may name that person.
        if self.in_query || next == b'&' {
            self.needs.add(Needs::PAIRS);
        }
        self.close_token();
        if end - at <= BARRING_BYTES_MAX {
            self.claim_end = 0;
        }
        self.run = end;
        end
    }

    /// A client or a user before a day in brackets, neither of them unknown.
    pub(super) fn is_access_log(&self) -> bool {
        let known = [b"127.0.0.1 - - [".as_slice(), b"- - ["].iter().any(|head| self.bytes.starts_with(head));
        let dated = |rest: &str| rest.starts_with('[') && rest.as_bytes().get(3) == Some(&b'/');
        !known && self.text.splitn(4, ' ').nth(3).is_some_and(dated)
    }

    /// Does a group of an address end at `at`? Not the name of a module: `trace::on_response`.
    fn ends_hex_group(&self, at: usize) -> bool {
        let run = self.bytes[..at].iter().rev().take(5).take_while(|byte| byte.is_ascii_alphanumeric());
        let len = run.clone().count();
        (1..=4).contains(&len) && run.clone().all(u8::is_ascii_hexdigit)
    }
}
