//! The words of machines: what validators, servers and formats say that is nobody's data.
//!
//! Owns the word list that keeps messages readable (`must be a string`), echoes from erasing vocabulary (`male`,
//! `final`), and the keys by which reports name a field, quote a value or carry a sentence.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

mod hosts;
mod keys;
mod lists;
mod literals;
mod resources;
mod sent;
mod things;

use hosts::is_host_of_nobody;
pub(crate) use hosts::{ends_as_host, is_domain, is_host};
pub(super) use keys::may_end_asking_key;
pub(crate) use keys::{
    Strength, is_clinical_key, is_day_part, is_day_part_key, is_field_name, is_field_path, is_login_key,
    is_person_key, is_role_key, is_search_key, is_value_key, may_name_patient, traits,
};
use lists::{COMMON_WORDS, FOREIGN_PREDICATE_WORDS, FOREIGN_WORDS, MANDATORY_WORDS, PREDICATE_WORDS};
pub(crate) use literals::{is_literal, is_literal_id, is_mistyped, is_release, is_small, is_type_word};
pub(crate) use resources::{is_thing, is_type_of_resource};
pub(crate) use sent::is_sent;
pub(crate) use things::{is_of_a_thing, is_site_key, is_thing_key};

use super::{PLACEHOLDER_HEAD, class_of, phi, span_of};
use crate::phi::class::Class;
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::list::List;

/// FNV-1a: the words are ours or are compared in full, so a flood of collisions gains nothing worth having.
#[derive(Clone)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Words = HashSet<&'static [u8], BuildHasherDefault<Fnv>>;

fn words_of(lists: &[&'static str]) -> Words {
    lists.iter().flat_map(|list| list.split_ascii_whitespace()).map(str::as_bytes).collect()
}

static COMMON: LazyLock<Words> = LazyLock::new(|| words_of(&[COMMON_WORDS, PREDICATE_WORDS]));
static PREDICATES: LazyLock<Words> = LazyLock::new(|| words_of(&[PREDICATE_WORDS]));
static FOREIGN_PREDICATES: LazyLock<Words> =
    LazyLock::new(|| words_of(&[FOREIGN_PREDICATE_WORDS, MANDATORY_WORDS]));
static MANDATORY: LazyLock<Words> = LazyLock::new(|| words_of(&[MANDATORY_WORDS]));
static FOREIGN: LazyLock<Words> = LazyLock::new(|| words_of(&[FOREIGN_WORDS]));

/// The longest word of the lists.
const WORD_BYTES_MAX: usize = 24;

fn listed(set: &Words, word: &str) -> bool {
    let mut lower = [0; WORD_BYTES_MAX];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    set.contains(&*lower)
}

/// A word of messages, enumerations or formats, in any case.
pub(crate) fn is_common(word: &str) -> bool {
    listed(&COMMON, word)
}

/// `telefono=obligatorio`: what a field has to be, in small letters, and nobody's.
pub(crate) fn is_mandatory(word: &str) -> bool {
    word.starts_with(char::is_lowercase) && listed(&MANDATORY, word)
}

/// A word that only a sentence about a field holds.
pub(crate) fn is_predicate(word: &str) -> bool {
    listed(&PREDICATES, word)
}

/// `Required`, `must be a valid e-mail address`: a validator speaking about the field, not its value.
pub(crate) fn is_message(text: &str) -> bool {
    if is_titled_name(text) {
        return false;
    }
    if is_limit(text) {
        return true;
    }
    crate::phi::work::add(text.len());
    let (mut words, mut common, mut predicates) = (0, 0, 0);
    let (mut foreign, mut all_known) = (false, true);
    let mut quoted = false;
    // A placeholder says nothing about the sentence around it.
    let bare: String;
    let text = if crate::phi::protect::holds_placeholder(text) {
        bare = text
            .split(PLACEHOLDER_HEAD)
            .enumerate()
            .map(
                |(index, part)| {
                    if index == 0 { part } else { part.split_once(']').map_or("", |(_, rest)| rest) }
                },
            )
            .collect();
        bare.as_str()
    } else {
        text
    };
    for piece in text.split_inclusive(['\'', '"', '`']).take(64) {
        if !quoted {
            for word in piece.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(48) {
                if word.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                words += 1;
                // Every predicate is a common word.
                let is_common = is_common(word);
                common += u32::from(is_common);
                predicates += u32::from(is_common && is_predicate(word));
                if all_known {
                    let judges = listed(&FOREIGN_PREDICATES, word);
                    foreign |= judges;
                    all_known =
                        is_common || judges || listed(&FOREIGN, word) || key_class(word) != KeyClass::Unknown;
                }
            }
        }
        if piece.ends_with(['\'', '"', '`']) && !ends_in_apostrophe(piece, text) {
            quoted = !quoted;
        }
    }
    // Of a sentence in another language, every word has to be known: what is not may be what somebody sent.
    predicates > 0 && common * 10 >= words * 6 || all_known && words > 2 && (predicates > 0 || foreign)
}

/// `max length 10`, `min 5`: what a validator allows.
pub(crate) fn is_limit(value: &str) -> bool {
    let mut words = value.split(' ');
    matches!(words.next(), Some("max" | "min" | "Max" | "Min"))
        && words.next_back().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        && words.all(is_common)
}

/// `/tmp/mongodb-27017.sock`, `PLAINTEXT://broker-1:9092`, `grafana/dashboard/uid`: where a program listens, and no street.
pub(crate) fn is_endpoint(value: &str) -> bool {
    let first = value.split([' ', ',']).next().unwrap_or_default();
    let path = first
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b':'));
    path && first.len() > 4
        && (first.contains("://")
            || value == first && (value.starts_with('/') || value.matches('/').count() >= 3))
}

/// `nginx/1.25.4`, `Apache/2.4.57 (Debian) Server at …`: a server and its version open the text (RFC 9110 section 10.1.5).
pub(crate) fn is_product(value: &str) -> bool {
    let product = value.split(' ').next().unwrap_or_default();
    product.split_once('/').is_some_and(|(name, version)| {
        name.len() >= 3
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
            && version.starts_with(|c: char| c.is_ascii_digit())
            && version.contains('.')
    })
}

/// `lastName: May`, `firstName: Can`: people are called so, and no validator says one word like that.
pub(crate) fn is_titled_name(value: &str) -> bool {
    matches!(value, "May" | "Can")
}

/// The quote that ends `piece` is an apostrophe: a letter stands on both sides of it.
fn ends_in_apostrophe(piece: &str, text: &str) -> bool {
    let next = span_of(text, piece).end;
    piece.ends_with('\'')
        && piece[..piece.len() - 1].ends_with(|c: char| c.is_alphanumeric())
        && text.get(next..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// A name that is an everyday word too, folded.
pub(crate) fn is_also_a_word(folded: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<80> = List::new([
        "grace", "young", "price", "chase", "penny", "summer", "stone", "frank", "brown", "white", "black", "green",
        "short", "major", "stage", "power", "waters", "fields", "banks", "rivers", "woods", "brooks", "cross", "french",
        "english", "church", "marsh", "bishop", "carter", "cooper", "miller", "baker", "mason", "taylor", "parker",
        "hunter", "porter", "fisher", "walker", "turner", "weaver", "parks", "burns", "moody", "savage", "strong", "sharp",
        "swift", "small", "little", "noble", "pearl", "olive", "violet", "daisy", "ivory", "amber", "crystal", "faith",
        "charity", "constance", "victor", "angel", "heaven", "story", "early", "means", "rounds", "house", "block", "child",
        "blank", "match", "check", "force", "guest", "royal", "carrier", "driver", "proctor",
    ]);
    WORDS.has_exactly(folded)
}

/// Several words, one of which no machine says, and no message: somebody wrote this.
pub(crate) fn is_prose(text: &str) -> bool {
    let written = |word: &str| word.len() >= 4 && word.chars().all(char::is_alphabetic) && !is_common(word);
    text.contains(' ')
        && !text.contains("[REDACTED:")
        && text.split(|c: char| !c.is_alphanumeric()).take(64).any(written)
        && !is_message(text)
}

/// The place of a value: `%s`, `%(name)s`, `:name`, `@p0`, `$1`, `{id}`, `${name}`, a date layout.
pub(crate) fn is_bind(value: &str) -> bool {
    let ident = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
    };
    value.strip_prefix("%(").is_some_and(|rest| rest.ends_with([')', 's', 'd']))
        || matches!(value, "%s" | "%d" | "?" | "%v" | "%r" | "{}" | "2006-01-02" | "%Y-%m-%d")
        || value.strip_prefix([':', '@']).is_some_and(ident)
        || value
            .strip_prefix('$')
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()) || rest.starts_with('{'))
        || value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(ident)
        || value.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("yyyy"))
}

/// `nombre=lote_diario`: what a key that says `name` of anything, in the languages of most software, calls a job or a queue.
pub(crate) fn is_name_of_a_job(key: &str, value: &str) -> bool {
    const NAMES: [&str; 6] = ["name", "nom", "nombre", "nome", "naam", "namn"];
    value.contains('_')
        && is_machine_name(value)
        && NAMES.iter().any(|name| key.eq_ignore_ascii_case(name))
        && !crate::phi::names::is_name_like(value)
}

/// The name of a machine, a package or an object: no person is called `api-7d9f8b6c5-x2x4z`.
pub(crate) fn is_machine_name(value: &str) -> bool {
    // `GET /v1/patients/{id}`: what traces call a request.
    let request = value.split_once(' ').is_some_and(|(method, target)| {
        matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "HTTP")
            && (target.starts_with('/') || target.bytes().all(|byte| byte.is_ascii_uppercase()))
    });
    request
        || value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./:@".contains(&byte))
            && value.bytes().any(|byte| b"-_./:@".contains(&byte))
            && !value.contains('@')
}

/// `Lisinopril 10 MG Oral Tablet`: a strength makes a drug of it.
pub(crate) fn is_measured(value: &str) -> bool {
    const UNITS: [&str; 4] = ["mg", "mcg", "ml", "iu"];
    let drug = value.split(' ').next().is_some_and(|word| !crate::phi::names::is_listed(word));
    if !drug {
        return false;
    }
    let mut words = value.split([' ', '/']).skip(1).peekable();
    while let Some(word) = words.next() {
        let digits = word.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let unit = match (digits, digits == word.len()) {
            (0, _) => continue,
            (_, true) => words.peek().copied().unwrap_or_default(),
            (_, false) => &word[digits..],
        };
        if UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known)) {
            return true;
        }
    }
    false
}

/// `signedOn`: small letters and a capital among them, as fields are called.
pub(crate) fn is_identifier(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
        && !crate::phi::names::is_listed(value)
}

/// `<Data Name="ParentImage">`, `<Provider Name="Microsoft-Windows-Sysmon">`: one word of letters, and nobody's name.
pub(crate) fn names_a_datum(element: &str, value: &str) -> bool {
    let plain = value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let named = |word: &str| {
        crate::phi::names::is_listed(word) && crate::phi::names::is_distinctive(word)
            || crate::phi::names::is_rather_a_name(word)
    };
    let compound = crate::phi::names::is_compound_word(value);
    let word = |word: &str| word.len() == 1 || is_common(word) || !crate::phi::names::is_distinctive(word);
    plain
        && !value.split('-').any(named)
        && match element {
            "Data" => compound || value.split('-').all(word),
            "Provider" => value.starts_with("Microsoft-Windows-"),
            _ => false,
        }
}

/// `submitter`, `use-supplement`: one word of a dictionary in small letters, or several joined.
pub(crate) fn is_name_of_parameter(value: &str) -> bool {
    let word = |word: &str| word.len() >= 2 && !crate::phi::names::is_distinctive(word) || is_common(word);
    value.starts_with(|c: char| c.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        && (value.split('-').all(word) || is_identifier(value))
        && !value.split('-').any(crate::phi::names::is_rather_a_name)
        && !crate::phi::names::is_name_like(value)
}

/// `HEDIS BCS-E`: nothing but short words in capitals.
pub(crate) fn is_acronyms(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" -_/".contains(&byte))
        && value.split([' ', '-']).all(|word| word.len() <= 5)
        && value.split([' ', '-']).count() >= 3
}

/// The class a field mention gives a sentence: `birthDate`, `last_name`, `email`.
pub(crate) fn mention(word: &str) -> Option<Class> {
    // `Aoife Mac Giolla` has no network card.
    if is_message_word_only(word) || word == "Mac" || is_of_use(word) { None } else { phi(class_of(word)) }
}

/// `name.use`, `telecom.system`: a field that says how another is used.
pub(crate) fn is_of_use(path: &str) -> bool {
    [".use", ".system", ".type", ".count", ".length"].iter().any(|end| path.ends_with(end))
}

/// Words of messages that are also keys in our vocabulary, such as `contact` in "contact support".
fn is_message_word_only(word: &str) -> bool {
    matches!(word, "contact" | "account" | "line" | "device" | "key" | "token" | "url" | "patient")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_values() {
        for message in [
            "Required",
            "must be a valid email address",
            "is too long (maximum is 20 characters)",
            "can't be blank",
            "has already been taken",
            "The email field is required.",
            "String must contain at least 1 character(s)",
            "Invalid date",
            "Expected string, received number",
            "The value '1987-13-45' is not valid for BirthDate.",
            "Enter a valid email address.",
        ] {
            assert!(is_message(message), "{message}");
        }
        for value in [
            "Marisol Quintanar",
            "4417 Larkspur Bend",
            "Will May",
            "1987-11-23",
            "(512) 555-0147",
            "Ng",
            "Ana Maria de la Cruz",
        ] {
            assert!(!is_message(value), "{value}");
        }
    }

    #[test]
    fn words_of_the_format_are_literals() {
        for word in [
            "string",
            "null",
            "ZodError",
            "java.lang.NullPointerException",
            "birthDate",
            "last_name",
            "email",
        ] {
            assert!(is_literal(word, Class::Name), "{word}");
        }
        for value in ["Marisol", "Quintanar-Abbott", "jane@example.org", "O'Brien"] {
            assert!(!is_literal(value, Class::Name), "{value}");
        }
    }
}
