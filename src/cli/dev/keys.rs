//! The keys and tokens of a trial: of no one, by names of variables that nobody sets.

use crate::compliance::KeyKind;
use crate::credentials::Usage;
use crate::credentials::settings::SecretSource;
use crate::standin::STANDIN_KEY;

/// As many as a policy can have tenants.
const TENANTS: usize = 256;
const USAGES: [Usage; 3] = [Usage::Any, Usage::Read, Usage::Write];

/// What the names of the variables begin with that stand for the keys of the stand-in.
const KEY_NAMES: [(&str, KeyKind); 2] =
    [("CLINIK_GUARD_DEV_TEST_KEY_", KeyKind::Test), ("CLINIK_GUARD_DEV_LIVE_KEY_", KeyKind::Live)];
/// And those that stand for the tokens of callers. The name of the caller follows, which is why no variable can be meant.
const TOKEN_NAME: &str = "CLINIK_GUARD_DEV_TOKEN:";

/// All keys that the stand-in takes.
pub(super) fn all() -> impl Iterator<Item = String> {
    (0..TENANTS * USAGES.len())
        .flat_map(|number| [KeyKind::Test, KeyKind::Live].map(|kind| key_of(number, kind)))
}

pub(super) fn source(tenant: usize, usage: Usage, kind: KeyKind) -> SecretSource {
    let name = KEY_NAMES.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name);
    let usage = USAGES.iter().position(|known| *known == usage).unwrap_or(0);
    SecretSource::Env(format!("{name}{}", tenant * USAGES.len() + usage))
}

/// Whose records the stand-in opens with this key: the tenant's, whatever the key is for.
pub(super) fn organisation(key: &str) -> usize {
    let digits = key.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse::<usize>().map_or(0, |number| number / USAGES.len())
}

pub(super) fn token_source(caller: &str) -> SecretSource {
    SecretSource::Env(format!("{TOKEN_NAME}{caller}"))
}

/// The token by which a caller of the policy is known in the trial, beside its own.
pub(super) fn token_of(caller: &str) -> String {
    format!("clinik-guard-dev-{caller}")
}

/// The value of a variable, of the trial's own or of the process.
#[expect(clippy::disallowed_methods, reason = "a policy that is tried may name variables")]
pub(super) fn environment(name: &str) -> Option<String> {
    key_named(name)
        .or_else(|| name.strip_prefix(TOKEN_NAME).map(token_of))
        .or_else(|| std::env::var(name).ok())
}

pub(super) fn is_here(source: &SecretSource) -> bool {
    match source {
        SecretSource::Env(name) => environment(name).is_some_and(|value| !value.trim().is_empty()),
        SecretSource::File(path) => path.is_file(),
    }
}

/// The key that such a name stands for.
fn key_named(variable: &str) -> Option<String> {
    KEY_NAMES.iter().find_map(|(name, kind)| {
        let number = variable.strip_prefix(name)?.parse().ok()?;
        Some(key_of(number, *kind))
    })
}

/// Each place has a key of its own, since tenants may not share one.
fn key_of(number: usize, kind: KeyKind) -> String {
    match (number, kind) {
        (0, KeyKind::Test) => STANDIN_KEY.to_owned(),
        (_, KeyKind::Test) => format!("clk_test_standin{number:016}"),
        (_, KeyKind::Live) => format!("clk_live_standin{number:016}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_place_has_its_key_and_those_of_a_tenant_open_the_same_records() {
        let all: BTreeSet<String> = all().collect();
        assert_eq!(all.len(), 2 * TENANTS * USAGES.len());
        for (tenant, usage) in [(0, Usage::Any), (0, Usage::Write), (1, Usage::Read), (255, Usage::Write)] {
            for kind in [KeyKind::Test, KeyKind::Live] {
                let SecretSource::Env(name) = source(tenant, usage, kind) else { panic!("a variable") };
                let key = environment(&name).unwrap();
                assert!(all.contains(&key));
                assert_eq!(organisation(&key), tenant, "{key}");
            }
        }
    }
}
