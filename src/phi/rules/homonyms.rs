//! Cues with a second meaning: the plate of a laboratory, the serial number of a certificate.
//!
//! Owns what tells the second meaning. That a cue stands before a value is for `scan::context` and `keyed` to say.

use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::rules::keyed::is_name_of_machine;
use crate::phi::validate;

/// No name of a rule is longer.
const NAME_BYTES_MAX: usize = 120;

/// Does the cue `word`, by itself one of `class`, mean something at `at` that is nobody's?
pub(in crate::phi) fn means_another(class: Class, word: &str, text: &str, at: usize) -> bool {
    match class {
        Class::Device => is_of_certificate(text, at) || is_of_model(word, &text[at..]),
        Class::Name if is_without(text, at) => true,
        Class::Name => {
            let value = text[at..].trim_start_matches(['"', '\'', '\\']);
            let opens = &value[..value.floor_char_boundary(NAME_BYTES_MAX.min(value.len()))];
            let end = match value.len() < text[at..].len() {
                true => opens.find(['"', '\'', '\\']),
                false => opens.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))),
            };
            is_name_of_machine(class, word, &opens[..end.unwrap_or(opens.len())])
        }
        // `dma source addr 268435456`
        Class::Phone | Class::Fax => {
            word.ends_with("addr") && is_of_memory(text, at) || is_of_a_queue(text, at)
        }
        Class::Account => word == "billingid" && is_of_cloud(text, at),
        Class::Geo => (word == "zip" || word.ends_with(".zip")) && is_of_archive(text, at),
        Class::HealthPlan | Class::Mrn if is_number_of_payer(word, text, at) => true,
        // `num_dossier=12`: how many.
        Class::Mrn => word.starts_with("num") && is_small_number(&text[at..]),
        Class::Date => word == "effective" && is_of_a_list(text, at),
        // A codice fiscale has sixteen characters, that of a firm eleven digits; `CF 33.2875` is a conversion factor.
        Class::OtherId if word == "cf" => {
            text[at..]
                .bytes()
                .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
                .count()
                < 11
        }
        Class::Vehicle => is_any_plate(word) && is_of_lab(text, at),
        _ => false,
    }
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
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let between = before.rfind("zip").or_else(|| before.rfind("Zip")).or_else(|| before.rfind("ZIP"));
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

/// Does one of the words stand before `at`, in its line?
fn speaks_of(text: &str, at: usize, words: &[&str]) -> bool {
    const REACH: usize = 80;
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split(|c: char| !c.is_ascii_alphanumeric())
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
    static WORDS: List<12> = List::new([
        "job", "batch", "counter", "segment", "sequence", "seq", "offset", "queue", "ticket", "spool",
        "page", "pid",
    ]);
    let before = &text[text.ceil_char_boundary(at.saturating_sub(16))..at];
    let head = before.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let word = head.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    GAPS.contains(&&before[head.len()..]) && WORDS.has(word.as_bytes())
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
    const CERTIFICATES: [&[u8]; 9] = [
        b"certificate",
        b" cert ",
        b"certbot",
        b"x509",
        b" zone ",
        b" soa ",
        b"/in: loaded ",
        b"/in: sending notifies ",
        b"/in' from ",
    ];
    const DEVICES: [&[u8]; 16] = [
        b"pacemaker",
        b"device",
        b"pump",
        b"implant",
        b"udi",
        b"prosthesis",
        b"cpap",
        b"ventilator",
        b"defibrillator",
        b"hearing aid",
        b"glucometer",
        b"birth cert",
        b"death cert",
        b"medical cert",
        b"vaccination cert",
        b"time zone",
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
