//! Whether a run of words is a name, given what stands around it.
//!
//! Owns the arithmetic: each word brings points as a given or family name, loses points as a dictionary word, and the context
//! sets the threshold. Words that can never be names end a run.

use std::ops::Range;

use super::cues::{self, DEGREE, PARTICLE, SUFFIX, TAIL, VERB};
use super::forms;
use super::lexicon::{Entry, Kind, lookup};
use super::tokens::{Gap, Shape, Token};
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
    fn cue(self) -> Option<&'static str> {
        match self {
            Context::None => None,
            Context::Weak(cue) | Context::Medium(cue) | Context::Strong(cue) | Context::Title(cue) | Context::Provider(cue) => {
                Some(cue)
            }
        }
    }

    fn is_strong(self) -> bool {
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

const RUN_MAX: usize = 7;

/// One element of a run.
#[derive(Clone, Copy)]
struct Part {
    at: usize,
    entry: Entry,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Word,
    Initial,
    Particle,
    Suffix,
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
    if run.names() >= 2 || run.names() == 1 && run.has_initial() {
        if let Some(hit) = run.several(context) {
            return Some(hit);
        }
    }
    run.single(context)
}

/// A name word with its hyphenated halves looked up apart, and a guess by its form if it is in no list.
pub(super) fn entry_of(word: &str) -> Entry {
    let mut whole = lookup(word);
    if whole != Entry::default() {
        if !word.is_ascii() && whole.is_name() {
            // `Hà` is not the English `ha`.
            whole.word = 0;
        }
        return whole;
    }
    if !word.contains(['-', '‐', '‑']) {
        return forms::guess(word);
    }
    let mut merged: Option<Entry> = None;
    for half in word.split(['-', '‐', '‑']) {
        if half.len() < 2 || cues::cue(half).has(PARTICLE) {
            continue;
        }
        let mut entry = lookup(half);
        if entry.is_unknown() {
            entry = forms::guess(half);
        }
        if entry.is_blocked() {
            return entry;
        }
        merged = Some(match merged {
            None => entry,
            Some(so_far) => Entry {
                given: so_far.given.max(entry.given),
                family: so_far.family.max(entry.family),
                word: so_far.word.min(entry.word),
                kind: if entry.kind == Kind::Place && so_far.kind == Kind::Place { Kind::Place } else { Kind::Plain },
            },
        });
    }
    merged.unwrap_or_default()
}

/// Points of a word in a role: up to 4 for a common name, 1 for a word in no list, negative for a dictionary word.
fn points(rank: u8, entry: Entry) -> i32 {
    let word = i32::from(if entry.kind == Kind::Place { entry.word.max(2) } else { entry.word });
    match rank {
        0 if word == 0 => 1,
        0 => -9,
        rank => i32::from(rank) + 1 - word,
    }
}

fn as_given(entry: Entry) -> i32 {
    points(entry.given, entry)
}

fn as_family(entry: Entry) -> i32 {
    points(entry.family, entry)
}

/// How well two words make a given and a family name, in either order.
pub(super) fn pair(a: Entry, b: Entry) -> i32 {
    // Without a known given name the pair may be any two unknown or capitalised words.
    let order = |given: Entry, family: Entry| {
        as_given(given) + as_family(family) - i32::from(given.given == 0) - i32::from(!family.is_name() && !given.is_name()) * 9
    };
    order(a, b).max(order(b, a) - 1)
}

struct Run<'a> {
    text: &'a str,
    words: &'a [Token],
    parts: [Part; RUN_MAX],
    len: usize,
}

impl<'a> Run<'a> {
    fn collect(text: &'a str, words: &'a [Token], at: usize, context: Context) -> Run<'a> {
        let empty = Part { at, entry: Entry::default(), role: Role::Word };
        let mut run = Run { text, words, parts: [empty; RUN_MAX], len: 0 };
        let lower = words[at].shape == Shape::Lower;
        let mut index = at;
        while index < words.len() && run.len < RUN_MAX {
            let word = &words[index];
            if index > at {
                let after_initial = run.parts[run.len - 1].role == Role::Initial || is_saint(words[index - 1].text(text));
                let joined = word.gap == Gap::Space || word.gap == Gap::Dot && after_initial;
                if !joined || words[index - 1].possessive {
                    break;
                }
            }
            let Some(part) = run.part(index, lower, context) else { break };
            run.parts[run.len] = part;
            run.len += 1;
            index += 1;
        }
        run.trim(context);
        run
    }

    fn part(&self, at: usize, lower: bool, context: Context) -> Option<Part> {
        let word = &self.words[at];
        let text = word.text(self.text);
        let entry = match word.shape {
            Shape::Initial => return Some(Part { at, entry: Entry::default(), role: Role::Initial }),
            Shape::Code | Shape::Joined => return None,
            Shape::Lower => {
                if self.particle_before_name(at, lower) {
                    return Some(Part { at, entry: Entry::default(), role: Role::Particle });
                }
                if !lower || text.len() < 2 {
                    return None;
                }
                let entry = if text.as_bytes()[0] >= 0xcd { lookup(text) } else { entry_of(text) };
                // A lower-case word is a name only if nothing else is known of it, or if it is a very common name.
                if entry.word > 1 + u8::from(entry.family.max(entry.given) == 3 && (self.len > 0 || context.is_strong())) {
                    return None;
                }
                entry
            }
            Shape::Capital | Shape::Upper | Shape::Caseless => {
                if self.len > 0 && word.cue().has(SUFFIX) {
                    return Some(Part { at, entry: Entry::default(), role: Role::Suffix });
                }
                entry_of(text)
            }
        };
        if entry.is_blocked() || lower && word.shape != Shape::Lower && self.len > 0 {
            return None;
        }
        if self.len > 0 && !entry.is_name() && self.particle_before_name(at, false) {
            return Some(Part { at, entry, role: Role::Particle });
        }
        // A dictionary word that is nobody's name ends the run; at its start it ends it at once.
        let is_word = !entry.is_name() && (entry.word > 0 || entry.kind == Kind::Place);
        if is_word && !(matches!(context, Context::Title(_)) && self.len == 0) {
            return None;
        }
        if is_word {
            return None;
        }
        Some(Part { at, entry, role: Role::Word })
    }

    /// Whether word `at` is a particle with a name (or another particle) right after it.
    fn particle_before_name(&self, at: usize, lower: bool) -> bool {
        if self.len == 0 && !lower {
            return false;
        }
        let is_particle = |word: &Token| word.cue().has(PARTICLE);
        if !is_particle(&self.words[at]) {
            return false;
        }
        let mut next = at + 1;
        while next < self.words.len().min(at + 4) && matches!(self.words[next].gap, Gap::Space | Gap::Dot) {
            let word = &self.words[next];
            match word.shape {
                Shape::Capital | Shape::Upper => return !entry_of(word.text(self.text)).is_blocked(),
                Shape::Lower if is_particle(word) => next += 1,
                Shape::Lower => return lower && lookup(word.text(self.text)).family > 0,
                _ => return false,
            }
        }
        false
    }

    /// Drops what cannot end a name: particles, and weak words behind a complete name.
    fn trim(&mut self, context: Context) {
        // Beside a capitalised word, a word in capitals is an abbreviation unless it is surely a name (`DUPONT Jean`).
        let mixed = self.parts().iter().any(|part| self.words[part.at].shape == Shape::Capital);
        if mixed {
            let rank_min = if context.is_strong() { 1 } else { 2 };
            let abbreviation = |part: &Part| {
                let word = &self.words[part.at];
                let rank = part.entry.given.max(part.entry.family);
                part.role == Role::Word && word.shape == Shape::Upper && (rank < rank_min || word.len() < 4 || part.entry.word > 0)
            };
            if let Some(index) = self.parts().iter().position(abbreviation) {
                self.len = index;
            }
        }
        while self.len > 0 && self.parts[self.len - 1].role == Role::Particle {
            self.len -= 1;
        }
        let strict = !context.is_strong();
        // Behind the second word only what is a name rather than a word.
        for index in 2..self.len {
            let part = self.parts[index];
            if part.role == Role::Word && as_family(part.entry).max(as_given(part.entry)) < 1 {
                self.len = index;
                break;
            }
            if strict && part.role == Role::Initial && index + 1 == self.len && !self.has_dot_after(part.at) {
                self.len = index;
                break;
            }
        }
        while self.len > 0 && self.parts[self.len - 1].role == Role::Particle {
            self.len -= 1;
        }
    }

    fn parts(&self) -> &[Part] {
        &self.parts[..self.len]
    }

    fn names(&self) -> usize {
        self.parts().iter().filter(|part| part.role == Role::Word).count()
    }

    fn has_initial(&self) -> bool {
        self.parts().iter().any(|part| part.role == Role::Initial)
    }

    fn has_dot_after(&self, at: usize) -> bool {
        self.text.as_bytes().get(self.words[at].end()) == Some(&b'.')
    }

    fn word(&self, index: usize) -> &Token {
        &self.words[self.parts[index].at]
    }

    /// Two words or more, or one with an initial.
    fn several(&self, context: Context) -> Option<Hit> {
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
        let upper = self.words[self.parts[0].at].shape == Shape::Upper && self.parts().iter().all(|part| self.words[part.at].shape != Shape::Capital);
        let lower = self.word(0).shape == Shape::Lower;
        let mut threshold = match context {
            Context::None => 3,
            Context::Weak(_) => 2,
            Context::Medium(_) => 2,
            Context::Strong(_) | Context::Title(_) | Context::Provider(_) => 1,
        };
        let no_words = entries.iter().all(|entry| entry.word == 0);
        let known = entries.iter().filter(|entry| entry.is_name()).count();
        if upper || lower {
            if known < count && !(context.is_strong() && known > 0 && no_words || no_words && (score >= 4 || known > 0 && matches!(context, Context::Medium(_))) && self.is_spelled(entries)) {
                return None;
            }
            threshold = (threshold + 1).max(2);
            if lower && context.cue().is_some_and(|cue| !cue.is_ascii()) {
                threshold = 5;
            }
        }
        // A slot for a person takes any words that mean nothing else.
        let taken = no_words && !upper && (!lower || known > 0 && matches!(context, Context::Medium(_))) && self.is_slot(context, known);
        if score < threshold && !taken && !(score >= 2 && self.has_tail(self.len) && !upper) {
            return None;
        }
        if !context.is_strong() && self.is_something_else() {
            // Nothing inside the phrase is a name either: `Martin Luther King Hospital`.
            let mut hit = self.hit(self.len, "name.phrase", Confidence::Low, None);
            hit.is_spared = true;
            return Some(hit);
        }
        let confidence = if score >= 5 || context.is_strong() { Confidence::High } else { Confidence::Medium };
        Some(self.hit(self.len, if lower { "name.lower" } else { "name.pair" }, confidence, context.cue()))
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

    /// A value quoted or bracketed by itself: `'Welat Jiyan'`, `(Nkosi Bhuyeni)`.
    fn is_enclosed(&self) -> bool {
        let (first, last) = (self.word(0), self.word(self.len - 1));
        let bytes = self.text.as_bytes();
        let open = first.start().checked_sub(1).map(|at| bytes[at]);
        let close = bytes.get(last.end()).copied();
        let matched = matches!((open, close), (Some(b'\''), Some(b'\'')) | (Some(b'"'), Some(b'"')) | (Some(b'('), Some(b')')) | (Some(b'>'), Some(b'<' | b',')));
        matched && self.len == 2 && self.parts().iter().all(|part| part.role == Role::Word && self.words[part.at].len() >= 4)
    }

    /// `dob`, `born`, `admitted`, `deceased`: said of persons only.
    fn has_person_tail(&self, len: usize) -> bool {
        matches!(
            self.next_cue(len).text,
            "born" | "dob" | "geb" | "geboren" | "nee" | "nacido" | "nacida" | "nato" | "nata" | "nascido" | "nascida" | "aged" | "admitted" | "discharged" | "deceased" | "ssn" | "mrn"
        )
    }

    fn possessive(&self) -> bool {
        self.words[self.parts[self.len - 1].at].possessive
    }

    /// Long enough that a word in no list is not an abbreviation.
    fn is_spelled(&self, entries: &[Entry]) -> bool {
        entries.len() >= 2 && self.parts().iter().all(|part| part.role != Role::Word || self.words[part.at].len() >= 4)
    }

    /// `J. Smith`, `Marisol Q.`
    fn initialled(&self, entry: Entry) -> i32 {
        let initial = self.parts().iter().find(|part| part.role == Role::Initial);
        let dotted = initial.is_some_and(|part| self.has_dot_after(part.at));
        let leads = self.parts[0].role == Role::Initial;
        let points = if leads { as_family(entry) - i32::from(entry.family == 0) } else { as_given(entry) };
        points + i32::from(dotted) - i32::from(!dotted) - i32::from(entry.family < 2 && leads)
    }

    /// `Quintanar, Marisol A.`
    fn last_first(&self, context: Context) -> Option<Hit> {
        let last = self.parts().last()?;
        let (index, comma) = (last.at + 1, self.words.get(last.at + 1)?);
        if comma.gap != Gap::Comma || self.words[last.at].possessive || last.role == Role::Initial || self.names() > 2 {
            return None;
        }
        let first = self.parts().iter().find(|part| part.role == Role::Word)?;
        let lower = self.word(0).shape == Shape::Lower;
        if !(comma.is_named() || lower && comma.shape == Shape::Lower) {
            return None;
        }
        if comma.cue().has(DEGREE | SUFFIX) {
            return None;
        }
        let given = entry_of(comma.text(self.text));
        if given.is_blocked() || given.kind == Kind::Place || given.given == 0 && (context == Context::None || given.word > 0 || lower) {
            return None;
        }
        if first.entry.kind == Kind::Place && !context.is_strong() {
            return None;
        }
        let family = as_family(first.entry) - i32::from(lower && first.entry.family == 0) * 9;
        let mut score = family + as_given(given);
        let upper = self.word(0).shape == Shape::Upper;
        let mut end = index + 1;
        if self.words.get(end).is_some_and(|word| word.shape == Shape::Initial && word.gap == Gap::Space) {
            score += 2;
            end += 1;
        } else if self.words.get(end).is_some_and(|word| word.is_named() && word.gap == Gap::Space && word.shape == comma.shape) {
            let middle = entry_of(self.words[end].text(self.text));
            if middle.is_name() && !middle.is_blocked() && middle.word < 2 {
                end += 1;
            }
        }
        let threshold = match context {
            Context::None => 4,
            Context::Weak(_) => 3,
            _ => 2,
        } + i32::from(upper && !context.is_strong());
        // A list of single names, not one person: `Jackson, Jenkins, Maven`.
        let listed = self.words.get(end).is_some_and(|word| word.gap == Gap::Comma && word.is_named());
        if score < threshold + i32::from(listed) * 2 {
            return None;
        }
        let confidence = if score >= 6 { Confidence::High } else { Confidence::Medium };
        let start = self.word(0).start();
        let span = start..self.words[end - 1].end();
        Some(Hit { span, next: end, rule: "name.last_first", confidence, cue: context.cue(), is_spared: false })
    }

    fn single(&self, context: Context) -> Option<Hit> {
        let part = self.parts().iter().find(|part| part.role == Role::Word)?;
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
                (entry.given >= 2 && entry.word == 0 && !is_place && index == 0 && (self.is_sentence_start(part.at) && self.has_verb(end)))
                    || points >= 2 && self.has_person_tail(end)
            }
            (Context::None | Context::Weak(_), _) => false,
            (Context::Medium(_), Shape::Capital) => entry.word == 0 && rank > 0 && !is_place,
            (Context::Medium(_), Shape::Upper) => entry.word == 0 && rank > 2 && !is_place && word.len() > 3,
            (Context::Medium(_), Shape::Lower) => entry.word == 0 && entry.given > 2 && !is_place && word.len() > 3,
            (Context::Strong(_), Shape::Capital) => {
                long && entry.word == 0 && !is_place || rank >= 2 && points >= 1 && self.has_tail(end)
            }
            (Context::Strong(cue), Shape::Lower) => cue.is_ascii() && entry.word == 0 && (entry.given > 1 || entry.family > 2) && !is_place,
            (Context::Strong(_), Shape::Upper) => entry.word == 0 && rank > 0 && !is_place && word.len() > 2,
            (Context::Title(_) | Context::Provider(_), Shape::Capital) => long && (entry.word == 0 || rank > 0),
            (Context::Title(_) | Context::Provider(_), Shape::Upper) => long && rank > 0,
            (Context::Title(_) | Context::Provider(_), _) => rank > 0 && points >= 1,
            _ => false,
        };
        if !accepted || !matches!(context, Context::Title(_)) && self.is_organisation_after(part.at + 1) {
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

    /// Scripts without case: `山田太郎`, `محمد علي`. A few such words inside Latin text are somebody's data, not the message.
    fn caseless(&self, context: Context) -> Option<Hit> {
        let first = self.word(0).text(self.text);
        let cued = !matches!(context, Context::None | Context::Weak(_));
        let same_script = self.parts().iter().take_while(|part| self.words[part.at].shape == Shape::Caseless).count();
        let ideographs = first.chars().all(is_east_asian);
        let isolated = self.is_isolated(same_script);
        let len = first.chars().count();
        let accepted = if ideographs && same_script == 1 {
            let listed = east_asian(first);
            if cued { (2..=8).contains(&len) } else { listed == 2 && isolated && len <= 6 || listed == 1 && isolated && (2..=4).contains(&len) }
        } else {
            let listed = self.parts().iter().any(|part| lookup(self.words[part.at].text(self.text)).is_name());
            // A cue in the same language may begin a plain sentence.
            let cue_says = cued && (listed || context.cue().is_some_and(str::is_ascii));
            cue_says || isolated && (2..=4).contains(&same_script) || self.both_listed(same_script)
        };
        let confidence = if context.is_strong() { Confidence::High } else { Confidence::Medium };
        if !accepted {
            return None;
        }
        let last = (0..self.len).rev().find(|index| self.parts[*index].role != Role::Particle)?;
        let mut hit = self.hit(last + 1, "name.script", confidence, context.cue());
        if let Some(more) = self.words.get(hit.next).filter(|more| more.shape == Shape::Caseless && more.gap == Gap::Comma && same_script == 1) {
            hit.span.end = more.end();
            hit.next += 1;
        }
        Some(hit)
    }

    /// A listed given name beside a listed family name, and nothing more.
    fn both_listed(&self, len: usize) -> bool {
        let entry = |index: usize| lookup(self.word(index).text(self.text));
        len == 2 && pair(entry(0), entry(1)) >= 4 && entry(0).is_name() && entry(1).is_name()
    }

    /// Whether the run stands by itself in a text of Latin words.
    fn is_isolated(&self, len: usize) -> bool {
        let (from, to) = (self.parts[0].at, self.parts[len.max(1) - 1].at + 1);
        let latin = |word: &Token| self.text.as_bytes().get(word.start()).is_some_and(u8::is_ascii);
        let before = from.checked_sub(1).is_none_or(|at| latin(&self.words[at]) || self.words[from].gap == Gap::Label);
        let after = self.words.get(to).is_none_or(|word| latin(word) || word.gap == Gap::Comma);
        before && after && self.text.bytes().take(512).filter(u8::is_ascii_alphabetic).nth(5).is_some()
    }

    fn hit(&self, len: usize, rule: &'static str, confidence: Confidence, cue: Option<&'static str>) -> Hit {
        let last = self.parts[len - 1].at;
        Hit { span: self.word(0).start()..self.words[last].end(), next: last + 1, rule, confidence, cue, is_spared: false }
    }

    /// Whether the words are listed as a phrase, or name an organisation, a building or an eponym.
    fn is_something_else(&self) -> bool {
        let last = self.parts[self.len - 1].at;
        if self.is_organisation_after(last + 1) {
            return true;
        }
        if self.len < 2 {
            return false;
        }
        let (a, b) = (self.word(0).text(self.text), self.word(1).text(self.text));
        let mut phrase = String::with_capacity(a.len() + b.len() + 1);
        phrase.push_str(a);
        phrase.push(' ');
        phrase.push_str(b);
        matches!(lookup(&phrase).kind, Kind::Place | Kind::Stop)
    }

    fn is_organisation_after(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.gap == Gap::Space && lookup(word.text(self.text)).kind == Kind::Organisation)
    }

    /// `born`, `(DOB …`, `not found`: what follows a person in a message.
    fn has_tail(&self, len: usize) -> bool {
        self.next_cue(len).has(TAIL)
    }

    fn has_verb(&self, len: usize) -> bool {
        let at = self.parts[len - 1].at + 1;
        self.words.get(at).is_some_and(|word| word.gap == Gap::Space && word.shape == Shape::Lower) && self.next_cue(len).has(VERB)
    }

    /// What only a patient does: `reports`, `denies`.
    fn has_report(&self, len: usize) -> bool {
        matches!(self.next_cue(len).text, "reports" | "denies" | "complains" | "presents" | "endorses" | "states" | "underwent")
    }

    fn next_cue(&self, len: usize) -> cues::Cue {
        let at = self.parts[len - 1].at + 1;
        let Some(word) = self.words.get(at) else { return cues::Cue::default() };
        if matches!(word.gap, Gap::Break | Gap::Dot | Gap::Far) { cues::Cue::default() } else { word.cue() }
    }

    fn is_sentence_start(&self, at: usize) -> bool {
        matches!(self.words[at].gap, Gap::Break | Gap::Dot | Gap::Label)
    }
}

fn is_person_word(cue: &str) -> bool {
    matches!(cue, "user" | "username" | "client" | "contact" | "member" | "customer" | "row" | "person" | "relatedperson" | "caller" | "employee" | "applicant" | "infant" | "baby" | "child" | "boy" | "girl" | "witness" | "minor" | "holder" | "accountholder" | "cardholder" | "who" | "merge" | "notifying" | "contacting" | "emailing" | "calling" | "admitting")
}

fn is_saint(word: &str) -> bool {
    matches!(word, "St" | "Ste" | "ST" | "STE")
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '々')
}

/// How well a word splits into a listed family name and a given name: 0 not, 1 family only, 2 both.
fn east_asian(word: &str) -> u8 {
    let mut best = 0;
    for (at, _) in word.char_indices().skip(1).take(3) {
        let (family, given) = word.split_at(at);
        if lookup(family).family > 0 {
            best = best.max(if lookup(given).given > 0 { 2 } else { 1 });
        }
    }
    best
}
