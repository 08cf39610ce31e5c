//! Names of machines, typefaces and elements of resources, and the lack of a name.

use super::{Cue, ends_in};
use crate::phi::class::Class;
use crate::phi::list::List;
use crate::phi::rules::keyed::is_name_of_machine;
use crate::phi::structure::words;

/// What is put around a name.
const QUOTES: [char; 3] = ['"', '\'', '\\'];

pub(super) fn name(cue: &Cue<'_>) -> bool {
    is_without(cue)
        // `Workstation Name: ESV4-SQL2008N1`, `Parameter name: Observation.status`
        || cue.word.ends_with("name") && is_of_a_machine(cue.line())
        || is_path_of_resource(cue.value())
        // `font family "Georgia" not found`
        || cue.word == "family" && ends_in_typeface(cue.line())
        || is_name_of_machine(Class::Name, cue.word, value_of(cue))
}

/// The name as it stands in quotes, or one word of ASCII.
fn value_of<'t>(cue: &Cue<'t>) -> &'t str {
    /// No name of a rule is longer.
    const NAME_BYTES_MAX: usize = 120;
    let value = cue.value().trim_start_matches(QUOTES);
    let opens = &value[..value.floor_char_boundary(NAME_BYTES_MAX.min(value.len()))];
    let end = match value.len() < cue.value().len() {
        true => opens.find(QUOTES),
        false => opens.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))),
    };
    &opens[..end.unwrap_or(opens.len())]
}

/// `searched without name: refusing full scan`, `has no name: falling back`: what stands behind the colon is no name.
fn is_without(cue: &Cue<'_>) -> bool {
    const REACH: usize = 40;
    const KINDS: [&str; 9] = ["a", "the", "any", "patient", "last", "first", "family", "given", "full"];
    if !cue.value().starts_with(|c: char| c.is_ascii_lowercase()) {
        return false;
    }
    let Some(clause) = cue.near(REACH).strip_suffix(": ") else { return false };
    let clause = clause.rsplit(['\n', ';', ':', '=', '"']).next().unwrap_or_default();
    let mut words = clause.rsplit(' ').skip(1).skip_while(|word| KINDS.contains(word));
    match words.next() {
        Some("without" | "lacks" | "lacking") => true,
        Some("no") => words.next().is_some_and(|has| matches!(has, "has" | "had" | "with" | "have")),
        _ => false,
    }
}

/// `Workstation Name: `, `Service File Name:  `: is what follows called so, and nobody?
fn is_of_a_machine(before: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PARTS: List<17> = List::new([
        "algorithm", "computer", "domain", "driver", "file", "host", "image", "module", "object", "printer",
        "process", "queue", "server", "share", "target", "volume", "workstation",
    ]);
    let before = before.trim_end_matches([' ', ':', '=', '"', '\'', '\\']);
    let Some(head) = before.len().checked_sub("name".len()).filter(|_| ends_in(before, &["name"])) else {
        return false;
    };
    let parted = |c: char| !c.is_ascii_alphabetic();
    PARTS.has(before[..head].trim_end_matches(parted).rsplit(parted).next().unwrap_or_default().as_bytes())
}

/// `Observation.status`: an element of a resource.
fn is_path_of_resource(text: &str) -> bool {
    let value = text.trim_start_matches(['"', '\'', '`', '\\']);
    let len = value.bytes().take_while(u8::is_ascii_alphabetic).count();
    let element = value[len..].strip_prefix('.').unwrap_or_default();
    words::is_type_of_resource(&value[..len]) && element.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Is the family whose name follows one of typefaces?
pub(in crate::phi) fn ends_in_typeface(before: &str) -> bool {
    ends_in(before.trim_end_matches([' ', ':', '=', '"', '\'', '\\']), &["font family", "font-family"])
}
