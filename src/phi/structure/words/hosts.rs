//! Hosts and addresses of services, where a key such as `address` could also hold a place.
//!
//! Owns how they are written. Whose address an IP address is, is for `rules/network` to say.

/// `db.example.net`, `amqp://queue:5672`: a host, or a URL of nothing but one, and no place.
pub(crate) fn is_host_or_url(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SCHEMES: [&str; 13] = [
        "http", "https", "tcp", "udp", "amqp", "amqps", "redis", "ldap", "ldaps", "ws", "wss", "grpc", "jdbc",
    ];
    const TOPS: [&str; 14] = [
        "com", "net", "org", "io", "dev", "cloud", "local", "internal", "svc", "cluster", "lan", "corp",
        "test", "invalid",
    ];
    let of_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let (labels, top) = value.rsplit_once('.').unwrap_or_default();
    let host = labels.len() >= 2 && TOPS.contains(&top) && labels.bytes().all(of_host);
    let url = || {
        value.split_once("://").is_some_and(|(scheme, rest)| {
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            SCHEMES.contains(&scheme)
                && rest.bytes().all(|byte| of_host(byte) || byte == b':')
                && !rest.starts_with("maps.")
        })
    };
    host || url()
}

/// The same, with its port or without, or an address.
pub(crate) fn is_on_a_host(value: &str) -> bool {
    let port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let host = value.rsplit_once(':').filter(|(_, digits)| port(digits)).map_or(value, |(host, _)| host);
    is_host_or_url(host) || host.parse::<std::net::IpAddr>().is_ok()
}

/// A host and port, where a key such as `address` could also hold a place.
pub(crate) fn is_endpoint(value: &str) -> bool {
    let (host, port) = value.trim_start_matches("tcp://").rsplit_once(':').unwrap_or((value, ""));
    let ported = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && !host.contains(' ');
    ported
        || is_host_or_url(value)
        || value.split('.').count() == 4 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || value.starts_with("0x")
}
