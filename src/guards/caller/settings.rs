//! The compiled `guards.caller` section.

use std::collections::BTreeSet;
use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::CertificateNames;
use crate::config::{self, Node, Problems, read};
use crate::credentials::settings::SecretSource;
use crate::guards::Mode;

#[derive(Clone, Debug)]
pub struct CallerSettings {
    pub mode: Mode,
    pub tokens: Vec<CallerTokenSource>,
    pub certificates: Vec<CallerCertificate>,
    pub unix_uids: Vec<u32>,
}

impl CallerSettings {
    /// What the policy calls those it knows by token or certificate, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let tokens = self.tokens.iter().map(|token| token.name.as_str());
        let certificates = self.certificates.iter().map(|certificate| &*certificate.name);
        let all: BTreeSet<&str> = tokens.chain(certificates).collect();
        all.into_iter()
    }
}

/// A caller known by a name in its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerCertificate {
    /// What records and budgets call it.
    pub name: Arc<str>,
    pub id: CertificateId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateId {
    Spiffe(String),
    /// Lower case.
    Dns(String),
}

impl CallerCertificate {
    /// Whole and exact: no wildcards, on either side.
    pub fn is_of(&self, names: Option<&CertificateNames>) -> bool {
        names.is_some_and(|names| match &self.id {
            CertificateId::Spiffe(id) => names.spiffe.as_ref() == Some(id),
            CertificateId::Dns(name) => names.dns.contains(name),
        })
    }

    fn compile(item: &config::CallerCertificate, problems: &mut Problems) -> Option<CallerCertificate> {
        let name = item.name.required(read::name, problems);
        let id = match (item.spiffe.written(), item.dns.written()) {
            (Some(node), None) => spiffe(node, problems).map(CertificateId::Spiffe),
            (None, Some(node)) => dns(node, problems).map(CertificateId::Dns),
            _ => {
                let message =
                    "needs one of `spiffe` (an id such as spiffe://example.org/billing) and `dns` (a name)";
                problems.add(item.at, &item.key_path, message);
                None
            }
        };
        Some(CallerCertificate { name: name?.into(), id: id? })
    }
}

/// A caller token by name; a value is read by `credentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerTokenSource {
    pub name: String,
    pub proof: TokenProof,
}

/// What a token is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenProof {
    Secret(SecretSource),
    /// The hash of the token: whoever reads the policy cannot call.
    Sha256([u8; 32]),
}

impl TokenProof {
    fn compile(item: &config::Token, problems: &mut Problems) -> Option<TokenProof> {
        let Some(hash) = item.sha256.written() else {
            let secret = SecretSource::compile(item.at, &item.key_path, &item.env, &item.file, problems);
            return secret.map(TokenProof::Secret);
        };
        if item.env.written().or(item.file.written()).is_some() {
            problems.add(hash.at, &item.key_path, "both `sha256` and the token itself; one of them");
            return None;
        }
        let bytes = hash.text().and_then(|text| HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok());
        match bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
            Some(digest) => Some(TokenProof::Sha256(digest)),
            None => problems.expected(hash, "the SHA-256 of a token as 64 hexadecimal digits"),
        }
    }
}

impl CallerSettings {
    pub fn compile(section: &config::Caller, problems: &mut Problems) -> CallerSettings {
        section.tokens.not_null("a list of tokens, or [] for none", problems);
        section.certificates.not_null("a list of certificates, or [] for none", problems);
        section.unix_uids.not_null("a list of user ids, or [] for all", problems);
        let mut tokens: Vec<CallerTokenSource> = Vec::new();
        for item in &section.tokens.items {
            let name = item.name.required(read::name, problems);
            let proof = TokenProof::compile(item, problems);
            let Some((name, proof)) = name.zip(proof) else { continue };
            if tokens.iter().any(|token| token.name == name) {
                problems.add(
                    item.name.at,
                    &item.name.path,
                    "a second token of this name; rotate by changing its source",
                );
            }
            if tokens.iter().any(|token| token.proof == proof) {
                problems.add(
                    item.at,
                    &item.key_path,
                    "a second token from this source; callers could not be told apart",
                );
            }
            tokens.push(CallerTokenSource { name, proof });
        }
        let unix_uids = section.unix_uids.list(Vec::new(), uid, problems);
        let mut certificates: Vec<CallerCertificate> = Vec::new();
        for item in &section.certificates.items {
            let Some(certificate) = CallerCertificate::compile(item, problems) else { continue };
            if certificates.iter().any(|known| known.id == certificate.id) {
                problems.add(
                    item.at,
                    &item.key_path,
                    "a second caller of this id; they could not be told apart",
                );
            }
            certificates.push(certificate);
        }
        let mode = section.mode.word(Mode::Enforce, &Mode::WORDS, problems);
        CallerSettings { mode, tokens, certificates, unix_uids }
    }
}

/// A SPIFFE id: trust domain and path, nothing else (SPIFFE-ID section 2).
fn spiffe(node: &Node, problems: &mut Problems) -> Option<String> {
    let is_id = |text: &&str| {
        let Some((domain, path)) = text.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/'))
        else {
            return false;
        };
        let plain = |b: u8, more: &[u8]| b.is_ascii_digit() || more.contains(&b);
        let is_segment = |segment: &str| {
            !matches!(segment, "" | "." | "..")
                && segment.bytes().all(|b| b.is_ascii_alphabetic() || plain(b, b"-._"))
        };
        text.len() <= 2048
            && !domain.is_empty()
            && domain.bytes().all(|b| b.is_ascii_lowercase() || plain(b, b"-._"))
            && path.split('/').all(is_segment)
    };
    match node.text().filter(is_id) {
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "a SPIFFE id such as spiffe://example.org/ns/clinic/sa/billing"),
    }
}

/// A DNS name without a wildcard, in lower case.
fn dns(node: &Node, problems: &mut Problems) -> Option<String> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_name = |text: &&str| text.len() <= 253 && text.split('.').all(is_label);
    match node.text().filter(is_name) {
        Some(text) => Some(text.to_ascii_lowercase()),
        None => problems.expected(node, "a DNS name such as billing.example.org, without wildcards"),
    }
}

fn uid(node: &Node, problems: &mut Problems) -> Option<u32> {
    // The highest value is what chown(2) takes for "no change"; nobody has it.
    read::number(0..=u64::from(u32::MAX) - 1)(node, problems).map(|uid| uid as u32)
}
