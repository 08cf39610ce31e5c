//! `clinik-guard audit export`: exchanges in another form, and what of the answer cannot be trusted.
//!
//! Owns which exchanges fit. Every line is judged as `audit verify` judges it while it is written; the forms are `audit::export`'s.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{problems, resource_ids};
use crate::audit::export::{CSV_HEADER, Exchange};
use crate::audit::ids::is_pseudonym;
use crate::audit::names;
use crate::audit::segment;
use crate::audit::verify::{Expected, Fault, verify};
use crate::cli::{complain, period, say};
use crate::config::nearest;
use crate::contract;
use crate::report::activity::counted;

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// The lines as they are.
    Jsonl,
    Csv,
    /// FHIR R4 AuditEvent, one a line (NDJSON).
    Fhir,
}

/// Which exchanges; without any, all.
#[derive(Args, Clone, Default)]
pub struct Filter {
    /// At or after this time, such as 2026-11-22 or 2026-11-22T06:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = period::time)]
    from: Option<Timestamp>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = period::time)]
    to: Option<Timestamp>,
    /// Only those of this actor, as on record.
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only those on this resource: a word of the URL such as patients, or a FHIR type of the passthrough such as Patient.
    #[arg(long, value_name = "NAME", value_parser = resource)]
    resource: Option<String>,
    /// Only those on this record, by its id.
    #[arg(long, value_name = "ID")]
    resource_id: Option<String>,
    /// The trail has pseudonyms made with this key: look for the one of `--resource-id`.
    #[arg(long, value_name = "FILE", requires = "resource_id")]
    pseudonym_key_file: Option<PathBuf>,
}

/// What a filter makes of an exchange.
enum Fit {
    Yes,
    No,
    /// It fits but for its record, which stands there under a pseudonym that nobody can compare.
    Pseudonym,
    /// It fits but for its record, which it does not name.
    Unnamed,
}

impl Filter {
    /// Refuses a period that ends before it begins.
    pub(super) fn ordered(&self) -> Result<(), &'static str> {
        period::ordered(self.from, self.to)
    }

    /// The pseudonym of the resource id, where the key of the trail is given.
    pub(super) fn pseudonym(&self) -> Result<Option<String>, String> {
        match (&self.resource_id, &self.pseudonym_key_file) {
            (Some(id), Some(path)) => Ok(resource_ids(path)?.shown(id).map(Cow::into_owned)),
            _ => Ok(None),
        }
    }

    fn judge(&self, exchange: &Exchange, pseudonym: Option<&str>) -> Fit {
        let same = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        let time = exchange.time.parse::<Timestamp>().ok();
        let fits = same(&self.actor, &exchange.actor)
            && same(&self.resource, &exchange.resource)
            && self.from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.to.is_none_or(|to| time.is_some_and(|time| time < to));
        let Some(wanted) = self.resource_id.as_deref() else { return if fits { Fit::Yes } else { Fit::No } };
        match exchange.resource_id.as_deref() {
            _ if !fits => Fit::No,
            Some(found) if found == wanted || Some(found) == pseudonym => Fit::Yes,
            Some(found) if is_pseudonym(found) && pseudonym.is_none() && !is_pseudonym(wanted) => {
                Fit::Pseudonym
            }
            Some(_) => Fit::No,
            None if exchange.names_no_record() => Fit::Unnamed,
            None => Fit::No,
        }
    }
}

/// What is asked for.
pub(super) struct Export<'a> {
    pub(super) format: Format,
    pub(super) filter: &'a Filter,
    /// Of the record, by the key of the trail.
    pub(super) pseudonym: Option<String>,
    /// The oldest segments are kept elsewhere.
    pub(super) partial: bool,
}

/// Exchanges by what the filter made of them.
#[derive(Default)]
struct Counts {
    fitting: u64,
    hidden: u64,
    unnamed: u64,
}

impl Export<'_> {
    /// Writes what fits of the trail at `file`. Fails if something in the trail may have changed the answer.
    pub(super) fn write(&self, file: &Path, out: &mut dyn Write) -> io::Result<ExitCode> {
        let mut out = BufWriter::with_capacity(256 * 1024, out);
        if matches!(self.format, Format::Csv) {
            write!(out, "{CSV_HEADER}\r\n")?;
        }
        let mut counts = Counts::default();
        let (mut open, mut chain) = (PathBuf::new(), String::new());
        let expected = Expected { partial: self.partial, ..Expected::default() };
        let report = verify(file, &expected, &mut |segment, line| {
            if open != segment {
                (open, chain) = (segment.to_owned(), chain_of(segment, file));
            }
            match Exchange::read(line) {
                Some(exchange) => self.line(line, &exchange, &chain, &mut counts, &mut out)?,
                // One file may hold several chains, as a collector of standard output keeps them.
                None => {
                    if let Some((named, _)) = segment::named_place(line) {
                        chain = named;
                    }
                }
            }
            Ok(())
        })?;
        out.flush()?;
        problems(&report).into_iter().for_each(say);
        let answered = self.said(&counts);
        // A line that is being written is none yet.
        let is_whole =
            report.problems.iter().all(|problem| problem.fault == Fault::Torn && problem.file == file);
        Ok(if is_whole {
            answered
        } else {
            complain("the trail is NOT intact: exchanges may be missing here, or not be as they were")
        })
    }

    fn line(
        &self,
        line: &[u8],
        exchange: &Exchange,
        chain: &str,
        counts: &mut Counts,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match self.filter.judge(exchange, self.pseudonym.as_deref()) {
            Fit::Yes => counts.fitting += 1,
            Fit::No => return Ok(()),
            Fit::Pseudonym => {
                counts.hidden += 1;
                return Ok(());
            }
            Fit::Unnamed => {
                counts.unnamed += 1;
                return Ok(());
            }
        }
        match self.format {
            Format::Jsonl => out.write_all(line).and_then(|()| out.write_all(b"\n")),
            Format::Csv => write!(out, "{}\r\n", exchange.to_csv(chain)),
            Format::Fhir => {
                serde_json::to_writer(&mut *out, &exchange.to_fhir(chain))?;
                out.write_all(b"\n")
            }
        }
    }

    /// Says whom the answer leaves out: it is read as the whole one.
    fn said(&self, counts: &Counts) -> ExitCode {
        if counts.unnamed > 0 {
            say(format_args!(
                "{} without a record id may be on this one too (audit.resource_ids: omit, or guards.url not enforced)",
                counted(counts.unnamed, "exchange")
            ));
        }
        if counts.hidden > 0 {
            return complain("this trail holds pseudonyms: give --pseudonym-key-file");
        }
        if counts.fitting == 0 {
            let key =
                if self.pseudonym.is_some() { ", under this id or its pseudonym by this key" } else { "" };
            say(format_args!("no exchange fits{key}"));
        }
        ExitCode::SUCCESS
    }
}

/// A word that can stand in a line of the trail.
fn resource(text: &str) -> Result<String, String> {
    let known = || {
        let words = contract::routes().iter().map(|route| route.resource);
        words.chain(contract::fhir::types().iter().map(|fhir_type| fhir_type.name))
    };
    if known().any(|word| word == text) {
        return Ok(text.to_owned());
    }
    // Words of URLs and FHIR types differ by their first letter.
    let alike = |word: &&str| word.starts_with(char::is_uppercase) == text.starts_with(char::is_uppercase);
    let meant = nearest(text, known().filter(alike))
        .map_or_else(String::new, |word| format!("; did you mean {word}?"));
    Err(format!("no resource of ClinikAPI is called so{meant}"))
}

/// The chain that a segment begins with: by its first line, or, if that is gone, its name or the copy of the last checkpoint.
fn chain_of(segment: &Path, trail: &Path) -> String {
    let by_line = || segment::chain_of_file(segment);
    let by_name = || names::of_sealed(trail, segment.file_name()?.to_str()?).map(|name| name.chain);
    let by_head = || segment::read_head(trail).map(|head| head.chain);
    by_line().or_else(by_name).or_else(by_head).unwrap_or_else(|| "trail".to_owned())
}
