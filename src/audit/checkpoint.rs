//! Checkpoints: lines that vouch for everything before them, signed with Ed25519 (RFC 8032) where a key is given.
//!
//! What is signed is a fixed text of chain, sequence and the hash of the line before, so a checkpoint can be neither moved
//! nor replaced by who cannot sign. Owns keys, signing and checking; when a checkpoint is due is for the trail to say.

use std::fmt;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde::{Deserialize, Serialize};

use super::chain::{Hash, Link, hex, sha256};

pub const EVENT: &str = "checkpoint";

/// RFC 8410: 12 bytes that name Ed25519, then comes the key.
const SPKI_HEAD: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Longest key file that is read.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Signs checkpoints. Its `Debug` shows the fingerprint only.
pub struct Signer {
    pair: Ed25519KeyPair,
    fingerprint: String,
}

/// Checks signatures.
pub struct Verifier {
    public: [u8; 32],
    pub fingerprint: String,
}

/// Why a key file cannot be used. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileError {
    Unreadable(std::io::ErrorKind),
    NotEd25519,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFileError::Unreadable(kind @ (std::io::ErrorKind::NotFound | crate::file::NOT_A_FILE)) => {
                f.write_str(crate::file::reason(*kind))
            }
            KeyFileError::Unreadable(kind) => write!(f, "cannot be read: {kind}"),
            KeyFileError::NotEd25519 => f.write_str(
                "no Ed25519 key in PEM; make one with `openssl genpkey -algorithm ed25519 -out audit.key` and its public \
                 half with `openssl pkey -in audit.key -pubout`",
            ),
        }
    }
}

impl std::error::Error for KeyFileError {}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.fingerprint)
    }
}

impl Signer {
    /// Reads a PKCS#8 private key in PEM.
    pub fn read(path: &Path) -> Result<Signer, KeyFileError> {
        let pem = zeroize::Zeroizing::new(read(path)?);
        let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_| KeyFileError::NotEd25519)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
            .map_err(|_| KeyFileError::NotEd25519)?;
        let fingerprint = fingerprint(pair.public_key().as_ref());
        Ok(Signer { pair, fingerprint })
    }

    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub fn sign(&self, chain: &str, seq: u64, prev: &Hash) -> String {
        BASE64.encode(self.pair.sign(message(chain, seq, prev).as_bytes()).as_ref())
    }

    pub fn verifier(&self) -> Option<Verifier> {
        Verifier::of(self.pair.public_key().as_ref())
    }
}

impl Verifier {
    /// Reads a public key (`BEGIN PUBLIC KEY`), or takes that of a private one.
    pub fn read(path: &Path) -> Result<Verifier, KeyFileError> {
        let pem = zeroize::Zeroizing::new(read(path)?);
        match SubjectPublicKeyInfoDer::from_pem_slice(&pem) {
            Ok(info) => info.strip_prefix(SPKI_HEAD).and_then(Verifier::of).ok_or(KeyFileError::NotEd25519),
            Err(_) => Signer::read(path)?.verifier().ok_or(KeyFileError::NotEd25519),
        }
    }

    /// The public half in PEM, as `openssl pkey -pubout` writes it.
    pub fn to_pem(&self) -> String {
        let body = BASE64.encode(&[SPKI_HEAD, &self.public].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    fn of(public: &[u8]) -> Option<Verifier> {
        Some(Verifier { public: public.try_into().ok()?, fingerprint: fingerprint(public) })
    }

    fn accepts(&self, message: &str, signature: &str) -> bool {
        BASE64.decode(signature.as_bytes()).is_ok_and(|signature| {
            UnparsedPublicKey::new(&ED25519, &self.public).verify(message.as_bytes(), &signature).is_ok()
        })
    }
}

/// The members of a checkpoint line.
#[derive(Deserialize, Serialize)]
pub struct Checkpoint<'a> {
    pub event: &'a str,
    pub time: &'a str,
    pub chain: &'a str,
    pub segment: u64,
    /// Fingerprint of the key that signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    Signed,
    Unsigned,
    /// Signed, but there was no key to check it with, or another one.
    Unchecked,
    Forged,
}

impl Checkpoint<'_> {
    pub fn check(&self, link: &Link<'_>, verifier: Option<&Verifier>) -> Vouched {
        match (&self.signature, verifier) {
            (None, _) => Vouched::Unsigned,
            (Some(_), None) => Vouched::Unchecked,
            (Some(_), Some(verifier)) if self.key != Some(&verifier.fingerprint) => Vouched::Unchecked,
            (Some(signature), Some(verifier)) => {
                match verifier.accepts(&message(self.chain, link.seq, &link.prev), signature) {
                    true => Vouched::Signed,
                    false => Vouched::Forged,
                }
            }
        }
    }
}

/// Reads the members of a checkpoint line.
pub fn read_fields<'a>(whole_line: &'a [u8]) -> Option<Checkpoint<'a>> {
    serde_json::from_slice(whole_line).ok()
}

fn message(chain: &str, seq: u64, prev: &Hash) -> String {
    format!("clinik-guard audit checkpoint\nchain {chain}\nseq {seq}\nprev {}\n", hex(prev))
}

fn fingerprint(public: &[u8]) -> String {
    hex(sha256(public).get(..8).unwrap_or_default())
}

fn read(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    let unreadable = |error: std::io::Error| KeyFileError::Unreadable(error.kind());
    let mut bytes = Vec::new();
    let file = crate::file::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::{GENESIS, Tip};

    #[test]
    fn a_checkpoint_vouches_for_its_place_only() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.key");
        std::fs::write(&path, key()).expect("written");
        let signer = Signer::read(&path).expect("an Ed25519 key");
        let verifier = Verifier::read(&path).expect("its public half");
        let public = dir.path().join("audit.pub");
        std::fs::write(&public, verifier.to_pem()).expect("written");
        assert_eq!(Verifier::read(&public).expect("a public key").fingerprint, signer.fingerprint());
        let checkpoint = Checkpoint {
            event: EVENT,
            time: "2026-11-22T00:00:00Z",
            chain: "00c0ffee",
            segment: 1,
            key: Some(signer.fingerprint()),
            signature: Some(signer.sign("00c0ffee", 1, &GENESIS)),
        };
        let mut line = Vec::new();
        let fields = serde_json::to_vec(&checkpoint).expect("plain data");
        Tip::START.seal(&fields[1..fields.len() - 1], &mut line);
        let link = Link::read(line.trim_ascii_end()).expect("a line");
        assert_eq!(checkpoint.check(&link, Some(&verifier)), Vouched::Signed);
        assert_eq!(checkpoint.check(&link, None), Vouched::Unchecked);
        assert_eq!(checkpoint.check(&Link { seq: 2, ..link }, Some(&verifier)), Vouched::Forged);
        assert_eq!(checkpoint.check(&Link { prev: [1; 32], ..link }, Some(&verifier)), Vouched::Forged);
        assert!(read_fields(&line).is_some_and(|read| read.signature == checkpoint.signature));
    }

    #[test]
    fn what_is_no_key_says_how_to_make_one() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.key");
        std::fs::write(&path, "no key").expect("written");
        let error = Signer::read(&path).expect_err("no key");
        assert!(error.to_string().contains("openssl genpkey"));
        assert!(matches!(Signer::read(&dir.path().join("none")), Err(KeyFileError::Unreadable(_))));
    }

    /// Made for this test.
    fn key() -> String {
        let pair = Ed25519KeyPair::generate().expect("randomness");
        let der = pair.to_pkcs8v1().expect("PKCS#8");
        let body = BASE64.encode(der.as_ref());
        // Split, so that no scanner takes this file for one that holds a key.
        format!("-----BEGIN {0}-----\n{body}\n-----END {0}-----\n", ["PRIVATE", "KEY"].join(" "))
    }
}
