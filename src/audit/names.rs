//! The names of a trail's files, here and in an object store, and which of them are there.
//!
//! Beside `audit.jsonl` stand its sealed segments `audit-<chain>-<number>.jsonl` and the copy of the last checkpoint
//! `audit.jsonl.head`. In an object store a segment has the beginning of its SHA-256 too, so that a name stands for one content:
//! `audit-<chain>-<number>-<hash>.jsonl`. Readers take both.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::files;
use super::segment::{LINE_BYTES_MAX, Place};

/// Digits of a hash in a name, 96 bits.
const HASH_DIGITS: usize = 24;

/// What the name of a sealed segment tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedName {
    pub chain: String,
    pub number: u64,
    /// Of the content; only names from an object store have it.
    pub hash: Option<String>,
}

/// Where the copy of the last checkpoint is kept.
pub fn head(path: &Path) -> PathBuf {
    suffixed(path, ".head")
}

/// `audit.jsonl` becomes `audit-5f3a09c2b1d4-000007.jsonl`.
pub fn sealed_path(path: &Path, place: &Place) -> PathBuf {
    let (stem, extension) = stem_and_extension(path);
    path.with_file_name(format!("{stem}-{}-{:06}{extension}", place.chain, place.segment))
}

/// The name of a segment in an object store, from the SHA-256 of its content in hexadecimal.
pub fn shipped(path: &Path, name: &SealedName, sha256: &str) -> String {
    let (stem, extension) = stem_and_extension(path);
    let hash = sha256.get(..HASH_DIGITS).unwrap_or(sha256);
    format!("{stem}-{}-{:06}-{hash}{extension}", name.chain, name.number)
}

/// Beside a sealed segment: says where it was sent.
pub fn mark(sealed: &Path) -> PathBuf {
    suffixed(sealed, ".shipped")
}

/// Reads the name of a sealed segment of the trail at `path`.
pub fn of_sealed(path: &Path, name: &str) -> Option<SealedName> {
    let (stem, extension) = stem_and_extension(path);
    let rest = name.strip_prefix(&stem)?.strip_suffix(&extension)?.strip_prefix('-')?;
    let (chain, rest) = rest.split_once('-')?;
    let (number, hash) = match rest.split_once('-') {
        Some((number, hash)) => (number, Some(hash)),
        None => (rest, None),
    };
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash_fits = hash.is_none_or(|hash| hash.len() == HASH_DIGITS && hexadecimal(hash));
    (is_chain(chain) && number.len() >= 6 && hash_fits).then_some(())?;
    Some(SealedName { chain: chain.to_owned(), number: number.parse().ok()?, hash: hash.map(str::to_owned) })
}

/// The sealed segments of the trail at `path`: chain by chain, oldest first.
pub fn sealed(path: &Path) -> io::Result<Vec<(SealedName, PathBuf)>> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut chains: BTreeMap<String, BTreeMap<u64, (SealedName, PathBuf)>> = BTreeMap::new();
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        // What merely has the name of a segment is none.
        let is_file = || entry.path().is_file();
        if let Some(name) = name.to_str().and_then(|name| of_sealed(path, name)).filter(|_| is_file()) {
            chains.entry(name.chain.clone()).or_default().insert(name.number, (name, entry.path()));
        }
    }
    let mut chains: Vec<_> = chains.into_values().collect();
    chains.sort_by_cached_key(|numbered| {
        numbered.values().next().and_then(|(_, first)| time_of_first_line(first))
    });
    Ok(chains.into_iter().flat_map(BTreeMap::into_values).collect())
}

/// All segments of the trail at `path`, the active one last.
pub fn segments(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = sealed(path)?.into_iter().map(|(_, path)| path).collect();
    if path.exists() {
        files.push(path.to_owned());
    }
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "there is no audit trail"));
    }
    Ok(files)
}

pub fn is_chain(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

fn stem_and_extension(path: &Path) -> (String, String) {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let extension = path.extension().map_or(String::new(), |extension| format!(".{}", text(Some(extension))));
    (text(path.file_stem()), extension)
}

fn time_of_first_line(path: &Path) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct First {
        time: String,
    }
    let mut line = Vec::new();
    let file = files::read(path).ok()?;
    BufReader::new(file.take(LINE_BYTES_MAX as u64)).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice::<First>(&line).ok().map(|first| first.time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::Tip;

    #[test]
    fn names_read_back() {
        let path = Path::new("/var/lib/clinik-guard/audit.jsonl");
        let place = Place { chain: "5f3a09c2b1d4".into(), segment: 7, tip: Tip::START };
        let here = sealed_path(path, &place);
        let name = of_sealed(path, here.file_name().unwrap().to_str().unwrap()).unwrap();
        assert_eq!((name.chain.as_str(), name.number, &name.hash), ("5f3a09c2b1d4", 7, &None));
        let there = shipped(path, &name, &"ab".repeat(32));
        assert_eq!(there, format!("audit-5f3a09c2b1d4-000007-{}.jsonl", "ab".repeat(12)));
        assert_eq!(of_sealed(path, &there).unwrap().hash, Some("ab".repeat(12)));
        for other in [
            "audit.jsonl",
            "audit-5f3a09c2b1d4-000007.jsonl.shipped",
            "audit-x-000007.jsonl",
            "audit-5f3a09c2b1d4-7.jsonl",
        ] {
            assert_eq!(of_sealed(path, other), None, "{other}");
        }
    }
}
