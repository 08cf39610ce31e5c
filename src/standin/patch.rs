//! The two patch forms seen on the wire: a partial object (RFC 7396 merge) and a list of operations (RFC 6902).

use serde_json::{Map, Value};

/// `null` removes, objects merge, everything else replaces.
pub(crate) fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (value, target.get_mut(&name)) {
            (Value::Null, _) => {
                target.shift_remove(&name);
            }
            (Value::Object(inner), Some(Value::Object(old))) => merge(old, inner),
            (value, _) => {
                target.insert(name, value);
            }
        }
    }
}

/// Applies `add`, `replace`, `remove` and `test`. `None` if an operation is not one of these or does not fit;
/// `document` may then be half changed.
pub(crate) fn apply(document: &mut Value, operations: &[Value]) -> Option<()> {
    for operation in operations {
        let path = operation.get("path")?.as_str()?;
        let (parent, last) = path.rsplit_once('/')?;
        let last = last.replace("~1", "/").replace("~0", "~");
        let value = operation.get("value");
        let parent = document.pointer_mut(parent)?;
        match (operation.get("op")?.as_str()?, parent) {
            ("add" | "replace", Value::Object(parts)) => {
                parts.insert(last, value?.clone());
            }
            ("remove", Value::Object(parts)) => {
                parts.shift_remove(&last)?;
            }
            ("test", Value::Object(parts)) if parts.get(&last) == value => {}
            ("add", Value::Array(items)) => {
                let index = if last == "-" { items.len() } else { last.parse().ok()? };
                if index > items.len() {
                    return None;
                }
                items.insert(index, value?.clone());
            }
            ("replace", Value::Array(items)) => *items.get_mut(last.parse::<usize>().ok()?)? = value?.clone(),
            ("remove", Value::Array(items)) => {
                let index = last.parse::<usize>().ok().filter(|index| *index < items.len())?;
                items.remove(index);
            }
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn partial_objects_merge() {
        let Value::Object(mut target) = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": 4}) else { return };
        let Value::Object(patch) = json!({"a": 9, "b": {"c": null, "x": 1}, "e": null, "f": []}) else {
            return;
        };
        merge(&mut target, patch);
        assert_eq!(Value::Object(target), json!({"a": 9, "b": {"d": 3, "x": 1}, "f": []}));
    }

    #[test]
    fn operations_apply_or_fail() {
        let mut document = json!({"name": [{"family": "Old"}], "gender": "male"});
        let operations = json!([
            {"op": "replace", "path": "/name/0/family", "value": "New"},
            {"op": "add", "path": "/name/-", "value": {"family": "Second"}},
            {"op": "remove", "path": "/gender"},
            {"op": "test", "path": "/name", "value": [{"family": "New"}, {"family": "Second"}]},
        ]);
        assert!(apply(&mut document, operations.as_array().map_or(&[], Vec::as_slice)).is_some());
        assert_eq!(document, json!({"name": [{"family": "New"}, {"family": "Second"}]}));
        for bad in [
            json!({"op": "move", "path": "/a", "from": "/b"}),
            json!({"op": "remove", "path": "/none"}),
            json!({"op": "add", "path": "/name/9", "value": 1}),
            json!({"op": "add", "path": "", "value": 1}),
            json!(7),
        ] {
            assert!(apply(&mut document, std::slice::from_ref(&bad)).is_none(), "{bad}");
        }
    }
}
