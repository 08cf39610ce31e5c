//! Plates of vehicles: `AJ 70 KX`, `BD51 SMR`, `B-MW 4482` under a word for them, and what is written as few other things are where
//! a text speaks of vehicles.

use std::ops::Range;

use super::NUMBER_CUED;
use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::scan::{Context, LOWER, Scan, Token};

/// Groups on either side of the one with digits.
const GROUPS_MAX: usize = 2;
/// No plate is longer in one piece.
pub(in crate::phi) const PLATE_BYTES_MAX: usize = 8;

/// The plate that holds token `i`, the first of its groups with a digit. True if it is consumed.
pub(in crate::phi) fn plate(scan: &mut Scan<'_>, i: usize) -> bool {
    let group = |token: Token| token.flags & LOWER == 0 && token.len() <= 4;
    let whole = scan.tok(i).flags & LOWER == 0 && scan.tok(i).len() <= PLATE_BYTES_MAX;
    let joined = |left: Token, right: Token| {
        right.start() == left.end() + 1 && matches!(scan.byte(left.end()), b' ' | b'-')
    };
    if !whole {
        return false;
    }
    let (mut first, mut last) = (i, i);
    while first > 0
        && i - first < GROUPS_MAX
        && scan.tok(first - 1).is_word()
        && group(scan.tok(first - 1))
        && joined(scan.tok(first - 1), scan.tok(first))
    {
        first -= 1;
    }
    while last - i < GROUPS_MAX
        && scan
            .get(last + 1)
            .is_some_and(|next| group(next) && next.len() <= 3 && joined(scan.tok(last), next))
    {
        last += 1;
    }
    let span = scan.tok(first).start()..scan.tok(last).end();
    let text = &scan.bytes[span.clone()];
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if digits < 1 || letters == 0 || !(5..=9).contains(&(digits + letters)) {
        return false;
    }
    let grouped = first != last && group(scan.tok(i));
    let context = if grouped { scan.cue_before(first) } else { Context::NONE };
    let cued = context.class() == Some(Class::Vehicle) && context.adjacent;
    let seen = || is_plate(text) && scan.stands_alone(&span) && is_of_vehicles(scan.text, &span);
    if !(cued || seen()) {
        return false;
    }
    scan.add_cued(&NUMBER_CUED, Class::Vehicle, context, span);
    true
}

/// `LV71 HTK`, `KJA-774XB`: as the United Kingdom and Nigeria write them, in one piece or two.
pub(in crate::phi) fn is_plate(plate: &[u8]) -> bool {
    let mut shape = [b' '; PLATE_BYTES_MAX];
    let signs = plate.iter().filter(|byte| byte.is_ascii_alphanumeric());
    if signs.clone().count() > PLATE_BYTES_MAX || plate.len() > PLATE_BYTES_MAX + 2 {
        return false;
    }
    for (slot, byte) in shape.iter_mut().zip(signs) {
        *slot = match byte {
            b'0'..=b'9' => b'0',
            b'A'..=b'Z' => b'A',
            _ => return false,
        };
    }
    matches!(&shape, b"AA00AAA " | b"AAA000AA")
}

/// For the gate: could the token be such a plate, or the end of one?
pub(in crate::phi) fn may_end_plate(token: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match token.len() {
        5 => digits(&token[..3]) && token[3..].iter().all(u8::is_ascii_uppercase),
        7 => is_plate(token),
        _ => false,
    }
}

/// Does the line speak of vehicles, or of what reads their plates, near `span`?
fn is_of_vehicles(text: &str, span: &Range<usize>) -> bool {
    const REACH: usize = 80;
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<24> = List::new([
        "anpr", "alpr", "lpr", "ambulance", "ambulances", "barrier", "car", "cars", "carpark", "minibus", "overstay", "overstayed", "parked",
        "parking", "plate", "plates", "taxi", "towed", "towing", "valet", "van", "vehicle", "vehicles", "vrm",
    ]);
    let before = &text[text.ceil_char_boundary(span.start.saturating_sub(REACH))..span.start];
    let behind = &text[span.end..text.floor_char_boundary((span.end + REACH).min(text.len()))];
    let near = [before.rsplit('\n').next(), behind.split('\n').next()];
    near.into_iter()
        .flatten()
        .flat_map(|part| part.split(|c: char| !c.is_ascii_alphabetic()))
        .any(|word| WORDS.has(word.as_bytes()))
}
