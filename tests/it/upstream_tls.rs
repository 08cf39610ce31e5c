//! TLS to the upstream: what is verified, what is shown, what is negotiated, and what changes while the guard runs.

use rustls::NamedGroup;

use crate::harness::{Harness, Setup, code};
use crate::rogue::{Authority, Leaf, Rogue, server_tls};

const SEARCH: &str = "/v1/patients?count=1";

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

async fn before(rogue: &Rogue, authority: &Authority, upstream: String) -> Harness {
    let instead = Some((rogue.url(), authority.pem()));
    Harness::start(Setup { instead, upstream: leak(upstream), ..Setup::default() }).await
}

async fn refused(harness: &Harness, cause: &str) {
    let series = format!("clinik_guard_upstream_failures_total{{cause=\"{cause}\"}}");
    let count = harness.metric(&series).await;
    let read = harness.get(SEARCH).await;
    assert_eq!((read.status.as_u16(), code(&read).as_str()), (502, "UPSTREAM_UNREACHABLE"), "{cause}");
    let write = harness.post("/v1/patients", "{}").await;
    assert_eq!((write.status.as_u16(), code(&write).as_str()), (502, "UPSTREAM_UNREACHABLE"), "{cause}");
    assert_eq!(harness.metric(&series).await, count + 2.0, "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_of_leaf_or_authority_lets_pass_and_any_other_refuses() {
    let authority = Authority::new("synthetic root");
    let leaf = authority.server();
    let rogue = Rogue::start(server_tls(&leaf, None)).await;
    let reserve = authority.server().pin;
    for pin in [&leaf.pin, &authority.pin()] {
        let harness = before(&rogue, &authority, format!("pins: ['{reserve}', '{pin}']")).await;
        assert_eq!(harness.get(SEARCH).await.status, 200);
        harness.finish().await;
    }
    let requests = rogue.requests();
    let harness = before(&rogue, &authority, format!("pins: ['{reserve}']")).await;
    refused(&harness, "certificate_pin").await;
    assert_eq!(rogue.requests(), requests, "nothing was sent");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_roots_can_be_left_out() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let rogue = Rogue::start(server_tls(&ours.server(), None)).await;
    let harness = before(&rogue, &ours, "public_roots: false".to_owned()).await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    harness.finish().await;
    let harness = before(&rogue, &theirs, "public_roots: false".to_owned()).await;
    refused(&harness, "certificate_untrusted").await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_resumed_and_the_key_exchange_is_hybrid() {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server_until(2040), None)).await;
    let harness = before(&rogue, &authority, "pool: {idle_max: 0}".to_owned()).await;
    for _ in 0..3 {
        assert_eq!(harness.get(SEARCH).await.status, 200);
    }
    let handshakes = rogue.handshakes();
    assert_eq!(handshakes.iter().map(|shaken| shaken.resumed).collect::<Vec<_>>(), [false, true, true]);
    assert!(
        handshakes.iter().all(|shaken| shaken.group == Some(NamedGroup::X25519MLKEM768)),
        "{handshakes:?}"
    );
    let series = "clinik_guard_upstream_handshakes_total{key_exchange=\"x25519mlkem768\",kind=\"resumed\",version=\"1.3\"}";
    assert_eq!(harness.metric(series).await, 2.0);
    let expiry = "clinik_guard_certificate_expiry_timestamp_seconds{certificate=\"upstream\"}";
    assert_eq!(harness.metric(expiry).await, 2_208_988_800.0, "2040-01-01");
    harness.finish().await;
}

fn client_files(leaf: &Leaf) -> Vec<(&'static str, String)> {
    vec![("client.pem", leaf.chain.clone()), ("client.key", leaf.key.clone())]
}

const CLIENT: &str = "client_certificate: {certificate_file: DIR/client.pem, key_file: DIR/client.key}";

/// In TLS 1.3 the refusal of a client's certificate arrives when the client already sends, so it needs care not to be
/// taken for a write that may have been carried out.
#[tokio::test(flavor = "multi_thread")]
async fn the_upstream_may_ask_who_we_are() {
    let (authority, callers) = (Authority::new("synthetic root"), Authority::new("callers"));
    let rogue = Rogue::start(server_tls(&authority.server(), Some(&callers))).await;
    let instead = Some((rogue.url(), authority.pem()));

    let harness = Harness::start(Setup { instead: instead.clone(), ..Setup::default() }).await;
    refused(&harness, "client_certificate").await;
    assert_eq!(rogue.requests(), 0);
    harness.finish().await;

    let files = client_files(&Authority::new("nobody's").client(&["guard.example.org"]));
    let setup = Setup { instead: instead.clone(), upstream: CLIENT, files, ..Setup::default() };
    let harness = Harness::start(setup).await;
    refused(&harness, "client_certificate").await;
    assert_eq!(rogue.requests(), 0);
    harness.finish().await;

    let files = client_files(&callers.client(&["guard.example.org"]));
    let harness = Harness::start(Setup { instead, upstream: CLIENT, files, ..Setup::default() }).await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    assert_eq!(rogue.handshakes().last().map(|shaken| shaken.client_certificates), Some(1));
    harness.finish().await;
}

/// Certificate and key are swapped one after the other; in between they do not fit, and the old pair goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_replaced_while_running() {
    let (authority, old, new) =
        (Authority::new("synthetic root"), Authority::new("old"), Authority::new("new"));
    let leaf = authority.server();
    let rogue = Rogue::start(server_tls(&leaf, Some(&old))).await;
    let setup = Setup {
        instead: Some((rogue.url(), authority.pem())),
        upstream: leak(format!("{CLIENT}, pool: {{idle_max: 0}}")),
        files: client_files(&old.client(&["guard.example.org"])),
        ..Setup::default()
    };
    let harness = Harness::start(setup).await;
    assert_eq!(harness.get(SEARCH).await.status, 200);

    let renewed = new.client(&["guard.example.org"]);
    std::fs::write(harness.path("client.pem"), &renewed.chain).unwrap();
    harness.app().reload().await;
    harness.app().reload().await;
    assert_eq!(harness.get(SEARCH).await.status, 200, "half a pair changes nothing");
    let failed = "clinik_guard_certificate_reloads_total{leg=\"upstream\",result=\"failed\"}";
    assert_eq!(harness.metric(failed).await, 1.0, "said once");

    std::fs::write(harness.path("client.key"), &renewed.key).unwrap();
    harness.app().reload().await;
    rogue.set_tls(server_tls(&leaf, Some(&new)));
    assert_eq!(harness.get(SEARCH).await.status, 200);
    let changed = "clinik_guard_certificate_reloads_total{leg=\"upstream\",result=\"changed\"}";
    assert_eq!(harness.metric(changed).await, 1.0);
    harness.finish().await;
}

/// The layout of a mounted ConfigMap: the file is a link through `..data`, which is swapped.
#[tokio::test(flavor = "multi_thread")]
async fn trusted_roots_follow_a_config_map() {
    use std::os::unix::fs::symlink;
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let mount = tempfile::tempdir().unwrap();
    let version = |name: &str, pem: String| {
        std::fs::create_dir(mount.path().join(name)).unwrap();
        std::fs::write(mount.path().join(name).join("ca.pem"), pem).unwrap();
        symlink(name, mount.path().join("..data_tmp")).unwrap();
        std::fs::rename(mount.path().join("..data_tmp"), mount.path().join("..data")).unwrap();
    };
    version("..1", old.pem());
    symlink("..data/ca.pem", mount.path().join("ca.pem")).unwrap();

    let rogue = Rogue::start(server_tls(&old.server(), None)).await;
    let instead = Some((rogue.url(), old.pem()));
    let harness = Harness::start(Setup { instead, ..Setup::default() }).await;
    // The harness names its own file; let that be the mounted one.
    std::fs::remove_file(harness.path("ca.pem")).unwrap();
    symlink(mount.path().join("ca.pem"), harness.path("ca.pem")).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    assert_eq!(rogue.connections(), 1);

    version("..2", new.pem());
    std::fs::remove_dir_all(mount.path().join("..1")).unwrap();
    rogue.set_tls(server_tls(&new.server(), None));
    harness.app().reload().await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    assert_eq!(rogue.connections(), 2, "a pool of other roots is not used");

    for bad in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(mount.path().join("..2/ca.pem"), bad).unwrap();
        harness.app().reload().await;
        assert_eq!(harness.get(SEARCH).await.status, 200);
    }
    assert_eq!(rogue.connections(), 2);
    harness.finish().await;
}

/// A policy that names a file which is not there yet takes its upstream when the file comes.
#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_whose_files_come_late_is_taken_up_then() {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
    let harness = before(&rogue, &authority, String::new()).await;
    let other = Rogue::start(server_tls(&authority.server(), None)).await;
    let setup = Setup { instead: Some((other.url(), String::new())), upstream: CLIENT, ..Setup::default() };
    harness.rewrite_policy(&setup).await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    assert_eq!((rogue.requests(), other.requests()), (1, 0), "kept as it was");
    for (name, text) in client_files(&authority.client(&["guard.example.org"])) {
        std::fs::write(harness.path(name), text).unwrap();
    }
    harness.app().reload().await;
    assert_eq!(harness.get(SEARCH).await.status, 200);
    assert_eq!((rogue.requests(), other.requests()), (1, 1));
    harness.finish().await;
}
