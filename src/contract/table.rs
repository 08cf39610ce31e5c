//! Reads the embedded tables once and answers by resource word.
//!
//! Owns the parsing of `data/contract/*.tsv`. The tables are our own files, checked by the tests of `contract`, so a
//! line that does not parse is skipped rather than reported.

use std::sync::LazyLock;

use http::Method;

use super::{Match, Operation, Param, ParamClass, ParamKind, Route, Subject};
use crate::phi::{Class, KeyClass};

const ROUTES: &str = include_str!("../../data/contract/routes.tsv");
const FIELDS: &str = include_str!("../../data/contract/fields.tsv");

pub(super) struct Table {
    pub(super) routes: Vec<Route>,
    /// Sorted by length and word, for a search by halves that seldom compares bytes.
    resources: Vec<Resource>,
    /// The few routes that are not of a resource, by template.
    fixed: Vec<usize>,
    /// Route index of the passthrough by method.
    passthrough: Vec<(Method, usize)>,
}

/// Route indices of one resource.
struct Resource {
    word: &'static str,
    fhir_type: Option<&'static str>,
    create: Option<usize>,
    search: Option<usize>,
    read: Option<usize>,
    update: Option<usize>,
    delete: Option<usize>,
}

pub(super) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::read);
    &TABLE
}

impl Table {
    fn read() -> Table {
        let sections = sections();
        let routes: Vec<Route> = ROUTES.lines().filter_map(|line| route(line, sections)).collect();
        let mut table =
            Table { routes: Vec::new(), resources: Vec::new(), fixed: Vec::new(), passthrough: Vec::new() };
        for (index, route) in routes.iter().enumerate() {
            match route.operation {
                Operation::Fhir => table.passthrough.push((route.method.clone(), index)),
                Operation::Bulk | Operation::Health | Operation::Metadata => table.fixed.push(index),
                operation => table.resource_mut(route).set(operation, index),
            }
        }
        table.resources.sort_by_key(|resource| (resource.word.len(), resource.word));
        table.routes = routes;
        table
    }

    /// The routes of a resource stand together, so the last resource is the only candidate.
    fn resource_mut(&mut self, route: &Route) -> &mut Resource {
        if self.resources.last().is_none_or(|last| last.word != route.resource) {
            self.resources.push(Resource {
                word: route.resource,
                fhir_type: route.fhir_type,
                create: None,
                search: None,
                read: None,
                update: None,
                delete: None,
            });
        }
        let last = self.resources.len() - 1;
        &mut self.resources[last]
    }

    fn resource(&self, word: &str) -> Option<&Resource> {
        let at = self
            .resources
            .binary_search_by(|resource| (resource.word.len(), resource.word).cmp(&(word.len(), word)))
            .ok()?;
        Some(&self.resources[at])
    }

    pub(super) fn resource_of_type(&self, fhir_type: &str) -> Option<&'static str> {
        self.resources.iter().find(|resource| resource.fhir_type == Some(fhir_type)).map(|r| r.word)
    }

    pub(super) fn type_of_resource(&self, word: &str) -> Option<&'static str> {
        self.resource(word)?.fhir_type
    }

    pub(super) fn fixed(&self, method: &Method, template: &str) -> Match<'static> {
        let mut found = self.fixed.iter().filter(|index| self.routes[**index].template == template);
        match found.find(|index| self.routes[**index].method == *method) {
            Some(index) => Match::Route { index: *index, params: &[] },
            None => Match::MethodNotAllowed,
        }
    }

    pub(super) fn passthrough(&self, method: &Method) -> Option<usize> {
        self.passthrough.iter().find(|(allowed, _)| allowed == method).map(|(_, index)| *index)
    }

    pub(super) fn collection(&self, method: &Method, word: &str) -> Match<'static> {
        let Some(resource) = self.resource(word) else { return Match::None };
        let index = match *method {
            Method::GET => resource.search,
            Method::POST => resource.create,
            _ => None,
        };
        index.map_or(Match::MethodNotAllowed, |index| Match::Route { index, params: &[] })
    }

    pub(super) fn instance(&self, method: &Method, word: &str) -> Match<'static> {
        let Some(resource) = self.resource(word) else { return Match::None };
        let index = match *method {
            Method::GET => resource.read,
            Method::PATCH => resource.update,
            Method::DELETE => resource.delete,
            _ => None,
        };
        index.map_or(Match::MethodNotAllowed, |index| Match::Route { index, params: &[] })
    }

    pub(super) fn search_by_body(&self, word: &str) -> Match<'static> {
        match self.resource(word).and_then(|resource| resource.search) {
            Some(index) => Match::SearchByBody { index, params: &[] },
            None => Match::None,
        }
    }
}

impl Resource {
    fn set(&mut self, operation: Operation, index: usize) {
        match operation {
            Operation::Create => self.create = Some(index),
            Operation::Search => self.search = Some(index),
            Operation::Read => self.read = Some(index),
            Operation::Update => self.update = Some(index),
            Operation::Delete => self.delete = Some(index),
            Operation::Bulk | Operation::Fhir | Operation::Health | Operation::Metadata => {}
        }
    }
}

/// The fields of one section of the field table, sorted by path.
struct Section {
    resource: &'static str,
    fields: Vec<(&'static str, KeyClass)>,
}

/// Kept for the life of the process, because routes borrow from it.
fn sections() -> &'static [Section] {
    static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| {
        let mut sections: Vec<Section> = Vec::new();
        for line in FIELDS.lines() {
            if let Some(resource) = line.strip_prefix('@') {
                sections.push(Section { resource, fields: Vec::new() });
            } else if let (Some((path, class)), Some(section)) = (line.split_once('\t'), sections.last_mut())
            {
                section.fields.push((path, field_class(class)));
            }
        }
        sections
    });
    &SECTIONS
}

fn field_class(label: &str) -> KeyClass {
    match label {
        "safe" => KeyClass::Safe,
        "free" => KeyClass::Free,
        label => Class::from_label(label).map_or(KeyClass::Unknown, KeyClass::Phi),
    }
}

fn route(line: &'static str, sections: &'static [Section]) -> Option<Route> {
    let mut columns = line.split('\t');
    let method = Method::from_bytes(columns.next()?.as_bytes()).ok()?;
    let template = columns.next()?;
    let operation = Operation::from_label(columns.next()?)?;
    let fhir_type = columns.next()?;
    let authenticated = columns.next()? == "1";
    let mut words = template.trim_start_matches("/v1").split('/').skip(1);
    let resource = words.next()?;
    let section = match (resource, words.next()) {
        ("bulk", Some("export")) => "bulk/export",
        ("bulk", Some("import")) => "bulk/import",
        _ => resource,
    };
    let takes_body = matches!(method, Method::POST | Method::PATCH | Method::PUT);
    let fields = sections.iter().find(|candidate| takes_body && candidate.resource == section);
    Some(Route {
        method,
        template,
        operation,
        resource,
        fhir_type: Some(fhir_type).filter(|name| !matches!(*name, "-" | "*")),
        authenticated,
        // Made once, and kept for the life of the process as the table is.
        search_by_body: (operation == Operation::Search).then(|| &*format!("{template}/_search").leak()),
        params: columns.filter_map(param).collect(),
        fields: fields.map_or(&[], |section| &section.fields),
    })
}

/// Reads `name:class[!who][*]`.
fn param(word: &'static str) -> Option<Param> {
    let (name, rest) = word.split_once(':')?;
    let free = rest.ends_with('*');
    let (label, who) = rest.trim_end_matches('*').split_once('!').unwrap_or((rest.trim_end_matches('*'), ""));
    let kind = match label {
        "none" => ParamKind::Vocabulary,
        "context" => ParamKind::Context,
        "clinical" => ParamKind::Clinical,
        label => ParamKind::Phi(Class::from_label(label)?),
    };
    let subject = match who {
        "provider" => Subject::Provider,
        "org" => Subject::Organization,
        "user" => Subject::User,
        _ => Subject::Person,
    };
    Some(Param { name, class: ParamClass { kind, subject, free } })
}
