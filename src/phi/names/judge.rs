//! Whether a run of words is a name, given what stands around it.
//!
//! Owns the thresholds: the points of the words must reach what the context asks for.

use std::ops::Range;

use super::eponyms;
use super::forms;
use super::lexicon::{Entry, Kind, lookup};
use super::run::{Part, Role, Run, is_missing_key};
use super::score::{as_family, as_given};
use super::shapes::Shape;
use super::slots::{greets, is_of_patients, is_person_word, names_a_part};
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

/// What stands before a run of words. The text is the cue's entry in our own table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    None,
    /// A preposition or a general noun.
    Weak(&'static str),
    /// A name slot that other things fill too: `assigned to`.
    Medium(&'static str),
    /// A person follows.
    Strong(&'static str),
    Title(&'static str),
    Provider(&'static str),
}

impl Context {
    pub fn cue(self) -> Option<&'static str> {
        match self {
            Context::None => None,
            Context::Weak(cue)
            | Context::Medium(cue)
            | Context::Strong(cue)
            | Context::Title(cue)
            | Context::Provider(cue) => Some(cue),
        }
    }

    pub fn is_strong(self) -> bool {
        matches!(self, Context::Strong(_) | Context::Title(_) | Context::Provider(_))
    }
}

pub(super) struct Hit {
    pub span: Range<usize>,
    /// The first word after the name.
    pub next: usize,
    pub rule: &'static str,
    pub confidence: Confidence,
    pub cue: Option<&'static str>,
    /// A provider's name that the policy keeps.
    pub is_spared: bool,
}

/// The name that starts exactly at word `at`, if there is one.
pub(super) fn judge(text: &str, words: &[Token], at: usize, context: Context) -> Option<Hit> {
    let first = &words[at];
    let run = Run::collect(text, words, at, context);
    if run.len == 0 {
        return None;
    }
    if first.shape == Shape::Caseless {
        return run.caseless(context);
    }
    if let Some(hit) = run.last_first(context) {
        return Some(hit);
    }
    let is_several = run.names() >= 2 || run.names() == 1 && run.has_initial();
    if let Some(hit) = is_several.then(|| run.several(context)).flatten() {
        return Some(hit);
    }
    run.single(context)
}

/// `high-res`, `in-kernel`: one half is a word of every dictionary.
pub(super) fn is_compound(word: &str) -> bool {
    word.contains('-') && word.split('-').any(|half| lookup(half).word >= 2)
}

impl Run<'_> {
    /// `Thu Jan 22 14:33:30`: the day that opens a stamp of C (`asctime`), whatever people are called so.
    pub(super) fn is_of_a_stamp(&self) -> bool {
        const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let [first, second] = [0, 1].map(|at| self.word(at).text(self.text));
        let behind = self.text.get(self.word(1).end()..).unwrap_or_default();
        let mut parts = behind.split(' ').filter(|part| !part.is_empty());
        let is_day = |day: &str| day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
        let is_time = |time: &str| {
            time.len() >= 8
                && time.as_bytes()[2] == b':'
                && time.as_bytes()[5] == b':'
                && time.starts_with(|c: char| c.is_ascii_digit())
        };
        self.len == 2
            && WEEKDAYS.contains(&first)
            && MONTHS.contains(&second)
            && behind.starts_with(' ')
            && parts.next().is_some_and(is_day)
            && parts.next().is_some_and(is_time)
    }

    fn single(&self, context: Context) -> Option<Hit> {
        let index = self.parts().iter().position(|part| part.role == Role::Word)?;
        let part = &self.parts()[index];
        let word = &self.words[part.at];
        // `Contact{Rel:"mother"}`: the key of a dump.
        let behind = self.text.as_bytes().get(word.end()..).unwrap_or_default();
        if matches!(
            behind,
            [b':', b'"' | b'\'' | b'{' | b'[' | b'&' | b'0'..=b'9', ..] | [b'=', b'"' | b'\'', ..]
        ) {
            return None;
        }
        let accepted = match context {
            Context::None | Context::Weak(_) => {
                word.shape == Shape::Capital && self.is_single_by_itself(index, context)
            }
            Context::Medium(cue) => self.is_single_in_slot(index, cue),
            Context::Strong(cue) => self.is_single_of_person(index, cue),
            Context::Title(_) | Context::Provider(_) => self.is_single_behind_title(index),
        };
        let is_person =
            matches!(context, Context::Title(_)) || context.is_strong() && word.shape == Shape::Lower;
        if !accepted
            || !is_person && self.is_organisation_after(part.at + 1)
            || word.possessive && context == Context::None
        {
            return None;
        }
        let rule = match context {
            Context::None | Context::Weak(_) => "name.person",
            Context::Title(_) => "name.title",
            Context::Provider(_) => "name.provider",
            _ => "name.cue",
        };
        let rank = part.entry.given.max(part.entry.family);
        let confidence = if rank > 0 { Confidence::High } else { Confidence::Medium };
        // Only what leads up to the word may stand before it.
        Some(self.hit(index + 1, rule, confidence, context.cue()))
    }

    /// A capitalised word that nothing or little announces: what stands behind it, or around, has to say that it is a person's.
    fn is_single_by_itself(&self, index: usize, context: Context) -> bool {
        let Part { entry, at, .. } = self.parts()[index];
        let (word, end) = (&self.words[at], index + 1);
        let rank = entry.given.max(entry.family);
        let points = as_given(entry).max(as_family(entry));
        let announced = |by: fn(&str) -> bool| matches!(context, Context::Weak(cue) if by(cue));
        if points >= 2 && self.has_person_tail(end)
            || self.is_double(at) && !self.is_after_placeholder() && !self.is_organisation_after(at + 1)
        {
            return true;
        }
        if index > 0 {
            return false;
        }
        // So told, a place may be a person too.
        if entry.given == 3 && entry.word <= 2 && announced(is_person_word) && self.has_verb(end)
            || entry.given >= 2 && entry.word <= 2 && self.is_signature(end)
        {
            return true;
        }
        if entry.kind == Kind::Place {
            return false;
        }
        let long = word.len() >= 2;
        let sure = entry.word == 0
            && (entry.given >= 2 && self.is_sentence_start(at) && self.has_verb(end)
                || rank >= 2 && self.is_of_a_person(end)
                || rank >= 1 && is_missing_key(self.text, word.start())
                // `for child Eskil`
                || rank >= 1 && long && announced(|cue| matches!(cue, "child" | "infant" | "baby")));
        sure || (entry.word == 0 || entry.word == 1 && rank >= 2) && long && self.is_addressed(end)
            || rank > 0 && entry.word <= 1 && self.is_kin(end)
    }

    /// `surname Featherstonehaugh`: nothing but a name follows, if it is no word.
    fn is_single_in_slot(&self, index: usize, cue: &str) -> bool {
        let Part { entry, at, .. } = self.parts()[index];
        let word = &self.words[at];
        let rank = entry.given.max(entry.family);
        let plain = entry.word == 0 && entry.kind != Kind::Place;
        match word.shape {
            Shape::Capital => {
                let open = names_a_part(cue) && word.len() > 3
                    || is_of_patients(cue) && word.len() > 4 && entry.is_uncommon();
                // `Dear Faith,`, `spoke with Charlotte`: a word or a place too, but who else is spoken to?
                let spoken_to = entry.given >= 2 && greets(cue) && self.ends_greeting(index + 1)
                    || entry.given == 3 && entry.word <= 2 && is_of_patients(cue);
                plain && (rank > 0 || open) || spoken_to
            }
            Shape::Upper => {
                let asked = if cue == "nee" {
                    0
                } else if names_a_part(cue) || cue == "baby" && word.len() >= 5 {
                    1
                } else {
                    3
                };
                // `surname TREGENZA`
                let open = names_a_part(cue) && entry.is_unknown();
                plain && (rank >= asked || open) && word.len() > 3
            }
            Shape::Lower => plain && entry.given > 2 && word.len() > 3,
            _ => false,
        }
    }

    fn is_single_of_person(&self, index: usize, cue: &str) -> bool {
        let Part { entry, at, .. } = self.parts()[index];
        let word = &self.words[at];
        let rank = entry.given.max(entry.family);
        let is_place = entry.kind == Kind::Place;
        match word.shape {
            Shape::Capital => {
                // A common family name is believed against a less common word.
                let outweighs = rank == 3 && entry.word <= 2 || rank >= 2 && entry.word <= 1;
                let points = as_given(entry).max(as_family(entry));
                word.len() >= 2 && (!is_place || entry.given == 3) && (entry.word == 0 || outweighs)
                    || rank >= 2 && points >= 1 && self.has_tail(index + 1)
            }
            Shape::Lower => {
                cue.is_ascii() && entry.word == 0 && (entry.given > 1 || entry.family > 2) && !is_place
            }
            Shape::Upper => {
                let open = names_a_part(cue) && entry.is_unknown() && word.len() > 3;
                entry.word == 0 && (rank > 0 || open) && !is_place && word.len() > 2
            }
            _ => false,
        }
    }

    fn is_single_behind_title(&self, index: usize) -> bool {
        let Part { entry, at, .. } = self.parts()[index];
        let (rank, len) = (entry.given.max(entry.family), self.words[at].len());
        match self.words[at].shape {
            Shape::Capital => len >= 2 && (entry.word == 0 || rank > 0),
            Shape::Upper => len >= 2 && rank > 0 || index > 0 && entry.is_unknown() && len >= 5,
            _ => rank > 0 && as_given(entry).max(as_family(entry)) >= 1,
        }
    }

    /// `Beatrix's teacher`, `Okafor called about`, `Ramirez stable`: a listed name and what is said of people only.
    fn is_of_a_person(&self, len: usize) -> bool {
        (self.possessive() && self.has_owned(len) || self.has_verb(len)) && !self.is_after_placeholder()
    }

    /// `Winthrop-Fields`: two family names in one, at least one of them listed.
    fn is_double(&self, at: usize) -> bool {
        let word = self.words[at].text(self.text);
        let mut halves = word.split('-');
        let (Some(a), Some(b), None) = (halves.next(), halves.next(), halves.next()) else { return false };
        let capital = |half: &str| {
            half.len() >= 3
                && half.starts_with(char::is_uppercase)
                && half.chars().skip(1).all(char::is_lowercase)
        };
        let (one, two) = (lookup(a), lookup(b));
        let sure = |entry: Entry| entry.family.max(entry.given) >= 2 && entry.word == 0;
        capital(a)
            && capital(b)
            && !(eponyms::is_pair(a, b) || eponyms::is_quarter(b) || forms::is_of_things(word))
            && !(one.is_blocked() || two.is_blocked())
            && (sure(one) && two.word < 2 || sure(two) && one.word < 2)
    }

    /// Where the name begins: `BG Ramaswamy` is what a newborn girl is called.
    pub(super) fn start(&self) -> usize {
        let first = self.word(0);
        let newborn = self.parts[0]
            .at
            .checked_sub(1)
            .map(|before| &self.words[before])
            .filter(|before| first.gap == Gap::Space && matches!(before.text(self.text), "BG" | "BB"));
        newborn.unwrap_or(first).start()
    }

    pub(super) fn hit(
        &self,
        len: usize,
        rule: &'static str,
        confidence: Confidence,
        cue: Option<&'static str>,
    ) -> Hit {
        let last = self.parts[len - 1].at;
        Hit {
            span: self.start()..self.words[last].end(),
            next: last + 1,
            rule,
            confidence,
            cue,
            is_spared: false,
        }
    }
}
