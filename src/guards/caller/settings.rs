//! The compiled `guards.caller` section.

use crate::config::{self, Node, Problems, read};
use crate::credentials::settings::SecretSource;
use crate::guards::Mode;

#[derive(Clone, Debug)]
pub struct CallerSettings {
    pub mode: Mode,
    pub tokens: Vec<CallerTokenSource>,
    pub unix_uids: Vec<u32>,
}

/// A caller token by name; the value is read by `credentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerTokenSource {
    pub name: String,
    pub source: SecretSource,
}

impl CallerSettings {
    pub fn compile(section: &config::Caller, problems: &mut Problems) -> CallerSettings {
        let mut tokens: Vec<CallerTokenSource> = Vec::new();
        for item in &section.tokens.items {
            let name = item.name.required(read::name, problems);
            let source = SecretSource::compile(item.at, &item.key_path, &item.env, &item.file, problems);
            let Some((name, source)) = name.zip(source) else { continue };
            if tokens.iter().any(|token| token.name == name) {
                problems.add(
                    item.name.at,
                    &item.name.path,
                    "a second token of this name; rotate by changing its source",
                );
            }
            if tokens.iter().any(|token| token.source == source) {
                problems.add(
                    item.at,
                    &item.key_path,
                    "a second token from this source; callers could not be told apart",
                );
            }
            tokens.push(CallerTokenSource { name, source });
        }
        let unix_uids = section.unix_uids.list(Vec::new(), uid, problems);
        CallerSettings { mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems), tokens, unix_uids }
    }
}

fn uid(node: &Node, problems: &mut Problems) -> Option<u32> {
    // The highest value is what chown(2) takes for "no change"; nobody has it.
    read::number(0..=u64::from(u32::MAX) - 1)(node, problems).map(|uid| uid as u32)
}
