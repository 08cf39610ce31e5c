//! Addresses of servers: what a program says of the machines that it asks, sends to, or is itself.
//!
//! Owns the words for such machines, the names of hosts beside their address, and what asks whether a service is alive.
//! The shapes of addresses are those of `network`, which asks here last.

use std::net::{IpAddr, SocketAddr};

use crate::phi::{names, structure::words};

/// How far the words before an address count.
const REACH: usize = 128;
/// Ports from here on are those of callers.
const PORT_OF_CALLERS: u32 = 32768;

/// Do the words around an address say that it is that of a server? `after` is what follows it.
pub(super) fn is_of_a_server(before: &str, address: &str, after: &[u8]) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(REACH))..];
    let line = near.rsplit('\n').next().unwrap_or_default();
    let high = |port: &[u8]| {
        std::str::from_utf8(port)
            .is_ok_and(|port| port.parse().is_ok_and(|port: u32| port >= PORT_OF_CALLERS))
    };
    // ` "GET /`, ` - - [`: whoever asked.
    const ASKED: [&[u8]; 7] = [b" - ", b" \"", b" GET ", b" POST ", b" PUT ", b" DELETE ", b" PATCH "];
    // `dial tcp 192.0.2.41:60614: connect: connection refused`: Go calls there, whatever the port.
    if is_of_a_part(line, after) {
        return true;
    }
    let dialled = line.ends_with("dial tcp ") || line.ends_with("dial udp ");
    if ASKED.iter().any(|asked| after.starts_with(asked))
        || !dialled && super::port(after).is_some_and(|(port, _)| high(port))
        || is_of_a_person(line)
    {
        return false;
    }
    let lead = past_others(line);
    match host_before(lead) {
        Some((lead, host)) => is_server_called(lead, host, address) || is_of_cloud(host),
        None => lead.ends_with("://") || is_named(lead),
    }
}

/// `(192.0.2.133 executor 7)`, `clinic/app@192.0.2.18:41772`, `192.0.2.101:47120 - 18220 "AAAA IN `: a machine that computes, one
/// that asks a pooler for a database, one that asks the name server of a cluster.
fn is_of_a_part(line: &str, after: &[u8]) -> bool {
    const SYSTEMS: [&[u8]; 2] = [b" (External AS ", b" (Internal AS "];
    const PARTS: [&[u8]; 3] = [b" executor ", b" worker ", b" broker "];
    let numbered =
        |part: &&[u8]| after.starts_with(part) && after.get(part.len()).is_some_and(u8::is_ascii_digit);
    // `(192.0.2.133 executor 7)`
    let enclosed = || {
        let number =
            |part: &&[u8]| after[part.len()..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        line.ends_with('(')
            && PARTS
                .iter()
                .filter(|part| numbered(part))
                .any(|part| matches!(after.get(part.len() + number(part)), Some(b')' | b',')))
    };
    let word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let pooled = || {
        let mut last = line.rsplit(' ');
        let connection = last.next().and_then(|last| last.strip_suffix('@'));
        let told = last.next().is_some_and(|word| word.starts_with("C-0x") || word.starts_with("S-0x"));
        told && connection.and_then(|pair| pair.split_once('/')).is_some_and(|(database, user)| {
            word(database) && word(user) && !(names::is_distinctive(user) && names::is_listed(user))
        })
    };
    let asks = || {
        let near = String::from_utf8_lossy(&after[..after.len().min(64)]);
        near.starts_with(':')
            && near.contains(" - ")
            && near.contains(" IN ")
            && near.contains(".cluster.local.")
    };
    // `+switch-master mymaster 192.0.2.11 6379 192.0.2.12 6379`, as Sentinel says it.
    const SENTINEL: [&str; 6] = ["+switch-master ", "sdown ", "odown ", "slave ", "sentinel ", "reboot "];
    let stored = || {
        after.starts_with(b" 6379")
            && !after.get(5).is_some_and(u8::is_ascii_digit)
            && SENTINEL.iter().any(|word| line.contains(word))
    };
    // `between 192.0.2.1[gw-a.example.net]...`: this end of a tunnel, if a host is there.
    let tunnelled = || {
        let identity = after.strip_prefix(b"[").and_then(|rest| rest.split(|byte| *byte == b']').next());
        line.ends_with("between ")
            && identity.and_then(|identity| std::str::from_utf8(identity).ok()).is_some_and(|identity| {
                words::is_domain(identity)
                    && !identity.split(['.', '-']).any(|part| {
                        LINES_OF_CUSTOMERS.contains(&part)
                            || names::is_listed(part) && names::is_distinctive(part)
                    })
            })
    };
    SYSTEMS.iter().any(numbered) || enclosed() || pooled() || asks() || stored() || tunnelled()
}

/// `"GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.31"`: does what follows an address say that nobody but a program asked?
pub(in crate::phi) fn is_of_a_probe(after: &str) -> bool {
    const REACH: usize = 512;
    const PROBES: [&str; 19] = [
        "kube-probe/",
        "ELB-HealthChecker/",
        "GoogleHC/",
        "GoogleStackdriverMonitoring-UptimeChecks",
        "Google-Cloud-Scheduler",
        "Amazon-Route53-Health-Check-Service",
        "Prometheus/",
        "Blackbox Exporter/",
        "Blackbox-Exporter/",
        "Pingdom.com_bot",
        "Consul Health Check",
        "Envoy/HC",
        "Edge Health Probe",
        "Load Balancer Agent",
        "Datadog/",
        "Zabbix",
        "Uptime-Kuma/",
        "check_http/",
        "HAProxy/",
    ];
    const BOTS: [&str; 6] = [
        "UptimeRobot/",
        "StatusCake",
        "Site24x7",
        "Better Uptime Bot",
        "Azure Traffic Manager",
        "HetrixTools",
    ];
    let line =
        after[..after.floor_char_boundary(REACH.min(after.len()))].split('\n').next().unwrap_or_default();
    // An agent is what a client says that it is.
    if line.contains("atient") {
        return false;
    }
    let mut quoted = line.split('"').skip(1).step_by(2);
    // Request, referrer, agent.
    quoted.nth(2).is_some_and(|agent| {
        PROBES.iter().any(|probe| agent.starts_with(probe))
            || agent.starts_with("Mozilla/5.0") && BOTS.iter().any(|bot| agent.contains(bot))
            || BOTS.iter().any(|bot| agent.starts_with(bot))
    })
}

/// Words that speak of whoever is at the other end.
fn is_of_a_person(line: &str) -> bool {
    // How MySQL heads what it says of a slow query.
    if line.contains("User@Host: ") {
        return false;
    }
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORDS: [&str; 53] = [
        "accessed", "auth", "chart", "consent", "consult", "cors", "limit", "mrn", "opened", "ot", "portal", "pt", "pts", "results", "signed", "ssh",
        "viewed",
        "banned", "blocked", "browser", "caller", "candidate", "caregiver", "client", "clients", "doctor", "guest", "home", "homecare",
        "ice", "login", "logon", "member", "mobile", "mother", "nurse", "participant", "patient", "patients", "peer", "person",
        "phone", "rtc", "session", "signin", "sip", "stun", "subscriber", "tablet", "telehealth", "user", "video", "visitor",
    ];
    line.split(|c: char| !c.is_alphabetic())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// `192.0.2.40, `: the text before the addresses that a list begins with.
fn past_others(mut lead: &str) -> &str {
    for _ in 0..8 {
        let rest = lead.trim_end_matches(['"', '\'', ' ']);
        let Some(rest) = rest.strip_suffix([',', '|']).or_else(|| rest.strip_suffix(", not")) else { break };
        let rest = rest.trim_end_matches(['"', '\'']);
        let other = rest.rsplit([' ', ',', '[', '(', '"', '\'', '=', '|']).next().unwrap_or_default();
        if other.parse::<IpAddr>().is_err() && other.parse::<SocketAddr>().is_err() {
            break;
        }
        lead = &rest[..rest.len() - other.len()];
    }
    lead
}

/// `mx1.example.net[`, `"db.example.net" (`, `api.example.com -> `: the name of the host that has the address, and what stands before.
fn host_before(lead: &str) -> Option<(&str, &str)> {
    const JOINTS: [&str; 15] = [
        " (",
        "(",
        " [",
        "[",
        "\" (",
        ". [",
        ".[",
        "/",
        ")|",
        ")... ",
        " has address ",
        " resolved to ",
        " resolves to ",
        " -> ",
        " IN A ",
    ];
    let rest = JOINTS.iter().filter_map(|joint| lead.strip_suffix(joint)).min_by_key(|rest| rest.len())?;
    let rest = rest
        .trim_end_matches(|c: char| c.is_ascii_digit() && lead.ends_with(" IN A "))
        .trim_end_matches([' ', '.']);
    let rest =
        rest.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(rest, |(host, _)| host);
    let of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let len = rest.bytes().rev().take(REACH).take_while(of_host).count();
    let (lead, host) = rest.split_at(rest.len() - len);
    let (_, top) = host.rsplit_once('.')?;
    // What a household or an office calls its devices, unless it says that they serve.
    let own = matches!(top, "lan" | "local" | "corp")
        && !host
            .split(['.', '-', '_'])
            .any(|part| SERVICES.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit())));
    ((words::ends_as_host(host.as_bytes()) || TOPS.contains(&top)) && !own && !host.starts_with('.'))
        .then_some((lead, host))
}

/// How else the names of hosts end.
#[rustfmt::skip] // Rows of words, not one a line.
const TOPS: [&str; 33] = [
    "arpa", "at", "au", "be", "br", "ca", "ch", "co", "cz", "de", "dk", "es", "eu", "example", "fi", "fr", "gh", "health", "ie", "in",
    "int", "it", "ke", "mil", "ng", "nl", "no", "nz", "pl", "pt", "se", "uk", "us",
];

/// Is the host before an address one that serves? Where the address is that of whoever came, the name has to say so.
fn is_server_called(lead: &str, host: &str, address: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const CALLERS: [&str; 11] =
        ["from", "by", "for", "client", "rhost", "remote", "host=", "lost connection after", "helo=", "@", "/"];
    let came = lead.trim_end_matches([' ', '"', '\'', '=', '<']);
    let came = lead.ends_with(['@', '/']) || CALLERS.iter().any(|word| came.ends_with(word));
    let parts =
        || host.split(['.', '-', '_']).map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let octets = address.split(['.', ':']).filter(|part| !part.is_empty());
    let groups = || host.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.trim_start_matches('0'));
    let numbered = address.contains('.')
        && octets.clone().all(|octet| groups().any(|group| group == octet.trim_start_matches('0')));
    !numbered
        && !parts().any(|part| LINES_OF_CUSTOMERS.contains(&part))
        && (!came || parts().any(|part| SERVICES.contains(&part)))
}

/// `ip-192-0-2-11.ec2.internal`: a machine that is rented by the hour.
fn is_of_cloud(host: &str) -> bool {
    host.ends_with(".internal") || host.contains(".compute.")
}

/// Parts of the names that providers give to the lines of customers, and people to what they hold in the hand.
#[rustfmt::skip] // Rows of words, not one a line.
const LINES_OF_CUSTOMERS: [&str; 56] = [
    "adsl", "android", "bband", "broadband", "cable", "catv", "client", "cpe", "cust", "customer", "desktop", "dhcp", "dial",
    "dialup", "dsl", "dyn", "dynamic", "fiber", "fibre", "ftth", "gprs", "guest", "home", "host", "hsd", "imac", "ip", "ipad",
    "iphone", "kiosk", "laptop", "lte", "macbook", "mobile", "pc", "phone", "pool", "ppp", "pppoe", "res", "residential", "static",
    "subscriber", "tablet", "tel", "telecom", "unknown", "user", "users", "vdsl", "vpn", "wifi", "wireless", "wks", "workstation",
    "xdsl",
];

/// Parts of the names of hosts that serve.
#[rustfmt::skip] // Rows of words, not one a line.
const SERVICES: [&str; 60] = [
    "ad", "api", "app", "backup", "bastion", "bounce", "broker", "build", "cache", "ci", "db", "dc", "dns", "edge", "egress", "fhir",
    "ftp", "gateway", "gw", "hl", "inbound", "ingress", "jump", "kafka", "lb", "ldap", "mail", "mailer", "mailgw", "mailout",
    "mllp", "monitor", "mta", "mx", "node", "ns", "ntp", "out", "outbound", "pacs", "postfix", "probe", "proxy", "queue", "redis",
    "registry", "relay", "resolver", "runner", "sftp", "smtp", "smtpout", "srv", "sso", "server", "web", "worker", "www", "zabbix",
    "scheduler",
];

/// `MOVED 3999 `, `ASK 3999 `
fn near_slot(clause: &str) -> bool {
    let slot = clause.trim_end_matches(' ').trim_end_matches(|c: char| c.is_ascii_digit());
    slot.len() + 1 < clause.len() && (slot.ends_with("MOVED ") || slot.ends_with("ASK "))
}

/// `broker at `, `dial tcp `, `default via `: do the last words before an address name a machine that serves?
fn is_named(lead: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const MACHINES: [&str; 63] = [
        "advertise", "advertised", "advertising", "alb", "apiserver", "backend", "backends", "balancer", "broker", "brokers", "clusterip", "coordinator", "database", "destination",
        "dial", "dialing", "dialling", "dns", "dst", "dest", "edge", "egress", "eip", "elb", "endpoint", "engine", "forwarder", "forwarders", "gateway",
        "gw", "hop", "host", "hypervisor", "lb", "leader", "loadbalancer", "master", "mirror", "mx", "nameserver", "nameservers",
        "neighbor", "neighbour", "nexthop", "next-hop", "nlb", "node", "nodes", "pacs", "pod", "primary", "proxy", "relay",
        "replica", "resolver", "seed", "seeds", "server", "servers", "standby", "target", "upstream", "vip",
    ];
    const ERRORS: [&str; 5] = ["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const GOES_TO: [&str; 15] = [
        "associat", "bind", "bound", "connect", "dial", "failing", "failover", "fallback", "forward", "proxied", "proxying", "reconnect",
        "replicat", "resolv", "rsync",
    ];
    const IS_ON: [&str; 6] = ["bind", "bound", "listen", "lookup", "running", "serving"];
    let clause = lead.rsplit([',', ';', '?', '!']).next().unwrap_or_default();
    let words = clause
        .rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .filter(|word| !word.is_empty());
    let mut words =
        words.skip_while(|word| matches!(*word, "at" | "IP" | "ip" | "address" | "addr" | "tcp" | "udp"));
    let Some(last) = words.next() else { return false };
    let behind = &clause[clause.rfind(last).map_or(0, |at| at + last.len())..];
    let is = |word: &str, known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    let begins = |word: &str, known: &[&str]| {
        known.iter().any(|stem| word.get(..stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem)))
    };
    // `MOVED 3999 192.0.2.44:6381`: which server of Redis has it.
    if near_slot(clause)
        || ERRORS.contains(&last)
        || last == "refused" && words.clone().next().is_some_and(|word| is(word, &["connection"]))
    {
        return true;
    }
    // `gateway: 203.0.113.7 refused`: the program that says it.
    if behind.contains(": ") || behind.contains(']') {
        return false;
    }
    let mut near = words.clone().take(3);
    match last {
        "to" => near.any(|word| begins(word, &GOES_TO)),
        "on" => near.any(|word| begins(word, &IS_ON)),
        "for" => near.any(|word| is(word, &["certificate", "cert"])),
        "Trying" => true,
        "via" => lead.contains("resolved ") || near.any(|word| begins(word, &["default", "rout"])),
        _ if is(last, &MACHINES) => true,
        // `broker 3 at`, `replica pg-2 (`, `server "db" (`.
        _ => {
            let one = last.bytes().any(|byte| byte.is_ascii_digit())
                || last.contains('-')
                || behind.starts_with('"');
            // `EventMemberJoin: consul-server-2 192.0.2.32`
            let serves =
                behind == " " && near.clone().next().is_some_and(|word| word.starts_with("EventMember"));
            serves
                || one
                    && last.parse::<IpAddr>().is_err()
                    && near.next().is_some_and(|word| is(word, &MACHINES) || word == "at")
        }
    }
}
