//! Objects that speak of no person, by their members alone: the release of a program, a parameter of an operation.

use super::{Kind, Tape};
use crate::phi::names;
use crate::phi::structure::words;

/// `{"family":"Android","major":"14"}`: the release of a program or the model of a machine, and nothing of a person.
pub(super) fn is_released(text: &str, tape: &Tape, object: usize) -> bool {
    const PARTS: [&str; 9] =
        ["family", "major", "minor", "patch", "patch_minor", "patchMinor", "version", "brand", "model"];
    let keys = || tape.members(object).map(|(key, _)| &text[tape.tokens[key].start..tape.tokens[key].end]);
    // `"device":{"family":"Okonjo","model":"x"}`
    const FAMILIES: [&str; 12] = [
        "Android", "iOS", "iPhone", "iPad", "Mac", "macOS", "Chrome", "Firefox", "Safari", "Edge", "Windows",
        "Linux",
    ];
    let named = tape.members(object).any(|(key, value)| {
        let [key, held] = [key, value].map(|at| &text[tape.tokens[at].start..tape.tokens[at].end]);
        key == "family" && !FAMILIES.contains(&held)
    });
    !named && keys().count() >= 2 && keys().all(|key| PARTS.contains(&key))
}

/// `{"name":"match","part":[…]}`, `{"name":"source","valueUri":"…"}`: a parameter of FHIR, and its name a word of an operation.
/// False if somebody is called so; nothing if the object is none.
pub(super) fn is_parameter(text: &str, tape: &Tape, object: usize) -> Option<bool> {
    let (mut valued, mut named) = (0, None);
    for (key, value) in tape.members(object) {
        let [key, value] = [key, value].map(|at| &tape.tokens[at]);
        let held = &text[value.start..value.end];
        match &text[key.start..key.end] {
            "name" if value.kind == Kind::Str => named = Some(held),
            "part" | "resource" => valued += 1,
            key if key.strip_prefix("value").is_some_and(|kind| kind.starts_with(char::is_uppercase)) => {
                valued += 1
            }
            _ => return None,
        }
    }
    let name = named.filter(|_| valued == 1)?;
    match (words::is_name_of_parameter(name), names::is_rather_a_name(name)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
