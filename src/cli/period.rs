//! The beginning and end of a period, as `audit export` and `report` take them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A time, or the beginning of a day in UTC.
pub(super) fn time(text: &str) -> Result<Timestamp, &'static str> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(day)
        .ok_or("expected a time such as 2026-10-01 or 2026-10-01T00:00:00Z")
}

/// Refuses a period that nothing can lie in: its beginning and end are mistaken for each other.
pub(super) fn ordered(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), &'static str> {
    match (from, to) {
        (Some(from), Some(to)) if from >= to => {
            Err("--from must be before --to, which is no part of the period")
        }
        _ => Ok(()),
    }
}
