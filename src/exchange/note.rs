//! What the record of an exchange learns from the target: words of the contract, and an id that the guard judged.

use super::Exchange;
use crate::audit::Record;
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
}

/// Which route was asked for by a target that is refused: its path said so, and the contract has the words.
pub(super) fn note_asked(record: &mut Record, asked: Option<Asked>) {
    let Some(Asked { template, operation, resource }) = asked else { return };
    (record.route, record.operation, record.resource) = (Some(template), Some(operation), Some(resource));
}
