//! IP addresses, MAC addresses: shapes that stand alone, with keep rules for infrastructure.

mod served;

use super::homonyms::{is_of_certificate, line_before};
use super::{IPV4, IPV6, MAC, codes};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::scan::{Context, NON_HEX, Scan};
pub(in crate::phi) use served::is_of_a_probe;
use served::is_of_a_server;

/// Four decimal groups at the number token `i`. Consumes versions and OIDs of dotted numbers as well.
pub(in crate::phi) fn ipv4(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if scan.byte(token.end()) != b'.' || token.len() > 6 {
        return false;
    }
    let before = scan.before(token.start());
    let Dotted { groups, end, octets } = dotted(scan, i);
    if groups >= 5 {
        // An object identifier.
        scan.protect(token.start()..end);
        return true;
    }
    let glued = before == b'.' || before == b'-' || before.is_ascii_alphabetic() || before == b'_';
    let continues = scan.byte(end).is_ascii_alphanumeric()
        || matches!(scan.byte(end), b'-' | b'+') && scan.byte(end + 1).is_ascii_alphanumeric();
    if groups != 4 || !octets || glued || continues {
        return false;
    }
    let span = token.start()..end;
    let context = scan.cue_before(i);
    let first: Vec<u8> = scan.text[span.clone()].split('.').filter_map(|part| part.parse().ok()).collect();
    let [a, b, _, d] = first[..] else { return false };
    let never = a == 127 || a == 0 || a == 255 || a >= 224 || (a == 169 && b == 254);
    let private = a == 10
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 100 && (64..128).contains(&b));
    let claimed = matches!(context.says, Says::Phi(Class::Ip) | Says::Person);
    let personal = claimed || is_from(scan, i);
    // `ojdbc11 driver 19.21.0.0`, `Found 5.8.1.0`: no host has the first address of its net, and a program has low numbers.
    let release = d == 0
        && a < VERSION_MAJOR_MAX
        && first.iter().all(|part| *part < 30)
        && !personal
        && a != 10
        && scan.byte(end) != b':'
        && scan.place != crate::phi::class::Place::Url
        && context.class().is_none()
        || scan.text[..token.start()].ends_with(" network ");
    let infrastructure = release
        || is_of_things(context) && !is_from(scan, i)
        || scan.byte(end) == b'/' && scan.byte(end + 1).is_ascii_digit();
    let version = before == b'/'
        && scan.bytes[..token.start() - 1].last().is_some_and(|b| b.is_ascii_alphabetic())
        && !before_is_scheme(scan, token.start())
        // `db.example.net/192.0.2.41:5432`
        && !(scan.byte(end) == b':' && scan.byte(end + 1).is_ascii_digit());
    let served = (!personal || !claimed && is_replicating(scan.lead(span.start, 64)))
        && is_served_at(&scan.bytes[end..]);
    // `130.0.0.0` is a net, or the release of a browser.
    let net = !claimed && first[1..] == [0; 3];
    let keep = never
        || net
        || version
        || served && !is_of_a_call(&scan.text[..span.start])
        || !(claimed || personal && !is_replaced(&scan.bytes[end..]))
            && a < VERSION_MAJOR_MAX
            && scan.byte(end) != b':'
            && is_of_a_program(&scan.text[..span.start], &scan.text[span.clone()])
        || infrastructure
        || !personal && is_of_a_clock(&scan.text[..span.start])
        || private && !personal && !scan.engine.settings().hide_private_ips
        || !personal
            && is_of_a_server(&scan.text[..span.start], &scan.text[span.clone()], &scan.bytes[end..])
        || is_of_a_probe(&scan.text[end..]);
    if keep {
        scan.protect(span);
    } else {
        scan.add(&IPV4, context, span);
    }
    true
}

/// Brokers, databases and what keeps clusters together.
#[rustfmt::skip] // Rows of ports, not one a line.
const BACKENDS: [&[u8]; 34] = [
    b"1433", b"1521", b"1883", b"2181", b"2379", b"2380", b"3306", b"4222", b"4317", b"4318", b"5432", b"5433", b"5671", b"5672",
    b"5984", b"6379", b"6380", b"6381", b"6432", b"7000", b"7001", b"7687", b"8200", b"8301", b"8500", b"8883", b"9042", b"9092",
    b"9093", b"9200", b"9300", b"11211", b"26379", b"27017",
];

/// `203.0.113.50:443`: does the port of a service follow? A client calls from a high one (RFC 6056 section 3.2).
fn is_served_at(after: &[u8]) -> bool {
    /// What a web or mail server, a clock, a shell, a directory or an interface engine listens on.
    #[rustfmt::skip] // Rows of ports, not one a line.
    const FRONTS: [&[u8]; 33] = [
        b"21", b"22", b"25", b"53", b"80", b"88", b"104", b"111", b"123", b"389", b"443", b"445", b"465", b"514", b"587", b"636", b"993",
        b"995", b"2049", b"2575", b"3128", b"6443", b"6514", b"6661", b"8080", b"8125", b"8583", b"8443", b"9090", b"9100", b"10250", b"11112",
        b"50051",
    ];
    // `198.51.100.53#53`, as BIND and Unbound write them.
    const RESOLVERS: [&[u8]; 3] = [b"53", b"853", b"5353"];
    if let Some(port) = after.strip_prefix(b"#") {
        let len = port.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        return RESOLVERS.contains(&&port[..len]);
    }
    let Some((port, rest)) = port(after) else { return false };
    // `(192.0.2.66:51220 -> 192.0.2.5:5671`: no person's machine speaks to a broker or a database.
    let called = rest.strip_prefix(b" -> ").map(|rest| {
        &rest[rest.iter().take(15).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count()..]
    });
    FRONTS.contains(&port)
        || BACKENDS.contains(&port)
        || called.and_then(self::port).is_some_and(|(called, _)| BACKENDS.contains(&called))
}

/// The port at the head of `text`, and what follows it: `:5432`, `), port 5432`.
fn port(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const JOINTS: [&[u8]; 8] =
        [b":", b"), port ", b", port ", b" port ", b" (port ", b") port ", b" port=", b"', port="];
    let text = JOINTS.iter().find_map(|joint| text.strip_prefix(*joint))?;
    Some(text.split_at(text.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count()))
}

/// `telehealth peer 203.0.113.50:443`, `candidate:1 1 udp …`: the ends of a call are those of persons.
fn is_of_a_call(before: &str) -> bool {
    const REACH: usize = 96;
    const WORDS: [&str; 10] = [
        "candidate",
        "telehealth",
        "video",
        "user",
        "patient",
        "member",
        "client",
        "home",
        "router",
        "caller",
    ];
    let near = before[before.ceil_char_boundary(before.len().saturating_sub(REACH))..].to_ascii_lowercase();
    near.split(|c: char| !c.is_alphabetic()).any(|word| WORDS.contains(&word))
}

/// `ntpd[9]: synchronized to 192.0.2.123`: does a program that keeps the time speak of those it asks?
fn is_of_a_clock(before: &str) -> bool {
    const REACH: usize = 120;
    const CLOCKS: [&str; 6] = ["ntpd", "chronyd", "ntpdate", "systemd-timesyncd", "openntpd", "ptp4l"];
    const ASKED: [&str; 7] =
        ["synchroni", "ource ", "erver ", "peer ", "replaced with ", "offset ", "stratum "];
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(REACH))..];
    let line = near.rsplit('\n').next().unwrap_or_default();
    let program = CLOCKS.iter().find_map(|clock| {
        let behind = &line[line.find(clock)? + clock.len()..];
        behind.starts_with([':', '[']).then_some(behind)
    });
    program.is_some_and(|said| ASKED.iter().any(|asked| said.contains(asked)) && !said.contains("client"))
}

/// Few programs have come to more major versions.
const VERSION_MAJOR_MAX: u8 = 100;

/// `fw 3.10.2.118`, `version 5.0.1.22`: four numbers directly behind a word for a release.
fn is_of_a_program(before: &str, release: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const RELEASES: [&str; 17] = [
        "fw", "firmware", "version", "v", "ver", "build", "adaptor", "adapter", "driver", "library", "lib", "sdk", "plugin", "module",
        "runtime", "kernel", "vrmf",
    ];
    #[rustfmt::skip]
    /// Before a blank only: behind a colon they write what a client asked.
    const PROGRAMS: [&str; 35] = [
        "openssl", "java", "jdk", "jre", "openjdk", "chrome", "chromium", "mariadb", "glibc", "headless", "headlesschrome",
        "chromedriver", "django", "edge", "elastic", "elasticsearch", "electron", "envoy", "firefox", "gradle", "haproxy", "hibernate",
        "httpd", "kafka", "kibana", "logstash", "nginx", "node", "oracle", "php", "python", "rack", "rails", "ruby", "tomcat",
    ];
    // `driver 1.2.3.4 -> 1.2.3.10`: the next release of the same.
    let replaced = [" -> ", "->", " to ", " => "].iter().find_map(|sign| before.strip_suffix(sign));
    let before = match replaced {
        Some(replaced) => {
            let head = replaced.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            let major = |release: &str| release.match_indices('.').nth(1).map(|(at, _)| at);
            let (old, new) = (&replaced[head.len()..], release);
            if major(old).is_none_or(|at| !new.starts_with(&old[..=at])) {
                return false;
            }
            head
        }
        None => before,
    };
    let Some(before) = before.strip_suffix([' ', '=', ':', '(']) else { return false };
    let word = before
        .trim_end_matches([' ', ':', '"'])
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let is_any = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    is_any(&RELEASES) || before.ends_with(word) && is_any(&PROGRAMS)
}

/// `upgraded from 5.0.1.22 to 5.0.1.23`: does another number follow that it became?
fn is_replaced(after: &[u8]) -> bool {
    [&b" to "[..], b" -> ", b"->"].iter().any(|sign| {
        after.strip_prefix(*sign).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    })
}

/// Is the word before an operational one? `example.org[203.0.113.7]` is only the end of a host's name.
fn is_of_things(context: Context) -> bool {
    context.is_safe() && context.word != "org"
}

/// `Partial resynchronization request from `, `REPLICA sync from `
fn is_replicating(lead: &str) -> bool {
    ["resynchronization", "REPLICA", "replica sync", "replication"].iter().any(|word| lead.contains(word))
}

/// `from 203.0.113.9`, `by`: a caller in prose.
fn is_from(scan: &Scan<'_>, i: usize) -> bool {
    i > 0 && {
        let word = scan.slice(scan.tok(i - 1));
        [b"from".as_slice(), b"From", b"client", b"remote", b"user", b"by"].contains(&word)
    }
}

fn before_is_scheme(scan: &Scan<'_>, at: usize) -> bool {
    at >= 2 && scan.bytes[at - 2] == b'/'
}

/// Numbers with dots between them.
struct Dotted {
    groups: usize,
    end: usize,
    /// Each is one of an address.
    octets: bool,
}

/// The numbers with dots from token `i` on.
fn dotted(scan: &Scan<'_>, i: usize) -> Dotted {
    const GROUPS_MAX: usize = 21;
    let token = scan.tok(i);
    let mut found = Dotted { groups: 1, end: token.end(), octets: octet(scan.slice(token)) };
    while found.groups < GROUPS_MAX
        && scan.byte(found.end) == b'.'
        && let Some(next) = scan.get(i + found.groups)
        && next.is_number()
        && next.start() == found.end + 1
    {
        found.octets &= octet(scan.slice(next));
        found.end = next.end();
        found.groups += 1;
    }
    found
}

fn octet(text: &[u8]) -> bool {
    text.len() <= 3
        && !(text.len() > 1 && text[0] == b'0')
        && text.iter().fold(0u32, |v, b| v * 10 + u32::from(b - b'0')) <= 255
}

/// `kernel: igb 0000:03:00.0 eth0: (PCIe:5.0Gb/s:Width x4) 00:25:…`: does a driver speak of a card in this machine?
fn is_of_a_card(text: &str, at: usize) -> bool {
    const CARDS: [&str; 6] = [" eth", " eno", " ens", " enp", " bond", " br-"];
    let line = line_before(text, at);
    line.contains("kernel: ") && line.contains("(PCI") && CARDS.iter().any(|card| line.contains(card))
}

/// MAC and IPv6: tokens of hexadecimal digits joined by `:` (or `-` for a MAC). True if the token is consumed.
pub(in crate::phi) fn colons(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let sep = scan.byte(token.end());
    if token.flags & NON_HEX != 0 || token.len() > 4 || !matches!(sep, b':' | b'-') {
        return false;
    }
    if token.len() == 2 && (sep == b':' && codes::in_pairs(scan, i) || mac(scan, i, sep)) {
        return true;
    }
    sep == b':' && ipv6(scan, i)
}

/// Six pairs with one separator, of which the token `i` is the first.
fn mac(scan: &mut Scan<'_>, i: usize, sep: u8) -> bool {
    const LEN: usize = 17;
    let start = scan.tok(i).start();
    let span = start..start + LEN;
    let shaped = scan.bytes.get(span.clone()).is_some_and(|text| {
        text.iter().enumerate().all(|(k, b)| if k % 3 == 2 { *b == sep } else { b.is_ascii_hexdigit() })
    });
    let (before, after) = (scan.before(start), scan.byte(span.end));
    let longer = after.is_ascii_alphanumeric()
        || after == sep
        || before == b':' && start >= 2 && scan.bytes[start - 2].is_ascii_hexdigit()
        || before == b'-';
    if !shaped || longer {
        return false;
    }
    let null = scan.bytes[span.clone()].iter().all(|b| matches!(b, b'0' | b'f' | b'F' | b':' | b'-'));
    if null || is_of_certificate(scan.text, start) || is_of_a_card(scan.text, start) {
        scan.protect(span);
    } else {
        let context = scan.cue_before(i);
        scan.add(&MAC, context, span);
    }
    true
}

/// Groups with colons at `start`, without a port and what ends a sentence.
fn groups<'a>(scan: &Scan<'a>, start: usize) -> &'a str {
    const LEN_MAX: usize = 46;
    let run = scan.bytes[start..]
        .iter()
        .take(LEN_MAX)
        .take_while(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
        .count();
    let text = scan.text[start..start + run].trim_end_matches(['.', ':']);
    // `2001:db8:44:9::1f:50122`: no group has five digits, so that is a port.
    match text.rsplit_once(':') {
        Some((address, port)) if port.len() == 5 && port.bytes().all(|byte| byte.is_ascii_digit()) => address,
        _ => text,
    }
}

fn ipv6(scan: &mut Scan<'_>, i: usize) -> bool {
    let start = scan.tok(i).start();
    let text = groups(scan, start);
    let double = text.contains("::");
    let colons = text.bytes().filter(|b| *b == b':').count();
    if colons < 2 || !double && colons != 7 {
        return false;
    }
    // Eight bytes in pairs are a serial number or a digest.
    if !double && text.split(':').all(|group| group.len() == 2) {
        let end = start + text.len();
        scan.protect(start..end);
        return true;
    }
    let before = scan.before(start);
    if before.is_ascii_alphanumeric()
        || before == b':'
        || scan.byte(start + text.len()).is_ascii_alphanumeric()
    {
        return false;
    }
    let Ok(address) = text.parse::<std::net::Ipv6Addr>() else { return false };
    let span = start..start + text.len();
    let context = scan.cue_before(i);
    let local = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    let private = matches!(address.segments()[0], 0xFE80..=0xFEBF | 0xFC00..=0xFDFF);
    let personal = matches!(context.says, Says::Phi(Class::Ip) | Says::Person);
    let after = &scan.bytes[span.end..];
    let ported = match before {
        b'[' => after.strip_prefix(b"]").is_some_and(is_served_at),
        _ => after.starts_with(b"#") && is_served_at(after),
    };
    let served = ported && !personal && !is_from(scan, i) && !is_of_a_call(&scan.text[..start]);
    if local
        || served
        || !personal && is_of_a_clock(&scan.text[..start])
        || is_of_things(context)
        || private && !personal && !scan.engine.settings().hide_private_ips
        || !personal && is_of_a_server(&scan.text[..start], &scan.text[span.clone()], &scan.bytes[span.end..])
        || is_of_a_probe(&scan.text[span.end..])
    {
        scan.protect(span);
    } else {
        scan.add(&IPV6, context, span);
    }
    true
}
