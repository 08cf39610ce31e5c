//! `clinik-guard dev`: the tour, and a team's own policy before the stand-in.

use std::io::BufRead;
use std::process::{Command, Stdio};

use crate::commands::{free_port, guard, output};
use crate::harness::PATIENCE;

#[test]
fn the_tour_shows_what_it_should() {
    let output = output(&["dev", "--tour"], b"");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("FAILED"));
    let counted: Vec<&str> =
        text.lines().filter(|line| line.contains("clinik_guard_refusals_total")).collect();
    assert!(counted.iter().any(|line| line.contains("PHI_IN_URL")), "{counted:?}");
    assert!(!counted.iter().any(|line| line.ends_with(" 0")), "{counted:?}");
}

/// A team's own policy decides, and nothing of it reaches out: not its upstream, its keys, its sockets or its trail.
#[tokio::test(flavor = "multi_thread")]
async fn dev_tries_a_policy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    let policy = "\
compliance: {plan: pro, environment: production, baa: {signed_on: 2026-01-31, reference: A-1, signed_by: J. Roe}}
listen: {addresses: [], tls: {addresses: ['0.0.0.0:8443'], certificate_file: /none, key_file: /none, client_ca_file: /none}}
ops: {address: 0.0.0.0:9090}
upstream: {url: https://api.example.com, pins: ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']}
credentials:
  tenant_header: {header: x-clinik-tenant, callers: [app]}
  tenants: [{name: north, current: {file: /none}}, {name: south, read: {current: {env: NONE}}, write: {current: {env: NONE2}}}]
guards: {caller: {tokens: [{name: app, env: DEV_APP_TOKEN}]}, routes: {deny: ['DELETE /v1/patients/{id}']}}
audit: {sink: file, file: /none/audit.jsonl, signing_key_file: /none, ship: {url: s3://none/none, region: none}}
";
    std::fs::write(&path, policy).unwrap();
    let (listen, ops) = (format!("127.0.0.1:{}", free_port()), format!("127.0.0.1:{}", free_port()));
    let arguments = ["dev", "-c", path.to_str().unwrap(), "--listen", &listen, "--ops", &ops];
    let mut command = guard(&arguments);
    command.env("DEV_APP_TOKEN", "dev-app-token-synthetic").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let healthy = output(&["healthcheck", "--wait", "15", "--address", &ops], b"");
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    let ask = async |method: &str, tenant: &str| {
        let request = http::Request::builder()
            .method(method)
            .uri(if method == "GET" { "/v1/patients?count=1" } else { "/v1/patients/a1" })
            .header("host", "localhost")
            .header("x-api-key", "dev-app-token-synthetic")
            .header("x-clinik-tenant", tenant)
            .body(http_body_util::Full::default())
            .unwrap();
        let answer = clinik_guard::cli::client::send(listen.parse().unwrap(), request, PATIENCE).await;
        answer.unwrap().status.as_u16()
    };
    assert_eq!((ask("GET", "north").await, ask("GET", "south").await), (200, 200));
    assert_eq!((ask("DELETE", "north").await, ask("GET", "west").await), (403, 403));
    // Changed while it runs, it still does not reach out.
    std::fs::write(&path, policy.replace("DELETE /v1/patients/{id}", "GET /v1/patients")).unwrap();
    let changed = async {
        while ask("GET", "north").await != 403 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, changed).await.unwrap();
    assert_eq!(ask("DELETE", "south").await, 404);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A policy that asks for callers, tenants, persons and roles, once by headers and once by signed tokens: what is printed is let
/// in, each tenant has its own records, and the trail is signed as the policy wants.
#[test]
fn the_commands_that_dev_prints_work_as_they_are() {
    let by_headers = "  tenant_header: {header: x-clinik-tenant, callers: [portal]}\n";
    let by_token =
        "    jwt: {jwks_file: /none, issuer: https://idp.example.org, audience: clinic, tenant_claim: org}\n";
    for (tenancy, tokens) in [(by_headers, ""), ("", by_token)] {
        let policy = format!(
            "\
listen: {{tls: {{addresses: ['127.0.0.1:0'], certificate_file: /none, key_file: /none, client_ca_file: /none}}}}
credentials:
{tenancy}  tenants: [{{name: north, callers: [billing], current: {{file: /none}}}}, {{name: south, current: {{env: NONE}}}}]
guards:
  caller:
    tokens: [{{name: portal, file: /none}}]
    certificates: [{{name: billing, dns: billing.example.org}}]
  access:
{tokens}    roles: {{a-clerk's: {{patients: [read]}}, clinician: {{'*': ['*']}}}}
audit: {{signing_key_file: /none, require_actor: true, resource_ids: pseudonym, pseudonym_key_file: /none}}
"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        std::fs::write(&path, policy).unwrap();
        let mut command = guard(&["dev", "-c", path.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let printed: Vec<String> = lines.take_while(|line| line != "End with Ctrl-C.").collect();
        let behind = |start: &str| printed.iter().find_map(|line| line.trim().strip_prefix(start)).unwrap();

        let commands = printed.iter().filter(|line| line.contains("curl -si"));
        let answers: Vec<String> = commands.map(|command| shell(command)).collect();
        let statuses: Vec<&str> = answers.iter().map(|answer| &answer[9..12]).collect();
        let expected = "201 200 400 400 200 422 500 400 403 400 403 400 400";
        assert_eq!(statuses.join(" "), expected, "{printed:#?}");

        // The patient that was made is north's.
        let who = "-H 'x-clinik-actor: u-1842' -H 'x-clinik-role: clinician'";
        let who = if tokens.is_empty() { who } else { "" };
        let guard = behind("clinik-guard listens on ").split(' ').next().unwrap();
        for (tenant, seen) in [("north", true), ("south", false)] {
            let how = behind(&format!("Tenant {tenant} has records of its own, asked for with "));
            let list = shell(&format!("curl -si {how} {who} {guard}/v1/patients"));
            assert!(list.contains(" 200 OK") && list.contains("Quintanar") == seen, "{tenant}: {list}");
        }
        let mut verify = vec!["audit", "verify"];
        verify.extend(behind("clinik-guard audit verify ").split(' '));
        let verified = output(&verify, b"");
        let said = String::from_utf8_lossy(&verified.stdout);
        assert!(verified.status.success() && said.contains("signed by the key"), "{said}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

fn shell(command: &str) -> String {
    let output = Command::new("sh").args(["-c", command]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dev_tells_what_is_wrong_with_a_policy_and_listens_here_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, "lisen: {}\n").unwrap();
    let bad = output(&["dev", "-c", path.to_str().unwrap()], b"");
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8(bad.stderr).unwrap().contains("did you mean `listen`?"));
    assert_eq!(output(&["dev", "--listen", "0.0.0.0:0"], b"").status.code(), Some(1));
}
