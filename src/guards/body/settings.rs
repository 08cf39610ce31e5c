//! The compiled `guards.body` section.

use crate::config::{self, Node, Problems, read};
use crate::guards::Mode;
use crate::guards::routes::settings::route;

#[derive(Clone, Debug)]
pub struct BodySettings {
    pub mode: Mode,
    pub bytes_max: u64,
    /// Overrides by index into `contract::routes()`.
    pub route_bytes_max: Vec<(usize, u64)>,
    /// Media types in lower case, without parameters.
    pub content_types: Vec<String>,
    pub json: bool,
    pub depth_max: usize,
    pub string_bytes_max: usize,
    pub held_bytes_max: usize,
}

/// Larger bodies are not what a JSON API is for.
const BYTES_MAX: u64 = 1 << 30;

impl BodySettings {
    pub fn compile(section: &config::Body, problems: &mut Problems) -> BodySettings {
        let mut route_bytes_max: Vec<(usize, u64)> = Vec::new();
        for item in &section.routes.items {
            let index = item.route.required(route, problems);
            let bytes_max = item.bytes_max.required(read::size(1..=BYTES_MAX), problems);
            if route_bytes_max.iter().any(|(known, _)| Some(*known) == index) {
                problems.add(item.route.at, &item.route.path, "a second entry for this route");
            }
            route_bytes_max.extend(index.zip(bytes_max));
        }
        let documented = ["application/json", "application/fhir+json", "application/json-patch+json"]
            .map(str::to_owned)
            .to_vec();
        BodySettings {
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            bytes_max: section.bytes_max.or(1 << 20, read::size(1..=BYTES_MAX), problems),
            route_bytes_max,
            content_types: section.content_types.list(documented, media_type, problems),
            json: section.json.or(true, read::flag, problems),
            depth_max: section.depth_max.or(64, read::number(1..=128), problems) as usize,
            string_bytes_max: section.string_bytes_max.or(1 << 20, read::size(64..=BYTES_MAX), problems)
                as usize,
            held_bytes_max: section.held_bytes_max.or(64 << 10, read::size(0..=16 << 20), problems) as usize,
        }
    }
}

/// `type/subtype` of RFC 9110 section 8.3.1. Parameters are not compared, so writing one would promise too much.
fn media_type(node: &Node, problems: &mut Problems) -> Option<String> {
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    match node.text().filter(|text| text.split_once('/').is_some_and(|(a, b)| is_token(a) && is_token(b))) {
        Some(text) => Some(text.to_ascii_lowercase()),
        None => problems.expected(node, "a media type without parameters such as application/json"),
    }
}
