//! Cues with a second meaning: the plate of a laboratory, the serial number of a certificate.
//!
//! Owns what tells the second meaning, a function for each class. That a cue stands before a value is for `scan::context` and
//! `keyed` to say.

mod dates;
mod devices;
mod names;
mod numbers;
mod places;

pub(in crate::phi) use devices::{is_of_certificate, is_of_model};
pub(in crate::phi) use names::ends_in_typeface;

use crate::phi::class::Class;

/// Does the cue `word`, by itself one of `class`, mean something at `at` that is nobody's?
pub(in crate::phi) fn means_another(class: Class, word: &str, text: &str, at: usize) -> bool {
    let cue = Cue { word, text, at };
    is_of_an_index(&cue)
        || match class {
            Class::Name => names::name(&cue),
            Class::Geo => places::geo(&cue),
            Class::Date => dates::date(&cue),
            Class::Phone | Class::Fax => numbers::phone(&cue),
            Class::Ssn => numbers::ssn(&cue),
            Class::Mrn => numbers::mrn(&cue),
            Class::HealthPlan => numbers::health_plan(&cue),
            Class::Account => numbers::account(&cue),
            Class::License => numbers::license(&cue),
            Class::OtherId => numbers::other_id(&cue),
            Class::ApiKey => numbers::api_key(&cue),
            Class::Vehicle => devices::vehicle(&cue),
            Class::Device => devices::device(&cue),
            Class::Biometric => devices::biometric(&cue),
            _ => false,
        }
}

/// `IXSCAN { mrn: 1 }`: in what order an index of MongoDB keeps a field.
fn is_of_an_index(cue: &Cue<'_>) -> bool {
    is_of_at_most(cue.value(), 1) && cue.speaks_of(&["ixscan", "createindex", "keypattern", "indexname"])
}

/// A word that announces a value, and where in the text the value begins.
struct Cue<'t> {
    word: &'t str,
    text: &'t str,
    at: usize,
}

impl<'t> Cue<'t> {
    /// What stands behind the cue, to the end of the text.
    fn value(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// So many bytes before the value, the cue among them.
    fn near(&self, reach: usize) -> &'t str {
        &self.text[self.text.ceil_char_boundary(self.at.saturating_sub(reach))..self.at]
    }

    /// The same, in its line.
    fn line(&self) -> &'t str {
        line_before(self.text, self.at)
    }

    /// Does one of the words stand near before the value, in its line?
    fn speaks_of(&self, words: &[&str]) -> bool {
        has_word(self.line(), words)
    }

    /// Does the value follow one of these phrases of small letters, in any case?
    fn follows(&self, phrases: &[&str]) -> bool {
        ends_in(&self.text[..self.at], phrases)
    }
}

/// What stands before `at` in its line, as far as a reader would look back.
pub(super) fn line_before(text: &str, at: usize) -> &str {
    const REACH: usize = 80;
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    crate::phi::work::add(before.len());
    before.rsplit('\n').next().unwrap_or_default()
}

/// Is one of the words in `text`, in any case?
fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| words.iter().any(|of| word.eq_ignore_ascii_case(of)))
}

/// Does `text` end in one of these phrases of small letters, in any case?
fn ends_in(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        text.len()
            .checked_sub(phrase.len())
            .is_some_and(|at| text.as_bytes()[at..].eq_ignore_ascii_case(phrase.as_bytes()))
    })
}

/// With how many digits the text begins.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Does a word of no more than so many letters and digits stand here?
fn is_of_at_most(text: &str, bytes: usize) -> bool {
    let word = text.bytes().take(bytes + 1).take_while(u8::is_ascii_alphanumeric).count();
    (1..=bytes).contains(&word)
}
