//! The PHI engine: text in, findings out. Pure, deterministic, explainable.
//!
//! Owns the vocabulary ([`Class`], [`Finding`]), the compiled [`Engine`] and its entry points: [`Engine::scan`] for
//! flat text, `Engine::scrub_*` for bodies and log lines, [`url`] for targets. Layers, cheapest first: byte-class
//! tokens, shapes, check digits, cue words, the lexicon of names, the echo of the request, the structure.
//!
//! Does not do: I/O, clocks, logging, HTTP. Imports the standard library and small pure crates only.
//!
//! Contracts, all tested:
//! - a finding never carries text, only class, rule, span, confidence and a cue of our own vocabulary;
//! - `scan(redact(x))` is empty, so redaction is idempotent; placeholders are protected;
//! - no gate may skip what the full scan would find;
//! - time is linear in the input: every look around a candidate is bounded;
//! - any `&str` may come in; nothing panics.

pub mod canon;
pub mod class;
pub mod cues;
pub mod echo;
mod ends;
pub mod engine;
mod list;
mod memo;
pub mod names;
pub(crate) mod own;
pub mod protect;
mod pseudonym;
pub mod rules;
pub mod scan;
pub mod scrub;
pub mod settings;
pub mod structure;
mod systems;
pub mod url;
pub mod validate;
pub(crate) mod work;

pub use class::{Class, Confidence, Finding, Layer, Place, Reason};
pub use cues::{KeyClass, key_class};
pub use engine::Engine;
pub use own::{RuleError, RulePart};
pub use pseudonym::KeyedDigest;
pub use settings::{EngineSettings, RegionSet};
