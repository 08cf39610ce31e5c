//! The key of pseudonyms: HMAC-SHA256 with a secret from a file, or one made for the life of the process.
//!
//! Whoever has the key can tell by trying which value a code stands for, so it is read like any other secret and never
//! shown.

use std::path::Path;

use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

use super::{KeyProblem, Secret, read_bounded};
use crate::phi::KeyedDigest;

/// Shortest key, in characters: as many random bits as a code needs to be out of reach of guessing.
const KEY_CHARS_MIN: usize = 32;

pub struct PseudonymKey(hmac::Key);

impl PseudonymKey {
    /// The key in a file: one line of visible ASCII, as `openssl rand -base64 32` writes it.
    pub fn read(path: &Path) -> Result<PseudonymKey, KeyProblem> {
        let secret = Secret::parse(&read_bounded(path, super::SECRET_BYTES_MAX)?)?;
        if secret.expose().len() < KEY_CHARS_MIN {
            return Err(KeyProblem::TooShortForPseudonyms);
        }
        Ok(PseudonymKey::of(secret.expose().as_bytes()))
    }

    /// A key nobody knows and no other process has. Nothing without randomness.
    pub fn random() -> Option<PseudonymKey> {
        let mut seed = Zeroizing::new([0; 32]);
        rand::fill(seed.as_mut_slice()).ok()?;
        Some(PseudonymKey::of(seed.as_slice()))
    }

    fn of(secret: &[u8]) -> PseudonymKey {
        PseudonymKey(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

impl KeyedDigest for PseudonymKey {
    fn digest(&self, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.0, message);
        let mut digest = [0; 32];
        for (byte, of_tag) in digest.iter_mut().zip(tag.as_ref()) {
            *byte = *of_tag;
        }
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_hmac_sha256() {
        // RFC 4231, test case 2.
        let digest = PseudonymKey::of(b"Jefe").digest(b"what do ya want for nothing?");
        assert_eq!(
            data_encoding::HEXLOWER.encode(&digest),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn keys_come_from_a_file_or_are_new_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert_eq!(PseudonymKey::read(&path).err(), Some(KeyProblem::Missing));
        std::fs::write(&path, "short\n").unwrap();
        assert_eq!(PseudonymKey::read(&path).err(), Some(KeyProblem::TooShortForPseudonyms));
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        let key = || PseudonymKey::read(&path).unwrap().digest(b"x");
        assert_eq!(key(), key());
        let random = || PseudonymKey::random().unwrap().digest(b"x");
        assert_ne!(random(), random());
    }
}
