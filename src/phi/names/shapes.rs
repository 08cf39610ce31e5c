//! The shape of one word: capitals, scripts, and whether what touches it makes it an identifier.
//!
//! Owns the classes of bytes that words are made of.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `jane`, `well-known`, `мария`.
    Lower,
    /// `Jane`, `Quintanar-Abbott`, `O'Brien`, `McDonald`, `al-Rashid`.
    Capital,
    /// `JANE`.
    Upper,
    /// One capital letter.
    Initial,
    /// A script without case.
    Caseless,
    /// `camelCase`, `Foo` of `com.example.Foo`.
    Code,
    /// Letters joined by underscores: `pt_jane_doe`.
    Joined,
}

pub(super) const LOWER: u8 = 1;
pub(super) const UPPER: u8 = 2;
pub(super) const DIGIT: u8 = 4;
pub(super) const UNDERSCORE: u8 = 8;
pub(super) const WIDE: u8 = 16;
/// Apostrophes and hyphens: part of a word if letters follow.
pub(super) const JOINER: u8 = 32;
pub(super) const WORD: u8 = LOWER | UPPER | DIGIT | UNDERSCORE;

static BYTES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            b'\'' | b'-' | b'`' => JOINER,
            0x80..=0xff => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

pub(super) fn class(byte: u8) -> u8 {
    BYTES[usize::from(byte)]
}

fn is_word(byte: u8) -> bool {
    class(byte) & (WORD | WIDE) != 0
}

pub(super) fn shape(word: &str, seen: u8, bytes: &[u8], start: usize, end: usize) -> Shape {
    let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
    let after = bytes.get(end).copied().unwrap_or(b' ');
    let plain = |byte: u8| matches!(byte, b' ' | b',' | b'"' | b';' | b')');
    if !(plain(before) && plain(after)) && is_code(word, bytes, start, end) {
        return if after == b'=' && seen == LOWER { Shape::Lower } else { Shape::Code };
    }
    if seen & WIDE != 0 { wide_shape(word) } else { ascii_shape(word.as_bytes(), seen) }
}

/// Whether what touches the word makes it part of a path, a call, a qualified name or an address.
fn is_code(word: &str, bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
    let after = bytes.get(end).copied().unwrap_or(b' ');
    let next = bytes.get(end + 1).copied().unwrap_or(b' ');
    let earlier = start.checked_sub(2).map_or(b' ', |at| bytes[at]);
    // `Patient/Jane Doe`, `LIKE %Jane Doe%`, `/Jane Doe/i`: two words in capitals, with a space between, are no path.
    let opens_two = || opens_word(bytes, start) && after == b' ' && opens_word(bytes, end + 1);
    let ends_two = || opens_word(bytes, start) && before == b' ' && earlier.is_ascii_lowercase();
    let leads = match before {
        b'.' => !is_initial_before(bytes, start - 1) && is_word(earlier),
        b'/' => earlier != b' ' && start >= 2 && !opens_two(),
        b'$' | b'@' | b'%' => !opens_two(),
        b'&' | b'?' => true,
        _ => false,
    };
    let follows = match after {
        b'/' | b'$' => !ends_two(),
        b'@' | b'=' | b'\\' => true,
        b'(' => class(next) & UPPER == 0,
        b':' => next == b':',
        b'.' => is_word(next) && word.len() > 1 && !is_title_dot(word),
        _ => false,
    };
    leads || follows
}

/// A capital and a small letter.
fn opens_word(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_uppercase) && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
}

/// `Mr.Smith` without a space.
fn is_title_dot(word: &str) -> bool {
    matches!(word, "Mr" | "Mrs" | "Ms" | "Dr" | "St" | "Sr" | "Sra" | "Prof")
}

fn is_initial_before(bytes: &[u8], dot: usize) -> bool {
    dot >= 1 && bytes[dot - 1].is_ascii_uppercase() && (dot < 2 || !is_word(bytes[dot - 2]))
        || dot >= 2 && bytes[dot - 2].is_ascii_uppercase() && matches!(bytes[dot - 1], b'r' | b't' | b's')
}

fn ascii_shape(word: &[u8], seen: u8) -> Shape {
    match seen {
        LOWER => return Shape::Lower,
        UPPER if word.len() == 1 => return Shape::Initial,
        UPPER => return Shape::Upper,
        _ => {}
    }
    if word[0].is_ascii_uppercase() && word[1..].iter().all(u8::is_ascii_lowercase) {
        return Shape::Capital;
    }
    // `X-Ray Angiographic Image Storage`
    if matches!(word, b"X-Ray" | b"X-Rays" | b"X-Linked") {
        return Shape::Code;
    }
    let mut named = false;
    for part in word.split(|byte| *byte == b'-') {
        if is_capital(part) {
            named = true;
        } else if part.iter().any(u8::is_ascii_uppercase) && !part.iter().all(u8::is_ascii_uppercase) {
            return Shape::Code;
        }
    }
    if named { Shape::Capital } else { Shape::Code }
}

/// `Jane`, `O'Brien`, `d'Arcy`, `McDonald`, `DeShawn`.
fn is_capital(part: &[u8]) -> bool {
    let mut rest = part;
    if let Some(at) = part.iter().position(|byte| *byte == b'\'').filter(|at| *at <= 5) {
        rest = &part[at + 1..];
        if rest.len() > 1 && rest.iter().all(u8::is_ascii_lowercase) {
            return part[0].is_ascii_uppercase();
        }
    }
    let plain = |word: &[u8]| {
        word.len() > 1
            && word[0].is_ascii_uppercase()
            && word[1..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'\'')
    };
    if plain(rest) {
        return true;
    }
    const PREFIXES: [&[u8]; 13] =
        [b"Von", b"Del", b"Mac", b"Fitz", b"Van", b"Mc", b"De", b"Di", b"Da", b"La", b"Le", b"Du", b"Ja"];
    // `OShaughnessy`; `OAuth` and `OData` are shorter.
    let irish = rest.strip_prefix(b"O").is_some_and(|rest| rest.len() >= 5 && plain(rest));
    irish || PREFIXES.iter().any(|prefix| rest.strip_prefix(*prefix).is_some_and(plain))
}

fn wide_shape(word: &str) -> Shape {
    let mut chars = word.chars().filter(|c| c.is_alphabetic());
    let Some(first) = chars.next() else { return Shape::Code };
    let (mut lower, mut upper) = (first.is_lowercase(), first.is_uppercase());
    // Georgian letters count as lower case, yet no word of theirs has a capital.
    if !lower && !upper || matches!(first, '\u{10d0}'..='\u{10ff}') {
        return Shape::Caseless;
    }
    let (mut after_break, mut inner) = (false, false);
    let mut count = 1;
    for c in word.chars().skip(1) {
        if !c.is_alphabetic() {
            after_break |= matches!(c, '-' | '\'' | '’' | '‐' | '‑');
            continue;
        }
        count += 1;
        lower |= c.is_lowercase();
        upper |= c.is_uppercase();
        inner |= c.is_uppercase() && !after_break;
        after_break = false;
    }
    match () {
        () if count == 1 && upper => Shape::Initial,
        () if !upper => Shape::Lower,
        () if !lower => Shape::Upper,
        () if first.is_uppercase() && !inner || word.contains(['-', '\'', '’']) => Shape::Capital,
        () => Shape::Capital,
    }
}
