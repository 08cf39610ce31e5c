//! What was agreed with ClinikAPI and where this guard runs: the plan, the BAA, the environment.
//!
//! Owns which API keys may be used under that, and whether PHI may go to a place that no agreement covers. Only says
//! so: `credentials` turns keys away, `guards/body` looks at bodies. Facts of the plans come from ClinikAPI's
//! documentation (2026-08-01). That an agreement is written here is no proof that one was signed.

use crate::guards::Mode;

pub mod settings;

pub use settings::{Baa, ComplianceSettings};

/// ClinikAPI's plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Sandbox,
    Starter,
    Pro,
    Team,
    Enterprise,
}

impl Plan {
    /// The words of the policy file.
    pub const WORDS: [(&'static str, Plan); 5] = [
        ("sandbox", Plan::Sandbox),
        ("starter", Plan::Starter),
        ("pro", Plan::Pro),
        ("team", Plan::Team),
        ("enterprise", Plan::Enterprise),
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Plan::Sandbox => "sandbox",
            Plan::Starter => "starter",
            Plan::Pro => "pro",
            Plan::Team => "team",
            Plan::Enterprise => "enterprise",
        }
    }

    /// Requests a minute that the plan allows an organisation, over all of its keys.
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Plan::Sandbox => 100,
            Plan::Starter => 200,
            Plan::Pro => 1000,
            Plan::Team => 5000,
            Plan::Enterprise => 10_000,
        }
    }

    /// Whether ClinikAPI signs a business associate agreement for it.
    pub const fn offers_baa(self) -> bool {
        !matches!(self, Plan::Sandbox)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Production,
    Staging,
    Development,
}

impl Environment {
    pub const WORDS: [(&'static str, Environment); 3] = [
        ("production", Environment::Production),
        ("staging", Environment::Staging),
        ("development", Environment::Development),
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Staging => "staging",
            Environment::Development => "development",
        }
    }
}

/// Which of ClinikAPI's stores a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `clk_live_`: the production store.
    Live,
    /// `clk_test_`: the shared test store.
    Test,
}

impl KeyKind {
    const PREFIXES: [(&'static str, KeyKind); 2] =
        [("clk_live_", KeyKind::Live), ("clk_test_", KeyKind::Test)];

    pub fn of(key: &str) -> Option<KeyKind> {
        KeyKind::PREFIXES.into_iter().find(|(prefix, _)| key.starts_with(prefix)).map(|(_, kind)| kind)
    }
}

/// Which keys the agreements of a policy allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRule {
    pub live: bool,
    pub test: bool,
}

impl ComplianceSettings {
    /// A live key opens a store of real records, so it needs a BAA; a test key has no business in production.
    pub fn key_rule(&self) -> KeyRule {
        KeyRule { live: self.baa.is_some(), test: self.environment != Some(Environment::Production) }
    }

    /// What the body guard does with PHI, given whether the request may be sent with a test key.
    pub fn body_mode(&self, test_key: bool) -> Mode {
        if test_key || self.plan == Some(Plan::Sandbox) { self.phi_on_test } else { Mode::Off }
    }
}
