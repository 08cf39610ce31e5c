//! What is usually meant by text that is no YAML, and what to write instead.
//!
//! The parser says where its grammar broke, which is often behind the mistake: this looks at the line and the one above it
//! and moves the place to where something is to be changed. Advice is fixed text, so nothing of the file is in it.

use super::problem::Position;

const TAB: &str = "indent with spaces: YAML takes no tabs there";
const CONFLICT: &str = "this is the mark of a merge conflict: keep one side and take the marks out";
const TEMPLATE: &str = "this looks like a template that was not rendered: check what your tool makes of it";
const COLON: &str = "the key has no colon: write `key: value`, or `key:` above a section";
const SPACE: &str = "write a space behind the colon: `key: value`";
const TWO_COLONS: &str = "the line has a second `: `: quote a value that has one in it, and write the keys of a section on lines of their own";
const UNDER_VALUE: &str = "this line is indented further than the key above it, which has a value already: begin both in one column";
const UNDER_ITEM: &str = "this line stands inside the list item above it: begin it in the column of the key that it belongs beside";
const COLUMN: &str = "no key above begins in this column: keys of one section begin in one column, those of a section below it further right";
const ITEMS: &str = "the items of a list begin with `- ` in one column, and the key behind the list in the column of the list's own key";
const FIRST_COLUMN: &str = "the keys of the first level begin in the first column";
const CLOSED_QUOTE: &str = "the quoted text has ended here: separate values with a comma, write a quote within single quotes twice (`''`), or quote with the other kind";
const OPEN_QUOTE: &str = "the quote that opens here is not closed on its line";
const ESCAPE: &str = "a backslash in double quotes begins an escape: put patterns into single quotes";
const STAR: &str = "quote a text that begins with `*` or `&`, such as \"* /v1/patients/**\"";
const QUOTE_IT: &str = "quote a value that begins with this character";
const BLOCK_TEXT: &str =
    "`|` and `>` announce a text on the lines below: quote a value that begins with one of them";
const BRACKET: &str = "a comma between two values is missing, or the bracket that closes them";
const EXTRA_BRACKET: &str = "this bracket closes nothing: take it out, or quote the value that it belongs to";
const DASH: &str = "in `[ ]` and `{ }` values are separated by commas, without `- `";
const LIST_BELOW: &str = "the items of a list go on lines of their own below the key, or behind it as [a, b]";

/// What the parser says, and what has usually happened then.
const BY_PARSER: [(&[&str], &str); 12] = [
    (&["trailing content after double-quoted"], CLOSED_QUOTE),
    (&["unknown escape", "hexadecimal number", "Unicode character escape"], ESCAPE),
    (&["indentation in quoted scalar", "quoted scalar, found unexpected"], OPEN_QUOTE),
    (&["anchor"], STAR),
    (&["unexpected character"], QUOTE_IT),
    (&["while scanning a block scalar"], BLOCK_TEXT),
    (&["misplaced bracket"], EXTRA_BRACKET),
    (&["only valid inside a block"], DASH),
    (&["block sequence entries are not allowed"], LIST_BELOW),
    (&["expected '-' indicator"], ITEMS),
    (&["while parsing a block mapping, did not find expected key"], COLUMN),
    (&["',' or '}'", "',' or ']'", "invalid indentation"], BRACKET),
];

/// What the keys of a mapping that the parser did not take there look like to it.
const STRAY_KEY: [&str; 4] = [
    "mapping values are not allowed",
    "simple key expect",
    "illegal placement of ':'",
    "mapping keys are not allowed",
];

/// Where something is to be changed, and what, if that can be said.
pub(super) fn advice(parser: &str, text: &str, at: Position) -> (Position, Option<&'static str>) {
    let lines: Vec<&str> = text.lines().collect();
    let here = Line::at(&lines, at.line);
    let above = (1..at.line).rev().map(|number| Line::at(&lines, number)).find(|line| line.has_content());
    let below = Line::at(&lines, at.line + 1);
    let near = || above.iter().chain([&here]).chain(parser.contains("found a tab").then_some(&below));
    if let Some(line) = near().find(|line| line.is_conflict()) {
        return (line.start(), Some(CONFLICT));
    }
    if let Some(column) = here.text.find("{{").or_else(|| here.text.find("{%")) {
        return (here.column(column), Some(TEMPLATE));
    }
    if let Some((line, tab)) = near().find_map(|line| Some((line, line.indentation().find('\t')?))) {
        return (line.column(tab), Some(TAB));
    }
    if STRAY_KEY.iter().any(|known| parser.contains(known)) {
        return stray_key(&here, above.as_ref(), at);
    }
    if parser.contains("expected <document start>") {
        let first = (1..at.line).map(|number| Line::at(&lines, number)).find(|line| line.has_content());
        return match first.filter(|line| !line.indentation().is_empty()) {
            Some(first) => (first.start(), Some(FIRST_COLUMN)),
            None => (at, None),
        };
    }
    let known = BY_PARSER.iter().find(|(said, _)| said.iter().any(|said| parser.contains(said)));
    (at, known.map(|(_, advice)| *advice))
}

/// A colon where no key may stand: on a line that has one already, or below one that should have had one.
fn stray_key(here: &Line<'_>, above: Option<&Line<'_>>, at: Position) -> (Position, Option<&'static str>) {
    let before = here
        .text
        .char_indices()
        .nth(at.column.saturating_sub(1))
        .map_or(here.text, |(end, _)| &here.text[..end]);
    if before.contains(": ") {
        return (at, Some(TWO_COLONS));
    }
    if !here.text.contains(':') {
        return (here.end(), Some(COLON));
    }
    let Some(above) = above else { return (at, None) };
    let content = above.content();
    if content.ends_with(':') {
        return (at, None);
    }
    match (content.find(": "), content.find(':')) {
        (Some(_), _) => (here.start(), Some(UNDER_VALUE)),
        _ if content.starts_with("- ") => (here.start(), Some(UNDER_ITEM)),
        (None, Some(colon)) => (above.column(above.indentation().len() + colon), Some(SPACE)),
        (None, None) => (above.end(), Some(COLON)),
    }
}

/// The first character that no file may hold.
pub(super) fn control_character(text: &str) -> Option<Position> {
    let (i, line) = text.lines().enumerate().find(|(_, line)| line.contains(is_control))?;
    let before = line.chars().take_while(|&c| !is_control(c)).count();
    Some(Position::new(i + 1, before + 1, 1))
}

fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\r' | '\u{85}')
}

/// What text says of itself that stands where keys or items should.
pub(super) fn slip(text: &str) -> Option<&'static str> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let opens = |sign: char| text.split_once(sign).is_some_and(|(key, _)| word(key.trim_end()));
    match text {
        _ if text.starts_with('-') => Some("write a space behind each `-`"),
        _ if opens(':') => Some(SPACE),
        _ if opens('=') => Some("write `key: value`, not `key = value`"),
        _ if opens(' ') => Some(COLON),
        _ => None,
    }
}

/// One line of the file.
struct Line<'a> {
    number: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn at(lines: &[&'a str], number: usize) -> Line<'a> {
        let text = number.checked_sub(1).and_then(|i| lines.get(i)).copied().unwrap_or_default();
        Line { number, text }
    }

    fn indentation(&self) -> &'a str {
        &self.text[..self.text.len() - self.text.trim_start().len()]
    }

    fn content(&self) -> &'a str {
        self.text.trim()
    }

    fn has_content(&self) -> bool {
        !self.content().is_empty() && !self.content().starts_with('#')
    }

    fn is_conflict(&self) -> bool {
        ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| self.text.starts_with(mark))
    }

    fn start(&self) -> Position {
        self.column(self.indentation().len())
    }

    fn end(&self) -> Position {
        self.column(self.text.trim_end().len())
    }

    /// The place of this byte of the line.
    fn column(&self, byte: usize) -> Position {
        let before = self.text.get(..byte).unwrap_or(self.text);
        Position::new(self.number, before.chars().count() + 1, 1)
    }
}
