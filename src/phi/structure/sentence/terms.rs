//! What a sentence quotes that is nobody's: types of resources, displays of terms, counters in a row.

/// `RECEIVED 120334 FILTERED 881`: counters in a row, in capitals.
pub(super) fn is_counter(cue: &str, line: &str) -> bool {
    let mut words = line.split(' ');
    let number = |word: Option<&str>| word.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let capitals = |word: &str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    capitals(cue.trim())
        && number(words.next())
        && words.next().is_some_and(|word| capitals(word) && word != "EXPECTED")
        && number(words.next())
}

/// `Wrong Display Name 'Chemistry' for http://snomed.info/sct`, `is deprecated with the note: '…'`, `the publisher should be '…'`:
/// validators speak of terms, profiles and who wrote them.
pub(super) fn is_of_terminology(left: &str, right: &str) -> bool {
    let displayed = ((left.contains("Display Name") || left.contains("isplay is"))
        || right.starts_with(" is the default display"))
        && [left, right]
            .iter()
            .any(|clause| clause.contains("://") || clause.contains("urn:") || clause.contains(" code "));
    displayed
        || right.starts_with(" is the default display")
        || left.contains("deprecated")
        || left.contains("publisher should be")
}
