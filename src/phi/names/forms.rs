//! What the form of a word that is in no list suggests: endings that family names have, letters that English lacks.
//!
//! A guess is never more than a middling rank, so it needs a known name or a cue beside it.

use super::lexicon::{Entry, Kind};

/// Endings of family names that are rare at the end of English words, after at least three other letters.
const ENDINGS: &[&str] = &[
    "ov", "ova", "ev", "eva", "yev", "yeva", "enko", "chuk", "czuk", "ski", "ska", "sky", "skaya", "skiy",
    "wicz", "czyk", "vich", "vych", "vic", "ovic", "evic", "shvili", "adze", "idze", "yan", "oglu", "oğlu",
    "zade", "zadeh", "nejad", "pour", "sson", "sdottir", "dottir", "stein", "berg", "mann", "hauser",
    "opoulos", "idis", "akis", "escu", "eanu", "oiu", "ullah", "uddin", "eddine", "swamy", "murthy", "wala",
    "singh", "kaur", "walla", "strom", "qvist", "quist", "gaard", "huis", "stra", "ema", "sma", "elli",
    "etti", "ucci", "acci", "ino", "inho", "eira", "eiro", "arez", "guez", "ndez", "nchez", "rrez",
    "avicius", "aite", "iene", "kova", "nova", "uyen", "akis", "ides", "aitis", "wski", "wska", "wala",
    "ashvili", "ovich", "evich", "ovna", "evna", "ić", "vić", "ová", "ák", "ský", "ská", "ík", "ič", "ņš",
    "iņš", "ēns", "ņa",
];

/// Rank as a guess: family 2 by ending, 1 by letters beyond ASCII; both given and family in scripts beyond Latin.
pub(super) fn guess(word: &str) -> Entry {
    let none = Entry::default();
    if word.len() < 4 {
        return none;
    }
    let entry = |given, family| Entry { given, family, word: 0, kind: Kind::Plain };
    let is_ascii = word.is_ascii();
    if !is_ascii && word.chars().all(|c| !c.is_alphabetic() || c as u32 >= 0x370) {
        return entry(1, 1);
    }
    let last = word.as_bytes()[word.len() - 1] | 0x20;
    let ends = |ending: &&str| {
        // Most leave here.
        if ending.as_bytes()[ending.len() - 1] | 0x20 != last {
            return false;
        }
        let at = word.len().checked_sub(ending.len());
        at.is_some_and(|at| at >= 3 && word.as_bytes()[at..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    if ENDINGS.iter().any(ends) {
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
        assert!(guess("Kyverno").is_unknown() && guess("Lov").is_unknown());
    }
}
