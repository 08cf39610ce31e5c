//! Public names of code systems, namespaces and profiles: `http://loinc.org`, `urn:oid:2.16.840.1.113883.4.1`. They are the same in
//! everybody's requests; what stands behind one, as in `system|value`, is not.

use super::names;

/// `http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1`: a system, with its version or without, and nothing else.
pub(crate) fn is_canonical(value: &str) -> bool {
    may_be_uri(value) && without_system(value).is_empty() && !ends_in_name(value)
}

/// `https://x.example.org/StructureDefinition/marisol-quintanar`
fn ends_in_name(value: &str) -> bool {
    let system = value.split('|').next().unwrap_or(value);
    system.rsplit('/').next().is_some_and(names::is_name_like)
}

/// A number of somebody in the name of a system: `urn:oid:2.16.840.1.113883.19.5.12345678`, `https://hl7.org/patient/44718290`.
fn is_numbered(value: &str) -> bool {
    const DIGITS_MIN: usize = 6;
    /// Of HL7, Epic, GE and the VSAC.
    const ARCS: [&str; 4] = ["113883", "114350", "113619", "113762"];
    /// No arc below one of a company is as long.
    const ARC_DIGITS_MAX: usize = 7;
    let long = |run: &str| run.len() >= DIGITS_MIN && run.bytes().all(|byte| byte.is_ascii_digit());
    if value.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("urn:oid:")) {
        let last = value.rsplit('.').next().unwrap_or("");
        return value[8..].split('.').any(|arc| arc.len() > ARC_DIGITS_MAX)
            || last.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN && !ARCS.contains(&last);
    }
    value.split(|c: char| !c.is_ascii_digit()).any(long)
}

/// A value without the system that it is a value of, as in `urn:oid:2.16.840.1.113883.4.1|219-09-1234`; nothing if it is only
/// the name of a system.
pub(crate) fn without_system(value: &str) -> &str {
    match value.split_once('|') {
        Some((system, version)) if is_system(system) && !system.contains("/sid/") && is_version(version) => {
            ""
        }
        Some((system, rest)) if is_system(system) => rest,
        None if is_system(value) => "",
        _ => value,
    }
}

/// The bytes of the system and the bar before the value that opens `text`: `urn:oid:2.16.840.1.113883.19.5|MC-0558213`,
/// `https://clinic.example.org/mrn|MC-0558213`.
pub(crate) fn width(text: &str) -> usize {
    const BYTES_MAX: usize = 160;
    const VERSION_BYTES_MAX: usize = 24;
    if !may_be_uri(text) {
        return 0;
    }
    let window = &text.as_bytes()[..text.len().min(BYTES_MAX)];
    let len = window
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && !b"|\"'`,;&()<>[]{}".contains(byte))
        .count();
    if window.get(len) != Some(&b'|') {
        return 0;
    }
    // No more than a version is looked at: a line can hold thousands of bars.
    let behind = &text[len + 1..text.floor_char_boundary(len + 1 + VERSION_BYTES_MAX)];
    let behind = behind.split([' ', '&', '"', '\'', ')', ',']).next().unwrap_or("");
    let barred = behind.starts_with(|c: char| c.is_ascii_graphic()) && !is_version(behind);
    if barred && (is_system(&text[..len]) || text[..len].contains("://")) { len + 1 } else { 0 }
}

/// Most values begin otherwise.
fn may_be_uri(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'u' | b'U' | b'h'))
}

/// `4.0.1`, `v1.0.0`, `5.3.0-ballot`. No number of anybody has as few digits between its points.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text =
        ["-ballot", "-draft", "-snapshot1"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    text.contains('.')
        && text
            .split('.')
            .all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The public name of a code system, a namespace or a profile: the same in everybody's requests.
pub(crate) fn is_system(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const HOSTS: [&str; 19] = [
        "hl7.org", "fhir.org", "snomed.info", "loinc.org", "unitsofmeasure.org", "w3.org", "nlm.nih.gov", "nucc.org",
        "ama-assn.org", "cms.gov", "cdc.gov", "nema.org", "ihe.net", "who.int", "nhs.uk", "smarthealthit.org",
        "xmlsoap.org", "oasis-open.org", "ietf.org",
    ];
    let value = value.trim();
    if !may_be_uri(value) || value.contains(char::is_whitespace) || is_numbered(value) {
        return false;
    }
    let urn = value.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
    if urn {
        // `urn:uuid:` names one document, and what is behind `urn:clinic:` is anybody's.
        return ["oid:", "ietf:", "iso:", "hl7-org:", "oasis:", "ihe:"]
            .iter()
            .any(|space| value[4..].get(..space.len()).is_some_and(|head| head.eq_ignore_ascii_case(space)));
    }
    let Some(rest) = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://")) else {
        return false;
    };
    // A part of a specification, whoever publishes it.
    const PARTS: [&str; 5] =
        ["/StructureDefinition/", "/ValueSet/", "/CodeSystem/", "/ConceptMap/", "/SearchParameter/"];
    if PARTS.iter().any(|part| rest.contains(part)) && !rest.contains(['?', '@']) {
        return true;
    }
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or("");
    // A query may hold what is looked up there.
    !rest.contains('?')
        && HOSTS
            .iter()
            .any(|known| host.strip_suffix(known).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_from_the_values_behind_them() {
        for (value, rest) in [
            ("urn:oid:2.16.840.1.113883.4.1|219-09-1234", "219-09-1234"),
            ("URN:OID:2.16.840.1.113883.19.5", ""),
            ("http://hl7.org/fhir/sid/us-mbi|1EG4TE5MK73", "1EG4TE5MK73"),
            ("https://terminology.hl7.org/CodeSystem/v2-0203|MR|77120-B", "MR|77120-B"),
            ("http://snomed.info/sct", ""),
            ("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", ""),
            (
                "urn:uuid:5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21",
                "urn:uuid:5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21",
            ),
            ("urn:clinic:quintanar-marisol", "urn:clinic:quintanar-marisol"),
            ("https://nothl7.org/quintanar", "https://nothl7.org/quintanar"),
            ("https://loinc.org/search?q=quintanar", "https://loinc.org/search?q=quintanar"),
            ("urn:oid:2.16 Marisol", "urn:oid:2.16 Marisol"),
            ("Marisol|Quintanar", "Marisol|Quintanar"),
            ("urn:oid:2.16.840.1.113883.19.5.12345678", "urn:oid:2.16.840.1.113883.19.5.12345678"),
            ("urn:iso:std:44718290", "urn:iso:std:44718290"),
            ("https://terminology.hl7.org/patient/44718290", "https://terminology.hl7.org/patient/44718290"),
            ("urn:oid:1.2.840.114350.1.13.0.1.7.5.737384.14|E3340", "E3340"),
            ("urn:oid:2.16.840.1.113883", ""),
        ] {
            assert_eq!(without_system(value), rest);
        }
        assert!(is_canonical("http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"));
        assert!(!is_canonical("https://x.example.org/StructureDefinition/marisol-quintanar"));
        assert_eq!(width("urn:oid:2.16.840.1|MC-0558213&family=X"), "urn:oid:2.16.840.1|".len());
        assert_eq!(width("https://clinic.example.org/mrn|MC-05 x"), "https://clinic.example.org/mrn|".len());
        for text in ["urn:oid:2.16.840.1", "urn:oid:2.16.840.1 | x", "Marisol|Quintanar", "urn:oid:1|"] {
            assert_eq!(width(text), 0, "{text}");
        }
    }
}
