//! The compiled `guards.access` section.

use std::collections::BTreeMap;

use http::HeaderName;

use crate::config::{self, Entry, Node, Problems, Value, read};
use crate::contract::{self, Operation};
use crate::guards::Mode;

#[derive(Clone, Debug)]
pub struct AccessSettings {
    pub mode: Mode,
    pub actor_header: HeaderName,
    pub role_header: HeaderName,
    pub actor_required: bool,
    /// Role name to permissions.
    pub roles: BTreeMap<String, Vec<Permission>>,
}

/// Operations on one resource. `None` is `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// URL name of the resource such as `appointments`, or a FHIR type; `None` is every resource.
    pub resource: Option<String>,
    /// Of create, read, update, delete, search, bulk, fhir; `None` is every operation.
    pub operations: Option<Vec<crate::contract::Operation>>,
}

/// What a role can be given; the state of the service and the contract's metadata are open to every caller.
const OPERATIONS: [(&str, Operation); 7] = [
    ("create", Operation::Create),
    ("read", Operation::Read),
    ("update", Operation::Update),
    ("delete", Operation::Delete),
    ("search", Operation::Search),
    ("bulk", Operation::Bulk),
    ("fhir", Operation::Fhir),
];

/// Headers that have another meaning already.
const TAKEN: [&str; 8] =
    ["accept", "authorization", "content-type", "cookie", "host", "user-agent", "x-api-key", "x-request-id"];

impl AccessSettings {
    pub fn compile(section: &config::Access, problems: &mut Problems) -> AccessSettings {
        let roles: BTreeMap<_, _> = entries(
            section.roles.written(),
            "a mapping of roles such as {receptionist: {appointments: [read]}}",
            problems,
        )
        .iter()
        .filter_map(|entry| Some((role_name(entry, problems)?, permissions(&entry.value, problems))))
        .collect();
        let actor_required = section.actor_required.or(false, read::flag, problems);
        // Whoever writes roles wants them to hold, so leaving out the mode must not leave them without effect.
        let unused = roles.is_empty() && !actor_required;
        let default = if unused { Mode::Off } else { Mode::Enforce };
        let mode = section.mode.word(default, &Mode::WORDS, problems);
        if mode != Mode::Off && unused {
            problems.warn(
                section.mode.at,
                "guards.access.mode",
                "without `roles` every role may do everything",
            );
        }
        if mode == Mode::Off && !unused {
            problems.warn(
                section.mode.at,
                "guards.access.mode",
                "`roles` and `actor_required` have no effect",
            );
        }
        let actor_header =
            section.actor_header.or(HeaderName::from_static("x-clinik-actor"), own_header, problems);
        let role_header =
            section.role_header.or(HeaderName::from_static("x-clinik-role"), own_header, problems);
        if actor_header == role_header {
            let at = section.role_header.written().map_or(section.actor_header.at, |node| node.at);
            problems.add(at, "guards.access.role_header", "the same header as `actor_header`");
        }
        AccessSettings { mode, actor_header, role_header, actor_required, roles }
    }
}

fn own_header(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    let name = read::header_name(node, problems)?;
    match TAKEN.contains(&name.as_str()) {
        true => problems.expected(node, "a header of its own; this one has another meaning"),
        false => Some(name),
    }
}

fn entries<'a>(node: Option<&'a Node>, what: &str, problems: &mut Problems) -> &'a [Entry] {
    match node {
        None => &[],
        Some(Node { value: Value::Map(entries), .. }) => entries,
        Some(node) => problems.expected(node, what).unwrap_or(&[]),
    }
}

fn role_name(entry: &Entry, problems: &mut Problems) -> Option<String> {
    let fits = (1..=64).contains(&entry.key.len()) && entry.key.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        let message = "expected the name of a role: at most 64 visible ASCII characters";
        problems.add(entry.key_at, &entry.value.path, message);
    }
    fits.then(|| entry.key.clone())
}

fn permissions(role: &Node, problems: &mut Problems) -> Vec<Permission> {
    let written = (!role.is_null()).then_some(role);
    let mut permissions = Vec::new();
    for entry in entries(written, "a mapping of resources such as {appointments: [read, search]}", problems) {
        let resource = resource(entry, problems);
        let operations = operations(&entry.value, problems);
        permissions.extend(
            resource.zip(operations).map(|(resource, operations)| Permission { resource, operations }),
        );
    }
    permissions
}

/// `Some(None)` is `*`.
fn resource(entry: &Entry, problems: &mut Problems) -> Option<Option<String>> {
    if entry.key == "*" {
        return Some(None);
    }
    let words = || contract::routes().iter().map(|route| route.resource);
    let types = || contract::fhir::types().iter().map(|fhir_type| fhir_type.name);
    if words().chain(types()).any(|name| name == entry.key) {
        return Some(Some(entry.key.clone()));
    }
    let is_type = entry.key.starts_with(|c: char| c.is_ascii_uppercase());
    let near =
        if is_type { problems.nearest(&entry.key, types()) } else { problems.nearest(&entry.key, words()) };
    let near = match near {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    };
    let message =
        format!("expected a resource of the contract such as `appointments`, a FHIR type or `*`{near}");
    problems.add(entry.key_at, &entry.value.path, message);
    None
}

/// `Some(None)` is `["*"]`.
fn operations(node: &Node, problems: &mut Problems) -> Option<Option<Vec<Operation>>> {
    let Value::List(items) = &node.value else {
        return problems.expected(node, "a list of operations such as [read, search]");
    };
    if items.iter().any(|item| item.text() == Some("*")) {
        if let [_, other, ..] = items.as_slice() {
            problems.add(other.at, &other.path, "`*` is every operation already");
        }
        return Some(None);
    }
    Some(Some(items.iter().filter_map(|item| read::word(item, &OPERATIONS, problems)).collect()))
}
