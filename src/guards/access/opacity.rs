//! Whether an id of an actor is opaque: it goes on record, so nobody may be known by it.
//!
//! Judges the whole, its parts between `/`, `:` and `|`, and its words and numbers between any separators. What it cannot
//! see is in `docs/access.md`: names in small letters without a separator.

use crate::guards::opaque::hides_somebody;
use crate::phi::names::{is_name_like, is_titled_name};
use crate::phi::protect::is_uuid;
use crate::phi::{Class, Engine, KeyClass, Place, key_class};

/// What bare numbers of people have of digits: telephone, social security, record and NHS numbers. Longer ones are minted.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 7..=16;

/// Whether neither the engine nor the lexicon sees a person in an id: in the whole of it, in its words, or in the number
/// that is left of a word without the letters around it.
pub(super) fn is_opaque(engine: &Engine, id: &str) -> bool {
    let is_clean = |text: &str| {
        let mut findings = Vec::new();
        engine.scan(text, Place::Url, KeyClass::Unknown, &mut findings);
        findings.is_empty()
            && !is_name_like(text)
            && !is_name_like(&apart(text))
            && !is_titled_name(&apart(text))
    };
    let parts = || id.split(['/', ':', '|']).filter(|part| !part.is_empty());
    is_clean(id)
        && !is_name_over_parts(engine, &id.replace(['/', ':', '|'], " "))
        && parts()
            .all(|part| is_uuid(part.as_bytes()) || part.len() <= 2 || is_clean(part) && is_clean(bare(part)))
        && is_clean_in_words(id)
        && !hides_somebody(engine, id)
}

/// Whether the parts of an id are a name together. Their numbers are judged by themselves: `user:1842` is no claim.
fn is_name_over_parts(engine: &Engine, spaced: &str) -> bool {
    let mut findings = Vec::new();
    engine.scan(spaced, Place::Url, KeyClass::Unknown, &mut findings);
    findings.iter().any(|finding| finding.class == Class::Name) || is_name_like(spaced)
}

/// Whether the words between separators hold no number, date or name of a person, alone or together.
fn is_clean_in_words(id: &str) -> bool {
    // A UUID is one word.
    let words: Vec<&str> = id
        .split(['/', ':', '|'])
        .flat_map(
            |part| if is_uuid(part.as_bytes()) { vec![part] } else { part.split(['-', '_', '.']).collect() },
        )
        .filter(|word| !word.is_empty())
        .collect();
    let named = words.windows(2).any(|pair| match pair {
        [key, value] => is_label(key) && value.bytes().any(|byte| byte.is_ascii_digit()),
        _ => false,
    });
    let numbered =
        words.iter().any(|word| NUMBER_DIGITS.contains(&number(word).len()) || is_numbered_name(word));
    let grouped = words.windows(3).any(|three| is_short_date(three) || is_grouped(three));
    let joined = id.split(['/', ':', '|']).filter(|part| !is_uuid(part.as_bytes())).any(is_joined);
    !named && !numbered && !grouped && !joined
}

/// As telephone and social security numbers are written.
fn is_grouped(three: &[&str]) -> bool {
    let lengths: Vec<usize> = three.iter().map(|word| word.len()).collect();
    three.iter().all(|word| is_number(word)) && matches!(lengths[..], [3, 2 | 3, 4])
}

/// Whether numbers stand side by side in a part that are one number without their separators.
fn is_joined(part: &str) -> bool {
    let words: Vec<&str> = part.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    words.chunk_by(|one, other| is_number(one) && is_number(other)).any(|groups| {
        let digits: usize = groups.iter().map(|group| group.len()).sum();
        groups.len() > 1 && NUMBER_DIGITS.contains(&digits)
    })
}

/// The number that a word is, less the letters around it; nothing if there are letters inside.
fn number(word: &str) -> &str {
    let digits = word.trim_matches(|c: char| c.is_ascii_alphabetic());
    if is_number(digits) { digits } else { "" }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `john1984`
fn is_numbered_name(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    (4..word.len()).contains(&letters.len()) && is_name_like(letters)
}

/// A word for an identifier of a person, such as `dob` or `tel`.
fn is_label(word: &str) -> bool {
    matches!(
        key_class(word),
        KeyClass::Phi(Class::Date | Class::Fax | Class::HealthPlan | Class::Mrn | Class::Phone | Class::Ssn)
    )
}

/// Year, month and day of two digits at most, in any order that is in use; the year has two.
fn is_short_date(groups: &[&str]) -> bool {
    let numbers: Vec<(usize, u32)> =
        groups.iter().filter_map(|group| Some((group.len(), group.parse().ok()?))).collect();
    let [one, two, three] = numbers[..] else { return false };
    [(one, two, three), (three, one, two), (three, two, one)].into_iter().any(|(year, month, day)| {
        year.0 == 2 && month.0 <= 2 && day.0 <= 2 && (1..=12).contains(&month.1) && (1..=31).contains(&day.1)
    })
}

/// Without letters and marks around what is left.
fn bare(part: &str) -> &str {
    part.trim_matches(|c: char| c.is_ascii_alphabetic()).trim_matches(['-', '_', '.'])
}

/// `JaneDoe` as `Jane Doe`.
fn apart(id: &str) -> String {
    let mut words = String::with_capacity(id.len() + 4);
    for (at, letter) in id.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::EngineSettings;

    #[test]
    fn people_are_seen_in_parts_of_an_id() {
        let engine = Engine::new(&EngineSettings::default()).expect("an engine");
        let passed: Vec<&&str> = [
            "u:2025550143",
            "u-219091234",
            "u219091234",
            "a/2190912341",
            "2025-550143",
            "202/555/0143",
            "21-9091234",
            "219.09.1234",
            "tel:2025550143",
            "urn:ssn:219091234",
            "MRN:00812345",
            "staff_7654321x",
            "87-11-23",
            "u-23.11.87",
            "11/23/87",
            "dob:871123",
            "mrn|8123",
            "1987-327",
            "dr_smith",
            "Dr.Smith",
            "dr:li",
            "smith.j",
            "smith.j2",
            "JSmith",
            "j_smith",
            "u-jane",
            "maria-g",
            "staff/dr-jones",
            "nurse.garcia",
            "svc:r-brown",
            "john1984",
            "smith-md",
            "JaneDoe",
            "jane.doe",
            "bWFyaXNvbC5xQGV4YW1wbGUub3Jn",
            "u_SmFuZSBEb2U",
            "oidc|TWFyaXNvbCBRdWludGFuYXI",
            "6a616e65206d61726965206d6f72616c6573",
            "MjE5LTA5LTEyMzQ",
        ]
        .iter()
        .filter(|id| is_opaque(&engine, id))
        .collect();
        assert_eq!(passed, [] as [&&str; 0]);
    }

    #[test]
    fn ids_that_systems_make_pass() {
        let engine = Engine::new(&EngineSettings::default()).expect("an engine");
        let refused: Vec<&&str> = [
            "u-1842",
            "u-48f1",
            "usr_8f14e45f",
            "auth0|5f7c8ec7c33c6c004bbafe82",
            "123456",
            "7",
            "user:123456",
            "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21",
            "11111111-2222-3333-4444-555555555555",
            "kc:7d1f0c6e-3b1a-4c53-9c7e-0f2b7a9d1e64",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "svc-billing",
            "svc-billing-2",
            "google-oauth2|103547991597142817347",
            "okta|00u1a2b3c4D5e6F7g8h9",
            "V1StGXR8_Z5jdHi6B-myT",
            "staff/17/a",
            "urn:user|17/a",
            "tenant-42:u-1842",
            "1234:u-5678",
            "front-desk",
            "lab-west-3",
            "nightly-export",
            "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
            "8f14e45fceea167a5a36dedd4bea2543",
            "1001:20345",
            "md5-9a0364b9",
            "nurse-4411",
            "dr-17",
            "a.b.c",
            "v1.2.3",
            "dept-3-u-77",
            "emp-00123",
            "cron.d",
            "team-a",
        ]
        .iter()
        .filter(|id| !is_opaque(&engine, id))
        .collect();
        assert_eq!(refused, [] as [&&str; 0]);
    }
}
