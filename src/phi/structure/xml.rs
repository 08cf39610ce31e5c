//! Markup: XML and HTML read tag by tag. Only text and attribute values are replaced, never a name or a bracket.
//!
//! The element name is the key of its text and of its `value` attribute (FHIR XML); elements inherit as JSON keys
//! do. In HTML the text of one cell names the next (`<th>Name</th><td>…</td>`). Broken markup is read as far as it
//! goes; there is nothing that cannot be read.

mod attributes;
mod days;
mod inline;
mod place;
mod tags;

use std::ops::Range;

use attributes::{attribute, class_of_attribute, names_field};
use days::{class_of_element, held_by};
use place::Place;
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

#[derive(Default)]
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
        let mut place = Place::within(context.hint);
        let mut at = 0;
        while at < bytes.len() {
            let tag = memchr::memchr(b'<', &bytes[at..]).map_or(bytes.len(), |len| at + len);
            if tag > at {
                self.between(text, at..tag, &mut place, depth, out);
            }
            if tag == bytes.len() {
                return;
            }
            let next = bytes.get(tag + 1).copied().unwrap_or(0);
            at = if text[tag..].starts_with("<!--") {
                let (inside, next) = inside_of(text, tag + 4, "-->");
                self.inner(text, inside, depth, out);
                next
            } else if text[tag..].starts_with("<![CDATA[") {
                let (inside, next) = inside_of(text, tag + 9, "]]>");
                self.data(text, inside, place.class(), depth + 1, out);
                next
            } else if (next.is_ascii_alphabetic() || next == b'_') && opens_tag(text, tag) {
                self.start_tag(text, tag, &mut place, depth, out)
            } else if next == b'/' {
                place.close(text[tag..].starts_with("</table"));
                tag_end(bytes, tag) + 1
            } else if matches!(next, b'!' | b'?') {
                tag_end(bytes, tag) + 1
            } else {
                // A bracket of prose: `a < b`.
                let end = memchr::memchr(b'<', &bytes[tag + 1..]).map_or(bytes.len(), |len| tag + 1 + len);
                self.inner(text, tag..end, depth, out);
                end
            }
        }
    }

    /// The text between two tags: judged by its element, its column or the label before it, and perhaps a label itself.
    fn between(&mut self, text: &str, span: Range<usize>, place: &mut Place, depth: u8, out: &mut Vec<Edit>) {
        let content = text[span.clone()].trim();
        if content.is_empty() {
            return;
        }
        let hint = place.says();
        place.table.add_heading(content);
        // `parameter: <b>lastName</b>, value: <code>…</code>`
        if phi(place.label).is_some() && joins_value(content) {
            return;
        }
        let suggested = place.open.last().and_then(|element| element.suggested);
        self.node(text, span, Context { suggested, ..Context::of(hint) }, depth, out);
        let labels = place.open.last().is_some_and(|element| element.layout || element.labels);
        place.label = if labels { cell_label(content) } else { KeyClass::Unknown };
    }

    /// What `<![CDATA[…]]>` holds.
    fn data(&mut self, text: &str, inside: Range<usize>, hint: KeyClass, depth: u8, out: &mut Vec<Edit>) {
        self.part(text, inside, out, |reader, data, out| match hint {
            KeyClass::Phi(class) => reader.value(data, class, depth, out),
            hint => reader.document(data, Context::of(hint), depth, out),
        });
    }

    /// Reads the start tag at `tag`, and what follows it if that is no markup. Returns where reading goes on.
    fn start_tag(
        &mut self,
        text: &str,
        tag: usize,
        place: &mut Place,
        depth: u8,
        out: &mut Vec<Edit>,
    ) -> usize {
        let bytes = text.as_bytes();
        let end = tag_end(bytes, tag);
        let name = element_name(text, tag + 1);
        let attributes = tag + 1 + name.len()..end;
        let element = self.element(text, attributes, name, place.open.last(), depth, out);
        if name == "system"
            && let (Some(class), Some(parent)) = (element.system, place.open.last_mut())
        {
            parent.system = Some(class);
        }
        place.table.open(name);
        let next = end + 1;
        if bytes[..end].ends_with(b"/") || is_void(name) {
            return next;
        }
        place.enter(element);
        // The inside of a script is text, whatever brackets it holds.
        if !matches!(name, "script" | "style") {
            return next;
        }
        let (inside, _) = inside_of(text, next.min(bytes.len()), "</");
        let end = inside.end;
        if name == "script" {
            self.inner(text, inside, depth, out);
        } else {
            // Fonts have families and no names.
            let mut found = Vec::new();
            self.part(text, inside, &mut found, |r, style, out| r.flat(style, KeyClass::Safe, out));
            found.retain(|edit| self.echo.is_some() || edit.class != Class::Name);
            out.append(&mut found);
        }
        end
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
        // `<field name="lastName">…</field>`: an attribute says what the element holds.
        let class = match (class, names_field(&text[attributes.clone()], local)) {
            (KeyClass::Unknown | KeyClass::Free | KeyClass::Safe, Some(named)) => named,
            _ => class,
        };
        let mut system = None;
        let mut at = attributes.start;
        while let Some((key, value)) = attribute(text, attributes.start..attributes.end, at) {
            at = (value.end + 1).min(attributes.end);
            if key == "value" && local == "system" {
                system = match &text[value.clone()] {
                    "phone" | "sms" => Some(Class::Phone),
                    "fax" => Some(Class::Fax),
                    "email" => Some(Class::Email),
                    _ => None,
                };
            }
            if !value.is_empty() {
                let hint = class_of_attribute(text, &attributes, local, class, key, &text[value.clone()]);
                self.node(text, value, Context::of(hint), depth, out);
            }
        }
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

/// Elements that hold labels and titles.
fn is_heading(name: &str) -> bool {
    matches!(name, "th" | "dt" | "label" | "h1" | "h2" | "h3" | "h4" | "title" | "TH" | "DT" | "H1" | "H2")
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
