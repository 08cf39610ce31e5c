//! The report as a whole: what is covered, how it is judged, and that nothing in it is markup.

use super::*;
use crate::config::{PolicyFile, Section as _};

const NOW: u64 = 1_795_000_000; // In November 2026.

fn report(text: &str, trail: &TrailState, activity: Option<&Activity>) -> Report {
    let policy = Policy::from_str("p.yaml", text).unwrap_or_else(|problems| panic!("{problems}"));
    let sources =
        Sources { policy: &policy, name: "p.yaml", text, activity, trail, now_unix: NOW, with_actors: false };
    Report::build(&sources, Period::default())
}

#[test]
fn every_setting_of_the_lists_is_a_key_of_the_policy() {
    let mut keys = Vec::new();
    PolicyFile::leaves("", &mut keys);
    let known = |path: &str| keys.iter().any(|key| key == path || key.starts_with(&format!("{path}.")));
    for entry in safeguards::ENTRIES.iter().chain(checklist::ENTRIES) {
        for path in entry.settings {
            assert!(known(path), "{}: there is no key {path}", entry.title);
        }
    }
}

#[test]
fn the_rule_is_covered_whole() {
    let references: Vec<&str> = safeguards::ENTRIES.iter().map(|entry| entry.reference).collect();
    let rule = [
        "(a)(1)",
        "(a)(2)(i)",
        "(a)(2)(ii)",
        "(a)(2)(iii)",
        "(a)(2)(iv)",
        "(b)",
        "(c)(1)",
        "(c)(2)",
        "(d)",
        "(e)(1)",
        "(e)(2)(i)",
        "(e)(2)(ii)",
    ];
    assert_eq!(references, rule.map(|part| format!("164.312{part}")));
    assert_eq!(checklist::ENTRIES.len(), 11);
}

#[test]
fn states_follow_the_policy_and_settings_know_their_line() {
    let missing = TrailState::Missing("not here");
    let state = |text: &str, title: &str| {
        let report = report(text, &missing, None);
        let mut rows = report.sections.into_iter().flat_map(|section| section.rows);
        rows.find(|row| row.title == title).expect("a row").state
    };
    for (text, title, expected) in [
        ("", "No PHI in URLs", State::Enforced),
        ("guards: {url: {mode: observe}}", "No PHI in URLs", State::Observed),
        ("guards: {url: {mode: 'off'}}", "No PHI in URLs", State::Off),
        ("", "Rate limits", State::Off),
        ("limits: {plan: pro}", "Rate limits", State::Enforced),
        ("", "Authentication", State::Partial),
        ("guards: {caller: {tokens: [{name: a, env: A}]}}", "Authentication", State::Enforced),
        ("", "Emergency access procedure", State::NotApplicable),
        ("guards: {access: {roles: {a: {patients: [read]}}}}", "Emergency access procedure", State::Off),
        ("guards: {access: {roles: {a: {patients: [read]}}}}", "Authorisation", State::Enforced),
        ("guards: {access: {read_only: true}}", "Authorisation", State::Partial),
        ("audit: {sink: 'off'}", "Audit controls", State::Off),
        ("audit: {require_actor: true}", "Unique user identification", State::Enforced),
        ("upstream: {url: 'http://127.0.0.1:1', allow_plaintext_loopback: true}", "HTTPS", State::Off),
        ("guards: {body: {json: false}}", "Input validation", State::Partial),
        ("audit: {on_failure: continue}", "Audit", State::Partial),
    ] {
        assert_eq!(state(text, title), expected, "{title} of {text:?}");
    }
    let written = report("audit:\n  sink: stdout\n  file:\n", &missing, None);
    let rows: Vec<&Row> = written.sections.iter().flat_map(|section| &section.rows).collect();
    let line = |path: &str| {
        rows.iter().flat_map(|row| &row.settings).find(|setting| setting.path == path).and_then(|at| at.line)
    };
    assert_eq!((line("audit.sink"), line("audit.file"), line("guards.access.roles")), (Some(2), None, None));
}

#[test]
fn findings_need_action_until_there_is_nothing_to_do() {
    let good = "\
compliance: {plan: pro, environment: production, baa: {signed_on: 2026-01-31, reference: A-1, signed_by: J. Roe}}
limits: {plan: pro}
audit: {sink: file, file: /var/lib/audit.jsonl, require_actor: true, signing_key_file: /run/audit.key}
guards:
  caller: {tokens: [{name: app, env: APP}]}
  access: {roles: {nurse: {patients: [read]}}, break_glass: {reasons: [emergency], roles: [nurse], operations: [read]}}
";
    let whole = TrailState::Read { name: "audit.jsonl".into(), keys: 0, verified: Default::default() };
    let mut activity = Activity::new(None, None, false);
    activity.add(
        br#"{"event":"exchange","time":"2026-11-22T01:02:03.000004Z","action":"R","resource":"patients","resource_id":"a","outcome":"answered","break_glass":"emergency"}"#,
    );
    let done = report(good, &whole, Some(&activity));
    assert!(done.actions() == 0, "{:?}", done.findings);
    assert!(done.findings.iter().any(|finding| finding.about == "Emergency access"));

    let exception = "  url: {exceptions: [{name: old, route: GET /v1/patients, params: [name], reason: r, expires: 2026-01-31}]}\n";
    for (text, trail, about) in [
        (format!("{good}{exception}"), &whole, "Exception old"),
        (good.to_owned(), &TrailState::Missing("not here"), "Audit trail"),
        (good.replace("environment: production, ", ""), &whole, "Environment"),
    ] {
        let report = report(&text, trail, Some(&activity));
        let acts = report.findings.iter().filter(|finding| finding.weight == Weight::Action);
        assert_eq!(acts.map(|finding| finding.about.as_str()).collect::<Vec<_>>(), [about], "{text}");
    }
}

#[test]
fn a_period_counts_what_lies_in_it_and_words_are_bounded() {
    let at = |text: &str| text.parse().ok();
    let mut activity = Activity::new(at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"), false);
    let line = |time: &str, actor: usize| {
        format!(
            r#"{{"event":"exchange","time":"{time}","actor":"u-{actor}","caller":"c{actor}","outcome":"refused","reason":"PHI_IN_URL"}}"#
        )
    };
    for time in [
        "2026-10-31T23:59:59.999999Z",
        "2026-11-01T00:00:00Z",
        "2026-11-30T23:59:59.5Z",
        "2026-12-01T00:00:00Z",
    ] {
        activity.add(line(time, 1).as_bytes());
    }
    activity.add(b"not json");
    assert_eq!(activity.exchanges, 2);
    let period = activity.period();
    assert_eq!(period.last.as_deref(), Some("2026-11-30T23:59:59Z"));
    for actor in 0..3000 {
        activity.add(line("2026-11-02T00:00:00Z", actor).as_bytes());
    }
    let tables = activity.tables(true);
    assert!(tables.iter().all(|table| table.rows.len() <= 1001 && table.title != "By actor"));
    assert!(tables.iter().any(|table| table.rows.iter().any(|row| row[0] == "others")));
}

#[test]
fn nothing_of_a_policy_or_a_trail_becomes_markup() {
    let evil = "<script>alert(1)</script><img src=x onerror=y>\\\"'|[a](https://example.org)`";
    let text = format!(
        "guards:\n  url:\n    exceptions:\n      - {{name: old, route: GET /v1/patients, params: [name], reason: '{}', expires: 2026-01-31}}\n",
        evil.replace('\'', "''")
    );
    let mut activity = Activity::new(None, None, true);
    let line = serde_json::json!({"event": "exchange", "time": "2026-11-02T00:00:00Z", "role": evil, "caller": evil,
        "actor": evil, "outcome": evil, "resource": evil, "action": "<", "observed": [evil]});
    activity.add(line.to_string().as_bytes());
    let report = report(&text, &TrailState::Missing("not here"), Some(&activity));
    let html = html::write(&report);
    for part in ["<script", "<img"] {
        assert!(!html.contains(part), "{part}");
    }
    let markdown = markdown::write(&report);
    for part in ["<script", "<img", "[a](", "y>\\\"'|["] {
        assert!(!markdown.contains(part), "{part}");
    }
}
