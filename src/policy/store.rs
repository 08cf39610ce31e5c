//! The policy in use, and its replacement while the guard runs.
//!
//! Compares contents, never time stamps or file events: Kubernetes swaps a symlink above the file, editors write
//! beside it, and a bind mount says nothing at all. A new file is compiled aside and swapped in whole. A bad one leaves
//! the old policy in force and is reported once per content. Sections bound to sockets and threads keep their running
//! value; the outcome says so.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::{Policy, Surroundings, file};
use crate::config::Problems;

/// What one look at the file did.
pub enum ReloadOutcome {
    /// The content was seen before, accepted or not.
    Unchanged,
    Applied {
        policy: Arc<Policy>,
        /// Keys whose new value waits for a restart; the running value stays.
        restart_needed: Vec<&'static str>,
    },
    /// The old policy stays in force.
    Rejected(Problems),
}

pub struct PolicyStore {
    /// `None` for the built-in defaults.
    path: Option<PathBuf>,
    /// What takes the place of every policy's own.
    surroundings: Option<Surroundings>,
    current: RwLock<Arc<Policy>>,
    state: Mutex<State>,
}

struct State {
    /// Hash of the last content looked at; of an unreadable file, the reason.
    seen: String,
    applied_unix: u64,
    /// Why the file on disk is not the policy in use.
    rejected: Option<Problems>,
    /// A good policy that does not fit the keys, and what would wait for a restart: it comes into force when keys are
    /// mounted that it covers, since a policy and its key seldom arrive in the same moment.
    waiting: Option<(Policy, Vec<&'static str>)>,
}

impl PolicyStore {
    /// `policy` must come from `path`, else from built-in text that never changes.
    pub fn new(
        path: Option<PathBuf>,
        surroundings: Option<Surroundings>,
        policy: Policy,
        now_unix: u64,
    ) -> PolicyStore {
        let policy = moved(policy, surroundings.as_ref());
        let state =
            State { seen: policy.hash.clone(), applied_unix: now_unix, rejected: None, waiting: None };
        PolicyStore { path, surroundings, current: RwLock::new(Arc::new(policy)), state: Mutex::new(state) }
    }

    /// The policy of this moment; take it once per request.
    pub fn current(&self) -> Arc<Policy> {
        // A poisoned lock still holds a whole `Arc`: it is only ever replaced, never edited.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the policy in use came into force, in seconds since the Unix epoch.
    pub fn applied_unix(&self) -> u64 {
        self.state().applied_unix
    }

    /// Why the file on disk is not the policy in use; `None` while it is.
    pub fn rejected(&self) -> Option<Problems> {
        self.state().rejected.clone()
    }

    /// Looks at the file and swaps the policy if its content is new and good, and `misfit` has nothing to say against
    /// it: the keys that are mounted are ones it covers.
    pub fn reload(&self, now_unix: u64, misfit: &dyn Fn(&Policy) -> Option<String>) -> ReloadOutcome {
        let Some(path) = &self.path else { return ReloadOutcome::Unchanged };
        // Held to the end, so that two reloads at once (timer and SIGHUP) cannot overtake each other.
        let mut state = self.state();
        let name = file::name(path);
        let (seen, text) = match file::read_bytes(path) {
            Ok(bytes) => (file::hash(&bytes), file::text(&name, bytes)),
            Err(error) => {
                let reason = crate::file::reason(error.kind());
                (reason.to_owned(), Err(Problems::of_file(&name, reason)))
            }
        };
        if seen == state.seen {
            let fits = state.waiting.take_if(|(policy, _)| misfit(policy).is_none());
            return match fits {
                Some((policy, restart_needed)) => self.apply(&mut state, policy, restart_needed, now_unix),
                None => ReloadOutcome::Unchanged,
            };
        }
        state.seen = seen;
        state.waiting = None;
        let running = self.current();
        let compiled = text
            .and_then(|text| file::not_empty(&name, &text).map(|()| text))
            .and_then(|text| Policy::from_str(&name, &text))
            .and_then(|policy| policy.in_force(&name, now_unix))
            .map(|policy| moved(policy, self.surroundings.as_ref()))
            .and_then(|new| new.carry_over(&running, &name));
        match compiled {
            // Back to the content in use, after a bad edit was taken back.
            Ok((new, restart_needed)) if new.hash == running.hash && restart_needed.is_empty() => {
                state.rejected = None;
                ReloadOutcome::Unchanged
            }
            Ok((new, restart_needed)) => match misfit(&new) {
                None => self.apply(&mut state, new, restart_needed, now_unix),
                Some(message) => {
                    let problems = Problems::of_file(&name, message);
                    state.rejected = Some(problems.clone());
                    state.waiting = Some((new, restart_needed));
                    ReloadOutcome::Rejected(problems)
                }
            },
            Err(problems) => {
                state.rejected = Some(problems.clone());
                ReloadOutcome::Rejected(problems)
            }
        }
    }

    fn apply(
        &self,
        state: &mut State,
        policy: Policy,
        restart_needed: Vec<&'static str>,
        now_unix: u64,
    ) -> ReloadOutcome {
        let policy = Arc::new(policy);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&policy);
        state.applied_unix = now_unix;
        state.rejected = None;
        ReloadOutcome::Applied { policy, restart_needed }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every assignment to the state is whole, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn moved(policy: Policy, surroundings: Option<&Surroundings>) -> Policy {
    match surroundings {
        Some(place) => policy.moved_to(place),
        None => policy,
    }
}

impl Policy {
    /// Keeps what cannot change while running and lists what would have.
    fn carry_over(mut self, running: &Policy, name: &str) -> Result<(Policy, Vec<&'static str>), Problems> {
        let (new, old) = (&self.listen, &running.listen);
        let changes = [
            ("process", self.process != running.process),
            ("listen.addresses", new.addresses != old.addresses),
            ("listen.unix", new.unix != old.unix),
            ("listen.tls", new.tls != old.tls),
            ("listen.workers", new.workers != old.workers),
            ("listen.connections_max", new.connections_max != old.connections_max),
            ("listen.requests_in_flight_max", new.requests_in_flight_max != old.requests_in_flight_max),
            ("listen.connections_per_peer_max", new.connections_per_peer_max != old.connections_per_peer_max),
            (
                "listen.requests_per_connection_max",
                new.requests_per_connection_max != old.requests_per_connection_max,
            ),
            ("listen.header_timeout", new.header_timeout != old.header_timeout),
            ("listen.body_timeout", new.body_timeout != old.body_timeout),
            ("listen.body_rate_min", new.body_rate_min != old.body_rate_min),
            ("listen.idle_timeout", new.idle_timeout != old.idle_timeout),
            ("listen.exchange_timeout", new.exchange_timeout != old.exchange_timeout),
            ("listen.drain.linger", new.drain_linger != old.drain_linger),
            ("listen.drain.deadline", new.drain_deadline != old.drain_deadline),
            ("ops.address", self.ops != running.ops),
            ("audit.sink", self.audit.sink != running.audit.sink),
            ("audit.signing_key_file", self.audit.signing_key != running.audit.signing_key),
            ("audit.otlp", self.audit.otlp != running.audit.otlp),
            ("audit.ship", self.audit.ship != running.audit.ship),
            ("audit.resource_ids", self.audit.resource_ids != running.audit.resource_ids),
            ("telemetry.level", self.telemetry != running.telemetry),
        ];
        self.process = running.process.clone();
        self.listen = running.listen.clone();
        self.ops = running.ops.clone();
        self.audit.sink = running.audit.sink.clone();
        self.audit.signing_key = running.audit.signing_key.clone();
        self.audit.otlp = running.audit.otlp.clone();
        self.audit.ship = running.audit.ship.clone();
        self.audit.resource_ids = running.audit.resource_ids.clone();
        self.telemetry = running.telemetry.clone();
        // The file may be fine for the addresses it names and still open the addresses that are bound.
        if let Some(missing) = self.exposure() {
            let message = format!(
                "the running guard still listens beyond loopback, which {missing}; restart to change both"
            );
            return Err(Problems::of_file(name, message));
        }
        let restart_needed =
            changes.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key).collect();
        Ok((self, restart_needed))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    fn store(path: &Path) -> PolicyStore {
        let policy = Policy::load(path).unwrap_or_else(|problems| panic!("{problems}"));
        PolicyStore::new(Some(path.to_owned()), None, policy, 1)
    }

    fn applied(outcome: ReloadOutcome) -> Vec<&'static str> {
        match outcome {
            ReloadOutcome::Applied { restart_needed, .. } => restart_needed,
            ReloadOutcome::Unchanged => panic!("unchanged"),
            ReloadOutcome::Rejected(problems) => panic!("{problems}"),
        }
    }

    fn rejected(outcome: ReloadOutcome) -> String {
        match outcome {
            ReloadOutcome::Rejected(problems) => problems.to_string(),
            _ => panic!("not rejected"),
        }
    }

    #[test]
    fn a_good_file_is_applied_and_a_bad_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        fs::write(&path, "limits: {per_minute: 10}\n").unwrap();
        let store = store(&path);
        assert!(matches!(store.reload(2, &|_| None), ReloadOutcome::Unchanged));

        fs::write(&path, "limits: {per_minute: 20}\n").unwrap();
        assert!(applied(store.reload(3, &|_| None)).is_empty());
        let second = store.current();
        assert_eq!((second.limits.per_minute.map(u32::from), store.applied_unix()), (Some(20), 3));

        fs::write(&path, "limits: {per_minute: 0}\n").unwrap();
        assert!(rejected(store.reload(4, &|_| None)).contains("policy.yaml:1:22: limits.per_minute"));
        assert!(matches!(store.reload(5, &|_| None), ReloadOutcome::Unchanged), "reported once");
        assert!(store.rejected().is_some() && Arc::ptr_eq(&second, &store.current()));

        fs::remove_file(&path).unwrap();
        assert!(rejected(store.reload(6, &|_| None)).contains("there is no such file"));
        assert!(Arc::ptr_eq(&second, &store.current()));

        fs::write(&path, "limits: {per_minute: 20}\n").unwrap();
        assert!(matches!(store.reload(7, &|_| None), ReloadOutcome::Unchanged), "the policy in use is back");
        assert!(store.rejected().is_none());
    }

    #[test]
    fn what_is_bound_to_sockets_waits_for_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        fs::write(&path, "").unwrap();
        let store = store(&path);
        let new = "listen: {addresses: ['127.0.0.1:1'], workers: 9, header_timeout: 1s}\nops: {address: null}\naudit: {sink: off}\nlimits: {plan: pro}\n";
        fs::write(&path, new).unwrap();
        let expected =
            ["listen.addresses", "listen.workers", "listen.header_timeout", "ops.address", "audit.sink"];
        assert_eq!(applied(store.reload(2, &|_| None)), expected);
        let policy = store.current();
        assert_eq!(policy.listen.workers.get(), 2);
        assert_eq!(policy.ops.address.map(|address| address.port()), Some(9090));
        assert_eq!(policy.limits.per_minute.map(u32::from), Some(1000));
        assert!(matches!(store.reload(3, &|_| None), ReloadOutcome::Unchanged));
    }

    /// A policy that does not cover the key waits for one that it does; going back to the running one ends the wait.
    #[test]
    fn a_policy_waits_for_a_key_that_it_covers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        fs::write(&path, "limits: {per_minute: 10}\n").unwrap();
        let store = store(&path);
        let per_minute = || store.current().limits.per_minute.map(u32::from);
        let misfit = |_: &Policy| Some("not this key".to_owned());

        fs::write(&path, "limits: {per_minute: 20}\n").unwrap();
        assert!(rejected(store.reload(2, &misfit)).contains("not this key"));
        assert!(matches!(store.reload(3, &misfit), ReloadOutcome::Unchanged), "reported once");
        assert_eq!(per_minute(), Some(10));
        assert!(applied(store.reload(4, &|_| None)).is_empty());
        assert_eq!((per_minute(), store.applied_unix()), (Some(20), 4));

        fs::write(&path, "limits: {per_minute: 30}\n").unwrap();
        assert!(rejected(store.reload(5, &misfit)).contains("not this key"));
        fs::write(&path, "limits: {per_minute: 20}\n").unwrap();
        assert!(matches!(store.reload(6, &misfit), ReloadOutcome::Unchanged), "the policy in use is back");
        assert!(matches!(store.reload(7, &|_| None), ReloadOutcome::Unchanged));
        assert_eq!(per_minute(), Some(20));
    }

    #[test]
    fn an_agreement_of_a_day_to_come_is_no_agreement() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        fs::write(&path, "").unwrap();
        let store = store(&path);
        fs::write(&path, "compliance:\n  baa: {signed_on: 2027-02-01, reference: A-1, signed_by: Legal}\n")
            .unwrap();
        // 2027-01-01, and a month later.
        assert!(rejected(store.reload(1_798_761_600, &|_| None)).contains("still to come"));
        assert!(store.current().compliance.baa.is_none());
    }

    /// Removing the tokens together with the public address must not leave the address, still bound, without them.
    #[test]
    fn a_reload_cannot_open_a_bound_address() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.yaml");
        fs::write(
            &path,
            "listen: {addresses: ['0.0.0.0:8080']}\nguards: {caller: {tokens: [{name: a, env: A}]}}\n",
        )
        .unwrap();
        let store = store(&path);
        fs::write(&path, "version: 1\n").unwrap();
        assert!(rejected(store.reload(2, &|_| None)).contains("still listens beyond loopback"));
        assert_eq!(store.current().caller.tokens.len(), 1);
    }

    /// The layout kubelet makes: `policy.yaml -> ..data/policy.yaml`, `..data -> ..<time stamp>`. An update writes a new
    /// directory, renames a new symlink over `..data`, and deletes the old directory at once.
    #[test]
    fn a_config_map_update_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let mount = dir.path();
        let version = |name: &str, text: &str| {
            fs::create_dir(mount.join(name)).unwrap();
            fs::write(mount.join(name).join("policy.yaml"), text).unwrap();
            symlink(name, mount.join("..data_tmp")).unwrap();
            fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
        };
        version("..2026_11_21_10_00_00.1", "limits: {per_minute: 10}\n");
        symlink("..data/policy.yaml", mount.join("policy.yaml")).unwrap();
        let store = store(&mount.join("policy.yaml"));

        version("..2026_11_21_10_05_00.2", "limits: {per_minute: 20}\n");
        fs::remove_dir_all(mount.join("..2026_11_21_10_00_00.1")).unwrap();
        assert!(applied(store.reload(2, &|_| None)).is_empty());
        assert_eq!(store.current().limits.per_minute.map(u32::from), Some(20));

        version("..2026_11_21_10_06_00.3", "limits: {per_minute: 20}\n");
        assert!(
            matches!(store.reload(3, &|_| None), ReloadOutcome::Unchanged),
            "a new directory with the same content"
        );

        fs::remove_dir_all(mount.join("..2026_11_21_10_06_00.3")).unwrap();
        assert!(rejected(store.reload(4, &|_| None)).contains("no such file"));
        version("..2026_11_21_10_07_00.4", "limits: {per_minute: 30}\n");
        assert!(applied(store.reload(5, &|_| None)).is_empty());
        assert_eq!(store.current().limits.per_minute.map(u32::from), Some(30));
    }
}
