//! The guard from outside: the real app, in this process, against a real TLS upstream.
//!
//! Every test ends with a sweep: no seeded PHI and no key in the audit trail, the metrics or any log line.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod harness;
mod wiretap;

mod access;
mod answers;
mod attacks;
mod audit;
mod batches;
mod clients;
mod commands;
mod compliance;
mod corpus;
mod crash;
mod credentials;
mod dev;
mod docs;
mod entries;
mod examples;
mod failures;
mod faults;
mod files;
mod forwarding;
mod full_disk;
mod http;
mod lifecycle;
mod limits;
mod listener_tls;
mod mutants;
mod otlp;
mod policy;
mod pool;
mod process;
mod refusals;
mod report;
mod rogue;
mod scrub;
mod sdk;
mod search;
mod ship;
mod successes;
mod tenants;
mod tokens;
mod unknown;
mod upstream_tls;
mod usage;
