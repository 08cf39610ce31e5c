//! A batch or transaction: a Bundle whose entries are requests of their own (FHIR R4, Bundle.entry.request).
//!
//! Each is judged as if it came by itself: by form, by what the policy allows of the passthrough, and for PHI in its
//! URL, which a server writes into the same logs as any other. What could be read in two ways, such as two URLs in one
//! entry, is refused in every mode. Does not look at the resources of the entries, which are bodies.

use std::fmt;

use http::Method;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::TargetGuard;
use super::form::invalid;
use crate::guards::Observed;
use crate::guards::routes::CONDITIONAL;
use crate::outcome::{Code, Refusal};

/// Below which the URLs of entries are meant.
const BASE: &str = "/v1/fhir/";
/// More entries than any batch should have.
const ENTRIES_MAX: usize = 1000;

/// Entries that are judged before other exchanges have their turn.
const TURN_ENTRIES: usize = 50;

/// What is wrong with a batch that cannot be judged.
const UNREADABLE: &str = "the batch, which must be one JSON object whose entries have at most one request, with one method and one url each";

/// What no entry of a batch may be.
const NESTED: &str = "the batch, in which neither a batch nor a search by body may stand";

impl TargetGuard<'_> {
    /// Judges each request of a batch. Returns the exceptions of `guards.url` that let PHI pass.
    pub async fn batch(&self, body: &[u8], observed: &mut Observed) -> Result<Vec<usize>, Refusal> {
        let unreadable = || Refusal::new(Code::InvalidJson).about(UNREADABLE);
        let bundle: Node = serde_json::from_slice(body).map_err(|_| unreadable())?;
        let entries = bundle.entries().ok_or_else(unreadable)?;
        if entries.len() > ENTRIES_MAX {
            return Err(Refusal::new(Code::BodyTooLarge).about("the batch, which may have 1000 entries"));
        }
        let mut exceptions = Vec::new();
        for (nth, entry) in entries.into_iter().enumerate() {
            if nth % TURN_ENTRIES == TURN_ENTRIES - 1 {
                tokio::task::yield_now().await;
            }
            let Some(request) = entry.only("request").ok_or_else(unreadable)? else { continue };
            let text = |name| {
                request.only(name).and_then(|node| node.map_or(Some(None), |node| node.text().map(Some)))
            };
            let (Some(Some(method)), Some(Some(url)), Some(if_none_exist)) =
                (text("method"), text("url"), text("ifNoneExist"))
            else {
                return Err(unreadable());
            };
            let method = Method::from_bytes(method.as_bytes()).map_err(|_| unreadable())?;
            let method = if method == Method::HEAD { Method::GET } else { method };
            self.entry(&method, url, observed, &mut exceptions)?;
            if let Some(query) = if_none_exist {
                if !self.routes.fhir.conditional {
                    self.not_allowed(CONDITIONAL, observed)?;
                }
                let kind = url.split('?').next().unwrap_or_default();
                self.entry(&Method::GET, &format!("{kind}?{query}"), observed, &mut exceptions)?;
            }
        }
        Ok(exceptions)
    }

    fn entry(
        &self,
        method: &Method,
        url: &str,
        observed: &mut Observed,
        exceptions: &mut Vec<usize>,
    ) -> Result<(), Refusal> {
        let below = url.strip_prefix('/').unwrap_or(url);
        if below.is_empty() || url.chars().any(char::is_control) {
            return Err(invalid());
        }
        let mut own = Observed::default();
        let target = self.check(method, &format!("{BASE}{below}"), &mut own)?;
        // A thousand entries with the same fault are one remark on the record.
        for refusal in own.0 {
            if !observed.0.iter().any(|known| known.code == refusal.code) {
                observed.0.push(refusal);
            }
        }
        // A batch in a batch has no entries that were judged, a search by body no form.
        if target.is_batch() || target.is_search_by_body() {
            return Err(Refusal::new(Code::RouteNotAllowed).about(NESTED));
        }
        for exception in target.exceptions_used() {
            if !exceptions.contains(exception) {
                exceptions.push(*exception);
            }
        }
        Ok(())
    }
}

/// JSON in which no member is lost, however often its name stands there. Resources are left out.
enum Node {
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    Null,
    Other,
}

impl Node {
    /// The entries of a Bundle, of each list if there are several.
    fn entries(&self) -> Option<Vec<&Node>> {
        let Node::Object(_) = self else { return None };
        let mut entries = Vec::new();
        for list in self.named("entry") {
            match list {
                Node::List(items) => entries.extend(items),
                Node::Null => {}
                // What stands for a list of one.
                one => entries.push(one),
            }
        }
        Some(entries)
    }

    /// The one member of this name, if there is one; nothing if there are several, or this is no object. Names agree in any
    /// case of their letters, since some readers take them so.
    fn only<'n>(&'n self, name: &'n str) -> Option<Option<&'n Node>> {
        let Node::Object(_) = self else { return None };
        let mut named = self.named(name);
        let first = named.next();
        named.next().is_none().then_some(first.filter(|node| !matches!(node, Node::Null)))
    }

    fn named<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        let members = if let Node::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, node)| node)
    }

    fn text(&self) -> Option<&str> {
        if let Node::Text(text) = self { Some(text) } else { None }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.eq_ignore_ascii_case("resource") {
                members.next_value::<IgnoredAny>()?;
            } else {
                object.push((name, members.next_value()?));
            }
        }
        Ok(Node::Object(object))
    }
}
