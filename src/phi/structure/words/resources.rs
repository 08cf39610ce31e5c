//! Types of FHIR resources that words of a sentence or a path may be, and those whose names are of no person.

use crate::phi::list::List;

/// Resource types whose `name` and `title` are no person's.
pub(crate) fn is_thing(resource_type: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static THINGS: List<24> = List::new([
        "Organization", "Location", "HealthcareService", "ActivityDefinition", "PlanDefinition", "Measure", "Medication",
        "MedicationKnowledge", "Substance", "Questionnaire", "ValueSet", "CodeSystem", "StructureDefinition",
        "CapabilityStatement", "SearchParameter", "OperationDefinition", "ConceptMap", "Library", "InsurancePlan",
        "Endpoint", "NamingSystem", "ImplementationGuide", "OperationOutcome", "Parameters",
    ]);
    THINGS.has_exactly(resource_type.as_bytes())
}

/// A type of FHIR that is also a word for persons, or has a name of its own.
pub(crate) fn is_type_of_resource(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static TYPES: List<39> = List::new([
        "Patient", "Practitioner", "PractitionerRole", "Person", "RelatedPerson", "Encounter", "AllergyIntolerance",
        "Appointment", "Binary", "Bundle", "CarePlan", "CareTeam", "Claim", "ClaimResponse", "Communication", "Composition",
        "Condition", "Consent", "Coverage", "Device", "DiagnosticReport", "DocumentReference", "EpisodeOfCare",
        "ExplanationOfBenefit", "FamilyMemberHistory", "ImagingStudy", "Immunization", "MedicationAdministration",
        "MedicationRequest", "MedicationStatement", "MessageHeader", "Observation", "Procedure", "Provenance",
        "QuestionnaireResponse", "ServiceRequest", "Specimen", "Subscription", "Task",
    ]);
    is_thing(word) || TYPES.has_exactly(word.as_bytes())
}
