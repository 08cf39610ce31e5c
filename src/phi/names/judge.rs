//! Whether a run of words is a name, given what stands around it.
//!
//! Owns the thresholds: the points of the words must reach what the context asks for.

use std::ops::Range;

use super::eponyms;
use super::forms;
use super::lexicon::{Entry, Kind, lookup};
use super::run::{Part, RUN_MAX, Role, Run, is_missing_key};
use super::score::{as_family, as_given, pair};
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
fn is_compound(word: &str) -> bool {
    word.contains('-') && word.split('-').any(|half| lookup(half).word >= 2)
}

impl Run<'_> {
    /// `Thu Jan 22 14:33:30`: the day that opens a stamp of C (`asctime`), whatever people are called so.
    fn is_of_a_stamp(&self) -> bool {
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

    /// Two words or more, or one with an initial.
    fn several(&self, context: Context) -> Option<Hit> {
        if self.names() == 2 && self.is_of_a_stamp() {
            let mut hit = self.hit(self.len, "name.phrase", Confidence::Low, None);
            hit.is_spared = true;
            return Some(hit);
        }
        let mut entries = [Entry::default(); RUN_MAX];
        let mut count = 0;
        for part in self.parts().iter().filter(|part| part.role == Role::Word) {
            entries[count] = part.entry;
            count += 1;
        }
        let entries = &entries[..count];
        let mut score = match count {
            1 => self.initialled(entries[0]),
            _ => pair(entries[0], entries[1]).max(pair(entries[0], entries[count - 1])),
        };
        if self.parts().iter().any(|part| part.role == Role::Particle) {
            score += 1;
        }
        let upper = self.words[self.parts[0].at].shape == Shape::Upper
            && self.parts().iter().all(|part| self.words[part.at].shape != Shape::Capital);
        let lower = self.is_lower();
        let mut threshold = match context {
            Context::None => 3,
            Context::Weak(_) => 2,
            Context::Medium(_) => 2,
            Context::Strong(_) | Context::Title(_) | Context::Provider(_) => 1,
        };
        let no_words = entries.iter().all(|entry| entry.word == 0);
        let known = entries.iter().filter(|entry| entry.is_name()).count();
        // In small letters a rare name beside a word of no list is jargon: `for high-res timesource`.
        let familiar = !lower || entries.iter().any(|entry| entry.given.max(entry.family) >= 2);
        let compound =
            lower && self.parts().iter().any(|part| is_compound(self.words[part.at].text(self.text)));
        // `hårda länkar`: letters beyond ASCII make no name of words in small ones.
        let listed = |part: &Part| {
            let entry = lookup(self.words[part.at].text(self.text));
            part.role == Role::Word && entry.given.max(entry.family) >= 2
        };
        if lower && !context.is_strong() && (compound || !self.parts().iter().any(listed)) {
            return None;
        }
        // `MBALI KHUMALO already checked in`: one of the two is listed, and the sentence begins with them.
        let subject = upper
            && known > 0
            && no_words
            && self.is_spelled(entries)
            && self.is_sentence_start(self.parts[0].at)
            && self.has_tail(self.len);
        // `TREGENZA L admitted`
        let admitted = upper
            && self.is_family_and_initial()
            && no_words
            && self.has_person_tail(self.len)
            && (known > 0 || self.word(0).len() >= 5 && !self.may_be_of_a_thing(self.len));
        // `returned OGUNBANJO ADERONKE`
        let asked = upper && context != Context::None;
        if upper || lower {
            let sure =
                subject || admitted || asked && no_words && self.is_of_given_and_unlisted(entries, context);
            let named =
                context.is_strong() && known > 0 && (no_words || upper && self.is_beside_a_name(entries))
                    || no_words
                        && (score >= 4 || known > 0 && familiar && matches!(context, Context::Medium(_)))
                        && self.is_spelled(entries);
            if known < count && !sure && !named {
                return None;
            }
            threshold = (threshold + 1).max(2);
            if lower && context.cue().is_some_and(|cue| !cue.is_ascii()) {
                threshold = 5;
            }
        }
        // A slot for a person takes any words that mean nothing else.
        let taken = context.is_strong() && upper && self.is_beside_a_name(entries);
        let taken = taken
            || no_words
                && !upper
                && (!lower || known > 0 && familiar && matches!(context, Context::Medium(_)))
                && self.is_slot(context, known);
        // `J. R. Winthrop`: two initials make a name of any word that is none of a dictionary.
        let initials = self
            .parts()
            .iter()
            .filter(|part| part.role == Role::Initial && self.has_dot_after(part.at))
            .count();
        // `I EDACTED:mrn]`: what is left of a placeholder, and no name before a key glued to it.
        let behind = self.text.as_bytes().get(self.word(self.len - 1).end()..).unwrap_or_default();
        if count == 1
            && known == 0
            && initials == 0
            && self.parts[0].role == Role::Initial
            && matches!(behind, [b':', b'a'..=b'z', ..])
        {
            return None;
        }
        // `[U.S. FSS]`: of a country, before an abbreviation.
        let country = ["U.S. ", "U.K. ", "E.U. "].iter().any(|of| self.text[self.start()..].starts_with(of));
        if country && upper && known == 0 {
            return None;
        }
        let taken = taken || initials >= 2 && count == 1 && no_words && !self.is_after_placeholder();
        // `scanned "STAVROPOULOS D"`: a family name and an initial, and nothing else in the quotes.
        let quoted =
            self.is_family_and_initial() && no_words && entries[0].family > 0 && self.is_between_quotes();
        let taken = taken || subject || admitted || quoted;
        // `patient Minjun Park`: beside a word of no list or a rare name, one that is a name and a word of the language is the name.
        let beside_uncommon =
            !upper && !lower && known > 0 && entries.iter().any(|entry| entry.is_uncommon());
        let taken = taken || context.is_strong() && beside_uncommon;
        // `Chase Bill webhook`, `Mark Page`: each of them is a word too, and nothing says that a person is meant.
        let said = self.has_verb(self.len);
        let full = entries[0].given == 3 && entries[count - 1].family == 3;
        let written = !lower && !upper && !said;
        if context == Context::None && written && !full && entries.iter().all(|entry| entry.word >= 2) {
            threshold += 2;
        }
        if score < threshold && !taken && !(score >= 2 && self.has_tail(self.len) && !upper) {
            return None;
        }
        if !context.is_strong() && self.is_something_else() {
            // Nothing inside the phrase is a name either: `Martin Luther King Hospital`.
            let mut hit = self.hit(self.len, "name.phrase", Confidence::Low, None);
            hit.is_spared = true;
            return Some(hit);
        }
        let confidence =
            if score >= 5 || context.is_strong() { Confidence::High } else { Confidence::Medium };
        Some(self.hit(self.len, if lower { "name.lower" } else { "name.pair" }, confidence, context.cue()))
    }

    /// Two words in capitals, one surely a given name and the other long and in no list.
    fn is_of_given_and_unlisted(&self, entries: &[Entry], context: Context) -> bool {
        let told = matches!(context, Context::Weak("returned" | "returns" | "says") | Context::Medium(_));
        self.is_spelled(entries)
            && entries.len() == 2
            && entries.iter().any(|entry| entry.given >= if told { 1 } else { 2 })
            && self.parts().iter().any(|part| part.entry.is_unknown() && self.words[part.at].len() >= 6)
    }

    fn is_family_and_initial(&self) -> bool {
        self.len == 2 && self.parts[0].role == Role::Word && self.parts[1].role == Role::Initial
    }

    /// `BLESSING A IROEGBU`: a name that is a word too, beside one that is no word at all.
    fn is_beside_a_name(&self, entries: &[Entry]) -> bool {
        entries.iter().any(|entry| entry.given >= 2)
            && entries.iter().any(|entry| entry.word == 0)
            && self.is_spelled(entries)
    }

    /// Whether the sentence has a place that only persons fill.
    fn is_slot(&self, context: Context, known: usize) -> bool {
        match context {
            Context::None | Context::Weak(_) if self.has_person_tail(self.len) => true,
            Context::None => {
                known > 0 && self.possessive()
                    || self.is_sentence_start(self.parts[0].at) && self.has_report(self.len)
                    || self.is_enclosed()
            }
            Context::Weak(cue) => is_person_word(cue) || known > 0,
            _ => true,
        }
    }

    /// `J. Smith`, `Marisol Q.`
    fn initialled(&self, entry: Entry) -> i32 {
        let initial = self.parts().iter().find(|part| part.role == Role::Initial);
        let dotted = initial.is_some_and(|part| self.has_dot_after(part.at));
        let leads = self.parts[0].role == Role::Initial;
        let points = if leads { as_family(entry) - i32::from(entry.family == 0) } else { as_given(entry) };
        points + i32::from(dotted) - i32::from(!dotted) - i32::from(entry.family < 2 && leads)
    }

    fn single(&self, context: Context) -> Option<Hit> {
        let part = self.parts().iter().find(|part| part.role == Role::Word)?;
        // `Contact{Rel:"mother"}`: the key of a dump.
        let behind = self.text.as_bytes().get(self.words[part.at].end()..).unwrap_or_default();
        if matches!(
            behind,
            [b':', b'"' | b'\'' | b'{' | b'[' | b'&' | b'0'..=b'9', ..] | [b'=', b'"' | b'\'', ..]
        ) {
            return None;
        }
        let index = self.parts().iter().position(|part| part.role == Role::Word)?;
        let (entry, word) = (part.entry, &self.words[part.at]);
        // Only what leads up to the word may stand before it.
        let end = index + 1;
        let rank = entry.given.max(entry.family);
        let points = as_given(entry).max(as_family(entry));
        let is_place = entry.kind == Kind::Place;
        let long = word.len() >= 2;
        let accepted = match (context, word.shape) {
            (Context::None | Context::Weak(_), Shape::Capital) => {
                (entry.given >= 2
                    && entry.word == 0
                    && !is_place
                    && index == 0
                    && (self.is_sentence_start(part.at) && self.has_verb(end)))
                    || points >= 2 && self.has_person_tail(end)
                    || entry.word == 0 && !is_place && index == 0 && rank >= 2 && self.is_of_a_person(end)
                    || (entry.word == 0 || entry.word == 1 && rank >= 2)
                        && !is_place
                        && index == 0
                        && long
                        && self.is_addressed(end)
                    || entry.word == 0
                        && !is_place
                        && index == 0
                        && rank >= 1
                        && is_missing_key(self.text, word.start())
                    || entry.given == 3
                        && entry.word <= 2
                        && index == 0
                        && matches!(context, Context::Weak(cue) if is_person_word(cue))
                        && self.has_verb(end)
                    // `for child Eskil`
                    || entry.word == 0
                        && !is_place
                        && index == 0
                        && rank >= 1
                        && long
                        && matches!(context, Context::Weak("child" | "infant" | "baby"))
                    || rank > 0 && entry.word <= 1 && !is_place && index == 0 && self.is_kin(end)
                    || entry.given >= 2 && entry.word <= 2 && index == 0 && self.is_signature(end)
                    || self.is_double(part.at)
                        && !self.is_after_placeholder()
                        && !self.is_organisation_after(part.at + 1)
            }
            (Context::None | Context::Weak(_), _) => false,
            // `surname Featherstonehaugh`: nothing but a name follows, if it is no word.
            (Context::Medium(cue), Shape::Capital) => {
                let open = names_a_part(cue) && word.len() > 3
                    || is_of_patients(cue) && word.len() > 4 && entry.is_uncommon();
                // `Dear Faith,`, `spoke with Charlotte`: a word or a place too, but who else is spoken to?
                let spoken_to = entry.given >= 2 && greets(cue) && self.ends_greeting(end)
                    || entry.given == 3 && entry.word <= 2 && is_of_patients(cue);
                entry.word == 0 && (rank > 0 || open) && !is_place || spoken_to
            }
            (Context::Medium(cue), Shape::Upper) => {
                let asked = if cue == "nee" {
                    0
                } else if names_a_part(cue) || cue == "baby" && word.len() >= 5 {
                    1
                } else {
                    3
                };
                // `surname TREGENZA`
                let open = names_a_part(cue) && entry.is_unknown();
                entry.word == 0 && (rank >= asked || open) && !is_place && word.len() > 3
            }
            (Context::Medium(_), Shape::Lower) => {
                entry.word == 0 && entry.given > 2 && !is_place && word.len() > 3
            }
            (Context::Strong(_), Shape::Capital) => {
                // A common family name is believed against a less common word.
                let outweighs = rank == 3 && entry.word <= 2 || rank >= 2 && entry.word <= 1;
                long && (!is_place || entry.given == 3) && (entry.word == 0 || outweighs)
                    || rank >= 2 && points >= 1 && self.has_tail(end)
            }
            (Context::Strong(cue), Shape::Lower) => {
                cue.is_ascii() && entry.word == 0 && (entry.given > 1 || entry.family > 2) && !is_place
            }
            (Context::Strong(cue), Shape::Upper) => {
                let open = names_a_part(cue) && entry.is_unknown() && word.len() > 3;
                entry.word == 0 && (rank > 0 || open) && !is_place && word.len() > 2
            }
            (Context::Title(_) | Context::Provider(_), Shape::Capital) => {
                long && (entry.word == 0 || rank > 0)
            }
            (Context::Title(_) | Context::Provider(_), Shape::Upper) => {
                long && rank > 0 || index > 0 && entry.is_unknown() && word.len() >= 5
            }
            (Context::Title(_) | Context::Provider(_), _) => rank > 0 && points >= 1,
            _ => false,
        };
        let is_person =
            matches!(context, Context::Title(_)) || context.is_strong() && word.shape == Shape::Lower;
        if !accepted || !is_person && self.is_organisation_after(part.at + 1) {
            return None;
        }
        if word.possessive && !context.is_strong() && context == Context::None {
            return None;
        }
        let rule = match context {
            Context::None | Context::Weak(_) => "name.person",
            Context::Title(_) => "name.title",
            Context::Provider(_) => "name.provider",
            _ => "name.cue",
        };
        let confidence = if rank > 0 { Confidence::High } else { Confidence::Medium };
        Some(self.hit(end, rule, confidence, context.cue()))
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
    fn start(&self) -> usize {
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
