//! A second YAML reader has to see the same policy.
//!
//! `serde_yaml` (libyaml, YAML 1.1) reads files as `kubectl`, Helm and most tools of a platform team do; positions
//! come from a YAML 1.2 parser. Where the two read the same bytes differently, a reviewer and the guard would see
//! different policies, so such a file is refused.

use serde_yaml::Value as Seen;

use super::problem::Position;
use super::tree::{Node, Value};

/// The first place where the other reader does not find the keys, lists and texts in `text` that stand in `node`.
pub(super) fn disagreement(node: Option<&Node>, text: &str) -> Option<Position> {
    match (node, serde_yaml::from_str::<Seen>(text)) {
        (Some(node), Ok(seen)) => difference(node, &seen),
        (None, Ok(seen)) => (!seen.is_null()).then_some(Position::START),
        (_, Err(error)) => {
            let place = error.location();
            Some(place.map_or(Position::START, |place| Position::new(place.line(), place.column(), 1)))
        }
    }
}

fn difference(node: &Node, seen: &Seen) -> Option<Position> {
    let same = match (&node.value, seen) {
        (Value::Map(entries), Seen::Mapping(mapping)) if entries.len() == mapping.len() => {
            return entries.iter().zip(mapping).find_map(|(entry, (key, value))| {
                match key.as_str().is_none_or(|key| key == entry.key) {
                    true => difference(&entry.value, value),
                    false => Some(entry.key_at),
                }
            });
        }
        (Value::List(items), Seen::Sequence(sequence)) if items.len() == sequence.len() => {
            return items.iter().zip(sequence).find_map(|(item, seen)| difference(item, seen));
        }
        (Value::Scalar { text, .. }, Seen::String(seen)) => text == seen,
        (Value::Scalar { plain, .. }, Seen::Bool(_) | Seen::Number(_)) => *plain,
        (Value::Scalar { .. }, Seen::Null) => node.is_null(),
        _ => false,
    };
    (!same).then_some(node.at)
}
