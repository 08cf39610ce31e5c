//! Cases as data: the text with `{class|value}` around what must be found. Everything else must stay.

use super::*;

/// Parses a case: the bare text, and the spans with their labels.
fn parse(case: &str) -> (String, Vec<(String, String)>) {
    let mut text = String::new();
    let mut wanted = Vec::new();
    let mut rest = case;
    while let Some(open) = rest.find("\u{ab}") {
        text.push_str(&rest[..open]);
        let inner = &rest[open + 2..];
        let close = inner.find('\u{bb}').expect("a case closes what it opens");
        let (label, value) = inner[..close].split_once('|').expect("a case names the class");
        wanted.push((label.to_owned(), value.to_owned()));
        text.push_str(value);
        rest = &inner[close + 2..];
    }
    text.push_str(rest);
    (text, wanted)
}

fn run(place: Place, file: &str) -> Vec<String> {
    let engine = Engine::default();
    let mut faults = Vec::new();
    for case in file.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# ")) {
        let (text, wanted) = parse(case);
        let mut found = Vec::new();
        engine.scan(&text, place, KeyClass::Unknown, &mut found);
        let got: Vec<(String, String)> =
            found.iter().map(|f| (f.class.label().to_owned(), text[f.span.clone()].to_owned())).collect();
        let missed: Vec<_> = wanted
            .iter()
            .filter(|(_, value)| !got.iter().any(|(_, have)| have.contains(value.as_str())))
            .collect();
        let extra: Vec<_> = got
            .iter()
            .filter(|(_, have)| {
                !wanted
                    .iter()
                    .any(|(_, value)| have.contains(value.as_str()) || value.contains(have.as_str()))
            })
            .collect();
        let class: Vec<_> = wanted
            .iter()
            .filter(|(label, value)| got.iter().any(|(l, have)| have.contains(value.as_str()) && l != label))
            .collect();
        if !missed.is_empty() || !extra.is_empty() || !class.is_empty() {
            let rules: Vec<_> = found.iter().map(|f| f.rule).collect();
            faults.push(format!(
                "{text}\n    missed {missed:?} extra {extra:?} class {class:?} rules {rules:?}"
            ));
        }
        let mut clean = String::new();
        redact(&text, &found, &mut clean);
        let mut again = Vec::new();
        engine.scan(&clean, place, KeyClass::Unknown, &mut again);
        if !again.is_empty() {
            let rules: Vec<_> = again.iter().map(|f| (f.rule, &clean[f.span.clone()])).collect();
            faults.push(format!("{clean}\n    not clean: {rules:?}"));
        }
    }
    faults
}

#[test]
fn hits_and_near_misses_in_errors() {
    let faults = run(Place::Error, include_str!("errors.txt"));
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn hits_and_near_misses_in_log_lines() {
    let faults = run(Place::Log, include_str!("logs.txt"));
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_known_key_claims_its_value() {
    let engine = Engine::default();
    let check = |text: &str, class: Class, want: &[&str]| {
        let mut found = Vec::new();
        engine.scan(text, Place::Error, KeyClass::Phi(class), &mut found);
        let got: Vec<&str> = found.iter().map(|f| &text[f.span.clone()]).collect();
        assert_eq!(got, want, "{text}");
    };
    check("jane", Class::Name, &["jane"]);
    check("  Quintanar-Abbott ", Class::Name, &["Quintanar-Abbott"]);
    check("not-an-email", Class::Email, &["not-an-email"]);
    check("45", Class::Date, &[]);
    check("93", Class::Date, &["93"]);
    check("1984-13-45", Class::Date, &["1984-13-45"]);
    check("Required", Class::Name, &[]);
    check("String must contain at least 1 character(s)", Class::Name, &[]);
    check("", Class::Name, &[]);
    check("null", Class::Mrn, &[]);
    check("[REDACTED:name]", Class::Name, &[]);
    check("5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21", Class::Mrn, &[]);
    check("clk_live_*", Class::ApiKey, &[]);
    check("127.0.0.1", Class::Ip, &[]);
}

#[test]
fn an_extension_without_a_sign_before_it_is_no_gap() {
    let engine = Engine::default();
    for text in ["507.555.0150x80612", "0143x219 busy", "507.555.0150x80612 busy | {\"from\":10000000}"] {
        for place in [Place::Log, Place::Error, Place::Url] {
            engine.scan(text, place, KeyClass::Unknown, &mut Vec::new());
        }
    }
}

#[test]
fn arbitrary_text_never_panics_and_spans_are_on_boundaries() {
    let engine = Engine::default();
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let alphabet: Vec<char> =
        "0123456789-./: @+()_=\"'[]{}%&|,;\\#abcdefxyzABCMRNDOB\u{e9}\u{20ac}\u{4e2d}\u{1F600}\u{2019}\u{ff20}\u{a0}\n".chars().collect();
    for round in 0..20_000 {
        let mut text = String::new();
        for _ in 0..round % 60 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(alphabet[(state % alphabet.len() as u64) as usize]);
        }
        for place in [Place::Error, Place::Log, Place::Url] {
            for hint in [KeyClass::Unknown, KeyClass::Safe, KeyClass::Phi(Class::Date)] {
                let mut found = Vec::new();
                engine.scan(&text, place, hint, &mut found);
                let mut at = 0;
                for finding in &found {
                    assert!(
                        finding.span.start >= at && text.get(finding.span.clone()).is_some(),
                        "{text:?} {found:?}"
                    );
                    at = finding.span.end;
                }
            }
        }
    }
}

#[test]
fn work_grows_with_the_length_only() {
    let engine = Engine::default();
    for seed in [
        "1 ",
        "1-",
        "12-34-",
        "a@",
        "@@",
        "ssn ",
        "mrn:",
        "name: ",
        "received '",
        "\"a\":",
        "1.",
        "+1",
        "(0",
        "Box 1 ",
        "12 Oak ",
        "A1-",
        "eyJ",
        "data:image/",
        "::",
        "aa:",
        "[REDACTED:",
        "\u{4e2d}",
        "Bearer ",
        "AB 12 ",
    ] {
        let work = |count: usize| {
            let text = seed.repeat(count);
            crate::phi::work::of(|| engine.scan(&text, Place::Error, KeyClass::Unknown, &mut Vec::new()))
        };
        let (small, large) = (work(1000), work(16_000));
        assert!(large <= small * 20 + 1000, "{seed:?}: {small} looks for 1000, {large} for 16000");
    }
}
