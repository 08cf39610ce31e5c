//! Lines that the trail writes of itself, and how the members of any line are written.
//!
//! When such a line is due is for `lines` to say.

use jiff::Timestamp;
use serde::Serialize;

/// A line about the trail.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Note<'a> {
    /// The first line of each file.
    SegmentStarted { time: &'a str, chain: &'a str, segment: u64, version: &'a str },
    /// A process goes on with a trail that was there.
    TrailResumed {
        time: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside_bytes: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside_sha256: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        missing_from: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        missing_to: Option<u64>,
    },
    /// Somebody else cut the file of this segment, or deleted it: records that were in it are gone from here.
    SegmentCut { time: &'a str, segment: u64, bytes_written: u64, bytes_left: u64 },
    /// So many records could not be written and were not kept either.
    RecordsMissed { time: &'a str, count: u64 },
    /// The clients of these lines were told of a failure, whatever the lines say.
    DurabilityLost { time: &'a str, from: u64, to: u64 },
}

/// The members of a line, without braces. Plain data; writing it to memory cannot fail.
pub(in crate::audit) fn fields_of(line: &impl Serialize) -> Vec<u8> {
    members(&serde_json::to_vec(line).unwrap_or_default()).to_vec()
}

/// What stands between the braces.
pub(in crate::audit) fn members(object: &[u8]) -> &[u8] {
    object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or_default()
}

/// The time as lines have it: to the microsecond, in UTC.
pub(super) fn now() -> String {
    format!("{:.6}", Timestamp::now())
}
