//! Values that a sentence begins with and says at its end what they should be: `512-84-719l is not a valid SSN`.
//!
//! Owns where such a value begins. Values in quotes are read with all others in quotes.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Edit, PLACEHOLDER_HEAD, Reader, span_of};
use crate::phi::class::Class;
use crate::phi::cues::{self, Says};

/// Words behind the verdict that are read for what the value should be, and groups of one value.
const WORDS_MAX: usize = 5;
const GROUPS_MAX: usize = 6;
const VALUE_BYTES_MAX: usize = 48;

/// Verdicts of one text that are followed up.
const VERDICTS_MAX: usize = 8;
const VERDICT: &str = " is not a";
static VERDICTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(VERDICT));

impl Reader<'_> {
    /// Looks at what stands before each verdict.
    pub(super) fn judged(&self, text: &str, out: &mut Vec<Edit>) {
        for at in VERDICTS.find_iter(text.as_bytes()).take(VERDICTS_MAX) {
            self.judged_at(text, at..at + VERDICT.len(), out);
        }
    }

    /// Hides what stands before `verdict`, if the words behind it name an identifier.
    fn judged_at(&self, text: &str, verdict: Range<usize>, out: &mut Vec<Edit>) {
        let Some(class) = should_be(&text[verdict.end..]).filter(|class| self.counts(*class)) else { return };
        let said =
            &text[text.ceil_char_boundary(verdict.start.saturating_sub(VALUE_BYTES_MAX))..verdict.start];
        let said = said.rsplit(['\n', '"', '\'', '(', ';', '=']).next().unwrap_or_default();
        let said = said.rsplit(": ").next().unwrap_or_default();
        let mut start = verdict.start;
        for group in said.rsplit(' ').take(GROUPS_MAX) {
            let capitals = group.len() <= 4 && group.bytes().all(|byte| byte.is_ascii_uppercase());
            let numbered = group.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@');
            if group.is_empty() || !(capitals || numbered) {
                break;
            }
            start = span_of(text, group).start;
        }
        let value = &text[start..verdict.start];
        let enough = match class {
            Class::Email => value.contains(['@', '#']),
            Class::Geo => value.len() <= 10 && value.bytes().filter(u8::is_ascii_digit).count() >= 3,
            _ => value.bytes().filter(u8::is_ascii_digit).count() >= 4,
        };
        if enough && !value.contains(PLACEHOLDER_HEAD) {
            out.push(Edit::likely(start..verdict.start, class, "sentence.judged"));
        }
    }
}

/// The class of the identifier that the words behind ` is not a` name.
fn should_be(rest: &str) -> Option<Class> {
    let rest = rest.strip_prefix('n').unwrap_or(rest).strip_prefix(' ')?;
    let rest = ["valid ", "correct ", "known ", "recognised ", "recognized "]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let named = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-');
    let (rest, behind) = rest.split_at(rest.find(|c| !named(c)).unwrap_or(rest.len()));
    // `is not a valid ssn: [REDACTED:name]`: the word is the key of what stood there.
    if behind.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[').starts_with(PLACEHOLDER_HEAD) {
        return None;
    }
    let ends = rest.match_indices(' ').map(|(at, _)| at).chain([rest.len()]);
    ends.take(WORDS_MAX)
        .filter_map(|end| cues::cue_at_end(&rest[..end]).filter(|cue| cue.strong))
        .filter_map(|cue| match cue.says {
            Says::Phi(Class::Geo) if is_postcode(cue.word, rest) => Some(Class::Geo),
            Says::Phi(class) if !matches!(class, Class::Name | Class::Geo | Class::Ip | Class::ApiKey) => {
                Some(class)
            }
            _ => None,
        })
        .last()
}

/// `zip`, `postal code`: not what is packed, as `zip file`.
fn is_postcode(word: &str, said: &str) -> bool {
    const CODES: [&str; 8] =
        ["zip", "zipcode", "postcode", "postalcode", "plz", "eircode", "codepostal", "postleitzahl"];
    let last = said.trim_end().rsplit(' ').next().unwrap_or_default().to_ascii_lowercase();
    CODES.contains(&word) && (CODES.iter().any(|code| code.ends_with(&last)) || last == "code")
}
