//! The numbers Prometheus reads. Every label value comes from a closed set of ours: enums, the contract's resource
//! names, policy names. No path, id, host or text from the wire can make a series.

use std::time::Duration;

use prometheus::{
    Counter, Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::guards::Mode;
use crate::guards::rate::Budget;
use crate::listener::Full;
use crate::outcome::Code;
use crate::phi::Class;
use crate::phi::scrub::Redactions;
use crate::upstream::{Cause, Handshake};

/// All metrics of the process.
pub struct Metrics {
    registry: Registry,
    pub requests: IntCounterVec,
    pub request_duration: Histogram,
    pub upstream_duration: Histogram,
    pub refusals: IntCounterVec,
    pub findings: IntCounterVec,
    pub redactions: IntCounterVec,
    pub phi_on_test: IntCounterVec,
    pub rate_limited: IntCounterVec,
    pub upstream_ratelimit_remaining: IntGauge,
    pub quota_used: IntGauge,
    pub quota_limit: IntGauge,
    pub quota_overage: IntGauge,
    pub audit_records: IntCounter,
    pub audit_failures: IntCounter,
    pub audit_exported: IntCounter,
    pub audit_export_failures: IntCounterVec,
    pub audit_shipped: IntCounter,
    pub audit_ship_failures: IntCounterVec,
    pub audit_spool_bytes: IntGauge,
    pub audit_spool_oldest: IntGauge,
    pub policy_reload_timestamp: Gauge,
    pub policy_reload_failures: IntCounter,
    pub policy_exceptions_used: IntCounterVec,
    pub break_glass: IntCounterVec,
    pub key_reloads: IntCounterVec,
    pub key_age: Gauge,
    pub upstream_failures: IntCounterVec,
    upstream_handshakes: IntCounterVec,
    certificate_expiry: IntGaugeVec,
    pub client_handshakes: IntCounterVec,
    pub certificate_reloads: IntCounterVec,
    pub connections: IntGauge,
    pub connections_refused: IntCounterVec,
    pub accept_failures: IntCounter,
    pub requests_in_flight: IntGauge,
    pub panics: IntCounter,
    pub secrets_locked: IntGauge,
    process: Process,
}

/// Exchanges by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    pub answered: u64,
    pub refused: u64,
    pub client_gone: u64,
}

/// Where PHI was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Url,
    RequestHeader,
    ResponseBody,
    ResponseHeader,
}

impl Where {
    const fn as_str(self) -> &'static str {
        match self {
            Where::Url => "url",
            Where::RequestHeader => "request_header",
            Where::ResponseBody => "response_body",
            Where::ResponseHeader => "response_header",
        }
    }
}

/// Whose certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// What the upstream shows.
    Upstream,
    /// What we show the upstream.
    Client,
    /// What we show our callers.
    Listener,
}

impl Certificate {
    const fn as_str(self) -> &'static str {
        match self {
            Certificate::Upstream => "upstream",
            Certificate::Client => "client",
            Certificate::Listener => "listener",
        }
    }
}

/// From 100 µs to 30 s, finer where a sidecar lives.
const SECONDS: [f64; 15] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

impl Metrics {
    /// Registers everything. Names and label names are constants, so registration cannot fail; a test makes one.
    pub fn new() -> Metrics {
        let made = Make { registry: Registry::new() };
        let build = made.gauges("build_info", "Constant 1, with the version.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let metrics = Metrics {
            requests: made.counters(
                "requests_total",
                "Exchanges by operation, resource and outcome.",
                &["operation", "resource", "outcome"],
            ),
            request_duration: made
                .histogram("request_duration_seconds", "From request head to response head."),
            upstream_duration: made
                .histogram("upstream_duration_seconds", "From sending to the upstream's answer head."),
            refusals: made.counters(
                "refusals_total",
                "Requests refused, or that would have been.",
                &["code", "mode"],
            ),
            findings: made.counters("findings_total", "PHI found.", &["where", "class"]),
            redactions: made.counters("redactions_total", "Values replaced in answers.", &["class"]),
            phi_on_test: made.counters(
                "phi_on_test_total",
                "Bodies with a field for PHI, with a test key or on the Sandbox plan.",
                &["resource", "field"],
            ),
            rate_limited: made.counters("rate_limited_total", "Requests over a budget.", &["budget"]),
            upstream_ratelimit_remaining: made
                .gauge("upstream_ratelimit_remaining", "Requests left in ClinikAPI's current window."),
            quota_used: made.gauge("quota_used", "Requests used of the plan's quota."),
            quota_limit: made.gauge("quota_limit", "Requests in the plan's quota."),
            quota_overage: made.gauge("quota_overage", "Requests over the plan's quota."),
            audit_records: made.counter("audit_records_total", "Audit records written."),
            audit_failures: made.counter(
                "audit_failures_total",
                "Audit records that could not be written, and files of them that somebody cut or deleted.",
            ),
            audit_exported: made.counter("audit_exported_total", "Audit lines that the collector took."),
            audit_export_failures: made.counters(
                "audit_export_failures_total",
                "Batches that were not taken, and records that the collector rejected.",
                &["cause"],
            ),
            audit_shipped: made.counter("audit_shipped_total", "Segments that reached the object store."),
            audit_ship_failures: made.counters(
                "audit_ship_failures_total",
                "Tries after which segments were still not there.",
                &["cause"],
            ),
            audit_spool_bytes: made.gauge("audit_spool_bytes", "Sealed segments that are not there yet."),
            audit_spool_oldest: made.gauge(
                "audit_spool_oldest_timestamp_seconds",
                "When the oldest of them was sealed, Unix time; 0 without one.",
            ),
            policy_reload_timestamp: made
                .float("policy_reload_timestamp_seconds", "When the running policy was loaded, Unix time."),
            policy_reload_failures: made
                .counter("policy_reload_failures_total", "Policies rejected at reload."),
            policy_exceptions_used: made.counters(
                "policy_exceptions_used_total",
                "Requests let through by an exception.",
                &["exception"],
            ),
            break_glass: made.counters(
                "break_glass_total",
                "Requests with emergency access, by the policy's reason.",
                &["reason"],
            ),
            key_reloads: made.counters(
                "key_reloads_total",
                "Looks at key sources that changed or failed.",
                &["result"],
            ),
            key_age: made.float("key_age_seconds", "Since this process first read the key in use."),
            upstream_failures: made.counters(
                "upstream_failures_total",
                "Requests without an answer.",
                &["cause"],
            ),
            upstream_handshakes: made.counters(
                "upstream_handshakes_total",
                "TLS handshakes with the upstream.",
                &["kind", "version", "key_exchange"],
            ),
            certificate_expiry: made.gauges(
                "certificate_expiry_timestamp_seconds",
                "When a leaf certificate ends, Unix time.",
                &["certificate"],
            ),
            client_handshakes: made.counters(
                "client_handshakes_total",
                "TLS handshakes with callers.",
                &["result"],
            ),
            certificate_reloads: made.counters(
                "certificate_reloads_total",
                "Certificate files that changed, or could not be used.",
                &["leg", "result"],
            ),
            connections: made.gauge("connections", "Open client connections."),
            connections_refused: made.counters(
                "connections_refused_total",
                "Connections that found no place.",
                &["limit"],
            ),
            accept_failures: made.counter(
                "accept_failures_total",
                "Times no connection could be accepted for want of file descriptors or memory.",
            ),
            requests_in_flight: made.gauge("requests_in_flight", "Requests being handled."),
            secrets_locked: made
                .gauge("secrets_locked", "1 while every secret is kept from being swapped out."),
            panics: made.counter("panics_total", "Requests that a bug of the guard ended."),
            process: Process {
                cpu: made.plain_counter("process_cpu_seconds_total", "User and system CPU time."),
                memory: made.plain_float("process_resident_memory_bytes", "Resident memory."),
                descriptors: made.plain_float("process_open_fds", "Open file descriptors."),
            },
            registry: made.registry,
        };
        metrics.begin_at_zero();
        metrics
    }

    /// Shows the series of closed sets before anything happens: from a series that begins at 1 an `increase()` sees nothing.
    fn begin_at_zero(&self) {
        for code in Code::ALL {
            for mode in [Mode::Enforce, Mode::Observe] {
                self.refusals.with_label_values(&[code.as_str(), mode.as_str()]);
            }
        }
        for class in Class::ALL {
            self.redactions.with_label_values(&[class.label()]);
            for place in [Where::Url, Where::RequestHeader, Where::ResponseBody, Where::ResponseHeader] {
                self.findings.with_label_values(&[place.as_str(), class.label()]);
            }
        }
        for budget in Budget::ALL {
            self.rate_limited.with_label_values(&[budget.as_str()]);
        }
        for cause in Cause::ALL {
            self.upstream_failures.with_label_values(&[cause.as_str()]);
        }
        for result in ["changed", "failed"] {
            self.key_reloads.with_label_values(&[result]);
            for leg in ["upstream", "listener"] {
                self.certificate_reloads.with_label_values(&[leg, result]);
            }
        }
        for limit in Full::ALL {
            self.connections_refused.with_label_values(&[limit.as_str()]);
        }
    }

    /// The same for what a policy names: its exceptions and its reasons for emergency access.
    pub fn name(
        &self,
        exceptions: impl IntoIterator<Item = impl AsRef<str>>,
        reasons: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for exception in exceptions {
            self.policy_exceptions_used.with_label_values(&[exception.as_ref()]);
        }
        for reason in reasons {
            self.break_glass.with_label_values(&[reason.as_ref()]);
        }
    }

    pub fn refused(&self, code: Code, mode: Mode) {
        self.refusals.with_label_values(&[code.as_str(), mode.as_str()]).inc();
    }

    pub fn found(&self, place: Where, class: Class) {
        self.findings.with_label_values(&[place.as_str(), class.label()]).inc();
    }

    /// Counts what was taken out of one place.
    pub fn redacted_in(&self, place: Where, redactions: &Redactions) {
        if redactions.total() == 0 {
            return;
        }
        for (class, count) in redactions.iter() {
            self.redacted(class, count);
            self.found(place, class);
        }
    }

    fn redacted(&self, class: Class, count: u64) {
        self.redactions.with_label_values(&[class.label()]).inc_by(count);
    }

    /// How the exchanges so far ended.
    pub fn served(&self) -> Served {
        use prometheus::core::Collector;
        let mut served = Served::default();
        for series in self.requests.collect().iter().flat_map(|family| family.get_metric()) {
            let outcome = series.get_label().iter().find(|label| label.name() == "outcome");
            let count = series.get_counter().get_value() as u64;
            match outcome.map(|label| label.value()) {
                Some("2xx" | "3xx" | "4xx" | "5xx") => served.answered += count,
                Some("client_gone") => served.client_gone += count,
                _ => served.refused += count,
            }
        }
        served
    }

    pub fn observe_request(&self, duration: Duration) {
        self.request_duration.observe(duration.as_secs_f64());
    }

    pub fn handshaken(&self, handshake: &Handshake) {
        let kind = if handshake.resumed { "resumed" } else { "full" };
        let labels = [kind, handshake.version, handshake.key_exchange];
        self.upstream_handshakes.with_label_values(&labels).inc();
        self.certificate_ends(Certificate::Upstream, handshake.not_after);
    }

    pub fn certificate_ends(&self, certificate: Certificate, not_after: Option<i64>) {
        if let Some(end) = not_after {
            self.certificate_expiry.with_label_values(&[certificate.as_str()]).set(end);
        }
    }

    /// The exposition text.
    pub fn render(&self) -> String {
        self.process.read();
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

struct Make {
    registry: Registry,
}

/// Constructors fail only for names that break the exposition format; ours are constants, checked by a test.
#[expect(clippy::expect_used, reason = "constant names, checked by a test that builds all metrics")]
impl Make {
    fn keep<T: prometheus::core::Collector + Clone + 'static>(&self, metric: prometheus::Result<T>) -> T {
        let metric = metric.expect("constant metric names are valid");
        self.registry.register(Box::new(metric.clone())).expect("constant metric names are unique");
        metric
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.keep(IntCounter::new(format!("clinik_guard_{name}"), help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.keep(IntCounterVec::new(Opts::new(format!("clinik_guard_{name}"), help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.keep(IntGauge::new(format!("clinik_guard_{name}"), help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.keep(IntGaugeVec::new(Opts::new(format!("clinik_guard_{name}"), help), labels))
    }

    fn float(&self, name: &str, help: &str) -> Gauge {
        self.keep(Gauge::new(format!("clinik_guard_{name}"), help))
    }

    fn plain_counter(&self, name: &str, help: &str) -> Counter {
        self.keep(Counter::new(name, help))
    }

    fn plain_float(&self, name: &str, help: &str) -> Gauge {
        self.keep(Gauge::new(name, help))
    }

    fn histogram(&self, name: &str, help: &str) -> Histogram {
        let options = HistogramOpts::new(format!("clinik_guard_{name}"), help).buckets(SECONDS.to_vec());
        self.keep(Histogram::with_opts(options))
    }
}

/// The usual process metrics, read from procfs when asked for.
struct Process {
    cpu: Counter,
    memory: Gauge,
    descriptors: Gauge,
}

impl Process {
    fn read(&self) {
        if let Ok(stat) = std::fs::read_to_string("/proc/self/stat") {
            // Fields after the parenthesised command name; utime and stime are the 12th and 13th of them, in ticks of
            // 10 ms on every Linux this runs on.
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let number =
                |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
            self.cpu.inc_by(((number(11) + number(12)) / 100.0 - self.cpu.get()).max(0.0));
            self.memory.set(number(21) * 4096.0);
        }
        if let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") {
            self.descriptors.set(u32::try_from(descriptors.count()).map_or(0.0, f64::from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_alerted_on_is_there_before_it_happens() {
        let metrics = Metrics::new();
        metrics.name(["legacy"], ["cover"]);
        let text = metrics.render();
        for series in [
            "refusals_total{code=\"PHI_IN_URL\",mode=\"enforce\"}",
            "refusals_total{code=\"KEY_IN_REQUEST\",mode=\"observe\"}",
            "rate_limited_total{budget=\"global\"}",
            "policy_exceptions_used_total{exception=\"legacy\"}",
            "break_glass_total{reason=\"cover\"}",
            "upstream_failures_total{cause=\"connect\"}",
            "redactions_total{class=\"name\"}",
            "key_reloads_total{result=\"failed\"}",
        ] {
            assert!(text.contains(&format!("clinik_guard_{series} 0\n")), "{series}\n{text}");
        }
        assert!(text.lines().count() < 400, "{}", text.lines().count());
    }

    #[test]
    fn all_metrics_register_and_render() {
        let metrics = Metrics::new();
        for code in Code::ALL {
            metrics.refused(*code, Mode::Enforce);
        }
        for class in Class::ALL {
            metrics.found(Where::Url, class);
        }
        let text = metrics.render();
        assert!(text.contains("clinik_guard_refusals_total{code=\"PHI_IN_URL\",mode=\"enforce\"} 1"));
        assert!(text.contains("clinik_guard_build_info{version="));
        assert!(text.contains("process_resident_memory_bytes"));
        assert!(text.contains("# TYPE process_cpu_seconds_total counter"));
    }
}
