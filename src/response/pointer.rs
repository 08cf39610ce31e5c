//! Error text inside successful answers: the values under JSON pointers of the policy are scrubbed.

use serde_json::Value;

use crate::phi::Engine;
use crate::phi::echo::Echo;
use crate::phi::scrub::Redactions;

/// Scrubs every string at or below each pointer (RFC 6901); nothing if the text is not JSON. Envelope or not: a
/// pointer is tried at the root and under `/data`.
pub fn scrub(text: &[u8], pointers: &[&str], engine: &Engine, echo: &Echo) -> Option<(Vec<u8>, Redactions)> {
    let mut json: Value = serde_json::from_slice(text).ok()?;
    let mut redactions = Redactions::default();
    for pointer in pointers {
        let bare = pointer.strip_prefix("/data").filter(|rest| rest.starts_with('/'));
        for path in std::iter::once(*pointer).chain(bare) {
            if let Some(value) = json.pointer_mut(path) {
                walk(value, engine, echo, &mut redactions);
            }
        }
    }
    Some((serde_json::to_vec(&json).ok()?, redactions))
}

/// Recursion is bounded by the parser, which refuses more than 128 levels.
fn walk(value: &mut Value, engine: &Engine, echo: &Echo, redactions: &mut Redactions) {
    match value {
        Value::String(text) => {
            let (clean, found) = engine.scrub_text(text, echo);
            redactions.add_all(&found);
            *text = clean;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, engine, echo, redactions)),
        Value::Object(members) => members.values_mut().for_each(|item| walk(item, engine, echo, redactions)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
