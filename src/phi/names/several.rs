//! Whether two words or more, or one with an initial, are a name.
//!
//! Owns what beside their points speaks for them: their case, their neighbours, the slot they stand in.

use super::judge::{Context, Hit, is_compound};
use super::lexicon::{Entry, lookup};
use super::run::{Part, RUN_MAX, Role, Run};
use super::score::{as_family, as_given, pair};
use super::shapes::Shape;
use super::slots::is_person_word;
use crate::phi::class::Confidence;

/// What the words of a run are together.
struct Words<'e> {
    entries: &'e [Entry],
    /// How many of them are listed names.
    known: usize,
    /// None of them is a word of the language.
    no_words: bool,
    /// In capitals, in small letters.
    upper: bool,
    lower: bool,
    context: Context,
}

impl Run<'_> {
    /// Two words or more, or one with an initial.
    pub(super) fn several(&self, context: Context) -> Option<Hit> {
        if self.names() == 2 && self.is_of_a_stamp() {
            return Some(self.spared());
        }
        let mut entries = [Entry::default(); RUN_MAX];
        let mut count = 0;
        for part in self.parts().iter().filter(|part| part.role == Role::Word) {
            entries[count] = part.entry;
            count += 1;
        }
        let entries = &entries[..count];
        let upper = self.words[self.parts[0].at].shape == Shape::Upper
            && self.parts().iter().all(|part| self.words[part.at].shape != Shape::Capital);
        let words = Words {
            entries,
            known: entries.iter().filter(|entry| entry.is_name()).count(),
            no_words: entries.iter().all(|entry| entry.word == 0),
            upper,
            lower: self.is_lower(),
            context,
        };
        if words.lower && self.is_jargon(context) || self.is_remnant(&words) || self.is_of_country(&words) {
            return None;
        }
        let particle = self.parts().iter().any(|part| part.role == Role::Particle);
        let score = i32::from(particle)
            + match count {
                1 => self.initialled(entries[0]),
                _ => pair(entries[0], entries[1]).max(pair(entries[0], entries[count - 1])),
            };
        let said = upper && self.is_said_of_a_person(&words);
        if (upper || words.lower) && words.known < count && !said && !self.is_name_in_one_case(&words, score)
        {
            return None;
        }
        let enough = score >= self.threshold(&words)
            || said
            || self.is_taken(&words)
            || score >= 2 && self.has_tail(self.len) && !upper;
        if !enough {
            return None;
        }
        if !context.is_strong() && self.is_something_else() {
            // Nothing inside the phrase is a name either: `Martin Luther King Hospital`.
            return Some(self.spared());
        }
        let confidence =
            if score >= 5 || context.is_strong() { Confidence::High } else { Confidence::Medium };
        let rule = if words.lower { "name.lower" } else { "name.pair" };
        Some(self.hit(self.len, rule, confidence, context.cue()))
    }

    /// Words in small letters, none of which is a name for sure: `for high-res timesource`, `hårda länkar`.
    fn is_jargon(&self, context: Context) -> bool {
        let compound = || self.parts().iter().any(|part| is_compound(self.words[part.at].text(self.text)));
        let listed = |part: &Part| {
            let entry = lookup(self.words[part.at].text(self.text));
            part.role == Role::Word && entry.given.max(entry.family) >= 2
        };
        !context.is_strong() && (compound() || !self.parts().iter().any(listed))
    }

    /// `I EDACTED:mrn]`: what is left of a placeholder, and no name before a key glued to it.
    fn is_remnant(&self, words: &Words<'_>) -> bool {
        let behind = self.text.as_bytes().get(self.word(self.len - 1).end()..).unwrap_or_default();
        words.entries.len() == 1
            && words.known == 0
            && self.dotted_initials() == 0
            && self.parts[0].role == Role::Initial
            && matches!(behind, [b':', b'a'..=b'z', ..])
    }

    /// `[U.S. FSS]`: of a country, before an abbreviation.
    fn is_of_country(&self, words: &Words<'_>) -> bool {
        words.upper
            && words.known == 0
            && ["U.S. ", "U.K. ", "E.U. "].iter().any(|of| self.text[self.start()..].starts_with(of))
    }

    fn dotted_initials(&self) -> usize {
        let dotted = |part: &&Part| part.role == Role::Initial && self.has_dot_after(part.at);
        self.parts().iter().filter(dotted).count()
    }

    /// In capitals: does what follows say something of a person?
    fn is_said_of_a_person(&self, words: &Words<'_>) -> bool {
        // `MBALI KHUMALO already checked in`: one of the two is listed, and the sentence begins with them.
        let subject = || {
            words.known > 0
                && self.is_spelled(words.entries)
                && self.is_sentence_start(self.parts[0].at)
                && self.has_tail(self.len)
        };
        // `TREGENZA L admitted`
        let admitted = || {
            self.is_family_and_initial()
                && self.has_person_tail(self.len)
                && (words.known > 0 || self.word(0).len() >= 5 && !self.may_be_of_a_thing(self.len))
        };
        words.no_words && (subject() || admitted())
    }

    /// All in capitals or all in small letters, and not each of them listed: a name all the same?
    fn is_name_in_one_case(&self, words: &Words<'_>, score: i32) -> bool {
        let &Words { entries, known, no_words, upper, context, .. } = words;
        // `returned OGUNBANJO ADERONKE`
        let asked = upper && context != Context::None;
        asked && no_words && self.is_of_given_and_unlisted(entries, context)
            || context.is_strong() && known > 0 && (no_words || upper && self.is_beside_a_name(entries))
            || no_words && (score >= 4 || words.is_familiar_in_slot()) && self.is_spelled(entries)
    }

    /// A slot for a person takes any words that mean nothing else.
    fn is_taken(&self, words: &Words<'_>) -> bool {
        let &Words { entries, known, no_words, upper, lower, context } = words;
        // `patient Minjun Park`: beside a word of no list or a rare name, one that is a name and a word of the language is the name.
        let uncommon = || known > 0 && entries.iter().any(|entry| entry.is_uncommon());
        context.is_strong() && if upper { self.is_beside_a_name(entries) } else { !lower && uncommon() }
            || no_words
                && !upper
                && (!lower || words.is_familiar_in_slot())
                && self.is_slot(context, known)
            // `J. R. Winthrop`: two initials make a name of any word that is none of a dictionary.
            || no_words
                && entries.len() == 1
                && self.dotted_initials() >= 2
                && !self.is_after_placeholder()
            // `scanned "STAVROPOULOS D"`: a family name and an initial, and nothing else in the quotes.
            || no_words
                && self.is_family_and_initial()
                && entries[0].family > 0
                && self.is_between_quotes()
    }

    /// The points that are asked for.
    fn threshold(&self, words: &Words<'_>) -> i32 {
        let &Words { entries, upper, lower, context, .. } = words;
        let mut threshold = match context {
            Context::None => 3,
            Context::Weak(_) | Context::Medium(_) => 2,
            Context::Strong(_) | Context::Title(_) | Context::Provider(_) => 1,
        };
        if upper || lower {
            threshold = (threshold + 1).max(2);
        }
        if lower && context.cue().is_some_and(|cue| !cue.is_ascii()) {
            threshold = 5;
        }
        // `Chase Bill webhook`, `Mark Page`: each of them is a word too, and nothing says that a person is meant.
        let full = entries[0].given == 3 && entries[entries.len() - 1].family == 3;
        let common = !lower && !upper && !full && entries.iter().all(|entry| entry.word >= 2);
        if context == Context::None && common && !self.has_verb(self.len) {
            threshold += 2;
        }
        threshold
    }

    /// What is no name, and holds none.
    fn spared(&self) -> Hit {
        Hit { is_spared: true, ..self.hit(self.len, "name.phrase", Confidence::Low, None) }
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
}

impl Words<'_> {
    /// A listed name in a slot that other things fill too. In small letters a rare name beside a word of no list is jargon.
    fn is_familiar_in_slot(&self) -> bool {
        let familiar = || !self.lower || self.entries.iter().any(|entry| entry.given.max(entry.family) >= 2);
        self.known > 0 && matches!(self.context, Context::Medium(_)) && familiar()
    }
}
