//! The parameters of a target: what each may hold, by the contract or by FHIR, and whether it does.

use std::borrow::Cow;

use super::form::{self, invalid};
use super::place::Place;
use super::resolve::Resolved;
use super::settings::UrlException;
use super::{CleanTarget, TargetGuard};
use crate::contract::{self, ParamClass, ParamKind, Route, Subject};
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};
use crate::phi::canon::{self, Part};
use crate::phi::url::value::reference_of;
use crate::phi::url::{Expect, Lens, Of, UrlFinding, Whose, keys, params};
use crate::phi::{Class, Engine, KeyClass};

/// What decides the meaning of a parameter name.
#[derive(Clone, Copy)]
pub(super) struct Context {
    /// Index of the route, for exceptions; `None` when no route was found.
    index: Option<usize>,
    /// The simplified route whose declarations count.
    declared: Option<&'static Route>,
    fhir_type: Option<&'static str>,
}

impl Context {
    pub(super) fn of(resolved: &Resolved<'_>) -> Context {
        Context::new(resolved.index, resolved.fhir_type)
    }

    pub(super) fn new(index: Option<usize>, fhir_type: Option<&'static str>) -> Context {
        let route = index.and_then(|index| contract::routes().get(index));
        Context { index, declared: route.filter(|route| route.resource != "fhir"), fhir_type }
    }
}

/// A parameter name judged.
#[derive(Clone, Copy)]
pub(super) struct Meaning {
    pub(super) expect: Expect,
    /// In our own vocabulary.
    pub(super) known: Option<&'static str>,
    pub(super) chained: bool,
}

impl Meaning {
    fn place(self) -> Place {
        self.known.map_or(Place::Undeclared, Place::Parameter)
    }
}

/// What a query turned out to use.
#[derive(Default)]
pub(super) struct Used {
    pub(super) chained: bool,
    /// It holds more than parameters of form, so on a write it selects records.
    pub(super) selects: bool,
    /// Records of other resources are brought along or asked about.
    pub(super) reaches_others: bool,
    pub(super) exceptions: Vec<usize>,
}

impl TargetGuard<'_> {
    pub(super) fn query(
        &self,
        query: &str,
        context: Context,
        observed: &mut Observed,
    ) -> Result<Used, Refusal> {
        let mut used = Used::default();
        let mut irregular = false;
        let mut overridden = None;
        let mut findings: Vec<UrlFinding> = Vec::new();
        let (mut subject, mut key) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let pair = Pair::read(pair).ok_or_else(invalid)?;
            irregular |= pair.irregular;
            overridden = overridden.or(method_override(&pair.name));
            let meaning = context.meaning(&pair.name);
            used.chained |= meaning.chained;
            used.reaches_others |= reaches_others(&pair.name, meaning);
            used.selects |= !matches!(meaning.known, Some("_format" | "_pretty" | "_summary" | "_elements"));
            if self.url.mode == Mode::Off {
                continue;
            }
            if pair.encoded && (keys::holds_key(&pair.name) || keys::holds_key(&pair.value)) {
                self.key_found(meaning.place(), observed)?;
            }
            let mut lens = Lens::new(self.engine);
            pair.judge(meaning, context, &mut lens);
            if lens.findings.is_empty() {
                continue;
            }
            let excepted = self.exception(context, &pair.name, meaning);
            let secret = holds_credential(&lens.findings);
            match excepted {
                Some(exception) if !secret => {
                    if !used.exceptions.contains(&exception) {
                        used.exceptions.push(exception);
                    }
                }
                _ => {
                    subject = subject.or(meaning.known);
                    key = key.or(secret.then(|| meaning.place()));
                    findings.append(&mut lens.findings);
                }
            }
        }
        let place = key.unwrap_or(subject.map_or(Place::Undeclared, Place::Parameter));
        self.no_phi(&findings, place, observed)?;
        match overridden {
            // In every mode: whoever reads it does something else than what is judged here.
            Some(name) => Err(Refusal::new(Code::MethodOverrideRejected).about(name)),
            None if irregular => Err(invalid()),
            None => Ok(used),
        }
    }

    /// The exception that covers a parameter here and now.
    fn exception(&self, context: Context, name: &str, meaning: Meaning) -> Option<usize> {
        let covers = |exception: &UrlException| {
            context.index == Some(exception.route)
                && self.now_unix < exception.expires_at
                && exception.params.iter().any(|param| param == name || Some(param.as_str()) == meaning.known)
        };
        self.url.exceptions.iter().position(covers)
    }
}

impl Context {
    /// Are the records of this route persons?
    fn lists_persons(self) -> bool {
        matches!(self.fhir_type, Some("Patient" | "Person" | "RelatedPerson" | "Practitioner"))
    }

    pub(super) fn meaning(&self, name: &str) -> Meaning {
        if let Some(route) = self.declared
            && let Some(param) = route.declared(name)
        {
            return Meaning {
                expect: declared(param.name, param.class),
                known: Some(param.name),
                chained: false,
            };
        }
        let mut reading = params::read(self.fhir_type, name);
        if reading.expect == Expect::Free && !reading.chained && self.lists_persons() {
            reading.expect = Expect::Search;
        }
        if let Some(route) = self.declared
            && !reading.chained
        {
            if reading.expect == Expect::Flag {
                return Meaning { expect: Expect::Flag, known: reading.known, chained: false };
            }
            // `name:contains`, `Name`, `birth_date`: variants of a declared name that a lenient server may read.
            let same = |param: &&contract::Param| same_word(param.name, reading.leaf);
            if let Some(param) = route.params().iter().find(same) {
                return Meaning {
                    expect: declared(param.name, param.class),
                    known: Some(param.name),
                    chained: false,
                };
            }
            if reading.leaf == "date" {
                return Meaning { expect: Expect::ServiceDate, known: Some("date"), chained: false };
            }
        }
        Meaning { expect: reading.expect, known: reading.known, chained: reading.chained }
    }
}

/// Whether a parameter brings records of other resources along, or asks about them.
pub(super) fn reaches_others(name: &str, meaning: Meaning) -> bool {
    const REACHING: [&str; 6] = ["_include", "_revinclude", "_has", "_filter", "_query", "_graphql"];
    let starts = |word: &str| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    meaning.chained || REACHING.into_iter().any(starts)
}

/// The parameter by which frameworks take another method than the one of the request line.
fn method_override(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 4] = ["_method", "x-http-method-override", "x-http-method", "x-method-override"];
    NAMES.into_iter().find(|known| name.trim().eq_ignore_ascii_case(known))
}

/// Equal but for letter case and separators.
fn same_word(a: &str, b: &str) -> bool {
    let mut left =
        a.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    let mut right =
        b.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (a, b) if a != b => return false,
            _ => {}
        }
    }
}

/// What a declared parameter may hold.
fn declared(name: &str, class: ParamClass) -> Expect {
    let whose = match class.subject {
        Subject::Provider | Subject::Organization => Whose::Provider,
        Subject::Person | Subject::User => Whose::Person,
    };
    match class.kind {
        ParamKind::Phi(_) if class.subject == Subject::User => Expect::Agent,
        ParamKind::Phi(Class::Date) if name == "date" => Expect::ServiceDate,
        ParamKind::Phi(class) => Expect::Phi(class, whose),
        ParamKind::Context => match name {
            "dateFrom" | "dateTo" => Expect::Window,
            "patientId" | "practitionerId" | "prescriberId" | "authorId" | "performerId" | "requesterId"
            | "actorId" | "ownerId" | "candidateId" | "providerId" => Expect::Reference(Of::Person),
            _ => Expect::Reference(Of::Thing),
        },
        ParamKind::Vocabulary if class.free => Expect::Label,
        ParamKind::Vocabulary | ParamKind::Clinical => match name {
            "sort" | "_include" | "_revinclude" => Expect::Fields,
            "cursor" => Expect::Opaque,
            "manufacturer" | "modelNumber" | "topic" => Expect::Label,
            "identifier" => Expect::ThingIdentifier,
            _ => Expect::Code,
        },
    }
}

/// One decoded `name=value`.
pub(super) struct Pair<'a> {
    raw_value: &'a str,
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    has_value: bool,
    encoded: bool,
    irregular: bool,
}

impl<'a> Pair<'a> {
    pub(super) fn read(raw: &'a str) -> Option<Pair<'a>> {
        let (raw_name, raw_value, has_value) = match raw.split_once('=') {
            Some((name, value)) => (name, value, true),
            None => (raw, "", false),
        };
        if is_plain(raw.as_bytes()) {
            let (name, value) = (plain_name(Cow::Borrowed(raw_name)), Cow::Borrowed(raw_value));
            return Some(Pair { raw_value, irregular: false, name, value, has_value, encoded: false });
        }
        let name = canon::decode(raw_name, Part::Query).ok()?;
        let value = canon::decode(raw_value, Part::Query).ok()?;
        let encoded = matches!((&name.text, &value.text), (Cow::Owned(_), _) | (_, Cow::Owned(_)));
        Some(Pair {
            raw_value,
            irregular: name.irregular || value.irregular,
            name: plain_name(name.text),
            value: value.text,
            has_value,
            encoded,
        })
    }

    pub(super) fn judge(&self, meaning: Meaning, context: Context, lens: &mut Lens<'_>) {
        if self.has_value {
            lens.value(meaning.expect, &self.value);
        }
        if meaning.known.is_none() {
            lens.stray_name(&self.name);
        }
        if self.raw_value.contains("%25")
            && let Ok(once) = canon::decode_once(self.raw_value, Part::Query)
            && once != self.value
        {
            // `%25219-09-1234%25`: a percent sign and digits, which the next round takes for an escape.
            lens.value(meaning.expect, &once);
        }
        let raw = self.raw_value.as_bytes();
        let is_digit = |at: usize| raw.get(at).is_some_and(u8::is_ascii_digit);
        if memchr::memchr_iter(b'+', raw).any(|at| is_digit(at + 1))
            && let Ok(kept) = canon::decode(self.raw_value, Part::Path)
        {
            // A telephone number whose plus sign was not escaped.
            lens.value(meaning.expect, &kept.text);
        }
        if self.raw_value.contains(';') || !self.has_value && self.name.contains(';') {
            self.judge_semicolons(context, lens);
        }
    }

    /// Some servers separate parameters by semicolons too.
    fn judge_semicolons(&self, context: Context, lens: &mut Lens<'_>) {
        let text = if self.has_value { &self.value } else { &self.name };
        for part in text.split(';').skip(usize::from(self.has_value)) {
            match part.split_once('=') {
                Some((name, value)) => lens.value(context.meaning(name).expect, value),
                None => lens.stray_name(part),
            }
        }
    }
}

/// Nothing that decoding could change or refuse. Looks at every byte without a branch, which is faster than stopping.
pub(super) fn is_plain(raw: &[u8]) -> bool {
    let changes = |byte: u8| {
        (byte == b'%') | (byte == b'+') | (byte == b'&') | (byte == b'\\') | !(0x20..0x7F).contains(&byte)
    };
    !raw.iter().fold(false, |found, byte| found | changes(*byte))
}

/// Takes off what a lenient server takes off: `&amp;name=…`, ` name`, `"name"`, full-width and invisible letters.
fn plain_name(name: Cow<'_, str>) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    if name.bytes().all(is_plain) {
        return name;
    }
    let folded = canon::fold(&name);
    let text = folded.strip_prefix("amp;").unwrap_or(&folded).trim_matches([' ', '"', '\'', ',', '?']);
    if text == name { name } else { Cow::Owned(text.to_owned()) }
}

/// Decoded values of a clean target with what the echo should know of them.
pub(super) fn echo(target: &CleanTarget) -> Vec<(KeyClass, String)> {
    let mut values = Vec::new();
    if let Some(id) = target.resource_id() {
        values.push((KeyClass::Safe, id.to_owned()));
    }
    let query = target.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let context = Context::new(target.route, target.fhir_type);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if let Some(pair) = Pair::read(pair)
            && !pair.value.trim().is_empty()
        {
            values.push((context.meaning(&pair.name).expect.key_class(), pair.value.into_owned()));
        }
    }
    values
}

/// Where in a target a key is that was seen in it.
pub(super) fn place_of_key(target: &str, context: Context) -> Place {
    let origin = form::strip_origin(target).unwrap_or(target);
    let (path, query) = origin.split_once(['?', '#']).unwrap_or((origin, ""));
    let holds = |text, part| {
        keys::holds_key(text) || canon::decode(text, part).is_ok_and(|decoded| keys::holds_key(&decoded.text))
    };
    if holds(path, Part::Path) {
        return Place::Path;
    }
    let pair = query.split(['&', '#', '?']).find(|pair| holds(pair, Part::Query)).and_then(Pair::read);
    pair.map_or(Place::Undeclared, |pair| context.meaning(&pair.name).place())
}

/// Findings in a target that has another fault, read as well as it can be. Also where: the place of a credential, else the
/// first known parameter at fault, if there is one.
pub(super) fn look_through(engine: &Engine, target: &str) -> (Vec<UrlFinding>, Place) {
    let mut lens = Lens::new(engine);
    let mut subject = None;
    let origin = form::strip_origin(target).unwrap_or(target);
    let (path, query) = origin.split_once(['?', '#']).unwrap_or((origin, ""));
    let context = look_at_path(path, &mut lens, &mut subject);
    let otherwise = if lens.findings.is_empty() { Place::Undeclared } else { Place::Path };
    let mut key = holds_credential(&lens.findings).then_some(Place::Path);
    for pair in query.split(['&', '#', '?']).filter(|pair| !pair.is_empty()) {
        let before = lens.findings.len();
        let mut own = None;
        look_at(pair, context, &mut lens, &mut own);
        if holds_credential(&lens.findings[before..]) {
            key = key.or(Some(own.map_or(Place::Undeclared, Place::Parameter)));
        }
        subject = subject.or(own);
    }
    (lens.findings, key.unwrap_or(subject.map_or(otherwise, Place::Parameter)))
}

fn holds_credential(findings: &[UrlFinding]) -> bool {
    findings.iter().any(|finding| finding.class == Class::ApiKey)
}

/// Looks at the path of no known route: every segment may be an id. What it says of types decides the meaning of
/// the parameters.
pub(super) fn look_at_path(path: &str, lens: &mut Lens<'_>, subject: &mut Option<&'static str>) -> Context {
    let mut context = Context { index: None, declared: None, fhir_type: None };
    let mut of = Of::Thing;
    for (position, segment) in path.split('/').enumerate() {
        let Ok(segment) = canon::decode(segment, Part::Path) else { continue };
        for part in segment.text.split(['/', '\\']) {
            let (part, matrix) = part.split_once(';').unwrap_or((part, ""));
            if let Some(fhir_type) = type_of_word(part) {
                context.fhir_type = Some(fhir_type);
                of = reference_of(fhir_type);
            } else if position > 1 && !part.starts_with(['$', '_']) {
                lens.id(part, of);
                if !form::is_id(part) {
                    lens.value(Expect::Unknown(KeyClass::Unknown), part);
                }
            }
            for pair in matrix.split(';').filter(|pair| !pair.is_empty()) {
                look_at(pair, context, lens, subject);
            }
        }
    }
    context
}

fn look_at(raw: &str, context: Context, lens: &mut Lens<'_>, subject: &mut Option<&'static str>) {
    let Some(pair) = Pair::read(raw) else { return };
    let before = lens.findings.len();
    if keys::holds_key(&pair.value) || keys::holds_key(&pair.name) {
        lens.findings.push(UrlFinding {
            class: Class::ApiKey,
            rule: "url.key",
            layer: crate::phi::Layer::Shape,
            confidence: crate::phi::Confidence::High,
            cue: None,
        });
    }
    let meaning = context.meaning(&pair.name);
    pair.judge(meaning, context, lens);
    if lens.findings.len() > before {
        *subject = subject.or(meaning.known);
    }
}

/// The R4 type a path word stands for: a type itself or a resource of the contract.
fn type_of_word(word: &str) -> Option<&'static str> {
    if let Some(fhir_type) = contract::fhir::fhir_type(word) {
        return Some(fhir_type.name);
    }
    contract::routes().iter().find(|route| route.resource == word).and_then(|route| route.fhir_type)
}
