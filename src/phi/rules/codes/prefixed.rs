//! Blobs whose first part says what they are: `MRN-00482917`, `pt_abc123`, `log4j-2.17.1`.
//!
//! Owns which of them are somebody's. What a prefix means is the vocabulary's (`cues`), what is minted by servers `protect`'s.

use std::ops::Range;

use super::made::{ends_in_uuid, is_release, is_short_digest};
use super::{PREFIXED, blob_end, claimed, filed};
use crate::phi::class::{Class, Place};
use crate::phi::cues::{self, Cue, Says};
use crate::phi::protect;
use crate::phi::scan::{Context, LOWER, Scan};
use crate::phi::structure::words;

/// A blob such as `MRN-00482917`, `pt_abc123`, `HAPI-0389`, `log4j-2.17.1`: the prefix says what it is.
pub(in crate::phi) fn prefixed(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    // Where the blob opens: tokens to the left joined by one sign.
    let mut first = i;
    while first > 0 && i - first < 8 {
        let left = scan.tok(first - 1);
        let sign = scan.byte(left.end());
        if left.end() + 1 != scan.tok(first).start() || !matches!(sign, b'_' | b'-' | b'.') {
            break;
        }
        first -= 1;
    }
    let text = scan.slice(token);
    let letters = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if first == i && letters == 0 {
        // `12abc-...`, `4471-X`: no prefix.
        return false;
    }
    let end = blob_end(scan, i);
    let start = scan.tok(first).start();
    if first + 1 == i && protect::is_minted(&scan.text[start..end]) {
        scan.protect(start..end);
        return true;
    }
    let prefix_end = if first == i { token.start() + letters } else { scan.tok(i - 1).end() };
    let body = &scan.bytes[prefix_end..end];
    let underscore = first != i && scan.before(token.start()) == b'_';
    let dotted = first != i && scan.before(token.start()) == b'.';
    let cue = cues::cue_at_end(&scan.text[start..prefix_end]);
    if let Some(cue) = cue
        && let Says::Phi(class) | Says::Provider(class) = cue.says
        && (cue.strong || !underscore && token.flags & LOWER == 0)
        && !dotted
    {
        let enough = is_enough(scan, first..i, &cue, class, body)
            && !is_of_machine(scan, first..i, &cue, start..prefix_end, body);
        let attached = first != i || letters >= 2;
        let keeps = matches!(cue.says, Says::Provider(_)) && !scan.engine.settings().hide_providers;
        if enough && attached && !keeps {
            let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: true };
            scan.add_cued(&PREFIXED, class, context, start..end);
            return true;
        }
    }
    if first == i {
        return false;
    }
    if cue.is_none() && underscore && filed::number(scan, first, i) {
        return true;
    }
    // The prefix means nothing here; a cue before the whole blob may still claim it.
    if !dotted && claimed(scan, first, start..end) {
        return true;
    }
    if underscore || !token.is_number() {
        scan.protect(start..end.max(token.end()));
        return true;
    }
    // `user-1234`: consume the blob so that its parts are not judged alone.
    scan.protect(token.start()..end);
    true
}

/// Has the body as many digits as a number of its class behind such a prefix? The blob's tokens are `tokens`, and the one of
/// its body.
fn is_enough(scan: &Scan<'_>, tokens: Range<usize>, cue: &Cue, class: Class, body: &[u8]) -> bool {
    let (first, i) = (tokens.start, tokens.end);
    let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
    let token = scan.tok(i);
    let underscore = first != i && scan.before(token.start()) == b'_';
    match class {
        // `visit-2026-000123` has no day in it.
        Class::Date => digits == 8,
        Class::Phone | Class::Fax => digits >= 7,
        Class::Ssn => digits >= 4,
        Class::Geo => (5..=9).contains(&digits) && first != i,
        Class::Name
        | Class::Email
        | Class::Url
        | Class::Photo
        | Class::Biometric
        | Class::ApiKey
        | Class::Ip
        | Class::Clinical => false,
        // `rfc7231` is a standard; a Mexican RFC has six digits and more.
        Class::OtherId if cue.word == "rfc" => digits >= 6,
        // `nss-3.101.0-10.el9` is a package.
        Class::OtherId if cue.word == "nss" => digits == 11 && first == i,
        Class::OtherId if cue.word == "cns" => digits == 15,
        // `nas01` shares files.
        Class::OtherId if cue.word == "nas" => digits == 9,
        // `BSN-20261104` is a run of payments.
        Class::OtherId if cue.word == "bsn" => digits == 9,
        // `OHIP-A007A` is a fee.
        Class::Mrn if cue.word == "ohip" => digits >= 6,
        // In a URL, a code of few digits in one piece is no more than a code, as the gate there has it.
        _ if first == i && scan.place == Place::Url => digits >= 5,
        // `NIMC_503` is an error.
        _ if underscore && token.is_number() => digits >= 4,
        _ => digits >= 3 && body.len() >= 4,
    }
}

/// The name of an error, a model, a consumer, a quarter, a package or a host, or what a machine made.
fn is_of_machine(
    scan: &Scan<'_>,
    tokens: Range<usize>,
    cue: &Cue,
    prefix: Range<usize>,
    body: &[u8],
) -> bool {
    let (first, i) = (tokens.start, tokens.end);
    let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
    let prefix = &scan.text[prefix];
    // `"code": "HC-204"`: of an error. `modelNumber SN-8800`: of a kind of device.
    let coded = || {
        let before = scan.cue_before(first);
        let model = before.word.starts_with("model") || before.word == "key" && digits == 4;
        let capitals = prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        before.is_safe() && capitals && (digits <= 3 || model && cue.word.len() == 2)
    };
    // `hc8473888eae2`: two letters and more letters among the digits are no prefix.
    let mixed = cue.word.len() == 2 && first == i && body.iter().rev().skip(1).any(u8::is_ascii_alphabetic);
    // `default-helloworld-chart-5678`: a slug of a machine.
    let chart = cue.word == "chart"
        && i - first >= 3
        && digits <= 5
        && !prefix.bytes().any(|byte| byte.is_ascii_uppercase());
    // `consumer-billing-7-0c11e7b2`: who reads a topic of Kafka.
    let consumer = prefix.starts_with("consumer-")
        && body.rsplit(|byte| *byte == b'-').next().is_some_and(is_short_digest);
    // `NHIA-2026-Q4.csv`: a quarter.
    let quarter = matches!(body, [.., b'2', b'0', _, _, b'-', b'Q', b'1'..=b'4']);
    coded()
        || mixed
        || chart
        || consumer
        || quarter
        || is_release(body)
        || words::ends_as_host(body)
        || ends_in_uuid(body)
}
