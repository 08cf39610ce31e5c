//! The part of the `scrub` section that belongs to the PHI engine. Here and not in `phi`, which knows no files.

use std::sync::Arc;

use crate::config::{self, Node, Problems, read};
use crate::phi::settings::Region;
use crate::phi::{Engine, EngineSettings, RegionSet};

/// The engine, or `None` with a problem.
pub fn compile(section: &config::Scrub, problems: &mut Problems) -> Option<Arc<Engine>> {
    let regions = section.regions.list(Region::ALL.to_vec(), region, problems);
    let hide_providers = section.providers.word(true, &[("hide", true), ("keep", false)], problems);
    let settings = EngineSettings {
        regions: regions.iter().fold(RegionSet::NONE, |set, region| set.with(*region)),
        hide_providers,
        ..EngineSettings::default()
    };
    if settings.regions == RegionSet::NONE {
        problems.warn(
            section.regions.at,
            "scrub.regions",
            "no region: national identifiers pass unless a word names them",
        );
    }
    match Engine::new(&settings) {
        Ok(engine) => Some(Arc::new(engine)),
        Err(errors) => {
            let message = format!("the engine has {} rules that cannot be built", errors.len());
            problems.add(section.at, "scrub", message);
            None
        }
    }
}

fn region(node: &Node, problems: &mut Problems) -> Option<Region> {
    let words = Region::ALL.map(|region| (region.label(), region));
    read::word(node, &words, problems)
}
