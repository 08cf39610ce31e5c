//! What two records say of the same name: `names differ (Saint-Pierre / St-Pierre)`.
//!
//! Owns the words that say that two values differ, and the signs between them. Other values than names show what they are.

use std::sync::LazyLock;

use aho_corasick::packed;
use memchr::memmem::Finder;

use super::{Edit, rows::is_name, span_of};
use crate::phi::class::Class;

/// Comparisons of one text that are followed up, and how long a side of one may be.
const COMPARISONS_MAX: usize = 8;
const SIDE_BYTES_MAX: usize = 48;
/// How far before the word it is said that names are compared.
const REACH: usize = 48;

// Made once: to prepare the search costs more than most searches.
static DIFFER: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| DIFFERING.map(Finder::new));
const DIFFERING: [&str; 3] = ["differ", "mismatch", "conflict"];
/// One look for all of them, as nearly no text holds one: with vectors, which an automaton does without.
static ANY_DIFFER: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| packed::Searcher::new(DIFFERING));

/// `names differ: 'Sukhwinder'/'Sukhi'`, `family name mismatch NGUYỄN vs NGUYEN-SMYTH`, `(Saint-Pierre / St-Pierre)`.
pub(super) fn compared(text: &str, out: &mut Vec<Edit>) {
    if ANY_DIFFER.as_ref().is_some_and(|any| any.find(text).is_none()) {
        return;
    }
    for at in DIFFER.iter().flat_map(|word| word.find_iter(text.as_bytes())).take(COMPARISONS_MAX) {
        let floor = text.ceil_char_boundary(at.saturating_sub(REACH));
        if !text[floor..at].to_ascii_lowercase().contains("name") {
            continue;
        }
        let behind = text[at..].trim_start_matches(|c: char| c.is_ascii_lowercase());
        let sides = behind.trim_start_matches([' ', ':', '(', '-', '[']);
        let opened = behind[..behind.len() - sides.len()].ends_with('(');
        let found = match opened.then(|| in_brackets(sides)).flatten() {
            // What stands in brackets is compared, whatever it may be; elsewhere both sides have to look like names.
            Some(sides) => sides.into_iter().filter(|side| is_name(side, false)).collect(),
            None => words(sides)
                .filter(|sides| sides.iter().all(|side| is_name(side, false)))
                .map_or(Vec::new(), Vec::from),
        };
        out.extend(
            found.into_iter().map(|side| Edit::likely(span_of(text, side), Class::Name, "row.compared")),
        );
    }
}

/// `Saint-Pierre / St-Pierre)`: the two sides, of any number of words, up to the bracket.
fn in_brackets(sides: &str) -> Option<[&str; 2]> {
    let inside = sides.split_once(')')?.0;
    let (first, second) = inside.split_once(" / ").or_else(|| inside.split_once(" vs "))?;
    Some([first, second])
}

/// `'Sukhwinder'/'Sukhi'`, `NGUYỄN vs NGUYEN-SMYTH`: the two sides, each a word or in quotes.
fn words(sides: &str) -> Option<[&str; 2]> {
    const SIGNS: [&str; 9] = [" / ", "/", " vs ", " vs. ", " != ", " <> ", " -> ", " and ", " | "];
    let (first, rest) = side(sides)?;
    let rest = SIGNS.into_iter().find_map(|sign| rest.strip_prefix(sign))?;
    let (second, _) = side(rest)?;
    Some([first, second])
}

/// What opens `rest`: a short text in quotes, or one word; and what follows.
fn side(rest: &str) -> Option<(&str, &str)> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let inner = &rest[usize::from(quote.is_some())..];
    let len = match quote {
        Some(quote) => inner.find(quote).filter(|len| *len <= SIDE_BYTES_MAX)?,
        None => {
            inner.find(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))).unwrap_or(inner.len())
        }
    };
    let next = inner.get(len + usize::from(quote.is_some())..).unwrap_or("");
    (len > 0).then_some((&inner[..len], next))
}
