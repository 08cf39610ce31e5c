//! The evidence report as an auditor and a pipeline get it: from the trail of a real guard, rendered in a real browser.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::commands::output;
use crate::harness::{Harness, SEEDS};

const POLICY: &str = "\
compliance: {plan: pro, baa: {signed_on: 2026-01-31, reference: '<script src=https://tracker.example.org/a.js></script>', signed_by: \"<img src='https://tracker.example.org/b.png'>\"}}
guards:
  access: {roles: {nurse: {patients: [read, search, create]}}}
  url:
    exceptions:
      - {name: old-search, route: GET /v1/patients, params: [name], reason: '</td><script>1</script>', owner: front desk, expires: 2026-01-31}
";

const NURSE: [(&str, &str); 3] =
    [("x-clinik-role", "nurse"), ("x-clinik-actor", "u-1842"), ("content-type", "application/json")];

/// A guard that was used a little.
async fn used() -> Harness {
    let harness = Harness::with_policy(POLICY).await;
    harness.send("GET", "/v1/patients?count=1", &NURSE[..2], b"").await;
    harness.send("GET", "/v1/patients?email=marisol.q%40example.org", &NURSE[..2], b"").await;
    let body = br#"{"firstName":"Marisol","lastName":"Quintanar"}"#;
    harness.send("POST", "/v1/patients", &NURSE, body).await;
    harness.send("DELETE", "/v1/patients/pt_1", &NURSE[..2], b"").await;
    harness
}

fn report(harness: &Harness, arguments: &[&str]) -> (Option<i32>, String) {
    let policy = harness.path("policy.yaml").display().to_string();
    let output = output(&[&["report", "--policy", &policy], arguments].concat(), b"");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn json(harness: &Harness, arguments: &[&str]) -> serde_json::Value {
    let (code, text) = report(harness, &[&["--format", "json"], arguments].concat());
    assert_eq!(code, Some(1), "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The counts of the row that begins with `word` in the table of this title.
fn counted<'a>(report: &'a serde_json::Value, title: &str, word: &str) -> Vec<&'a str> {
    let tables = report["counts"].as_array().unwrap();
    let rows =
        tables.iter().find(|table| table["title"] == title).map(|table| table["rows"].as_array().unwrap());
    let row = rows.into_iter().flatten().find(|row| row[0] == word);
    row.map_or_else(Vec::new, |row| {
        row.as_array().unwrap()[1..].iter().map(|n| n.as_str().unwrap()).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_are_those_of_the_trail() {
    let harness = used().await;
    let all = json(&harness, &[]);
    assert_eq!(counted(&all, "Refusals by code", "PHI_IN_URL"), ["1"]);
    assert_eq!(counted(&all, "Refusals by code", "ACCESS_DENIED"), ["1"]);
    assert_eq!(counted(&all, "By role of the actor", "nurse"), ["4", "2"]);
    assert_eq!(counted(&all, "Access to records", "patients")[..5], ["1", "0", "0", "0", "1"]);
    assert_eq!(counted(&all, "Would have been refused (guards that observe)", "PHI_ON_TEST"), ["1"]);
    assert!(counted(&all, "By actor", "u-1842").is_empty() && !all.to_string().contains("u-1842"));
    assert_eq!(counted(&json(&harness, &["--actors"]), "By actor", "u-1842"), ["4"]);
    assert!(json(&harness, &["--to", "2026-01-01"])["period"]["first"].is_null());
    assert!(json(&harness, &["--from", "2199-01-01"])["counts"].as_array().unwrap().is_empty());
    let about = |report: &serde_json::Value| report["findings"].to_string();
    assert!(about(&all).contains("Exception old-search") && about(&all).contains("expired on 2026-01-31"));

    // The same of the directory, and of a trail that somebody changed.
    assert_eq!(json(&harness, &["--audit", harness.dir.path().to_str().unwrap()])["counts"], all["counts"]);
    let trail = std::fs::read_to_string(harness.path("audit.jsonl")).unwrap();
    std::fs::create_dir(harness.path("changed")).unwrap();
    std::fs::write(harness.path("changed/audit.jsonl"), trail.replace("ACCESS_DENIED", "ACCESS_GRANTED"))
        .unwrap();
    let changed = json(&harness, &["--audit", harness.path("changed").to_str().unwrap()]);
    let said = changed["trail"].to_string();
    assert!(said.contains("NOT intact") && said.contains("does not match its own hash"), "{said}");
    assert!(about(&changed).contains("broken in one place"), "{}", about(&changed));

    for format in ["json", "md", "html"] {
        let (_, text) = report(&harness, &["--format", format, "--actors"]);
        for seed in SEEDS {
            assert!(!text.contains(seed), "{seed} in the report");
        }
        assert!(text.contains("164.312(e)(2)(ii)"));
    }
    harness.finish().await;
}

#[test]
fn a_pipeline_tells_by_the_exit_code() {
    let code = |arguments: &[&str]| output(&[&["report"], arguments].concat(), b"").status.code();
    assert_eq!(code(&[]), Some(1), "the defaults leave something to do");
    assert_eq!(code(&["--policy", "/nowhere.yaml"]), Some(2));
    assert_eq!(code(&["--audit", "/nowhere"]), Some(2));
    assert_eq!(code(&["--from", "yesterday"]), Some(2));
    assert_eq!(code(&["--output", "/nowhere/report.html"]), Some(2));
}

/// The page as Chromium understood it, what it complained about, and where it wanted to connect to.
fn rendered(page: &Path) -> (String, String, String) {
    let dir = page.parent().unwrap();
    let at = |name: &str| dir.join(name).display().to_string();
    let mut chromium = Command::new("chromium");
    chromium
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-logging=stderr"])
        .args(["--disable-background-networking", "--disable-component-update", "--dump-dom"])
        .arg(format!("--user-data-dir={}", at("profile")))
        .arg(format!("--log-net-log={}", at("net.json")))
        .arg(format!("file://{}", page.display()));
    let output = chromium.stdin(Stdio::null()).output().expect("chromium, which scripts/setup.sh installs");
    let read = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let dom = read(output.stdout);
    assert!(output.status.success() && dom.contains("</html>"), "{}", read(output.stderr));
    (dom, read(output.stderr), std::fs::read_to_string(dir.join("net.json")).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_report_and_loads_nothing() {
    let harness = used().await;
    let page = harness.path("report.html");
    assert_eq!(report(&harness, &["--output", page.to_str().unwrap()]).0, Some(1));
    let (dom, complaints, network) = tokio::task::spawn_blocking(move || rendered(&page)).await.unwrap();

    // What is left of each tag; the policy's words are text, with escaped brackets.
    let tags: Vec<&str> = dom.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
    for markup in ["script", "img", "link", "iframe", "object", "a "] {
        assert!(!tags.iter().any(|tag| tag.starts_with(markup)), "{markup}");
    }
    for attribute in [" src=", " href=", " onerror=", "http-equiv=\"refresh"] {
        assert!(!tags.iter().any(|tag| tag.contains(attribute)), "{attribute}");
    }
    assert!(dom.contains("&lt;script src=https://tracker.example.org/a.js&gt;"));
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
    assert!(!network.contains("tracker.example.org"), "the page asked for something");

    let headings: Vec<&str> = dom
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.get(..1))
        .filter(|level| level.parse::<u8>().is_ok())
        .collect();
    assert_eq!(headings.iter().filter(|level| **level == "1").count(), 1);
    assert!(headings.iter().all(|level| matches!(*level, "1" | "2")), "{headings:?}");
    let count = |part: &str| dom.matches(part).count();
    assert_eq!(count("<table"), count("<caption"), "each table has a caption");
    assert_eq!(count("<th>"), 0, "each header says what it heads");
    for section in [
        "Findings",
        "Agreement",
        "Technical safeguards",
        "Checklist",
        "Exceptions",
        "Audit trail",
        "What stays with you",
    ] {
        assert!(dom.contains(section), "{section}");
    }
    assert!(
        dom.contains("class=\"state enforced\">enforced<") && dom.contains("class=\"state off\">expired<")
    );
    harness.finish().await;
}
