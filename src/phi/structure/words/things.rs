//! Keys of what has a name and is no person, and whether an object or a query is one of such a thing.
//!
//! The words for things are those of `cues`; owned here is where around a key one is looked for.

use super::keys::{squeezed, traits};
use crate::phi::{class::Class, cues::KeyClass, names, structure::class_of};

/// Keys of what has a name and is no person.
pub(crate) fn is_thing_key(key: &str) -> bool {
    traits(key).thing
}

/// Keys of a thing that is a place or a company: it has a telephone and an address of mail of its own.
pub(crate) fn is_site_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SITES: [&str; 27] = [
        "branch", "brand", "building", "clinic", "department", "distributor", "facility", "healthcareservice", "hospital",
        "insurer", "lab", "laboratory", "location", "maker", "managingorganization", "manufacturer", "org", "organisation",
        "organization", "payer", "pharmacy", "serviceprovider", "site", "store", "supplier", "tenant", "vendor",
    ];
    SITES.contains(&squeezed(key).as_str())
}

/// `software: {"name": "Gideon"`, `"service":{"name":…`, `/v1/organizations?name=`: the object is one of a thing, and so is
/// its name.
pub(crate) fn is_of_a_thing(text: &str, key: usize) -> bool {
    const REACH: usize = 120;
    if text[..key].ends_with(['?', '&', ';']) {
        let before = &text[text.ceil_char_boundary(key.saturating_sub(REACH))..key];
        let behind = &text[key..text.floor_char_boundary((key + REACH).min(text.len()))];
        let behind =
            behind.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or("");
        let beside = before.rsplit_once('?').map_or("", |(_, query)| query);
        return is_sought_of_things(before) && !is_of_a_person(beside) && !is_of_a_person(behind);
    }
    let before = &text[text.ceil_char_boundary(key.saturating_sub(REACH))..key];
    if before.strip_suffix('[').is_some_and(is_control) {
        return !is_name_of_somebody(&text[key..]);
    }
    if is_in_a_part(before) {
        return !is_name_of_somebody(&text[key..]);
    }
    let Some(open) = before.rfind(['{', '}']).filter(|at| before[*at..].starts_with('{')) else {
        return false;
    };
    let head = before[..open].trim_end();
    let Some(head) = head.strip_suffix([':', '=']) else { return false };
    let head = head.trim_end().trim_end_matches(['"', '\'', '\\']);
    let parent = head.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).next();
    parent.is_some_and(is_thing_key)
}

/// `name="Okafor"`: does an attribute hold a listed name that is no other word? Fields are called after what they hold.
fn is_name_of_somebody(attribute: &str) -> bool {
    let value =
        attribute.split_once('=').map_or("", |(_, value)| value).trim_start_matches(['"', '\'', '\\']);
    let word = value.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    word.starts_with(char::is_uppercase) && names::is_listed(word) && names::is_distinctive(word)
}

/// `SyncConfig(name='nightly'`, `QueueOptions{durable=true, name=…`: does a key stand in an object that is a part of a program?
fn is_in_a_part(before: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PARTS: [&str; 42] = [
        "Bucket", "Cache", "Cluster", "Column", "Config", "Configuration", "Container", "Counter", "Feature", "Field", "Flag",
        "Gauge", "Handler", "Image", "Index", "Job", "Logger", "Metric", "Module", "Node", "Options", "Parameter", "Pipeline",
        "Plugin", "Pod", "Policy", "Pool", "Queue", "Rule", "Schedule", "Schema", "Server", "Settings", "Spec", "Stage",
        "Table", "Task", "Thread", "Topic", "Volume", "Worker", "Zone",
    ];
    let Some(open) = before.rfind(['(', ')', '{', '}']).filter(|at| before[*at..].starts_with(['(', '{']))
    else {
        return false;
    };
    let class = before[..open].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    class.starts_with(|c: char| c.is_ascii_uppercase()) && PARTS.iter().any(|part| class.ends_with(part))
}

/// `button#confirm.primary`, `form > input`: does a selector of a control of a page end here?
fn is_control(before: &str) -> bool {
    const CONTROLS: [&str; 8] = ["button", "input", "select", "textarea", "form", "iframe", "a", "meta"];
    let last = before.rsplit([' ', '>', '"', '\'']).next().unwrap_or_default();
    last.split(['#', '.', '[', ':']).next().is_some_and(|element| CONTROLS.contains(&element))
}

/// `/v1/organizations?name=`, `Location?status=active&name=`: does a query, up to one of its keys, seek what is no person?
fn is_sought_of_things(before: &str) -> bool {
    const THINGS: [&str; 9] = [
        "organization",
        "organisation",
        "location",
        "device",
        "medication",
        "medicationknowledge",
        "healthcareservice",
        "facility",
        "pharmacy",
    ];
    let Some((path, query)) = before.rsplit_once('?') else { return false };
    let collection =
        path.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).next().unwrap_or("");
    let squeezed = squeezed(collection);
    let plural = squeezed.as_str();
    let singular = plural.strip_suffix('s').unwrap_or(plural);
    let facility = singular.strip_suffix("ie").map(|stem| format!("{stem}y"));
    !query.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
        && [plural, singular].into_iter().chain(facility.as_deref()).any(|word| THINGS.contains(&word))
}

/// `&dob=1980-01-01`, `?patient=`: does a parameter beside a name say that it is a person's?
fn is_of_a_person(query: &str) -> bool {
    query.split(['&', ';', '?']).filter_map(|parameter| parameter.split_once('=')).any(|(key, _)| {
        let key = key.split([':', '.']).next().unwrap_or("");
        let identifies = matches!(
            class_of(key),
            KeyClass::Phi(
                Class::Date
                    | Class::Mrn
                    | Class::Ssn
                    | Class::HealthPlan
                    | Class::Account
                    | Class::License
                    | Class::Email
            )
        );
        identifies
            || ["patient", "subject", "member", "given", "family", "first", "last", "gender", "sex"]
                .iter()
                .any(|head| key.get(..head.len()).is_some_and(|word| word.eq_ignore_ascii_case(head)))
                && !key.eq_ignore_ascii_case("lastUpdated")
    })
}
