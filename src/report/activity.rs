//! Counts over the audit lines of a period. Keeps words of the guard's and the policy's, and numbers; record ids are only
//! counted, actors only if they are asked for.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde::Deserialize;

use super::{Finding, Period, Table, Weight};

/// Different words kept of one kind: a trail that was tampered with may hold any number.
const WORDS_MAX: usize = 1000;
/// Different records told apart; more are "at least".
const RECORDS_MAX: usize = 1_000_000;

/// The fields of a line that are counted. Others may come and go.
#[derive(Deserialize)]
struct Line {
    event: String,
    time: String,
    caller: Option<String>,
    actor: Option<String>,
    role: Option<String>,
    break_glass: Option<String>,
    action: Option<String>,
    resource: Option<String>,
    resource_id: Option<String>,
    outcome: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    redactions: u64,
    #[serde(default)]
    redacted: BTreeMap<String, u64>,
    #[serde(default)]
    observed: Vec<String>,
    #[serde(default)]
    exceptions: Vec<String>,
}

type Counts = BTreeMap<String, u64>;

#[derive(Default)]
pub struct Activity {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    with_actors: bool,
    pub exchanges: u64,
    first: Option<String>,
    last: Option<String>,
    outcomes: Counts,
    refusals: Counts,
    observed: Counts,
    exceptions: Counts,
    callers: Counts,
    actors: Counts,
    roles: BTreeMap<String, RoleCounts>,
    resources: BTreeMap<String, ResourceCounts>,
    redactions: u64,
    redacted: Counts,
    without_actor: u64,
    /// By reason.
    emergencies: Counts,
    /// Lines of the trail about itself, such as `records_missed`.
    events: Counts,
}

#[derive(Default)]
struct RoleCounts {
    requests: u64,
    refused: u64,
}

#[derive(Default)]
struct ResourceCounts {
    /// C R U D S E.
    actions: BTreeMap<String, u64>,
    records: HashSet<u64>,
}

impl Activity {
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>, with_actors: bool) -> Activity {
        Activity { from, to, with_actors, ..Activity::default() }
    }

    /// Counts a line of the trail, if it is one of the period.
    pub fn add(&mut self, line: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Line>(line) else { return };
        let Ok(time) = line.time.parse::<Timestamp>() else { return };
        if self.from.is_some_and(|from| time < from) || self.to.is_some_and(|to| time >= to) {
            return;
        }
        if line.event != "exchange" {
            return count(&mut self.events, line.event, 1);
        }
        self.exchanges += 1;
        self.first.get_or_insert_with(|| line.time.clone());
        self.last = Some(line.time);
        let refused = line.outcome.as_deref() == Some("refused");
        if refused {
            count(&mut self.refusals, line.reason.unwrap_or_else(|| "unnamed".to_owned()), 1);
        }
        count(&mut self.outcomes, line.outcome.unwrap_or_else(|| "unknown".to_owned()), 1);
        line.observed.into_iter().for_each(|code| count(&mut self.observed, code, 1));
        line.exceptions.into_iter().for_each(|name| count(&mut self.exceptions, name, 1));
        count(&mut self.callers, line.caller.unwrap_or_else(|| "unknown".to_owned()), 1);
        match line.actor {
            Some(actor) if self.with_actors => count(&mut self.actors, actor, 1),
            Some(_) => {}
            None => self.without_actor += 1,
        }
        if let Some(reason) = line.break_glass {
            count(&mut self.emergencies, reason, 1);
        }
        let role = line.role.unwrap_or_else(|| "no role".to_owned());
        let role = slot(&mut self.roles, role);
        role.requests += 1;
        role.refused += u64::from(refused);
        self.redactions += line.redactions;
        line.redacted.into_iter().for_each(|(class, n)| count(&mut self.redacted, class, n));
        if let Some(resource) = line.resource.filter(|_| !refused) {
            let resource = slot(&mut self.resources, resource);
            *resource
                .actions
                .entry(line.action.unwrap_or_default().chars().take(1).collect())
                .or_default() += 1;
            if let Some(id) = line.resource_id.filter(|_| resource.records.len() < RECORDS_MAX) {
                let mut hasher = DefaultHasher::new();
                id.hash(&mut hasher);
                resource.records.insert(hasher.finish());
            }
        }
    }

    /// The period asked for, and what was found in it.
    pub fn period(&self) -> Period {
        let show = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Period {
            from: show(self.from),
            to: show(self.to),
            first: self.first.as_deref().map(seconds),
            last: self.last.as_deref().map(seconds),
        }
    }

    pub fn exception_uses(&self, name: &str) -> u64 {
        self.exceptions.get(name).copied().unwrap_or(0)
    }

    /// `PHI_IN_URL refused 3 times`, for those of `codes` that are there.
    pub(super) fn refused(&self, codes: &[&str]) -> Vec<String> {
        let mut said = Vec::new();
        for code in codes {
            for (counts, what) in [(&self.refusals, "refused"), (&self.observed, "would have been refused")] {
                if let Some(n) = counts.get(*code) {
                    said.push(format!("{code} {what} {}", times(*n)));
                }
            }
        }
        said
    }

    pub(super) fn redactions(&self) -> u64 {
        self.redactions
    }

    pub(super) fn without_actor(&self) -> u64 {
        self.without_actor
    }

    pub(super) fn emergencies(&self) -> u64 {
        self.emergencies.values().sum()
    }

    pub(super) fn event(&self, name: &str) -> u64 {
        self.events.get(name).copied().unwrap_or(0)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (event, message) in [
            (
                "records_missed",
                "records are missing because the trail could not be written: the trail says how many",
            ),
            (
                "segment_cut",
                "the file of the trail was cut or deleted by somebody else: the trail says of which segment",
            ),
            (
                "durability_lost",
                "records were written and may not have reached the disk: the trail names them",
            ),
        ] {
            if self.event(event) > 0 {
                let message = format!("{} {message}", times(self.event(event)));
                findings.push(Finding { weight: Weight::Action, about: "Audit trail".to_owned(), message });
            }
        }
        if self.emergencies() > 0 {
            let message = format!("taken {}: have somebody ask why, each time", times(self.emergencies()));
            findings.push(Finding { weight: Weight::Note, about: "Emergency access".to_owned(), message });
        }
        if self.exchanges == 0 {
            let message = "no exchange is on record in this period".to_owned();
            findings.push(Finding { weight: Weight::Note, about: "Audit trail".to_owned(), message });
        }
        findings
    }

    pub(super) fn tables(&self, with_actors: bool) -> Vec<Table> {
        let plain = |title, what: &'static str, counts: &Counts| Table {
            title,
            columns: vec![what, "requests"],
            rows: by_count(counts),
        };
        let mut tables = vec![
            plain("Requests by outcome", "outcome", &self.outcomes),
            plain("Refusals by code", "code", &self.refusals),
            plain("Would have been refused (guards that observe)", "code", &self.observed),
            Table {
                title: "Values taken out of answers, by class",
                columns: vec!["class", "values"],
                rows: self.redaction_rows(),
            },
            Table {
                title: "By role of the actor",
                columns: vec!["role", "requests", "refused"],
                rows: self
                    .roles
                    .iter()
                    .map(|(role, n)| vec![role.clone(), n.requests.to_string(), n.refused.to_string()])
                    .collect(),
            },
            plain("By caller", "caller", &self.callers),
            Table {
                title: "Access to records",
                columns: vec![
                    "resource",
                    "created",
                    "read",
                    "updated",
                    "deleted",
                    "searched",
                    "other",
                    "different records",
                ],
                rows: self.resources.iter().map(|(resource, n)| n.row(resource)).collect(),
            },
            plain("Emergency access (break glass), by reason", "reason", &self.emergencies),
            plain("Use of exceptions", "exception", &self.exceptions),
            plain("Events of the trail itself", "event", &self.events),
        ];
        if with_actors {
            tables.push(plain("By actor", "actor", &self.actors));
        }
        tables.retain(|table| !table.rows.is_empty());
        tables
    }

    fn redaction_rows(&self) -> Vec<Vec<String>> {
        let mut rows = by_count(&self.redacted);
        let named: u64 = self.redacted.values().sum();
        if self.redactions > named {
            rows.push(vec!["class not on record".to_owned(), (self.redactions - named).to_string()]);
        }
        rows
    }
}

impl ResourceCounts {
    fn row(&self, resource: &str) -> Vec<String> {
        let action = |letter: &str| self.actions.get(letter).copied().unwrap_or(0);
        let known = ["C", "R", "U", "D", "S"];
        let other: u64 =
            self.actions.iter().filter(|(letter, _)| !known.contains(&letter.as_str())).map(|(_, n)| n).sum();
        let mut row = vec![resource.to_owned()];
        row.extend(known.map(|letter| action(letter).to_string()));
        row.push(other.to_string());
        let more = if self.records.len() == RECORDS_MAX { "at least " } else { "" };
        row.push(format!("{more}{}", self.records.len()));
        row
    }
}

/// A time of the trail, which counts microseconds, to the second.
fn seconds(time: &str) -> String {
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    if whole.len() == time.len() { whole.to_owned() } else { format!("{whole}Z") }
}

pub(super) fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// `1 line`, `2 lines`.
pub fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn by_count(counts: &Counts) -> Vec<Vec<String>> {
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    rows.into_iter().map(|(word, n)| vec![word.clone(), n.to_string()]).collect()
}

fn count(counts: &mut Counts, word: String, n: u64) {
    *slot(counts, word) += n;
}

/// The count of a word, or that of all words beyond the bound.
fn slot<T: Default>(counts: &mut BTreeMap<String, T>, word: String) -> &mut T {
    let word =
        if counts.len() < WORDS_MAX || counts.contains_key(&word) { word } else { "others".to_owned() };
    counts.entry(word).or_default()
}
