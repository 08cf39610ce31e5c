//! The compiled policy: what the guard does, as checked types, immutable and shared.
//!
//! Owns the composition of the sections and the rules between them; each section is compiled beside the code that
//! uses it. Does not read environment variables or secrets, and touches no file but the policy itself.
//!
//! Invariants: a `Policy` exists only when its file had no problem at all; it never changes; one request sees one.

use std::path::Path;
use std::sync::Arc;

use crate::audit::settings::AuditSettings;
use crate::compliance::{ComplianceSettings, Plan};
use crate::config::{NamedFile, Node, Noted, PolicyFile, Position, Problem, Problems, Value};
use crate::credentials::Callers;
use crate::credentials::settings::{CredentialsSettings, KeyEnvironment};
use crate::guards::Mode;
use crate::guards::access::settings::AccessSettings;
use crate::guards::body::settings::BodySettings;
use crate::guards::caller::settings::CallerSettings;
use crate::guards::headers::settings::HeadersSettings;
use crate::guards::rate::settings::LimitsSettings;
use crate::guards::repeats::settings::RepeatsSettings;
use crate::guards::routes::settings::RoutesSettings;
use crate::guards::target::settings::UrlSettings;
use crate::listener::settings::ListenSettings;
use crate::ops::settings::OpsSettings;
use crate::phi::Engine;
use crate::process::settings::ProcessSettings;
use crate::response::settings::ScrubSettings;
use crate::telemetry::settings::TelemetrySettings;
use crate::upstream::settings::UpstreamSettings;

pub use file::not_empty;
pub use store::{PolicyStore, ReloadOutcome};
pub use surroundings::Surroundings;

mod engine;
mod file;
mod store;
mod surroundings;

/// What messages call the policy that is there without a file.
const DEFAULTS: &str = "built-in defaults";

#[derive(Clone)]
pub struct Policy {
    pub compliance: ComplianceSettings,
    pub process: ProcessSettings,
    pub listen: ListenSettings,
    pub ops: OpsSettings,
    pub upstream: UpstreamSettings,
    pub credentials: CredentialsSettings,
    pub caller: CallerSettings,
    pub headers: HeadersSettings,
    pub url: UrlSettings,
    pub routes: RoutesSettings,
    pub access: AccessSettings,
    pub body: BodySettings,
    pub limits: LimitsSettings,
    pub repeats: RepeatsSettings,
    pub scrub: ScrubSettings,
    pub audit: AuditSettings,
    pub telemetry: TelemetrySettings,
    pub engine: Arc<Engine>,
    /// SHA-256 of the file in hexadecimal: which policy is running, for status, audit and evidence.
    pub hash: String,
    noted: Noted,
}

impl Policy {
    /// Compiles a policy; `source_name` is what messages call the file.
    pub fn from_str(source_name: &str, text: &str) -> Result<Policy, Problems> {
        let mut problems = Problems::new(source_name);
        let file = PolicyFile::read(text, &mut problems);
        let policy = Policy::compile(&file, text, &mut problems);
        problems.finish();
        match policy {
            Some(policy) if problems.is_empty() => Ok(Policy { noted: problems.into_noted(), ..policy }),
            _ => Err(problems),
        }
    }

    /// Reads and compiles a policy file, of bounded size.
    pub fn load(path: &Path) -> Result<Policy, Problems> {
        let text = file::read(path)?;
        Policy::from_str(&file::name(path), &text)
    }

    /// The policy of this file, or the defaults where there is none.
    pub fn load_or_default(path: Option<&Path>) -> Result<Policy, Problems> {
        match path {
            Some(path) => Policy::load(path),
            None => Policy::from_str(DEFAULTS, ""),
        }
    }

    /// The text of this file, of bounded size; of the defaults, none.
    pub fn text(path: Option<&Path>) -> Result<String, Problems> {
        path.map_or_else(|| Ok(String::new()), file::read)
    }

    /// What messages call the policy of this file.
    pub fn name(path: Option<&Path>) -> String {
        path.map_or_else(|| DEFAULTS.to_owned(), file::name)
    }

    /// What is allowed and probably not meant, as of `now_unix`.
    pub fn warnings(&self, now_unix: u64) -> impl Iterator<Item = &Problem> {
        self.noted
            .warnings
            .iter()
            .filter(move |warning| warning.since_unix <= now_unix)
            .map(|warning| &warning.problem)
    }

    /// Where the policy has what callers and users are known by.
    pub fn callers(&self) -> Callers<'_> {
        Callers { tokens: &self.caller.tokens, jwt: self.access.jwt.as_ref() }
    }

    /// The files the policy names, in the order they are read.
    pub fn files(&self) -> &[NamedFile] {
        &self.noted.files
    }

    /// Fails while a day of the file is still to come; `source_name` is what messages call the file.
    pub fn in_force(self, source_name: &str, now_unix: u64) -> Result<Policy, Problems> {
        let early = self.noted.premature.iter().filter(|premature| premature.until_unix > now_unix);
        let early: Vec<Problem> = early.map(|premature| premature.problem.clone()).collect();
        if early.is_empty() { Ok(self) } else { Err(Problems::of(source_name, early)) }
    }

    fn compile(file: &PolicyFile, text: &str, problems: &mut Problems) -> Option<Policy> {
        let guards = &file.guards;
        let compliance = ComplianceSettings::compile(&file.compliance, problems);
        let plan = compliance.plan;
        let policy = Policy {
            process: ProcessSettings::compile(&file.process, problems),
            listen: ListenSettings::compile(&file.listen, problems),
            ops: OpsSettings::compile(&file.ops, problems),
            upstream: UpstreamSettings::compile(&file.upstream, problems),
            credentials: CredentialsSettings::compile(&file.credentials, compliance.key_rule(), problems),
            compliance,
            caller: CallerSettings::compile(&guards.caller, problems),
            headers: HeadersSettings::compile(&guards.headers, &guards.browser, problems),
            url: UrlSettings::compile(&guards.url, problems),
            routes: RoutesSettings::compile(&guards.routes, problems),
            access: AccessSettings::compile(&guards.access, problems),
            body: BodySettings::compile(&guards.body, problems),
            limits: LimitsSettings::compile(&file.limits, plan, problems),
            repeats: RepeatsSettings::compile(&guards.repeats, problems),
            scrub: ScrubSettings::compile(&file.scrub, problems),
            audit: AuditSettings::compile(&file.audit, problems),
            telemetry: TelemetrySettings::compile(&file.telemetry, problems),
            engine: engine::compile(&file.scrub, problems)?,
            hash: file::hash(text.as_bytes()),
            noted: Noted::default(),
        };
        policy.check_plan(file, problems);
        policy.warn_of_useless_keys(file, problems);
        policy.check_exposure(file, problems);
        policy.check_certificates(file, problems);
        policy.check_ports(file, problems);
        policy.check_headers(file, problems);
        policy.check_tokens(file, problems);
        policy.check_tenants(file, problems);
        policy.warn_of_open_guards(file, problems);
        Some(policy)
    }

    /// Budgets of another plan than the one that was agreed would be a mistake in one of the two.
    fn check_plan(&self, file: &PolicyFile, problems: &mut Problems) {
        let Some(budget) = file.limits.plan.written() else { return };
        let agreed = self.compliance.plan.map(Plan::as_str);
        if let (Some(agreed), Some(budget_of)) = (agreed, budget.text())
            && agreed != budget_of
            && Plan::WORDS.iter().any(|(word, _)| *word == budget_of)
        {
            let message =
                format!("`compliance.plan` says {agreed}; for a smaller budget write `limits.per_minute`");
            problems.add(budget.at, &budget.path, message);
        }
    }

    /// Settings under which every key is turned away, whatever is mounted.
    fn warn_of_useless_keys(&self, file: &PolicyFile, problems: &mut Problems) {
        let rule = self.compliance.key_rule();
        // Of one that is written and wrong there is a problem already.
        let live = rule.live || file.compliance.baa.is_some();
        let (setting, message) = match self.credentials.environment {
            KeyEnvironment::Live if !live => (
                &file.credentials.environment,
                "no key can be used: a live one needs a recorded agreement, `compliance.baa`",
            ),
            KeyEnvironment::Test if !rule.test => (
                &file.credentials.environment,
                "no key can be used: `compliance.environment: production` refuses test keys",
            ),
            KeyEnvironment::Any if !live && !rule.test && self.compliance.plan != Some(Plan::Sandbox) => (
                &file.compliance.environment,
                "no key can be used: production needs a live key, and that a recorded agreement, `compliance.baa`",
            ),
            KeyEnvironment::Live | KeyEnvironment::Test | KeyEnvironment::Any => return,
        };
        problems.warn(setting.at, &setting.path, message);
    }

    /// Whoever reaches the guard uses its key, so an address beyond loopback needs callers that prove who they are.
    fn check_exposure(&self, file: &PolicyFile, problems: &mut Problems) {
        let Some(missing) = self.exposure() else { return };
        let plain = self.listen.beyond_loopback().next().is_some();
        let callers = &file.guards.caller;
        let written = !callers.tokens.items.is_empty() || (!plain && !callers.certificates.items.is_empty());
        // Tokens that are written but wrong are a problem already; saying that there are none would be wrong.
        if self.caller.mode == Mode::Enforce && written {
            return;
        }
        let (at, path) = match (plain, &file.listen.tls) {
            (false, Some(tls)) => (tls.addresses.at, "listen.tls.addresses"),
            _ => (beyond_loopback_at(file), "listen.addresses"),
        };
        problems.add(at, path, format!("an address beyond loopback {missing}"));
    }

    /// Certificates prove nothing where nobody asks for them.
    fn check_certificates(&self, file: &PolicyFile, problems: &mut Problems) {
        let asked = self.listen.tls.as_ref().is_some_and(|tls| tls.client_ca_file.is_some());
        if let (Some(first), false) = (file.guards.caller.certificates.items.first(), asked) {
            let message = "needs `listen.tls.client_ca_file`: without it no caller shows a certificate";
            problems.add(first.at, "guards.caller.certificates", message);
        }
    }

    /// What is missing to serve other machines, if the policy does.
    fn exposure(&self) -> Option<&'static str> {
        let plain = self.listen.beyond_loopback().next().is_some();
        if !plain && self.listen.tls_beyond_loopback().next().is_none() {
            return None;
        }
        let nobody = self.caller.tokens.is_empty();
        if self.caller.mode != Mode::Enforce {
            Some("needs `guards.caller.mode: enforce`, and `guards.caller.tokens` that callers send")
        } else if !plain && nobody && self.caller.certificates.is_empty() {
            Some(
                "needs `guards.caller.certificates` or `guards.caller.tokens`, so that callers prove who they are",
            )
        } else if plain && nobody {
            Some("needs `guards.caller.tokens`, so that callers prove who they are")
        } else {
            None
        }
    }

    fn check_ports(&self, file: &PolicyFile, problems: &mut Problems) {
        let Some(ops) = self.ops.address.filter(|ops| ops.port() != 0) else { return };
        let clash = |address: &std::net::SocketAddr| {
            let both_ip = address.is_ipv4() == ops.is_ipv4();
            let same = address.ip() == ops.ip() || address.ip().is_unspecified() || ops.ip().is_unspecified();
            address.port() == ops.port() && both_ip && same
        };
        let tls = self.listen.tls.iter().flat_map(|tls| &tls.addresses);
        if self.listen.addresses.iter().chain(tls).any(clash) {
            // Point at the one the user wrote; the other may be a default.
            let (at, path) = match file.ops.address.written() {
                Some(node) => (node.at, "ops.address"),
                None => (file.listen.addresses.at, "listen.addresses"),
            };
            problems.add(at, path, "`ops.address` and `listen.addresses` name the same address and port");
        }
    }

    /// A token that nothing needs keeps nobody out who leaves it away.
    fn check_tokens(&self, file: &PolicyFile, problems: &mut Problems) {
        let needed = self.audit.require_actor
            || !self.access.roles.is_empty()
            || self.access.jwt.as_ref().is_some_and(|jwt| jwt.tenant_claim.is_some());
        if let (Some(jwt), false) = (&file.guards.access.jwt, needed) {
            let message =
                "nothing needs a token: write `guards.access.roles`, or `audit.require_actor: true`";
            problems.add(jwt.at, "guards.access.jwt", message);
        }
    }

    fn check_headers(&self, file: &PolicyFile, problems: &mut Problems) {
        let told = self.credentials.tenant_header.as_ref();
        let told = told.map(|told| (&told.header, "credentials.tenant_header.header"));
        for (name, key) in self.access.headers().chain(told) {
            if self.headers.allow.contains(name) {
                let message = format!("this is `{key}`, which is never forwarded");
                problems.add(file.guards.headers.allow.at, "guards.headers.allow", message);
            }
        }
    }

    /// A tenant's callers are callers of the policy.
    fn check_tenants(&self, file: &PolicyFile, problems: &mut Problems) {
        let callers = &self.caller;
        let mut names: Vec<String> = callers.tokens.iter().map(|token| token.name.clone()).collect();
        names.extend(callers.certificates.iter().map(|certificate| certificate.name.to_string()));
        names.extend(callers.unix_uids.iter().map(|uid| format!("uid:{uid}")));
        names.push("loopback".to_owned());
        let known = |node: &Node, problems: &mut Problems| {
            let is_uid = |text: &str| text.strip_prefix("uid:").is_some_and(|uid| uid.parse::<u32>().is_ok());
            match node.text().filter(|text| is_uid(text) || names.iter().any(|name| name == text)) {
                Some(_) => Some(()),
                None => problems.expected_word(
                    node,
                    "a caller of `guards.caller`, `uid:` and a user id, or `loopback`",
                    names.iter().map(String::as_str),
                ),
            }
        };
        let section = &file.credentials;
        let told = section.tenant_header.iter().map(|told| &told.callers);
        for callers in section.tenants.items.iter().map(|tenant| &tenant.callers).chain(told) {
            callers.list(Vec::new(), known, problems);
        }
        if let (Some(told), Some(settings)) = (&section.tenant_header, &self.credentials.tenant_header)
            && self.access.headers().any(|(name, _)| *name == settings.header)
        {
            let message = "a header that says something else already";
            problems.add(told.header.at, "credentials.tenant_header.header", message);
        }
        let claim = self.access.jwt.as_ref().is_some_and(|jwt| jwt.tenant_claim.is_some());
        if let (true, Some(jwt), true) = (claim, &file.guards.access.jwt, self.credentials.tenants.is_empty())
        {
            let message = "without `credentials.tenants` there is none to name";
            problems.add(jwt.tenant_claim.at, "guards.access.jwt.tenant_claim", message);
        }
    }

    fn warn_of_open_guards(&self, file: &PolicyFile, problems: &mut Problems) {
        let guards = &file.guards;
        let modes = [
            (self.caller.mode, &guards.caller.mode),
            (self.headers.mode, &guards.headers.mode),
            (self.headers.browser_mode, &guards.browser.mode),
            (self.url.mode, &guards.url.mode),
            (self.routes.mode, &guards.routes.mode),
            (self.body.mode, &guards.body.mode),
            (self.repeats.mode, &guards.repeats.mode),
            (self.limits.mode, &file.limits.mode),
        ];
        for (mode, setting) in modes {
            let message = match mode {
                Mode::Enforce => continue,
                Mode::Observe => "only counts and logs; nothing is refused",
                Mode::Off => "this guard does not look",
            };
            problems.warn(setting.at, &setting.path, message);
        }
    }
}

/// Where the first address beyond loopback is written.
fn beyond_loopback_at(file: &PolicyFile) -> Position {
    let items = match file.listen.addresses.written().map(|node| &node.value) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let beyond = |text: &str| {
        text.parse::<std::net::SocketAddr>().is_ok_and(|address| !address.ip().to_canonical().is_loopback())
    };
    let item = items.iter().find(|item| item.text().is_some_and(beyond));
    item.map_or(file.listen.addresses.at, |item| item.at)
}

#[cfg(test)]
mod tests;
