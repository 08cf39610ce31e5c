//! The lines for machines on passports and identity cards: `P<GBRHARGREAVES<<TAMSIN<<<<`.
//!
//! Owns what such a line looks like. Its check digits are not asked: a line that was read wrong is one too.

use std::ops::Range;

use super::MRZ;
use crate::phi::scan::{Context, Scan};

/// Characters of a line: of a passport, a visa or one of two kinds of cards. A log may have cut it.
const BYTES_MIN: usize = 24;
const BYTES_MAX: usize = 48;

/// A token before an angle bracket: is it a part of such a line?
pub(in crate::phi) fn line(scan: &mut Scan<'_>, i: usize) -> bool {
    let Some(span) = around(scan.bytes, scan.tok(i).end()) else { return false };
    scan.add(&MRZ, Context::NONE, span);
    true
}

/// The line that holds the angle bracket at `at`.
pub(in crate::phi) fn around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let holds = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'<';
    let start = at - bytes[..at].iter().rev().take(BYTES_MAX + 1).take_while(holds).count();
    let end = at + bytes[at..].iter().take(BYTES_MAX + 1).take_while(holds).count();
    let line = &bytes[start..end];
    let fillers = line.iter().filter(|byte| **byte == b'<').count();
    // The first line opens with the kind of document and the country, the second holds the day of birth.
    let first = || {
        matches!(line[0], b'P' | b'I' | b'A' | b'C' | b'V')
            && line[2..5].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'<')
            && memchr::memmem::find(line, b"<<").is_some()
    };
    let second = || line.iter().filter(|byte| byte.is_ascii_digit()).count() >= 12;
    ((BYTES_MIN..=BYTES_MAX).contains(&line.len()) && fillers >= 2 && (first() || second()))
        .then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn a_line_of_a_passport_is_told_from_what_else_has_angle_brackets() {
        for text in [
            "MRZ P<GBRHARGREAVES<<TAMSIN<<<<<<<<<<<<<<<<<<<<<< rejected",
            "9250764733GBR5807221F3001017<<<<<<<<<<<<<<06",
            "I<UTOD231458907<<<<<<<<<<<<<<<",
        ] {
            let at = text.find('<').unwrap();
            assert!(around(text.as_bytes(), at).is_some(), "{text}");
        }
        for text in [
            "cat <<EOF",
            "A<B<C",
            "VALUE<<OTHER",
            "MAP<STRING,LIST<LONG>>",
            "<<<<<<< HEAD",
            "x <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        ] {
            let at = text.find('<').unwrap();
            assert!(around(text.as_bytes(), at).is_none(), "{text}");
        }
    }
}
