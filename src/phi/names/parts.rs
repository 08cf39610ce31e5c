//! Judgements on single words and runs for readers that know by other means where a name stands: beside a birth date,
//! behind a key, in a file name.
//!
//! Owns no context. Such a place needs no listed name; it only must not hold words of something else.

use std::ops::Range;

use super::cues::{self, DEGREE, MEDIUM, PARTICLE, PROVIDER, STRONG, SUFFIX, TITLE};
use super::eponyms;
use super::lexicon::{Entry, Kind, lookup};
use super::score::entry_of;

const RUN_MAX: usize = 6;

/// May this word be a part of somebody's name: capitalised, an initial or a particle, and no word of something else?
pub(crate) fn may_be_part(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let Some(first) = word.chars().next() else { return false };
    let cue = cues::cue(word);
    if first.is_lowercase() {
        return cue.has(PARTICLE);
    }
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    let letters = word.chars().count();
    let upper = capitals == letters;
    if !upper
        && capitals
            > 1 + word.matches(['-', '\'', '’']).count()
                + usize::from(word.starts_with("Mc") || word.starts_with("Mac"))
    {
        return false;
    }
    if letters == 1 {
        return true;
    }
    if cue.has(STRONG | MEDIUM | TITLE | PROVIDER | DEGREE) && !cue.has(SUFFIX) && lookup(word).given < 2 {
        return false;
    }
    let entry = entry_of(word);
    !entry.is_blocked()
        && (entry.kind != Kind::Place || entry.is_name())
        && (entry.word < 2 || entry.is_name())
}

/// May this word be one of a town: no word of records or software, and none of the commonest words?
pub(crate) fn may_be_town(word: &str) -> bool {
    let entry = lookup(word);
    matches!(entry.kind, Kind::Place | Kind::Organisation) || !entry.is_blocked() && entry.word < 3
}

/// A big city, a state or a country.
pub(crate) fn is_city(word: &str) -> bool {
    lookup(word).kind == Kind::Place
}

/// Are two or more words, each of which may be a part, one name? Words that are in a dictionary too need a partner
/// that is not.
pub(crate) fn may_be_run(text: &str) -> bool {
    let (entries, count) = entries(text);
    let entries = &entries[..count];
    let sure = entries.iter().any(|entry| entry.is_name() && entry.word == 0 && entry.kind != Kind::Place);
    let plain = entries.iter().all(|entry| entry.word == 0 && entry.kind != Kind::Place);
    count >= 2 && (plain || sure)
}

/// `Temperance-Quillfeather`, `Wegener_Heike`: words of a path or file name, at least one of them in no dictionary, and
/// no digits among them.
pub(crate) fn is_unlisted_slug(slug: &str) -> bool {
    let (mut count, mut unlisted) = (0, 0);
    let words = slug.split(['_', '-', '.', '+', ' ']).filter(|part| !part.is_empty()).all(|part| {
        count += 1;
        let entry = entry_of(part);
        unlisted += usize::from(entry.word == 0);
        !entry.is_blocked()
            && entry.kind != Kind::Place
            && (entry.word < 2 || entry.is_name())
            && part.chars().count() >= 3
            && part.chars().all(char::is_alphabetic)
            && !crate::phi::structure::words::is_common(part)
    });
    words && (2..=3).contains(&count) && unlisted * 2 >= count
}

/// What documents of a person are called, beside the person's name.
#[rustfmt::skip] // Rows of words, not one a line.
const DOCUMENT_WORDS: &[&str] = &[
    "passport", "license", "licence", "insurance", "card", "id", "mri", "ct", "xray", "x", "ray", "scan", "scans", "photo",
    "image", "img", "pic", "selfie", "headshot", "avatar", "profile", "portrait", "referral", "consent", "form", "forms",
    "letter", "note", "notes", "report", "reports", "result", "results", "lab", "labs", "discharge", "summary", "chart", "record",
    "records", "history", "intake", "rx", "prescription", "echo", "ecg", "ekg", "ultrasound", "biopsy", "pathology", "invoice",
    "statement", "bill", "claim", "eob", "front", "back", "left", "right", "final", "signed", "copy", "draft", "page", "document",
    "doc", "file", "upload", "resume", "cv", "birth", "certificate", "cert", "dl", "vaccine", "vaccination", "immunization",
    "covid", "bloodwork", "bloods", "cbc", "patient", "pt", "dob", "new", "old", "visit", "op", "surgery", "dental", "skin", "wound",
    "ergebnis", "befund", "rezept", "arztbrief", "ausweis", "reisepass", "rechnung", "ordonnance", "resultat", "resultats",
    "passeport", "facture", "receta", "informe", "pasaporte", "resultado", "factura", "ricetta", "referto", "passaporto", "fattura",
    "uitslag", "recept", "rapport", "paspoort", "factuur", "wynik", "skierowanie", "faktura",
];

/// `Abioye_Folasade_passport.jpg`: two capitalised words in no list, beside what documents are called.
pub(crate) fn in_document_name(slug: &str) -> Option<Range<usize>> {
    let is_document = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            || part.len() <= 3
                && part.starts_with(['v', 'V', 'p', 'P'])
                && part[1..].bytes().all(|b| b.is_ascii_digit())
            || DOCUMENT_WORDS.iter().any(|word| part.eq_ignore_ascii_case(word))
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for part in slug.split(['_', '-', '.', '+', ' ']).take(12) {
        parts.push(start..start + part.len());
        start += part.len() + 1;
    }
    let named = |span: &Range<usize>| !is_document(&slug[span.clone()]);
    let first = parts.iter().position(named)?;
    let last = parts.iter().rposition(named)?;
    let span = parts[first].start..parts[last].end;
    let inner = &slug[span.clone()];
    // A part of more than one kind of word would be a title.
    let titled = inner.split(['_', '-', '.', '+', ' ']).all(|part| part.starts_with(char::is_uppercase));
    // `Tetteh-Quarshie_Emefa_19920611`: a double name, and behind the other a day of long ago.
    let double = last == first + 2
        && [&slug[parts[first].end..parts[first + 1].start], &slug[parts[first + 1].end..parts[last].start]]
            .iter()
            .filter(|sign| **sign == "-")
            .count()
            == 1
        && slug.get(span.end + 1..).is_some_and(opens_old_day);
    ((last == first + 1 || double) && span.len() < slug.len() && titled && is_unlisted_slug(inner))
        .then_some(span)
}

/// `19920611`: eight digits of a day of long ago, and no more.
pub(crate) fn opens_old_day(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 8 && (text.starts_with("19") || text.starts_with("200"))
}

/// `vandermeer_19671130`, `patients_kovalenko`: one word that is in no dictionary, before a day of long ago; or behind a word
/// for persons, if it is listed or formed like a family name.
pub(crate) fn before_day(slug: &str) -> Option<Range<usize>> {
    let (first, second) = slug.split_once(['_', '-'])?;
    let old = second.len() == 8 && opens_old_day(second);
    let plain = |word: &str| {
        word.chars().count() >= 4
            && word.chars().all(char::is_alphabetic)
            && is_distinctive(word)
            && !crate::phi::structure::words::is_common(word)
            && !crate::phi::protect::is_vocabulary(word)
    };
    if old {
        return plain(first).then_some(0..first.len());
    }
    let entry = entry_of(second);
    (is_person_prefix(first) && plain(second) && entry.is_name()).then(|| first.len() + 1..slug.len())
}

/// Does this word, before a name in a slug, say that a person follows: `client_khumalo`?
pub(crate) fn is_person_prefix(word: &str) -> bool {
    matches!(word, "patient" | "patients" | "pt" | "member" | "members" | "person" | "chart" | "client")
}

/// A word of three letters or more that some list of names has.
pub(crate) fn is_listed(word: &str) -> bool {
    word.len() >= 3 && lookup(word).is_name()
}

/// A usual name that is no other word: enough to be somebody where a person is spoken of.
pub(crate) fn stands_for_somebody(word: &str) -> bool {
    let entry = entry_of(word);
    let usual = entry.given >= 2 || entry.family >= 3 && !eponyms::is_single(word);
    usual && entry.kind == Kind::Plain && is_distinctive(word)
}

/// `Disk usage high`, `High 5xx on api`: words of a dictionary behind a capital, and none of them a name.
pub(crate) fn is_heading(value: &str) -> bool {
    const BYTES_MAX: usize = 96;
    let small = |word: &&str| {
        let entry = lookup(word);
        word.bytes().all(|byte| byte.is_ascii_lowercase())
            && (entry.word >= 1 || entry.kind == Kind::Stop)
            && !entry.is_name()
            && !cues::cue(word).has(PARTICLE)
    };
    let names = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.starts_with(char::is_uppercase) && is_listed(word) && is_distinctive(word)
    };
    value.len() <= BYTES_MAX
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.split(' ').filter(small).count() >= 2
        && !value.split(' ').any(names)
}

/// `nginx`, `asthma`: a word in small letters that is never a part of a name.
pub(crate) fn is_no_name(word: &str) -> bool {
    let entry = lookup(word);
    entry.kind == Kind::Stop && !entry.is_name() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// `grace`, `Rose`: a word too, but a commoner given name.
pub(crate) fn is_rather_a_name(word: &str) -> bool {
    let entry = lookup(word);
    entry.given == 3
        && entry.word < 3
        && !entry.is_blocked()
        && !crate::phi::structure::words::is_common(word)
}

/// [`may_be_run`], with one of the words in the lists of names.
pub(crate) fn is_listed_run(text: &str) -> bool {
    let (entries, count) = entries(text);
    may_be_run(text) && entries[..count].iter().any(|entry| entry.is_name() && entry.word == 0)
}

/// One to three words in small letters that are somebody's name: in no dictionary, and where nothing says that a person is
/// meant (`person`), listed or formed like a family name.
pub(super) fn is_sought(content: &str, person: bool) -> bool {
    let mut count = 0;
    let (mut unlisted, mut named) = (0, 0);
    let letters = content.split([' ', '-', ',']).filter(|part| !part.is_empty()).all(|part| {
        count += 1;
        let entry = entry_of(part);
        unlisted += usize::from(entry.word == 0 && part.len() >= 5);
        named += usize::from(entry.word == 0 && entry.given.max(entry.family) >= 2);
        part.chars().count() >= 2
            && part.chars().all(|c| c.is_lowercase() || c == '\'')
            && !entry.is_blocked()
            && entry.word < 2
            && entry.kind != Kind::Place
            && !crate::phi::structure::words::is_common(part)
            && !crate::phi::structure::words::is_field_name(part)
            && !crate::phi::protect::is_vocabulary(part)
    });
    letters && (1..=3).contains(&count) && (named > 0 || person && unlisted > 0)
}

/// A word that is in no dictionary, so that it means the same person wherever it stands.
pub(crate) fn is_distinctive(word: &str) -> bool {
    let entry = entry_of(word);
    !entry.is_blocked()
        && entry.word == 0
        && entry.kind != Kind::Place
        && cues::cue(word) == cues::Cue::default()
}

fn entries(text: &str) -> ([Entry; RUN_MAX], usize) {
    let mut entries = [Entry::default(); RUN_MAX];
    let mut count = 0;
    for word in text.split([' ', ',']) {
        let word = word.trim_end_matches('.');
        if word.chars().count() < 2 || cues::cue(word).has(PARTICLE | SUFFIX) && !lookup(word).is_name() {
            continue;
        }
        if let Some(slot) = entries.get_mut(count) {
            *slot = entry_of(word);
            count += 1;
        }
    }
    (entries, count)
}
