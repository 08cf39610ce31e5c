//! Dates in words: `March fourth, nineteen sixty-two`, `quatre mars mille neuf cent soixante-deux`, `the fourth of March`.
//!
//! Owns the words for numbers and the run of words around a month. A year of the last century is nobody's but a person's;
//! without one a word must say whose the day is.

use std::ops::Range;

use super::care::is_of_care;
use super::{DATE_CUED, DATE_OF_CARE, DATE_OLD};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::list::List;
use crate::phi::scan::{Context, Scan, Token};

/// Words on either side of a month.
const WORDS_MAX: usize = 9;

/// What opens a year of the last century, or ends a word for it.
const CENTURIES: [&[u8]; 10] = [
    b"nineteen",
    b"neunzehnhundert",
    b"mille",
    b"mil",
    b"millenovecento",
    b"negentienhonderd",
    b"negentien",
    b"nittonhundra",
    b"nittenhundre",
    b"nittenhundrede",
];

/// Words for the numbers of days and years, and ordinals.
#[rustfmt::skip] // Rows of words, not one a line.
static NUMBERS: List<150> = List::new([
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty",
    "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "oh", "first", "second", "third", "fourth", "fifth",
    "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth",
    "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "thirtieth", "premier", "deux", "trois",
    "quatre", "cinq", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "vingt",
    "trente", "quarante", "cinquante", "soixante", "cent", "cents", "mille", "mil", "primero", "uno", "dos", "tres",
    "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece", "catorce", "quince",
    "veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa", "novecientos",
    "primeiro", "dois", "quatro", "sete", "oito", "nove", "dez", "doze", "treze", "quinze", "vinte", "trinta",
    "quarenta", "cinquenta", "sessenta", "oitenta", "novecentos", "primo", "due", "tre", "quattro", "cinque", "sei",
    "sette", "otto", "dieci", "erste", "ersten", "erster", "zweite", "zweiten", "zweiter", "dritte", "dritten",
    "dritter", "vierte", "vierten", "vierter", "sechster", "siebter", "achter", "neunter", "zehnter", "eerste",
    "tweede", "derde", "vierde", "vijfde", "zesde", "zevende",
]);

/// Words that stand between them.
#[rustfmt::skip] // Rows of words, not one a line.
static LINKS: List<10> = List::new([
    "of", "the", "de", "del", "and", "y", "e", "et", "di", "in",
]);

/// May a word be the month or the century of such a date?
pub(in crate::phi) fn may_open(word: &[u8]) -> bool {
    word.len() >= 3 && (super::is_month(word) || is_century(word))
}

/// A word for a year of the last century, or the first of several: `nineteen`, `neunzehnhundertzweiundsechzig`.
pub(in crate::phi) fn is_century(word: &[u8]) -> bool {
    matches!(word[0] | 0x20, b'n' | b'm')
        && CENTURIES.iter().any(|century| {
            word.len() >= century.len()
                && word[..century.len()].eq_ignore_ascii_case(century)
                && (word.len() == century.len() || century.len() > 9)
        })
}

/// A word for a number, or several joined: `twenty-first`, `ventuno`.
pub(in crate::phi) fn is_number_word(word: &[u8]) -> bool {
    NUMBERS.has(word)
}

/// Tries a date around token `i`, a word. True if the tokens are consumed.
pub(in crate::phi) fn spelled(scan: &mut Scan<'_>, i: usize) -> bool {
    if !may_open(scan.slice(scan.tok(i))) {
        return false;
    }
    let (mut first, mut last) = (i, i);
    while i - first < WORDS_MAX && first > 0 && joins(scan, first - 1) && counts(scan, scan.tok(first - 1)) {
        first -= 1;
    }
    while last - i < WORDS_MAX
        && joins(scan, last)
        && scan.get(last + 1).is_some_and(|next| counts(scan, next))
    {
        last += 1;
    }
    let is_link = |token: Token| LINKS.has(scan.slice(token));
    while first < i && is_link(scan.tok(first)) {
        first += 1;
    }
    while last > i && is_link(scan.tok(last)) {
        last -= 1;
    }
    let (mut months, mut numbers, mut century) = (0, 0, false);
    for j in first..=last {
        let word = scan.slice(scan.tok(j));
        months += usize::from(super::is_month(word));
        // A day in digits is read by the other shapes, but for the year in words.
        numbers += usize::from(is_number_word(word) || is_century(word) || scan.tok(j).has_digit());
        century |= is_century(word);
    }
    let in_words = (first..=last)
        .any(|j| is_number_word(scan.slice(scan.tok(j))) || is_century(scan.slice(scan.tok(j))));
    if months != 1 || numbers == 0 || !in_words {
        return false;
    }
    let span: Range<usize> = scan.tok(first).start()..scan.tok(last).end();
    if century && numbers >= 2 {
        scan.add(&DATE_OLD, Context::NONE, span);
        return true;
    }
    let context = scan.cue_before(first);
    if matches!(context.says, Says::Phi(Class::Date) | Says::Person) {
        scan.add(&DATE_CUED, context, span);
        return true;
    }
    if is_of_care(scan, span.start) {
        scan.pend(span, &DATE_OF_CARE);
    }
    false
}

/// Do token `j` and the next one belong together?
fn joins(scan: &Scan<'_>, j: usize) -> bool {
    let Some(next) = scan.get(j + 1) else { return false };
    let gap = &scan.bytes[scan.tok(j).end()..next.start()];
    matches!(gap, b" " | b"-" | b", " | b". " | b"\xe2\x80\x91")
}

fn counts(scan: &Scan<'_>, token: Token) -> bool {
    let word = scan.slice(token);
    let digits = token.has_digit() && word.len() <= 4 && !word.is_empty();
    digits
        || is_number_word(word)
        || super::is_month(word)
        || !word.is_empty() && is_century(word)
        || LINKS.has(word)
}
