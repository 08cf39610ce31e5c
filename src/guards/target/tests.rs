//! Cases are data: `tests/data/phi/url/*.jsonl`, and the request shapes of the SDK.

use http::Method;
use serde_json::Value;

use super::settings::{UrlException, UrlSettings};
use super::*;
use crate::contract;
use crate::guards::routes::settings::FhirSettings;
use crate::phi::EngineSettings;

const CASES: &[(&str, &str)] = &[
    ("params", include_str!("../../../tests/data/phi/url/params.jsonl")),
    ("undeclared", include_str!("../../../tests/data/phi/url/undeclared.jsonl")),
    ("fhir", include_str!("../../../tests/data/phi/url/fhir.jsonl")),
    ("encodings", include_str!("../../../tests/data/phi/url/encodings.jsonl")),
    ("ids", include_str!("../../../tests/data/phi/url/ids.jsonl")),
    ("targets", include_str!("../../../tests/data/phi/url/targets.jsonl")),
];
const SDK: &str = include_str!("../../../tests/data/clinikapi/sdk-requests.json");
const NOW: u64 = 1_795_000_000;

struct Policy {
    engine: Engine,
    url: UrlSettings,
    routes: RoutesSettings,
}

impl Policy {
    fn strict() -> Policy {
        Policy::with(&EngineSettings::default())
    }

    fn with(settings: &EngineSettings) -> Policy {
        Policy {
            engine: Engine::new(settings).unwrap_or_else(|_| panic!("settings compile")),
            url: UrlSettings { mode: Mode::Enforce, uri_bytes_max: 8192, exceptions: Vec::new() },
            routes: RoutesSettings {
                mode: Mode::Enforce,
                allowed: vec![true; contract::routes().len()],
                search_by_body: true,
                fhir: FhirSettings {
                    types: Vec::new(),
                    methods: vec![Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE],
                    operations: vec!["$everything".to_string(), "$validate".to_string()],
                    chains: true,
                    history: false,
                    batch: false,
                    conditional: false,
                },
            },
        }
    }

    fn guard(&self) -> TargetGuard<'_> {
        TargetGuard { engine: &self.engine, url: &self.url, routes: &self.routes, now_unix: NOW }
    }

    fn check(&self, method: &Method, target: &str) -> Result<CleanTarget, Refusal> {
        self.guard().check(method, target, &mut Observed::default())
    }

    fn code(&self, method: &str, target: &str) -> Option<&'static str> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.check(&method, target).err().map(|refusal| refusal.code.as_str())
    }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or("")
}

#[test]
fn cases_are_judged_as_written() {
    let policy = Policy::strict();
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, cases) in CASES {
        for line in cases.lines() {
            let case: Value = serde_json::from_str(line).expect("a case is JSON");
            count += 1;
            let method = Method::from_bytes(text(&case, "method").as_bytes()).expect("a method");
            let outcome = policy.check(&method, text(&case, "target"));
            let (code, classes) = match &outcome {
                Ok(_) => ("", Vec::new()),
                Err(refusal) => {
                    (refusal.code.as_str(), refusal.classes.iter().map(|class| class.label()).collect())
                }
            };
            let expected: Vec<&str> =
                case["classes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if code != text(&case, "code") || !expected.iter().all(|class| classes.contains(class)) {
                wrong.push(format!("{file} {} -> {code} {classes:?}", text(&case, "target")));
            }
        }
    }
    assert!(count >= 250, "{count} cases");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
