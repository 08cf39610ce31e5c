//! Where in a target PHI or a credential is, and what the client is told to do there. Of our words, and ids of rules of the policy.

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
        let said = match self {
            Place::Path => {
                "The path carries protected health information. Address records by their opaque ids, and search for them with POST {resource}/_search."
            }
            Place::Parameter(_) => Code::PhiInUrl.sentence(),
            Place::Undeclared => {
                "The URL carries protected health information in a parameter that ClinikAPI does not document here. Leave it out; search values go into the body of POST {resource}/_search."
            }
        };
        let said = match rule {
            Some(rule) => format!("{said} Found by the rule {rule} of scrub.rules."),
            None => said.to_owned(),
        };
        Refusal::new(Code::PhiInUrl).about(self.subject()).saying(said)
    }

    /// A credential is here.
    pub(super) fn holds_key(self) -> Refusal {
        Refusal::new(Code::KeyInRequest).about(self.subject())
    }

    fn subject(self) -> &'static str {
        match self {
            Place::Path => "the path",
            Place::Parameter(name) => name,
            Place::Undeclared => "a parameter that is not documented",
        }
    }
}
