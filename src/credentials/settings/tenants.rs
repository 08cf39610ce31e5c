//! `credentials.tenants`: organisations with keys of their own, and who asks for which.

use http::HeaderName;

use super::{PairSource, SecretSource, Tenant, TenantHeader, secret, special_pair};
use crate::config::{self, Node, Problems, read};
use crate::credentials::{Slot, Usage};

/// Each request looks through them.
const TENANTS_MAX: usize = 256;

pub(super) struct Compiled {
    pub(super) tenant: Tenant,
    pub(super) pairs: Vec<PairSource>,
}

pub(super) fn compile(section: &config::Credentials, problems: &mut Problems) -> Vec<Compiled> {
    section.tenants.not_null("a list of tenants, or [] for none: then all requests have one key", problems);
    let mut tenants: Vec<Compiled> = Vec::new();
    for item in &section.tenants.items {
        let name = item.name.required(read::name, problems);
        let callers = item.callers.list(Vec::new(), read::text, problems);
        let Some(name) = name else { continue };
        if tenants.iter().any(|known| known.tenant.name == name) {
            problems.add(item.name.at, &item.name.path, "a second tenant of this name");
        }
        let taken = |caller: &String| tenants.iter().any(|known| known.tenant.callers.contains(caller));
        if callers.iter().any(taken) {
            problems.add(item.callers.at, &item.callers.path, "a caller of another tenant; it can have one");
        }
        let pairs = pairs(item, &name, problems);
        let from: Vec<&SecretSource> = tenants.iter().flat_map(|known| sources(&known.pairs)).collect();
        if sources(&pairs).any(|source| from.contains(&source)) {
            problems.add(item.at, &item.key_path, "a key of another tenant; each has its own");
        }
        tenants.push(Compiled { tenant: Tenant { name, callers }, pairs });
    }
    if let Some(beyond) = section.tenants.items.get(TENANTS_MAX) {
        problems.add(beyond.at, "credentials.tenants", format!("more than {TENANTS_MAX} tenants"));
    }
    let own = section.current.as_ref().or(section.next.as_ref()).map(|own| (own.at, &own.key_path));
    let special = section.read.as_ref().or(section.write.as_ref()).map(|own| (own.at, &own.key_path));
    if let (Some((at, path)), false) = (own.or(special), tenants.is_empty()) {
        problems.add(at, path, "not used beside `credentials.tenants`; each tenant has its keys");
    }
    tenants
}

fn sources(pairs: &[PairSource]) -> impl Iterator<Item = &SecretSource> {
    pairs.iter().flat_map(|pair| std::iter::once(&pair.current).chain(&pair.next))
}

fn pairs(item: &config::Tenant, name: &str, problems: &mut Problems) -> Vec<PairSource> {
    let slot = |usage| Slot { tenant: Some(name.into()), usage };
    let special = [(&item.read, Usage::Read), (&item.write, Usage::Write)];
    let mut pairs: Vec<PairSource> = special
        .into_iter()
        .filter_map(|(pair, usage)| special_pair(pair.as_ref()?, slot(usage), problems))
        .collect();
    let next = secret(&item.next, problems);
    match (secret(&item.current, problems), &item.next) {
        (Some(current), _) => pairs.push(PairSource { slot: slot(Usage::Any), current, next }),
        (None, Some(next)) if item.current.is_none() => {
            problems.add(next.at, &next.key_path, "needs `current` beside it, the key in use");
        }
        (None, _) => {}
    }
    if item.current.is_none() && item.read.is_none() && item.write.is_none() {
        problems.add(item.at, &item.key_path, "needs a key: `current`, or `read` and `write`");
    }
    pairs
}

pub(super) fn header(
    section: &config::TenantHeader,
    any_tenants: bool,
    problems: &mut Problems,
) -> TenantHeader {
    let default = HeaderName::from_static("x-clinik-tenant");
    let callers = section.callers.list(Vec::new(), read::text, problems);
    if callers.is_empty() && section.callers.written().is_none() {
        let message = "needs `callers`, the names of those whose word is taken";
        problems.add(section.at, &section.key_path, message);
    }
    if !any_tenants {
        problems.add(section.at, &section.key_path, "without `credentials.tenants` there is none to name");
    }
    let name =
        |node: &Node, problems: &mut Problems| crate::guards::access::settings::own_header(node, problems);
    TenantHeader { header: section.header.or(default, name, problems), callers }
}
