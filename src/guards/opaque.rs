//! Words that may stand in an audit line: types that hold no free text and that only guards can make.
//!
//! Each has a closed alphabet and a length, so that even a guard that judged wrongly cannot put a sentence on record. Whether
//! a word is PHI is for the guard to have found out before it makes one.

use std::sync::Arc;

use crate::phi::names::is_name_like;
use crate::phi::{Engine, KeyClass, Place, canon};

/// As long as the longest id of a record.
const ID_BYTES_MAX: usize = 128;
const NAME_BYTES_MAX: usize = 64;

/// Whether the engine and the lexicon see nobody in a word of machines, such as an entity tag, nor in what it packs.
pub fn names_nobody(engine: &Engine, word: &str) -> bool {
    is_clean(engine, word) && !hides_somebody(engine, word)
}

/// Whether there is somebody in base64 or hexadecimal.
pub fn hides_somebody(engine: &Engine, word: &str) -> bool {
    canon::probe(word, &mut |packed| !is_clean(engine, packed))
}

fn is_clean(engine: &Engine, text: &str) -> bool {
    let mut findings = Vec::new();
    engine.scan(text, Place::Url, KeyClass::Unknown, &mut findings);
    findings.is_empty() && !is_name_like(text)
}

/// An id of a request that a guard judged: of a record or of an actor.
#[derive(Clone, PartialEq, Eq)]
pub struct OpaqueId(Box<str>);

impl OpaqueId {
    pub(in crate::guards) fn of(text: &str) -> Option<OpaqueId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:|/".contains(&byte);
        ((1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)).then(|| OpaqueId(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that the policy gives: to a caller, a role, an exception; or one of our own for who has none there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyName(Arc<str>);

impl PolicyName {
    pub(in crate::guards) fn of(name: impl Into<Arc<str>>) -> Option<PolicyName> {
        let name = name.into();
        let fits =
            name.len() <= NAME_BYTES_MAX && !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        fits.then_some(PolicyName(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_does_not_fit() {
        for good in ["pt_abc123", "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21", "urn:user|17/a"] {
            assert!(OpaqueId::of(good).is_some_and(|id| id.as_str() == good), "{good}");
        }
        let (longest, longer) = ("a".repeat(ID_BYTES_MAX), "a".repeat(ID_BYTES_MAX + 1));
        assert!(OpaqueId::of(&longest).is_some());
        for bad in ["", "Jane Doe", "Jane%20Doe", "a\"b", "a\nb", "Jos\u{e9}", "a@example.org", &longer] {
            assert!(OpaqueId::of(bad).is_none(), "{bad}");
        }
        for (name, known) in [("billing", true), ("uid:1000", true), ("the front desk", false), ("", false)] {
            assert_eq!(PolicyName::of(name).is_some(), known, "{name}");
        }
    }
}
