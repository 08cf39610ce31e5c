//! Two listed names that a sign ties together: in neighbouring quotes, or with a stroke between.
//!
//! Both must be names beyond doubt; runs of words are judged in `judge`.

use super::judge::Hit;
use super::lexicon::{Entry, Kind, lookup};
use super::score::pair;
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

/// Two listed names in neighbouring quotes, `('Clinton', 'Wright')`: each is a finding of its own, so the quotes stay.
pub(super) fn quoted(text: &str, words: &[Token], at: usize) -> Option<Hit> {
    let word = &words[at];
    let before = at.checked_sub(1).map(|before| &words[before]).filter(|_| word.gap == Gap::Quotes);
    let after = words.get(at + 1).filter(|after| after.gap == Gap::Quotes);
    let entry = word.entry(text);
    let sure = |entry: Entry| entry.is_name() && !entry.is_blocked() && entry.kind != Kind::Place;
    let partner = |other: &Token| {
        let other_entry = other.entry(text);
        let known_given = [entry, other_entry].iter().any(|entry| entry.word == 0 && entry.given >= 2);
        other.is_named() && sure(other_entry) && known_given && pair(entry, other_entry) >= 4
    };
    // `Allowed: 'Apgar', 'Braden', 'Wells', 'Beck-II'`: what a validator would take.
    const REACH: usize = 160;
    let before_it = &text[text.ceil_char_boundary(word.start().saturating_sub(REACH))..word.start()];
    let allowed = ["llowed", "one of", "xpected", "valid values", "hoices", "upported"];
    if allowed.iter().any(|said| before_it.contains(said)) {
        return None;
    }
    if !sure(entry) || ![before, after].into_iter().flatten().any(partner) {
        return None;
    }
    let span = word.start()..word.end();
    Some(Hit {
        span,
        next: at + 1,
        rule: "name.quoted",
        confidence: Confidence::Medium,
        cue: None,
        is_spared: false,
    })
}

/// `CLID "MBEKI SIPHOKAZI" <+27…>`, `From: "MBEKI SIPHOKAZI" <…@…>`: who somebody is called beside where they are reached, as
/// SIP (RFC 3261 section 20.10) and mail (RFC 5322 section 3.4) write it.
pub(super) fn displayed(text: &str, words: &[Token], at: usize) -> Option<Hit> {
    const WORDS_MAX: usize = 4;
    const WINDOW: usize = 192;
    let start = words[at].start();
    let rest = text[..start].ends_with('"').then(|| &text[start..])?;
    let rest = &rest[..rest.floor_char_boundary(WINDOW.min(rest.len()))];
    let len = rest.find('"').filter(|len| *len <= 64)?;
    let address = rest[len + 1..].strip_prefix(" <").or_else(|| rest[len + 1..].strip_prefix('<'))?;
    let address = &address[..address.find('>').filter(|len| *len <= 96)?];
    let reached = address.contains('@') || address.bytes().filter(u8::is_ascii_digit).count() >= 7;
    let inside = words[at..].iter().take(WORDS_MAX + 1).take_while(|word| word.start() < start + len);
    let count = inside.clone().count();
    let of_somebody = |word: &Token| {
        let entry = word.entry(text);
        word.is_named() && word.len() >= 2 && !entry.is_blocked() && (entry.is_name() || entry.word == 0)
    };
    (reached && (2..=WORDS_MAX).contains(&count) && inside.clone().all(of_somebody)).then(|| Hit {
        span: start..start + len,
        next: at + count,
        rule: "name.displayed",
        confidence: Confidence::Medium,
        cue: None,
        is_spared: false,
    })
}

/// `BELTRAN-OSEI/ROSALIND`: family and given name in capitals, as claims and bookings write them. Before a sex,
/// `Deshpande/Aanya/F`, in any case; before a title, `TREMBLAY/LUC MR`, listed or not.
pub(super) fn slashed(text: &str, words: &[Token], at: usize) -> Option<Hit> {
    let family = &words[at];
    let given = words.get(at + 1).filter(|given| given.start() == family.end() + 1)?;
    let free = |c: char| !(c.is_alphanumeric() || matches!(c, '/' | '_' | '-' | '.'));
    let behind = &text[given.end()..];
    let sexed = ["/F", "/M", "/U"]
        .iter()
        .any(|sex| behind.strip_prefix(sex).is_some_and(|rest| rest.chars().next().is_none_or(free)));
    let apart = text[..family.start()].chars().next_back().is_none_or(free)
        && (sexed || behind.chars().next().is_none_or(free));
    let titled = ["MR", "MRS", "MS", "MISS", "MSTR", "DR"].iter().any(|title| {
        let rest = behind.strip_prefix(' ').and_then(|rest| rest.strip_prefix(*title));
        rest.is_some_and(|rest| rest.chars().next().is_none_or(free))
    });
    let sure = |entry: Entry, rank: u8| {
        if titled {
            return entry.word <= 1 && !entry.is_blocked();
        }
        let known = rank >= 2 && entry.word == 0 || rank == 3 && entry.word == 1;
        known && !entry.is_blocked() && entry.kind != Kind::Place
    };
    let capitals = |word: &str| {
        let upper =
            word.len() >= if titled { 2 } else { 4 } && word.bytes().all(|byte| byte.is_ascii_uppercase());
        upper || sexed && word.len() >= 3 && word.starts_with(char::is_uppercase)
    };
    let of_family = |word: &str| {
        let entry = lookup(word);
        capitals(word) && sure(entry, entry.family)
    };
    let first = given.entry(text);
    let listed = apart
        && capitals(given.text(text))
        && sure(first, first.given)
        && family.text(text).split('-').any(of_family);
    listed.then(|| Hit {
        span: family.start()..given.end(),
        next: at + 2,
        rule: "name.last_first",
        confidence: Confidence::Medium,
        cue: None,
        is_spared: false,
    })
}
