//! Values that a path, a key, a neighbour or a form of address announces, each with its near misses.

use super::check;

#[test]
fn parts_of_one_record() {
    check(&[
        (
            "Duplicate entry 'Whitlock-Genevieve-1984-07-22' for key 'patients.uniq_person'",
            &["Whitlock", "Genevieve"],
            &["for key 'patients.uniq_person'"],
        ),
        ("Duplicate entry 'Daily-Report-20261102' for key 'reports.uniq'", &[], &["Daily-Report-20261102"]),
        ("Duplicate entry 'Invoice-2026-11-02' for key 'x'", &[], &["'Invoice-"]),
        (
            "main.save(&main.Intake{First:\"Marguerita\", Last:\"Coles\"})",
            &["Marguerita", "Coles"],
            &["Intake{First:"],
        ),
        ("Page{First:1, Last:10}", &[], &["{First:1, Last:10}"]),
        ("patient_first=Tyrell patient_last=Beaumont ok", &["Tyrell", "Beaumont"], &["patient_first="]),
        ("patient_first=true patient_last=null", &[], &["patient_first=true patient_last=null"]),
        ("INSERT INTO a VALUES('3 Quarry Bank','Eureka Springs','AR','7263')", &["7263"], &["INSERT INTO a"]),
        ("INSERT INTO cfg VALUES('US','8080')", &[], &["('US','8080')"]),
        ("CSV: id,name\n7,\"Marsden, Phyllida\"\n", &["Marsden", "Phyllida"], &["CSV: id,name\n7,"]),
        ("CSV: id,status\n7,\"done, sent\"\n", &[], &["7,\"done, sent\""]),
    ]);
}

#[test]
fn fields_by_their_place_in_a_message() {
    check(&[
        ("SIU^S12 parse error at IN1-36 value=YYZ884120033 segment 7", &["YYZ884120033"], &["segment 7"]),
        ("timeclock mrn=9f8e7d6c4 match=0.98", &["9f8e7d6c4"], &["match=0.98"]),
        ("mrn lookup match=12345678", &["12345678"], &["match="]),
        ("sms inbound from 415-555-0149: keyword=STOP", &["555-0149"], &["keyword=STOP"]),
        ("account number 0088-412-77 balance $1,240.00", &["0088-412-77"], &["balance $1,240.00"]),
        ("parse error at MSH-9 value=ADT_A01", &[], &["value=ADT_A01"]),
        ("parse error at OBX-5 value=7.25", &[], &["value=7.25"]),
    ]);
}

#[test]
fn towns_of_postcodes() {
    check(&[
        (
            "Código postal 4450-208 não pertence a Matosinhos",
            &["4450-208", "Matosinhos"],
            &["não pertence a"],
        ),
        ("postcode LS6 3QX is not in Headingley", &["LS6 3QX", "Headingley"], &["is not in"]),
        ("postcode LS6 3QX does not match Pattern", &["LS6 3QX"], &["does not match Pattern"]),
    ]);
}

#[test]
fn forms_of_address_of_japan() {
    check(&[
        ("患者渡辺香織さんの生年月日1954年3月8日が不正です", &["渡辺香織"], &["患者", "さんの生年月日"]),
        ("佐藤健一様の予約はありません", &["佐藤健一"], &["様の予約"]),
        (
            "仕様様式を確認。看護師さん、患者様、同様、氏名が不正です",
            &[],
            &["仕様様式を確認。看護師さん、患者様、同様、氏名が不正です"],
        ),
    ]);
}

#[test]
fn methods_of_a_package_are_no_slugs() {
    check(&[
        (
            "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)",
            &[],
            &["sun.nio.ch.NioSocketImpl"],
        ),
        ("GET /files/okafor.amara.pdf 404", &["okafor", "amara"], &["GET /files/"]),
    ]);
}

#[test]
fn a_placeholder_announces_nothing() {
    check(&[
        (r#"{"mrn":"[REDACTED:mrn]","value":21000000}"#, &[], &["21000000"]),
        (r#"{"event":"mrn lookup failed","value":21000000}"#, &["21000000"], &["mrn lookup failed"]),
        (
            r#"{"system":"8812334^^^HOSP^MR","data":["O’Brien","C\\D"],"n":1}"#,
            &["8812334"],
            &[r#"^^^HOSP^MR","data":["O’Brien","C\\D"],"n":1}"#],
        ),
        (r#"{"system":"[REDACTED:ssn]","value":"Quorum 12 of 40"}"#, &[], &["Quorum 12 of 40"]),
    ]);
}
