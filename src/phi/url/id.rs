//! Ids: opaque ones pass, readable ones are read.
//!
//! Owns what makes an id PHI although the API assigned it: a name (`pt_jane_doe`, `dr_smith`), a day (`1984-03-12`), a
//! labelled number (`mrn12345`), a shape (`123-45-6789`), or any of these packed into base64. UUIDs, ULIDs, digests,
//! numbers and short random words pass without a look at the lexicon.

mod words;

use super::value::{Names, is_ndc};
use super::{Lens, Of, UrlFinding};
use crate::phi::canon;
use crate::phi::class::{Class, Confidence, Layer, Place};
use crate::phi::cues::KeyClass;
use crate::phi::names::{self, is_name_like};
use crate::phi::protect::is_uuid;
use words::{GENERIC, LABELS, PERSON_PREFIXES, SURNAMES, THING_PREFIXES, is_term};

impl Lens<'_> {
    /// Looks at a decoded id. `of` says whose ids these are.
    pub fn id(&mut self, id: &str, of: Of) {
        self.own_rules(id);
        if is_opaque(id) || self.is_allowed(id) {
            return;
        }
        let before = self.findings.len();
        let digits = id.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 4 {
            self.labelled(id, digits);
            self.day(id, of);
        }
        if of != Of::Catalogue && digits < id.len() {
            self.name_in_id(id, of);
        }
        if self.findings.len() > before {
            return;
        }
        let grouped = id.bytes().any(|byte| !byte.is_ascii_alphanumeric());
        // No number of anybody is shorter, whatever label stands before it.
        if digits >= 4 && digits < id.len() && !is_random_hex(id) || id.contains('@') {
            self.shapes(id, Names::Off, KeyClass::Unknown);
            if grouped && self.findings.len() == before && digits >= 7 {
                // `pt_512-555-0143`: the prefix is no part of the number.
                if let Some((_, rest)) = id.split_once('_') {
                    self.shapes(rest, Names::Off, KeyClass::Unknown);
                }
            }
        }
        if self.findings.len() == before && id.len() >= canon::TOKEN_BYTES_MIN && digits < id.len() {
            self.packed(id, Names::Any);
        }
    }

    /// As in ids, but only by labels that are no words of a sentence.
    pub(super) fn labelled_words(&mut self, text: &str, digits: usize) {
        const WORDS: &[&str] =
            &["cell", "member", "chi", "sin", "tel", "nin", "vin", "mobile", "medicare", "medicaid"];
        for word in text.split(|c: char| !c.is_ascii_alphabetic()) {
            if !is_one_of(WORDS, word) {
                self.labelled(word, digits);
            }
        }
    }

    fn labelled(&mut self, id: &str, digits: usize) {
        for word in id.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() >= 3) {
            let known = LABELS.iter().find(|(label, ..)| label.eq_ignore_ascii_case(word));
            if let Some((label, class, digits_min)) = known
                && digits >= *digits_min
            {
                self.add(UrlFinding {
                    class: *class,
                    rule: "url.id-label",
                    layer: Layer::Context,
                    confidence: Confidence::High,
                    cue: Some(label),
                });
            }
        }
    }

    /// A day written into an id. In ids of records a recent one is mostly the day they were made.
    pub(super) fn day(&mut self, id: &str, of: Of) {
        let year = day_of(id);
        let personal = match of {
            Of::Person => year.is_some(),
            Of::Thing => year.is_some_and(|year| year <= RECORDS_SINCE || has_lone_name(id)),
            Of::Catalogue => false,
        };
        if personal {
            self.add(UrlFinding {
                class: Class::Date,
                rule: "url.id-date",
                layer: Layer::Shape,
                confidence: Confidence::Medium,
                cue: None,
            });
        }
    }

    fn name_in_id(&mut self, id: &str, of: Of) {
        if is_random(id) || is_random_hex(id) {
            return;
        }
        let mut words: [&str; WORDS_MAX] = [""; WORDS_MAX];
        let (count, prefixed) = words_of(id, &mut words);
        let words = &words[..count];
        let pair = words.windows(2).any(|pair| is_pair(pair[0], pair[1]))
            // A middle initial or name between the two.
            || words.windows(3).any(|three| three[1].len() <= 2 && is_pair(three[0], three[2]));
        let single = of == Of::Person || prefixed;
        let lone = match words {
            [word] if single => {
                word.len() >= 3 && (is_name_like(word) || is_one_of(SURNAMES, word) || is_login(word))
                    // `pt_quintanar`: what stands behind such a prefix alone is no random word if it can be spoken.
                    || prefixed && word.len() >= 5 && is_body(id, word) && has_only_words(id) && may_be_name(word) && names::is_spoken_like_a_name(word.as_bytes())
            }
            // `smith_j`, `j_smith`
            [a, b] if single && (a.len() == 1 || b.len() == 1) => {
                let word = if a.len() == 1 { b } else { a };
                word.len() >= 4 && (is_name_like(word) || is_one_of(SURNAMES, word))
            }
            _ => false,
        };
        let unlisted = of == Of::Person && is_unlisted_pair(id, words);
        if pair || lone || unlisted {
            self.add(UrlFinding {
                class: Class::Name,
                rule: "url.id-name",
                layer: Layer::Lexicon,
                confidence: if pair { Confidence::High } else { Confidence::Medium },
                cue: None,
            });
        }
    }

    /// What the text says by shape alone, by the rules of the engine.
    pub(super) fn shapes(&mut self, text: &str, names: Names, hint: KeyClass) {
        let mut found = Vec::new();
        self.engine.scan(text, Place::Url, hint, &mut found);
        for finding in found {
            let dropped = match finding.class {
                Class::Name => names == Names::Off,
                Class::Phone => is_ndc(text),
                // An address in a reference or canonical is judged by what it holds.
                Class::Url | Class::Clinical => true,
                // `visit-2026-000123` numbers a visit; there is no day in it.
                Class::Date if finding.rule == "number.prefixed" => {
                    is_id_text(text) && day_of(text).is_none()
                }
                // A cursor of base64 JSON looks like the head of a web token; the probe reads what is in it.
                Class::ApiKey => text.starts_with("eyJ") && !text.contains('.'),
                _ => false,
            };
            if !dropped {
                self.add(finding.into());
            }
        }
    }

    /// What is packed into tokens of the text.
    pub(super) fn packed(&mut self, text: &str, names: Names) {
        canon::probe(text, &mut |inside| {
            let before = self.findings.len();
            self.unpacked(inside, names);
            self.findings.len() > before
        });
    }
}

const WORDS_MAX: usize = 12;

/// Records were made on their days since then; an older day in an id is somebody's.
pub(super) const RECORDS_SINCE: u32 = 2015;

/// Is this word all that stands behind the prefix? Parts of `brVoUwvdtA` are none.
fn is_body(id: &str, word: &str) -> bool {
    id.rsplit_once(['_', '-']).is_some_and(|(_, body)| body.len() == word.len())
}

/// `W3s-gB1ce3e_TOdWwuXkA`: long, and one kind of letter or digit follows the other far more often than in words.
fn is_random(id: &str) -> bool {
    const BYTES_MIN: usize = 16;
    let kinds = id.bytes().fold(0, |kinds, byte| kinds | kind(byte));
    id.len() >= BYTES_MIN && kinds == 7 && changes(id) * 3 >= id.len() + 3
}

/// `ac9c3a-c2fdb75d93a1`: sixteen digits of one case or more, groups of them apart.
fn is_random_hex(id: &str) -> bool {
    const DIGITS_MIN: usize = 16;
    let kinds = id.bytes().fold(0, |kinds, byte| kinds | kind(byte));
    let digits = id.bytes().filter(u8::is_ascii_hexdigit).count();
    let hyphens = id.bytes().filter(|byte| *byte == b'-').count();
    matches!(kinds, 3 | 5)
        && digits >= DIGITS_MIN
        && digits + hyphens == id.len()
        && id.split('-').all(|group| group.len() >= 4 && kind_count(group) == 2)
        && changes(id) * 4 >= id.len()
}

fn kind_count(group: &str) -> u32 {
    group.bytes().fold(0_u8, |kinds, byte| kinds | kind(byte)).count_ones()
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 4,
        _ => 0,
    }
}

/// How often one kind of letter or digit follows another.
fn changes(id: &str) -> usize {
    id.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count()
}

fn is_id_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Nothing but words, apart from a prefix: no digit that would make it random.
fn has_only_words(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_' | b'-'))
}

/// `olu.adebayo`: two or three words that no dictionary has, where ids are a person's.
fn is_unlisted_pair(id: &str, words: &[&str]) -> bool {
    (2..=3).contains(&words.len())
        && has_only_words(without_year(id))
        && words.iter().all(|word| word.len() >= 3 && may_be_name(word))
}

/// `okonkwo-adaobi-1988` without the year at its end.
fn without_year(id: &str) -> &str {
    let head = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = id.len() - head.len();
    if matches!(digits, 2 | 4) && head.ends_with(['-', '_', '.']) { &head[..head.len() - 1] } else { id }
}

/// `kavanagh-2026-12-03`: one word beside the day, and it is a name.
fn has_lone_name(id: &str) -> bool {
    let mut words = [""; WORDS_MAX];
    let (count, _) = words_of(id, &mut words);
    match &words[..count] {
        [word] => word.len() >= 4 && is_name_like(word),
        _ => false,
    }
}

/// A word that can be spoken, that no dictionary has and that is no term of medicine: with a sure given name before it
/// the lexicon takes it for a family name.
pub(super) fn may_be_name(word: &str) -> bool {
    const PROBE: &[u8] = b"james ";
    if !(3..=24).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let mut phrase = [0u8; 32];
    phrase[..PROBE.len()].copy_from_slice(PROBE);
    phrase[PROBE.len()..PROBE.len() + word.len()].copy_from_slice(word.as_bytes());
    phrase.make_ascii_lowercase();
    let folded = &phrase[PROBE.len()..PROBE.len() + word.len()];
    can_be_spoken(folded)
        && !is_term(folded)
        && !is_one_of(GENERIC, word)
        && !is_one_of(PERSON_PREFIXES, word)
        && !is_one_of(THING_PREFIXES, word)
        // Letters only, so this cannot fail.
        && std::str::from_utf8(&phrase[..PROBE.len() + word.len()]).is_ok_and(is_name_like)
}

/// Vowels and consonants take turns as they do in words; `bcdfg`, `abcdef` and `xyzabc` do not.
fn can_be_spoken(word: &[u8]) -> bool {
    let (mut vowels, mut run, mut last_vowel) = (0, 0, None);
    for byte in word {
        let vowel = b"aeiouy".contains(byte);
        run = if last_vowel == Some(vowel) { run + 1 } else { 1 };
        last_vowel = Some(vowel);
        vowels += usize::from(vowel);
        if run > if vowel { 3 } else { 4 } {
            return false;
        }
    }
    // Words younger than the dictionaries.
    const NEW: &[&str] = &["tele", "qwert", "oncall", "covid", "kiosk", "health"];
    if NEW.iter().any(|start| word.starts_with(start.as_bytes())) {
        return false;
    }
    let placeholder = |part: &[u8]| word.windows(part.len()).any(|window| window == part);
    vowels * 6 >= word.len()
        && vowels < word.len()
        && ![&b"abc"[..], b"xyz", b"foo", b"bar", b"test"].into_iter().any(placeholder)
}

/// `prac_abcd`: the prefix of an id and letters behind it.
pub(super) fn is_prefixed(id: &str) -> bool {
    id.split_once(['_', '-']).is_some_and(|(prefix, rest)| {
        !rest.is_empty()
            && is_id_text(rest)
            && (is_one_of(PERSON_PREFIXES, prefix) || is_one_of(THING_PREFIXES, prefix))
    })
}

/// `jdoe`: an initial and a family name, all in one case.
fn is_login(word: &str) -> bool {
    word.len() >= 4
        && word.bytes().all(|byte| byte.is_ascii_lowercase())
        && (is_one_of(SURNAMES, &word[1..]) || word.len() >= 6 && is_name_like(&word[1..]))
        // A name of its own, or a word: `grant` is no G. Rant.
        && !is_one_of(GENERIC, word)
}

fn is_pair(a: &str, b: &str) -> bool {
    if a.len() < 2 || b.len() < 2 || a.len() + b.len() < 6 {
        return false;
    }
    let mut joined = [0u8; 64];
    let length = a.len() + 1 + b.len();
    if length > joined.len() {
        return false;
    }
    joined[..a.len()].copy_from_slice(a.as_bytes());
    joined[a.len()] = b' ';
    joined[a.len() + 1..length].copy_from_slice(b.as_bytes());
    // Words are ASCII letters, so this cannot fail.
    std::str::from_utf8(&joined[..length]).is_ok_and(is_name_like)
}

/// UUIDs, ULIDs, digests and plain numbers.
pub(crate) fn is_opaque(id: &str) -> bool {
    let bytes = id.as_bytes();
    match bytes.len() {
        36 if is_uuid(bytes) => return true,
        26 if bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) => return true,
        _ => {}
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == bytes.len() {
        // Eight digits may be a day.
        return digits != 8;
    }
    // Text packed into hexadecimal begins with printable bytes, digests mostly do not stay printable; the probe tells.
    false
}

/// The words of an id that may be a name: letters only, prefixes and generic words left out, camelCase split. Digits
/// at the end of a word are dropped (`jane1984`). Tells too whether a person's prefix stood first.
fn words_of<'a>(id: &'a str, words: &mut [&'a str; WORDS_MAX]) -> (usize, bool) {
    let (mut count, mut prefixed) = (0, false);
    let pieces = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|piece| !piece.is_empty());
    for (position, piece) in pieces.enumerate() {
        let letters = piece.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = &piece[..letters];
        let tail_digits = piece.len() - letters;
        let tail_is_number = piece[letters..].bytes().all(|byte| byte.is_ascii_digit());
        // Random words mix letters and digits; a name has at most a number behind it.
        if letters == 0 || !tail_is_number || tail_digits > 0 && letters < 4 {
            continue;
        }
        if tail_digits == 0 && is_one_of(PERSON_PREFIXES, word) {
            prefixed = true;
            continue;
        }
        if position == 0 && tail_digits == 0 && word.len() <= 4 && is_one_of(THING_PREFIXES, word) {
            continue;
        }
        // `brVoUwvdtA`: capitals as random letters have them.
        const PARTICLES: &[&str] =
            &["mc", "de", "la", "le", "di", "du", "al", "el", "st", "da", "ben", "van", "von"];
        let scraps = camel(word).filter(|part| part.len() < 3 && !is_one_of(PARTICLES, part)).count();
        if scraps > 0 && camel(word).count() >= 3 && scraps * 3 >= camel(word).count() {
            continue;
        }
        for part in camel(word) {
            if is_one_of(PERSON_PREFIXES, part) || is_one_of(GENERIC, part) {
                continue;
            }
            if count < WORDS_MAX {
                words[count] = part;
                count += 1;
            }
        }
    }
    (count, prefixed)
}

fn is_one_of(list: &[&str], word: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The parts of `janeDoe`. Words in one case are one part.
fn camel(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let turn = (1..bytes.len())
            .find(|at| bytes[*at].is_ascii_uppercase() && bytes[*at - 1].is_ascii_lowercase());
        let (part, after) = rest.split_at(turn.unwrap_or(rest.len()));
        rest = after;
        Some(part)
    })
}

/// The year of a day in an id: a run of eight digits, or groups of 4-2-2 and 2-2-4.
fn day_of(id: &str) -> Option<u32> {
    let mut groups: [(&str, u32); 3] = [("", 0); 3];
    for run in id.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        if run.len() == 8
            && let Some(year) = valid_day(&run[..4], &run[4..6], &run[6..])
        {
            return Some(year);
        }
        groups = [groups[1], groups[2], (run, 0)];
        let [a, b, c] = groups.map(|(run, _)| run);
        let found = match (a.len(), b.len(), c.len()) {
            (4, 2, 2) => valid_day(a, b, c),
            (2, 2, 4) => valid_day(c, a, b).or_else(|| valid_day(c, b, a)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn valid_day(year: &str, month: &str, day: &str) -> Option<u32> {
    let number = |text: &str| text.parse::<u32>().ok();
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    ((1900..=2035).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_hold_no_names() {
        for id in ["W3s-gB1ce3e_TOdWwuXkA", "aZ8f4qoUn-FIeAkyMjAYm"] {
            assert!(is_random(id), "{id}");
        }
        for id in
            ["MariaGonzalez1984Smith", "pt_jane_doe_1984", "MARISOL-QUINTANAR-07", "marisol.quintanar.84"]
        {
            assert!(!is_random(id), "{id}");
        }
        for id in ["ac9c3a-c2fdb75d93a1", "cf535df97e96d06988", "ABBA14-5AC0E29F1B7F"] {
            assert!(is_random_hex(id), "{id}");
        }
        for id in ["decade-1984-0312-face", "dea-ab1234563-19840312", "cafe-1984031219840312", "ac9c3a-c2fd"]
        {
            assert!(!is_random_hex(id), "{id}");
        }
    }

    #[test]
    fn opaque_ids_are_known() {
        for id in ["550e8400-e29b-41d4-a716-446655440000", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "1234567890", "42"] {
            assert!(is_opaque(id), "{id}");
        }
        for id in ["pt_jane_doe", "19840312", "123-45-6789", "550e8400-e29b-41d4-a716-44665544000g"] {
            assert!(!is_opaque(id), "{id}");
        }
    }

    #[test]
    fn days_are_read_in_any_order() {
        for (id, year) in [
            ("pt-1984-03-12", Some(1984)),
            ("doe19840312", Some(1984)),
            ("03-12-1984", Some(1984)),
            ("31_12_1984", Some(1984)),
            ("19841399", None),
            ("20240315142530", None),
            ("pt_1984", None),
            ("1-2-3", None),
        ] {
            assert_eq!(day_of(id), year, "{id}");
        }
    }

    #[test]
    fn words_leave_prefixes_and_random_parts_out() {
        let words = |id: &'static str| {
            let mut words = [""; WORDS_MAX];
            let (count, prefixed) = words_of(id, &mut words);
            (words[..count].to_vec(), prefixed)
        };
        assert_eq!(words("pt_jane_doe"), (vec!["jane", "doe"], true));
        assert_eq!(words("janeDoe1984"), (vec!["jane", "Doe"], false));
        assert_eq!(words("pt_abc123"), (vec![], true));
        assert_eq!(words("pt_prenatal001"), (vec!["prenatal"], true));
        assert_eq!(words("enc_8f3a2b"), (vec![], false));
    }
}
