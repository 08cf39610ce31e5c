//! The engine alone, on one core: a URL decision, an upstream error, a log line. One again and again shows what a change does
//! to it; the varied ones, where no two in a row are alike, are what to expect.

#![expect(clippy::expect_used, reason = "a benchmark that cannot start has nothing to report")]

use clinik_guard::guards::Observed;
use clinik_guard::guards::target::TargetGuard;
use clinik_guard::phi::echo::Echo;
use clinik_guard::policy::Policy;
use divan::counter::{BytesCount, ItemsCount};
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

/// The cases of the corpus for one place, with something to hide in them or without.
fn cases(place: &str, field: &str, clean: bool) -> Vec<String> {
    let folder = format!("{}/tests/data/phi/{place}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).expect("the corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        for line in std::fs::read_to_string(path).expect("readable").lines().filter(|line| !line.is_empty()) {
            let case: serde_json::Value = serde_json::from_str(line).expect("each case is JSON");
            let is_clean = case["clean"].as_bool().unwrap_or(case["verdict"] == "allow");
            if is_clean == clean {
                texts.push(case[field].as_str().map_or_else(|| case[field].to_string(), str::to_owned));
            }
        }
    }
    texts
}

const KINDS: [&str; 2] = ["clean", "phi"];

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, texts: &[String]) -> Bencher<'a, 'b> {
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(texts.len()))
}

#[divan::bench(args = KINDS)]
fn varied_urls(bencher: Bencher, kind: &str) {
    let policy = policy();
    let guard = TargetGuard {
        engine: &policy.engine,
        url: &policy.url,
        routes: &policy.routes,
        now_unix: 1_800_000_000,
    };
    let targets = cases("url", "target", kind == "clean");
    counted(bencher, &targets).bench_local(|| {
        let allowed = |target: &&String| guard.check(&Method::GET, target, &mut Observed::default()).is_ok();
        black_box(&targets).iter().filter(allowed).count()
    });
}

#[divan::bench(args = KINDS)]
fn varied_errors(bencher: Bencher, kind: &str) {
    let policy = policy();
    let bodies = cases("error", "body", kind == "clean");
    let echo = Echo::new();
    counted(bencher, &bodies).bench_local(|| {
        let scrub = |body: &String| policy.engine.scrub_body(None, body.as_bytes(), &echo).body.len();
        black_box(&bodies).iter().map(scrub).sum::<usize>()
    });
}

#[divan::bench(args = KINDS)]
fn varied_lines(bencher: Bencher, kind: &str) {
    scrub_lines(bencher, &cases("log", "line", kind == "clean"));
}

/// What services log all day, no two lines alike.
#[divan::bench]
fn operational_lines(bencher: Bencher) {
    let mut dice = Dice(7);
    scrub_lines(bencher, &(0..8000).map(|n| dice.line(n)).collect::<Vec<_>>());
}

fn scrub_lines(bencher: Bencher, lines: &[String]) {
    let policy = policy();
    let mut out = Vec::with_capacity(4096);
    counted(bencher, lines).bench_local(|| {
        for line in black_box(lines) {
            out.clear();
            policy.engine.scrub_line(line.as_bytes(), &mut out);
        }
        out.len()
    });
}

/// Numbers, ids and words by chance, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.roll(16) as u32, 16).unwrap_or('0')).collect()
    }

    fn id(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from_digit(self.roll(36) as u32, 36).unwrap_or('0')).collect()
    }

    fn uuid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|digits| self.hex(digits)).join("-")
    }

    fn words(&mut self, count: usize) -> String {
        const WORDS: &str = "cache entry request worker queue batch flush segment index store retry timeout upstream response \
            latency connection pool idle closed opened stream buffer limit exceeded recovered degraded scheduler job done started \
            loaded config reload drain node shard replica leader follower heartbeat missed partition offset lag group topic \
            produced consumed bytes compressed expired rotated renewed failed attempt backoff state checkpoint snapshot merged \
            updated rows plan slow lock released waiting thread committed migration applied schema version enabled rollout pod";
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        (0..count).map(|_| words[self.roll(words.len() as u64) as usize]).collect::<Vec<_>>().join(" ")
    }

    fn line(&mut self, shape: usize) -> String {
        let (day, hour, minute) = (1 + self.roll(28), self.roll(24), self.roll(60));
        let stamp =
            format!("2026-11-{day:02}T{hour:02}:{minute:02}:{:02}.{:03}", self.roll(60), self.roll(1000));
        let spaced = stamp.replace('T', " ");
        let (id, uuid, ms) = (self.id(12), self.uuid(), self.roll(900));
        match shape % 8 {
            0 => format!(
                "127.0.0.1 - - [{day:02}/Nov/2026:{hour:02}:{minute:02}:09 +0000] \"GET /v1/observations/{uuid} HTTP/1.1\" 200 {} \"-\" \"node\" rt=0.{ms:03} request_id=req_{id} cache=HIT",
                self.roll(99999)
            ),
            1 => format!(
                "{{\"level\":\"info\",\"time\":\"{stamp}Z\",\"service\":\"queue\",\"msg\":\"{}\",\"status\":200,\"durationMs\":{ms},\"requestId\":\"req_{id}\",\"traceId\":\"{}\"}}",
                self.words(9),
                self.hex(32)
            ),
            2 => format!(
                "time={stamp}Z level=info component=ingest msg=\"{}\" size={} took={ms}ms trace={uuid} retries=0 shard=3 status=ok",
                self.words(5),
                self.roll(999)
            ),
            3 => format!("{spaced} INFO  [worker-{}] scheduler: {} in {ms} ms", self.roll(9), self.words(18)),
            4 => format!(
                "{spaced}  INFO 7 --- [nio-8080-exec-{}] c.c.api.gateway.RequestFilter : {} [{uuid}]",
                self.roll(20),
                self.words(10)
            ),
            5 => format!(
                "{stamp}Z INFO fhir: read Observation/{uuid} version={} tenant=org_{} status=200 in {ms}ms",
                self.roll(9),
                self.id(8)
            ),
            6 => format!(
                "I1121 {hour:02}:{minute:02}:13.492079       1 reflector.go:674] \"{}\" pod=\"prod/api-{}-{}\" node=\"ip-10-0-{}-12\" took=\"{ms}ms\"",
                self.words(4),
                self.id(10),
                self.id(5),
                self.roll(255)
            ),
            _ => format!(
                "{} - ingest.gateway - INFO - {} ({ms} items, 0.{ms:03}s)",
                spaced.replace('.', ","),
                self.words(12)
            ),
        }
    }
}
