//! Request echo: the values this request carried, found again wherever an answer repeats them.
//!
//! Owns the values of one exchange in folded form ([`fold`]) and the search for them; `learn` says in which pieces a value is
//! remembered. A name needs no dictionary to
//! be caught here: it was in the request. Matching ignores case, diacritics and separators, knows other spellings of
//! dates and telephone numbers, parts of names and addresses, runs of words of free text, and values cut short by
//! the server. Words of machines (`male`, `final`, `TX`, resource types) are never remembered.
//!
//! Bounded by [`PATTERNS_MAX`] and [`BYTES_MAX`]; never printed: there is no `Debug`.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    ops::Range,
    sync::OnceLock,
};

use self::fold::Folded;
use self::heads::{Means, Searcher, agreements};
use super::{
    class::Class,
    cues::{self, KeyClass},
    list::List,
    structure::{Edit, class_of, words},
};

mod body;
mod fold;
mod heads;
mod learn;
mod spell;
mod worth;

/// Patterns kept of one request; what comes later marks the echo incomplete.
const PATTERNS_MAX: usize = 2048;
/// Folded bytes of all patterns, and bytes of free text.
const BYTES_MAX: usize = 128 * 1024;
/// Shortest folded value worth searching for.
const VALUE_BYTES_MIN: usize = 3;
/// From this length on a value is found inside longer words too.
const INSIDE_BYTES_MIN: usize = 8;
/// A value that the server cut short must still show this much of itself.
const CUT_BYTES_MIN: usize = 8;
/// Values found for each byte of a text, on average, that are still looked at one by one.
const MATCHES_MAX: usize = 2;
/// Bytes of separators that may stand between two parts of a match.
const GAP_BYTES_MAX: usize = 4;

/// The values of one request.
#[derive(Default)]
pub struct Echo {
    patterns: Vec<Pattern>,
    known: HashSet<(Vec<u8>, bool), BuildHasherDefault<words::Fnv>>,
    /// Hashes of runs of words of free text.
    runs: HashSet<u64, BuildHasherDefault<Keep>>,
    bytes: usize,
    incomplete: bool,
    searcher: OnceLock<Searcher>,
}

struct Pattern {
    folded: Vec<u8>,
    class: Class,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A whole value.
    Whole,
    /// A word of a value: only as a whole word; short ones only with a capital.
    Part,
    /// Only digits, at least eight: other digits may stand before it (a country code) but not after.
    Digits,
    /// The head of a long value, of which the rest may be missing. `Pattern::folded` holds the whole.
    Cut,
    /// A secret: anywhere.
    Secret,
}

/// The hashes of runs are already mixed.
#[derive(Default)]
struct Keep(u64);

impl Hasher for Keep {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Echo {
    pub fn new() -> Echo {
        Echo::default()
    }

    /// Adds the values of a JSON or form request body: PHI-typed by `class_of` (a path such as `address.line[]`) or
    /// by their key, and free text.
    pub fn add_body(&mut self, content_type: Option<&str>, body: &[u8], class_of: &dyn Fn(&str) -> KeyClass) {
        body::add(self, content_type, body, class_of);
    }

    /// Adds a secret: removed wherever it stands, percent-escaped and in base64 too.
    pub fn add_secret(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        for spelling in spell::secret(secret) {
            self.push(&spelling, Class::ApiKey, Kind::Secret);
        }
    }

    /// The copy of the request was cut short: free text of the answer cannot be vouched for.
    pub fn mark_incomplete(&mut self) {
        self.incomplete = true;
    }

    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.runs.is_empty() && !self.incomplete
    }

    pub(crate) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    fn push(&mut self, folded: &[u8], class: Class, kind: Kind) {
        let folded = if kind == Kind::Cut { &folded[..folded.len().min(256)] } else { folded };
        if folded.is_empty() {
            return;
        }
        if self.patterns.len() >= PATTERNS_MAX || self.bytes + folded.len() > BYTES_MAX {
            self.incomplete = true;
            return;
        }
        if self.known.insert((folded.to_vec(), kind == Kind::Cut)) {
            self.bytes += folded.len();
            self.patterns.push(Pattern { folded: folded.to_vec(), class, kind });
            self.searcher = OnceLock::new();
        }
    }

    /// Finds the values in decoded text. Edits may overlap one another.
    pub(crate) fn find(&self, text: &str, out: &mut Vec<Edit>) {
        if self.patterns.is_empty() && self.runs.is_empty() || text.len() < 2 {
            return;
        }
        super::work::add(text.len());
        let folded = fold::fold(text);
        if !self.patterns.is_empty() {
            let most = text.len() * MATCHES_MAX + 256;
            let searcher = self.searcher.get_or_init(|| Searcher::of(&self.patterns));
            for (nth, found) in searcher.find(&folded.text, most).into_iter().enumerate() {
                super::work::add(1);
                // Values inside of values inside of values: nobody's answer, and none of it can be vouched for.
                if nth + 1 == most {
                    out.push(Edit::echoed(0..text.len(), Class::OtherId, "echo.value"));
                    break;
                }
                let from = found.span.start;
                match found.means {
                    Means::Value(index) => {
                        self.offer(text, &folded, found.span, &self.patterns[*index], out);
                    }
                    Means::Heads(group) => {
                        for (length, pattern) in agreements(&folded.text[from..], group, &self.patterns) {
                            super::work::add(1);
                            if is_cut(text, &folded, from, length) {
                                self.offer(text, &folded, from..from + length, pattern, out);
                            }
                        }
                    }
                }
            }
        }
        if !self.runs.is_empty() {
            for run in fold::runs(text, &folded) {
                if self.runs.contains(&run.hash)
                    && !is_called(text, run.span.start)
                    && !super::structure::is_inside_placeholder(text, &run.span)
                {
                    out.push(Edit::echoed(run.span, Class::Clinical, "echo.words"));
                }
            }
        }
    }

    /// Takes a match that is a value of its own.
    fn offer(&self, text: &str, folded: &Folded, at: Range<usize>, pattern: &Pattern, out: &mut Vec<Edit>) {
        if !stands_alone(text, folded, at.start, at.end, pattern) {
            return;
        }
        let mut span = folded.raw(text, at.start, at.end);
        if matches!(pattern.class, Class::Name | Class::Clinical) && is_called(text, span.start) {
            return;
        }
        if pattern.class == Class::Date && is_of_a_clock(&text[span.end..]) {
            return;
        }
        if pattern.class == Class::Name && is_of_a_library(text, &span) {
            return;
        }
        if pattern.class == Class::Name {
            span = fold::with_initials(text, span);
        }
        if !super::structure::is_inside_placeholder(text, &span) {
            out.extend(fold::strings(text, span).map(|span| Edit::echoed(span, pattern.class, "echo.value")));
        }
    }
}

/// `Plan definition "Ottawa Ankle Rules"`, `organization named 'Harbourside Parkinson Centre'`: does `start` lie in the quotes
/// around what a thing is called?
fn is_called(text: &str, start: usize) -> bool {
    const REACH: usize = 80;
    const KINDS: [&str; 4] = ["definition", "questionnaire", "library", "valueset"];
    let near = &text[text.ceil_char_boundary(start.saturating_sub(REACH))..start];
    let Some(before) = near.rfind(['\'', '"']).and_then(|quote| near[..quote].strip_suffix(' ')) else {
        return false;
    };
    let mut words = before.rsplit(' ');
    let last = words.next().unwrap_or_default();
    KINDS.iter().any(|kind| last.eq_ignore_ascii_case(kind))
        || matches!(last, "named" | "called")
            && words.next().is_some_and(|word| cues::is_thing(&word.to_ascii_lowercase()))
}

/// `jackson-databind`: does a name in small letters open that of a part of a program?
fn is_of_a_library(text: &str, span: &Range<usize>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PARTS: List<10> = List::new([
        "databind", "dataformat", "datatype", "module", "api", "sdk", "driver", "plugin", "lib", "cli",
    ]);
    let Some(behind) = text[span.end..].strip_prefix('-') else { return false };
    let part = behind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    text[span.clone()].bytes().all(|byte| byte.is_ascii_lowercase()) && PARTS.has(part.as_bytes())
}

/// `T11:02:09.417Z` behind a day: a machine read its clock. What this request carried as a whole is found as a whole.
fn is_of_a_clock(after: &str) -> bool {
    let Some(time) = after.strip_prefix(['T', ' ']) else { return false };
    let shape = b"00:00:00".iter().zip(time.bytes()).all(|(known, byte)| match known {
        b'0' => byte.is_ascii_digit(),
        _ => byte == *known,
    });
    let fraction = time.get(8..).and_then(|rest| rest.strip_prefix(['.', ','])).unwrap_or_default();
    let mut digits = fraction.bytes().take_while(u8::is_ascii_digit);
    shape && digits.any(|digit| digit != b'0')
}

/// A capital, small letters, and no code or key around them.
fn is_written_as_name(text: &str, span: &std::ops::Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'_' | b'-' | b'.' | b'/' | b':'));
    let word = &text[span.clone()];
    word.starts_with(|c: char| c.is_uppercase())
        && word.chars().nth(1).is_some_and(char::is_lowercase)
        && !joins(span.start.checked_sub(1).and_then(|at| bytes.get(at)))
        // `May be empty only for drafts.`, `Must have either extensions or value[x]`
        && !(matches!(word, "May" | "Will" | "Must") && [" be ", " not ", " have "].iter().any(|verb| text[span.end..].starts_with(verb)))
        && !(joins(bytes.get(span.end)) && bytes.get(span.end + 1).is_some_and(u8::is_ascii_alphanumeric))
        && span.len() < text.len()
}

/// Capitals that an underscore joins to more of them.
fn is_in_constant(bytes: &[u8], span: &Range<usize>) -> bool {
    let capital = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_uppercase);
    let sign = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b'_');
    // `COVERAGE_GRACE_PERIOD`, but not `PATIENT_GRACE`.
    let joined = sign(span.start.checked_sub(1))
        && capital(span.start.checked_sub(2))
        && sign(Some(span.end))
        && capital(Some(span.end + 1));
    joined && bytes[span.clone()].iter().all(u8::is_ascii_uppercase)
}

/// Is a match a value of its own rather than a chance run of letters?
fn stands_alone(text: &str, folded: &Folded, from: usize, to: usize, pattern: &Pattern) -> bool {
    if pattern.kind == Kind::Secret {
        return true;
    }
    let (begins, ends) = (folded.begins_word(text, from), folded.ends_word(text, to));
    let len = to - from;
    let bounded = match pattern.kind {
        Kind::Whole if len >= INSIDE_BYTES_MIN && !pattern.folded.iter().all(u8::is_ascii_digit) => true,
        // A country code or trunk digit may stand before a telephone number.
        Kind::Digits => ends && (begins || folded.digits_before(from) <= 3),
        Kind::Cut => begins,
        _ => begins && ends,
    };
    let raw = folded.raw(text, from, to);
    // Short words, parts of places, and names that are also words count only with a capital.
    let short = pattern.kind == Kind::Part
        && (len <= 4 || pattern.class == Class::Geo && len <= 7 || words::is_also_a_word(&pattern.folded));
    let capital = text[raw.clone()].chars().next().is_some_and(|c| !c.is_ascii_lowercase());
    // `Error` may be somebody's name, but a code or key that spells it is not: only as it is written in a sentence.
    let word = pattern.class == Class::Name
        && matches!(pattern.kind, Kind::Whole | Kind::Part)
        && len <= 24
        && std::str::from_utf8(&pattern.folded).is_ok_and(words::is_common);
    // `COVERAGE_GRACE_PERIOD`, beside a request of Grace's.
    let constant = pattern.class == Class::Name
        && words::is_also_a_word(&pattern.folded)
        && is_in_constant(text.as_bytes(), &raw);
    // `unitPrice`, beside one of Leonora Price's.
    let element = pattern.class == Class::Name
        && words::is_also_a_word(&pattern.folded)
        && ["unit", "total", "list", "max", "min", "base"]
            .iter()
            .any(|head| text[..raw.start].ends_with(head));
    // `in order`, beside a request of Order's.
    let idiom = pattern.folded == b"order"
        && text[raw.clone()] == *"order"
        && ["in ", "out of "].iter().any(|head| text[..raw.start].ends_with(head));
    if constant || element || idiom || word && !is_written_as_name(text, &raw) {
        return false;
    }
    bounded && (!short || capital) && folded.gaps_at_most(from, to, GAP_BYTES_MAX)
}

/// Whether a text that agrees with a value for so many bytes from `from` on was cut short there by the server.
fn is_cut(text: &str, folded: &Folded, from: usize, agreed: usize) -> bool {
    let rest = text[folded.raw(text, from, from + agreed).end..].trim_start_matches(' ');
    let cut =
        rest.is_empty() || rest.starts_with('…') || rest.starts_with("...") || rest.starts_with("[trunc");
    cut || rest.starts_with(['"', '\'']) && agreed >= 12
}

/// The class by which a request value is remembered: what the contract says of its path, else what its key says.
fn request_class(path: &str, key: &str, by_path: &dyn Fn(&str) -> KeyClass) -> KeyClass {
    // As Kubernetes calls its objects.
    if path.ends_with("metadata.name") {
        return KeyClass::Safe;
    }
    match by_path(path) {
        KeyClass::Unknown => match class_of(path) {
            KeyClass::Unknown => class_of(key),
            known => known,
        },
        known => known,
    }
}

#[cfg(test)]
mod tests;
