//! E-mail addresses: everything around an `@` that is no package, digest or object reference.

use std::ops::Range;

use super::{EMAIL, EMAIL_SPELLED, URL_USERINFO};
use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::scan::{Context, Scan};

/// Looks at every `@` of the text.
pub(in crate::phi) fn emails(scan: &mut Scan<'_>) {
    let bytes = scan.bytes;
    let mut resume = 0;
    for at in memchr::memchr_iter(b'@', bytes) {
        if at < resume {
            continue;
        }
        if let Some(span) = around(bytes, at, 1) {
            resume = span.end;
            if is_example(&bytes[span.clone()]) {
                scan.protect(span);
            } else {
                scan.add(&EMAIL, Context::NONE, span);
            }
        } else if let Some(span) = userinfo(bytes, at) {
            scan.add(&URL_USERINFO, Context::NONE, span);
        }
    }
    // %40 and the full-width sign stand for it in text that was not decoded.
    for at in memchr::memchr_iter(b'%', bytes).filter(|at| bytes[*at..].starts_with(b"%40")) {
        if let Some(span) = around(bytes, at, 3) {
            scan.add(&EMAIL, Context::NONE, span);
        }
    }
    if !scan.text.is_ascii() {
        for at in memchr::memmem::find_iter(bytes, "\u{FF20}".as_bytes()) {
            if let Some(span) = around(bytes, at, 3) {
                scan.add(&EMAIL, Context::NONE, span);
            }
        }
    }
}

/// Does the sign at `at` stand in an address, or behind a password?
pub(in crate::phi) fn is_address(bytes: &[u8], at: usize) -> bool {
    around(bytes, at, 1).is_some() || userinfo(bytes, at).is_some()
}

/// `name@example.com`: how an address looks, in the message of a validator.
fn is_example(address: &[u8]) -> bool {
    const WORDS: [&[u8]; 10] = [
        b"name",
        b"user",
        b"username",
        b"you",
        b"your",
        b"someone",
        b"email",
        b"mail",
        b"address",
        b"local-part",
    ];
    const DOMAINS: [&[u8]; 4] = [b"example.com", b"domain.com", b"domain.tld", b"host.tld"];
    let at = memchr::memchr(b'@', address).unwrap_or(0);
    let (word, domain) = (&address[..at], address.get(at + 1..).unwrap_or_default());
    // `hmac-ripemd160@openssh.com`: an algorithm (RFC 4251 section 6).
    let algorithm = matches!(domain, b"openssh.com" | b"libssh.org");
    algorithm
        || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
            && DOMAINS.iter().any(|known| domain.eq_ignore_ascii_case(known))
}

/// Kinds of units of systemd, whose instances stand behind the sign: `sync@eu-west.service`. None is a domain of mail.
const UNITS: [&[u8]; 9] =
    [b"service", b"socket", b"timer", b"mount", b"automount", b"slice", b"scope", b"swap", b"target"];
/// Endings of pictures; none is a domain of mail.
const IMAGES: [&[u8]; 7] = [b"png", b"jpg", b"jpeg", b"webp", b"gif", b"svg", b"avif"];
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

/// The address around the sign of `width` bytes at `at`.
fn around(bytes: &[u8], at: usize, width: usize) -> Option<Range<usize>> {
    let local = |b: u8| {
        b.is_ascii_alphanumeric()
            || b >= 0x80
            || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'&' | b'@' | b'~')
    };
    let domain = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'-' | b'@' | b'_');
    let mut start = at;
    while start > 0 && at - start < LOCAL_MAX && local(bytes[start - 1]) {
        start -= 1;
    }
    // `'jane@example.org'`: a quote that opens is not part of the address; nor is `name&email=`.
    while start < at && matches!(bytes[start], b'\'' | b'.' | b'-' | b'&' | b'%') {
        start += 1;
    }
    if let Some(cut) = bytes[start..at].iter().rposition(|b| matches!(b, b'\'' | b'&')) {
        let after = &bytes[start + cut + 1..at];
        if bytes[start + cut] == b'&' || after.is_empty() || cut == 0 {
            start += cut + 1;
        }
    }
    // Escapes before an address, as in `%3D` or `%22`, end where it begins.
    while start + 3 <= at && bytes[start..at].first() == Some(&b'%') {
        start += 3;
    }
    if let Some(cut) = bytes[start..at].windows(3).rposition(|w| {
        w[0] == b'%' && w[1] != b'2' && w[1] != b'4'
            || w.eq_ignore_ascii_case(b"%22")
            || w == b"%20"
            || w == b"%26"
            || w == b"%27"
    }) {
        start += cut + 3;
    }
    let mut end = at + width;
    while end < bytes.len() && end - at < DOMAIN_MAX && domain(bytes[end]) {
        end += 1;
    }
    while end > at + width
        && matches!(bytes[end - 1], b'.' | b'-' | b'_' | b'@')
        && !(bytes[end - 1] == b'@' && bytes[end - 2] != b'@')
    {
        end -= 1;
    }
    // Trailing punctuation beyond ASCII (a closing quote) is left to stand; cut at a character boundary.
    let name = &bytes[start..at];
    let host = &bytes[at + width..end];
    if name.is_empty() || host.is_empty() || is_of_a_role(name, host) || is_principal(bytes, start, host) {
        return None;
    }
    let host = host.strip_prefix(b"@").unwrap_or(host);
    let dot = host.iter().position(|b| *b == b'.');
    let before = if start == 0 { 0 } else { bytes[start - 1] };
    let package = before == b'@'
        || before == b'/' && start >= 2 && bytes[start - 2].is_ascii_alphanumeric() && is_version(host);
    if package || is_version(host) || host == b"sha256" || host == b"sha512" {
        return None;
    }
    let after = bytes.get(end).copied().unwrap_or(0);
    // git@host:path, user:password@host
    if name == b"git" {
        return None;
    }
    let Some(dot) = dot else {
        // `Object@1b2c3d` and `user@localhost` are no addresses of people; `jane@@example` is mistyped.
        let doubled = bytes.get(at + width) == Some(&b'@');
        // `ximena.arrieta@exmaple`: nobody else has a given and a family name.
        let named = name.contains(&b'.')
            && host.len() > 3
            && host != b"localhost"
            && std::str::from_utf8(name).is_ok_and(crate::phi::names::is_name_like);
        let refused = || is_refused(bytes, start..end) && is_of_somebody(name);
        return (named || doubled && host.len() > 2 || refused()).then_some(start..end);
    };
    let last = host.rsplit(|b| *b == b'.').next().unwrap_or_default();
    // `logo@2x.png`: for a screen of twice as many points.
    let scaled = matches!(host, [b'1'..=b'4', b'x', b'.', kind @ ..] if IMAGES.contains(&kind));
    if dot == 0 || after == b'(' || scaled || UNITS.contains(&last) {
        return None;
    }
    let tld = last.len() >= 2
        && last.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80)
        && !last.iter().all(u8::is_ascii_hexdigit)
        || last.len() >= 2 && last.iter().all(u8::is_ascii_lowercase);
    tld.then_some(start..end)
}

/// `kadmin/admin@EXAMPLE.NET`: a service of Kerberos, with its realm (RFC 4120 section 6).
fn is_principal(bytes: &[u8], start: usize, host: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static SERVICES: List<22> = List::new([
        "afpserver", "afs", "changepw", "cifs", "dns", "ftp", "hbase", "hdfs", "hive", "host", "http", "imap", "kadmin", "kafka", "krbtgt",
        "ldap", "mongodb", "nfs", "postgres", "smtp", "yarn", "zookeeper",
    ]);
    let before = bytes[..start].strip_suffix(b"/").unwrap_or_default();
    let len = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (rest, service) = before.split_at(before.len() - len);
    !matches!(rest.last(), Some(b'/' | b'.' | b'-' | b'_'))
        && SERVICES.has(service.to_ascii_lowercase().as_slice())
        && host.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".-".contains(byte))
}

/// Mailboxes of services (RFC 2142) and those that nobody reads.
fn is_of_a_role(name: &[u8], host: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static ROLES: List<13> = List::new([
        "abuse", "do-not-reply", "donotreply", "helpdesk", "hostmaster", "mailer-daemon", "no-reply", "no_reply", "noc", "noreply",
        "postmaster", "support", "webmaster",
    ]);
    // `support@brennan-therapy.example`: of who runs it.
    let named = |label: &[u8]| {
        std::str::from_utf8(label).is_ok_and(|label| {
            label.len() >= 4
                && crate::phi::names::is_listed(label)
                && crate::phi::names::is_distinctive(label)
        })
    };
    ROLES.has(name) && !host.split(|byte| b".-".contains(byte)).any(named)
}

/// `Email dolores_huertamd@example is invalid`, `invalid email address: k_adeyemi@nhs`: what a validator says of an address.
fn is_refused(bytes: &[u8], span: Range<usize>) -> bool {
    const REACH: usize = 32;
    const BEHIND: [&str; 6] = [
        "is invalid",
        "is not valid",
        "is not a valid",
        "is malformed",
        "has already been taken",
        "is already taken",
    ];
    let before =
        String::from_utf8_lossy(&bytes[span.start.saturating_sub(REACH)..span.start]).to_ascii_lowercase();
    let before = before.trim_end_matches(['"', '\'', '\\', '`', '<', ' ', '(', '=']);
    let behind = bytes.get(span.end..).unwrap_or_default();
    let signs = behind.iter().take(4).take_while(|byte| b"\"'\\`> )".contains(byte)).count();
    let named = ["email", "e-mail", "mail", "email address", "mail address", "e-mail address"];
    let called = |head: &str| named.iter().any(|named| head.ends_with(named));
    let told = BEHIND.iter().any(|said| behind[signs..].starts_with(said.as_bytes()));
    called(before) && told
        || before.strip_suffix(':').is_some_and(|head| {
            called(head)
                && ["invalid", "malformed", "bad", "unparseable"].iter().any(|said| head.contains(said))
        })
}

/// `dolores_huertamd`, `kehinde.adeyemi`, `oberoi84`: not a part that every machine has, as `root`, nor one of a few letters.
fn is_of_somebody(name: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static ROLES: List<28> = List::new([
        "admin", "administrator", "backup", "billing", "build", "contact", "deploy", "developer", "email", "example", "hello", "helpdesk",
        "local-part", "mailer", "mailer-daemon", "no-reply", "noreply", "office", "postgres", "postmaster", "reception", "sales",
        "service", "someone", "support", "system", "username", "webmaster",
    ]);
    name.len() >= 5 && name.iter().any(u8::is_ascii_alphabetic) && !ROLES.has(name)
}

/// `1.4.2`, `^5.1.5`, `v2`: what follows a package name.
fn is_version(host: &[u8]) -> bool {
    let body = host.strip_prefix(b"v").unwrap_or(host);
    // `io.undertow.servlet@2.2.5.Final`
    let body = [&b".Final"[..], b".RELEASE", b".GA", b".Alpha", b".Beta"]
        .iter()
        .find_map(|end| body.strip_suffix(*end))
        .unwrap_or(body);
    body.first().is_some_and(u8::is_ascii_digit)
        && body.iter().take_while(|b| **b != b'-').all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'x'))
}

/// `://user:password@host`: the password of a connection string.
fn userinfo(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(128);
    let before = &bytes[from..at];
    let scheme = memchr::memmem::rfind(before, b"://")? + 3;
    let info = &before[scheme..];
    let colon = info.iter().position(|b| *b == b':')?;
    let password = &info[colon + 1..];
    let plain = !info.iter().any(|b| matches!(b, b' ' | b'/' | b'"'));
    let masked =
        password.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.')) || password.first() == Some(&b'[');
    (plain && !password.is_empty() && !masked).then(|| from + scheme + colon + 1..at)
}

/// `jane.doe at example.com`, near a cue: proposed at the word `at`.
pub(in crate::phi) fn spelled(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let at = scan.slice(token);
    if !at.eq_ignore_ascii_case(b"at") || i == 0 {
        return false;
    }
    let (before, after) = (scan.before(token.start()), scan.byte(token.end()));
    if !matches!((before, after), (b' ', b' ') | (b'(', b')') | (b'[', b']')) {
        return false;
    }
    let local = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-');
    let pad = usize::from(before != b' ');
    let mut name_end = token.start() - 1;
    if pad == 1 && name_end > 0 && scan.bytes[name_end - 1] == b' ' {
        name_end -= 1;
    }
    let mut start = name_end;
    while start > 0 && name_end - start < LOCAL_MAX && local(scan.bytes[start - 1]) {
        start -= 1;
    }
    let mut host = token.end() + 1;
    if pad == 1 && scan.byte(host) == b' ' {
        host += 1;
    }
    let rest = &scan.bytes[host.min(scan.bytes.len())..];
    let mut width = rest
        .iter()
        .take(DOMAIN_MAX)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        .count();
    while width > 0 && matches!(rest[width - 1], b'.' | b'-') {
        width -= 1;
    }
    let domain = &rest[..width];
    let last = domain.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let shaped = domain.contains(&b'.')
        && last.len() >= 2
        && last.len() <= 10
        && last.iter().all(u8::is_ascii_alphabetic)
        && domain[0].is_ascii_alphabetic()
        && scan.byte(host + width) != b':'
        && scan.byte(host + width) != b'('
        && !matches!(
            last,
            b"js"
                | b"ts"
                | b"java"
                | b"py"
                | b"go"
                | b"rs"
                | b"rb"
                | b"mjs"
                | b"cjs"
                | b"php"
                | b"json"
                | b"yaml"
                | b"yml"
                | b"log"
                | b"internal"
                | b"local"
        );
    if name_end == start || !shaped {
        return false;
    }
    let mut first = i;
    while first > 0 && scan.tok(first - 1).start() >= start {
        first -= 1;
    }
    let context = scan.cue_before(first);
    let cued = context.class() == Some(Class::Email);
    let dotted = scan.bytes[start..name_end].iter().any(|b| matches!(b, b'.' | b'_')) && pad == 1;
    if cued || dotted || pad == 1 {
        scan.add(&EMAIL_SPELLED, context, start..host + width);
        return true;
    }
    false
}
