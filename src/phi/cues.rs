//! The vocabulary of keys and cue words: what a key says about its value, what a word says about its neighbour.
//!
//! Owns the word lists ([`vocabulary`]) and the one matcher over them. Words are matched whole, after splitting
//! camelCase, snake_case, kebab-case, dotted, bracketed and FHIRPath forms, never as substrings: `public` is no `lic`.
//! Does not look at values. Called on hot paths: no allocation, one hash probe per suffix of the key.
//!
//! How a key is read: the last path element decides; in it, the longest run of trailing words that is in the
//! vocabulary wins (`patientFirstName` is `first name`, `hostName` is `host name` and harmless). Words that only say
//! "of a thing" (`value`, `number`, `text`) are dropped from the end and the rest is tried again; generic leaves
//! (`line`, `value`) ask the element above them.

pub(crate) mod regions;
mod vocabulary;

use std::{cell::RefCell, ops::Range};

use super::class::Class;
use super::memo::Memo;
use vocabulary::{GROUPS, Kind};

/// What a key says about the value it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyClass {
    /// The value is an identifier of this class, whatever it looks like.
    Phi(Class),
    /// Operational or vocabulary: the value passes unless its shape alone is PHI.
    Safe,
    /// Human text: everything in it is suspect.
    Free,
    Unknown,
}

/// Whole-token classification of a JSON key, query parameter, header, column, form field, logfmt key or FHIRPath.
pub fn key_class(key: &str) -> KeyClass {
    let words = Words::split(key);
    if words.count == 0 {
        return KeyClass::Unknown;
    }
    if words.missing {
        return KeyClass::Safe;
    }
    match words.judge() {
        Some(found) => match found.kind {
            Kind::Phi(class) => KeyClass::Phi(class),
            Kind::Weak(class) if found.whole || found.person => KeyClass::Phi(class),
            Kind::Safe => KeyClass::Safe,
            // A key such as `value` or `number` alone may hold anything.
            Kind::Free | Kind::Up => KeyClass::Free,
            _ => KeyClass::Unknown,
        },
        None => KeyClass::Unknown,
    }
}

/// What the words at the end of `text` announce about what follows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cue {
    pub(crate) says: Says,
    /// The entry of our own vocabulary that matched, for explanations.
    pub(crate) word: &'static str,
    /// Means this as a key too, and not only in running text.
    pub(crate) strong: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// An identifier of this class.
    Phi(Class),
    /// A clinician's identifier.
    Provider(Class),
    /// A word such as `patient`: what stands next to it belongs to a person.
    Person,
    /// An operational word: the value is not a person's.
    Safe,
    Free,
    /// Words that say nothing: they may stand between a cue and its value.
    Filler,
}

/// The longest cue that ends `text`, of up to four words. `text` should start at a word boundary.
pub(crate) fn cue_at_end(text: &str) -> Option<Cue> {
    CUES.with_borrow_mut(|known| known.get(text, cue_at_end_afresh))
}

thread_local! {
    static CUES: RefCell<Memo<Option<Cue>>> = RefCell::new(Memo::new());
}

fn cue_at_end_afresh(text: &str) -> Option<Cue> {
    let words = Words::split(text);
    if words.count == 0 {
        return None;
    }
    let found = words.judge()?;
    let says = match found.kind {
        Kind::Phi(class) | Kind::Cue(class) => Says::Phi(class),
        Kind::Weak(class) if found.whole || found.person => Says::Phi(class),
        Kind::Weak(_) => return None,
        Kind::Provider(class) => Says::Provider(class),
        Kind::Person => Says::Person,
        Kind::Safe => Says::Safe,
        Kind::Free => Says::Free,
        Kind::Tail | Kind::Up => Says::Filler,
    };
    let strong = match found.kind {
        Kind::Cue(_) => false,
        Kind::Weak(_) => found.person,
        _ => true,
    };
    Some(Cue { says, word: found.word, strong })
}

/// May a phrase that ends in this token be a cue at all (`claims`: one that is more than operational)? Cheap, and
/// never wrong when it says no.
pub(crate) fn may_end_cue(token: &[u8], claims: bool) -> bool {
    vocabulary::may_end(token, claims)
}

/// What a run of ASCII letters may do as the last word of a phrase that claims something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Nothing,
    /// Claims by itself.
    Claims,
    /// Claims behind certain words only: `birth` in `date of birth`.
    Behind(Behind),
}

impl Ending {
    fn of(behind: Behind) -> Ending {
        if behind.letters == 0 { Ending::Nothing } else { Ending::Behind(behind) }
    }
}

/// What a word must stand behind to claim something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    /// In which letters the word before ends; bit 0 is `a`.
    pub(crate) letters: u32,
    entries: (u16, u16),
    /// Length of the first word of the run.
    len: u16,
}

impl Behind {
    pub(crate) const NOTHING: Behind = Behind { letters: 0, entries: (0, 0), len: 0 };

    fn new(entries: Range<u16>, len: usize) -> Behind {
        let letters = vocabulary::letters_before(&entries, len);
        Behind { letters, entries: (entries.start, entries.end), len: len as u16 }
    }

    /// Do the run and the run of letters before it claim something together?
    pub(crate) fn follows(self, before: &str) -> bool {
        // Capitals inside a run part it.
        let inside = before.as_bytes().get(1..).unwrap_or_default();
        let parted =
            inside.iter().any(u8::is_ascii_uppercase) && before.bytes().any(|b| b.is_ascii_lowercase());
        let last = if parted { Words::split(before) } else { Words::split("") };
        let last = match last.count {
            0 => before.as_bytes(),
            count => last.word(count - 1),
        };
        vocabulary::stands_before(&(self.entries.0..self.entries.1), last, usize::from(self.len))
    }
}

/// See [`Ending`]. Never too little: capitals inside the run part it as they do in keys.
pub(crate) fn ending(run: &str) -> Ending {
    if run.len() <= 32 && run.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let behind = |entries| Behind::new(entries, run.len());
        return vocabulary::claimed_by(run.as_bytes()).map_or(Ending::Claims, |e| Ending::of(behind(e)));
    }
    let words = Words::split(run);
    if run.len() > 80 || words.count >= WORDS_MAX {
        return Ending::Claims;
    }
    let mut first = Behind::NOTHING;
    for k in 0..words.count {
        let word = words.word(k);
        let Some(entries) = vocabulary::claimed_by(word) else { return Ending::Claims };
        if k == 0 {
            first = Behind::new(entries, word.len());
        } else if vocabulary::stands_before(&entries, words.word(k - 1), word.len()) {
            return Ending::Claims;
        }
    }
    Ending::of(first)
}

pub(crate) const fn letter_bit(letter: u8) -> u32 {
    if letter.is_ascii_alphabetic() { 1 << ((letter | 0x20) - b'a') } else { 0 }
}

/// Operational words that are also plain prose: before or after a number they say nothing unless they are its key.
pub(crate) fn is_prose(word: &str) -> bool {
    const PROSE: [&str; 40] = [
        "sent",
        "received",
        "required",
        "missing",
        "present",
        "test",
        "ok",
        "done",
        "success",
        "valid",
        "active",
        "status",
        "use",
        "empty",
        "enabled",
        "disabled",
        "state",
        "target",
        "class",
        "result",
        "linked",
        "requests",
        "accept",
        "action",
        "used",
        "app",
        "operation",
        "type",
        "code",
        "country",
        "flag",
        "option",
        "isvalid",
        "listen",
        "province",
        "priority",
        "quota",
        "sort",
        "handler",
        "system",
    ];
    PROSE.contains(&word)
}

/// Leaves of human text that are only a part of the element above them.
const PARTS: [&str; 9] = ["line", "lines", "text", "display", "data", "url", "content", "start", "end"];

const BYTES_MAX: usize = 96;
const WORDS_MAX: usize = 16;

/// The lower-case words of the end of a key, in place.
struct Words {
    buf: [u8; BYTES_MAX],
    /// `starts[i]..starts[i + 1]` is word `i`.
    starts: [u8; WORDS_MAX + 1],
    count: usize,
    /// Bit `i`: word `i` opens a path element.
    opens: u32,
    /// The key ended in the FHIR modifier `:missing`: its value is a boolean.
    missing: bool,
    /// Words of a sentence, not of a key: `is inactive for MRN` is no flag.
    spaced: bool,
}

struct Found {
    kind: Kind,
    word: &'static str,
    /// The match covers its whole path element.
    whole: bool,
    /// A word for a person stands before it.
    person: bool,
}

impl Words {
    fn split(key: &str) -> Words {
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
                let acronym = matches!(folded, b'.' | b'/') && is_dotted_acronym(bytes, i);
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

    fn word(&self, i: usize) -> &[u8] {
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

    fn judge(&self) -> Option<Found> {
        let mut to = self.count;
        // Each round steps up one path element, so the rounds are bounded by the words.
        while to > 0 {
            let from = self.element_start(to);
            match self.judge_element(from, to) {
                Some(found) if found.kind == Kind::Up => {
                    if from == 0 {
                        return Some(found);
                    }
                    to = from;
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
                            found.whole = true;
                        }
                    }
                    return Some(found);
                }
                None => return None,
            }
        }
        None
    }

    fn judge_element(&self, from: usize, mut to: usize) -> Option<Found> {
        let flag = matches!(
            self.word(from),
            b"is" | b"has" | b"can" | b"should" | b"max" | b"min" | b"num" | b"count" | b"total" | b"enable"
        );
        if flag && to - from > 1 && !self.spaced {
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

#[cfg(test)]
mod tests;
