//! The running guard: policy, keys, sockets, workers, and their orderly end.
//!
//! One thread per worker, each with a runtime, sockets and an upstream pool of its own; one control thread for the
//! ops port and for looking at the policy and key files. Tests start the same [`App`] as `clinik-guard run`.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use crate::audit::checkpoint::KeyFileError;
use crate::config::Problems;
use crate::credentials::{KeyProblem, KeyStore, ReadEnv};
use crate::exchange::{Service, Snapshot, Worker};
use crate::guards::rate::Limits;
use crate::listener::{self, BindError, Places, ServerTls, Sockets, TlsError};
use crate::metrics::{Certificate, Metrics, Served};
use crate::phi::{Engine, EngineSettings};
use crate::policy::{Policy, PolicyStore, Surroundings};
use crate::process::{self, Became, UserError};
use crate::telemetry::{self, WriteLine};
use crate::upstream::{ConnectError, Connector, Upstream};

use control::{Command, Control};

mod control;
mod trail;

/// How often idle upstream connections are looked over.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Where the policy and the environment come from.
pub struct Options {
    /// `None` runs on the defaults.
    pub policy: Option<PathBuf>,
    pub read_env: ReadEnv,
    /// Where log lines go.
    pub write_line: WriteLine,
}

/// Why the guard did not start.
#[derive(Debug)]
pub enum StartError {
    Policy(Problems),
    Upstream(ConnectError),
    Tls(TlsError),
    Bind(BindError),
    User(UserError),
    AuditPseudonyms {
        file: String,
        problem: KeyProblem,
    },
    Audit {
        file: String,
        error: std::io::Error,
    },
    AuditKey {
        file: String,
        error: KeyFileError,
    },
    /// A key that the policy does not cover: the policy, the key of the policy and where it points, and why.
    Key {
        policy: String,
        source: String,
        problem: KeyProblem,
    },
    Runtime(std::io::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StartError::Policy(problems) => write!(f, "{problems}"),
            StartError::Upstream(problem) => write!(f, "{problem}"),
            StartError::Tls(problem) => write!(f, "{problem}"),
            StartError::Bind(problem) => write!(f, "cannot listen on {}: {}", problem.what, problem.error),
            StartError::User(problem) => write!(f, "{problem}"),
            StartError::Audit { file, error } => write!(f, "cannot open audit.file {file}: {error}"),
            StartError::AuditKey { file, error } => write!(f, "audit.signing_key_file {file}: {error}"),
            StartError::AuditPseudonyms { file, problem } => {
                write!(f, "audit.pseudonym_key_file: the key in {file} {problem}")
            }
            StartError::Key { policy, source, problem } => {
                write!(f, "{policy}: {source}: {problem}")
            }
            StartError::Runtime(error) => write!(f, "cannot start a runtime: {error}"),
        }
    }
}

/// A running guard.
pub struct App {
    addresses: Vec<SocketAddr>,
    tls_addresses: Vec<SocketAddr>,
    ops_address: Option<SocketAddr>,
    service: Arc<Service>,
    commands: mpsc::Sender<Command>,
    control: JoinHandle<()>,
    workers: Vec<JoinHandle<()>>,
    senders: trail::Senders,
}

impl App {
    /// Loads the policy, reads the keys, binds the sockets and starts serving.
    pub fn start(options: &Options) -> Result<App, StartError> {
        App::start_in(options, None)
    }

    /// The same with sockets, upstream, keys and trail of a trial in the place of the policy's own.
    pub fn start_in(options: &Options, surroundings: Option<Surroundings>) -> Result<App, StartError> {
        let now_unix = unix_time();
        let policy = Policy::load_or_default(options.policy.as_deref())
            .and_then(|policy| policy.in_force(&Policy::name(options.policy.as_deref()), now_unix))
            .map_err(StartError::Policy)?;
        let store = PolicyStore::new(options.policy.clone(), surroundings, policy, now_unix);
        let policy = store.current();
        init_telemetry(&policy, options.write_line);
        for warning in policy.warnings(now_unix) {
            tracing::warn!(warning = %warning, "policy");
        }
        let keys = KeyStore::new(options.read_env);
        let bound = listener::bind(&policy.listen).map_err(StartError::Bind)?;
        for address in &bound.skipped {
            tracing::warn!(address = %address, "not listening: this machine has no IPv6 loopback");
        }
        let ops_socket = policy.ops.address.map(bind_ops).transpose()?;
        // From here on nothing needs root, and what is read now has to be readable at the next reload too.
        leave_root(&policy)?;
        if !crate::tls::keeps_promise() {
            return Err(StartError::Tls(TlsError::Unavailable));
        }
        let connector = Connector::new(&policy.upstream).map_err(StartError::Upstream)?;
        let tls = policy.listen.tls.as_ref().map(ServerTls::new).transpose().map_err(StartError::Tls)?;
        let tls = tls.map(Arc::new);
        let metrics = Arc::new(Metrics::new());
        let mut control = Control::new(store, keys, Arc::clone(&metrics), tls.clone());
        control.renew_tls();
        control.read_keys(&policy);
        check_keys(&control, &policy, options)?;
        let (trail, senders) = trail::start(&policy.audit, options.read_env, &metrics)?;
        let snapshot = Snapshot {
            limits: Arc::new(Limits::new(&policy.limits)),
            keys: control.keys(),
            connector: Arc::new(connector),
            policy: Arc::clone(&policy),
        };
        metrics.policy_reload_timestamp.set(seconds_f64(now_unix));
        metrics.certificate_ends(Certificate::Client, snapshot.connector.client_not_after());
        let service = Service::new(snapshot, metrics, trail, request_id_seed());
        let service = Arc::new(service.map_err(StartError::Runtime)?);

        let ops_address = ops_socket.as_ref().and_then(|socket| socket.local_addr().ok());
        let (drain, draining) = watch::channel(false);
        // Made before the first connection is taken: a rush of them may leave no file descriptor for it.
        let control_runtime = runtime()?;
        let workers = start_workers(bound.workers, &service, tls.as_ref(), &draining)?;
        let (commands, inbox) = mpsc::channel(8);
        let served = Arc::clone(&service);
        let control = std::thread::Builder::new()
            .name("control".into())
            .spawn(move || control_runtime.block_on(control.run(served, ops_socket, inbox, drain)))
            .map_err(StartError::Runtime)?;
        tracing::info!(
            listening = %listed(&bound.addresses),
            tls = (!bound.tls_addresses.is_empty()).then(|| tracing::field::display(listed(&bound.tls_addresses))),
            unix = unix_socket(&policy).map(|path| tracing::field::display(path.display())),
            module = crate::tls::MODULE,
            policy = %policy.hash.get(..12).unwrap_or_default(),
            ready = service.snapshot().keys.lacking(policy.callers()).is_none(),
            "serving"
        );
        let (addresses, tls_addresses) = (bound.addresses, bound.tls_addresses);
        Ok(App { addresses, tls_addresses, ops_address, service, commands, control, workers, senders })
    }

    /// The data addresses, with the ports they were given.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The data addresses that speak TLS.
    pub fn tls_addresses(&self) -> &[SocketAddr] {
        &self.tls_addresses
    }

    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops_address
    }

    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Looks at the policy and the keys now; returns when that is done.
    pub async fn reload(&self) {
        let (done, mut finished) = mpsc::channel(1);
        if self.commands.send(Command::Reload(done)).await.is_ok() {
            finished.recv().await;
        }
    }

    /// Begins the drain: linger, then finish what is in flight.
    pub async fn drain(&self) {
        // A control thread that is gone has drained already.
        let _sent = self.commands.send(Command::Drain).await;
    }

    /// Waits for every thread to end.
    pub fn join(self) {
        drop(self.commands);
        for worker in self.workers {
            let _panicked_was_logged = worker.join();
        }
        let _panicked_was_logged = self.control.join();
        self.service.trail.close();
        self.senders.close();
        let Served { answered, refused, client_gone } = self.service.metrics.served();
        tracing::info!(
            requests = answered + refused + client_gone,
            answered,
            refused,
            client_gone,
            audit_records = self.service.metrics.audit_records.get(),
            audit_failures = self.service.metrics.audit_failures.get(),
            "stopped"
        );
    }
}

/// Logs are scrubbed by an engine of their own with every rule on, whatever the policy relaxes.
fn init_telemetry(policy: &Policy, write_line: WriteLine) {
    if let Ok(engine) = Engine::new(&EngineSettings::default()) {
        telemetry::init(&policy.telemetry, Arc::new(engine), write_line);
    }
}

fn bind_ops(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .map_err(|error| StartError::Bind(BindError { what: format!("{address} (ops.address)"), error }))
}

fn unix_socket(policy: &Policy) -> Option<&Path> {
    policy.listen.unix.as_ref().map(|unix| unix.path.as_path())
}

fn leave_root(policy: &Policy) -> Result<(), StartError> {
    match process::become_user(&policy.process, unix_socket(policy)).map_err(StartError::User)? {
        Became::Same => {}
        Became::StillRoot => {
            tracing::warn!("running as root: set process.user, or start as another user");
        }
        Became::Other { uid, gid } => tracing::info!(uid, gid, "no longer root"),
    }
    Ok(())
}

/// Without a key the guard waits for one; what is there and wrong does not get right by waiting.
fn check_keys(control: &Control, policy: &Policy, options: &Options) -> Result<(), StartError> {
    let lacking = control.keys().lacking(policy.callers()).is_some();
    let fatal = |problem: &KeyProblem| problem.is_uncovered() || (lacking && !problem.may_still_come());
    let Some((name, problem)) = control.key_problems().iter().find(|(_, problem)| fatal(problem)) else {
        return Ok(());
    };
    Err(StartError::Key {
        policy: Policy::name(options.policy.as_deref()),
        source: format!("{name}{}", policy.credentials.source_of(name)),
        problem: *problem,
    })
}

fn start_workers(
    sockets: Vec<Sockets>,
    service: &Arc<Service>,
    tls: Option<&Arc<ServerTls>>,
    draining: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let settings = service.snapshot().policy.listen.clone();
    let places = Arc::new(Places::new(settings.connections_max, settings.connections_per_peer_max));
    let mut threads = Vec::with_capacity(sockets.len());
    for (number, sockets) in sockets.into_iter().enumerate() {
        let runtime = runtime()?;
        let upstream =
            Arc::new(Upstream::new(Arc::clone(&service.snapshot().connector), Arc::clone(&service.metrics)));
        let worker = Arc::new(Worker { service: Arc::clone(service), upstream: Arc::clone(&upstream) });
        let settings = settings.clone();
        let places = Arc::clone(&places);
        let draining = draining.clone();
        let tls = tls.cloned();
        let serve = move || {
            runtime.block_on(async {
                let sweeper = tokio::spawn(async move {
                    let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
                    loop {
                        ticks.tick().await;
                        upstream.sweep();
                    }
                });
                listener::serve(sockets, &settings, worker, places, tls, draining).await;
                sweeper.abort();
            });
            // Nobody is left for the name of a host that is still looked up.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name(format!("worker-{number}")).spawn(serve);
        threads.push(thread.map_err(StartError::Runtime)?);
    }
    Ok(threads)
}

fn listed(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

fn runtime() -> Result<Runtime, StartError> {
    Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)
}

#[expect(clippy::disallowed_methods, reason = "the application is where the clock is read")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Exact for every date this program will see.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit 52 bits for 140 million years")]
const fn seconds_f64(seconds: u64) -> f64 {
    seconds as f64
}

fn request_id_seed() -> u64 {
    let mut seed = [0; 8];
    // Without randomness the ids are still unique within the process; they are no secret.
    let _filled = aws_lc_rs::rand::fill(&mut seed);
    u64::from_le_bytes(seed)
}
