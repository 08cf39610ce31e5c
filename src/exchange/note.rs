//! What the record of an exchange learns from the guards: words of the contract and the policy, and an id that was judged.

use super::Exchange;
use crate::audit::Record;
use crate::guards::access::Authorized;
use crate::guards::opaque::PolicyName;
use crate::guards::target::{Asked, CleanTarget};

impl Exchange<'_> {
    pub(super) fn note_target(&self, record: &mut Record, target: &CleanTarget) {
        let url = &self.snapshot.policy.url;
        record.operation = Some(target.operation());
        record.resource = Some(target.resource());
        record.route = Some(target.template());
        record.resource_id = target.id_on_record(url);
        for exception in target.exceptions_used().iter().filter_map(|index| url.exceptions.get(*index)) {
            record.exceptions.extend(exception.on_record());
            let used = &self.worker.service.metrics.policy_exceptions_used;
            used.with_label_values(&[&exception.name]).inc();
        }
    }

    /// Emergency access is never quiet.
    pub(super) fn note_broken_glass(&self, record: &mut Record, authorized: &Authorized) {
        let Some(reason) = authorized.broken_glass() else { return };
        record.break_glass = Some(reason.clone());
        let reason = reason.as_str();
        self.worker.service.metrics.break_glass.with_label_values(&[reason]).inc();
        let role = record.role.as_ref().map_or("none", PolicyName::as_str);
        let route = record.route.unwrap_or("unknown");
        tracing::warn!(request_id = %record.request_id, reason, role, route, "the glass was broken");
    }
}

/// Which route was asked for by a target that is refused: its path said so, and the contract has the words.
pub(super) fn note_asked(record: &mut Record, asked: Option<Asked>) {
    let Some(Asked { template, operation, resource }) = asked else { return };
    (record.route, record.operation, record.resource) = (Some(template), Some(operation), Some(resource));
}
