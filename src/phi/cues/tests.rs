use super::*;

fn check(cases: &[(&str, KeyClass)]) {
    let mut faults = Vec::new();
    for (key, want) in cases {
        let got = key_class(key);
        if got != *want {
            faults.push(format!("{key}: {got:?}, not {want:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn keys_of_persons() {
    use Class::*;
    use KeyClass::Phi;
    check(&[
        ("name", Phi(Name)),
        ("patientName", Phi(Name)),
        ("patient_name", Phi(Name)),
        ("patient-name", Phi(Name)),
        ("patient.name", Phi(Name)),
        ("patient[name]", Phi(Name)),
        ("filter[patient.lastName]", Phi(Name)),
        ("Patient.name[0].family", Phi(Name)),
        ("Patient.name[0].given[0]", Phi(Name)),
        ("FIRST_NAME", Phi(Name)),
        ("subject:Patient.name:exact", Phi(Name)),
        ("name:contains", Phi(Name)),
        ("mother's maiden name", Phi(Name)),
        ("emergencyContact", Phi(Name)),
        ("contact.lastName", Phi(Name)),
        ("user_first_name", Phi(Name)),
        ("prénom", Phi(Name)),
        ("Nachname", Phi(Name)),
        ("förnamn", Phi(Name)),
        ("imię", Phi(Name)),
        ("birthDate", Phi(Date)),
        ("patient.birthdate", Phi(Date)),
        ("DOB", Phi(Date)),
        ("D.O.B.", Phi(Date)),
        ("d.o.b", Phi(Date)),
        ("date of birth", Phi(Date)),
        ("dateOfBirth", Phi(Date)),
        ("Geburtsdatum", Phi(Date)),
        ("fecha_de_nacimiento", Phi(Date)),
        ("födelsedatum", Phi(Date)),
        ("admission_date", Phi(Date)),
        ("ssn", Phi(Ssn)),
        ("patientSSN", Phi(Ssn)),
        ("socialSecurityNumber", Phi(Ssn)),
        ("ssn_last4", Phi(Ssn)),
        ("MRN", Phi(Mrn)),
        ("medical_record_number", Phi(Mrn)),
        ("_has:Coverage:beneficiary:identifier", Phi(Mrn)),
        ("identifier[0].value", Phi(Mrn)),
        ("nhsNumber", Phi(Mrn)),
        ("telecom[0].value", Phi(Phone)),
        ("phone1", Phi(Phone)),
        ("mobile_no", Phi(Phone)),
        ("fax", Phi(Fax)),
        ("contact.email", Phi(Email)),
        ("e-mail", Phi(Email)),
        ("emailAddress", Phi(Email)),
        ("address", Phi(Geo)),
        ("address.line[0]", Phi(Geo)),
        ("address.line.0", Phi(Geo)),
        ("addressLine2", Phi(Geo)),
        ("photo[0].data", Phi(Photo)),
        ("effectivePeriod.start", Phi(Date)),
        ("name.0.text", Phi(Name)),
        ("patient.address.city", Phi(Geo)),
        ("postal_code", Phi(Geo)),
        ("address-postalcode", Phi(Geo)),
        ("memberId", Phi(HealthPlan)),
        ("subscriberID", Phi(HealthPlan)),
        ("policy_number", Phi(HealthPlan)),
        ("IBAN", Phi(Account)),
        ("account_number", Phi(Account)),
        ("driversLicense", Phi(License)),
        ("licensePlate", Phi(Vehicle)),
        ("serialNumber", Phi(Device)),
        ("clientIp", Phi(Ip)),
        ("x-forwarded-for", Phi(Ip)),
        ("avatarUrl", Phi(Photo)),
        ("fingerprint", Phi(Biometric)),
        ("username", Phi(OtherId)),
        ("national_id", Phi(OtherId)),
        ("codiceFiscale", Phi(OtherId)),
        ("x-api-key", Phi(ApiKey)),
        ("Authorization", Phi(ApiKey)),
        ("password", Phi(ApiKey)),
        ("client_secret", Phi(ApiKey)),
    ]);
}

#[test]
fn keys_of_things() {
    use KeyClass::{Free, Safe, Unknown};
    check(&[
        ("timestamp", Safe),
        ("meta.lastUpdated", Safe),
        ("requestId", Safe),
        ("trace_id", Safe),
        ("version", Safe),
        ("port", Safe),
        ("pid", Safe),
        ("duration_ms", Safe),
        ("host", Safe),
        ("statusCode", Safe),
        ("hostname", Safe),
        ("hostName", Safe),
        ("deviceName", Safe),
        ("service_name", Safe),
        ("className", Safe),
        ("resourceName", Safe),
        ("organization.name", Unknown),
        ("birthdate:missing", Safe),
        ("emailVerified", Safe),
        ("isEmail", Safe),
        ("code", Safe),
        ("patientId", Safe),
        ("encounter_id", Safe),
        ("identifier.system", Safe),
        ("telecom.system", Safe),
        ("name.use", Safe),
        ("address.state", Safe),
        ("address.country", Safe),
        ("gender", Safe),
        ("message", Free),
        ("note", Free),
        ("diagnostics", Free),
        ("fileName", Free),
        ("details.text", Free),
        ("widgetName", Unknown),
        ("publicKeyPath", Free),
        ("duplicate", Free),
        ("foo", Unknown),
        ("", Unknown),
    ]);
}

#[test]
fn cues_in_running_text() {
    let says = |text: &str| cue_at_end(text).map(|cue| cue.says);
    assert_eq!(says("the patient was born on"), Some(Says::Phi(Class::Date)));
    assert_eq!(says("social security number"), Some(Says::Phi(Class::Ssn)));
    assert_eq!(says("chart no."), Some(Says::Phi(Class::Mrn)));
    assert_eq!(says("public"), None);
    assert_eq!(says("NPI"), Some(Says::Provider(Class::OtherId)));
    assert_eq!(says("loinc code"), Some(Says::Safe));
    assert_eq!(says("patient"), Some(Says::Person));
    assert_eq!(says("mother"), Some(Says::Phi(Class::Name)));
}

#[test]
fn any_key_is_read_without_panic() {
    let long = "aB.".repeat(4000);
    let odd = ["é", "\u{0}", "日本語", "[[[", "a[", "::", ".", "_", &long, "Ünïcode.ß", "\u{FFFD}'s"];
    for key in odd {
        let _ = key_class(key);
        let _ = cue_at_end(key);
    }
}
