//! `clinik-guard dev`: the guard in front of the embedded ClinikAPI stand-in, over real TLS.
//!
//! Needs no key, no account and no file: certificates, key and policy are made for the run in a directory of their
//! own, which is removed at the end. The data are invented.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::complain;
use super::tour::{self, Stage};
use crate::app::{App, Options};
use crate::standin::{STANDIN_KEY, Standin, StandinConfig, examples};
use crate::telemetry;

pub struct DevOptions {
    pub tour: bool,
    pub listen: Option<SocketAddr>,
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
    let config =
        StandinConfig { careless: true, example: options.example.clone(), ..StandinConfig::default() };
    let standin = Standin::start(config).await.map_err(plain)?;
    let scratch = Scratch::new().map_err(plain)?;
    let default_port = if options.tour { 0 } else { 8080 };
    let listen = options.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, default_port)));
    // The usual ops port unless somebody has it.
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 9090));
    let taken = options.tour || std::net::TcpListener::bind(usual).is_err();
    let ops = if taken { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) } else { usual };
    let policy = write_files(scratch.path(), &standin, listen, ops).map_err(plain)?;

    telemetry::install_panic_hook();
    let start = Options { policy: Some(policy), read_env: |_| None, write_line: telemetry::to_stderr };
    let app = App::start(&start).map_err(|error| error.to_string())?;
    let stage = Stage {
        guard: *app.addresses().first().ok_or("the guard listens nowhere")?,
        ops: app.ops_address().ok_or("the ops port is off")?,
        audit: scratch.path().join("audit.jsonl"),
    };
    let code = if options.tour {
        tour::walk(&stage, out).await.map_err(plain)?
    } else {
        tour::print(&stage, out).map_err(plain)?;
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

/// Writes CA, key and policy of this run.
fn write_files(
    dir: &Path,
    standin: &Standin,
    listen: SocketAddr,
    ops: SocketAddr,
) -> std::io::Result<PathBuf> {
    std::fs::write(dir.join("ca.pem"), standin.ca_pem())?;
    std::fs::write(dir.join("key"), STANDIN_KEY)?;
    let policy = format!(
        "version: 1\n\
         listen: {{addresses: [\"{listen}\"], workers: 1}}\n\
         ops: {{address: \"{ops}\"}}\n\
         upstream: {{url: \"{}\", ca_file: {}}}\n\
         credentials: {{environment: test, current: {{file: {}}}}}\n\
         audit: {{sink: file, file: {}}}\n\
         telemetry: {{level: error}}\n",
        standin.url(),
        quoted(&dir.join("ca.pem")),
        quoted(&dir.join("key")),
        quoted(&dir.join("audit.jsonl")),
    );
    let path = dir.join("policy.yaml");
    std::fs::write(&path, policy)?;
    Ok(path)
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
