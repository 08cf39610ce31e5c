//! What a text says between its words: look-alike characters, text packed into one token, names in paths and files.
//!
//! Owns the cheap tests that say whether such a second reading may find something. Findings are mapped back to the
//! bytes at hand; a packed token goes whole, because half of it would no longer unpack.

use std::ops::Range;

use super::{
    Context, DEPTH_MAX, Edit, PLACEHOLDER_HEAD, Reader, is_inside_placeholder,
    nested::{around, hide_lines},
    paths::is_of_person,
};
use crate::phi::{canon, class::Class, cues::KeyClass, list::List, names};

/// Shortest token that is unpacked, and how many of one text are.
pub(super) const PACKED_BYTES_MIN: usize = 16;
const PACKED_BYTES_MAX: usize = 4096;
const PACKED_MAX: usize = 64;
/// Path segments and file names of one text that are looked at, and how long they may be.
const SLUGS_MAX: usize = 256;
const SLUG_BYTES_MAX: usize = 96;

/// Days of one text behind which a name is looked for.
const DAYS_MAX: usize = 64;

impl Reader<'_> {
    /// The text with look-alike characters folded: full-width letters, digits of other scripts, zero-width characters.
    pub(super) fn folded(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        if depth >= DEPTH_MAX || look_alikes(text.as_bytes()).next().is_none() {
            return;
        }
        for window in around(text, look_alikes(text.as_bytes())) {
            let at = window.start;
            let raw = &text[window.clone()];
            let Some(view) = canon::view(raw).filter(|view| view.text != raw) else { continue };
            let read = self.within(view.text.len(), |reader| {
                let mut inner = Vec::new();
                match context.hint {
                    KeyClass::Phi(class) => reader.flat(&view.text, KeyClass::Phi(class), &mut inner),
                    _ => reader.text(&view.text, context, DEPTH_MAX, &mut inner),
                }
                for edit in inner {
                    let span = view.source(edit.span);
                    if raw.is_char_boundary(span.start) && raw.is_char_boundary(span.end) {
                        out.push(Edit { span: span.start + at..span.end + at, ..edit });
                    }
                }
            });
            if !read {
                hide_lines(text, window, look_alikes(raw.as_bytes()), out);
            }
        }
    }

    /// Text in base64 or hexadecimal: the whole token goes if what it holds would have to.
    pub(super) fn packed(&mut self, text: &str, out: &mut Vec<Edit>) {
        let (engine, place, findings) = (self.engine, self.place, &mut self.findings);
        packed_tokens(text, |token| {
            let mut inside_it = None;
            canon::probe(&text[token.clone()], &mut |inside| {
                findings.clear();
                engine.scan(inside, place, KeyClass::Unknown, findings);
                inside_it = findings.first().map(Edit::from);
                // Nobody packs two words unless they are somebody's.
                if inside_it.is_none() && names::is_listed_run(inside) {
                    inside_it = Some(Edit::likely(0..0, Class::Name, "name.packed"));
                }
                inside_it.is_some()
            });
            out.extend(inside_it.map(|edit| Edit { span: token, ..edit }));
        });
    }

    /// Whole words in numeric references: nobody writes plain letters so who does not want to hide them. A capitalised one
    /// that no machine says is a name.
    pub(super) fn spelled_out(&self, raw: &str, at: usize, out: &mut Vec<Edit>) {
        for (span, word) in super::view::spelled_out(raw) {
            if word.starts_with(char::is_uppercase)
                && names::is_distinctive(&word)
                && !super::words::is_common(&word)
            {
                out.push(Edit::likely(at + span.start..at + span.end, Class::Name, "name.spelled-out"));
            }
        }
    }

    /// `/patients/jane-okafor`, `okafor_jane.pdf`: a listed given and family name side by side.
    pub(super) fn slugs(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut done = 0;
        for at in memchr::memchr3_iter(b'/', b'\\', b'.', bytes).take(SLUGS_MAX) {
            if at < done {
                continue;
            }
            if bytes[at] == b'.'
                && let Some(name) = words_before(text, at)
            {
                out.push(Edit::likely(name, Class::Name, "name.in-file"));
            }
            if bytes[at] == b'.'
                && let Some(name) = name_before_words(text, at)
            {
                out.push(Edit::likely(name, Class::Name, "name.in-file"));
            }
            let span = if bytes[at] == b'.' { file_before(bytes, at) } else { segment_after(bytes, at) };
            let Some(span) = span else { continue };
            done = span.end;
            let Some(slug) = text.get(span.clone()) else { continue };
            // `java.base/sun.nio.ch.NioSocketImpl.timedRead(`: a method of a class in a package.
            let is_call = bytes.get(span.end) == Some(&b'(') && slug.contains('.');
            if slug.starts_with(PLACEHOLDER_HEAD) || is_call || is_drawn(slug) {
                continue;
            }
            let at_line = opens_line(&text[span.end..]);
            let program = program(slug, at_line);
            let is_name = |stem| is_whole_name(stem) && !at_line && !is_built(slug);
            if program.is_some_and(|stem| !(is_of_person(&text[..at]) || is_name(stem))) {
                continue;
            }
            let directory = text[..at].rsplit(['/', ' ', '"']).next().unwrap_or_default();
            if is_place(slug) && !is_of_person(&text[..at]) || is_role(directory, slug) {
                continue;
            }
            // A path may end in the name of a file.
            let stem = slug
                .rsplit_once('.')
                .filter(|(stem, _)| file_before(bytes, span.start + stem.len()).is_some());
            let stem = stem.map(|(stem, _)| stem).or(program).unwrap_or(slug);
            let is_file = bytes[at] == b'.' || stem.len() < slug.len();
            let found = names::in_slug(slug).or_else(|| {
                let of_person =
                    bytes[at] != b'.' && (is_of_person(&text[..at]) || is_of_portraits(directory));
                let whole =
                    (of_person || is_file && holds_capitals(stem) || bytes[..span.start].ends_with(b"~"))
                        && names::is_unlisted_slug(if of_person { without_number(stem) } else { stem });
                if whole {
                    return Some(unlisted(stem));
                }
                names::before_day(stem).or_else(|| is_file.then(|| names::in_document_name(stem)).flatten())
            });
            if let Some(found) = found {
                let found = span.start + found.start..span.start + found.end;
                if !is_inside_placeholder(text, &found) {
                    if let Some(date) = date_after(bytes, found.end) {
                        out.push(Edit::likely(date, Class::Date, "date.in-slug"));
                    }
                    out.push(Edit::likely(found, Class::Name, "name.in-slug"));
                }
            }
        }
    }
}

impl Reader<'_> {
    /// `Tetteh-Quarshie_Emefa_19920611`: names and a day of long ago, whatever the file ends in.
    pub(super) fn dated_slugs(&self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let signs = memchr::memchr_iter(b'_', bytes).filter(|sign| names::opens_old_day(&text[sign + 1..]));
        for sign in signs.take(DAYS_MAX) {
            let len =
                bytes[..sign].iter().rev().take(SLUG_BYTES_MAX).take_while(|byte| is_slug(**byte)).count();
            let (start, end) = (sign - len, sign + 9);
            let ends = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
            let Some(slug) = text.get(start..end).filter(|_| ends) else { continue };
            if let Some(name) = names::in_document_name(slug).filter(|name| name.end == len) {
                out.push(Edit::likely(start + name.start..start + name.end, Class::Name, "name.in-slug"));
                out.push(Edit::likely(sign + 1..end, Class::Date, "date.in-slug"));
            }
        }
    }
}

/// `/avatars/kim-haneul.jpg`: where pictures of people are kept.
pub(super) fn is_of_portraits(directory: &str) -> bool {
    matches!(directory, "avatars" | "faces" | "headshots" | "portraits" | "selfies" | "mugshots")
}

/// `Marie-Curie-ward.json`: a setting of a place that is called after somebody.
fn is_place(slug: &str) -> bool {
    const PLACES: [&str; 11] = [
        "ward", "wing", "unit", "building", "pavilion", "campus", "theatre", "clinic", "hospital", "centre",
        "center",
    ];
    const SETTINGS: [&str; 8] = ["json", "yaml", "yml", "toml", "ini", "conf", "tpl", "svg"];
    slug.rsplit_once('.').is_some_and(|(stem, ending)| {
        SETTINGS.contains(&ending) && PLACES.contains(&stem.rsplit(['-', '_']).next().unwrap_or_default())
    })
}

/// `database/creds/ruby-ro`: a role that credentials are lent for, by what it may do.
fn is_role(directory: &str, slug: &str) -> bool {
    matches!(directory, "creds" | "static-creds" | "roles" | "static-roles" | "role")
        && ["-ro", "-rw", "-readonly", "-admin", "-deploy", "_ro", "_rw"]
            .iter()
            .any(|may| slug.strip_suffix(may).is_some_and(|role| !role.contains(['-', '_', '.'])))
}

/// `identicon-58.png`: a picture that a program draws where there is none.
fn is_drawn(slug: &str) -> bool {
    ["gravatar", "identicon", "robohash"].iter().any(|drawn| slug.starts_with(drawn))
}

/// Nothing but a listed given and family name?
fn is_whole_name(stem: &str) -> bool {
    names::in_slug(stem).is_some_and(|name| name == (0..stem.len()))
}

/// `mirth-jones-ui.war`: the file of a program without its ending. Few are called after somebody who is treated.
fn program(slug: &str, at_line: bool) -> Option<&str> {
    const SOURCES: [&str; 17] = [
        "py", "pyc", "js", "mjs", "tsx", "jsx", "rb", "go", "rs", "java", "kt", "php", "cs", "cpp", "scala",
        "ex", "vue",
    ];
    let (stem, ending) = slug.rsplit_once('.')?;
    // Films end in `.ts` as well.
    (is_built(slug) || SOURCES.contains(&ending) || at_line && ending == "ts").then_some(stem)
}

/// `wilson-clark.so`: what is built and installed, and nobody uploads.
fn is_built(slug: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["war", "jar", "ear", "so", "dll", "exe", "deb", "rpm", "whl", "apk", "class", "service"];
    slug.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// `morgan_lee.ts:44:9`, `grace_kelly.py", line 312`: does a line of the file follow its name?
fn opens_line(behind: &str) -> bool {
    let number = behind.strip_prefix(':').or_else(|| behind.strip_prefix("\", line "));
    let number = number.or_else(|| behind.strip_prefix("\\\", line "));
    number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

/// Is a run of bytes that may be packed text worth unpacking?
pub(super) fn may_be_packed(run: &[u8]) -> bool {
    run.len() <= PACKED_BYTES_MAX && is_mixed(run)
}

/// Digits, or capitals among small letters: no plain word.
fn is_mixed(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_digit)
        || token
            .windows(2)
            .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
            .count()
            >= 3
}

/// `okafor_amara_19610704.pdf`: eight digits of a day long ago behind a name.
fn date_after(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let digits = bytes.get(at + 1..at + 9)?;
    let old = digits.starts_with(b"19") || digits.starts_with(b"200");
    let ends = !bytes.get(at + 9).is_some_and(u8::is_ascii_digit);
    (matches!(bytes[at], b'_' | b'-' | b'.') && old && ends && digits.iter().all(u8::is_ascii_digit))
        .then_some(at + 1..at + 9)
}

/// `brannigan-oona-1961`, `brannigan-oona-2`: told apart from others of the same name.
fn without_number(slug: &str) -> &str {
    let bare = slug.trim_end_matches(|c: char| c.is_ascii_digit());
    if slug.len() - bare.len() <= 4 { bare.trim_end_matches(['-', '_', '.']) } else { slug }
}

fn holds_capitals(slug: &str) -> bool {
    slug.split(['_', '-', '.', '+', ' ']).filter(|part| part.starts_with(char::is_uppercase)).count() >= 2
}

/// The part of a slug without a file ending and digits at its edges.
fn unlisted(slug: &str) -> Range<usize> {
    let start = slug.len() - slug.trim_start_matches(|c: char| !c.is_alphabetic()).len();
    start..slug.trim_end_matches(|c: char| !c.is_alphabetic()).len()
}

/// The tokens of a text that may hold packed text.
fn packed_tokens(text: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let (mut at, mut tried) = (0, 0);
    while at + PACKED_BYTES_MIN <= bytes.len() && tried < PACKED_MAX {
        // From the end of the shortest token backwards, so that plain words are skipped in one step.
        let window = &bytes[at..at + PACKED_BYTES_MIN];
        if let Some(stop) = window.iter().rposition(|byte| !is_packed(*byte)) {
            at += stop + 1;
            continue;
        }
        let len = bytes[at..].iter().take_while(|byte| is_packed(**byte)).count();
        if may_be_packed(&bytes[at..at + len]) {
            tried += 1;
            found(at..at + len);
        }
        at += len;
    }
}

fn is_packed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_')
}

fn is_slug(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'.' | b'+')
}

/// The path segment after a slash, if it is made of several words.
fn segment_after(bytes: &[u8], slash: usize) -> Option<Range<usize>> {
    // `/~ljiljana.babic/`: a person's own pages.
    let start = slash + 1 + usize::from(bytes.get(slash + 1) == Some(&b'~'));
    let len = bytes[start..].iter().take(SLUG_BYTES_MAX).take_while(|byte| is_slug(**byte)).count();
    let joined = bytes[start..start + len].iter().any(|byte| matches!(byte, b'_' | b'-' | b'.' | b'+'));
    if !joined || len < 5 {
        return None;
    }
    // `America/Sao_Paulo`, `America/Argentina/San_Juan`
    let country =
        bytes[..slash].iter().rev().take(20).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_');
    let above = slash.saturating_sub(country.count() + 1);
    let zone =
        ["America", "Europe", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian", "Antarctica"]
            .iter()
            .any(|zone| {
                bytes[..slash].ends_with(zone.as_bytes()) || bytes[..above].ends_with(zone.as_bytes())
            });
    (!zone).then_some(start..start + len)
}

/// How the names of files end that are looked at.
#[rustfmt::skip] // Rows of words, not one a line.
static FILE_ENDINGS: List<34> = List::new([
    "pdf", "jpg", "jpeg", "png", "gif", "tif", "tiff", "heic", "doc", "docx", "xls", "xlsx", "csv", "txt", "rtf",
    "dcm", "hl7", "xml", "zip", "wav", "mp3", "mp4", "PDF", "JPG", "PNG", "TIF", "DCM", "json",
    "zpl", "eml", "msg", "webp", "bmp", "odt",
]);

/// Could the letters of a file ending be `word`?
pub(super) fn may_end_file(word: &[u8]) -> bool {
    // Those that end in a digit are asked for by their letters.
    FILE_ENDINGS.has_exactly(word) || matches!(word, b"hl" | b"mp")
}

/// `Discharge - Isla Ruthven.docx`: the two words before the ending of a file, at least one of them a listed name.
fn words_before(text: &str, dot: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    file_before(bytes, dot)?;
    let letters = |at: usize| {
        let word = |c: &char| c.is_alphabetic() || matches!(c, '-' | '\'');
        at - text[..at].chars().rev().take(40).take_while(word).map(char::len_utf8).sum::<usize>()
    };
    let second = letters(dot);
    let gap = second.checked_sub(1).filter(|gap| bytes[*gap] == b' ' && second < dot)?;
    let first = letters(gap);
    // `'Emeka Okafor.docx'`: the quote opens no name.
    let first = first + usize::from(bytes[first] == b'\'');
    let name = &text[first..dot];
    (first < gap
        && name.split(' ').all(|word| word.starts_with(char::is_uppercase))
        && names::is_listed_run(name))
    .then_some(first..dot)
}

/// `Stavropoulou_Gráinne consent form.pdf`: a name joined by itself, and words of the title behind it.
fn name_before_words(text: &str, dot: usize) -> Option<Range<usize>> {
    if !opens_ending(text.as_bytes(), dot) {
        return None;
    }
    let floor = text.ceil_char_boundary(dot.saturating_sub(SLUG_BYTES_MAX));
    let title = text[floor..dot].rsplit(['/', '\\', '"', '\'', '=', ',', ':', '(']).next()?;
    let (first, _) = title.split_once(' ')?;
    let start = dot - title.len();
    let joined = first.contains('_') && holds_capitals(first);
    let name = names::in_slug(first).or_else(|| names::in_document_name(title)).filter(|_| joined)?;
    Some(start + name.start..start + name.end)
}

/// Does the ending of a file's name begin at `dot`?
pub(super) fn opens_ending(bytes: &[u8], dot: usize) -> bool {
    let ending = bytes[dot + 1..].iter().take(5).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    FILE_ENDINGS.has_exactly(&bytes[dot + 1..dot + 1 + ending])
}

/// The file name whose ending begins at `dot`.
fn file_before(bytes: &[u8], dot: usize) -> Option<Range<usize>> {
    if !opens_ending(bytes, dot) {
        return None;
    }
    let len = bytes[..dot].iter().rev().take(SLUG_BYTES_MAX).take_while(|byte| is_slug(**byte)).count();
    (len >= 5).then_some(dot - len..dot)
}

/// Where characters begin that fold to plain ones: zero-width, full-width, digits of other scripts, mathematical letters,
/// UTF-8 that was read as another encoding.
fn look_alikes(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.windows(3).enumerate().filter(|(_, three)| is_look_alike(three)).map(|(at, _)| at)
}

fn is_look_alike(three: &[u8]) -> bool {
    matches!(
        three,
        [0xe2, 0x80, 0x8b..=0x95]
            | [0xe2, 0x81, 0xa0]
            | [0xef, 0xbb, 0xbf]
            | [0xef, 0xbc | 0xbd, _]
            | [0xf0, 0x9d, _]
            | [0xe2, 0x88, 0x92]
            | [0xe0, 0xa5, 0xa6..=0xaf]
            | [0xe0, 0xa7, 0xa6..=0xaf]
            | [0xd9, 0xa0..=0xa9, _]
            | [0xdb, 0xb0..=0xb9, _]
            | [0xc2, 0xad, _]
            | [0xc3, 0x82..=0x85, 0xc2 | 0xc5 | 0xc6 | 0xcb | 0xe2]
    )
}
