//! The compiled `compliance` section.

use super::{Environment, Plan};
use crate::config::{self, Node, Problems, read};
use crate::guards::Mode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplianceSettings {
    pub plan: Option<Plan>,
    pub baa: Option<Baa>,
    pub environment: Option<Environment>,
    /// What becomes of PHI in a body that would go to the test store or to the Sandbox plan.
    pub phi_on_test: Mode,
}

/// The business associate agreement with ClinikAPI, as recorded by the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baa {
    /// As written: `2026-01-31`.
    pub signed_on: String,
    pub reference: String,
    pub signed_by: String,
}

const PHI_ON_TEST: [(&str, Mode); 3] =
    [("refuse", Mode::Enforce), ("warn", Mode::Observe), ("allow", Mode::Off)];

/// The day begins up to 14 hours earlier in the east than in UTC.
const EAST_SECONDS: u64 = 14 * 3600;
const DAY_SECONDS: u64 = 86_400;

/// What people write to get past a required field.
const PLACEHOLDERS: [&str; 13] = [
    "tbd",
    "tba",
    "todo",
    "fixme",
    "pending",
    "none",
    "n/a",
    "na",
    "unknown",
    "test",
    "example",
    "changeme",
    "placeholder",
];

impl ComplianceSettings {
    pub fn compile(section: &config::Compliance, problems: &mut Problems) -> ComplianceSettings {
        let plan =
            section.plan.or_none(None, |node, problems| read::word(node, &Plan::WORDS, problems), problems);
        let environment = section.environment.or_none(
            None,
            |node, problems| read::word(node, &Environment::WORDS, problems),
            problems,
        );
        let baa = section.baa.as_ref().and_then(|baa| Baa::compile(baa, problems));
        if plan.is_some_and(|plan| !plan.offers_baa()) {
            if let Some(written) = &section.baa {
                let message = "ClinikAPI signs no BAA for the Sandbox plan; correct `compliance.plan`, or take this out";
                problems.add(written.at, &written.key_path, message);
            }
            if environment == Some(Environment::Production) {
                let message = "no key can be used: production needs a live key, that a BAA, and the Sandbox plan has none";
                problems.add(section.environment.at, &section.environment.path, message);
            }
        }
        ComplianceSettings {
            plan,
            baa,
            environment,
            phi_on_test: section.phi_on_test.word(Mode::Observe, &PHI_ON_TEST, problems),
        }
    }

    /// The word of the policy file.
    pub fn phi_on_test_word(&self) -> &'static str {
        let word = PHI_ON_TEST.into_iter().find(|(_, mode)| *mode == self.phi_on_test);
        word.map_or("", |(word, _)| word)
    }
}

impl Baa {
    fn compile(section: &config::BaaRecord, problems: &mut Problems) -> Option<Baa> {
        let signed_on = section.signed_on.required(
            |node, problems| {
                let end = read::end_of_day(node, problems)?;
                let begin = end.saturating_sub(DAY_SECONDS + EAST_SECONDS);
                let message = "this day is still to come: a BAA that is not signed yet covers nothing";
                problems.add_until(begin, node.at, &node.path, message);
                node.text().map(str::to_owned)
            },
            problems,
        );
        let reference = section.reference.required(meant, problems);
        let signed_by = section.signed_by.required(meant, problems);
        Some(Baa { signed_on: signed_on?, reference: reference?, signed_by: signed_by? })
    }
}

/// Text that says something: it stands in the evidence an auditor reads.
fn meant(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = read::text(node, problems)?;
    let letters: String = text.chars().filter(|c| c.is_alphanumeric() || *c == '/').collect();
    let bare = letters.to_ascii_lowercase();
    if !bare.chars().any(char::is_alphanumeric)
        || PLACEHOLDERS.contains(&bare.as_str())
        || bare.chars().all(|c| c == 'x')
    {
        return problems.expected(node, "what stands on the agreement, and no placeholder");
    }
    Some(text)
}
