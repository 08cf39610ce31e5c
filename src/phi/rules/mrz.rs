//! The lines for machines on passports and identity cards: `P<GBRHARGREAVES<<TAMSIN<<<<`.
//!
//! Owns what such a line looks like. Its check digits are not asked: a line that was read wrong is one too.

use std::ops::Range;

use super::MRZ;
use crate::phi::scan::{Context, Scan};

/// Characters of a line: of a passport, a visa or one of two kinds of cards. A log may have cut it, or joined them all.
const BYTES_MIN: usize = 24;
const BYTES_MAX: usize = 96;

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
    ((BYTES_MIN..=BYTES_MAX).contains(&line.len()) && fillers >= 2 && (is_first(line) || holds_days(line)))
        .then_some(start..end)
}

/// The first line opens with the kind of document and the state (ICAO 9303-4 section 4.2.2), and names are parted once.
fn is_first(line: &[u8]) -> bool {
    let state = |part: &[u8]| {
        let letters = part.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        letters >= 1 && part[letters..].iter().all(|byte| *byte == b'<')
    };
    let name = &line[5..];
    let ends = name.iter().rposition(|byte| *byte != b'<').map_or(0, |at| at + 1);
    matches!(line[0], b'P' | b'I' | b'A' | b'C' | b'V')
        && (line[1] == b'<' || line[1].is_ascii_uppercase())
        && state(&line[2..5])
        && memchr::memmem::find(line, b"<<").is_some()
        && (memchr::memmem::find_iter(&name[..ends], b"<<").count() <= 1 || holds_days(line))
}

/// The second line holds the day of birth, a letter for the sex and the day of expiry, each day with its check digit.
fn holds_days(line: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let month = |day: &[u8]| (1..=12).contains(&((day[2] - b'0') * 10 + day[3] - b'0'));
    line.windows(15).any(|days| {
        digits(&days[..7])
            && matches!(days[7], b'M' | b'F' | b'X' | b'<')
            && digits(&days[8..])
            && month(days)
            && month(&days[8..])
    })
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
            "P<GBRHARGREAVES<<TAMSIN<<<<<<<<<<<<<<<<<<<<<9250764733GBR5807221F3001017<<<<<<<<<<<<<<06",
            "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ] {
            let at = text.find('<').unwrap();
            assert!(around(text.as_bytes(), at).is_some(), "{text}");
        }
        for text in [
            "cat <<EOF",
            "CREATE<<TEMP<<TABLE<<IF<<EXISTS",
            "VALUES<<FLAGS1<<2026112214302",
            "DATA<<EOF1234567890123456",
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
