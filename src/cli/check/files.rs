//! The files and variables a policy names, opened as `run` would open them.
//!
//! Owns what is wrong with them, told at the place of the policy that names them, and what is to be said of a key that nobody
//! could look at. Uses the readers of the running guard, so that both say the same. Contacts nobody and writes nothing.

use std::path::Path;
use std::time::Instant;

use rustix::fs::{Access, access};

use crate::audit;
use crate::audit::checkpoint::Signer;
use crate::audit::settings::ResourceIdsShown;
use crate::config::{self, NamedFile, Node, Position, Problems, Value};
use crate::credentials::pseudonym::PseudonymKey;
use crate::credentials::settings::{KeyEnvironment, SecretSource};
use crate::credentials::{KeyProblem, KeyStore, ReadEnv};
use crate::guards::caller::settings::TokenProof;
use crate::listener::{ServerTls, TlsError};
use crate::policy::Policy;
use crate::upstream::{ConnectError, Connector};

/// Paths of files that the guard makes itself.
const MADE: [&str; 2] = ["audit.file", "listen.unix.path"];

/// Adds to `problems` what is wrong; a variable that is not set is a warning, since it may be set where the guard runs.
/// Without `read_env` neither files nor variables are looked at.
pub fn examine(policy: &Policy, text: &str, read_env: Option<ReadEnv>, problems: &mut Problems) {
    let tree = config::parse(text, problems);
    let mut examination = Examination { tree, problems };
    let Some(read_env) = read_env else { return examination.unseen_key(policy) };
    for file in policy.files() {
        examination.file(file);
    }
    if !examination.secrets(policy, read_env) {
        examination.unseen_key(policy);
    }
    examination.certificates(policy);
    examination.audit_keys(policy);
}

/// What can be told of the files of a policy that has other problems: whether they are there and may be read.
pub fn open(files: &[NamedFile], text: &str, problems: &mut Problems) {
    // A text that is no YAML names no files, and what is wrong with it is told already.
    if files.is_empty() {
        return;
    }
    let tree = config::parse(text, problems);
    let mut examination = Examination { tree, problems };
    for file in files {
        examination.file(file);
    }
}

struct Examination<'a> {
    tree: Option<Node>,
    problems: &'a mut Problems,
}

impl Examination<'_> {
    /// Whether the file is there and may be read; of one that is still to be made, its directory.
    fn file(&mut self, named: &NamedFile) {
        let message = if MADE.contains(&named.key_path.as_str()) {
            // The guard takes the place of a socket that was left, but appends to a file.
            let unfit = if named.key_path == "audit.file" { audit::files::unfit(&named.path) } else { None };
            named.path.parent().and_then(unwritable).or(unfit)
        } else {
            unreadable(&named.path)
        };
        if let Some(message) = message {
            self.problems.add(named.at, &named.key_path, message);
        }
    }

    /// What becomes of a live key here, if the one that is used is one.
    fn unseen_key(&mut self, policy: &Policy) {
        let rule = policy.compliance.key_rule();
        // Where no key at all could be used the policy says so itself.
        if rule.live || !rule.test || policy.credentials.environment != KeyEnvironment::Any {
            return;
        }
        let (at, _) = self.place("compliance.baa");
        let message = "none is recorded: with a live key the guard does not start; see docs/compliance.md";
        self.problems.warn(at, "compliance.baa", message);
    }

    /// API keys, caller tokens and key sets. Whether every API key was seen.
    fn secrets(&mut self, policy: &Policy, read_env: ReadEnv) -> bool {
        let store = KeyStore::new(read_env);
        let reload = store.reload(&policy.credentials, policy.callers(), Instant::now());
        for (name, problem) in reload.problems {
            let (at, path) = self.place(&name);
            let source = source_of(policy, &name);
            if let (Some(SecretSource::Env(variable)), KeyProblem::Missing) = (source, problem) {
                self.problems.warn(at, path, format!("the variable {variable} is not set here"));
            } else if !self.is_told(at) {
                // What cannot be opened is told already.
                self.problems.add(at, path, problem.to_string());
            }
        }
        store.current().suffice()
    }

    fn certificates(&mut self, policy: &Policy) {
        if let Err(problem) = Connector::new(&policy.upstream) {
            match problem {
                ConnectError::File(key, problem) => self.of_key(key, &problem.to_string()),
                ConnectError::HostInvalid | ConnectError::TlsUnavailable => {
                    self.of_key("upstream.url", &problem.to_string());
                }
            }
        }
        match policy.listen.tls.as_ref().map(ServerTls::new) {
            Some(Err(TlsError::File(key, problem))) => self.of_key(key, &problem.to_string()),
            Some(Err(problem @ TlsError::Unavailable)) => self.of_key("listen.tls", &problem.to_string()),
            Some(Ok(_)) | None => {}
        }
    }

    fn audit_keys(&mut self, policy: &Policy) {
        let signer = policy.audit.signing_key.as_ref().map(|path| Signer::read(path));
        if let Some(Err(problem)) = signer {
            self.of_key("audit.signing_key_file", &problem.to_string());
        }
        let pseudonyms = match &policy.audit.resource_ids {
            ResourceIdsShown::Pseudonym(path) => Some(path),
            ResourceIdsShown::Plain | ResourceIdsShown::Omit => None,
        };
        for (key, path) in [
            ("audit.pseudonym_key_file", pseudonyms),
            ("scrub.pseudonym_key_file", policy.scrub.pseudonym_key_file.as_ref()),
        ] {
            if let Some(Err(problem)) = path.map(|path| PseudonymKey::read(path)) {
                self.of_key(key, &problem.to_string());
            }
        }
    }

    /// A problem with what `key` names, unless it could not even be opened.
    fn of_key(&mut self, key: &str, message: &str) {
        let (at, path) = self.place(key);
        if !self.is_told(at) {
            self.problems.add(at, path, message);
        }
    }

    fn is_told(&self, at: Position) -> bool {
        self.problems.iter().any(|problem| problem.at == at)
    }

    /// Where the policy names what is called so, and what that place is called.
    fn place(&self, name: &str) -> (Position, String) {
        // What stands in a list goes by its name: `guards.caller.tokens billing`, `credentials.tenants north read.current`.
        let mut parts = name.splitn(3, ' ');
        let (list, item, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let mut node = below(self.tree.as_ref(), list);
        if let (Some(Value::List(items)), Some(item)) = (node.map(|node| &node.value), item) {
            node = items.iter().find(|known| member(known, "name").and_then(Node::text) == Some(item));
        }
        if let Some(rest) = rest {
            node = below(node, rest);
        }
        // The source of a secret stands one deeper.
        let source = node.and_then(|node| member(node, "file").or_else(|| member(node, "env")));
        match source.or(node) {
            Some(node) => (node.at, node.path.clone()),
            None => (Position::NOWHERE, list.to_owned()),
        }
    }
}

fn member<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn below<'a>(node: Option<&'a Node>, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(node?, member)
}

fn source_of<'a>(policy: &'a Policy, name: &str) -> Option<&'a SecretSource> {
    let Some(token) = name.strip_prefix("guards.caller.tokens ") else {
        return policy.credentials.source(name);
    };
    match policy.caller.tokens.iter().find(|known| known.name == token).map(|known| &known.proof) {
        Some(TokenProof::Secret(source)) => Some(source),
        Some(TokenProof::Sha256(_)) | None => None,
    }
}

fn unreadable(path: &Path) -> Option<String> {
    match crate::file::open(path) {
        Ok(_) => None,
        Err(error) => Some(format!("{}: {}", crate::file::reason(error.kind()), path.display())),
    }
}

fn unwritable(directory: &Path) -> Option<String> {
    if !directory.is_dir() {
        return Some("the directory it is to be in is not there".to_owned());
    }
    let denied = access(directory, Access::WRITE_OK | Access::EXEC_OK).is_err();
    denied.then(|| "this user may not write to the directory it is to be in".to_owned())
}
