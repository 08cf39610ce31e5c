//! A head, line by line as it arrives (RFC 9112 sections 2 to 5).
//!
//! Every line is looked at once, when it is whole, so that a head which trickles in costs no more than one that comes
//! at once, and a bad line is answered when it is there and not when the head ends.

use std::ops::Range;

use super::fields::{self, Known, is_tchar};
use super::{Fault, Limits, Side, target};

/// Longest method.
const METHOD_BYTES_MAX: usize = 32;

/// One head on its way in. Positions count from its first byte.
pub(super) struct Head {
    side: Side,
    /// Where the line begins that is not whole yet.
    line: usize,
    /// No line ends before this.
    searched: usize,
    start: Start,
    begun: bool,
    /// The one empty line a recipient should overlook (RFC 9112 section 2.2).
    blank: bool,
    fields: usize,
    length: Option<u64>,
    chunked: bool,
    host: Option<Range<usize>>,
    authority: Option<Range<usize>>,
    expects: bool,
    keyed: bool,
    status: u16,
    http_1_0: bool,
}

/// What the first line said, as far as an answer to it needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Where the method stands, once the line was whole.
    pub method: Range<usize>,
    pub target: Range<usize>,
}

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
}

impl Head {
    pub(super) fn new(side: Side) -> Head {
        Head {
            side,
            line: 0,
            searched: 0,
            start: Start::default(),
            begun: false,
            blank: false,
            fields: 0,
            length: None,
            chunked: false,
            host: None,
            authority: None,
            expects: false,
            keyed: false,
            status: 0,
            http_1_0: false,
        }
    }

    pub(super) fn start(&self) -> &Start {
        &self.start
    }

    pub(super) fn framing(&self) -> Framing {
        match (self.chunked, self.length) {
            (true, _) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::None,
        }
    }

    pub(super) const fn is_informational(&self) -> bool {
        matches!(self.status, 100..=199)
    }

    /// An answer that has none by its status (RFC 9112 section 6.3, rule 1).
    pub(super) fn has_no_body(&self) -> bool {
        matches!(self.status, 100..=199 | 204 | 304)
    }

    /// Reads on. `head` begins with the first byte of the head and holds all that came of it; the answer is its length.
    pub(super) fn read(&mut self, head: &[u8], limits: &Limits) -> Result<Option<usize>, Fault> {
        loop {
            self.begins(head)?;
            let unseen = head.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', unseen) else {
                self.searched = head.len();
                return if head.len() >= limits.head_bytes_max { Err(self.too_large()) } else { Ok(None) };
            };
            let end = self.searched + found;
            if end >= limits.head_bytes_max {
                return Err(self.too_large());
            }
            let line = head.get(self.line..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").ok_or(Fault::LineEnding)?;
            let at = self.line;
            (self.line, self.searched) = (end + 1, end + 1);
            if !self.begun {
                self.first(line, at, limits)?;
            } else if line.is_empty() {
                self.end(head)?;
                return Ok(Some(end + 1));
            } else {
                self.field(line, at, limits)?;
            }
        }
    }

    /// Sees at once what is no HTTP: a TLS client that took us for its peer.
    fn begins(&self, head: &[u8]) -> Result<(), Fault> {
        match head.get(self.line) {
            Some(byte) if !self.begun && !is_tchar(*byte) && *byte != b'\r' => Err(Fault::StartLine),
            _ => Ok(()),
        }
    }

    const fn too_large(&self) -> Fault {
        match (self.begun, self.side) {
            (false, Side::Requests) => Fault::TargetTooLong,
            _ => Fault::HeadTooLarge,
        }
    }

    fn first(&mut self, line: &[u8], at: usize, limits: &Limits) -> Result<(), Fault> {
        if line.is_empty() && !self.blank && self.side == Side::Requests {
            self.blank = true;
            return Ok(());
        }
        self.begun = true;
        match self.side {
            Side::Requests => self.request_line(line, at, limits),
            Side::Answers => self.status_line(line),
        }
    }

    /// `method SP request-target SP HTTP-version` with one space each (RFC 9112 section 3).
    fn request_line(&mut self, line: &[u8], at: usize, limits: &Limits) -> Result<(), Fault> {
        if line.contains(&b'\r') {
            return Err(Fault::LineEnding);
        }
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::StartLine);
        };
        let is_method = (1..=METHOD_BYTES_MAX).contains(&method.len()) && method.iter().all(|b| is_tchar(*b));
        if !is_method {
            return Err(Fault::StartLine);
        }
        self.start.method = at..at + method.len();
        if version != b"HTTP/1.1" {
            return Err(if is_version(version) { Fault::Version } else { Fault::StartLine });
        }
        if target.len() > limits.target_bytes_max {
            return Err(Fault::TargetTooLong);
        }
        let begin = at + method.len() + 1;
        let authority = target::check(method, target)?;
        self.start.target = begin..begin + target.len();
        self.authority = authority.map(|span| begin + span.start..begin + span.end);
        Ok(())
    }

    /// `HTTP-version SP status-code [SP reason-phrase]` (RFC 9112 section 4). A gateway may still speak HTTP/1.0.
    fn status_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let rest = match (line.strip_prefix(b"HTTP/1.1 "), line.strip_prefix(b"HTTP/1.0 ")) {
            (Some(rest), _) => rest,
            (None, Some(rest)) => {
                self.http_1_0 = true;
                rest
            }
            (None, None) => {
                return Err(if line.starts_with(b"HTTP/") { Fault::Version } else { Fault::StartLine });
            }
        };
        let (code, reason) = rest.split_at_checked(3).ok_or(Fault::StartLine)?;
        if !code.iter().all(u8::is_ascii_digit) || !matches!(reason, [] | [b' ', ..]) {
            return Err(Fault::StartLine);
        }
        if reason.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
            return Err(Fault::StartLine);
        }
        self.status = code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        if (100..600).contains(&self.status) { Ok(()) } else { Err(Fault::StartLine) }
    }

    fn field(&mut self, line: &[u8], at: usize, limits: &Limits) -> Result<(), Fault> {
        self.fields += 1;
        if self.fields > limits.fields_max {
            return Err(Fault::TooManyFields);
        }
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return Err(Fault::Folding);
        }
        let (name, value) = fields::split(line)?;
        match Known::of(name, self.side)? {
            Known::ContentLength => {
                let length = fields::content_length(value)?;
                if self.length.replace(length).is_some() {
                    return Err(Fault::ContentLength);
                }
            }
            Known::TransferEncoding => {
                fields::transfer_encoding(value)?;
                if std::mem::replace(&mut self.chunked, true) {
                    return Err(Fault::TransferEncoding);
                }
            }
            Known::Host => {
                fields::host(value)?;
                let behind = line.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                let end = at + line.len() - behind;
                if self.host.replace(end - value.len()..end).is_some() {
                    return Err(Fault::Host);
                }
            }
            Known::Connection => fields::connection(value)?,
            Known::Expect => {
                fields::expect(value)?;
                if std::mem::replace(&mut self.expects, true) {
                    return Err(Fault::Repeated);
                }
            }
            // Of two tokens a caller is known by, each reader could believe another one.
            Known::ApiKey if std::mem::replace(&mut self.keyed, true) => return Err(Fault::Repeated),
            Known::ApiKey | Known::Other => {}
        }
        Ok(())
    }

    /// What only the whole head can tell.
    fn end(&self, head: &[u8]) -> Result<(), Fault> {
        if self.chunked && self.length.is_some() {
            return Err(Fault::Framing);
        }
        if self.chunked && self.http_1_0 {
            return Err(Fault::TransferEncoding);
        }
        if self.side == Side::Answers {
            return Ok(());
        }
        let Some(host) = &self.host else { return Err(Fault::Host) };
        // RFC 9112 section 3.2.2 lets the target win over `Host`; whoever reads it the other way sees another host.
        let text = |span: &Range<usize>| head.get(span.clone()).unwrap_or_default();
        match &self.authority {
            Some(authority) if !text(authority).eq_ignore_ascii_case(text(host)) => Err(Fault::Host),
            _ => Ok(()),
        }
    }
}

/// `HTTP/` and two digits with a dot between them.
fn is_version(text: &[u8]) -> bool {
    matches!(text, [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'])
}
