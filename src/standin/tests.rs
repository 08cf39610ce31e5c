//! The stand-in from the outside: over TLS with its own authority, one client connection a test.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

mod faults;

async fn start(config: StandinConfig) -> Standin {
    Standin::start(config).await.unwrap()
}

async fn tls(standin: &Standin, name: &'static str, protocol: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(standin.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(standin.address()).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
}

#[tokio::test]
async fn records_of_organisations_are_kept_apart() {
    let config = StandinConfig {
        keys: vec![STANDIN_KEY.to_owned(), "clk_test_other".to_owned(), "clk_test_other2".to_owned()],
        organisation: |key| usize::from(key.contains("other")),
        ..StandinConfig::default()
    };
    let standin = start(config).await;
    let mut client = Client::connect(&standin).await;
    let made = client.send("POST", "/v1/patients", json!({"firstName": "Marisol", "lastName": "Q"})).await;
    assert_eq!(made.0, 201);
    let path = format!("/v1/patients/{}", made.1["data"]["id"].as_str().unwrap_or_default());
    for (key, status) in [(STANDIN_KEY, 200), ("clk_test_other", 404)] {
        let mut request = request("GET", &path, "");
        request.headers_mut().insert("x-api-key", key.parse().unwrap());
        assert_eq!(client.respond(request).await.unwrap().status(), status, "{key}");
    }
    standin.shutdown().await;
}

/// One HTTP/1 connection to a stand-in.
struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Client {
    async fn connect(standin: &Standin) -> Client {
        let stream = tls(standin, "localhost", b"http/1.1").await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Client { sender }
    }

    async fn try_send(
        &mut self,
        method: &str,
        target: &str,
        body: &str,
    ) -> hyper::Result<(StatusCode, Value)> {
        let response = self.respond(request(method, target, body)).await?;
        let status = response.status();
        let body = read(response).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    async fn send(&mut self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, value) = self.try_send(method, target, &body).await.unwrap();
        (status.as_u16(), value)
    }

    async fn respond(&mut self, req: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        self.sender.ready().await?;
        self.sender.send_request(req).await
    }
}

/// A whole body. The stand-in is the sender, so it is bounded.
async fn read(response: Response<Incoming>) -> hyper::Result<Bytes> {
    #[expect(clippy::disallowed_methods, reason = "the sender is this test")]
    let collected = response.into_body().collect().await?;
    Ok(collected.to_bytes())
}

fn request(method: &str, target: &str, body: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(target)
        .header("host", "localhost")
        .header("x-api-key", STANDIN_KEY)
        .header("content-type", "application/fhir+json")
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .unwrap()
}

fn patient() -> Value {
    json!({"firstName": "Ana", "lastName": "Example", "email": "ana@example.org", "birthDate": "1980-02-03"})
}

#[tokio::test]
async fn the_certificate_is_good_for_its_names_and_the_others_are_refused() {
    let good = start(StandinConfig::default()).await;
    for name in ["localhost", "127.0.0.1", "::1", "api.clinikapi.example"] {
        assert!(tls(&good, name, b"http/1.1").await.is_ok(), "{name}");
    }
    assert!(tls(&good, "elsewhere.example", b"http/1.1").await.is_err());
    for certificate in
        [ServerCertificate::Expired, ServerCertificate::OtherName, ServerCertificate::OtherAuthority]
    {
        let bad = start(StandinConfig { certificate, ..StandinConfig::default() }).await;
        assert!(tls(&bad, "localhost", b"http/1.1").await.is_err(), "{certificate:?}");
    }
    let h2 = tls(&good, "localhost", b"h2").await.unwrap();
    assert_eq!(h2.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn http2_is_served_by_alpn() {
    let standin = start(StandinConfig::default()).await;
    let stream = tls(&standin, "localhost", b"h2").await.unwrap();
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response =
        sender.send_request(request("GET", "https://localhost/v1/patients?count=1", "")).await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = &standin.requests()[0];
    assert_eq!((seen.target.as_str(), seen.authority.as_str()), ("/v1/patients?count=1", "localhost"));
}

#[tokio::test]
async fn a_record_lives_from_create_to_delete() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    let (status, created) = client.send("POST", "/v1/patients", patient()).await;
    assert_eq!((status, &created["data"]["fullName"]), (201, &json!("Ana Example")));
    assert_eq!((&created["meta"]["status"], &created["meta"]["rateLimitTotal"]), (&json!(201), &json!(1000)));
    let id = created["data"]["id"].as_str().unwrap().to_owned();
    let target = format!("/v1/patients/{id}");

    let (status, read) = client.send("GET", &target, Value::Null).await;
    assert_eq!((status, &read["data"]), (200, &created["data"]));
    let (status, changed) = client.send("PATCH", &target, json!({"lastName": "Sample", "email": null})).await;
    assert_eq!((status, &changed["data"]["fullName"]), (200, &json!("Ana Sample")));
    assert!(changed["data"].get("email").is_none());
    let operations = json!([{"op": "replace", "path": "/gender", "value": "female"}]);
    assert_eq!(client.send("PATCH", &target, operations).await.1["data"]["gender"], "female");

    let (status, fhir) = client.send("GET", &format!("/v1/fhir/Patient/{id}"), Value::Null).await;
    assert_eq!((status, &fhir["name"][0]["family"]), (200, &json!("Sample")));
    assert_eq!(client.send("DELETE", &target, Value::Null).await, (204, Value::Null));
    let (status, gone) = client.send("GET", &target, Value::Null).await;
    assert_eq!((status, &gone["code"]), (404, &json!("NOT_FOUND")));
    assert_eq!(client.send("DELETE", &target, Value::Null).await.0, 404);
}

#[tokio::test]
async fn lists_page_and_filter() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    for number in 0..25 {
        let mut body = patient();
        body["phone"] = json!(format!("512555{number:04}"));
        client.send("POST", "/v1/patients", body).await;
    }
    let (_, page) = client.send("GET", "/v1/patients", Value::Null).await;
    let page = &page["data"];
    assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (20, &json!(25)));
    assert_eq!((&page["cursor"], &page["hasMore"]), (&json!("20"), &json!(true)));
    let (_, rest) = client.send("GET", "/v1/patients?cursor=20", Value::Null).await;
    assert_eq!(
        (rest["data"]["data"].as_array().unwrap().len(), &rest["data"]["hasMore"]),
        (5, &json!(false))
    );
    assert!(rest["data"].get("cursor").is_none());

    for (query, total) in [
        ("name=ana+exam", 25),
        ("name=nobody", 0),
        ("email=ana%40example.org&phone=%2B15125550007", 1),
        ("birthDate=1980-02-03&count=3", 25),
        ("birthDate=1980-02-04", 0),
    ] {
        let (status, found) = client.send("GET", &format!("/v1/patients?{query}"), Value::Null).await;
        assert_eq!((status, &found["data"]["total"]), (200, &json!(total)), "{query}");
    }
}

#[tokio::test]
async fn every_documented_resource_can_be_made_and_read() {
    let standin = start(StandinConfig { plan_per_minute: 10_000, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    for resource in resources::RESOURCES {
        let body: Value =
            resource.required.iter().map(|name| ((*name).to_owned(), json!("example"))).collect();
        let collection = format!("/v1/{}", resource.name);
        let (status, created) = client.send("POST", &collection, body).await;
        assert_eq!(status, 201, "{collection} {created}");
        let target = format!("{collection}/{}", created["data"]["id"].as_str().unwrap());
        assert_eq!(client.send("GET", &target, Value::Null).await.0, 200, "{target}");
        let status = client.send("PATCH", &target, json!({"status": "changed"})).await.0;
        assert_eq!(status, if resource.updatable { 200 } else { 404 }, "{target}");
        if !resource.required.is_empty() {
            let (status, refused) = client.send("POST", &collection, json!({})).await;
            assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION_ERROR")), "{collection}");
        }
    }
    assert_eq!(standin.record_count(), 62);
}

#[tokio::test]
async fn includes_answer_a_bundle() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    let id =
        client.send("POST", "/v1/patients", patient()).await.1["data"]["id"].as_str().unwrap().to_owned();
    let encounter = json!({"status": "planned", "class": "AMB", "patientId": id});
    let visit = client.send("POST", "/v1/encounters", encounter).await.1["data"]["id"].clone();

    let target = format!("/v1/patients/{id}?_revinclude=Encounter%3Asubject&_revinclude=Encounter%3Apatient");
    let (_, answer) = client.send("GET", &target, Value::Null).await;
    let bundle = &answer["data"];
    assert_eq!((&bundle["resourceType"], &bundle["total"]), (&json!("Bundle"), &json!(1)));
    assert_eq!(bundle["entry"][1]["resource"]["subject"]["reference"], format!("Patient/{id}"));
    let target = format!("/v1/encounters/{}?_include=Encounter%3Apatient", visit.as_str().unwrap());
    let (_, answer) = client.send("GET", &target, Value::Null).await;
    assert_eq!(answer["data"]["entry"][1]["resource"]["id"], json!(id));
}

#[tokio::test]
async fn the_passthrough_speaks_bare_fhir() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    let resource = json!({"resourceType": "Patient", "name": [{"family": "Example", "given": ["Ana"]}]});
    let (status, created) = client.send("POST", "/v1/fhir/Patient", resource.clone()).await;
    assert_eq!((status, &created["resourceType"]), (201, &json!("Patient")));
    let target = format!("/v1/fhir/Patient/{}", created["id"].as_str().unwrap());
    let operations = json!([{"op": "add", "path": "/gender", "value": "female"}]);
    assert_eq!(client.send("PATCH", &target, operations).await.1["meta"]["versionId"], "2");
    client.send("POST", "/v1/fhir/Patient", resource).await;
    let (_, bundle) = client.send("GET", "/v1/fhir/Patient?family=exam&_count=1&famly=x", Value::Null).await;
    assert_eq!((&bundle["type"], &bundle["total"]), (&json!("searchset"), &json!(2)));
    assert!(bundle["link"][0]["url"].as_str().unwrap().contains("family=exam"));
    assert_eq!(bundle["entry"][1]["resource"]["resourceType"], "OperationOutcome");
    let (status, outcome) = client.send("GET", "/v1/fhir/Patient/none", Value::Null).await;
    assert_eq!((status, &outcome["issue"][0]["code"]), (404, &json!("not-found")));
    assert_eq!(client.send("DELETE", &target, Value::Null).await.0, 204);
    assert_eq!(client.send("GET", "/v1/metadata", Value::Null).await.1["fhirVersion"], "4.0.1");
    for unknown in ["/v1/fhir/", "/v1/fhir/../patients", "/v1/nothing", "/patients", "/v1/patients/"] {
        assert_eq!(client.send("GET", unknown, Value::Null).await.0, 404, "{unknown}");
    }
}

#[tokio::test]
async fn bulk_jobs_run_and_are_limited() {
    let standin = start(StandinConfig { careless: true, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    let data = format!("{}\n{{\"firstName\":\"Only\"}}\nnot json", patient());
    let import = json!({"resourceType": "Patient", "data": data});
    let (status, started) = client.send("POST", "/v1/bulk/import", import).await;
    assert_eq!((status, &started["data"]["status"], started.get("meta")), (202, &json!("pending"), None));
    let target = format!("/v1/bulk/jobs/{}", started["data"]["jobId"].as_str().unwrap());
    let (_, job) = client.send("GET", &target, Value::Null).await;
    assert_eq!((&job["data"]["processedRecords"], &job["data"]["totalRecords"]), (&json!(1), &json!(3)));
    assert!(job["data"]["errors"][0].as_str().unwrap().contains("Only"));
    let export = json!({"resourceTypes": ["Patient"]});
    for _ in 0..4 {
        assert_eq!(client.send("POST", "/v1/bulk/export", export.clone()).await.0, 202);
    }
    assert_eq!(client.send("POST", "/v1/bulk/export", export).await.0, 429);
}

#[tokio::test]
async fn keys_are_checked_and_rotate() {
    let standin = start(StandinConfig {
        keys: vec!["clk_live_one".to_owned(), "clk_live_reader".to_owned()],
        read_only_keys: vec!["clk_live_reader".to_owned()],
        ..StandinConfig::default()
    })
    .await;
    let mut client = Client::connect(&standin).await;
    let mut code = async |method: &str, key: Option<&str>| {
        let mut req = request(method, "/v1/patients", &patient().to_string());
        req.headers_mut().remove("x-api-key");
        if let Some(key) = key {
            req.headers_mut().insert("x-api-key", key.parse().unwrap());
        }
        let response = client.respond(req).await.unwrap();
        let status = response.status().as_u16();
        let body = read(response).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code("GET", None).await, (401, "UNAUTHORIZED".to_owned()));
    assert_eq!(code("GET", Some("sk_live_x")).await, (401, "INVALID_KEY_FORMAT".to_owned()));
    assert_eq!(code("GET", Some("clk_live_two")).await, (401, "INVALID_KEY".to_owned()));
    assert_eq!(code("GET", Some("clk_live_one")).await, (200, String::new()));
    assert_eq!(code("GET", Some("clk_live_reader")).await, (200, String::new()));
    assert_eq!(code("POST", Some("clk_live_reader")).await, (403, String::new()));
    standin.set_keys(vec!["clk_live_two".to_owned()]);
    assert_eq!(code("GET", Some("clk_live_one")).await, (401, "KEY_REVOKED".to_owned()));
    assert_eq!(code("GET", Some("clk_live_two")).await, (200, String::new()));
}

#[tokio::test]
async fn limits_answer_429_with_their_headers() {
    let standin = start(StandinConfig { plan_per_minute: 2, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    for remaining in ["1", "0"] {
        let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
        assert_eq!(response.headers()["x-ratelimit-remaining"], remaining);
        assert!(response.headers().contains_key("x-sandbox-remaining"));
        assert!(response.headers().contains_key("x-quota-reset"));
        read(response).await.unwrap();
    }
    let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().contains_key("retry-after")), (429, true));
    read(response).await.unwrap();
    assert_eq!(client.send("GET", "/health", Value::Null).await.0, 200, "health needs no budget");

    let standin = start(StandinConfig { sandbox_quota: 0, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    let (status, body) = client.send("GET", "/v1/patients", Value::Null).await;
    assert_eq!((status, &body["code"]), (429, &json!("SANDBOX_QUOTA_EXCEEDED")));
}

#[tokio::test]
async fn careless_errors_quote_and_careful_ones_do_not() {
    for careless in [true, false] {
        let standin = start(StandinConfig { careless, ..StandinConfig::default() }).await;
        let mut client = Client::connect(&standin).await;
        let body = json!({"firstName": "Marisol", "lastName": "Quintanar-Abbott", "email": "marisol.q@@example.org",
            "ssn": "912-84-6713", "birthDate": "1987-11-23T00:00"});
        let (status, refused) = client.send("POST", "/v1/patients", body).await;
        assert_eq!((status, &refused["issues"][0]["severity"]), (422, &json!("error")));
        let text = refused.to_string();
        for value in ["Marisol", "Quintanar-Abbott", "marisol.q@@example.org", "912-84-6713", "1987-11-23"] {
            assert_eq!(text.contains(value), careless, "{value}");
        }
        let (status, refused) =
            client.try_send("POST", "/v1/patients", "{\"firstName\":\"Marisol").await.unwrap();
        assert_eq!((status.as_u16(), refused.to_string().contains("Marisol")), (400, careless));
    }
}
