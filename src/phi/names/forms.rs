//! What the form of a word that is in no list suggests: endings that family names have, letters that English lacks.
//!
//! A guess is never more than a middling rank, so it needs a known name or a cue beside it.

use super::lexicon::{Entry, Kind, lookup};
use crate::phi::ends::Ends;

/// Endings of family names that are rare at the end of English words, after at least three other letters.
static ENDINGS: Ends<103> = Ends::new([
    "ov", "ova", "ev", "eva", "yev", "yeva", "enko", "chuk", "czuk", "ski", "ska", "sky", "skaya", "skiy",
    "wicz", "czyk", "vich", "vych", "vic", "ovic", "evic", "shvili", "adze", "idze", "yan", "oglu", "oğlu",
    "zade", "zadeh", "nejad", "pour", "sson", "sdottir", "dottir", "stein", "berg", "mann", "hauser",
    "opoulos", "idis", "akis", "escu", "eanu", "oiu", "ullah", "uddin", "eddine", "swamy", "murthy", "wala",
    "singh", "kaur", "walla", "strom", "qvist", "quist", "gaard", "huis", "stra", "ema", "sma", "elli",
    "etti", "ucci", "acci", "ino", "inho", "eira", "eiro", "arez", "guez", "ndez", "nchez", "rrez",
    "avicius", "aite", "iene", "kova", "nova", "uyen", "akis", "ides", "aitis", "wski", "wska", "wala",
    "ashvili", "ovich", "evich", "ovna", "evna", "ić", "vić", "ová", "ák", "ský", "ská", "ík", "ič", "ņš",
    "iņš", "ēns", "ņa",
]);

/// Syllables of Korean given names, as they are written in Latin letters.
#[rustfmt::skip] // Rows of words, not one a line.
const KOREAN: &[&str] = &[
    "ah", "bin", "bok", "bong", "bum", "byung", "chan", "chang", "chul", "dae", "dong", "duk", "eun", "ga", "geun", "gi", "gu",
    "gyu", "ha", "hae", "hee", "ho", "hong", "hoon", "hwa", "hwan", "hye", "hyeon", "hyo", "hyuk", "hyun", "hyung", "il", "in",
    "ja", "jae", "jeong", "ji", "jin", "joo", "joon", "joong", "ju", "jun", "jung", "ki", "kook", "kwan", "kwang", "kyu",
    "kyung", "mi", "min", "mo", "moon", "myung", "na", "nam", "ra", "ram", "rim", "rin", "sang", "seo", "seok", "seon", "seong",
    "seung", "shik", "shin", "si", "sik", "so", "sook", "soo", "soon", "su", "suk", "sun", "sung", "tae", "uk", "un", "won",
    "woo", "wook", "yeon", "yeong", "yong", "yoo", "yoon", "young", "yul", "yun",
];

/// `Soo-Jin`, `Hyun-woo`: two syllables of a Korean given name, not both of them English words.
pub(super) fn is_korean(word: &str) -> bool {
    let Some((first, second)) = word.split_once('-') else { return false };
    let known = |half: &str| {
        (2..=6).contains(&half.len()) && KOREAN.iter().any(|known| half.eq_ignore_ascii_case(known))
    };
    known(first) && known(second) && (lookup(first).word < 2 || lookup(second).word < 2)
}

/// `MEI`, `Ling`, `Hoon`: a syllable of a Chinese (in pinyin) or a Korean given name.
pub(super) fn is_syllable(word: &str) -> bool {
    /// Longest first, so that `zh` is not read as `z`.
    const INITIALS: [&str; 23] = [
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z",
        "c", "s", "y", "w",
    ];
    const FINALS: [&str; 34] = [
        "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "i", "ia", "ie", "iao", "iu",
        "ian", "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ue", "ee",
        "oo", "ew",
    ];
    if !(2..=6).contains(&word.len()) {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let last = INITIALS.iter().find_map(|initial| word.strip_prefix(initial)).unwrap_or(&word);
    FINALS.contains(&last) || KOREAN.contains(&word.as_str())
}

/// Endings of words for things in German, French, Spanish, Italian, Portuguese and the languages of the North, behind four
/// letters or more, and no endings of names.
static OF_THINGS: Ends<72> = Ends::new([
    "payer",
    "insurer",
    "dienst",
    "dienste",
    "betrieb",
    "zentrum",
    "kalender",
    "wartung",
    "störung",
    "stoerung",
    "stelle",
    "archiv",
    "rechner",
    "sicherung",
    "übertragung",
    "meldung",
    "prüfung",
    "verwaltung",
    "steuerung",
    "anlage",
    "gerät",
    "geräte",
    "verbindung",
    "leitung",
    "fehler",
    "lauf",
    "liste",
    "datei",
    "dokument",
    "ebene",
    "umgebung",
    "versand",
    "empfang",
    "auftrag",
    "anfrage",
    "antwort",
    "nachricht",
    "speicher",
    "netzwerk",
    "ación",
    "ición",
    "sión",
    "acion",
    "mente",
    "miento",
    "idad",
    "azione",
    "izione",
    "sione",
    "imento",
    "ação",
    "enção",
    "ições",
    "ações",
    "issão",
    "ission",
    "ation",
    "ition",
    "ement",
    "ité",
    "ägare",
    "tjeneste",
    "tjänst",
    "drift",
    "beheer",
    "storing",
    "schaft",
    "depot",
    "kasse",
    "verbund",
    "verband",
    "rechnung",
]);

/// `Ausweichbetrieb`, `Télétransmission`, `Mantenimiento`: is a word in no list one for a thing, by its form?
pub(super) fn is_of_things(word: &str) -> bool {
    let ends = |ending: &&str| {
        let at = word.len().checked_sub(ending.len());
        at.is_some_and(|at| at >= 4 && word.as_bytes()[at..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    word.len() >= 8 && OF_THINGS.of(word.as_bytes()).iter().any(ends)
}

/// Rank as a guess: family 2 by ending, 1 by letters beyond ASCII; both given and family in scripts beyond Latin.
pub(super) fn guess(word: &str) -> Entry {
    let none = Entry::default();
    if word.len() < 4 {
        return none;
    }
    let entry = |given, family| Entry { given, family, word: 0, kind: Kind::Plain };
    if is_of_things(word) {
        return Entry { word: 2, ..none };
    }
    let is_ascii = word.is_ascii();
    if !is_ascii && word.chars().all(|c| !c.is_alphabetic() || c as u32 >= 0x370) {
        return entry(1, 1);
    }
    let ends = |ending: &&str| {
        let at = word.len().checked_sub(ending.len());
        at.is_some_and(|at| at >= 3 && word.as_bytes()[at..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    if ENDINGS.of(word.as_bytes()).iter().any(ends) {
        return entry(0, 2);
    }
    if is_ascii { none } else { entry(0, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_and_letters_raise_a_guess() {
        assert_eq!(guess("Zhumabekov").family, 2);
        assert_eq!(guess("Qasımzadə").family, 1);
        assert_eq!(guess("Никушева").given, 1);
        assert!(
            is_korean("Soo-Jin") && is_korean("Hyun-woo") && !is_korean("In-So") && !is_korean("Min-Max")
        );
        for word in ["Ausweichbetrieb", "Télétransmission", "Mantenimiento", "Manutenção"] {
            assert_eq!(guess(word).word, 2, "{word}");
        }
        assert!(guess("Kyverno").is_unknown() && guess("Lov").is_unknown());
    }
}
