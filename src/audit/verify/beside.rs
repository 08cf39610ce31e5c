//! Files beside a trail that hold records it lacks, under names that are none of its segments': what something else renamed or
//! copied. Only looks, and only when records are missing.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::{Fault, Report};
use crate::audit::chain::{Link, Tip};
use crate::audit::segment::{LINE_BYTES_MAX, Place, named_place};
use crate::audit::{files, names};

/// Files that are looked at.
const FILES_MAX: usize = 1000;
/// What files are compressed with beside which logs are rotated.
const PACKED: [&str; 5] = ["gz", "bz2", "lz4", "xz", "zst"];

/// A file beside the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub file: PathBuf,
    pub holds: Holds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Records that are missing, and the name under which they would be found, if it is free.
    Records { records: RangeInclusive<u64>, name: Option<String> },
    /// Nobody can tell before it is unpacked.
    Packed,
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        match &self.holds {
            Holds::Records { records, name } => {
                let (from, to) = (records.start(), records.end());
                write!(f, "holds records {from} to {to}, but has not the name of a segment")?;
                match name {
                    Some(name) => write!(f, ": name it {name}, and verify again"),
                    None => f.write_str(", and the name it should have is taken"),
                }
            }
            Holds::Packed => {
                f.write_str("is compressed and may hold what is missing: unpack it, and verify again")
            }
        }
    }
}

/// What may hold the records that `report` misses of the trail at `path`, whose segments are `read` already.
pub(super) fn find(path: &Path, read: &[PathBuf], report: &Report) -> Vec<Beside> {
    let missing: Vec<RangeInclusive<u64>> =
        report.problems.iter().filter_map(|problem| problem.fault.missing()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let is_file = |file: &PathBuf| std::fs::symlink_metadata(file).is_ok_and(|found| found.is_file());
    let others = entries.flatten().map(|entry| path.with_file_name(entry.file_name()));
    let head = names::head(path);
    let is_other = |file: &PathBuf| !read.contains(file) && *file != head && is_file(file);
    let mut others: Vec<PathBuf> = others.filter(is_other).take(FILES_MAX).collect();
    others.sort();
    let held = others.iter().filter_map(|file| {
        let (place, records) = records_of(file)?;
        let lacks =
            |range: &RangeInclusive<u64>| records.start() <= range.end() && range.start() <= records.end();
        let is_ours = report.chains.is_empty() || report.chains.contains(&place.chain);
        (is_ours && missing.iter().any(lacks)).then_some(())?;
        let name = names::sealed_path(path, &place);
        let name = name.file_name().filter(|_| !name.exists()).map(|name| name.display().to_string());
        Some(Beside { file: file.clone(), holds: Holds::Records { records, name } })
    });
    let mut beside: Vec<Beside> = held.collect();
    if beside.is_empty() {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let packed = others.into_iter().filter(|file| {
            let extension = file.extension().unwrap_or_default().to_string_lossy();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            PACKED.contains(&&*extension) && name.starts_with(&*stem)
        });
        beside.extend(packed.map(|file| Beside { file, holds: Holds::Packed }));
    }
    beside
}

impl Fault {
    fn missing(self) -> Option<RangeInclusive<u64>> {
        match self {
            Fault::Missing { from, to } => Some(from..=to),
            Fault::CutShort { last, known } => Some(last + 1..=known),
            _ => None,
        }
    }
}

/// Which records a file holds, and whose they are; nothing of a file that does not begin with a line of a trail.
fn records_of(file: &Path) -> Option<(Place, RangeInclusive<u64>)> {
    let mut file = BufReader::new(files::read(file).ok()?);
    let (mut first, mut last, mut named) = (None, 0, None);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut file).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).ok()?;
        let Some(link) = line.strip_suffix(b"\n").and_then(Link::read).filter(|link| link.intact) else {
            // Half a line is the end of a copy.
            let ended = read == 0 || first.is_some();
            let (chain, segment) = named.filter(|_| ended)?;
            return Some((Place { chain, segment, tip: Tip::START }, first?..=last));
        };
        first.get_or_insert(link.seq);
        last = last.max(link.seq);
        if named.is_none() && link.event() != Some("exchange") {
            named = named_place(&line);
        }
    }
}
