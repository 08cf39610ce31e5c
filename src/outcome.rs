//! Everything that can end a request badly: one closed enum and one exhaustive table.
//!
//! Owns the status, the machine code, the sentence a client reads, whose fault it is, and the label used by
//! metrics, logs and audit. Does not build responses (`reply`). No row quotes input; a new variant does not
//! compile until its row is complete. Statuses are chosen so that the ClinikAPI SDK keeps the code and does not
//! retry what must not be repeated.

use std::borrow::Cow;

use http::StatusCode;

/// Who has to act on a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Client,
    Upstream,
    Guard,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident => $status:ident, $code:literal, $fault:ident, $sentence:literal;)+) => {
        /// Why a request was not answered by the upstream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)+ }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            pub const fn status(self) -> StatusCode {
                match self { $(Code::$variant => StatusCode::$status,)+ }
            }

            /// The machine code; also the metric label and the audit reason.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)+ }
            }

            /// What the client reads. Says what to do instead, quotes nothing.
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$variant => $sentence,)+ }
            }

            /// Of a route that the contract does not have.
            pub const fn is_undocumented(self) -> bool {
                matches!(self, Code::PathUnknown | Code::MethodUnknown)
            }

            pub const fn fault(self) -> Fault {
                match self { $(Code::$variant => Fault::$fault,)+ }
            }
        }
    };
}

refusals! {
    PhiInUrl => BAD_REQUEST, "PHI_IN_URL", Client,
        "The URL carries protected health information. Send search values in the body of POST {resource}/_search, and use opaque ids.";
    InvalidTarget => BAD_REQUEST, "INVALID_TARGET", Client,
        "The request target cannot be decoded safely, has an empty or dot segment or a slash at its end, or holds an id outside [A-Za-z0-9._-]{1,128}.";
    PathUnknown => FORBIDDEN, "ROUTE_NOT_ALLOWED", Client,
        "ClinikAPI documents no such path. Paths begin with /v1 and a resource in the plural and in small letters, such as /v1/patients/{id}; FHIR R4 types stand below /v1/fhir.";
    /// The path is there, with other methods.
    MethodUnknown => FORBIDDEN, "ROUTE_NOT_ALLOWED", Client,
        "ClinikAPI documents this path, but not with this method. Updates are PATCH, and PUT too below /v1/fhir; a search by body is POST to the path with /_search.";
    /// The contract has it; the subject is the key of the policy, or the part of the request, that stands against it.
    RouteNotAllowed => FORBIDDEN, "ROUTE_NOT_ALLOWED", Client,
        "ClinikAPI documents this route, but the guard does not allow it. Whoever keeps the guard's policy can tell why.";
    /// Of a search by body.
    ParameterUnknown => FORBIDDEN, "ROUTE_NOT_ALLOWED", Client,
        "A search by body takes only the parameters that ClinikAPI documents for it, which clinik-guard explain lists. JSON needs content-type: application/json.";
    BrowserNotAllowed => FORBIDDEN, "BROWSER_NOT_ALLOWED", Client,
        "Requests from a browser are refused. Call the guard from your backend, as localhost or under a host named in guards.browser.hosts.";
    CallerNotAllowed => FORBIDDEN, "CALLER_NOT_ALLOWED", Client,
        "The guard does not know this caller. Send a configured caller token as x-api-key, or connect as an allowed user.";
    AccessDenied => FORBIDDEN, "ACCESS_DENIED", Client,
        "The actor's role may not perform this operation on this resource.";
    ActorRequired => BAD_REQUEST, "ACTOR_REQUIRED", Client,
        "The guard has to know who acts, by an opaque id: no name, e-mail address or other identifier.";
    /// Not a 401: the SDK would tell its user that the API key is wrong.
    ActorTokenInvalid => FORBIDDEN, "ACTOR_TOKEN_INVALID", Client,
        "The token that says who acts is not valid here. Get a new one from the identity provider that guards.access.jwt names.";
    KeyInRequest => BAD_REQUEST, "KEY_IN_REQUEST", Client,
        "An API key stands inside the URL or the body. Remove it, and rotate the key: the guard adds the key itself.";
    MethodOverrideRejected => BAD_REQUEST, "METHOD_OVERRIDE_REJECTED", Client,
        "HTTP method overrides are not supported. Use the method itself.";
    MethodNotAllowed => FORBIDDEN, "ROUTE_NOT_ALLOWED", Client,
        "TRACE, CONNECT and protocol upgrades are not supported.";
    /// A precondition that cannot travel on: without it the write would be a different one.
    HeaderNotAllowed => BAD_REQUEST, "HEADER_NOT_ALLOWED", Client,
        "A conditional header cannot be forwarded: it is malformed, not supported, or carries PHI. Without it the request would mean something else.";
    /// Two parsers could read the message differently; the subject says where.
    MalformedRequest => BAD_REQUEST, "MALFORMED_REQUEST", Client,
        "The request is not well-formed HTTP/1.1, or could be read in more than one way. The connection is closed.";
    HttpVersion => HTTP_VERSION_NOT_SUPPORTED, "HTTP_VERSION_NOT_SUPPORTED", Client,
        "The guard speaks HTTP/1.1 and no other version.";
    ExpectationFailed => EXPECTATION_FAILED, "EXPECTATION_FAILED", Client,
        "The only expectation the guard meets is 100-continue.";
    UriTooLong => URI_TOO_LONG, "URI_TOO_LONG", Client,
        "The request target is longer than guards.url.uri_bytes_max allows.";
    HeadersTooLarge => REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE", Client,
        "The request headers are larger than guards.headers.header_bytes_max allows, or more than guards.headers.fields_max.";
    BodyTooLarge => PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", Client,
        "The request body is larger than guards.body.bytes_max allows for this route, counted in bytes of UTF-8.";
    UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", Client,
        "The content type or coding of the body is not accepted on this route. Send uncompressed JSON, a search also as a form, and no body in a GET.";
    InvalidJson => BAD_REQUEST, "INVALID_JSON", Client,
        "The request body is not well-formed JSON, is nested deeper than guards.body.depth_max allows, or holds a string longer than guards.body.string_bytes_max.";
    /// The key, or the plan, is one that no agreement covers.
    PhiOnTest => FORBIDDEN, "PHI_ON_TEST", Client,
        "The body has fields for PHI, and the guard holds a test key or serves the Sandbox plan, which no agreement covers (compliance.phi_on_test). Use a live key, or leave the fields out.";
    UpstreamKeyRejected => FORBIDDEN, "UPSTREAM_KEY_REJECTED", Guard,
        "ClinikAPI refused the guard's own API key. The platform team must mount a valid key.";
    /// No falling back to a key of somebody else.
    TenantUnknown => FORBIDDEN, "TENANT_UNKNOWN", Client,
        "The request belongs to none of the tenants in credentials.tenants, or to two of them, so there is no key to send it with.";
    /// There is no key to send. Not a 5xx: the SDK would only ask again.
    NoKey => FORBIDDEN, "UPSTREAM_KEY_REJECTED", Guard,
        "The guard has no API key to send, so nothing was sent. The platform team must mount one.";
    RateLimited => TOO_MANY_REQUESTS, "RATE_LIMITED", Client,
        "The guard's rate limit is reached. Wait for the seconds in Retry-After.";
    MonthlyQuotaExceeded => TOO_MANY_REQUESTS, "MONTHLY_QUOTA_EXCEEDED", Client,
        "The plan's monthly quota is spent. Requests resume at the quota reset.";
    SandboxQuotaExceeded => TOO_MANY_REQUESTS, "SANDBOX_QUOTA_EXCEEDED", Client,
        "The plan's sandbox quota is spent. Requests resume at the quota reset.";
    AuditUnavailable => SERVICE_UNAVAILABLE, "AUDIT_UNAVAILABLE", Guard,
        "The audit record cannot be written and the policy refuses requests without one.";
    UpstreamUnreachable => BAD_GATEWAY, "UPSTREAM_UNREACHABLE", Upstream,
        "ClinikAPI cannot be reached; nothing was changed.";
    UpstreamInvalid => BAD_GATEWAY, "UPSTREAM_INVALID", Upstream,
        "ClinikAPI sent an answer the guard cannot pass on.";
    UpstreamTimeout => GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT", Upstream,
        "ClinikAPI did not answer in time.";
    /// A write was sent; a 5xx would make the SDK send it again.
    OutcomeUnknown => CONFLICT, "OUTCOME_UNKNOWN", Upstream,
        "The write was sent, or the same one was a moment ago, and its outcome is unknown. Read the record before sending it again.";
    /// A panic, caught: a bug of ours.
    InternalError => INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", Guard,
        "The guard failed on this request and changed nothing. Other requests are not affected; the log says where it failed.";
    Overloaded => SERVICE_UNAVAILABLE, "OVERLOADED", Guard,
        "The guard is handling as many requests as it may. Retry after the seconds in Retry-After.";
    /// The client broke its own body off.
    BodyIncomplete => BAD_REQUEST, "BODY_INCOMPLETE", Client,
        "The request body ended before its announced length.";
    /// The client took too long to send its head or body.
    ClientTimeout => REQUEST_TIMEOUT, "CLIENT_TIMEOUT", Client,
        "The request did not arrive in time: see listen.header_timeout, listen.body_timeout and listen.body_rate_min.";
}

/// A refusal with the little a client may be told beyond its code: nothing here can hold request text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// The parameter, header, field or key at fault, from our own vocabulary (contract or policy), never from the wire.
    pub subject: Option<Cow<'static, str>>,
    /// PHI classes found, for the diagnostics, verdicts and metrics.
    pub classes: Vec<crate::phi::Class>,
    /// Labels of body fields that no agreement covers, from the contract.
    pub fields: Vec<&'static str>,
    /// What the client reads instead of the sentence of the code: our words, and names of the policy.
    pub said: Option<Box<String>>,
    /// The budget that was spent, for `Retry-After` and `X-RateLimit-*`.
    pub spent: Option<crate::guards::rate::Spent>,
    /// The documented upstream code behind [`Code::UpstreamKeyRejected`].
    pub upstream_code: Option<&'static str>,
}

impl Refusal {
    pub const fn new(code: Code) -> Refusal {
        Refusal {
            code,
            subject: None,
            classes: Vec::new(),
            fields: Vec::new(),
            said: None,
            spent: None,
            upstream_code: None,
        }
    }

    /// Names the parameter, header or key at fault, from our own vocabulary.
    pub fn about(mut self, subject: &'static str) -> Refusal {
        self.subject = Some(Cow::Borrowed(subject));
        self
    }

    /// As `about`, of several words of our own vocabulary and numbers.
    pub fn at(mut self, place: String) -> Refusal {
        self.subject = Some(Cow::Owned(place));
        self
    }

    pub fn with_classes(mut self, classes: Vec<crate::phi::Class>) -> Refusal {
        self.classes = classes;
        self
    }

    /// Says this instead of the sentence of the code. Of our words and names of the policy, never from the wire.
    pub fn saying(mut self, said: String) -> Refusal {
        self.said = Some(Box::new(said));
        self
    }

    /// What to do, and where: the sentence and the subject. For clients and for `explain`.
    pub fn advice(&self) -> String {
        let sentence = self.said.as_ref().map_or(self.code.sentence(), |said| said.as_str());
        self.subject
            .as_ref()
            .map_or_else(|| sentence.to_owned(), |subject| format!("{sentence} At: {subject}."))
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal::new(code)
    }
}
