//! The guided tour: a dozen requests that show each guard at work.
//!
//! Printed as curl commands for a person, or walked through and checked step by step. Every value in it is invented.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;

use super::client;
use super::dev::demands::Demands;

/// Where the tour takes place.
pub struct Stage {
    pub guard: SocketAddr,
    pub ops: SocketAddr,
    pub audit: PathBuf,
    /// With which the trail is signed, if it is.
    pub audit_key: PathBuf,
    pub demands: Demands,
}

struct Step {
    title: &'static str,
    method: &'static str,
    target: &'static str,
    header: Option<(&'static str, &'static str)>,
    body: Option<&'static str>,
    status: u16,
    /// Strings the answer must hold, and must not.
    shows: &'static [&'static str],
    hides: &'static [&'static str],
}

const STEPS: [Step; 13] = [
    Step {
        title: "Create a patient. Your app sends no key; the guard adds it and forwards over TLS.",
        method: "POST",
        target: "/v1/patients",
        header: None,
        body: Some(
            r#"{"firstName":"Marisol","lastName":"Quintanar-Abbott","birthDate":"1987-11-23","email":"marisol.q@example.org"}"#,
        ),
        status: 201,
        shows: &["Quintanar-Abbott"],
        hides: &[],
    },
    Step {
        title: "List patients. Answers stream through untouched.",
        method: "GET",
        target: "/v1/patients?count=5",
        header: None,
        body: None,
        status: 200,
        shows: &["\"hasMore\""],
        hides: &[],
    },
    Step {
        title: "PHI in a URL would stand in every log on the way. Refused before it leaves the pod.",
        method: "GET",
        target: "/v1/patients?email=marisol.q%40example.org",
        header: None,
        body: None,
        status: 400,
        shows: &["PHI_IN_URL", "_search"],
        hides: &["marisol"],
    },
    Step {
        title: "The same in disguise: doubly encoded, in a parameter nobody declared.",
        method: "GET",
        target: "/v1/observations?note=dob%253A%25201987-11-23",
        header: None,
        body: None,
        status: 400,
        shows: &["PHI_IN_URL"],
        hides: &["1987"],
    },
    Step {
        title: "Search by name the safe way: the values travel in a body, and in the query only inside TLS.",
        method: "POST",
        target: "/v1/patients/_search",
        header: None,
        body: Some(r#"{"name":"Quintanar-Abbott"}"#),
        status: 200,
        shows: &["Quintanar-Abbott"],
        hides: &[],
    },
    Step {
        title: "An upstream error that quotes the patient. Status, code and field names stay; the values go.",
        method: "GET",
        target: "/v1/patients/standin-err-422-issues-echo",
        header: None,
        body: None,
        status: 422,
        shows: &["VALIDATION_ERROR", "birthDate", "[REDACTED:"],
        hides: &["Marisol", "Quintanar", "912-84-6713", "1987-11-23", "Larkspur"],
    },
    Step {
        title: "A stack trace from a gateway becomes JSON that the SDK can read.",
        method: "GET",
        target: "/v1/patients/standin-gw-500-node-stack",
        header: None,
        body: None,
        status: 500,
        shows: &["TypeError", "\"issues\""],
        hides: &["Marisol", "index.mjs", "555-0147"],
    },
    Step {
        title: "An API key inside a body.",
        method: "POST",
        target: "/v1/notes",
        header: None,
        body: Some(r#"{"content":"key for the vendor: clk_live_SyntheticKey00"}"#),
        status: 400,
        shows: &["KEY_IN_REQUEST"],
        hides: &["SyntheticKey00"],
    },
    Step {
        title: "A browser: the key must not serve pages.",
        method: "GET",
        target: "/v1/patients?count=1",
        header: Some(("origin", "https://app.example.org")),
        body: None,
        status: 403,
        shows: &["BROWSER_NOT_ALLOWED"],
        hides: &[],
    },
    Step {
        title: "A method override.",
        method: "POST",
        target: "/v1/patients",
        header: Some(("x-http-method-override", "DELETE")),
        body: Some("{}"),
        status: 400,
        shows: &["METHOD_OVERRIDE_REJECTED"],
        hides: &[],
    },
    Step {
        title: "A path that is not in the contract.",
        method: "GET",
        target: "/v1/internal-users",
        header: None,
        body: None,
        status: 403,
        shows: &["ROUTE_NOT_ALLOWED"],
        hides: &["internal-users"],
    },
    Step {
        title: "A body that is no JSON.",
        method: "POST",
        target: "/v1/patients",
        header: None,
        body: Some("{\"firstName\":\"Marisol\","),
        status: 400,
        shows: &["INVALID_JSON"],
        hides: &["Marisol"],
    },
    Step {
        title: "The passthrough answers in FHIR.",
        method: "GET",
        target: "/v1/fhir/Patient?family=Quintanar-Abbott",
        header: None,
        body: None,
        status: 400,
        shows: &["OperationOutcome", "PHI_IN_URL"],
        hides: &["Quintanar"],
    },
];

/// Values of the tour that may stand in no audit line and no metric.
const SEEDS: [&str; 6] = ["Marisol", "marisol", "Quintanar", "1987-11-23", "SyntheticKey00", "clk_test_"];

/// Prints the tour as curl commands.
pub fn print(stage: &Stage, policy: Option<&Path>, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "clinik-guard listens on http://{} in front of a ClinikAPI stand-in over TLS.",
        stage.guard
    )?;
    if let Some(policy) = policy {
        writeln!(
            out,
            "{} decides, and is read again when it changes. Its listen, ops, upstream, keys and where its trail goes are \
             replaced here; the steps say what the defaults do. The commands carry what it demands of whoever asks, with \
             tokens made for this trial.",
            policy.display()
        )?;
        for (name, headers) in stage.demands.tenants() {
            let how = match headers.is_empty() {
                true => ", but no caller of the policy can ask for them".to_owned(),
                false => format!(", asked for with{}", arguments(headers.into_iter())),
            };
            writeln!(out, "Tenant {name} has records of its own{how}")?;
        }
    }
    writeln!(out, "All data are invented. Try, in another terminal:\n")?;
    for (number, step) in STEPS.iter().enumerate() {
        writeln!(out, "{:2}. {}\n    {}\n", number + 1, step.title, curl(stage, step))?;
    }
    writeln!(
        out,
        "Every error of the stand-in: GET /v1/patients/standin-ID, with an ID such as gw-502-html."
    )?;
    writeln!(out, "Metrics: curl http://{}/metrics", stage.ops)?;
    writeln!(out, "Audit:   tail -f {}", stage.audit.display())?;
    if stage.demands.is_signed() {
        let (trail, key) = (stage.audit.display(), stage.audit_key.display());
        writeln!(out, "         clinik-guard audit verify {trail} --key {key}")?;
    }
    writeln!(out, "\nEnd with Ctrl-C.")?;
    out.flush()
}

fn curl(stage: &Stage, step: &Step) -> String {
    let mut command = String::from("curl -si");
    if step.method != "GET" && step.body.is_none() {
        command.push_str(" -X ");
        command.push_str(step.method);
    }
    command.push_str(&arguments(headers(stage, step)));
    if let Some(body) = step.body {
        command.push_str(&format!(" -H 'content-type: application/json' -d '{body}'"));
    }
    command + &format!(" 'http://{}{}'", stage.guard, step.target)
}

/// Headers as curl takes them.
fn arguments(headers: impl Iterator<Item = (String, String)>) -> String {
    headers.map(|(name, value)| format!(" -H '{name}: {}'", value.replace('\'', "'\\''"))).collect()
}

/// The headers of a step: its own, and what the policy demands.
fn headers(stage: &Stage, step: &Step) -> impl Iterator<Item = (String, String)> {
    let own = step.header.map(|(name, value)| (name.to_owned(), value.to_owned()));
    stage.demands.headers(step.method, step.target).into_iter().chain(own)
}

/// Walks through the tour; fails if a step does not show what it should.
pub async fn walk(stage: &Stage, out: &mut dyn Write) -> std::io::Result<ExitCode> {
    let mut failed = 0;
    for (number, step) in STEPS.iter().enumerate() {
        writeln!(out, "\n{:2}. {}\n    $ {}", number + 1, step.title, curl(stage, step))?;
        let (status, text) = send(stage, step).await?;
        writeln!(out, "    {status} {}", shortened(&text))?;
        let good = status == step.status
            && step.shows.iter().all(|shown| text.contains(shown))
            && !step.hides.iter().any(|hidden| text.contains(hidden));
        if !good {
            failed += 1;
            writeln!(
                out,
                "    FAILED: expected {} showing {:?} and hiding {:?}",
                step.status, step.shows, step.hides
            )?;
        }
    }
    failed += sweep(stage, out).await?;
    writeln!(out, "\n{} of {} steps showed what they should.", STEPS.len() + 1 - failed, STEPS.len() + 1)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows audit and metrics and looks for what must not be in them.
async fn sweep(stage: &Stage, out: &mut dyn Write) -> std::io::Result<usize> {
    let trail = std::fs::read_to_string(&stage.audit)?;
    let audit: Vec<&str> = trail.lines().filter(|line| line.contains(r#""event":"exchange""#)).collect();
    let request = Request::get("/metrics").header(header::HOST, "localhost").body(Full::new(Bytes::new()));
    let metrics =
        client::send(stage.ops, request.map_err(std::io::Error::other)?, Duration::from_secs(5)).await?;
    let metrics = String::from_utf8_lossy(&metrics.body);
    writeln!(
        out,
        "\n{:2}. One audit line per request, no value of any request in audit or metrics.",
        STEPS.len() + 1
    )?;
    for line in audit.iter().take(3) {
        writeln!(out, "    {line}")?;
    }
    let refusals = metrics.lines().filter(|line| line.starts_with("clinik_guard_refusals_total"));
    for line in refusals.filter(|line| !line.ends_with(" 0")) {
        writeln!(out, "    {line}")?;
    }
    let clean = !SEEDS.iter().any(|seed| trail.contains(seed) || metrics.contains(seed));
    let whole = audit.len() == STEPS.len();
    if !clean || !whole {
        writeln!(out, "    FAILED: {} audit lines, clean: {clean}", audit.len())?;
    }
    Ok(usize::from(!clean || !whole))
}

async fn send(stage: &Stage, step: &Step) -> std::io::Result<(u16, String)> {
    let mut request =
        Request::builder().method(step.method).uri(step.target).header(header::HOST, "localhost");
    for (name, value) in headers(stage, step) {
        request = request.header(name, value);
    }
    if step.body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = Full::new(Bytes::from_static(step.body.unwrap_or_default().as_bytes()));
    let request = request.body(body).map_err(std::io::Error::other)?;
    let answer = client::send(stage.guard, request, Duration::from_secs(10)).await?;
    Ok((answer.status.as_u16(), String::from_utf8_lossy(&answer.body).into_owned()))
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 300;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
