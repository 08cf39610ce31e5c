//! What stands between a key and its value besides `=` and `:`, and values behind it: `firstName -> "Noor"`,
//! `[lastName, Haddad]`, `city(Wexmoor)`, `family eq 'Haddad'`, `birthDate | 1984-03-12`, `s:4:"city";s:4:"Graz";`.
//!
//! Such a sign says less than `=` does, so the value has to look like one of its class and must be no key itself: a
//! list of columns is no record.

use std::ops::Range;

use super::extent::{floor, quoted};
use super::judge::is_slot;
use crate::phi::class::Class;
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::list::List;
use crate::phi::protect;
use crate::phi::scan::Scan;

/// Where a value begins, and the sign that ends it, if it is in brackets.
pub(super) struct Glue {
    value: usize,
    closer: Option<u8>,
    /// An operator of a query language: only a quoted value follows.
    operator: bool,
}

const BARE_BYTES_MAX: usize = 80;
/// Blanks between the name of a column and the bar or colon after it.
const BLANKS_MAX: usize = 40;

/// Comparisons of query languages, with the blanks around them.
const OPERATORS: [&[u8]; 17] = [
    b" eq ",
    b" ne ",
    b" co ",
    b" sw ",
    b" ew ",
    b" in ",
    b" IN ",
    b" like ",
    b" LIKE ",
    b" ilike ",
    b" ILIKE ",
    b" contains ",
    b" equals ",
    b" <> ",
    b" != ",
    b" = ",
    b" is ",
];

/// Those of letters.
static WORDS: List<13> = List::new([
    "eq", "ne", "co", "sw", "ew", "in", "IN", "like", "LIKE", "ilike", "ILIKE", "contains", "equals",
]);
const OPERATOR_BYTES_MAX: usize = 8;

/// Cheap: may a sign of the kind stand after a token that ends at `end`?
pub(super) fn may_follow(bytes: &[u8], end: usize) -> bool {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    match at(end) {
        b'(' | b'[' | b'{' | b'<' | b'\t' => true,
        b'\n' => at(end + 1) == b'[',
        b',' | b')' | b'"' | b'\'' | b']' | b'`' | b'|' => true,
        b' ' => match at(end + 1) {
            b'-' | b'=' | b'|' | b'(' | b'"' | b'[' | b':' | b'.' | b' ' | b'<' | b'!' | 0xE2 => true,
            b'e' | b'n' | b'c' | b's' | b'l' | b'L' | b'i' | b'I' => {
                let word = &bytes[end + 1..bytes.len().min(end + 2 + OPERATOR_BYTES_MAX)];
                let len = memchr::memchr(b' ', word).unwrap_or(0);
                len > 0 && (WORDS.has_exactly(&word[..len]) || bytes[end..].starts_with(b" changed from "))
            }
            _ => false,
        },
        b'-' => at(end + 1) == b'>',
        0xE2 => true,
        _ => false,
    }
}

/// Reads the sign after a key whose token is `key`.
pub(super) fn after(bytes: &[u8], key: Range<usize>) -> Option<Glue> {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let glue = |value| Some(Glue { value, closer: None, operator: false });
    let mut i = key.end;
    while i < key.end + 3 && matches!(at(i), b'"' | b'\'' | b'\\' | b'`' | b']') {
        i += 1;
    }
    let quoted = i > key.end && at(i - 1) != b']';
    if quoted && (at(i) == b',' || bytes[i..].starts_with(b";s:")) {
        return pair(bytes, i).and_then(glue);
    }
    if !quoted && i == key.end && !bytes[i..].starts_with(b"() ") {
        if at(i) == b',' {
            return element(bytes, key);
        }
        if let Some(closer) = closer(bytes, i) {
            let value = i + 1 + usize::from(at(i) == b' ');
            return Some(Glue { value, closer: Some(closer), operator: false });
        }
    }
    if at(i) == b')' && at(i + 1) == b' ' {
        i += 1;
    }
    // `getFirstName() returned "Obiageli"`
    if bytes[i..].starts_with(b"() ") {
        i += 2;
        if let Some(sign) = [b" returned ".as_slice(), b" returns ", b" = ", b" => ", b" -> "]
            .iter()
            .find(|sign| bytes[i..].starts_with(sign))
        {
            return glue(i + sign.len());
        }
    }
    // `address.city "Sydney"`: a path names a field.
    if bytes[i..].starts_with(b" \"") && i == key.end && key.start > 0 && bytes[key.start - 1] == b'.' {
        return glue(i + 1);
    }
    if at(i) == b'\n' && bytes[i..].starts_with(b"\n[1] ") {
        return glue(i + 5);
    }
    if at(i) == b' '
        && matches!(at(i + 1), b'c' | b'e' | b'i' | b'I' | b'l' | b'L' | b'n' | b's' | b'<' | b'!' | b'=')
        && let Some(operator) = OPERATORS.iter().find(|operator| bytes[i..].starts_with(operator))
    {
        return Some(Glue { value: i + operator.len(), closer: None, operator: true });
    }
    if let Some(rest) = bytes[i..].strip_prefix(b" changed from ") {
        return glue(past_nothing(bytes, bytes.len() - rest.len()));
    }
    spaced(bytes, i).and_then(glue)
}

/// Where the value begins behind a key in quotes that ends at `end`: `"city", "Graz"`, `s:4:"city";s:4:"Graz";`
fn pair(bytes: &[u8], end: usize) -> Option<usize> {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    match bytes[end..].strip_prefix(b";s:") {
        Some(rest) => {
            let digits = rest.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
            (digits > 0 && rest[digits..].starts_with(b":")).then_some(end + 4 + digits)
        }
        None => {
            let value = end + 1 + usize::from(at(end + 1) == b' ');
            matches!(at(value), b'"' | b'\'').then_some(value)
        }
    }
}

/// `[lastName, Haddad]`: a pair of a dictionary.
fn element(bytes: &[u8], key: Range<usize>) -> Option<Glue> {
    // `(GIVEN_NAME, Olena)`: a part of the key may stand before the token.
    let joined = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let start = key.start - bytes[..key.start].iter().rev().take(32).take_while(joined).count();
    let closer = match bytes[..start].last()? {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        _ => return None,
    };
    let value = key.end + 1 + usize::from(bytes.get(key.end + 1) == Some(&b' '));
    Some(Glue { value, closer: Some(closer), operator: false })
}

/// What closes the bracket that opens behind a key.
fn closer(bytes: &[u8], end: usize) -> Option<u8> {
    match bytes.get(end..)? {
        [b'(', ..] | [b' ', b'(', ..] => Some(b')'),
        [b'[', ..] => Some(b']'),
        // `validation failed for Nachname [Etxeberria]`
        [b' ', b'[', rest @ ..] if rest.first() != Some(&b'R') => Some(b']'),
        [b'{', ..] => Some(b'}'),
        [b'<', ..] => Some(b'>'),
        _ => None,
    }
}

/// Where the value begins behind blanks, an arrow or a bar.
fn spaced(bytes: &[u8], i: usize) -> Option<usize> {
    const SIGNS: [&[u8]; 6] = [b"->", b"=>", b"\xE2\x86\x92", b"\xE2\x87\x92", b":=", b"|"];
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let blanks = bytes[i..].iter().take(BLANKS_MAX).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let tab = bytes[i..i + blanks].contains(&b'\t');
    let j = i + blanks;
    // `|familyName|Thibodeaux|`: without blanks only words, since segments of HL7 have bars too.
    let barred = |sign: &[u8]| {
        sign != b"|" || blanks > 0 || at(j + 2).is_ascii_lowercase() && at(j + 1).is_ascii_uppercase()
    };
    if let Some(sign) = SIGNS.iter().find(|sign| bytes[j..].starts_with(sign)).filter(|sign| barred(sign)) {
        let spaces = bytes[j + sign.len()..].iter().take(BLANKS_MAX).take_while(|b| **b == b' ').count();
        return Some(j + sign.len() + spaces);
    }
    if blanks == 1 && bytes[j..].starts_with(b". \"") {
        return Some(j + 2);
    }
    // `LastName          : Haddad`, a listing in columns.
    if blanks >= 2 && at(j) == b':' && at(j + 1) == b' ' {
        return Some(j + 2);
    }
    (tab || blanks >= 2).then_some(j)
}

/// `null → "Leilani"`, `'' to 'Adaeze'`: there was no value before this one.
pub(super) fn past_nothing(bytes: &[u8], at: usize) -> usize {
    const NOTHING: [&[u8]; 8] = [b"null", b"nil", b"None", b"NULL", b"''", b"\"\"", b"undefined", b"(empty)"];
    const SIGNS: [&[u8]; 4] = [b" to ", b" -> ", b" => ", b" \xE2\x86\x92 "];
    let rest = bytes.get(at..).unwrap_or_default();
    if !matches!(rest.first(), Some(b'n' | b'N' | b'u' | b'(' | b'\'' | b'"')) {
        return at;
    }
    let nothing = NOTHING.iter().find(|word| rest.starts_with(word)).map_or(0, |word| word.len());
    let sign = SIGNS.iter().find(|sign| nothing > 0 && rest[nothing..].starts_with(sign));
    sign.map_or(at, |sign| at + nothing + sign.len())
}

impl Glue {
    /// The value behind the sign, if what stands there looks like one of `class`.
    pub(super) fn value(&self, scan: &Scan<'_>, class: Class) -> Option<Range<usize>> {
        let start = unwrapped(scan.bytes, self.value);
        if let Some(value) = quoted(scan.bytes, start) {
            let inner = scan.text.get(value.clone())?.trim_matches('%');
            return is_value(class, inner, true).then_some(value);
        }
        if self.operator || matches!(class, Class::ApiKey) {
            return None;
        }
        let limit = floor(scan.text, scan.bytes.len().min(self.value + BARE_BYTES_MAX));
        let line = scan.text.get(self.value..limit)?;
        let len = match self.closer {
            Some(closer) => line.bytes().position(|b| b == closer || b == b'\n')?,
            None => bare_len(line, class),
        };
        let value = line.get(..len)?.trim_end();
        // `(Noor => Nour)`: both are values.
        let sides = [" => ", " -> ", " to "].iter().find_map(|sign| value.split_once(sign));
        let fits = match sides {
            Some((old, new)) => is_value(class, old, false) || is_value(class, new, false),
            None => is_value(class, value, false),
        };
        fits.then(|| self.value..self.value + value.len())
    }
}

/// Steps over what wraps a quoted value: `Just "`, `(string) (len=4) "`, `lower('`, `{ $eq: "`, `<<"`, `N'`.
pub(in crate::phi) fn unwrapped(bytes: &[u8], at: usize) -> usize {
    const WRAPPERS: [&[u8]; 6] = [b"Just ", b"N", b"E", b"Some ", b"Ok ", b"@"];
    let rest = &bytes[at.min(bytes.len())..];
    let width = rest
        .iter()
        .take(32)
        .take_while(|b| {
            b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'_' | b'$' | b'(' | b')' | b'{' | b'[' | b'<' | b' ' | b'=' | b':' | b'%' | b'@'
                )
        })
        .count();
    let head = &rest[..width];
    let opens = head.iter().any(|b| matches!(b, b'(' | b'{' | b'[' | b'<')) || WRAPPERS.contains(&head);
    let quote = matches!(rest.get(width), Some(b'"' | b'\''));
    if width > 0 && opens && quote && !head.ends_with(b": ") || quote && head.ends_with(b"$eq: ") {
        at + width
    } else {
        at
    }
}

/// How much of a line is a bare value: up to a separator, or to two blanks.
fn bare_len(line: &str, class: Class) -> usize {
    let end = line
        .find(['\n', '\r', '\t', ',', ';', '|', ')', ']', '}', '{', '[', '<', '>', '"', '=', ':'])
        .unwrap_or(line.len());
    let line = &line[..end];
    // `familyName -> Tanaka (score 0.93)`
    let aside = line.find(" (").filter(|_| class == Class::Name);
    aside.or_else(|| line.find("  ")).unwrap_or(line.len())
}

/// Could this be a value of the class, rather than a key, a type or a word of a validator?
fn is_value(class: Class, value: &str, quoted: bool) -> bool {
    let value = value.trim();
    if value.is_empty()
        || value.starts_with("[REDACTED:")
        || value.starts_with("REDACTED:")
        || is_slot(value)
        || protect::is_vocabulary(value)
        || !matches!(key_class(value), KeyClass::Unknown)
    {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let capital = value.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_ascii());
    let words = || value.split([' ', ',']).filter(|word| !word.is_empty());
    let plain = |more: &[char]| {
        value.chars().all(|c| c.is_alphanumeric() || " -'.,\u{2019}".contains(c) || more.contains(&c))
    };
    match class {
        Class::Name => {
            digits == 0
                && (capital || quoted && value.starts_with(char::is_alphabetic))
                && plain(&[])
                && words().count() <= 5
                && !crate::phi::names::is_compound_word(value)
                && !words().any(crate::phi::structure::words::is_common)
                && !is_type(value)
        }
        Class::Geo => {
            let zip = digits >= 4 && digits == value.len();
            (capital && value.len() >= 3 || zip || digits > 0 && value.contains(' '))
                && plain(&['#', '/', '(', ')'])
                && words().count() <= 9
                && !words().all(crate::phi::structure::words::is_common)
                && !is_type(value)
        }
        Class::Email => value.contains('@'),
        Class::Date => digits >= 5 && value.len() <= 40,
        Class::Phone | Class::Fax => digits >= 7 && value.len() <= 32,
        Class::Ip => {
            value.parse::<std::net::IpAddr>().is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
        }
        Class::ApiKey => quoted && digits >= 2 && value.len() >= 6 && !value.contains(' '),
        Class::Url | Class::Photo | Class::Biometric => quoted && value.len() >= 12 && digits >= 2,
        Class::Clinical => false,
        _ => {
            digits >= 4
                && value.len() <= 40
                && !protect::is_minted(value)
                && value.bytes().all(|b| b.is_ascii_alphanumeric() || b" -/._".contains(&b))
                && (digits * 3 >= value.len() || quoted)
        }
    }
}

/// `LocalDate`, `VARCHAR`, `NameFilter`: CamelCase and all capitals of a program.
fn is_type(value: &str) -> bool {
    const ENDS: [&str; 10] =
        ["Error", "Exception", "Filter", "Type", "Service", "Field", "Validator", "Schema", "Model", "Input"];
    const TYPES: [&str; 10] =
        ["VARCHAR", "TEXT", "CHAR", "NVARCHAR", "DATE", "INTEGER", "String", "NULL", "CITEXT", "Text"];
    !value.contains(' ') && (ENDS.iter().any(|end| value.ends_with(end)) || TYPES.contains(&value))
}
