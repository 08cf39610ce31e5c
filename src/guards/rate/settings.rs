//! The compiled `limits` section.

use std::num::NonZeroU32;

use crate::compliance::Plan;
use crate::config::{self, Node, Problems, Setting, read};
use crate::guards::Mode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsSettings {
    pub mode: Mode,
    pub per_minute: Option<NonZeroU32>,
    pub per_caller_per_minute: Option<NonZeroU32>,
    pub read_per_minute: Option<NonZeroU32>,
    pub write_per_minute: Option<NonZeroU32>,
    pub search_per_minute: Option<NonZeroU32>,
    pub bulk_per_hour: Option<NonZeroU32>,
}

impl LimitsSettings {
    /// `agreed` is the plan of the `compliance` section, which presets the budget where this section says nothing.
    pub fn compile(
        section: &config::Limits,
        agreed: Option<Plan>,
        problems: &mut Problems,
    ) -> LimitsSettings {
        let word = |node: &Node, problems: &mut Problems| read::word(node, &Plan::WORDS, problems);
        let plan = section.plan.written().map_or(agreed, |node| word(node, problems));
        let per_minute = section.per_minute.or_none(None, read::rate, problems);
        if let (Some(_), Some(per_minute)) = (section.plan.written(), section.per_minute.written()) {
            problems.add(per_minute.at, "limits.per_minute", "`limits.plan` sets this already; one of them");
        }
        let mut rate = |setting: &Setting| setting.or_none(None, read::rate, problems);
        let operations = &section.operations;
        LimitsSettings {
            per_caller_per_minute: rate(&section.per_caller_per_minute),
            read_per_minute: rate(&operations.read_per_minute),
            write_per_minute: rate(&operations.write_per_minute),
            search_per_minute: rate(&operations.search_per_minute),
            bulk_per_hour: operations.bulk_per_hour.or_none(NonZeroU32::new(5), read::rate, problems),
            per_minute: per_minute.or(plan.and_then(|plan| NonZeroU32::new(plan.requests_per_minute()))),
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
        }
    }
}
