//! What programs and catalogues call things: words of a dictionary written as one, a form with its version.
//!
//! Owns no context. What holds a word that somebody is called and nothing else is none.

use super::cues::{self, PARTICLE};
use super::eponyms;
use super::score::entry_of;

/// `NightlyExport`, `KafkaJSConnectionError`, `Apgar-5min-v2`: no person is called so.
pub(crate) fn is_compound_word(value: &str) -> bool {
    is_capitalised(value) || is_edition(value)
}

/// Words of a dictionary written as one. The last of them is nobody's name, and none of those before stands in the lists of names
/// without being a word too, but for a scale that opens them: `BradenScaleDocumented`.
fn is_capitalised(value: &str) -> bool {
    const SCALES: [&str; 6] = ["Scale", "Score", "Index", "Test", "Criteria", "Screen"];
    let bytes = value.as_bytes();
    if !bytes.iter().all(u8::is_ascii_alphanumeric) || !bytes.first().is_some_and(u8::is_ascii_uppercase) {
        return false;
    }
    let opens = |at: usize| {
        bytes[at].is_ascii_uppercase()
            && (bytes[at - 1].is_ascii_lowercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
    };
    let mut cuts: Vec<usize> = (1..bytes.len()).filter(|at| opens(*at)).collect();
    cuts.push(bytes.len());
    let mut start = 0;
    // Whether a scale opens them; and the word for one behind it.
    let (mut parts, mut scaled, mut said, mut measured) = (0, false, false, false);
    for &end in &cuts {
        let part = &value[start..end];
        let entry = entry_of(part);
        let is_last = end == bytes.len();
        // `FhirP99High`: nobody is called by one letter and its number.
        let measure = start > 0 && !is_last && is_measure(part);
        measured |= measure;
        let plain = is_plain(part) || measure || measured && is_last && entry.word > 0;
        let open = if scaled {
            plain || said && !entry.is_name()
        } else if is_last {
            plain
        } else {
            plain || !entry.is_name() || entry.word > 1 || start == 0 && eponyms::is_scale(part)
        };
        said |= scaled && SCALES.contains(&part);
        scaled |= start == 0 && !plain && eponyms::is_scale(part);
        if !open
            || start == 0 && (cues::cue(part).has(PARTICLE) || matches!(part, "Fitz" | "Mc" | "Mac" | "O"))
        {
            return false;
        }
        parts += 1;
        start = end;
    }
    parts >= 2 && (!scaled || said || parts >= 3)
}

/// `P99`, `T90`: a letter and a number.
fn is_measure(part: &str) -> bool {
    let digits = part.bytes().skip(1).filter(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && digits + 1 == part.len()
}

/// `Apgar-5min-v2`, `Wells-DVT-v1`: words, measures, abbreviations and scales that hyphens join, behind them a version.
pub(crate) fn is_edition(value: &str) -> bool {
    const NUMBER_MAX: usize = 3;
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let scaled = value.split(['-', '_']).next().is_some_and(eponyms::is_scale);
    let said = |part: &str| {
        let entry = entry_of(part);
        let small = scaled
            && part.bytes().all(|byte| byte.is_ascii_lowercase())
            && (!entry.is_name() || entry.word > 1);
        let measure = (1..=2).contains(&digits(part)) && part.len() <= 6;
        let short = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_uppercase());
        let known = measure || small || short && !entry.is_name();
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (known || is_plain(part) || eponyms::is_scale(part) || eponyms::is_single(part))
    };
    value.rsplit_once(['-', '_']).is_some_and(|(name, last)| {
        let number = last.strip_prefix(['v', 'V']).unwrap_or_default();
        (1..=NUMBER_MAX).contains(&number.len())
            && digits(number) == number.len()
            && name.split(['-', '_']).all(said)
    })
}

/// A word of a dictionary that nobody is called.
fn is_plain(word: &str) -> bool {
    let entry = entry_of(word);
    entry.is_blocked() || entry.word > 0 && !entry.is_name()
}

#[cfg(test)]
mod tests {
    use super::is_compound_word;

    #[test]
    fn what_a_thing_is_called_is_told_from_a_name_beside_a_scale() {
        for thing in [
            "NightlyExport",
            "BradenScaleDocumented",
            "HamiltonAnxietyReviewed",
            "CharlsonIndexUpdated",
            "Apgar-5min-v2",
            "Wells-DVT-v1",
            "Glasgow-coma-v3",
        ] {
            assert!(is_compound_word(thing), "{thing}");
        }
        for name in [
            "Braden",
            "BradenOkafor",
            "JonesGraceMary",
            "Wells-Grace",
            "Maria-Garcia-v2",
            "Okafor-v2",
            "OkaforReviewed",
        ] {
            assert!(!is_compound_word(name), "{name}");
        }
    }
}
