//! The 62 documented resources: name in the URL, FHIR type, and what a create must carry.
//!
//! Owned by the stand-in and independent of the guard's own route table on purpose: an upstream double that shares
//! the table under test cannot show that the table is wrong.

pub(crate) struct Resource {
    /// Path segment below `/v1`.
    pub(crate) name: &'static str,
    pub(crate) fhir_type: &'static str,
    /// Audit events and immunisation recommendations cannot be changed.
    pub(crate) updatable: bool,
    /// Top-level fields without which a create is answered 422.
    pub(crate) required: &'static [&'static str],
}

pub(crate) fn find(name: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.name == name)
}

pub(crate) fn of_type(fhir_type: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.fhir_type == fhir_type)
}

const fn resource(
    name: &'static str,
    fhir_type: &'static str,
    required: &'static [&'static str],
) -> Resource {
    Resource { name, fhir_type, updatable: true, required }
}

const fn fixed(name: &'static str, fhir_type: &'static str, required: &'static [&'static str]) -> Resource {
    Resource { name, fhir_type, updatable: false, required }
}

#[rustfmt::skip]
pub(crate) const RESOURCES: &[Resource] = &[
    resource("patients", "Patient", &["firstName", "lastName"]),
    resource("practitioners", "Practitioner", &["firstName", "lastName"]),
    resource("practitioner-roles", "PractitionerRole", &["practitionerId", "role"]),
    resource("encounters", "Encounter", &["status", "class", "patientId"]),
    resource("observations", "Observation", &["status", "code", "patientId"]),
    resource("medications", "Medication", &["code"]),
    resource("appointments", "Appointment", &["status", "patientId"]),
    resource("prescriptions", "MedicationRequest", &["patientId", "prescriberId", "medication"]),
    resource("intakes", "QuestionnaireResponse", &["patientId", "items"]),
    resource("consents", "Consent", &["patientId", "scope", "category"]),
    resource("labs", "DiagnosticReport", &["status", "code", "patientId"]),
    resource("notes", "DocumentReference", &["patientId", "title", "content"]),
    resource("assessments", "ClinicalImpression", &["status", "patientId", "summary"]),
    resource("documents", "Composition", &["status", "type", "patientId", "practitionerId", "title", "sections"]),
    resource("appointment-responses", "AppointmentResponse", &["appointmentId", "participantStatus"]),
    resource("tasks", "Task", &["status", "intent"]),
    resource("slots", "Slot", &["scheduleId", "status", "start", "end"]),
    resource("organizations", "Organization", &["name"]),
    resource("accounts", "Account", &["status"]),
    resource("healthcare-services", "HealthcareService", &["name"]),
    resource("service-requests", "ServiceRequest", &["status", "intent", "patientId"]),
    resource("locations", "Location", &["name"]),
    resource("schedules", "Schedule", &["actorIds"]),
    resource("persons", "Person", &["firstName", "lastName"]),
    resource("family-history", "FamilyMemberHistory", &["status", "patientId", "relationship"]),
    resource("care-plans", "CarePlan", &["status", "intent", "patientId"]),
    resource("immunizations", "Immunization", &["status", "vaccineCode", "patientId"]),
    resource("claims", "Claim", &["status", "type", "use", "patientId", "providerId", "priority", "insurance"]),
    resource("claim-responses", "ClaimResponse", &["status", "type", "use", "patientId", "insurerId", "outcome"]),
    resource("allergies", "AllergyIntolerance", &["patientId"]),
    resource("care-teams", "CareTeam", &["name"]),
    resource("conditions", "Condition", &["patientId"]),
    resource("charge-items", "ChargeItem", &["status", "code", "patientId"]),
    resource("coverages", "Coverage", &["status", "patientId", "payorIds"]),
    resource("eligibility-requests", "CoverageEligibilityRequest", &["status", "purpose", "patientId", "insurerId"]),
    resource("eligibility-responses", "CoverageEligibilityResponse", &["status", "purpose", "patientId", "requestId", "outcome", "insurerId"]),
    resource("eobs", "ExplanationOfBenefit", &["status", "type", "use", "patientId", "insurerId", "providerId", "outcome", "insurance"]),
    resource("devices", "Device", &["deviceName"]),
    resource("device-requests", "DeviceRequest", &["intent", "code", "patientId"]),
    resource("device-use-statements", "DeviceUseStatement", &["status", "patientId", "deviceId"]),
    resource("goals", "Goal", &["lifecycleStatus", "description", "patientId"]),
    resource("invoices", "Invoice", &["status"]),
    resource("medication-dispenses", "MedicationDispense", &["status", "medication", "patientId"]),
    resource("medication-knowledge", "MedicationKnowledge", &[]),
    resource("medication-statements", "MedicationStatement", &["status", "medication", "patientId"]),
    resource("payment-notices", "PaymentNotice", &["status", "paymentId", "recipientId", "amount"]),
    resource("payment-reconciliations", "PaymentReconciliation", &["status", "paymentDate", "paymentAmount"]),
    resource("specimens", "Specimen", &["patientId"]),
    resource("imaging-studies", "ImagingStudy", &["status", "patientId"]),
    resource("enrollment-requests", "EnrollmentRequest", &["candidateId"]),
    resource("enrollment-responses", "EnrollmentResponse", &[]),
    resource("immunization-evaluations", "ImmunizationEvaluation", &["status", "patientId", "targetDisease", "immunizationEventId", "doseStatus"]),
    resource("media", "Media", &["status", "content"]),
    resource("activity-definitions", "ActivityDefinition", &["status"]),
    resource("nutrition-orders", "NutritionOrder", &["status", "intent", "patientId"]),
    resource("plan-definitions", "PlanDefinition", &["status"]),
    resource("vision-prescriptions", "VisionPrescription", &["status", "patientId", "dateWritten", "prescriberId", "lensSpecification"]),
    resource("risk-assessments", "RiskAssessment", &["status", "patientId"]),
    fixed("audit-events", "AuditEvent", &["type", "recorded", "agent", "source"]),
    resource("measures", "Measure", &["status"]),
    resource("measure-reports", "MeasureReport", &["status", "type", "measureId", "period"]),
    fixed("immunization-recommendations", "ImmunizationRecommendation", &["patientId", "date", "recommendation"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sixty_two_different_names_and_types() {
        let names: BTreeSet<_> = RESOURCES.iter().map(|resource| resource.name).collect();
        let types: BTreeSet<_> = RESOURCES.iter().map(|resource| resource.fhir_type).collect();
        assert_eq!((RESOURCES.len(), names.len(), types.len()), (62, 62, 62));
        assert_eq!(RESOURCES.iter().filter(|resource| !resource.updatable).count(), 2);
    }

    #[test]
    fn found_by_either_name() {
        assert_eq!(find("prescriptions").map(|resource| resource.fhir_type), Some("MedicationRequest"));
        assert_eq!(of_type("Patient").map(|resource| resource.name), Some("patients"));
        assert!(find("Patient").is_none() && of_type("patients").is_none());
    }
}
