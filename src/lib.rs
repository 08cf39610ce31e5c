//! clinik-guard: a PHI guard for ClinikAPI that runs as a sidecar beside an app.
//!
//! `ARCHITECTURE.md` is the map. A request travels `listener` → `exchange` → `guards` → `forward` → `upstream` →
//! `response` → `audit` and `metrics`.

pub mod app;
pub mod audit;
pub mod cli;
pub mod compliance;
pub mod config;
pub mod contract;
pub mod credentials;
pub mod exchange;
pub mod file;
pub mod forward;
pub mod guards;
#[cfg(any(test, fuzzing))]
pub mod invariants;
pub mod listener;
pub mod metrics;
pub mod ops;
pub mod outcome;
pub mod phi;
pub mod policy;
pub mod process;
pub mod reply;
pub mod report;
pub mod response;
pub mod standin;
pub mod telemetry;
pub mod tls;
pub mod upstream;
pub mod wire;
