//! How ids of records stand in the trail: as they are, as keyed pseudonyms, or not at all.
//!
//! A pseudonym is `pseudonym:` and 26 characters of an HMAC-SHA256 of the id under a key that the trail does not hold. A colon
//! stands in no id, so the two cannot be confused. Who has the key can find an id again by making its pseudonym anew;
//! nobody can turn one back.

use std::borrow::Cow;

use data_encoding::BASE32_DNSSEC;

use crate::credentials::pseudonym::PseudonymKey;
use crate::phi::KeyedDigest;

const PREFIX: &str = "pseudonym:";
/// Keeps these codes apart from those of the log filter, should both be made with one key.
const PURPOSE: &[u8] = b"clinik-guard audit resource id\n";
/// 128 bits.
const DIGEST_BYTES: usize = 16;

pub enum ResourceIds {
    Plain,
    Pseudonym(Box<PseudonymKey>),
    Omit,
}

/// Whether this stands on record for an id.
pub fn is_pseudonym(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl ResourceIds {
    pub fn pseudonym(key: PseudonymKey) -> ResourceIds {
        ResourceIds::Pseudonym(Box::new(key))
    }

    /// What the audit line says of a record with this id.
    pub fn shown<'a>(&self, id: &'a str) -> Option<Cow<'a, str>> {
        match self {
            ResourceIds::Plain => Some(Cow::Borrowed(id)),
            ResourceIds::Pseudonym(key) => {
                let digest = key.digest(&[PURPOSE, id.as_bytes()].concat());
                let code = BASE32_DNSSEC.encode(digest.get(..DIGEST_BYTES).unwrap_or_default());
                Some(Cow::Owned(format!("{PREFIX}{code}")))
            }
            ResourceIds::Omit => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_has_one_pseudonym_under_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let ids = |key: &str| {
            std::fs::write(&path, key).unwrap();
            ResourceIds::pseudonym(PseudonymKey::read(&path).unwrap())
        };
        let one = ids("0123456789abcdef0123456789abcdef");
        let shown = |ids: &ResourceIds, id: &'static str| ids.shown(id).unwrap().into_owned();
        let code = shown(&one, "pt_1");
        assert_eq!((code.len(), code.starts_with(PREFIX)), (36, true));
        assert_eq!(shown(&one, "pt_1"), code);
        assert_ne!(shown(&one, "pt_2"), code);
        assert_ne!(
            shown(&ids("another key of 32 characters or more".replace(' ', "-").as_str()), "pt_1"),
            code
        );
        assert_eq!(ResourceIds::Plain.shown("pt_1").as_deref(), Some("pt_1"));
        assert_eq!(ResourceIds::Omit.shown("pt_1"), None);
    }
}
