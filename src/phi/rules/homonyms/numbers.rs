//! Numbers of queues, clusters, payers, programs and measurements.

use super::{Cue, digits};
use crate::phi::list::List;
use crate::phi::rules::keyed::is_well_known_sid;

pub(super) fn phone(cue: &Cue<'_>) -> bool {
    match cue.word {
        // `gen_server,call,[<0.1102.0>`: a process of Erlang.
        "call" => cue.follows(&["call stack ", "call stack depth ", "[<"]),
        word => word.ends_with("addr") && is_of_memory(cue) || is_of_a_queue(cue),
    }
}

pub(super) fn ssn(cue: &Cue<'_>) -> bool {
    cue.word == "social" && cue.text.as_bytes()[..cue.at].trim_ascii_end().ends_with(b"graph")
}

pub(super) fn mrn(cue: &Cue<'_>) -> bool {
    is_number_of_payer(cue)
        || match cue.word {
            // Services are called so too, and answer with a status.
            "prontuario" | "expediente" => digits(cue.value()) < 5,
            "chart" => cue.speaks_of(&["helm"]),
            word if word.ends_with("identifier") => is_of_a_thing(cue),
            // `chi=3.84 p=0.05`
            "chi" => is_fraction(cue.value()),
            // `num_dossier=12`: how many.
            word => word.starts_with("num") && is_small_number(cue.value()),
        }
}

pub(super) fn health_plan(cue: &Cue<'_>) -> bool {
    // Members of a cluster, groups of an operating system.
    is_number_of_payer(cue)
        || cue.word.starts_with("member") && is_of_a_cluster(cue)
        || cue.word.starts_with("group") && is_of_a_process(cue.value())
}

pub(super) fn account(cue: &Cue<'_>) -> bool {
    match cue.word {
        "billingid" => is_of_cloud(cue),
        "account" => cue.follows(&["aws account "]) && is_account_of_aws(cue.value()),
        // `num_cuenta=3`
        _ => {
            digits(cue.value()) <= 2
                && is_small_number(cue.value().split(' ').next().unwrap_or_default())
                && cue.near(24).to_ascii_lowercase().contains("num_")
        }
    }
}

pub(super) fn license(cue: &Cue<'_>) -> bool {
    // Programs that are paid for by the seat.
    const LICENSED: [&str; 5] = ["flexnet", "flexlm", "lmgrd", "jetbrains", "dongle"];
    match cue.word {
        "passport" => is_of_a_library(cue),
        word => {
            (word.starts_with("license") || word.starts_with("licence"))
                && (cue.speaks_of(&LICENSED) || is_of_seats(cue.value()))
        }
    }
}

pub(super) fn other_id(cue: &Cue<'_>) -> bool {
    let text = cue.value();
    match cue.word {
        // A codice fiscale has sixteen characters, that of a firm eleven digits; `CF 33.2875` is a conversion factor.
        "cf" => {
            let of_code = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
            text.bytes().take_while(of_code).count() < 11
        }
        // `pps-core-01 sendmail[195529]`: a part of the name of a host.
        "pps" => cue.near(64).contains("pps-"),
        // The numbers of Mexico's IMSS and of Brazil's SUS have 11 and 15 digits; a library and the nerves have the same names.
        "nss" => digits_of_group(text) < 11,
        "cns" => digits_of_group(text) < 15,
        // `taxonomy 207Q00000X`: what kind of provider (NUCC).
        word => word.starts_with("npi") && is_taxonomy(text.as_bytes()),
    }
}

/// Sessions that are only counted; a key has more digits or letters among them.
const COUNT_DIGITS_MAX: usize = 10;

pub(super) fn api_key(cue: &Cue<'_>) -> bool {
    // `sid:2843816; rev:1;`: a rule of Suricata. `SID (S-1-5-18)`: an account that every Windows has.
    let value = cue.value();
    // `sessionid=408903`: a firewall counts what passes it.
    let counted = || {
        let value = value.trim_start_matches('"');
        let count = digits(value);
        (1..=COUNT_DIGITS_MAX).contains(&count)
            && !value[count..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    cue.word.trim_end_matches("id").trim_end_matches(['_', ' ', '-']).ends_with("session") && counted()
        || cue.word == "sid"
            && (value[digits(value)..].starts_with("; rev:")
                || is_well_known_sid(value.split([' ', ')', '"']).next().unwrap_or_default()))
}

/// `The job identifier is 9748`, `NAS Identifier=`: is it what has the identifier?
fn is_of_a_thing(cue: &Cue<'_>) -> bool {
    let line = cue.line().to_ascii_lowercase();
    let head = line.rsplit_once("identifier").map_or("", |(head, _)| head.trim_end_matches([' ', '_', '-']));
    let word = head.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(word, "snapshot" | "nas" | "resource" | "correlation" | "request" | "transaction")
        || crate::phi::cues::is_thing(word) && !matches!(word, "plan" | "policy" | "insurer" | "payer")
}

/// `raft: member id 7120034455`: what a program that keeps a cluster together says of itself.
fn is_of_a_cluster(cue: &Cue<'_>) -> bool {
    const PROGRAMS: [&str; 5] =
        ["raft: member ", "etcd: member ", "consul: member ", "serf: member ", "gossip: member "];
    let line = cue.line();
    PROGRAMS.iter().any(|program| line.contains(program))
}

/// `group id 1001 gid 1001`
fn is_of_a_process(text: &str) -> bool {
    let behind = &text[digits(text)..];
    behind.starts_with(" gid") || behind.starts_with(", gid")
}

/// `gcp billing id 448821`: does what stands before speak of who runs programs for others?
fn is_of_cloud(cue: &Cue<'_>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORDS: [&str; 11] = [
        "aws", "gcp", "azure", "cloud", "project", "subscription", "tenant", "org", "service", "worker", "cluster",
    ];
    cue.speaks_of(&WORDS)
}

/// Twelve digits, and no more.
fn is_account_of_aws(text: &str) -> bool {
    digits(text) == 12 && !text.as_bytes().get(12).is_some_and(u8::is_ascii_alphanumeric)
}

/// `LIC-4471-2290 (Premium, 250 users) loaded`, `D44712906628 for module Rhapsody 7.3.0 has no free seats`: a program is licensed.
fn is_of_seats(text: &str) -> bool {
    const REACH: usize = 64;
    let near = &text[..text.floor_char_boundary(REACH.min(text.len()))];
    let behind = near.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    let bracket = behind.strip_prefix(" (").and_then(|inside| inside.split_once(')'));
    let counts = |part: &str| {
        let (number, unit) = part.split_at(digits(part));
        !number.is_empty() && matches!(unit, " users" | " seats" | " nodes" | " cores")
    };
    bracket.and_then(|(inside, _)| inside.split_once(", ")).is_some_and(|(_, part)| counts(part))
        || behind.starts_with(" for module ") && behind.contains(" seats")
}

/// `passport.js`, `passport-local`, `passport v0.7.0`: does a library for signing in write the line?
fn is_of_a_library(cue: &Cue<'_>) -> bool {
    const BEHIND: [&str; 9] =
        [".js", "-local", "-jwt", "-saml", "-oauth", "-http", ".auth", ".initialize", " v0."];
    let before = cue.line();
    before.rfind("passport").is_some_and(|found| {
        BEHIND.iter().any(|behind| before[found + "passport".len()..].starts_with(behind))
    })
}

/// `87726 UnitedHealthcare, 12502 Anthem Medicare`: the five digits a payer has at a clearinghouse, and what it is called. They
/// stand before the value, or behind the payer that is listed before them.
fn is_number_of_payer(cue: &Cue<'_>) -> bool {
    const NAMED: [&str; 5] = ["healthcare", "medicare", "medicaid", "insurance", "healthplan"];
    let Cue { word, text, at } = *cue;
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

/// Does what stands before speak of memory and what moves it, as `dma source addr 268435456` does?
fn is_of_memory(cue: &Cue<'_>) -> bool {
    const WORDS: [&str; 9] = ["dma", "iommu", "pci", "pcie", "mmio", "nvme", "memory", "ring", "buffer"];
    cue.speaks_of(&WORDS)
}

/// `fax job 19025550164`, `sms segment counter 12125550164`: what a queue numbers or counts.
fn is_of_a_queue(cue: &Cue<'_>) -> bool {
    const GAPS: [&str; 6] = [" ", " #", "=", "-", "_", ": "];
    static WORDS: List<8> =
        List::new(["job", "counter", "segment", "sequence", "seq", "offset", "spool", "pid"]);
    let before = cue.near(16);
    let head = before.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let word = head.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    GAPS.contains(&&before[head.len()..]) && WORDS.has(word.as_bytes())
}

/// `3.84`, `0.4481`: no number of anybody, which are whole.
fn is_fraction(text: &str) -> bool {
    let whole = digits(text);
    let part = text[whole..].strip_prefix('.').unwrap_or_default();
    let ends = part.as_bytes().get(digits(part)).is_none_or(|byte| b" ,;)]}".contains(byte));
    (1..=2).contains(&whole) && (1..=4).contains(&digits(part)) && ends
}

/// One digit or two, and nothing behind them.
fn is_small_number(text: &str) -> bool {
    let next = text.as_bytes().get(digits(text));
    (1..=2).contains(&digits(text))
        && !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-./ ".contains(byte))
}

/// How many digits begin the text, blanks and signs between them.
fn digits_of_group(text: &str) -> usize {
    const BYTES_MAX: usize = 24;
    let group =
        text.bytes().take(BYTES_MAX).take_while(|byte| byte.is_ascii_digit() || b" -.".contains(byte));
    group.filter(u8::is_ascii_digit).count()
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
