//! Keys too short to say anything alone: `fn` and `ln` are a function and a line as often as a given and a family name,
//! `cp` copies, `bd` is twice a day. Beside something found of a person, and before a value of the right shape, they
//! are what forms, exports and directories mean by them.
//!
//! Looks around findings only, in the raw text of any format, so a text without a finding costs nothing.

use std::ops::Range;

use super::{Edit, Form, PLACEHOLDER_HEAD, is_inside_placeholder, is_taken, rows};
use crate::phi::{class::Class, names};

/// Findings of one text that are looked around, and how far.
const ANCHORS_MAX: usize = 32;
const REACH_BYTES: usize = 160;
/// No short key is longer, and no value of one.
const KEY_BYTES_MAX: usize = 5;
const VALUE_BYTES_MAX: usize = 48;

/// What a short key means beside a person.
fn meaning(key: &str) -> Option<Class> {
    // In Turkish `ad` is a name, and an advertisement nowhere beside a person.
    const NAMES: [&str; 7] = ["fn", "ln", "gn", "mn", "ad", "nname", "vname"];
    const BORN: [&str; 3] = ["bd", "dn", "fdn"];
    const PLACES: [&str; 2] = ["cp", "pc"];
    const PHONES: [&str; 3] = ["ph", "tf", "mob"];
    let is = |keys: &[&str]| keys.iter().any(|known| key.eq_ignore_ascii_case(known));
    [
        (NAMES.as_slice(), Class::Name),
        (BORN.as_slice(), Class::Date),
        (PLACES.as_slice(), Class::Geo),
        (PHONES.as_slice(), Class::Phone),
    ]
    .into_iter()
    .find(|(keys, _)| is(keys))
    .map(|(_, class)| class)
}

/// Values of short keys near what was found of a person.
pub(crate) fn short_keys(text: &str, edits: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut read = 0;
    let persons = edits.iter().filter(|edit| is_of_person(edit.class));
    let mut anchors: Vec<Range<usize>> = persons.take(ANCHORS_MAX).map(|edit| edit.span.clone()).collect();
    anchors.sort_by_key(|span| span.start);
    for anchor in anchors {
        let from = anchor.start.saturating_sub(REACH_BYTES).max(read);
        let to = (anchor.end + REACH_BYTES).min(bytes.len());
        let window = bytes.get(from..to).unwrap_or_default();
        for at in memchr::memchr3_iter(b'=', b':', b'>', window) {
            found.extend(short_pair(text, from + at));
        }
        read = read.max(to);
    }
    found.retain(|edit| !is_taken(edits, &edit.span) && !is_inside_placeholder(text, &edit.span));
    edits.extend(found);
}

/// Found of a client or of a caller's credentials, a value says nothing of a person beside it.
fn is_of_person(class: Class) -> bool {
    !matches!(class, Class::Ip | Class::ApiKey | Class::Url | Class::Clinical | Class::Device)
}

/// The value behind `sign` if a short key stands before it and it is of the shape that the key asks for.
fn short_pair(text: &str, sign: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let layout = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b' ');
    let mut end = sign;
    while end > 0 && sign - end < 6 && layout(bytes[end - 1]) {
        end -= 1;
    }
    let len =
        bytes[..end].iter().rev().take(KEY_BYTES_MAX + 1).take_while(|b| b.is_ascii_alphabetic()).count();
    if !(2..=KEY_BYTES_MAX).contains(&len) {
        return None;
    }
    let start = end - len;
    let class = meaning(&text[start..end]).filter(|_| {
        // `X-Fn`, `my_cp`, `a.fn(x)`: the end of another word. `<pat:gn>` and `</gn>` are elements.
        let before = text[..start].chars().next_back();
        let element = bytes[sign] == b'>';
        match before {
            Some('<') => element,
            // `:cp=>` is a symbol of Ruby.
            Some(':') => !element || text[..start].rfind('<').is_some_and(|open| start - open < 24),
            Some(c) => !(element || c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$')),
            None => !element,
        }
    })?;
    // `=> `, `: `, `="`
    let mut from = sign + 1;
    while from < bytes.len()
        && from - sign < 8
        && matches!(bytes[from], b'>' | b' ' | b'"' | b'\'' | b'\\' | b'=')
    {
        from += 1;
    }
    if from >= bytes.len() || text[from..].starts_with(PLACEHOLDER_HEAD) {
        return None;
    }
    let quoted = bytes[sign + 1..from].iter().any(|byte| matches!(byte, b'"' | b'\''));
    let rest = &text[from..text.floor_char_boundary((from + VALUE_BYTES_MAX).min(text.len()))];
    let ends = |c: char| {
        matches!(c, '"' | '\\' | '<' | '&' | ',' | ';' | '|' | ')' | ']' | '}' | '\n' | '\r' | '\t')
    };
    let len =
        rest.find(|c: char| ends(c) || c == ' ' && !quoted && bytes[sign] != b'>').unwrap_or(rest.len());
    let value = rest[..len].trim_end_matches(['\'', ' ']);
    if !fits(class, value) {
        return None;
    }
    let edit = Edit::likely(from..from + value.len(), class, "key.short");
    // A number of JSON; inside a string of JSON the quote of its key says how deep.
    let key_quote = bytes.get(end) == Some(&b'"') || bytes.get(end) == Some(&b'\\');
    if !quoted && key_quote && bytes[sign] == b':' {
        let backslashes = bytes[end..].iter().take_while(|byte| **byte == b'\\').count();
        return Some(Edit { form: Form::Quoted((backslashes + 1).ilog2() as u8), ..edit });
    }
    Some(edit)
}

/// Is the value of the shape that a key of this class asks for?
fn fits(class: Class, value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let only = |signs: &[u8]| value.bytes().all(|byte| byte.is_ascii_digit() || signs.contains(&byte));
    match class {
        Class::Name => {
            value.starts_with(char::is_uppercase)
                && rows::is_name(value, false)
                && value.split(' ').all(names::may_be_part)
        }
        // `19440727`, `27/07/1944`, `27.7.44`
        Class::Date => {
            let parts = value.split(['/', '-', '.']).count();
            let whole = digits == 8 && parts == 1 && is_day(value);
            only(b"/-.") && (whole || parts == 3 && (4..=8).contains(&digits))
        }
        // `38700`, `1200-109`
        Class::Geo => only(b"-") && (4..=7).contains(&digits) && value.len() <= 8,
        Class::Phone => only(b" -+().") && (7..=15).contains(&digits),
        _ => false,
    }
}

/// `19440727` or `27071944`.
fn is_day(digits: &str) -> bool {
    let part = |range: Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day = |year, month, day| {
        (1880..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    day(part(0..4), part(4..6), part(6..8))
        || day(part(4..8), part(2..4), part(0..2))
        || day(part(4..8), part(0..2), part(2..4))
}
