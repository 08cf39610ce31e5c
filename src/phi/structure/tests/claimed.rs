//! What a neighbour claims: a segment of a path, a segment of X12, a word of another script, quotes, the sentence itself.

use super::*;

#[test]
fn a_segment_of_a_path_claims_the_next() {
    check(&[
        ("GET /mrn/00123456 404", &["00123456"], &["GET /mrn/", "404"]),
        (
            "upstream said 404 for https://api.example.org/members/XJH123456789",
            &["XJH123456789"],
            &["/members/"],
        ),
        ("Cannot GET /patients/by-name/Thistlewood", &["Thistlewood"], &["/patients/by-name/"]),
        ("GET /lookup/phone/5125550147 200", &["5125550147"], &["/lookup/phone/"]),
        ("GET /v1/patients/pt_x91k 404 12ms", &[], &["/v1/patients/pt_x91k"]),
        (
            "GET /members/count 200 /mrn/validate 200 /policies/42 200",
            &[],
            &["/members/count", "/policies/42"],
        ),
    ]);
}

#[test]
fn segments_of_x12_without_their_end() {
    check(&[
        (
            "270 sent: NM1*IL*1*HARGROVE*DELTA****MI*H41188320 trace=TRN-8812",
            &["HARGROVE", "H41188320"],
            &["NM1*IL*1*", "trace=TRN-8812"],
        ),
        (
            "NM1*QC*1*OSGOODBY*PEREGRINE\nDMG*D8*19610704*F\nN3*12 ELM COURT\nN4*TYLER*TX*75701",
            &["OSGOODBY", "19610704", "ELM", "TYLER", "75701"],
            &["DMG*D8*", "*TX*"],
        ),
        ("REF*SY*219091234 rejected by payer", &["219091234"], &["REF*SY*", "rejected by payer"]),
        ("select count(*) from t; 2*3*4; see REF*main", &[], &["count(*)", "2*3*4", "REF*main"]),
    ]);
}

#[test]
fn words_of_other_scripts_claim_numbers() {
    check(&[
        ("τηλ 694 555 0118 ραντεβού", &["694 555 0118"], &["τηλ", "ραντεβού"]),
        ("тел. 8 912 555 01 18", &["912 555 01 18"], &["тел."]),
        ("电话13855500118无法接通", &["13855500118"], &["电话"]),
        ("هاتف 0555550118 مشغول", &["0555550118"], &["هاتف"]),
        ("फ़ोन 98765 50118 व्यस्त", &["98765 50118"], &[]),
    ]);
}

#[test]
fn small_letters_in_quotes_behind_who_is_sought() {
    check(&[
        ("patient 'zbigniewska' not found", &["zbigniewska"], &["patient '", "' not found"]),
        ("search term \"zbigniewska\" returned 0 rows", &["zbigniewska"], &["search term"]),
        ("lookup of member \"thistlewood\" failed", &["thistlewood"], &["lookup of member"]),
        (
            "Search parameter \"famly\" is unknown; search term \"metformin\" returned 4",
            &[],
            &["famly", "metformin"],
        ),
        (
            "patient 'deleted' flag; member 'admin' not allowed; query \"select\" failed",
            &[],
            &["deleted", "admin", "select"],
        ),
    ]);
}

#[test]
fn names_with_articles_newborns_and_apostrophes() {
    check(&[
        ("afspraak dhr. J.P. van 't Hoff verplaatst", &["Hoff"], &["verplaatst"]),
        ("patient Kees in 't Veldhuis not found", &["Veldhuis"], &["not found"]),
        ("Newborn \"BG Ramaswamy\" needs a mother link", &["BG", "Ramaswamy"], &["needs a mother link"]),
        ("row: {'last': 'O\\'Cathain', 'ok': False}", &["Cathain"], &["'ok': False"]),
        ("Prescribed metformin 500 mg to Thistlewood", &["Thistlewood"], &["500 mg"]),
        ("Last name Thistlewood has already been taken", &["Thistlewood"], &["has already been taken"]),
    ]);
}

#[test]
fn dates_that_parsers_quote() {
    check(&[
        ("String was not recognized as a valid DateTime: '1986-02-30'", &["1986-02-30"], &["DateTime"]),
        ("Unparseable date: \"4-Jul-61\"", &["4-Jul-61"], &["Unparseable"]),
        ("Born:time.Date(1961, time.July, 4, 0, 0, 0, 0, time.UTC)", &["1961, time.July, 4"], &[]),
        (
            "{\"errors\":{\"dob\":[\"1861-07-04 is too far in the past\"]}}",
            &["1861-07-04"],
            &["is too far in the past"],
        ),
        ("parsing time \"2026-01-02T10:00:00Zx\": extra text", &[], &["2026-01-02T10:00:00Zx"]),
    ]);
}

#[test]
fn values_that_fail_the_shape_of_their_key() {
    check(&[
        ("{\"email\":\"not-an-email\",\"error\":\"format\"}", &["not-an-email"], &["format"]),
        ("{\"mobile\":\"none of your biz\",\"message\":\"no\"}", &["none of your biz"], &[]),
        ("{\"email\":\"invalid-email\",\"message\":\"no\"}", &[], &["invalid-email"]),
        ("{\"errors\":{\"email\":\"not-unique\"}}", &[], &["not-unique"]),
        ("cs2Label=mrn cs2=00881277 cs3Label=policyName cs3=Default Deny", &["00881277"], &["Default Deny"]),
    ]);
}

#[test]
fn names_spelled_in_references_and_in_names_of_documents() {
    check(&[
        ("<p>Rejected &#x54;&#x65;&#x68;&#x72;&#x61;&#x6e;&#x69;</p>", &["&#x54;"], &["Rejected"]),
        ("File 'Abioye_Folasade_passport.jpg' rejected", &["Abioye", "Folasade"], &["_passport.jpg"]),
        (
            "File 'Consent_Form_English.pdf' and 'Fee_Schedule_Medicare.xlsx'",
            &[],
            &["Consent_Form_English", "Fee_Schedule_Medicare"],
        ),
        ("x-219-09-1234 rejected", &["219-09-1234"], &["rejected"]),
        ("(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15", &[], &["605.1.15"]),
    ]);
}

#[test]
fn rows_keep_their_columns_and_what_was_replaced_is_no_key() {
    check(&[
        (
            "8,Thistlewood,Orla,1961-07-04,F,active,12",
            &["Thistlewood", "Orla", "1961-07-04"],
            &["8,[REDACTED:name],[REDACTED:name],[REDACTED:date],F,"],
        ),
        ("SMS to 512-555-0147: \"code sent\"", &["512-555-0147"], &["code sent"]),
        ("email orla.t@example.org: bounced", &["orla.t"], &[": bounced"]),
        ("Set-Cookie: session=; Path=/; HttpOnly", &[], &["Set-Cookie: session=; Path=/; HttpOnly"]),
        ("Set-Cookie: session=f81kd93jsl2; Path=/", &["f81kd93jsl2"], &[]),
        ("form.errors.email_invalid:4|c|@0.1", &[], &["email_invalid:4|c|@0.1"]),
        (
            "dcm: PatientName=TAKAHASHI^REI PatientID=0071822 matches 2",
            &["TAKAHASHI", "0071822"],
            &["matches 2"],
        ),
    ]);
}

#[test]
fn keys_of_other_languages_and_of_other_systems() {
    check(&[
        (
            "{\"姓名\":\"欧阳雪\",\"身份证号\":\"11010519491231002X\"}",
            &["欧阳雪", "11010519491231002X"],
            &["姓名"],
        ),
        (
            "{\"oshibka\":\"x\",\"familiya\":\"Кузнецова\",\"polis\":\"7755340882001234\"}",
            &["Кузнецова", "7755340882001234"],
            &["oshibka"],
        ),
        ("[{\"fields\":[\"MRN__c\"],\"value\":\"MR0091744\"}]", &["MR0091744"], &["MRN__c"]),
        ("[\"prenom\"]=>\n  string(9) \"Thibault\"\n", &["Thibault"], &["prenom"]),
        ("PATNAM=KAPOOR     SUNITA PATDOB=071252 reply C", &["KAPOOR", "SUNITA", "071252"], &["reply C"]),
        ("{birth_date:{year:1980 month:2 day:29}}", &["month:2"], &[]),
        ("{\"birthDate\":{\"year\":1980,\"month\":2,\"day\":29}}", &["\"day\":29"], &["1980"]),
        ("PatientRow(77,Some(Haile),Some(Gebremariam),None)", &["Haile", "Gebremariam"], &["PatientRow(77,"]),
        ("To: =?utf-8?Q?Ang=C3=A9lique_Thi=C3=A9baut?= failed", &["Thi=C3"], &["failed"]),
        (
            "<patientRole><id extension=\"998-02-17\" root=\"2.16.840.1\"/></patientRole>",
            &["998-02-17"],
            &["2.16.840.1"],
        ),
        ("intake/vandermeer_19671130.pdf stored", &["vandermeer", "19671130"], &["intake/", ".pdf stored"]),
        ("vandermeer_19671130.pdf", &["vandermeer"], &[".pdf"]),
        ("/~ljiljana.babic/diary.html gone", &["ljiljana"], &["/~"]),
        ("reports/daily_20051130.csv stored", &[], &["daily_20051130.csv"]),
        ("client 2001:db8:44:9::1f:50122 gone", &["2001:db8:44:9::1f"], &["gone"]),
        (
            "Unknown modifier 'Patient.name:below'; PlanDefinition 'Hodgkin Lymphoma Follow-up' is retired",
            &[],
            &["name:below", "Hodgkin Lymphoma"],
        ),
    ]);
}

#[test]
fn a_region_that_is_off_silences_its_keys() {
    use crate::phi::settings::{EngineSettings, PlaceSettings, Region, RegionSet};
    let us = PlaceSettings { regions: RegionSet::NONE.with(Region::Us), ..PlaceSettings::STRICT };
    let settings = EngineSettings { error: us, log: us, ..EngineSettings::default() };
    let engine = Engine::new(&settings).expect("the settings hold");
    let json = "{\"nhsNumber\":\"9434765919\",\"ssn\":\"219-09-1234\"}";
    let xml = "<p><nhsNumber>9434765919</nhsNumber><ssn>219-09-1234</ssn></p>";
    for text in [json, xml, "nhsNumber=9434765919 ssn=219-09-1234"] {
        for out in [body(&engine, text), line(&engine, text)] {
            assert!(out.contains("9434765919") && !out.contains("219-09-1234"), "{out}");
        }
    }
}

#[test]
fn a_finding_of_allowed_texts_only_stays() {
    use crate::phi::settings::{Allowed, EngineSettings};
    let entry = |value: &str| Allowed { value: value.to_owned(), reason: "ours".to_owned() };
    let allowed = vec![entry("Baxter"), entry("Marisol"), entry("Marisol Clinic")];
    let settings = EngineSettings { allowed, ..EngineSettings::default() };
    let engine = Engine::new(&settings).expect("the settings hold");
    let text = "{\"name\":\"Marisol Baxter\",\"lastName\":\"Baxters\",\"patientName\":\"Baxter Quintanar\"}";
    let out = body(&engine, text);
    assert!(
        out.contains("Marisol Baxter") && !out.contains("Baxters") && !out.contains("Quintanar"),
        "{out}"
    );
}
