//! The names of FHIR R4 search parameters, and those the simplified routes add, with what they hold.
//!
//! Owns one sorted table. Names that mean different things on different types have a kind of their own, which
//! `params` resolves by type. Source: HL7 FHIR R4 (4.0.1) search parameter registry, and the ClinikAPI contract.

use std::sync::LazyLock;

use crate::phi::class::Class;

/// What a parameter of this name holds, before the type is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Always of a person.
    PersonName,
    /// Of a person or of a thing, by type.
    Name,
    Telecom(Class),
    Address,
    Birth,
    Identifier,
    Phi(Class),
    /// A device's, of which the product may be known.
    Udi,
    /// A document's says what is treated, a catalogue entry's does not.
    Title,
    /// A DICOM UID on imaging studies, a plain code elsewhere.
    Uid,
    /// `_id`: of whatever is searched.
    Id,
    /// A reference to a person.
    Person,
    Reference,
    Window,
    Code,
    Label,
    Fields,
    Opaque,
    Near,
    Filter,
    Free,
}

/// The entry of exactly this name, else of this name in other letter case.
pub(super) fn lookup(name: &str) -> Option<(&'static str, Kind)> {
    let peers = of_length(name.len());
    if let Ok(at) = peers.binary_search_by(|(known, _)| known.as_bytes().cmp(name.as_bytes())) {
        return Some(peers[at]);
    }
    // Only names with capitals can differ by case alone; servers differ in how they read them.
    name.bytes()
        .any(|byte| byte.is_ascii_uppercase())
        .then(|| REGISTRY.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).copied())?
}

/// The entries of one length.
fn of_length(length: usize) -> &'static [(&'static str, Kind)] {
    const LENGTHS: usize = 64;
    static STARTS: LazyLock<[usize; LENGTHS + 1]> = LazyLock::new(|| {
        std::array::from_fn(|length| REGISTRY.partition_point(|(known, _)| known.len() < length))
    });
    match STARTS.get(length..length + 2) {
        Some(&[from, to]) => &REGISTRY[from..to],
        _ => &[],
    }
}

#[cfg(test)]
const fn order(name: &str) -> (usize, &str) {
    (name.len(), name)
}

/// Sorted by length, then by bytes: the search by halves seldom has to compare bytes.
#[rustfmt::skip] // Rows of names, not one a line.
static REGISTRY: &[(&str, Kind)] = &[
    ("_", Kind::Fields), ("_at", Kind::Window), ("_id", Kind::Id), ("_in", Kind::Fields),
    ("end", Kind::Window), ("url", Kind::Code), ("use", Kind::Code), ("_has", Kind::Fields),
    ("_tag", Kind::Code), ("code", Kind::Code), ("data", Kind::Reference), ("date", Kind::Window),
    ("form", Kind::Code), ("goal", Kind::Reference), ("hash", Kind::Code), ("item", Kind::Reference),
    ("kind", Kind::Code), ("link", Kind::Person), ("mode", Kind::Code), ("name", Kind::Name),
    ("near", Kind::Near), ("note", Kind::Free), ("page", Kind::Fields), ("risk", Kind::Code),
    ("role", Kind::Code), ("sent", Kind::Window), ("site", Kind::Reference), ("slot", Kind::Reference),
    ("sort", Kind::Fields), ("type", Kind::Code), ("when", Kind::Window), ("_list", Kind::Reference),
    ("_page", Kind::Fields), ("_skip", Kind::Fields), ("_sort", Kind::Fields), ("_text", Kind::Free),
    ("_type", Kind::Fields), ("actor", Kind::Person), ("agent", Kind::Person),
    ("altid", Kind::Phi(Class::OtherId)), ("cause", Kind::Code), ("claim", Kind::Reference),
    ("class", Kind::Code), ("count", Kind::Code), ("email", Kind::Telecom(Class::Email)),
    ("empty", Kind::Code), ("entry", Kind::Reference), ("event", Kind::Code), ("focus", Kind::Reference),
    ("given", Kind::PersonName), ("group", Kind::Reference), ("jobId", Kind::Reference),
    ("limit", Kind::Fields), ("media", Kind::Reference), ("model", Kind::Code), ("onset", Kind::Window),
    ("owner", Kind::Person), ("payee", Kind::Person), ("payor", Kind::Reference),
    ("phone", Kind::Telecom(Class::Phone)), ("route", Kind::Code), ("scope", Kind::Code),
    ("since", Kind::Window), ("stage", Kind::Code), ("start", Kind::Window), ("study", Kind::Reference),
    ("title", Kind::Title), ("topic", Kind::Code), ("total", Kind::Fields), ("usage", Kind::Code),
    ("_after", Kind::Opaque), ("_count", Kind::Fields), ("_graph", Kind::Fields), ("_query", Kind::Fields),
    ("_score", Kind::Fields), ("_since", Kind::Window), ("_token", Kind::Opaque), ("_total", Kind::Fields),
    ("action", Kind::Code), ("active", Kind::Code), ("author", Kind::Person), ("cursor", Kind::Opaque),
    ("dateTo", Kind::Window), ("device", Kind::Reference), ("dosage", Kind::Code), ("effect", Kind::Code),
    ("entity", Kind::Reference), ("family", Kind::PersonName), ("format", Kind::Code), ("gender", Kind::Code),
    ("intent", Kind::Code), ("issued", Kind::Window), ("member", Kind::Reference), ("method", Kind::Code),
    ("offset", Kind::Fields), ("origin", Kind::Reference), ("parent", Kind::Reference),
    ("partof", Kind::Reference), ("period", Kind::Window), ("policy", Kind::Code), ("reason", Kind::Code),
    ("result", Kind::Reference), ("sender", Kind::Person), ("series", Kind::Uid), ("source", Kind::Person),
    ("status", Kind::Code), ("supply", Kind::Code), ("system", Kind::Code), ("target", Kind::Reference),
    ("timing", Kind::Window), ("udi-di", Kind::Code), ("_cursor", Kind::Opaque), ("_filter", Kind::Filter),
    ("_format", Kind::Fields), ("_offset", Kind::Fields), ("_pretty", Kind::Fields), ("_source", Kind::Code),
    ("account", Kind::Reference), ("actorId", Kind::Person), ("address", Kind::Address),
    ("basedon", Kind::Reference), ("claimId", Kind::Reference), ("comment", Kind::Free),
    ("concept", Kind::Code), ("context", Kind::Reference), ("created", Kind::Window),
    ("display", Kind::Label), ("enterer", Kind::Person), ("include", Kind::Fields),
    ("insurer", Kind::Reference), ("measure", Kind::Reference), ("network", Kind::Label),
    ("outcome", Kind::Code), ("ownerId", Kind::Person), ("part-of", Kind::Reference),
    ("patient", Kind::Person), ("payorId", Kind::Reference), ("problem", Kind::Reference),
    ("program", Kind::Code), ("purpose", Kind::Code), ("relates", Kind::Reference),
    ("request", Kind::Reference), ("service", Kind::Reference), ("setting", Kind::Code),
    ("sponsor", Kind::Reference), ("started", Kind::Window), ("subject", Kind::Person),
    ("subtype", Kind::Code), ("summary", Kind::Fields), ("support", Kind::Reference),
    ("telecom", Kind::Telecom(Class::Phone)), ("version", Kind::Code), ("_cascade", Kind::Fields),
    ("_content", Kind::Free), ("_explain", Kind::Fields), ("_expunge", Kind::Fields),
    ("_graphql", Kind::Fields), ("_include", Kind::Fields), ("_profile", Kind::Code),
    ("_summary", Kind::Fields), ("asserter", Kind::Person), ("attender", Kind::Person),
    ("attester", Kind::Person), ("authorId", Kind::Person), ("authored", Kind::Window),
    ("based-on", Kind::Reference), ("bodysite", Kind::Code), ("category", Kind::Code),
    ("coverage", Kind::Reference), ("dateFrom", Kind::Window), ("deceased", Kind::Code),
    ("detected", Kind::Code), ("deviceId", Kind::Reference), ("doseForm", Kind::Code),
    ("endpoint", Kind::Reference), ("evidence", Kind::Code), ("facility", Kind::Reference),
    ("fulfills", Kind::Code), ("instance", Kind::Uid), ("issuerId", Kind::Reference),
    ("item-udi", Kind::Reference), ("language", Kind::Code), ("location", Kind::Reference),
    ("modality", Kind::Code), ("modified", Kind::Window), ("npi-type", Kind::Code),
    ("pageSize", Kind::Fields), ("per_page", Kind::Fields), ("phonetic", Kind::PersonName),
    ("position", Kind::Code), ("priority", Kind::Code), ("provider", Kind::Person),
    ("received", Kind::Window), ("receiver", Kind::Person), ("recorded", Kind::Window),
    ("recorder", Kind::Person), ("relation", Kind::Code), ("replaces", Kind::Reference),
    ("reporter", Kind::Person), ("response", Kind::Reference), ("schedule", Kind::Reference),
    ("sequence", Kind::Reference), ("severity", Kind::Code), ("specimen", Kind::Reference),
    ("_elements", Kind::Fields), ("_getpages", Kind::Opaque), ("_security", Kind::Code),
    ("abatement", Kind::Window), ("accession", Kind::Phi(Class::OtherId)), ("actuality", Kind::Code),
    ("birthdate", Kind::Birth), ("body-site", Kind::Code), ("candidate", Kind::Person),
    ("care-team", Kind::Reference), ("collected", Kind::Window), ("collector", Kind::Person),
    ("condition", Kind::Reference), ("custodian", Kind::Reference),
    ("dependent", Kind::Phi(Class::HealthPlan)), ("diagnosis", Kind::Reference), ("dose-form", Kind::Code),
    ("effective", Kind::Window), ("encounter", Kind::Reference), ("insurerId", Kind::Reference),
    ("last-date", Kind::Window), ("measureId", Kind::Reference), ("next-date", Kind::Window),
    ("onset-age", Kind::Code), ("operation", Kind::Reference), ("page_size", Kind::Fields),
    ("patientId", Kind::Person), ("performer", Kind::Person), ("publisher", Kind::Label),
    ("recipient", Kind::Person), ("relatesto", Kind::Reference), ("requestId", Kind::Reference),
    ("requester", Kind::Person), ("requestor", Kind::Person), ("specialty", Kind::Code),
    ("substance", Kind::Code), ("successor", Kind::Reference), ("test-date", Kind::Window),
    ("timestamp", Kind::Window), ("_contained", Kind::Fields), ("agent-name", Kind::PersonName),
    ("agent-role", Kind::Code), ("authoredon", Kind::Window), ("chromosome", Kind::Code),
    ("class-type", Kind::Code), ("combo-code", Kind::Code), ("coordinate", Kind::Code),
    ("death-date", Kind::Birth), ("definition", Kind::Reference), ("depends-on", Kind::Reference),
    ("detail-udi", Kind::Reference), ("event-date", Kind::Window), ("experience", Kind::Code),
    ("has-member", Kind::Reference), ("identified", Kind::Window), ("identifier", Kind::Identifier),
    ("individual", Kind::Person), ("ingredient", Kind::Reference), ("lot-number", Kind::Code),
    ("medication", Kind::Reference), ("occurrence", Kind::Window), ("onset-date", Kind::Window),
    ("onset-info", Kind::Free), ("providerId", Kind::Person), ("reasoncode", Kind::Code),
    ("referenced", Kind::Reference), ("related-id", Kind::Phi(Class::OtherId)),
    ("scheduleId", Kind::Reference), ("speciality", Kind::Code), ("start-date", Kind::Window),
    ("subscriber", Kind::Person), ("value-date", Kind::Window), ("window-end", Kind::Code),
    ("_bundletype", Kind::Fields), ("_maxresults", Kind::Fields), ("_page_token", Kind::Opaque),
    ("_revinclude", Kind::Fields), ("_typeFilter", Kind::Fields), ("address-use", Kind::Code),
    ("appointment", Kind::Reference), ("authored-on", Kind::Window), ("beneficiary", Kind::Person),
    ("candidateId", Kind::Person), ("class-value", Kind::Phi(Class::HealthPlan)),
    ("composed-of", Kind::Reference), ("conditionId", Kind::Reference), ("contenttype", Kind::Code),
    ("criticality", Kind::Code), ("description", Kind::Title), ("destination", Kind::Reference),
    ("device-name", Kind::Label), ("device-type", Kind::Code), ("dicom-class", Kind::Code),
    ("dose-status", Kind::Code), ("encounterId", Kind::Reference), ("entereddate", Kind::Window),
    ("entity-name", Kind::PersonName), ("entity-role", Kind::Code), ("entity-type", Kind::Code),
    ("finding-ref", Kind::Reference), ("format-code", Kind::Code), ("gene-symbol", Kind::Code),
    ("information", Kind::Reference), ("modelNumber", Kind::Code), ("part-status", Kind::Code),
    ("participant", Kind::Person), ("performerId", Kind::Person), ("predecessor", Kind::Reference),
    ("probability", Kind::Code), ("reason-code", Kind::Code), ("related-ref", Kind::Reference),
    ("report-date", Kind::Window), ("requesterId", Kind::Person), ("requisition", Kind::Phi(Class::OtherId)),
    ("result-code", Kind::Code), ("seriousness", Kind::Code), ("serviceType", Kind::Code),
    ("target-date", Kind::Window), ("udi-carrier", Kind::Udi), ("vaccineCode", Kind::Code),
    ("variant-end", Kind::Code), ("_lastUpdated", Kind::Window), ("address-city", Kind::Address),
    ("container-id", Kind::Phi(Class::OtherId)), ("context-type", Kind::Code),
    ("derived-from", Kind::Reference), ("entered-date", Kind::Window), ("jurisdiction", Kind::Code),
    ("manufacturer", Kind::Label), ("model-number", Kind::Code), ("organization", Kind::Reference),
    ("outcome-code", Kind::Code), ("payload-type", Kind::Code), ("payment-date", Kind::Window),
    ("payment-type", Kind::Code), ("planned-date", Kind::Window), ("practitioner", Kind::Person),
    ("pre-auth-ref", Kind::Phi(Class::OtherId)), ("prescriberId", Kind::Person),
    ("prescription", Kind::Reference), ("recordeddate", Kind::Window), ("relationship", Kind::Code),
    ("service-date", Kind::Window), ("service-type", Kind::Code), ("vaccine-code", Kind::Code),
    ("value-string", Kind::Free), ("whenprepared", Kind::Window), ("window-start", Kind::Code),
    ("_outputFormat", Kind::Fields), ("abatement-age", Kind::Code), ("action-reason", Kind::Code),
    ("activity-date", Kind::Window), ("address-state", Kind::Code), ("appointmentId", Kind::Reference),
    ("approval-date", Kind::Window), ("asserted-date", Kind::Window), ("authenticator", Kind::Person),
    ("authored-date", Kind::Window), ("coverage-area", Kind::Code), ("episodeofcare", Kind::Reference),
    ("evidence-code", Kind::Code), ("flag-category", Kind::Code), ("identified-by", Kind::Code),
    ("implicit-date", Kind::Window), ("investigation", Kind::Reference), ("manifestation", Kind::Reference),
    ("policy-holder", Kind::Person), ("procedure-udi", Kind::Reference), ("questionnaire", Kind::Reference),
    ("reaction-date", Kind::Window), ("recorded-date", Kind::Window), ("relatedperson", Kind::Person),
    ("resource-date", Kind::Window), ("securitylabel", Kind::Code),
    ("serial-number", Kind::Phi(Class::Device)), ("status-reason", Kind::Code),
    ("subdetail-udi", Kind::Reference), ("targetDisease", Kind::Code), ("validity-time", Kind::Window),
    ("value-concept", Kind::Code), ("variant-start", Kind::Code), ("_containedType", Kind::Fields),
    ("abatement-date", Kind::Window), ("assertion-date", Kind::Window), ("characteristic", Kind::Code),
    ("clinicalStatus", Kind::Code), ("completed-date", Kind::Window), ("component-code", Kind::Code),
    ("data-reference", Kind::Reference), ("effective-date", Kind::Window), ("execution-date", Kind::Window),
    ("interpretation", Kind::Code), ("performer-type", Kind::Code), ("practitionerId", Kind::Person),
    ("purpose-of-use", Kind::Code), ("security-label", Kind::Code), ("signature-type", Kind::Code),
    ("target-disease", Kind::Code), ("value-quantity", Kind::Code), ("whenhandedover", Kind::Window),
    ("_getpagesoffset", Kind::Fields), ("_security-label", Kind::Fields), ("address-country", Kind::Code),
    ("business-status", Kind::Code), ("clinical-status", Kind::Code), ("code-value-date", Kind::Window),
    ("confidentiality", Kind::Code), ("connection-type", Kind::Code), ("episode-of-care", Kind::Reference),
    ("evidence-detail", Kind::Reference), ("expiration-date", Kind::Window), ("ingredient-code", Kind::Code),
    ("lifecycleStatus", Kind::Code), ("plan-definition", Kind::Reference), ("revinclude-date", Kind::Window),
    ("service-program", Kind::Code), ("supporting-info", Kind::Reference), ("abatement-string", Kind::Free),
    ("appointment-type", Kind::Code), ("context-quantity", Kind::Code),
    ("group-identifier", Kind::Phi(Class::OtherId)), ("last-review-date", Kind::Window),
    ("lifecycle-status", Kind::Code), ("reason-reference", Kind::Reference),
    ("responsibleparty", Kind::Person), ("service-category", Kind::Code),
    ("service-provider", Kind::Reference), ("achievementStatus", Kind::Code),
    ("code-value-string", Kind::Free), ("healthcareservice", Kind::Reference),
    ("master-identifier", Kind::Phi(Class::OtherId)), ("participantStatus", Kind::Code),
    ("achievement-status", Kind::Code), ("activity-reference", Kind::Reference),
    ("address-postalcode", Kind::Address), ("code-value-concept", Kind::Code),
    ("combo-value-string", Kind::Free), ("data-absent-reason", Kind::Code),
    ("evaluated-resource", Kind::Reference), ("immunization-event", Kind::Reference),
    ("operational-status", Kind::Code), ("participant-status", Kind::Code),
    ("resultingcondition", Kind::Code), ("verificationStatus", Kind::Code),
    ("code-value-quantity", Kind::Code), ("combo-value-concept", Kind::Code),
    ("immunizationEventId", Kind::Reference), ("relationship-target", Kind::Reference),
    ("results-interpreter", Kind::Reference), ("substance-reference", Kind::Reference),
    ("verification-status", Kind::Code), ("combo-value-quantity", Kind::Code),
    ("general-practitioner", Kind::Person), ("medication-reference", Kind::Reference),
    ("primary-organization", Kind::Reference), ("managing-organization", Kind::Reference),
    ("principalinvestigator", Kind::Person), ("component-value-string", Kind::Free),
    ("instantiates-canonical", Kind::Reference), ("component-value-concept", Kind::Code),
    ("combo-code-value-concept", Kind::Code), ("combo-data-absent-reason", Kind::Code),
    ("component-value-quantity", Kind::Code), ("combo-code-value-quantity", Kind::Code),
    ("participating-organization", Kind::Reference), ("component-code-value-concept", Kind::Code),
    ("component-data-absent-reason", Kind::Code), ("component-code-value-quantity", Kind::Code),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted_and_found() {
        assert!(REGISTRY.is_sorted_by_key(|(name, _)| order(name)));
        for (name, kind) in REGISTRY {
            assert_eq!(lookup(name), Some((*name, *kind)));
        }
        assert_eq!(lookup("FAMILY"), Some(("family", Kind::PersonName)));
        assert_eq!(lookup("ssn"), None);
    }
}
