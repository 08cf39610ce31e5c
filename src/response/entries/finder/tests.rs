use super::*;

/// The outcomes of a text that comes in pieces of so many bytes, of which what is settled is forgotten at once.
fn found(text: &str, bytes: usize) -> Vec<&str> {
    let mut finder = Finder::default();
    let (mut found, mut base) = (Vec::new(), 0);
    for end in (bytes..text.len()).step_by(bytes).chain([text.len()]) {
        finder.read(&text.as_bytes()[base..end], base).expect("not deep");
        let settled = finder.settled();
        assert!((base..=end).contains(&settled), "{text} {bytes}");
        found.extend(finder.take_found());
        base = settled;
    }
    found.into_iter().map(|outcome| &text[outcome]).collect()
}

#[test]
fn outcomes_are_found_wherever_they_stand_and_however_they_begin() {
    let plain = r#"{"resourceType":"OperationOutcome","issue":[{"a":"}"}]}"#;
    let late = r#"{ "id":"1", "issue":[{"diagnostics":"\\\"]"}], "text":{"div":"{"}, "resourceType" : "OperationOutcome" }"#;
    let spelt = r#"{"resource\u0054ype":"\u004fperationOutcome"}"#;
    let nested = r#"{"resourceType":"OperationOutcome","contained":[{"resourceType":"OperationOutcome"}]}"#;
    let strange =
        r#"{"$schema":"x","fhir_comments":[],"a":{"b":1},"resourceType":"OperationOutcome","issue":[1]}"#;
    let stranger =
        r#"{"issue":[1],"status":400,"entry":[],"resourceType":"Patient","resourceType":"OperationOutcome"}"#;
    for outcome in [plain, late, spelt, nested, strange, stranger, r#"{"issue":[1]}"#] {
        for text in [
            outcome.to_owned(),
            format!("\u{feff} [ {outcome} ]"),
            format!(r#"{{"entry":[{{"resource":{outcome}}},{{"fullUrl":"x"}}]}}"#),
            format!(r#"{{"contained":[{{"a":{outcome}}}],"resourceType":"Patient"}}"#),
            format!(r#"{{"resourceType":"Patient","contained":[{{"id":"1"}},{outcome}]}}"#),
            format!(r#"{{"response":{{"outcome": {outcome}}}}}"#),
            format!(r#"[{{"response":[{{"outcome" :{outcome},"a":"b"}}]}}]"#),
        ] {
            for bytes in 1..=text.len() {
                assert_eq!(found(&text, bytes), [outcome], "{text} {bytes}");
            }
        }
    }
    for forced in [r#""text""#, r#"{"a":1}"#, "[{}]"] {
        let text = format!(r#"{{"response":{{"status":"1","outcome":{forced}}},"outcome":"x"}}"#);
        for bytes in 1..=text.len() {
            assert_eq!(found(&text, bytes), [forced], "{text} {bytes}");
        }
    }
    let two = format!(r#"{{"entry":[{plain},{late},{{"resource":{plain}}}]}}"#);
    assert_eq!(found(&two, 9), [plain, late, plain]);
}

#[test]
fn what_is_no_outcome_is_not_found_and_does_not_wait() {
    for text in [
        r#"{"resourceType":"Patient","issue":[1]}"#,
        r#"{"issue":[1],"resourceType":"Patient"}"#,
        r#"{"issue":[1],"status":400}"#,
        r#"{"status":400,"issue":[1]}"#,
        r#"{"entry":[],"issue":[1]}"#,
        r#"{"id":"1","text":{"div":"x"}}"#,
        r#"{"outcome":{"text":"x"},"response":{"code":"ok"}}"#,
        r#"{"response":{"outcome":null,"status":"1"}}"#,
        r#"{"a":"{\"resourceType\":\"OperationOutcome\"}"}"#,
        r#"["resourceType","OperationOutcome"]"#,
        r#"{"resourceType":null,"id":"OperationOutcome"}"#,
        r#"}]{"a":"b"#,
        "",
    ] {
        for bytes in 1..=text.len().max(1) {
            assert_eq!(found(text, bytes), Vec::<&str>::new(), "{text} {bytes}");
        }
    }
    for (text, settled) in [
        (r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","na"#, 72),
        (r#"{"entry":[{"resource":{"resourceType":"Patient","gender":"Quin"#, 62),
        // Whatever begins strangely may be an outcome for a while.
        (r#"{"entry":[{"resource":{"resourceType":"Patient","name":[{"family":"Quin"#, 56),
        (r#"{"entry":[{"resource":{"resourceType":"Patient","issue":[1],"a":1"#, 48),
        (r#"{"entry":[{"resource":{"id":"1","text":{"div":"x"#, 22),
        (r#"{"entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"a":1}"#, 22),
        (r#"{"entry":[{"response":{"status":"400","outcome":"x"#, 48),
    ] {
        let mut finder = Finder::default();
        finder.read(text.as_bytes(), 0).expect("not deep");
        assert_eq!(finder.settled(), settled, "{text}");
    }
}

#[test]
fn a_strange_object_waits_for_so_long_and_with_issue_to_its_end() {
    let strange = |pad: usize, behind: &str| format!(r#"[{{"a":"{}",{behind}}}]"#, "x".repeat(pad));
    let typed = r#""resourceType":"OperationOutcome","issue":[1]"#;
    let issue =
        format!(r#""issue":["{}"],"resourceType":"OperationOutcome""#, "y".repeat(2 * LEAD_BYTES_MAX));
    for behind in [typed, &issue] {
        let text = strange(LEAD_BYTES_MAX - 100, behind);
        for bytes in [1, 100, LEAD_BYTES_MAX, text.len()] {
            assert_eq!(found(&text, bytes), [&text[1..text.len() - 1]]);
        }
        let text = strange(LEAD_BYTES_MAX, behind);
        for bytes in [1, 100, LEAD_BYTES_MAX, text.len()] {
            let mut finder = Finder::default();
            let read = |piece: &[u8], nth: usize, finder: &mut Finder| {
                let read = finder
                    .read(&text.as_bytes()[finder.settled()..nth * bytes + piece.len()], finder.settled());
                // What was let go is what stands before `issue`.
                assert!(read.is_err() || finder.settled() <= text.find("\"issue").unwrap_or_default());
                read
            };
            let all = text.as_bytes().chunks(bytes).enumerate();
            let lost = all.into_iter().find_map(|(nth, piece)| read(piece, nth, &mut finder).err());
            assert_eq!(lost, Some(Lost::TooLate), "{bytes}");
        }
    }
    let text = format!(r#"[{{"a":"{}"#, "x".repeat(LEAD_BYTES_MAX));
    let mut finder = Finder::default();
    assert_eq!(finder.read(text.as_bytes(), 0), Ok(()));
    assert_eq!(finder.settled(), text.len());
    let twice = br#"{"resourceType":"Patient","resourceType":"OperationOutcome"}"#;
    assert_eq!(Finder::default().read(twice, 0), Err(Lost::TooLate));
}

#[test]
fn what_is_skipped_makes_no_difference() {
    let read = |text: &str, ends: &mut dyn Iterator<Item = usize>| {
        let mut finder = Finder::default();
        let mut found = Vec::new();
        for end in ends {
            let from = finder.settled();
            finder.read(&text.as_bytes()[from..end], from)?;
            found.extend(finder.take_found());
        }
        Ok::<_, Lost>((found, finder.settled()))
    };
    let long = r#"{"id":"[","text":[{"div":"\"}{\\"},[1]]},"#.repeat(4);
    let lead = format!("\"id\":\"{}\",", "x".repeat(LEAD_BYTES_MAX));
    let befores = [
        "",
        "[",
        r#"{"entry":["#,
        r#"{"id":"1","#,
        r#"{"id":"1","contained":["#,
        r#"{"id":"1","text":{"a":1,"#,
        r#"{"issue":[1],"#,
        r#"{"issue":[1],"contained":["#,
        r#"{"resourceType":"OperationOutcome","contained":["#,
        r#"{"response":{"outcome":"#,
        r#"{"response":{"status":"1","#,
        r#"{"response":["#,
        r#"{"response":[{"a":"#,
        r#"{"resourceType":"Patient","a":{"b":"#,
        r#"{"resourceType":"#,
        r#"{"a":"x\"#,
        r#"{"a":["b"#,
    ];
    let betweens = [
        long.clone(),
        format!("{long}{{\"a\":["),
        format!("1]}},{long}"),
        format!("1}}]}},{long}"),
        format!("1}},\"a\":{{}},{long}"),
        format!("]}},{long}{{\"response\":{{\"a\":1,"),
        format!("{long}{{\"id\":\"2\","),
        format!("\"],{long}\"a\":"),
        format!("{lead}{long}"),
        format!("{long}]}}]}}]}}"),
        format!("{long}\\"),
        format!("{long}{{\"resourceType\":\"Patient\","),
    ];
    let behinds = [
        "",
        r#""outcome":"x"}}"#,
        r#"{"outcome":["x"]}"#,
        r#""issue":[1]}"#,
        r#""issue":[1],"resourceType":"OperationOutcome"}"#,
        r#""resourceType":"OperationOutcome"}"#,
        r#""OperationOutcome"}"#,
        r#"{"issue":[1]}"#,
        r#"{"is\u0073ue":[1]}"#,
        r#""id":"3"}"#,
        r#""a":1,"issue":[1]}"#,
        r#"]}]},"issue":[1]}"#,
        r#""issue"#,
        "\"",
        "}",
    ];
    for (before, between) in
        befores.iter().flat_map(|before| betweens.iter().map(move |between| (before, between)))
    {
        for behind in behinds {
            let text = format!("{before}{between}{behind}");
            let slowly = read(&text, &mut (100..text.len()).step_by(100).chain([text.len()]));
            let cut = before.len() + between.len();
            assert_eq!(read(&text, &mut [before.len(), text.len()].into_iter()), slowly, "{text}");
            assert_eq!(read(&text, &mut [before.len(), cut, text.len()].into_iter()), slowly, "{text}");
        }
    }
}

#[test]
fn depth_is_bounded() {
    let mut finder = Finder::default();
    assert_eq!(finder.read("[".repeat(DEPTH_MAX).as_bytes(), 0), Ok(()));
    assert_eq!(finder.read(b"[", DEPTH_MAX), Err(Lost::TooDeep));
    for (depth, read) in [(DEPTH_MAX, Ok(())), (DEPTH_MAX + 1, Err(Lost::TooDeep))] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(Finder::default().read(text.as_bytes(), 0), read);
    }
}
