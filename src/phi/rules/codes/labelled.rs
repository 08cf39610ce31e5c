//! What the words before a code say it is: the number on an insurer's card, the batch of a file.

use std::ops::Range;

use crate::phi::scan::Scan;

/// `insurance card … GRP 70041 / ID YHN620815533`: three letters and nine digits, as members of the Blue plans are numbered.
pub(super) fn is_on_card(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    const REACH: usize = 96;
    const SAID: [&str; 5] = ["insurance", "grp", "subscriber", "member", "payer"];
    let [a, b, c, digits @ ..] = &scan.bytes[span.clone()] else { return false };
    let shaped = [a, b, c].iter().all(|byte| byte.is_ascii_uppercase())
        && (8..=12).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit);
    let said = || {
        let clause = scan.lead(span.start, REACH).to_ascii_lowercase();
        let line = clause.rsplit('\n').next().unwrap_or_default();
        line.split(|c: char| !c.is_alphabetic()).any(|word| SAID.contains(&word))
    };
    shaped && said()
}

/// `upload HB447118.012 accepted`: a file with the number of its batch for an ending.
pub(super) fn is_of_upload(scan: &Scan<'_>, first: usize, text: &[u8]) -> bool {
    const FILES: [&[u8]; 10] = [
        b"upload",
        b"uploaded",
        b"file",
        b"put",
        b"get",
        b"rename",
        b"renamed",
        b"sent",
        b"fetched",
        b"wrote",
    ];
    let ending = text.iter().rposition(|byte| *byte == b'.').map(|dot| &text[dot + 1..]);
    let numbered = ending.is_some_and(|ending| ending.len() == 3 && ending.iter().all(u8::is_ascii_digit));
    numbered
        && first.checked_sub(1).is_some_and(|before| {
            let word = scan.slice(scan.tok(before));
            FILES.iter().any(|known| word.eq_ignore_ascii_case(known))
        })
}
