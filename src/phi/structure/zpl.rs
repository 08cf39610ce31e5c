//! Labels for printers, in ZPL: `^FO20,60^FDMRN 5520-118^FS`. Each field is a text of its own, and names stand in capitals.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Context, DEPTH_MAX, Edit, Reader, words};
use crate::phi::{class::Class, names, protect};

/// Fields of one label, and bytes of one field.
const FIELDS_MAX: usize = 128;
const FIELD_BYTES_MAX: usize = 256;

static OPENS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("^FD"));
static ENDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("^FS"));

impl Reader<'_> {
    /// Reads the fields of a label. What was found since `first` and runs over its commands was none: `DIFF^FS^FO`.
    pub(super) fn label_fields(
        &mut self,
        text: &str,
        context: Context,
        depth: u8,
        first: usize,
        out: &mut Vec<Edit>,
    ) {
        if depth >= DEPTH_MAX || ENDS.find(text.as_bytes()).is_none() {
            return;
        }
        let known = out.split_off(first);
        out.extend(known.into_iter().filter(|edit| !runs_over_command(text, edit)));
        for open in OPENS.find_iter(text.as_bytes()).take(FIELDS_MAX) {
            let start = open + "^FD".len();
            let window = &text[start..text.floor_char_boundary((start + FIELD_BYTES_MAX).min(text.len()))];
            let Some(len) = window.find("^FS").filter(|len| !window[..*len].contains('^')) else { continue };
            let field = &window[..len];
            if let Some(name) = name_in(field) {
                out.push(Edit::likely(start..start + name, Class::Name, "label.name"));
            }
            self.part(text, start..start + len, out, |reader, field, out| {
                reader.text(field, context, depth + 1, out);
            });
        }
    }
}

/// Does a name hold the sign and the letter of a command?
fn runs_over_command(text: &str, edit: &Edit) -> bool {
    let held = text.get(edit.span.clone()).unwrap_or("");
    let open = text.get(..edit.span.start).unwrap_or("").ends_with('^');
    let command = |rest: &str| {
        ["FS", "FD", "FO", "FH", "FB", "FT", "XA", "XZ", "A0", "CF", "BY"]
            .iter()
            .any(|name| rest.starts_with(name))
    };
    edit.class == Class::Name && (open && command(held) || held.split('^').skip(1).any(command))
}

/// `TUIASOSOPO, SEFINA L`, `SEFINA TUIASOSOPO`: the length of a name that opens a field, in capitals or not.
fn name_in(field: &str) -> Option<usize> {
    let word = |word: &str| {
        word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
            && word.starts_with(char::is_uppercase)
            && !words::is_common(word)
            && !protect::is_vocabulary(word)
    };
    let mut len = 0;
    let mut count = 0;
    for part in field.split_inclusive(' ') {
        let bare = part.trim_end_matches([' ', ',']);
        if bare.is_empty() || !word(bare) {
            break;
        }
        len += part.len();
        count += 1;
    }
    let name = field[..len].trim_end_matches([' ', ',']);
    let parted = name.split_once(", ").is_some_and(|(family, given)| family.len() >= 2 && given.len() >= 2);
    let known = || name.split([' ', ',']).any(names::is_name_like);
    ((2..=5).contains(&count) && (parted || known())).then_some(name.len())
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_field_opens_with_a_name() {
        for (field, name) in [
            ("TUIASOSOPO, SEFINA L", Some("TUIASOSOPO, SEFINA L")),
            ("SEFINA MARTINEZ", Some("SEFINA MARTINEZ")),
            ("Okonjo, Amara DOB 08/14/1979", Some("Okonjo, Amara")),
            ("MRN 5520-118", None),
            ("LAVENDER TOP", None),
            ("CBC WITH DIFF", None),
            ("ROOM 4", None),
            ("", None),
        ] {
            assert_eq!(name_in(field).map(|len| &field[..len]), name, "{field}");
        }
    }
}
