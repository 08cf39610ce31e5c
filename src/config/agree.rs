//! A second YAML reader has to see the same policy.
//!
//! `serde_yaml` (libyaml, YAML 1.1) reads files as `kubectl`, Helm and most tools of a platform team do; positions
//! come from a YAML 1.2 parser. Where the two read the same bytes differently, a reviewer and the guard would see
//! different policies, so such a file is refused.

use serde_yaml::Value as Seen;

use super::tree::{Node, Value};

/// Whether the other reader finds the same keys, lists and texts in `text` as stand in `node`.
pub(super) fn agrees(node: Option<&Node>, text: &str) -> bool {
    match (node, serde_yaml::from_str::<Seen>(text)) {
        (Some(node), Ok(seen)) => same(node, &seen),
        (None, Ok(seen)) => seen.is_null(),
        (_, Err(_)) => false,
    }
}

fn same(node: &Node, seen: &Seen) -> bool {
    match (&node.value, seen) {
        (Value::Map(entries), Seen::Mapping(mapping)) => {
            entries.len() == mapping.len()
                && entries.iter().zip(mapping).all(|(entry, (key, value))| {
                    key.as_str().is_none_or(|key| key == entry.key) && same(&entry.value, value)
                })
        }
        (Value::List(items), Seen::Sequence(sequence)) => {
            items.len() == sequence.len() && items.iter().zip(sequence).all(|(item, seen)| same(item, seen))
        }
        (Value::Scalar { text, .. }, Seen::String(seen)) => text == seen,
        (Value::Scalar { plain, .. }, Seen::Bool(_) | Seen::Number(_)) => *plain,
        (Value::Scalar { .. }, Seen::Null) => node.is_null(),
        _ => false,
    }
}
