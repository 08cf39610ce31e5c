//! Search by body: a form or JSON body becomes the query of the GET search, inside TLS to the upstream.
//!
//! Identifying values may stand here, which is the point; credentials may not, and names must be search parameters
//! of the route, so that a body cannot smuggle anything else into a URL.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::form::{invalid, push_escaped};
use super::place::Place;
use super::query::{Context, reaches_others};
use super::{CleanTarget, Reach, TargetGuard};
use crate::config::nearest;
use crate::contract;
use crate::guards::routes::CHAINS;
use crate::outcome::{Code, Refusal};
use crate::phi::canon::{self, Part};
use crate::phi::url::keys;

/// More parameters than any search has.
const PARAMS_MAX: usize = 100;

impl TargetGuard<'_> {
    /// Builds the GET target of a search by body. The query of `target` comes first, as FHIR adds the two.
    pub fn search_by_body(
        &self,
        target: &CleanTarget,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<CleanTarget, Refusal> {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::new(Code::InvalidJson))?;
        let pairs = match media_type(content_type).as_str() {
            "application/x-www-form-urlencoded" => form_pairs(text)?,
            "application/json" | "application/fhir+json" => json_pairs(text)?,
            // A client that names no type sends JSON or a form; both say which by their first byte.
            "" if text.trim_start().starts_with('{') => json_pairs(text)?,
            "" => form_pairs(text)?,
            _ => return Err(Refusal::new(Code::UnsupportedMediaType)),
        };
        if pairs.len() > PARAMS_MAX {
            return Err(invalid());
        }
        let context = Context::new(target.route, target.fhir_type);
        let (path, query) = split(&target.path_and_query);
        let path = path.strip_suffix("/_search").unwrap_or(path);
        let mut built = String::with_capacity(path.len() + query.len() + text.len() + 16);
        built.push_str(path);
        let mut separator = '?';
        if !query.is_empty() {
            built.push(separator);
            built.push_str(query);
            separator = '&';
        }
        let mut reach = target.reach;
        for (at, (name, value)) in pairs.iter().enumerate() {
            if !self.permit(target, context, name, value)? {
                let names: BTreeSet<&str> =
                    pairs.iter().take(at + 1).map(|(name, _)| name.as_str()).collect();
                return Err(unknown(target, name, names.len()));
            }
            if reaches_others(name, context.meaning(name)) {
                reach = Reach::Any;
            }
            built.push(separator);
            separator = '&';
            push_encoded(&mut built, name);
            built.push('=');
            push_encoded(&mut built, value);
        }
        if built.len() > self.url.uri_bytes_max {
            return Err(Refusal::new(Code::UriTooLong));
        }
        Ok(CleanTarget {
            route: target.route,
            template: target.template,
            operation: target.operation,
            resource: target.resource,
            fhir_type: target.fhir_type,
            id: None,
            path_and_query: built,
            by_body: true,
            batch: false,
            writes: false,
            compartment: target.compartment,
            reach,
            exceptions: target.exceptions.clone(),
            echo: OnceLock::new(),
        })
    }

    /// Whether the search has such a parameter.
    fn permit(
        &self,
        target: &CleanTarget,
        context: Context,
        name: &str,
        value: &str,
    ) -> Result<bool, Refusal> {
        if keys::holds_key(value) || keys::holds_key(name) {
            let known = context.meaning(name).known.filter(|_| !keys::holds_key(name));
            return Err(known.map_or(Place::Undeclared, Place::Parameter).holds_key());
        }
        if value.chars().any(char::is_control) {
            return Err(invalid());
        }
        let Some(route) = target.route.and_then(|index| contract::routes().get(index)) else {
            return Ok(false);
        };
        let meaning = context.meaning(name);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        if route.resource == "fhir" {
            let known = meaning.known.is_some() && name.bytes().all(plain);
            if known && meaning.chained && !self.routes.fhir.chains {
                return Err(Refusal::new(Code::RouteNotAllowed).about(CHAINS));
            }
            Ok(known)
        } else {
            Ok(route.declared(name).is_some())
        }
    }
}

/// What was sent for a name can be anything, so the client is told its place, and the documented name it is nearest to.
fn unknown(target: &CleanTarget, name: &str, place: usize) -> Refusal {
    let route = target.route.and_then(|index| contract::routes().get(index));
    let declared = route.into_iter().flat_map(|route| route.params()).map(|param| param.name);
    let meant =
        nearest(name, declared).map_or_else(|| ".".to_owned(), |name| format!("; did you mean {name}?"));
    // Without a content type `curl -d` sends JSON as a form, and then the whole text is one name.
    Refusal::new(Code::ParameterUnknown).saying(format!(
        "A search by body takes only the parameters that ClinikAPI documents for it, which clinik-guard explain lists. Name {place} is none of them{meant} JSON needs content-type: application/json."
    ))
}

fn media_type(content_type: Option<&str>) -> String {
    content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn split(path_and_query: &str) -> (&str, &str) {
    path_and_query.split_once('?').unwrap_or((path_and_query, ""))
}

fn form_pairs(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs = Vec::new();
    for pair in text.trim().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((form_text(name)?, form_text(value)?));
        if pairs.len() > PARAMS_MAX {
            return Err(invalid());
        }
    }
    Ok(pairs)
}

/// Decodes once: what a form means is one layer deep. The strict reader still refuses what has no meaning.
fn form_text(raw: &str) -> Result<String, Refusal> {
    canon::decode_once(raw, Part::Query).map_err(|_| invalid())
}

fn json_pairs(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let malformed = || {
        Refusal::new(Code::InvalidJson)
            .about("the search body, which must be one object of texts, numbers and lists of them")
    };
    let Value::Object(members) = serde_json::from_str(text).map_err(|_| malformed())? else {
        return Err(malformed());
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        match value {
            Value::Array(values) => {
                for value in values {
                    if let Some(value) = scalar(value).ok_or_else(malformed)? {
                        pairs.push((name.clone(), value));
                    }
                }
            }
            value => {
                if let Some(value) = scalar(value).ok_or_else(malformed)? {
                    pairs.push((name, value));
                }
            }
        }
    }
    Ok(pairs)
}

/// The text of a scalar; inside, `None` for `null`, which asks for nothing.
fn scalar(value: Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::Bool(flag) => Some(Some(flag.to_string())),
        Value::Number(number) => Some(Some(number.to_string())),
        Value::String(text) => Some(Some(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Encodes as the SDK does: a space as `+`, unreserved bytes as they are.
fn push_encoded(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '*' | ':' => text.push(c),
            ' ' => text.push('+'),
            c => push_escaped(text, c),
        }
    }
}
