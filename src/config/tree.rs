//! YAML text to a tree of values that know where they stand.
//!
//! The only module that names the parser with positions. Takes the part of YAML a policy needs: one document of mappings, lists
//! and scalars. Anchors, aliases, tags and documents after the first are refused, so a value stands where it takes
//! effect, a reviewer can read it there, and nothing can expand ("billion laughs"). Scalars stay text: what `off` or
//! `0660` means is decided by the reader of the key, never by guessing types.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::FILE_BYTES_MAX;
use super::problem::{Position, Problems};
use super::{source, syntax};

const DEPTH_MAX: usize = 16;
const NODES_MAX: usize = 20_000;

/// A value of the file.
#[derive(Clone)]
pub struct Node {
    pub at: Position,
    /// Key path such as `guards.url.exceptions[0].route`; empty for the whole file.
    pub path: String,
    pub value: Value,
}

#[derive(Clone)]
pub enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone)]
pub struct Entry {
    pub key: String,
    pub key_at: Position,
    pub value: Node,
}

impl Node {
    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What kind of value this is, for messages: never the value.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "true" | "false") => {
                "true or false"
            }
            Value::Scalar { text, plain: true } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { text, .. } if text.is_empty() => "empty text",
            Value::Scalar { .. } => "text",
        }
    }
}

/// The tree of `text`, or `None` for a file that says nothing or cannot be parsed; the latter leaves a problem.
pub fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    if text.len() > FILE_BYTES_MAX {
        problems.add(Position::START, "", format!("the file is larger than {} KiB", FILE_BYTES_MAX / 1024));
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(at) = syntax::control_character(text) {
        problems.add(at, "", "a control character stands here, which no reader of YAML takes: take it out");
        return None;
    }
    let mut builder = Builder { frames: Vec::new(), root: None, nodes: 0, scalars: Vec::new(), problems };
    let done = builder.run(text);
    let Builder { root, scalars, problems, .. } = builder;
    problems.set_source(text, done.is_ok().then_some(scalars));
    match done {
        // Duplicate keys are a problem already, with the place of each.
        Ok(()) if problems.is_empty() => match super::agree::disagreement(root.as_ref(), text) {
            None => root,
            Some(at) => {
                let message = "YAML readers disagree about this place; write it in plain block style and quote unusual text";
                problems.stop(at, message);
                None
            }
        },
        Ok(()) => root,
        Err(Fatal(at, message)) => {
            let (at, advice) = syntax::advice(&message, text, at);
            let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
            problems.stop(at, message + &advice);
            None
        }
    }
}

/// A mistake after which the rest of the file cannot be told apart.
struct Fatal(Position, String);

struct Builder<'a> {
    frames: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    /// Every key and value scalar in order, so that excerpts can hide values.
    scalars: Vec<source::Scalar>,
    problems: &'a mut Problems,
}

/// A list or mapping that is still open.
enum Frame {
    List { at: Position, path: String, items: Vec<Node> },
    Map { at: Position, path: String, entries: Vec<Entry>, key: Option<(String, Position)> },
}

impl Builder<'_> {
    fn run(&mut self, text: &str) -> Result<(), Fatal> {
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let mark = error.marker();
                // The parser's own words describe the grammar; at most one character of the input is in them.
                Fatal(within(text, mark.line(), mark.col() + 1), format!("not valid YAML: {}", error.info()))
            })?;
            let at = position(span);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse_extras(at, anchor, tag.is_some());
                    self.scalar(at, span, text.into_owned(), style == ScalarStyle::Plain)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.refuse_extras(at, anchor, tag.is_some());
                    let path = self.open(at)?;
                    self.frames.push(Frame::List { at, path, items: Vec::new() });
                }
                Event::MappingStart(anchor, tag) => {
                    self.refuse_extras(at, anchor, tag.is_some());
                    let path = self.open(at)?;
                    self.frames.push(Frame::Map { at, path, entries: Vec::new(), key: None });
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(),
                Event::Alias(_) => {
                    self.problems.add(
                        at,
                        self.path_of_next(),
                        "aliases (`*name`) are not taken in a policy; write the value where it applies",
                    );
                    self.scalar(at, span, String::new(), true)?;
                }
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Fatal(at, "a second document; a policy is one document".into()));
                    }
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(())
    }

    fn scalar(&mut self, at: Position, span: Span, text: String, plain: bool) -> Result<(), Fatal> {
        self.count(at)?;
        let is_key = matches!(self.frames.last(), Some(Frame::Map { key: None, .. }));
        let kind = match is_key {
            true => source::Kind::Key,
            false => source::Kind::of_value(&self.path_of_next()),
        };
        self.scalars.push(source::Scalar::new(
            span.start.line(),
            span.start.col(),
            span.end.line(),
            span.end.col(),
            kind,
        ));
        if let Some(Frame::Map { entries, key, path, .. }) = self.frames.last_mut()
            && key.is_none()
        {
            if let Some(first) = entries.iter().find(|entry| entry.key == text) {
                let message = format!(
                    "{} is already written on line {}; a key stands once: join the two",
                    source::quote_key(&text),
                    first.key_at.line
                );
                self.problems.add(at, join(path, &text), message);
            }
            *key = Some((text, at));
            return Ok(());
        }
        let path = self.path_of_next();
        // A value left out has no place of its own; its key has.
        let at = match self.frames.last() {
            Some(Frame::Map { key: Some((_, key_at)), .. }) if text.is_empty() && plain => *key_at,
            _ => at,
        };
        self.put(Node { at, path, value: Value::Scalar { text, plain } });
        Ok(())
    }

    fn open(&mut self, at: Position) -> Result<String, Fatal> {
        self.count(at)?;
        if self.frames.len() >= DEPTH_MAX {
            return Err(Fatal(at, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        if matches!(self.frames.last(), Some(Frame::Map { key: None, .. })) {
            return Err(Fatal(at, "a list or mapping cannot be a key".into()));
        }
        Ok(self.path_of_next())
    }

    fn close(&mut self) {
        let node = match self.frames.pop() {
            Some(Frame::List { at, path, items }) => Node { at, path, value: Value::List(items) },
            Some(Frame::Map { at, path, entries, .. }) => Node { at, path, value: Value::Map(entries) },
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) {
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, .. }) => {
                // Of a key written twice the first one stays; the second is a problem already.
                if let Some((key, key_at)) = key.take()
                    && !entries.iter().any(|entry| entry.key == key)
                {
                    entries.push(Entry { key, key_at, value: node });
                }
            }
        }
    }

    fn path_of_next(&self) -> String {
        match self.frames.last() {
            None => String::new(),
            Some(Frame::List { path, items, .. }) => format!("{path}[{}]", items.len()),
            Some(Frame::Map { path, key, .. }) => match key {
                Some((key, _)) => join(path, key),
                None => path.clone(),
            },
        }
    }

    fn refuse_extras(&mut self, at: Position, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.problems.add(
                at,
                self.path_of_next(),
                "anchors (`&name`) are not taken in a policy; write the value where it applies",
            );
        }
        if tagged {
            self.problems.add(
                at,
                self.path_of_next(),
                "tags (`!name`) are not taken in a policy; leave it out",
            );
        }
    }

    fn count(&mut self, at: Position) -> Result<(), Fatal> {
        self.nodes += 1;
        match self.nodes > NODES_MAX {
            true => Err(Fatal(at, format!("more than {NODES_MAX} keys and values"))),
            false => Ok(()),
        }
    }
}

/// The path of `key` under `path`.
pub fn join(path: &str, key: &str) -> String {
    let key = source::show_key(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The parser reports an unexpected end on a line after the last one.
fn within(text: &str, line: usize, column: usize) -> Position {
    match text.lines().enumerate().last() {
        Some((i, last)) if line > i + 1 => Position::new(i + 1, last.chars().count() + 1, 1),
        _ => Position::new(line, column, 1),
    }
}

fn position(span: Span) -> Position {
    let length = if span.start.line() == span.end.line() {
        span.end.col().saturating_sub(span.start.col())
    } else {
        0
    };
    Position::new(span.start.line(), span.start.col() + 1, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_where_they_stand() {
        let mut problems = Problems::new("p.yaml");
        let root = parse("a: 1\nb:\n  - x\n  - {c: \"d\"}\n", &mut problems).unwrap();
        assert!(problems.is_empty());
        let Value::Map(entries) = &root.value else { panic!("a mapping") };
        assert_eq!(
            (entries[0].value.at.line, entries[0].value.at.column, entries[0].value.at.length),
            (1, 4, 1)
        );
        let Value::List(items) = &entries[1].value.value else { panic!("a list") };
        assert_eq!((items[1].path.as_str(), items[1].at.line, items[1].at.column), ("b[1]", 4, 5));
        let Value::Map(inner) = &items[1].value else { panic!("a mapping") };
        assert_eq!((inner[0].value.path.as_str(), inner[0].value.at.column), ("b[1].c", 9));
    }

    #[test]
    fn hostile_files_end_early() {
        let mut laughs = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (i, letter) in ('b'..='i').enumerate() {
            let before = char::from(b'a' + i as u8);
            laughs += &format!(
                "{letter}: &{letter} [*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before}]\n"
            );
        }
        let cases = [
            ("[".repeat(500_000), "recursion limit"),
            ("{a: ".repeat(200_000), "recursion limit"),
            ("- ".repeat(50_000), "nested deeper"),
            ("[".repeat(20) + &"]".repeat(20), "nested deeper"),
            ("- a\n".repeat(200_000), "more than 20000"),
            ("x".repeat(2_000_000), "larger than 1024 KiB"),
            (laughs, "anchors"),
        ];
        for (text, expected) in cases {
            let mut problems = Problems::new("p.yaml");
            parse(&text, &mut problems);
            assert!(problems.to_string().contains(expected), "{expected}: {problems}");
        }
    }
}
