//! Readers: one value of the file to one type, or a problem that says what was expected.
//!
//! Strict on purpose: a number without a unit is not a duration, `yes` is not `true`, `64KB` is not `64KiB`.

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;

use super::nearest::nearest;
use super::problem::Problems;
use super::source::looks_secret;
use super::tree::Node;

const TEXT_CHARS_MAX: usize = 1024;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One of a closed set of words.
pub fn word<T: Copy>(node: &Node, words: &[(&'static str, T)], problems: &mut Problems) -> Option<T> {
    if let Some((_, value)) = words.iter().find(|(word, _)| Some(*word) == node.text()) {
        return Some(*value);
    }
    let names = || words.iter().map(|(word, _)| *word);
    let what = match words.len() {
        1 => format!("`{}`", words[0].0),
        _ => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
    };
    if names().any(|name| name == "off") && matches!(node.text(), Some("false" | "no" | "False")) {
        // Tools that read YAML 1.1 turn an unquoted `off` into `false` when they write the file again.
        problems.add(
            node.at,
            &node.path,
            format!("expected {what}; found true or false; did you mean `off`?"),
        );
        return None;
    }
    problems.expected_word(node, &what, names())
}

pub fn flag(node: &Node, problems: &mut Problems) -> Option<bool> {
    match (node.kind(), node.text()) {
        ("true or false", Some("true")) => Some(true),
        ("true or false", Some("false")) => Some(false),
        (_, Some("yes" | "on" | "True" | "TRUE" | "true" | "1")) => {
            problems.expected(node, "true or false (did you mean `true`?)")
        }
        (_, Some("no" | "off" | "False" | "FALSE" | "false" | "0")) => {
            problems.expected(node, "true or false (did you mean `false`?)")
        }
        _ => problems.expected_word(node, "true or false", ["true", "false"]),
    }
}

/// Text that is not empty, without control characters.
pub fn text(node: &Node, problems: &mut Problems) -> Option<String> {
    match node.text() {
        Some(text) if text.trim().is_empty() => problems.expected(node, "text that is not empty"),
        Some(text) if text.chars().count() > TEXT_CHARS_MAX => {
            problems.expected(node, &format!("at most {TEXT_CHARS_MAX} characters"))
        }
        Some(text) if text.chars().any(char::is_control) => problems.expected(node, "text on one line"),
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "text"),
    }
}

/// A short name that becomes a label in metrics and audit records.
pub fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let fits = |text: &&str| {
        (1..=48).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && !looks_secret(text)
    };
    match node.text().filter(fits) {
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "a name of at most 48 letters, digits, `-`, `_` or `.`"),
    }
}

pub fn number(range: RangeInclusive<u64>) -> impl Fn(&Node, &mut Problems) -> Option<u64> {
    move |node, problems| {
        let digits = node.text().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
        match digits.and_then(|text| text.parse().ok()).filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None if digits.is_some() => {
                problems.expected(node, &format!("a whole number from {} to {}", range.start(), range.end()))
            }
            None => {
                let negative = node
                    .text()
                    .and_then(|text| text.strip_prefix('-'))
                    .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
                match negative {
                    true => {
                        let (least, most) = (range.start(), range.end());
                        let message =
                            format!("expected a whole number from {least} to {most}; found a negative one");
                        problems.add(node.at, &node.path, message);
                        None
                    }
                    false => problems.expected(node, "a whole number"),
                }
            }
        }
    }
}

/// A count of at least one.
pub fn count(max: usize) -> impl Fn(&Node, &mut Problems) -> Option<NonZeroUsize> {
    move |node, problems| number(1..=max as u64)(node, problems).and_then(|n| NonZeroUsize::new(n as usize))
}

/// A rate of at least one.
pub fn rate(node: &Node, problems: &mut Problems) -> Option<NonZeroU32> {
    number(1..=100_000_000)(node, problems).and_then(|n| NonZeroU32::new(n as u32))
}

/// A duration above zero, at most a day.
pub fn duration(node: &Node, problems: &mut Problems) -> Option<Duration> {
    match duration_or_zero(node, problems)? {
        Duration::ZERO => problems.expected(node, "a duration above zero"),
        duration => Some(duration),
    }
}

pub fn duration_or_zero(node: &Node, problems: &mut Problems) -> Option<Duration> {
    const WHAT: &str = "a duration such as 500ms, 10s, 5m or 1h";
    let Some(text) = node.text() else { return problems.expected(node, WHAT) };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (amount, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" if digits > 0 => return problems.expected(node, &format!("{WHAT} (the unit is missing)")),
        _ => return problems.expected(node, WHAT),
    };
    let duration = amount.parse::<u64>().ok().and_then(|n| n.checked_mul(unit_ms)).map(Duration::from_millis);
    match duration {
        Some(duration) if duration <= DAY => Some(duration),
        Some(_) => problems.expected(node, "a duration of at most 24h"),
        None => problems.expected(node, WHAT),
    }
}

/// A size in bytes within `range`.
pub fn size(range: RangeInclusive<u64>) -> impl Fn(&Node, &mut Problems) -> Option<u64> {
    const WHAT: &str = "a size such as 512, 64KiB or 1MiB";
    move |node, problems| {
        let Some(text) = node.text() else { return problems.expected(node, WHAT) };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (amount, unit) = text.split_at(digits);
        let factor: u64 = match unit {
            "" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => {
                return match nearest(unit, ["KiB", "MiB", "GiB"]).filter(|_| digits > 0) {
                    Some(unit) => problems.expected(node, &format!("{WHAT} (did you mean `{unit}`?)")),
                    None => problems.expected(node, WHAT),
                };
            }
        };
        match amount.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)) {
            Some(bytes) if range.contains(&bytes) => Some(bytes),
            Some(_) => {
                let (least, most) = (show_size(*range.start()), show_size(*range.end()));
                problems.expected(node, &format!("a size from {least} to {most}"))
            }
            None => problems.expected(node, WHAT),
        }
    }
}

/// A size as the policy writes it.
pub fn show_size(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes.is_multiple_of(1 << 30) => format!("{}GiB", bytes >> 30),
        _ if bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        _ => bytes.to_string(),
    }
}

/// An address literal with a port.
pub fn socket_address(node: &Node, problems: &mut Problems) -> Option<SocketAddr> {
    const WHAT: &str = "an address and port such as 127.0.0.1:8080 or \"[::1]:8080\"";
    let Some(text) = node.text() else { return problems.expected(node, WHAT) };
    match text.parse::<SocketAddr>() {
        Ok(address) => Some(address),
        Err(_) if text.starts_with("localhost") => problems.expected(
            node,
            &format!("{WHAT} (a name does not say which address; write 127.0.0.1 and [::1])"),
        ),
        Err(_) if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() => {
            problems.expected(node, &format!("{WHAT} (the port is missing)"))
        }
        Err(_) if text.starts_with(':') => {
            problems.expected(node, &format!("{WHAT} (the address is missing; 0.0.0.0 is all of IPv4)"))
        }
        Err(_) => problems.expected(node, WHAT),
    }
}

pub fn header_name(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    match node.text().and_then(|text| HeaderName::from_bytes(text.as_bytes()).ok()) {
        Some(name) => Some(name),
        None => problems.expected(node, "the name of a header"),
    }
}

/// An absolute path: the working directory of a sidecar is nobody's choice.
pub fn path(node: &Node, problems: &mut Problems) -> Option<PathBuf> {
    match node.text().filter(|text| !text.chars().any(char::is_control)).map(PathBuf::from) {
        Some(path) if path.is_absolute() => {
            problems.names_file(node, &path);
            Some(path)
        }
        _ => problems.expected(node, "an absolute path, which begins with /"),
    }
}

/// The first second after a day written as `2027-01-31`, in UTC.
pub fn end_of_day(node: &Node, problems: &mut Problems) -> Option<u64> {
    let days = node.text().and_then(|text| {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes
                .iter()
                .enumerate()
                .all(|(i, b)| if matches!(i, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u64>().ok());
        if shaped { days_of_date(part(0..4)?, part(5..7)?, part(8..10)?) } else { None }
    });
    match days {
        Some(days) => Some((days + 1) * 86_400),
        None => problems.expected(node, "a date that exists, written as 2027-01-31"),
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar from then on.
fn days_of_date(year: u64, month: u64, day: u64) -> Option<u64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    if year < 1970 || !(1..=*lengths.get(index)?).contains(&day) {
        return None;
    }
    let leaps_before = |year: u64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let days_of_years = (year - 1970) * 365 + leaps_before(year) - leaps_before(1970);
    Some(days_of_years + lengths[..index].iter().sum::<u64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use super::super::problem::Position;
    use super::super::tree::Value;
    use super::*;

    fn node(text: &str) -> Node {
        let value = Value::Scalar { text: text.to_owned(), plain: true };
        Node { at: Position::START, path: "k".into(), value }
    }

    fn reads<T>(text: &str, read: impl Fn(&Node, &mut Problems) -> Option<T>) -> Option<T> {
        let mut problems = Problems::new("p.yaml");
        let value = read(&node(text), &mut problems);
        assert_eq!(value.is_none(), !problems.is_empty(), "{text}: a problem exactly when there is no value");
        value
    }

    #[test]
    fn durations() {
        let cases =
            [("500ms", Some(500)), ("10s", Some(10_000)), ("5m", Some(300_000)), ("1h", Some(3_600_000))];
        let bad = [
            "0s",
            "10",
            "s",
            "",
            "1.5s",
            "-1s",
            "10 s",
            "25h",
            "1d",
            "99999999999999999999s",
            "18446744073709551615h",
        ];
        for (text, ms) in cases.into_iter().chain(bad.map(|text| (text, None))) {
            assert_eq!(reads(text, duration), ms.map(Duration::from_millis), "{text}");
        }
        assert_eq!(reads("0s", duration_or_zero), Some(Duration::ZERO));
        assert_eq!(reads("24h", duration), Some(DAY));
    }

    #[test]
    fn sizes() {
        let cases = [("1", Some(1)), ("64KiB", Some(65_536)), ("1MiB", Some(1 << 20))];
        let bad =
            ["0", "64KB", "64k", "KiB", "1.5MiB", "2MiB", "99999999999999999999", "18446744073709551615GiB"];
        for (text, bytes) in cases.into_iter().chain(bad.map(|text| (text, None))) {
            assert_eq!(reads(text, size(1..=1 << 20)), bytes, "{text}");
        }
    }

    #[test]
    fn dates() {
        let cases = [
            ("1970-01-01", Some(86_400)),
            ("2000-02-29", Some(951_868_800)),
            ("2026-12-31", Some(1_798_761_600)),
            ("2027-01-31", Some(1_801_440_000)),
            ("2027-02-29", None),
            ("2100-02-29", None),
            ("2027-13-01", None),
            ("2027-00-10", None),
            ("2027-01-00", None),
            ("1969-12-31", None),
            ("27-01-31", None),
            ("2027-1-31", None),
            ("2027/01/31", None),
            ("+027-01-31", None),
            ("2027-01-3é", None),
        ];
        for (text, unix) in cases {
            assert_eq!(reads(text, end_of_day), unix, "{text}");
        }
    }
}
