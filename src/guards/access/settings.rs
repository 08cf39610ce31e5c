//! The compiled `guards.access` section.

use std::collections::BTreeMap;

use http::HeaderName;

use super::MISUSED;
use super::jwt::settings::JwtSettings;
use super::roles::{OPERATIONS, Role, Roles, known_role};
use crate::config::{self, Node, Problems, read};
use crate::contract::Operation;
use crate::guards::Mode;
use crate::guards::opaque::PolicyName;

#[derive(Clone, Debug)]
pub struct AccessSettings {
    pub mode: Mode,
    /// Nothing that may change a record is let through.
    pub read_only: bool,
    pub actor_header: HeaderName,
    pub role_header: HeaderName,
    /// By name. Empty: everybody may do what nobody is denied.
    pub roles: BTreeMap<String, Role>,
    /// What is denied to all, roles or not.
    pub nobody: Role,
    pub break_glass: Option<BreakGlass>,
    /// Who acts is said by a token, and by nothing else.
    pub jwt: Option<JwtSettings>,
}

/// Emergency access: who may take it, for what, and the reasons there are.
#[derive(Clone, Debug)]
pub struct BreakGlass {
    pub header: HeaderName,
    pub reasons: Vec<PolicyName>,
    /// Names of `AccessSettings::roles`.
    pub roles: Vec<String>,
    pub operations: Vec<Operation>,
}

/// Headers that have another meaning already.
const TAKEN: [&str; 27] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-exist",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "prefer",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-api-key",
    "x-request-id",
];

impl AccessSettings {
    pub fn compile(section: &config::Access, problems: &mut Problems) -> AccessSettings {
        let mode = section.mode.word(Mode::Enforce, &Mode::WORDS, problems);
        let read_only = section.read_only.or(false, read::flag, problems);
        let Roles { by_name: roles, nobody } = Roles::compile(section, problems);
        let break_glass =
            section.break_glass.as_ref().and_then(|section| BreakGlass::compile(section, &roles, problems));
        let used = !roles.is_empty() || !nobody.deny.is_empty() || read_only;
        let toothless = match mode {
            Mode::Off => Some("`roles`, `deny` and `read_only` have no effect"),
            Mode::Observe => Some("only counts and logs; nothing is refused"),
            Mode::Enforce => None,
        };
        if let Some(message) = toothless.filter(|_| used) {
            problems.warn(section.mode.at, "guards.access.mode", message);
        }
        let actor_header =
            section.actor_header.or(HeaderName::from_static("x-clinik-actor"), own_header, problems);
        let role_header =
            section.role_header.or(HeaderName::from_static("x-clinik-role"), own_header, problems);
        if actor_header == role_header {
            let at = section.role_header.written().map_or(section.actor_header.at, |node| node.at);
            problems.add(at, "guards.access.role_header", "the same header as `actor_header`");
        }
        if let Some((glass, written)) = break_glass.as_ref().zip(section.break_glass.as_ref())
            && [&actor_header, &role_header].contains(&&glass.header)
            && section.jwt.is_none()
        {
            let message = "the same header as `actor_header` or `role_header`";
            problems.add(written.header.at, "guards.access.break_glass.header", message);
        }
        let jwt = section.jwt.as_ref().and_then(|section| JwtSettings::compile(section, problems));
        let settings =
            AccessSettings { mode, read_only, actor_header, role_header, roles, nobody, break_glass, jwt };
        let mut named: Vec<&HeaderName> = settings.headers().map(|(name, _)| name).collect();
        named.sort_unstable_by_key(|name| name.as_str());
        if let (Some(jwt), true) = (&section.jwt, named.windows(2).any(|pair| pair.first() == pair.last())) {
            problems.add(
                jwt.header.at,
                "guards.access.jwt.header",
                "a header that says something else already",
            );
        }
        settings
    }

    /// The headers that say who acts, each with its key; none is ever forwarded.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &'static str)> {
        let glass =
            self.break_glass.as_ref().map(|glass| (&glass.header, "guards.access.break_glass.header"));
        [(&self.actor_header, "guards.access.actor_header"), (&self.role_header, "guards.access.role_header")]
            .into_iter()
            .chain(glass)
            .chain(self.jwt.as_ref().map(|jwt| (&jwt.header, "guards.access.jwt.header")))
    }
}

impl BreakGlass {
    fn compile(
        section: &config::BreakGlass,
        roles: &BTreeMap<String, Role>,
        problems: &mut Problems,
    ) -> Option<BreakGlass> {
        let before = problems.len();
        let reason =
            |node: &Node, problems: &mut Problems| read::name(node, problems).and_then(PolicyName::of);
        let reasons = section.reasons.list(Vec::new(), reason, problems);
        if reasons.iter().any(|reason| reason.as_str() == MISUSED) {
            let message = format!("`{MISUSED}` stands for reasons that are not listed here");
            problems.add(section.reasons.at, &section.reasons.path, message);
        }
        let role = |node: &Node, problems: &mut Problems| known_role(node, roles, problems);
        let roles = section.roles.list(Vec::new(), role, problems);
        for (empty, setting, what) in [
            (reasons.is_empty(), &section.reasons, "the reasons there are, such as [emergency]"),
            (roles.is_empty(), &section.roles, "the roles that may break the glass"),
        ] {
            if empty && problems.len() == before {
                problems.add(setting.at, &setting.path, format!("needs {what}"));
            }
        }
        let operation = |node: &Node, problems: &mut Problems| read::word(node, &OPERATIONS, problems);
        let default = vec![Operation::Read, Operation::Search];
        Some(BreakGlass {
            header: section.header.or(HeaderName::from_static("x-clinik-break-glass"), own_header, problems),
            reasons,
            roles,
            operations: section.operations.list(default, operation, problems),
        })
    }
}

/// A header that has no other meaning yet.
pub fn own_header(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    let name = read::header_name(node, problems)?;
    match TAKEN.contains(&name.as_str()) {
        true => problems.expected(node, "a header of its own; this one has another meaning"),
        false => Some(name),
    }
}
