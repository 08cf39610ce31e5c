//! Names that what stands beside them gives away: an age, a day in the name of a file, a thing somebody owns, a name they are
//! called by.
//!
//! Owns these signs; which words may be names is for `names` to say.

use std::ops::Range;

use super::Edit;
use crate::phi::{class::Class, names};

/// No name is longer.
const NAME_BYTES_MAX: usize = 48;

/// `68M`, `81 F,`: years and a letter for the sex.
pub(super) fn opens_age(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let letter = digits + usize::from(bytes.get(digits) == Some(&b' '));
    digits >= 1
        && matches!(bytes.get(letter), Some(b'M' | b'F'))
        && matches!(bytes.get(letter + 1), None | Some(b',' | b'.' | b';' | b')' | b'"'))
}

/// `transfer for will young, 68M`: two names before an age, also where they are words and in small letters.
pub(super) fn aged(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for comma in memchr::memchr_iter(b',', bytes).filter(|at| bytes.get(at + 1) == Some(&b' ')).take(512) {
        if !opens_age(&bytes[comma + 2..]) {
            continue;
        }
        let floor = text.ceil_char_boundary(comma.saturating_sub(NAME_BYTES_MAX));
        let mut words = text[floor..comma].rsplit(' ');
        let (Some(family), Some(given)) = (words.next(), words.next()) else { continue };
        let name = [family, given].iter().all(|word| {
            word.chars().count() >= 2
                && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
                && names::is_listed(word)
        });
        // `temp in paris france, 68F`, `memory will grow, 68M`: small letters need one who is moved, called or seen.
        let led = given.starts_with(char::is_uppercase)
            || words.next().is_some_and(|word| {
                matches!(word, "for" | "patient" | "pt" | "with" | "seen" | "called" | "of")
            });
        if name && led {
            out.push(Edit::likely(comma - family.len() - given.len() - 1..comma, Class::Name, "name.aged"));
        }
    }
}

/// `/uploads/keahi-makoa-1990-12-05.jpg`: the words before somebody's day in the name of a file, if they may be a name.
pub(super) fn named_in_file(text: &str, day: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..day.start].strip_suffix(['-', '_'])?;
    let floor = before.ceil_char_boundary(before.len().saturating_sub(NAME_BYTES_MAX));
    let start = floor + before[floor..].rfind('/')? + 1;
    let digits = text.as_bytes()[day.clone()].iter().filter(|byte| byte.is_ascii_digit()).count();
    (digits >= 6 && names::is_unlisted_slug(&before[start..])).then_some(start..before.len())
}

/// `Kwabena's iPhone`: a name of one's own for a device.
pub(super) fn owners(text: &str, out: &mut Vec<Edit>) {
    const DEVICES: [&str; 9] =
        ["iPhone", "iPad", "iMac", "MacBook", "Mac", "Apple Watch", "Galaxy", "Pixel", "Android"];
    for sign in ["'s ", "\u{2019}s "] {
        for at in memchr::memmem::find_iter(text.as_bytes(), sign.as_bytes()).take(64) {
            let rest = &text[at + sign.len()..];
            let floor = text.ceil_char_boundary(at.saturating_sub(NAME_BYTES_MAX));
            let word =
                text[floor..at].rsplit(|c: char| !(c.is_alphabetic() || c == '-')).next().unwrap_or("");
            let owned = DEVICES.iter().any(|device| {
                rest.strip_prefix(device).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
            });
            if owned && word.starts_with(char::is_uppercase) && names::is_listed(word) {
                out.push(Edit::likely(at - word.len()..at, Class::Name, "name.owner"));
            }
        }
    }
}

/// `Mrs. Hodgkin (Agnes)`: in brackets behind a name that was found since `first`, what else they are called.
pub(super) fn called(text: &str, first: usize, out: &mut Vec<Edit>) {
    for index in first..out.len() {
        let edit = &out[index];
        let Some(rest) = text.get(edit.span.end..).filter(|_| edit.class == Class::Name) else { continue };
        let Some(inner) = rest.strip_prefix(" (") else { continue };
        let word =
            inner.split(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\''))).next().unwrap_or("");
        let name = word.starts_with(char::is_uppercase)
            && word.chars().nth(1).is_some_and(char::is_lowercase)
            && inner[word.len()..].starts_with(')')
            && word.len() <= NAME_BYTES_MAX
            && names::is_distinctive(word)
            && names::is_listed(word);
        if name {
            let start = edit.span.end + " (".len();
            out.push(Edit::likely(start..start + word.len(), Class::Name, "name.called"));
        }
    }
}
