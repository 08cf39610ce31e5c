//! `clinik-guard run`: the guard, with the signals of a container.
//!
//! SIGTERM and SIGINT drain and end with code 0; a second one ends at once. SIGHUP looks at policy and keys now.

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

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
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(format_args!("cannot start a runtime: {error}")),
    };
    if let Err(error) = runtime.block_on(until_told(&app)) {
        return complain(format_args!("cannot receive signals: {error}"));
    }
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

async fn until_told(app: &App) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        tokio::select! {
            _ = hangup.recv() => app.reload().await,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    app.drain().await;
    Ok(())
}
