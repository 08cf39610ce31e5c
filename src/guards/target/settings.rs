//! The compiled `guards.url` section.

use crate::config::{self, Node, Problems, read};
use crate::contract;
use crate::guards::Mode;
use crate::guards::opaque::PolicyName;
use crate::guards::routes::settings::route;

#[derive(Clone, Debug)]
pub struct UrlSettings {
    pub mode: Mode,
    pub uri_bytes_max: usize,
    pub exceptions: Vec<UrlException>,
}

/// A named, dated permission to send PHI in some parameters of one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlException {
    pub name: String,
    /// Index into `contract::routes()`.
    pub route: usize,
    pub params: Vec<String>,
    pub reason: String,
    /// Whom to ask.
    pub owner: Option<String>,
    /// First second at which it no longer works, as seconds since the Unix epoch (midnight UTC after `expires`).
    pub expires_at: u64,
}

impl UrlException {
    /// As `GET /v1/patients`.
    pub fn route_label(&self) -> String {
        contract::route_label(self.route)
    }

    /// The last day on which it works, as written.
    pub fn last_day(&self) -> String {
        let second = i64::try_from(self.expires_at.saturating_sub(1)).ok();
        let at = second.and_then(|second| jiff::Timestamp::from_second(second).ok());
        at.map_or_else(|| "unknown".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
    }

    pub fn on_record(&self) -> Option<PolicyName> {
        PolicyName::of(self.name.as_str())
    }
}

impl UrlSettings {
    pub fn compile(section: &config::Url, problems: &mut Problems) -> UrlSettings {
        let mut exceptions: Vec<UrlException> = Vec::new();
        for item in &section.exceptions.items {
            let Some(exception) = UrlException::compile(item, problems) else { continue };
            if exceptions.iter().any(|known| known.name == exception.name) {
                problems.add(item.name.at, &item.name.path, "a second exception of this name");
            }
            exceptions.push(exception);
        }
        UrlSettings {
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            uri_bytes_max: section.uri_bytes_max.or(8 << 10, read::size(256..=64 << 10), problems) as usize,
            exceptions,
        }
    }
}

impl UrlException {
    fn compile(section: &config::Exception, problems: &mut Problems) -> Option<UrlException> {
        let name = section.name.required(read::name, problems);
        let index = section.route.required(route, problems);
        let params = section.params.list(Vec::new(), parameter, problems);
        let names_none = match section.params.written() {
            None => true,
            Some(node) => matches!(&node.value, config::Value::List(items) if items.is_empty()),
        };
        if names_none {
            let message =
                "needs `params`, the parameters that may carry PHI; an exception never covers a whole route";
            problems.add(section.params.at, &section.key_path, message);
        }
        if let Some(route) = index.and_then(|index| contract::routes().get(index)) {
            let declared = route.params();
            for param in params
                .iter()
                .filter(|param| !declared.is_empty() && !declared.iter().any(|d| d.name == **param))
            {
                let path = format!("{}.{param}", section.params.path);
                problems.warn(section.params.at, path, "this route documents no such parameter");
            }
        }
        let reason = section.reason.required(read::text, problems);
        let owner = section.owner.or_none(None, read::text, problems);
        let expires_at = section.expires.required(read::end_of_day, problems);
        if let Some(expires_at) = expires_at {
            let message = "has expired: the exception no longer works; remove it or renew it";
            problems.warn_since(expires_at, section.expires.at, &section.expires.path, message);
        }
        Some(UrlException {
            name: name?,
            route: index?,
            params,
            reason: reason?,
            owner,
            expires_at: expires_at?,
        })
    }
}

fn parameter(node: &Node, problems: &mut Problems) -> Option<String> {
    let plain = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b))
    };
    match node.text().filter(plain) {
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "the name of a query parameter"),
    }
}
