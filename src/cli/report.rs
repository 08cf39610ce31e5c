//! `clinik-guard report`: evidence for an auditor, from the policy and the audit trail.
//!
//! Exit codes are for a pipeline: 0 nothing needs action, 1 the report is written and something does, 2 there is no report.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{check, complain, say};
use crate::audit::checkpoint::Verifier;
use crate::audit::settings::AuditSink;
use crate::audit::verify::{Expected, verify};
use crate::policy::Policy;
use crate::report::activity::Activity;
use crate::report::trail::TrailState;
use crate::report::{Report, Sources, html, markdown};

#[derive(Args)]
pub struct ReportOptions {
    /// Policy file; without it the built-in defaults are reported on.
    #[arg(
        short,
        long,
        visible_alias = "config",
        short_alias = 'c',
        value_name = "FILE",
        env = "CLINIK_GUARD_CONFIG"
    )]
    policy: Option<PathBuf>,
    /// The active file of the audit trail, or the directory it is in; without it `audit.file` of the policy.
    #[arg(long, value_name = "PATH")]
    audit: Option<PathBuf>,
    /// Ed25519 key in PEM that checkpoints must be signed with; the public half is enough.
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// The oldest segments are kept elsewhere: begin with what is here.
    #[arg(long)]
    partial: bool,
    /// Count exchanges at or after this time, such as 2026-10-01 or 2026-10-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = super::period::time)]
    from: Option<Timestamp>,
    /// Count exchanges before this time.
    #[arg(long, value_name = "TIME", value_parser = super::period::time)]
    to: Option<Timestamp>,
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Where to write; without it to standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Count requests by actor id too.
    #[arg(long)]
    actors: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Html,
    Md,
    Json,
}

pub fn run(options: &ReportOptions, now_unix: u64, out: &mut dyn Write) -> ExitCode {
    match make(options, now_unix).and_then(|report| written(options, &report, out).map(|()| report)) {
        Ok(report) => match report.actions() {
            0 => ExitCode::SUCCESS,
            1 => complain("1 finding needs action; the report begins with it"),
            count => complain(format_args!("{count} findings need action; the report begins with them")),
        },
        Err(Failed::Said) => ExitCode::from(2),
        Err(Failed::Because(why)) => {
            say(why);
            ExitCode::from(2)
        }
    }
}

/// Why there is no report.
enum Failed {
    /// The problems of the policy are on standard error already.
    Said,
    Because(String),
}

fn make(options: &ReportOptions, now_unix: u64) -> Result<Report, Failed> {
    super::period::ordered(options.from, options.to).map_err(|why| Failed::Because(why.to_owned()))?;
    let path = options.policy.as_deref();
    let (name, text) = (Policy::name(path), Policy::text(path).map_err(complained)?);
    let policy = Policy::from_str(&name, &text)
        .and_then(|policy| policy.in_force(&name, now_unix))
        .map_err(complained)?;
    let mut activity = Activity::new(options.from, options.to, options.actors);
    let trail = match trail_file(options, &policy)? {
        Ok(file) => read_trail(&file, options, &mut activity)?,
        Err(why) => TrailState::Missing(why),
    };
    let read = matches!(trail, TrailState::Read { .. });
    let period = activity.period();
    let sources = Sources {
        policy: &policy,
        name: &name,
        text: &text,
        activity: read.then_some(&activity),
        trail: &trail,
        now_unix,
        with_actors: options.actors,
    };
    Ok(Report::build(&sources, period))
}

fn complained(problems: crate::config::Problems) -> Failed {
    let _closed = check::report(&problems, &mut io::stderr());
    Failed::Said
}

/// The active file of the trail, or why there is none to look at.
fn trail_file(options: &ReportOptions, policy: &Policy) -> Result<Result<PathBuf, &'static str>, Failed> {
    let Some(given) = &options.audit else {
        return Ok(match &policy.audit.sink {
            AuditSink::File(path) if path.exists() => Ok(path.clone()),
            AuditSink::File(_) => Err("the file of `audit.file` is not here: give the trail with --audit"),
            AuditSink::Stdout => {
                Err("records go to standard output: give a file in which they were collected with --audit")
            }
            AuditSink::Off => Err("`audit.sink` is off: nothing is on record"),
        });
    };
    if !given.is_dir() {
        return Ok(Ok(given.clone()));
    }
    let named = match &policy.audit.sink {
        AuditSink::File(path) => path.file_name().map(|name| given.join(name)),
        AuditSink::Stdout | AuditSink::Off => None,
    };
    if let Some(named) = named.filter(|named| named.exists()) {
        return Ok(Ok(named));
    }
    let because = |why: String| Failed::Because(format!("{}: {why}", given.display()));
    let entries = std::fs::read_dir(given).map_err(|error| because(error.to_string()))?;
    let mut trails: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_active(path)).collect();
    match (trails.pop(), trails.is_empty()) {
        (Some(only), true) => Ok(Ok(only)),
        (None, _) => Err(because("no audit trail is here; name its active file".to_owned())),
        (Some(_), false) => Err(because("several files could be the trail; name the active one".to_owned())),
    }
}

/// Whether this is a file of lines that is no sealed segment of another one beside it.
fn is_active(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.is_file() && name.strip_suffix(".jsonl").is_some_and(|stem| !stem.contains('.'))
}

fn read_trail(file: &Path, options: &ReportOptions, activity: &mut Activity) -> Result<TrailState, Failed> {
    let because = |error: io::Error| Failed::Because(format!("{}: {error}", file.display()));
    let mut verifiers = Vec::new();
    for key in &options.keys {
        let verifier = Verifier::read(key);
        verifiers.push(verifier.map_err(|problem| Failed::Because(format!("{}: {problem}", key.display())))?);
    }
    let keys = verifiers.len();
    let expected = Expected { verifiers, partial: options.partial, ..Expected::default() };
    let verified = verify(file, &expected, &mut |_, line| {
        activity.add(line);
        Ok(())
    })
    .map_err(because)?;
    Ok(TrailState::read(file, keys, verified))
}

fn written(options: &ReportOptions, report: &Report, out: &mut dyn Write) -> Result<(), Failed> {
    let text = match options.format {
        Format::Html => html::write(report),
        Format::Md => markdown::write(report),
        Format::Json => serde_json::to_string_pretty(report).unwrap_or_default() + "\n",
    };
    let result = match &options.output {
        Some(path) => File::create(path).and_then(|mut file| file.write_all(text.as_bytes())),
        None => out.write_all(text.as_bytes()),
    };
    let place =
        options.output.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
    result.map_err(|error| Failed::Because(format!("{place}: {error}")))
}
