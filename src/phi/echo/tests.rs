//! What a request carried must not come back, in any spelling; what only resembles it must stay.

use super::*;
use crate::phi::{cues, structure};

fn found(echo: &Echo, text: &str) -> String {
    let mut edits = Vec::new();
    echo.find(text, &mut edits);
    structure::settle(&mut edits);
    let mut out = Vec::new();
    structure::apply(text.as_bytes(), &edits, None, &mut out);
    String::from_utf8(out).expect("edits are on character boundaries")
}

fn of_body(body: &str) -> Echo {
    let mut echo = Echo::new();
    echo.add_body(Some("application/json"), body.as_bytes(), &|_| KeyClass::Unknown);
    echo
}

#[test]
fn values_are_found_in_other_spellings() {
    let echo = of_body(
        r#"{"firstName":"Zübeyde","lastName":"Quintanar-Abbott","birthDate":"1987-11-23","phone":"+1 (512) 555-0147",
           "email":"z.quintanar@example.org","address":{"line":["4417 Larkspur Bend, Unit 9"],"city":"Round Rock","postalCode":"78664"},
           "note":"Reports suicidal ideation since 3 May, lost her job","reason":"HIV stage 3, CD4 88","gender":"female","status":"active"}"#,
    );
    for (text, gone) in [
        ("QUINTANAR-ABBOTT", "QUINTANAR"),
        ("Quintanar Abbott^Zubeyde", "Zubeyde"),
        ("row quintanar_abbott", "quintanar"),
        ("zübeyde", "zübeyde"),
        ("Zu\u{308}beyde", "beyde"),
        ("ZUBEYDEQUINTANAR", "QUINTANAR"),
        ("Z. Quintanar not found", "Z. "),
        ("born 23.11.1987", "23.11.1987"),
        ("born 11/23/1987", "11/23/1987"),
        ("born Nov 23, 1987", "23, 1987"),
        ("datetime.date(1987, 11, 23)", "11, 23"),
        ("19871123", "19871123"),
        ("1987-11-23T00:00:00.000Z", "11-23"),
        ("1987-11-23T09:30:00Z", "11-23"),
        ("5125550147", "5125550147"),
        ("512.555.0147", "0147"),
        ("+15125550147", "0147"),
        ("Z.QUINTANAR@EXAMPLE.ORG", "QUINTANAR"),
        ("at 4417 LARKSPUR BEND", "LARKSPUR"),
        ("ROUND-ROCK", "ROCK"),
        ("zip 78664.", "78664"),
        ("note too long: Reports suicidal ideation since 3 Ma...", "suicidal"),
        ("near 'suicidal ideation'", "suicidal"),
        ("has lost her job now", "lost her job"),
        ("value HIV stage 3", "HIV"),
    ] {
        let out = found(&echo, text);
        assert!(!out.contains(gone), "{text} -> {out}");
    }
    for kept in [
        "gender must be female",
        "status active is final",
        "Validation failed for field lastName",
        "a round of rocks",
        "request 786641 took 5125 ms",
        "since 3 May",
        "unit tests",
        "bend the rules",
        "2026-08-02T14:05:11.402Z",
        "quintanar-sdk 2.18.1",
        r#""timestamp":"1987-11-23T11:02:09.417+00:00""#,
    ] {
        assert_eq!(found(&echo, kept), kept);
    }
}

/// A request, texts that it must take something out of, and texts that it must leave as they are.
type Taught<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

/// Names of fields, elements, namespaces and code systems, and what machines say to one another, are no values.
#[test]
fn a_request_teaches_its_values_and_not_their_names() {
    let cases: &[Taught<'_>] = &[
        (
            r#"<Patient xmlns="http://hl7.org/fhir"><identifier><system value="urn:oid:2.16.840.1.113883.19.5"/><value value="MC-0558213"/></identifier>
               <contact><relationship><coding><code value="Tante von Lieselotte Brandstätter"/></coding></relationship>
               <name><family value="Brandstätter"/><given value="Lieselotte"/></name></contact><birthDate value="1983-07-02"/></Patient>"#,
            &[
                ("('Tante von Lieselotte Brandstätter')", "Lieselotte"),
                ("id MC-0558213", "0558213"),
                ("born 02.07.1983", "02.07"),
                ("Lieselotte Brandstätter", "Lieselotte"),
            ],
            &[
                r#"<OperationOutcome xmlns="http://hl7.org/fhir">"#,
                "/Patient/contact/relationship",
                "http://hl7.org/fhir/ValueSet/patient-contactrelationship|4.0.1",
                "urn:oid:2.16.840.1.113883.19.5",
                "birthDate of identifier",
            ],
        ),
        (
            r#"<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://payer.example.org/eligibility"><soap:Body>
               <m:Member plan="GOLD"><m:LastName>Oyelaran</m:LastName><m:FirstName><![CDATA[Folasade]]></m:FirstName><m:Dob>1979-08-25</m:Dob>
               <m:MemberId>W770183352</m:MemberId><!-- called by Thistlewood --><m:Remarks>lost her job &amp; her home in May</m:Remarks></m:Member>"#,
            &[
                ("OYELARAN", "OYELARAN"),
                ("Folasade", "Folasade"),
                ("19790825", "19790825"),
                ("W770183352", "W770183352"),
                ("by Thistlewood", "Thistlewood"),
                ("has lost her job & her home", "lost her job"),
            ],
            &[
                "unexpected element MemberId in namespace http://payer.example.org/eligibility",
                "Envelope, Remarks",
            ],
        ),
        (
            r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="77120-B"/>
               <telecom value="tel:+1-512-555-0147"/></patientRole></recordTarget></ClinicalDocument>"#,
            &[("chart 77120-B", "77120"), ("5125550147", "5125550147")],
            &["urn:hl7-org:v3 ClinicalDocument", "2.16.840.1.113883.19.5", "recordTarget"],
        ),
        (
            "ssn=531408862&first_name=Delphine&emergency_contacts%5B0%5D%5Bname%5D=Odile+Arceneaux&emergency_contacts%5B0%5D%5Bphone%5D=none",
            &[
                ("the ssn 531 40 8862", "8862"),
                ("not the patient (Delphine)", "Delphine"),
                ("Odile Arceneaux", "Odile"),
            ],
            &["emergency_contacts.0.name", "The emergency_contacts.0.phone format is invalid.", "first_name"],
        ),
        (
            r#"{"operationName":"FindPatient","query":"query FindPatient($birthDate: Date!){ patient(id:\"pt_99dk1\", family:\"Lastra\", mrn: 55210467){ maidenName # Quimby\n } }",
               "variables":{"birthdate":"1969-08-22","given":"Zyrbeth"}}"#,
            &[
                ("Lastra", "Lastra"),
                ("22.08.1969", "22.08"),
                ("Zyrbeth", "Zyrbeth"),
                ("mrn 55210467", "55210467"),
            ],
            &[r#"Cannot query field "maidenName" on type "Patient"."#, "operation FindPatient", "pt_99dk1"],
        ),
        (
            "mutation { createPatient(input: {lastName: \"Thistlewood\", note: \"\"\"lost her job in May\"\"\"}) { legalGuardian } }",
            &[("Thistlewood", "Thistlewood"), ("lost her job in May", "job")],
            &["createPatient has no field legalGuardian", "lastName"],
        ),
        (
            r#"{"controlNumber":"000904417","header":{"bin":"610014","pcn":"MEDDPRIME"},"tradingPartnerServiceId":"60054","template":"appt_reminder_v7",
               "encounter":{"serviceTypeCodes":["30"]},"mode":"PRIOR_AUTH_ONLY","system":"http://loinc.org","lookup":"urn:oid:2.16.840.1.113883.4.1|219091234",
               "subscriber":{"memberId":"W770183352"},"claimNumber":"000904418","bim":"610015","controlNumbr":"1EG4TE5MK73"}"#,
            &[
                ("W770183352", "W770183352"),
                ("claim 000904418", "000904418"),
                ("1EG4-TE5-MK73", "TE5"),
                ("219-09-1234", "219"),
            ],
            &[
                "controlNumber 000904417",
                "bin 610014 pcn MEDDPRIME",
                "partner 60054",
                "template appt_reminder_v7 unknown",
                "PRIOR_AUTH_ONLY",
                "http://loinc.org|8302-2",
                "urn:oid:2.16.840.1.113883.4.1",
            ],
        ),
        // Numbers of a claim, a document or a patient are no numbers of an envelope.
        (
            r#"{"patientControlNumber":"904417731","claimControlNumber":"904417732","documentControlNumber":"904417733",
               "payerClaimControlNumber":"904417734","interchangeControlNumber":"904417735","controlNumber":"531408862"}"#,
            &[
                ("seen 904417731", "904417731"),
                ("seen 904417732", "904417732"),
                ("seen 904417733", "904417733"),
                ("seen 904417734", "904417734"),
                ("seen 531408862", "531408862"),
            ],
            &["interchange 904417735"],
        ),
        // A number of a person under a key of machines is still one.
        (
            r#"{"controlNumber":"1EG4TE5MK73","pcn":"W770183352","template":"Marisol"}"#,
            &[("1EG4TE5MK73", "TE5"), ("W770183352", "W77"), ("Marisol", "Marisol")],
            &[],
        ),
    ];
    for (request, gone, kept) in cases {
        let mut echo = Echo::new();
        echo.add_body(None, request.as_bytes(), &|_| KeyClass::Unknown);
        for (text, gone) in *gone {
            let out = found(&echo, text);
            assert!(!out.contains(gone), "{text} -> {out}");
        }
        for text in *kept {
            assert_eq!(found(&echo, text), *text, "after {request}");
        }
    }
}

/// Requests in formats that anybody can make up: when in doubt a value is learnt.
#[test]
fn formats_of_other_languages_teach_their_values_too() {
    const HL7: &str = "<r><![CDATA[MSH|^~\\&|A|B\rPID|1||A44718290^^^H^MR||THISTLEWOOD^ANN|19800101\r]]></r>";
    let cases: &[(&str, &[&str])] = &[
        ("{lastName: Oyelaran, memberId: W77018}", &["oyelaran", "W77018"]),
        ("{lastName=Oyelaran, memberId=W77018}", &["oyelaran", "W77018"]),
        ("{'lastName': 'Oyelaran', 'memberId': 'W77018'}", &["oyelaran", "W77018"]),
        ("{patient={lastName=Oyelaran, numbers=[W77018, W77019]}}", &["oyelaran", "W77018", "W77019"]),
        ("{:lastName=>\"Oyelaran\", :memberId=>\"W77018\"}", &["oyelaran", "W77018"]),
        ("{patient: {lastName: Oyelaran, memberId: W77018}}", &["oyelaran", "W77018"]),
        ("lastName: Oyelaran\nmemberId: W77018\n", &["oyelaran", "W77018"]),
        ("query of {lastName: Oyelaran, memberId: W77018}", &["oyelaran", "W77018"]),
        ("PID|1||A44718290^^^H^MR||OYELARAN^ANN", &["oyelaran", "A44718290"]),
        ("{ patient(f: Zyrbethson) { id } }", &["zyrbethson"]),
        ("query Q($f: String) { p(lastName: OYELARAN, f: $f) { id } }", &["oyelaran"]),
        ("<Params><Param Name=\"LastName\">Thistlewood</Param></Params>", &["thistlewood"]),
        ("<r><field name=\"lastName\" value=\"Thistlewood\"/></r>", &["thistlewood"]),
        ("<r><field value=\"Thistlewood\" name=\"lastName\"/></r>", &["thistlewood"]),
        ("<r><Parameter name=\"mrn\" value=\"A44718290\"/></r>", &["A44718290"]),
        ("<r><data>{\"lastName\":\"Thistlewood\"}</data></r>", &["thistlewood"]),
        ("<r>&lt;lastName&gt;Thistlewood&lt;/lastName&gt;</r>", &["thistlewood"]),
        ("<ns2:Key1>44718290</ns2:Key1>", &["44718290"]),
        ("<ns2:Key1>44718290", &["44718290"]),
        ("<p last=Thistlewood mrn=A44718290>x</p>", &["thistlewood", "A44718290"]),
        ("<r><id root=\"44718290-Q\"/></r>", &["44718290-Q"]),
        ("<r><codeSystem>Zyrbethson</codeSystem></r>", &["zyrbethson"]),
        (HL7, &["thistlewood", "A44718290", "1980-01-01"]),
        ("ST*837*0007*005010X222A1~NM1*IL*1*THISTLEWOOD*ANN****MI*YLN550912~", &["thistlewood", "YLN550912"]),
        ("system: urn:oid:2.16.840.1.113883.19.5\nlastName: 'Oyelaran'", &["oyelaran"]),
        ("<r><a href=\"https://clinic.example.org/mrn|MC-0558213\"/></r>", &["MC-0558213"]),
    ];
    let mut kept = Vec::new();
    for (request, values) in cases {
        let mut echo = Echo::new();
        echo.add_body(None, request.as_bytes(), &|_| KeyClass::Unknown);
        for value in *values {
            if found(&echo, &format!("seen {value} before")).contains(value) {
                kept.push((request, value));
            }
        }
        for text in [
            "unknown field lastName of Patient",
            "no such Param",
            "type String expected",
            "codeSystem",
            "guide 005010X222A1",
            "2.16.840.1.113883.19.5",
        ] {
            let out = found(&echo, text);
            assert_eq!(out, text, "after {request}");
        }
    }
    assert!(kept.is_empty(), "{kept:#?}");
}

#[test]
fn parameters_and_ids() {
    let mut echo = Echo::new();
    echo.add_value(cues::key_class("name"), "Ng");
    echo.add_value(KeyClass::Unknown, "Quintanar-Abbott");
    echo.add_value(KeyClass::Unknown, "active");
    echo.add_value(KeyClass::Unknown, "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21");
    echo.add_value(KeyClass::Safe, "pt_abc123");
    assert_eq!(found(&echo, "Ng is not known"), "[REDACTED:name] is not known");
    for kept in ["ng, running, Nginx", "active", "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21", "pt_abc123"] {
        assert_eq!(found(&echo, kept), kept);
    }
    assert!(!found(&echo, "famly=Quintanar-Abbott").contains("Quintanar"));
}

#[test]
fn secrets_go_wherever_they_stand() {
    let mut echo = Echo::new();
    echo.add_secret("clk_live_7hV2mQ0aPzR9");
    for text in
        ["xclk_live_7hV2mQ0aPzR9x", "Y2xrX2xpdmVfN2hWMm1RMGFQelI5", "a2V5OmNsa19saXZlXzdoVjJtUTBhUHpSOQ=="]
    {
        assert!(found(&echo, text).contains("[REDACTED:api_key]"), "{text}");
    }
    assert!(!found(&Echo::new(), "clk_live_7hV2mQ0aPzR9").contains("REDACTED"));
}

#[test]
fn placeholders_are_not_read() {
    let echo = of_body(r#"{"lastName":"Redacted","firstName":"Name"}"#);
    assert_eq!(found(&echo, "a [REDACTED:name] b"), "a [REDACTED:name] b");
}

#[test]
fn what_is_kept_is_bounded() {
    let mut echo = Echo::new();
    for i in 0..PATTERNS_MAX * 2 {
        echo.add_value(KeyClass::Phi(Class::Name), &format!("Surname{i}x"));
    }
    assert!(echo.patterns.len() <= PATTERNS_MAX && echo.is_incomplete());
    let mut echo = Echo::new();
    echo.add_value(KeyClass::Free, &"lorem ipsumx dolor ".repeat(100_000));
    assert!(echo.bytes <= BYTES_MAX + 4096 && echo.is_incomplete());
    let mut edits = Vec::new();
    echo.find(&"aaaa".repeat(50_000), &mut edits);
    assert!(edits.is_empty());
}

/// A request of thousands of values that begin alike, or stand in one another, costs what its answer's length says.
#[test]
fn the_work_grows_with_the_answer_and_not_with_the_values() {
    let echo_of = |values: &mut dyn Iterator<Item = String>| {
        let mut echo = Echo::new();
        values.for_each(|value| echo.add_value(KeyClass::Phi(Class::Name), &value));
        echo
    };
    let alike = echo_of(&mut (0..900).map(|nth| format!("Quintanar{nth:04}")));
    let nested = echo_of(&mut (3..300).map(|length| "ab".repeat(length)));
    for (echo, text) in [
        (&alike, "Quintanar".repeat(400)),
        (&alike, "Quintanar0123, Quintana..., ".repeat(130)),
        (&nested, "ab".repeat(2000)),
    ] {
        let work = crate::phi::work::of(|| echo.find(&text, &mut Vec::new()));
        assert!(work <= 8 * text.len() as u64, "{work} for {} bytes", text.len());
    }
    assert_eq!(found(&alike, "Quintanar0123 and Quintanar0..."), "[REDACTED:name] and [REDACTED:name]...");
    assert_eq!(found(&nested, &"ab".repeat(2000)), "[REDACTED:other-unique-id]");
}

/// Comparing finds what the automaton finds, in the same order; the automaton takes over where needles are everywhere.
#[test]
fn needles_are_found_either_way() {
    let pattern = |folded: &str, kind| Pattern { folded: folded.into(), class: Class::Name, kind };
    let values =
        ["quintanar", "quin", "uint", "nt", "n", "anar", "abbott", "1987", "19871123", "quintanarabbott"];
    let patterns: Vec<Pattern> =
        values.iter().flat_map(|value| [pattern(value, Kind::Whole), pattern(value, Kind::Cut)]).collect();
    let searcher = heads::Searcher::of(&patterns);
    for text in ["", "n", "q", "quintanarabbott19871123", "anaquintquintanarannt198719871123abbot"] {
        let compared = searcher.compare(text.as_bytes()).expect("so few are soon compared");
        assert_eq!(compared, searcher.run(text.as_bytes(), usize::MAX), "{text}");
    }
    let dense = "n".repeat(10_000);
    assert!(searcher.compare(dense.as_bytes()).is_some());
    let alike: Vec<Pattern> = (0..900).map(|nth| pattern(&format!("quin{nth:04}"), Kind::Whole)).collect();
    let searcher = heads::Searcher::of(&alike);
    let dense = "quin".repeat(100) + "quin0123";
    assert!(searcher.compare(dense.as_bytes()).is_none());
    let found = searcher.find(dense.as_bytes(), 16);
    assert!(found.len() == 1 && found[0].span == (400..408));
}

/// One search of a sorted group finds what a look at each value finds.
#[test]
fn a_group_agrees_as_its_values_do() {
    let values = ["abcdefghi", "abcdefghik", "abcdefghikl", "abcdefghz", "abcdefghzz", "abcdefghikmn"];
    let patterns: Vec<Pattern> = values
        .iter()
        .map(|value| Pattern { folded: value.as_bytes().to_vec(), class: Class::Name, kind: Kind::Cut })
        .collect();
    let mut group: Vec<usize> = (0..patterns.len()).collect();
    group.sort_unstable_by_key(|index| &patterns[*index].folded);
    for text in
        ["abcdefgh", "abcdefghi", "abcdefghik", "abcdefghikmnop", "abcdefghx", "abcdefghz0", "abcdefghikm"]
    {
        let mut one_by_one: Vec<usize> = values
            .iter()
            .filter_map(|value| {
                let agreed = text.bytes().zip(value.bytes()).take_while(|(a, b)| a == b).count();
                (agreed < value.len()).then_some(agreed)
            })
            .collect();
        one_by_one.sort_unstable();
        one_by_one.dedup();
        let agreed: Vec<usize> =
            heads::agreements(text.as_bytes(), &group, &patterns).iter().map(|(length, _)| *length).collect();
        assert_eq!(agreed, one_by_one, "{text}");
    }
}
