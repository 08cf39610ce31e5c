//! The compiled `guards.repeats` section.

use std::time::Duration;

use crate::config::{self, Problems, read};
use crate::guards::Mode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatsSettings {
    pub mode: Mode,
    /// How long a write of unknown outcome is remembered.
    pub window: Duration,
    pub entries_max: usize,
}

impl RepeatsSettings {
    pub fn compile(section: &config::Repeats, problems: &mut Problems) -> RepeatsSettings {
        RepeatsSettings {
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            window: section.window.or(Duration::from_secs(10), read::duration, problems),
            entries_max: section.entries_max.or(1024, read::number(1..=100_000), problems) as usize,
        }
    }
}
