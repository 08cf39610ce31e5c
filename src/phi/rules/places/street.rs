//! Streets: `4417 Larkspur Bend, Unit 9`, `12 rue de la Paix`, `Hauptstraße 12`.

use std::ops::Range;

use super::{capital, locality, town};
use crate::phi::class::Class;
use crate::phi::ends::Ends;
use crate::phi::list::List;
use crate::phi::rules::{CITY_ZIP, STREET};
use crate::phi::scan::{Scan, Token, UPPER, WIDE};

/// `4417 Larkspur Bend, Unit 9`, `12 rue de la Paix`.
pub(super) fn street_after(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !house(scan, token) {
        return false;
    }
    let context = || scan.cue_before(i);
    // `27 bis, rue des Tanneurs`
    let repeated = scan.get(i + 1).filter(|next| {
        matches!(scan.slice(*next), b"bis" | b"ter" | b"quater")
            && scan.bytes[token.end()..next.start()] == *b" "
    });
    let first = i + usize::from(repeated.is_some());
    let mut previous = repeated.unwrap_or(token);
    let mut named = 0;
    let mut prefix = false;
    for step in 1..=6 {
        let Some(word) = scan.get(first + step) else { return false };
        let gap = &scan.bytes[previous.end()..word.start()];
        let close =
            matches!(gap, b" " | b". " | b"'" | b"-" | b", " | b"+" | b"%20") && (gap != b", " || step == 1);
        if !close {
            return false;
        }
        let text = scan.slice(word);
        if step == 1
            && word.is_word()
            && PREFIX_TYPES.has(text)
            && text.len() > 2
            && !is_any(text, &["am", "an", "auf", "zum", "zur", "unter", "place"])
        {
            prefix = true;
            previous = word;
            continue;
        }
        if prefix {
            let more = word.is_word() && (capital(word, scan) || text.len() <= 3);
            if !more {
                return false;
            }
            if capital(word, scan) && text.len() >= 3 {
                let end = word.end();
                return street(scan, i, token.start()..end);
            }
            previous = word;
            continue;
        }
        // A lower-case word that ends in nothing like a street and is followed by no type ends the search early.
        // `Sexton's Yard`
        if named > 0 && gap == b"'" && text == b"s" {
            previous = word;
            continue;
        }
        let upper = capital(word, scan);
        let ordinal = word.has_digit() && text.len() <= 5 && text.iter().any(u8::is_ascii_lowercase);
        if named > 0 && word.is_word() && TYPES.has(text) && (upper || PLAIN_TYPES.has(text)) {
            let end = word.end();
            let plain = PLAIN_TYPES.has(text) || text.len() <= 4;
            let before_number = i > 0 && {
                let left = scan.tok(i - 1);
                let gap = &scan.bytes[left.end()..token.start()];
                gap == b" "
                    && is_any(
                        scan.slice(left),
                        &["HTTP", "error", "code", "status", "line", "port", "step", "phase", "version"],
                    )
            };
            if before_number || !plain && context().is_safe() {
                return false;
            }
            return street(scan, i, token.start()..end);
        }
        // Lower-case street names need the plainest types.
        let lower = word.is_word() && word.flags & (UPPER | WIDE) == 0 && text.len() >= 2 && step <= 3;
        if !(upper || ordinal || lower) {
            return false;
        }
        if lower && !upper {
            let next_type = scan.get(first + step + 1).is_some_and(|next| {
                PLAIN_TYPES.has(scan.slice(next)) && &scan.bytes[word.end()..next.start()] == b" "
            });
            let weekday =
                [b"the".as_slice(), b"per", b"of", b"in", b"on", b"to", b"for", b"by", b"is", b"test"]
                    .contains(&text);
            if !next_type || weekday {
                return false;
            }
        }
        named += 1;
        previous = word;
    }
    false
}

/// `Hauptstraße 12`, `Via Roma 12`, `Calle Mayor, 5`, `ul. Długa 5`.
pub(super) fn street_before(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if i == 0 || !house(scan, token) || token.len() > 5 {
        return false;
    }
    let last = scan.tok(i - 1);
    let gap = &scan.bytes[last.end()..token.start()];
    if !matches!(gap, b" " | b", " | b". ") {
        return false;
    }
    let text = scan.slice(last);
    if last.is_word() && capital(last, scan) && text.len() >= 6 {
        let lower: Vec<u8> = text.to_ascii_lowercase();
        let suffix = SUFFIX_TYPES.iter().any(|suffix| {
            suffix.len() >= 3 && lower.len() > suffix.len() + 2 && lower.ends_with(suffix.as_bytes())
        });
        let word = lower.ends_with("straße".as_bytes())
            || lower.ends_with(b"strasse")
            || lower.ends_with(b"straat")
            || lower.ends_with(b"gatan")
            || lower.ends_with("vägen".as_bytes());
        if suffix
            && (word || gap == b" " && scan.place != crate::phi::class::Place::Url && is_long_suffix(&lower))
        {
            return street(scan, i, last.start()..token.end());
        }
    }
    // `Wilhelm-Schönland-Allee 18`
    if HYPHENATED_TYPES.has(text) && capital(last, scan) {
        let mut first = i - 1;
        while first > 0
            && i - first <= 4
            && scan.tok(first - 1).is_word()
            && capital(scan.tok(first - 1), scan)
            && scan.bytes[scan.tok(first - 1).end()..scan.tok(first).start()] == *b"-"
        {
            first -= 1;
        }
        // `Token-Ring 4` has one word before it.
        let parts = i - 1 - first;
        if parts >= 2 || parts == 1 && !is_any(text, &["ring", "markt", "steig", "ufer"]) {
            return street(scan, i, scan.tok(first).start()..token.end());
        }
    }
    // `street Downing Mews 4`: the number last, behind a word that says what follows.
    if i >= 2 && last.is_word() && capital(last, scan) && text.len() >= 4 && TYPES.has(text) {
        let name = scan.tok(i - 2);
        let titled = name.is_word() && capital(name, scan) && scan.bytes[name.end()..last.start()] == *b" ";
        if titled && scan.cue_before(i - 2).class() == Some(Class::Geo) {
            return street(scan, i, name.start()..token.end());
        }
    }
    // Walk back over capitalised words and particles to a prefix type.
    let mut j = i - 1;
    for _ in 0..5 {
        let word = scan.tok(j);
        let text = scan.slice(word);
        let particle = text.len() <= 3 && word.flags & UPPER == 0;
        if PREFIX_TYPES.has(text)
            && text.len() >= 2
            && j < i - 1
            && !matches!(text, b"an" | b"al" | b"os" | b"OS" | b"am" | b"c" | b"place" | b"cours")
        {
            let titled = capital(word, scan)
                || is_any(
                    text,
                    &["ul", "ulica", "aleja", "rue", "via", "viale", "piazza", "calle", "avenida", "rua"],
                );
            let named = capital(scan.tok(i - 1), scan);
            if titled && named {
                return street(scan, i, word.start()..token.end());
            }
        }
        if !(word.is_word() && (capital(word, scan) || particle)) || j == 0 {
            return false;
        }
        let left = scan.tok(j - 1);
        let gap = &scan.bytes[left.end()..word.start()];
        // `C/ Alfarería 33`
        if matches!(gap, b"/ " | b"/") && matches!(scan.slice(left), b"C" | b"c") && capital(word, scan) {
            return street(scan, i, left.start()..token.end());
        }
        if !matches!(gap, b" " | b". " | b"'" | b"-") {
            return false;
        }
        j -= 1;
    }
    false
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
            && (word == b"ul" || word.len() > 2 && !is_any(word, &["auf", "zum", "zur", "unter", "place"]))
}

/// Endings long enough not to be met in machine text.
const LONG_SUFFIXES: [&str; 10] =
    ["platz", "gasse", "allee", "plein", "gracht", "laan", "singel", "weg", "damm", "ufer"];

/// These, and those that make a street of any word.
static LONG_ENDS: Ends<13> = Ends::new([
    "platz", "gasse", "allee", "plein", "gracht", "laan", "singel", "weg", "damm", "ufer", "strasse",
    "straat", "gatan",
]);

fn is_long_suffix(lower: &[u8]) -> bool {
    LONG_SUFFIXES.iter().any(|suffix| lower.ends_with(suffix.as_bytes()))
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
        && !before.is_ascii_alphabetic()
}

/// Records a street, with its unit, and the town and postcode after it.
fn street(scan: &mut Scan<'_>, i: usize, span: Range<usize>) -> bool {
    let context = scan.cue_before(i);
    let end = unit(scan, span.end);
    scan.add(&STREET, context, span.start..end);
    let done = scan.done;
    locality(scan, end);
    if scan.done == done {
        let town = town::behind(scan, end);
        if town > end {
            let gap = scan.bytes[end..town].iter().take_while(|b| matches!(b, b',' | b' ')).count();
            scan.add(&CITY_ZIP, context, end + gap..town);
        }
    }
    true
}

/// `, Apt 4B`, ` #12`, `, Unit 9`.
pub(super) fn unit(scan: &Scan<'_>, end: usize) -> usize {
    let rest = &scan.bytes[end..scan.bytes.len().min(end + 32)];
    // `Słowackiego 14/3`
    if let [b'/', digits @ ..] = rest {
        let width = digits.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        return if (1..=4).contains(&width) { end + 1 + width } else { end };
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

#[rustfmt::skip] // Rows of words, not one a line.
static TYPES: List<226> = List::new([
    "st", "street", "str", "ave", "av", "avenue", "rd", "road", "ln", "lane", "blvd", "boulevard", "dr", "drive", "ct",
    "court", "ter", "terrace", "terr", "way", "cl", "close", "cres", "crescent", "crst", "pl", "place", "cir",
    "circle", "pkwy", "parkway", "hwy", "highway", "sq", "square", "trl", "trail", "bend", "bnd", "grove", "grv",
    "gardens", "gdns", "garden", "mews", "alley", "aly", "crossing", "xing", "plaza", "plz", "quay", "wharf",
    "esplanade", "esp", "parade", "pde", "broadway", "turnpike", "tpke", "pike", "freeway", "fwy", "expressway",
    "cove", "cv", "hollow", "holw", "ridge", "rdg", "hill", "hills", "heights", "hts", "landing", "lndg", "meadow",
    "meadows", "mdws", "glen", "gln", "walk", "rise", "drove", "estate", "row", "loop", "crest", "knoll", "knl",
    "vista", "manor", "mnr", "annex", "arcade", "bayou", "beach", "bluff", "brook", "brooks", "burg", "bypass",
    "canyon", "cape", "causeway", "centre", "cliff", "cliffs", "commons", "corners", "creek", "curve", "dale", "dam",
    "dell", "down", "downs", "drift", "falls", "ferry", "flats", "fold", "ford", "forest", "forge", "fort", "gait",
    "garth", "glade", "glebe", "grange", "green", "greens", "gully", "gulch", "hamlet", "harbor", "harbour", "haven",
    "heath", "hatch", "holt", "hythe", "inlet", "isle", "junction", "lake", "lea", "leas", "leaze", "lookout", "meads",
    "mead", "mere", "mill", "mills", "moor", "motorway", "mount", "mountain", "nook", "orchard", "outlook", "oval",
    "overpass", "parks", "passage", "pasture", "pathway", "pine", "pines", "plain", "plains", "prairie", "precinct",
    "promenade", "quadrant", "radial", "ramble", "ranch", "rapids", "reach", "retreat", "ridgeway", "river", "shoal",
    "shore", "shores", "side", "skyway", "slope", "snicket", "spring", "springs", "spur", "steps", "subway", "thicket",
    "throughway", "tor", "toll", "trafficway", "underpass", "vale", "valley", "vennel", "viaduct", "villa", "village",
    "villas", "ville", "walkway", "warren", "wharfside", "wood", "woods", "wynd", "yard", "bank", "bay", "brae",
    "croft", "copse", "paddock", "spinney", "view",
]);

/// Types that are also common words: only after a capitalised name.
#[rustfmt::skip] // Rows of words, not one a line.
static PLAIN_TYPES: List<14> = List::new([
    "street", "avenue", "road", "lane", "drive", "boulevard", "blvd", "ave", "rd", "ln", "terrace", "crescent",
    "parkway", "highway",
]);

#[rustfmt::skip] // Rows of words, not one a line.
static PREFIX_TYPES: List<43> = List::new([
    "rue", "avenue", "boulevard", "bd", "chemin", "impasse", "allée", "allee", "quai", "cours", "via", "viale",
    "piazza", "corso", "vicolo", "strada", "calle", "c", "avenida", "avda", "av", "paseo", "plaza", "carrer",
    "carretera", "rua", "travessa", "largo", "praça", "ul", "ulica", "aleja", "aleje", "al", "os", "plac", "place",
    "am", "an", "auf", "zum", "zur", "unter",
]);

/// Types that follow the name behind a hyphen.
#[rustfmt::skip] // Rows of words, not one a line.
static HYPHENATED_TYPES: List<16> = List::new([
    "straße", "strasse", "str", "allee", "weg", "ring", "platz", "gasse", "damm", "ufer", "steig", "markt", "chaussee",
    "laan", "plein", "straat",
]);

const SUFFIX_TYPES: &[&str] = &[
    "straße", "strasse", "str", "straat", "gatan", "gata", "vägen", "väg", "weg", "laan", "plein", "gasse",
    "platz", "allee", "kade", "gracht", "dijk", "singel", "gade", "vej", "veien", "gränd", "katu", "tie",
    "ring", "damm", "ufer", "steig", "hof",
];

fn is_any(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}
