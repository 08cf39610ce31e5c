//! Dates in every shape, and ages of 90 and over. Whether a date is a person's is a matter of context.
//!
//! A date is hidden when a cue says so (birth, admission, visit, a word for a person), when it is too old to be
//! operational, or when it stands beside a name. A stamp with a time of day is operational unless a cue says otherwise.

use std::ops::Range;

use super::{AGE, DATE_CUED, DATE_NAMED, DATE_OLD, NUMBER_CUED};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::scan::{Scan, Token};

/// A date as read at some position.
struct Read {
    end: usize,
    /// Four digits, if the shape has them.
    year: Option<u32>,
    /// A time of day other than midnight follows.
    time: bool,
    /// Counts only with a cue.
    weak: bool,
    /// The first of January: a favourite of defaults and epochs.
    new_year: bool,
}

/// Tries every shape that opens with the number token `i`. True if the token is consumed.
pub(in crate::phi) fn numeric(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if age(scan, i) {
        return true;
    }
    let from = opening(scan, i);
    let Some(read) = read(scan, i) else { return false };
    if !bounded(scan, from, read.end) {
        return false;
    }
    judge(scan, i, from..read.end.max(token.end()), &read)
}

/// `12th of March 1984`, `20240315T101500Z`, `90yo`: tokens with letters.
pub(in crate::phi) fn worded(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if age(scan, i) {
        return true;
    }
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &text[digits..];
    let ordinal = matches!(rest, b"st" | b"nd" | b"rd" | b"th" | b"er") && (1..=2).contains(&digits);
    if ordinal {
        let from = opening(scan, i);
        let Some(read) = read(scan, i) else { return false };
        return judge(scan, i, from..read.end, &read);
    }
    if token.flags & crate::phi::scan::WIDE != 0 && digits == 4 && is_day_in_kanji(text) {
        let year = Some(value(&text[..4]));
        let read = Read { end: token.end(), year, time: false, weak: false, new_year: false };
        return judge(scan, i, token.start()..token.end(), &read);
    }
    // 20240315T101500Z and 12Mar1984
    if digits == 8 && rest[0] == b'T' && plausible_compact(&text[..8]) {
        let end = time_end(scan.bytes, token.start() + 9).unwrap_or(token.end());
        let read = Read { end, year: Some(value(&text[..4])), time: true, weak: false, new_year: false };
        return judge(scan, i, token.start()..end, &read);
    }
    if (1..=2).contains(&digits) && rest.len() >= 5 {
        let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let year = &rest[letters..];
        if is_month(&rest[..letters]) && matches!(year.len(), 2 | 4) && year.iter().all(u8::is_ascii_digit) {
            let year = (year.len() == 4).then(|| value(year));
            let read = Read { end: token.end(), year, time: false, weak: false, new_year: false };
            return judge(scan, i, token.start()..token.end(), &read);
        }
    }
    false
}

/// `1975年4月2日`, `1975년4월2일`.
fn is_day_in_kanji(text: &[u8]) -> bool {
    let signs = |year: &str, month: &str, day: &str| {
        let mut rest = text;
        [year, month, day].iter().all(|sign| {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let Some(tail) = rest[digits..].strip_prefix(sign.as_bytes()) else { return false };
            rest = tail;
            (1..=4).contains(&digits)
        })
    };
    signs("年", "月", "日") || signs("년", "월", "일")
}

/// Start of a date that opens with a month name before token `i` (`March 12, 1984`).
fn opening(scan: &Scan<'_>, i: usize) -> usize {
    let start = scan.tok(i).start();
    if i == 0 {
        return start;
    }
    let before = scan.tok(i - 1);
    let gap = &scan.bytes[before.end()..start];
    if before.is_word()
        && matches!(gap, b" " | b"-" | b". " | b"/" | b"." | b"")
        && is_month(scan.slice(before))
    {
        before.start()
    } else {
        start
    }
}

fn read(scan: &Scan<'_>, i: usize) -> Option<Read> {
    let token = scan.tok(i);
    let (bytes, at) = (scan.bytes, token.start());
    let first = leading_digits(bytes, at);
    let month_before = opening(scan, i) != at;
    // March 12, 1984 · March 12 · March 1984
    if month_before {
        if first == 4 && plausible_year(value(&bytes[at..at + 4])) {
            return Some(Read { end: at + 4, year: None, time: false, weak: true, new_year: false });
        }
        if first > 2 {
            return None;
        }
        let mut j = i + 1;
        if scan.get(j).is_some_and(|t| scan.slice(t) == b"de") {
            j += 1;
        }
        let year = scan.get(j).filter(|t| t.is_number() && t.len() == 4 && t.start() - token.end() <= 6);
        return Some(match year {
            Some(year) if plausible_year(value(scan.slice(year))) => {
                let (end, time) = with_time(bytes, year.end());
                Read { end, year: Some(value(scan.slice(year))), time, weak: false, new_year: false }
            }
            _ => {
                let (end, time) = with_time(bytes, token.end());
                Read { end, year: None, time, weak: true, new_year: false }
            }
        });
    }
    let end = at + first;
    let sep = *bytes.get(end).unwrap_or(&0);
    // 1984-03-12 · 12/03/1984 · 12.3.84 · 1984-03
    if matches!(sep, b'-' | b'/' | b'.') && first <= 4 {
        let second = leading_digits(bytes, end + 1);
        if second == 0 {
            return named_month(scan, i, first);
        }
        let second_end = end + 1 + second;
        let third =
            if bytes.get(second_end) == Some(&sep) { leading_digits(bytes, second_end + 1) } else { 0 };
        let third_end = second_end + 1 + third;
        let (one, two, three) = (
            value(&bytes[at..end]),
            value(&bytes[end + 1..second_end]),
            if third > 0 { value(&bytes[second_end + 1..third_end]) } else { 0 },
        );
        if third > 0 && third <= 4 && second <= 2 {
            if first == 4 && third <= 2 && plausible_year(one) {
                let (end, time) = with_time(bytes, third_end);
                return Some(Read {
                    end,
                    year: Some(one),
                    time,
                    weak: false,
                    new_year: two == 1 && three == 1,
                });
            }
            if first <= 2 && third == 4 && plausible_year(three) {
                let (end, time) = with_time(bytes, third_end);
                return Some(Read {
                    end,
                    year: Some(three),
                    time,
                    weak: false,
                    new_year: two == 1 && one == 1,
                });
            }
            if first <= 2 && third == 2 && (1..=31).contains(&one) && (1..=31).contains(&two) {
                let (end, time) = with_time(bytes, third_end);
                return Some(Read { end, year: None, time, weak: true, new_year: false });
            }
            // Mistyped, but under a cue still somebody's: 198-03-12, 1984-3-123.
            return Some(Read { end: third_end, year: None, time: false, weak: true, new_year: false });
        }
        if third == 0 {
            let year_first = first == 4 && second <= 2 && plausible_year(one) && sep != b'.';
            let year_last = first <= 2 && second == 4 && plausible_year(two);
            let day_month = first <= 2
                && second <= 2
                && sep != b'.'
                && (1..=31).contains(&one)
                && (1..=31).contains(&two);
            if year_first || year_last || day_month {
                return Some(Read { end: second_end, year: None, time: false, weak: true, new_year: false });
            }
        }
        return None;
    }
    // 12 March 1984 · 12. März 1984 · 12th of March 1984 · 12 de marzo de 1984
    if first <= 2
        && let Some(read) = named_month(scan, i, first)
    {
        return Some(read);
    }
    // date(1984, 3, 12) · [1984, 3, 12]
    if first == 4 && sep == b',' && plausible_year(value(&bytes[at..end])) {
        let (second, third) = (scan.get(i + 1)?, scan.get(i + 2)?);
        let listed = second.is_number()
            && third.is_number()
            && second.len() <= 2
            && third.len() <= 2
            && second.start() - end <= 2
            && third.start() - second.end() <= 2
            && bytes[second.end()] == b',';
        if listed {
            let call = i > 0 && scan.before(at) == b'(' && {
                let name = scan.slice(scan.tok(i - 1));
                [b"date".as_slice(), b"Date", b"datetime", b"of", b"LocalDate", b"DateTime"].contains(&name)
            };
            let more = scan
                .get(i + 3)
                .is_some_and(|t| t.is_number() && t.start() - third.end() <= 2 && bytes[third.end()] == b',');
            return Some(Read {
                end: third.end(),
                year: call.then(|| value(&bytes[at..end])),
                time: more,
                weak: !call,
                new_year: false,
            });
        }
    }
    // 19840312 · 19840312101500
    if matches!(first, 8 | 12 | 14) && token.is_number() {
        let text = &bytes[at..end];
        if plausible_compact(&text[..8]) {
            return Some(Read { end, year: None, time: false, weak: true, new_year: false });
        }
        if first == 8
            && plausible_year(value(&text[4..]))
            && value(&text[..2]) <= 31
            && value(&text[2..4]) <= 31
        {
            return Some(Read { end, year: None, time: false, weak: true, new_year: false });
        }
    }
    None
}

/// A day at token `i` followed by a month name and perhaps a year.
fn named_month(scan: &Scan<'_>, i: usize, digits: usize) -> Option<Read> {
    if digits > 2 {
        return None;
    }
    let mut j = i + 1;
    while scan
        .get(j)
        .is_some_and(|t| [b"of".as_slice(), b"de", b"st", b"nd", b"rd", b"th"].contains(&scan.slice(t)))
        && j < i + 3
    {
        j += 1;
    }
    let month = scan.get(j)?;
    let near = month.start() - scan.tok(j - 1).end() <= 2;
    if !near || !month.is_word() || !is_month(scan.slice(month)) {
        return None;
    }
    let mut k = j + 1;
    if scan.get(k).is_some_and(|t| [b"de".as_slice(), b"del"].contains(&scan.slice(t))) {
        k += 1;
    }
    let year = scan.get(k).filter(|t| t.start() - scan.tok(k - 1).end() <= 2 && t.is_number());
    match year {
        Some(year) if year.len() == 4 && plausible_year(value(scan.slice(year))) => {
            let (end, time) = with_time(scan.bytes, year.end());
            Some(Read { end, year: Some(value(scan.slice(year))), time, weak: false, new_year: false })
        }
        // `12th of March 84`, but not `12 Mar 10:15`.
        Some(year)
            if year.len() == 2
                && matches!(scan.before(year.start()), b' ' | b'\'' | b',')
                && !matches!(scan.byte(year.end()), b':' | b'.' | b'-') =>
        {
            Some(Read { end: year.end(), year: None, time: false, weak: true, new_year: false })
        }
        Some(year) if year.len() == 2 && scan.before(year.start()) == b'-' => {
            Some(Read { end: year.end(), year: None, time: false, weak: false, new_year: false })
        }
        _ => {
            let (end, time) = with_time(scan.bytes, month.end());
            Some(Read { end, year: None, time, weak: true, new_year: false })
        }
    }
}

fn judge(scan: &mut Scan<'_>, i: usize, span: Range<usize>, read: &Read) -> bool {
    let first = if span.start < scan.tok(i).start() && i > 0 { i - 1 } else { i };
    let mut context = scan.cue_before(first);
    if context.class().is_none() && !context.is_safe() {
        let after = scan.cue_after_date(i, span.end);
        if after.class().is_some() {
            context = after;
        }
    }
    match context.says {
        // Between a birth cue and a stamp with a time, only a touching cue speaks of the stamp.
        Says::Phi(Class::Date) if !read.time || context.strong || context.adjacent => {
            scan.add(&DATE_CUED, context, span);
            return true;
        }
        Says::Phi(class) if context.adjacent && context.strong && !read.weak && class != Class::Name => {
            scan.add_cued(&NUMBER_CUED, class, context, span);
            return true;
        }
        // `patients-2026.11.21` is an index.
        Says::Person
            if context.adjacent
                && !read.time
                && !read.weak
                && !matches!(scan.before(span.start), b'-' | b'_' | b'.') =>
        {
            scan.add(&DATE_CUED, context, span);
            return true;
        }
        Says::Safe => {
            if !read.weak {
                scan.protect(span);
            }
            return !read.weak;
        }
        _ => {}
    }
    if read.weak {
        let short = span.len() >= 6 && !read.time;
        if short && scan.bytes[span.clone()].iter().any(|b| matches!(b, b'/' | b'-' | b' ')) {
            scan.pend(span, &DATE_NAMED);
        }
        return false;
    }
    let old = read.year.is_some_and(|year| (1900..=2007).contains(&year)) && !read.time && !read.new_year;
    if old && !is_namespace(scan, &span) {
        scan.add(&DATE_OLD, context, span);
        return true;
    }
    if !read.time {
        scan.pend(span.clone(), &DATE_NAMED);
    }
    scan.protect(span);
    true
}

/// `http://www.w3.org/1999/02/22-rdf-syntax-ns`: a date in the path of a specification.
fn is_namespace(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    scan.before(span.start) == b'/' || scan.byte(span.end) == b'/'
}

/// A date must not continue some longer run.
fn bounded(scan: &Scan<'_>, from: usize, end: usize) -> bool {
    let before = scan.before(from);
    let beyond = if from >= 2 { scan.bytes[from - 2] } else { 0 };
    let after = scan.byte(end);
    let further = scan.byte(end + 1);
    let glued_before = before.is_ascii_alphanumeric()
        || before >= 0x80 && beyond >= 0x80 && before > 0xBF
        || matches!(before, b'-' | b'.') && beyond.is_ascii_digit();
    let glued_after =
        after.is_ascii_alphanumeric() || matches!(after, b'-' | b'.' | b'/') && further.is_ascii_digit();
    !glued_before && !glued_after
}

/// `aged 93`, `92-year-old`, `101 yo`.
fn age(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if !matches!(digits, 2 | 3) || !(90..=129).contains(&value(&text[..digits])) {
        return false;
    }
    let rest = &text[digits..];
    let before = scan.before(token.start());
    if before == b'.' || before == b'-' || before == b'/' {
        return false;
    }
    let is_unit = |word: &[u8]| {
        const UNITS: [&[u8]; 18] = [
            b"year",
            b"years",
            b"yr",
            b"yrs",
            b"yo",
            b"y",
            b"yom",
            b"yof",
            b"ans",
            b"jahre",
            b"jaar",
            b"anni",
            b"lat",
            b"ar",
            b"anos",
            b"jahriger",
            b"jarige",
            b"yearold",
        ];
        UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit))
    };
    if !rest.is_empty() && is_unit(rest) && rest.len() > 1 {
        scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..token.end());
        return true;
    }
    if !rest.is_empty() {
        return false;
    }
    let next = scan.get(i + 1);
    let follows = |t: &Token| matches!(&scan.bytes[token.end()..t.start()], b" " | b"-");
    if let Some(unit) = next.filter(follows)
        && is_unit(scan.slice(unit))
    {
        let short = scan.slice(unit).len() == 1;
        let slash_o = scan.byte(unit.end()) == b'/' && matches!(scan.byte(unit.end() + 1), b'o' | b'O');
        // "retention 90 years" and "365 y" are no ages; "90 y/o" and "90-year-old" are.
        let veto = i > 0
            && [
                b"retention".as_slice(),
                b"for",
                b"last",
                b"keep",
                b"past",
                b"within",
                b"after",
                b"every",
                b"top",
                b"next",
                b"valid",
                b"expires",
            ]
            .contains(&scan.slice(scan.tok(i - 1)));
        if (!short || slash_o) && !veto {
            let old =
                scan.bytes.get(unit.end()..unit.end() + 4).is_some_and(|t| t == b"-old" || t == b" old");
            let end = unit.end() + if old { 4 } else { 0 };
            scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..end);
            return true;
        }
    }
    if i > 0 {
        let word = scan.tok(i - 1);
        let gap = &scan.bytes[word.end()..token.start()];
        let cue = [
            b"age".as_slice(),
            b"aged",
            b"Age",
            b"Aged",
            b"AGE",
            b"alter",
            b"Alter",
            b"edad",
            b"patientAge",
            b"ageYears",
        ]
        .contains(&scan.slice(word));
        let plain = gap.len() <= 4 && !gap.iter().any(|b| matches!(b, b'-' | b'_' | b'.' | b'/'));
        let unit = scan.unit_after(token.end(), i) || matches!(scan.byte(token.end()), b'.' | b'%' | b'-');
        if cue && plain && !unit {
            scan.add(&AGE, crate::phi::scan::Context::NONE, token.start()..token.end());
            return true;
        }
    }
    false
}

fn leading_digits(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take(20).take_while(|b| b.is_ascii_digit()).count())
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().take(9).fold(0, |sum, b| sum * 10 + u32::from(b.wrapping_sub(b'0') % 10))
}

fn plausible_year(year: u32) -> bool {
    (1850..=2149).contains(&year)
}

fn plausible_compact(text: &[u8]) -> bool {
    plausible_year(value(&text[..4]))
        && (1..=12).contains(&value(&text[4..6]))
        && (1..=31).contains(&value(&text[6..8]))
}

/// Takes in a time of day after a date that ends at `end`. A midnight is no time of day.
fn with_time(bytes: &[u8], end: usize) -> (usize, bool) {
    let separator = match bytes.get(end) {
        Some(b'T' | b't' | b' ' | b':' | b'_') => 1,
        Some(b'%') if bytes.get(end..end + 3) == Some(b"%20") => 3,
        Some(b',') if bytes.get(end + 1) == Some(&b' ') => 2,
        _ => return (end, false),
    };
    match time_end(bytes, end + separator) {
        Some(after) => {
            let clock = &bytes[end + separator..after];
            let midnight = clock.iter().take(8).all(|b| matches!(b, b'0' | b':' | b'Z' | b'.'));
            (after, !midnight)
        }
        None => (end, false),
    }
}

/// `10:15`, `10:15:00.123Z`, `10:15:00+02:00`, `101500Z`, `10:15:00 GMT`.
fn time_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hours = leading_digits(bytes, at);
    let mut end = at + hours;
    if hours == 4 || hours == 6 {
    } else if matches!(hours, 1 | 2) {
        let mut parts = 0;
        while bytes.get(end) == Some(&b':') && leading_digits(bytes, end + 1) == 2 && parts < 2 {
            end += 3;
            parts += 1;
        }
        if parts == 0 {
            return None;
        }
    } else {
        return None;
    }
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        let fraction = leading_digits(bytes, end + 1);
        if fraction > 0 {
            end += 1 + fraction;
        }
    }
    if matches!(bytes.get(end), Some(b'Z' | b'z')) {
        end += 1;
    } else if matches!(bytes.get(end), Some(b'+' | b'-')) && leading_digits(bytes, end + 1) >= 2 {
        end += 1 + leading_digits(bytes, end + 1);
        if bytes.get(end) == Some(&b':') && leading_digits(bytes, end + 1) == 2 {
            end += 3;
        }
    }
    Some(end)
}

/// Month names and their usual abbreviations in the languages of the region packs.
pub(super) fn is_month(word: &[u8]) -> bool {
    if !(3..=12).contains(&word.len()) {
        return false;
    }
    let names: &[&str] = match word[0] | 0x20 {
        b'a' => &[
            "apr", "april", "avril", "avr", "abril", "abr", "aprile", "aug", "august", "augustus", "augusti",
            "août", "aout", "agosto", "ago",
        ],
        b'c' => &["czerwca"],
        b'd' => &[
            "dec",
            "dez",
            "dic",
            "december",
            "dezember",
            "décembre",
            "decembre",
            "diciembre",
            "dicembre",
            "dezembro",
        ],
        b'e' => &["enero", "ene"],
        b'f' => &[
            "feb",
            "february",
            "februar",
            "februari",
            "fevrier",
            "février",
            "fev",
            "fév",
            "febrero",
            "febbraio",
            "fevereiro",
        ],
        b'g' => &["gennaio", "gen", "giugno", "giu", "grudnia"],
        b'j' => &[
            "jan", "january", "januar", "januari", "janvier", "janv", "janeiro", "jun", "june", "juni",
            "juin", "junio", "junho", "jul", "july", "juli", "juil", "juillet", "julio", "julho",
        ],
        b'k' => &["kwietnia"],
        b'l' => &["lutego", "luglio", "lug", "lipca", "listopada"],
        b'm' => &[
            "mar", "march", "marz", "märz", "maart", "mrt", "mars", "marzo", "março", "marca", "may", "mai",
            "mei", "maj", "mayo", "maggio", "mag", "maio", "maja",
        ],
        b'n' => &["nov", "november", "novembre", "noviembre", "novembro"],
        b'o' => {
            &["oct", "okt", "october", "oktober", "octobre", "octubre", "ottobre", "ott", "outubro", "out"]
        }
        b'p' => &["października"],
        b's' => &[
            "stycznia",
            "sierpnia",
            "sep",
            "sept",
            "september",
            "septembre",
            "septiembre",
            "settembre",
            "set",
            "setembro",
        ],
        b'w' => &["września"],
        _ => return false,
    };
    names.iter().any(|name| {
        let name = name.as_bytes();
        name.len() == word.len() && name.iter().zip(word).all(|(a, b)| *a == b.to_ascii_lowercase())
    })
}
