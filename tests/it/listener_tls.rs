//! TLS towards callers: who gets in, what the record calls them, and certificates that change while the guard runs.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::{Harness, PATIENCE, SEEDS, Setup};
use crate::rogue::{Authority, Leaf, chain_of, roots};

const FILES: &str = "certificate_file: DIR/tls.crt, key_file: DIR/tls.key";
const BILLING: &str = "spiffe://example.org/ns/clinic/sa/billing";

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn files(leaf: &Leaf, callers: Option<&Authority>) -> Vec<(&'static str, String)> {
    let mut files = vec![("tls.crt", leaf.chain.clone()), ("tls.key", leaf.key.clone())];
    files.extend(callers.map(|callers| ("callers.pem", callers.pem())));
    files
}

async fn start(leaf: &Leaf, callers: Option<&Authority>, more: &str, policy: &'static str) -> Harness {
    let listen = leak(format!("tls: {{addresses: ['127.0.0.1:0'], {FILES}, {more}}}"));
    Harness::start(Setup { listen, policy, files: files(leaf, callers), ..Setup::default() }).await
}

fn tls_address(harness: &Harness) -> SocketAddr {
    harness.app().tls_addresses()[0]
}

async fn connect(
    address: SocketAddr,
    authority: &Authority,
    client: Option<&Leaf>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(&authority.pem()));
    let config = match client {
        None => config.with_no_client_auth(),
        Some(leaf) => {
            let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).unwrap();
            config.with_client_auth_cert(chain_of(&leaf.chain), key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Sends one request and reads its answer; what rustls or the other side make an error of is an empty answer.
async fn ask(stream: &mut TlsStream<TcpStream>, more: &str) -> String {
    let request = format!("GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n{more}\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() || stream.flush().await.is_err() {
        return String::new();
    }
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                return text;
            }
        }
        match tokio::time::timeout(PATIENCE, stream.read(&mut piece)).await.expect("in time") {
            Ok(count) if count > 0 => answer.extend_from_slice(&piece[..count]),
            _ => return text,
        }
    }
}

async fn asked(address: SocketAddr, authority: &Authority, client: Option<&Leaf>, more: &str) -> String {
    match connect(address, authority, client).await {
        Ok(mut stream) => ask(&mut stream, more).await,
        Err(_) => String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_alone_serves_who_loopback_serves() {
    let authority = Authority::new("synthetic root");
    let harness = start(&authority.server(), None, "", "").await;
    let answer = asked(tls_address(&harness), &authority, None, "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200, "the plain address goes on");
    assert_eq!(harness.audit()[0]["caller"], "loopback");
    let expiry = "clinik_guard_certificate_expiry_timestamp_seconds{certificate=\"listener\"}";
    assert_eq!(harness.metric(expiry).await, 2_208_988_800.0);
    harness.finish().await;
}

const CALLERS: &str = "guards: {caller: {certificates: [\
    {name: billing, spiffe: 'spiffe://example.org/ns/clinic/sa/billing'}, {name: portal, dns: Portal.example.org}]}}";

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_known_by_what_their_certificate_says() {
    let (authority, callers) = (Authority::new("synthetic root"), Authority::new("callers"));
    let more = "client_ca_file: DIR/callers.pem";
    let harness = start(&authority.server(), Some(&callers), more, CALLERS).await;
    let address = tls_address(&harness);
    let admitted: [(&[&str], &str); 4] = [
        (&[BILLING], "billing"),
        (&["portal.example.org"], "portal"),
        (&["PORTAL.example.org", "other.example.org"], "portal"),
        (&[BILLING, "other.example.org"], "billing"),
    ];
    for (names, caller) in admitted {
        let answer = asked(address, &authority, Some(&callers.client(names)), "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{names:?}: {answer}");
        assert_eq!(harness.audit().last().unwrap()["caller"], caller, "{names:?}");
    }
    let refused: [&[&str]; 6] = [
        &["spiffe://example.org/ns/clinic/sa/billing2"],
        &["spiffe://example.org/ns/clinic/sa/Billing"],
        &[BILLING, "spiffe://example.org/other"],
        &["*.example.org"],
        &["Marisol.Quintanar.example.org"],
        &["portal.example.org.evil.example"],
    ];
    let before = harness.seen().len();
    for names in refused {
        let answer = asked(address, &authority, Some(&callers.client(names)), "").await;
        assert!(
            answer.starts_with("HTTP/1.1 403") && answer.contains("CALLER_NOT_ALLOWED"),
            "{names:?}: {answer}"
        );
        assert!(
            answer.contains("The client certificate has none of the names in the policy"),
            "{names:?}: {answer}"
        );
        assert_eq!(harness.audit().last().unwrap()["caller"].as_str(), None, "{names:?}");
        assert!(SEEDS.iter().all(|seed| !answer.contains(seed)));
    }
    // Once callers have names, loopback alone is none.
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 403);
    assert_eq!(harness.seen().len(), before);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_certificate_there_is_no_handshake() {
    let (authority, callers) = (Authority::new("synthetic root"), Authority::new("callers"));
    let more = "client_ca_file: DIR/callers.pem";
    let harness = start(&authority.server(), Some(&callers), more, CALLERS).await;
    let address = tls_address(&harness);
    assert_eq!(asked(address, &authority, None, "").await, "");
    assert_eq!(asked(address, &authority, Some(&Authority::new("callers").client(&[BILLING])), "").await, "");
    assert!(harness.audit().is_empty() && harness.seen().is_empty());
    // Neither does a client that speaks no TLS hold anything up, nor one that says nothing.
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /v1/patients HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let answer = asked(address, &authority, Some(&callers.client(&[BILLING])), "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let failed = harness.metric("clinik_guard_client_handshakes_total{result=\"failed\"}").await;
    assert!(failed >= 2.0, "{failed}");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_certificate_leaves_the_choice_to_tokens() {
    let (authority, callers) = (Authority::new("synthetic root"), Authority::new("callers"));
    let policy = "guards: {caller: {tokens: [{name: app, file: DIR/token}], certificates: [{name: portal, dns: portal.example.org}]}}";
    let mut all = files(&authority.server(), Some(&callers));
    all.push(("token", "synthetic-token-0001".to_owned()));
    let listen = leak(format!(
        "tls: {{addresses: ['127.0.0.1:0'], {FILES}, client_ca_file: DIR/callers.pem, client_certificate: optional}}"
    ));
    let harness = Harness::start(Setup { listen, policy, files: all, ..Setup::default() }).await;
    let address = tls_address(&harness);
    let told = asked(address, &authority, None, "x-api-key: synthetic-token-0001\r\n").await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    let shown = asked(address, &authority, Some(&callers.client(&["portal.example.org"])), "").await;
    assert!(shown.starts_with("HTTP/1.1 200"), "{shown}");
    let neither = asked(address, &authority, None, "").await;
    assert!(neither.starts_with("HTTP/1.1 403"), "{neither}");
    let callers: Vec<_> = harness.audit().iter().map(|line| line["caller"].clone()).collect();
    assert_eq!(callers[..2], ["app", "portal"]);
    harness.finish().await;
}

/// The next handshake has the new certificate; a connection that is open stays, and so does the old certificate while the
/// new files are no pair.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_without_losing_a_connection() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let harness = start(&old.server(), None, "", "").await;
    let address = tls_address(&harness);
    let mut open = connect(address, &old, None).await.unwrap();
    assert!(ask(&mut open, "").await.starts_with("HTTP/1.1 200"));

    let renewed = new.server();
    for half in ["", "garbage", &renewed.chain] {
        std::fs::write(harness.path("tls.crt"), half).unwrap();
        harness.app().reload().await;
        harness.app().reload().await;
        assert!(connect(address, &old, None).await.is_ok(), "the old one stays");
    }
    let reloads =
        |result| format!("clinik_guard_certificate_reloads_total{{leg=\"listener\",result=\"{result}\"}}");
    assert_eq!(harness.metric(&reloads("failed")).await, 2.0, "no certificate, and no pair; each said once");

    std::fs::write(harness.path("tls.key"), &renewed.key).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.metric(&reloads("changed")).await, 1.0);
    assert!(connect(address, &old, None).await.is_err());
    let mut fresh = connect(address, &new, None).await.unwrap();
    assert!(ask(&mut fresh, "").await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut open, "").await.starts_with("HTTP/1.1 200"), "the open connection was not touched");
    harness.finish().await;
}
