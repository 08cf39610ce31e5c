//! Where in a target PHI is, and what the client is told to do there. Of our words, and ids of rules of the policy.

use crate::outcome::{Code, Refusal};

#[derive(Clone, Copy)]
pub(super) enum Place {
    Path,
    /// By a name of the contract or of FHIR.
    Parameter(&'static str),
    Undeclared,
}

impl Place {
    /// `rule` is one of the policy's own that found something.
    pub(super) fn refusal(self, rule: Option<&str>) -> Refusal {
        let (subject, said) = match self {
            Place::Path => (
                "the path",
                "The path carries protected health information. Address records by their opaque ids, and search for them with POST {resource}/_search.",
            ),
            Place::Parameter(name) => (name, Code::PhiInUrl.sentence()),
            Place::Undeclared => (
                "a parameter that is not documented",
                "The URL carries protected health information in a parameter that ClinikAPI does not document here. Leave it out; search values go into the body of POST {resource}/_search.",
            ),
        };
        let said = match rule {
            Some(rule) => format!("{said} Found by the rule {rule} of scrub.rules."),
            None => said.to_owned(),
        };
        Refusal::new(Code::PhiInUrl).about(subject).saying(said)
    }
}
