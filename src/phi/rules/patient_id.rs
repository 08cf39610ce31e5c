//! Numbers of hospitals under `patientId`, a key that mostly holds what a server made.
//!
//! Owns the forms such a number is written in; whether it is hidden is for those who found it.

/// Behind `PatientID` or `patient id`, which ends at `end`: `00-88-1742`, `072-670-841`; or `1355858` behind the attribute of
/// DICOM in prose.
pub(in crate::phi) fn is_number_of_patient(bytes: &[u8], end: usize) -> bool {
    const ENDS: [&[u8]; 4] = [b"patientid", b"patient_id", b"patient id", b"patient-id"];
    let head = &bytes[end.saturating_sub(10)..end];
    let is_key =
        |key: &&[u8]| head.len() >= key.len() && head[head.len() - key.len()..].eq_ignore_ascii_case(key);
    if !ENDS.iter().any(is_key) {
        return false;
    }
    let behind = &bytes[end..];
    let opens = |byte: &&u8| matches!(byte, b' ' | b':' | b'\'' | b'"' | b'[' | b'=' | b'#' | b'\\');
    let gap = behind.iter().take(5).take_while(opens).count();
    let value = &behind[gap..];
    let group = |at: usize| {
        value.get(at..).unwrap_or_default().iter().take(10).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let one = group(0);
    let dash = |at: usize| value.get(at) == Some(&b'-');
    if gap == 0 || !matches!(one, 2 | 3) || !dash(one) {
        // A server counts up to as many.
        let ends =
            !value.get(one).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(byte));
        // No server pads what it counts: `00417732`.
        if gap > 0
            && ends
            && value.starts_with(b"0")
            && (6..=9).contains(&one)
            && value[..one].iter().filter(|byte| **byte != b'0').count() >= 2
            && ![&b" (page"[..], b" of "].iter().any(|tail| value[one..].starts_with(tail))
        {
            return true;
        }
        let attribute = head.ends_with(b"PatientID");
        let signs = &behind[..gap];
        // In prose and in what DICOM prints; `patientId=` and `"patient_id": ` are keys of programs.
        let said =
            signs.starts_with(b" ") && !signs.contains(&b'=') || signs.starts_with(b": ") && signs.len() == 2;
        return attribute
            && gap > 0
            && signs.iter().all(|sign| b" '".contains(sign))
            && (7..=9).contains(&one)
            && ends
            || (attribute || said) && is_written(value);
    }
    let two = group(one + 1);
    let third = one + two + 2;
    let three = group(third);
    let ends = !value.get(third + three).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    matches!(two, 2 | 3) && dash(one + 1 + two) && (2..=4).contains(&three) && ends
}

/// `RDX0081234`, `ABJ-20418`, `MAT-7731-02`, `00881742/A`: capitals and digits, as a hospital writes them.
fn is_written(value: &[u8]) -> bool {
    let count = |at: usize, is: fn(&u8) -> bool| {
        value.get(at..).unwrap_or_default().iter().take(10).take_while(|byte| is(byte)).count()
    };
    let dash = |at: usize| usize::from(value.get(at) == Some(&b'-'));
    let capitals = count(0, u8::is_ascii_uppercase);
    let number = capitals + dash(capitals);
    let digits = count(number, u8::is_ascii_digit);
    let check = number + digits + dash(number + digits);
    let more = if check > number + digits { count(check, u8::is_ascii_digit) } else { 0 };
    if capitals == 0 {
        // A letter that checks the digits.
        return (5..=9).contains(&digits)
            && matches!(value[digits..], [b'/', b'A'..=b'Z', ref rest @ ..]
                if !rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(byte)));
    }
    (1..=5).contains(&capitals)
        && (4..=9).contains(&digits)
        && digits + more >= 5
        && more <= 4
        && !value.get(check + more).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::is_number_of_patient;

    #[test]
    fn a_number_in_groups_is_a_hospitals_and_what_a_server_made_is_not() {
        let judge = |text: &str| {
            let end = text.to_ascii_lowercase().find("id").map_or(0, |at| at + 2);
            is_number_of_patient(text.as_bytes(), end)
        };
        for text in [
            "PatientID 00-88-1742 not found",
            "patient id 12-35-84",
            "Patient ID: 072-670-841",
            "patient_id=31-92-98",
            "PatientID '92-82-2722'",
            "PatientID 1355858 not found",
            "PatientID 'RDX0081234' does not match",
            "PatientID=[RDX0081234]",
            "patient id A0041877 does not exist",
            "patient id 'MAT-7731-02', giving up",
            "patient id: KCH204188 dropped",
            "PatientId \"K4471820\" was merged",
            "patient ID 00881742/A not on list",
        ] {
            assert!(judge(text), "{text}");
        }
        for text in [
            "patientId=13558582",
            "Patient id: 5512",
            "patient id 1355858",
            "patient id 2026-11-21",
            "PatientID 4471",
            "PatientID 1794814200",
            "patientId=6697fa3d-e8e6-4cac-8eb5-2b17aa",
            "patient_id = $1",
            "patientId=K4471820",
            "patient id TEST001",
            "patient id A1234567-9d58-4a0f",
            "patient id 00881742/API",
            "PatientID",
        ] {
            assert!(!judge(text), "{text}");
        }
    }
}
