//! What an exchange leaves in metrics and logs: codes, classes and counts, never a word of the request.

use http::StatusCode;

use super::Exchange;
use crate::audit::Record;
use crate::contract;
use crate::guards::{Mode, Observed};
use crate::metrics::Where;
use crate::outcome::{Code, Fault, Refusal};
use crate::response::CleanResponse;

impl Exchange<'_> {
    pub(super) fn count(
        &self,
        result: &Result<CleanResponse, Refusal>,
        observed: &Observed,
        record: &Record,
    ) {
        let metrics = &self.worker.service.metrics;
        let operation = record.operation.map_or("unknown", contract::Operation::as_str);
        let outcome = match result {
            Ok(clean) => status_class(clean.status()),
            Err(refusal) => refusal.code.as_str(),
        };
        metrics.requests.with_label_values(&[operation, record.resource.unwrap_or("unknown"), outcome]).inc();
        metrics.observe_request(record.started().elapsed());
        for refusal in &observed.0 {
            metrics.refused(refusal.code, Mode::Observe);
            self.log(refusal, record, Mode::Observe);
        }
        match result {
            Ok(clean) => {
                metrics.redacted_in(Where::ResponseBody, clean.redactions());
                metrics.redacted_in(Where::ResponseHeader, clean.header_redactions());
            }
            Err(refusal) => {
                metrics.refused(refusal.code, Mode::Enforce);
                self.log(refusal, record, Mode::Enforce);
            }
        }
    }

    fn log(&self, refusal: &Refusal, record: &Record, mode: Mode) {
        let metrics = &self.worker.service.metrics;
        if let Some(spent) = refusal.spent {
            metrics.rate_limited.with_label_values(&[spent.budget.as_str()]).inc();
        }
        for class in &refusal.classes {
            metrics.found(Where::Url, *class);
        }
        let resource = record.resource.unwrap_or("unknown");
        for field in &refusal.fields {
            metrics.phi_on_test.with_label_values(&[resource, field]).inc();
        }
        if refusal.code == Code::PhiOnTest {
            tracing::warn!(
                request_id = %record.request_id,
                method = record.method,
                route = record.route.unwrap_or("unknown"),
                code = refusal.code.as_str(),
                mode = mode.as_str(),
                fields = %refusal.fields.join(" "),
                "PHI fields with a test key or on the Sandbox plan; invented data cannot be told from real"
            );
        }
        tracing::info!(
            request_id = %record.request_id,
            method = record.method,
            route = record.route.unwrap_or("unknown"),
            code = refusal.code.as_str(),
            mode = mode.as_str(),
            at = refusal.subject.as_deref(),
            "{}",
            match (mode, refusal.code.fault()) {
                (Mode::Observe | Mode::Off, _) => "would have been refused",
                (Mode::Enforce, Fault::Client) => "refused",
                (Mode::Enforce, Fault::Upstream) => "ClinikAPI gave no answer to pass on",
                (Mode::Enforce, Fault::Guard) => "not served",
            }
        );
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
