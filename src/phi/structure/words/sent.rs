//! Words for what somebody sent: `received`, `oldValue`, `wert`.
//!
//! Owns the list that keys of reports and keys in flat text share. Words of a sentence are others (`sentence/subject`): behind
//! `Allowed values` stands what nobody sent.

use crate::phi::list::List;

/// In lower case and without separators.
#[rustfmt::skip] // Rows of words, not one a line.
static SENT: List<54> = List::new([
    "value", "values", "val", "v", "fieldvalue", "stringvalue", "valuestring", "rawvalue", "raw", "literal", "data",
    "input", "inputvalue", "received", "receivedvalue", "got", "given", "found", "actual", "actualvalue",
    "supplied", "provided", "providedvalue", "submitted", "submittedvalue", "attempted", "attemptedvalue",
    "rejected", "rejectedvalue", "offending", "offendingvalue", "invalidvalue", "badvalue", "original",
    "originalvalue", "previous", "was", "oldvalue", "newvalue", "current", "currentvalue", "existing",
    "existingvalue", "suggestions", "candidates", "diff", "valor", "valeur", "wert", "waarde", "valore", "wartosc",
    "varde", "verdi",
]);

/// Is `word`, in any case, one for what was sent?
pub(crate) fn is_sent(word: &[u8]) -> bool {
    SENT.has(word)
}
