//! Street addresses, post-office boxes and postcodes: a number with the words around it.

use std::ops::Range;

use super::{CITY_ZIP, COORDINATES, PO_BOX, POSTCODE, STREET};
use crate::phi::class::Class;
use crate::phi::scan::{Context, LOWER, Scan, Token, UPPER, WIDE};
use crate::phi::settings::Region;

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
        || zip(scan, i)
        || cued_code(scan, i)
        || coordinates(scan, i)
}

static TYPES: List = list(&[
    "st",
    "street",
    "ave",
    "av",
    "avenue",
    "rd",
    "road",
    "ln",
    "lane",
    "blvd",
    "boulevard",
    "dr",
    "drive",
    "ct",
    "court",
    "ter",
    "terrace",
    "way",
    "cl",
    "close",
    "cres",
    "crescent",
    "pl",
    "place",
    "cir",
    "circle",
    "pkwy",
    "parkway",
    "hwy",
    "highway",
    "sq",
    "square",
    "trl",
    "trail",
    "bend",
    "grove",
    "gardens",
    "gdns",
    "mews",
    "alley",
    "crossing",
    "xing",
    "plaza",
    "quay",
    "wharf",
    "esplanade",
    "parade",
    "broadway",
    "turnpike",
    "pike",
    "freeway",
    "expressway",
    "cove",
    "hollow",
    "ridge",
    "hill",
    "heights",
    "landing",
    "meadows",
    "glen",
    "walk",
    "rise",
    "drove",
    "estate",
    "row",
    "loop",
    "crest",
    "knoll",
    "vista",
    "manor",
]);

/// Types that are also common words: only after a capitalised name.
static PLAIN_TYPES: List = list(&[
    "street",
    "avenue",
    "road",
    "lane",
    "drive",
    "boulevard",
    "blvd",
    "ave",
    "rd",
    "ln",
    "terrace",
    "crescent",
    "parkway",
    "highway",
]);

static PREFIX_TYPES: List = list(&[
    "rue",
    "avenue",
    "boulevard",
    "bd",
    "chemin",
    "impasse",
    "allée",
    "allee",
    "quai",
    "cours",
    "via",
    "viale",
    "piazza",
    "corso",
    "vicolo",
    "strada",
    "calle",
    "c",
    "avenida",
    "avda",
    "av",
    "paseo",
    "plaza",
    "carrer",
    "carretera",
    "rua",
    "travessa",
    "largo",
    "praça",
    "ul",
    "ulica",
    "aleja",
    "aleje",
    "al",
    "os",
    "plac",
    "place",
    "am",
    "an",
    "auf",
    "zum",
    "zur",
    "unter",
]);

const SUFFIX_TYPES: &[&str] = &[
    "straße", "strasse", "str", "straat", "gatan", "gata", "vägen", "väg", "weg", "laan", "plein", "gasse",
    "platz", "allee", "kade", "gracht", "dijk", "singel", "gade", "vej", "veien", "gränd", "katu", "tie",
    "ring", "damm", "ufer", "steig", "hof",
];

/// A list of words with the lengths that occur for each first letter: every number asks for the words after it, and most
/// leave here.
struct List {
    words: &'static [&'static str],
    lengths: [u16; 32],
}

const LISTED_BYTES_MAX: usize = 12;

const fn list(words: &'static [&'static str]) -> List {
    let mut lengths = [0; 32];
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_bytes();
        if word.len() <= LISTED_BYTES_MAX {
            lengths[(word[0] & 31) as usize] |= 1 << word.len();
        }
        at += 1;
    }
    List { words, lengths }
}

impl List {
    fn has(&self, word: &[u8]) -> bool {
        word.len() <= LISTED_BYTES_MAX
            && word.first().is_some_and(|first| self.lengths[usize::from(first & 31)] >> word.len() & 1 != 0)
            && is_any(word, self.words)
    }
}

fn is_any(word: &[u8], list: &[&str]) -> bool {
    // Every number asks this of the words after it, so most have to fail on one comparison.
    word.len() <= LISTED_BYTES_MAX
        && list.iter().any(|known| {
            known.len() == word.len()
                && (known.as_bytes()[0] ^ word[0]) & 0xDF == 0
                && known.as_bytes().eq_ignore_ascii_case(word)
        })
}

fn capital(token: Token, scan: &Scan<'_>) -> bool {
    let first = scan.bytes[token.start()];
    first.is_ascii_uppercase() || first >= 0x80
}

/// A house number: up to five digits, perhaps a letter.
fn house(scan: &Scan<'_>, token: Token) -> bool {
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let before = scan.before(token.start());
    (1..=5).contains(&digits)
        && (text.len() == digits || text.len() == digits + 1 && text[digits].is_ascii_alphabetic())
        && !matches!(before, b'.' | b':' | b'_' | b'$' | b'@' | b'%')
        && !before.is_ascii_alphabetic()
}

/// `4417 Larkspur Bend, Unit 9`, `12 rue de la Paix`.
fn street_after(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !house(scan, token) {
        return false;
    }
    let context = || scan.cue_before(i);
    let mut previous = token;
    let mut named = 0;
    let mut prefix = false;
    for step in 1..=6 {
        let Some(word) = scan.get(i + step) else { return false };
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
            let next_type = scan.get(i + step + 1).is_some_and(|next| {
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
fn street_before(scan: &mut Scan<'_>, i: usize) -> bool {
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
        if !matches!(&scan.bytes[left.end()..word.start()], b" " | b". " | b"'" | b"-") {
            return false;
        }
        j -= 1;
    }
    false
}

/// Endings long enough not to be met in machine text.
fn is_long_suffix(lower: &[u8]) -> bool {
    [
        b"platz".as_slice(),
        b"gasse",
        b"allee",
        b"plein",
        b"gracht",
        b"laan",
        b"singel",
        b"weg",
        b"damm",
        b"ufer",
    ]
    .iter()
    .any(|suffix| lower.ends_with(suffix))
}

/// Records a street, with its unit, and the town and postcode after it.
fn street(scan: &mut Scan<'_>, i: usize, span: Range<usize>) -> bool {
    let context = scan.cue_before(i);
    let end = unit(scan, span.end);
    scan.add(&STREET, context, span.start..end);
    locality(scan, end);
    true
}

/// `, Apt 4B`, ` #12`, `, Unit 9`.
fn unit(scan: &Scan<'_>, end: usize) -> usize {
    let rest = &scan.bytes[end..scan.bytes.len().min(end + 32)];
    let gap = rest.iter().take_while(|b| matches!(b, b' ' | b',' | b'.' | b'+')).count();
    let body = &rest[gap..];
    if body.first() == Some(&b'#') {
        let width = body[1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        return if (1..=6).contains(&width) { end + gap + 1 + width } else { end };
    }
    let word = body.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    const UNITS: [&[u8]; 13] = [
        b"apt",
        b"apartment",
        b"unit",
        b"suite",
        b"ste",
        b"flat",
        b"floor",
        b"fl",
        b"room",
        b"rm",
        b"bldg",
        b"building",
        b"lot",
    ];
    if !UNITS.iter().any(|unit| body[..word].eq_ignore_ascii_case(unit)) {
        return end;
    }
    let mut at = word;
    at += body[at..].iter().take_while(|b| matches!(b, b' ' | b'.' | b'#')).count();
    let width = body[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if (1..=6).contains(&width) { end + gap + at + width } else { end }
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
                && (token.is_number() && token.len() >= 4 || token.flags & LOWER == 0);
            if !code {
                break;
            }
            confirmed = token.end();
            at = token.end();
            // ZIP+4 and the second half of a UK, Canadian, Dutch or Irish code.
            if let Some(next) = scan.get(j + step + 1)
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
        scan.add(&CITY_ZIP, Context::NONE, start..confirmed);
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
    locality(scan, end);
    true
}

/// Spaced codes of the United Kingdom, Canada and Ireland; the Dutch one with a cue.
fn postcode(scan: &mut Scan<'_>, i: usize) -> bool {
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
    let regions = scan.engine.settings().regions;
    let (one, two) = (scan.slice(token), scan.slice(next));
    let upper = token.flags & LOWER == 0 && next.flags & LOWER == 0;
    let known = regions.has(Region::Uk) && uk(one, two)
        || regions.has(Region::Ca) && canada(one, two)
        || regions.has(Region::Uk) && eircode(one, two);
    let dutch = regions.has(Region::Eu)
        && token.is_number()
        && one.len() == 4
        && two.len() == 2
        && two.iter().all(u8::is_ascii_uppercase)
        && !matches!(two, b"SA" | b"SD" | b"SS" | b"OK" | b"AM" | b"PM" | b"MB" | b"KB" | b"GB" | b"MS");
    if !known && !dutch {
        return single_postcode(scan, i);
    }
    let context = scan.context(i, span.end);
    let cued = context.class() == Some(Class::Geo);
    // `LS6 3AB` is as sure as a shape can be; `B1 2AB` may be a version.
    let sure = one.len() >= 3 && one[..2].iter().all(u8::is_ascii_uppercase) && uk(one, two);
    if upper && known && (!context.is_safe() || sure) || cued {
        scan.add(&POSTCODE, context, span);
        return true;
    }
    false
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

const STATES: &[u8] = b"ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWYDCPR";

/// `Austin, TX 78701`: a ZIP after a state, with the town before it.
fn zip(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if i == 0 || !token.is_number() || token.len() != 5 || !scan.engine.settings().regions.has(Region::Us) {
        return false;
    }
    let state = scan.tok(i - 1);
    let text = scan.slice(state);
    let gap = &scan.bytes[state.end()..token.start()];
    if text.len() != 2 || !STATES.chunks_exact(2).any(|known| known == text) || !matches!(gap, b" " | b"  ") {
        return false;
    }
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
        let comma = words == 0 && matches!(gap, b", " | b" " | b",") || words > 0 && gap == b" ";
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
    scan.add(&CITY_ZIP, Context::NONE, start..end);
    true
}

/// Codes of two groups that only a cue tells from other numbers: `78664-1203`, `00-590`, `111 36`.
fn cued_code(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let Some(next) = scan.get(i + 1).filter(|next| next.is_number() && next.start() == token.end() + 1)
    else {
        return false;
    };
    let shaped = token.is_number()
        && matches!(
            (token.len(), next.len(), scan.byte(token.end())),
            (5, 4, b'-') | (2, 3, b'-') | (3, 2, b' ')
        );
    if !shaped || !scan.stands_alone(&(token.start()..next.end())) {
        return false;
    }
    let context = scan.cue_before(i);
    if context.class() != Some(Class::Geo) || !context.adjacent {
        return false;
    }
    scan.add(&POSTCODE, context, token.start()..next.end());
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
    let context = scan.cue_before(i);
    if context.class() != Some(Class::Geo) {
        return false;
    }
    let minus = usize::from(scan.before(token.start()) == b'-');
    scan.add(&COORDINATES, context, token.start() - minus..fraction.end());
    true
}
