//! The evidence an auditor asks for: each safeguard, what enforces it, what the audit trail counted, what is left to do.
//!
//! Owns the content of the report, as data ([`Report`]); `html` and `markdown` only write it down. Everything in it comes
//! from the compiled policy, the place of its keys in the file, and counts over audit lines: no PHI, no key, and
//! no actor unless asked for. Pure: reads no file and no clock.

use serde::Serialize;

use crate::audit::settings::{AuditSettings, AuditSink};
use crate::config::{Node, Problems, Value};
use crate::policy::Policy;

pub mod activity;
mod checklist;
pub mod html;
pub mod markdown;
mod safeguards;
pub mod trail;

use activity::Activity;
use trail::TrailState;

/// What a report is made of.
pub struct Sources<'a> {
    pub policy: &'a Policy,
    /// What to call the policy.
    pub name: &'a str,
    /// The text of the policy file, for the lines of its keys; empty for the built-in defaults.
    pub text: &'a str,
    pub activity: Option<&'a Activity>,
    pub trail: &'a TrailState,
    pub now_unix: u64,
    pub with_actors: bool,
}

/// How far a safeguard is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Off,
    /// Counted and logged, not enforced.
    Observed,
    /// In force, and not for all that the safeguard means.
    Partial,
    Enforced,
    /// Not a matter of the guard.
    NotApplicable,
}

impl State {
    pub const fn words(self) -> &'static str {
        match self {
            State::Off => "off",
            State::Observed => "observed only",
            State::Partial => "in part",
            State::Enforced => "enforced",
            State::NotApplicable => "not applicable",
        }
    }

    pub const fn class(self) -> &'static str {
        match self {
            State::Off => "off",
            State::Observed | State::Partial => "observed",
            State::Enforced => "enforced",
            State::NotApplicable => "none",
        }
    }
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Report {
    pub made_at: String,
    pub version: &'static str,
    pub cryptography: &'static str,
    pub policy: String,
    pub policy_sha256: String,
    pub period: Period,
    pub findings: Vec<Finding>,
    pub agreement: Vec<Fact>,
    pub sections: Vec<Section>,
    pub exceptions: Vec<Exception>,
    pub allowed: Vec<String>,
    pub trail: Vec<Fact>,
    pub counts: Vec<Table>,
    pub yours: Vec<&'static str>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Period {
    pub from: Option<String>,
    pub to: Option<String>,
    /// First and last record that was counted.
    pub first: Option<String>,
    pub last: Option<String>,
}

impl Period {
    /// For people.
    pub fn words(&self) -> String {
        let begin =
            self.from.as_deref().map_or("from the beginning".to_owned(), |from| format!("from {from}"));
        let end = self.to.as_deref().map_or("to now".to_owned(), |to| format!("before {to}"));
        match (&self.first, &self.last) {
            (Some(first), Some(last)) => format!("{begin} {end}; records from {first} to {last}"),
            _ => format!("{begin} {end}; no records"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Somebody has to act: the exit code says so.
    Action,
    /// Worth knowing.
    Note,
}

#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub weight: Weight,
    pub about: String,
    pub message: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

#[derive(Debug, Serialize)]
pub struct Section {
    pub title: &'static str,
    pub intro: &'static str,
    pub rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    /// `164.312(a)(1)`; empty in the checklist.
    pub reference: &'static str,
    pub title: &'static str,
    /// `required` or `addressable`; empty where the rule has no such word.
    pub kind: &'static str,
    pub state: State,
    /// How the guard does it, as configured.
    pub how: String,
    pub settings: Vec<SettingAt>,
    pub evidence: Vec<String>,
    /// What the customer still has to do.
    pub yours: &'static str,
}

/// Where a setting comes from.
#[derive(Debug, Serialize)]
pub struct SettingAt {
    pub path: &'static str,
    /// `None` for a default.
    pub line: Option<usize>,
}

#[derive(Debug, Serialize)]
pub struct Exception {
    pub name: String,
    pub route: String,
    pub params: Vec<String>,
    pub reason: String,
    pub owner: Option<String>,
    /// Last day, UTC.
    pub expires: String,
    pub expired: bool,
    pub uses: u64,
}

#[derive(Debug, Serialize)]
pub struct Table {
    pub title: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// One line of a list of safeguards. To add one, add an entry.
struct Entry {
    reference: &'static str,
    title: &'static str,
    kind: &'static str,
    /// Keys of the policy that decide it.
    settings: &'static [&'static str],
    judge: fn(&Facts<'_>) -> (State, String),
    evidence: fn(&Activity) -> Vec<String>,
    yours: &'static str,
}

/// What entries are judged by.
struct Facts<'a> {
    policy: &'a Policy,
    trail: &'a TrailState,
}

impl Report {
    pub fn build(sources: &Sources<'_>, period: Period) -> Report {
        let facts = Facts { policy: sources.policy, trail: sources.trail };
        let mut ignored = Problems::new("");
        let tree = crate::config::parse(sources.text, &mut ignored);
        let rows = |entries: &[Entry]| {
            entries.iter().map(|entry| row(entry, &facts, tree.as_ref(), sources.activity)).collect()
        };
        let sections = vec![
            Section {
                title: "Technical safeguards of the HIPAA Security Rule",
                intro: "45 CFR 164.312, for the way between your application and ClinikAPI.",
                rows: rows(safeguards::ENTRIES),
            },
            Section {
                title: "Checklist of the application layer",
                intro: "What an application that uses a hosted clinical API has to do itself.",
                rows: rows(checklist::ENTRIES),
            },
        ];
        let exceptions = exceptions(sources);
        let allowed =
            sources.policy.engine.settings().allowed.iter().map(|entry| entry.reason.clone()).collect();
        let mut report = Report {
            made_at: day_and_time(sources.now_unix),
            version: env!("CARGO_PKG_VERSION"),
            cryptography: crate::tls::MODULE,
            policy: sources.name.to_owned(),
            policy_sha256: sources.policy.hash.clone(),
            period,
            findings: Vec::new(),
            agreement: agreement(sources.policy),
            sections,
            exceptions,
            allowed,
            trail: sources.trail.facts(),
            counts: sources.activity.map_or_else(Vec::new, |activity| activity.tables(sources.with_actors)),
            yours: YOURS.to_vec(),
        };
        report.findings = findings(&report, sources);
        report
    }

    /// On how many findings somebody has to act.
    pub fn actions(&self) -> usize {
        self.findings.iter().filter(|finding| finding.weight == Weight::Action).count()
    }
}

/// What no policy of a guard can do.
const YOURS: [&str; 7] = [
    "Sign and keep the business associate agreement with ClinikAPI, and one with everybody else who sees PHI (164.308(b), 164.314(a)).",
    "Assess risks and manage them, train people, have sanctions and a security officer (164.308(a)). This report is one input.",
    "Authenticate people in your application, end their sessions, and review what each role may do. The guard believes your backend.",
    "Protect devices, workstations and what your application stores or prints: the guard does not see it (164.310).",
    "Send the log of your application through `clinik-guard scrub`; the guard's own log is scrubbed always.",
    "Keep audit trails as long as your retention asks (six years for documentation, 164.316(b)(2)(i)), away from the machine that writes \
     them, with the signing key out of reach of who could change them.",
    "Read them: have somebody look at refusals, emergency access and findings of this report, and write down what came of it (164.308(a)(1)(ii)(D)).",
];

fn row(entry: &Entry, facts: &Facts<'_>, tree: Option<&Node>, activity: Option<&Activity>) -> Row {
    let (state, how) = (entry.judge)(facts);
    let settings =
        entry.settings.iter().map(|path| SettingAt { path, line: tree.and_then(|tree| line_of(tree, path)) });
    Row {
        reference: entry.reference,
        title: entry.title,
        kind: entry.kind,
        state,
        how,
        settings: settings.collect(),
        evidence: activity.map_or_else(Vec::new, entry.evidence),
        yours: entry.yours,
    }
}

/// Where the key of this path stands in the file.
fn line_of(root: &Node, path: &str) -> Option<usize> {
    let mut node = root;
    let mut line = None;
    for word in path.split('.') {
        let Value::Map(entries) = &node.value else { return None };
        let entry = entries.iter().find(|entry| entry.key == word)?;
        (node, line) = (&entry.value, Some(entry.key_at.line));
    }
    line.filter(|_| !node.is_null())
}

fn agreement(policy: &Policy) -> Vec<Fact> {
    let compliance = &policy.compliance;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "not recorded".to_owned());
    let baa = compliance.baa.as_ref();
    let key = match policy.credentials.all_from_files() {
        false => "from an environment variable",
        true => "from a file, read again when it changes",
    };
    vec![
        fact("Business associate agreement", or_none(baa.map(|baa| baa.reference.clone()))),
        fact("Signed on", or_none(baa.map(|baa| baa.signed_on.clone()))),
        fact("Signed by", or_none(baa.map(|baa| baa.signed_by.clone()))),
        fact("ClinikAPI plan", or_none(compliance.plan.map(|plan| plan.as_str().to_owned()))),
        fact("Environment", or_none(compliance.environment.map(|at| at.as_str().to_owned()))),
        fact(
            "Live keys",
            if compliance.key_rule().live { "allowed" } else { "refused: no agreement is recorded" },
        ),
        fact("Test keys", if compliance.key_rule().test { "allowed" } else { "refused: this is production" }),
        fact("PHI with a test key or on the Sandbox plan", compliance.phi_on_test_word()),
        fact("API key", key),
    ]
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into() }
}

fn exceptions(sources: &Sources<'_>) -> Vec<Exception> {
    let of = |exception: &crate::guards::target::settings::UrlException| Exception {
        name: exception.name.clone(),
        route: exception.route_label(),
        params: exception.params.clone(),
        reason: exception.reason.clone(),
        owner: exception.owner.clone(),
        expires: exception.last_day(),
        expired: exception.expires_at <= sources.now_unix,
        uses: sources.activity.map_or(0, |activity| activity.exception_uses(&exception.name)),
    };
    sources.policy.url.exceptions.iter().map(of).collect()
}

fn findings(report: &Report, sources: &Sources<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |weight, about: &str, message: String| {
        findings.push(Finding { weight, about: about.to_owned(), message });
    };
    let compliance = &sources.policy.compliance;
    if compliance.baa.is_none() {
        let message =
            "no agreement with ClinikAPI is recorded: write `compliance.baa`, or send no PHI at all";
        add(Weight::Action, "Business associate agreement", message.to_owned());
    }
    for (about, missing) in
        [("ClinikAPI plan", compliance.plan.is_none()), ("Environment", compliance.environment.is_none())]
    {
        if missing {
            let key = if about == "Environment" { "compliance.environment" } else { "compliance.plan" };
            add(Weight::Action, about, format!("not recorded: write `{key}`"));
        }
    }
    for row in report.sections.iter().flat_map(|section| &section.rows) {
        let about = if row.reference.is_empty() {
            row.title.to_owned()
        } else {
            format!("{} {}", row.reference, row.title)
        };
        // The rule lets an addressable safeguard be replaced by something as good, with the reason on paper.
        let weight = if row.kind == "addressable" { Weight::Note } else { Weight::Action };
        if matches!(row.state, State::Off | State::Observed | State::Partial) {
            add(weight, &about, format!("{}: {}", row.state.words(), row.how));
        }
    }
    for exception in &report.exceptions {
        let (weight, what) = match (exception.expired, &exception.owner) {
            (true, _) => (Weight::Action, format!("expired on {}: remove it or renew it", exception.expires)),
            (false, None) => (Weight::Note, "open, and nobody is named as its owner".to_owned()),
            (false, Some(owner)) => {
                (Weight::Note, format!("open until {}, owned by {owner}", exception.expires))
            }
        };
        add(weight, &format!("Exception {}", exception.name), what);
    }
    findings.extend(sources.trail.findings());
    if let Some(activity) = sources.activity {
        findings.extend(activity.findings());
    }
    findings.sort_by_key(|finding| finding.weight == Weight::Note);
    merged(findings)
}

/// What is said twice, of a safeguard and of the checklist, as one finding about both.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        match merged.iter_mut().find(|known| known.message == finding.message) {
            Some(known) => {
                known.about.push_str(", ");
                known.about.push_str(&finding.about);
            }
            None => merged.push(finding),
        }
    }
    merged
}

/// Whether lines are kept where they can be shown.
fn is_on(audit: &AuditSettings) -> bool {
    audit.sink != AuditSink::Off
}

fn day_and_time(unix: u64) -> String {
    let second = i64::try_from(unix).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
    second.map_or_else(|| "unknown".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests;
