//! Wall-clock text as the API writes it, and the month arithmetic of its quota.
//!
//! The only place of the stand-in that reads a clock; everything else takes the moment as an argument.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One moment, by both clocks: the monotonic one for limits, the wall one for what is printed.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) instant: Instant,
    pub(crate) since_epoch: Duration,
}

pub(crate) fn now() -> Moment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one clock of the stand-in, which has no exchange to ask"
    )]
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { instant: Instant::now(), since_epoch }
}

impl Moment {
    /// `2026-08-02T14:05:11.402Z`.
    pub(crate) fn iso(self) -> String {
        let seconds = self.since_epoch.as_secs();
        let (year, month, day) = civil(seconds / 86_400);
        let of_day = seconds % 86_400;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
            of_day / 3600,
            of_day / 60 % 60,
            of_day % 60,
            self.since_epoch.subsec_millis()
        )
    }

    /// The first instant of the next month, when the quotas start anew.
    pub(crate) fn next_month_iso(self) -> String {
        let (year, month, _) = civil(self.since_epoch.as_secs() / 86_400);
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        format!("{year:04}-{month:02}-01T00:00:00.000Z")
    }
}

/// Year, month and day of a number of days since 1970-01-01 (proleptic Gregorian, era arithmetic of 400 years).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468; // days since 0000-03-01
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153; // 0 = March
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_is_written_as_the_api_writes_it() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z", "1970-02-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z", "2000-03-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z", "2000-03-01T00:00:00.000Z"),
            (1_785_679_511_402, "2026-08-02T14:05:11.402Z", "2026-09-01T00:00:00.000Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z", "2027-01-01T00:00:00.000Z"),
        ];
        for (millis, iso, reset) in cases {
            let moment = Moment { instant: Instant::now(), since_epoch: Duration::from_millis(millis) };
            assert_eq!((moment.iso().as_str(), moment.next_month_iso().as_str()), (iso, reset));
        }
    }
}
