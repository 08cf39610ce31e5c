//! What a sentence quotes that is nobody's: types of resources, displays of terms, counters in a row.

use crate::phi::names;

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
    let said = left.contains("Display Name") || left.ends_with("display name ") || left.contains("isplay is");
    // `The code '8480-6' with display 'Systolic blood pressure' is not in the value set …`
    let shown = ["with display ", "has display ", "display was "].iter().any(|shown| left.ends_with(shown))
        && (left.contains("code ") || left.contains("oding "))
        && ["value set", "valueset", "ValueSet", "code system", "CodeSystem"]
            .iter()
            .any(|of| right.contains(of));
    let system = || {
        [left, right].iter().any(|clause| clause.contains("://") || clause.contains("urn:"))
            || right.starts_with(" for code")
            || right.starts_with(" in system")
    };
    // `display name 'Vex Ottoline' invalid, error code 12`: of somebody.
    let of_somebody = || {
        left.to_ascii_lowercase().contains("patient")
            || [left, right]
                .iter()
                .any(|clause| clause.contains("error code") || clause.contains("status code"))
    };
    (said && system() || shown) && !of_somebody()
        || right.starts_with(" is the default display")
        || left.contains("deprecated")
        || left.contains("publisher should be")
}

/// `secret "web-ssl" not found`, `error message was "context deadline exceeded"`, `contains "Mercury" mode`: names of objects of
/// Kubernetes, what a program said, parts of it.
pub(super) fn is_named_by_a_program(left: &str, content: &str, right: &str) -> bool {
    const MISSING: [&str; 5] =
        [" not found", " is not set", " does not exist", " already exists", " is forbidden"];
    const PARTS: [&str; 6] = ["mode", "feature", "option", "setting", "plugin", "module"];
    let left = left.trim_end();
    // RFC 1123 labels, of words alone, and of more than names.
    let label = content.contains('-')
        && content
            .split('-')
            .all(|part| (2..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !content.split('-').all(names::is_listed);
    // Behind what failed for want of it, or alone.
    let object = ["secret", "Secret", "configmap"].iter().any(|kind| {
        left.strip_suffix(kind)
            .is_some_and(|head| head.is_empty() || head.ends_with(": ") || head.ends_with(" of "))
    });
    let said = ["error message was", "error was", "error string was"].iter().any(|said| left.ends_with(said));
    // `Type "net share" to check for the share.`
    let prompt = (left == "Type" || left.ends_with(". Type")) && right.starts_with(" to ");
    let part = right.strip_prefix(' ').and_then(|rest| rest.split(|c: char| !c.is_alphabetic()).next());
    // ModSecurity numbers requests.
    let request = left.ends_with("[unique_id") && right.starts_with(']') && is_of_a_request(content);
    prompt
        || request
        || object && label && MISSING.iter().any(|missing| right.starts_with(missing))
        || said && ["context deadline exceeded", "context canceled", "connection refused"].contains(&content)
        || part.is_some_and(|part| PARTS.contains(&part))
            && !content.contains(' ')
            && !names::is_distinctive(content)
}

/// An address, a time and a counter in base64, or a time with a counter behind the point.
fn is_of_a_request(number: &str) -> bool {
    let has = |fits: fn(&u8) -> bool| number.bytes().any(|byte| fits(&byte));
    let packed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@-_.".contains(&byte));
    plain
        && (16..=32).contains(&number.len())
        && (packed || number.contains('.') && !has(u8::is_ascii_alphabetic))
}
