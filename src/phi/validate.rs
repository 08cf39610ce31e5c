//! Check digits and ranges of identifiers: pure arithmetic on digits and letters, no context.
//!
//! Every function takes the bare characters (separators removed) and says whether they *could have been issued*. That
//! raises confidence where the shape is common; it never clears a value that has context, since an error that quotes
//! a mistyped number still quotes it. Sources: the issuers' public format notes. The vectors of
//! the rules that python-stdnum 2.2 knows too were checked with it; it alone takes lower-case IBANs and NHS
//! numbers of one repeated digit.

mod europe;

pub use europe::*;

use std::ops::RangeInclusive;

/// Digits of an ASCII text as numbers; `None` if any byte is no digit.
fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

fn all_digits(text: &[u8], len: usize) -> bool {
    text.len() == len && text.iter().all(u8::is_ascii_digit)
}

/// Value of a short run of digits; callers have checked that it is one.
fn number(text: &[u8]) -> u64 {
    text.iter().fold(0, |sum, byte| sum.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0'))))
}

fn weighted(text: &[u8], weights: &[u32]) -> u32 {
    text.iter().zip(weights).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum()
}

/// Years in which somebody may be born, and few machines were.
pub const OLD_YEARS: RangeInclusive<u32> = 1900..=2007;

/// Does the text begin with such a year?
pub fn opens_with_old_year(text: &[u8]) -> bool {
    matches!(text, [b'1', b'9', b'0'..=b'9', b'0'..=b'9', ..] | [b'2', b'0', b'0', b'0'..=b'7', ..])
}

/// ISO/IEC 7812-1 Annex B.
pub fn luhn(text: &[u8]) -> bool {
    let mut sum = 0;
    for (i, byte) in text.iter().rev().enumerate() {
        let Some(value) = digit(*byte) else { return false };
        let doubled = if i % 2 == 1 { value * 2 } else { value };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    text.len() > 1 && sum % 10 == 0
}

/// Verhoeff's dihedral check: SNOMED CT identifiers, Nigerian NIN (unofficial).
pub fn verhoeff(text: &[u8]) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let mut check = 0u8;
    for (i, byte) in text.iter().rev().enumerate() {
        let Some(value) = digit(*byte) else { return false };
        check = D[check as usize][P[i % 8][value as usize] as usize];
    }
    !text.is_empty() && check == 0
}

/// SSA: no area 000, 666 or 900 to 999, no group 00, no serial 0000, none of the numbers made void by advertising.
pub fn ssn(text: &[u8]) -> bool {
    if !all_digits(text, 9) {
        return false;
    }
    let area = number(&text[..3]);
    let void = text == b"078051120" || text == b"219099999" || text.starts_with(b"98765432");
    area != 0 && area != 666 && area < 900 && &text[3..5] != b"00" && &text[5..] != b"0000" && !void
}

/// IRS: area 900 to 999 and a group of the issued ranges.
pub fn itin(text: &[u8]) -> bool {
    all_digits(text, 9)
        && text[0] == b'9'
        && matches!(number(&text[3..5]), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// CMS: eleven characters `C A AN N A AN N A A N N`, letters without S L O I B Z.
pub fn mbi(text: &[u8]) -> bool {
    let letter = |b: u8| b.is_ascii_uppercase() && !b"SLOIBZ".contains(&b);
    let either = |b: u8| b.is_ascii_digit() || letter(b);
    text.len() == 11
        && matches!(text[0], b'1'..=b'9')
        && letter(text[1])
        && either(text[2])
        && text[3].is_ascii_digit()
        && letter(text[4])
        && either(text[5])
        && text[6].is_ascii_digit()
        && letter(text[7])
        && letter(text[8])
        && text[9].is_ascii_digit()
        && text[10].is_ascii_digit()
}

/// The old Medicare claim number: an SSN and a beneficiary code of a letter and perhaps one more character.
pub fn hicn(text: &[u8]) -> bool {
    matches!(text.len(), 10 | 11)
        && ssn(&text[..9])
        && matches!(text[9], b'A'..=b'F' | b'H' | b'J' | b'K' | b'M' | b'T' | b'W')
        && text.get(10).is_none_or(u8::is_ascii_alphanumeric)
}

/// CMS: ten digits, first 1 or 2, Luhn with the prefix 80840.
pub fn npi(text: &[u8]) -> bool {
    if !all_digits(text, 10) || !matches!(text[0], b'1' | b'2') {
        return false;
    }
    let mut full = *b"80840----------";
    full[5..].copy_from_slice(text);
    luhn(&full)
}

/// DEA registration: two letters (the second may be 9), seven digits.
pub fn dea(text: &[u8]) -> bool {
    if text.len() != 9
        || !text[0].is_ascii_alphabetic()
        || !(text[1].is_ascii_alphabetic() || text[1] == b'9')
    {
        return false;
    }
    all_digits(&text[2..], 7) && weighted(&text[2..8], &[1, 2, 1, 2, 1, 2]) % 10 == u32::from(text[8] - b'0')
}

/// ABA routing number, weights 3 7 1.
pub fn aba(text: &[u8]) -> bool {
    all_digits(text, 9)
        && matches!(number(&text[..2]), 0..=12 | 21..=32 | 61..=72 | 80)
        && number(text) != 0
        && weighted(text, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

/// ISO 3779 as used in North America (49 CFR 565.15): 17 characters, check in position 9.
pub fn vin(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if text.len() != 17 {
        return false;
    }
    let mut sum = 0;
    let (mut letters, mut digits) = (0, 0);
    for (byte, weight) in text.iter().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'H' => u32::from(byte - b'A') + 1,
            b'J'..=b'N' => u32::from(byte - b'J') + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => u32::from(byte - b'S') + 2,
            _ => return false,
        };
        if byte.is_ascii_digit() {
            digits += 1;
        } else {
            letters += 1;
        }
        sum += value * weight;
    }
    let check = match sum % 11 {
        10 => b'X',
        rest => b'0' + rest as u8,
    };
    letters >= 2 && digits >= 4 && text[8] == check
}

/// Payment card: 13 to 19 digits, an issued first digit, Luhn.
pub fn card(text: &[u8]) -> bool {
    (13..=19).contains(&text.len()) && matches!(text[0], b'3'..=b'6') && luhn(text)
}

/// A card of the lengths and prefixes that carry nearly all traffic, strict enough to stand without grouping.
pub fn card_strict(text: &[u8]) -> bool {
    if !luhn(text) || text.len() < 15 {
        return false;
    }
    let four = number(&text[..4]);
    match text.len() {
        15 => matches!(four / 100, 34 | 37),
        16 => {
            text[0] == b'4'
                || matches!(four / 100, 51..=55 | 65)
                || (2221..=2720).contains(&four)
                || four == 6011
                || (3528..=3589).contains(&four)
        }
        _ => false,
    }
}

/// ISO 13616: mod 97 over the rearranged text.
pub fn iban(text: &[u8]) -> bool {
    let shape = (15..=34).contains(&text.len())
        && text[..2].iter().all(u8::is_ascii_uppercase)
        && text[2..4].iter().all(u8::is_ascii_digit)
        && text.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    shape && mod97(text[4..].iter().chain(&text[..4])) == 1
}

fn mod97<'a>(text: impl Iterator<Item = &'a u8>) -> u32 {
    text.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}

/// NHS number, CHI and H&C: weights 10 to 2, 11 minus the rest; 10 is never issued.
pub fn nhs(text: &[u8]) -> bool {
    if !all_digits(text, 10) || text.iter().all(|b| *b == text[0]) {
        return false;
    }
    let check = 11 - weighted(&text[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    check != 10 && check % 11 == u32::from(text[9] - b'0')
}

/// RUT of Chile without its signs: weights 2 to 7 from the right, 11 minus the rest. One that ends in K is not read.
pub fn rut(text: &[u8]) -> bool {
    let (true, Some((check, body))) = (text.iter().all(u8::is_ascii_digit), text.split_last()) else {
        return false;
    };
    let weights = (2..=7).cycle();
    let sum: u32 =
        body.iter().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    matches!(body.len(), 7 | 8)
        && body.iter().any(|digit| digit != check)
        && (11 - sum % 11) % 11 == u32::from(check - b'0')
}

/// Scotland: an NHS check over a number that opens with DDMMYY.
pub fn chi(text: &[u8]) -> bool {
    nhs(text) && day_month(&text[..2], &text[2..4])
}

/// Canadian SIN: Luhn, first digit 1 to 7 or 9.
pub fn sin(text: &[u8]) -> bool {
    all_digits(text, 9) && matches!(text[0], b'1'..=b'7' | b'9') && luhn(text)
}

/// Ontario health number: Luhn, first digit not 0.
pub fn ohip(text: &[u8]) -> bool {
    all_digits(text, 10) && text[0] != b'0' && luhn(text)
}

/// Quebec health number: four letters, YYMMDD with 50 added to a woman's month, two more.
pub fn ramq(text: &[u8]) -> bool {
    text.len() == 12
        && text[..4].iter().all(u8::is_ascii_uppercase)
        && text[4..11].iter().all(u8::is_ascii_digit)
        && text[11].is_ascii_alphanumeric()
        && matches!(number(&text[6..8]), 1..=12 | 51..=62)
        && matches!(number(&text[8..10]), 1..=31)
}

/// Australian Medicare card: the ninth digit checks the first eight; an issue number and perhaps a reference follow.
pub fn au_medicare(text: &[u8]) -> bool {
    matches!(text.len(), 10 | 11)
        && text.iter().all(u8::is_ascii_digit)
        && matches!(text[0], b'2'..=b'6')
        && weighted(&text[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(text[8] - b'0')
}

/// Australian individual healthcare identifier.
pub fn ihi(text: &[u8]) -> bool {
    all_digits(text, 16) && text.starts_with(b"800360") && luhn(text)
}

/// Australian provider (individual or organisation) identifier.
pub fn hpi(text: &[u8]) -> bool {
    all_digits(text, 16) && (text.starts_with(b"800361") || text.starts_with(b"800362")) && luhn(text)
}

/// Australian tax file number.
pub fn tfn(text: &[u8]) -> bool {
    const NINE: [u32; 9] = [1, 4, 3, 7, 5, 8, 6, 9, 10];
    const EIGHT: [u32; 8] = [10, 7, 8, 4, 6, 3, 5, 1];
    match text.len() {
        9 => all_digits(text, 9) && number(text) != 0 && weighted(text, &NINE).is_multiple_of(11),
        8 => all_digits(text, 8) && number(text) != 0 && weighted(text, &EIGHT).is_multiple_of(11),
        _ => false,
    }
}

/// Nigerian NIN. The Verhoeff digit is not official, so it only raises confidence.
pub fn nin(text: &[u8]) -> bool {
    all_digits(text, 11) && verhoeff(text)
}

/// Nigerian bank verification number.
pub fn bvn(text: &[u8]) -> bool {
    all_digits(text, 11) && text.starts_with(b"22")
}

/// IMEI: fifteen digits, Luhn.
pub fn imei(text: &[u8]) -> bool {
    all_digits(text, 15) && luhn(text)
}

/// GS1 GTIN-14: weights 3 1.
pub fn gtin14(text: &[u8]) -> bool {
    all_digits(text, 14) && weighted(text, &[3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// SNOMED CT identifier: 6 to 18 digits, no leading zero, Verhoeff, a known partition.
pub fn snomed(text: &[u8]) -> bool {
    if !(6..=18).contains(&text.len()) || text[0] == b'0' {
        return false;
    }
    let partition = &text[text.len() - 3..text.len() - 1];
    matches!(partition, b"00" | b"01" | b"02" | b"10" | b"11" | b"12") && verhoeff(text)
}

/// LOINC: one to seven digits and a Luhn check digit (given without the dash).
pub fn loinc(text: &[u8]) -> bool {
    (2..=8).contains(&text.len()) && luhn(text)
}

fn day_month(day: &[u8], month: &[u8]) -> bool {
    matches!(number(day), 1..=31) && matches!(number(month), 1..=12)
}

#[cfg(test)]
mod tests;
