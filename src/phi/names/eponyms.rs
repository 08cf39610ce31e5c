//! Names that name no person any more: scales, scores, tests, diseases and regions called after somebody.
//!
//! Such a word is a name like any other beside a patient; in a list of its kind, or joined with its partner, it is not.
//! The lists were written for this project, from what textbooks and coding systems call things; no list of others was copied.

use std::ops::Range;

use super::lexicon::{Entry, Kind};
use super::score::entry_of;
use crate::phi::list::List;

/// Scales, scores, signs and tests, folded to lower case.
#[rustfmt::skip] // Rows of words, not one a line.
static SCALES: List<190> = List::new([
    "abbey", "aldrete", "allred", "alvarado", "apgar", "ashworth", "ballard", "barthel", "bates", "bayley", "bazett", "beck",
    "berg", "bessman", "bethesda", "binet", "bishop", "bland", "blatchford", "bloom", "boey", "borg", "braden", "breslow",
    "bristol", "bromage", "brunnstrom", "buerger", "burch", "caprini", "centor", "charlson", "child", "cincinnati", "clark",
    "cobb", "conners", "cormack", "cornell", "cuzick", "daurie", "denver", "dix", "doloplus", "downton", "dubowitz", "duke",
    "dukes", "edinburgh", "edmonton", "elixhauser", "enneking", "epworth", "fagerstrom", "fenton", "finkelstein", "fisher",
    "fitzpatrick", "flacc", "forrester", "framingham", "frankel", "fridericia", "fried", "fugl", "fuhrman", "garden",
    "gartland", "geneva", "glasgow", "gleason", "glogau", "gordon", "gosnell", "goutallier", "greulich", "gross", "gustilo",
    "hachinski", "hamilton", "hendrich", "hinchey", "hoehn", "house", "hunt", "ishihara", "jadad", "jaeger", "johns",
    "jones", "karnofsky", "katz", "kellgren", "kernig", "killip", "knaus", "kocher", "kurtzke", "lachman", "lansky", "lauge",
    "lawton", "lehane", "lequesne", "lund", "lysholm", "maddrey", "mallampati", "mantoux", "matles", "mayo", "mcgeer",
    "mcgill", "mcmurray", "medley", "mehran", "milani", "mirels", "modic", "montgomery", "morse", "mosteller", "murray",
    "nelson", "norton", "nottingham", "nyha", "ortolani", "oswestry", "oxford", "paprosky", "phalen", "pipkin", "pirani",
    "pugh", "ramsay", "rancho", "rankin", "ranson", "reynolds", "richmond", "rinne", "rockall", "romberg", "rorschach",
    "ross", "ruedi", "schatzker", "schirmer", "schmid", "schober", "seldinger", "sgarbossa", "shirren", "silverman",
    "snellen", "sokal", "sokolow", "spetzler", "spurling", "stratify", "stroop", "sudeck", "tanner", "tegner", "tinel",
    "tinetti", "titrate", "trendelenburg", "tyrer", "valsalva", "waddell", "wagner", "walsall", "waterlow", "weber",
    "wechsler", "wells", "westgard", "westley", "wexner", "whooley", "wong", "yale", "yesavage", "young", "zarit", "zigmond",
    "zubrod", "zung",
]);

/// Diseases, cells, stains and devices called after one person whose name few patients bear, folded.
#[rustfmt::skip]
static SINGLE: List<85> = List::new([
    "alport", "alzheimer", "angelman", "asperger", "babinski", "barrett", "basedow", "bechterew", "behcet", "burkitt",
    "chagas", "charcot", "chiari", "coombs", "coxsackie", "crohn", "dercum", "doppler", "dupuytren", "eisenmenger", "ewing",
    "fallot", "fanconi", "friedreich", "gaucher", "giemsa", "gitelman", "gomori", "goodpasture", "guillain", "hashimoto",
    "heimlich", "hirschsprung", "hodgkin", "holter", "kaposi", "kawasaki", "kirschner", "klinefelter", "koplik", "korsakoff",
    "krabbe", "kupffer", "langerhans", "lewy", "leydig", "lisfranc", "loeffler", "malpighi", "mantoux", "marfan", "masson",
    "meckel", "menetrier", "meniere", "munchausen", "niemann", "nissl", "papanicolaou", "parkinson", "peyronie", "purkinje",
    "quincke", "raynaud", "recklinghausen", "rorschach", "scheuermann", "schwann", "sjogren", "steinmann", "stickler",
    "takayasu", "tourette", "trousseau", "turcot", "virchow", "waldenstrom", "wegener", "wernicke", "westgard", "whipple",
    "willebrand", "wilms", "ziehl", "zollinger",
]);

/// Countries and their parts that are names of persons too, folded.
#[rustfmt::skip]
static COUNTRIES: List<33> = List::new([
    "america", "austria", "carolina", "chad", "cuba", "cyprus", "dakota", "dominica", "georgia", "guernsey", "holland", "india",
    "ireland", "israel", "jamaica", "jersey", "jordan", "kenya", "lebanon", "lucia", "mali", "malta", "mauritius", "mexico",
    "monaco", "montana", "nevada", "nevis", "samoa", "tonga", "virginia", "wallis", "zaire",
]);

/// Two names that belong together, folded: diseases, methods, firms, regions.
#[rustfmt::skip]
static PAIRS: List<514> = List::new([
    "adams stokes", "aho corasick", "albers schonberg", "altman bland", "alto adige", "anderson darling", "anderson fabry",
    "ann arbor", "arnold chiari", "aschoff tawara", "asperger kanner", "austin flint", "austin moore", "auvergne rhone",
    "b braun", "baden wuerttemberg", "baden wurttemberg", "bankart perthes", "bannayan riley", "barnes jewish",
    "barraquer simons", "bartter gitelman", "bausch lomb", "bayer warner", "beckman coulter", "beckwith wiedemann",
    "becton dickinson", "bellman ford", "bence jones", "bernard horner", "bernard soulier", "beth israel", "billroth roux",
    "birt hogg", "blalock taussig", "bland altman", "bloch sulzberger", "boehringer ingelheim", "bouchard charcot",
    "bourgogne franche", "bourneville pringle", "box cox", "boyer moore", "braxton hicks", "breslow day", "brigham women",
    "brill symmers", "bristol myers", "brooke spiegler", "brown sequard", "budd chiari", "burrows wheeler", "caldwell luc",
    "calve perthes", "cardinal health", "carl zeiss", "carte vitale", "castilla leon", "castilla mancha", "cauchy schwarz",
    "cavalli sforza", "cedars sinai", "charcot bouchard", "charcot leyden", "charcot marie", "chase paymentech",
    "chediak higashi", "cheyne stokes", "chiari frommel", "child pugh", "christmas island", "churg strauss",
    "chvostek weiss", "clarke wright", "claude bernard", "cochran mantel", "cockcroft gault", "coffin lowry",
    "coffin siris", "colles smith", "cook islands", "cori forbes", "cormack lehane", "cornelia lange", "cox snell",
    "creutzfeldt jakob", "crigler najjar", "cronkhite canada", "cruveilhier baumgarten", "da costa", "da vinci",
    "damerau levenshtein", "dana farber", "dandy walker", "davis geck", "de quervain", "degos kohlmeier",
    "dejerine klumpke", "dejerine roussy", "dejerine sottas", "denis browne", "di george", "di guglielmo",
    "diamond blackfan", "dickey fuller", "diffie hellman", "don gnocchi", "dubin johnson", "duchenne becker",
    "duchenne erb", "dukes turnbull", "durbin watson", "durie salmon", "eaton lambert", "edwards lifesciences",
    "ehlers danlos", "elekta versa", "eli lilly", "ellis creveld", "emery dreifuss", "emilia romagna", "epstein barr",
    "erb duchenne", "erdheim chester", "erlang gamma", "ernst young", "fabry anderson", "fanconi bickel", "fellegi sunter",
    "ferriman gallwey", "fisher paykel", "fitz hugh", "floyd warshall", "foix alajouanine", "foville millard",
    "franceschetti klein", "franche comte", "fred hutchinson", "freeman sheldon", "frey baillarger", "friuli venezia",
    "froment rauber", "fugl meyer", "gamna gandy", "gasser omrcen", "gauss jordan", "gauss newton", "gauss seidel",
    "gerstmann straussler", "gianotti crosti", "gilles tourette", "girdlestone taylor", "goldenhar gorlin",
    "goodman kruskal", "gorlin goltz", "gougerot sjogren", "grace hopper", "graham steell", "gregorio maranon",
    "grey turner", "grocott gomori", "guerin stern", "guillain barre", "gustilo anderson", "hallervorden spatz",
    "hamman rich", "hand foot", "hand schuller", "hardy weinberg", "harrington rod", "harris benedict", "hartmann solution",
    "hayem widal", "heberden bouchard", "heerfordt waldenstrom", "hegar dilator", "henoch schonlein", "henry schein",
    "hering breuer", "hermann memorial", "hermansky pudlak", "herpin janz", "hewlett packard", "hill rom", "hill sachs",
    "hippel lindau", "hodges lehmann", "hodgkin huxley", "hoehn yahr", "hoffmann la", "hoffmann tinel", "horner bernard",
    "hosmer lemeshow", "house brackmann", "howell jolly", "humber river", "hunt hess", "hurler scheie",
    "hutchinson gilford", "imerslund grasbeck", "ivor lewis", "jackson pratt", "jadassohn lewandowsky", "jakob creutzfeldt",
    "james paget", "jarisch herxheimer", "jaro winkler", "jervell lange", "johanson blizzard", "john radcliffe",
    "johns hopkins", "johnson johnson", "joubert boltshauser", "kaiser permanente", "kaplan meier", "kaposi sarcoma",
    "kartagener siewert", "kasabach merritt", "kast maffucci", "kearns sayre", "kimmelstiel wilson", "kirby bauer",
    "kirschner wire", "kleihauer betke", "klein levin", "klein waardenburg", "klippel feil", "klippel trenaunay",
    "klumpke dejerine", "knuth morris", "kolmogorov smirnov", "korsakoff wernicke", "kruskal wallis", "kufs parry",
    "kugelberg welander", "kussmaul maier", "lambert eaton", "landau kleffner", "landouzy dejerine", "landry guillain",
    "langer giedion", "larsen johansson", "lauge hansen", "laurence moon", "lawton brody", "legg calve", "lempel ziv",
    "lennox gastaut", "leriche gregoire", "lesch nyhan", "leser trelat", "letterer siwe", "levenberg marquardt",
    "levey jennings", "lewy body", "lexi comp", "libman sacks", "loeys dietz", "looser milkman", "lou gehrig",
    "lou gehrigs", "louis bar", "lown ganong", "luc caldwell", "lund mackay", "maffucci kast", "mallory weiss",
    "mann whitney", "mantel haenszel", "marchiafava bignami", "marchiafava micheli", "marfan loeys", "marie bamberger",
    "marie strumpell", "marie tooth", "maroteaux lamy", "marshall islands", "marshall marchetti", "massachusetts general",
    "masson trichrome", "may grunwald", "may hegglin", "may thurner", "mayer rokitansky", "mayo hegar", "mccune albright",
    "meckel gruber", "mecklenburg vorpommern", "meige milroy", "melkersson rosenthal", "memorial sloan", "mendel bechterew",
    "mifflin st", "mikulicz radecki", "milkman looser", "millard gubler", "miller dieker", "miller fisher", "milroy meige",
    "monte carlo", "monteggia galeazzi", "morgan stanley", "morquio brailsford", "morse fall", "muckle wells",
    "mueller weiss", "muir torre", "muller weiss", "murray nadel", "nationwide childrens", "needham schroeder",
    "needleman wunsch", "neisser wechsberg", "nelder mead", "newton raphson", "niemann pick", "nissen toupet", "nord rhein",
    "nordrhein westfalen", "norfolk island", "nothnagel bruns", "nouvelle aquitaine", "ollier maffucci", "osgood schlatter",
    "osler rendu", "osler vaquez", "osler weber", "owren koller", "paget schroetter", "palo alto", "pancoast tobias",
    "parke davis", "parkes weber", "parkinson white", "parry romberg", "passing bablok", "patau edwards", "paul bunnell",
    "pays loire", "pel ebstein", "pelger huet", "pelizaeus merzbacher", "perkin elmer", "perls prussian", "perthes legg",
    "peutz jeghers", "pfeiffer weber", "pierre robin", "plaut vincent", "plummer ladd", "plummer vinson", "poland moebius",
    "prader willi", "princess alexandra", "pringle bourneville", "provence alpes", "puritan bennett",
    "queckenstedt stookey", "queen elizabeth", "rabin karp", "ramon cajal", "ramsay hunt", "reed solomon", "reed sternberg",
    "refsum thiebaut", "reiter fiessinger", "rendu osler", "reye johnson", "rheinland pfalz", "rhone alpes", "riley day",
    "rinne weber", "ritter lyell", "robert jones", "robert koch", "rokitansky aschoff", "romano ward", "romhilt estes",
    "rose waaler", "rosenthal kloepfer", "rothmund thomson", "roux en", "royal marsden", "rubinstein taybi", "runge kutta",
    "rush copley", "sachsen anhalt", "saint antoine", "saint barthelemy", "saint helena", "saint kitts", "saint lucia",
    "saint vincent", "sainte anne", "saldino noonan", "salter harris", "san blas", "san camillo", "san carlo",
    "san gennaro", "san giovanni", "san juan", "san marino", "san raffaele", "sandhoff jatzkewitz", "sant joan",
    "santa chiara", "santa lucia", "santo domingo", "schleswig holstein", "schonlein henoch", "schwartz jampel",
    "sengstaken blakemore", "severo ochoa", "sezary baccaredda", "shapiro wilk", "shwachman diamond", "shy drager",
    "sierra leone", "silver russell", "silverman andersen", "sjogren larsson", "sloan kettering", "smith lemli",
    "smith magenis", "smith nephew", "smith waterman", "sneddon wilkinson", "sokolow lyon", "solomon islands",
    "sousa martins", "spearman brown", "spectrum butterworth", "spetzler martin", "spiegler fendt", "spielmeyer vogt",
    "st helena", "st johns", "st kitts", "st lucia", "st vincent", "steele richardson", "stein leventhal", "steinmann pin",
    "stevens johnson", "stewart treves", "stoke mandeville", "stokes adams", "strauss churg", "strumpell lorrain",
    "sturge weber", "swan ganz", "swyer james", "taussig bing", "tay sachs", "thermo fisher",
    "thiersch carpue", "thomas kilmann", "thomas splint", "thomsen becker", "tolosa hunt", "tourette gilles",
    "townes brocks", "treacher collins", "trentino alto", "truelove witts", "tyrer cuzick", "unna thost",
    "unverricht lundborg", "usher hallgren", "vaquez osler", "verner morrison", "virchow robin", "virgen rocio",
    "virgin islands", "vogt koyanagi", "waardenburg klein", "wagner meggitt", "walker warburg", "warner chilcott",
    "warthin starry", "waterhouse friderichsen", "weber christian", "weber osler", "weber rinne", "wechsler adult",
    "weil felix", "weil marchesani", "weill cornell", "weill marchesani", "welander kugelberg", "welch allyn",
    "wells fargo", "werdnig hoffmann", "wernicke korsakoff", "widal felix", "willis ekbom", "wilms tumor", "wilson mikity",
    "winiwarter buerger", "wiskott aldrich", "wolf hirschhorn", "wolff chaikoff", "wolff parkinson", "wong baker",
    "wright giemsa", "wright stain", "yerkes dodson", "young mania", "ziehen oppenheim", "ziehl neelsen", "zimmer biomet",
    "zollinger ellison", "zuckerkandl dehio",
]);

/// Is this word the name of a scale or test?
pub(super) fn is_scale(word: &str) -> bool {
    holds(&SCALES, &[word])
}

/// `Masson`, `Willebrand`, `Guillain-Barré`: a word that by itself is rather a disease, a stain or a device?
pub(super) fn is_single(word: &str) -> bool {
    match word.split_once('-') {
        Some((first, rest)) => is_pair(first, rest.split('-').next().unwrap_or_default()),
        None => holds(&SINGLE, &[word]),
    }
}

/// `Santiago-Norte`, `Leipzig-Süd`: does the second half say which part of a town?
pub(super) fn is_quarter(half: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const QUARTERS: [&str; 32] = [
        "centre", "centro", "centrum", "est", "este", "leste", "mitte", "nord", "nordost", "nordwest", "noord", "norte", "ost",
        "oeste", "oost", "ouest", "ovest", "poludnie", "polnoc", "sud", "sued", "suedost", "sul", "sur", "syd", "sor", "vest",
        "wschod", "zachod", "zentrum", "zuid", "zentral",
    ];
    let half = super::lexicon::fold(half);
    QUARTERS.contains(&half.as_str())
}

/// Is this word a country or a part of one, as `Chad`, `Jordan` and `Georgia` are?
pub(super) fn is_country(word: &str) -> bool {
    holds(&COUNTRIES, &[word])
}

/// Do these two words belong together, as `Tay-Sachs` and `Epstein Barr` do?
pub(super) fn is_pair(first: &str, second: &str) -> bool {
    holds(&PAIRS, &[first, second])
}

/// Do these two words belong together here? A pair that reads like somebody's name does only beside what it was called after.
pub(super) fn is_pair_at(text: &str, first: &str, second: &str, span: Range<usize>) -> bool {
    is_pair(first, second) && (!holds(&PERSONS, &[first, second]) || is_beside_a_thing(text, span))
}

/// A listed given name that is no other word, beside a listed family name.
pub(super) fn is_certain(first: &str, second: &str) -> bool {
    let (one, two) = (entry_of(first), entry_of(second));
    let given = |entry: Entry| entry.given >= 2 && entry.word == 0 && !entry.is_blocked();
    let family = |entry: Entry| entry.family >= 2 && !entry.is_blocked();
    given(one) && family(two) || given(two) && family(one)
}

/// `Robert Jones splint`, `Hospital Claude Bernard`: does a word for a thing stand before or behind?
fn is_beside_a_thing(text: &str, span: Range<usize>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const THINGS: [&str; 32] = [
        "syndrome", "sign", "disease", "test", "fracture", "splint", "bandage", "operation", "procedure", "reaction",
        "oesophagectomy", "esophagectomy", "prosthesis", "hospital", "institute", "institut", "hopital", "clinic", "virus",
        "law", "scale", "score", "stain", "body", "bodies", "murmur", "criteria", "classification", "method", "anomaly",
        "sequence", "contractions",
    ];
    let is =
        |word: Option<&str>| word.is_some_and(|word| THINGS.contains(&super::lexicon::fold(word).as_str()));
    let parted = |c: char| !c.is_alphanumeric();
    let behind = text.get(span.end..).and_then(|rest| rest.strip_prefix([' ', '-']));
    let before = text.get(..span.start).and_then(|rest| rest.strip_suffix([' ', '-']));
    is(behind.and_then(|rest| rest.split(parted).next()))
        || is(before.and_then(|rest| rest.rsplit(parted).next()))
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
    // `The Ashburn, Virginia region`
    let of_site = ["region", "campus", "site", "area", "facility"].contains(&third);
    if of_site && is_country(second) && (before.ends_with("The ") || before.ends_with("the ")) {
        return true;
    }
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

/// Those of the pairs that patients are called as well.
#[rustfmt::skip] // Rows of words, not one a line.
static PERSONS: List<44> = List::new([
    "austin flint", "austin moore", "bence jones", "bernard horner", "braxton hicks", "carl zeiss", "claude bernard",
    "cornelia lange", "denis browne", "eaton lambert", "eli lilly", "fred hutchinson", "freeman sheldon", "graham steell",
    "gregorio maranon", "grey turner", "henry schein", "horner bernard", "ivor lewis", "john radcliffe", "lambert eaton",
    "laurence moon", "lou gehrig", "louis bar", "marie bamberger", "marie strumpell", "marie tooth", "marshall marchetti",
    "miller fisher", "morgan stanley", "muir torre", "murray nadel", "paul bunnell", "pierre robin", "ramsay hunt",
    "riley day", "robert jones", "robert koch", "severo ochoa", "silver russell", "thomas kilmann",
    "verner morrison", "virchow robin", "warner chilcott",
]);

const BYTES_MAX: usize = 40;

fn holds<const N: usize>(list: &List<N>, parts: &[&str]) -> bool {
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
    list.has_exactly(&folded[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs_are_found_in_any_writing() {
        assert!(PERSONS.words().iter().all(|pair| PAIRS.has_exactly(pair.as_bytes())));
        assert!(is_scale("Morse") && is_scale("NORTON") && !is_scale("Okafor"));
        assert!(is_pair("Tay", "Sachs") && is_pair("Guillain", "Barré") && !is_pair("Anna", "Lund"));
    }
}
