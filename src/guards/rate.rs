//! Budgets: requests per minute over all, per caller and per kind of operation, and the plan's spent quota.
//!
//! The limiters (GCRA, `governor`) hold state across policy reloads as long as their own quota is unchanged. Runs
//! after the target guard, and looks into all budgets before it takes from any, so refused requests spend nothing. Does
//! not learn budgets from the upstream yet, but for a quota it has declared spent.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::InMemoryState;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::contract::Operation;
use crate::guards::opaque::PolicyName;
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};

mod purse;
pub mod settings;

use purse::{Ask, Purse};
use settings::LimitsSettings;

type Limiter = RateLimiter<(Ask, Arc<str>), Purse, DefaultClock, StateInformationMiddleware>;

/// While a quota is known to be spent, one request in this time still goes out to see whether it was raised.
pub const QUOTA_PROBE_INTERVAL: Duration = Duration::from_secs(60);
/// The longest a spent quota is believed: resets are monthly.
const QUOTA_SPENT_MAX: Duration = Duration::from_secs(31 * 24 * 3600);

/// The budget that was spent; the label of `rate_limited_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    Global,
    Caller,
    Read,
    Write,
    Search,
    Bulk,
    Quota,
}

impl Budget {
    pub const ALL: [Budget; 7] = [
        Budget::Global,
        Budget::Caller,
        Budget::Read,
        Budget::Write,
        Budget::Search,
        Budget::Bulk,
        Budget::Quota,
    ];

    /// The key of the policy that sets it.
    pub const fn key(self) -> &'static str {
        match self {
            Budget::Global => "limits.per_minute",
            Budget::Caller => "limits.per_caller_per_minute",
            Budget::Read => "limits.operations.read_per_minute",
            Budget::Write => "limits.operations.write_per_minute",
            Budget::Search => "limits.operations.search_per_minute",
            Budget::Bulk => "limits.operations.bulk_per_hour",
            // ClinikAPI counts it.
            Budget::Quota => "compliance.plan",
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Budget::Global => "global",
            Budget::Caller => "caller",
            Budget::Read => "read",
            Budget::Write => "write",
            Budget::Search => "search",
            Budget::Bulk => "bulk",
            Budget::Quota => "quota",
        }
    }
}

/// What a spent budget looks like to the client: the values of `X-RateLimit-*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub budget: Budget,
    /// Requests the budget holds.
    pub limit: u32,
    /// Whole seconds until one more request fits, at least 1.
    pub reset_seconds: u64,
}

/// Which plan quota the upstream declared spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpentQuota {
    Monthly,
    Sandbox,
}

/// Who spends.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub caller: &'a Arc<str>,
    /// Whose plan it is; a tenant's spent quota is no other's.
    pub tenant: Option<&'a PolicyName>,
}

/// Proof that the request was counted against its budgets.
pub struct Budgeted(());

/// All limiters of the process.
pub struct Limits {
    settings: LimitsSettings,
    global: Option<Limiter>,
    callers: Option<Limiter>,
    read: Option<Limiter>,
    write: Option<Limiter>,
    search: Option<Limiter>,
    bulk: Option<Limiter>,
    /// By tenant, as many as the policy has.
    quotas: Mutex<BTreeMap<Option<PolicyName>, QuotaState>>,
    clock: DefaultClock,
}

struct QuotaState {
    quota: SpentQuota,
    until: Instant,
    next_probe: Instant,
}

impl Limits {
    pub fn new(settings: &LimitsSettings) -> Limits {
        let of_all = |quota| limiter(quota, Purse::OfAll(InMemoryState::default()));
        let per_minute = |n: Option<NonZeroU32>| n.map(|n| of_all(Quota::per_minute(n)));
        Limits {
            settings: settings.clone(),
            global: per_minute(settings.per_minute),
            callers: settings
                .per_caller_per_minute
                .map(|n| limiter(Quota::per_minute(n), Purse::OfEach(DashMapStateStore::default()))),
            read: per_minute(settings.read_per_minute),
            write: per_minute(settings.write_per_minute),
            search: per_minute(settings.search_per_minute),
            bulk: settings.bulk_per_hour.map(|n| of_all(Quota::per_hour(n))),
            quotas: Mutex::default(),
            clock: DefaultClock::default(),
        }
    }

    /// Whether these limiters serve the given settings, so that a reload may keep their state.
    pub fn serve(&self, settings: &LimitsSettings) -> bool {
        self.settings == *settings
    }

    /// Takes one request out of every budget it counts against.
    pub fn admit(
        &self,
        who: Asker<'_>,
        operation: Operation,
        now: Instant,
        observed: &mut Observed,
    ) -> Result<Budgeted, Refusal> {
        if self.settings.mode == Mode::Off {
            return Ok(Budgeted(()));
        }
        if let Some((code, spent)) = self.spent_quota(who.tenant, now) {
            self.refuse(code, spent, observed)?;
        }
        if let Some(spent) = self.first_spent(who.caller, operation) {
            self.refuse(Code::RateLimited, spent, observed)?;
        }
        Ok(Budgeted(()))
    }

    fn refuse(&self, code: Code, spent: Spent, observed: &mut Observed) -> Result<(), Refusal> {
        let mut refusal = Refusal::new(code).about(spent.budget.key());
        refusal.spent = Some(spent);
        self.settings.mode.refuse(refusal, observed)
    }

    /// The narrowest that is spent, by which nothing is taken from any. Between the look and the taking another request may
    /// take the last of a wider budget: then this one is refused, and has cost the narrower ones a request each.
    fn first_spent(&self, caller: &Arc<str>, operation: Operation) -> Option<Spent> {
        let of_operation = match operation {
            Operation::Bulk => (Budget::Bulk, &self.bulk),
            Operation::Search => (Budget::Search, &self.search),
            Operation::Create | Operation::Update | Operation::Delete => (Budget::Write, &self.write),
            Operation::Read | Operation::Fhir | Operation::Health | Operation::Metadata => {
                (Budget::Read, &self.read)
            }
        };
        let budgets = [of_operation, (Budget::Caller, &self.callers), (Budget::Global, &self.global)];
        [Ask::Look, Ask::Take].into_iter().find_map(|ask| {
            let key = (ask, Arc::clone(caller));
            budgets.iter().find_map(|(budget, limiter)| {
                let refused = limiter.as_ref()?.check_key(&key).err()?;
                Some(self.spent(*budget, refused.quota(), refused.wait_time_from(self.clock.now())))
            })
        })
    }

    fn spent(&self, budget: Budget, quota: Quota, wait: Duration) -> Spent {
        Spent { budget, limit: quota.burst_size().get(), reset_seconds: whole_seconds(wait) }
    }

    /// Remembers that the upstream declared a quota spent for this long.
    pub fn quota_spent(&self, who: Asker<'_>, quota: SpentQuota, reset: Duration, now: Instant) {
        let state = QuotaState {
            quota,
            until: now + reset.min(QUOTA_SPENT_MAX),
            next_probe: now + QUOTA_PROBE_INTERVAL,
        };
        self.quotas().insert(who.tenant.cloned(), state);
    }

    /// The upstream answered something else: there is quota again.
    pub fn quota_open(&self, who: Asker<'_>) {
        let mut quotas = self.quotas();
        if !quotas.is_empty() {
            quotas.remove(&who.tenant.cloned());
        }
    }

    fn quotas(&self) -> MutexGuard<'_, BTreeMap<Option<PolicyName>, QuotaState>> {
        self.quotas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spent_quota(&self, tenant: Option<&PolicyName>, now: Instant) -> Option<(Code, Spent)> {
        let mut quotas = self.quotas();
        if quotas.is_empty() {
            return None;
        }
        let tenant = tenant.cloned();
        let state = quotas.get_mut(&tenant)?;
        if now >= state.until {
            quotas.remove(&tenant);
            return None;
        }
        if now >= state.next_probe {
            state.next_probe = now + QUOTA_PROBE_INTERVAL;
            return None;
        }
        let code = match state.quota {
            SpentQuota::Monthly => Code::MonthlyQuotaExceeded,
            SpentQuota::Sandbox => Code::SandboxQuotaExceeded,
        };
        let reset_seconds = whole_seconds(state.until - now);
        Some((code, Spent { budget: Budget::Quota, limit: 0, reset_seconds }))
    }
}

fn limiter(quota: Quota, purse: Purse) -> Limiter {
    RateLimiter::new(quota, purse, DefaultClock::default())
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> LimitsSettings {
        LimitsSettings {
            mode: Mode::Enforce,
            per_minute: NonZeroU32::new(3),
            per_caller_per_minute: NonZeroU32::new(2),
            read_per_minute: None,
            write_per_minute: None,
            search_per_minute: None,
            bulk_per_hour: NonZeroU32::new(1),
        }
    }

    fn admit(limits: &Limits, caller: &str, operation: Operation) -> Result<(), (Code, Option<Budget>)> {
        limits
            .admit(
                Asker { caller: &caller.into(), tenant: None },
                operation,
                Instant::now(),
                &mut Observed::default(),
            )
            .map(|_| ())
            .map_err(|refused| (refused.code, refused.spent.map(|spent| spent.budget)))
    }

    #[test]
    fn every_budget_holds_n_and_refuses_the_next() {
        let limits = Limits::new(&settings());
        assert_eq!(admit(&limits, "a", Operation::Read), Ok(()));
        assert_eq!(admit(&limits, "a", Operation::Read), Ok(()));
        assert_eq!(admit(&limits, "a", Operation::Read), Err((Code::RateLimited, Some(Budget::Caller))));
        assert_eq!(admit(&limits, "b", Operation::Bulk), Ok(()));
        assert_eq!(admit(&limits, "b", Operation::Bulk), Err((Code::RateLimited, Some(Budget::Bulk))));
        assert_eq!(admit(&limits, "b", Operation::Read), Err((Code::RateLimited, Some(Budget::Global))));
    }

    #[test]
    fn what_one_budget_refuses_costs_no_other() {
        let limits = Limits::new(&LimitsSettings {
            per_minute: NonZeroU32::new(2),
            per_caller_per_minute: NonZeroU32::new(5),
            write_per_minute: NonZeroU32::new(3),
            ..settings()
        });
        let all: Vec<_> = (0..7).map(|_| admit(&limits, "a", Operation::Create)).collect();
        assert_eq!(all[..2], [Ok(()); 2]);
        assert_eq!(all[2..], [Err((Code::RateLimited, Some(Budget::Global))); 5]);
    }

    #[test]
    fn observe_notes_and_off_does_not_look() {
        let mut observing = settings();
        observing.mode = Mode::Observe;
        let limits = Limits::new(&observing);
        let mut observed = Observed::default();
        for _ in 0..4 {
            let admitted = limits.admit(
                Asker { caller: &"a".into(), tenant: None },
                Operation::Read,
                Instant::now(),
                &mut observed,
            );
            assert!(admitted.is_ok());
        }
        assert!(!observed.0.is_empty());
    }

    #[test]
    fn a_spent_quota_is_believed_until_its_reset_but_probed() {
        let limits = Limits::new(&settings());
        let start = Instant::now();
        let caller: Arc<str> = "a".into();
        let of = |tenant| Asker { caller: &caller, tenant };
        let spent = |tenant, now| limits.spent_quota(tenant, now).map(|(code, _)| code);
        let (north, south) = (PolicyName::of("north").unwrap(), PolicyName::of("south").unwrap());
        limits.quota_spent(of(Some(&north)), SpentQuota::Sandbox, Duration::from_secs(3600), start);
        assert_eq!(spent(Some(&north), start), Some(Code::SandboxQuotaExceeded));
        assert_eq!((spent(Some(&south), start), spent(None, start)), (None, None), "another plan");
        limits.quota_open(of(Some(&south)));
        assert!(spent(Some(&north), start + QUOTA_PROBE_INTERVAL).is_none(), "one probe goes out");
        assert!(spent(Some(&north), start + QUOTA_PROBE_INTERVAL).is_some(), "only one");
        assert!(spent(Some(&north), start + Duration::from_secs(3600)).is_none());
        limits.quota_spent(of(None), SpentQuota::Monthly, Duration::from_secs(3600), start);
        limits.quota_open(of(None));
        assert!(spent(None, start).is_none());
    }

    #[test]
    fn retry_after_is_a_whole_number_of_at_least_one() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
