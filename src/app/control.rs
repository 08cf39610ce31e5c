//! The control thread: the ops port, a look at policy, keys and certificates now and then, and the end.
//!
//! Owns what is logged once and not at every look. What is bad stays out, and what was good stays in force.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use super::{seconds_f64, unix_time};
use crate::credentials::{self, KeyProblem, KeyStore, Keys};
use crate::exchange::{Service, Snapshot};
use crate::guards::rate::Limits;
use crate::listener::{ServerTls, TlsError};
use crate::metrics::{Certificate, Metrics};
use crate::ops;
use crate::policy::{Policy, PolicyStore, ReloadOutcome};
use crate::upstream::settings::UpstreamSettings;
use crate::upstream::{ConnectError, Connector};

/// What the control thread is told.
pub(super) enum Command {
    /// Look at the files now; the sender is dropped when that is done.
    Reload(mpsc::Sender<()>),
    Drain,
}

/// What the control thread looks after.
pub(super) struct Control {
    store: PolicyStore,
    keys: KeyStore,
    metrics: Arc<Metrics>,
    tls: Option<Arc<ServerTls>>,
    /// Key problems already logged, so that a missing file is reported once and not every two seconds.
    said: Vec<(String, KeyProblem)>,
    /// The same for what keeps a wanted connector from being made.
    said_files: Option<ConnectError>,
    /// And for the files of `listen.tls`.
    said_tls: Option<TlsError>,
}

impl Control {
    pub(super) fn new(
        store: PolicyStore,
        keys: KeyStore,
        metrics: Arc<Metrics>,
        tls: Option<Arc<ServerTls>>,
    ) -> Control {
        Control { store, keys, metrics, tls, said: Vec::new(), said_files: None, said_tls: None }
    }

    /// The keys as they were read last.
    pub(super) fn keys(&self) -> Arc<Keys> {
        self.keys.current()
    }

    /// What was wrong with them, by name.
    pub(super) fn key_problems(&self) -> &[(String, KeyProblem)] {
        &self.said
    }

    /// Serves the ops port and looks at the files until the guard is to drain; then waits until the last worker is done.
    pub(super) async fn run(
        mut self,
        service: Arc<Service>,
        ops_socket: Option<std::net::TcpListener>,
        mut inbox: mpsc::Receiver<Command>,
        drain: watch::Sender<bool>,
    ) {
        let not_ready = Arc::new(AtomicBool::new(false));
        if let Some(socket) = ops_socket.and_then(into_tokio) {
            tokio::spawn(ops::serve(socket, Arc::clone(&service), Arc::clone(&not_ready)));
        }
        loop {
            let interval = service.snapshot().policy.credentials.reload_interval;
            match tokio::time::timeout(interval, inbox.recv()).await {
                Err(_) => self.reload(&service),
                Ok(Some(Command::Reload(done))) => {
                    self.reload(&service);
                    drop(done);
                }
                Ok(Some(Command::Drain) | None) => break,
            }
        }
        let linger = service.snapshot().policy.listen.drain_linger;
        tracing::info!(linger_seconds = linger.as_secs(), "draining");
        not_ready.store(true, Ordering::Relaxed);
        tokio::time::sleep(linger).await;
        let _workers_gone = drain.send(true);
        // The ops port answers until the last worker is done.
        drain.closed().await;
    }

    /// Looks at policy and keys; replaces the snapshot if anything is new. Nothing falls open: what is bad is
    /// reported and what was good stays.
    fn reload(&mut self, service: &Service) {
        let before = service.snapshot();
        let mut connector = Arc::clone(&before.connector);
        let keys = &self.keys;
        let misfit = |policy: &Policy| misfit(keys, policy);
        let applied = match self.store.reload(unix_time(), &misfit) {
            ReloadOutcome::Unchanged => false,
            ReloadOutcome::Rejected(problems) => {
                self.metrics.policy_reload_failures.inc();
                tracing::error!(problems = %problems, "policy rejected; the old one stays in force");
                false
            }
            ReloadOutcome::Applied { policy, restart_needed } => {
                self.metrics.policy_reload_timestamp.set(seconds_f64(unix_time()));
                if !restart_needed.is_empty() {
                    tracing::warn!(keys = %restart_needed.join(", "), "these policy keys take effect at the next start");
                }
                tracing::info!(policy = %policy.hash.get(..12).unwrap_or_default(), "policy applied");
                true
            }
        };
        let policy = self.store.current();
        self.renew_tls();
        let upstream_changed = self.renew(&policy.upstream, &mut connector);
        let keys_changed = self.read_keys(&policy);
        if !applied && !keys_changed && !upstream_changed {
            return;
        }
        let limits = if before.limits.serve(&policy.limits) {
            Arc::clone(&before.limits)
        } else {
            Arc::new(Limits::new(&policy.limits))
        };
        service.trail.apply(&policy.audit);
        service.replace(Snapshot { policy, keys: self.keys.current(), limits, connector });
    }

    /// Makes a new connector if the policy wants another one, or a file it names has changed. It takes the new
    /// connections; requests under way finish on theirs.
    fn renew(&mut self, wanted: &UpstreamSettings, connector: &mut Arc<Connector>) -> bool {
        let renewed =
            if connector.settings == *wanted { connector.renew() } else { Some(Connector::new(wanted)) };
        let count = |result| self.metrics.certificate_reloads.with_label_values(&["upstream", result]).inc();
        let before = self.said_files.take();
        let changed = match renewed {
            None => false,
            Some(Ok(fresh)) => {
                count("changed");
                tracing::info!("connections to the upstream are made anew");
                *connector = Arc::new(fresh);
                true
            }
            Some(Err(problem)) => {
                if before != Some(problem) {
                    count("failed");
                    tracing::error!(problem = %problem, "upstream kept as it was");
                }
                self.said_files = Some(problem);
                false
            }
        };
        self.metrics.certificate_ends(Certificate::Client, connector.client_not_after());
        changed
    }

    /// Has handshakes from now on made with the certificate files as they are.
    pub(super) fn renew_tls(&mut self) {
        let Some(tls) = &self.tls else { return };
        let count = |result| self.metrics.certificate_reloads.with_label_values(&["listener", result]).inc();
        let before = self.said_tls.take();
        match tls.renew() {
            None => {}
            Some(Ok(())) => {
                count("changed");
                tracing::info!("certificate of the listener renewed");
            }
            Some(Err(problem)) => {
                if before != Some(problem) {
                    count("failed");
                    tracing::error!(problem = %problem, "the listener's certificate stays as it was");
                }
                self.said_tls = Some(problem);
            }
        }
        self.metrics.certificate_ends(Certificate::Listener, tls.not_after());
    }

    /// Reads the keys again, and says whether any is new. A problem is logged when it comes up.
    pub(super) fn read_keys(&mut self, policy: &Policy) -> bool {
        let reload = self.keys.reload(&policy.credentials, policy.callers(), Instant::now());
        for (name, problem) in reload.problems.iter().filter(|problem| !self.said.contains(problem)) {
            self.metrics.key_reloads.with_label_values(&["failed"]).inc();
            let source = policy.credentials.source_of(name);
            tracing::error!(source = %format_args!("{name}{source}"), problem = %problem, "credential not usable");
        }
        self.said = reload.problems;
        if reload.changed {
            let locked = credentials::all_locked();
            self.metrics.secrets_locked.set(i64::from(locked));
            if !locked {
                tracing::warn!("a secret may be swapped out: RLIMIT_MEMLOCK is too low");
            }
            self.metrics.key_reloads.with_label_values(&["changed"]).inc();
            let keys = self.keys.current();
            let fingerprints: Vec<&str> = keys.preferred().map(|key| &**key.fingerprint()).collect();
            if !fingerprints.is_empty() {
                tracing::info!(key = %fingerprints.join(" "), "keys read");
            }
        }
        reload.changed
    }
}

/// What a policy has against what is mounted: a key that it does not cover, or a new place where nothing is to be read.
fn misfit(keys: &KeyStore, policy: &Policy) -> Option<String> {
    if let Some((name, problem)) = keys.uncovered(&policy.credentials, Instant::now()).into_iter().next() {
        return Some(format!("{name}{} {problem}", policy.credentials.source_of(&name)));
    }
    keys.unknown(policy.callers()).map(|(name, problem)| format!("{name} {problem}"))
}

fn into_tokio(socket: std::net::TcpListener) -> Option<tokio::net::TcpListener> {
    socket.set_nonblocking(true).ok()?;
    tokio::net::TcpListener::from_std(socket).ok()
}
