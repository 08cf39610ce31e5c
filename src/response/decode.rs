//! Content codings of an answer, undone within bounds: gzip, deflate, br, zstd (RFC 9110 section 8.4).
//!
//! Decoders run over input of bounded size into output of bounded size; what does not fit or does not parse is
//! nothing.

use std::io::Read;

use http::{HeaderMap, header};

/// Codings applied one over another; more is nobody's honest answer.
const CODINGS_MAX: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings in the order they were applied; nothing if one is unknown.
pub fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',') {
            let coding = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => return None,
            };
            if codings.len() == CODINGS_MAX {
                return None;
            }
            codings.push(coding);
        }
    }
    Some(codings)
}

/// Undoes the codings, last applied first. `limit` is the bound of what comes out of each.
pub fn undo(raw: Vec<u8>, codings: &[Coding], limit: usize) -> Option<Vec<u8>> {
    codings.iter().rev().try_fold(raw, |coded, coding| match coding {
        Coding::Gzip => read(flate2::read::MultiGzDecoder::new(coded.as_slice()), limit),
        // Servers send both of what "deflate" was taken for: zlib (RFC 1950, the right one) and raw (RFC 1951).
        Coding::Deflate => read(flate2::read::ZlibDecoder::new(coded.as_slice()), limit)
            .or_else(|| read(flate2::read::DeflateDecoder::new(coded.as_slice()), limit)),
        Coding::Brotli => read(brotli_decompressor::Decompressor::new(coded.as_slice(), 4096), limit),
        Coding::Zstd => read(ruzstd::decoding::StreamingDecoder::new(coded.as_slice()).ok()?, limit),
    })
}

fn read(decoder: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let bound = u64::try_from(limit).ok()?.saturating_add(1);
    decoder.take(bound).read_to_end(&mut decoded).ok()?;
    (decoded.len() <= limit).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn codings_are_undone_in_reverse_order() {
        let twice = gzip(&gzip(b"hello"));
        assert_eq!(undo(twice, &[Coding::Gzip, Coding::Gzip], 1000), Some(b"hello".to_vec()));
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        raw.write_all(b"hello").expect("memory");
        assert_eq!(undo(raw.finish().expect("memory"), &[Coding::Deflate], 1000), Some(b"hello".to_vec()));
    }

    #[test]
    fn bombs_and_garbage_are_nothing() {
        assert_eq!(undo(gzip(&[0; 100_000]), &[Coding::Gzip], 1000), None);
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            assert_eq!(undo(b"\xff\xfe\xfd garbage".to_vec(), &[coding], 1000), None);
        }
    }

    #[test]
    fn unknown_or_stacked_codings_are_nothing() {
        let map = |text: &'static str| {
            let mut map = HeaderMap::new();
            map.insert(header::CONTENT_ENCODING, http::HeaderValue::from_static(text));
            codings(&map)
        };
        assert_eq!(map("GZip, identity"), Some(vec![Coding::Gzip]));
        assert_eq!(map("compress"), None);
        assert_eq!(map("gzip, gzip, gzip, gzip"), None);
    }
}
