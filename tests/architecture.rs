//! The dependency rules of `ARCHITECTURE.md`, read off the `use` lines and paths of `src`.
//!
//! Text, not types: each rule is a few words to look for and the files that may hold them. Comments and test modules are
//! left out, so a rule is about the program alone.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

use std::path::{Path, PathBuf};

/// Crates the PHI engine may name. None of them does I/O, reads a clock or knows HTTP.
const PHI_CRATES: [&str; 5] = ["aho_corasick", "data_encoding", "memchr", "regex", "unicode_normalization"];

struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The lines of the program: no comments, nothing from the tests on, which stand last.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().map(str::trim).enumerate().filter(|(_, line)| !line.starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// `phi` for `phi.rs` and `phi/url.rs`.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                sources.push(Source { path, text });
            }
        }
    }
    assert!(sources.len() > 100, "only {} files found", sources.len());
    sources
}

/// Fails with every line of the program that holds one of `words` outside the modules `allowed`.
fn only(allowed: &[&str], words: &[&str]) {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test() && !allowed.contains(&source.module())) {
        for (number, line) in source.lines().filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        {
            broken.push(format!("src/{}:{}: {line}", source.path, number + 1));
        }
    }
    assert!(broken.is_empty(), "only {allowed:?} may name {words:?}:\n{}", broken.join("\n"));
}

#[test]
fn the_phi_engine_is_pure() {
    let sources = sources();
    let phi: Vec<&Source> = sources.iter().filter(|source| source.module() == "phi").collect();
    // A child module is imported by its bare name, so those are allowed as well.
    let own: Vec<&str> =
        phi.iter().filter_map(|source| Path::new(&source.path).file_stem()?.to_str()).collect();
    let io =
        ["std::fs", "std::env", "std::net::Tcp", "std::process", "std::thread", "SystemTime", "Instant::"];
    let foreign = ["http::", "hyper::", "tokio::", "tracing::", "serde", "println!", "async "];
    for source in phi.iter().filter(|source| !source.is_test()) {
        for (number, line) in source.lines() {
            let at = || format!("src/{}:{}: {line}", source.path, number + 1);
            let import = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("use ");
            if let Some(import) = import.filter(|import| import.ends_with([';', '{', ','])) {
                let root = import.split([':', ';', ' ']).next().unwrap_or_default();
                let known = ["std", "self", "super"].contains(&root)
                    || import.starts_with("crate::phi")
                    || PHI_CRATES.contains(&root)
                    || own.contains(&root)
                    // Variants of an enum that is imported already.
                    || root.starts_with(char::is_uppercase);
                assert!(known, "{}", at());
            }
            for word in io.iter().chain(&foreign) {
                // As a path or statement; in quotes it is a word that rules look for.
                let code = line.split('"').step_by(2).any(|part| {
                    part.match_indices(word)
                        .any(|(at, _)| !part[..at].ends_with(|c: char| c.is_alphanumeric()))
                });
                assert!(!code, "{word} in {}", at());
            }
            let elsewhere =
                line.match_indices("crate::").any(|(at, _)| !line[at..].starts_with("crate::phi"));
            assert!(!elsewhere, "{}", at());
        }
    }
}

#[test]
fn one_module_per_format_and_surface() {
    only(&["config"], &["serde_yaml", "saphyr_parser"]);
    only(&["metrics"], &["prometheus::"]);
    only(&["main", "app", "cli"], &["std::env::"]);
}

#[test]
fn the_top_is_not_imported_from_below() {
    // `ops` sees the shared `Service`, to read what it reports; only the listener hands requests to `serve`.
    only(&["app", "listener", "ops"], &["crate::exchange"]);
    only(&["listener"], &["exchange::serve", "exchange::{self"]);
    only(&["cli"], &["crate::app"]);
}

#[test]
fn the_stand_in_shares_nothing_with_the_guard() {
    only(&["cli", "standin"], &["crate::standin"]);
    for source in sources().iter().filter(|source| source.module() == "standin") {
        for (number, line) in source.lines() {
            let shared =
                line.match_indices("crate::").any(|(at, _)| !line[at..].starts_with("crate::standin"));
            assert!(!shared, "src/{}:{}: {line}", source.path, number + 1);
        }
    }
}

#[test]
fn every_file_says_what_it_owns() {
    for source in sources().iter().filter(|source| !source.is_test()) {
        assert!(source.text.starts_with("//! "), "src/{} opens without a module doc", source.path);
    }
}
