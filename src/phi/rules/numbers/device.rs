//! Numbers of devices: the carrier of a device label, and what stands behind a word for what has an IMEI.

use crate::phi::rules::UDI;
use crate::phi::scan::{Context, Scan};

/// `(01)00614141999996(17)...(21)SERIAL`: the serial number in a device label; all of it is the device.
pub(super) fn udi(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let start = token.start();
    if token.len() != 2
        || scan.slice(token) != b"01"
        || scan.before(start) != b'('
        || scan.byte(token.end()) != b')'
    {
        return false;
    }
    let rest = &scan.bytes[start - 1..scan.bytes.len().min(start + 120)];
    let width = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'(' | b')' | b'-' | b'.' | b'/'))
        .count();
    let label = &rest[..width];
    let serial = label.windows(4).any(|w| w == b"(21)");
    let gtin = label.get(4..18).is_some_and(|text| text.iter().all(u8::is_ascii_digit));
    if !gtin {
        return false;
    }
    let trimmed = label.iter().rposition(|b| b.is_ascii_alphanumeric()).map_or(width, |p| p + 1);
    let span = start - 1..start - 1 + trimmed;
    if serial {
        scan.add(&UDI, Context::NONE, span);
    } else {
        scan.protect(span);
    }
    true
}

/// `device 356948120374616`: fifteen digits with the check of an IMEI, behind a word for what has one.
pub(super) fn is_behind_device(scan: &Scan<'_>, i: usize) -> bool {
    const DEVICES: [&[u8]; 8] =
        [b"device", b"handset", b"phone", b"tablet", b"sensor", b"tracker", b"wearable", b"modem"];
    i.checked_sub(1).is_some_and(|before| {
        let before = scan.tok(before);
        let word = scan.slice(before);
        scan.tok(i).start() - before.end() <= 2
            && DEVICES.iter().any(|known| word.eq_ignore_ascii_case(known))
    })
}
