//! The framing of a body: a length, or chunks (RFC 9112 sections 6.2 and 7.1).
//!
//! Counts and never copies. Of a request's chunks the size is plain: one to eight hexadecimal digits, no leading zero,
//! nothing behind it but CRLF; the last chunk is `0` and no trailer follows. An answer may pad its sizes, carry
//! extensions of bounded length, and end in trailers, which nobody passes on.

use super::{Fault, Side};

/// Digits of a chunk size: 4 GiB less one in a request, 63 bits in an answer.
const REQUEST_DIGITS_MAX: u8 = 8;
const ANSWER_DIGITS_MAX: u8 = 16;
/// Longest chunk extension, and all trailers together, of an answer.
const EXTRA_BYTES_MAX: u32 = 16 * 1024;

pub(super) struct Body {
    kind: Kind,
}

enum Kind {
    Length(u64),
    Chunked(Chunked),
}

struct Chunked {
    side: Side,
    place: Place,
    size: u64,
    digits: u8,
    /// Bytes of extensions and trailers so far.
    extra: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Size,
    /// Behind a size: white space or an extension. Answers only.
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the beginning of a trailer line, or of the last empty line.
    TrailerStart,
    /// Inside a trailer line. Answers only.
    Trailer,
    TrailerLf,
    EndLf,
    Done,
}

impl Body {
    pub(super) fn length(length: u64) -> Body {
        Body { kind: Kind::Length(length) }
    }

    pub(super) fn chunked(side: Side) -> Body {
        Body { kind: Kind::Chunked(Chunked { side, place: Place::Size, size: 0, digits: 0, extra: 0 }) }
    }

    pub(super) fn is_done(&self) -> bool {
        match &self.kind {
            Kind::Length(left) => *left == 0,
            Kind::Chunked(chunked) => chunked.place == Place::Done,
        }
    }

    /// How many of these bytes are the body's.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        match &mut self.kind {
            Kind::Length(left) => Ok(take(left, bytes.len())),
            Kind::Chunked(chunked) => chunked.pass(bytes),
        }
    }
}

/// Takes up to `there` bytes off what is left.
fn take(left: &mut u64, there: usize) -> usize {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(there);
    *left -= taken as u64;
    taken
}

impl Chunked {
    fn pass(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.place == Place::Data {
                at += take(&mut self.size, bytes.len() - at);
                if self.size == 0 {
                    self.place = Place::DataCr;
                }
                continue;
            }
            self.step(byte)?;
            at += 1;
            if self.place == Place::Done {
                break;
            }
        }
        Ok(at)
    }

    fn step(&mut self, byte: u8) -> Result<(), Fault> {
        let answers = self.side == Side::Answers;
        self.place = match (self.place, byte) {
            (Place::Size, b'\r') if self.digits > 0 => Place::SizeLf,
            (Place::Size, b';') if self.digits > 0 && !answers => return Err(Fault::ChunkExtension),
            (Place::Size, b';' | b' ' | b'\t') if self.digits > 0 && answers => Place::Extension,
            (Place::Size, _) => return self.digit(byte),
            (Place::Extension, b'\r') => Place::SizeLf,
            (Place::Extension, _) => {
                self.extra(byte, Fault::ChunkExtension)?;
                Place::Extension
            }
            (Place::SizeLf, b'\n') => {
                self.digits = 0;
                if self.size == 0 { Place::TrailerStart } else { Place::Data }
            }
            (Place::SizeLf, _) => return Err(Fault::ChunkSize),
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataLf, b'\n') => Place::Size,
            (Place::TrailerStart, b'\r') => Place::EndLf,
            (Place::TrailerStart, b' ' | b'\t') => return Err(Fault::Trailer),
            (Place::TrailerStart | Place::Trailer, byte) if answers => {
                if byte == b'\r' {
                    Place::TrailerLf
                } else {
                    self.extra(byte, Fault::Trailer)?;
                    Place::Trailer
                }
            }
            (Place::TrailerLf, b'\n') => Place::TrailerStart,
            (Place::EndLf, b'\n') => Place::Done,
            (Place::TrailerStart | Place::Trailer | Place::TrailerLf | Place::EndLf, _) => {
                return Err(Fault::Trailer);
            }
            (Place::DataCr | Place::DataLf | Place::Data | Place::Done, _) => return Err(Fault::ChunkEnd),
        };
        Ok(())
    }

    fn digit(&mut self, byte: u8) -> Result<(), Fault> {
        let value = char::from(byte).to_digit(16).ok_or(Fault::ChunkSize)?;
        let (digits_max, padded) = match self.side {
            Side::Requests => (REQUEST_DIGITS_MAX, self.digits > 0 && self.size == 0),
            Side::Answers => (ANSWER_DIGITS_MAX, false),
        };
        if self.digits == digits_max || padded || self.size >> 59 != 0 {
            return Err(Fault::ChunkSize);
        }
        self.digits += 1;
        self.size = self.size << 4 | u64::from(value);
        Ok(())
    }

    /// A byte of an extension or a trailer: visible, white space, or beyond ASCII.
    fn extra(&mut self, byte: u8, fault: Fault) -> Result<(), Fault> {
        self.extra += 1;
        let fits = self.extra < EXTRA_BYTES_MAX && (byte == b'\t' || (byte >= 0x20 && byte != 0x7f));
        if fits { Ok(()) } else { Err(fault) }
    }
}
