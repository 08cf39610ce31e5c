//! Streets: `4417 Larkspur Bend, Unit 9`, `12 rue de la Paix`, `Hauptstraße 12`.

mod types;

use std::ops::Range;

use types::{
    HYPHENATED_TYPES, LONG_ENDS, PLAIN_TYPES, PREFIX_TYPES, SUFFIX_TYPES, TRAILING_TYPES, TYPES, is_any,
    is_joined_street, is_long_suffix, is_plain_suffix,
};

use super::{capital, town};
use crate::phi::class::{Class, Place};
use crate::phi::rules::STREET;
use crate::phi::scan::{Scan, Token, UPPER, WIDE};

/// `4417 Larkspur Bend, Unit 9`, `12 rue de la Paix`.
pub(super) fn street_after(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !house(scan, token) {
        return false;
    }
    let last = i + usize::from(goes_on(scan, i));
    match behind_house(scan, i, last) {
        Some(end) => street(scan, i, token.start()..end),
        None => false,
    }
}

/// Does the number of the house have a second part?
fn goes_on(scan: &Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    scan.get(i + 1).is_some_and(|next| match &scan.bytes[token.end()..next.start()] {
        // `27 bis, rue des Tanneurs`
        b" " => matches!(scan.slice(next), b"bis" | b"ter" | b"quater"),
        // `94-512 Pupuole Pl`, `45-3380 Mamane St`, `41-25 Main St`: numbers of Hawaii and Queens.
        b"-" => next.is_number() && (2..=4).contains(&next.len()) && (2..=3).contains(&token.len()),
        _ => false,
    })
}

/// Words of a street behind the number of a house.
const WORDS_MAX: usize = 6;

/// Where the street ends whose house has its number from token `house` to `last`.
fn behind_house(scan: &Scan<'_>, house: usize, last: usize) -> Option<usize> {
    let mut named = 0;
    for step in 1..=WORDS_MAX {
        let (word, gap) = joined(scan, last + step).filter(|(_, gap)| step == 1 || *gap != b", ")?;
        let text = scan.slice(word);
        if step == 1 && is_leading_type(word, text) {
            // `retry 3 via Kafka`: English.
            if text == b"via" && gap == b" " && scan.cue_before(house).class() != Some(Class::Geo) {
                return None;
            }
            return behind_type(scan, last + step);
        }
        // `Sexton's Yard`
        if named > 0 && gap == b"'" && text == b"s" {
            continue;
        }
        let upper = capital(word, scan);
        // `162 Sjoerdstraat`
        if step == 1
            && gap == b" "
            && upper
            && text.len() >= 7
            && is_joined_street(&text.to_ascii_lowercase())
        {
            return Some(word.end());
        }
        if named > 0 && word.is_word() && TYPES.has(text) && (upper || PLAIN_TYPES.has(text)) {
            let plain = PLAIN_TYPES.has(text) || text.len() <= 4;
            let counts = is_of_machinery(scan, house) || !plain && scan.cue_before(house).is_safe();
            // `1640 Alder Hollow Rd`
            let more = scan.get(last + step + 1).filter(|more| {
                TYPES.has(scan.slice(*more))
                    && capital(*more, scan)
                    && scan.bytes[word.end()..more.start()] == *b" "
            });
            return (!counts).then_some(more.unwrap_or(word).end());
        }
        let lower = word.is_word() && word.flags & (UPPER | WIDE) == 0 && text.len() >= 2 && step <= 3;
        let ordinal = word.has_digit() && text.len() <= 5 && text.iter().any(u8::is_ascii_lowercase);
        let names = upper || if lower { names_in_small(scan, last + step) } else { ordinal };
        if !names {
            return None;
        }
        named += 1;
    }
    None
}

/// The token at `at` and what parts it from the one before, if both may be of one street.
fn joined<'a>(scan: &Scan<'a>, at: usize) -> Option<(Token, &'a [u8])> {
    let word = scan.get(at)?;
    let gap = &scan.bytes[scan.tok(at - 1).end()..word.start()];
    matches!(gap, b" " | b". " | b"'" | b"-" | b", " | b"+" | b"%20").then_some((word, gap))
}

/// `rue`, `via`, `calle`: a type that opens the name of a street.
fn is_leading_type(word: Token, text: &[u8]) -> bool {
    word.is_word()
        && PREFIX_TYPES.has(text)
        && text.len() > 2
        && !is_any(text, &["am", "an", "auf", "zum", "zur", "unter", "place"])
}

/// Where the street ends whose type stands at `at`: at its first long word with a capital.
fn behind_type(scan: &Scan<'_>, at: usize) -> Option<usize> {
    for next in at + 1..at + WORDS_MAX {
        let (word, _) = joined(scan, next).filter(|(_, gap)| *gap != b", ")?;
        let (upper, len) = (capital(word, scan), word.len());
        if !word.is_word() || !upper && len > 3 {
            return None;
        }
        if upper && len >= 3 {
            return Some(word.end());
        }
    }
    None
}

/// `HTTP 404 Not Found Way`: a word before the number says that it counts or names something of a machine.
fn is_of_machinery(scan: &Scan<'_>, house: usize) -> bool {
    house.checked_sub(1).is_some_and(|before| {
        let word = scan.tok(before);
        &scan.bytes[word.end()..scan.tok(house).start()] == b" "
            && is_any(
                scan.slice(word),
                &["HTTP", "error", "code", "status", "line", "port", "step", "phase", "version"],
            )
    })
}

/// A word in small letters names a street only right before one of the plainest types.
fn names_in_small(scan: &Scan<'_>, at: usize) -> bool {
    const OF_SENTENCES: [&[u8]; 10] =
        [b"the", b"per", b"of", b"in", b"on", b"to", b"for", b"by", b"is", b"test"];
    let word = scan.tok(at);
    let before_type = scan.get(at + 1).is_some_and(|next| {
        PLAIN_TYPES.has(scan.slice(next)) && &scan.bytes[word.end()..next.start()] == b" "
    });
    before_type && !OF_SENTENCES.contains(&scan.slice(word))
}

/// `Hauptstraße 12`, `Via Roma 12`, `Calle Mayor, 5`, `ul. Długa 5`.
pub(super) fn street_before(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if i == 0 || !house(scan, token) || token.len() > 5 {
        return false;
    }
    let gap = &scan.bytes[scan.tok(i - 1).end()..token.start()];
    if !matches!(gap, b" " | b", " | b". ") {
        return false;
    }
    let start = in_one_word(scan, i - 1, gap == b" ")
        .or_else(|| of_hyphened_words(scan, i - 1))
        .or_else(|| behind_its_name(scan, i - 1))
        .or_else(|| before_its_name(scan, i - 1));
    start.is_some_and(|start| street(scan, i, start..token.end()))
}

/// `Hauptstraße`: where the street begins that is the word `last`.
fn in_one_word(scan: &Scan<'_>, last: usize, spaced: bool) -> Option<usize> {
    let (word, text) = (scan.tok(last), scan.slice(scan.tok(last)));
    if !word.is_word() || !capital(word, scan) || text.len() < 6 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let suffix = SUFFIX_TYPES.iter().any(|suffix| {
        suffix.len() >= 3 && lower.len() > suffix.len() + 2 && lower.ends_with(suffix.as_bytes())
    });
    let cued = || scan.cue_before(last).class() == Some(Class::Geo);
    let said = || cued() || scan.place != Place::Url && is_long_suffix(&lower);
    (suffix && (is_plain_suffix(&lower) || spaced && said())).then_some(word.start())
}

/// `Wilhelm-Schönland-Allee`: where the street begins that the word `last` ends.
fn of_hyphened_words(scan: &Scan<'_>, last: usize) -> Option<usize> {
    let text = scan.slice(scan.tok(last));
    if !HYPHENATED_TYPES.has(text) || !capital(scan.tok(last), scan) {
        return None;
    }
    let mut first = last;
    while first > 0
        && last - first < 4
        && scan.tok(first - 1).is_word()
        && capital(scan.tok(first - 1), scan)
        && scan.bytes[scan.tok(first - 1).end()..scan.tok(first).start()] == *b"-"
    {
        first -= 1;
    }
    // `Token-Ring 4` has one word before it.
    let parts = last - first;
    (parts >= 2 || parts == 1 && !is_any(text, &["ring", "markt", "steig", "ufer"]))
        .then(|| scan.tok(first).start())
}

/// `Nádor utca`: where the street begins whose kind the word `last` says.
fn behind_its_name(scan: &Scan<'_>, last: usize) -> Option<usize> {
    let (word, text) = (scan.tok(last), scan.slice(scan.tok(last)));
    let before = last.checked_sub(1).filter(|_| word.is_word())?;
    let name = scan.tok(before);
    let titled = name.is_word() && capital(name, scan) && scan.bytes[name.end()..word.start()] == *b" ";
    let trails = || name.len() >= 3 && is_any(text, &TRAILING_TYPES);
    // `street Downing Mews 4`: the number last, behind a word that says what follows.
    let announced = || {
        capital(word, scan)
            && text.len() >= 4
            && TYPES.has(text)
            && scan.cue_before(before).class() == Some(Class::Geo)
    };
    (titled && (trails() || announced())).then_some(name.start())
}

/// `retry 3 via Kafka`: English for how something got there, unless a word for living or a comma stands before it.
fn is_by_way_of(scan: &Scan<'_>, via: usize) -> bool {
    const LEADS: [&str; 8] = [", ", " in ", "abita ", ": ", "=", "\"", "'", "("];
    let lead = scan.lead(via, 16);
    !lead.trim().is_empty() && !LEADS.iter().any(|end| lead.ends_with(end))
}

/// `Via Roma`, `ul. Długa`: where the street begins whose kind stands before capitalised words and particles up to `last`.
fn before_its_name(scan: &Scan<'_>, last: usize) -> Option<usize> {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PLAIN: [&str; 11] =
        ["ul", "ulica", "aleja", "plac", "rue", "via", "viale", "piazza", "calle", "avenida", "rua"];
    let mut j = last;
    for _ in 0..5 {
        let word = scan.tok(j);
        let text = scan.slice(word);
        let particle = text.len() <= 3 && word.flags & UPPER == 0;
        if PREFIX_TYPES.has(text)
            && text.len() >= 2
            && j < last
            && (!matches!(text, b"an" | b"al" | b"os" | b"OS" | b"am" | b"c" | b"place" | b"cours")
                || is_polish(scan, j))
            && (capital(word, scan) || is_polish(scan, j) || is_any(text, &PLAIN))
            && capital(scan.tok(last), scan)
            && !(text == b"via" && is_by_way_of(scan, word.start()))
        {
            return Some(word.start());
        }
        if !(word.is_word() && (capital(word, scan) || particle)) || j == 0 {
            return None;
        }
        let left = scan.tok(j - 1);
        let gap = &scan.bytes[left.end()..word.start()];
        // `C/ Alfarería 33`
        if matches!(gap, b"/ " | b"/") && matches!(scan.slice(left), b"C" | b"c") && capital(word, scan) {
            return Some(left.start());
        }
        if !matches!(gap, b" " | b". " | b"'" | b"-") {
            return None;
        }
        j -= 1;
    }
    None
}

/// `al. Solidarności 12`, `os. Tysiąclecia 5`, but not `Nowak et al. Nature 2020`.
fn is_polish(scan: &Scan<'_>, at: usize) -> bool {
    let word = scan.tok(at);
    matches!(scan.slice(word), b"al" | b"os")
        && scan.bytes[word.end()..].starts_with(b". ")
        && at.checked_sub(1).is_none_or(|before| scan.slice(scan.tok(before)) != b"et")
}

/// Where the street that leads up to the town at `at` begins, whatever it is called: `60576 Parker Mission Apt. 162, `,
/// `Flat 7, Thomson Views, `, `PSC 3505, Box 9835, `. `at` if none does.
pub(super) fn leading(scan: &Scan<'_>, at: usize) -> usize {
    const WORDS_MAX: usize = 5;
    let gap = |left: Token, start: usize| &scan.bytes[left.end()..start];
    let is_unit = |token: Token| {
        is_any(
            scan.slice(token),
            &[
                "apt",
                "apartment",
                "unit",
                "suite",
                "ste",
                "flat",
                "studio",
                "room",
                "box",
                "psc",
                "cmr",
                "house",
                "shop",
                "lot",
            ],
        )
    };
    let mut k = scan.token_from(at);
    let mut from = at;
    let (mut words, mut start) = (0, at);
    while k > 0 {
        let token = scan.tok(k - 1);
        let between = gap(token, from);
        let comma = between == b", ";
        if !(comma || between == b" " || between == b". " || between == b"-") {
            break;
        }
        if token.has_digit() {
            let before = k.checked_sub(2).map(|before| scan.tok(before));
            let of_unit = before
                .filter(|before| is_unit(*before) && matches!(gap(*before, token.start()), b" " | b". "));
            if let Some(unit) = of_unit.filter(|_| token.len() <= 6) {
                // `Apt. 162` stands behind the street, `Flat 7` before it.
                start = unit.start();
                from = start;
                k -= 2;
                words = 0;
                continue;
            }
            if words > 0 && !comma && house(scan, token) {
                return token.start();
            }
            break;
        }
        let particle = token.is_word() && token.len() <= 3 && token.flags & UPPER == 0;
        if !token.is_word()
            || !(capital(token, scan) || particle)
            || words == WORDS_MAX
            || comma && words > 0 && !is_unit(token)
        {
            break;
        }
        words += 1;
        from = token.start();
        k -= 1;
    }
    start
}

/// A word without which no number is that of a house: a type of street before or behind it.
pub(in crate::phi) fn is_street_word(word: &[u8]) -> bool {
    let capital = word.first().is_some_and(u8::is_ascii_uppercase);
    let ends = || {
        let ends = |end: &&str| {
            let at = word.len().checked_sub(end.len());
            at.is_some_and(|at| word[at..].eq_ignore_ascii_case(end.as_bytes()))
        };
        LONG_ENDS.of(word).iter().any(ends)
    };
    PLAIN_TYPES.has(word)
        || capital && HYPHENATED_TYPES.has(word)
        || capital && (TYPES.has(word) || PREFIX_TYPES.has(word) || word.len() >= 6 && ends())
        || PREFIX_TYPES.has(word)
            && (matches!(word, b"ul" | b"al" | b"os")
                || word.len() > 2 && !is_any(word, &["auf", "zum", "zur", "unter", "place"]))
}

/// A house number: up to five digits, perhaps a letter.
fn house(scan: &Scan<'_>, token: Token) -> bool {
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let before = scan.before(token.start());
    // `73,812 concepts`: the end of a longer number.
    let thousands = before == b',' && token.start() > 1 && scan.bytes[token.start() - 2].is_ascii_digit();
    (1..=5).contains(&digits)
        && !(thousands && digits == 3)
        && (text.len() == digits || text.len() == digits + 1 && text[digits].is_ascii_alphabetic())
        && !matches!(before, b'.' | b':' | b'_' | b'$' | b'@' | b'%')
        // `via Jackson 2.17.2`
        && !(scan.byte(token.end()) == b'.' && scan.byte(token.end() + 1).is_ascii_digit())
        && !before.is_ascii_alphabetic()
}

/// Records a street, with its unit, and the town and postcode after it.
fn street(scan: &mut Scan<'_>, i: usize, span: Range<usize>) -> bool {
    let context = scan.cue_before(i);
    let end = unit(scan, span.end);
    scan.add(&STREET, context, unit_before(scan, span.start)..end);
    town::follows(scan, context, end);
    true
}

/// `3/22 Wattle Grove`: where the unit begins before the number at `start`.
fn unit_before(scan: &Scan<'_>, start: usize) -> usize {
    let Some(before) = scan.bytes[..start].strip_suffix(b"/") else { return house_before(scan, start) };
    let width = before.iter().rev().take(5).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let apart =
        before[..before.len() - width].last().is_none_or(|byte| matches!(byte, b' ' | b'(' | b'"' | b'\''));
    if (1..=4).contains(&width) && apart { start - 1 - width } else { start }
}

/// `Rose Cottage, 12 Pinhoe Lane`: where the name of the house begins before the number at `start`.
fn house_before(scan: &Scan<'_>, start: usize) -> usize {
    const REACH: usize = 40;
    const HOUSES: [&str; 12] = [
        "Cottage",
        "Lodge",
        "Farm",
        "Farmhouse",
        "Barn",
        "Villa",
        "Manor",
        "Grange",
        "Vicarage",
        "Rectory",
        "Croft",
        "Bungalow",
    ];
    let Some(lead) = scan.lead(start, REACH).strip_suffix(", ") else { return start };
    let clause =
        lead.rsplit([',', ';', ':', '\n', '"', '\'', '(', '=']).next().unwrap_or_default().trim_start();
    let words = clause.split(' ');
    let named = words.clone().next_back().is_some_and(|word| HOUSES.contains(&word))
        && (2..=3).contains(&words.clone().count())
        && words.into_iter().all(|word| word.starts_with(char::is_uppercase));
    if named { start - ", ".len() - clause.len() } else { start }
}

/// `, Apt 4B`, ` #12`, `, Unit 9`.
pub(super) fn unit(scan: &Scan<'_>, end: usize) -> usize {
    let rest = &scan.bytes[end..scan.bytes.len().min(end + 32)];
    // `Słowackiego 14/3`
    if let [b'/', digits @ ..] = rest {
        let width = digits.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        return if (1..=4).contains(&width) { end + 1 + width } else { end };
    }
    // `Zimmerring 3-1`: a range, or a door.
    if let [b'-', digits @ ..] = rest {
        let width = digits.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let digit = digits.first().is_some_and(u8::is_ascii_digit);
        let bounded = !matches!(digits.get(width), Some(b'-' | b'.' | b'_'));
        // `Prinsengracht 1047-hs`
        let floor = end > 0
            && scan.bytes[end - 1].is_ascii_digit()
            && digits[..width.min(digits.len())].iter().all(u8::is_ascii_alphabetic);
        return if (1..=3).contains(&width) && (digit || floor) && bounded { end + 1 + width } else { end };
    }
    // `Alfarería 33, 2º B`
    let floor = rest.iter().take_while(|b| matches!(b, b' ' | b',')).count();
    let digits = rest[floor..].iter().take_while(|b| b.is_ascii_digit()).count();
    if floor > 0
        && (1..=2).contains(&digits)
        && matches!(
            rest.get(floor + digits..floor + digits + 2),
            Some(b"\xC2\xBA" | b"\xC2\xAA" | b"\xC2\xB0")
        )
    {
        let after = floor + digits + 2;
        let letter = matches!(rest.get(after..after + 2), Some([b' ', b'A'..=b'Z']));
        let letter = letter && !rest.get(after + 2).is_some_and(u8::is_ascii_alphabetic);
        return end + after + if letter { 2 } else { 0 };
    }
    // `Hämeenkatu 12 B, Tampere`
    if let [b' ', b'A'..=b'Z', b',', ..] = rest {
        return end + 2;
    }
    let gap = rest.iter().take_while(|b| matches!(b, b' ' | b',' | b'.' | b'+')).count();
    let body = &rest[gap..];
    if body.first() == Some(&b'#') {
        let width = body[1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        return if (1..=6).contains(&width) { end + gap + 1 + width } else { end };
    }
    let word = body.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    #[rustfmt::skip] // Rows of words, not one a line.
    const UNITS: [&[u8]; 39] = [
        b"apt", b"apartment", b"unit", b"suite", b"ste", b"flat", b"floor", b"fl", b"room", b"rm", b"bldg",
        b"building", b"lot", b"bus", b"bte", b"m", b"lok", b"lgh", b"kv", b"app", b"appt", b"piso", b"esc",
        b"puerta", b"pta", b"planta", b"int", b"interno", b"scala", b"sc", b"bat", b"etg", b"etage", b"top",
        b"stiege", b"tr", b"hus", b"space", b"trlr",
    ];
    if !UNITS.iter().any(|unit| body[..word].eq_ignore_ascii_case(unit)) {
        return end;
    }
    let mut at = word;
    at += body[at..].iter().take_while(|b| matches!(b, b' ' | b'.' | b'#')).count();
    let width = body[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if (1..=6).contains(&width) { end + gap + at + width } else { end }
}
