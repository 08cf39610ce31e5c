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
        let ends = !value.get(one).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
        // `(PatientID ABJ-20418)`: as a hospital writes it.
        let capitals = value.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
        let number = capitals + usize::from(dash(capitals));
        let digits = group(number);
        let written = (1..=5).contains(&capitals)
            && (5..=9).contains(&digits)
            && !value
                .get(number + digits)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        return gap == 1
            && behind[0] == b' '
            && head.ends_with(b"PatientID")
            && ((7..=9).contains(&one) && ends || written);
    }
    let two = group(one + 1);
    let third = one + two + 2;
    let three = group(third);
    let ends = !value.get(third + three).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    matches!(two, 2 | 3) && dash(one + 1 + two) && (2..=4).contains(&three) && ends
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
            "PatientID",
        ] {
            assert!(!judge(text), "{text}");
        }
    }
}
