//! The labelled cases as data, and what their labels mean: see `tests/data/phi/README.md`.

use std::path::Path;

use http::Method;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Url,
    Error,
    Log,
}

pub struct Case {
    /// File and id.
    pub id: String,
    /// Written apart from the rules, so that it says something about them.
    independent: bool,
    fields: Value,
}

/// All cases of a place, in the order of their files.
pub fn read(place: Place) -> Vec<Case> {
    let folder = match place {
        Place::Url => "url",
        Place::Error => "error",
        Place::Log => "log",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/phi").join(folder);
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Value = serde_json::from_str(line).expect("each case is JSON");
            let id = fields["id"].as_str().map_or_else(|| (number + 1).to_string(), str::to_owned);
            let independent = place != Place::Url || name.starts_with("held-");
            cases.push(Case { id: format!("{name}/{id}"), independent, fields });
        }
    }
    cases
}

impl Case {
    pub fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_else(|| panic!("{}: no {name}", self.id))
    }

    pub fn optional(&self, name: &str) -> Option<&str> {
        self.fields[name].as_str()
    }

    pub fn method(&self) -> Method {
        self.text("method").parse().expect("a method")
    }

    pub fn status(&self) -> u16 {
        self.fields["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status")
    }

    pub fn is_clean(&self) -> bool {
        self.fields["clean"].as_bool().expect("a label")
    }

    pub fn has_tag(&self, tag: &str) -> bool {
        self.fields["tags"].as_array().is_some_and(|tags| tags.iter().any(|known| known == tag))
    }

    /// Is it one that the goals are about?
    pub fn counts(&self) -> bool {
        self.independent && !self.has_tag("contested") && !self.has_tag("beyond-spec")
    }

    /// The secrets that are still in an answer, as written or once its JSON is decoded, whatever the case.
    pub fn survivors(&self, answer: &str) -> Vec<&str> {
        let mut view = without_placeholders(answer);
        if let Ok(value) = serde_json::from_str::<Value>(answer) {
            let mut decoded = String::new();
            leaves(&value, &mut decoded);
            view.push('\n');
            view.push_str(&without_placeholders(&decoded));
        }
        let view: String = view.nfc().collect();
        let folded = view.to_lowercase();
        let gone = self.fields["gone"].as_array().expect("a label").iter().filter_map(Value::as_str);
        gone.filter(|secret| {
            let secret: String = secret.nfc().collect();
            if secret.len() <= 3 && secret.is_ascii() {
                // "Ng" must not be found in "missing".
                stands_alone(&view, &secret)
            } else {
                folded.contains(&secret.to_lowercase())
            }
        })
        .collect()
    }
}

pub fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"']) && serde_json::from_str::<Value>(text).is_ok()
}

/// All text of a JSON value, keys included, and of JSON nested in its strings.
fn leaves(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
            if text.starts_with(['{', '['])
                && let Ok(inner) = serde_json::from_str(text)
            {
                leaves(&inner, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::Object(members) => members.iter().for_each(|(name, item)| {
            out.push_str(name);
            out.push('\n');
            leaves(item, out);
        }),
        Value::Null => {}
        other => {
            out.push_str(&other.to_string());
            out.push('\n');
        }
    }
}

fn without_placeholders(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("[REDACTED:") {
        bare.push_str(&rest[..at]);
        bare.push('\0');
        let end = rest[at..].find(']').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    bare.push_str(rest);
    bare
}

fn stands_alone(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        !joins(text[..at].chars().next_back()) && !joins(text[at + word.len()..].chars().next())
    })
}
