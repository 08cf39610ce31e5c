//! Names that are nobody's: of classes, packages, time zones, accounts of systems, rules of filters, doses.

use super::is_hex;
use crate::phi::class::Class;
use crate::phi::names;
use crate::phi::structure::words;

/// Names under the key `word` that are of the machinery. A key that can only be a person's has none.
pub(in crate::phi) fn is_name_of_machine(class: Class, word: &str, value: &str) -> bool {
    const PARTS: [&str; 7] = ["patient", "family", "given", "first", "last", "full", "surname"];
    class == Class::Name
        && !PARTS.iter().any(|part| word.contains(part))
        && (is_constant(value) || is_of_a_filter(value) || is_class(value) || is_camel(value))
}

/// `Microsoft.EntityFrameworkCore.Query`: a class in its package.
fn is_class(value: &str) -> bool {
    let part = |part: &str| {
        part.len() >= 3
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    value.split('.').count() >= 3
        && value.split('.').all(part)
        && value.split('.').any(|part| part.bytes().filter(u8::is_ascii_uppercase).count() >= 3)
}

/// `sourceIpRegionName`: words of a dictionary, written as a field is.
fn is_camel(value: &str) -> bool {
    let bytes = value.as_bytes();
    let cuts = (1..bytes.len()).filter(|at| bytes[*at].is_ascii_uppercase());
    let ends: Vec<usize> = cuts.chain([bytes.len()]).collect();
    let mut start = 0;
    ends.len() >= 3
        && bytes[0].is_ascii_lowercase()
        && bytes.iter().all(u8::is_ascii_alphabetic)
        && ends.iter().all(|end| {
            let word = &value[start..*end];
            start = *end;
            matches!(word, "Ip" | "Id" | "Url" | "Uid" | "Os" | "Dns" | "Ssl" | "Tls" | "Http")
                || words::is_common(word) && !names::is_rather_a_name(word)
        })
}

/// A family of addresses, a part of a statement, a package, a digest: what a key for a name holds besides names.
pub(super) fn is_thing_with_a_name(value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    bytes.len() <= 4 && digits == bytes.len()
        || matches!(value, "IPv4" | "IPv6" | "ipv4" | "ipv6" | "inet" | "inet6" | "HTTP" | "HTTPS")
        // `Unknown column 'surname' in 'order clause'`, as MySQL names the parts of a statement.
        || matches!(value, "order clause" | "field list" | "where clause" | "on clause" | "having clause")
        || is_code(value)
        || is_time_zone(value)
        // `1:28423:1`, `HTTP:INVALID:MSNG-HTTP-VER`: of a rule.
        || value.contains(':') && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b":-_".contains(b))
        || is_dose(value)
        || value.strip_prefix("0x").is_some_and(|rest| is_hex(rest.as_bytes()))
        || is_package(value)
        || is_account_of_a_machine(value)
        || value.len() >= 4 && is_account_of_a_system(value)
        // A signature, a digest: base64 or hexadecimal.
        || bytes.len() >= 20
            && digits >= 3
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// `Africa/Lagos`, `America/Port_of_Spain`: as the tz database names zones.
pub(in crate::phi) fn is_time_zone(value: &str) -> bool {
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    value.split_once('/').is_some_and(|(area, place)| {
        AREAS.contains(&area)
            && place.starts_with(|c: char| c.is_ascii_uppercase())
            && place.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'/'))
    })
}

/// `PN.US.FIELDED`: words in capitals with points between, as no initials are.
fn is_code(value: &str) -> bool {
    let word = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    value.split('.').count() >= 3 && value.split('.').all(word) && !value.split('.').any(names::is_listed)
}

/// `ET SCAN Suspicious Agent`, `Perimeter-Default-Deny`: what a filter of packets calls what it knows, and its rules.
fn is_of_a_filter(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KINDS: [&str; 30] = [
        "EXPLOIT", "SCAN", "DROP", "MALWARE", "POLICY", "INFO", "HUNTING", "TROJAN", "DNS", "STREAM", "TLS", "HTTP", "ICMP", "SNMP",
        "SQL", "RPC", "NETBIOS", "FTP", "SMTP", "DOS", "CINS", "COMPROMISED", "PHISHING", "ATTACK_RESPONSE", "USER_AGENTS", "WORM",
        "SHELLCODE", "P2P", "TOR", "VOIP",
    ];
    const ACTIONS: [&str; 8] = ["Deny", "Allow", "Permit", "Block", "Drop", "Reject", "Default", "All"];
    let mut words = value.split(' ');
    let known = matches!(words.next(), Some("ET" | "ETPRO" | "GPL" | "SURICATA"))
        && words.next().is_some_and(|kind| KINDS.contains(&kind) || kind.starts_with("WEB_"));
    // `Guest-Wifi-Allow`: what is done to whom, in words that nobody is called.
    let acts = value.rsplit_once('-').is_some_and(|(_, last)| ACTIONS.contains(&last))
        && value.split('-').all(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        && !value.split('-').any(is_name_alone)
        && value.split('-').filter(|word| names::is_distinctive(word) && !words::is_common(word)).count()
            <= 1;
    known || acts
}

/// A listed name that is no word.
fn is_name_alone(word: &str) -> bool {
    names::is_listed(word) && names::is_distinctive(word)
}

/// `SERVICE_UNAVAILABLE`: a constant, one of whose words machines say, and none of which people are called.
fn is_constant(value: &str) -> bool {
    let word = |word: &str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    value.contains('_')
        && value.split('_').all(word)
        && value.split('_').any(|word| word.len() >= 4 && words::is_common(word))
        && !value.split('_').any(|word| names::is_listed(word) && names::is_distinctive(word))
}

/// `Semaglutide 7 mg`: a drug and its strength.
fn is_dose(value: &str) -> bool {
    const UNITS: [&str; 8] = ["mg", "mcg", "g", "ml", "units", "IU", "%", "mL"];
    let mut words = value.rsplit(' ');
    let unit = words.next().is_some_and(|word| UNITS.contains(&word));
    unit && words.next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        && words.clone().count() == 1
        && !words.any(names::is_listed)
}

/// `APP-SRV01$`: a directory ends the accounts of machines in a dollar sign. A digit or a hyphen is asked for beside it.
fn is_account_of_a_machine(value: &str) -> bool {
    value.strip_suffix('$').is_some_and(|name| {
        (3..=15).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
            && name.bytes().any(|b| b.is_ascii_digit() || b == b'-')
            && !name.split('-').any(|part| part.len() > 3 && names::is_listed(part))
    })
}

/// `com.example.app`, `org.example.Keys/x`: a name in reverse order of domains.
pub(super) fn is_package(value: &str) -> bool {
    const ROOTS: [&str; 9] = ["com.", "org.", "net.", "io.", "edu.", "gov.", "java.", "javax.", "android."];
    let value = value.trim_matches('"');
    ROOTS.iter().any(|root| value.starts_with(root))
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b'$'))
}

/// `root`, `www-data`: an account that every machine of its kind has is nobody's.
pub(super) fn is_account_of_a_system(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const ACCOUNTS: [&str; 47] = [
        "root", "admin", "administrator", "system", "nobody", "anonymous", "guest", "daemon", "postgres", "mysql", "redis",
        "mongodb", "www-data", "nginx", "apache", "tomcat", "jenkins", "ubuntu", "ec2-user", "azureuser", "git", "sa", "cron",
        "nonroot", "monitoring", "healthcheck", "prometheus", "grafana", "airflow", "keycloak", "replicator", "replication",
        "readonly", "backup", "exporter", "elastic", "kibana", "rabbitmq", "oracle", "webapp", "scheduler", "worker",
        "zookeeper", "kafka", "hdfs", "hadoop", "yarn",
    ];
    // `streaming_replica`, `billing-svc`: what the account is for.
    const PURPOSES: [&str; 18] = [
        "replica",
        "replication",
        "svc",
        "service",
        "exporter",
        "monitor",
        "monitoring",
        "bot",
        "agent",
        "app",
        "api",
        "etl",
        "reader",
        "writer",
        "migrator",
        "deploy",
        "backup",
        "readonly",
    ];
    let mut parts = value.split(['_', '-']);
    ACCOUNTS.iter().any(|account| value.eq_ignore_ascii_case(account))
        || value.contains(['_', '-'])
            && parts.clone().any(|part| PURPOSES.contains(&part))
            && !parts.any(names::is_listed)
}
