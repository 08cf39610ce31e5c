//! Reading the policy file: bounded, and with messages that name the file and nothing of its contents.

use std::fmt::Write;
use std::io::{self, Read};
use std::path::Path;

use aws_lc_rs::digest;

use crate::config::{FILE_BYTES_MAX, Position, Problems};
use crate::file::reason;

/// The text of the file, at most one byte more than a policy may have.
pub fn read(path: &Path) -> Result<String, Problems> {
    let bytes = read_bytes(path).map_err(|error| Problems::of_file(&name(path), reason(error.kind())))?;
    text(&name(path), bytes)
}

pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    crate::file::open(path)?.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub fn text(name: &str, bytes: Vec<u8>) -> Result<String, Problems> {
    // A cut at the limit may split a character; that file is too large whatever it holds.
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Problems::of_file(
            name,
            format!("the file is larger than {} KiB", FILE_BYTES_MAX / 1024),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let mut problems = Problems::new(name);
        let at = Position::new(good.matches('\n').count() + 1, column, 1);
        problems.add(at, "", "not UTF-8 from here on: save the file as UTF-8");
        problems
    })
}

/// Refuses the empty file, which is a policy at the start alone. Elsewhere it is one that somebody is just writing, or that a
/// pipeline could not make, and would take every rule of the old one away.
pub fn not_empty(name: &str, text: &str) -> Result<(), Problems> {
    match text.trim().is_empty() {
        true => Err(Problems::of_file(name, "the file is empty; for the defaults write `version: 1`")),
        false => Ok(()),
    }
}

pub fn name(path: &Path) -> String {
    path.display().to_string()
}

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest::digest(&digest::SHA256, bytes).as_ref() {
        let _ = write!(hex, "{byte:02x}"); // Writing to a `String` cannot fail.
    }
    hex
}
