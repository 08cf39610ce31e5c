//! Pseudonyms: the short code that stands for a value, the same for the same value under one key.
//!
//! Owns what "the same value" means (case, spaces, separators, escapes and look-alikes do not matter) and how a code is
//! written. The keyed digest itself comes from outside; this module knows no key.

use super::canon;
use super::class::Class;

/// A message authentication code under a secret key, such as HMAC-SHA256.
pub trait KeyedDigest: Send + Sync {
    fn digest(&self, message: &[u8]) -> [u8; 32];
}

/// Characters of a code, five bits each: two of ten thousand values meet once in some twenty thousand logs.
pub(super) const CODE_CHARS: usize = 8;

/// Lower case, without the letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

pub(super) fn is_code_char(byte: u8) -> bool {
    ALPHABET.contains(&byte)
}

/// The code of a value as it stands in a text, escapes and all.
pub(super) fn code(digest: &dyn KeyedDigest, class: Class, raw: &[u8]) -> [u8; CODE_CHARS] {
    let digest = digest.digest(normal(class, &String::from_utf8_lossy(raw)).as_bytes());
    let bits = digest.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    std::array::from_fn(|nth| ALPHABET[(bits >> (59 - 5 * nth)) as usize & 31])
}

/// The one spelling of a value.
fn normal(class: Class, raw: &str) -> String {
    let view = canon::view(raw);
    let lower = view.as_ref().map_or(raw, |view| view.text.as_str()).to_lowercase();
    // Dots and dashes tell one address from another.
    let addressed = matches!(class, Class::Email | Class::Url | Class::Ip | Class::ApiKey);
    let mut plain: String =
        lower.chars().filter(|c| if addressed { !c.is_whitespace() } else { c.is_alphanumeric() }).collect();
    // `+1 512 555 0147` and `(512) 555-0147` ring at the same place.
    let north_american = plain.len() == 11 && plain.starts_with('1');
    if matches!(class, Class::Phone | Class::Fax) && north_american {
        plain.remove(0);
    }
    if plain.is_empty() { lower } else { plain }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::phi::Engine;

    /// Not a good digest, but one that depends on every byte.
    struct Sum;

    impl KeyedDigest for Sum {
        fn digest(&self, message: &[u8]) -> [u8; 32] {
            let sum = message.iter().fold(0xcbf2_9ce4_8422_2325u64, |sum, byte| {
                (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
            });
            let mut out = [0; 32];
            out[..8].copy_from_slice(&sum.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            out
        }
    }

    fn agree(class: Class, one: &str, other: &str) -> bool {
        code(&Sum, class, one.as_bytes()) == code(&Sum, class, other.as_bytes())
    }

    #[test]
    fn spelling_makes_no_difference_and_the_value_does() {
        for (class, one, other) in [
            (Class::Phone, "512-555-0147", "(512) 555-0147"),
            (Class::Phone, "+1 512.555.0147", "5125550147"),
            (Class::Ssn, "219-09-1234", "219 09 1234"),
            (Class::Name, "Marisol  Quintanar-Abbott", "MARISOL QUINTANAR ABBOTT"),
            (Class::Name, "José Álvarez", r"Jos\u00e9 \u00c1lvarez"),
            (Class::Name, "Jane Doe", "Jane%20Doe"),
            (Class::Email, "Jo.Quint@Example.org", "jo.quint%40example.org"),
            (Class::Mrn, "MRN-00482917", "mrn 00482917"),
        ] {
            assert!(agree(class, one, other), "{one} {other}");
        }
        for (class, one, other) in [
            (Class::Phone, "512-555-0147", "512-555-0148"),
            (Class::Email, "jo.quint@example.org", "joquint@example.org"),
            (Class::Ip, "10.1.23.4", "10.12.3.4"),
            (Class::Account, "15125550147", "5125550147"),
            (Class::Name, "-", "/"),
        ] {
            assert!(!agree(class, one, other), "{one} {other}");
        }
    }

    /// The corpus of log lines; a code is all that differs from a label.
    #[test]
    fn a_code_changes_nothing_but_the_placeholder() {
        const LINES: [&str; 3] = [
            include_str!("../../tests/data/phi/log/phi.jsonl"),
            include_str!("../../tests/data/phi/log/hard.jsonl"),
            include_str!("../../tests/data/phi/log/clean.jsonl"),
        ];
        let labels = Engine::default();
        let codes = labels.with_pseudonyms(Arc::new(Sum));
        let scrub = |engine: &Engine, line: &str| {
            let mut out = Vec::new();
            engine.scrub_line(line.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        let coded = regex::Regex::new(r"(\[REDACTED:[a-z_-]+):[0-9a-z]{8}\]").unwrap();
        for case in LINES.iter().flat_map(|file| file.lines()) {
            let case: serde_json::Value = serde_json::from_str(case).unwrap();
            let line = case["line"].as_str().unwrap();
            let out = scrub(&codes, line);
            assert_eq!(coded.replace_all(&out, "$1]"), scrub(&labels, line), "{line}\n{out}");
            assert_eq!(scrub(&codes, &out), out);
            assert_eq!(scrub(&labels, &out), out);
        }
    }

    #[test]
    fn codes_are_short_and_plain() {
        let code = code(&Sum, Class::Name, b"Jane Doe");
        assert!(code.iter().all(|byte| is_code_char(*byte)));
    }
}
