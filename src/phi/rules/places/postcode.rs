//! Postcodes that have a shape of their own, and those that only a cue or a state makes one.

use super::{capital, street, town};
use crate::phi::class::Class;
use crate::phi::rules::{CITY_ZIP, POSTCODE};
use crate::phi::scan::{Context, LOWER, Scan};
use crate::phi::settings::Region;

/// Spaced codes of the United Kingdom, Canada and Ireland; the Dutch one with a cue.
pub(super) fn postcode(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let Some(next) = scan.get(i + 1) else { return false };
    let gap = &scan.bytes[token.end()..next.start()];
    if gap != b" " && gap != b"+" && gap != b"%20" {
        return single_postcode(scan, i);
    }
    let span = token.start()..next.end();
    if !scan.stands_alone(&span) {
        return false;
    }
    let regions = scan.regions();
    let (one, two) = (scan.slice(token), scan.slice(next));
    let upper = token.flags & LOWER == 0 && next.flags & LOWER == 0;
    let known = regions.has(Region::Uk) && uk(one, two)
        || regions.has(Region::Ca) && canada(one, two)
        || regions.has(Region::Uk) && eircode(one, two);
    let dutch = regions.has(Region::Eu) && token.is_number() && one.len() == 4 && is_dutch(two);
    if !known && !dutch {
        return single_postcode(scan, i);
    }
    let context = scan.context(i, span.end);
    let cued = context.class() == Some(Class::Geo);
    // `LS6 3AB` is as sure as a shape can be; `B1 2AB` may be a version.
    let sure =
        one.len() >= 3 && one[..2].iter().all(u8::is_ascii_uppercase) && uk(one, two) || eircode(one, two);
    if upper && known && (!context.is_safe() || sure) || cued {
        // A town before the code goes with it, and a code is sure of itself with a town before it.
        let start = street::leading(scan, town::before(scan, span.start));
        scan.add(&POSTCODE, context, start..town::closing(scan, span.end));
        town::told_of(scan, span.end);
        return true;
    }
    false
}

/// The letters of a Dutch code: three pairs are not given out, and units and short words are seldom meant so.
pub(super) fn is_dutch(letters: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const OTHERS: [&[u8; 2]; 26] = [
        b"SA", b"SD", b"SS", b"OK", b"AM", b"PM", b"MB", b"KB", b"GB", b"TB", b"MS", b"KM", b"CM", b"MM", b"KG", b"MG", b"ML", b"IN",
        b"TO", b"ON", b"AT", b"BY", b"NO", b"IS", b"OF", b"OR",
    ];
    letters.len() == 2
        && letters.iter().all(u8::is_ascii_uppercase)
        && !OTHERS.iter().any(|other| other.as_slice() == letters)
}

/// Codes written as one token count only under a cue.
fn single_postcode(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if token.is_number() || !(5..=7).contains(&token.len()) {
        return false;
    }
    let text = scan.slice(token);
    let cut = text.len() - 3;
    let shaped = uk(&text[..cut], &text[cut..])
        || text.len() == 6 && (canada(&text[..3], &text[3..]) || text[..4].iter().all(u8::is_ascii_digit))
        || text.len() == 7 && eircode(&text[..3], &text[3..]);
    if !shaped {
        return false;
    }
    let context = scan.cue_before(i);
    if context.class() == Some(Class::Geo) {
        scan.add(&POSTCODE, context, token.start()..token.end());
        return true;
    }
    false
}

/// `Austin, TX 78701`, `BELLINGEN NSW 2454`: a ZIP or an Australian postcode after a state, with the town before it.
pub(super) fn zip(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let regions = scan.regions();
    let american = token.len() == 5 && regions.has(Region::Us);
    let australian = token.len() == 4 && regions.has(Region::Au);
    if i == 0 || !token.is_number() || !(american || australian) {
        return false;
    }
    let state = scan.tok(i - 1);
    let text = scan.slice(state);
    let known = if american {
        // `External AS 64512`: Samoa has one ZIP, autonomous systems have numbers.
        text.len() == 2
            && STATES.chunks_exact(2).any(|known| known == text)
            && (text != b"AS" || scan.slice(token) == b"96799")
    } else {
        is_australian(text, scan.slice(token))
    };
    let gap = &scan.bytes[state.end()..token.start()];
    if !known || !matches!(gap, b" " | b"  " | b",") {
        return false;
    }
    let columns = gap == b",";
    let mut end = token.end();
    if scan.byte(end) == b'-'
        && let Some(plus) = scan.get(i + 1)
        && plus.is_number()
        && plus.len() == 4
        && plus.start() == end + 1
    {
        end = plus.end();
    }
    let mut start = state.start();
    let mut k = i - 1;
    let mut words = 0;
    while k > 0 && words < 3 {
        let left = scan.tok(k - 1);
        let gap = &scan.bytes[left.end()..scan.tok(k).start()];
        let comma = words == 0 && matches!((gap, columns), (b", " | b" ", false) | (b",", _))
            || words > 0 && gap == b" ";
        if !comma || !left.is_word() || !capital(left, scan) || left.len() < 3 {
            break;
        }
        start = left.start();
        words += 1;
        k -= 1;
    }
    if words == 0 && scan.cue_before(i - 1).class() != Some(Class::Geo) {
        return false;
    }
    let start = street::leading(scan, start);
    scan.add(&CITY_ZIP, Context::NONE, start..end);
    true
}

/// A state or territory of Australia and a code of its range.
pub(in crate::phi) fn is_australian(state: &[u8], code: &[u8]) -> bool {
    const STATES: [(&[u8], &[u8]); 8] = [
        (b"NSW", b"12"),
        (b"VIC", b"38"),
        (b"QLD", b"49"),
        (b"SA", b"5"),
        (b"WA", b"6"),
        (b"TAS", b"7"),
        (b"ACT", b"02"),
        (b"NT", b"0"),
    ];
    code.len() == 4
        && STATES.iter().any(|(known, first)| *known == state && first.contains(&code[0]))
        // `ACT 2024` is a law, and so is its year.
        && !(state == b"ACT" && code.starts_with(b"20"))
}

/// With the territories and the posts of the armed forces (USPS Publication 28).
const STATES: &[u8] = b"AAAEAPASFMGUMHMPPWALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWYDCPR";

/// Codes of two groups that only a cue tells from other numbers: `78664-1203`, `00-590`, `111 36`.
pub(super) fn cued_code(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let Some(next) = scan.get(i + 1).filter(|next| next.is_number() && next.start() == token.end() + 1)
    else {
        return false;
    };
    let shaped = token.is_number()
        && matches!(
            (token.len(), next.len(), scan.byte(token.end())),
            (5, 4, b'-') | (5, 3, b'-') | (2, 3, b'-') | (4, 3, b'-') | (3, 2, b' ')
        );
    if !shaped || !scan.stands_alone(&(token.start()..next.end())) {
        return false;
    }
    let context = scan.cue_before(i);
    if context.class() != Some(Class::Geo) || !context.adjacent {
        return false;
    }
    scan.add(&POSTCODE, context, token.start()..next.end());
    town::told_of(scan, next.end());
    true
}

fn uk(one: &[u8], two: &[u8]) -> bool {
    let letters = one.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let tail = &one[letters..];
    (1..=2).contains(&letters)
        && (1..=2).contains(&tail.len())
        && tail[0].is_ascii_digit()
        && tail.iter().all(u8::is_ascii_alphanumeric)
        && two.len() == 3
        && two[0].is_ascii_digit()
        && two[1..].iter().all(|b| b.is_ascii_alphabetic() && !b"CIKMOVcikmov".contains(b))
}

fn canada(one: &[u8], two: &[u8]) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() && !b"DFIOQUdfioqu".contains(&b);
    one.len() == 3
        && two.len() == 3
        && letter(one[0])
        && !b"WZwz".contains(&one[0])
        && one[1].is_ascii_digit()
        && letter(one[2])
        && two[0].is_ascii_digit()
        && letter(two[1])
        && two[2].is_ascii_digit()
}

fn eircode(one: &[u8], two: &[u8]) -> bool {
    let letter = |b: u8| b"ACDEFHKNPRTVWXY".contains(&b.to_ascii_uppercase());
    one.len() == 3
        && two.len() == 4
        && letter(one[0])
        && one[1].is_ascii_digit()
        && (one[2].is_ascii_digit() || one[2] == b'W')
        && two.iter().all(|b| b.is_ascii_digit() || letter(*b))
        && two.iter().any(u8::is_ascii_digit)
        && two.iter().any(u8::is_ascii_alphabetic)
}
