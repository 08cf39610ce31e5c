//! What the record of an exchange learns from the guards: words of the contract and the policy, and an id that was judged.

use super::Exchange;
use crate::audit::Record;
use crate::guards::access::Actor;
use crate::guards::opaque::PolicyName;
use crate::guards::target::{Asked, CleanTarget};
use crate::response::CleanResponse;

impl Exchange<'_> {
    pub(super) fn note_target(&self, record: &mut Record, target: &CleanTarget) {
        let url = &self.snapshot.policy.url;
        record.operation = Some(target.operation());
        record.resource = Some(target.resource());
        record.route = Some(target.template());
        record.resource_id = target.id_on_record(url);
        self.note_exceptions(record, target.exceptions_used());
    }

    pub(super) fn note_exceptions(&self, record: &mut Record, used: &[usize]) {
        let url = &self.snapshot.policy.url;
        for exception in used.iter().filter_map(|index| url.exceptions.get(*index)) {
            record.exceptions.extend(exception.on_record());
            let used = &self.worker.service.metrics.policy_exceptions_used;
            used.with_label_values(&[&exception.name]).inc();
        }
    }

    /// Who acts, as told. Asking for emergency access is never quiet, given or not.
    pub(super) fn note_actor(&self, record: &mut Record, actor: &Actor) {
        record.actor = actor.id().cloned();
        record.actor_by = actor.by();
        record.role = actor.role().cloned();
        let Some(reason) = actor.glass() else { return };
        let role = record.role.as_ref().map_or("none", PolicyName::as_str);
        self.worker.service.metrics.break_glass.with_label_values(&[reason.as_str()]).inc();
        tracing::warn!(request_id = %record.request_id, reason = reason.as_str(), role, "emergency access was asked for");
        record.break_glass = Some(reason);
    }
}

/// Which route was asked for by a target that is refused: its path said so, and the contract has the words.
pub(super) fn note_asked(record: &mut Record, asked: Option<Asked>) {
    let Some(Asked { template, operation, resource }) = asked else { return };
    (record.route, record.operation, record.resource) = (Some(template), Some(operation), Some(resource));
}

/// How much was hidden of an answer, and of which classes.
pub(super) fn note_redactions(record: &mut Record, clean: &CleanResponse) {
    let redactions = clean.redactions();
    record.redactions = redactions.total();
    record.redacted = redactions.iter().map(|(class, count)| (class.label(), count)).collect();
}
