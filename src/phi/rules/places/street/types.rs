//! The words for kinds of streets: before the name, behind it, or its ending.
//!
//! Owns the lists and how one is asked; where in an address a kind may stand is for the reader of streets to say.

use crate::phi::ends::Ends;
use crate::phi::list::List;

/// Endings that say street and nothing else.
pub(super) fn is_plain_suffix(lower: &[u8]) -> bool {
    const SUFFIXES: [&str; 5] = ["straße", "strasse", "straat", "gatan", "vägen"];
    SUFFIXES.iter().any(|suffix| lower.ends_with(suffix.as_bytes()))
}

/// Endings long enough not to be met in machine text.
pub(super) fn is_long_suffix(lower: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SUFFIXES: [&str; 23] = [
        "boulevard", "platz", "gasse", "allee", "plein", "gracht", "laan", "singel", "weg", "damm", "ufer",
        "katu", "gata", "vej", "veien", "vegen", "dijk", "gränd", "stigen", "torget", "gade", "kade", "utca",
    ];
    const OTHERS: [&str; 4] = ["brigade", "blockade", "renegade", "stockade"];
    SUFFIXES.iter().any(|suffix| lower.ends_with(suffix.as_bytes()))
        && !OTHERS.iter().any(|other| lower.ends_with(other.as_bytes()))
}

/// The long endings, and those that make a street of any word.
#[rustfmt::skip]
pub(super) static LONG_ENDS: Ends<25> = Ends::new([
    "boulevard", "platz", "gasse", "allee", "plein", "gracht", "laan", "singel", "weg", "damm", "ufer", "katu",
    "gata", "vej", "veien", "vegen", "dijk", "stigen", "torget", "gade", "kade", "utca", "strasse", "straat",
    "gatan",
]);

/// A name and its type in one word, long enough to be told from others before it is read on: `Sjoerdstraat`.
pub(super) fn is_joined_street(lower: &[u8]) -> bool {
    is_plain_suffix(lower)
        || [
            "gasse",
            "platz",
            "allee",
            "gracht",
            "singel",
            "laan",
            "stigen",
            "gränd",
            "torget",
            "katu",
            "gade",
            "gata",
            "veien",
            "vegen",
            "boulevard",
        ]
        .iter()
        .any(|suffix| lower.len() >= suffix.len() + 4 && lower.ends_with(suffix.as_bytes()))
            && is_long_suffix(lower)
}

#[rustfmt::skip] // Rows of words, not one a line.
pub(super) static TYPES: List<231> = List::new([
    "st", "street", "str", "ave", "av", "avenue", "rd", "road", "ln", "lane", "blvd", "boulevard", "dr", "drive", "ct",
    "court", "ter", "terrace", "terr", "way", "cl", "close", "cres", "crescent", "crst", "pl", "place", "cir",
    "circle", "pkwy", "parkway", "hwy", "highway", "sq", "square", "trl", "trail", "bend", "bnd", "grove", "grv",
    "gardens", "gdns", "garden", "mews", "alley", "aly", "crossing", "xing", "plaza", "plz", "quay", "wharf",
    "esplanade", "esp", "parade", "pde", "broadway", "turnpike", "tpke", "pike", "freeway", "fwy", "expressway",
    "cove", "cv", "hollow", "holw", "ridge", "rdg", "hill", "hills", "heights", "hts", "landing", "lndg", "meadow",
    "meadows", "mdws", "glen", "gln", "walk", "rise", "drove", "estate", "row", "loop", "crest", "knoll", "knl",
    "vista", "manor", "mnr", "annex", "arcade", "bayou", "beach", "bluff", "brook", "brooks", "burg", "bypass",
    "canyon", "cape", "causeway", "centre", "cliff", "cliffs", "commons", "corners", "creek", "curve", "dale", "dam",
    "dell", "down", "downs", "drift", "falls", "ferry", "flats", "fold", "ford", "forest", "forge", "fort", "gait",
    "garth", "glade", "glebe", "grange", "green", "greens", "gully", "gulch", "hamlet", "harbor", "harbour", "haven",
    "heath", "hatch", "holt", "hythe", "inlet", "isle", "junction", "lake", "lea", "leas", "leaze", "lookout", "meads",
    "mead", "mere", "mill", "mills", "moor", "motorway", "mount", "mountain", "nook", "orchard", "outlook", "oval",
    "overpass", "parks", "passage", "pasture", "pathway", "pine", "pines", "plain", "plains", "prairie", "precinct",
    "promenade", "quadrant", "radial", "ramble", "ranch", "rapids", "reach", "retreat", "ridgeway", "river", "shoal",
    "shore", "shores", "side", "skyway", "slope", "snicket", "spring", "springs", "spur", "steps", "subway", "thicket",
    "throughway", "tor", "toll", "trafficway", "underpass", "vale", "valley", "vennel", "viaduct", "villa", "village",
    "villas", "ville", "walkway", "warren", "wharfside", "wood", "woods", "wynd", "yard", "bank", "bay", "brae",
    "croft", "copse", "paddock", "spinney", "view", "views", "burgs", "valleys", "knolls", "wells",
]);

/// Types that are also common words: only after a capitalised name.
#[rustfmt::skip] // Rows of words, not one a line.
pub(super) static PLAIN_TYPES: List<14> = List::new([
    "street", "avenue", "road", "lane", "drive", "boulevard", "blvd", "ave", "rd", "ln", "terrace", "crescent",
    "parkway", "highway",
]);

#[rustfmt::skip] // Rows of words, not one a line.
pub(super) static PREFIX_TYPES: List<60> = List::new([
    "urbanización", "urbanizacion", "ronda", "rambla", "glorieta", "camino", "pasaje", "alameda", "callejón",
    "rue", "avenue", "boulevard", "bd", "chemin", "impasse", "allée", "allee", "quai", "cours", "via", "viale",
    "piazza", "corso", "vicolo", "strada", "calle", "c", "avenida", "avda", "av", "paseo", "plaza", "carrer",
    "carretera", "rua", "travessa", "largo", "praça", "ul", "ulica", "aleja", "aleje", "al", "os", "plac", "place",
    "am", "an", "auf", "zum", "zur", "unter", "triq", "montée", "montee", "sentier", "ruelle", "venelle",
    "faubourg", "hameau",
]);

/// Types that follow the name behind a hyphen.
#[rustfmt::skip] // Rows of words, not one a line.
pub(super) static HYPHENATED_TYPES: List<16> = List::new([
    "straße", "strasse", "str", "allee", "weg", "ring", "platz", "gasse", "damm", "ufer", "steig", "markt", "chaussee",
    "laan", "plein", "straat",
]);

/// Types between the name and the number.
pub(super) const TRAILING_TYPES: [&str; 13] = [
    "utca", "út", "útja", "tér", "tere", "körút", "sokak", "sokağı", "caddesi", "cad", "bulvarı", "sk",
    "ulice",
];

pub(super) const SUFFIX_TYPES: &[&str] = &[
    "straße",
    "strasse",
    "str",
    "straat",
    "gatan",
    "gata",
    "vägen",
    "väg",
    "weg",
    "laan",
    "plein",
    "gasse",
    "platz",
    "allee",
    "kade",
    "gracht",
    "dijk",
    "singel",
    "gade",
    "vej",
    "veien",
    "vegen",
    "gränd",
    "stigen",
    "torget",
    "utca",
    "katu",
    "tie",
    "ring",
    "damm",
    "ufer",
    "steig",
    "hof",
    "boulevard",
    "steeg",
    "dreef",
];

pub(super) fn is_any(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}
