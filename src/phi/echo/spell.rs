//! Other spellings of one value: dates in other orders, telephone numbers without their prefixes, escaped secrets.
//!
//! Spellings are folded text (letters and digits only), so separators need no variants.

use crate::phi::rules::dates::MONTHS;

/// Spellings of a date. Empty if the value is none.
pub(super) fn dates(value: &str) -> Vec<Vec<u8>> {
    let Some((y, m, d)) = date(value) else { return Vec::new() };
    let month = MONTHS[m as usize - 1];
    let short = &month[..3];
    let mut spellings = vec![
        format!("{y:04}{m:02}{d:02}"),
        format!("{m:02}{d:02}{y:04}"),
        format!("{d:02}{m:02}{y:04}"),
        format!("{d}{month}{y}"),
        format!("{d:02}{month}{y}"),
        format!("{d}{short}{y}"),
        format!("{d:02}{short}{y}"),
        format!("{month}{d}{y}"),
        format!("{month}{d:02}{y}"),
        format!("{short}{d}{y}"),
        format!("{short}{d:02}{y}"),
        format!("{y}{m}{d}"),
        format!("{m}{d}{y}"),
        format!("{d}{m}{y}"),
        format!("{d:02}{short}{:02}", y % 100),
        format!("{d}of{month}{y}"),
        format!("{d}th{month}{y}"),
        format!("{month}{d}th{y}"),
    ];
    spellings.sort_unstable();
    spellings.dedup();
    spellings.into_iter().map(String::into_bytes).collect()
}

/// Year, month and day of an ISO, compact, American or German date, or of the head of a timestamp.
fn date(value: &str) -> Option<(u32, u32, u32)> {
    let mut groups = [0u32; 3];
    let mut widths = [0usize; 3];
    let mut count = 0;
    let mut in_digits = false;
    for byte in value.trim().bytes() {
        if byte.is_ascii_digit() {
            if !in_digits {
                count += 1;
            }
            in_digits = true;
            if count > 3 || widths[count - 1] == 8 {
                break;
            }
            groups[count - 1] = groups[count - 1] * 10 + u32::from(byte - b'0');
            widths[count - 1] += 1;
        } else if matches!(byte, b'-' | b'/' | b'.' | b' ') && in_digits {
            in_digits = false;
        } else if matches!(byte, b'T' | b't') {
            break;
        } else if count < 3 {
            return None;
        } else {
            break;
        }
    }
    let found = match (count, widths) {
        (_, [8, ..]) => (groups[0] / 10000, groups[0] / 100 % 100, groups[0] % 100),
        (3.., [4, _, _]) => (groups[0], groups[1], groups[2]),
        (3.., [_, _, 4]) if groups[0] > 12 => (groups[2], groups[1], groups[0]),
        (3.., [_, _, 4]) => (groups[2], groups[0], groups[1]),
        _ => return None,
    };
    ((1850..2200).contains(&found.0) && (1..=12).contains(&found.1) && (1..=31).contains(&found.2))
        .then_some(found)
}

/// Digits of a telephone number, whole and without what may be left off before them.
pub(super) fn phones(value: &str) -> Vec<Vec<u8>> {
    let number = value.split(['x', 'X', ';', 'e']).next().unwrap_or(value);
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let mut spellings = Vec::new();
    if digits.len() < 7 {
        return spellings;
    }
    for cut in [0, digits.len().saturating_sub(10), digits.len().saturating_sub(9)] {
        let tail = digits[cut..].strip_prefix(b"0").unwrap_or(&digits[cut..]).to_vec();
        if tail.len() >= 7 && !spellings.contains(&tail) {
            spellings.push(tail);
        }
    }
    spellings
}

/// A secret as it is, and the inner part of its base64 in each of the three alignments. Folded like any text.
pub(super) fn secret(secret: &str) -> Vec<Vec<u8>> {
    let fold = |text: &str| super::fold::fold(text).text;
    let mut spellings = vec![fold(secret)];
    if secret.len() >= 12 {
        for shift in 0..3 {
            let mut padded = vec![0; shift];
            padded.extend_from_slice(secret.as_bytes());
            let encoded = data_encoding::BASE64_NOPAD.encode(&padded);
            // The first characters mix in what stands before the secret, the last what follows it.
            let from = [0, 2, 3][shift];
            spellings.push(fold(&encoded[from..encoded.len() - 2]));
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_their_common_orders() {
        for (value, expected) in [
            ("1987-11-23", Some((1987, 11, 23))),
            ("19871123", Some((1987, 11, 23))),
            ("11/23/1987", Some((1987, 11, 23))),
            ("23.11.1987", Some((1987, 11, 23))),
            ("1987-11-23T08:00:00Z", Some((1987, 11, 23))),
            ("1987-13-45", None),
            ("Marisol", None),
            ("12", None),
        ] {
            assert_eq!(date(value), expected, "{value}");
        }
    }

    #[test]
    fn telephone_numbers_lose_their_prefixes() {
        assert!(phones("+1 (512) 555-0147 ext 4417").contains(&b"5125550147".to_vec()));
        assert!(phones("+44 7700 900123").contains(&b"7700900123".to_vec()));
        assert!(phones("12").is_empty());
    }
}
