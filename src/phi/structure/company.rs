//! Who else a sentence speaks of that names somebody: `porter took Wojtek from CT, Sister Mbatha informed`.
//!
//! A given name alone may be a ship or a server. In the sentence of a person it is a person's, if it is in no dictionary and its
//! neighbours are words in small letters. Only looks around names that other readers found.

use std::ops::Range;

use super::{Edit, is_taken, span_of};
use crate::phi::{class::Class, names};

/// Names of one text that are looked around, and how far.
const ANCHORS_MAX: usize = 8;
const REACH: usize = 160;
const WORD_BYTES_MIN: usize = 4;

/// Finds them beside the names found since `first`.
pub(super) fn company(text: &str, first: usize, out: &mut Vec<Edit>) {
    let anchors: Vec<Range<usize>> = out[first..]
        .iter()
        .filter(|edit| edit.class == Class::Name && text.get(edit.span.clone()).is_some())
        .take(ANCHORS_MAX)
        .map(|edit| edit.span.clone())
        .collect();
    let mut done = 0;
    for anchor in anchors {
        let from = text.ceil_char_boundary(anchor.start.saturating_sub(REACH)).max(done);
        let to = text.floor_char_boundary((anchor.end + REACH).min(text.len()));
        let from = text[from.min(anchor.start)..anchor.start]
            .rfind(['\n', '{', '}'])
            .map_or(from, |at| from + at + 1);
        let to = text[anchor.end..to.max(anchor.end)].find(['\n', '{', '}']).map_or(to, |at| anchor.end + at);
        if from >= to {
            continue;
        }
        crate::phi::work::add(to - from);
        for word in text[from..to].split(' ') {
            let name = word.trim_matches(|c: char| !c.is_alphabetic());
            if name.len() < WORD_BYTES_MIN || !name.split('-').all(is_capitalised) {
                continue;
            }
            let span = span_of(text, name);
            if stands_in_prose(text, &span)
                && names::stands_for_somebody(name)
                && !is_taken(&out[first..], &span)
            {
                out.push(Edit::likely(span, Class::Name, "name.company"));
            }
        }
        done = to;
    }
}

fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
}

/// Does a word in small letters stand on one side at least, and on the other one too, or the end of the sentence?
fn stands_in_prose(text: &str, span: &Range<usize>) -> bool {
    let (before, behind) = (&text[..span.start], &text[span.end..]);
    let last = before.strip_suffix(' ').and_then(|before| before.rsplit([' ', '"', '(']).next());
    let small = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_lowercase() || c == '\'');
    let small_before = last.is_some_and(|word| small(word) && !names::is_place_or_maker(word));
    let opens = before.is_empty()
        || before.ends_with(['"', '\'', '('])
        || before.ends_with(". ")
        || before.ends_with(": ");
    let small_behind = behind.strip_prefix(' ').is_some_and(|behind| behind.starts_with(char::is_lowercase));
    let behind = behind.trim_start_matches([')', '"', '\'']);
    let ends = behind.is_empty()
        || [", ", ". ", "; ", "! ", "? "].iter().any(|sign| behind.starts_with(sign))
        || matches!(behind, "." | "!" | "?" | ",");
    small_before && (small_behind || ends) || opens && small_behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_in_the_sentence_of_a_person_is_one() {
        let found = |text: &str, anchor: &str| {
            let mut out = vec![Edit::likely(
                span_of(text, &text[text.find(anchor).unwrap_or(0)..][..anchor.len()]),
                Class::Name,
                "x",
            )];
            company(text, 0, &mut out);
            out.drain(1..).map(|edit| text[edit.span].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("porter took Wojtek from CT, Sister Mbatha informed", "Mbatha"), ["Wojtek"]);
        assert_eq!(found("Dr Nwosu discharged Lindiwe on Friday", "Nwosu"), ["Lindiwe"]);
        for (text, anchor) in [
            ("Dr Nwosu opened Athena Health again", "Nwosu"),
            ("seen by Dr Nwosu on ward=Ottilie today", "Nwosu"),
            ("Dr Nwosu left\nand Wojtek came", "Nwosu"),
            ("Dr Nwosu ordered Troponin twice", "Nwosu"),
        ] {
            assert!(found(text, anchor).is_empty(), "{text}");
        }
    }
}
