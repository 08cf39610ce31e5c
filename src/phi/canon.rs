//! Canonical views: what an encoded text says once every layer of encoding is off.
//!
//! Owns the decoders (percent, plus, `%uXXXX`, HTML entities, `\uXXXX`), the folding of look-alikes (NFKC, zero-width
//! characters, Unicode dashes, digits and spaces) and the probes for base64, base64url, hex and JWT. Each view maps a
//! span back to the bytes it came from. Decoding runs to a fixed point in at most [`ROUNDS_MAX`] rounds; what does not
//! settle is a fault. Does not judge: whether a decoded text is PHI is for the caller.
//!
//! Invariants: linear in the input per round; a view is never longer than [`EXPANSION_MAX`] times its source; text
//! that holds no encoding is borrowed.

mod entities;
mod escapes;
mod fold;
mod probe;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use entities::named;
pub use fold::fold;
pub use probe::{TOKEN_BYTES_MIN, probe};

/// Rounds of decoding before a text counts as never settling.
pub const ROUNDS_MAX: usize = 4;
/// Longest growth of one view against its source: NFKC turns one ligature of three bytes into up to 33.
pub const EXPANSION_MAX: usize = 12;

/// Why a part of a target cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `%` without two hexadecimal digits.
    BadPercent,
    /// Not UTF-8 after decoding, overlong forms included.
    BadUtf8,
    /// NUL, another control character, or a noncharacter.
    Control,
    /// Still changing after [`ROUNDS_MAX`] rounds.
    Unsettled,
}

/// Which part of a target is decoded: `+` is a space only in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Path,
    Query,
}

/// A part of a target with all its layers off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// It held `%uXXXX`, which no URL may hold: harmless only if the target is refused for it.
    pub irregular: bool,
}

/// A decoded text with the way back to its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub text: String,
    /// For every byte of `text`, the span of the source that gave it.
    origin: Vec<(usize, usize)>,
}

impl View {
    /// The view that changes nothing.
    pub fn plain(text: &str) -> View {
        View { text: text.to_string(), origin: (0..text.len()).map(|at| (at, at + 1)).collect() }
    }

    /// The bytes of the source that a span of the view came from.
    pub fn source(&self, span: Range<usize>) -> Range<usize> {
        let inside = self.origin.get(span).filter(|inside| !inside.is_empty());
        // Folding may put a mark before what it follows, hence the least and the greatest.
        inside.map_or(0..0, |inside| {
            let start = inside.iter().map(|origin| origin.0).min().unwrap_or(0);
            start..inside.iter().map(|origin| origin.1).max().unwrap_or(start)
        })
    }

    fn with_capacity(bytes: usize) -> View {
        View { text: String::with_capacity(bytes), origin: Vec::with_capacity(bytes) }
    }

    fn push(&mut self, decoded: &str, origin: (usize, usize)) {
        self.text.push_str(decoded);
        self.origin.resize(self.text.len(), origin);
    }

    /// Makes the way back go through `below`, whose text was the source of this view.
    fn through(mut self, below: &View) -> View {
        for origin in &mut self.origin {
            let span = below.source(origin.0..origin.1);
            *origin = (span.start, span.end);
        }
        self
    }
}

/// Decodes a path segment, a parameter name or a value of a target until it is stable.
///
/// The first round is strict, because a URL that is wrong itself is read differently by different servers; deeper
/// rounds take `%` without digits for a percent sign, which is what a value such as `50%25` means.
pub fn decode(raw: &str, part: Part) -> Result<Decoded<'_>, Fault> {
    if !raw.bytes().any(|byte| is_special(byte, part)) {
        return Ok(Decoded { text: Cow::Borrowed(raw), irregular: false });
    }
    let (mut text, irregular) = escapes::percent_strict(raw, part)?;
    let mut rounds = 1;
    while let Some(view) = escapes::once(&text, escapes::Percent::Checked)? {
        rounds += 1;
        if rounds > ROUNDS_MAX {
            return Err(Fault::Unsettled);
        }
        text = view.text;
    }
    if text.chars().any(is_refused) {
        return Err(Fault::Control);
    }
    Ok(Decoded { text: Cow::Owned(text), irregular })
}

/// Takes one layer off: what a form body means. Faults are those of [`decode`].
pub fn decode_once(raw: &str, part: Part) -> Result<String, Fault> {
    let (text, irregular) = escapes::percent_strict(raw, part)?;
    if irregular {
        return Err(Fault::BadPercent);
    }
    if text.chars().any(is_refused) { Err(Fault::Control) } else { Ok(text) }
}

/// The decoded and folded view of any text, for places where a bad encoding is no reason to refuse: what does not
/// decode stays as it is. `None` when the text is its own canonical view.
pub fn view(text: &str) -> Option<View> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'&' | b'\\') || byte >= 0x80) {
        return None;
    }
    let mut current: Option<View> = None;
    for _ in 0..ROUNDS_MAX {
        let source = current.as_ref().map_or(text, |view| view.text.as_str());
        let Ok(Some(next)) = escapes::once(source, escapes::Percent::Lenient) else { break };
        current = Some(match &current {
            Some(below) => next.through(below),
            None => next,
        });
    }
    let source = current.as_ref().map_or(text, |view| view.text.as_str());
    match (fold::folded(source), &current) {
        (Some(folded), Some(below)) => Some(folded.through(below)),
        (Some(folded), None) => Some(folded),
        (None, _) => current,
    }
}

fn is_special(byte: u8, part: Part) -> bool {
    match byte {
        b'%' | b'&' | b'\\' => true,
        b'+' => part == Part::Query,
        _ => !matches!(byte, 0x20..0x7F),
    }
}

/// Control characters and noncharacters have no business in a target.
fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FDD0}'..='\u{FDEF}') || (c as u32) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(raw: &str) -> Result<String, Fault> {
        decode(raw, Part::Query).map(|decoded| decoded.text.into_owned())
    }

    #[test]
    fn every_layer_comes_off() {
        for (raw, expected) in [
            ("plain", "plain"),
            ("Jane+Doe", "Jane Doe"),
            ("Jane%20Doe", "Jane Doe"),
            ("%4a%61%6E%65", "Jane"),
            ("%254aane", "Jane"),
            ("%25254aane", "Jane"),
            ("Jos%C3%A9", "José"),
            ("a%2Bb", "a+b"),
            ("50%25", "50%"),
            ("100%25+sure", "100% sure"),
            ("%26%23x4A;ane", "Jane"),
            ("%26%2374;ane", "Jane"),
            ("R%26amp;D", "R&D"),
            ("%5Cu004aane", "Jane"),
            ("%5Cx4aane", "Jane"),
            ("Patient%2Fabc", "Patient/abc"),
        ] {
            assert_eq!(query(raw), Ok(expected.to_string()), "{raw}");
        }
        assert_eq!(decode("a+b", Part::Path).map(|d| d.text.into_owned()), Ok("a+b".to_string()));
    }

    #[test]
    fn what_cannot_be_read_is_a_fault() {
        for (raw, expected) in [
            ("%zz", Fault::BadPercent),
            ("100%", Fault::BadPercent),
            ("%4", Fault::BadPercent),
            ("%C0%AE", Fault::BadUtf8),
            ("%E9", Fault::BadUtf8),
            ("%ED%A0%80", Fault::BadUtf8),
            ("%F5%80%80%80", Fault::BadUtf8),
            ("%25C0%25AE", Fault::BadUtf8),
            ("a%00b", Fault::Control),
            ("a%0Ab", Fault::Control),
            ("a%2500b", Fault::Control),
            ("a%C2%85b", Fault::Control),
            ("%2525252525254a", Fault::Unsettled),
        ] {
            assert_eq!(query(raw), Err(expected), "{raw}");
        }
    }

    #[test]
    fn percent_u_is_read_and_reported() {
        let decoded = decode("%u004aane", Part::Query).expect("decodable");
        assert_eq!(decoded.text, "Jane");
        assert!(decoded.irregular);
        assert_eq!(query("%u12"), Err(Fault::BadPercent));
    }

    #[test]
    fn spans_lead_back_through_every_layer() {
        for (source, needle, expected) in [
            ("q=%4a%61ne&x", "Jane", "%4a%61ne"),
            ("q=%254aane", "Jane", "%254aane"),
            ("<p>Jos&eacute; x", "José", "Jos&eacute;"),
            ("name \\u004aane!", "Jane", "\\u004aane"),
            ("tel ５１２ end", "512", "５１２"),
            ("Ja\u{200B}ne", "Jane", "Ja\u{200B}ne"),
            ("100% of Jane\u{2019}s", "Jane", "Jane"),
        ] {
            let view = view(source).unwrap_or_else(|| View::plain(source));
            let at = view.text.find(needle).unwrap_or_else(|| panic!("{source}: {}", view.text));
            assert_eq!(&source[view.source(at..at + needle.len())], expected, "{source}");
        }
        assert_eq!(view("nothing encoded here"), None);
    }
}
