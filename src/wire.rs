//! HTTP/1.1 messages as bytes: one strict grammar, ahead of every parser that is more patient.
//!
//! hyper and httparse accept what RFC 9112 lets a recipient repair: bare LF, repeated equal lengths, lists of lengths,
//! a length beside a transfer coding, any coding in front of `chunked`, chunk extensions, fragments in targets, any
//! number of empty lines. Another parser repairs them differently, and that difference is a smuggled request. So
//! nothing reaches hyper that can be read in two ways: [`Walker`] goes over the bytes of one direction of a connection,
//! message after message, and stops at the first [`Fault`]. It keeps a few words of state and no bytes.
//!
//! Owns the grammar of heads ([`head`]) and the framing of bodies ([`body`]). Does not read sockets (`listener::gate`,
//! `upstream::gate`), does not judge routes, values or policy (`guards`), and repairs nothing.

use std::io;

use crate::outcome::{Code, Refusal};

mod body;
mod fields;
mod head;
mod sieve;
mod target;
#[cfg(test)]
mod tests;

use body::Body;
use head::{Framing, Head};

pub use head::Start;
pub use sieve::{Sieve, Sifted};

/// How much of a head is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The whole head, its last empty line included.
    pub head_bytes_max: usize,
    pub target_bytes_max: usize,
    pub fields_max: usize,
}

/// Whose messages these are. Requests decide what is forwarded and are taken at their strictest; answers are framed
/// anew by the guard, so that what cannot change their meaning (padded chunk sizes, extensions, trailers) may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Requests,
    Answers,
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not `method SP target SP version`, or not a status line.
    StartLine,
    /// Well-formed, but of another version than HTTP/1.1.
    Version,
    /// A target in no form, or with bytes no target has.
    Target,
    TargetTooLong,
    HeadTooLarge,
    TooManyFields,
    /// A line that does not end in CRLF, or a CR elsewhere.
    LineEnding,
    FieldName,
    FieldValue,
    /// A line that continues the one before, or white space before the first field.
    Folding,
    ContentLength,
    TransferEncoding,
    /// A length and a transfer coding at once.
    Framing,
    Host,
    /// `Connection` names a field that is not its to name.
    Connection,
    Expect,
    /// A field that must stand alone stands twice.
    Repeated,
    /// The connection ended inside a head.
    HeadIncomplete,
    /// The head took too long.
    HeadTimeout,
    ChunkSize,
    ChunkExtension,
    /// A chunk that does not end where it said.
    ChunkEnd,
    Trailer,
    /// Bytes that belong to no message.
    Unasked,
}

impl Fault {
    /// What the client is told: the code, and which part of the message is meant.
    pub fn refusal(self) -> Refusal {
        let malformed = |what| Refusal::new(Code::MalformedRequest).about(what);
        match self {
            Fault::StartLine => malformed("request line"),
            Fault::Version => Code::HttpVersion.into(),
            Fault::Target => Code::InvalidTarget.into(),
            Fault::TargetTooLong => Code::UriTooLong.into(),
            Fault::HeadTooLarge => Code::HeadersTooLarge.into(),
            Fault::TooManyFields => Refusal::new(Code::HeadersTooLarge).about("guards.headers.fields_max"),
            Fault::LineEnding => malformed("line ending"),
            Fault::FieldName => malformed("header name"),
            Fault::FieldValue => malformed("header value"),
            Fault::Folding => malformed("folded header"),
            Fault::ContentLength => malformed("content-length"),
            Fault::TransferEncoding => malformed("transfer-encoding"),
            Fault::Framing => malformed("content-length with transfer-encoding"),
            Fault::Host => malformed("host"),
            Fault::Connection => malformed("connection"),
            Fault::Expect => Code::ExpectationFailed.into(),
            Fault::Repeated => malformed("a header that may stand only once"),
            Fault::HeadIncomplete => malformed("end of the head"),
            Fault::HeadTimeout => Refusal::new(Code::ClientTimeout).about("listen.header_timeout"),
            Fault::ChunkSize => malformed("chunk size"),
            Fault::ChunkExtension => malformed("chunk extension"),
            Fault::ChunkEnd => malformed("end of a chunk"),
            Fault::Trailer => malformed("trailer"),
            Fault::Unasked => malformed("bytes outside a message"),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("malformed HTTP message")
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, fault)
    }
}

/// The fault that a gate reported, somewhere below an error of hyper's.
pub fn fault_in(error: &hyper::Error) -> Option<Fault> {
    let cause = std::error::Error::source(error)?.downcast_ref::<io::Error>()?;
    cause.get_ref()?.downcast_ref::<Fault>().copied()
}

/// How far a piece of bytes was understood.
pub struct Walked {
    /// So many bytes belong to whole heads and to bodies. The rest is the beginning of a head, or begins with the fault.
    pub passed: usize,
    /// Heads that came to their end in this piece.
    pub heads: u64,
    /// Of requests: the last of these heads is that of a HEAD.
    pub asks_head: bool,
    pub fault: Option<Fault>,
}

/// Follows the messages of one direction of a connection.
pub struct Walker {
    side: Side,
    limits: Limits,
    head: Head,
    place: Place,
    /// Of answers: the request was a HEAD.
    no_body: bool,
}

enum Place {
    /// No answer is due.
    Nowhere,
    /// In a head, or before one.
    Head,
    Body(Body),
    /// Until the connection ends: an answer without a length.
    UntilClose,
    Broken(Fault),
}

impl Walker {
    pub fn new(side: Side, limits: Limits) -> Walker {
        let place = if side == Side::Requests { Place::Head } else { Place::Nowhere };
        Walker { side, limits, head: Head::new(side), place, no_body: false }
    }

    /// A request was written: its answer is due, without content if it was a HEAD.
    pub fn expect(&mut self, no_body: bool) {
        if matches!(self.place, Place::Nowhere) {
            self.place = Place::Head;
            self.no_body = no_body;
        }
    }

    /// Whether an answer is due or under way.
    pub fn is_due(&self) -> bool {
        !matches!(self.place, Place::Nowhere)
    }

    /// Whether the message that began last has yet to come to its end.
    pub fn in_body(&self) -> bool {
        !matches!(self.place, Place::Head | Place::Nowhere)
    }

    /// Goes over the next bytes. What was not passed must come again, with more behind it.
    pub fn walk(&mut self, bytes: &[u8]) -> Walked {
        let mut walked = Walked { passed: 0, heads: 0, asks_head: false, fault: None };
        while let Some(rest) = bytes.get(walked.passed..).filter(|rest| !rest.is_empty()) {
            let step = match &mut self.place {
                // One answer to one request.
                Place::Nowhere => Err(Fault::Unasked),
                Place::Broken(fault) => Err(*fault),
                Place::UntilClose => Ok(rest.len()),
                Place::Body(body) => {
                    let passed = body.pass(rest);
                    if body.is_done() {
                        self.place = next(self.side);
                    }
                    passed
                }
                Place::Head => match self.head.read(rest, &self.limits) {
                    Ok(None) => return walked,
                    Ok(Some(length)) => {
                        walked.heads += 1;
                        let method = self.head.start().method.clone();
                        walked.asks_head = rest.get(method) == Some(b"HEAD");
                        let head = std::mem::replace(&mut self.head, Head::new(self.side));
                        self.place = after(&head, self.side, self.no_body);
                        Ok(length)
                    }
                    Err(fault) => Err(fault),
                },
            };
            match step {
                Ok(passed) => walked.passed += passed,
                Err(fault) => {
                    self.place = Place::Broken(fault);
                    walked.fault = Some(fault);
                    return walked;
                }
            }
        }
        walked
    }

    /// What the first line of the head told that is being read, or in which the fault was.
    pub fn start(&self) -> &Start {
        self.head.start()
    }
}

/// What stands behind a whole message.
const fn next(side: Side) -> Place {
    match side {
        Side::Requests => Place::Head,
        Side::Answers => Place::Nowhere,
    }
}

/// Where the bytes behind a head belong: RFC 9112 section 6.3, its rules in their order.
fn after(head: &Head, side: Side, no_body: bool) -> Place {
    if side == Side::Answers && (no_body || head.has_no_body()) {
        // The answer proper is still to come behind an informational one.
        return if head.is_informational() { Place::Head } else { Place::Nowhere };
    }
    match (head.framing(), side) {
        (Framing::Chunked, _) => Place::Body(Body::chunked(side)),
        (Framing::Length(0), _) | (Framing::None, Side::Requests) => next(side),
        (Framing::Length(length), _) => Place::Body(Body::length(length)),
        (Framing::None, Side::Answers) => Place::UntilClose,
    }
}
