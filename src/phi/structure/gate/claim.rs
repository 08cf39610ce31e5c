//! Words that claim a value, and whether anything near them could be one.
//!
//! A claim by itself finds nothing. It takes a separator and a value behind it, a number in its reach (`claimed`), or a sentence
//! that quotes something. Each of these is looked for wider than any reader does; a claim that none answers is inert.

use std::ops::Range;

use super::Needs;
use super::claimed::has_long_numbers;
use super::vocabulary::bit;
use super::walk::Walk;
use crate::phi::class::Class;
use crate::phi::cues::{self, KeyClass, Says};
use crate::phi::list::List;
use crate::phi::protect;
use crate::phi::rules;
use crate::phi::scan::links;
use crate::phi::structure::{class_of, pairs};

/// How far behind a claim its separator may stand.
const SEPARATOR_BYTES_MAX: usize = 64;
/// A longer word is none of a phrase that claims something.
const CLAIM_WORD_MAX: usize = 32;
/// No phrase that claims something has more words than this before its last.
const WORDS_BEFORE_MAX: usize = 3;
/// How far before a claim words may link it to a number.
const LINKED_BYTES_MAX: usize = 128;
/// How far behind a comparison its quoted value may open.
const OPERAND_BYTES_MAX: usize = 40;

/// Words that join a key and its value as `=` does.
#[rustfmt::skip] // Rows of words, not one a line.
static OPERATORS: List<12> = List::new([
    "eq", "ne", "co", "sw", "ew", "in", "like", "ilike", "contains", "equals", "is", "changed",
]);

/// Can this be said of a number behind it: `4471 is not a valid MRN`?
fn counts_behind(says: Option<Says>) -> bool {
    !matches!(says, Some(Says::Phi(Class::Name | Class::Email | Class::ApiKey)))
}

impl Walk<'_> {
    /// The words at `phrase` claim something.
    #[cold]
    pub(super) fn claim(&mut self, phrase: Range<usize>) {
        // `c.c.api.storage.RequestFilter`: the packages of a class, cut to a letter each.
        let package = phrase.len() == 3 && self.bytes[phrase.start + 1] == b'.';
        if package && self.byte(phrase.end) == b'.' && self.byte(phrase.end + 1).is_ascii_lowercase() {
            return;
        }
        let (phrase, says) = self.longest(phrase);
        // `/mrn/00123456`
        if self.byte(phrase.end) == b'/' && self.opens_segment(phrase.end + 1) {
            self.needs.add(Needs::SLUGS);
        }
        // `PatientID 00-88-1742`, `patient id 00417732`
        let id = usize::from(says == Some(Says::Person)) * " id".len();
        if matches!(says, Some(Says::Safe | Says::Person))
            && phrase.end + id <= self.bytes.len()
            && rules::is_number_of_patient(self.bytes, phrase.end + id)
        {
            self.needs.add(Needs::ALL);
        }
        let minted = self.is_minted(&phrase);
        if !minted && self.names_field(&phrase) {
            self.words |= bit::CLAIMED;
        }
        if !minted && !self.is_inert(&phrase, says) {
            self.needs.add(Needs::ALL);
            return;
        }
        // Elements of a path claim no number behind the path.
        // `/date_of_service/19611124`: but of the one right behind it.
        let of_next = matches!(says, Some(Says::Phi(_)))
            && self.byte(phrase.end) == b'/'
            && self.byte(phrase.end + 1).is_ascii_digit();
        let whole = self.before(phrase.start) == b'/'
            && !of_next
            && (minted || matches!(self.byte(phrase.end), 0 | b'/' | b' ' | b'?' | b'"'));
        // What is nobody's claims no number; it may only take one from a claim before it.
        // `mrn matched 99420`: nor does a word of prose take one.
        let prose = says == Some(Says::Safe)
            && !matches!(self.byte(phrase.end), b'=' | b':')
            && cues::is_prose(&self.text[phrase.clone()].to_ascii_lowercase());
        let silent = says == Some(Says::Safe) && (self.claim_end == 0 || prose);
        if (!whole || phrase.len() < 2) && !silent {
            self.claim_end = phrase.end;
            self.claimed = says;
        }
    }

    /// What the words say, with those before them if these change it: `date of service`.
    fn longest(&self, phrase: Range<usize>) -> (Range<usize>, Option<Says>) {
        let says = cues::cue_at_end(&self.text[phrase.clone()]).map(|cue| cue.says);
        let mut from = phrase.start;
        for _ in 0..WORDS_BEFORE_MAX {
            let gap = usize::from(matches!(self.before(from), b' ' | b'_' | b'-' | b'.'));
            let word = self.bytes[..from - gap].iter().rev().take_while(|byte| byte.is_ascii_alphabetic());
            let len = word.take(CLAIM_WORD_MAX).count();
            if gap == 0 || len == 0 {
                break;
            }
            from -= gap + len;
        }
        let longer = cues::cue_at_end(&self.text[from..phrase.end]).filter(|cue| Some(cue.says) != says);
        let Some(cue) = longer.filter(|_| from < phrase.start) else { return (phrase, says) };
        // It begins as many letters before the end as it has.
        let letters = self.bytes[from..phrase.end].iter().enumerate().rev();
        let mut letters = letters.filter(|(_, byte)| byte.is_ascii_alphabetic());
        let start = letters.nth(cue.word.len().saturating_sub(1)).map_or(from, |(at, _)| from + at);
        (start.min(phrase.start)..phrase.end, Some(cue.says))
    }

    /// Letters behind digits in a token that as a whole claims nothing: `40928ac`.
    pub(super) fn is_noise(&self, inside: bool, end: usize) -> bool {
        let joins = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let close = end + self.bytes[end..].iter().take(SEPARATOR_BYTES_MAX).take_while(joins).count();
        let next = self.byte(close + 1);
        let ends = match self.byte(close) {
            0 | b',' => true,
            b' ' => next.is_ascii_alphanumeric() || next == b'[',
            // `pod="prod/api-5b7hcc2p9-m4kt9" node=`, but no key in quotes.
            b'"' => next == 0 || matches!(next, b' ' | b',') && self.byte(close + 2).is_ascii_alphanumeric(),
            b'[' => next.is_ascii_digit(),
            _ => false,
        };
        inside
            && ends
            && !self.byte(end).is_ascii_digit()
            && !self.is_key(&self.text[self.token.start..end], b'=')
    }

    /// `pt_74if6yg6be`: an id whose prefix is no claim.
    fn is_minted(&self, phrase: &Range<usize>) -> bool {
        let before = self.before(phrase.start);
        if self.byte(phrase.end) != b'_'
            || before.is_ascii_alphanumeric()
            || matches!(before, b'_' | b'-' | b'.')
        {
            return false;
        }
        let rest = &self.bytes[phrase.end + 1..];
        let len = rest.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let next = rest.get(len).copied().unwrap_or(0);
        !matches!(next, b'_' | b'-' | b'.' | b'=' | b':' | b'+' | b'%' | b'(' | b'[')
            && rest[..len].iter().any(u8::is_ascii_lowercase)
            && protect::is_minted(&self.text[phrase.start..phrase.end + 1 + len])
    }

    /// Is a field of a person named here, which a sentence may speak about?
    fn names_field(&self, phrase: &Range<usize>) -> bool {
        let joins =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']');
        let before =
            self.bytes[..phrase.start].iter().rev().take(SEPARATOR_BYTES_MAX).take_while(joins).count();
        let behind = self.bytes[phrase.end..].iter().take(SEPARATOR_BYTES_MAX).take_while(joins).count();
        before + behind > 0 || matches!(class_of(&self.text[phrase.clone()]), KeyClass::Phi(_))
    }

    fn is_inert(&self, phrase: &Range<usize>, says: Option<Says>) -> bool {
        let before = self.before(phrase.start);
        let hyphen =
            phrase.start >= 2 && before == b'-' && self.bytes[phrase.start - 2].is_ascii_alphanumeric();
        let opens = hyphen
            || matches!(before, 0 | b' ' | b'\t' | b'/' | b'"' | b'(' | b'[' | b',' | b'.' | b'=' | b':');
        // Whatever the whole key is, its value is gone.
        let answered = self.is_replaced(phrase.end) == Some(true);
        if matches!(says, Some(Says::Person)) {
            return (opens || answered)
                && !self.byte(phrase.end).is_ascii_digit()
                && (answered || !self.is_key_of_somebody(phrase));
        }
        let keyed = answered && matches!(self.byte(phrase.end), b'=' | b':');
        (opens || answered)
            && !self.byte(phrase.end).is_ascii_digit()
            && (keyed
                || !matches!(says, Some(Says::Phi(Class::Biometric | Class::Photo | Class::Url | Class::Ip))))
            && (answered || !self.has_value(phrase, before, says))
            && (keyed || !counts_behind(says) || !self.is_linked(phrase, says))
    }

    /// `patient=abiodun_balogun`. Else a word for a person claims numbers only, which are looked for behind any claim; names beside
    /// it have conditions of their own, and so have segments of paths.
    fn is_key_of_somebody(&self, phrase: &Range<usize>) -> bool {
        const GAP_BYTES_MAX: usize = 6;
        let behind = self.bytes[phrase.end..].iter().take(GAP_BYTES_MAX);
        let sign = behind.clone().find(|byte| !b" \"'`]\\!<>:~+".contains(byte));
        sign == Some(&b'=') && pairs::may_hold_somebody(&self.text[phrase.clone()])
    }

    /// Does anything behind the words join them to a value?
    fn has_value(&self, phrase: &Range<usize>, before: u8, says: Option<Says>) -> bool {
        let mut at = phrase.end;
        let limit = at + SEPARATOR_BYTES_MAX;
        while at < limit {
            let next = self.byte(at + 1);
            if let Some(whole) = self.is_replaced(at) {
                return !whole;
            }
            match self.byte(at) {
                0 => return false,
                b';' | b'?' => return self.ends_quoted_key(at),
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/') => at += 1,
                b'.' if next == 0 || next == b' ' && self.byte(at + 2).is_ascii_alphanumeric() => {
                    return self.ends_quoted_key(at);
                }
                b' ' if next == b'-' && self.byte(at + 2) == b' ' => return self.ends_quoted_key(at),
                b':' if self.is_prose(at + 1, &self.text[phrase.start..at]) => at += 1,
                b'=' | b':' if self.before(at).is_ascii_alphanumeric() => {
                    return self.is_key(&self.text[phrase.start..at], self.byte(at));
                }
                b'}' if self.text[phrase.clone()].contains("/{") => at += 1,
                // `/patients/{id}`: a place in a path, not what stands there.
                b'{' if self.before(at) == b'/' => match self.template_end(at) {
                    Some(end) => at = end,
                    None => return true,
                },
                b' ' if matches!(next, b':' | b'=') => {
                    return self.is_key(&self.text[phrase.start..at], next);
                }
                b' ' if next == b'+' && self.byte(at + 2).is_ascii_digit() => at += 2,
                b' ' if next == b'(' => at += 1,
                b'(' => match self.aside_end(at, says) {
                    Some(end) => at = end,
                    None => return true,
                },
                // A document behind a tab.
                b'\t' if next == b'{' => return self.ends_quoted_key(at),
                b'-' | b'.' | b'@' if next.is_ascii_alphanumeric() => at += 1,
                b' ' if next.is_ascii_alphanumeric() => {
                    if self.is_operator(at + 1) {
                        return true;
                    }
                    at += 1;
                }
                // The end of a list, of a clause, of a quoted text.
                b',' => return next != b' ' || matches!(before, b'(' | b'[') || self.byte(at + 2) == b'"',
                b']' | b')' if next == b' ' && self.byte(at + 2).is_ascii_alphanumeric() => at += 1,
                b']' | b')' => return !matches!(next, 0 | b',' | b';'),
                b'"' => {
                    let apart = next == b' ' && self.byte(at + 2).is_ascii_alphanumeric();
                    return !(next == 0 || apart && !self.is_operator(at + 2));
                }
                _ => return true,
            }
        }
        self.ends_quoted_key(at)
    }

    /// Is what stands behind `at`, and answers the words before it, a placeholder and nothing else? `None` if it opens with no
    /// placeholder.
    fn is_replaced(&self, at: usize) -> Option<bool> {
        const GAP_BYTES_MAX: usize = 5;
        let opens = |byte: &u8| {
            matches!(byte, b' ' | b'=' | b':' | b'"' | b'\'' | b'(' | b'>' | b'.' | b'#' | b'-' | b'[' | b'<')
        };
        if !self.bytes.get(at).is_some_and(opens) {
            return None;
        }
        let signs = self.bytes[at..].iter().take(GAP_BYTES_MAX + 1).take_while(|byte| opens(byte)).count();
        // The last bracket of the signs is that of the placeholder.
        let gap = self.bytes[at..at + signs].iter().rposition(|sign| *sign == b'[')?;
        let end = protect::placeholder_at(self.bytes, at + gap)?;
        let quote = self.bytes[at..at + gap].iter().rfind(|byte| matches!(byte, b'"' | b'\''));
        if quote.is_some_and(|quote| self.byte(end) != *quote) {
            return Some(false);
        }
        let closers = self.bytes[end..].iter().take(3).take_while(|byte| b"\"')]}>".contains(byte)).count();
        Some(matches!(
            self.byte(end + closers),
            0 | b' ' | b',' | b';' | b'|' | b'&' | b'/' | b'?' | b':' | b'.'
        ))
    }

    /// The end of `(138 items)`, which is no value of what is claimed before it.
    fn aside_end(&self, open: usize, says: Option<Says>) -> Option<usize> {
        let inner = &self.bytes[open + 1..];
        let len = inner.iter().take(80).position(|byte| *byte == b')')?;
        let inner = &inner[..len];
        let plain =
            |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b" ,._-/".contains(byte);
        let digits = inner.iter().filter(|byte| byte.is_ascii_digit()).count();
        let open_to = match says {
            // These take no value in brackets.
            Some(Says::Person | Says::Safe | Says::Free | Says::Filler | Says::Phi(Class::ApiKey)) => {
                usize::MAX
            }
            Some(Says::Phi(Class::Geo | Class::Name)) => 1,
            _ => 4,
        };
        (len > 0 && inner.iter().all(plain) && digits < open_to).then_some(open + 1 + len)
    }

    /// The end of `{id}`, a word for what a path holds there.
    fn template_end(&self, open: usize) -> Option<usize> {
        let rest = &self.bytes[open + 1..];
        let len = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let ends = matches!(self.byte(open + len + 2), 0 | b'/' | b' ' | b'"');
        (len > 0 && rest.get(len) == Some(&b'}') && ends).then_some(open + len + 2)
    }

    /// Do the words mean as a key what they claim? Not if others follow that say nothing of a person, nor is what stands
    /// behind a colon of a person unless it is a name or a number.
    fn is_key(&self, key: &str, separator: u8) -> bool {
        let silent = |says| {
            matches!(says, Says::Safe | Says::Free)
                || separator == b':' && matches!(says, Says::Person | Says::Filler)
        };
        matches!(class_of(key), KeyClass::Phi(_))
            // In DICOM the number of a hospital, if other attributes stand near.
            || key.ends_with("PatientID")
            || cues::cue_at_end(key).is_some_and(|cue| !silent(cue.says))
    }

    /// `billing: enabled the entry`: words in small letters behind the label of a number.
    fn is_prose(&self, at: usize, key: &str) -> bool {
        let behind = self.bytes.get(at..).unwrap_or_default();
        let behind = &behind[..behind.len().min(SEPARATOR_BYTES_MAX)];
        let Some(words) = behind.strip_prefix(b" ") else { return false };
        let len = words.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let next = words.get(len + 1).is_some_and(u8::is_ascii_lowercase);
        len >= 2
            && words[len..].first() == Some(&b' ')
            && next
            && !words.iter().any(|byte| byte.is_ascii_digit() || b"\"'`([{<=:".contains(byte))
            && cues::cue_at_end(key)
                .is_some_and(|cue| has_long_numbers(cue.says) && cue.says != Says::Phi(Class::ApiKey))
    }

    /// Is the next quote behind `at` the end of a key? Such a key may hold any sign.
    fn ends_quoted_key(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let quote =
            rest.iter().take(2 * SEPARATOR_BYTES_MAX).position(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        let Some(quote) = quote else { return false };
        let behind =
            rest[quote + 1..].iter().take(6).find(|byte| !matches!(byte, b' ' | b']' | b'"' | b'\''));
        behind.is_some_and(|byte| matches!(byte, b':' | b'=' | b'!' | b'<' | b'>' | b'~' | b'+'))
    }

    /// A comparison joins what is claimed and a value in quotes or brackets; ` changed ` any value.
    fn is_operator(&self, at: usize) -> bool {
        let word = &self.bytes[at..];
        let len = word.iter().take(9).take_while(|byte| byte.is_ascii_alphabetic()).count();
        OPERATORS.has(&word[..len]) && (len == b"changed".len() || self.opens_operand(at + len))
    }

    /// Does an operand open soon behind `at`? What was replaced is none.
    fn opens_operand(&self, mut at: usize) -> bool {
        let limit = at + OPERAND_BYTES_MAX;
        while at < limit {
            at = match self.byte(at) {
                b'"' | b'\'' | b'`' | b'(' | b'[' | b'{' | b'<' | b'$' | b'\\' => {
                    match self.past_replaced(at) {
                        Some(end) => end,
                        None => return true,
                    }
                }
                _ => at + 1,
            };
        }
        false
    }

    /// The end of a placeholder that opens at `at`, with the quotes or brackets that hold nothing else.
    pub(super) fn past_replaced(&self, at: usize) -> Option<usize> {
        let close = match self.byte(at) {
            b'[' => return protect::placeholder_at(self.bytes, at),
            b'(' => b')',
            quote => quote,
        };
        protect::placeholder_at(self.bytes, at + 1).filter(|end| self.byte(*end) == close).map(|end| end + 1)
    }

    /// Does a number stand before the words, or words that may link them to one?
    fn is_linked(&self, phrase: &Range<usize>, says: Option<Says>) -> bool {
        let start = phrase.start;
        let head = &self.bytes[..start];
        let gap = head.iter().rev().take(4).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let (rest, gap) = head.split_at(start - gap);
        if rest.is_empty()
            || gap.len() > 3
            || gap.iter().any(|byte| matches!(byte, b';' | b'&' | b'}' | b'\n' | b'\r' | b',' | b'='))
        {
            return false;
        }
        let joins = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let len = rest.iter().rev().take(64).take_while(joins).count();
        let blob = &self.text[rest.len() - len..rest.len()];
        let word = blob.rsplit(['-', '_', '.']).next().unwrap_or(blob);
        let version = gap == b"/" && matches!(blob.as_bytes(), [b'v', digit] if digit.is_ascii_digit());
        let stamp = rest.len() == self.stamp_end && self.stamp_end != 0;
        // No number is any of these.
        let worded = matches!(says, Some(Says::Phi(Class::Email | Class::Name | Class::Clinical)));
        let opaque = version || stamp || worded || protect::is_minted(blob);
        // Words that link reach no further back than this.
        let near = &rest[rest.len().saturating_sub(LINKED_BYTES_MAX)..];
        !opaque && blob.bytes().any(|byte| byte.is_ascii_digit())
            || links(word.as_bytes()) && near.iter().any(u8::is_ascii_digit)
    }
}
