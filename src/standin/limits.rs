//! The plan's limits: requests a rolling minute, and requests a month, live and sandbox.
//!
//! One plan for all keys, as the API counts by organisation. Time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::json;

use super::StandinConfig;
use super::answer::Answer;
use super::clock::Moment;

const WINDOW: Duration = Duration::from_secs(60);
/// A plan above this is not counted: the list of moments would grow with it.
const PLAN_COUNTED_MAX: u32 = 100_000;
const BULK_WINDOW: Duration = Duration::from_secs(60 * 60);
const BULK_PER_HOUR: usize = 5;

pub(crate) struct Limits {
    per_minute: u32,
    monthly: u64,
    sandbox: u64,
    overage: bool,
    minute: VecDeque<Instant>,
    bulk: VecDeque<Instant>,
    live_used: u64,
    sandbox_used: u64,
}

/// What the headers of one answer say.
#[derive(Clone)]
pub(crate) struct Budget {
    pub(crate) total: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_seconds: u64,
    pub(crate) test_key: bool,
    pub(crate) headers: Vec<(String, String)>,
}

pub(crate) enum Spent {
    No,
    Minute,
    Monthly,
    Sandbox,
}

impl Limits {
    pub(crate) fn new(config: &StandinConfig) -> Limits {
        Limits {
            per_minute: config.plan_per_minute,
            monthly: config.monthly_quota,
            sandbox: config.sandbox_quota,
            overage: config.overage,
            minute: VecDeque::new(),
            bulk: VecDeque::new(),
            live_used: 0,
            sandbox_used: 0,
        }
    }

    /// Counts one authenticated request. A request over a limit is not counted.
    pub(crate) fn take(&mut self, test_key: bool, now: Moment) -> (Spent, Budget) {
        let counted = self.per_minute <= PLAN_COUNTED_MAX;
        while self.minute.front().is_some_and(|first| now.instant.duration_since(*first) >= WINDOW) {
            self.minute.pop_front();
        }
        let (used, quota) =
            if test_key { (self.sandbox_used, self.sandbox) } else { (self.live_used, self.monthly) };
        let spent = if counted && self.minute.len() >= self.per_minute as usize {
            Spent::Minute
        } else if test_key && used >= quota {
            Spent::Sandbox
        } else if used >= quota && !self.overage {
            Spent::Monthly
        } else {
            Spent::No
        };
        if matches!(spent, Spent::No) {
            if counted {
                self.minute.push_back(now.instant);
            }
            self.charge(test_key, 1);
        }
        (spent, self.budget(test_key, now))
    }

    /// Counts one bulk operation, `false` if the hour's are used up.
    pub(crate) fn take_bulk(&mut self, now: Moment) -> bool {
        while self.bulk.front().is_some_and(|first| now.instant.duration_since(*first) >= BULK_WINDOW) {
            self.bulk.pop_front();
        }
        let allowed = self.bulk.len() < BULK_PER_HOUR;
        if allowed {
            self.bulk.push_back(now.instant);
        }
        allowed
    }

    /// Counts the records of an import on top of its request.
    pub(crate) fn charge(&mut self, test_key: bool, records: u64) {
        let used = if test_key { &mut self.sandbox_used } else { &mut self.live_used };
        *used = used.saturating_add(records);
    }

    fn budget(&self, test_key: bool, now: Moment) -> Budget {
        let total = self.per_minute;
        let remaining = total.saturating_sub(u32::try_from(self.minute.len()).unwrap_or(u32::MAX));
        let first = self.minute.front();
        let passed = first.map_or(Duration::ZERO, |first| now.instant.duration_since(*first));
        // Rounded up: a client that waits so long must find room.
        let reset_seconds = WINDOW.saturating_sub(passed).as_millis().div_ceil(1000).max(1) as u64;
        let mut headers = vec![
            header("x-ratelimit-limit", total),
            header("x-ratelimit-remaining", remaining),
            header("x-ratelimit-reset", reset_seconds),
            header("x-quota-limit", self.monthly),
            header("x-quota-used", self.live_used),
            header("x-quota-remaining", self.monthly.saturating_sub(self.live_used)),
            header("x-quota-billable", !test_key),
            header("x-quota-reset", now.next_month_iso()),
        ];
        if self.live_used > self.monthly {
            headers.push(header("x-quota-overage", self.live_used - self.monthly));
        }
        if test_key {
            headers.push(header("x-sandbox-limit", self.sandbox));
            headers.push(header("x-sandbox-used", self.sandbox_used));
            headers.push(header("x-sandbox-remaining", self.sandbox.saturating_sub(self.sandbox_used)));
        }
        Budget { total, remaining, reset_seconds, test_key, headers }
    }
}

fn header(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// The 429 of a limit, or `None` if nothing is spent.
pub(crate) fn refusal(spent: &Spent, budget: &Budget, request_id: &str) -> Option<Answer> {
    match spent {
        Spent::No => None,
        Spent::Minute => Some(
            Answer::json(
                429,
                &json!({
                    "error": "Too Many Requests",
                    "message": "Rate limit exceeded",
                    "code": "RATE_LIMITED",
                    "requestId": request_id,
                }),
            )
            .header("retry-after", budget.reset_seconds.to_string()),
        ),
        Spent::Monthly => Some(Answer::json(
            429,
            &json!({
                "error": "Quota exceeded",
                "message": "Monthly request quota reached. Enable overage billing or upgrade your plan to keep serving traffic.",
                "code": "MONTHLY_QUOTA_EXCEEDED",
            }),
        )),
        Spent::Sandbox => Some(Answer::json(
            429,
            &json!({
                "error": "Quota exceeded",
                "message": "Monthly sandbox allowance used up.",
                "code": "SANDBOX_QUOTA_EXCEEDED",
            }),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        // One start for all moments of a test.
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        let start = *START.get_or_init(Instant::now);
        Moment {
            instant: start + Duration::from_secs(seconds),
            since_epoch: Duration::from_secs(1_785_679_511 + seconds),
        }
    }

    #[test]
    fn the_minute_rolls() {
        let mut limits = Limits::new(&StandinConfig { plan_per_minute: 2, ..StandinConfig::default() });
        assert!(matches!(limits.take(false, at(0)).0, Spent::No));
        assert!(matches!(limits.take(false, at(10)).0, Spent::No));
        let (spent, budget) = limits.take(false, at(30));
        assert!(matches!(spent, Spent::Minute));
        assert_eq!((budget.remaining, budget.reset_seconds), (0, 30));
        assert!(matches!(limits.take(false, at(60)).0, Spent::No));
        assert!(matches!(limits.take(false, at(69)).0, Spent::Minute));
    }

    #[test]
    fn quotas_are_of_their_own_and_overage_lets_pass() {
        let config = StandinConfig { monthly_quota: 1, sandbox_quota: 1, ..StandinConfig::default() };
        let mut limits = Limits::new(&config);
        assert!(matches!(limits.take(false, at(0)).0, Spent::No));
        assert!(matches!(limits.take(false, at(0)).0, Spent::Monthly));
        assert!(matches!(limits.take(true, at(0)).0, Spent::No));
        assert!(matches!(limits.take(true, at(0)).0, Spent::Sandbox));

        let mut limits = Limits::new(&StandinConfig { overage: true, ..config });
        limits.take(false, at(0));
        let (spent, budget) = limits.take(false, at(0));
        assert!(matches!(spent, Spent::No));
        assert!(budget.headers.contains(&header("x-quota-overage", 1)));
    }

    #[test]
    fn five_bulk_operations_an_hour() {
        let mut limits = Limits::new(&StandinConfig::default());
        let allowed = (0..7).filter(|_| limits.take_bulk(at(0))).count();
        assert_eq!(allowed, 5);
        assert!(!limits.take_bulk(at(3599)));
        assert!(limits.take_bulk(at(3600)));
    }
}
