//! The stamp that opens a line of a log.
//!
//! Owns the forms that nothing but a program writes; all other dates are judged by the rules for them.

/// End of the stamp that opens a log line: `2026-11-21 22:04:11.402 INFO`, `2026-11-21T22:04:11Z [`. The level or
/// bracket is asked for, because a date of birth may open a line as well.
pub(super) fn stamp(bytes: &[u8]) -> Option<usize> {
    if let Some(end) = epoch_and_day(bytes) {
        return Some(end);
    }
    const SHAPE: &[u8; 19] = b"0000-00-00 00:00:00";
    let head = bytes.first_chunk::<19>()?;
    let shaped = head.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        _ => byte == shape,
    });
    if !shaped {
        return None;
    }
    let mut end = 19;
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        end += 1;
        end += bytes[end..].iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    }
    if bytes.get(end) == Some(&b'Z') {
        end += 1;
    }
    let spaces = bytes[end..].iter().take(2).take_while(|b| **b == b' ').count();
    let rest = &bytes[end + spaces..];
    const LEVELS: [&[u8]; 8] = [b"[", b"INFO", b"WARN", b"ERROR", b"DEBUG", b"TRACE", b"FATAL", b"NOTICE"];
    (spaces > 0 && LEVELS.iter().any(|level| rest.starts_with(level)) && !rest.starts_with(b"[REDACTED"))
        .then_some(end)
}

/// `- 1117838570 2005.06.03 `: a flag, the seconds of the epoch and the day again.
fn epoch_and_day(bytes: &[u8]) -> Option<usize> {
    const SHAPE: &[u8] = b"0000000000 0000.00.00 ";
    const FLAG_BYTES_MAX: usize = 16;
    let flag = bytes.iter().take(FLAG_BYTES_MAX).position(|byte| *byte == b' ')? + 1;
    let start = if bytes[0].is_ascii_digit() { 0 } else { flag };
    let head = bytes.get(start..start + SHAPE.len())?;
    let shaped = head
        .iter()
        .zip(SHAPE)
        .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape });
    shaped.then_some(start + SHAPE.len() - 1)
}
