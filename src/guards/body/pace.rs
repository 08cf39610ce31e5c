//! How long a streamed body may keep the guard waiting: a grace, and its size at a least rate.
//!
//! Only waiting for the client counts. A slow upstream, which leaves what has come unread, costs the client nothing.

use std::num::NonZeroU64;
use std::time::Duration;

use tokio::time::Instant;

/// The limits of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub grace: Duration,
    /// Bytes a second.
    pub rate_min: NonZeroU64,
}

pub(super) struct Pace {
    patience: Patience,
    bytes: u64,
    waited: Duration,
    since: Option<Instant>,
}

impl Pace {
    pub(super) fn new(patience: Patience) -> Pace {
        Pace { patience, bytes: 0, waited: Duration::ZERO, since: None }
    }

    /// So many bytes came.
    pub(super) fn got(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.since.take() {
            self.waited += now.saturating_duration_since(since);
        }
        self.bytes += bytes as u64;
    }

    /// Nothing is there; how long to wait for more.
    pub(super) fn until(&mut self, now: Instant) -> Instant {
        let since = *self.since.get_or_insert(now);
        let earned = Duration::from_millis(self.bytes.saturating_mul(1000) / self.patience.rate_min);
        since + (self.patience.grace + earned).saturating_sub(self.waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n_bytes_a_second_pass_and_fewer_run_out_of_time() {
        let seconds = Duration::from_secs;
        let rate_min = NonZeroU64::new(100).expect("not zero");
        for (bytes_a_second, lasts) in [(100, true), (99, false)] {
            let mut pace = Pace::new(Patience { grace: seconds(3), rate_min });
            let start = Instant::now();
            let mut now = start;
            let outlived = (0..1000).all(|_| {
                let until = pace.until(now);
                now += seconds(1);
                pace.got(bytes_a_second, now);
                until >= now
            });
            assert_eq!(outlived, lasts, "{bytes_a_second}");
        }
    }

    #[test]
    fn silence_lasts_as_long_as_the_grace_and_time_upstream_is_free() {
        let rate_min = NonZeroU64::new(1000).expect("not zero");
        let mut pace = Pace::new(Patience { grace: Duration::from_secs(3), rate_min });
        let start = Instant::now();
        assert_eq!(pace.until(start), start + Duration::from_secs(3));
        pace.got(2000, start + Duration::from_secs(1));
        // An hour in which nobody asked for more.
        let later = start + Duration::from_secs(3600);
        assert_eq!(pace.until(later), later + Duration::from_secs(4));
        assert_eq!(pace.until(later + Duration::from_secs(1)), later + Duration::from_secs(4));
    }
}
