//! What the report says about the audit trail itself: is it whole, and who vouches for it.

use std::path::Path;

use super::activity::counted;
use super::{Fact, Finding, Weight, fact};
use crate::audit::verify::Report as Verified;

/// Places told one by one; `clinik-guard audit verify` tells them all.
const PLACES_MAX: usize = 5;

/// What was done about the trail.
pub enum TrailState {
    /// There is no file to look at, and why.
    Missing(&'static str),
    Read {
        name: String,
        keys: usize,
        verified: Verified,
    },
}

impl TrailState {
    pub fn read(path: &Path, keys: usize, verified: Verified) -> TrailState {
        // The folder is the operator's, the name is enough.
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        TrailState::Read { name, keys, verified }
    }

    pub(super) fn is_intact(&self) -> Option<bool> {
        match self {
            TrailState::Missing(_) => None,
            TrailState::Read { verified, .. } => Some(verified.is_good()),
        }
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let (name, keys, verified) = match self {
            TrailState::Missing(why) => return vec![fact("Trail", *why)],
            TrailState::Read { name, keys, verified } => (name, keys, verified),
        };
        let verdict = if verified.is_good() {
            "intact: no line was changed, removed, inserted or reordered"
        } else {
            "NOT intact"
        };
        let mut facts = vec![
            fact("Trail", name.as_str()),
            fact("Hash chain", verdict),
            fact(
                "Chain",
                if verified.chains.is_empty() {
                    "none is named".to_owned()
                } else {
                    verified.chains.join(", ")
                },
            ),
            fact(
                "Lines",
                format!(
                    "{} in {}, last number {}",
                    verified.lines,
                    counted(verified.segments as u64, "segment"),
                    verified.last
                ),
            ),
        ];
        let checkpoints = match (keys, verified.signed, verified.unsigned + verified.unchecked) {
            (0, _, 0) => "none yet: the chain alone vouches".to_owned(),
            (0, _, others) if verified.unchecked > 0 => {
                format!("{others}, their signatures not checked: give the key with --key")
            }
            (0, _, others) => format!("{others} without a signature"),
            (_, signed, _) => format!(
                "{signed} signed with a given key; {} after the last of them",
                counted(verified.unvouched, "line")
            ),
        };
        facts.push(fact("Checkpoints", checkpoints));
        if verified.head_missing {
            let told =
                "there is no copy of the last checkpoint (`.head`): an end that was cut off would not show";
            facts.push(fact("End", told));
        }
        for problem in verified.problems.iter().take(PLACES_MAX) {
            let file =
                problem.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let line = if problem.line == 0 { String::new() } else { format!(" line {}", problem.line) };
            facts.push(fact("Broken at", format!("{file}{line}: {}", problem.fault)));
        }
        facts
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let action =
            |message: String| Finding { weight: Weight::Action, about: "Audit trail".to_owned(), message };
        match self {
            TrailState::Missing(why) => vec![action((*why).to_owned())],
            TrailState::Read { verified, .. } if !verified.is_good() => {
                let first = verified.problems.first();
                let where_ = first.map_or_else(String::new, |problem| {
                    format!(", first at line {}: {}", problem.line, problem.fault)
                });
                let count = verified.problems.len() as u64 + verified.problems_left_out;
                let places = if count == 1 { "one place".to_owned() } else { format!("{count} places") };
                vec![action(format!("broken in {places}{where_}"))]
            }
            TrailState::Read { .. } => Vec::new(),
        }
    }
}
