//! Web addresses that a cue calls somebody's own: a photograph, a profile, a personal page.
//!
//! An address says nothing by itself: documentation, code systems and API hosts fill every error. What its path and
//! query hold is judged by the other rules.

use super::LINK_CUED;
use crate::phi::class::Class;
use crate::phi::scan::Scan;

/// How many words may stand between the cue and the address: `photo at`, `avatar image for`.
const WORDS_MAX: usize = 3;
const BYTES_MAX: usize = 2048;

/// `photo at https://...`: proposed at the scheme.
pub(in crate::phi) fn web(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !matches!(token.len(), 4 | 5)
        || scan.byte(token.end()) != b':'
        || !matches!(scan.slice(token), b"http" | b"https")
        || scan.bytes.get(token.end()..token.end() + 3) != Some(b"://")
    {
        return false;
    }
    let start = token.start();
    let rest = &scan.bytes[start..scan.bytes.len().min(start + BYTES_MAX)];
    let width = rest
        .iter()
        .take_while(|b| {
            !b.is_ascii_whitespace()
                && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'\\' | b'`' | b',')
        })
        .count();
    let width = rest[..width].iter().rposition(|b| !matches!(b, b'.' | b';' | b':')).map_or(width, |p| p + 1);
    let mut j = i;
    while j > 0 && i - j < WORDS_MAX {
        let gap = &scan.bytes[scan.tok(j - 1).end()..scan.tok(j).start()];
        if gap.len() > 4 || gap.iter().any(|b| matches!(b, b'\n' | b';' | b'.' | b',' | b'{' | b'}')) {
            return false;
        }
        j -= 1;
        let Some(cue) = scan.cue_ending(j) else { continue };
        let class = match cue.says {
            crate::phi::cues::Says::Phi(class @ (Class::Photo | Class::Url)) => class,
            crate::phi::cues::Says::Phi(_) => return false,
            _ => continue,
        };
        let context =
            crate::phi::scan::Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: true };
        let class = if class == Class::Photo { Class::Url } else { class };
        let mut end = start + width;
        while !scan.text.is_char_boundary(end) {
            end -= 1;
        }
        scan.add_cued(&LINK_CUED, class, context, start..end);
        return true;
    }
    false
}
