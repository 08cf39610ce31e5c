//! FHIR R4 as the passthrough needs it: the closed list of resource types, and classes of body paths.
//!
//! Owns the printable templates of passthrough paths: they are made at compile time from the closed list, so nothing
//! of a request can get into one. Source of the list: HL7 FHIR R4 (4.0.1), resource list.

use crate::phi::{Class, KeyClass, key_class};

/// Elements of R4 resources that are met often and that no documented field is called.
pub(super) const ELEMENTS: [&str; 28] = [
    "attachment",
    "authorReference",
    "authorString",
    "coding",
    "contained",
    "contentString",
    "div",
    "entry",
    "extension",
    "family",
    "from",
    "fullUrl",
    "given",
    "id",
    "ifNoneExist",
    "meta",
    "op",
    "parameter",
    "part",
    "path",
    "payload",
    "profile",
    "request",
    "resource",
    "subject",
    "tag",
    "telecom",
    "valueCode",
];

/// The shape of a passthrough path below its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `/{Type}`
    Type,
    /// `/{Type}/{operation}`
    TypeOperation,
    /// `/{Type}/_search`
    Search,
    /// `/{Type}/_history`
    TypeHistory,
    /// `/{Type}/{id}`
    Instance,
    /// `/{Type}/{id}/{operation}`
    InstanceOperation,
    /// `/{Type}/{id}/_history`
    InstanceHistory,
    /// `/{Type}/{id}/_history/{versionId}`
    Version,
    /// `/{Type}/{id}/{OtherType}`: a search in one compartment.
    Compartment,
}

/// One R4 resource type.
#[derive(Debug)]
pub struct FhirType {
    pub name: &'static str,
    templates: [&'static str; 9],
}

impl FhirType {
    /// The printable form of a passthrough path.
    pub const fn template(&self, form: Form) -> &'static str {
        self.templates[form as usize]
    }
}

/// The R4 type of exactly this name.
pub fn fhir_type(name: &str) -> Option<&'static FhirType> {
    TYPES.binary_search_by(|known| known.name.cmp(name)).ok().map(|at| &TYPES[at])
}

/// Every R4 type, sorted by name.
pub fn types() -> &'static [FhirType] {
    TYPES
}

/// The class of an element of a FHIR resource by its path, such as `name[].family` or `entry[].resource.birthDate`.
pub fn body_class(path: &str) -> KeyClass {
    let leaf = path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]");
    match leaf {
        // Plumbing in every resource, though the words look like text or numbers of a person.
        "resourceType" | "id" | "reference" | "system" | "code" | "unit" | "status" | "use"
        | "lastUpdated" | "versionId" | "profile" => KeyClass::Safe,
        "value" if holder(path) == "identifier" => KeyClass::Phi(Class::OtherId),
        "value" if holder(path) == "telecom" => KeyClass::Phi(Class::Phone),
        "text" if matches!(holder(path), "name") => KeyClass::Phi(Class::Name),
        "text" if matches!(holder(path), "address") => KeyClass::Phi(Class::Geo),
        "div" | "display" | "text" | "valueString" | "comment" | "description" => KeyClass::Free,
        "start" | "end" if holder(path) != "meta" => KeyClass::Phi(Class::Date),
        _ => key_class(path),
    }
}

/// The element that holds the leaf.
pub(super) fn holder(path: &str) -> &str {
    path.rsplit('.').nth(1).unwrap_or("").trim_end_matches("[]")
}

macro_rules! types {
    ($($name:literal,)+) => {
        static TYPES: &[FhirType] = &[$(FhirType {
            name: $name,
            templates: [
                concat!("/v1/fhir/", $name),
                concat!("/v1/fhir/", $name, "/{operation}"),
                concat!("/v1/fhir/", $name, "/_search"),
                concat!("/v1/fhir/", $name, "/_history"),
                concat!("/v1/fhir/", $name, "/{id}"),
                concat!("/v1/fhir/", $name, "/{id}/{operation}"),
                concat!("/v1/fhir/", $name, "/{id}/_history"),
                concat!("/v1/fhir/", $name, "/{id}/_history/{versionId}"),
                concat!("/v1/fhir/", $name, "/{id}/{type}"),
            ],
        },)+];
    };
}

// Sorted; the search is by halves.
types! {
    "Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment",
    "AppointmentResponse", "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct",
    "BodyStructure", "Bundle", "CapabilityStatement", "CarePlan", "CareTeam", "CatalogEntry",
    "ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse", "ClinicalImpression", "CodeSystem",
    "Communication", "CommunicationRequest", "CompartmentDefinition", "Composition", "ConceptMap",
    "Condition", "Consent", "Contract", "Coverage", "CoverageEligibilityRequest",
    "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceDefinition", "DeviceMetric",
    "DeviceRequest", "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference",
    "EffectEvidenceSynthesis", "Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse",
    "EpisodeOfCare", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
    "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GraphDefinition", "Group",
    "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization", "ImmunizationEvaluation",
    "ImmunizationRecommendation", "ImplementationGuide", "InsurancePlan", "Invoice", "Library",
    "Linkage", "List", "Location", "Measure", "MeasureReport", "Media", "Medication",
    "MedicationAdministration", "MedicationDispense", "MedicationKnowledge", "MedicationRequest",
    "MedicationStatement", "MedicinalProduct", "MedicinalProductAuthorization",
    "MedicinalProductContraindication", "MedicinalProductIndication", "MedicinalProductIngredient",
    "MedicinalProductInteraction", "MedicinalProductManufactured", "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect", "MessageDefinition",
    "MessageHeader", "MolecularSequence", "NamingSystem", "NutritionOrder", "Observation",
    "ObservationDefinition", "OperationDefinition", "OperationOutcome", "Organization",
    "OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice", "PaymentReconciliation",
    "Person", "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure", "Provenance",
    "Questionnaire", "QuestionnaireResponse", "RelatedPerson", "RequestGroup", "ResearchDefinition",
    "ResearchElementDefinition", "ResearchStudy", "ResearchSubject", "RiskAssessment",
    "RiskEvidenceSynthesis", "Schedule", "SearchParameter", "ServiceRequest", "Slot", "Specimen",
    "SpecimenDefinition", "StructureDefinition", "StructureMap", "Subscription", "Substance",
    "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation",
    "SubstanceSourceMaterial", "SubstanceSpecification", "SupplyDelivery", "SupplyRequest", "Task",
    "TerminologyCapabilities", "TestReport", "TestScript", "ValueSet", "VerificationResult",
    "VisionPrescription",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sorted_and_found() {
        assert!(TYPES.is_sorted_by_key(|known| known.name));
        for known in TYPES {
            assert_eq!(fhir_type(known.name).map(|found| found.name), Some(known.name));
        }
        for unknown in ["patient", "Patients", "", "DomainResource", "Resource", "metadata"] {
            assert!(fhir_type(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn templates_follow_the_form() {
        let patient = fhir_type("Patient").expect("R4 type");
        assert_eq!(patient.template(Form::Type), "/v1/fhir/Patient");
        assert_eq!(patient.template(Form::Version), "/v1/fhir/Patient/{id}/_history/{versionId}");
        assert_eq!(patient.template(Form::Compartment), "/v1/fhir/Patient/{id}/{type}");
    }

    #[test]
    fn body_paths_have_classes() {
        for (path, expected) in [
            ("name[].family", KeyClass::Phi(Class::Name)),
            ("name[].given[]", KeyClass::Phi(Class::Name)),
            ("birthDate", KeyClass::Phi(Class::Date)),
            ("identifier[].value", KeyClass::Phi(Class::OtherId)),
            ("telecom[].value", KeyClass::Phi(Class::Phone)),
            ("entry[].resource.birthDate", KeyClass::Phi(Class::Date)),
            ("resourceType", KeyClass::Safe),
            ("subject.reference", KeyClass::Safe),
            ("note[].text", KeyClass::Free),
        ] {
            assert_eq!(body_class(path), expected, "{path}");
        }
    }
}
