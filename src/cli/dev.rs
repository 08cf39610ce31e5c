//! `clinik-guard dev`: the guard in front of the embedded ClinikAPI stand-in, over real TLS.
//!
//! Needs no key, no account and no file: certificates and keys are made for the run, what has to be a file in a directory of
//! its own, which is removed at the end. The data are invented. A policy that is tried here keeps what it says of requests;
//! its sockets, its upstream, its keys and where its trail goes are the trial's.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::tour::{self, Stage};
use super::{check, complain};
use crate::app::{App, Options, StartError};
use crate::compliance::KeyKind;
use crate::credentials::settings::SecretSource;
use crate::policy::{Policy, Surroundings};
use crate::standin::{STANDIN_KEY, Standin, StandinConfig, examples};
use crate::telemetry;
use crate::telemetry::settings::TelemetrySettings;

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
    let keys = (0..KEYS).flat_map(|number| [KeyKind::Test, KeyKind::Live].map(|kind| key_of(number, kind)));
    let example = options.example.clone();
    let config = StandinConfig { careless: true, keys: keys.collect(), example, ..StandinConfig::default() };
    let standin = Standin::start(config).await.map_err(plain)?;
    let scratch = Scratch::new().map_err(plain)?;
    let default_port = if options.tour { 0 } else { 8080 };
    let listen = options.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, default_port)));
    if !listen.ip().is_loopback() {
        return Err("--listen takes an address of this machine alone, such as 127.0.0.1:8081".to_owned());
    }
    let ops = options.ops.unwrap_or_else(|| usual_ops(&options));
    let place = surroundings(scratch.path(), &standin, listen, ops, &options)?;

    telemetry::install_panic_hook();
    let write_line = telemetry::to_stderr;
    let start = Options { policy: options.config.clone(), read_env: environment, write_line };
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
    listen: SocketAddr,
    ops: SocketAddr,
    options: &DevOptions,
) -> Result<Surroundings, String> {
    let ca_file = dir.join("ca.pem");
    std::fs::write(&ca_file, standin.ca_pem()).map_err(|error| error.to_string())?;
    let upstream = format!("upstream: {{url: \"{}\", ca_file: {}}}\n", standin.url(), quoted(&ca_file));
    let upstream = Policy::from_str("dev", &upstream).map_err(|problems| problems.to_string())?.upstream;
    // The tour shows what is answered; who tries a policy wants to see what the guard says of it too.
    let quiet = options.config.is_none().then_some(TelemetrySettings { level: tracing::Level::ERROR });
    let (audit, key) = (dir.join("audit.jsonl"), key_source as fn(usize, KeyKind) -> SecretSource);
    Ok(Surroundings { listen, ops, upstream, audit, key, telemetry: quiet })
}

/// As many as a policy can have places for.
const KEYS: usize = 256 * 3;

/// What the names of the variables begin with that stand for the keys of the stand-in. Nobody sets them.
const KEY_NAMES: [(&str, KeyKind); 2] =
    [("CLINIK_GUARD_DEV_TEST_KEY_", KeyKind::Test), ("CLINIK_GUARD_DEV_LIVE_KEY_", KeyKind::Live)];

fn key_source(number: usize, kind: KeyKind) -> SecretSource {
    let name = KEY_NAMES.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name);
    SecretSource::Env(format!("{name}{number}"))
}

/// The key that such a name stands for.
fn key_named(variable: &str) -> Option<String> {
    KEY_NAMES.iter().find_map(|(name, kind)| {
        let number = variable.strip_prefix(name)?.parse().ok()?;
        Some(key_of(number, *kind))
    })
}

/// A key of no one. Each place has one of its own, since tenants may not share one.
fn key_of(number: usize, kind: KeyKind) -> String {
    match (number, kind) {
        (0, KeyKind::Test) => STANDIN_KEY.to_owned(),
        (_, KeyKind::Test) => format!("clk_test_standin{number:016}"),
        (_, KeyKind::Live) => format!("clk_live_standin{number:016}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a policy that is tried may name variables")]
fn environment(name: &str) -> Option<String> {
    key_named(name).or_else(|| std::env::var(name).ok())
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
