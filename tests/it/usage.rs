//! What a person who mistypes is told: no command answers another question than the one that was asked.

use clinik_guard::audit::chain::Tip;

use crate::commands::{free_port, guard, output};

/// Exit code, standard output and standard error.
fn said(arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let output = output(arguments, input);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const LINES: [&str; 3] = [
    r#""event":"exchange","time":"2026-11-02T00:00:00Z","request_id":"req_1","actor":"u-1","action":"R","resource":"patients","resource_id":"pseudonym:abc","method":"GET","route":"/v1/patients/{id}","outcome":"answered","status":200,"redactions":0,"duration_us":1"#,
    r#""event":"exchange","time":"2026-11-03T00:00:00Z","request_id":"req_2","actor":"u-2","action":"R","resource":"patients","resource_id":"pt_1","method":"GET","route":"/v1/patients/{id}","outcome":"answered","status":200,"redactions":0,"duration_us":1"#,
    r#""event":"exchange","time":"2026-11-04T00:00:00Z","request_id":"req_3","actor":"u-3","action":"R","resource":"patients","method":"GET","route":"/v1/patients/{id}","outcome":"answered","status":200,"redactions":0,"duration_us":1"#,
];

/// The lines of an intact trail.
fn sealed() -> Vec<String> {
    let mut tip = Tip::START;
    LINES
        .map(|fields| {
            let mut line = Vec::new();
            tip = tip.seal(fields.as_bytes(), &mut line);
            String::from_utf8(line).unwrap()
        })
        .to_vec()
}

#[test]
fn an_export_of_a_broken_trail_says_so_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let lines = sealed();
    let trail = at("audit.jsonl");
    let export = |more: &[&str]| said(&[&["audit", "export", &trail], more].concat(), b"");
    let segment = |number: u64| at(&format!("audit-5f3a09c2b1d4-{number:06}.jsonl"));
    let write = || {
        for (number, line) in (1..).zip(&lines[..2]) {
            std::fs::write(segment(number), line).unwrap();
        }
        std::fs::write(&trail, &lines[2]).unwrap();
    };
    write();
    let (code, whole, why) = export(&[]);
    assert_eq!((code, whole.lines().count(), why.as_str()), (Some(0), 4, ""));
    let (code, rows, _) = export(&["--partial"]);
    assert_eq!((code, &rows), (Some(0), &whole), "nothing is told of a trail that is whole");

    let edited = lines[1].replace("u-2", "u-9");
    type Case<'a> = (&'a str, &'a dyn Fn(), &'a str, &'a [&'a str]);
    let broken: [Case<'_>; 5] = [
        (
            "000002.jsonl:1",
            &|| std::fs::write(segment(2), &edited).unwrap(),
            "record 2 was changed",
            &["--actor", "u-1"],
        ),
        ("audit.jsonl:1", &|| std::fs::remove_file(segment(2)).unwrap(), "record 2 is missing", &[]),
        (
            "000002.jsonl:1",
            &|| std::fs::write(segment(2), "{}\n").unwrap(),
            "not a line of an audit trail",
            &[],
        ),
        (
            "000002.jsonl:1",
            &|| std::fs::remove_file(segment(1)).unwrap(),
            "record 1 is missing",
            &["--to", "2026-11-03"],
        ),
        (
            "000002.jsonl:1",
            &|| std::fs::write(segment(2), &lines[1][..99]).unwrap(),
            "ends inside a line",
            &[],
        ),
    ];
    for (place, breaks, sentence, filter) in broken {
        write();
        breaks();
        let (code, rows, why) = export(filter);
        assert_eq!(code, Some(1), "{sentence}");
        assert!(why.contains(place) && why.contains(sentence), "{sentence}\n{why}");
        assert!(why.contains("the trail is NOT intact"), "{why}");
        let (_, verdict, _) = said(&["audit", "verify", &trail], b"");
        let found = verdict.lines().next().unwrap();
        assert!(why.contains(found), "the sentence of verify: {found}\n{why}");
        assert!(rows.starts_with("seq,") && rows.lines().count() < 5, "{rows}");
    }

    // The oldest segments are kept elsewhere.
    write();
    std::fs::remove_file(segment(1)).unwrap();
    let (code, rows, why) = export(&["--partial"]);
    assert_eq!((code, rows.lines().count(), why.as_str()), (Some(0), 3, ""));

    // A line that is being written is none yet.
    write();
    std::fs::write(&trail, format!("{}{}", lines[2], &lines[2][..40])).unwrap();
    let (code, rows, why) = export(&[]);
    assert_eq!((code, &rows), (Some(0), &whole), "{why}");
    assert!(why.contains("audit.jsonl:2: ends inside a line"), "{why}");
}

#[test]
fn an_export_never_answers_nobody_for_what_it_cannot_see() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(at("trail"), sealed().concat()).unwrap();
    std::fs::write(at("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let export = |more: &[&str]| said(&[&["audit", "export", &at("trail")], more].concat(), b"");

    let (code, rows, why) = export(&["--resource-id", "pt_1"]);
    assert_eq!((code, rows.lines().count()), (Some(1), 2), "{rows}");
    assert!(why.contains("this trail holds pseudonyms: give --pseudonym-key-file"), "{why}");
    assert!(why.contains("1 exchange without a record id may be on this one too"), "{why}");
    // Outside the pseudonyms' time and actor nothing is hidden.
    for fitting in [["--from", "2026-11-03"], ["--actor", "u-2"]] {
        let (code, rows, _) = export(&[&["--resource-id", "pt_1"], &fitting[..]].concat());
        assert_eq!((code, rows.lines().count()), (Some(0), 2), "{fitting:?}");
    }
    let (code, rows, _) = export(&["--resource-id", "pseudonym:abc"]);
    assert_eq!((code, rows.lines().count()), (Some(0), 2));

    let key = at("key");
    let (code, rows, why) = export(&["--resource-id", "pt_9", "--pseudonym-key-file", &key]);
    assert_eq!((code, rows.lines().count()), (Some(0), 1));
    assert!(why.contains("no exchange fits, under this id or its pseudonym by this key"), "{why}");
    // Ids from before there were pseudonyms are found with the key too.
    let (_, rows, _) = export(&["--resource-id", "pt_1", "--pseudonym-key-file", &key]);
    assert_eq!(rows.lines().count(), 2);

    let (code, _, why) = export(&["--resource", "patient"]);
    assert!(code == Some(2) && why.contains("did you mean patients?"), "{why}");
    for known in ["patients", "Patient", "bulk"] {
        assert_eq!(export(&["--resource", known]).0, Some(0), "{known}");
    }
    let period = ["--from", "2026-12-01", "--to", "2026-11-01"];
    let (code, _, why) = export(&period);
    assert!(code == Some(2) && why.contains("--from must be before --to"), "{why}");
    let (code, _, why) = said(&[&["report", "--audit", &at("trail")], &period[..]].concat(), b"");
    assert!(code == Some(2) && why.contains("--from must be before --to"), "{why}");
    let (_, _, why) = export(&["--actor", "nobody"]);
    assert!(why.contains("no exchange fits"), "{why}");

    let (_, tail, _) = said(&["audit", "tail", &at("trail")], b"");
    assert!(
        tail.lines()
            .next()
            .unwrap()
            .split_whitespace()
            .eq(["seq", "time", "actor", "caller", "method", "status", "outcome", "route", "record"])
    );
}

#[test]
fn nothing_is_no_intact_trail() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(at("empty"), "").unwrap();
    let (code, told, _) = said(&["audit", "verify", &at("empty")], b"");
    assert_eq!(code, Some(1));
    assert!(
        told.ends_with("empty: holds no records: nothing to verify\n") && !told.contains("ntact"),
        "{told}"
    );
    let (code, _, why) = said(&["audit", "verify", dir.path().to_str().unwrap()], b"");
    assert!(code == Some(1) && why.contains("name the active file in it"), "{why}");
    for command in [
        &["audit", "verify", "--key", "/none/key", &at("empty")][..],
        &["audit", "pseudonym", "--key-file", "/none/key"],
    ] {
        let (code, _, why) = said(command, b"");
        assert!(code == Some(1) && why.contains("/none/key: there is no such file"), "{why}");
    }
}

#[test]
fn check_takes_no_empty_policy_and_its_file_behind_an_option_too() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    for empty in ["", "\n \n"] {
        std::fs::write(at("empty"), empty).unwrap();
        let (code, told, _) = said(&["check", &at("empty")], b"");
        assert!(
            code == Some(1) && told.contains("the file is empty; for the defaults write `version: 1`"),
            "{told}"
        );
    }
    // What a pipe that failed hands on.
    assert_eq!(said(&["check", "--no-files", "/dev/stdin"], b"").0, Some(1));
    std::fs::write(at("good"), "version: 1\n").unwrap();
    assert_eq!(said(&["check", "--no-files", "-c", &at("good")], b"").0, Some(0));
    assert_eq!(said(&["check", "-c", &at("good"), &at("good")], b"").0, Some(2));
    let checked = guard(&["check"]).env("CLINIK_GUARD_CONFIG", at("empty")).output().unwrap();
    assert_eq!(checked.status.code(), Some(1));

    // A mistake in the policy does not hide that a file is not there.
    let policy = "lisen: {}\nguards: {caller: {tokens: [{name: portal, file: /none/portal-token}]}}\n";
    std::fs::write(at("bad"), policy).unwrap();
    let (code, told, _) = said(&["check", &at("bad")], b"");
    assert_eq!(code, Some(1));
    for part in [
        "did you mean `listen`?",
        "error: guards.caller.tokens[0].file: there is no such file: /none/portal-token\n",
        ":2:49\n",
        ": 2 problems\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(said(&["check", "--no-files", &at("bad")], b"").1.contains(": 1 problem\n"));
    // Nor does a day that is still to come.
    let policy = "compliance: {baa: {signed_on: 2999-01-31, reference: A-1, signed_by: J. Roe}}\nupstream: {ca_file: /none/ca}\n";
    std::fs::write(at("early"), policy).unwrap();
    let (_, told, _) = said(&["check", &at("early")], b"");
    assert!(told.contains("still to come") && told.contains("/none/ca"), "{told}");
}

#[test]
fn a_file_in_the_wrong_place_gets_a_tip() {
    for (arguments, tip) in [
        (&["run", "policy.yaml"][..], "clinik-guard run -c policy.yaml"),
        (&["scrub", "app.log"], "clinik-guard scrub < app.log"),
        (&["eval", "lines.jsonl"], "< lines.jsonl"),
        (&["dev", "policy.yaml"], "clinik-guard dev -c policy.yaml"),
        (&["dev", "--listen", "localhost"], "such as 127.0.0.1:8081"),
        (&["dev", "--tour", "--example", "x"], "cannot be used with"),
        (&["healthcheck", "--address", "foo"], "such as localhost:9090"),
    ] {
        let (code, _, why) = said(arguments, b"");
        assert!(code == Some(2) && why.contains(tip), "{arguments:?}: {why}");
    }
}

#[test]
fn a_taken_port_is_told_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    let port = free_port();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::fs::write(&path, format!("listen: {{addresses: ['127.0.0.1:{port}']}}\nops: {{address: null}}\n"))
        .unwrap();
    let (code, _, why) = said(&["run", "-c", path.to_str().unwrap()], b"");
    assert!(code == Some(1) && why.contains(&format!("127.0.0.1:{port} (listen.addresses): ")), "{why}");
}

#[test]
fn eval_judges_no_line_as_another_one() {
    let lines = [
        (r#"{"methd":"DELETE","target":"/v1/patients/a1"}"#, "unknown key; did you mean method?"),
        (r#"{"target":"/v1/patients?count=1"}"#, "method must be there"),
        (r#"{"method":5,"target":"/v1/patients?count=1"}"#, "method must be there"),
        (r#"{"requestbody":{"a":"b"},"body":"c"}"#, "did you mean request_body?"),
        (r#"{"lines":"x"}"#, "did you mean line?"),
    ];
    let input = lines.map(|(line, _)| line).join("\n");
    let (code, answers, _) = said(&["eval"], input.as_bytes());
    assert_eq!(code, Some(1));
    for ((line, problem), answer) in lines.iter().zip(answers.lines()) {
        assert!(answer.contains(problem), "{line}: {answer}");
    }
    // Labelled data has keys of its own.
    let labelled = r#"{"id":1,"method":"GET","target":"/v1/patients?count=1","gone":[],"kept":[],"clean":true,"classes":[],"tags":[],"verdict":"allow","code":null,"note":"n","split":"held"}"#;
    assert_eq!(said(&["eval"], labelled.as_bytes()).0, Some(0));
}

#[test]
fn explain_tells_a_wrong_method_from_a_wrong_path() {
    for (method, target, route) in [
        ("PUT", "/v1/patients/1", "route: none: ClinikAPI documents this path with other methods only\n"),
        ("GET", "/v1/patient", "route: none: ClinikAPI documents no such path\n"),
        ("GET", "/v1/../patients", "route: none: not readable\n"),
    ] {
        let (code, told, _) = said(&["explain", method, target], b"");
        assert!(code == Some(1) && told.starts_with(route), "{told}");
    }
    assert!(said(&["explain", "GET", "/v1/health"], b"").1.contains("is at /health"));
}
