//! Single header fields: names, values, and the few whose value decides how a message is read.

use super::{Fault, Side};

/// Longest field name.
const NAME_BYTES_MAX: usize = 256;
/// Most digits of a length: below 2^63.
const LENGTH_DIGITS_MAX: usize = 18;
/// Longest host name.
const HOST_BYTES_MAX: usize = 255;

/// Fields that decide how a message is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    ContentLength,
    TransferEncoding,
    Host,
    Connection,
    Expect,
    ApiKey,
    Other,
}

/// Splits a line at its colon and checks both sides. The value comes without white space around it.
pub(super) fn split(line: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let colon = memchr::memchr(b':', line).ok_or(Fault::FieldName)?;
    let (name, value) = (line.get(..colon).unwrap_or_default(), line.get(colon + 1..).unwrap_or_default());
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.iter().all(|byte| is_tchar(*byte)) {
        return Err(Fault::FieldName);
    }
    // Without an early end the compiler makes vector code of this.
    let controls =
        value.iter().fold(false, |found, byte| found | (*byte < 0x20 && *byte != b'\t') | (*byte == 0x7f));
    if controls {
        let fault = if value.contains(&b'\r') { Fault::LineEnding } else { Fault::FieldValue };
        return Err(fault);
    }
    Ok((name, trim(value)))
}

/// Without the optional white space of RFC 9110 section 5.6.3.
pub(super) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

impl Known {
    /// Which field a name is. One that an upstream of another making could take for a framing field is no name at all:
    /// CGI and its heirs read `_` as `-`.
    pub(super) fn of(name: &[u8], side: Side) -> Result<Known, Fault> {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        let requests = side == Side::Requests;
        Ok(match name.len() {
            14 if is(b"content-length") => Known::ContentLength,
            14 if requests && is(b"content_length") => return Err(Fault::FieldName),
            17 if is(b"transfer-encoding") => Known::TransferEncoding,
            17 if requests && is(b"transfer_encoding") => return Err(Fault::FieldName),
            4 if requests && is(b"host") => Known::Host,
            10 if requests && is(b"connection") => Known::Connection,
            6 if requests && is(b"expect") => Known::Expect,
            9 if requests && is(b"x-api-key") => Known::ApiKey,
            _ => Known::Other,
        })
    }
}

/// Plain digits without padding; no sign, no list, nothing that overflows (RFC 9110 section 8.6).
pub(super) fn content_length(value: &[u8]) -> Result<u64, Fault> {
    let padded = value.len() > 1 && value.first() == Some(&b'0');
    if value.is_empty() || value.len() > LENGTH_DIGITS_MAX || padded {
        return Err(Fault::ContentLength);
    }
    value.iter().try_fold(0_u64, |length, byte| match byte {
        b'0'..=b'9' => Ok(length * 10 + u64::from(byte - b'0')),
        _ => Err(Fault::ContentLength),
    })
}

/// `chunked` and nothing before, behind or around it: other codings are undone by nobody here.
pub(super) fn transfer_encoding(value: &[u8]) -> Result<(), Fault> {
    if value.eq_ignore_ascii_case(b"chunked") { Ok(()) } else { Err(Fault::TransferEncoding) }
}

/// A host with an optional port (RFC 9110 section 7.2): one spelling, and no user information.
pub(super) fn host(value: &[u8]) -> Result<(), Fault> {
    let text = std::str::from_utf8(value).map_err(|_| Fault::Host)?;
    let (named, port) = match text.strip_prefix('[') {
        Some(literal) => {
            let (address, port) = literal.split_once(']').ok_or(Fault::Host)?;
            (address.parse::<std::net::Ipv6Addr>().is_ok(), port)
        }
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            ((1..=HOST_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain), port)
        }
    };
    let is_port = |digits: &str| {
        (1..=5).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.parse::<u16>().is_ok()
    };
    let ported = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    if named && ported { Ok(()) } else { Err(Fault::Host) }
}

/// Options of a connection (RFC 9110 section 7.6.1): tokens. Each names a field that an intermediary takes out of the
/// message, so one that names `if-match` or `content-length` asks for another request than the one that was checked.
pub(super) fn connection(value: &[u8]) -> Result<(), Fault> {
    let harmless = |option: &[u8]| {
        let option = trim(option);
        option.iter().all(|byte| is_tchar(*byte))
            && !END_TO_END.iter().any(|field| option.eq_ignore_ascii_case(field))
    };
    if value.split(|byte| *byte == b',').all(harmless) { Ok(()) } else { Err(Fault::Connection) }
}

/// Fields that are meant for the last recipient or decide the framing, none of them a connection's to take away.
const END_TO_END: [&[u8]; 28] = [
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"authorization",
    b"cache-control",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"cookie",
    b"expect",
    b"host",
    b"if-match",
    b"if-modified-since",
    b"if-none-exist",
    b"if-none-match",
    b"if-range",
    b"if-unmodified-since",
    b"origin",
    b"prefer",
    b"traceparent",
    b"tracestate",
    b"transfer-encoding",
    b"user-agent",
    b"x-api-key",
    b"x-clinik-actor",
    b"x-clinik-break-glass",
    b"x-clinik-role",
    b"x-clinik-tenant",
];

/// The one expectation there is (RFC 9110 section 10.1.1).
pub(super) fn expect(value: &[u8]) -> Result<(), Fault> {
    if value.eq_ignore_ascii_case(b"100-continue") { Ok(()) } else { Err(Fault::Expect) }
}

/// `tchar` of RFC 9110 section 5.6.2.
pub(super) const fn is_tchar(byte: u8) -> bool {
    TCHAR[byte as usize]
}

const TCHAR: [bool; 256] = table(b"!#$%&'*+-.^_`|~");

/// ASCII letters and digits, and these.
pub(super) const fn table(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut mark = 0;
    while mark < marks.len() {
        table[marks[mark] as usize] = true;
        mark += 1;
    }
    table
}
