//! The form of a target: origin or absolute, path and query apart, the path decoded into segments.
//!
//! Owns what makes a path unreadable: fragments, empty and dot segments, encoded separators, escapes that do not
//! settle. Nothing is repaired, because the upstream might repair it differently.

use std::borrow::Cow;
use std::ops::Range;

use http::Method;

use super::query::is_plain;
use crate::outcome::{Code, Refusal};
use crate::phi::canon::{self, Part};

/// More than any route has: `/v1/fhir/{Type}/{id}/_history/{versionId}` has six. What has more is malformed, so that
/// a policy that lets undocumented routes pass has a bound as well.
pub(super) const SEGMENTS_MAX: usize = 16;
/// Longest id the SDK allows.
pub(super) const ID_BYTES_MAX: usize = 128;

/// A target taken apart but not decoded.
pub(super) struct Form<'a> {
    raw_path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl<'a> Form<'a> {
    pub(super) fn read(target: &'a str) -> Result<Form<'a>, Refusal> {
        if target.contains('#') {
            return Err(invalid());
        }
        let origin = strip_origin(target).ok_or_else(invalid)?;
        let (raw_path, query) = match origin.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (origin, None),
        };
        Ok(Form { raw_path, query })
    }

    /// The nth segment as it was sent.
    pub(super) fn raw_segment(&self, nth: usize) -> Option<&'a str> {
        self.raw_path.split('/').nth(nth + 1)
    }

    /// The decoded path; an escape may stand for any character but a separator.
    pub(super) fn path(&self) -> Result<Cow<'a, str>, Refusal> {
        if is_plain(self.raw_path.as_bytes()) {
            return Ok(Cow::Borrowed(self.raw_path));
        }
        let decoded = canon::decode(self.raw_path, Part::Path).map_err(|_| invalid())?;
        let slashes = |text: &str| text.bytes().filter(|byte| *byte == b'/').count();
        if decoded.irregular
            || decoded.text.contains('\\')
            || matches!(decoded.text, Cow::Owned(_)) && slashes(&decoded.text) != slashes(self.raw_path)
        {
            return Err(invalid());
        }
        Ok(decoded.text)
    }
}

/// The path and query of `http://host/path?query`, or the target itself when it begins with a slash.
pub(super) fn strip_origin(target: &str) -> Option<&str> {
    if target.starts_with('/') {
        return Some(target);
    }
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let at = rest.find(['/', '?'])?;
    // A password in front of the host is a credential on the wire; a query without a path has no route.
    (at > 0 && !rest[..at].contains('@') && rest[at..].starts_with('/')).then(|| &rest[at..])
}

/// Splits a decoded path. Only `POST /v1/fhir/`, the address of a batch, may end in a slash.
pub(super) fn segments<'p, 's>(
    path: &'p str,
    method: &Method,
    buffer: &'s mut [&'p str; SEGMENTS_MAX],
) -> Result<&'s [&'p str], Refusal> {
    let path = match path {
        "/v1/fhir/" if *method == Method::POST => "/v1/fhir",
        path => path,
    };
    let mut count = 0;
    for segment in path.split('/').skip(1) {
        let dots = segment.bytes().all(|byte| byte == b'.');
        // `.` and `..` are covered: the empty segment has only dots too.
        if dots && path != "/" {
            return Err(invalid());
        }
        if count == SEGMENTS_MAX {
            return Err(invalid());
        }
        buffer[count] = segment;
        count += 1;
    }
    Ok(&buffer[..count])
}

pub(super) fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// The upstream form, and where the id stands in it.
pub(super) fn rebuild(
    segments: &[&str],
    id_at: Option<usize>,
    query: Option<&str>,
) -> (String, Option<Range<usize>>) {
    let bytes = segments.iter().map(|segment| segment.len() + 1).sum::<usize>();
    let mut text = String::with_capacity(bytes + 1 + query.map_or(0, str::len));
    let mut id = None;
    for (position, segment) in segments.iter().enumerate() {
        text.push('/');
        if id_at == Some(position) {
            id = Some(text.len()..text.len() + segment.len());
        }
        push_segment(&mut text, segment);
    }
    if let Some(query) = query {
        text.push('?');
        push_query(&mut text, query);
    }
    (text, id)
}

/// Appends a decoded segment. Those of documented routes need no escape; others may hold anything but a separator.
fn push_segment(text: &mut String, segment: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '$');
    if segment.chars().all(plain) {
        return text.push_str(segment);
    }
    for c in segment.chars() {
        if plain(c) { text.push(c) } else { push_escaped(text, c) }
    }
}

/// Appends a query as it came. Bytes that no request line may hold are escaped; HTTP clients have done that already.
fn push_query(text: &mut String, query: &str) {
    if query.bytes().all(|byte| byte.is_ascii_graphic() && !is_unsafe(byte)) {
        return text.push_str(query);
    }
    for c in query.chars() {
        if c.is_ascii_graphic() && !is_unsafe(c as u8) {
            text.push(c);
        } else {
            push_escaped(text, c);
        }
    }
}

fn is_unsafe(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'}')
}

pub(super) fn push_escaped(text: &mut String, c: char) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        text.push('%');
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

pub(super) fn invalid() -> Refusal {
    Refusal::new(Code::InvalidTarget)
}
