//! Street addresses, post-office boxes and postcodes: a number with the words around it. Here the order in which shapes are
//! tried, and what goes with any of them: the town, a box, coordinates.

mod postcode;
pub(in crate::phi) mod street;
pub(in crate::phi) mod town;

use super::{CITY_ZIP, COORDINATES, PO_BOX};
use crate::phi::class::Class;
use crate::phi::scan::{Context, LOWER, Scan, Token};
pub(in crate::phi) use postcode::is_australian;
use postcode::{cued_code, postcode, zip};
use street::{street_after, street_before};
pub(in crate::phi) use town::{lived, told_of};

/// Tries every address shape that has its number at token `i`.
pub(in crate::phi) fn numbered(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if token.len() > 8 {
        return false;
    }
    // Every shape has a space or a joining sign on one side of its number.
    let apart = !matches!(scan.before(token.start()), b' ' | b'+' | b'.' | b',')
        && !matches!(scan.byte(token.end()), b' ' | b'+' | b'%' | b'-' | b'.' | b',');
    if token.is_number() && apart {
        return false;
    }
    po_box(scan, i)
        || postcode(scan, i)
        || street_after(scan, i)
        || street_before(scan, i)
        || town::continental(scan, i)
        || town::coded(scan, i)
        || zip(scan, i)
        || cued_code(scan, i)
        || coordinates(scan, i)
}

fn capital(token: Token, scan: &Scan<'_>) -> bool {
    let first = scan.bytes[token.start()];
    first.is_ascii_uppercase() || first >= 0x80
}

/// The town and postcode directly after a street: capitalised words, a state, digits.
pub(super) fn locality(scan: &mut Scan<'_>, end: usize) {
    let j = scan.token_from(end);
    let Some(first) = scan.get(j) else { return };
    let gap = &scan.bytes[end..first.start()];
    if gap.len() > 4
        || gap.iter().any(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'\n' | b';' | b'=' | b':' | b'{' | b'}' | b'&')
        })
    {
        return;
    }
    let start = first.start();
    let mut at = start;
    let mut confirmed = 0;
    for step in 0..7 {
        let Some(token) = scan.get(j + step) else { break };
        if token.start() < at {
            // The second half of the code before it.
            continue;
        }
        let gap = &scan.bytes[at..token.start()];
        if step > 0 && !matches!(gap, b" " | b", " | b"-" | b",") {
            break;
        }
        let text = scan.slice(token);
        if token.has_digit() {
            let code = matches!(token.len(), 3..=7)
                && (token.is_number() && token.len() >= 4
                    || !token.is_number() && token.flags & LOWER == 0
                    || town::code(scan, j + step).is_some());
            if !code {
                break;
            }
            let whole = if token.is_number() { town::code(scan, j + step) } else { None };
            confirmed = whole.map_or(token.end(), |(end, _)| end);
            at = confirmed;
            // ZIP+4 and the second half of a UK, Canadian, Dutch or Irish code.
            if let Some(next) = scan.get(j + step + 1).filter(|next| next.start() >= at)
                && matches!(&scan.bytes[at..next.start()], b" " | b"-")
                && (next.has_digit() && (3..=4).contains(&next.len())
                    || text.len() == 4 && next.len() == 2 && next.flags & LOWER == 0)
            {
                confirmed = next.end();
                at = confirmed;
            }
            if step > 0 {
                break;
            }
            continue;
        }
        if !capital(token, scan) || crate::phi::protect::is_vocabulary(&scan.text[token.start()..token.end()])
        {
            break;
        }
        let before = at;
        at = token.end();
        let state = token.len() == 2 && token.flags & LOWER == 0;
        // A state or country confirms the town before it and may itself stay.
        if state && step > 0 {
            confirmed = confirmed.max(before);
        } else if confirmed > 0 {
            confirmed = at;
        }
    }
    if confirmed > start {
        let behind = town::behind(scan, confirmed);
        scan.add(&CITY_ZIP, Context::NONE, start..behind);
    }
}

fn po_box(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if i == 0 || !scan.slice(scan.tok(i - 1)).eq_ignore_ascii_case(b"box") || token.len() > 8 {
        return false;
    }
    let mut first = i - 1;
    let mut text: Vec<u8> = Vec::with_capacity(16);
    while first > 0
        && i - first < 5
        && scan.tok(first).start() - scan.tok(first - 1).end() <= 2
        && scan.tok(first - 1).len() <= 6
    {
        first -= 1;
    }
    let from = scan.tok(first).start();
    text.extend(
        scan.bytes[from..scan.tok(i - 1).start()]
            .iter()
            .filter(|b| b.is_ascii_alphabetic())
            .map(u8::to_ascii_lowercase),
    );
    let start = if text.ends_with(b"postoffice") || text.ends_with(b"po") || text.ends_with(b"gpo") {
        let mut k = i - 1;
        while k > first
            && !(scan.slice(scan.tok(k))[0].eq_ignore_ascii_case(&b'p')
                || scan.slice(scan.tok(k))[0].eq_ignore_ascii_case(&b'g'))
        {
            k -= 1;
        }
        scan.tok(k).start()
    } else {
        return false;
    };
    let end = token.end();
    scan.add(&PO_BOX, Context::NONE, start..end);
    town::follows(scan, Context::NONE, end);
    true
}

/// `30.2672, -97.7431` under a cue for a place.
fn coordinates(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !token.is_number() || token.len() > 3 || scan.byte(token.end()) != b'.' {
        return false;
    }
    let Some(fraction) =
        scan.get(i + 1).filter(|next| next.is_number() && next.start() == token.end() + 1 && next.len() >= 3)
    else {
        return false;
    };
    let minus = usize::from(scan.before(token.start()) == b'-');
    if let Some(end) = second_coordinate(scan, i).filter(|_| is_located(scan, token.start() - minus)) {
        scan.add(&COORDINATES, Context::NONE, token.start() - minus..end);
        return true;
    }
    let context = scan.cue_before(i);
    if context.class() != Some(Class::Geo) {
        return false;
    }
    scan.add(&COORDINATES, context, token.start() - minus..fraction.end());
    true
}

/// The end of `-2.23743` in `53.48095,-2.23743`, if the number at token `i` is a latitude and has as many digits.
fn second_coordinate(scan: &Scan<'_>, i: usize) -> Option<usize> {
    let (degrees, fraction, next, end) = (scan.tok(i), scan.get(i + 1)?, scan.get(i + 2)?, scan.get(i + 3)?);
    let gap = &scan.bytes[fraction.end()..next.start()];
    let number =
        |text: &[u8]| text.iter().fold(0u32, |sum, byte| sum * 10 + u32::from(byte.wrapping_sub(b'0') % 10));
    let shaped = fraction.len() >= 4
        && end.len() >= 4
        && fraction.len().abs_diff(end.len()) <= 2
        && next.is_number()
        && end.is_number()
        && next.len() <= 3
        && end.start() == next.end() + 1
        && scan.byte(next.end()) == b'.'
        && matches!(gap, b"," | b", " | b",-" | b", -" | b" " | b" -" | b";" | b"/");
    (shaped && number(scan.slice(degrees)) <= 90 && number(scan.slice(next)) <= 180).then_some(end.end())
}

/// Does a word for where something is stand before two numbers?
fn is_located(scan: &Scan<'_>, at: usize) -> bool {
    const WORDS: [&[u8]; 27] = [
        b"at",
        b"near",
        b"location",
        b"loc",
        b"position",
        b"pos",
        b"pin",
        b"home",
        b"address",
        b"coords",
        b"coord",
        b"coordinates",
        b"gps",
        b"geo",
        b"lat",
        b"latlng",
        b"latlon",
        b"point",
        b"pickup",
        b"dropoff",
        b"marker",
        b"from",
        b"to",
        b"residence",
        b"fix",
        b"position",
        b"tracked",
    ];
    let j = scan.token_from(at);
    (j.saturating_sub(2)..j).any(|k| {
        let token = scan.tok(k);
        at - token.end() <= 16 && WORDS.iter().any(|word| scan.slice(token).eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use crate::phi::{Engine, KeyClass, Place};

    /// Codes of two groups and what stands right behind them: every look ahead has to stay ahead.
    #[test]
    fn a_code_of_two_groups_may_be_followed_by_anything() {
        let engine = Engine::default();
        let mut out = Vec::new();
        for code in
            ["LS6 3AB", "SW1A 1AA", "903 42", "35-060", "4450-208", "1012 AB", "78701-1203", "K1A 0B1"]
        {
            for behind in ["", " (512-555-0143)", " 4", " x 9", ", Y 12", "-7", " 1012 AB", "/2", " é"] {
                for text in [
                    format!("address.line={code}{behind}"),
                    format!("Björkvägen 7, {code}{behind}"),
                    format!("4417 Larkspur Bend, {code}{behind}"),
                    format!("address: {code} {code}{behind}"),
                ] {
                    out.clear();
                    engine.scan(&text, Place::Log, KeyClass::Unknown, &mut out);
                    assert!(!out.is_empty(), "{text}");
                }
            }
        }
    }
}
