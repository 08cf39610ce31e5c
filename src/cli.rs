//! The command line: one file per command, and what they share.
//!
//! Commands write results to standard output and problems to standard error; exit codes are 0 for success, 1 for
//! "no" (a bad policy, an unhealthy guard) and 2 for a wrong command line.

use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::credentials::ReadEnv;
use crate::policy::Policy;
use crate::response::settings::Style;

pub mod audit;
pub mod check;
pub mod client;
pub mod dev;
pub mod eval;
pub mod explain;
pub mod healthcheck;
mod period;
pub mod report;
pub mod run;
pub mod scrub;
mod tour;

/// A PHI guard for ClinikAPI: a sidecar that makes the HIPAA mistakes impossible.
#[derive(Parser)]
#[command(name = "clinik-guard", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the guard.
    Run {
        /// Policy file; without it the strict defaults apply.
        #[arg(short, long, value_name = "FILE", env = "CLINIK_GUARD_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Run the guard against an embedded ClinikAPI stand-in over real TLS; no key and no account needed.
    Dev {
        /// Walk through the guided tour, check every step, and end.
        #[arg(long)]
        tour: bool,
        /// Try this policy: it decides about requests; sockets, upstream, keys and trail stay those of the trial.
        #[arg(short, long, visible_alias = "policy", value_name = "FILE", conflicts_with = "tour")]
        config: Option<PathBuf>,
        /// Where the guard listens; 127.0.0.1:8080, or any free port for the tour.
        #[arg(long, value_name = "ADDRESS", value_parser = here)]
        listen: Option<SocketAddr>,
        /// Where probes and metrics are; 127.0.0.1:9090, or any free port for the tour, with --listen, or if it is taken.
        #[arg(long, value_name = "ADDRESS", value_parser = here)]
        ops: Option<SocketAddr>,
        /// Answer every request with this upstream example, such as err-422-issues-echo.
        #[arg(long, value_name = "ID", conflicts_with = "tour")]
        example: Option<String>,
    },
    /// Check a policy file, and the files it names, and report every problem at once.
    Check {
        /// Do not look at the keys, certificates and directories that the policy names: for pipelines that have none.
        #[arg(long)]
        no_files: bool,
        /// Policy file; without it that of the variable CLINIK_GUARD_CONFIG, else the built-in defaults.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// The same, as other commands take it.
        #[arg(short, long, value_name = "FILE", conflicts_with = "file")]
        config: Option<PathBuf>,
    },
    /// Explain what the guard makes of a request line, of log lines or of an error body, and why.
    Explain {
        /// Method of the request, such as GET.
        #[arg(value_name = "METHOD", required_unless_present_any = ["lines", "body"])]
        method: Option<String>,
        /// Path and query, as the app would send it.
        #[arg(value_name = "TARGET", required_unless_present_any = ["lines", "body"])]
        target: Option<String>,
        /// Explain the log lines on standard input.
        #[arg(long, conflicts_with_all = ["method", "target", "body"])]
        lines: bool,
        /// Explain the error body on standard input.
        #[arg(long, conflicts_with_all = ["method", "target"])]
        body: bool,
        /// Policy file; without it the strict defaults apply.
        #[arg(short, long, value_name = "FILE", env = "CLINIK_GUARD_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Judge JSON lines from standard input: request lines, upstream errors, log lines.
    Eval {
        /// Policy file; without it the strict defaults apply.
        #[arg(short, long, value_name = "FILE", env = "CLINIK_GUARD_CONFIG")]
        config: Option<PathBuf>,
        /// Add to each verdict which rules found something, and why. Never the text.
        #[arg(long)]
        why: bool,
    },
    /// Filter a log: standard input, or a file that is followed, to standard output, PHI replaced.
    Scrub {
        /// Policy file, whose `scrub` section counts; without it every rule is on.
        #[arg(short, long, visible_alias = "policy", value_name = "FILE", env = "CLINIK_GUARD_CONFIG")]
        config: Option<PathBuf>,
        /// What stands for a value: label or pseudonym; instead of what the policy says.
        #[arg(long, value_name = "STYLE", value_parser = style)]
        style: Option<Style>,
        /// At the end, write to standard error how many lines there were and how often each class was taken out.
        #[arg(long)]
        stats: bool,
        /// Follow this file by its name, through rotation and truncation, until SIGTERM or SIGINT.
        #[arg(long, value_name = "FILE")]
        follow: Option<PathBuf>,
        /// Begin a followed file at its beginning instead of its end.
        #[arg(long, requires = "follow")]
        from_start: bool,
    },
    /// Verify, read or export an audit trail.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Write evidence for an auditor: each safeguard, what enforces it, what the audit trail counted, what is left to do.
    Report(report::ReportOptions),
    /// Ask a running guard whether it is ready; for container health checks.
    Healthcheck {
        /// Its ops address.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090", value_parser = place)]
        address: String,
        /// Ask whether it lives instead of whether it is ready.
        #[arg(long)]
        live: bool,
        /// Keep asking for so many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
    },
}

/// Runs the command that the arguments name.
pub fn main(arguments: impl IntoIterator<Item = OsString>, read_env: ReadEnv) -> ExitCode {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(problem) => {
            // Help and version go to standard output and are no failure; clap knows which is which.
            let _closed = problem.print();
            if let (ErrorKind::UnknownArgument, Some(tip)) = (problem.kind(), words.get(1).and_then(tip)) {
                say(tip);
            }
            return if problem.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let mut out = std::io::stdout();
    match arguments.command {
        Command::Run { config } => run::run(config, read_env),
        Command::Dev { tour, config, listen, ops, example } => {
            dev::run(dev::DevOptions { tour, config, listen, ops, example }, &mut out)
        }
        Command::Check { file, config, no_files } => {
            let named = || read_env("CLINIK_GUARD_CONFIG").filter(|name| !name.is_empty()).map(PathBuf::from);
            let path = file.or(config).or_else(named);
            let read_env = (!no_files).then_some(read_env);
            let options = check::CheckOptions { path: path.as_deref(), read_env, now_unix: unix_time() };
            check::run(&options, &mut out)
        }
        Command::Explain { method, target, lines, body, config } => with_policy(config, |policy| {
            let mut input = std::io::stdin().lock();
            match (method, target) {
                (Some(method), Some(target)) => explain::run(policy, &method, &target, unix_time(), &mut out),
                _ if body => explain::body(policy, &mut input, &mut out),
                _ if lines => explain::lines(policy, &mut input, &mut out),
                _ => complain("expected METHOD and TARGET, --lines or --body"),
            }
        }),
        Command::Eval { config, why } => {
            let options = eval::EvalOptions { why, now_unix: unix_time() };
            with_policy(config, |policy| eval::run(policy, &options, &mut std::io::stdin().lock(), &mut out))
        }
        Command::Scrub { config, style, stats, follow, from_start } => {
            let options = scrub::ScrubOptions { style, stats, follow, from_start };
            with_policy(config, |policy| scrub::run(policy, &options))
        }
        Command::Audit { command } => audit::run(&command, &mut out),
        Command::Report(options) => report::run(&options, unix_time(), &mut out),
        Command::Healthcheck { address, live, wait } => healthcheck::run(&address, live, wait),
    }
}

/// Where a file goes that was written behind the command as if it were its own.
fn tip(command: &OsString) -> Option<&'static str> {
    Some(match command.to_str()? {
        "run" => "a policy goes behind -c: clinik-guard run -c policy.yaml",
        "dev" => "a policy goes behind -c: clinik-guard dev -c policy.yaml",
        "eval" => {
            "the lines come by standard input, a policy behind -c: clinik-guard eval -c policy.yaml < lines.jsonl"
        }
        "scrub" => {
            "the log comes by standard input (clinik-guard scrub < app.log), or is followed as it grows (clinik-guard scrub \
             --follow app.log)"
        }
        _ => return None,
    })
}

/// An address of this machine, for sockets: a name says nothing of which.
fn here(text: &str) -> Result<SocketAddr, &'static str> {
    let literal = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    literal
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8081")
}

/// A host and a port.
fn place(text: &str) -> Result<String, &'static str> {
    let port =
        text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(text.to_owned()),
        _ => Err("expected a host and a port, such as localhost:9090"),
    }
}

fn style(word: &str) -> Result<Style, &'static str> {
    let known = Style::WORDS.into_iter().find(|(known, _)| *known == word);
    known.map(|(_, style)| style).ok_or("expected label or pseudonym")
}

/// Loads the policy or reports what is wrong with it.
fn with_policy(config: Option<PathBuf>, command: impl FnOnce(&Policy) -> ExitCode) -> ExitCode {
    match Policy::load_or_default(config.as_deref()) {
        Ok(policy) => command(&policy),
        Err(problems) => {
            let _closed = check::report(&problems, &mut std::io::stderr());
            ExitCode::FAILURE
        }
    }
}

/// Says what went wrong, where a person reads it.
fn complain(message: impl std::fmt::Display) -> ExitCode {
    say(message);
    ExitCode::FAILURE
}

fn say(message: impl std::fmt::Display) {
    let _closed = writeln!(std::io::stderr(), "clinik-guard: {message}");
}

#[expect(clippy::disallowed_methods, reason = "commands are where the clock is read")]
fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
