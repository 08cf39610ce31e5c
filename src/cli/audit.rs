//! `clinik-guard audit verify|tail|export|pseudonym`: reads an audit trail back.
//!
//! FILE is the active file; the sealed segments beside it are read before it. Nothing here writes to a trail.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::{complain, say};
use crate::audit::checkpoint::Verifier;
use crate::audit::export::Exchange;
use crate::audit::ids::ResourceIds;
use crate::audit::names::is_chain;
use crate::audit::segment::LINE_BYTES_MAX;
use crate::audit::verify::{Expected, Problem, Report, segments, verify};
use crate::credentials::KeyProblem;
use crate::credentials::pseudonym::PseudonymKey;
use crate::report::activity::counted;

mod export;

use export::{Export, Filter, Format};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Prove that nothing was changed, removed, inserted, reordered or cut off, or say where.
    Verify {
        /// The active file of the trail, as `audit.file` names it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Ed25519 key in PEM that checkpoints must be signed with; the public half is enough. Several after a change of keys.
        #[arg(long = "key", value_name = "FILE")]
        keys: Vec<PathBuf>,
        /// Number of a record known to have been written; fails if the trail ends before it.
        #[arg(long, value_name = "SEQ")]
        expect: Option<u64>,
        /// Id of the chain, as `verify` told it before; fails if the trail is of another one, whoever signed it.
        #[arg(long, value_name = "ID", value_parser = chain_id)]
        chain: Option<String>,
        /// The oldest segments are kept elsewhere: begin with what is here.
        #[arg(long)]
        partial: bool,
    },
    /// Show the last exchanges.
    Tail {
        /// The active file of the trail, as `audit.file` names it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// How many.
        #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 10)]
        lines: usize,
    },
    /// Write exchanges in another form, all or those that fit.
    Export {
        /// The active file of the trail, as `audit.file` names it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What to write.
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        #[command(flatten)]
        filter: Filter,
        /// The oldest segments are kept elsewhere: begin with what is here.
        #[arg(long)]
        partial: bool,
    },

    /// Read ids from standard input, one a line, and write the pseudonyms that stand for them in a trail.
    Pseudonym {
        /// The file of `audit.pseudonym_key_file`.
        #[arg(long, value_name = "FILE")]
        key_file: PathBuf,
    },
}

/// Fails if the trail cannot be read, or, for `verify`, is not as it was written.
pub fn run(command: &AuditCommand, out: &mut dyn Write) -> ExitCode {
    let (file, result) = match command {
        AuditCommand::Verify { file, keys, expect, chain, partial } => {
            let mut verifiers = Vec::new();
            for key in keys {
                match Verifier::read(key) {
                    Ok(verifier) => verifiers.push(verifier),
                    Err(problem) => return complain(format_args!("{}: {problem}", key.display())),
                }
            }
            let expected = Expected { verifiers, seq: *expect, chain: chain.clone(), partial: *partial };
            (file, verified(file, &expected, out))
        }
        AuditCommand::Tail { file, lines } => (file, tail(file, *lines, out)),
        AuditCommand::Export { file, format, filter, partial } => {
            if let Err(problem) = filter.ordered() {
                say(problem);
                return ExitCode::from(2);
            }
            match filter.pseudonym() {
                Ok(pseudonym) => {
                    let export = Export { format: *format, filter, pseudonym, partial: *partial };
                    (file, export.write(file, out))
                }
                Err(problem) => return complain(problem),
            }
        }
        AuditCommand::Pseudonym { key_file } => match resource_ids(key_file) {
            Ok(ids) => (key_file, pseudonyms(&ids, &mut io::stdin().lock(), out)),
            Err(problem) => return complain(problem),
        },
    };
    match result {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => complain(format_args!(
            "{}: this is a directory; name the active file in it, such as {}",
            file.display(),
            file.join("audit.jsonl").display()
        )),
        Err(error) => complain(format_args!("{}: {error}", file.display())),
    }
}

fn resource_ids(key_file: &Path) -> Result<ResourceIds, String> {
    PseudonymKey::read(key_file).map(ResourceIds::pseudonym).map_err(|problem| match problem {
        KeyProblem::Missing => format!("{}: there is no such file", key_file.display()),
        problem => format!("the key in {} {problem}", key_file.display()),
    })
}

fn chain_id(text: &str) -> Result<String, &'static str> {
    let id = text.to_ascii_lowercase();
    if is_chain(&id) { Ok(id) } else { Err("expected 12 hexadecimal digits, such as 5f3a09c2b1d4") }
}

/// One for each line, in order; an id is too short for a line that has to be bounded by more than that of a trail.
fn pseudonyms(ids: &ResourceIds, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<ExitCode> {
    let mut line = String::new();
    loop {
        line.clear();
        if input.take(LINE_BYTES_MAX as u64).read_line(&mut line)? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        writeln!(out, "{}", ids.shown(line.trim()).unwrap_or_default())?;
    }
}

fn verified(file: &Path, expected: &Expected, out: &mut dyn Write) -> io::Result<ExitCode> {
    let mut progress = Progress::new(file);
    let report = verify(file, expected, &mut |_, line| {
        progress.add(line.len() as u64 + 1);
        Ok(())
    })?;
    progress.done();
    for problem in problems(&report) {
        writeln!(out, "{problem}")?;
    }
    if report.lines > 0 {
        summary(&report, expected, out)?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is not as it was written, and where.
fn problems(report: &Report) -> Vec<String> {
    let told = |problem: &Problem| match problem.line {
        0 => format!("{}: {}", problem.file.display(), problem.fault),
        line => format!("{}:{line}: {}", problem.file.display(), problem.fault),
    };
    let mut problems: Vec<_> = report.problems.iter().map(told).collect();
    if report.problems_left_out > 0 {
        problems.push(format!("and {} more", report.problems_left_out));
    }
    problems.extend(report.beside.iter().map(ToString::to_string));
    problems
}

fn summary(report: &Report, expected: &Expected, out: &mut dyn Write) -> io::Result<()> {
    let Report { segments, lines, exchanges, last, signed, unsigned, unchecked, unvouched, .. } = report;
    let Report { chains, head_missing, .. } = report;
    let verdict = if report.is_good() { "intact" } else { "NOT intact" };
    let (exchanges, lines) = (counted(*exchanges, "exchange"), counted(*lines, "line"));
    let segments = counted(*segments as u64, "segment");
    writeln!(out, "{verdict}: {exchanges} in {lines} of {segments}, last number {last}")?;
    if !chains.is_empty() {
        writeln!(out, "chain {}", chains.join(", "))?;
    }
    if *head_missing && expected.seq.is_none() {
        writeln!(out, "no .head beside the file: an end that was cut off would not show; see --expect")?;
    }
    let checkpoints = signed + unsigned + unchecked;
    if checkpoints == 0 {
        return writeln!(out, "no checkpoint yet: the chain alone vouches");
    }
    if !expected.verifiers.is_empty() {
        let word = if expected.verifiers.len() == 1 { "the key" } else { "the keys" };
        return writeln!(
            out,
            "{signed} of {} signed by {word}, {} after the last",
            counted(checkpoints, "checkpoint"),
            counted(*unvouched, "line")
        );
    }
    if *unchecked > 0 {
        let unchecked = counted(*unchecked, "signed checkpoint");
        return writeln!(out, "{unchecked} not checked: give the key with --key");
    }
    writeln!(
        out,
        "{} without signature: who can write the files can build the chain anew; set audit.signing_key_file",
        counted(*unsigned, "checkpoint")
    )
}

/// Bytes read so far, on a terminal only.
struct Progress {
    total: u64,
    read: u64,
    shown: u64,
    terminal: bool,
}

const SHOWN_EVERY: u64 = 32 << 20;

impl Progress {
    fn new(file: &Path) -> Progress {
        let sizes = segments(file).unwrap_or_default();
        let total = sizes.iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
        Progress { total, read: 0, shown: 0, terminal: io::stderr().is_terminal() }
    }

    fn add(&mut self, bytes: u64) {
        self.read += bytes;
        if self.terminal && self.read - self.shown >= SHOWN_EVERY {
            self.shown = self.read;
            let _closed = write!(io::stderr(), "\r{}", bar(self.read, self.total));
        }
    }

    fn done(&self) {
        if self.shown > 0 {
            let _closed = write!(io::stderr(), "\r{:60}\r", "");
        }
    }
}

/// How much of so many bytes was read.
fn bar(read: u64, total: u64) -> String {
    let filled = usize::try_from(read * 30 / total.max(1)).unwrap_or(30).min(30);
    let (done, left) = ("#".repeat(filled), "-".repeat(30 - filled));
    format!("[{done}{left}] {} of {} MiB", read >> 20, (total >> 20).max(1))
}

fn tail(file: &Path, count: usize, out: &mut dyn Write) -> io::Result<ExitCode> {
    let mut last: VecDeque<Exchange> = VecDeque::new();
    // Enough segments from the end to fill the count.
    let mut files = segments(file)?;
    while let Some(file) = files.pop() {
        let mut found = Vec::new();
        each_line(&file, &mut |line| {
            found.extend(Exchange::read(line));
            if found.len() > count.saturating_mul(2) {
                found.drain(..found.len() - count);
            }
            Ok(())
        })?;
        for exchange in found.into_iter().rev() {
            if last.len() < count {
                last.push_front(exchange);
            }
        }
        if last.len() >= count {
            break;
        }
    }
    if !last.is_empty() {
        writeln!(
            out,
            "{:>8}  {:<27}  {:<12} {:<12} {:<6} {:<6} {:<20} route  record",
            "seq", "time", "actor", "caller", "method", "status", "outcome"
        )?;
    }
    for exchange in last {
        let Exchange { seq, time, status, outcome, method, .. } = &exchange;
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let why = exchange.reason.as_deref().unwrap_or(outcome);
        let (actor, caller) = (text(&exchange.actor), text(&exchange.caller));
        let (route, id) = (text(&exchange.route), text(&exchange.resource_id));
        writeln!(
            out,
            "{seq:>8}  {time}  {actor:<12} {caller:<12} {method:<6} {status:<6} {why:<20} {route}  {id}"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whole lines only; one that is still being written is not one yet.
fn each_line(file: &Path, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufReader::with_capacity(1 << 20, crate::file::open(file)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut file).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if let Some(whole) = line.strip_suffix(b"\n") {
            take(whole)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_to_its_end() {
        assert_eq!(bar(32 << 20, 96 << 20), "[##########--------------------] 32 of 96 MiB");
        for (read, total) in [(96 << 20, 96 << 20), (97 << 20, 96 << 20), (1 << 20, 0)] {
            assert!(bar(read, total).starts_with("[##############################]"), "{read} of {total}");
        }
        assert!(bar(0, 1).starts_with("[------------------------------]"));
    }
}
