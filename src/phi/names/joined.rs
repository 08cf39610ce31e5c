//! Names inside identifiers (`pt_jane_doe`, `jane.doe`) and in segment formats (HL7 v2 `LAST^FIRST`, X12 `NM1*IL*1*LAST*FIRST`).
//!
//! Owns no context: a prefix that says "person" or the separator itself is the cue.

use std::ops::Range;

use super::cues::{self, PARTICLE, SUFFIX};
use super::judge::Hit;
use super::lexicon::{Entry, Kind, lookup};
use super::score::pair;
use super::shapes::Shape;
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

const PARTS_MAX: usize = 6;
const VALUE_BYTES_MAX: usize = 96;
/// Of people in a surgery, as they stand in identifiers.
const TITLES: [&str; 14] =
    ["doc", "doctor", "dr", "md", "miss", "mr", "mrs", "ms", "mx", "np", "nurse", "prof", "rn", "sister"];

/// Whether a whole value (of a parameter, or the body of an id such as `jane_doe`) is a plausible name of a person.
pub fn is_name_like(value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || value.len() > VALUE_BYTES_MAX {
        return false;
    }
    let mut entries = [Entry::default(); PARTS_MAX];
    let (mut count, mut initials) = (0, 0);
    let separators = [' ', '_', '.', '+', ',', '^', '-', '*', '\u{a0}'];
    for part in value.split(separators) {
        if part.is_empty() || part.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if part.chars().any(|c| !c.is_alphabetic() && !is_mark(c)) {
            return false;
        }
        if part.chars().count() == 1 && part.is_ascii() {
            initials += 1;
            continue;
        }
        if cues::cue(part).has(PARTICLE | SUFFIX) && !lookup(part).is_name() {
            continue;
        }
        let entry = lookup(part);
        if entry.is_blocked() || entry.kind == Kind::Place {
            return false;
        }
        let Some(slot) = entries.get_mut(count) else { return false };
        *slot = entry;
        count += 1;
    }
    match count {
        0 => false,
        1 => {
            let rank = entries[0].given.max(entries[0].family);
            entries[0].word == 0 && (rank >= 2 || rank > 0 && initials > 0 || !value.is_ascii() && rank > 0)
        }
        2 if value.contains('-')
            && !value.contains(['_', '.', ' ', ','])
            && entries[..2].iter().all(|entry| entry.is_name())
            && entries[..2].iter().any(|entry| entry.word == 0) =>
        {
            true
        }
        _ => {
            let last = entries[count - 1];
            pair(entries[0], entries[1]).max(pair(entries[0], last)) >= 4
                && entries[..count].iter().filter(|entry| !entry.is_name() && entry.word > 0).count() == 0
        }
    }
}

/// Whether a listed name stands beside a title or an initial in an identifier: `dr_smith`, `u-2:smith.j`.
pub fn is_titled_name(value: &str) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        Title,
        Initial,
        Name { long: bool },
        Other,
    }
    let word = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let entry = lookup(letters);
        let rank = entry.given.max(entry.family);
        match letters.chars().count() {
            0 => Word::Other,
            _ if !letters.chars().all(char::is_alphabetic) => Word::Other,
            1 => Word::Initial,
            _ if TITLES.iter().any(|title| letters.eq_ignore_ascii_case(title)) => Word::Title,
            _ if entry.is_blocked() || entry.kind == Kind::Place && rank < 3 => Word::Other,
            count if rank == 3 || rank == 2 && entry.word < 2 => Word::Name { long: count >= 3 },
            _ => Word::Other,
        }
    };
    let mut before = Word::Other;
    value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).any(|part| {
        let pair = (std::mem::replace(&mut before, word(part)), before);
        matches!(
            pair,
            (Word::Title, Word::Name { .. })
                | (Word::Name { .. }, Word::Title)
                | (Word::Initial, Word::Name { long: true })
                | (Word::Name { long: true }, Word::Initial)
        )
    })
}

/// A listed given and family name side by side in a file name or path segment: `okafor_amara_2024.pdf`.
pub(crate) fn in_slug(slug: &str) -> Option<Range<usize>> {
    let separators = ['_', '-', '.', '+'];
    let slug = without_domain(slug);
    let mut before: Option<(usize, Entry)> = None;
    // Where a particle stands that leads up to this part.
    let mut led: Option<usize> = None;
    let mut start = 0;
    for part in slug.split(separators).take(16) {
        let span = start..start + part.len();
        start = span.end + 1;
        // `mustafa-al-khatib`
        if before.is_some() && (2..=3).contains(&part.len()) && cues::cue(&part.to_lowercase()).has(PARTICLE)
        {
            led = led.or(Some(span.start));
            continue;
        }
        if before.is_none() && opens_family(part) {
            led = Some(span.start);
            continue;
        }
        let led = led.take();
        let letters = part.len() >= 2 && part.chars().all(char::is_alphabetic) && !is_environment(part);
        let mut entry = if letters { lookup(part) } else { Entry::default() };
        // `Ní_Dhomhnaill_Gráinne`: behind what only opens a family name, a word in no list is one.
        if led.is_some() && letters && entry.is_unknown() && part.starts_with(char::is_uppercase) {
            entry.family = 2;
        }
        let sure = entry.is_name() && !entry.is_blocked() && entry.kind != Kind::Place;
        if let Some((from, first)) = before.filter(|_| sure) {
            let known = [first, entry].iter().filter(|entry| entry.word == 0).count();
            let usual = [first, entry].iter().filter(|entry| entry.given.max(entry.family) >= 2).count();
            // Two short words are more often two halves of a term: `blu-ray`, `tech-lang`.
            let long = (part.len().max(span.start.saturating_sub(from + 1))) >= 5;
            let listed = usual == 2 || usual == 1 && long;
            if known >= 1 && listed && pair(first, entry) >= 4 {
                return Some(opening(slug, from, span.start)..rest_of_name(slug, span.end));
            }
        }
        before = sure.then_some((led.unwrap_or(span.start), entry));
    }
    None
}

/// Where a name in a slug begins whose listed words are at `from` and at `given`: `ekwueme-price_nnamdi`, a family name of two words
/// of which no list has the first beside it.
fn opening(slug: &str, from: usize, given: usize) -> usize {
    let joined = slug[..given].ends_with('_') && !slug[from..given - 1].contains(['_', '-', '.', '+']);
    let Some(head) = slug[..from].strip_suffix('-').filter(|_| joined) else { return from };
    let start = head.rfind(['_', '.', '+', '-']).map_or(0, |at| at + 1);
    let word = &head[start..];
    let entry = lookup(word);
    let open = entry.word == 0 && !entry.is_blocked() && matches!(entry.kind, Kind::Plain);
    let named = open && word.chars().count() >= 5 && word.chars().all(char::is_alphabetic);
    if named && !head[..start].ends_with('-') { start } else { from }
}

/// `registry.uni.edu.au`: a host without the domain that its country keeps for universities, firms and the like.
fn without_domain(slug: &str) -> &str {
    let host = slug.rsplit_once('.').filter(|(_, country)| country.len() == 2).map_or(slug, |(host, _)| host);
    let kept = ["edu", "ac", "gov", "com", "org", "net"];
    match host.rsplit_once('.') {
        Some((labels, last)) if host.len() < slug.len() && kept.contains(&last) => labels,
        _ => slug,
    }
}

/// `Ní`, `Mac`, `van`: does this part of a slug open a family name?
fn opens_family(part: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PARTICLES: [&str; 17] = [
        "Ní", "Ni", "Nic", "Mac", "Mc", "Ó", "Uí", "Van", "Von", "De", "Le", "LE", "El", "EL", "Al", "Ibn", "Ben",
    ];
    PARTICLES.contains(&part)
}

/// `mimir-dev`, `dana-na`: where a program runs.
fn is_environment(part: &str) -> bool {
    matches!(part, "dev" | "prod" | "stage" | "staging" | "test" | "qa" | "uat" | "eu" | "us" | "main")
}

/// Where a name in a slug ends whose first two words end at `end`: `ferreira-da-silva_ubirajara_19600131`.
fn rest_of_name(slug: &str, end: usize) -> usize {
    const MORE_MAX: usize = 3;
    let mut done = end;
    let mut at = end;
    for _ in 0..MORE_MAX {
        let Some(rest) = slug.get(at + 1..).filter(|_| slug[at..].starts_with(['_', '-', '.'])) else {
            break;
        };
        let part = &rest[..rest.find(['_', '-', '.', '+']).unwrap_or(rest.len())];
        at += 1 + part.len();
        if (2..=3).contains(&part.len()) && cues::cue(&part.to_lowercase()).has(PARTICLE) {
            continue;
        }
        let entry = lookup(part);
        // Before a day any word in no dictionary is one of the name.
        let dated =
            slug[at..].trim_start_matches(['_', '-', '.']).bytes().take(4).filter(u8::is_ascii_digit).count()
                == 4;
        let letters = part.chars().count() >= 3 && part.chars().all(char::is_alphabetic);
        let open = !entry.is_blocked() && entry.word == 0 && entry.kind != Kind::Place;
        if !(letters && open && (entry.is_name() || dated)) {
            break;
        }
        done = at;
    }
    done
}

fn is_mark(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}')
}

/// `pt_jane_doe`: an identifier whose prefix says that a person follows.
pub(super) fn identifier(text: &str, word: &Token, at: usize) -> Option<Hit> {
    let body = word.text(text);
    let (prefix, rest) = body.split_once('_')?;
    let cue = match prefix.to_ascii_lowercase().as_str() {
        "pt" | "pat" | "patient" => "patient",
        "person" | "prsn" | "per" => "person",
        "user" | "usr" => "user",
        "member" | "mbr" => "member",
        "rel" | "name" | "mr" | "mrs" | "ms" => "name",
        "dr" | "doctor" | "nurse" | "prof" => "dr",
        _ => return None,
    };
    if !rest.contains('_') && rest.bytes().any(|byte| byte.is_ascii_digit()) || !is_name_like(rest) {
        return None;
    }
    let span = word.end() - rest.len()..word.end();
    Some(Hit {
        span,
        next: at + 1,
        rule: "name.identifier",
        confidence: Confidence::Medium,
        cue: Some(cue),
        is_spared: false,
    })
}

/// `jane.doe`, `Philippa.J.Goodenough`: names with dots between them.
pub(crate) fn is_login(value: &str) -> bool {
    value.len() <= VALUE_BYTES_MAX
        && value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
        && matches!(value.matches('.').count(), 1 | 2)
        && is_name_like(value)
}

/// `user jane.doe`, `user=Philippa.Goodenough`: a dotted login behind a cue.
pub(super) fn dotted(text: &str, words: &[Token], at: usize, cue: &'static str) -> Option<Hit> {
    let start = words[at].start();
    let rest = text.get(start..)?;
    let len = rest
        .bytes()
        .take(VALUE_BYTES_MAX)
        .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
        .count();
    let login = rest.get(..len)?.trim_end_matches('.');
    let after = rest.as_bytes().get(login.len()).copied().unwrap_or(b' ');
    let ends = matches!(after, b' ' | b',' | b'.' | b';' | b'"' | b'\'' | b')' | b']' | b'<');
    if !ends || !is_login(login) {
        return None;
    }
    let span = start..start + login.len();
    let next =
        words[at..].iter().position(|word| word.start() >= span.end).map_or(words.len(), |more| at + more);
    Some(Hit {
        span,
        next,
        rule: "name.login",
        confidence: Confidence::Medium,
        cue: Some(cue),
        is_spared: false,
    })
}

/// `QUINTANAR^MARISOL^A` and `NM1*IL*1*QUINTANAR*MARISOL`, from the word that starts them.
pub(super) fn segment(text: &str, words: &[Token], at: usize) -> Option<Hit> {
    let gap = words.get(at + 1)?.gap;
    let (first, second) = (&words[at], &words[at + 1]);
    if !is_text(first) || !is_text(second) || first.len() < 2 {
        return None;
    }
    if gap == Gap::Star && !is_person_segment(text, first.start()) {
        return None;
    }
    let (family, given) = (first.entry(text), second.entry(text));
    if family.is_blocked() || given.is_blocked() || family.kind == Kind::Place {
        return None;
    }
    let threshold = if gap == Gap::Star { -20 } else { 1 };
    let score =
        if second.shape == Shape::Initial { i32::from(family.family) + 1 } else { pair(family, given) };
    let unknown = family.is_unknown() && given.is_unknown();
    if score < threshold && !unknown || unknown && first.shape == Shape::Lower {
        return None;
    }
    let mut end = at + 2;
    while words
        .get(end)
        .is_some_and(|word| word.gap == gap && is_text(word) && !word.entry(text).is_blocked())
        && end < at + 4
    {
        end += 1;
    }
    let (rule, cue) = if gap == Gap::Star { ("name.x12", "NM1") } else { ("name.hl7", "^") };
    // `van den Berg^Anna`
    let mut opens = at;
    while opens > 0 && words[opens].gap == Gap::Space && words[opens - 1].cue().has(PARTICLE) {
        opens -= 1;
    }
    let span = words[opens].start()..words[end - 1].end();
    Some(Hit { span, next: end, rule, confidence: Confidence::High, cue: Some(cue), is_spared: false })
}

fn is_text(word: &Token) -> bool {
    matches!(word.shape, Shape::Capital | Shape::Upper | Shape::Caseless | Shape::Lower | Shape::Initial)
}

/// Whether the element that starts at `start` is the fourth of an `NM1` segment about a person.
fn is_person_segment(text: &str, start: usize) -> bool {
    // `NM1*IL*1*`: the entity code has two or three characters.
    (9..=10).any(|len| {
        let head = start.checked_sub(len).and_then(|from| text.get(from..start));
        head.is_some_and(|head| {
            head.starts_with("NM1*") && head.ends_with("*1*") && head.matches('*').count() == 3
        })
    })
}
