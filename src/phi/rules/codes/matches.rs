//! Records that match or are merged: the words that say so, and how their numbers look.

use std::ops::Range;

use crate::phi::scan::Scan;

/// `duplicate of E3390127 (`: the number of a record that matches another, if a name stands beside it.
pub(super) fn is_of_match(scan: &Scan<'_>, first: usize, span: &Range<usize>) -> bool {
    const MATCHES: [&[u8]; 12] = [
        b"duplicate",
        b"duplicates",
        b"match",
        b"matches",
        b"matched",
        b"matching",
        b"merge",
        b"merged",
        b"merging",
        b"linked",
        b"overlay",
        b"candidate",
    ];
    is_lettered(&scan.bytes[span.clone()])
        && (first.saturating_sub(3)..first)
            .any(|j| MATCHES.iter().any(|word| scan.slice(scan.tok(j)).eq_ignore_ascii_case(word)))
}

/// `survivor=UHN-662014 retired=UHN-118820`: the sides of a merge.
pub(super) fn is_merged(scan: &Scan<'_>, first: usize, span: &Range<usize>) -> bool {
    let side = |j: usize| {
        std::str::from_utf8(scan.slice(scan.tok(j)))
            .is_ok_and(|word| is_merge_word(&word.to_ascii_lowercase()))
    };
    let Some(last) = first.checked_sub(1) else { return false };
    let gap = &scan.bytes[scan.tok(last).end()..span.start];
    let assigned = gap.len() <= 4 && gap.iter().any(|byte| matches!(byte, b'=' | b':'));
    // `surviving_mrn=`, `retired id:`
    assigned && is_lettered(&scan.bytes[span.clone()]) && (side(last) || last > 0 && side(last - 1))
}

/// What one of two merged records is called, in small letters.
pub(in crate::phi) fn is_merge_word(word: &str) -> bool {
    matches!(
        word,
        "survivor" | "surviving" | "survivorid" | "retired" | "retiredid" | "subsumed" | "subsumedid"
    )
}

/// `E3390127`, `UHN-662014`: capitals and digits.
fn is_lettered(text: &[u8]) -> bool {
    let capitals = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let body = text[capitals..].strip_prefix(b"-").unwrap_or(&text[capitals..]);
    (1..=4).contains(&capitals) && body.len() >= 5 && body.iter().all(u8::is_ascii_digit)
}

/// `c_5550143222`, `home_5551234567`: which line of somebody's it is, and its ten or eleven digits.
pub(super) fn is_line_of_a_kind(text: &[u8]) -> bool {
    const KINDS: [&[u8]; 9] = [b"c", b"cell", b"f", b"fax", b"h", b"home", b"m", b"w", b"work"];
    let parted = text.iter().position(|byte| *byte == b'_').map(|at| (&text[..at], &text[at + 1..]));
    parted.is_some_and(|(kind, number)| {
        KINDS.contains(&kind) && matches!(number.len(), 10 | 11) && number.iter().all(u8::is_ascii_digit)
    })
}

/// `8575O`, `0002X`: digits and one letter where a postcode is said to stand, and no size of anything.
pub(super) fn is_code_of_place(word: &str, text: &[u8]) -> bool {
    const CODES: [&str; 4] = ["zip", "zipcode", "postcode", "postalcode"];
    let letters = || text.iter().filter(|byte| byte.is_ascii_alphabetic());
    CODES.contains(&word)
        && (4..=6).contains(&text.len())
        && text[0].is_ascii_digit()
        && letters().count() == 1
        && letters().all(|byte| !matches!(byte, b'K' | b'M' | b'G' | b'k' | b'm' | b'g' | b's' | b'h' | b'd'))
        && text.iter().all(u8::is_ascii_alphanumeric)
}
