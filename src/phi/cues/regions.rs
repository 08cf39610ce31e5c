//! Which region pack a cue of a national identifier belongs to: where the pack is off, its words claim nothing either.

use crate::phi::settings::{Region, RegionSet};

#[rustfmt::skip] // Rows of words, not one a line.
const OWNED: &[(Region, &[&str])] = &[
    (Region::Us, &[
        "ssn", "ssns", "ssnno", "ssnnumber", "ssnlast4", "last4ssn", "last4ofssn", "ssnlastfour",
        "lastfourssn", "lastfourofssn", "socsec", "socsecno", "hicn", "hic", "hicno", "mbi",
        "mbino", "mbinumber", "itin", "itinno", "itinnumber", "dea", "deano", "deanumber", "deanum", "npi", "npino", "npinumber",
        "aba", "abanumber", "abarouting",
    ]),
    (Region::Uk, &[
        "nhs", "nhsno", "nhsnumber", "nhsnum", "chi", "chino", "chinumber", "nino", "ninumber", "ninsurance", "nationalinsurance",
        "nationalinsurancenumber", "nationalinsuranceno", "ppsn", "pps", "ppsno", "ppsnumber", "dvla", "eir", "eircode",
    ]),
    (Region::Ca, &[
        "sin", "sinno", "sinnumber", "nas", "socialinsurance", "socialinsurancenumber", "socialinsuranceno", "ohip", "ohipnumber",
        "ramq", "phn", "uli", "ahcip", "carecard", "msp", "hsn", "phin", "mcp",
    ]),
    (Region::Au, &[
        "tfn", "tfnno", "tfnnumber", "taxfile", "taxfileno", "taxfilenumber", "ihi", "ihinumber", "irn", "dva", "dvano", "dvanumber",
        "dvafile", "bsb", "bsbnumber", "centrelink", "centrelinkno",
    ]),
    (Region::Ng, &[
        "nin", "ninno", "ninnumber", "nimc", "vnin", "virtualnin", "bvn", "bvnno", "bvnnumber", "bankverificationnumber", "nhia",
        "nhis", "nhianumber", "nhisnumber", "hmo", "hmono", "hmonumber", "hmoid", "lga", "nuban", "nubanno", "nubannumber",
    ]),
    (Region::Eu, &[
        "kvnr", "kvnummer", "versichertennummer", "versichertennr", "steuerid", "steueridnr", "steueridentifikationsnummer",
        "steuernummer", "svnr", "insee", "secu", "numerosecu", "numsecu", "nosecu", "nsecu",
        "numsecuritesociale", "dni", "nie", "nif", "cif", "codicefiscale", "codfisc", "bsn",
        "bsnnummer", "burgerservicenummer", "sofinummer", "pesel", "numerpesel", "personnummer", "samordningsnummer", "personnr",
        "hetu", "henkilotunnus", "plz", "ehic", "ehicnumber",
    ]),
];

/// May this cue speak where only these regions are on?
pub(crate) fn is_on(cue: &str, regions: RegionSet) -> bool {
    OWNED.iter().all(|(region, words)| regions.has(*region) || !words.contains(&cue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::cues::vocabulary;

    #[test]
    fn a_cue_speaks_where_its_region_is_on() {
        let us = RegionSet::NONE.with(Region::Us);
        assert!(is_on("ssn", us) && is_on("mrn", us) && !is_on("nhsnumber", us) && !is_on("bvn", us));
        assert!(is_on("nhsnumber", RegionSet::ALL));
    }

    #[test]
    fn every_word_is_one_of_the_vocabulary() {
        for word in OWNED.iter().flat_map(|(_, words)| *words) {
            assert!(vocabulary::lookup(word.as_bytes()).is_some(), "{word}");
        }
    }
}
