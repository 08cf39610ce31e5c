//! Where the value of a pair begins and ends: in quotes, in brackets, inside a debug dump, or bare.
//!
//! Does not judge values; how far a bare one of a class goes on is in `grow`.

use std::ops::Range;

use super::{
    BARE_BYTES_MAX,
    grow::{grow, is_month},
};
use crate::phi::{
    class::Class,
    structure::{PLACEHOLDER_HEAD, words},
    work,
};

/// Longest bracketed value.
const BRACKET_BYTES_MAX: usize = 1024;

/// Past the rest of the separator (`=>`, `==`, `:=`) and spaces.
pub(super) fn value_start(bytes: &[u8], separator: usize) -> usize {
    let mut at = separator + 1;
    while at < bytes.len() && at < separator + 3 && matches!(bytes[at], b'>' | b'=' | b'~') {
        at += 1;
    }
    // PHP breaks the line behind an arrow.
    let arrow = bytes[..at].ends_with(b"=>");
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t') || arrow && matches!(byte, b'\n' | b'\r');
    let spaces = bytes[at..].iter().take(24).take_while(blank).count();
    at + spaces
}

/// The inside of a quoted value that begins at `at`: plain, escaped (`\"…\"`) or typographic quotes, and the string
/// prefixes of Python and SQL. A string that never closes runs to the end of the line.
pub(in crate::phi::structure) fn quoted_value(text: &str, at: usize) -> Option<Range<usize>> {
    let value = quoted_at(text, at);
    work::add(value.as_ref().map_or(1, |value| value.end.saturating_sub(at)));
    value
}

fn quoted_at(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut open = at;
    if matches!(bytes.get(open)?, b'b' | b'u' | b'r' | b'f' | b'N' | b'E')
        && matches!(bytes.get(open + 1), Some(b'"' | b'\''))
    {
        open += 1;
    }
    if text[open..].starts_with('“') {
        let start = open + '“'.len_utf8();
        let end = text[start..].find('”').map_or(text.len(), |len| start + len);
        return Some(start..end);
    }
    let escaped = bytes[open] == b'\\';
    let quote = *bytes.get(open + usize::from(escaped))?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let start = open + 1 + usize::from(escaped);
    let mut from = start;
    while let Some(found) = memchr::memchr3(quote, b'\\', b'\n', &bytes[from.min(bytes.len())..]) {
        let found = from + found;
        match bytes[found] {
            b'\n' => return Some(start..found),
            b'\\' if escaped && bytes.get(found + 1) == Some(&quote) => return Some(start..found),
            b'\\' => from = found + 2,
            // SQL doubles a quote; an apostrophe inside a word is no end.
            _ if quote == b'\'' && bytes.get(found + 1) == Some(&b'\'') && found > start => from = found + 2,
            _ if quote == b'\''
                && bytes.get(found + 1).is_some_and(|byte| byte.is_ascii_alphabetic())
                && found > start
                && bytes[found - 1].is_ascii_alphabetic() =>
            {
                from = found + 1;
            }
            _ => return Some(start..found),
        }
    }
    Some(start..text.len())
}

/// A value in brackets, with or without a constructor before them: the whole and the inside.
pub(super) fn bracketed(text: &str, at: usize, class: Class) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let head = bytes[at..]
        .iter()
        .take(40)
        .enumerate()
        .take_while(|(index, byte)| {
            byte.is_ascii_alphabetic()
                || matches!(byte, b'_' | b'.')
                || *index < 2 && matches!(byte, b'&' | b'*' | b'#' | b'<')
        })
        .count();
    let head = if bytes[at..].starts_with(b"new ") {
        4 + bytes[at + 4..].iter().take(40).take_while(|byte| byte.is_ascii_alphabetic()).count()
    } else {
        head
    };
    let open = at + head;
    let (opener, closer) = match bytes.get(open)? {
        b'[' => (b'[', b']'),
        b'{' => (b'{', b'}'),
        b'<' if head == 0 => (b'<', b'>'),
        // A telephone number may begin with its area code.
        b'(' if !(head == 0 && matches!(class, Class::Phone | Class::Fax)) => (b'(', b')'),
        _ => return None,
    };
    if bytes[open..].starts_with(PLACEHOLDER_HEAD.as_bytes()) || is_sized_type(&text[at..]) {
        return None;
    }
    let mut level = 0;
    for (offset, byte) in bytes[open..].iter().enumerate().take(BRACKET_BYTES_MAX) {
        if *byte == opener {
            level += 1;
        } else if *byte == closer {
            level -= 1;
            if level == 0 {
                let close = open + offset;
                return Some((at..close + 1, open + 1..close));
            }
        } else if *byte == b'\n' && opener == b'(' {
            return None;
        }
    }
    None
}

/// The text holds keys of its own.
pub(super) fn has_pairs(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'=', b':', bytes).any(|at| {
        at > 0
            && (bytes[at - 1].is_ascii_alphabetic()
                || matches!(bytes[at - 1], b'"' | b'\'' | b'_' | b'>' | b'=' | b' '))
            && !bytes[at + 1..].starts_with(b"//")
    })
}

/// The elements of a list, without their quotes.
pub(super) fn elements(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = list.start;
    while at < list.end && found.len() < 256 {
        let rest = &text[at..list.end];
        let lead = rest.len() - rest.trim_start_matches([' ', ',', '\n', '\r', '\t', '[', '(', '%']).len();
        at += lead;
        if at >= list.end {
            break;
        }
        if let Some(inner) = quoted_value(&text[..list.end], at) {
            at = inner.end + 1;
            while at < list.end && !text.is_char_boundary(at) {
                at += 1;
            }
            found.push(inner);
        } else {
            let end = text[at..list.end].find([',', '\n']).map_or(list.end, |len| at + len);
            found.push(at..at + text[at..end].trim_end_matches([' ', ']', ')', '%']).len());
            at = end;
        }
    }
    found
}

/// The end of a value without quotes. `None` if what stands there is no value but the beginning of a sentence.
pub(super) fn bare_end(text: &str, key: usize, value: usize, class: Class) -> Option<usize> {
    let window = text.floor_char_boundary((value + BARE_BYTES_MAX).min(text.len()));
    let line = &text[value..window];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let clause = &line[..line.find([';', '{']).unwrap_or(line.len())];
    let first = clause.split([' ', ',', ')', '}', ']', '"', '\'']).next().unwrap_or("");
    if words::is_bind(first) || is_same_field(text, key, first) || is_sized_type(clause) {
        return None;
    }
    // `PatientID=0071822 matches 2`: a sentence does not begin with a long number.
    let counted = first.bytes().filter(u8::is_ascii_digit).count() < 5;
    // `on field 'fodselsnummer': rejected value [170…]`
    let verdict = ["rejected value", "invalid value", "bad value", "received", "expected "];
    if verdict.iter().any(|opening| clause.starts_with(opening)) {
        return None;
    }
    if first.is_empty() || words::is_type_word(first) || counted && words::is_message(clause) {
        return None;
    }
    let rest = &clause[first.len()..];
    let alone = class == Class::Name && rest.strip_prefix(' ').is_none_or(super::opens_a_pair);
    let titled = alone && words::is_titled_name(first);
    if class != Class::Geo && words::is_common(first) && !titled && !(class == Class::Date && is_month(first))
    {
        return None;
    }
    // Inside the brackets of a debug dump a value runs to the next key or the closing bracket.
    let opens = text[..key].trim_end_matches([' ', '@', ':', '"', '\'']).as_bytes().last();
    if matches!(opens, Some(b'{' | b'(' | b'[' | b',' | b'<'))
        && let Some(len) = dump_value_len(line)
    {
        return (len > 0).then_some(value + len);
    }
    // A header of credentials: the scheme goes with them, and cookies go whole.
    if class == Class::ApiKey && is_cookie(&text[key..value]) {
        // `Set-Cookie: session=; Path=/`: a cookie that is taken away.
        let set = text[key..value].to_ascii_lowercase().starts_with("set-");
        let mut cookies = line.split(';').take(if set { 1 } else { 64 });
        if cookies.all(|cookie| cookie.trim().is_empty() || cookie.trim_end().ends_with('=')) {
            return None;
        }
        return Some(value + line.find(['"', '\'']).unwrap_or(line.len()));
    }
    let len = grow(line, class);
    (len > 0).then_some(value + len)
}

/// `family=family` in source code: a variable that bears the name of its field.
fn is_same_field(text: &str, key: usize, value: &str) -> bool {
    let key = &text[key..];
    value.len() >= 2
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && key.get(..value.len()).is_some_and(|head| head.eq_ignore_ascii_case(value))
        && key[value.len()..].starts_with(['=', ':', ' '])
}

/// `varchar(20)`, `string(11)`: a type and its size.
fn is_sized_type(rest: &str) -> bool {
    const TYPES: [&str; 8] = ["string", "varchar", "nvarchar", "char", "text", "int", "numeric", "decimal"];
    rest.split_once('(').is_some_and(|(name, size)| {
        let digits = size.bytes().take(8).take_while(|byte| byte.is_ascii_digit() || *byte == b',').count();
        TYPES.iter().any(|known| name.eq_ignore_ascii_case(known))
            && (1..=5).contains(&digits)
            && size[digits..].starts_with(')')
            && !size[digits..].starts_with(") \"")
    })
}

/// The length of `string(5) ` before a quoted value.
pub(super) fn typed_len(rest: &str) -> usize {
    let Some(inner) = rest.strip_prefix("string(") else { return 0 };
    let digits = inner.bytes().take(8).take_while(u8::is_ascii_digit).count();
    if digits > 0 && inner[digits..].starts_with(") \"") { "string(".len() + digits + 2 } else { 0 }
}

fn is_cookie(key: &str) -> bool {
    let key = key.trim_end_matches([' ', ':', '=']);
    key.len() >= 6
        && key.is_char_boundary(key.len() - 6)
        && key[key.len() - 6..].eq_ignore_ascii_case("cookie")
}

/// The length of a value inside a debug dump, if the dump goes on or closes on this line.
fn dump_value_len(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut level = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            // `[name] => Yewande Bello [dob] => …`, as PHP prints an array.
            b'[' if level == 0
                && line[at..].find(']').is_some_and(|close| line[at + close..].starts_with("] => ")) =>
            {
                return Some(line[..at].trim_end().len());
            }
            b'(' | b'[' | b'{' => level += 1,
            b')' | b']' | b'}' | b'>' => {
                if level == 0 {
                    return Some(line[..at].trim_end().len());
                }
                level -= 1;
            }
            b'"' | b'\'' if at == 0 => return None,
            b',' | b';' | b' ' if level == 0 && key_follows(&line[at + 1..]) => {
                return Some(line[..at].trim_end_matches([' ', ',']).len());
            }
            _ => {}
        }
    }
    None
}

/// A key and its separator stand next.
pub(super) fn key_follows(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '@', ':', '"', '\'']);
    let len = rest
        .bytes()
        .take(40)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'#'))
        .count();
    let after = rest[len..].trim_start_matches(['"', '\'']);
    let after = if after.starts_with(" =") { &after[1..] } else { after };
    len > 0
        && rest.as_bytes()[0].is_ascii_alphabetic()
        && (after.starts_with('=') || after.starts_with(':') && !after.starts_with("://"))
}
