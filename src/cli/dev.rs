//! `clinik-guard dev`: the guard in front of the embedded ClinikAPI stand-in, over real TLS.
//!
//! Needs no key, no account and no file: certificates and keys are made for the run, what has to be a file in a directory of
//! its own, which is removed at the end. The data are invented. A policy that is tried here keeps what it says of requests;
//! its sockets, its upstream, its keys and where its trail goes are the trial's. Callers and persons that it names are let in
//! by tokens of the trial too, which the printed commands carry.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use demands::Demands;
use issuer::Issuer;

use super::tour::{self, Stage};
use super::{check, complain, unix_time};
use crate::app::{App, Options, StartError};
use crate::policy::{Policy, Surroundings};
use crate::standin::{Standin, StandinConfig, examples};
use crate::telemetry;
use crate::telemetry::settings::TelemetrySettings;

pub(super) mod demands;
mod issuer;
mod keys;

/// What the trial signs its trail with, where the policy wants it signed.
const AUDIT_KEY: &str = "audit.key";

pub struct DevOptions {
    pub tour: bool,
    /// A policy to try; what reaches out of the trial is replaced.
    pub config: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub ops: Option<SocketAddr>,
    pub example: Option<String>,
}

/// Serves until interrupted, or walks through the tour.
pub fn run(options: DevOptions, out: &mut dyn Write) -> ExitCode {
    if let Some(id) = options.example.as_deref().filter(|id| examples::find(id).is_none()) {
        let known: Vec<&str> = examples::all().iter().map(|example| example.id.as_str()).collect();
        return complain(format_args!("no example is called {id:?}; known are {}", known.join(", ")));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(format_args!("cannot start a runtime: {error}")),
    };
    match runtime.block_on(dev(options, out)) {
        Ok(code) => code,
        Err(problem) => complain(problem),
    }
}

async fn dev(options: DevOptions, out: &mut dyn Write) -> Result<ExitCode, String> {
    let plain = |error: std::io::Error| error.to_string();
    let config = StandinConfig {
        careless: true,
        keys: keys::all().collect(),
        organisation: keys::organisation,
        example: options.example.clone(),
        ..StandinConfig::default()
    };
    let standin = Standin::start(config).await.map_err(plain)?;
    let scratch = Scratch::new().map_err(plain)?;
    let default_port = if options.tour { 0 } else { 8080 };
    let listen = options.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, default_port)));
    if !listen.ip().is_loopback() {
        return Err("--listen takes an address of this machine alone, such as 127.0.0.1:8081".to_owned());
    }
    let ops = options.ops.unwrap_or_else(|| usual_ops(&options));
    let issuer = Issuer::new(unix_time()).map_err(|_| "no randomness to make keys with".to_owned())?;
    let place = surroundings(scratch.path(), &standin, &issuer, [listen, ops], &options)?;

    telemetry::install_panic_hook();
    let write_line = telemetry::to_stderr;
    let start = Options { policy: options.config.clone(), read_env: keys::environment, write_line };
    let app = match App::start_in(&start, Some(place)) {
        Ok(app) => app,
        Err(StartError::Policy(problems)) => {
            let _closed = check::report(&problems, &mut std::io::stderr());
            return Ok(ExitCode::FAILURE);
        }
        Err(problem @ StartError::Bind(_)) => {
            return Err(format!("{problem}; another address goes behind --listen or --ops"));
        }
        Err(problem) => return Err(problem.to_string()),
    };
    let stage = Stage {
        guard: *app.addresses().first().ok_or("the guard listens nowhere")?,
        ops: app.ops_address().ok_or("the ops port is off")?,
        audit: scratch.path().join("audit.jsonl"),
        audit_key: scratch.path().join(AUDIT_KEY),
        demands: Demands::new(Arc::clone(&app.service().snapshot().policy), issuer),
    };
    let code = if options.tour {
        tour::walk(&stage, out).await.map_err(plain)?
    } else {
        tour::print(&stage, options.config.as_deref(), out).map_err(plain)?;
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(plain)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(plain)?,
            _ = terminate.recv() => {}
        }
        ExitCode::SUCCESS
    };
    app.drain().await;
    let joined = tokio::task::spawn_blocking(move || app.join());
    standin.shutdown().await;
    // A worker that panicked has logged it; there is nothing left to do for it here.
    let _ended = joined.await;
    Ok(code)
}

/// The usual ops port, unless the guard is told to listen elsewhere or somebody has it.
fn usual_ops(options: &DevOptions) -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 9090));
    let elsewhere = options.tour || options.listen.is_some() || std::net::TcpListener::bind(usual).is_err();
    if elsewhere { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) } else { usual }
}

fn surroundings(
    dir: &Path,
    standin: &Standin,
    issuer: &Issuer,
    [listen, ops]: [SocketAddr; 2],
    options: &DevOptions,
) -> Result<Surroundings, String> {
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).map(|()| path).map_err(|error| error.to_string())
    };
    let ca_file = write("ca.pem", standin.ca_pem())?;
    let signing_key =
        rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).map_err(|error| error.to_string())?;
    // The policy is read in full when the guard starts, mistakes and all.
    let policy = options.config.as_deref().and_then(|path| Policy::load(path).ok());
    let key_set = policy.as_ref().and_then(|policy| Some(policy.access.jwt.as_ref()?.jwks_file.as_path()));
    let upstream = format!("upstream: {{url: \"{}\", ca_file: {}}}\n", standin.url(), quoted(&ca_file));
    let upstream = Policy::from_str("dev", &upstream).map_err(|problems| problems.to_string())?.upstream;
    // The tour shows what is answered; who tries a policy wants to see what the guard says of it too.
    let quiet = options.config.is_none().then_some(TelemetrySettings { level: tracing::Level::ERROR });
    Ok(Surroundings {
        listen,
        ops,
        upstream,
        audit: dir.join("audit.jsonl"),
        signing_key: write(AUDIT_KEY, &signing_key.serialize_pem())?,
        pseudonym_key: write("pseudonym.key", &keys::token_of("pseudonyms-of-the-trial"))?,
        key: keys::source,
        token: keys::token_source,
        is_here: keys::is_here,
        key_set: write("jwks.json", &issuer.key_set(key_set))?,
        telemetry: quiet,
    })
}

/// A YAML double-quoted scalar; JSON strings are that.
fn quoted(path: &Path) -> String {
    serde_json::to_string(&path.display().to_string()).unwrap_or_default()
}

/// A directory that goes with the run.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Scratch> {
        use std::os::unix::fs::DirBuilderExt;
        let path = std::env::temp_dir().join(format!("clinik-guard-dev-{}", std::process::id()));
        // Fails if somebody else made it first; nobody but us may look in.
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Scratch(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary directory, where it is cleaned up in time.
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}
