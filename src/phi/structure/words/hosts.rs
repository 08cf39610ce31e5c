//! Hosts and addresses of services, where a key such as `address` could also hold a place.
//!
//! Owns how they are written. Whose address an IP address is, is for `rules/network` to say.

use crate::phi::list::List;
use crate::phi::names::is_listed;

/// How the names of hosts end, but for those of countries.
#[rustfmt::skip] // Rows of words, not one a line.
static TOPS: List<17> = List::new([
    "com", "net", "org", "io", "dev", "cloud", "local", "internal", "svc", "cluster", "lan", "corp", "test", "invalid", "app", "gov",
    "edu",
]);

/// `db.example.net`, `10.0.4.11`, `queue:5672`, `amqp://queue:5672`, `0x7f3a`: where a service or a thing in memory is.
pub(crate) fn is_host(value: &str) -> bool {
    is_name_of_host(value)
        || is_endpoint(value.strip_prefix("tcp://").unwrap_or(value))
        || is_url_of_host(value)
        || value.parse::<std::net::IpAddr>().is_ok()
        || value.starts_with("0x")
}

/// `api.clinikapi.com`: three labels or more, none of which people are called, as in `mary.ann.johnson.dev`.
pub(crate) fn is_host_of_nobody(value: &str) -> bool {
    is_domain(value) && !value.rsplit('.').skip(1).any(|label| label.split('-').any(is_listed))
}

/// Three labels or more, the last of them one that hosts end in.
pub(crate) fn is_domain(value: &str) -> bool {
    is_name_of_host(value) && value.split('.').count() >= 3 && value.split('.').all(|label| !label.is_empty())
}

/// Does `name` end as the names of hosts do?
pub(crate) fn ends_as_host(name: &[u8]) -> bool {
    name.iter().rposition(|byte| *byte == b'.').is_some_and(|dot| TOPS.has_exactly(&name[dot + 1..]))
}

fn is_name_of_host(value: &str) -> bool {
    value.bytes().all(of_host) && ends_as_host(value.as_bytes())
}

fn of_host(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

/// `db:5432`, `[2001:db8::1]:443`, `akka.tcp://executor@worker-07:55904`. `Lagos:100271` is a town with its code.
fn is_endpoint(value: &str) -> bool {
    value.rsplit_once(':').is_some_and(|(host, port)| {
        (2..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_[]:/@".contains(&byte))
            && (host.contains('.') || !host.bytes().any(|byte| byte.is_ascii_uppercase()))
    })
}

/// A URL of nothing but a host, which shows no place as `https://maps.…` does.
fn is_url_of_host(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static SCHEMES: List<13> = List::new([
        "http", "https", "tcp", "udp", "amqp", "amqps", "redis", "ldap", "ldaps", "ws", "wss", "grpc", "jdbc",
    ]);
    value.split_once("://").is_some_and(|(scheme, rest)| {
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        SCHEMES.has_exactly(scheme.as_bytes())
            && rest.bytes().all(|byte| of_host(byte) || byte == b':')
            && !rest.starts_with("maps.")
    })
}
