//! Short words that matter for what stands beside them: fields that a standard numbers, months beside words for numbers.

use std::ops::Range;

use super::Needs;
use super::vocabulary::{self, bit};
use super::walk::Walk;
use crate::phi::{
    names,
    rules::places::is_australian,
    structure::{aamva, hidden, ncpdp, segments},
};

impl Walk<'_> {
    /// `C4=19910711`, `DCS=GREENLEAF`: a field that a standard numbers or names.
    #[inline]
    pub(super) fn numbered(&mut self, token: Range<usize>) {
        if token.len() == 2
            && matches!(self.byte(token.end), b'=' | b':' | b'"' | b'\'')
            && ncpdp::field(&self.text[token]).is_some()
        {
            self.needs.add(Needs::PAIRS);
        }
    }

    /// `fourth of March`, `March fourth`, `4-Jul-61`
    #[cold]
    pub(super) fn dated(&mut self, start: usize, end: usize, bits: u32) {
        const REACH: usize = 24;
        let (month, counts) = (bits & bit::MONTH != 0, bits & bit::COUNTS != 0);
        let near = |other: usize| other != 0 && start - other <= REACH;
        let parted = self.before(start) == b'-' && self.byte(end) == b'-';
        if month && (near(self.counted_end) || parted && self.byte(end + 1).is_ascii_digit())
            || counts && near(self.month_end)
        {
            self.needs.add(Needs::SCAN);
        }
        self.month_end = if month { end } else { self.month_end };
        self.counted_end = if counts { end } else { self.counted_end };
    }

    /// Words that matter in one place only.
    #[cold]
    pub(super) fn rare(&mut self, start: usize, end: usize, before: u8, next: u8) {
        let word = &self.text[start..end];
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            _ if aamva::element(word).is_some() && self.ends_key(end) => self.needs.add(Needs::PAIRS),
            "ansi" => self.needs.add(Needs::ALL),
            "template" | "embedding" | "descriptor" | "minutiae" if self.ends_key(end) => {
                self.needs.add(Needs::PAIRS);
            }
            directory if next == b'/' && hidden::is_of_portraits(directory) => self.needs.add(Needs::SLUGS),
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
                if next == b'_' || next == b'/' && self.opens_segment(end + 1) =>
            {
                self.needs.add(Needs::SLUGS);
            }
            // `/client_khumalo`
            prefix
                if names::is_person_prefix(prefix)
                    && matches!(next, b'_' | b'-')
                    && matches!(before, b'/' | b'~') =>
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
            // `/patients?search=…`
            "patient" | "patients" | "person" | "persons" | "people" | "member" | "members" | "chart"
            | "charts" | "residents"
                if next == b'?' =>
            {
                self.needs.add(Needs::PAIRS);
            }
            // `NHS: Gwenllian, pls call`
            "pls" | "plz" | "please" | "your" if self.bytes[..start].ends_with(b", ") => {
                self.needs.add(Needs::ALL);
            }
            "image" if self.text[..start].ends_with("data:") => self.needs.add(Needs::SCAN),
            "m" if self.bytes[end..].starts_with(b". ") => self.needs.add(Needs::ROWS),
            "redacted" => self.needs.add(Needs::ALL),
            // `466 554 1585 failed the Modulus 11 check`
            check if self.says_how_checked(check, start, next) => self.needs.add(Needs::SCAN),
            _ => {}
        }
        // `PID.5=`
        let segment = word.len() <= 3 && (matches!(next, b'.' | b'-') || next.is_ascii_digit());
        if segment && vocabulary::opens_segment(word) {
            self.needs.add(Needs::ALL);
        }
    }

    /// A word for the check of a number, or the end of one: but no `mod_jk`.
    fn says_how_checked(&self, word: &str, start: usize, next: u8) -> bool {
        const CHECK: &[u8] = b"check ";
        let check = self.bytes[..start].last_chunk::<{ CHECK.len() }>();
        check.is_some_and(|check| check.eq_ignore_ascii_case(CHECK)) && word.starts_with("digit")
            || ["mod", "modulus"].iter().any(|end| word.ends_with(end))
                && matches!(next, b' ' | b'-' | b'0'..=b'9')
            || ["luhn", "kontrolna", "elfproef"].iter().any(|check| word.contains(check))
    }

    /// `AB 12 34 56 C`, `TREM 9051 1508`, `TX 78701`, `MORGA 657054`: capitals and a number.
    pub(super) fn capitals(&mut self, len: usize, end: usize) {
        if !matches!(len, 2..=5) {
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
            // `MORGA 657054 SM9IJ`
            (2, 2 | 5..=7) | (5, 6) => true,
            // `BELLINGEN NSW 2454`
            (2 | 3, 4) => {
                let state = self.bytes.get(end - len..end).unwrap_or_default();
                is_australian(state, &self.bytes[from..from + digits])
            }
            // Eight more in two groups.
            (4, 1..=7) => {
                matches!(self.byte(from + digits), b' ' | b'-') && digits + run(from + digits + 1) == 8
            }
            _ => false,
        };
        self.needs.add(if found { Needs::SCAN } else { Needs::NOBODY });
    }
}
