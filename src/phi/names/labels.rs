//! What the words before a run of capitalised words say that it is: a ward, a site, a machine, a maker, a scale. Such things
//! are called after persons all over a hospital: `ward 'Nightingale 4B'`, `reparto San Raffaele`, `labeler 'Parke-Davis'`.
//!
//! Owns the words and how far they reach. A word for one thing names what follows it directly; a word for several, a list.

use super::eponyms;
use super::judge::Context;
use super::lexicon::is_in;
use super::slots::is_person_word;
use crate::phi::list::List;

/// Words for one thing, folded to lower case.
#[rustfmt::skip] // Rows of words, not one a line.
static ONE: List<138> = List::new([
    "abteilung", "afdeling", "agencja", "agency", "ambulatorio", "antigen", "apotek", "apotheek", "apotheke", "apteka",
    "avdeling", "avdelning", "bacterium", "batiment", "bolnica", "brand", "budynek", "building", "byggnad", "campus",
    "centro", "classification", "clinic", "clinica", "clinique", "cluster", "codename", "datacenter", "datacentre",
    "distributor", "dressing", "edificio", "enfermaria", "equipe", "fabbricante", "fabricant", "fabricante", "fabrikant",
    "facility", "farmacia", "formula", "fournisseur", "gebaude", "gebouw", "hersteller", "hopital", "hospital",
    "klinik", "klinikk", "knooppunt", "knoten", "korhaz", "labeler", "labeller", "laegehus", "leverancier", "leverandor",
    "leverantor", "lieferant", "locatie", "maker", "manufacturer", "marca", "marka", "marke", "marque", "merk", "mfr",
    "modell", "nemocnice", "nodo", "noeud", "oddzial", "organism", "osasto", "ospedale", "pabellon", "padiglione",
    "palvelin", "pavilion", "pavillon", "pharmacie", "pharmacy", "polikliniek", "poliklinik", "poradnia", "presidio",
    "producent", "product", "produkt", "produttore", "proveedor", "przychodnia", "quirofano", "rakennus", "rechenzentrum",
    "reparto", "room", "sairaala", "sala", "salle", "salud", "sante", "saude", "scale", "server", "serveur",
    "servidor", "serwer", "site", "sjukhus", "spital", "spitalul", "staging", "stain", "standort", "supplier",
    "suture", "sykehus", "szpital", "terveysasema", "theater", "theatre", "tillverkare", "unidad", "unidade", "unit",
    "unite", "urgences", "urgencias", "vardcentral", "vardcentralen", "vault", "vendor", "ward", "wezel", "wing",
    "ziekenhuis",
]);

/// Words for several.
#[rustfmt::skip]
static MANY: List<65> = List::new([
    "abteilungen", "afdelingen", "afdelinger", "apotheken", "avdelinger", "avdelningar", "bacteria", "branches", "brands",
    "buildings", "campuses", "catheters", "classifications", "clinics", "counties", "diseases", "distributors", "edificios",
    "enfermarias", "eponyms", "facilities", "fonts", "formulas", "hospitales", "hospitals",
    "instruments", "kliniken", "knoten", "labelers", "locations", "makers", "manufacturers", "marcas", "nodes", "nodos",
    "oddzialy", "organisms", "panels", "pharmacies", "products", "regions", "reparti", "rooms", "salas",
    "salles", "scales", "schools", "servers", "serveurs", "servidores", "signs", "sites", "stains",
    "standorte", "suppliers", "syndromes", "szpitale", "theatres", "towns", "trays",
    "unidades", "unites", "units", "vendors", "wards",
]);

/// Words that name only what is quoted behind them, since a person may follow as well.
#[rustfmt::skip]
static QUOTED: List<17> = List::new([
    "antibody", "chambre", "cohort", "font", "habitacion", "instance", "instrument", "kamer", "library", "method", "panel",
    "raum", "technique", "tecnica", "theme", "typeface", "zimmer",
]);

/// How far back a word may stand, and how many words a list may have before the one at hand.
const REACH: usize = 160;
const WORDS_MAX: usize = 24;

/// Does what stands before `start` say that the words there are a thing?
pub(super) fn names_a_thing(text: &str, start: usize) -> bool {
    let floor = text.ceil_char_boundary(start.saturating_sub(REACH));
    let mut rest = &text[floor..start];
    let mut listed = false;
    for step in 0..WORDS_MAX {
        let trimmed = rest
            .trim_end_matches([' ', '\'', '"', '`', ':', '=', ',', '\u{201e}', '\u{201c}', '\u{ab}', '/']);
        let gap = &rest[trimmed.len()..];
        // `ward "4B", "Jane Doe"` closes one text and opens another; too wide a gap parts columns.
        if gap.is_empty() && step > 0 || gap.len() > 6 {
            return false;
        }
        listed |= gap.contains([',', '/']);
        let word =
            trimmed.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.'))).next().unwrap_or("");
        if word.is_empty() {
            return false;
        }
        if step == 0 && matches!(gap, " '" | " \"" | " `") && is_in(&QUOTED, word) {
            return true;
        }
        if is_in(&MANY, word) && (listed || gap.contains(':') || step == 0) {
            return true;
        }
        // `wards: Bevan, Cavell`, `free rooms: Lister B, Curie`
        let opens = word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let particle = [
            "de", "del", "der", "di", "la", "las", "los", "da", "do", "dos", "y", "e", "im.", "san", "santa",
        ]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known));
        if !listed && (is_in(&ONE, word) || opens_a_place(word)) {
            return true;
        }
        if !(particle || listed && opens) {
            return false;
        }
        rest = &trimmed[..trimmed.len() - word.len()];
    }
    false
}

/// A word for one place, machine or maker: what is quoted behind it is what that is called.
pub(crate) fn is_place_or_maker(word: &str) -> bool {
    is_in(&ONE, word) || is_in(&QUOTED, word)
}

/// `Sankt Lars`, `Sint Jozef`: a saint is no patient. `San`, `Santa` and `Saint` may open a name of one.
pub(super) fn is_saint(word: &str) -> bool {
    static SAINTS: List<8> =
        List::new(["sankt", "sint", "szent", "sfantul", "sfanta", "sveti", "sveta", "svateho"]);
    is_in(&SAINTS, word)
}

/// `NICU`: a ward, as hospitals cut its name short. `ED` is a given name too.
pub(super) fn is_ward(word: &str) -> bool {
    #[rustfmt::skip]
    const WARDS: [&str; 15] = [
        "AICU", "CCU", "CTICU", "CVICU", "HDU", "ICU", "ITU", "MICU", "NICU", "NSICU", "PACU", "PICU", "SCBU", "SICU", "TICU",
    ];
    word.ends_with('U') && WARDS.contains(&word)
}

/// Does `word` open the name of a place in its language, `Pavillon Laennec`, `Standort Dresden`, as no name of a person does?
pub(super) fn opens_a_place(word: &str) -> bool {
    #[rustfmt::skip]
    static OPENERS: List<53> = List::new([
        "abteilung", "afdeling", "ambulatorio", "ambulatorium", "avdeling", "avdelning", "batiment", "blutdepot", "bolnica",
        "centro", "edificio", "enfermaria", "etablissement", "gebaude", "gemeinschaft", "hastane", "knoten", "korhaz",
        "krankenhaus", "laegehus", "locatie", "nemocnice", "nosokomeio", "oddzial", "osasto", "pabellon", "padiglione",
        "pavillon", "polikliniek", "poliklinik", "poliklinika", "poradnia", "presidio", "przychodnia", "rechenzentrum",
        "reparto", "residencia", "residenza", "serveur", "servidor", "serwer", "sjukhuset", "spital", "spitalul", "standort",
        "station", "sygehus", "sykehuset", "terveysasema", "unidad", "unidade", "vardcentralen", "νοσοκομειο",
    ]);
    word.len() >= 6 && is_in(&OPENERS, word)
}

/// `room "Mary Johnson"`: a listed given name beside a listed family name, which together call nothing else.
pub(crate) fn is_of_somebody(name: &str) -> bool {
    let mut words = [""; 6];
    let mut count = 0;
    let parts =
        name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '\''))).filter(|part| part.len() > 1);
    for (slot, part) in words.iter_mut().zip(parts) {
        *slot = part;
        count += 1;
    }
    let words = &words[..count];
    words.iter().enumerate().any(|(at, first)| {
        words[at + 1..]
            .iter()
            .any(|second| eponyms::is_certain(first, second) && !eponyms::is_pair(first, second))
    })
}

/// Whether the version of a program may follow a name: where nothing says that somebody is meant.
pub(super) fn may_be_versioned(context: Context) -> bool {
    match context {
        Context::None => true,
        Context::Weak(cue) => !is_person_word(cue),
        _ => false,
    }
}

/// `Gideon' 7.4.1`, `Evita v4.1`: does the version of a program follow? What may be a day or an address is none.
pub(super) fn is_versioned(text: &str, end: usize) -> bool {
    let rest = text[end..].trim_start_matches(['\'', '"', '`']);
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    // `Evita V800 v4.1`: a model stands between.
    let model = rest.split_once(' ').filter(|(model, _)| {
        (2..=8).contains(&model.len())
            && model.starts_with(|c: char| c.is_ascii_uppercase())
            && model.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
            && model.bytes().any(|byte| byte.is_ascii_digit())
    });
    let rest = model.map_or(rest, |(_, rest)| rest);
    let bare = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
    let len = bare.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let version = bare[..len].trim_end_matches('.');
    if version.parse::<std::net::Ipv4Addr>().is_ok() {
        return false;
    }
    let mut parts = version.split('.');
    let (Some(first), second, third) = (parts.next(), parts.next(), parts.next()) else { return false };
    if first.is_empty() || first.len() > 3 || version.split('.').any(|part| part.is_empty() || part.len() > 5)
    {
        return false;
    }
    match (second, third) {
        (Some(_), None) => bare.len() < rest.len(),
        // `3.10.84` may be a day.
        (Some(_), Some(third)) => {
            bare.len() < rest.len() || !matches!(third.len(), 2 | 4) || parts.next().is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_writing() {
        assert!(is_saint("Sankt") && is_saint("Sfântul") && !is_saint("Santa") && !is_saint("Sainte-Marie"));
        assert!(opens_a_place("Pavillon") && opens_a_place("Oddział") && !opens_a_place("Paulina"));
    }

    #[test]
    fn a_version_is_no_day() {
        for (text, versioned) in [
            ("Gideon' 7.4.1 is not certified", true),
            ("Evita v4.1", true),
            ("Hamilton 2.0.1.55 loaded", false),
            ("Okafor 3.10.84", false),
            ("Okafor 3.10.1984", false),
            ("Okafor 41 kg", false),
            ("Okafor 4.1", false),
        ] {
            let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
            assert_eq!(is_versioned(text, end), versioned, "{text}");
        }
    }

    #[test]
    fn a_word_for_one_thing_reaches_one_and_a_word_for_several_a_list() {
        let says = |text: &str, name: &str| names_a_thing(text, text.find(name).expect("the name is there"));
        for (text, name) in [
            ("ward 'Nightingale 4B' is not mapped", "Nightingale"),
            ("reparto San Raffaele: 44/48", "San"),
            ("unidad de Ramón y Cajal", "Ramón"),
            ("known wards: Lister 2A, Fleming 3C, Jenner ICU", "Jenner"),
            ("free rooms: Fleming, Pasteur, Lister B", "Pasteur"),
            ("AND labeler = 'Parke-Davis Div", "Parke"),
            ("unidades: Severo Ochoa, Gregorio Marañón", "Gregorio"),
        ] {
            assert!(says(text, name), "{text}");
        }
        for (text, name) in [
            ("ward 4, Jane Doe", "Jane"),
            ("ward Cavell, Jane Doe", "Jane"),
            ("the wards are full; Jane Doe waits", "Jane"),
            ("room 12: Jane Doe", "Jane"),
            ("patient Jane Doe", "Jane"),
        ] {
            assert!(!says(text, name), "{text}");
        }
    }
}
