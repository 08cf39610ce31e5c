//! Tags: where one opens and ends, what it is called, and which are of HTML.
//!
//! What an element holds is for `xml` to say.

use std::ops::Range;

use crate::phi::list::List;

/// An object that prints itself in brackets is no longer than this.
const PRINTED_BYTES_MAX: usize = 512;

/// `<name>`, `<ns:name attribute=…>`; but not `<name: value>`, nor `<Patient Quintanar, Marisol>` and `<QuerySet [<Client …`, as
/// objects print themselves.
pub(crate) fn opens_tag(text: &str, bracket: usize) -> bool {
    let rest = &text[bracket + 1..];
    let name = rest.len()
        - rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')).len();
    let head = &rest[name..rest.floor_char_boundary(name + PRINTED_BYTES_MAX)];
    let inner = &head[..head.find('>').unwrap_or(0)];
    let printed = inner.strip_prefix(' ').is_some_and(|inner| {
        inner.starts_with('[')
            || inner.starts_with(|c: char| c.is_uppercase()) && !inner.contains(['=', '"', '/'])
    });
    !rest[..name].ends_with(':') && !printed
}

/// What an element is called, from the first letter of its name at `at`.
pub(crate) fn element_name(text: &str, at: usize) -> &str {
    let len = text[at..]
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')))
        .unwrap_or(text.len() - at);
    &text[at..at + len]
}

/// The `>` of a tag, quotes respected; or the end of the text.
pub(crate) fn tag_end(bytes: &[u8], tag: usize) -> usize {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(tag) {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') if bytes[..at].trim_ascii_end().ends_with(b"=") => quote = Some(*byte),
            (Some(open), byte) if *byte == open => quote = None,
            _ => {}
        }
    }
    // An open quote swallowed everything: take the first bracket instead.
    memchr::memchr(b'>', &bytes[tag..]).map_or(bytes.len(), |len| tag + len)
}

/// The text from `from` to `close`, and where reading goes on after it.
pub(crate) fn inside_of(text: &str, from: usize, close: &str) -> (Range<usize>, usize) {
    let from = from.min(text.len());
    match text[from..].find(close) {
        Some(len) => (from..from + len, from + len + close.len()),
        None => (from..text.len(), text.len()),
    }
}

/// Elements of layout: their names are no keys.
pub(super) fn is_html(name: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static LAYOUT: List<54> = List::new([
        "html", "head", "body", "title", "meta", "link", "p", "div", "span", "a", "b", "i", "u", "em", "strong",
        "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "td", "th", "tbody", "thead", "ul", "ol", "li", "dl",
        "dt", "dd", "pre", "code", "center", "hr", "br", "font", "small", "label", "section", "main", "article",
        "header", "footer", "nav", "form", "img", "script", "style", "blockquote", "samp", "kbd",
    ]);
    LAYOUT.has(name.as_bytes())
}

/// Elements of HTML that have no end tag.
pub(super) fn is_void(name: &str) -> bool {
    static VOID: List<10> =
        List::new(["br", "hr", "meta", "link", "img", "input", "area", "base", "col", "wbr"]);
    VOID.has(name.as_bytes())
}
