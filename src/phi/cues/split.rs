//! A key as words: where it parts, and which of its words decide.
//!
//! Splits camelCase, snake_case, kebab-case, dotted, bracketed and FHIRPath forms in place, without allocation, and
//! reads them from the end against the vocabulary.

use super::vocabulary::{self, GROUPS, Kind};
use crate::phi::class::Class;

/// Leaves of human text that are only a part of the element above them.
const PARTS: [&str; 9] = ["line", "lines", "text", "display", "data", "url", "content", "start", "end"];

/// What machines count: what was done with them is none of a person's events.
const COUNTED: [&[u8]; 14] = [
    b"rows",
    b"row",
    b"docs",
    b"documents",
    b"keys",
    b"bytes",
    b"pages",
    b"blocks",
    b"tuples",
    b"files",
    b"messages",
    b"partitions",
    b"shards",
    b"chunks",
];

/// What has a number, in Romance languages: English counts such things in the plural, in words of its own.
const NUMBERED: [&[u8]; 18] = [
    b"secu",
    b"dossier",
    b"social",
    b"sociale",
    b"historia",
    b"expediente",
    b"tarjeta",
    b"poliza",
    b"contrat",
    b"adherent",
    b"afiliado",
    b"afiliacion",
    b"telefono",
    b"telefone",
    b"cuenta",
    b"compte",
    b"utente",
    b"prontuario",
];

const BYTES_MAX: usize = 96;
pub(super) const WORDS_MAX: usize = 16;

/// The lower-case words of the end of a key, in place.
pub(super) struct Words {
    buf: [u8; BYTES_MAX],
    /// `starts[i]..starts[i + 1]` is word `i`.
    starts: [u8; WORDS_MAX + 1],
    pub(super) count: usize,
    /// Bit `i`: word `i` opens a path element.
    opens: u32,
    /// The key ended in the FHIR modifier `:missing`: its value is a boolean.
    pub(super) missing: bool,
    /// Words of a sentence, not of a key: `is inactive for MRN` is no flag.
    spaced: bool,
}

pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) word: &'static str,
    /// The match covers its whole path element.
    pub(super) whole: bool,
    /// A word for a person stands before it.
    pub(super) person: bool,
}

impl Words {
    pub(super) fn split(key: &str) -> Words {
        let mut words = Words {
            buf: [0; BYTES_MAX],
            starts: [0; WORDS_MAX + 1],
            count: 0,
            opens: 1,
            missing: false,
            spaced: key.contains(' '),
        };
        let key = tail(key, 80);
        let bytes = key.as_bytes();
        let (mut used, mut word_from, mut previous) = (0usize, 0usize, 0u8);
        let mut digits_only = true;
        let mut i = 0;
        while i < bytes.len() {
            let byte = bytes[i];
            // Most bytes of most keys.
            if byte.is_ascii_lowercase() && used < BYTES_MAX {
                words.buf[used] = byte;
                used += 1;
                (digits_only, previous) = (false, byte);
                i += 1;
                continue;
            }
            let (folded, width) = if byte < 0x80 { (byte, 1) } else { fold(&bytes[i..]) };
            if folded.is_ascii_alphanumeric() {
                let camel = folded.is_ascii_uppercase()
                    && (previous.is_ascii_lowercase()
                        || previous.is_ascii_digit() && !digits_only
                        || previous.is_ascii_uppercase()
                            && bytes.get(i + 1).is_some_and(u8::is_ascii_lowercase)
                            && !(bytes.get(i + 1) == Some(&b's')
                                && bytes.get(i + 2).is_none_or(|b| !b.is_ascii_alphabetic())));
                if camel && used > word_from {
                    words.close(&mut used, &mut word_from, &mut digits_only);
                }
                if used < BYTES_MAX {
                    words.buf[used] = folded.to_ascii_lowercase();
                    used += 1;
                }
                digits_only &= folded.is_ascii_digit();
            } else {
                words.close(&mut used, &mut word_from, &mut digits_only);
                let possessive = folded == b'\''
                    && matches!(bytes.get(i + 1), Some(b's' | b'S'))
                    && bytes.get(i + 2).is_none_or(|b| !b.is_ascii_alphanumeric());
                if possessive {
                    i += 2;
                    previous = b'\'';
                    continue;
                }
                // `hosp. no.`: a word cut short opens no path.
                let short = folded == b'.' && bytes.get(i + 1).is_some_and(|next| *next == b' ');
                let acronym = short || matches!(folded, b'.' | b'/') && is_dotted_acronym(bytes, i);
                if matches!(folded, b'.' | b'[' | b']' | b'/' | b':' | b'>' | b'$' | b'(') && !acronym {
                    words.opens |= 1 << words.count;
                }
            }
            previous = folded;
            i += width;
        }
        words.close(&mut used, &mut word_from, &mut digits_only);
        words.strip_modifiers(bytes);
        words
    }

    /// Ends the word being collected. Words of digits only (`[0]`) are dropped.
    fn close(&mut self, used: &mut usize, word_from: &mut usize, digits_only: &mut bool) {
        if *used > *word_from {
            if *digits_only {
                *used = *word_from;
            } else {
                if self.count == WORDS_MAX {
                    self.forget_first(used);
                }
                self.count += 1;
                self.starts[self.count] = *used as u8;
            }
        }
        *word_from = *used;
        *digits_only = true;
    }

    /// Makes room by dropping the leftmost word: the end of a key is what decides.
    fn forget_first(&mut self, used: &mut usize) {
        let width = self.starts[1] as usize;
        self.buf.copy_within(width.., 0);
        for i in 0..WORDS_MAX {
            self.starts[i] = self.starts[i + 1] - width as u8;
        }
        self.count -= 1;
        self.opens >>= 1;
        *used -= width;
    }

    /// FHIR search modifiers are no element names: `name:exact`, `birthdate:missing`.
    fn strip_modifiers(&mut self, key: &[u8]) {
        let Some(colon) = key.iter().rposition(|b| *b == b':') else { return };
        let modifier = &key[colon + 1..];
        let is = |name: &[u8]| modifier.eq_ignore_ascii_case(name);
        let words = match modifier.len() {
            2 if is(b"in") => 1,
            3 if is(b"not") => 1,
            4 if is(b"text") => 1,
            5 if is(b"exact") || is(b"above") || is(b"below") => 1,
            6 if is(b"not-in") => 2,
            7 if is(b"missing") => {
                self.missing = true;
                1
            }
            7 if is(b"of-type") => 2,
            7 if is(b"iterate") => 1,
            8 if is(b"contains") => 1,
            _ => 0,
        };
        if words < self.count {
            self.count -= words;
        }
    }

    pub(super) fn word(&self, i: usize) -> &[u8] {
        &self.buf[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    /// Looks up words `from..to` joined without separators.
    fn entry(&self, from: usize, to: usize) -> Option<(usize, &'static str)> {
        vocabulary::lookup(&self.buf[self.starts[from] as usize..self.starts[to] as usize])
    }

    /// First word of the path element that ends before word `to`.
    fn element_start(&self, to: usize) -> usize {
        (0..to).rev().find(|i| self.opens & (1 << i) != 0).unwrap_or(0)
    }

    pub(super) fn judge(&self) -> Option<Found> {
        let mut to = self.count;
        // Each round steps up one path element, so the rounds are bounded by the words.
        while to > 0 {
            let from = self.element_start(to);
            match self.judge_element(from, to) {
                Some(found) if found.kind == Kind::Up => {
                    if from == 0 {
                        return Some(found);
                    }
                    if let Some(joined) = self.judge_numbered(from, to) {
                        return Some(joined);
                    }
                    to = from;
                }
                // `member.id`: the number of a member, unlike the `id` of a patient.
                Some(found) if found.whole && found.word == "id" && from > 0 => {
                    return self.judge_numbered(from, to).or(Some(found));
                }
                Some(mut found) => {
                    if found.kind == Kind::Free && from > 0 && found.whole && PARTS.contains(&found.word) {
                        // `address.line`, `name.text`, `photo.data`: a part of what the element above says.
                        let above = self.judge_element(self.element_start(from), from);
                        if let Some(owner) = above
                            && let Kind::Phi(class) | Kind::Weak(class) = owner.kind
                        {
                            return Some(Found { kind: Kind::Phi(class), ..owner });
                        }
                    }
                    if matches!(found.kind, Kind::Weak(_)) && found.whole && from > 0 {
                        // `organization.name`, `code.text`: the element above says of whom.
                        let above = self.element_start(from);
                        if let Some(owner) = self.judge_element(above, from) {
                            found.whole = owner.person || !matches!(owner.kind, Kind::Safe);
                        } else if self.opens & (1 << from) != 0 {
                            let owner = &self.buf[self.starts[above] as usize..self.starts[from] as usize];
                            found.whole = !std::str::from_utf8(owner).is_ok_and(super::things::is_thing);
                        }
                    }
                    return Some(found);
                }
                None => return None,
            }
        }
        None
    }

    /// `account.number`, `member/id`: the element above and the number in it are one word, as in `accountNumber`.
    fn judge_numbered(&self, from: usize, to: usize) -> Option<Found> {
        let above = self.element_start(from);
        (above..from).find_map(|start| {
            let (group, word) = self.entry(start, to)?;
            let kind = GROUPS[group].kind;
            let person = GROUPS[group].person;
            // Networks have policies and desks have cases, which are no one's.
            let whose = !matches!(word, "policyid" | "casenumber" | "caseno");
            (whose && matches!(kind, Kind::Phi(_))).then_some(Found {
                kind,
                word,
                whole: start == above,
                person,
            })
        })
    }

    fn judge_element(&self, from: usize, mut to: usize) -> Option<Found> {
        let flag = matches!(
            self.word(from),
            b"is" | b"has" | b"can" | b"should" | b"max" | b"min" | b"num" | b"count" | b"total" | b"enable"
        );
        // `num_secu`, `num_historia`: a number, in Romance languages.
        let numbered = self.word(from) == b"num" && NUMBERED.contains(&self.word(to - 1));
        if flag && !numbered && to - from > 1 && !self.spaced {
            return Some(Found { kind: Kind::Safe, word: "flag", whole: false, person: false });
        }
        let end = to;
        while to > from {
            for start in from.max(to.saturating_sub(5))..to {
                let Some((group, word)) = self.entry(start, to) else { continue };
                let kind = GROUPS[group].kind;
                if kind == Kind::Tail && to - start == to - from && to == end {
                    return Some(Found { kind: Kind::Up, word, whole: true, person: false });
                }
                if kind == Kind::Tail {
                    break;
                }
                // `rows_examined`, `docsMoved`: a count.
                if kind == Kind::Cue(Class::Date) && start > from && COUNTED.contains(&self.word(start - 1)) {
                    return Some(Found { kind: Kind::Safe, word: "count", whole: false, person: false });
                }
                let person = GROUPS[group].person
                    || start > from && self.entry(start - 1, start).is_some_and(|(g, _)| GROUPS[g].person)
                    || start > from + 1
                        && self.entry(start - 2, start).is_some_and(|(g, _)| GROUPS[g].person);
                return Some(Found { kind, word, whole: start == from, person });
            }
            // Nothing, or a word that only says "of a thing": try what stands before it.
            let last = self.word(to - 1);
            let tail = self.entry(to - 1, to).is_some_and(|(group, _)| GROUPS[group].kind == Kind::Tail);
            if !tail && !last.last().is_some_and(u8::is_ascii_digit) {
                return None;
            }
            if !tail {
                let bare = last.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |p| p + 1);
                let base = self.starts[to - 1] as usize;
                for start in from.max(to.saturating_sub(5))..to {
                    let joined = &self.buf[self.starts[start] as usize..base + bare];
                    let Some((group, word)) = vocabulary::lookup(joined) else { continue };
                    let kind = GROUPS[group].kind;
                    if kind == Kind::Tail {
                        break;
                    }
                    return Some(Found { kind, word, whole: start == from, person: GROUPS[group].person });
                }
                return None;
            }
            to -= 1;
        }
        None
    }
}

/// The last `max` bytes of `text`, moved forward to a character boundary.
fn tail(text: &str, max: usize) -> &str {
    let mut from = text.len().saturating_sub(max);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// `d.o.b`, `s/n`: single letters between signs are one word, not a path.
fn is_dotted_acronym(bytes: &[u8], dot: usize) -> bool {
    let alone = |i: usize| {
        bytes.get(i).is_some_and(u8::is_ascii_alphabetic)
            && (i == 0 || !bytes[i - 1].is_ascii_alphanumeric())
            && bytes.get(i + 1).is_none_or(|b| !b.is_ascii_alphanumeric())
    };
    dot > 0 && alone(dot - 1) && (alone(dot + 1) || bytes.get(dot + 1).is_none_or(|b| *b == b' '))
}

/// Folds a Latin letter with a diacritic to its ASCII base. Returns a byte that separates words for anything else.
fn fold(bytes: &[u8]) -> (u8, usize) {
    let width = match bytes[0] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let base = match (bytes[0], bytes.get(1).copied().unwrap_or(0)) {
        (0xC3, 0x80..=0x85 | 0xA0..=0xA5) => b'a',
        (0xC3, 0x86 | 0xA6) => b'a',
        (0xC3, 0x87 | 0xA7) => b'c',
        (0xC3, 0x88..=0x8B | 0xA8..=0xAB) => b'e',
        (0xC3, 0x8C..=0x8F | 0xAC..=0xAF) => b'i',
        (0xC3, 0x91 | 0xB1) => b'n',
        (0xC3, 0x92..=0x96 | 0x98 | 0xB2..=0xB6 | 0xB8) => b'o',
        (0xC3, 0x99..=0x9C | 0xB9..=0xBC) => b'u',
        (0xC3, 0x9F) => b's',
        (0xC4, 0x80..=0x85) => b'a',
        (0xC4, 0x86..=0x8D) => b'c',
        (0xC4, 0x98..=0x9B) => b'e',
        (0xC5, 0x81 | 0x82) => b'l',
        (0xC5, 0x83 | 0x84) => b'n',
        (0xC5, 0x9A | 0x9B) => b's',
        (0xC5, 0xB9..=0xBC) => b'z',
        // The typographic apostrophe.
        (0xE2, 0x80) if bytes.get(2) == Some(&0x99) => b'\'',
        _ => 0,
    };
    (base, width.min(bytes.len()))
}
