//! Text and lines: one look at which special bytes a text holds, then the readers that these bytes call for.
//!
//! Owns the gate and the order of the readers. A text without separators, quotes or escapes goes straight to the
//! flat scan. Escaped text is read a second time as decoded.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{
    Context, DEPTH_MAX, Edit, Form, Kind, Reader, Tape, Way, compared, dated, leef,
    nested::{around, hide_lines},
    persons, said_before, view,
};

const PAIR: u32 = 1;
const QUOTE: u32 = 2;
const PIPE: u32 = 4;
const STAR: u32 = 8;
const CARET: u32 = 16;
const PERCENT: u32 = 32;
const AMPERSAND: u32 = 64;
const BACKSLASH: u32 = 128;
const BRACE: u32 = 256;
const PAREN: u32 = 1024;
const SLASH: u32 = 2048;
const JOINER: u32 = 4096;
const DOT: u32 = 8192;
const WIDE: u32 = 16384;
const BRACKET: u32 = 32768;
const ANGLE: u32 = 65536;
const CONTROL: u32 = 131_072;
const PLUS: u32 = 262_144;
const QUESTION: u32 = 524_288;
/// What opens a colour of a terminal.
const ESCAPE: u32 = 1_048_576;
/// What calls for more than the flat scan and the readers of single tokens.
const STRUCTURAL: u32 = CONTROL
    | ANGLE
    | BRACKET
    | PAIR
    | QUOTE
    | PIPE
    | STAR
    | CARET
    | PERCENT
    | AMPERSAND
    | BACKSLASH
    | BRACE
    | PAREN;

const MARKS: [u32; 256] = {
    let mut marks = [0; 256];
    marks[b'=' as usize] = PAIR;
    marks[b':' as usize] = PAIR;
    marks[b'"' as usize] = QUOTE;
    marks[b'\'' as usize] = QUOTE;
    marks[b'`' as usize] = QUOTE;
    marks[b'|' as usize] = PIPE;
    marks[b'*' as usize] = STAR;
    marks[b'^' as usize] = CARET;
    marks[b'%' as usize] = PERCENT;
    marks[b'&' as usize] = AMPERSAND;
    marks[b'\\' as usize] = BACKSLASH;
    marks[b'{' as usize] = BRACE;
    marks[b'(' as usize] = PAREN;
    marks[b'[' as usize] = BRACKET;
    marks[b'<' as usize] = ANGLE;
    marks[0x1c] = CONTROL;
    marks[0x1b] = ESCAPE;
    marks[b'+' as usize] = PLUS;
    marks[b'?' as usize] = QUESTION;
    marks[b'/' as usize] = SLASH;
    marks[b'_' as usize] = JOINER;
    marks[b'-' as usize] = JOINER;
    marks[b'.' as usize] = DOT;
    let mut byte = 0x80;
    while byte < 256 {
        marks[byte] = WIDE;
        byte += 1;
    }
    marks
};

/// What an argument of a command begins with. Made once: to prepare the search costs more than most searches.
static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b" --"));
/// What Rust prints of a value that is there, and what opens a word of a mail header.
static SOME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"Some("));
static ENCODED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"=?"));

/// JSON documents inside one text that are read as such.
const EMBEDDED_MAX: usize = 8;

/// Where an escape may begin.
fn escapes(text: &str) -> impl Iterator<Item = usize> {
    memchr::memchr3_iter(b'%', b'&', b'\\', text.as_bytes())
}

impl Reader<'_> {
    /// Text of any kind, structure and all.
    pub(super) fn text(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        if !text.is_empty() {
            self.once((Way::Text, text), context, depth, out, |r, out| r.lines(text, context, depth, out));
        }
    }

    fn lines(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        if depth < DEPTH_MAX
            && let Some(rest) = self.dumps(text, depth, out)
        {
            return self.through(&rest, 0, out, |r, text, out| r.prose(text, context, depth, out));
        }
        self.prose(text, context, depth, out);
    }

    /// Text without dumps of bytes.
    fn prose(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        crate::phi::work::add(text.len());
        let first = out.len();
        let marks = text.bytes().fold(0, |marks, byte| marks | MARKS[usize::from(byte)]);
        if marks & ESCAPE != 0
            && let Some(plain) = view::without_colours(text)
        {
            return self.through(&plain, 0, out, |r, text, out| r.text(text, context, depth, out));
        }
        if marks & PIPE != 0
            && let Some(tabbed) = leef::tabbed(text)
        {
            return self.through(&tabbed, 0, out, |r, text, out| r.text(text, context, depth, out));
        }
        if marks & STRUCTURAL == 0 && context.subject.is_none() {
            if marks & JOINER != 0 && DASHES.find(text.as_bytes()).is_some() {
                self.arguments(text, depth, out);
            }
            if memchr::memchr(b'\n', text.as_bytes()).is_some() {
                self.tables(text, depth, out);
            }
            self.flat(text, context.hint, out);
            self.tokens_apart(text, marks, context, depth, out);
            self.given_away(text, first, out);
            return self.beside(text, first, out);
        }
        let mut done: Vec<Range<usize>> = Vec::new();
        if marks & (BRACE | QUOTE) == BRACE | QUOTE && depth < DEPTH_MAX {
            self.embedded(text, depth, &mut done, out);
        }
        if memchr::memchr(b'\n', text.as_bytes()).is_some() {
            self.tables(text, depth, out);
        }
        if marks & ANGLE != 0 && depth < DEPTH_MAX {
            self.embedded_markup(text, depth, &done, out);
        }
        if marks & PAIR != 0 {
            self.pairs(text, depth, &done, out);
        }
        self.sentences(text, context, depth, &done, out);
        self.named_fields(text, out);
        if marks & (ANGLE | BACKSLASH | CONTROL | WIDE) != 0 {
            self.telecom(text, out);
        }
        self.licence_barcode(text, out);
        if marks & PIPE != 0 {
            self.hl7(text, out);
            if marks & CARET != 0 {
                self.barred_dates(text, out);
            }
        }
        if marks & STAR != 0 {
            self.x12(text, out);
        }
        if marks & (QUOTE | PLUS) == QUOTE | PLUS {
            self.edifact(text, out);
        }
        if marks & CARET != 0 {
            self.caret_names(text, out);
            self.tracks(text, out);
            self.caret_ids(text, out);
        }
        if marks & PAREN != 0 && SOME.find(text.as_bytes()).is_some() {
            self.wrapped(text, out);
        }
        if marks & (QUOTE | BRACKET) == QUOTE | BRACKET {
            self.access_log(text, out);
        }
        if marks & JOINER != 0 && DASHES.find(text.as_bytes()).is_some() {
            self.arguments(text, depth, out);
        }
        self.flat(text, context.hint, out);
        self.tokens_apart(text, marks, context, depth, out);
        self.given_away(text, first, out);
        self.beside(text, first, out);
        if marks & CARET != 0 {
            self.label_fields(text, context, depth, first, out);
        }
        self.decoded(text, marks, context, depth, out);
    }

    /// What no separator announces: names in paths, packed text, look-alike characters.
    fn tokens_apart(&mut self, text: &str, marks: u32, context: Context, depth: u8, out: &mut Vec<Edit>) {
        if marks & JOINER != 0 {
            self.dated_slugs(text, out);
        }
        if marks & (SLASH | DOT | BACKSLASH) != 0 && marks & (JOINER | DOT) != 0 {
            self.slugs(text, out);
        }
        if marks & SLASH != 0 {
            self.path_values(text, out);
        }
        if marks & JOINER != 0 {
            dated::keys(text, out);
        }
        self.segments(text, out);
        self.packed(text, out);
        if marks & WIDE != 0 {
            self.folded(text, context, depth, out);
        }
    }

    /// What signs and words around a value give away, and the fields beside what was found since `first`.
    pub(super) fn given_away(&self, text: &str, first: usize, out: &mut Vec<Edit>) {
        compared::compared(text, out);
        self.judged(text, out);
        dated::records(text, out);
        dated::files(text, first, out);
        dated::days(text, first, out);
        persons::persons(text, first, out);
        self.rows(text, first, out);
    }

    /// The same text with its escapes resolved. One decoded reading a level, so that nesting stays linear; the last
    /// level takes every backslash away.
    fn decoded(&mut self, text: &str, marks: u32, context: Context, depth: u8, out: &mut Vec<Edit>) {
        if depth > DEPTH_MAX {
            return;
        }
        if depth < DEPTH_MAX
            && marks & (PAIR | QUESTION) == PAIR | QUESTION
            && ENCODED.find(text.as_bytes()).is_some()
        {
            for window in around(text, ENCODED.find_iter(text.as_bytes())) {
                if let Some(view) = view::encoded_words(&text[window.clone()]) {
                    self.through(&view, window.start, out, |r, text, out| {
                        r.text(text, context, depth + 1, out);
                    });
                }
            }
        }
        if marks & (PERCENT | AMPERSAND | BACKSLASH) == 0 {
            return;
        }
        for window in around(text, escapes(text)) {
            if !self.unescaped(text, window.clone(), (marks, context, depth), out) {
                hide_lines(text, window.clone(), escapes(&text[window]), out);
            }
        }
    }

    /// A part of a text with one level of its escapes resolved. False if there is nothing left to read it with.
    fn unescaped(
        &mut self,
        text: &str,
        window: Range<usize>,
        (marks, context, depth): (u32, Context, u8),
        out: &mut Vec<Edit>,
    ) -> bool {
        let at = window.start;
        let text = &text[window];
        let mut views: Vec<view::View> = Vec::new();
        for mark in [PERCENT, AMPERSAND, BACKSLASH] {
            if marks & mark == 0 {
                continue;
            }
            let current = views.last().map_or(text, |view| view.text.as_str());
            let view = match mark {
                PERCENT => view::percent(current, false),
                AMPERSAND => {
                    if views.is_empty() {
                        self.spelled_out(text, at, out);
                    }
                    view::entities(current)
                }
                _ if depth == DEPTH_MAX => view::no_backslash(current),
                _ => view::backslash(current),
            };
            views.extend(view);
        }
        let Some(last) = views.last() else { return true };
        self.within(last.text.len(), |reader| {
            let mut inner = Vec::new();
            reader.text(&last.text, context, depth + 1, &mut inner);
            for mut edit in inner {
                let span = views.iter().rev().fold(edit.span, |span, view| view.raw_span(span));
                edit.span = span.start + at..span.end + at;
                if let Form::Quoted(level) = edit.form
                    && marks & BACKSLASH != 0
                {
                    edit.form = Form::Quoted((level + 1).min(DEPTH_MAX));
                }
                out.push(edit);
            }
        })
    }

    /// Markup inside a line: from the first tag to the last, if any of its elements closes.
    fn embedded_markup(&mut self, text: &str, depth: u8, done: &[Range<usize>], out: &mut Vec<Edit>) {
        let closes = |text: &str| text.contains("</") || text.contains("/>");
        let Some(open) = text.match_indices('<').map(|(at, _)| at).take(64).find(|at| {
            text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic)
                && super::xml::opens_tag(text, *at)
                && !done.iter().any(|d| d.contains(at))
        }) else {
            return;
        };
        let Some(end) = text.rfind('>').map(|at| at + 1).filter(|end| *end > open) else { return };
        if !closes(&text[open..end]) {
            return;
        }
        self.part(text, open..end, out, |reader, markup, out| {
            reader.once((Way::Markup, markup), Context::NONE, depth + 1, out, |reader, out| {
                reader.phrases(markup, out);
                reader.markup(markup, Context::NONE, depth + 1, out);
            });
        });
    }

    /// JSON documents inside a line, read with all their context. What does not close is left to the pairs.
    fn embedded(&mut self, text: &str, depth: u8, done: &mut Vec<Range<usize>>, out: &mut Vec<Edit>) {
        let mut from = 0;
        for _ in 0..EMBEDDED_MAX {
            let Some(open) = memchr::memchr(b'{', &text.as_bytes()[from..]).map(|at| at + from) else {
                return;
            };
            let open = if open > 0 && text.as_bytes()[open - 1] == b'[' { open - 1 } else { open };
            from = open + 1;
            if !super::looks_like_json(&text[open..]) {
                continue;
            }
            let tape = Tape::read(&text[open..]);
            let Some(root) =
                tape.tokens.first().filter(|root| matches!(root.kind, Kind::Object | Kind::Array))
            else {
                continue;
            };
            let Some(end) = tape.tokens.get(root.close).map(|token| open + token.end) else {
                // Never closes: nor would any inner one that matters, and looking again and again is not linear.
                return;
            };
            let suggested = said_before(&text[..open]);
            self.part(text, open..end, out, |reader, json, out| {
                let context = Context { suggested, ..Context::NONE };
                reader.once((Way::Json, json), context, depth + 1, out, |reader, out| {
                    reader.json(json, context, depth + 1, out);
                });
            });
            done.push(open..end);
            from = end;
        }
    }
}
