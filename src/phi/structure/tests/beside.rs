//! Rows, records and neighbours: what stands beside something known.

use super::*;

#[test]
fn records_rows_and_paths_lose_their_values() {
    let engine = Engine::default();
    for (body, gone, kept) in [
        (
            r#"{"context":[["lastName","Haverstock"],["status","active"]]}"#,
            "Haverstock",
            r#"["status","active"]"#,
        ),
        (
            r#"{"columns":["id","last_name"],"row":["pt_x9","Haverstock"]}"#,
            "Haverstock",
            r#""row":["pt_x9","#,
        ),
        (r#"{"sql":"UPDATE patient SET family=?","bindings":["Haverstock"]}"#, "Haverstock", "family=?"),
        (
            r#"{"subject":{"reference":"Patient/pt_x9","display":"HAVERSTOCK, INA"}}"#,
            "HAVERSTOCK",
            "Patient/pt_x9",
        ),
        (r#"{"type":{"coding":[{"code":"MR"}]},"value":"E1002931"}"#, "E1002931", r#""code":"MR""#),
        ("BEGIN:VCARD VERSION:4.0 N:Haverstock;Ina;;; END:VCARD", "Haverstock", "VERSION:4.0"),
        (
            "--b\nContent-Disposition: form-data; name=\"lastName\"\n\nHaverstock\n--b--",
            "Haverstock",
            "name=\"lastName\"\n\n",
        ),
        ("run: --given Caroline --dry-run", "Caroline", "--dry-run"),
        ("run: --dob 1961-07-04 --dry-run", "07-04", " --dry-run"),
        (
            "GET Patient?identifier=urn:example:mrn|77120&birthdate=1961-07-04 failed",
            "77120",
            "urn:example:mrn|",
        ),
        ("moved /export/okafor_amara.pdf ok", "okafor", "/export/"),
        ("Patient { name: { first: 'Ina', last: 'Haverstock' } }", "Haverstock", "first: '"),
        ("{ [\"firstName\"]=> string(5) \"Ngozi\" [\"active\"]=> bool(true) }", "Ngozi", "bool(true)"),
        ("Property [lastName] with value [Haverstock] is not unique", "Haverstock", "is not unique"),
        ("Data too long for column 'last_name' at row 1: Haverstock", "Haverstock", "at row 1: "),
        ("PID.5.1=HAVERSTOCK PID.7.1=19800115 status=SENT", "19800115", "status=SENT"),
        ("(0010,0030) DA [19590303] # 8", "19590303", "# 8"),
        ("ADT|admit|Kwon^Soojin|19590303|bed=12A", "19590303", "bed=12A"),
        ("{\"field\":\"lastName\",\"diff\":\"- Haver\\n+ Haverstock\"}", "Haver", "\\n+ "),
        ("ssn ５１２－３４－６７８１ here", "６７８１", " here"),
        ("blob 73736e3d3531322d33342d36373831 len=15", "73736e3d", "len=15"),
        (
            "<html><form><input name=\"lastName\" value=\"Haverstock\"><input name=\"csrf\"></form></html>",
            "Haverstock",
            "name=\"csrf\"",
        ),
    ] {
        let scrubbed = engine.scrub_body(None, body.as_bytes(), &Echo::new());
        let text = String::from_utf8_lossy(&scrubbed.body).into_owned();
        assert!(!text.contains(gone), "{body} -> {text}");
        assert!(text.contains(kept), "{body} -> {text}");
        let again = engine.scrub_body(None, text.as_bytes(), &Echo::new());
        assert_eq!(text, String::from_utf8_lossy(&again.body), "{body}");
    }
}

#[test]
fn names_of_things_and_places_of_values_stay() {
    let engine = Engine::default();
    for body in [
        r#"{"org":{"name":"Massachusetts General Hospital","type":"prov"}}"#,
        r#"{"name":"portal","hostname":"web-03","pid":4412}"#,
        r#"{"measure":{"name":"DiabetesPoorControl"},"error":"retired"}"#,
        "timezone set to America/Sao_Paulo",
        "MSH|^~\\&|ADT1|LAB|20261121090101||ADT^A01|MSG00001|P|2.5.1",
        "span name=\"GET /v1/patients/{id}\" kind=server",
        "/usr/lib/node_modules/body-parser/lib/read.js",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b deployed",
    ] {
        let scrubbed = engine.scrub_body(None, body.as_bytes(), &Echo::new());
        assert_eq!(body, String::from_utf8_lossy(&scrubbed.body));
    }
}

#[test]
fn a_name_that_is_a_word_of_machines_leaves_codes_alone() {
    let engine = Engine::default();
    let mut echo = Echo::new();
    echo.add_body(None, br#"{"firstName":"Error","lastName":"Haverstock"}"#, &|_| {
        crate::phi::KeyClass::Unknown
    });
    let body = r#"{"error":"Unprocessable","code":"VALIDATION_ERROR","message":"Haverstock exists"}"#;
    let scrubbed = engine.scrub_body(None, body.as_bytes(), &echo);
    let text = String::from_utf8_lossy(&scrubbed.body);
    assert!(text.starts_with(r#"{"error":"Unprocessable","code":"VALIDATION_ERROR","#), "{text}");
    assert!(!text.contains("Haverstock"), "{text}");
}

#[test]
fn what_stands_beside_a_known_field_of_a_row() {
    check(&[
        (
            "import row 88 skipped: Mbeki;Sipho;12.09.1969;0825551234",
            &["Mbeki", "Sipho", "0825551234"],
            &["skipped"],
        ),
        (
            r#"row 14: "Gallagher","Fiona","03/03/1959","91234567" -> column count 4, expected 5"#,
            &["Gallagher", "Fiona", "1959", "91234567"],
            &["column count 4, expected 5"],
        ),
        ("emergency contact => Rajesh Kumar / 98765 43210", &["Rajesh", "98765"], &["emergency contact"]),
        ("fonseca,gabriela,F,07/04/1961,512-555-0143,TX", &["fonseca", "gabriela"], &["TX"]),
        ("record khumalo, mbali is locked", &["khumalo", "mbali"], &["is locked"]),
        (
            "merge blocked: names differ (Saint-Pierre / St-Pierre)",
            &["Saint-Pierre", "St-Pierre"],
            &["names differ ("],
        ),
        ("M. Kouassi N'Guessan a déjà un dossier", &["Kouassi", "Guessan"], &["a déjà un dossier"]),
        ("versions differ (v1 / v2)", &[], &["(v1 / v2)"]),
        ("stages: build,test,deploy,2026-11-21,ok", &[], &["build,test,deploy"]),
        ("record created, version is 4", &[], &["created, version is 4"]),
    ]);
}

#[test]
fn an_identifier_is_hidden_wherever_it_stands() {
    check(&[
        (
            r#"{"detail":"No chart for MRN 77120-B","instance":"/charts/77120-B"}"#,
            &["77120-B"],
            &["No chart for", "/charts/"],
        ),
        (r#"{"detail":"No chart for MRN 77120","count":77120}"#, &[], &[r#""count":77120"#]),
    ]);
}

#[test]
fn phrases_that_markup_parts() {
    check(&[
        (
            "<html><body><p>No record for patient <strong>Carlos</strong> <strong>Villanueva</strong> here</p></body></html>",
            &["Carlos", "Villanueva"],
            &["No record for", "<strong>", "</p>"],
        ),
        (
            "<dl><dt>Patient</dt><dd><b>Camille</b> <b>Rousseau</b></dd></dl>",
            &["Camille", "Rousseau"],
            &["<dt>Patient</dt>"],
        ),
        (
            "<table><tr><th>First name</th><th>Last name</th></tr><tr><td>Goran</td><td>Milosevic</td></tr></table>",
            &["Goran", "Milosevic"],
            &["<th>Last name</th>"],
        ),
        (
            "<table><tr><th>Name</th><th>Status</th></tr><tr><td>postgres</td><td>up</td></tr><tr><td>redis</td><td>down</td></tr></table>",
            &[],
            &["postgres", "redis"],
        ),
        ("<p><b>502</b> <b>Bad Gateway</b></p>", &[], &["<b>502</b> <b>Bad Gateway</b>"]),
    ]);
}

#[test]
fn explicit_keys_hold_odd_values() {
    check(&[
        (r#"{"birthDate":"0312","message":"bad"}"#, &["0312"], &["bad"]),
        (r#"{"dob":"150"}"#, &["150"], &[]),
        (r#"{"licenseNumber":"A7"}"#, &["A7"], &[]),
        (
            r#"{"errors":[{"field":"mrn","rejectedValue":"7","message":"too short"}]}"#,
            &["\"7\""],
            &["too short"],
        ),
        (r#"{"license":"MIT","version":"5.1.5"}"#, &[], &["MIT"]),
        (r#"{"age":"3600","cache":"HIT"}"#, &[], &["3600"]),
        (r#"{:first_name "Noor" :last_name "Al-Fayed"}"#, &["Noor", "Fayed"], &[":first_name"]),
        (r#"search q="farouk, omar" took 912ms"#, &["farouk", "omar"], &["took 912ms"]),
        (r#"Query: famly=Obiora&birthdate=1987-11-23"#, &["Obiora", "1987"], &["famly="]),
        (r#"geo="6.4541,3.3947" patient=pt_2"#, &["6.4541", "3.3947"], &["pt_2"]),
        (r#"GET /v1/labs?type=Bundle&status=final"#, &[], &["type=Bundle&status=final"]),
    ]);
}

#[test]
fn what_only_looks_like_a_person_stays() {
    check(&[
        ("INSERT INTO patients (id, birth_date) VALUES ($1, $2)", &[], &["VALUES ($1, $2)"]),
        (
            "tls certificate renewed cn=api.example.com serial=03:9a:4f:7c:11:d2",
            &[],
            &["serial=03:9a:4f:7c:11:d2"],
        ),
        ("certificate serial=04:A3:7F:19:22:CC:81:0E", &[], &["04:A3:7F:19:22:CC:81:0E"]),
        (
            "peer certificate fingerprint SHA256:uNiVztksCsDhcc0u9e8BrJQXVUpKZIDTMczCvj3tD2s",
            &[],
            &["uNiVztksCs"],
        ),
        ("Policlinico Gemelli profilo attivo", &[], &["Policlinico Gemelli"]),
        ("Mann-Whitney U and Kaplan-Meier plots rendered", &[], &["Mann-Whitney U"]),
        ("loaded 354120 SNOMED CT concepts", &[], &["354120 SNOMED CT"]),
        (r#"{"message":"Organization 'Cedars-Sinai Medical Center' is suspended"}"#, &[], &["Cedars-Sinai"]),
        (r#"{"message":"License 'Apache-2.0' not allowed for plugin"}"#, &[], &["Apache-2.0"]),
    ]);
}
