//! Prints and templates of a body, which look like hashes or minted ids: only their cue tells them apart.

use super::NUMBER_CUED;
use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::scan::Scan;

/// No kind of template before a colon is longer.
const KIND_BYTES_MAX: usize = 5;
/// Pairs of one digest that are looked at, and the fewest of one: six are the address of a network card.
const PAIRS_MAX: usize = 128;
const PAIRS_MIN: usize = 8;

/// `certificate fingerprint SHA256:uNiV…`: what identifies a key, a certificate, a program or a group of errors.
fn is_key_digest(scan: &Scan<'_>, i: usize) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static OWNERS: List<22> = List::new([
        "certificate", "cert", "key", "tls", "ssl", "ssh", "host", "peer", "gpg", "x509", "azure", "browser", "sentry", "build", "image",
        "config", "query", "schema", "asset", "alert", "canvas", "webgl",
    ]);
    static DIGESTS: List<6> = List::new(["sha256", "sha1", "md5", "sha512", "sha384", "ja3"]);
    let word = |j: usize| scan.slice(scan.tok(j));
    DIGESTS.has(word(i)) || (i.saturating_sub(4)..i).any(|j| OWNERS.has(word(j)) || DIGESTS.has(word(j)))
}

/// `voiceprint enroll failed: template=7f45…`, `thumbprint minutiae hash 5f0c…`: a template of what the clause speaks of.
fn is_template(scan: &Scan<'_>, i: usize) -> bool {
    const REACH: usize = 64;
    const PRINTS: [&str; 5] = ["voiceprint", "fingerprint", "faceprint", "palmprint", "biometric"];
    let Some(key) = i.checked_sub(1).map(|before| scan.tok(before)) else { return false };
    if scan.tok(i).start() - key.end() > 2 {
        return false;
    }
    let clause = &scan.text[scan.text.ceil_char_boundary(key.start().saturating_sub(REACH))..key.end()];
    // `retina template rt_hex=5f3c…`: a key that says how it is written.
    let written = scan.byte(key.end()) == b'='
        && [&b"hex"[..], b"b64", b"base64", b"data", b"bytes"]
            .iter()
            .any(|form| scan.slice(key).eq_ignore_ascii_case(form));
    let of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if is_sampled(clause) || written && is_sampled(clause.trim_end_matches(of_key)) {
        return true;
    }
    let has = |list: &[&str]| {
        let mut words = clause.split(|c: char| !c.is_alphanumeric());
        words.any(|word| list.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    // There are flowers and displays.
    scan.slice(key).eq_ignore_ascii_case(b"template")
        && (has(&PRINTS)
            || has(&["iris", "retina", "vein", "palm", "gait"])
                && has(&["match", "mismatch", "enrol", "enroll", "scan", "verify"]))
}

/// Does the clause end in what is measured of a body and in what form it is kept: `faceprint template`, `gait signature embedding`?
fn is_sampled(clause: &str) -> bool {
    /// A name of a part of a body alone is a word of many things.
    const PRINTS: [&str; 12] = [
        "voiceprint",
        "fingerprint",
        "faceprint",
        "thumbprint",
        "palmprint",
        "footprint",
        "retina",
        "iris",
        "palm",
        "gait",
        "face",
        "voice",
    ];
    const FORMS: [&str; 15] = [
        "hex",
        "b64",
        "base64",
        "template",
        "minutiae",
        "embedding",
        "vector",
        "sample",
        "enrolment",
        "enrollment",
        "hash",
        "code",
        "signature",
        "set",
        "vein",
    ];
    /// What only measures of a body are kept in.
    const OWN: [&str; 7] =
        ["template", "minutiae", "embedding", "vector", "sample", "enrolment", "enrollment"];
    let mut own = false;
    for (at, word) in
        clause.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(4).enumerate()
    {
        let is = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
        if is(&PRINTS) {
            let sure = word.len() > 9
                && !word.eq_ignore_ascii_case("fingerprint")
                && !word.eq_ignore_ascii_case("thumbprint");
            return at > 0 && (own || sure || word.eq_ignore_ascii_case("iris"));
        }
        if !is(&FORMS) {
            return false;
        }
        own |= is(&OWN);
    }
    false
}

/// How records of ISO/IEC 19794 begin, in base64 or hexadecimal: minutiae, finger, face and iris images.
const RECORD_HEADS: [&[u8]; 6] = [b"Rk1SA", b"RklSA", b"RkFDA", b"SUlSA", b"464d5200", b"464D5200"];

pub(in crate::phi) fn opens_record(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'R' | b'S' | b'4'))
        && RECORD_HEADS.iter().any(|head| bytes.starts_with(head))
}

/// A print or template of a body, which looks like a hash or a minted id: only its cue tells.
pub(in crate::phi) fn biometric(scan: &mut Scan<'_>, i: usize) -> bool {
    let mut first = i;
    while first > 0 && i - first < 2 {
        let left = scan.tok(first - 1);
        // `fp:Zk9x…`, `VPT1:QkFT…`: what kind of template it is.
        let kind = scan.byte(left.end()) == b':'
            && left.len() <= KIND_BYTES_MAX
            && scan.before(left.start()) != b'"';
        let joins = kind || matches!(scan.byte(left.end()), b'_' | b'-');
        if left.end() + 1 != scan.tok(first).start() || !joins {
            break;
        }
        first -= 1;
        if kind {
            break;
        }
    }
    let context = scan.cue_before(first);
    let start = scan.tok(first).start();
    let is_record = opens_record(&scan.bytes[start..]);
    if !is_record {
        let cued = context.class() == Some(Class::Biometric) && context.adjacent;
        if !cued && !is_template(scan, first) {
            return false;
        }
        let of_finger = context.word.starts_with("fingerprint") || context.word.starts_with("thumbprint");
        if (of_finger || !cued) && is_key_digest(scan, first) {
            return false;
        }
    }
    let rest = &scan.bytes[start..];
    let width = rest
        .iter()
        .take(8192)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'=' | b':'))
        .count();
    let value = scan.text[start..start + width].trim_end_matches(':');
    let width = value.len();
    // `Thumbprint 5F0C…`: of a certificate, as .NET and Azure print it.
    let of_certificate = context.word == "thumbprint"
        && matches!(width, 40 | 64)
        && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    // `fingerprint 9f86d081` is that of a key or a certificate, and short.
    let short = width < 24 && context.word.starts_with("fingerprint") && context.word.len() <= 12;
    if of_certificate || is_slug(value) || width < 8 || short && !is_record && !is_template(scan, first) {
        return false;
    }
    scan.add_cued(&NUMBER_CUED, Class::Biometric, context, start..start + width);
    true
}

/// `voice template welcome_v2`: a word and the number of its version.
fn is_slug(value: &str) -> bool {
    value.rsplit_once(['_', '-']).is_some_and(|(word, version)| {
        let digits = version.strip_prefix('v').unwrap_or(version);
        matches!(digits.len(), 1 | 2)
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && word.len() >= 4
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
    })
}

/// `template hash f3:91:0c:aa:72:1d:e4:58`. What is called a fingerprint and no more is that of a key or a certificate.
pub(in crate::phi) fn in_pairs(scan: &mut Scan<'_>, i: usize) -> bool {
    let start = scan.tok(i).start();
    let hex = |pair: &[u8]| pair.iter().all(u8::is_ascii_hexdigit);
    let joined = scan.bytes[start..]
        .chunks_exact(3)
        .take(PAIRS_MAX)
        .take_while(|three| hex(&three[..2]) && three[2] == b':')
        .count();
    let end = start + joined * 3 + 2;
    if joined + 1 < PAIRS_MIN
        || !scan.bytes.get(end - 2..end).is_some_and(hex)
        || scan.byte(end).is_ascii_alphanumeric()
    {
        return false;
    }
    let context = scan.cue_before(i);
    let of_body = context.class() == Some(Class::Biometric)
        && context.adjacent
        && !matches!(context.word, "fingerprint" | "fingerprints")
        && !is_key_digest(scan, i);
    if of_body {
        scan.add_cued(&NUMBER_CUED, Class::Biometric, context, start..end);
    }
    of_body
}
