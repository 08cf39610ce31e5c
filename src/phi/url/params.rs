//! FHIR R4 search: what a parameter name means, whatever is wrapped around it.
//!
//! Owns the reading of modifiers (`:exact`), chains (`subject:Patient.name`), reverse chains (`_has:…`) and brackets,
//! and the judgement of the leaf that remains. The leaf and the type it is a leaf of decide: `name` is a person's on
//! Patient and a label on Organization. Source: HL7 FHIR R4 (4.0.1), search parameter registry. Leaves that the
//! registry does not know are judged by the vocabulary of keys.

mod registry;

use super::{Expect, Of, Whose};
use crate::phi::class::Class;
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::list::List;
use registry::Kind;

/// A parameter name, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    pub expect: Expect,
    /// The leaf, without modifiers, chain and brackets.
    pub leaf: &'a str,
    /// The leaf in our own vocabulary, which may be printed.
    pub known: Option<&'static str>,
    /// A chain or `_has`.
    pub chained: bool,
}

/// Reads a decoded parameter name of a search on `fhir_type` (`None`: not known).
pub fn read<'a>(fhir_type: Option<&str>, name: &'a str) -> Reading<'a> {
    // By far the most names are plain.
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
        && !name.contains("__")
    {
        return leaf(fhir_type, name, None, false, name);
    }
    let whole = name;
    let (name, container) = strip_brackets(name.trim_matches([' ', '?']));
    let (mut rest, mut chained) = (name, false);
    // `patient[name]` is a patient's name whatever is searched.
    let mut of: Option<&str> = if container.is_some() { container.and_then(chain_type) } else { fhir_type };
    while let Some(after) = rest.strip_prefix("_has:") {
        // `_has:Type:reference:parameter`
        let mut parts = after.splitn(3, ':');
        let (Some(target), Some(_), Some(parameter)) = (parts.next(), parts.next(), parts.next()) else {
            break;
        };
        of = Some(target);
        rest = parameter;
        chained = true;
    }
    // `name__icontains`, `birthDate.gte`
    while let Some((before, last)) = rest.rsplit_once("__").or_else(|| rest.rsplit_once('.'))
        && is_operator(last)
    {
        rest = before;
    }
    if let Some((_, last)) = rest.rsplit_once("__") {
        of = None;
        rest = last;
    }
    if let Some((before, last)) = rest.rsplit_once('.') {
        chained = true;
        of = chain_type(before);
        rest = last;
    }
    let (base, modifier) = match rest.split_once(':') {
        Some((base, modifier)) => (base, Some(modifier)),
        None => (rest, None),
    };
    leaf(of, base, modifier, chained, whole)
}

/// `name[]`, `name[0]` and `filter[name]` mean `name`. Also what the brackets belong to.
fn strip_brackets(name: &str) -> (&str, Option<&str>) {
    let mut name = name;
    // Bounded by the name: every round makes it shorter.
    while let Some(open) = name.rfind('[') {
        let inside = name[open + 1..].split(']').next().unwrap_or("").trim_matches(['"', '\'', ' ']);
        if inside.is_empty() || inside.bytes().all(|byte| byte.is_ascii_digit()) || is_operator(inside) {
            name = &name[..open];
        } else {
            return (inside, Some(&name[..open]).filter(|container| chain_type(container).is_some()));
        }
    }
    (name, None)
}

/// Comparisons that query languages write behind a field.
fn is_operator(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KNOWN: &[&str] = &[
        "eq", "ne", "gt", "gte", "lt", "lte", "ge", "le", "in", "nin", "like", "ilike", "contains",
        "icontains", "exact", "iexact", "startswith", "istartswith", "endswith", "regex", "not", "from", "to",
        "start", "end", "min", "max", "before", "after", "equals", "match", "value", "range",
    ];
    let word = word.strip_prefix('$').unwrap_or(word);
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The type a chain leads to, from its last reference: explicit, or what such a reference can only mean.
fn chain_type(before: &str) -> Option<&str> {
    let last = before.rsplit('.').next().unwrap_or(before);
    if let Some((_, explicit)) = last.split_once(':')
        && explicit.starts_with(|c: char| c.is_ascii_uppercase())
    {
        return Some(explicit);
    }
    match last {
        "patient" | "subject" | "beneficiary" | "subscriber" | "individual" | "candidate" => Some("Patient"),
        "practitioner" | "general-practitioner" | "attender" => Some("Practitioner"),
        "organization"
        | "managing-organization"
        | "service-provider"
        | "insurer"
        | "custodian"
        | "sponsor"
        | "primary-organization"
        | "participating-organization"
        | "requestor-organization" => Some("Organization"),
        "location" | "facility" | "origin" | "destination" => Some("Location"),
        "service" | "healthcareservice" => Some("HealthcareService"),
        "medication" => Some("Medication"),
        "device" => Some("Device"),
        "coverage" => Some("Coverage"),
        "encounter" => Some("Encounter"),
        "questionnaire" | "measure" | "definition" | "instantiates-canonical" | "plan-definition" => {
            Some("Measure")
        }
        "endpoint" => Some("Endpoint"),
        "study" => Some("ResearchStudy"),
        _ => None,
    }
}

/// What a leaf that means nothing by itself is a part of.
fn within(whole: &str, base: &str) -> Expect {
    match key_class(whole) {
        KeyClass::Phi(class) => Expect::Phi(class, Whose::Person),
        _ => unknown(base),
    }
}

/// `whole` is the name with everything around the leaf.
fn leaf<'a>(
    of: Option<&str>,
    base: &'a str,
    modifier: Option<&str>,
    chained: bool,
    whole: &str,
) -> Reading<'a> {
    let entry = registry::lookup(base);
    let expect = match (entry, modifier) {
        (_, Some("missing")) => Expect::Flag,
        (Some((_, Kind::Reference | Kind::Person)), Some("identifier")) => Expect::Identifier(
            if is_patient_reference(base) { Class::Mrn } else { Class::OtherId },
            Whose::Person,
        ),
        (Some((_, kind)), modifier) => match (expect(kind, of), modifier) {
            // `code:text=`, `:of-type` on a code: words instead of codes.
            (Expect::Code, Some("text" | "contains")) => Expect::Free,
            (expect, _) => expect,
        },
        (None, Some("identifier")) => Expect::Identifier(Class::OtherId, Whose::Person),
        (None, _) => match unknown(base) {
            // `address.line`, `contact[0].value`: a part of something, which says what it is.
            Expect::Unknown(_) | Expect::Free if whole.len() > base.len() => within(whole, base),
            expect => expect,
        },
    };
    Reading { expect, leaf: base, known: entry.map(|(name, _)| name), chained }
}

fn is_patient_reference(base: &str) -> bool {
    matches!(base, "patient" | "subject" | "beneficiary" | "subscriber" | "individual" | "candidate")
}

/// A name outside the registry: what its words say.
fn unknown(base: &str) -> Expect {
    match base {
        "q" | "query" | "search" | "term" | "terms" | "keyword" | "keywords" | "text" | "filter" | "s"
        | "searchTerm" | "search_term" | "lookup" | "find" => return Expect::Free,
        "sort" | "order" | "orderBy" | "order_by" | "sortBy" | "sort_by" | "fields" | "include"
        | "expand" | "format" => {
            return Expect::Fields;
        }
        // Given and family name, or a function and a line.
        "fn" | "ln" => return Expect::Somebody,
        "geo" | "gps" | "latlon" | "coords" => return Expect::Phi(Class::Geo, Whose::Person),
        "age" | "patientAge" | "patient_age" => return Expect::Age,
        "cursor" | "after" | "before" | "pageToken" | "page_token" | "nextToken" => return Expect::Opaque,
        "since" | "until" | "from" | "to" | "dateFrom" | "dateTo" | "startDate" | "endDate"
        | "start_date" | "end_date" | "updatedSince" | "modifiedSince" => return Expect::Window,
        // Days of one person's care, unlike the bounds of a search.
        "admitted" | "admittedOn" | "admitted_on" | "discharged" | "dischargedOn" | "discharged_on"
        | "seen" | "seenOn" | "seen_on" | "visited" | "operated" | "surgery" | "admission" | "discharge"
        | "diedOn" | "bornOn" | "onsetDate" | "visit_day" | "visitDay" => return Expect::ServiceDate,
        _ => {}
    }
    match key_class(base) {
        KeyClass::Free => Expect::Free,
        KeyClass::Unknown if is_actor(base) => Expect::Somebody,
        KeyClass::Phi(class) => Expect::Phi(class, Whose::Person),
        class => Expect::Unknown(class),
    }
}

/// Keys that say who did or gets something: `orderedFor`, `assigned_to`, `signedBy`, `attending`.
fn is_actor(key: &str) -> bool {
    const ROLES: &[&str] = &[
        "actor",
        "attending",
        "attendee",
        "clinician",
        "doctor",
        "nurse",
        "physician",
        "reviewer",
        "assignee",
        "requestor",
        "orderer",
        "surgeon",
        "therapist",
        "caregiver",
        "carer",
        "signatory",
        "witness",
        "approver",
        "submitter",
        "escort",
        "referrer",
    ];
    if ROLES.iter().any(|role| role.eq_ignore_ascii_case(key)) {
        return true;
    }
    // `assignedTo` is somebody; `createdTo` bounds a window and `orderedBy` sorts.
    const TO: &[&str] = &[
        "assigned",
        "sent",
        "shared",
        "delegated",
        "escalated",
        "referred",
        "addressed",
        "allocated",
        "given",
    ];
    const NOBODY: &[&str] =
        &["grouped", "sorted", "filtered", "limited", "restricted", "related", "indexed", "partitioned"];
    let verb = |tails: [&str; 3]| tails.into_iter().find_map(|tail| key.strip_suffix(tail));
    if let Some(verb) = verb(["To", "_to", "-to"]) {
        return TO.contains(&verb);
    }
    let participle = |verb: &str| verb.len() >= 5 && verb.ends_with("ed") && !NOBODY.contains(&verb);
    if let Some(verb) = verb(["By", "_by", "-by"]) {
        return participle(verb) && verb != "ordered"
            || matches!(verb, "seen" | "written" | "taken" | "given");
    }
    verb(["For", "_for", "-for"]).or_else(|| verb(["With", "_with", "-with"])).is_some_and(participle)
}

fn expect(kind: Kind, of: Option<&str>) -> Expect {
    let person = |class| Expect::Phi(class, Whose::Person);
    match kind {
        Kind::PersonName => match of {
            Some("Practitioner" | "PractitionerRole") => Expect::Phi(Class::Name, Whose::Provider),
            _ => person(Class::Name),
        },
        Kind::Name => match of {
            None | Some("Patient" | "Person" | "RelatedPerson" | "Account") => person(Class::Name),
            Some("Practitioner" | "PractitionerRole") => Expect::Phi(Class::Name, Whose::Provider),
            Some(of) if is_named_thing(of) => Expect::Label,
            // The type has no such parameter: it is somebody's name that lost its way.
            Some(_) => person(Class::Name),
        },
        Kind::Telecom(class) => match of {
            Some(
                "Practitioner"
                | "PractitionerRole"
                | "Organization"
                | "OrganizationAffiliation"
                | "Location"
                | "HealthcareService",
            ) => Expect::Phi(class, Whose::Provider),
            _ => person(class),
        },
        Kind::Address => match of {
            Some("AuditEvent") => person(Class::Ip),
            Some("Practitioner" | "PractitionerRole" | "Organization" | "Location" | "InsurancePlan") => {
                Expect::Phi(Class::Geo, Whose::Provider)
            }
            _ => person(Class::Geo),
        },
        Kind::Birth => person(Class::Date),
        Kind::Identifier => identifier(of),
        Kind::Phi(class) => person(class),
        Kind::Udi => Expect::Udi,
        Kind::Title => match of {
            Some(of) if is_named_thing(of) => Expect::Label,
            // Of a record it says what was done, and often to whom.
            _ => Expect::Free,
        },
        Kind::Uid => match of {
            Some("ImagingStudy") => person(Class::OtherId),
            _ => Expect::Code,
        },
        Kind::Id => Expect::Reference(match of {
            Some("Patient" | "Person" | "RelatedPerson" | "Practitioner" | "PractitionerRole") => Of::Person,
            _ => Of::Thing,
        }),
        Kind::Person => Expect::Reference(Of::Person),
        Kind::Reference => Expect::Reference(Of::Thing),
        Kind::Window => Expect::Window,
        Kind::Code => Expect::Code,
        Kind::Label => Expect::Label,
        Kind::Fields => Expect::Fields,
        Kind::Opaque => Expect::Opaque,
        Kind::Near => Expect::Near,
        Kind::Filter => Expect::Filter,
        Kind::Free => Expect::Free,
    }
}

/// Types of organizations, places, products and definitions, which have names of their own.
fn is_named_thing(of: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static NAMED: List<44> = List::new([
        "Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint", "InsurancePlan", "Device",
        "DeviceDefinition", "Medication", "MedicationKnowledge", "Substance", "ActivityDefinition", "CapabilityStatement",
        "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition", "ConceptMap", "EffectEvidenceSynthesis",
        "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario", "GraphDefinition", "ImplementationGuide",
        "Library", "Measure", "MessageDefinition", "NamingSystem", "OperationDefinition", "PlanDefinition", "Questionnaire",
        "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "RiskEvidenceSynthesis", "SearchParameter",
        "StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestScript", "ValueSet", "MedicinalProduct",
        "SpecimenDefinition", "ObservationDefinition",
    ]);
    NAMED.has_exactly(of.as_bytes())
}

/// Types of what stands in catalogues and directories.
fn is_public(of: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PUBLIC: List<38> = List::new([
        "Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint", "Medication",
        "MedicationKnowledge", "Substance", "SubstanceSpecification", "ActivityDefinition", "PlanDefinition", "Measure",
        "Library", "Questionnaire", "ValueSet", "CodeSystem", "ConceptMap", "StructureDefinition", "DeviceDefinition",
        "ResearchStudy", "InsurancePlan", "CatalogEntry", "ChargeItemDefinition", "MessageDefinition", "EventDefinition",
        "Evidence", "EvidenceVariable", "ResearchDefinition", "StructureMap", "TestScript", "ObservationDefinition",
        "SpecimenDefinition", "Schedule", "Slot", "ExampleScenario", "ResearchElementDefinition", "MedicinalProduct",
        "DeviceMetric",
    ]);
    PUBLIC.has_exactly(of.as_bytes())
}

/// Identifiers of catalogue and directory entries are public; those of records point at a person.
fn identifier(of: Option<&str>) -> Expect {
    let class = match of {
        Some("Practitioner" | "PractitionerRole") => {
            return Expect::Identifier(Class::OtherId, Whose::Provider);
        }
        Some(of) if is_public(of) => return Expect::ThingIdentifier,
        Some("Patient" | "Person" | "RelatedPerson") => Class::Mrn,
        Some("Coverage") => Class::HealthPlan,
        Some("Account") => Class::Account,
        Some("Device") => Class::Device,
        _ => Class::OtherId,
    };
    Expect::Identifier(class, Whose::Person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leaf_decides_whatever_is_around_it() {
        let name = Expect::Phi(Class::Name, Whose::Person);
        let provider = Expect::Phi(Class::Name, Whose::Provider);
        let patient = Some("Patient");
        let observation = Some("Observation");
        for (of, given, expected) in [
            (patient, "name", name),
            (patient, "name:exact", name),
            (patient, "family", name),
            (patient, "birthdate", Expect::Phi(Class::Date, Whose::Person)),
            (patient, "birthdate:missing", Expect::Flag),
            (patient, "identifier", Expect::Identifier(Class::Mrn, Whose::Person)),
            (patient, "identifier:of-type", Expect::Identifier(Class::Mrn, Whose::Person)),
            (patient, "address-state", Expect::Code),
            (patient, "organization.name", Expect::Label),
            (patient, "general-practitioner.name", provider),
            (
                patient,
                "_has:Coverage:beneficiary:identifier",
                Expect::Identifier(Class::HealthPlan, Whose::Person),
            ),
            (patient, "_has:Observation:patient:code", Expect::Code),
            (patient, "_has:Observation:patient:_has:AuditEvent:entity:agent-name", name),
            (observation, "subject:Patient.name:exact", name),
            (observation, "patient.identifier", Expect::Identifier(Class::Mrn, Whose::Person)),
            (observation, "subject:identifier", Expect::Identifier(Class::Mrn, Whose::Person)),
            (observation, "encounter.patient.family", name),
            (observation, "subject:Patient", Expect::Reference(Of::Person)),
            (observation, "date", Expect::Window),
            (observation, "code:text", Expect::Free),
            (Some("Organization"), "name", Expect::Label),
            (Some("Organization"), "identifier", Expect::ThingIdentifier),
            (Some("Practitioner"), "family", provider),
            (Some("Account"), "name", name),
            (Some("AuditEvent"), "address", Expect::Phi(Class::Ip, Whose::Person)),
            (Some("Location"), "near", Expect::Near),
            (None, "filter[patient.lastName]", name),
            (None, "patient[name]", name),
            (None, "name[]", name),
            (None, "name[0]", name),
            (None, "ssn", Expect::Phi(Class::Ssn, Whose::Person)),
            (None, "mrn", Expect::Phi(Class::Mrn, Whose::Person)),
        ] {
            assert_eq!(read(of, given).expect, expected, "{of:?} {given}");
        }
        assert!(read(observation, "subject.name").chained);
        assert!(!read(observation, "subject:identifier").chained);
    }
}
