//! Vectors made by an independent implementation of each rule, all synthetic. Near misses change the check character.

use super::*;

type Check = fn(&[u8]) -> bool;

/// Rule, what passes, what does not.
const RULES: &[(&str, Check, &str, &str)] = &[
    ("aba", aba, "021000021", "021000022"),
    ("au_medicare", au_medicare, "4655489491 3887253041 6547801071 2210949631", "4655489401 3887253051"),
    ("bsn", bsn, "715221723 133795998 151913961 179932962", "715221724 133795999"),
    ("bvn", bvn, "22123456789", "21123456789"),
    ("card", card, "4505025145556154 4878733160021306", "4505025145556155 4878733160021307"),
    ("card_strict", card_strict, "4189635109659480 4162794430334734", "4189635109659481"),
    (
        "codice_fiscale",
        codice_fiscale,
        "RSSMRA85M01H501Q MRTMTT91D08F205J",
        "RSSMRA85M01H501A MRTMTT91D08F205A",
    ),
    ("dea", dea, "BC5796327 BC9368134 BC2598110", "BC5796328 BC9368135"),
    ("dni", dni, "56100526F 82903368Y 81380338J", "56100526A 82903368A"),
    ("ehic", ehic, "80246802460000762193", "81246802460000762193"),
    ("gtin14", gtin14, "00614141999996", "00614141999997"),
    ("hetu", hetu, "220281-686U 250952-7511 240281-1638", "220281-686A 250952-7512 320281-686U"),
    ("hicn", hicn, "219118888A", "219118888G 219118888"),
    ("hpi", hpi, "8003611566713495", "8003611566713496"),
    (
        "iban",
        iban,
        "DE61461726255172655818 DE74807004003595665986",
        "DE61461726255172655819 de61461726255172655818",
    ),
    ("ihi", ihi, "8003602042505969 8003604359656609", "8003602042505960"),
    ("imei", imei, "490154203237518", "490154203237519"),
    ("itin", itin, "912846713", "912496713 812846713"),
    ("kvnr", kvnr, "H394142142 M014349608 G645496891", "H394142143 M014349609"),
    ("loinc", loinc, "84806 7187", "84807 7188"),
    ("mbi", mbi, "1EG4TE5MK73", "1SG4TE5MK73 0EG4TE5MK73"),
    ("nhs", nhs, "4932170343 1328109518 1934594954", "9999999999 1111111111 4932170344"),
    ("nie", nie, "Y8530188P Y1453697L", "Y8530188A A1453697L"),
    ("nino", nino, "AB123456C CE123456C", "GB123456C DA123456C AB123456E"),
    ("nir", nir, "187022563680093 148112183001534 175016691422538", "187022563680094 187132563680093"),
    ("npi", npi, "1107564571 1011308610", "1107564572 3107564571"),
    ("ohip", ohip, "9876543217", "9876543218"),
    ("ehic", ehic, "80276000091827364550", "80840000091827364550"),
    ("personnummer", personnummer, "2908141407 192908141407", "2908141408 2913141407"),
    ("pesel", pesel, "63032566043 43091237364", "63032566044 63132566043"),
    ("ppsn", ppsn, "5830794P 9860206W", "5830794A 9860206A"),
    ("ramq", ramq, "TREM90511508", "TREM99001508 TREM90131508"),
    ("sin", sin, "393080593 112245204", "393080594 093080593"),
    ("snomed", snomed, "840539006 73211009 22298006", "840539007 73211000"),
    ("ssn", ssn, "219118888", "666118888 000118888 912118888 219008888 219110000 078051120"),
    ("tfn", tfn, "123456782", "123456783 1234567"),
    ("uk_licence", uk_licence, "MORGA657054SM9IJ", "MORGA697054SM9IJ MORGA657994SM9IJ"),
    ("verhoeff", verhoeff, "2363", "2364"),
    ("vin", vin, "1M8GDM9AXKP042788 1HGCM82633A004352", "1M8GDM9A1KP042788 1HGCM82613A004352"),
];

#[test]
fn issued_numbers_pass_and_near_misses_do_not() {
    let mut faults = Vec::new();
    for (name, check, good, bad) in RULES {
        for text in good.split(' ').filter(|text| !check(text.as_bytes())) {
            faults.push(format!("{name} refuses {text}"));
        }
        for text in bad.split(' ').filter(|text| check(text.as_bytes())) {
            faults.push(format!("{name} accepts {text}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_rule_panics_on_any_bytes() {
    for (_, check, _, _) in RULES {
        for len in 0..40 {
            for byte in [0, b'-', b'0', b'9', b'A', b'Z', b'a', 0xC3, 0xFF] {
                let _ = check(&vec![byte; len]);
            }
        }
    }
}
