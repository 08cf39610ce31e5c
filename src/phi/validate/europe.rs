//! National identifiers of Europe.

use super::{all_digits, day_month, luhn, number, weighted};

/// European health insurance card: 80 for health (ISO/IEC 7812), the numeric code of a country that issues it (ISO 3166-1), and
/// fifteen digits more (decision S1 of the Administrative Commission, 2009/C 106/08).
pub fn ehic(text: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of numbers, not one a line.
    const ISSUERS: [u64; 33] = [
        40, 56, 100, 191, 196, 203, 208, 233, 246, 250, 276, 300, 348, 352, 372, 380, 428, 438, 440, 442, 470, 528, 578, 616, 620,
        642, 703, 705, 724, 752, 756, 807, 826,
    ];
    all_digits(text, 20) && text.starts_with(b"80") && ISSUERS.contains(&number(&text[2..5]))
}

/// UK national insurance number.
pub fn nino(text: &[u8]) -> bool {
    text.len() == 9
        && text[..2].iter().all(u8::is_ascii_uppercase)
        && !b"DFIQUV".contains(&text[0])
        && !b"DFIOQUV".contains(&text[1])
        && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"TN", *b"NT", *b"ZZ"].contains(&[text[0], text[1]])
        && text[2..8].iter().all(u8::is_ascii_digit)
        && matches!(text[8], b'A'..=b'D')
}

/// UK driving licence: surname, coded birth date, initials, two check letters.
pub fn uk_licence(text: &[u8]) -> bool {
    if text.len() != 16 {
        return false;
    }
    let surname = &text[..5];
    let letters = surname.iter().take_while(|b| b.is_ascii_uppercase()).count();
    letters >= 1
        && surname[letters..].iter().all(|b| *b == b'9')
        && text[5..11].iter().all(u8::is_ascii_digit)
        && matches!(number(&text[6..8]), 1..=12 | 51..=62)
        && matches!(number(&text[8..10]), 1..=31)
        && text[11..13].iter().all(|b| b.is_ascii_uppercase() || *b == b'9')
        && text[13].is_ascii_alphanumeric()
        && text[14..].iter().all(u8::is_ascii_uppercase)
}

/// Irish PPS number: seven digits, a check letter, perhaps one more letter.
pub fn ppsn(text: &[u8]) -> bool {
    if !matches!(text.len(), 8 | 9)
        || !text[..7].iter().all(u8::is_ascii_digit)
        || !text[7..].iter().all(u8::is_ascii_uppercase)
    {
        return false;
    }
    let second = match text.get(8) {
        None | Some(b'W') => 0,
        Some(letter @ b'A'..=b'I') => u32::from(letter - b'A') + 1,
        Some(_) => return false,
    };
    let rest = (weighted(&text[..7], &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
    text[7] == if rest == 0 { b'W' } else { b'A' + rest as u8 - 1 }
}

/// German health insurance number: the letter counts as two digits.
pub fn kvnr(text: &[u8]) -> bool {
    if text.len() != 10 || !text[0].is_ascii_uppercase() || !all_digits(&text[1..], 9) {
        return false;
    }
    let letter = text[0] - b'A' + 1;
    let values = [u32::from(letter / 10), u32::from(letter % 10)];
    let digits = text[1..9].iter().map(|b| u32::from(b - b'0'));
    let sum: u32 = values
        .into_iter()
        .chain(digits)
        .enumerate()
        .map(|(i, value)| {
            let product = if i % 2 == 1 { value * 2 } else { value };
            product / 10 + product % 10
        })
        .sum();
    sum % 10 == u32::from(text[9] - b'0')
}

/// French social security number with its key; `2A` and `2B` are the departments of Corsica.
pub fn nir(text: &[u8]) -> bool {
    if text.len() != 15 || !matches!(text[0], b'1'..=b'4' | b'7' | b'8') {
        return false;
    }
    let mut body = [0u8; 13];
    body.copy_from_slice(&text[..13]);
    match &body[5..7] {
        b"2A" => body[5..7].copy_from_slice(b"19"),
        b"2B" => body[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    if !body.iter().chain(&text[13..]).all(u8::is_ascii_digit) {
        return false;
    }
    let month = number(&body[3..5]);
    (matches!(month, 1..=12 | 20..=42) || month >= 50) && 97 - number(&body) % 97 == number(&text[13..])
}

const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Spanish DNI: eight digits and a letter.
pub fn dni(text: &[u8]) -> bool {
    text.len() == 9 && all_digits(&text[..8], 8) && text[8] == DNI_LETTERS[(number(&text[..8]) % 23) as usize]
}

/// Spanish NIE: X, Y or Z, seven digits and a letter.
pub fn nie(text: &[u8]) -> bool {
    if text.len() != 9 || !matches!(text[0], b'X'..=b'Z') || !all_digits(&text[1..8], 7) {
        return false;
    }
    let value = u64::from(text[0] - b'X') * 10_000_000 + number(&text[1..8]);
    text[8] == DNI_LETTERS[(value % 23) as usize]
}

/// Italian fiscal code. Digits may be replaced by letters where two codes collide (omocodia).
pub fn codice_fiscale(text: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    if !codice_fiscale_shape(text) {
        return false;
    }
    let mut sum = 0;
    for (i, byte) in text[..15].iter().enumerate() {
        let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
        sum += if i % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) };
    }
    text[15] == b'A' + (sum % 26) as u8
}

/// Six letters, two digits, month letter, day, municipality, check letter: distinctive without the check.
pub fn codice_fiscale_shape(text: &[u8]) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || b"LMNPQRSTUV".contains(&b);
    text.len() == 16
        && text[..6].iter().all(u8::is_ascii_uppercase)
        && digit(text[6])
        && digit(text[7])
        && b"ABCDEHLMPRST".contains(&text[8])
        && digit(text[9])
        && digit(text[10])
        && text[11].is_ascii_uppercase()
        && text[12..15].iter().all(|b| digit(*b))
        && text[15].is_ascii_uppercase()
        && text[6..15].iter().filter(|b| b.is_ascii_digit()).count() >= 3
}

/// Dutch BSN: the eleven-test.
pub fn bsn(text: &[u8]) -> bool {
    if !all_digits(text, 9) || number(text) == 0 {
        return false;
    }
    let sum = weighted(&text[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == u32::from(text[8] - b'0') % 11
}

/// Polish PESEL: a date with the century in the month, weights 1 3 7 9.
pub fn pesel(text: &[u8]) -> bool {
    if !all_digits(text, 11) {
        return false;
    }
    let month = number(&text[2..4]) % 20;
    let check = (10 - weighted(&text[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    matches!(month, 1..=12) && matches!(number(&text[4..6]), 1..=31) && check == u32::from(text[10] - b'0')
}

/// Swedish personal number, ten digits: Luhn, a date whose day has 60 added in a coordination number.
pub fn personnummer(text: &[u8]) -> bool {
    let ten = match text.len() {
        10 => text,
        12 => &text[2..],
        _ => return false,
    };
    all_digits(ten, 10)
        && matches!(number(&ten[2..4]), 1..=12)
        && matches!(number(&ten[4..6]), 1..=31 | 61..=91)
        && luhn(ten)
}

/// Finnish personal identity code, eleven characters with its century sign.
pub fn hetu(text: &[u8]) -> bool {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    is_hetu_shape(text) && {
        let value = number(&text[..6]) * 1000 + number(&text[7..10]);
        text[10] == LETTERS[(value % 31) as usize]
    }
}

/// A day, a century sign, three digits and any last character.
pub fn is_hetu_shape(text: &[u8]) -> bool {
    text.len() == 11
        && all_digits(&text[..6], 6)
        && all_digits(&text[7..10], 3)
        && matches!(text[6], b'+' | b'-' | b'A'..=b'F' | b'U'..=b'Y')
        && day_month(&text[..2], &text[2..4])
}
