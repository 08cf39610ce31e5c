//! `clinik-guard run`: the guard, with the signals of a container.
//!
//! SIGTERM and SIGINT drain and end with code 0; a second one ends at once. SIGHUP looks at policy and keys now. SIGXFSZ ends
//! nothing: a file that may not grow is a failure like a full disk.

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::complain;
use crate::app::{App, Options, StartError};
use crate::cli::check;
use crate::credentials::ReadEnv;
use crate::{process, telemetry};

/// Serves until told to end.
pub fn run(policy: Option<PathBuf>, read_env: ReadEnv) -> ExitCode {
    telemetry::install_panic_hook();
    // Before anything secret is in memory, and before there is a second thread.
    let hardened = process::harden();
    // Before the first connection is taken: a rush of them may leave no file descriptor for these.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(format_args!("cannot start a runtime: {error}")),
    };
    let mut signals = match runtime.block_on(async { Signals::new() }) {
        Ok(signals) => signals,
        Err(error) => return complain(format_args!("cannot receive signals: {error}")),
    };
    let app = match App::start(&Options { policy, read_env, write_line: telemetry::to_stderr }) {
        Ok(app) => app,
        Err(StartError::Policy(problems)) => {
            let _closed = check::report(&problems, &mut std::io::stderr());
            return ExitCode::FAILURE;
        }
        Err(problem) => return complain(problem),
    };
    if let Err(problem) = hardened {
        tracing::warn!(problem, "not hardened");
    }
    runtime.block_on(until_told(&app, &mut signals));
    let drained = runtime.spawn_blocking(move || app.join());
    let code = runtime.block_on(async {
        tokio::select! {
            _ = drained => ExitCode::SUCCESS,
            () = told_again() => ExitCode::FAILURE,
        }
    });
    // Does not wait for a drain that was cut short.
    runtime.shutdown_background();
    code
}

/// A second SIGTERM or SIGINT.
async fn told_again() {
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    match signals {
        [Ok(mut terminate), Ok(mut interrupt)] => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    /// Nobody waits for it. That it is taken makes a write over `RLIMIT_FSIZE` fail, where it would end the process.
    _file_size: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _file_size: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }
}

async fn until_told(app: &App, signals: &mut Signals) {
    loop {
        tokio::select! {
            _ = signals.hangup.recv() => app.reload().await,
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
        }
    }
    app.drain().await;
}
