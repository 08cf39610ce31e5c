//! A sealed segment as it is read for sending: in pieces, since one from before `audit.ship` may be of any length.
//!
//! Owns how much of it is in memory. It grows no more, which is not relied on: what is read is hashed again.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{self, Context};
use bytes::Bytes;

use crate::audit::files;

/// In memory at once. Stores want parts of 5 MiB and more, and at most 10,000 of them.
pub(super) const PIECE_BYTES: u64 = 16 << 20;

/// A file, its length and its hash.
pub(super) struct Content {
    path: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: Vec<u8>,
}

impl Content {
    pub(super) fn of(path: &Path) -> io::Result<Content> {
        let mut content = Content { path: path.to_owned(), bytes: 0, sha256: Vec::new() };
        let mut pieces = content.pieces()?;
        while let Some(piece) = pieces.next()? {
            content.bytes += piece.len() as u64;
        }
        content.sha256 = pieces.sha256();
        Ok(content)
    }

    pub(super) fn pieces(&self) -> io::Result<Pieces> {
        Ok(Pieces { file: files::read(&self.path)?, read: Hash::new() })
    }
}

/// The pieces of a file in order.
pub(super) struct Pieces {
    file: File,
    read: Hash,
}

impl Pieces {
    /// All are of [`PIECE_BYTES`] but the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut piece = Vec::new();
        (&self.file).take(PIECE_BYTES).read_to_end(&mut piece)?;
        self.read.add(&piece);
        Ok(if piece.is_empty() { None } else { Some(Bytes::from(piece)) })
    }

    /// Of what was read.
    pub(super) fn sha256(self) -> Vec<u8> {
        self.read.finish()
    }
}

/// A SHA-256 on its way.
pub(super) struct Hash(Context);

impl Hash {
    pub(super) fn new() -> Hash {
        Hash(Context::new(&digest::SHA256))
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}
