//! Numbers, and whether a claim before them could mean them.
//!
//! Owns how far a claim reaches and how many digits it asks for. Numbers that claim themselves are in `number`.

use super::Needs;
use super::walk::Walk;
use crate::phi::class::Class;
use crate::phi::cues::{self, Says};
use crate::phi::rules::{self, codes};

/// How far behind a claim its number may stand.
const NUMBER_BYTES_MAX: usize = 100;

/// The fewest digits of a number that a word for a person right before it claims.
const PERSON_DIGITS_MIN: usize = 6;

/// The fewest digits of a number that is claimed so, with other words between the two.
fn apart_digits_min(says: Says) -> usize {
    match says {
        Says::Phi(class) | Says::Provider(class) => match class {
            Class::Phone | Class::Fax => 7,
            Class::Ssn | Class::Account | Class::OtherId | Class::Biometric => 6,
            Class::HealthPlan | Class::License | Class::Vehicle | Class::Device => 5,
            Class::ApiKey => usize::MAX,
            _ => 4,
        },
        Says::Person => usize::MAX,
        _ => 4,
    }
}

/// Where a person lives, what they drive and when they were born have small numbers. These have not.
pub(super) fn has_long_numbers(says: Says) -> bool {
    use Class::{Account, ApiKey, Device, Fax, HealthPlan, License, Mrn, OtherId, Phone, Ssn};
    let long = [Account, ApiKey, Device, Fax, HealthPlan, License, Mrn, OtherId, Phone, Ssn];
    matches!(says, Says::Person) || matches!(says, Says::Phi(class) if long.contains(&class))
}

/// The fewest digits of a number right behind its claim.
fn near_digits_min(says: Says) -> usize {
    match says {
        Says::Phi(Class::ApiKey | Class::HealthPlan | Class::Ssn | Class::License | Class::Device) => 4,
        Says::Phi(Class::Phone | Class::Fax | Class::OtherId) => 5,
        says if has_long_numbers(says) => 3,
        _ => 0,
    }
}

impl Walk<'_> {
    /// A number, or a token that holds one, begins at `start`: could a claim before it mean it?
    #[inline]
    pub(super) fn candidate(&mut self, start: usize) {
        if self.claim_end != 0 {
            self.claimed_number(start);
        }
    }

    #[cold]
    fn claimed_number(&mut self, start: usize) {
        // `patientId=mrn_00482917`: whatever its key, the number says itself what it is.
        let prefixed = matches!(&self.bytes[self.claim_end.min(start)..start], [b'_' | b'-']);
        if prefixed {
            self.needs.add(Needs::ALL);
        } else if start > self.claim_end + NUMBER_BYTES_MAX {
            self.claim_end = 0;
        } else if !self.is_decimal(start)
            && !self.is_fraction(start)
            && !self.has_own_key(start)
            && !self.is_small(start)
        {
            self.needs.add(Needs::ALL);
        }
    }

    /// `504ms`, ` 12 `: too short for what was claimed. A month beside it could make a date of it.
    fn is_small(&self, start: usize) -> bool {
        let digits = self.bytes[start..].iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        let end = start + digits;
        if digits == 0 || !matches!(self.before(start), b' ' | b'=' | b'(' | b'[' | b'"') {
            return false;
        }
        let unit = self.bytes[end..].iter().take(4).take_while(|byte| byte.is_ascii_lowercase()).count();
        let ends = |at: usize| match self.byte(at) {
            0 | b'"' | b']' => true,
            b',' | b';' | b')' => !self.byte(at + 1).is_ascii_digit(),
            b' ' => self.byte(at + 1).is_ascii_alphabetic(),
            _ => false,
        };
        if unit > 0 {
            return ends(end + unit) && codes::is_measure(&self.bytes[start..end + unit]);
        }
        // An age that counts.
        let old = digits == 2 && self.byte(start) == b'9' || digits == 3 && self.byte(start) == b'1';
        let small = if self.is_apart(start) {
            digits < self.claimed.map_or(4, apart_digits_min)
        } else if self.claimed == Some(Says::Person) {
            digits < PERSON_DIGITS_MIN
        } else {
            self.claimed.is_some_and(|says| digits < near_digits_min(says))
        };
        small && !old && ends(end) && !self.is_beside_month(start, end)
    }

    /// Does a month stand near the number?
    fn is_beside_month(&self, start: usize, end: usize) -> bool {
        const REACH: usize = 32;
        let has_month =
            |bytes: &[u8]| bytes.split(|byte| !byte.is_ascii_alphabetic()).any(rules::dates::is_month);
        has_month(&self.bytes[start.saturating_sub(REACH)..start])
            || has_month(&self.bytes[end..self.bytes.len().min(end + REACH)])
    }

    /// Does a word that fills no gap stand before the number?
    fn is_apart(&self, start: usize) -> bool {
        let word = &self.text[self.last.clone()];
        let gap = &self.bytes[self.last.end.min(start)..start];
        self.last.start > self.claim_end
            && matches!(gap, b" " | b", " | b" (" | b"; ")
            && word.len() >= 2
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && !matches!(cues::cue_at_end(word).map(|cue| cue.says), Some(Says::Filler | Says::Person))
    }

    /// `0.012`, `client/1.1`: too short for an identifier, as the scan has it.
    fn is_decimal(&self, start: usize) -> bool {
        let digits =
            |at: usize| self.bytes[at..].iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        let whole = digits(start);
        if !(1..=2).contains(&whole) || self.byte(start + whole) != b'.' {
            return false;
        }
        let fraction = digits(start + whole + 1);
        let few = whole + fraction < 4 || self.byte(start) == b'0' && whole == 1 && fraction < 8;
        let next = self.byte(start + whole + 1 + fraction);
        let ends = matches!(next, 0 | b' ' | b'"' | b',' | b')' | b'}' | b']' | b';' | b's' | b'm');
        let opens = matches!(self.before(start), b'=' | b' ' | b':' | b'[' | b',' | b'/');
        fraction > 0 && few && ends && opens
    }

    /// The digits behind the point of such a number.
    fn is_fraction(&self, start: usize) -> bool {
        let head = &self.bytes[..start];
        let whole = head
            .strip_suffix(b".")
            .map_or(0, |head| head.iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count());
        whole > 0 && self.is_decimal(start - 1 - whole)
    }

    /// `size=12`: a key of its own, which is none of those that let a claim through.
    fn has_own_key(&self, start: usize) -> bool {
        let head = &self.bytes[..start];
        let gap = head.iter().rev().take(3).take_while(|byte| matches!(byte, b'=' | b':' | b'"')).count();
        let key = &head[..start - gap];
        // `tenant=org_6stsz17b`
        let prefix = match key.strip_suffix(b"_") {
            Some(key) => 1 + key.iter().rev().take(16).take_while(|byte| byte.is_ascii_lowercase()).count(),
            None => 0,
        };
        let gap = if prefix > 1 && key[..key.len() - prefix].ends_with(b"=") { prefix + 1 } else { gap };
        let key = &head[..start - gap];
        let len = key.iter().rev().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let word = &self.text[start - gap - len..start - gap];
        head[start - gap..].iter().any(|byte| matches!(byte, b'=' | b':'))
            && word.bytes().any(|byte| byte.is_ascii_alphabetic())
            && cues::cue_at_end(word).is_none_or(|cue| cue.says == Says::Safe)
    }
}
