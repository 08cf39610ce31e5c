//! The part of the `scrub` section that belongs to the PHI engine. Here and not in `phi`, which knows no files.

use std::sync::Arc;

use crate::config::{self, Node, Problems, Setting, Value, read};
use crate::phi::settings::{Allowed, ClassSet, CustomRule, PlaceSettings, Region};
use crate::phi::{Class, Confidence, Engine, EngineSettings, RegionSet, RuleError, RulePart};

/// Each rule is matched against every text, so there is a limit.
const RULES_MAX: usize = 100;
const ALLOWED_MAX: usize = 1000;

const CONFIDENCES: [(&str, Confidence); 3] =
    [("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];

/// The engine, or `None` with a problem.
pub fn compile(section: &config::Scrub, problems: &mut Problems) -> Option<Arc<Engine>> {
    let regions = region_set(&section.regions, RegionSet::ALL, problems);
    let places = &section.places;
    let settings = EngineSettings {
        url: place(&places.url, regions, problems),
        error: place(&places.error, regions, problems),
        log: place(&places.log, regions, problems),
        hide_providers: section.providers.word(true, &[("hide", true), ("keep", false)], problems),
        custom: rules(section, problems),
        allowed: allowed(section, problems),
        ..EngineSettings::default()
    };
    match Engine::new(&settings) {
        Ok(engine) => Some(Arc::new(engine)),
        Err(errors) => {
            for error in &errors {
                rule_problem(section, error, problems);
            }
            None
        }
    }
}

fn region_set(setting: &Setting, default: RegionSet, problems: &mut Problems) -> RegionSet {
    if setting.written().is_none() {
        return default;
    }
    let words = Region::ALL.map(|region| (region.label(), region));
    let regions = setting.list(Vec::new(), |node, problems| read::word(node, &words, problems), problems);
    let set = regions.iter().fold(RegionSet::NONE, |set, region| set.with(*region));
    if set == RegionSet::NONE {
        let message = "no region: national identifiers pass unless a word names them";
        problems.warn(setting.at, &setting.path, message);
    }
    set
}

fn place(section: &config::ScrubPlace, regions: RegionSet, problems: &mut Problems) -> PlaceSettings {
    let off = section.classes_off.list(Vec::new(), class, problems);
    for class in [Class::ApiKey, Class::Ssn, Class::Name] {
        if off.contains(&class) {
            let message = format!("`{}` passes here", class.label());
            problems.warn(section.classes_off.at, &section.classes_off.path, message);
        }
    }
    PlaceSettings {
        regions: region_set(&section.regions, regions, problems),
        off: off.iter().fold(ClassSet::EMPTY, |set, class| set.with(*class)),
        confidence_min: section.confidence_min.word(Confidence::Low, &CONFIDENCES, problems),
    }
}

fn class(node: &Node, problems: &mut Problems) -> Option<Class> {
    read::word(node, &Class::ALL.map(|class| (class.label(), class)), problems)
}

fn rules(section: &config::Scrub, problems: &mut Problems) -> Vec<CustomRule> {
    let items = &section.rules.items;
    if let Some(item) = items.get(RULES_MAX) {
        problems.add(item.at, &item.key_path, format!("at most {RULES_MAX} rules"));
    }
    let mut rules: Vec<CustomRule> = Vec::new();
    for item in items.iter().take(RULES_MAX) {
        let id = item.id.required(read::name, problems);
        if let Some(id) = &id
            && rules.iter().any(|known| known.id == *id)
        {
            problems.add(item.id.at, &item.id.path, "a second rule of this id");
        }
        let class = item.class.required(class, problems);
        let pattern = item.pattern.required(read::text, problems);
        if item.must_match.written().is_none() {
            let message = "needs `must_match`, examples that the pattern finds; they are tried at every load";
            problems.add(item.at, &item.key_path, message);
        }
        let (must_match, must_not_match) =
            (examples(&item.must_match, problems), examples(&item.must_not_match, problems));
        // What could not be read is a problem already, and nothing is tried on it; the rule keeps its place.
        let readable = pattern.is_some();
        rules.push(CustomRule {
            id: id.unwrap_or_else(|| "unreadable".to_owned()),
            class: class.unwrap_or(Class::OtherId),
            pattern: pattern.unwrap_or_else(|| "unreadable".to_owned()),
            must_match: must_match.filter(|_| readable).unwrap_or_default(),
            must_not_match: must_not_match.filter(|_| readable).unwrap_or_default(),
        });
    }
    rules
}

/// All examples, or none with a problem: those after one that cannot be read would be counted wrongly.
fn examples(setting: &Setting, problems: &mut Problems) -> Option<Vec<String>> {
    let known = problems.len();
    let examples = setting.list(Vec::new(), read::text, problems);
    (problems.len() == known).then_some(examples)
}

fn rule_problem(section: &config::Scrub, error: &RuleError, problems: &mut Problems) {
    let Some(item) = section.rules.items.get(error.index) else { return };
    let (setting, nth) = match error.part {
        RulePart::Id => (&item.id, None),
        RulePart::Pattern => (&item.pattern, None),
        RulePart::MustMatch(nth) => (&item.must_match, Some(nth)),
        RulePart::MustNotMatch(nth) => (&item.must_not_match, Some(nth)),
    };
    let node = match (setting.written(), nth) {
        (Some(Node { value: Value::List(items), .. }), Some(nth)) => items.get(nth),
        (node, _) => node,
    };
    match node {
        Some(node) => problems.add(node.at, &node.path, &error.message),
        None => problems.add(setting.at, &setting.path, &error.message),
    }
}

fn allowed(section: &config::Scrub, problems: &mut Problems) -> Vec<Allowed> {
    let items = &section.allow.items;
    if let Some(item) = items.get(ALLOWED_MAX) {
        problems.add(item.at, &item.key_path, format!("at most {ALLOWED_MAX} values"));
    }
    let read_entry = |item: &config::ScrubAllow, problems: &mut Problems| {
        let value = item.value.required(read::text, problems);
        let reason = item.reason.required(read::text, problems);
        Some(Allowed { value: value?, reason: reason? })
    };
    items.iter().take(ALLOWED_MAX).filter_map(|item| read_entry(item, problems)).collect()
}
