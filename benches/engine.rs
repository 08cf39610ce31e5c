//! The engine alone, on one core: a URL decision, an upstream error, a log line.

#![expect(clippy::expect_used, reason = "a benchmark that cannot start has nothing to report")]

use clinik_guard::guards::Observed;
use clinik_guard::guards::target::TargetGuard;
use clinik_guard::phi::echo::Echo;
use clinik_guard::policy::Policy;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use http::Method;

fn main() {
    divan::main();
}

fn policy() -> Policy {
    Policy::from_str("defaults", "").expect("the defaults compile")
}

const TARGETS: [(&str, &str); 5] = [
    ("read", "/v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"),
    ("search", "/v1/observations?patientId=5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21&code=85354-9&count=20"),
    (
        "fhir",
        "/v1/fhir/Observation?patient=Patient/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21&date=ge2026-01-01&_sort=-date",
    ),
    ("phi", "/v1/patients?email=marisol.q%40example.org"),
    ("phi-encoded", "/v1/observations?note=dob%253A%25201987-11-23"),
];

#[divan::bench(args = TARGETS.map(|(name, _)| name))]
fn url_decision(bencher: Bencher, name: &str) {
    let policy = policy();
    let target = TARGETS.iter().find(|(known, _)| *known == name).map_or("", |(_, target)| *target);
    let guard = TargetGuard {
        engine: &policy.engine,
        url: &policy.url,
        routes: &policy.routes,
        now_unix: 1_800_000_000,
    };
    bencher.bench_local(|| guard.check(&Method::GET, black_box(target), &mut Observed::default()).is_ok());
}

const ERROR: &str = r#"{"error":"Validation Error","message":"Validation failed for patient Marisol Quintanar-Abbott","code":"VALIDATION_ERROR","requestId":"req_m4z8t1q6","issues":[{"severity":"error","code":"invalid","diagnostics":"email: Invalid email, received 'marisol.q@@example.org'"},{"severity":"error","code":"invalid","diagnostics":"birthDate: Invalid date, received '1987-11-23T00:00'"},{"severity":"error","code":"invalid","diagnostics":"phone: String must contain at most 20 character(s), received '+15125550147 ext 4417'"},{"severity":"error","code":"invalid","diagnostics":"address.line.0: received '4417 Larkspur Bend, Unit 9' (Round Rock 78664)"},{"severity":"error","code":"structure","diagnostics":"Unrecognized key(s) in object: 'ssn' = 912-84-6713"},{"severity":"error","code":"structure","diagnostics":"lastName: expected string, received {\"family\":\"Quintanar-Abbott\",\"given\":[\"Marisol\"]}"}]}"#;

/// The same in FHIR, and nothing of anybody in it.
const OUTCOME: &str = r#"{"resourceType":"OperationOutcome","id":"5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21","issue":[{"severity":"error","code":"structure","diagnostics":"Unrecognized element in the resource","expression":["Observation.extension"]},{"severity":"error","code":"value","diagnostics":"Code is not in the required value set http://hl7.org/fhir/ValueSet/observation-status","expression":["Observation.status"]},{"severity":"error","code":"invalid","diagnostics":"Reference to Practitioner/9f0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 could not be resolved","expression":["Observation.performer"]},{"severity":"error","code":"required","diagnostics":"Missing required element: Observation.status","expression":["Observation.status"]},{"severity":"warning","code":"invalid","diagnostics":"Profile constraint dom-6 failed: a resource should have narrative for robust management","expression":["Observation"]},{"severity":"error","code":"processing","diagnostics":"Request body exceeds the limit of 1048576 bytes"}]}"#;

const ERRORS: [(&str, &str); 2] = [("envelope", ERROR), ("clean-fhir", OUTCOME)];

#[divan::bench(args = ERRORS.map(|(name, _)| name))]
fn error_of_1_kib(bencher: Bencher, name: &str) {
    let policy = policy();
    let body = ERRORS.iter().find(|(known, _)| *known == name).map_or("", |(_, body)| *body);
    let echo = Echo::new();
    bencher.counter(BytesCount::of_str(body)).bench_local(|| {
        policy.engine.scrub_body(Some("application/json"), black_box(body.as_bytes()), &echo)
    });
}

const LINES: [(&str, &str); 7] = [
    (
        "clean-access-log",
        r#"127.0.0.1 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/observations?count=20 HTTP/1.1" 200 4310 "-" "node" rt=0.012 uct=0.001 urt=0.012 request_id=req_m4z8t1q6 upstream=api:443 cache=HIT bytes=4310 status=ok"#,
    ),
    (
        // The address of the client goes.
        "access-log",
        r#"10.0.3.7 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/observations?count=20 HTTP/1.1" 200 4310 "-" "node" rt=0.012 uct=0.001 urt=0.012 request_id=req_m4z8t1q6 upstream=api:443 cache=MISS bytes=4310 status=ok"#,
    ),
    (
        "access-log-uuid",
        r#"203.0.113.9 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 HTTP/1.1" 200 4310 "-" "ClinikAPI-SDK/2.4.1 (node 20.11.1)" 0.012 request_id=9f0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"#,
    ),
    (
        "clean-json",
        r#"{"level":"info","time":"2026-11-21T22:04:11.402Z","pid":17,"hostname":"api-7d9f6c5b44-x2x8p","msg":"request completed","route":"/v1/patients/{id}","status":200,"durationMs":12,"requestId":"req_m4z8t1q6"}"#,
    ),
    (
        "clean-logfmt",
        r#"time=2026-11-21T22:04:11.402Z level=info component=queue msg="batch done" size=128 took=14ms trace=5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 retries=0 shard=3 lag=412 segment=store-7 bytes=4310 status=ok"#,
    ),
    (
        "clean-text",
        "2026-11-21 22:04:11.402 INFO  [worker-3] scheduler: flushed 128 entries to the segment store in 14 ms; next flush due when the buffer is full or after thirty seconds, whichever of the two comes first, ok",
    ),
    (
        "phi",
        "2026-11-21 22:04:11.402 WARN  [worker-3] intake: patient Marisol Quintanar-Abbott (DOB 1987-11-23, MRN-00482917, 512-555-0147) could not be matched; falling back to manual review in the front desk queue",
    ),
];

#[divan::bench(args = LINES.map(|(name, _)| name))]
fn log_line(bencher: Bencher, name: &str) {
    let policy = policy();
    let line = LINES.iter().find(|(known, _)| *known == name).map_or("", |(_, line)| *line);
    let mut out = Vec::with_capacity(512);
    bencher.counter(BytesCount::of_str(line)).bench_local(|| {
        out.clear();
        policy.engine.scrub_line(black_box(line.as_bytes()), &mut out).total()
    });
}

/// The log filter without its I/O: clean lines of four shapes, each with numbers of its own.
#[divan::bench]
fn filter_of_clean_lines(bencher: Bencher) {
    let policy = policy();
    let clean = LINES.iter().filter(|(name, _)| name.starts_with("clean"));
    let shapes: Vec<&str> = clean.map(|(_, line)| *line).collect();
    // `.402`, `req_m4z8t1q6` and ` 4310` differ from line to line.
    let lines: Vec<String> = (0..4000usize)
        .map(|n| {
            shapes[n % shapes.len()]
                .replace("402", &format!("{:03}", n % 1000))
                .replace("4310", &format!("{}", 1000 + n * 7 % 9000))
                .replace("m4z8t1q6", &format!("m{}z8t{}q6", n % 10, n / 10 % 10))
        })
        .collect();
    let bytes: usize = lines.iter().map(String::len).sum();
    let mut out = Vec::with_capacity(512);
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for line in black_box(&lines) {
            out.clear();
            policy.engine.scrub_line(line.as_bytes(), &mut out);
        }
        out.len()
    });
}
