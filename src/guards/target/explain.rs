//! What `explain` prints of a decision: route, parameters and findings in our own words.

use http::Method;

use super::form::{self, Form};
use super::query::{Context, Pair};
use super::{TargetGuard, resolve};
use crate::contract;
use crate::guards::Observed;
use crate::outcome::{Code, Refusal};
use crate::phi::url::{Expect, Lens, UrlFinding, Whose};
use crate::phi::{Class, KeyClass};

/// A decision and its reasons. Holds nothing of the target but names of our own vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub lines: Vec<String>,
    /// `None` allows.
    pub refusal: Option<Refusal>,
}

impl Explanation {
    pub fn code(&self) -> Option<Code> {
        self.refusal.as_ref().map(|refusal| refusal.code)
    }
}

impl TargetGuard<'_> {
    /// Judges as [`TargetGuard::check`] does and says why.
    pub fn explain(&self, method: &Method, target: &str) -> Explanation {
        let mut observed = Observed::default();
        let outcome = self.check(method, target, &mut observed);
        let mut lines = Vec::new();
        if self.describe(method, target, &mut lines).is_none() {
            let why = match outcome.as_ref().err().map(|refusal| refusal.code) {
                Some(Code::MethodUnknown) => "ClinikAPI documents this path with other methods only",
                Some(Code::PathUnknown) => "ClinikAPI documents no such path",
                _ => "not readable",
            };
            lines.push(format!("route: none: {why}"));
        }
        for refusal in &observed.0 {
            lines.push(format!("observed only: {}{}", refusal.code.as_str(), class_list(&refusal.classes)));
        }
        let refusal = match outcome {
            Ok(clean) => {
                for exception in clean.exceptions_used() {
                    if let Some(exception) = self.url.exceptions.get(*exception) {
                        lines.push(format!("exception: {}", exception.name));
                    }
                }
                lines.push("verdict: allow".to_owned());
                None
            }
            Err(refusal) => {
                let code = refusal.code.as_str();
                lines.push(format!("verdict: reject {code}{}", class_list(&refusal.classes)));
                lines.push(format!("advice: {}", refusal.advice()));
                Some(refusal)
            }
        };
        Explanation { lines, refusal }
    }

    /// Route, id and parameters; `None` when there is no route.
    fn describe(&self, method: &Method, target: &str, lines: &mut Vec<String>) -> Option<()> {
        let form = Form::read(target).ok()?;
        let path = form.path().ok()?;
        let mut segments = [""; form::SEGMENTS_MAX];
        let segments = form::segments(&path, method, &mut segments).ok()?;
        let resolved = resolve::route(method, segments).ok()?;
        lines.push(format!("route: {method} {} ({})", resolved.template, resolved.operation.as_str()));
        if let Some(route) = resolved.index.and_then(|index| contract::routes().get(index))
            && resolved.by_body
            && route.resource != "fhir"
        {
            let names: Vec<&str> = route.params().iter().map(|param| param.name).collect();
            lines.push(format!("body may name: {}", names.join(", ")));
        }
        for (id, of) in resolved.ids(segments) {
            let mut lens = Lens::new(self.engine);
            lens.id(id, of);
            let place = segments
                .iter()
                .position(|segment| std::ptr::eq(*segment, id))
                .and_then(|nth| form.raw_segment(nth))
                .map_or_else(String::new, |raw| bytes_of(target, raw));
            lines.push(format!("id{place}: {}", findings(&lens.findings)));
        }
        let context = Context::of(&resolved);
        for raw in form.query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let place = bytes_of(target, raw.split_once('=').map_or(raw, |(_, value)| value));
            let Some(pair) = Pair::read(raw) else {
                lines.push(format!("parameter{place}: not decodable"));
                continue;
            };
            let meaning = context.meaning(&pair.name);
            let mut lens = Lens::new(self.engine);
            pair.judge(meaning, context, &mut lens);
            let name = meaning.known.unwrap_or("(undeclared)");
            lines.push(format!(
                "parameter {name}{place}: {}; {}",
                expectation(meaning.expect),
                findings(&lens.findings)
            ));
        }
        Some(())
    }
}

/// ` at bytes 18..28`: where a part of the target stands in it.
fn bytes_of(target: &str, part: &str) -> String {
    let start = part.as_ptr() as usize - target.as_ptr() as usize;
    format!(" at bytes {start}..{}", start + part.len())
}

fn class_list(classes: &[Class]) -> String {
    let labels: Vec<&str> = classes.iter().map(|class| class.label()).collect();
    if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) }
}

fn findings(found: &[UrlFinding]) -> String {
    if found.is_empty() {
        return "nothing found".to_owned();
    }
    let one = |finding: &UrlFinding| {
        let cue = finding.cue.map(|cue| format!(", cue {cue}")).unwrap_or_default();
        let (layer, confidence) = (finding.layer.label(), finding.confidence.label());
        format!("{} by {} ({layer}, {confidence}{cue})", finding.class.label(), finding.rule)
    };
    let mut said: Vec<String> = found.iter().map(one).collect();
    // A rule sees a part as it stands and its values by themselves.
    said.dedup();
    said.join("; ")
}

fn expectation(expect: Expect) -> String {
    match expect {
        Expect::Phi(class, Whose::Person) => format!("identifier ({})", class.label()),
        Expect::Phi(class, Whose::Provider) => format!("identifier of a provider ({})", class.label()),
        Expect::Identifier(class, _) => format!("identifier with system ({})", class.label()),
        Expect::ServiceDate => "day of service".to_owned(),
        Expect::Reference(_) => "reference".to_owned(),
        Expect::Age => "age".to_owned(),
        Expect::Agent | Expect::Somebody => "user".to_owned(),
        Expect::Window => "date window".to_owned(),
        Expect::Code | Expect::ThingIdentifier => "code".to_owned(),
        Expect::Udi => "identifier of a device".to_owned(),
        Expect::Label => "label".to_owned(),
        Expect::Fields => "field names".to_owned(),
        Expect::Opaque => "cursor".to_owned(),
        Expect::Near => "coordinates of a facility".to_owned(),
        Expect::Filter => "filter expression".to_owned(),
        Expect::Free | Expect::Search => "free text".to_owned(),
        Expect::Flag => "flag".to_owned(),
        Expect::Unknown(KeyClass::Safe) => "operational".to_owned(),
        Expect::Unknown(_) => "unknown".to_owned(),
    }
}
