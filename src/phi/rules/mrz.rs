//! The lines for machines on passports and identity cards: `P<GBRHARGREAVES<<TAMSIN<<<<`.
//!
//! Owns what such a line looks like. Its check digits are not asked: a line that was read wrong is one too.

use std::ops::Range;

use super::MRZ;
use crate::phi::scan::{Context, Scan, Token};

/// Characters of a line: of a passport, a visa or one of two kinds of cards. A log may have cut it, or joined them all.
const BYTES_MIN: usize = 24;
const BYTES_MAX: usize = 96;
/// Cut shorter, it must name a state; so must one that somebody wrote in small letters.
const CUT_BYTES_MIN: usize = 12;
/// Up to the check digit of the day of expiry, a second line has no filler.
const SECOND_BYTES_MIN: usize = 28;

/// States and organisations, three letters each (ICAO 9303-3 section 5).
#[rustfmt::skip] // Rows of codes, not one a line.
const STATES: &[u8] =
    b"AFGALBDZAANDAGOARGARMAUSAUTAZEBHSBHRBGDBRBBLRBELBLZBENBTNBOLBIHBWABRABRNBGRBFABDICPVKHMCMRCANCAFTCDCHLCHNCOL\
    COMCOGCODCRICIVHRVCUBCYPCZEDNKDJIDMADOMECUEGYSLVGNQERIESTSWZETHFJIFINFRAGABGMBGEODEUGHAGRCGRDGTMGINGNBGUYHTIHND\
    HKGHUNISLINDIDNIRNIRQIRLISRITAJAMJPNJORKAZKENKIRPRKKORKWTKGZLAOLVALBNLSOLBRLBYLIELTULUXMACMDGMWIMYSMDVMLIMLTMRT\
    MUSMEXFSMMDAMCOMNGMNEMARMOZMMRNAMNPLNLDNZLNICNERNGAMKDNOROMNPAKPLWPANPNGPRYPERPHLPOLPRTQATROURUSRWAKNALCAVCTWSM\
    SMRSTPSAUSENSRBSYCSLESGPSVKSVNSLBSOMZAFSSDESPLKASDNSURSWECHESYRTWNTJKTZATHATLSTGOTONTTOTUNTURTKMTUVUGAUKRAREGBR\
    USAURYUZBVUTVATVENVNMYEMZMBZWERKSPSEPRIEUEUNOUTOGBDGBNGBOGBPGBSXXAXXBXXX";

/// A token before an angle bracket: is it a part of such a line?
pub(in crate::phi) fn line(scan: &mut Scan<'_>, i: usize) -> bool {
    let Some(span) = around(scan.bytes, scan.tok(i).end()) else { return false };
    scan.add(&MRZ, Context::NONE, span);
    true
}

/// A token without an angle bracket: is it the second line of a passport, cut behind the day of expiry?
pub(in crate::phi) fn second(scan: &mut Scan<'_>, token: Token) -> bool {
    let line = scan.slice(token);
    let fits = (SECOND_BYTES_MIN..=BYTES_MAX).contains(&line.len())
        && line.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && is_state(&line[10..13])
        && holds_days(&line[13..SECOND_BYTES_MIN])
        && [13..20, 21..28].into_iter().all(|day| is_checked(&line[day]));
    if fits {
        scan.add(&MRZ, Context::NONE, token.start()..token.end());
    }
    fits
}

/// The line that holds the angle bracket at `at`.
pub(in crate::phi) fn around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let holds = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'<';
    let start = at - bytes[..at].iter().rev().take(BYTES_MAX + 1).take_while(holds).count();
    let end = at + bytes[at..].iter().take(BYTES_MAX + 1).take_while(holds).count();
    let written = &bytes[start..end];
    if !(CUT_BYTES_MIN..=BYTES_MAX).contains(&written.len()) {
        return None;
    }
    let mut upper = [0; BYTES_MAX];
    let line = &mut upper[..written.len()];
    line.copy_from_slice(written);
    line.make_ascii_uppercase();
    let line = &*line;
    let small = written.iter().any(u8::is_ascii_lowercase);
    if small && written.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let stated = is_stated(line);
    let whole = line.len() >= BYTES_MIN
        && line.iter().filter(|byte| **byte == b'<').count() >= 2
        && (!small && is_first(line) || holds_days(line) && (!small || is_state(&line[10..13])));
    (stated || whole).then_some(start..end)
}

/// `P<NGAOKAFOR<<EMEKA`: a kind of document, a state and two names.
fn is_stated(line: &[u8]) -> bool {
    let letters = |name: &[u8]| {
        name.len() >= 2
            && name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'<')
            && name[0] != b'<'
    };
    let named = || {
        let name = &line[5..];
        memchr::memmem::find(name, b"<<").is_some_and(|at| letters(&name[..at]) && letters(&name[at + 2..]))
    };
    matches!(line[0], b'P' | b'I' | b'A' | b'C' | b'V') && line[1] == b'<' && is_state(&line[2..5]) && named()
}

fn is_state(code: &[u8]) -> bool {
    STATES.chunks_exact(3).any(|state| state == code)
}

/// Six digits of a day and their check digit (ICAO 9303-3 section 4.9).
fn is_checked(day: &[u8]) -> bool {
    let sum: u32 =
        day[..6].iter().zip([7, 3, 1, 7, 3, 1]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    sum % 10 == u32::from(day[6] - b'0')
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
            "mrz=P<NGAOKAFOR<<EMEKA",
            "p<espgarcia<lopez<<maria<<<<<<<<<<<<<<",
            "l898902c36uto7408122f1204159ze184226b<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ] {
            let at = text.find('<').unwrap();
            assert!(around(text.as_bytes(), at).is_some(), "{text}");
        }
        for text in [
            "cat <<EOF",
            "p<int<<stream<<endl",
            "P<XYZABC<<DEF",
            "vector<pair<int<<x",
            "p<nga<<okafor",
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
