//! Names that name no person any more: scales, scores, tests, diseases and regions called after somebody.
//!
//! Such a word is a name like any other beside a patient; in a list of its kind, or joined with its partner, it is not.

use std::ops::Range;

use super::lexicon::Kind;

/// Scales, scores, signs and tests, folded to lower case. Sorted.
#[rustfmt::skip] // Rows of words, not one a line.
const SCALES: &[&str] = &[
    "abbey", "aldrete", "alvarado", "apgar", "ashworth", "ballard", "barthel", "bates", "bayley", "beck", "berg",
    "bethesda", "bishop", "bland", "blatchford", "bloom", "borg", "braden", "breslow", "bristol", "brunnstrom",
    "burch", "caprini", "centor", "charlson", "child", "clark", "cobb", "conners", "cormack", "denver", "doloplus",
    "downton", "dubowitz", "duke", "edinburgh", "edmonton", "elixhauser", "epworth", "fagerstrom", "fisher",
    "fitzpatrick", "flacc", "forrester", "framingham", "fried", "fugl", "fuhrman", "garden", "geneva", "glasgow",
    "gleason", "gordon", "gosnell", "gross", "gustilo", "hachinski", "hamilton", "hendrich", "hinchey", "hoehn",
    "house", "hunt", "ishihara", "jaeger", "johns", "jones", "karnofsky", "katz", "killip", "knaus", "kurtzke",
    "lansky", "lawton", "lehane", "lund", "maddrey", "mallampati", "mayo", "mcgeer", "mcgill", "medley", "milani",
    "montgomery", "morse", "murray", "nelson", "norton", "nottingham", "oswestry", "oxford", "pugh", "ramsay",
    "rancho", "rankin", "ranson", "reynolds", "richmond", "rockall", "romberg", "ross", "schmid", "sgarbossa",
    "shirren", "silverman", "snellen", "stratify", "tanner", "tinetti", "titrate", "tyrer", "wagner", "walsall",
    "waterlow", "weber", "wechsler", "wells", "westley", "wong", "yale", "yesavage", "young", "zarit", "zubrod",
    "zung",
];

/// Countries and their parts that are names of persons too, folded. Sorted.
#[rustfmt::skip]
const COUNTRIES: &[&str] = &[
    "america", "austria", "carolina", "chad", "cuba", "cyprus", "dakota", "dominica", "georgia", "guernsey", "holland", "india",
    "ireland", "israel", "jamaica", "jersey", "jordan", "kenya", "lebanon", "lucia", "mali", "malta", "mauritius", "mexico",
    "monaco", "montana", "nevada", "nevis", "samoa", "tonga", "virginia", "wallis", "zaire",
];

/// Two names that belong together, folded: diseases, methods, firms, regions.
#[rustfmt::skip]
const PAIRS: &[&str] = &[
    "alto adige", "anderson darling", "asperger kanner", "auvergne rhone", "b braun", "baden wuerttemberg", "baden wurttemberg",
    "bannayan riley", "barnes jewish", "bausch lomb", "beckman coulter", "becton dickinson", "beth israel",
    "bland altman", "boehringer ingelheim", "bourgogne franche", "boyer moore", "breslow day", "brigham women",
    "bristol myers", "brown sequard", "budd chiari", "burrows wheeler", "cardinal health", "carte vitale",
    "cauchy schwarz", "cedars sinai", "charcot marie", "chediak higashi", "cheyne stokes", "child pugh",
    "christmas island", "churg strauss", "cochran mantel", "cockcroft gault", "cook islands", "cormack lehane",
    "cox snell", "creutzfeldt jakob", "crigler najjar", "dana farber", "dandy walker", "diamond blackfan",
    "dickey fuller", "diffie hellman", "dubin johnson", "durbin watson", "eaton lambert", "edwards lifesciences",
    "ehlers danlos", "eli lilly", "emilia romagna", "epstein barr", "erlang gamma", "ernst young", "fisher paykel",
    "franche comte", "fred hutchinson", "friuli venezia", "fugl meyer", "gauss jordan", "gauss newton",
    "gauss seidel", "gilles tourette", "goodman kruskal", "guillain barre", "gustilo anderson", "hand foot",
    "hardy weinberg", "harris benedict", "henry schein", "hermann memorial", "hewlett packard", "hill rom",
    "hodges lehmann", "hodgkin huxley", "hoehn yahr", "hosmer lemeshow", "humber river", "hunt hess", "jervell lange",
    "john radcliffe", "johns hopkins", "johnson johnson", "kaiser permanente", "kaplan meier", "kaposi sarcoma",
    "klippel feil", "knuth morris", "kolmogorov smirnov", "kruskal wallis", "lambert eaton", "lawton brody",
    "legg calve", "lennox gastaut", "lesch nyhan", "levenberg marquardt", "lou gehrig", "lund mackay",
    "mallory weiss", "mann whitney", "mantel haenszel", "marie tooth", "marshall islands", "massachusetts general",
    "mayer rokitansky", "mecklenburg vorpommern", "memorial sloan", "mifflin st", "monte carlo", "morgan stanley",
    "morse fall", "nationwide childrens", "needleman wunsch", "nelder mead", "newton raphson", "niemann pick",
    "nord rhein", "nordrhein westfalen", "norfolk island", "nouvelle aquitaine", "osgood schlatter", "osler weber",
    "paget schroetter", "parkinson white", "pays loire", "perkin elmer", "peutz jeghers", "pierre robin",
    "plummer vinson", "prader willi", "princess alexandra", "provence alpes", "queen elizabeth", "rabin karp",
    "ramsay hunt", "reed solomon", "reed sternberg", "rheinland pfalz", "rhone alpes", "riley day", "royal marsden",
    "runge kutta", "rush copley", "sachsen anhalt", "saint barthelemy", "saint helena", "saint kitts", "saint lucia",
    "saint vincent", "san juan", "san marino", "schleswig holstein", "shapiro wilk", "sierra leone",
    "sloan kettering", "smith nephew", "smith waterman", "solomon islands", "spectrum butterworth", "st helena",
    "st johns", "st kitts", "st lucia", "st vincent", "stevens johnson", "stoke mandeville", "sturge weber",
    "tay sachs", "thermo fisher", "thomas kilmann", "trentino alto", "tyrer cuzick", "virgin islands",
    "wagner meggitt", "waterhouse friderichsen", "weber christian", "wechsler adult", "weil marchesani",
    "weill cornell", "welch allyn", "wells fargo", "wernicke korsakoff", "wilms tumor", "wolff parkinson",
    "wong baker", "zimmer biomet", "zollinger ellison",
];

/// Is this word the name of a scale or test?
pub(super) fn is_scale(word: &str) -> bool {
    holds(SCALES, &[word])
}

/// Is this word a country or a part of one, as `Chad`, `Jordan` and `Georgia` are?
pub(super) fn is_country(word: &str) -> bool {
    holds(COUNTRIES, &[word])
}

/// Do these two words belong together, as `Tay-Sachs` and `Epstein Barr` do?
pub(super) fn is_pair(first: &str, second: &str) -> bool {
    holds(PAIRS, &[first, second])
}

/// `Chad, Georgia, Jordan`, `Nevis, Sierra Leone`, `Israel, Saint Lucia`: countries in a row, of which `first`, behind `before`,
/// and the word at `second` are two.
pub(super) fn is_of_countries(text: &str, before: &str, first: &str, second: Range<usize>) -> bool {
    let behind = text.get(second.end..).unwrap_or_default();
    let second = text.get(second).unwrap_or_default();
    let third = behind.strip_prefix(' ').unwrap_or_default();
    let third = third.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let of_two = is_pair(second, third);
    let known = of_two || is_country(second) || super::lexicon::lookup(second).kind == Kind::Place;
    // One that may be a person's name too stands between others.
    let listed = before.ends_with(", ") || before.ends_with(" and ");
    known && (is_country(first) || listed && (of_two || is_country(second)))
}

/// `us-east-1 (Ashburn, Virginia)`: does the text end in the region of a cloud and a bracket?
pub(super) fn is_behind_region(before: &str) -> bool {
    let Some(before) = before.strip_suffix(" (") else { return false };
    let region = before.rsplit([' ', '"', '=', ':']).next().unwrap_or_default();
    let area = region.trim_end_matches(|c: char| c.is_ascii_digit());
    (1..=2).contains(&(region.len() - area.len()))
        && area.contains('-')
        && area.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

const BYTES_MAX: usize = 40;

fn holds(list: &[&str], parts: &[&str]) -> bool {
    let mut folded = [0u8; BYTES_MAX];
    let mut len = 0;
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            let Some(slot) = folded.get_mut(len) else { return false };
            *slot = b' ';
            len += 1;
        }
        let plain;
        let part = if part.is_ascii() {
            *part
        } else {
            plain = super::lexicon::fold(part);
            plain.as_str()
        };
        let Some(slot) = folded.get_mut(len..len + part.len()) else { return false };
        slot.copy_from_slice(part.as_bytes());
        slot.make_ascii_lowercase();
        len += part.len();
    }
    list.binary_search_by(|known| known.as_bytes().cmp(&folded[..len])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_found_in_any_writing() {
        assert!(SCALES.is_sorted() && COUNTRIES.is_sorted() && PAIRS.is_sorted());
        assert!(is_scale("Morse") && is_scale("NORTON") && !is_scale("Okafor"));
        assert!(is_pair("Tay", "Sachs") && is_pair("Guillain", "Barré") && !is_pair("Anna", "Lund"));
    }
}
