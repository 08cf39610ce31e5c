//! Private addresses (RFC 1918, RFC 4193): inside one network they tell machines apart, and outside nobody.
//!
//! Owns when one stays: nothing else in the text goes, and no word of it speaks of a person or of where persons are.

use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::names;
use crate::phi::structure::{Edit, span_of};

/// How much of a text is looked over for such words.
const REACH_BYTES: usize = 16 * 1024;

/// Takes out the edits of private addresses if they are all there is.
pub(in crate::phi) fn spare(text: &str, edits: &mut Vec<Edit>) {
    let private = |edit: &Edit| {
        matches!(edit.class, Class::Ip | Class::ApiKey) && text.get(edit.span.clone()).is_some_and(is_private)
    };
    if edits.is_empty() || !edits.iter().all(private) || speaks_of_somebody(text) {
        return;
    }
    edits.clear();
}

/// One address, or several in a row.
fn is_private(value: &str) -> bool {
    let address = |part: &str| match part.trim_matches(['[', ']']).parse() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback(),
        Ok(std::net::IpAddr::V6(ip)) => {
            ip.to_ipv4_mapped().map_or_else(|| ip.is_unique_local() || ip.is_loopback(), |ip| ip.is_private())
        }
        Err(_) => false,
    };
    value.split([',', ' ']).filter(|part| !part.is_empty()).all(address)
}

fn speaks_of_somebody(text: &str) -> bool {
    let cut = text.len() > REACH_BYTES;
    let text = &text[..text.floor_char_boundary(REACH_BYTES.min(text.len()))];
    let mut runs = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| !run.is_empty());
    cut || runs.any(|run| {
        let at = span_of(text, run).start;
        // `/v1/fhir/Patient` is an element of a path, `user_agent` a header.
        let agent = text.get(at + run.len() + 1..at + run.len() + 6);
        let header =
            run.eq_ignore_ascii_case("user") && agent.is_some_and(|a| a.eq_ignore_ascii_case("agent"));
        let said = is_of_somebody(run) || parts(run).any(is_of_somebody) || is_logged_in(text, at, run);
        said && !header && !is_in_request_path(text, at)
    })
}

fn is_of_somebody(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<64> = List::new([
        "account", "actor", "beneficiary", "caller", "caregiver", "carer", "chart", "clinician", "daughter", "doctor", "dr", "employee",
        "enrollee", "father", "glass", "guardian", "guest", "home", "household", "husband", "kiosk", "laptop", "login", "logon", "member",
        "mother", "nurse", "paciente", "parent", "participant", "patiente", "patienten", "patientin", "patient", "patients", "paziente", "person", "phone",
        "physician", "practitioner", "pt", "resident", "router", "son", "spouse", "staff", "subject", "subscriber", "suser", "tablet",
        "telehealth", "uid", "user", "usr", "video", "visitor", "wife", "workstation", "insured", "inmate", "applicant", "claimant", "donor", "passenger",
    ]);
    WORDS.has(word.to_ascii_lowercase().as_bytes())
}

/// `patientIp`: the words of a run of letters that capitals part.
fn parts(run: &str) -> impl Iterator<Item = &str> {
    let bytes = run.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= bytes.len() {
            return None;
        }
        let inner = bytes[from + 1..].windows(1).zip(&bytes[from..]);
        let len =
            inner.take_while(|(next, byte)| !(next[0].is_ascii_uppercase() && byte.is_ascii_lowercase()));
        let end = from + 1 + len.count();
        let part = &run[from..end];
        from = end;
        Some(part)
    })
}

/// `accepted password for okafor from 10.4.7.22`
fn is_logged_in(text: &str, at: usize, run: &str) -> bool {
    text[..at].ends_with(" for ")
        && text[at + run.len()..].starts_with(" from ")
        && names::is_listed(run)
        && names::is_distinctive(run)
}

/// `"GET /v1/fhir/Patient`, `path=/Patient/4`, `https://api/Patient`: an element of what a request asks for.
fn is_in_request_path(text: &str, at: usize) -> bool {
    const REACH: usize = 160;
    const BEFORE: [&str; 14] = [
        "get ",
        "put ",
        "post ",
        "head ",
        "patch ",
        "delete ",
        "options ",
        "path=",
        "uri=",
        "url=",
        "target=",
        "request=",
        "route=",
        "endpoint=",
    ];
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let start = before.rfind([' ', '"', '\'', '=', '\t', '\n', '(']).map_or(0, |sign| sign + 1);
    let (lead, path) = before.split_at(start);
    if !path.ends_with('/') {
        return false;
    }
    let lead = lead.replace('"', "").to_ascii_lowercase();
    let lead = lead.trim_end_matches('\'');
    let keyed = lead.strip_suffix(": ").or(lead.strip_suffix(':')).map(|key| format!("{key}="));
    path.contains("://")
        || path.contains("/v1/")
        || BEFORE
            .iter()
            .any(|known| lead.ends_with(known) || keyed.as_ref().is_some_and(|key| key.ends_with(known)))
}
