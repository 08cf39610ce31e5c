//! The form of a request target (RFC 9112 section 3.2), as far as bytes decide it.
//!
//! Origin form, or absolute form of `http` and `https` whose authority must be the one `Host` names. `CONNECT` keeps its
//! authority form, so that the guards refuse it as what it is. Paths and queries are read by `guards::target`; what
//! this makes sure of is that hyper's URI type changes nothing on the way there: it would drop a fragment in silence.

use std::ops::Range;

use http::Uri;

use super::Fault;

/// Where the authority of an absolute form stands in the target.
pub(super) fn check(method: &[u8], target: &[u8]) -> Result<Option<Range<usize>>, Fault> {
    if target.first() == Some(&b'/') && target.iter().all(|byte| USUAL[usize::from(*byte)]) {
        return Ok(None);
    }
    let visible = target.iter().all(|byte| (0x21..=0x7e).contains(byte) && *byte != b'#');
    if !visible || target.is_empty() {
        return Err(Fault::Target);
    }
    // Bytes no URI has, which some clients send all the same: as far as the URI type keeps them as they are.
    if Uri::try_from(target).is_err() {
        return Err(Fault::Target);
    }
    if target.first() == Some(&b'/') || method == b"CONNECT" {
        return Ok(None);
    }
    absolute(target).map(Some)
}

fn absolute(target: &[u8]) -> Result<Range<usize>, Fault> {
    let scheme = [&b"http://"[..], b"https://"]
        .into_iter()
        .find(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
        .ok_or(Fault::Target)?;
    let rest = target.get(scheme.len()..).unwrap_or_default();
    let length = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    // A password in front of the host is a credential on the wire; a query needs a path before it.
    let authority = rest.get(..length).unwrap_or_default();
    if authority.is_empty() || authority.contains(&b'@') || rest.get(length) == Some(&b'?') {
        return Err(Fault::Target);
    }
    Ok(scheme.len()..scheme.len() + length)
}

/// Characters of RFC 3986 that stand in paths and queries.
const USUAL: [bool; 256] = super::fields::table(b"-._~!$&'()*+,;=:@/?%");
