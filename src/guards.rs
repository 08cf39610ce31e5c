//! The guards a request passes, one file each, in the order `exchange` calls them.
//!
//! A guard takes its settings and what it inspects, and gives back a proof value or a `Refusal`. It writes no
//! response, log, audit line or metric, and calls no other guard.

use crate::outcome::Refusal;

pub mod access;
pub mod body;
pub mod caller;
pub mod headers;
pub mod opaque;
pub mod rate;
pub mod repeats;
pub mod routes;
pub mod target;
pub mod tenant;

/// What a guard does with what it would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Refuse.
    #[default]
    Enforce,
    /// Let pass, count and log what would have been refused.
    Observe,
    /// Do not look.
    Off,
}

impl Mode {
    /// The words of the policy file.
    pub const WORDS: [(&'static str, Mode); 3] =
        [("enforce", Mode::Enforce), ("observe", Mode::Observe), ("off", Mode::Off)];

    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Observe => "observe",
            Mode::Off => "off",
        }
    }

    /// Ends the request under `enforce`; notes the refusal and lets the guard go on under `observe`.
    pub fn refuse(self, refusal: Refusal, observed: &mut Observed) -> Result<(), Refusal> {
        match self {
            Mode::Enforce => Err(refusal),
            Mode::Observe => {
                observed.0.push(refusal);
                Ok(())
            }
            Mode::Off => Ok(()),
        }
    }
}

/// What guards in `observe` mode would have refused, in order.
#[derive(Default)]
pub struct Observed(pub Vec<Refusal>);
