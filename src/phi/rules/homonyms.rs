//! Cues with a second meaning: the plate of a laboratory, the serial number of a certificate.
//!
//! Owns what tells the second meaning. That a cue stands before a value is for `scan::context` and `keyed` to say.

use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::rules::keyed::is_name_of_machine;
use crate::phi::structure::words;
use crate::phi::validate;

/// No name of a rule is longer.
const NAME_BYTES_MAX: usize = 120;

/// Does the cue `word`, by itself one of `class`, mean something at `at` that is nobody's?
pub(in crate::phi) fn means_another(class: Class, word: &str, text: &str, at: usize) -> bool {
    match class {
        // `IXSCAN { mrn: 1 }`: in what order an index of MongoDB keeps a field.
        _ if is_of_at_most(&text[at..], 1)
            && speaks_of(text, at, &["ixscan", "createindex", "keypattern", "indexname"]) =>
        {
            true
        }
        // `InterSystems IRIS 2024.1.2`
        Class::Biometric if word == "iris" => is_release(&text[at..]),
        // `Mfr=1, Product=2, SerialNumber=3`: where a name stands.
        Class::Device if word == "serialnumber" && is_of_at_most(&text[at..], 1) => true,
        Class::Device => {
            is_of_certificate(text, at)
                || is_of_model(word, &text[at..])
                || word == "sn"
                    && line_before(text, at).contains("]: Device: /dev/")
                    && speaks_of(text, at, &["smartd"])
                || word.starts_with("serial")
                    && is_of_a_disk_or_session(text, at)
                    && !speaks_of(text, at, &WORN)
        }
        Class::Name if is_without(text, at) => true,
        // `Workstation Name: ESV4-SQL2008N1`, `Parameter name: Observation.status`
        Class::Name if word.ends_with("name") && is_of_a_machine(line_before(text, at)) => true,
        Class::Name if is_path_of_resource(&text[at..]) => true,
        // `font family "Georgia" not found`
        Class::Name if word == "family" && ends_in_typeface(line_before(text, at)) => true,
        Class::Name => {
            let value = text[at..].trim_start_matches(['"', '\'', '\\']);
            let opens = &value[..value.floor_char_boundary(NAME_BYTES_MAX.min(value.len()))];
            let end = match value.len() < text[at..].len() {
                true => opens.find(['"', '\'', '\\']),
                false => opens.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))),
            };
            is_name_of_machine(class, word, &opens[..end.unwrap_or(opens.len())])
        }
        Class::Phone if word == "call" => ends_in(&text[..at], &["call stack ", "call stack depth "]),
        // `dma source addr 268435456`
        Class::Phone | Class::Fax => {
            word.ends_with("addr") && is_of_memory(text, at) || is_of_a_queue(text, at)
        }
        Class::Account => {
            word == "billingid" && is_of_cloud(text, at)
                // Its numbers have twelve digits, and are written in prose.
                || word == "account" && ends_in(&text[..at], &["aws account "]) && is_of_digits(&text[at..], 12)
        }
        Class::HealthPlan | Class::Mrn if is_number_of_payer(word, text, at) => true,
        // Members of a cluster, groups of an operating system.
        Class::HealthPlan => {
            word.starts_with("member") && is_of_a_cluster(text, at)
                || word.starts_with("group") && is_of_a_process(&text[at..])
        }
        Class::License => {
            word == "passport" && is_of_a_library(text, at)
                || (word.starts_with("license") || word.starts_with("licence"))
                    && (speaks_of(text, at, &LICENSED) || is_of_seats(&text[at..]))
        }
        // `rcar-vin e6ef0000.video`: where a kernel finds a camera.
        Class::Vehicle if word == "vin" => {
            is_of_at_most(&text[at..], 2) || speaks_of(text, at, &["rcar", "v4l2"])
        }
        Class::Geo if is_port(text, at) => true,
        Class::Geo if matches!(word, "lat" | "lon" | "lng" | "long") => {
            !has_fraction(&text[at..]) || speaks_of(text, at, &["anycast"]) && !speaks_of(text, at, &PERSONS)
        }
        Class::Geo => (word == "zip" || word.ends_with(".zip")) && is_of_archive(text, at),
        // `num_dossier=12`: how many.
        Class::Mrn if word.starts_with("num") => is_small_number(&text[at..]),
        // Services are called so too, and answer with a status.
        Class::Mrn if matches!(word, "prontuario" | "expediente") => {
            text[at..].bytes().take_while(u8::is_ascii_digit).count() < 5
        }
        Class::Mrn if word == "chart" => speaks_of(text, at, &["helm"]),
        // `chi=3.84 p=0.05`
        Class::Mrn if word == "chi" => is_fraction(&text[at..]),
        Class::Date if word == "effective" => is_of_a_list(text, at),
        // `Battery discharge 2026-11-03`, `appointment slots generated 2026-11-16`
        Class::Date if word.starts_with("discharge") => speaks_of(text, at, &["apcupsd", "upsd"]),
        Class::Date if word.starts_with("appointment") => {
            ends_in(&text[..at], &["appointment slots generated "])
        }
        // `Modify: 2026-11-03 … Birth: 2026-11-02`: of a file, as `stat` prints it.
        Class::Date if word == "birth" => {
            ends_in(&text[..at], &[" birth: "]) && line_before(text, at).contains("Modify: 20")
        }
        // A codice fiscale has sixteen characters, that of a firm eleven digits; `CF 33.2875` is a conversion factor.
        Class::OtherId if word == "cf" => {
            text[at..]
                .bytes()
                .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
                .count()
                < 11
        }
        // The numbers of Mexico's IMSS and of Brazil's SUS have 11 and 15 digits; a library and the nerves have the same names.
        Class::OtherId if matches!(word, "nss" | "cns") => {
            let number =
                text[at..].bytes().take(24).take_while(|byte| byte.is_ascii_digit() || b" -.".contains(byte));
            number.filter(u8::is_ascii_digit).count() < if word == "nss" { 11 } else { 15 }
        }
        // `taxonomy 207Q00000X`: what kind of provider (NUCC).
        Class::OtherId if word.starts_with("npi") => is_taxonomy(&text.as_bytes()[at..]),
        // `sid:2843816; rev:1;`: a rule of Suricata.
        Class::ApiKey if word == "sid" => {
            text[at..].trim_start_matches(|c: char| c.is_ascii_digit()).starts_with("; rev:")
        }
        Class::Ssn if word == "social" => text.as_bytes()[..at].trim_ascii_end().ends_with(b"graph"),
        Class::Vehicle => is_any_plate(word) && is_of_lab(text, at),
        _ => false,
    }
}

/// Who may stand somewhere.
const PERSONS: [&str; 9] = ["patient", "patients", "pt", "member", "client", "caller", "home", "user", "gps"];

/// `smartd: disk sdb serial WD-…`, `sid 402, serial# 51877`: what has serial numbers and is nobody's.
fn is_of_a_disk_or_session(text: &str, at: usize) -> bool {
    speaks_of(text, at, &["smartd", "sda", "sdb", "nvme"])
        || ends_in(&text[..at], &["serial# "]) && speaks_of(text, at, &["sid"])
        // `example.com/IN: transferred serial 2026021501`
        || ends_in(&text[..at], &["/in: transferred serial "])
}

/// What has a disk, and is somebody's.
#[rustfmt::skip] // Rows of words, not one a line.
const WORN: [&str; 16] = [
    "holter", "monitor", "pump", "cpap", "pacemaker", "implant", "device", "patient", "ventilator", "glucometer", "meter", "pen",
    "hearing", "cochlear", "cgm", "inhaler",
];

/// `raft: member id 7120034455`: what a program that keeps a cluster together says of itself.
fn is_of_a_cluster(text: &str, at: usize) -> bool {
    const PROGRAMS: [&str; 5] =
        ["raft: member ", "etcd: member ", "consul: member ", "serf: member ", "gossip: member "];
    let line = line_before(text, at);
    PROGRAMS.iter().any(|program| line.contains(program))
}

/// Programs that are paid for by the seat.
const LICENSED: [&str; 5] = ["flexnet", "flexlm", "lmgrd", "jetbrains", "dongle"];

/// `LIC-4471-2290 (Premium, 250 users) loaded`, `D44712906628 for module Rhapsody 7.3.0 has no free seats`: a program is licensed.
fn is_of_seats(text: &str) -> bool {
    const REACH: usize = 64;
    let near = &text[..text.floor_char_boundary(REACH.min(text.len()))];
    let behind = near.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    let bracket = behind.strip_prefix(" (").and_then(|inside| inside.split_once(')'));
    let counts = |part: &str| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < part.len() && matches!(rest, " users" | " seats" | " nodes" | " cores")
    };
    bracket.and_then(|(inside, _)| inside.split_once(", ")).is_some_and(|(_, part)| counts(part))
        || behind.starts_with(" for module ") && behind.contains(" seats")
}

/// `group id 1001 gid 1001`
fn is_of_a_process(text: &str) -> bool {
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.starts_with(" gid") || behind.starts_with(", gid")
}

/// `passport.js`, `passport-local`, `passport v0.7.0`: does a library for signing in write the line?
fn is_of_a_library(text: &str, at: usize) -> bool {
    const BEHIND: [&str; 9] =
        [".js", "-local", "-jwt", "-saml", "-oauth", "-http", ".auth", ".initialize", " v0."];
    let before = line_before(text, at);
    before.rfind("passport").is_some_and(|found| {
        BEHIND.iter().any(|behind| before[found + "passport".len()..].starts_with(behind))
    })
}

/// `adresse=192.0.2.20:5432`: does the port of an address stand at `at`?
fn is_port(text: &str, at: usize) -> bool {
    const IPV4_BYTES_MAX: usize = 15;
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let near = &text.as_bytes()[at.saturating_sub(IPV4_BYTES_MAX + 1)..at];
    let Some(near) = near.strip_suffix(b":").filter(|_| (2..=5).contains(&digits)) else { return false };
    let host = near.rsplit(|byte| !(byte.is_ascii_digit() || *byte == b'.')).next().unwrap_or_default();
    std::str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `3.84`, `0.4481`: no number of anybody, which are whole.
fn is_fraction(text: &str) -> bool {
    let whole = text.bytes().take_while(u8::is_ascii_digit).count();
    let part = text[whole..].strip_prefix('.').unwrap_or_default();
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let ends = part.as_bytes().get(digits).is_none_or(|byte| b" ,;)]}".contains(byte));
    (1..=2).contains(&whole) && (1..=4).contains(&digits) && ends
}

/// Does a degree stand here, with a part of one? `lat=12 lon=4 ms`, `lng=en-US` are none.
fn has_fraction(text: &str) -> bool {
    const VALUE_BYTES_MAX: usize = 16;
    text.bytes()
        .take(VALUE_BYTES_MAX)
        .take_while(|byte| !byte.is_ascii_lowercase() && !matches!(byte, b'=' | b','))
        .filter(u8::is_ascii_digit)
        .count()
        > 2
}

/// Three digits, a letter or a digit, five of either, and an X.
fn is_taxonomy(text: &[u8]) -> bool {
    let code = text.get(..10).unwrap_or_default();
    code.len() == 10
        && code[..3].iter().all(u8::is_ascii_digit)
        && code[3].is_ascii_uppercase()
        && code[4..9].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && code[9] == b'X'
        && !text.get(10).is_some_and(u8::is_ascii_alphanumeric)
}

/// `gcp billing id 448821`: does what stands before `at` speak of who runs programs for others?
fn is_of_cloud(text: &str, at: usize) -> bool {
    const WORDS: [&str; 11] = [
        "aws",
        "gcp",
        "azure",
        "cloud",
        "project",
        "subscription",
        "tenant",
        "org",
        "service",
        "worker",
        "cluster",
    ];
    speaks_of(text, at, &WORDS)
}

/// `zip entry 94103 is corrupt`: does a word for what is packed stand between the cue and the number at `at`?
fn is_of_archive(text: &str, at: usize) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PACKED: [&str; 12] = [
        "entry", "file", "archive", "member", "stream", "header", "offset", "local", "central", "directory", "bomb", "bytes",
    ];
    const REACH: usize = 48;
    const ZIP_DIGITS: usize = 5;
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let between = before.rfind("zip").or_else(|| before.rfind("Zip")).or_else(|| before.rfind("ZIP"));
    // `zip: 2139 skipped`
    let counted = text[at..].trim_start_matches(|c: char| c.is_ascii_digit());
    let short = text[at..].len() - counted.len() < ZIP_DIGITS;
    if short && [" skipped", " extracted", " entries", " files"].iter().any(|done| counted.starts_with(done))
    {
        return true;
    }
    // `v0.31.0.zip: proxyconnect`: a file, and what is wrong with it.
    let file = before.strip_suffix(".zip: ").is_some_and(|stem| !stem.is_empty());
    if file && text[at..].starts_with(|c: char| c.is_ascii_lowercase()) {
        return true;
    }
    let between = between.map_or("", |zip| &before[zip + 3..]);
    // `ZIP on file` is what a bank knows of an address.
    between.trim_start().split(|c: char| !c.is_alphabetic()).next().is_some_and(|word| PACKED.contains(&word))
}

/// `Device.udiCarrier.deviceIdentifier 00871848523859`: which model a device is of, in fourteen digits. The serial number is
/// another part of its label.
pub(in crate::phi) fn is_of_model(word: &str, value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'', '\\']);
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let number = &value.as_bytes()[..digits];
    digits == 14
        && !value[digits..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '(' | '_'))
        && (word.ends_with("deviceidentifier")
            || word.ends_with("device_identifier")
            || matches!(word, "udi" | "udicarrier" | "deviceudi") && validate::gtin14(number))
}

/// `searched without name: refusing full scan`, `has no name: falling back`: what stands behind the colon is no name.
fn is_without(text: &str, at: usize) -> bool {
    const REACH: usize = 40;
    const KINDS: [&str; 9] = ["a", "the", "any", "patient", "last", "first", "family", "given", "full"];
    if !text[at..].starts_with(|c: char| c.is_ascii_lowercase()) {
        return false;
    }
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let Some(clause) = before.strip_suffix(": ") else { return false };
    let clause = clause.rsplit(['\n', ';', ':', '=', '"']).next().unwrap_or_default();
    let mut words = clause.rsplit(' ').skip(1).skip_while(|word| KINDS.contains(word));
    match words.next() {
        Some("without" | "lacks" | "lacking") => true,
        Some("no") => words.next().is_some_and(|has| matches!(has, "has" | "had" | "with" | "have")),
        _ => false,
    }
}

/// `87726 UnitedHealthcare, 12502 Anthem Medicare`: the five digits a payer has at a clearinghouse, and what it is called. They
/// stand before `at`, or behind the payer that is listed before them.
fn is_number_of_payer(word: &str, text: &str, at: usize) -> bool {
    const NAMED: [&str; 5] = ["healthcare", "medicare", "medicaid", "insurance", "healthplan"];
    let bytes = text.as_bytes();
    let before = bytes[..at].iter().rev().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    let behind = bytes[at..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    let (start, end) = (at - before, at + behind);
    let listed = before == 5 || behind == 5 && bytes[..at].ends_with(b", ");
    let glued = start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || b"-.".contains(&bytes[start - 1]));
    let named =
        text[end..].strip_prefix(' ').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
    listed && before + behind == 5 && !glued && named && NAMED.contains(&word)
}

/// What stands before `at` in its line, as far as a reader would look back.
pub(super) fn line_before(text: &str, at: usize) -> &str {
    const REACH: usize = 80;
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    crate::phi::work::add(before.len());
    before.rsplit('\n').next().unwrap_or_default()
}

/// `Workstation Name: `, `Service File Name:  `: is what follows called so, and nobody?
fn is_of_a_machine(before: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PARTS: List<17> = List::new([
        "algorithm", "computer", "domain", "driver", "file", "host", "image", "module", "object", "printer",
        "process", "queue", "server", "share", "target", "volume", "workstation",
    ]);
    let before = before.trim_end_matches([' ', ':', '=', '"', '\'', '\\']);
    let Some(head) = before.len().checked_sub("name".len()).filter(|_| ends_in(before, &["name"])) else {
        return false;
    };
    let parted = |c: char| !c.is_ascii_alphabetic();
    PARTS.has(before[..head].trim_end_matches(parted).rsplit(parted).next().unwrap_or_default().as_bytes())
}

/// `Observation.status`: an element of a resource.
fn is_path_of_resource(text: &str) -> bool {
    let value = text.trim_start_matches(['"', '\'', '`', '\\']);
    let len = value.bytes().take_while(u8::is_ascii_alphabetic).count();
    let element = value[len..].strip_prefix('.').unwrap_or_default();
    words::is_type_of_resource(&value[..len]) && element.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Is the family whose name follows one of typefaces?
pub(in crate::phi) fn ends_in_typeface(before: &str) -> bool {
    const THINGS: [&str; 2] = ["font family", "font-family"];
    ends_in(before.trim_end_matches([' ', ':', '=', '"', '\'', '\\']), &THINGS)
}

/// Does one of the words stand near before `at`, in its line?
fn speaks_of(text: &str, at: usize, words: &[&str]) -> bool {
    line_before(text, at)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| words.iter().any(|of| word.eq_ignore_ascii_case(of)))
}

/// Does what stands before `at` speak of memory and what moves it?
fn is_of_memory(text: &str, at: usize) -> bool {
    const WORDS: [&str; 9] = ["dma", "iommu", "pci", "pcie", "mmio", "nvme", "memory", "ring", "buffer"];
    speaks_of(text, at, &WORDS)
}

/// `fax job 19025550164`, `sms segment counter 12125550164`: what a queue numbers or counts.
fn is_of_a_queue(text: &str, at: usize) -> bool {
    const GAPS: [&str; 6] = [" ", " #", "=", "-", "_", ": "];
    static WORDS: List<8> =
        List::new(["job", "counter", "segment", "sequence", "seq", "offset", "spool", "pid"]);
    let before = &text[text.ceil_char_boundary(at.saturating_sub(16))..at];
    let head = before.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let word = head.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    GAPS.contains(&&before[head.len()..]) && WORDS.has(word.as_bytes())
}

/// `2024.1.2`
fn is_release(text: &str) -> bool {
    let parts = text.split(|c: char| !c.is_ascii_digit()).take_while(|part| !part.is_empty()).count();
    parts >= 3 && text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count() >= 5
}

/// Does a word of no more than so many letters and digits stand here?
fn is_of_at_most(text: &str, bytes: usize) -> bool {
    let word = text.bytes().take(bytes + 1).take_while(u8::is_ascii_alphanumeric).count();
    (1..=bytes).contains(&word)
}

/// So many digits, and no more.
fn is_of_digits(text: &str, digits: usize) -> bool {
    text.bytes().take(digits + 1).take_while(u8::is_ascii_alphanumeric).count() == digits
        && text.bytes().take(digits).all(|byte| byte.is_ascii_digit())
}

/// Does `text` end in one of these phrases of small letters, in any case?
fn ends_in(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        text.len()
            .checked_sub(phrase.len())
            .is_some_and(|at| text.as_bytes()[at..].eq_ignore_ascii_case(phrase.as_bytes()))
    })
}

/// One digit or two, and nothing behind them.
fn is_small_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let next = text.as_bytes().get(digits);
    (1..=2).contains(&digits)
        && !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-./ ".contains(byte))
}

/// `plate`, `assay_plate`: not what only a vehicle has, as `licensePlate`.
fn is_any_plate(word: &str) -> bool {
    const KINDS: [&str; 5] = ["assay", "micro", "well", "pcr", "sample"];
    word.strip_suffix("plate").is_some_and(|kind| {
        let kind = kind.trim_end_matches(['_', '-', '.']);
        kind.is_empty() || KINDS.iter().any(|known| kind.ends_with(known))
    })
}

/// `tls certificate renewed … serial=03:9a:4f:…`, `certbot: … key ECDSA P-256, serial 03a91f7b`: a serial number that names
/// no device, as that of a zone of the DNS (RFC 1035 section 3.3.13).
pub(in crate::phi) fn is_of_certificate(text: &str, at: usize) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const CERTIFICATES: [&[u8]; 14] = [
        b"certificate", b" cert ", b"certbot", b"x509", b"openssl", b"subject=cn", b" zone ", b" soa ", b"axfr", b"ixfr", b"/in: loaded ",
        b"/in: sending notifies ", b"/in' from ", b"/in': ",
    ];
    #[rustfmt::skip] // Rows of words, not one a line.
    const DEVICES: [&[u8]; 26] = [
        b"pacemaker", b"device", b"pump", b"implant", b"udi", b"prosthesis", b"cpap", b"ventilator", b"defibrillator", b"hearing aid",
        b"glucometer", b"birth cert", b"death cert", b"medical cert", b"vaccination cert", b"time zone", b" meter", b" pen ", b" cgm",
        b"holter", b"spirometer", b"oximeter", b"nebulizer", b"inhaler", b"concentrator", b"wheelchair",
    ];
    let before = &text.as_bytes()[at.saturating_sub(160)..at];
    let last = |word: &[u8], within: &[u8]| {
        within.windows(word.len()).rposition(|window| window.eq_ignore_ascii_case(word))
    };
    CERTIFICATES.iter().any(|word| last(word, before).is_some())
        && last(b"serial", before).is_some()
        && !DEVICES.iter().any(|word| last(word, before).is_some())
}

/// `fee schedule v3 effective 2026-12-01`: from when on a list of prices holds.
fn is_of_a_list(text: &str, at: usize) -> bool {
    const REACH: usize = 48;
    const LISTS: [&str; 6] =
        ["fee schedule", "price list", "rate table", "charge master", "chargemaster", "formulary"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const PERSONS: [&str; 13] = [
        "dob", "born", "birth", "birthdate", "patient", "patients", "member", "enrollee", "subscriber", "beneficiary", "pt", "policy",
        "insured",
    ];
    let before = text[text.ceil_char_boundary(at.saturating_sub(REACH))..at].to_ascii_lowercase();
    let Some(head) = before.trim_end().strip_suffix("effective") else { return false };
    let head = head.trim_end();
    // A version may stand between.
    let head = match head.rsplit_once(' ') {
        Some((list, version)) if version.bytes().any(|byte| byte.is_ascii_digit()) && version.len() <= 6 => {
            list
        }
        _ => head,
    };
    let clause = before.rsplit(['\n', ';', '"', '{']).next().unwrap_or_default();
    let of_somebody = clause.split(|c: char| !c.is_alphabetic()).any(|word| PERSONS.contains(&word));
    // No list of prices is that old.
    let past = ["19", "200"].iter().any(|years| text[at..].starts_with(years));
    LISTS.iter().any(|list| head.ends_with(list)) && !of_somebody && !past
}

/// `plate P-0412 (96 wells)`: does a plate near `at` hold samples, and is it no vehicle's?
fn is_of_lab(text: &str, at: usize) -> bool {
    const REACH: usize = 80;
    #[rustfmt::skip] // Rows of words, not one a line.
    static LAB: List<11> = List::new([
        "wells", "assay", "pcr", "elisa", "reagent", "incubator", "centrifuge", "microplate", "flowcell", "demux", "lims",
    ]);
    #[rustfmt::skip]
    static VEHICLES: List<13> = List::new([
        "car", "vehicle", "parking", "license", "licence", "tag", "registration", "reg", "truck", "van", "driver", "visitor", "ambulance",
    ]);
    let near = text.ceil_char_boundary(at.saturating_sub(REACH))
        ..text.floor_char_boundary((at + REACH).min(text.len()));
    let words = || text[near.clone()].split(|c: char| !c.is_alphabetic()).map(str::as_bytes);
    let counted = || text[near.clone()].contains("-well");
    (words().any(|word| LAB.has(word)) || counted()) && !words().any(|word| VEHICLES.has(word))
}
