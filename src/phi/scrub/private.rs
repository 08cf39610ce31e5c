//! Private addresses (RFC 1918, RFC 4193): inside one network they tell machines apart, and outside nobody.
//!
//! Owns when one stays: nothing else in the text goes, and no word of it speaks of a person or of where persons are.

use crate::phi::class::Class;
use crate::phi::structure::Edit;

/// How much of a text is looked over for such words.
const REACH_BYTES: usize = 16 * 1024;

/// Takes out the edits of private addresses if they are all there is.
pub(super) fn spare(text: &str, edits: &mut Vec<Edit>) {
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
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORDS: [&str; 47] = [
        "actor", "caller", "caregiver", "carer", "chart", "clinician", "doctor", "dr", "employee", "glass",
        "guardian", "guest", "home", "household", "kiosk", "laptop", "login", "logon", "member", "nurse", "participant",
        "patient", "patients", "person", "phone", "physician", "practitioner", "resident", "router", "staff", "subscriber",
        "suser", "tablet", "mother", "father", "parent", "spouse", "husband", "wife", "son", "daughter", "usr", "telehealth", "user", "video", "visitor", "workstation",
    ];
    let text = &text[..text.floor_char_boundary(REACH_BYTES.min(text.len()))];
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let said = words.any(|word| {
        // `word` is a part of `text`, so the distance of their beginnings is where it stands.
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        // `/v1/fhir/Patient` is an element of a path, `user_agent` a header.
        let path = text[..at].ends_with('/');
        let agent = text.get(at + word.len() + 1..at + word.len() + 6);
        let header =
            word.eq_ignore_ascii_case("user") && agent.is_some_and(|a| a.eq_ignore_ascii_case("agent"));
        !path && !header && WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
    });
    said || text.len() == REACH_BYTES
}
