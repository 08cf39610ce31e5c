//! What a sentence about a field speaks of: the field it names, and which of its words stand before a value, before
//! what is allowed, or before a name of something.

use crate::phi::{
    class::Class,
    cues::KeyClass,
    list::List,
    structure::{Context, class_of, cued, field_class, phi, wire, words},
};

/// The class of the field that the words around a value name: a phrase such as `for column 'x'` after it, the
/// nearest mention before it, what the caller knows.
pub(super) fn subject(left: &str, right: &str, context: Context) -> Option<Class> {
    let class = |word: &str| words::mention(word).or_else(|| wire::field_of_path(word));
    named(left, right, class, |word| class(word).or_else(|| phi(field_class(word)))).or(context.subject)
}

/// What the words around a number in quotes only suggest that it is: `got invalid value "88120447" at "input.account"`.
pub(super) fn suggested(left: &str, right: &str, context: Context) -> Option<Class> {
    // `offset "88120447" in account topic`
    let last = left.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if class_of(last) == KeyClass::Safe {
        return None;
    }
    // Of these a service has topics and time-outs as well.
    let cued = |word: &str| cued(word).filter(|_| !["billing", "card", "bank", "routing"].contains(&word));
    named(left, right, cued, cued).or(context.suggested)
}

/// What the nearest word says for which `before` or `behind` a value knows a class.
fn named(
    left: &str,
    right: &str,
    before: impl Fn(&str) -> Option<Class>,
    behind: impl Fn(&str) -> Option<Class>,
) -> Option<Class> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    let mut pointed = false;
    // The system of a code is a URL, and its segments name no field: `http://hl7.org/fhir/sid/icd-10-cm`.
    let said = behind_pattern(right).split(' ').filter(|word| !word.contains("://"));
    let said = said.flat_map(|word| word.split(|c: char| !is_word(c)));
    for word in said.filter(|word| !word.is_empty()).take(12) {
        let word = word.trim_end_matches(['.', '-']);
        if pointed && let Some(class) = behind(word) {
            return Some(class);
        }
        pointed |= matches!(
            word,
            "column"
                | "key"
                | "field"
                | "for"
                | "valid"
                | "property"
                | "parameter"
                | "attribute"
                | "of"
                | "a"
                | "an"
                | "in"
                | "at"
                | "path"
                | "chain"
        );
    }
    left.rsplit(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .take(20)
        // Words of our own placeholders name no field.
        .filter(|word| (!word.contains(']') || word.contains('[')) && *word != "[REDACTED")
        .map(|word| word.trim_matches(['.', '-', '[', ']']))
        .find_map(before)
}

/// `is not facet-valid with respect to pattern '[12][0-9]{14}' for type 'NIR'`: what a schema asks for names no field.
fn behind_pattern(right: &str) -> &str {
    let behind = || {
        let pattern = &right[right.find("pattern '")? + "pattern '".len()..];
        pattern.find('\'').map(|close| &pattern[close + 1..])
    };
    behind().filter(|rest| !rest.is_empty()).unwrap_or(right)
}

/// The part of the clause that ends a text.
pub(super) fn clause_before(text: &str) -> &str {
    let start = text.rfind(['\n', ';']).map_or(0, |at| at + 1);
    &text[start..]
}

/// `unit=mg/dL value=312`: what is left of a clause before the pairs that end it, unless they name a field.
pub(super) fn before_pairs(clause: &str) -> &str {
    let mut left = clause.trim_end();
    while let Some((key, _)) = left.rsplit(' ').next().and_then(|pair| pair.split_once('='))
        && !names_a_field(key)
    {
        left = left[..left.rfind(' ').unwrap_or(0)].trim_end();
    }
    left
}

pub(super) fn clause_after(text: &str) -> &str {
    &text[..text.find(['\n', ';']).unwrap_or(text.len())]
}

/// A value stands after this word.
pub(super) fn is_value_word(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<49> = List::new([
        "String", "LocalDate", "received", "got", "value", "input", "found", "was", "is", "entry", "given", "provided", "supplied", "data",
        "text", "parse", "convert", "literal", "rejected", "but", "instead", "string", "duplicate", "invalid",
        "unknown", "unexpected", "actual", "saw", "entered", "submitted", "current", "existing", "named", "incorrect",
        "malformed", "bad", "wrong", "date", "type", "like", "ilike", "to", "contains", "equals", "parsing",
        "converting", "lookup", "search", "mean",
    ]);
    WORDS.has(word.as_bytes())
}

/// `must not contain digits`: does a clause say what a value should have been, without giving what would be allowed?
pub(super) fn is_complaint(clause: &str) -> bool {
    const SAYS: [&str; 7] =
        [" must ", " contain", " cannot ", " may not ", " may only ", " too long", " too short"];
    const GIVES: [&str; 6] = [" of", "match", "pattern", "format", "such as", "example"];
    #[rustfmt::skip]
    const PARTS: [&str; 12] = [
        "first", "last", "middle", "given", "family", "full", "legal", "maiden", "preferred", "patient", "member", "the",
    ];
    // `Bucket name must not contain uppercase characters`
    let head = SAYS.iter().filter_map(|said| clause.find(said)).min().map_or("", |at| &clause[..at]);
    let mut words = head.rsplit(' ');
    let of_thing = matches!(words.next(), Some("name" | "Name"))
        && words.next().is_some_and(|word| !PARTS.iter().any(|part| word.eq_ignore_ascii_case(part)));
    !of_thing
        && SAYS.iter().any(|said| clause.contains(said))
        && !GIVES.iter().any(|given| clause.contains(given))
}

/// What is allowed stands after this word.
pub(super) fn is_allowing(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<27> = List::new([
        "expected", "expects", "of", "in", "enum", "allowed", "options", "or", "be", "pattern", "format", "reading",
        "regex", "equal", "accepted", "supported", "with", "and", "either", "valid", "matching", "schema", "using",
        "match", "matches", "as", "layout",
    ]);
    WORDS.has(word.as_bytes())
}

/// The name of something stands after this word.
pub(super) fn names_a_field(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<29> = List::new([
        "field", "property", "key", "column", "parameter", "param", "attribute", "header", "table", "index",
        "constraint", "function", "method", "module", "option", "argument", "class", "relation", "operator", "package",
        "file", "variable", "path", "object", "scope", "role", "resource", "element", "database",
    ]);
    WORDS.has(word.as_bytes()) || words::is_of_use(word)
}

/// `… Timestamp`, `date de naissance. Version du référentiel`: does the last clause before a colon speak of something that is
/// nobody's?
pub(super) fn speaks_of_another(left: &str) -> bool {
    let clause = left.rsplit(". ").next().unwrap_or_default();
    let mut words = clause.split(' ').filter(|word| !word.is_empty());
    let is_other = |word: Option<&str>| word.is_some_and(|word| class_of(word) == KeyClass::Safe);
    is_other(words.clone().next_back()) || clause.len() < left.len() && is_other(words.next())
}

/// `mpi.match score=0.91`: what stands behind the cue is another pair.
pub(super) fn has_own_key(word: &str) -> bool {
    word.split_once('=').is_some_and(|(key, _)| {
        key.len() >= 2
            && key.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-'))
    })
}
