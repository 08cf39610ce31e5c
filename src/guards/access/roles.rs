//! What a role may do: permissions, what is taken away again, and the two read from the policy.
//!
//! An `allow` opens exactly what it names: the word of the simplified routes, or the FHIR type of the passthrough. A `deny`
//! closes both sides, since one record can be reached by either. Does not know who has a role.

use std::collections::BTreeMap;

use crate::config::{self, Entry, Node, Problems, Setting, Value, read};
use crate::contract::{self, Operation};
use crate::guards::target::{CleanTarget, Reach};

/// What a role can be given; the state of the service and the contract's metadata are open to every caller.
pub(super) const OPERATIONS: [(&str, Operation); 7] = [
    ("create", Operation::Create),
    ("read", Operation::Read),
    ("update", Operation::Update),
    ("delete", Operation::Delete),
    ("search", Operation::Search),
    ("bulk", Operation::Bulk),
    ("fhir", Operation::Fhir),
];

/// Operations on some resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// URL names such as `appointments`, or FHIR types; `None` is every resource.
    resources: Option<Vec<String>>,
    /// `None` is every operation.
    operations: Option<Vec<Operation>>,
}

impl Permission {
    fn covers(&self, resource: &str, operation: Operation) -> bool {
        self.resources.as_ref().is_none_or(|named| named.iter().any(|name| name == resource))
            && self.operations.as_ref().is_none_or(|named| named.contains(&operation))
    }

    fn reads_everything(&self) -> bool {
        self.resources.is_none() && self.operations.as_ref().is_none_or(|of| of.contains(&Operation::Read))
    }
}

/// One role of the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    pub allow: Vec<Permission>,
    /// Wins over `allow`, and over a broken glass.
    pub deny: Vec<Permission>,
}

/// What the policy says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Nothing allows it.
    NotAllowed,
    /// Something takes it away.
    Denied,
}

impl Role {
    /// Judges a request: what its path names, and what else it brings along.
    pub fn judge(&self, target: &CleanTarget) -> Verdict {
        let operation = target.operation();
        let denies = |resource: &str| self.deny.iter().any(|denied| denied.covers(resource, operation));
        let allows = |resource: &str| self.allow.iter().any(|allowed| allowed.covers(resource, operation));
        // What brings everything along brings what is denied along.
        let everything = target.reach() == Reach::Any;
        if denies(target.resource())
            || target.compartment().is_some_and(denies)
            || everything && !self.deny.is_empty()
        {
            return Verdict::Denied;
        }
        let explicit = operation == Operation::Bulk || target.resource() == "fhir";
        let reaches = !everything || explicit || self.allow.iter().any(Permission::reads_everything);
        match allows(target.resource()) && target.compartment().is_none_or(allows) && reaches {
            true => Verdict::Allowed,
            false => Verdict::NotAllowed,
        }
    }
}

/// The roles of a section, with its groups spelt out and its denials in place.
pub(super) struct Roles {
    pub(super) by_name: BTreeMap<String, Role>,
    /// What nobody may do, with or without a role.
    pub(super) nobody: Role,
}

impl Roles {
    pub(super) fn compile(section: &config::Access, problems: &mut Problems) -> Roles {
        let groups = groups(section.groups.written(), problems);
        let what = "a mapping of roles such as {receptionist: {appointments: [read]}}";
        let mut by_name: BTreeMap<String, Role> = section_entries(&section.roles, what, problems)
            .iter()
            .filter_map(|entry| {
                let name = role_name(entry, problems)?;
                let allow = permissions(&entry.value, &groups, problems);
                Some((name, Role { allow, deny: Vec::new() }))
            })
            .collect();
        let mut nobody =
            Role { allow: vec![Permission { resources: None, operations: None }], deny: Vec::new() };
        let what = "a mapping of roles such as {\"*\": {notes: [delete]}}";
        for entry in section_entries(&section.deny, what, problems) {
            if entry.value.is_null() {
                problems.expected::<()>(&entry.value, "what is denied, such as {notes: [delete]}");
            }
            let denied: Vec<Permission> =
                permissions(&entry.value, &groups, problems).into_iter().map(both_sides).collect();
            if entry.key == "*" {
                by_name.values_mut().for_each(|role| role.deny.extend_from_slice(&denied));
                nobody.deny = denied;
            } else if let Some(role) = by_name.get_mut(&entry.key) {
                role.deny.extend(denied);
            } else {
                unknown_role(&entry.key, entry.key_at, &entry.value.path, by_name.keys(), problems);
            }
        }
        Roles { by_name, nobody }
    }
}

/// A role of the policy, by a value that names it.
pub(super) fn known_role(
    node: &Node,
    roles: &BTreeMap<String, Role>,
    problems: &mut Problems,
) -> Option<String> {
    match node.text().filter(|name| roles.contains_key(*name)) {
        Some(name) => Some(name.to_owned()),
        None => {
            problems.expected_word(node, "a role of `guards.access.roles`", roles.keys().map(String::as_str))
        }
    }
}

fn unknown_role<'a>(
    name: &str,
    at: config::Position,
    path: &str,
    roles: impl Iterator<Item = &'a String>,
    problems: &mut Problems,
) {
    let near = match problems.nearest(name, roles.map(String::as_str)) {
        Some(role) => format!("; did you mean `{role}`?"),
        None => String::new(),
    };
    problems.add(at, path, format!("expected a role of `guards.access.roles` or `*`{near}"));
}

type Groups = BTreeMap<String, Vec<String>>;

fn groups(node: Option<&Node>, problems: &mut Problems) -> Groups {
    let mut groups = Groups::new();
    let what = "a mapping of groups such as {charts: [notes, observations]}";
    for entry in entries(node, what, problems) {
        if entry.key == "*" || names().any(|name| name == entry.key) {
            let message = "this is a resource already; a group needs a name of its own";
            problems.add(entry.key_at, &entry.value.path, message);
            continue;
        }
        let what = "a list of resources such as [notes, observations]";
        let Some(items) = some(&entry.value, what, problems) else { continue };
        let member = |item: &Node, problems: &mut Problems| match item.text() {
            Some(text) if names().any(|name| name == text) => Some(text.to_owned()),
            _ => problems.expected_word(item, RESOURCE, names()),
        };
        let members = items.iter().filter_map(|item| member(item, problems)).collect();
        groups.insert(entry.key.clone(), members);
    }
    groups
}

const RESOURCE: &str = "a resource of the contract such as `appointments`, or a FHIR type";

/// Words of the simplified routes, then FHIR types.
fn names<'a>() -> impl Iterator<Item = &'a str> {
    let words = contract::routes().iter().map(|route| route.resource);
    words.chain(contract::fhir::types().iter().map(|fhir_type| fhir_type.name))
}

fn permissions(role: &Node, groups: &Groups, problems: &mut Problems) -> Vec<Permission> {
    let written = (!role.is_null()).then_some(role);
    let mut permissions = Vec::new();
    for entry in entries(written, "a mapping of resources such as {appointments: [read, search]}", problems) {
        let resources = resources(entry, groups, problems);
        let operations = operations(&entry.value, problems);
        permissions.extend(
            resources.zip(operations).map(|(resources, operations)| Permission { resources, operations }),
        );
    }
    permissions
}

/// `Some(None)` is `*`.
fn resources(entry: &Entry, groups: &Groups, problems: &mut Problems) -> Option<Option<Vec<String>>> {
    if entry.key == "*" {
        return Some(None);
    }
    if let Some(members) = groups.get(&entry.key) {
        return Some(Some(members.clone()));
    }
    if names().any(|name| name == entry.key) {
        return Some(Some(vec![entry.key.clone()]));
    }
    let is_type = entry.key.starts_with(|c: char| c.is_ascii_uppercase());
    let same_kind = names().filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) == is_type);
    let near = match problems.nearest(&entry.key, groups.keys().map(String::as_str).chain(same_kind)) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    };
    let message = format!("expected {RESOURCE}, a group or `*`{near}");
    problems.add(entry.key_at, &entry.value.path, message);
    None
}

/// `Some(None)` is `["*"]`.
fn operations(node: &Node, problems: &mut Problems) -> Option<Option<Vec<Operation>>> {
    let items = some(node, "a list of operations such as [read, search]", problems)?;
    if items.iter().any(|item| item.text() == Some("*")) {
        if let [_, other, ..] = items {
            problems.add(other.at, &other.path, "`*` is every operation already");
        }
        return Some(None);
    }
    Some(Some(items.iter().filter_map(|item| read::word(item, &OPERATIONS, problems)).collect()))
}

/// The same denial with the FHIR types of its words and the words of its types.
fn both_sides(mut denied: Permission) -> Permission {
    let Some(named) = denied.resources.take() else { return denied };
    let types: Vec<&str> =
        named.iter().map(|name| contract::type_of_resource(name).unwrap_or(name)).collect();
    let stored = |route: &&contract::Route| route.fhir_type.is_some_and(|of| types.contains(&of));
    let words = contract::routes().iter().filter(stored).map(|route| route.resource);
    let mut all: Vec<String> = words.chain(types.iter().copied()).map(str::to_owned).collect();
    all.extend(named);
    all.sort_unstable();
    all.dedup();
    Permission { resources: Some(all), ..denied }
}

/// The items of a list that has any: one of none would quietly allow or deny nothing.
fn some<'a>(node: &'a Node, what: &str, problems: &mut Problems) -> Option<&'a [Node]> {
    match &node.value {
        Value::List(items) if items.is_empty() => {
            problems.add(node.at, &node.path, format!("expected {what}; found an empty list"));
            None
        }
        Value::List(items) => Some(items),
        _ => problems.expected(node, what),
    }
}

/// The entries of a key whose absence opens something.
fn section_entries<'a>(setting: &'a Setting, what: &str, problems: &mut Problems) -> &'a [Entry] {
    setting.not_null(&format!("{what}, or {{}} for none"), problems);
    entries(setting.written(), what, problems)
}

fn entries<'a>(node: Option<&'a Node>, what: &str, problems: &mut Problems) -> &'a [Entry] {
    match node {
        None => &[],
        Some(Node { value: Value::Map(entries), .. }) => entries,
        Some(node) => problems.expected(node, what).unwrap_or(&[]),
    }
}

fn role_name(entry: &Entry, problems: &mut Problems) -> Option<String> {
    let fits = (1..=64).contains(&entry.key.len())
        && entry.key.bytes().all(|b| b.is_ascii_graphic())
        && entry.key != "*";
    if !fits {
        let message = "expected the name of a role: at most 64 visible ASCII characters, and not `*`";
        problems.add(entry.key_at, &entry.value.path, message);
    }
    fits.then(|| entry.key.clone())
}
