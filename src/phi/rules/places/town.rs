//! Towns: behind a street or a code, before a postcode, and behind a word for living somewhere.

use std::ops::Range;

use super::{capital, locality, street};
use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::names;
use crate::phi::rules::{CITY_ZIP, TOWN};
use crate::phi::scan::{Context, LOWER, Scan, Token, UPPER};
use crate::phi::structure::words;

/// Words of one town, and the segments between commas that belong to one address.
const WORDS_MAX: usize = 4;
const SEGMENTS_MAX: usize = 3;

/// Verbs of living, and the prepositions that lead on to the place.
#[rustfmt::skip] // Rows of words, not one a line.
static LIVES: List<32> = List::new([
    "lives", "live", "lived", "living", "resides", "residing", "resident", "relocated", "moved", "native", "hails",
    "wohnt", "wohnhaft", "habite", "habitant", "demeurant", "domicilié", "domiciliée", "vive", "reside", "residente",
    "abita", "woont", "woonachtig", "bosatt", "mieszka", "zamieszkały", "zamieszkała", "mora", "born", "nato", "nata",
]);
#[rustfmt::skip]
const PREPOSITIONS: &[&str] = &[
    "in", "at", "of", "to", "from", "near", "à", "en", "a", "te", "i", "w", "em", "zu", "bei", "outside",
];

/// Words for a place of which nothing but its name follows: `suburb Footscray not found`.
static PLACES: List<10> = List::new([
    "lga",
    "LGA",
    "suburb",
    "town",
    "village",
    "locality",
    "hometown",
    "wohnort",
    "woonplaats",
    "comune",
]);

/// Who comes from somewhere: `a 94-year-old female from Kalispell`.
static PERSONS: List<8> = List::new(["female", "male", "woman", "man", "boy", "girl", "lady", "gentleman"]);

/// What a town or village has and is not: `town Hall`, `village Health Clinic`.
static BUILT: List<10> = List::new([
    "Hall", "Council", "Square", "Health", "Green", "Centre", "Center", "Clinic", "Hospital", "Office",
]);

/// A word for living somewhere.
pub(in crate::phi) fn is_living(word: &str) -> bool {
    let word = word.as_bytes();
    LIVES.has_exactly(word) || PLACES.has_exactly(word) || PERSONS.has_exactly(word)
}

/// `lives in Coyanosa`, `moved from Chagrin Heights to Elk Prairie`. `i` is the verb.
pub(in crate::phi) fn lived(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let text = &scan.text[token.start()..token.end()];
    if !is_living(text) {
        return false;
    }
    let mut at = i + 1;
    if PLACES.has_exactly(text.as_bytes()) {
        let built = |named: &Range<usize>| {
            let rest = scan.text[named.end..].trim_start();
            let word = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            let words = scan.text[named.clone()].split(' ').chain([word]);
            words.into_iter().any(|word| BUILT.has_exactly(word.as_bytes()))
        };
        return run(scan, at)
            .filter(|named| !built(named))
            .map(|named| scan.add(&TOWN, Context::NONE, named))
            .is_some();
    }
    let mut found = false;
    // From one place to another.
    for _ in 0..2 {
        let Some(preposition) = scan.get(at) else { return found };
        let word = &scan.text[preposition.start()..preposition.end()];
        // `lives on Marchmont Terrace`
        let street = word == "on";
        let comes = !PERSONS.has_exactly(text.as_bytes()) || word == "from";
        if !spaced(scan, at) || !comes || !street && !PREPOSITIONS.contains(&word) {
            return found;
        }
        let Some(run) = run(scan, at + 1) else { return found };
        let end = run.end;
        let kind = scan.text[run.clone()].rsplit(' ').next().unwrap_or_default();
        if street && (kind.len() == run.len() || !street::is_street_word(kind.as_bytes())) {
            return found;
        }
        scan.add(&TOWN, Context::NONE, run.start..with_code(scan, end));
        found = true;
        at = scan.token_from(end);
    }
    found
}

/// `lives in Dandenong 3175`: the end of the postcode behind a town that ends at `end`; no year.
fn with_code(scan: &Scan<'_>, end: usize) -> usize {
    let code = scan.get(scan.token_from(end)).filter(|code| {
        code.is_number()
            && scan.bytes[end..code.start()] == *b" "
            && (code.len() == 5
                || code.len() == 4 && !matches!(scan.slice(*code), [b'1', b'9', ..] | [b'2', b'0', ..]))
    });
    code.map_or(end, |code| code.end())
}

fn spaced(scan: &Scan<'_>, i: usize) -> bool {
    i > 0 && scan.bytes[scan.tok(i - 1).end()..scan.tok(i).start()] == *b" "
}

/// May this word be one of a town? Not what a message says anyway.
fn is_part(scan: &Scan<'_>, token: Token) -> bool {
    let word = &scan.text[token.start()..token.end()];
    token.is_word()
        && capital(token, scan)
        && token.len() >= 2
        && !words::is_common(word)
        && !crate::phi::protect::is_vocabulary(word)
        && names::may_be_town(word)
        && !(token.flags & LOWER == 0 && token.flags & UPPER != 0 && token.len() <= 3)
}

/// Capitalised words from token `i` on, if they may be a town.
fn run(scan: &Scan<'_>, i: usize) -> Option<Range<usize>> {
    scan.get(i).filter(|_| spaced(scan, i)).and_then(|_| run_at(scan, i))
}

/// The same, whatever stands before them.
fn run_at(scan: &Scan<'_>, i: usize) -> Option<Range<usize>> {
    let first = scan.get(i).filter(|first| is_part(scan, *first))?;
    let mut end = first.end();
    for j in i + 1..i + WORDS_MAX {
        let Some(token) = scan.get(j) else { break };
        let gap = &scan.bytes[end..token.start()];
        // `Chagrin Heights`: the second word may be any.
        let more = token.is_word() && capital(token, scan) && token.flags & LOWER != 0;
        let word = &scan.text[token.start()..token.end()];
        if !matches!(gap, b" " | b"-" | b"'") || !more || words::is_common(word) {
            break;
        }
        end = token.end();
    }
    // `moved to GLACIER_IR`
    let shouted = scan.bytes[first.start()..end].iter().all(u8::is_ascii_uppercase);
    let key = matches!(scan.byte(end), b'=' | b':' | b'(') || scan.byte(end) == b'_' && shouted;
    (!key).then_some(first.start()..end)
}

/// `4450-208 não pertence a Matosinhos`, `LS6 3QX is not in Headingley`: what is said of a postcode that ends at `end`.
pub(in crate::phi) fn told_of(scan: &mut Scan<'_>, end: usize) {
    #[rustfmt::skip] // Rows of phrases, not one a line.
    const SAID: &[&str] = &[
        " is not in ", " is in ", " not in ", " does not belong to ", " belongs to ", " does not match ", " not found in ",
        " não pertence a ", " pertence a ", " no pertenece a ", " pertenece a ", " n'appartient pas à ",
        " n’appartient pas à ", " non appartiene a ", " gehört nicht zu ", " gehört zu ", " liegt nicht in ",
        " ligt niet in ", " hoort niet bij ", " ligger inte i ", " ligger ikke i ", " nie należy do ",
    ];
    let Some(rest) = scan.text.get(end..) else { return };
    // `ZIP 60614 (Chicago)`
    if rest.starts_with(" (") {
        let town = run_at(scan, scan.token_from(end + 2));
        if let Some(town) = town.filter(|town| town.start == end + 2 && scan.byte(town.end) == b')') {
            scan.add(&TOWN, Context::NONE, town);
        }
        return;
    }
    let said = SAID.iter().find(|said| rest.starts_with(**said)).map(|said| said.len());
    let Some(said) = said.or_else(|| behind_kind(rest)) else { return };
    let j = scan.token_from(end + said);
    if let Some(run) = run(scan, j) {
        scan.add(&TOWN, Context::NONE, run);
    }
}

/// ` inconnu pour la commune `, ` ville `: how far behind a postcode a word for a town stands.
fn behind_kind(rest: &str) -> Option<usize> {
    const REACH: usize = 40;
    const KINDS: [&str; 11] = [
        " commune ",
        " ville ",
        " Ort ",
        " Stadt ",
        " ciudad ",
        " localidad ",
        " comune ",
        " gemeente ",
        " cidade ",
        " town ",
        " city ",
    ];
    let near = &rest[..rest.floor_char_boundary(REACH.min(rest.len()))];
    let clause = near.split(['.', ';', ',', '\n', '=', '{']).next().unwrap_or_default();
    KINDS.iter().find_map(|kind| clause.find(kind).map(|at| at + kind.len()))
}

/// Records the town and postcode behind a street or box that ends at `end`.
pub(super) fn follows(scan: &mut Scan<'_>, context: Context, end: usize) {
    let done = scan.done;
    locality(scan, end);
    if scan.done > done {
        return;
    }
    // `5 rue de la Faïencerie in Quimperlé`
    if scan.bytes[end..].starts_with(b" in ")
        && let Some(named) = run(scan, scan.token_from(end + 4))
    {
        scan.add(&TOWN, context, named);
        return;
    }
    let town = behind(scan, end);
    if town > end {
        let gap = scan.bytes[end..town].iter().take_while(|b| matches!(b, b',' | b' ')).count();
        scan.add(&CITY_ZIP, context, end + gap..town);
    }
}

/// The towns behind a street that ends at `end`: `, Surulere`, `, 41010 Sevilla`, `, Bodija, Ibadan`. Returns where they end.
pub(super) fn behind(scan: &Scan<'_>, end: usize) -> usize {
    let mut at = end;
    for _ in 0..SEGMENTS_MAX {
        let Some(rest) = scan.bytes.get(at..) else { break };
        let comma = usize::from(rest.first() == Some(&b','));
        let space = usize::from(rest.get(comma) == Some(&b' '));
        if comma + space == 0 {
            break;
        }
        let j = scan.token_from(at);
        let Some(first) = scan.get(j).filter(|first| first.start() == at + comma + space) else { break };
        // Without a comma only a code goes on with the address.
        let (code_end, next) = code(scan, j).unwrap_or((at, j));
        if code_end == at && comma == 0 && !closes(scan, first) {
            break;
        }
        let mut stop = code_end;
        let mut k = next;
        let mut count = 0;
        while let Some(token) = scan.get(k).filter(|_| count < WORDS_MAX) {
            let from = if count == 0 && code_end == at { first.start() } else { stop };
            let gap = &scan.bytes[from..token.start()];
            let particle = count > 0
                && matches!(
                    &scan.bytes[token.start()..token.end()],
                    b"de" | b"la" | b"sur" | b"an" | b"am" | b"der" | b"upon" | b"le" | b"en" | b"i"
                )
                && scan.get(k + 1).is_some_and(|next| capital(next, scan));
            let close = gap.is_empty() || matches!(gap, b" " | b"-" | b"'");
            if !close || !(particle || is_part(scan, token)) {
                break;
            }
            stop = token.end();
            count += 1;
            k += 1;
        }
        let key = matches!(scan.byte(stop), b'=' | b':') && scan.byte(stop + 1) != b' ';
        if count == 0 && code_end == at || key {
            break;
        }
        at = stop.max(code_end);
    }
    at
}

/// `V1Y 3B7 Kelowna`: where the town ends that closes the clause right behind a code, or the code itself.
pub(super) fn closing(scan: &Scan<'_>, end: usize) -> usize {
    let town = scan.get(scan.token_from(end)).filter(|town| scan.bytes[end..town.start()] == *b" ");
    town.filter(|town| closes(scan, *town)).map_or(end, Token::end)
}

/// `18 Fernhill Rd Truro'`: the town right behind the street ends the clause.
fn closes(scan: &Scan<'_>, town: Token) -> bool {
    let ends = matches!(scan.byte(town.end()), 0 | b'\'' | b'"' | b',' | b';' | b')' | b'.' | b'\n' | b'<');
    ends && town.len() >= 4 && is_part(scan, town)
}

/// A code of the continent at token `j`: where it ends, and the token after it. `9050`, `68000`, `903 42`, `35-060`, `4450-208`, `1012 AB`.
pub(super) fn code(scan: &Scan<'_>, j: usize) -> Option<(usize, usize)> {
    let one = scan.get(j).filter(|one| one.is_number() && (2..=6).contains(&one.len()))?;
    if let Some(two) = scan.get(j + 1).filter(|two| two.start() == one.end() + 1) {
        let sign = scan.byte(one.end());
        let joined = match (one.len(), two.len(), sign) {
            (3, 2, b' ') | (2, 3, b'-') | (4, 3, b'-') => two.is_number(),
            (4, 2, b' ') => super::postcode::is_dutch(scan.slice(two)),
            _ => false,
        };
        if joined {
            return Some((two.end(), j + 2));
        }
    }
    (4..=6).contains(&one.len()).then_some((one.end(), j + 1))
}

/// `Molenberglei 40, 2627 Schelle`: whatever the street is called, a number, a code and a town in a row are an address.
pub(super) fn continental(scan: &mut Scan<'_>, i: usize) -> bool {
    let house = scan.tok(i);
    let digits = scan.slice(house).iter().take_while(|b| b.is_ascii_digit()).count();
    if i == 0 || !(1..=4).contains(&digits) || house.len() > digits + 1 || !spaced(scan, i) {
        return false;
    }
    let mut start = None;
    for j in (i.saturating_sub(WORDS_MAX)..i).rev() {
        let token = scan.tok(j);
        let particle = token.is_word() && token.len() <= 3 && token.flags & UPPER == 0 && start.is_some();
        if !(is_part(scan, token) || particle) || j + 1 < i && !spaced(scan, j + 1) {
            break;
        }
        if capital(token, scan) {
            start = Some(token.start());
        }
    }
    let Some(start) = start else { return false };
    let end = super::street::unit(scan, house.end());
    if scan.byte(end) != b',' || scan.byte(end + 1) != b' ' {
        return false;
    }
    let j = scan.token_from(end);
    let Some((code_end, next)) = code(scan, j) else { return false };
    let town = scan.get(next).is_some_and(|town| {
        scan.bytes[code_end..town.start()] == *b" " && is_part(scan, town) && town.len() >= 3
    });
    if !town {
        return false;
    }
    let end = behind(scan, end);
    let context = scan.cue_before(i);
    scan.add(&CITY_ZIP, context, start..end);
    true
}

/// `113 46 Stockholm`, `75011 Paris`: a code and a city beside a person. In groups that only codes have, they are sure of themselves.
pub(super) fn coded(scan: &mut Scan<'_>, i: usize) -> bool {
    let Some((end, next)) = code(scan, i) else { return false };
    let Some(town) =
        scan.get(next).filter(|town| scan.bytes[end..town.start()] == *b" " && is_part(scan, *town))
    else {
        return false;
    };
    let start = scan.tok(i).start();
    let grouped = next > i + 1;
    let name = &scan.text[town.start()..town.end()];
    let city = names::is_city(name);
    // `geb. am …, 50733 Köln`: whatever the town, behind what else was said of a person.
    let told = scan.bytes[..start].ends_with(b", ")
        && town.len() >= 3
        && name.starts_with(char::is_uppercase)
        && name.chars().skip(1).all(|c| !c.is_uppercase())
        && !crate::phi::protect::is_vocabulary(name);
    let opens = matches!(scan.before(start), 0 | b' ' | b'"' | b'(' | b',' | b'|' | b';' | b'\'' | b'>');
    let goes_on = matches!(scan.byte(town.end()), b'-' | b'_' | b'.' | b'/' | b':' | b'=')
        && scan.byte(town.end() + 1).is_ascii_alphanumeric();
    let context = scan.cue_before(i);
    if !(city || told) || !opens || goes_on || context.is_safe() || !(grouped || end - start == 5) {
        return false;
    }
    let span = start..town.end();
    if city && grouped && !scan.unit_after(end, i) || context.class() == Some(Class::Geo) {
        scan.add(&CITY_ZIP, context, span);
        return true;
    }
    scan.pend(span, &CITY_ZIP);
    false
}

/// The town, and the street with its number, that lead up to a postcode that opens at `at`: where they begin.
pub(super) fn before(scan: &Scan<'_>, at: usize) -> usize {
    let mut start = at;
    let mut k = scan.token_from(at);
    for segment in 0..2 {
        let comma = start >= 2 && scan.bytes[..start].ends_with(b", ");
        // `Sligo\nF91 XD28`: a line of its own.
        let line = segment == 0 && scan.before(start) == b'\n';
        if !(comma || line || segment == 0 && scan.before(start) == b' ') {
            break;
        }
        let mut from = start - if comma { 2 } else { 1 };
        let mut count = 0;
        let (mut numbered, mut on_street) = (false, false);
        while k > 0 && count < WORDS_MAX {
            let token = scan.tok(k - 1);
            let gap = &scan.bytes[token.end()..from.max(token.end())];
            let near = if count == 0 { gap.is_empty() } else { matches!(gap, b" " | b"-" | b"'") };
            let house = token.has_digit() && token.len() <= 5 && count > 0;
            // `Church Lane, Ludlow SY8 1DQ`: a street, with or without a number.
            let street = segment > 0 && capital(token, scan) && street::is_street_word(scan.slice(token));
            on_street |= count == 0 && street;
            let named = on_street
                && token.is_word()
                && capital(token, scan)
                && !crate::phi::protect::is_vocabulary(&scan.text[token.start()..token.end()]);
            // `Saint-Jérôme`
            let half = count > 0 && gap == b"-" && token.is_word() && capital(token, scan);
            if !near || !(is_part(scan, token) || house || named || half) {
                break;
            }
            from = token.start();
            k -= 1;
            count += 1;
            if house {
                numbered = true;
                break;
            }
        }
        if count == 0 || line && scan.before(from) != b'\n' {
            break;
        }
        start = from;
        if numbered {
            break;
        }
    }
    unnumbered(scan, start).unwrap_or(start)
}

/// `rue des Érables, Saint-Jérôme J7Y 3R1`: where the street without a number begins that a town at `town` follows.
fn unnumbered(scan: &Scan<'_>, town: usize) -> Option<usize> {
    const REACH: usize = 40;
    let lead = scan.lead(town, REACH).strip_suffix(", ")?;
    let clause = &lead[lead.rfind([',', ';', ':', '\n', '"', '(', '=']).map_or(0, |at| at + 1)..];
    let street = clause.trim_start();
    let mut words = street.split(' ');
    let named = street::is_street_word(words.next()?.as_bytes())
        && words.clone().count() <= WORDS_MAX
        && words.any(|word| word.starts_with(char::is_uppercase));
    named.then(|| town - ", ".len() - street.len())
}
