//! Telephone numbers: with a country code, in the North American plan, and the national forms with a trunk 0.

use std::ops::Range;

use super::decide;
use super::groups::{Groups, free_end};
use crate::phi::class::Class;
use crate::phi::rules::{PHONE_E164, PHONE_GROUPED, PHONE_NANP, PHONE_NATIONAL, Rule};
use crate::phi::scan::Scan;

/// `+1 512 555 0143`, `0044 20 7946 0958`, `(512) 555-0143`.
pub(super) fn international(scan: &mut Scan<'_>, i: usize, groups: &Groups) -> Option<bool> {
    let token = scan.tok(i);
    let start = token.start();
    let before = scan.before(start);
    let beyond = if start >= 2 { scan.bytes[start - 2] } else { 0 };
    let plus_at = match before {
        b'+' => Some(start - 1),
        b'(' if beyond == b'+' => Some(start - 2),
        b'B' | b'b' if start >= 3 && scan.bytes[start - 3] == b'%' && beyond == b'2' => Some(start - 3),
        _ => None,
    };
    if let Some(plus) = plus_at {
        let prior = scan.before(plus);
        let offset =
            prior.is_ascii_alphanumeric() || matches!(prior, b'.' | b'-' | b'_' | b'+' | b')' | b']');
        if offset || groups.digits[0] == b'0' {
            return None;
        }
        // `0/51536/1/48082/+99627 200`: times of HAProxy, the last of them while the answer goes on.
        if groups.lens[0] <= TIME_DIGITS_MAX && is_of_times(&scan.bytes[..plus]) {
            scan.protect(start..groups.ends[0]);
            return Some(true);
        }
        // `+0000 UTC m=+86411.992117340`: Go's monotonic clock.
        if scan.bytes[..plus].ends_with(b" m=") && groups.count == 2 && groups.is(&[groups.lens[0], 9]) {
            scan.protect(start..groups.ends[groups.count - 1]);
            return Some(true);
        }
        for count in (1..=groups.count).rev() {
            let digits = groups.sums[count - 1];
            let end = groups.ends[count - 1];
            // `+33 1 99 00 12 34 3 pages`: the last group counts something.
            let counts = count > 3 && groups.lens[count - 1] <= 2 && scan.unit_after(end, i);
            let fits = ((8..=15).contains(&digits) || digits == 7 && count > 1) && !counts;
            // `+31(0)20-1411250 (512) …`: the next one begins.
            let one = count < 3 || !groups.seps[2..count].contains(&b'(');
            if fits && one && free_end(scan.bytes, end, false) && !groups.seps[1..count].contains(&b'/') {
                return Some(decide(scan, i, &PHONE_E164, extended(scan, plus..end, &PHONE_E164)));
            }
        }
        return None;
    }
    let opens = before == b'(' || beyond == b'(' && before == b'+';
    if groups.count >= 2 && opens && groups.seps[1] == b')' {
        for count in (2..=groups.count.min(5)).rev() {
            let digits = groups.sums[count - 1];
            let end = groups.ends[count - 1];
            let us = groups.is(&[3, 3, 4]) && count == 3;
            let trunk =
                groups.digits[0] == b'0' && (9..=12).contains(&digits) && national_phone(groups, count);
            if (us || trunk) && free_end(scan.bytes, end, false) {
                let rule = if us && nanp(groups.text(3)) { &PHONE_NANP } else { &PHONE_GROUPED };
                return Some(decide(scan, i, rule, extended(scan, start - 1..end, rule)));
            }
        }
    }
    if is_behind_one(groups) {
        return Some(decide(scan, i, &PHONE_NANP, extended(scan, start..groups.ends[3], &PHONE_NANP)));
    }
    let end = zeroed(scan.bytes, groups).filter(|_| !before.is_ascii_alphanumeric())?;
    Some(decide(scan, i, &PHONE_NATIONAL, start..end))
}

/// 1 (512) 555-0143
pub(super) fn is_behind_one(groups: &Groups) -> bool {
    groups.count >= 4 && groups.seps[1] == b'(' && groups.is(&[1, 3, 3, 4]) && groups.digits[0] == b'1'
}

/// The end of `0044 20 7946 0958`: two zeros for the plus sign.
pub(super) fn zeroed(bytes: &[u8], groups: &Groups) -> Option<usize> {
    let zeros = groups.digits.starts_with(b"00") && groups.digits[2] != b'0';
    // `00777-3105-02` is a package of a drug.
    let drug = groups.seps[1] == b'-' && groups.is(&[5, 4, 2]);
    if !zeros || drug || !matches!(groups.lens[0], 4 | 5) {
        return None;
    }
    let fits = |count: &usize| {
        (11..=17).contains(&groups.sums[count - 1])
            && groups.seps[1..*count].iter().all(|sep| matches!(sep, b' ' | b'-'))
            && free_end(bytes, groups.ends[count - 1], false)
    };
    (3..=groups.count).rev().find(fits).map(|count| groups.ends[count - 1])
}

/// North American plan: area and exchange open with 2 to 9, and the area is not N11. The middle digit 9, kept for longer
/// numbers to come, stands in many a mistyped one.
pub(super) fn nanp(text: &[u8]) -> bool {
    text.len() == 10 && text[0] >= b'2' && text[3] >= b'2' && !(text[1] == b'1' && text[2] == b'1')
}

/// National forms with a trunk 0, and the ten-digit pairs of France.
pub(super) fn national_phone(groups: &Groups, count: usize) -> bool {
    let text = groups.text(count);
    let lens = &groups.lens[..count];
    if text[0] != b'0' || text[1] == b'0' || !(9..=12).contains(&text.len()) {
        return false;
    }
    let bracketed = groups.seps[1] == b')';
    let mixed = groups.seps[1..count].iter().all(|sep| matches!(sep, b' ' | b'-' | b'/' | b')' | b'.'));
    // `0171 3920 045`: a mobile of Germany.
    let mobile = matches!(lens, [4, 4, 3])
        && matches!(&text[..3], b"015" | b"016" | b"017")
        && groups.seps[1..count].iter().all(|sep| *sep == b' ');
    let shape = mobile
        || matches!(
            lens,
            [2, 2, 2, 2, 2]
                | [5, 6]
                | [5, 3, 3]
                | [4, 3, 4]
                | [4, 3, 3]
                | [4, 3, 2, 2]
                | [4, 2, 2, 2]
                | [3, 4, 4]
                | [3, 3, 4]
                | [3, 3, 2, 2]
                | [3, 3, 3]
                | [3, 2, 2, 2]
                | [3, 2, 2, 2, 2]
                | [2, 4, 4]
                | [2, 3, 4]
                | [2, 3, 2, 2]
                | [2, 3, 3, 2]
                | [2, 8]
                | [3, 7]
                | [3, 8]
                | [3, 6]
                | [4, 6]
                | [4, 7]
                | [4, 8]
                | [5, 5]
                | [5, 4]
                | [3, 3, 4, 1]
                | [4, 5]
        );
    mixed && (shape || bracketed && lens[0] <= 5)
}

/// `hotline Cegedim 01 49 09 22 00`, `soporte 900 118 447`: the line of an office that anybody may call.
pub(super) fn is_of_a_desk(scan: &Scan<'_>, i: usize) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const DESKS: [&str; 37] = [
        "hotline", "helpdesk", "servicedesk", "helpline", "assistance", "switchboard", "callcenter", "callcentre",
        "support", "soporte", "suporte", "desk", "assistenza", "infoline", "infolinia", "centralita", "centralino",
        "centrale", "zentrale", "telefonzentrale", "sammelanschluss", "störungsdienst", "storingsdienst", "notdienst",
        "bereitschaft", "bereitschaftsdienst", "astreinte", "caisse", "sportello", "verde", "växel", "sentralbord",
        "omstilling", "centrala", "vaihde", "päivystys", "rufbereitschaft",
    ];
    // Of these also the firm's name may stand between.
    const CALLED: usize = 5;
    let word = |back: usize| {
        let word = scan.tok(i.checked_sub(back)?);
        let gap = &scan.text[word.end()..scan.tok(i + 1 - back).start()];
        let is_gap =
            (1..=3).contains(&gap.len()) && gap.bytes().all(|byte| matches!(byte, b' ' | b':' | b'(' | b'+'));
        is_gap.then(|| &scan.text[word.start()..word.end()])
    };
    let is_desk = |desks: &[&str], word: &str| desks.iter().any(|desk| word.eq_ignore_ascii_case(desk));
    let Some(last) = word(1) else { return false };
    // `patient support 01 49 09 22 00`: that of somebody.
    let of_somebody = |word: &str| {
        let persons = [
            "patient", "patients", "patiente", "paziente", "paciente", "pacjent", "pasient", "member",
            "client",
        ];
        persons.iter().any(|person| word.eq_ignore_ascii_case(person))
    };
    if (2..=4).map_while(word).any(of_somebody) {
        return false;
    }
    is_desk(&DESKS, last)
        || !crate::phi::names::is_name_like(last)
            && word(2).is_some_and(|word| is_desk(&DESKS[..CALLED], word))
}

/// Takes in the extension of a telephone number.
pub(super) fn extended(scan: &Scan<'_>, span: Range<usize>, rule: &Rule) -> Range<usize> {
    if rule.class != Class::Phone {
        return span;
    }
    let rest = &scan.bytes[span.end..scan.bytes.len().min(span.end + 24)];
    let spaces = rest.iter().take_while(|b| matches!(b, b' ' | b',' | b';')).count();
    let word = &rest[spaces..];
    const MARKS: [&[u8]; 10] =
        [b"extension", b"ext.", b"ext:", b"ext=", b"ext", b"Ext.", b"Ext", b"EXT", b"x", b"#"];
    for mark in MARKS {
        if !word.starts_with(mark) {
            continue;
        }
        let after = &word[mark.len()..];
        let gap = after.iter().take_while(|b| **b == b' ').count().min(1);
        let digits = after[gap..].iter().take_while(|b| b.is_ascii_digit()).count();
        if (1..=6).contains(&digits) {
            return span.start..span.end + spaces + mark.len() + gap + digits;
        }
    }
    span
}

/// HAProxy counts in milliseconds: no request takes a day.
const TIME_DIGITS_MAX: usize = 8;

/// Do four numbers and a slash behind each end here?
fn is_of_times(before: &[u8]) -> bool {
    let mut rest = before;
    for _ in 0..4 {
        let Some(head) = rest.strip_suffix(b"/") else { return false };
        let digits = head.iter().rev().take(9).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || digits == 9 {
            return false;
        }
        rest = &head[..head.len() - digits];
        rest = rest.strip_suffix(b"-").unwrap_or(rest);
    }
    rest.ends_with(b" ")
}
