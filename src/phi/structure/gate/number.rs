//! Numbers and tokens of letters and digits: which forms could be an identifier without any word beside them.

use std::ops::Range;

use super::Needs;
use super::vocabulary::{self, bit};
use super::walk::{DIGIT, LOWER, Walk};
use crate::phi::protect;
use crate::phi::rules::codes::opens_record;
use crate::phi::rules::numbers::{
    GROUPED_DIGITS_MIN, REGISTER_BYTES, is_of_register, may_end_plate, stand_alone, stands_bare,
};
use crate::phi::structure::dumps;
use crate::phi::validate::opens_with_old_year;

/// Digits that a number without a cue has at least.
const BARE_DIGITS_MIN: usize = 11;
/// A longer opaque run is no identifier, whatever claims it.
const OPAQUE_CUED_MAX: usize = 20;

/// The width of an address of four small numbers that opens a line.
pub(super) fn address(line: &[u8]) -> Option<usize> {
    let mut at = 0;
    for group in 0..4 {
        let digits = line[at..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let over = digits == 3 && &line[at..at + 3] > b"255".as_slice();
        if !(1..=3).contains(&digits) || digits > 1 && line[at] == b'0' || over {
            return None;
        }
        at += digits;
        if group < 3 {
            if line.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
    }
    Some(at)
}

/// What may stand between two groups of one number.
fn is_group_gap(gap: &[u8]) -> bool {
    gap.len() <= 3 && gap.iter().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
}

impl Walk<'_> {
    /// The end of a UUID or of a long hexadecimal run that begins at `start`, where a token does: opaque to all readers.
    #[inline]
    pub(super) fn opaque(&mut self, start: usize) -> Option<usize> {
        let end = self.opaque_end(start)?;
        // `7b2270617469656e`
        if dumps::stands_among(self.bytes, start..end) {
            self.needs.add(Needs::ALL);
        }
        self.close_token();
        self.token = end..end;
        self.chain_groups = 0;
        if end - start <= OPAQUE_CUED_MAX {
            self.candidate(start);
        }
        Some(end)
    }

    /// The end of `req_58mutknxtu4o`, whose prefix is `prefix`: minted by a server, and too mixed for a date or an age.
    pub(super) fn minted(&mut self, start: usize, prefix: usize) -> Option<usize> {
        if matches!(self.before(start), b'-' | b'_' | b'.' | b'+') {
            return None;
        }
        let body = &self.bytes[prefix + 1..];
        let len = body.iter().take(40).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let digits = |part: &[u8]| part[0].is_ascii_digit();
        let parts = body[..len].chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        let (runs, longest) = parts
            .filter(|part| digits(part))
            .fold((0, 0), |(runs, longest), part| (runs + 1, longest.max(part.len())));
        let end = prefix + 1 + len;
        let apart = matches!(self.byte(end), 0 | b' ' | b'"' | b',' | b'/' | b'?');
        if !(apart && (8..40).contains(&len) && runs >= 2 && longest <= 3)
            || body[..len].iter().any(u8::is_ascii_uppercase)
            || !protect::is_minted(&self.text[start..end])
        {
            return None;
        }
        self.close_token();
        self.token = end..end;
        self.chain_groups = 0;
        Some(end)
    }

    fn opaque_end(&mut self, start: usize) -> Option<usize> {
        // None is shorter than eight, and most tokens end sooner.
        if !self.byte(start + 7).is_ascii_hexdigit() {
            return None;
        }
        let run = vocabulary::hex_run(self.bytes, start);
        // `req-9bc36dd9-…`
        let behind_word = run == 8 && start >= 2 && self.bytes[start - 2].is_ascii_lowercase();
        if run < 8
            || matches!(self.before(start), b'_' | b'.' | b'+')
            || self.before(start) == b'-' && !behind_word
        {
            return None;
        }
        if run == 8 && self.byte(start + 8) == b'-' {
            let end = self.uuid_end(start)?;
            // It packs nothing.
            self.run = if self.run == start { end } else { self.run };
            return Some(end);
        }
        // As `protect::opaque` has it, and with a digit: else it is a word.
        let end = protect::opaque(self.bytes, start).filter(|end| *end == start + run)?;
        let glued = matches!(self.byte(end), b'-' | b'_' | b'+' | b'.' | b'=' | b':' | b'%')
            || self.byte(end).is_ascii_alphanumeric();
        (!glued && self.bytes[start..end].iter().any(u8::is_ascii_digit)).then_some(end)
    }

    /// Does a segment of a path begin at `at` that a word before it could claim? Not a UUID.
    pub(super) fn opens_segment(&self, at: usize) -> bool {
        self.byte(at).is_ascii_alphanumeric() && self.uuid_end(at).is_none()
            || matches!(self.byte(at), b'~' | b'_')
    }

    fn uuid_end(&self, start: usize) -> Option<usize> {
        let uuid = self.bytes.get(start..start + 36).filter(|uuid| protect::is_uuid(uuid))?;
        // The first group tells the scan; two groups of letters could be two names.
        let digit = |group: &Range<usize>| uuid[group.clone()].iter().any(u8::is_ascii_digit);
        let words = [0..8, 9..13, 14..18, 19..23, 24..36].iter().filter(|group| !digit(group)).count();
        let (before, next) = (self.before(start), self.byte(start + 36));
        let glued = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'.' | b'=' | b':')
        };
        let behind_word = before == b'-' && start >= 2 && self.bytes[start - 2].is_ascii_lowercase();
        let free = matches!(before, b'=' | b':') || behind_word || !glued(before);
        (words <= 1 && digit(&(0..8)) && free && !glued(next)).then_some(start + 36)
    }

    /// A run of digits.
    #[inline]
    pub(super) fn number(&mut self, start: usize, private_ips: bool) -> usize {
        let inside = self.token.end == start && start > 0;
        let mut end = start + 1;
        while self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        let len = end - start;
        let next = self.byte(end);
        if !inside
            && (next.is_ascii_alphabetic() || len == 8 && next == b'-')
            && let Some(end) = self.opaque(start)
        {
            return end;
        }
        self.candidate(if inside { self.token.start } else { start });
        self.extend_token(start..end, inside);
        self.token_kinds |= DIGIT;
        let whole = !inside && !next.is_ascii_alphabetic();
        if self.bytes[start] == b'4' && opens_record(&self.bytes[start..]) {
            self.needs.add(Needs::SCAN);
        }
        // `46 4d 52 00 20 32`
        if !inside && dumps::opens_record(self.bytes, start) {
            self.needs.add(Needs::ALL);
        }
        if !whole {
            self.glued_number(start..end, inside);
            self.chain_groups = 0;
            return end;
        }
        let before = self.before(start);
        self.day_or_town(start..end);
        if len == 4 {
            if opens_with_old_year(&self.bytes[start..]) {
                self.needs.add(Needs::SCAN);
            } else if let Some(day) = self.day(start, before) {
                // A day of our time: nothing reads it without a cue.
                self.chain_groups = 0;
                if let Some((end, last)) = self.time(day) {
                    self.token = end..end;
                    self.token_kinds = 0;
                    self.run = end;
                    self.stamp_end = end;
                    (self.chain_end, self.chain_digits, self.chain_groups) = (end, last, 1);
                    self.chain_start = end;
                    return end;
                }
                self.token = day - 2..day;
                return day;
            }
            if before == b'(' && matches!(&self.bytes[start..end], b"0008" | b"0010") {
                self.needs.add(Needs::SENTENCES);
            }
        }
        if next == b'.'
            && len <= 3
            && let Some(after) = self.quad(start, before)
        {
            if private_ips || self.may_be_somebodys(start, after) {
                self.needs.add(Needs::SCAN);
            }
            self.token = after..after;
            self.token_kinds = 0;
            self.run = start;
            self.chain_groups = 0;
            return after;
        }
        // `53.48095,-2.23743`
        if next == b'.' && len <= 3 && self.is_coordinate(end + 1) {
            self.needs.add(Needs::SCAN);
        }
        let foreign = before == b'+' || before == b'(' && start >= 2 && self.bytes[start - 2] == b'+';
        if len >= BARE_DIGITS_MIN && before != b'_' && stands_bare(&self.bytes[start..end])
            || before == b'(' && next == b')'
            || foreign
                && self.bytes[start] != b'0'
                && (len >= 7 || matches!(next, b' ' | b'-' | b'.' | b')' | b'('))
        {
            self.needs.add(Needs::SCAN);
        }
        self.chain(start..end);
        // `Molenberglei 40, 2627 Schelle`
        if before == b' '
            && (2..=6).contains(&len)
            && self.bytes[..start].ends_with(b", ")
            && self.opens_town(end, next)
        {
            self.needs.add(Needs::SCAN);
        }
        // `220281-686U`
        if len == 6 && matches!(next, b'-' | b'+' | b'A') {
            self.needs.add(Needs::SCAN);
        }
        // `pds retrieve 4350584706`
        if len == 10 && is_of_register(&self.bytes[start.saturating_sub(REGISTER_BYTES)..start]) {
            self.needs.add(Needs::SCAN);
        }
        end
    }

    /// A number within a token, or at the head of one.
    fn glued_number(&mut self, number: Range<usize>, inside: bool) {
        let (start, len) = (number.start, number.len());
        // `1984` in `12Mar1984`, `92` in `92yo`.
        let year = len == 4 && opens_with_old_year(&self.bytes[start..]);
        let age = || {
            matches!(len, 2 | 3)
                && !inside
                && self.is_old_age(start, len)
                && !matches!(self.before(start), b'.' | b'-' | b'/')
                && !self.is_measure(number.end)
        };
        // `123-45-6789A`
        let third = || !inside && self.chain_groups >= 2 && start == self.chain_end + 1;
        if year || age() || third() {
            self.needs.add(Needs::SCAN);
        }
    }

    /// A number by itself, as a day of long ago and the code of a town are written.
    fn day_or_town(&mut self, number: Range<usize>) {
        let (start, end, len) = (number.start, number.end, number.len());
        let (before, next) = (self.before(start), self.byte(end));
        // `vandermeer_19671130.pdf`
        if len == 8 && matches!(before, b'_' | b'-') && opens_with_old_year(&self.bytes[start..]) {
            self.needs.add(Needs::SLUGS);
        }
        // `HADDAD T|19381212|E3057340`
        let ends = |byte: u8| matches!(byte, b'|' | b';' | b' ');
        if len == 8 && opens_with_old_year(&self.bytes[start..]) && ends(before) && ends(next) {
            let near = self.bytes.get(start.saturating_sub(2)..(end + 2).min(self.bytes.len()));
            let rowed = near.is_some_and(|near| memchr::memchr2(b'|', b';', near).is_some());
            self.needs.add(if rowed { Needs::ROWS } else { Needs::NOBODY });
        }
        // `3511 LX Utrecht`
        if len == 4 && next == b' ' && self.opens_dutch_town(end + 1) {
            self.needs.add(Needs::SCAN);
        }
        // `113 46 Stockholm`
        if len == 3 && next == b' ' {
            let town = &self.bytes[end + 1..];
            let code = matches!(town, [b'0'..=b'9', b'0'..=b'9', b' ', first, ..] if first.is_ascii_uppercase() || *first >= 0x80);
            self.needs.add(if code { Needs::SCAN } else { Needs::NOBODY });
        }
    }

    /// May the address of four numbers at `start`, whose end is `after`, be that of somebody?
    fn may_be_somebodys(&self, start: usize, after: usize) -> bool {
        let grouped = self.chain_groups > 0 && is_group_gap(&self.bytes[self.chain_end.min(start)..start]);
        // `Chrome/126.0.0.0`
        let port = self.byte(after) == b':' && self.byte(after + 1).is_ascii_digit();
        let version =
            self.before(start) == b'/' && start >= 2 && self.bytes[start - 2].is_ascii_alphabetic() && !port;
        !(version || self.is_private(start)) || self.words & bit::FROM != 0 || grouped
    }

    /// Adds a number to the groups before it, or begins new ones.
    fn chain(&mut self, number: Range<usize>) {
        let (start, end, len) = (number.start, number.end, number.len());
        let gap = &self.bytes[self.chain_end.min(start)..start];
        if self.chain_groups > 0 && is_group_gap(gap) {
            self.chain_digits += len;
            self.chain_groups += 1;
            if self.chain_digits >= GROUPED_DIGITS_MIN && start >= self.chain_known {
                let (end, found) = stand_alone(self.text, self.chain_start);
                self.chain_known = end;
                self.needs.add(if found { Needs::SCAN } else { Needs::NOBODY });
            }
        } else {
            self.chain_digits = len;
            self.chain_groups = 1;
            self.chain_start = start;
        }
        self.chain_end = end;
    }

    /// Two capitals, a blank and a capitalised word.
    fn opens_dutch_town(&self, at: usize) -> bool {
        let capital = |byte: u8| byte.is_ascii_uppercase();
        matches!(self.bytes.get(at..at + 4), Some([a, b, b' ', first]) if capital(*a) && capital(*b) && (capital(*first) || *first >= 0x80))
    }

    /// Do four digits or more stand at `start`, and behind a sign another number with a fraction?
    fn is_coordinate(&self, start: usize) -> bool {
        let digits = |at: usize| {
            self.bytes[at.min(self.bytes.len())..].iter().take(20).take_while(|b| b.is_ascii_digit()).count()
        };
        let fraction = digits(start);
        let sign = start + fraction;
        let gap = self.bytes[sign.min(self.bytes.len())..]
            .iter()
            .take(3)
            .take_while(|b| b",;/ -".contains(b))
            .count();
        let degrees = digits(sign + gap);
        fraction >= 4 && gap > 0 && (1..=3).contains(&degrees) && self.byte(sign + gap + degrees) == b'.'
    }

    /// The name of a town behind its code, or the other half of the code: neither begins in small letters.
    fn opens_town(&self, code: usize, next: u8) -> bool {
        next == b'-' || next == b' ' && !self.byte(code + 1).is_ascii_lowercase()
    }

    /// The end of `ip-10-0-209-229`, the name of a host by its address, that begins at `start`.
    pub(super) fn host(&mut self, start: usize) -> Option<usize> {
        let prefix = start + 2;
        if self.claim_end != 0
            || &self.bytes[start..prefix] != b"ip"
            || !matches!(self.before(start), 0 | b' ' | b'"' | b'=' | b'/')
        {
            return None;
        }
        let mut end = prefix;
        for _ in 0..4 {
            let group = self.bytes.get(end + 1..).unwrap_or_default();
            let len = group.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            let over = len == 3 && &group[..3] > b"255".as_slice();
            if self.byte(end) != b'-' || !(1..=3).contains(&len) || over {
                return None;
            }
            end += 1 + len;
        }
        if !matches!(self.byte(end), 0 | b' ' | b'"' | b',') {
            return None;
        }
        self.close_token();
        self.token = end..end;
        (self.chain_groups, self.claim_end) = (0, 0);
        Some(end)
    }

    /// `134ms`: a unit that is none of an age.
    fn is_measure(&self, unit: usize) -> bool {
        let unit = self.bytes.get(unit..).unwrap_or_default();
        [b"ms", b"us", b"ns", b"kb", b"mb"].iter().any(|known| unit.starts_with(*known))
            && !unit.get(2).is_some_and(u8::is_ascii_alphanumeric)
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
        let alone = !matches!(before, b'-' | b'.' | b'/' | b'+' | b'_' | b')');
        let next = self.byte(start + 10);
        let goes_on = next.is_ascii_digit()
            || matches!(next, b'-' | b'/' | b'.') && self.byte(start + 11).is_ascii_digit();
        let shaped = matches!(sep, b'-' | b'/' | b'.') && day[7] == sep;
        (digits && year && alone && shaped && !goes_on).then_some(start + 10)
    }

    /// The end of the time of day behind a day, `T22:04:11.402Z`, and how many digits its last number has.
    fn time(&self, day: usize) -> Option<(usize, usize)> {
        let time = self.bytes.get(day..day + 9)?;
        let shaped = time.iter().zip(b"T00:00:00").all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b':' => *byte == b':',
            _ => matches!(byte, b'T' | b' '),
        });
        if !shaped {
            return None;
        }
        let (mut end, mut last) = (day + 9, 2);
        if matches!(self.byte(end), b'.' | b',') && self.byte(end + 1).is_ascii_digit() {
            last = self.bytes[end + 1..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            end += 1 + last;
        }
        end += usize::from(self.byte(end) == b'Z');
        let next = self.byte(end);
        let goes_on = next.is_ascii_alphanumeric()
            || matches!(next, b'+' | b'-' | b'.' | b',' | b':' | b'_' | b'/') && self.byte(end + 1) != b' ';
        (last <= 9 && !goes_on).then_some((end, last))
    }

    /// The end of four small numbers with dots between.
    fn quad(&self, start: usize, before: u8) -> Option<usize> {
        if matches!(before, b'.' | b'-' | b'_') {
            return None;
        }
        let at = start + address(&self.bytes[start..])?;
        let (next, beyond) = (self.byte(at), self.byte(at + 1));
        let goes_on = next.is_ascii_alphanumeric()
            || matches!(next, b'-' | b'+') && beyond.is_ascii_alphanumeric()
            || next == b'.' && beyond.is_ascii_digit();
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

    pub(super) fn mixed_token(&mut self, kinds: u8) {
        // `7b 22 70 61`
        if dumps::stands_among(self.bytes, self.token.clone()) {
            self.needs.add(Needs::ALL);
        }
        let token = &self.bytes[self.token.clone()];
        let len = token.len();
        let letters = |span: Range<usize>| token[span].iter().all(u8::is_ascii_alphabetic);
        let next = self.byte(self.token.end);
        let interesting = if kinds & LOWER == 0 {
            // Codes are written in capitals: `1EG4TE5MK73`, `LS6 3AB`, `DE61 …`.
            len >= 8
                || may_end_plate(token)
                || len <= 4
                    && matches!(next, b' ' | b'-' | b'+')
                    && matches!(self.byte(self.token.end + 1), b'0'..=b'9' | b'A'..=b'Z')
                    && !(len >= 3 && token[..2].iter().all(u8::is_ascii_digit))
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
        self.numbered(self.token.clone());
    }
}
