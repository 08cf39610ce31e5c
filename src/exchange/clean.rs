//! The way back: what an answer is cleaned with, and what it tells of budgets. Cleaning itself is `response`'s.

use std::time::Instant;

use http::request::Parts;
use http::{Method, Response, StatusCode, header};

use super::{Exchange, Snapshot};
use crate::audit::Record;
use crate::contract;
use crate::forward::UpstreamRequest;
use crate::guards::body::BodyWatch;
use crate::guards::rate::{Asker, QUOTA_PROBE_INTERVAL, SpentQuota};
use crate::guards::target::CleanTarget;
use crate::guards::tenant::Keyed;
use crate::phi::KeyClass;
use crate::phi::echo::Echo;
use crate::response::{self, CleanResponse, Cleaner, UpstreamRequestId};
use crate::upstream::UpstreamBody;

impl Exchange<'_> {
    /// What the answer is cleaned with.
    pub(super) fn cleaner<'a>(
        &'a self,
        head: &Parts,
        target: &CleanTarget,
        request: &UpstreamRequest,
        record: &'a Record,
    ) -> Cleaner<'a> {
        let Snapshot { policy, keys, .. } = self.snapshot;
        Cleaner {
            settings: &policy.scrub,
            engine: &policy.engine,
            keys,
            metrics: &self.worker.service.metrics,
            aside: &self.worker.service.aside,
            room: &self.worker.service.room,
            request_bytes: request.watch().copy_bytes(),
            dialect: self.dialect,
            request_id: &record.request_id,
            upstream_request_id: record.upstream_request_id.as_ref().map(UpstreamRequestId::as_str),
            route: target.route_index(),
            safe: request.is_safe(),
            head: head.method == Method::HEAD,
            conditional: head.headers.contains_key(header::IF_NONE_MATCH),
        }
    }

    /// Keeps what the answer tells of the plan's budgets.
    pub(super) fn learn_budgets(&self, answer: &Response<UpstreamBody>, who: Asker<'_>) {
        let quota = response::quota(answer.headers());
        let metrics = &self.worker.service.metrics;
        let gauges = [
            (&metrics.upstream_ratelimit_remaining, quota.ratelimit_remaining),
            (&metrics.quota_used, quota.used),
            (&metrics.quota_limit, quota.limit),
            (&metrics.quota_overage, quota.overage),
        ];
        for (gauge, value) in gauges {
            if let Some(value) = value {
                gauge.set(value);
            }
        }
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            self.snapshot.limits.quota_open(who);
        }
    }

    /// A 429 that names a quota is believed until the quota's reset.
    pub(super) fn learn_spent_quota(&self, clean: &CleanResponse, who: Asker<'_>) {
        let quota = match clean.error_code() {
            Some("MONTHLY_QUOTA_EXCEEDED") => SpentQuota::Monthly,
            Some("SANDBOX_QUOTA_EXCEEDED") => SpentQuota::Sandbox,
            _ => return,
        };
        // Without a reset that lies ahead the quota is believed for as long as between two probes.
        let reset =
            response::quota_reset(clean.headers(), jiff::Timestamp::now()).unwrap_or(QUOTA_PROBE_INTERVAL);
        self.snapshot.limits.quota_spent(who, quota, reset, Instant::now());
    }
}

/// The values of a request, for removal wherever an answer repeats them.
pub(super) fn echo(keyed: &Keyed, target: &CleanTarget, watch: &BodyWatch) -> Echo {
    let mut echo = Echo::new();
    for spelling in keyed.pair().iter().flat_map(|key| key.spellings()) {
        echo.add_secret(spelling);
    }
    for (class, value) in target.echo_values() {
        echo.add_value(class, value);
    }
    let route = target.route_index().and_then(|index| contract::routes().get(index));
    watch.with_copy(|content_type, copy, complete| {
        let class_of = |path: &str| route.map_or(KeyClass::Unknown, |route| route.body_class(path));
        echo.add_body(content_type, copy, &class_of);
        if !complete {
            echo.mark_incomplete();
        }
    });
    echo
}
