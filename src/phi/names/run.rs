//! A run of words that may be a name, and what the sentence says right after it.
//!
//! Owns how far a run reaches: words that can never be names end it, particles and initials go along.

use super::called::{is_eponym, is_facility};
use super::cues::{self, MEDIUM, OF_PERSON, PARTICLE, SUFFIX, TAIL, VERB};
use super::forms;
use super::judge::Context;
use super::labels;
use super::lexicon::{Entry, Kind, lookup};
use super::score::{as_family, as_given};
use super::shapes::Shape;
use super::slots::greets;
use super::tokens::{Gap, Token};

pub(super) const RUN_MAX: usize = 7;

/// One element of a run.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub at: usize,
    pub entry: Entry,
    pub role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Word,
    Initial,
    Particle,
    Suffix,
}

pub(super) struct Run<'a> {
    pub text: &'a str,
    pub words: &'a [Token],
    pub parts: [Part; RUN_MAX],
    pub len: usize,
}

impl<'a> Run<'a> {
    pub(super) fn collect(text: &'a str, words: &'a [Token], at: usize, context: Context) -> Run<'a> {
        let empty = Part { at, entry: Entry::default(), role: Role::Word };
        let mut run = Run { text, words, parts: [empty; RUN_MAX], len: 0 };
        let lower = words[at].shape == Shape::Lower;
        let mut index = at;
        while index < words.len() && run.len < RUN_MAX {
            let word = &words[index];
            if index > at {
                let after_initial =
                    run.parts[run.len - 1].role == Role::Initial || is_saint(words[index - 1].text(text));
                let joined =
                    word.gap == Gap::Space || word.gap == Gap::Dot && after_initial || is_article(text, word);
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

    /// Is the name in small letters? In `madre de Nerea Goikoetxea` only its particle is.
    pub(super) fn is_lower(&self) -> bool {
        let first = self.parts().iter().find(|part| part.role != Role::Particle);
        first.is_some_and(|part| self.words[part.at].shape == Shape::Lower)
    }

    pub(super) fn part(&self, at: usize, lower: bool, context: Context) -> Option<Part> {
        let word = &self.words[at];
        let text = word.text(self.text);
        let entry = match word.shape {
            Shape::Initial => return Some(Part { at, entry: Entry::default(), role: Role::Initial }),
            Shape::Code | Shape::Joined => return None,
            Shape::Lower => {
                if self.particle_before_name(at, lower) {
                    return Some(Part { at, entry: Entry::default(), role: Role::Particle });
                }
                if !lower {
                    return None;
                }
                self.small(at, context)?
            }
            Shape::Capital | Shape::Upper | Shape::Caseless => {
                // `titulaire DE LA ROCHEFOUCAULD Marie-Ange`
                if self.parts().iter().all(|part| part.role == Role::Particle)
                    && (context.is_strong() || matches!(context, Context::Medium(_)))
                    && word.shape == Shape::Upper
                    && self.leads_on(at)
                {
                    return Some(Part { at, entry: Entry::default(), role: Role::Particle });
                }
                if self.len > 0 && (word.cue().has(SUFFIX) || self.is_open_before(at)) {
                    return Some(Part { at, entry: Entry::default(), role: Role::Suffix });
                }
                // `Soo-Jin Park`: beside such a given name it is no park.
                if text.eq_ignore_ascii_case("park") && self.is_beside_korean(at) {
                    let entry = Entry { family: 3, ..Entry::default() };
                    return Some(Part { at, entry, role: Role::Word });
                }
                self.capital(at)?
            }
        };
        if entry.is_blocked() && self.is_family_of_somebody(at, entry, context) {
            let entry = Entry { family: 3, word: 1, ..Entry::default() };
            return Some(Part { at, entry, role: Role::Word });
        }
        let behind_small = word.shape != Shape::Lower && self.is_lower();
        if entry.is_blocked() || behind_small {
            return None;
        }
        if self.len > 0 && !entry.is_name() && self.particle_before_name(at, false) {
            return Some(Part { at, entry, role: Role::Particle });
        }
        if self.is_behind_van(at, context) && word.shape == Shape::Capital {
            let entry = Entry { family: entry.family.max(2), word: 0, ..entry };
            return Some(Part { at, entry, role: Role::Word });
        }
        // A dictionary word that is nobody's name ends the run; at its start it ends it at once.
        if !entry.is_name() && (entry.word > 0 || entry.kind == Kind::Place) {
            return None;
        }
        Some(Part { at, entry, role: Role::Word })
    }

    /// What is known of a word in small letters that may be of a name.
    fn small(&self, at: usize, context: Context) -> Option<Entry> {
        let word = &self.words[at];
        let text = word.text(self.text);
        let capital = |part: &Part| part.role == Role::Word && self.words[part.at].shape != Shape::Lower;
        // `for keyspace holly`: what follows is its name.
        let thing = self.len == 0 && word.gap != Gap::Label && crate::phi::cues::is_thing(text);
        if thing || text.len() < 2 || self.parts().iter().any(capital) {
            return None;
        }
        let entry = if text.as_bytes()[0] >= 0xcd { lookup(text) } else { word.entry(self.text) };
        // It is a name only if nothing else is known of it, or if it is a very common name.
        let common = entry.family.max(entry.given) == 3 && (self.len > 0 || context.is_strong());
        (entry.word <= 1 + u8::from(common)).then_some(entry)
    }

    /// What is known of a word with a capital that may be of a name.
    fn capital(&self, at: usize) -> Option<Entry> {
        let word = &self.words[at];
        let text = word.text(self.text);
        let cue = word.cue().has(MEDIUM);
        // `Geachte Maarten`
        let greeting = cue && greets(word.cue().text) && lookup(text).is_unknown();
        let place = is_facility(text) || labels::opens_a_place(text) || labels::is_ward(text);
        // `Das Feld Nachname`: the name of a field is nobody's.
        let field = self.len > 0 && cue && word.shape == Shape::Capital && lookup(text).given < 2;
        let nobodys = greeting || place || is_eponym(text) || field;
        (!nobodys).then(|| word.entry(self.text))
    }

    /// `Mia van der Meer`, `mevr. Fenna de Wit`: whatever else the word may mean, it is a name there.
    fn is_behind_van(&self, at: usize, context: Context) -> bool {
        // `Cordelia Van Tassel`
        let capital = self.len >= 2 && matches!(self.words[at - 1].text(self.text), "Van" | "Von");
        if capital {
            return true;
        }
        let particle = self.parts().last().is_some_and(|part| part.role == Role::Particle);
        particle
            && match self.words[at - 1].text(self.text) {
                "van" | "von" | "ter" | "ten" | "het" => true,
                // `Abruf der Stammdaten` is of things.
                "der" | "den" => {
                    let before = at.checked_sub(2).map_or("", |before| self.words[before].text(self.text));
                    matches!(before, "van" | "von" | "op" | "aan" | "in" | "uit" | "auf" | "Van" | "Von")
                        || self.parts().iter().any(|part| part.entry.given > 0)
                }
                "de" => context.is_strong(),
                _ => false,
            }
    }

    fn is_beside_korean(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.words.get(before)).filter(|_| self.len > 0);
        let after = self.words.get(at + 1).filter(|after| after.gap == Gap::Space);
        [before, after].into_iter().flatten().any(|word| forms::is_korean(word.text(self.text)))
    }

    /// `Van der Meulen-de Wit`: the word before ends in a particle, so this one is the other half of a double name.
    fn is_open_before(&self, at: usize) -> bool {
        let before = self.words[at - 1].text(self.text);
        before
            .rsplit_once('-')
            .is_some_and(|(_, end)| end.starts_with(char::is_lowercase) && cues::cue(end).has(PARTICLE))
    }

    /// Drops what cannot end a name: particles, and weak words behind a complete name.
    pub(super) fn trim(&mut self, context: Context) {
        // Beside a capitalised word, a word in capitals is an abbreviation unless it is surely a name (`DUPONT Jean`).
        let mixed = self.parts().iter().any(|part| self.words[part.at].shape == Shape::Capital);
        if mixed {
            let rank_min = if context.is_strong() { 1 } else { 2 };
            let abbreviation = |index: usize| {
                let part = &self.parts[index];
                let word = &self.words[part.at];
                let rank = part.entry.given.max(part.entry.family);
                // `ROCHEFOUCAULD Marie-Ange`, where a person is meant: the family name in capitals.
                let spelled = word.len() >= 5 && part.entry.word == 0 && context.is_strong();
                part.role == Role::Word
                    && word.shape == Shape::Upper
                    && (rank < rank_min && !spelled || word.len() < 4 || part.entry.word > 0)
                    && !self.is_family_in_capitals(index, context)
            };
            if let Some(index) = (0..self.len).find(|index| abbreviation(*index)) {
                self.len = index;
            }
        }
        // `HIROSHI TANABE MRI`: behind two listed names in capitals, a short word in no list is an abbreviation.
        let listed = |part: &Part| part.entry.is_name();
        if !mixed && self.len > 2 && self.parts[..2].iter().all(listed) {
            let short = |part: &Part| {
                let word = &self.words[part.at];
                part.role == Role::Word && word.shape == Shape::Upper && word.len() <= 4 && !listed(part)
            };
            if let Some(index) = self.parts()[2..].iter().position(short) {
                self.len = 2 + index;
            }
        }
        while self.len > 0 && self.parts[self.len - 1].role == Role::Particle {
            self.len -= 1;
        }
        // `Hu Ab`, `Kell Ag`: an antibody or an antigen, unless a family name follows.
        let assayed = |part: &Part| matches!(self.words[part.at].text(self.text), "Ab" | "Ag");
        let alone = matches!(context, Context::None | Context::Weak("and"));
        if alone && self.len >= 2 && assayed(&self.parts[self.len - 1]) {
            self.len = if self.len == 2 { 0 } else { self.len - 1 };
        }
        let strict = !context.is_strong();
        // Behind the second word only what is a name rather than a word.
        let led = self.parts().iter().take_while(|part| part.role == Role::Particle).count();
        for index in led + 2..self.len {
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

    /// `KIM Giulia`, `Thabo SMITH`: a family name in capitals beside what is surely a given name. One in no list wants a cue.
    fn is_family_in_capitals(&self, index: usize, context: Context) -> bool {
        let entry = self.parts[index].entry;
        let len = self.words[self.parts[index].at].len();
        let beside = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
        let is_given = |part: &Part| {
            part.role == Role::Word
                && self.words[part.at].shape == Shape::Capital
                && part.entry.given >= 2
                && part.entry.word == 0
                && part.entry.kind == Kind::Plain
        };
        let asked = context.is_strong() || matches!(context, Context::Medium(_));
        let fits = entry.family >= 2 && entry.word < 2 && len >= 3
            || entry.family >= 2 && context.is_strong()
            || asked && entry.word == 0 && (len >= 5 || entry.family > 0 && len >= 3)
            || entry.is_unknown() && len >= 7;
        fits && beside.into_iter().any(|at| self.parts().get(at).is_some_and(is_given))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts[..self.len]
    }

    pub(super) fn names(&self) -> usize {
        self.parts().iter().filter(|part| part.role == Role::Word).count()
    }

    pub(super) fn has_initial(&self) -> bool {
        self.parts().iter().any(|part| part.role == Role::Initial)
    }

    pub(super) fn has_dot_after(&self, at: usize) -> bool {
        self.text.as_bytes().get(self.words[at].end()) == Some(&b'.')
    }

    pub(super) fn word(&self, index: usize) -> &Token {
        &self.words[self.parts[index].at]
    }

    /// A value quoted or bracketed by itself: `'Welat Jiyan'`, `(Nkosi Bhuyeni)`.
    pub(super) fn is_enclosed(&self) -> bool {
        let spelled = |part: &Part| part.role == Role::Word && self.words[part.at].len() >= 4;
        self.len == 2 && self.parts().iter().all(spelled) && self.is_between_quotes()
    }

    /// Quotes or brackets hold the run and nothing else.
    pub(super) fn is_between_quotes(&self) -> bool {
        let (first, last) = (self.word(0), self.word(self.len - 1));
        let bytes = self.text.as_bytes();
        let open = first.start().checked_sub(1).map(|at| bytes[at]);
        let close = bytes.get(last.end()).copied();
        matches!(
            (open, close),
            (Some(b'\''), Some(b'\''))
                | (Some(b'"'), Some(b'"'))
                | (Some(b'('), Some(b')'))
                | (Some(b'>'), Some(b'<' | b','))
        )
    }

    pub(super) fn possessive(&self) -> bool {
        self.words[self.parts[self.len - 1].at].possessive
    }

    /// Long enough that a word in no list is not an abbreviation.
    pub(super) fn is_spelled(&self, entries: &[Entry]) -> bool {
        entries.len() >= 2
            && self.parts().iter().all(|part| part.role != Role::Word || self.words[part.at].len() >= 4)
    }

    /// `born`, `(DOB …`, `not found`: what follows a person in a message.
    pub(super) fn has_tail(&self, len: usize) -> bool {
        self.next_cue(len).has(TAIL)
    }

    /// `dob`, `born`, `admitted`, `deceased`: said of persons only.
    pub(super) fn has_person_tail(&self, len: usize) -> bool {
        self.next_cue(len).has(OF_PERSON)
    }

    /// `TRANCHE B admitted`: a workload is admitted too. One behind a comma or a colon is not.
    pub(super) fn may_be_of_a_thing(&self, len: usize) -> bool {
        let joined = self.words.get(self.parts[len - 1].at + 1).is_some_and(|word| word.gap == Gap::Space);
        joined && matches!(self.next_cue(len).text, "admitted" | "discharged")
    }

    pub(super) fn has_verb(&self, len: usize) -> bool {
        let at = self.parts[len - 1].at + 1;
        self.words.get(at).is_some_and(|word| word.gap == Gap::Space && word.shape == Shape::Lower)
            && self.next_cue(len).has(VERB)
    }

    /// What people have, behind a possessive: `wife`, `inhaler`, `results`.
    pub(super) fn has_owned(&self, len: usize) -> bool {
        #[rustfmt::skip] // Rows of words, not one a line.
        const OWNED: &[&str] = &[
            "wife", "husband", "partner", "spouse", "mother", "father", "mom", "mum", "dad", "son", "daughter", "brother",
            "sister", "parents", "parent", "family", "kids", "child", "children", "baby", "teacher", "neighbor", "neighbour",
            "house", "home", "room", "bed", "chart", "record", "records", "file", "results", "labs", "appointment",
            "appointments", "visit", "referral", "prescription", "meds", "medication", "medications", "insulin", "inhaler",
            "wound", "surgery", "discharge", "consent", "phone", "number", "address", "email", "insurance", "dose", "blood",
            "bloods", "scan", "xray", "mri", "dog", "cat", "birthday", "guardian", "caregiver", "aunt", "uncle", "grandmother",
            "grandfather", "grandma", "grandpa", "stepfather", "stepmother", "fiance", "boss", "school", "stay", "bill",
            "account", "pharmacy", "wheelchair", "walker", "leg", "arm", "knee", "hip", "heart", "pain", "allergy",
            "allergies", "form", "forms", "message", "letter", "signature",
        ];
        let at = self.words[self.parts[len - 1].at].end();
        let rest = self.text.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix("'s ").or_else(|| rest.strip_prefix("’s ")).unwrap_or_default();
        let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        OWNED.contains(&word)
    }

    /// What only a patient does: `reports`, `denies`.
    pub(super) fn has_report(&self, len: usize) -> bool {
        matches!(
            self.next_cue(len).text,
            "reports" | "denies" | "complains" | "presents" | "endorses" | "states" | "underwent"
        )
    }

    pub(super) fn next_cue(&self, len: usize) -> cues::Cue {
        let at = self.parts[len - 1].at + 1;
        let Some(word) = self.words.get(at) else { return cues::Cue::default() };
        if matches!(word.gap, Gap::Break | Gap::Dot | Gap::Far) { cues::Cue::default() } else { word.cue() }
    }

    pub(super) fn is_sentence_start(&self, at: usize) -> bool {
        matches!(self.words[at].gap, Gap::Break | Gap::Dot | Gap::Label) && !self.is_behind_placeholder(at)
    }

    /// Behind a placeholder of ours nothing starts, or redacting twice would not equal once.
    fn is_behind_placeholder(&self, at: usize) -> bool {
        let before = self.text.get(..self.words[at].start()).unwrap_or_default();
        before.trim_end_matches([' ', ',', '^']).ends_with(']')
    }

    pub(super) fn is_after_placeholder(&self) -> bool {
        self.is_behind_placeholder(self.parts[0].at)
    }
}

/// `KeyError: 'Okonjo'`, `not found: "Okonjo"`: what a table is without, or what was sent.
pub(crate) fn is_missing_key(text: &str, at: usize) -> bool {
    const HEADS: [&str; 7] =
        ["Error: ", "Error: (", "Exception: ", "found: ", "value: ", "input: ", "string: "];
    let Some(before) = text[..at].strip_suffix(['\'', '"']) else { return false };
    // All heads end so.
    let labelled = before.ends_with(": ") || before.ends_with(": (");
    labelled && HEADS.iter().any(|head| before.ends_with(head))
}

/// `born`, `dob`, `admitted`: is `word` said of persons only?
pub(crate) fn is_said_only_of_persons(word: &str) -> bool {
    cues::cue(word).has(OF_PERSON)
}

/// Does `rest`, what stands behind a name, begin with a word that is said of persons only?
pub(crate) fn is_said_of_person(rest: &str) -> bool {
    let word = rest.trim_start_matches([',', ':', '(']).trim_start_matches(' ');
    let len = word.bytes().take(cues::WORD_MAX + 1).take_while(u8::is_ascii_alphabetic).count();
    word.len() < rest.len() && is_said_only_of_persons(&word[..len])
}

/// `'t` in `van 't Hoff`, `'s-Gravesande`: Dutch articles keep the apostrophe of what they lost.
pub(super) fn is_article(text: &str, word: &Token) -> bool {
    let shaped = || {
        let word = word.text(text);
        word == "t" || word.strip_prefix("s-").is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    word.gap == Gap::Label
        && text[..word.start()]
            .strip_suffix(['\'', '\u{2019}', '\u{2018}'])
            .is_some_and(|before| before.ends_with(' '))
        && shaped()
}

fn is_saint(word: &str) -> bool {
    matches!(word, "St" | "Ste" | "ST" | "STE")
}
