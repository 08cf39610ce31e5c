//! Codes whose parts are joined by strokes, under a word for a number or for whose it is.

use std::ops::Range;

use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::rules::dates::MONTHS;
use crate::phi::rules::{NUMBER_CUED, NUMBER_NAMED};
use crate::phi::scan::Scan;

const CODE_BYTES_MAX: usize = 40;
const LETTERS_MAX: usize = 5;

/// `hospital no HYG/10442/A`, `Enrollee HYG/20418/B`, `folder no. 204/KCH/18`. Token `i` is the first with a digit.
pub(in crate::phi) fn stroked(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if scan.before(token.start()) != b'/' && scan.byte(token.end()) != b'/' {
        return false;
    }
    let Some(span) = extent(scan.bytes, token.start()) else { return false };
    let code = &scan.bytes[span.clone()];
    let digits = code.iter().filter(|byte| byte.is_ascii_digit()).count();
    let parts = code.split(|byte| *byte == b'/').count();
    let is_letters = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_uppercase);
    let head = code.split(|byte| *byte == b'/').next().unwrap_or_default();
    let lettered = is_letters(head) && head.len() <= LETTERS_MAX;
    // `15/NOV/2026` is a day.
    let month = |part: &[u8]| MONTHS.iter().any(|month| part.eq_ignore_ascii_case(month.as_bytes()));
    let mut letters = code.split(|byte| *byte == b'/').filter(|part| is_letters(part));
    let mixed = parts >= 3 && letters.clone().next().is_some() && !letters.any(month);
    // `00881742/A`: digits, and a letter that checks them.
    let checked = parts == 2
        && digits >= 5
        && head.len() == digits
        && code.len() == digits + 2
        && code.last().is_some_and(u8::is_ascii_uppercase);
    if digits < 3 || !(lettered || mixed || checked) {
        return false;
    }
    let context = scan.cue_before(scan.token_from(span.start));
    // Words that say less want a code that nothing else is.
    let told = context.strong && (!checked || context.adjacent)
        || context.adjacent && mixed && digits >= 4 && !is_of_a_standard(head);
    // `Deductible 3200/6400 USD`
    if !told || scan.unit_after(span.end, i) {
        return false;
    }
    match context.class() {
        Some(class @ (Class::HealthPlan | Class::Mrn | Class::Account | Class::License | Class::OtherId)) => {
            scan.add_cued(&NUMBER_CUED, class, context, span)
        }
        None if context.says == Says::Person && context.adjacent && mixed => {
            scan.add(&NUMBER_NAMED, context, span);
        }
        _ => return false,
    }
    true
}

/// The parts around `at`: capitals, digits and strokes, and a number of two digits or so behind a hyphen.
fn extent(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let is_part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'/';
    let start = at - bytes[..at].iter().rev().take(CODE_BYTES_MAX).take_while(is_part).count();
    let opens =
        start == 0 || matches!(bytes[start - 1], b' ' | b'"' | b'\'' | b'=' | b':' | b'#' | b'(' | b'[');
    let mut end = start + bytes[start..].iter().take(CODE_BYTES_MAX).take_while(is_part).count();
    while end > at && bytes[end - 1] == b'/' {
        end -= 1;
    }
    let digits = |at: usize| {
        bytes.get(at..).unwrap_or_default().iter().take(4).take_while(|byte| byte.is_ascii_digit()).count()
    };
    if bytes.get(end) == Some(&b'-') && (1..=3).contains(&digits(end + 1)) {
        end += 1 + digits(end + 1);
    }
    let ends = !bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte));
    (opens && ends && bytes[start] != b'/' && bytes[start..end].contains(&b'/')).then_some(start..end)
}

/// `ISO/27001/A`: no number of a person opens with the name of who issues standards.
fn is_of_a_standard(head: &[u8]) -> bool {
    const ISSUERS: [&[u8]; 10] =
        [b"ISO", b"IEC", b"IEEE", b"RFC", b"CVE", b"CWE", b"NIST", b"DIN", b"EN", b"BS"];
    ISSUERS.contains(&head)
}
