//! Markup: XML and HTML read tag by tag. Only text and attribute values are replaced, never a name or a bracket.
//!
//! The element name is the key of its text and of its `value` attribute (FHIR XML); elements inherit as JSON keys
//! do. In HTML the text of one cell names the next (`<th>Name</th><td>…</td>`). Broken markup is read as far as it
//! goes; there is nothing that cannot be read.

mod days;
mod inline;
mod tags;

use std::ops::Range;

use days::{class_of_element, held_by};
pub(crate) use tags::{element_name, inside_of, opens_tag, tag_end};
use tags::{is_html, is_void};

use super::{Context, DEPTH_MAX, Edit, Reader, class_of, cued, is_open_number, phi, view, words};
use crate::phi::{class::Class, cues::KeyClass};

/// Open elements remembered.
const ELEMENTS_MAX: usize = 128;
/// A cell with more text than this is no label.
const LABEL_BYTES_MAX: usize = 40;

/// Cheap test that a text is markup and not prose with a `<` in it.
pub(crate) fn looks_like_markup(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_ascii_start();
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'<')
        && bytes.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?' | b'/'))
        && memchr::memchr(b'>', bytes).is_some()
        && opens_tag(text, 0)
}

struct Element {
    class: KeyClass,
    /// What a `system` element inside says of the `value` beside it.
    system: Option<Class>,
    /// An element of HTML: its text may label what follows.
    layout: bool,
    /// A cell that is a label: no label before it says anything of it.
    heading: bool,
    /// `<key>lastName</key><string>…</string>`: its text names what the next element holds.
    labels: bool,
    /// What a number in it is, as its name only suggests.
    suggested: Option<Class>,
}

impl Reader<'_> {
    pub(super) fn markup(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        crate::phi::work::add(text.len());
        if depth <= 1 && text.len() <= inline::BYTES_MAX {
            self.inline(text, depth, out);
        }
        let bytes = text.as_bytes();
        let mut open: Vec<Element> = vec![Element {
            class: context.hint,
            system: None,
            layout: false,
            heading: false,
            labels: false,
            suggested: None,
        }];
        let mut skipped = 0usize;
        let mut label = KeyClass::Unknown;
        // What the headings of a table say, and which cell of a row is read.
        let (mut columns, mut cell, mut in_heading) = (Vec::new(), 0usize, false);
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            let tag = memchr::memchr(b'<', &bytes[at..]).map_or(bytes.len(), |len| at + len);
            if tag > start {
                let hint = match open.last().map_or(KeyClass::Unknown, |element| element.class) {
                    KeyClass::Unknown if open.last().is_some_and(|element| element.heading) => {
                        KeyClass::Unknown
                    }
                    KeyClass::Unknown if is_of_persons(&columns) && !in_heading && cell > 0 => {
                        columns.get(cell - 1).copied().unwrap_or(KeyClass::Unknown)
                    }
                    KeyClass::Unknown | KeyClass::Free | KeyClass::Safe if phi(label).is_some() => label,
                    own => own,
                };
                let content = text[start..tag].trim();
                if !content.is_empty() {
                    if in_heading && columns.len() < ELEMENTS_MAX {
                        columns.push(cell_label(content));
                    }
                    // `parameter: <b>lastName</b>, value: <code>…</code>`
                    if phi(label).is_some() && joins_value(content) {
                        at = tag;
                        continue;
                    }
                    let suggested = open.last().and_then(|element| element.suggested);
                    self.node(text, start..tag, Context { suggested, ..Context::of(hint) }, depth, out);
                    label = if open.last().is_some_and(|element| element.layout || element.labels) {
                        cell_label(content)
                    } else {
                        KeyClass::Unknown
                    };
                }
            }
            if tag == bytes.len() {
                return;
            }
            if text[tag..].starts_with("<!--") {
                let (inside, next) = inside_of(text, tag + 4, "-->");
                at = next;
                self.inner(text, inside, depth, out);
            } else if text[tag..].starts_with("<![CDATA[") {
                let (inside, next) = inside_of(text, tag + 9, "]]>");
                at = next;
                let hint = open.last().map_or(KeyClass::Unknown, |element| element.class);
                let depth = depth + 1;
                self.part(text, inside, out, |reader, data, out| match hint {
                    KeyClass::Phi(class) => reader.value(data, class, depth, out),
                    hint => reader.document(data, Context::of(hint), depth, out),
                });
            } else if bytes.get(tag + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
                && opens_tag(text, tag)
            {
                let end = tag_end(bytes, tag);
                let name = element_name(text, tag + 1);
                let element = self.element(text, tag + 1 + name.len()..end, name, open.last(), depth, out);
                if name == "system"
                    && let (Some(class), Some(parent)) = (element.system, open.last_mut())
                {
                    parent.system = Some(class);
                }
                match name {
                    "table" | "TABLE" => {
                        columns.clear();
                        (cell, in_heading) = (0, false);
                    }
                    "tr" | "TR" => (cell, in_heading) = (0, false),
                    "th" | "TH" => in_heading = true,
                    "td" | "TD" => (cell, in_heading) = (cell + 1, false),
                    _ => {}
                }
                let closed = bytes[..end].ends_with(b"/") || is_void(name);
                if !closed {
                    if open.len() < ELEMENTS_MAX { open.push(element) } else { skipped += 1 }
                }
                at = end + 1;
                // The inside of a script is text, whatever brackets it holds.
                if matches!(name, "script" | "style") && !closed {
                    let (inside, _) = inside_of(text, at.min(bytes.len()), "</");
                    at = inside.end;
                    if name == "script" {
                        self.inner(text, inside, depth, out);
                    } else {
                        // Fonts have families and no names.
                        let first = out.len();
                        self.part(text, inside, out, |r, style, out| r.flat(style, KeyClass::Safe, out));
                        let echo = self.echo.is_some();
                        let mut index = 0;
                        out.retain(|edit| {
                            index += 1;
                            index <= first || echo || edit.class != Class::Name
                        });
                    }
                }
            } else if bytes.get(tag + 1) == Some(&b'/') {
                let end = tag_end(bytes, tag);
                if text[tag..].starts_with("</table") {
                    (cell, in_heading) = (0, false);
                    columns.clear();
                }
                if skipped > 0 {
                    skipped -= 1;
                } else if open.len() > 1 {
                    open.pop();
                }
                at = end + 1;
            } else if matches!(bytes.get(tag + 1), Some(b'!' | b'?')) {
                at = tag_end(bytes, tag) + 1;
            } else {
                // A bracket of prose: `a < b`.
                let end = memchr::memchr(b'<', &bytes[tag + 1..]).map_or(bytes.len(), |len| tag + 1 + len);
                self.inner(text, tag..end, depth, out);
                at = end;
            }
        }
    }

    /// A text node: entities decoded, then judged by its element.
    fn node(&mut self, text: &str, span: Range<usize>, context: Context, depth: u8, out: &mut Vec<Edit>) {
        let depth = (depth + 1).min(DEPTH_MAX);
        // Blanks around the text are layout.
        let content = &text[span.clone()];
        let lead = content.len() - content.trim_start().len();
        let span = span.start + lead..span.start + lead + content.trim().len();
        // `<address>Apache/2.4.62 Server at … Port 443</address>`
        let hint = if content.contains(" Server at ") { KeyClass::Unknown } else { context.hint };
        let read = |reader: &mut Self, value: &str, out: &mut Vec<Edit>| match (hint, context.suggested) {
            (KeyClass::Phi(class), _) => reader.value(value, class, depth, out),
            (KeyClass::Unknown, Some(class)) if is_open_number(value) => {
                out.push(Edit::likely(0..value.len(), class, "xml.suggested"));
            }
            _ if super::looks_like_json(value) => {
                reader.document(value, Context { hint, ..context }, depth, out);
            }
            _ => reader.text(value, Context { hint, ..context }, depth, out),
        };
        match view::entities(&text[span.clone()]) {
            Some(view) => {
                self.spelled_out(&text[span.clone()], span.start, out);
                self.through(&view, span.start, out, read);
            }
            None => self.part(text, span, out, read),
        }
    }

    fn inner(&mut self, text: &str, span: Range<usize>, depth: u8, out: &mut Vec<Edit>) {
        let depth = (depth + 1).min(DEPTH_MAX);
        self.part(text, span, out, |reader, value, out| reader.text(value, Context::NONE, depth, out));
    }

    /// Reads the attributes of a start tag and says what holds inside the element.
    fn element(
        &mut self,
        text: &str,
        attributes: Range<usize>,
        name: &str,
        parent: Option<&Element>,
        depth: u8,
        out: &mut Vec<Edit>,
    ) -> Element {
        let local = name.rsplit(':').next().unwrap_or(name);
        let above = parent.map_or(KeyClass::Unknown, |parent| parent.class);
        let own = if is_html(local) || self.is_silent(local) {
            KeyClass::Unknown
        } else {
            class_of_element(local, held_by(text, attributes.clone()))
        };
        let class = match (own, above) {
            _ if words::is_value_key(local) && phi(above).is_some() => {
                parent.and_then(|parent| parent.system).map_or(above, KeyClass::Phi)
            }
            (KeyClass::Unknown | KeyClass::Free, KeyClass::Phi(_))
                if is_html(local) || matches!(local, "text" | "line" | "display") =>
            {
                above
            }
            (own, _) => own,
        };
        let mut system = None;
        let named = names_field(&text[attributes.clone()], local);
        let field = matches!(local, "input" | "option" | "select" | "textarea" | "param");
        let bytes = text.as_bytes();
        let mut at = attributes.start;
        while let Some(found) = memchr::memchr(b'=', &bytes[at..attributes.end]) {
            let equals = at + found;
            let key_end = text[..equals].trim_end().len();
            let key_start = text[attributes.start..key_end].rfind(|c: char| c.is_whitespace()).map_or(
                attributes.start,
                |space| {
                    attributes.start
                        + space
                        + text[attributes.start + space..].chars().next().map_or(1, char::len_utf8)
                },
            );
            let key = &text[key_start.min(key_end)..key_end];
            let mut open = equals + 1;
            while open < attributes.end && bytes[open] == b' ' {
                open += 1;
            }
            let (from, to) = match bytes.get(open) {
                Some(quote @ (b'"' | b'\'')) if open < attributes.end => {
                    let from = open + 1;
                    (
                        from,
                        memchr::memchr(*quote, &bytes[from..attributes.end])
                            .map_or(attributes.end, |len| from + len),
                    )
                }
                _ => {
                    let len = text[open..attributes.end]
                        .find(|c: char| c.is_whitespace() || c == '/')
                        .unwrap_or(attributes.end - open);
                    (open, open + len)
                }
            };
            at = (to + 1).min(attributes.end);
            let value = &text[from..to];
            let hint = match key {
                "value" if field => form_field(&text[attributes.clone()]),
                "name" | "for" | "placeholder" if is_html(local) || field => KeyClass::Unknown,
                // `<Data Name="ParentImage">`, as Windows names what an event holds.
                "Name" if words::names_a_datum(local, value) => KeyClass::Unknown,
                // `<field name="born" …>` names a field, in whatever words.
                "name" if matches!(local, "field" | "property" | "column" | "attribute" | "parameter") => {
                    KeyClass::Unknown
                }
                "value" => match (class, named) {
                    (KeyClass::Unknown | KeyClass::Free | KeyClass::Safe, Some(named)) => named,
                    _ => class,
                },
                "class" | "id" | "style" | "href" | "src" | "xmlns" | "rel" | "type" | "charset" | "lang"
                | "url" => KeyClass::Unknown,
                // `<id extension="998-02-17" root="…"/>` under a patient, in CDA.
                "extension" if local == "id" && is_of_patient(text, attributes.start) => {
                    KeyClass::Phi(Class::Mrn)
                }
                key if key.starts_with("xmlns") || key.starts_with("xsi:") => KeyClass::Safe,
                key => match super::paths::number_of_member(key, value) {
                    Some(class) => KeyClass::Phi(class),
                    None => class_of_element(key.rsplit([':', '-']).next().unwrap_or(key), value),
                },
            };
            if key == "value" && local == "system" {
                system = match value {
                    "phone" | "sms" => Some(Class::Phone),
                    "fax" => Some(Class::Fax),
                    "email" => Some(Class::Email),
                    _ => None,
                };
            }
            if from < to {
                self.node(text, from..to, Context::of(hint), depth, out);
            }
        }
        // `<field name="lastName">…</field>`: the attribute says what the element holds.
        let class = match (class, named) {
            (KeyClass::Unknown | KeyClass::Free | KeyClass::Safe, Some(named)) => named,
            _ => class,
        };
        let labels =
            matches!(local, "key" | "name" | "field" | "label" | "property" | "attribute" | "param" | "k");
        Element {
            class,
            system,
            layout: is_html(local),
            heading: is_heading(local) || labels,
            labels,
            suggested: cued(local),
        }
    }
}

/// Did an element of a patient open shortly before?
fn is_of_patient(text: &str, at: usize) -> bool {
    let before = &text[text.ceil_char_boundary(at.saturating_sub(200))..at];
    before.rfind("<patientRole").is_some_and(|open| !before[open..].contains("</patientRole"))
}

/// Two columns of a person or more; `Name` and `Status` may be those of a service.
fn is_of_persons(columns: &[KeyClass]) -> bool {
    columns.iter().filter(|class| phi(**class).is_some()).count() >= 2
}

/// Elements that hold labels and titles.
fn is_heading(name: &str) -> bool {
    matches!(name, "th" | "dt" | "label" | "h1" | "h2" | "h3" | "h4" | "title" | "TH" | "DT" | "H1" | "H2")
}

/// The class of the field that an attribute of a generic element names: `<field name="lastName">`.
fn names_field(attributes: &str, element: &str) -> Option<KeyClass> {
    if is_html(element) {
        return None;
    }
    ["name=", "key=", "field=", "property=", "column=", "id=", "label=", "path=", "tag="].iter().find_map(
        |attribute| {
            let at = attributes.find(attribute)?;
            let bounded = attributes[..at].ends_with(|c: char| c.is_whitespace()) || at == 0;
            let value = attributes[at + attribute.len()..].strip_prefix(['"', '\''])?;
            let value = &value[..value.find(['"', '\''])?];
            let class =
                super::dicom::attribute(value).map_or_else(|| super::field_class(value), KeyClass::Phi);
            (bounded && words::is_field_path(value) && !value.contains(' ') && phi(class).is_some())
                .then_some(class)
        },
    )
}

/// What the `name` or `id` of a form field says about its `value`.
fn form_field(attributes: &str) -> KeyClass {
    for key in [" name=", " id="] {
        if let Some(at) = attributes.find(key)
            && let Some(name) = attributes[at + key.len()..]
                .trim_start_matches(['"', '\''])
                .split(['"', '\'', ' ', '/'])
                .next()
            && let class @ KeyClass::Phi(_) = super::field_class(name)
        {
            return class;
        }
    }
    KeyClass::Unknown
}

/// What stands between a field and its value: `, value:`, `=`, ` was given as `.
fn joins_value(content: &str) -> bool {
    let mut words = content.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let signed = content.starts_with([',', ';', ':', '=', '-', '(']) || content.ends_with([':', '=']);
    let links =
        |word: &str| words::is_value_key(word) || matches!(word, "with" | "has" | "had" | "the" | "as");
    signed && content.len() <= LABEL_BYTES_MAX && words.clone().count() <= 4 && words.all(links)
}

/// A short text that names a field labels the cell after it.
fn cell_label(content: &str) -> KeyClass {
    if content.len() > LABEL_BYTES_MAX || content.contains(super::PLACEHOLDER_HEAD) {
        return KeyClass::Unknown;
    }
    match class_of(content.trim_end_matches([':', ' '])) {
        class @ KeyClass::Phi(_) => class,
        _ => KeyClass::Unknown,
    }
}
