//! What a policy may say about the engine, already parsed: regions, classes and confidence per place, own rules,
//! allow-lists.
//!
//! Owns plain data with defaults that hide the most. Compilation (regexes, checks of examples) is `engine.rs`;
//! reading YAML is `config`. The default is everything on, providers hidden, nothing allowed by list.

use super::class::{Class, Confidence, Place};

/// The region packs of national identifiers. A pack that is off silences the rules that only it needs; what has a
/// cue of its own ("NHS number") is still treated as an identifier of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionSet(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Region {
    Us = 1,
    Uk = 2,
    Eu = 4,
    Ca = 8,
    Au = 16,
    Ng = 32,
}

impl Region {
    pub const ALL: [Region; 6] = [Region::Us, Region::Uk, Region::Eu, Region::Ca, Region::Au, Region::Ng];

    pub const fn label(self) -> &'static str {
        match self {
            Region::Us => "us",
            Region::Uk => "uk",
            Region::Eu => "eu",
            Region::Ca => "ca",
            Region::Au => "au",
            Region::Ng => "ng",
        }
    }

    pub fn from_label(label: &str) -> Option<Region> {
        Region::ALL.into_iter().find(|region| region.label() == label)
    }
}

impl RegionSet {
    pub const ALL: RegionSet = RegionSet(63);
    pub const NONE: RegionSet = RegionSet(0);

    #[must_use]
    pub const fn with(self, region: Region) -> RegionSet {
        RegionSet(self.0 | region as u8)
    }

    pub const fn has(self, region: Region) -> bool {
        self.0 & region as u8 != 0
    }

    /// The regions of the set, in their own order.
    pub fn iter(self) -> impl Iterator<Item = Region> {
        Region::ALL.into_iter().filter(move |region| self.has(*region))
    }
}

impl Default for RegionSet {
    fn default() -> RegionSet {
        RegionSet::ALL
    }
}

/// A set of classes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassSet(u32);

impl ClassSet {
    pub const EMPTY: ClassSet = ClassSet(0);

    #[must_use]
    pub const fn with(self, class: Class) -> ClassSet {
        ClassSet(self.0 | 1 << class as u32)
    }

    pub const fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u32) != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The classes of the set, in the order of Safe Harbor.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.has(*class))
    }
}

/// A rule of the platform team. `must_match` and `must_not_match` are checked when the engine is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRule {
    pub id: String,
    pub class: Class,
    /// A `regex` pattern, ASCII classes; the first capture group, if any, is what is hidden.
    pub pattern: String,
    pub must_match: Vec<String>,
    pub must_not_match: Vec<String>,
}

/// Values that are never PHI for this customer, such as the hotline printed on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The exact text of a would-be finding, compared without ASCII case.
    pub value: String,
    pub reason: String,
}

/// What is looked for in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceSettings {
    pub regions: RegionSet,
    /// Classes that are let pass, whoever found them.
    pub off: ClassSet,
    /// What is less sure is let pass.
    pub confidence_min: Confidence,
}

impl PlaceSettings {
    pub const STRICT: PlaceSettings =
        PlaceSettings { regions: RegionSet::ALL, off: ClassSet::EMPTY, confidence_min: Confidence::Low };

    /// Does a finding of this kind count?
    pub fn counts(&self, class: Class, confidence: Confidence) -> bool {
        !self.off.has(class) && confidence >= self.confidence_min
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    pub url: PlaceSettings,
    pub error: PlaceSettings,
    pub log: PlaceSettings,
    /// Treat NPI, DEA and the names of clinicians as PHI. Safe Harbor does not ask for it; most users want it.
    pub hide_providers: bool,
    /// Treat addresses of RFC 1918 and other private networks as PHI even where no word says they are a person's.
    pub hide_private_ips: bool,
    pub custom: Vec<CustomRule>,
    pub allowed: Vec<Allowed>,
}

impl EngineSettings {
    pub fn at(&self, place: Place) -> &PlaceSettings {
        match place {
            Place::Url => &self.url,
            Place::Error => &self.error,
            Place::Log => &self.log,
        }
    }
}

impl Default for EngineSettings {
    fn default() -> EngineSettings {
        EngineSettings {
            url: PlaceSettings::STRICT,
            error: PlaceSettings::STRICT,
            log: PlaceSettings::STRICT,
            hide_providers: true,
            hide_private_ips: false,
            custom: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = ClassSet::EMPTY.with(Class::Ip).with(Class::ApiKey);
        assert!(set.has(Class::Ip) && set.has(Class::ApiKey) && !set.has(Class::Name));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Class::Ip, Class::ApiKey]);
        let regions = RegionSet::NONE.with(Region::Uk);
        assert_eq!(regions.iter().collect::<Vec<_>>(), [Region::Uk]);
        assert!(regions.has(Region::Uk) && !regions.has(Region::Us));
        for region in Region::ALL {
            assert_eq!(Region::from_label(region.label()), Some(region));
            assert!(RegionSet::default().has(region));
        }
    }
}
