//! One-shot answers for tests: what a correct, an ailing and a hostile upstream can do.

use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::answer::{Answer, Script, Step};
use super::examples;

/// What the stand-in does with the next request (or, where said, with the next connection) instead of its own work.
/// Behaviours are used up in the order they were queued.
#[derive(Clone)]
pub enum Behaviour {
    /// This answer. With a coding, `body` is encoded and `content-encoding` is set.
    Answer { status: u16, headers: Vec<(String, String)>, body: Bytes, coding: Option<Coding> },
    /// The example of this id.
    Example(String),
    /// The stand-in's own answer, after a wait.
    Delay(Duration),
    /// Reads the request and closes the connection without a byte.
    CloseBeforeAnswer,
    /// Closes as soon as the head is read, the body unread.
    CloseBeforeBody,
    /// Announces a length, sends half of it, and breaks the connection.
    CloseMidBody { status: u16 },
    /// A chunked JSON body that breaks off without its last chunk.
    TruncatedBody { status: u16 },
    /// Reads the request and says nothing for ever.
    NeverAnswer,
    /// Never reads the request's body and says nothing for ever.
    NeverRead,
    /// Head and first bytes at once, then nothing for ever.
    HangMidBody { status: u16 },
    /// A correct JSON body in small pieces with a pause before each.
    SlowBody { status: u16, pause: Duration },
    /// Next connection: reset before the TLS handshake.
    ResetOnConnect,
    /// Next connection: accepted, and the handshake never answered.
    StallOnConnect,
    /// Bytes that are not HTTP, then the connection ends.
    GarbageAnswer,
    /// Exactly these bytes in place of an HTTP/1 answer, then the connection ends.
    Raw(Bytes),
    /// 307 to another host, with PHI in its `Location`.
    Redirect,
    /// 400 whose JSON quotes method, target, headers and body of the request.
    EchoRequest,
    /// A correct chunked answer with PHI in its trailers.
    Trailers,
    /// `103 Early Hints` with PHI in it, then the stand-in's own answer. HTTP/1 only.
    EarlyHints,
    /// `bytes` of JSON, in pieces, without a length.
    Large { status: u16, bytes: u64 },
}

impl Behaviour {
    /// Waits for a connection, not for a request.
    pub(crate) fn concerns_connection(&self) -> bool {
        matches!(self, Behaviour::ResetOnConnect | Behaviour::StallOnConnect)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// As RFC 9110 says: the zlib format.
    Deflate,
    /// What some servers call `deflate`: the bare stream.
    RawDeflate,
    Br,
    Zstd,
}

impl Coding {
    pub const fn as_str(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate | Coding::RawDeflate => "deflate",
            Coding::Br => "br",
            Coding::Zstd => "zstd",
        }
    }

    pub fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Coding::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Coding::RawDeflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Coding::Br => Ok(brotli_stored(bytes)),
            Coding::Zstd => {
                Ok(ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest))
            }
        }
    }
}

/// Brotli without compression (RFC 7932 section 9.2, uncompressed meta-blocks): enough for a decoder, and no encoder
/// has to be linked for it.
fn brotli_stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 0x1_0000 * 3 + 8);
    for (index, block) in bytes.chunks(0x1_0000).enumerate() {
        // ISLAST 0, MNIBBLES 00 (four), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1; bits are packed from the lowest.
        let header = ((block.len() as u32 - 1) << 3) | (1 << 19);
        // The stream begins with one bit 0: a window of 64 KiB.
        let header = if index == 0 { header << 1 } else { header };
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    // ISLAST 1, ISLASTEMPTY 1; with the window bit before them if nothing came.
    out.push(if bytes.is_empty() { 0b110 } else { 0b11 });
    out
}

/// A patient no one has, for the behaviours that leak.
const CANARY_NAME: &str = "Marisol Quintanar-Abbott";
const CANARY_EMAIL: &str = "marisol.q@example.org";

/// The answer a queued `Behaviour::Answer` describes. A coding that fails is a 500 that says so.
pub(crate) fn coded(
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    coding: Option<Coding>,
) -> Answer {
    let mut answer = Answer::new(status);
    answer.headers = headers;
    let Some(coding) = coding else { return answer.body(body) };
    match coding.encode(&body) {
        Ok(encoded) => answer.header("content-encoding", coding.as_str()).body(encoded),
        Err(_) => Answer::json(500, &json!({"error": "stand-in: the body could not be encoded"})),
    }
}

pub(crate) fn example(id: &str) -> Answer {
    match examples::find(id) {
        Some(example) => {
            let mut answer = Answer::new(example.status).body(example.body.clone());
            answer.headers.clone_from(&example.headers);
            answer
        }
        None => {
            let known: Vec<&str> = examples::all().iter().map(|example| example.id.as_str()).collect();
            Answer::json(404, &json!({"error": "stand-in: no such example", "known": known}))
        }
    }
}

/// The beginning of an answer: rows, or an error that quotes one.
fn begun(status: u16) -> String {
    match status {
        ..400 => format!("{{\"data\":{{\"data\":[{{\"fullName\":\"{CANARY_NAME}\","),
        _ => format!("{{\"error\":\"Error\",\"message\":\"row {CANARY_NAME}, "),
    }
}

pub(crate) fn close_mid_body(status: u16) -> Answer {
    let sent = begun(status);
    let announced = sent.len() * 2;
    Answer::new(status)
        .header("content-type", "application/json")
        .header("content-length", announced.to_string())
        .script(Script::steps([Step::Data(Bytes::from(sent)), FLUSHED, Step::Break]))
}

pub(crate) fn truncated_body(status: u16) -> Answer {
    let sent = format!("{{\"error\":\"Error\",\"message\":\"row {CANARY_NAME}, {CANARY_EMAIL}");
    Answer::new(status).header("content-type", "application/json").script(Script::steps([
        Step::Data(Bytes::from(sent)),
        FLUSHED,
        Step::Break,
    ]))
}

/// hyper writes nothing of a body that fails in the same turn; a short pause lets the bytes go out first.
const FLUSHED: Step = Step::Pause(Duration::from_millis(5));

pub(crate) fn hang_mid_body(status: u16) -> Answer {
    Answer::new(status)
        .header("content-type", "application/json")
        .script(Script::steps([Step::Data(Bytes::from(begun(status))), Step::Hang]))
}

pub(crate) fn slow_body(status: u16, pause: Duration) -> Answer {
    let body = Bytes::from(
        json!({"error": "Error", "message": format!("no row for {CANARY_NAME}"), "code": "SLOW"}).to_string(),
    );
    let pieces = body.chunks(8).map(Bytes::copy_from_slice).collect::<Vec<_>>();
    Answer::new(status)
        .header("content-type", "application/json")
        .script(Script::steps(pieces.into_iter().flat_map(|piece| [Step::Pause(pause), Step::Data(piece)])))
}

pub(crate) fn redirect() -> Answer {
    Answer::new(307).header("location", "https://elsewhere.example/v1/patients?name=Quintanar-Abbott")
}

pub(crate) fn large(status: u16, bytes: u64) -> Answer {
    const PIECE: usize = 64 * 1024;
    /// So many pieces share one buffer that only the queue of handles costs memory.
    const BYTES_MAX: u64 = 1 << 30;
    let filler = Bytes::from(vec![b'x'; PIECE]);
    let bytes = bytes.min(BYTES_MAX);
    let (open, close) = (&b"{\"data\":\""[..], &b"\"}"[..]);
    let inner = bytes.saturating_sub((open.len() + close.len()) as u64);
    let whole = (0..inner / PIECE as u64).map(|_| Step::Data(filler.clone()));
    // Less than PIECE, so it fits.
    let rest = filler.slice(..(inner % PIECE as u64) as usize);
    let steps = [Step::Data(Bytes::from_static(open))]
        .into_iter()
        .chain(whole)
        .chain([Step::Data(rest), Step::Data(Bytes::from_static(close))])
        .filter(|step| !matches!(step, Step::Data(data) if data.is_empty()));
    Answer::new(status).header("content-type", "application/json").script(Script::steps(steps))
}

pub(crate) fn trailers_http2() -> Answer {
    let mut trailers = HeaderMap::new();
    trailers.insert(HeaderName::from_static("x-note"), HeaderValue::from_static(CANARY_NAME));
    let body = Bytes::from_static(b"{\"data\":{\"ok\":true}}");
    Answer::new(200)
        .header("content-type", "application/json")
        .script(Script::steps([Step::Data(body), Step::Trailers(trailers)]))
}

/// Written by hand, since hyper sends trailers only to a client that asked for them.
pub(crate) fn trailers_http1() -> Bytes {
    Bytes::from(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\ntrailer: x-note\r\n\
         connection: close\r\n\r\n14\r\n{{\"data\":{{\"ok\":true}}}}\r\n0\r\nx-note: {CANARY_NAME}\r\n\r\n"
    ))
}

pub(crate) fn early_hints() -> Bytes {
    Bytes::from(format!(
        "HTTP/1.1 103 Early Hints\r\nlink: </v1/patients?email={CANARY_EMAIL}>; rel=preload\r\n\r\n"
    ))
}

pub(crate) const GARBAGE: &[u8] = b"SSH-2.0-OpenSSH_9.9 Marisol Quintanar-Abbott\r\n\0\x01\x02";

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn decode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
            Coding::Deflate => flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut out),
            Coding::RawDeflate => flate2::read::DeflateDecoder::new(bytes).read_to_end(&mut out),
            Coding::Br => brotli_decompressor::Decompressor::new(bytes, 4096).read_to_end(&mut out),
            Coding::Zstd => ruzstd::decoding::StreamingDecoder::new(bytes).unwrap().read_to_end(&mut out),
        }
        .unwrap();
        out
    }

    #[test]
    fn every_coding_can_be_decoded() {
        let codings = [Coding::Gzip, Coding::Deflate, Coding::RawDeflate, Coding::Br, Coding::Zstd];
        for length in [0, 1, 17, 65_535, 65_536, 65_537, 200_000] {
            let text: Vec<u8> = (0..length).map(|index: u32| (index * 7 % 251) as u8).collect();
            for coding in codings {
                assert!(decode(coding, &coding.encode(&text).unwrap()) == text, "{coding:?} {length}");
            }
        }
    }
}
