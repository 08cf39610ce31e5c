//! The shapes a date can have, read at a token: ISO, day or month first, named months, compact, kanji. No judgement.

use crate::phi::list::List;
use crate::phi::scan::Scan;

/// A date as read at some position.
pub(super) struct Read {
    pub(super) end: usize,
    /// Four digits, if the shape has them.
    pub(super) year: Option<u32>,
    /// A time of day other than midnight follows.
    pub(super) time: bool,
    /// Counts only with a cue.
    pub(super) weak: bool,
    /// The first of January: a favourite of defaults and epochs.
    pub(super) new_year: bool,
}

impl Read {
    /// Without a year or a time.
    fn weak(end: usize) -> Read {
        Read { end, year: None, time: false, weak: true, new_year: false }
    }
}

pub(super) fn read(scan: &Scan<'_>, i: usize) -> Option<Read> {
    let token = scan.tok(i);
    let (bytes, at) = (scan.bytes, token.start());
    let first = leading_digits(bytes, at);
    if opening(scan, i) != at {
        return behind_month(scan, i, first);
    }
    let end = at + first;
    match bytes.get(end) {
        Some(b'-' | b'/' | b'.') if first <= 4 => match leading_digits(bytes, end + 1) {
            0 => named_month(scan, i, first),
            second => parted(bytes, [first, second], at),
        },
        sep => {
            // 12 March 1984 · 12. März 1984 · 12th of March 1984 · 12 de marzo de 1984
            let named = if first <= 2 { named_month(scan, i, first) } else { None };
            if named.is_some() {
                return named;
            }
            if first == 4 && sep == Some(&b',') && plausible_year(value(&bytes[at..end])) {
                return argument_of_go(scan, i).or_else(|| listed(scan, i));
            }
            if token.is_number() { packed(&bytes[at..end], end) } else { None }
        }
    }
}

/// March 12, 1984 · March 12 · March 1984: from the number on, which has so many digits.
fn behind_month(scan: &Scan<'_>, i: usize, digits: usize) -> Option<Read> {
    let token = scan.tok(i);
    if digits == 4 && plausible_year(value(&scan.bytes[token.start()..token.start() + 4])) {
        return Some(Read::weak(token.start() + 4));
    }
    if digits > 2 {
        return None;
    }
    let j = i + 1 + usize::from(scan.get(i + 1).is_some_and(|word| scan.slice(word) == b"de"));
    let year = scan
        .get(j)
        .filter(|year| year.is_number() && year.len() == 4 && year.start() - token.end() <= 6)
        .filter(|year| plausible_year(value(scan.slice(*year))));
    let (end, time) = with_time(scan.bytes, year.map_or(token.end(), |year| year.end()));
    let year = year.map(|year| value(scan.slice(year)));
    Some(Read { end, year, time, weak: year.is_none(), new_year: false })
}

/// 1984-03-12 · 12/03/1984 · 12.3.84 · 1984-03: numbers from `at` on, of which the first two have so many digits.
fn parted(bytes: &[u8], [first, second]: [usize; 2], at: usize) -> Option<Read> {
    let end = at + first;
    let second_end = end + 1 + second;
    let third = match bytes.get(second_end) == Some(&bytes[end]) {
        true => leading_digits(bytes, second_end + 1),
        false => 0,
    };
    let third_end = second_end + 1 + third;
    let (one, two) = (value(&bytes[at..end]), value(&bytes[end + 1..second_end]));
    let days = |one: u32, two: u32| (1..=31).contains(&one) && (1..=31).contains(&two);
    if third == 0 {
        let dotted = bytes[end] == b'.';
        let year_first = first == 4 && second <= 2 && plausible_year(one) && !dotted;
        let year_last = first <= 2 && second == 4 && plausible_year(two);
        let day_month = first <= 2 && second <= 2 && !dotted && days(one, two);
        return (year_first || year_last || day_month).then(|| Read::weak(second_end));
    }
    if third > 4 || second > 2 {
        return None;
    }
    let three = value(&bytes[second_end + 1..third_end]);
    let (end, time) = with_time(bytes, third_end);
    let strong = |year, new_year| Read { end, year: Some(year), time, weak: false, new_year };
    Some(match (first, third) {
        (4, 1 | 2) if plausible_year(one) => strong(one, two == 1 && three == 1),
        (1 | 2, 4) if plausible_year(three) => strong(three, two == 1 && one == 1),
        // `1.5.3` is a version.
        (1, 1) if bytes[at + first] == b'.' => return None,
        (1 | 2, 2) if days(one, two) => Read { time, ..Read::weak(end) },
        // Mistyped, but under a cue still somebody's: 198-03-12, 1984-3-123.
        _ => Read::weak(third_end),
    })
}

/// Date(1984, time.March, 12
fn argument_of_go(scan: &Scan<'_>, i: usize) -> Option<Read> {
    let (package, month, day) = (scan.get(i + 1)?, scan.get(i + 2)?, scan.get(i + 3)?);
    let is_day = scan.slice(package) == b"time"
        && month.start() == package.end() + 1
        && is_month(scan.slice(month))
        && day.is_number()
        && day.start() - month.end() <= 2;
    let start = scan.tok(i).start();
    let year = Some(value(&scan.bytes[start..start + 4]));
    is_day.then(|| Read { end: day.end(), year, time: false, weak: false, new_year: false })
}

/// date(1984, 3, 12) · [1984, 3, 12]
fn listed(scan: &Scan<'_>, i: usize) -> Option<Read> {
    const CALLS: [&[u8]; 6] = [b"date", b"Date", b"datetime", b"of", b"LocalDate", b"DateTime"];
    let at = scan.tok(i).start();
    let (second, third) = (scan.get(i + 1)?, scan.get(i + 2)?);
    let listed = second.is_number()
        && third.is_number()
        && second.len() <= 2
        && third.len() <= 2
        && second.start() - (at + 4) <= 2
        && third.start() - second.end() <= 2
        && scan.byte(second.end()) == b',';
    let call = i > 0 && scan.before(at) == b'(' && CALLS.contains(&scan.slice(scan.tok(i - 1)));
    let more = || {
        scan.get(i + 3).is_some_and(|next| {
            next.is_number() && next.start() - third.end() <= 2 && scan.byte(third.end()) == b','
        })
    };
    let year = call.then(|| value(&scan.bytes[at..at + 4]));
    listed.then(|| Read { end: third.end(), year, time: more(), weak: !call, new_year: false })
}

/// 19840312 · 19840312101500
fn packed(digits: &[u8], end: usize) -> Option<Read> {
    let is_day = match digits.len() {
        8 => {
            plausible_compact(digits)
                || plausible_year(value(&digits[4..]))
                    && value(&digits[..2]) <= 31
                    && value(&digits[2..4]) <= 31
        }
        12 | 14 => plausible_compact(&digits[..8]),
        _ => false,
    };
    is_day.then(|| Read::weak(end))
}

/// A day at token `i` followed by a month name and perhaps a year.
fn named_month(scan: &Scan<'_>, i: usize, digits: usize) -> Option<Read> {
    if digits > 2 {
        return None;
    }
    let mut j = i + 1;
    while scan.get(j).is_some_and(|t| {
        [b"of".as_slice(), b"day", b"de", b"st", b"nd", b"rd", b"th"].contains(&scan.slice(t))
    }) && j < i + 4
    {
        j += 1;
    }
    let month = scan.get(j)?;
    let near = month.start() - scan.tok(j - 1).end() <= 2;
    // `04-XX-1971`: what somebody did not know.
    let masked = matches!(scan.slice(month), b"XX" | b"xx" | b"XXX");
    if !near || !month.is_word() || !masked && !is_month(scan.slice(month)) && !is_in_roman(scan, i, j) {
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
            Some(Read::weak(year.end()))
        }
        Some(year) if year.len() == 2 && scan.before(year.start()) == b'-' => {
            // `4-Jul-61`: two digits beyond this century's are of the last one.
            let short = value(scan.slice(year));
            let year_of = (short >= 30).then_some(1900 + short);
            Some(Read { end: year.end(), year: year_of, time: false, weak: false, new_year: false })
        }
        _ => {
            let (end, time) = with_time(scan.bytes, month.end());
            Some(Read { time, ..Read::weak(end) })
        }
    }
}

/// `03.IX.1957`, `12-VI-1960`, `4 XII 1948`: token `j` is a month in Roman numerals between the day at token `i` and a year.
fn is_in_roman(scan: &Scan<'_>, i: usize, j: usize) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"I", b"II", b"III", b"IV", b"V", b"VI", b"VII", b"VIII", b"IX", b"X", b"XI", b"XII"];
    let month = scan.tok(j);
    let sign = scan.byte(month.end());
    let parted =
        j == i + 1 && sign == scan.before(month.start()) && matches!(sign, b'.' | b'-' | b'/' | b' ');
    let year = scan.get(j + 1).filter(|year| year.is_number() && year.len() == 4);
    parted && MONTHS.contains(&scan.slice(month)) && year.is_some_and(|year| year.start() == month.end() + 1)
}

/// Start of a date that opens with a month name before token `i` (`March 12, 1984`).
pub(super) fn opening(scan: &Scan<'_>, i: usize) -> usize {
    let start = scan.tok(i).start();
    if i == 0 {
        return start;
    }
    let before = scan.tok(i - 1);
    let gap = &scan.bytes[before.end()..start];
    // `April the 9th`
    if i > 1 && gap == b" " && scan.slice(before) == b"the" {
        let month = scan.tok(i - 2);
        if scan.bytes[month.end()..before.start()] == *b" " && is_month(scan.slice(month)) {
            return month.start();
        }
    }
    if before.is_word()
        && matches!(gap, b" " | b"-" | b". " | b"/" | b"." | b"")
        && is_month(scan.slice(before))
    {
        before.start()
    } else {
        start
    }
}

/// `1975年4月2日`, `1975년4월2일`.
pub(super) fn is_day_in_kanji(text: &[u8]) -> bool {
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

fn leading_digits(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take(20).take_while(|b| b.is_ascii_digit()).count())
}

pub(super) fn value(digits: &[u8]) -> u32 {
    digits.iter().take(9).fold(0, |sum, b| sum * 10 + u32::from(b.wrapping_sub(b'0') % 10))
}

pub(super) fn plausible_year(year: u32) -> bool {
    (1850..=2149).contains(&year)
}

pub(super) fn plausible_compact(text: &[u8]) -> bool {
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
pub(super) fn time_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hours = leading_digits(bytes, at);
    let mut end = at + hours;
    if hours == 4 || hours == 6 {
    } else if matches!(hours, 1 | 2) {
        let mut parts = 0;
        while bytes.get(end) == Some(&b':') && leading_digits(bytes, end + 1) == 2 && parts < 2 {
            end += 3;
            parts += 1;
        }
        let noon = half_of_day(bytes, end);
        if parts == 0 && noon == end {
            return None;
        }
        if noon > end {
            return Some(noon);
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

/// End of `pm`, ` am`, ` p.m.` behind the hour or minute that ends at `end`, or `end`.
fn half_of_day(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    let gap = usize::from(rest.first() == Some(&b' '));
    let halves: [&[u8]; 4] = [b"a.m.", b"p.m.", b"am", b"pm"];
    let half = halves.iter().find(|half| {
        rest.get(gap..gap + half.len()).is_some_and(|word| word.eq_ignore_ascii_case(half))
            && !rest.get(gap + half.len()).is_some_and(u8::is_ascii_alphanumeric)
    });
    half.map_or(end, |half| end + gap + half.len())
}

/// Month names and their usual abbreviations in the languages of the region packs.
pub(in crate::phi) fn is_month(word: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static MONTHS: List<235> = List::new([
        "apr", "april", "avril", "avr", "abril", "abr", "aprile", "aug", "august", "augustus", "augusti", "août",
        "aout", "agosto", "ago", "czerwca", "dec", "dez", "dic", "december", "dezember", "décembre", "decembre",
        "diciembre", "dicembre", "dezembro", "enero", "ene", "feb", "february", "februar", "februari", "fevrier",
        "février", "fev", "fév", "febrero", "febbraio", "fevereiro", "gennaio", "gen", "giugno", "giu", "grudnia",
        "jan", "january", "januar", "januari", "janvier", "janv", "janeiro", "jun", "june", "juni", "juin", "junio",
        "junho", "jul", "july", "juli", "juil", "juillet", "julio", "julho", "kwietnia", "lutego", "luglio", "lug",
        "lipca", "listopada", "mar", "march", "mrz", "mär", "marz", "märz", "maart", "mrt", "mars", "marzo", "março",
        "marca", "may", "mai", "mei", "maj", "mayo", "maggio", "mag", "maio", "maja", "nov", "november", "novembre",
        "noviembre", "novembro", "oct", "okt", "october", "oktober", "octobre", "octubre", "ottobre", "ott",
        "outubro", "out", "stycznia", "sierpnia", "sep", "sept", "september", "septembre", "septiembre", "settembre",
        "set", "setembro", "września", "tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta",
        "kesäkuuta", "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta", "ledna",
        "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince",
        "januára", "februára", "apríla", "mája", "júna", "júla", "októbra", "januarja", "februarja", "aprila",
        "junija", "julija", "avgusta", "septembra", "oktobra", "novembra", "decembra", "január", "február", "március",
        "április", "május", "június", "július", "augusztus", "szeptember", "október", "ianuarie", "februarie",
        "martie", "aprilie", "iunie", "iulie", "septembrie", "octombrie", "noiembrie", "decembrie", "siječnja",
        "veljače", "ožujka", "travnja", "svibnja", "lipnja", "srpnja", "kolovoza", "rujna", "studenoga", "studenog",
        "prosinca", "marts", "jaanuar", "veebruar", "märts", "aprill", "juuni", "juuli", "oktoober", "detsember",
        "sausio", "vasario", "balandžio", "gegužės", "birželio", "liepos", "rugpjūčio", "rugsėjo", "spalio",
        "lapkričio", "gruodžio", "janvāris", "februāris", "janvārī", "februārī", "aprīlī", "maijā", "jūnijā",
        "jūlijā", "augustā", "septembrī", "oktobrī", "novembrī", "decembrī", "października", "ocak", "şubat", "nisan",
        "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık",
    ]);
    MONTHS.has(word)
}
