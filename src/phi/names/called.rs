//! Words that are called after somebody or like somebody: wards, firms, eponyms, and families called like wards.
//!
//! Owns what the words of a run and those behind it are besides a name; what stands before it is for `labels`.

use super::cues::{OF_PERSON, PROVIDER, STRONG};
use super::eponyms;
use super::judge::Context;
use super::lexicon::{Entry, Kind, lookup};
use super::run::{Part, Role, Run};
use super::shapes::Shape;
use super::tokens::Gap;
use crate::phi::ends::Ends;
use crate::phi::list::List;

impl Run<'_> {
    /// `nurse Maria Ward`, `patient Sarah Fields`: a word of our trade that is a common family name, behind a given name where
    /// a person is meant.
    pub(super) fn is_family_of_somebody(&self, at: usize, entry: Entry, context: Context) -> bool {
        let word = &self.words[at];
        if word.shape != Shape::Capital || entry.family < 3 && !is_common_family(word.text(self.text)) {
            return false;
        }
        // `patient: Ward, Sofia`
        if self.len == 0 {
            let given = self.words.get(at + 1).filter(|next| next.gap == Gap::Comma && next.is_named());
            let given = given.map(|next| next.entry(self.text));
            return context.is_strong() && given.is_some_and(|given| given.given >= 2 && given.word < 2);
        }
        let Some(Part { entry: first, role: Role::Word, .. }) = self.parts().last() else { return false };
        let given = first.given >= 2 && first.word < 3;
        let tail = || self.words.get(at + 1).is_some_and(|next| next.cue().has(OF_PERSON));
        match context {
            Context::Strong(_) | Context::Title(_) | Context::Provider(_) => given || first.is_uncommon(),
            Context::Medium(_) => given,
            Context::Weak("by" | "with" | "for") => given && first.word == 0,
            Context::Weak(_) | Context::None => given && tail(),
        }
    }

    /// Whether the words are listed as a phrase, or name an organisation, a building or an eponym.
    pub(super) fn is_something_else(&self) -> bool {
        let last = self.parts[self.len - 1].at;
        // `Theodora Konstantinou's ward`: what is called after somebody takes a capital.
        let owned = self.possessive()
            && self.names() >= 2
            && self.words.get(last + 1).is_some_and(|thing| thing.shape == Shape::Lower);
        if !owned && self.is_organisation_after(last + 1) {
            return true;
        }
        if self.len < 2 {
            return false;
        }
        // `Mount Sinai Beth Israel`: a hill, a harbour, and what was built there.
        let before = self.parts[0].at.checked_sub(1).map(|before| self.words[before].text(self.text));
        if self.word(0).gap == Gap::Space
            && before.is_some_and(|word| matches!(word, "Mount" | "Mt" | "Fort" | "Port"))
        {
            return true;
        }
        // `St. Brigid's Walk-in Centre`
        let saint = |word: &str| matches!(word, "St" | "Saint" | "Santa" | "San");
        if self.possessive() && (saint(self.word(0).text(self.text)) || before.is_some_and(saint)) {
            return true;
        }
        // `Router - St Bartholomew`: a given name alone behind a saint is a house called after one. `seen by St Clair`: one
        // who does something is not.
        let by = self.parts[0].at.checked_sub(1).map(|before| self.words[before].cue());
        let acts = by.is_some_and(|cue| cue.text == "by" || cue.has(PROVIDER | STRONG));
        if matches!(self.word(0).text(self.text), "St" | "Ste") && self.len == 2 && !acts {
            return true;
        }
        let (a, b) = (self.word(0).text(self.text), self.word(1).text(self.text));
        let span = self.word(0).start()..self.word(1).end();
        let mut phrase = String::with_capacity(a.len() + b.len() + 1);
        phrase.push_str(a);
        phrase.push(' ');
        phrase.push_str(b);
        matches!(lookup(&phrase).kind, Kind::Place | Kind::Stop)
            || eponyms::is_pair_at(self.text, a, b, span)
            || eponyms::is_scale(a) && eponyms::is_scale(b) && !eponyms::is_certain(a, b)
    }

    pub(super) fn is_organisation_after(&self, at: usize) -> bool {
        // `Specialist Hospital`, `General Hospital`: a word that only says which kind stands between.
        #[rustfmt::skip] // Rows of words, not one a line.
        const KINDS: [&str; 24] = [
            "Specialist", "Teaching", "General", "Memorial", "Regional", "University", "District", "Community", "County", "National",
            "Federal", "State", "Medical", "Mission", "Benefits", "Business", "Care", "Consulting", "Dental", "Family", "Financial",
            "Life", "Staffing", "Surgical",
        ];
        let kind = self
            .words
            .get(at)
            .is_some_and(|word| word.gap == Gap::Space && KINDS.contains(&word.text(self.text)));
        self.is_thing_at(at) || kind && self.is_thing_at(at + 1)
    }

    fn is_thing_at(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| {
            if word.gap == Gap::Space && is_eponym_head(word.text(self.text)) {
                return true;
            }
            // `Whitfield Lane Surgery`: a practice, called after where it is.
            let street = at > 0
                && is_street(self.words[at - 1].text(self.text))
                && (at < 2 || self.words[at - 2].entry(self.text).given < 2);
            if word.gap == Gap::Space && street && matches!(word.text(self.text), "Surgery" | "Practice") {
                return true;
            }
            let is_key = matches!(self.text.as_bytes().get(word.end()), Some(b'=' | b':'));
            // `Ottilie Baumgartner ward 3`: where somebody lies, not what is called after them.
            let behind = self.text.as_bytes().get(word.end()..).unwrap_or_default();
            let numbered = behind.len() >= 2 && behind[0] == b' ' && behind[1].is_ascii_digit();
            if numbered && matches!(word.text(self.text), "ward" | "room" | "bed" | "bay" | "unit" | "floor")
            {
                return false;
            }
            word.gap == Gap::Space && !is_key && lookup(word.text(self.text)).kind == Kind::Organisation
        })
    }
}

/// What streets and parts of a town are called.
fn is_street(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const STREETS: [&str; 9] = ["Avenue", "Bridge", "Close", "Fields", "Lane", "Road", "Square", "Street", "View"];
    STREETS.contains(&word)
}

/// What eponyms, species, regions and certificate authorities are followed by.
fn is_eponym_head(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static HEADS: List<16> = List::new([
        "Virus", "virus", "purpura", "syndrome", "Syndrome", "culture", "disease", "Disease", "maneuver", "manoeuvre",
        "region", "Intermediate", "CA", "monograph", "reflex", "fracture",
    ]);
    HEADS.has_exactly(word.as_bytes())
}

/// A word that no name holds but as a family name behind a given one: see [`Run::is_family_of_somebody`].
pub(crate) fn is_family_and_word(word: &str) -> bool {
    let entry = lookup(word);
    entry.is_blocked() && (entry.family >= 3 || is_common_family(word))
}

/// Vocabulary that thousands of people are called by.
fn is_common_family(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static FAMILIES: List<18> = List::new([
        "Branch", "Field", "Fields", "Head", "Key", "Keys", "Blood", "Born", "Child", "Main", "Person", "Pool", "Port",
        "Post", "Read", "Root", "Self", "Smart",
    ]);
    FAMILIES.has_exactly(word.as_bytes())
}

/// `Universitätsklinikum`, `Policlinico`: what follows is a place or a patron, and no patient.
pub(super) fn is_facility(word: &str) -> bool {
    static ENDS: Ends<21> = Ends::new([
        "heatre",
        "Suite",
        "Linac",
        "klinikum",
        "klinik",
        "krankenhaus",
        "spital",
        "Hospital",
        "ziekenhuis",
        "sjukhus",
        "sykehus",
        "oliclinico",
        "spedale",
        "pital",
        "línica",
        "linica",
        "szpital",
        "Szpital",
        "linique",
        "pothecary",
        "potheke",
    ]);
    word.len() >= 5 && ENDS.end(word)
}

/// Tests, scores and diseases that are called after two people, firms and regions that sound alike: `Tay-Sachs`.
pub(super) fn is_eponym(word: &str) -> bool {
    // Most words are not joined.
    word.bytes().any(|byte| byte == b'-')
        && word
            .split_once('-')
            .is_some_and(|(first, rest)| eponyms::is_pair(first, rest.split('-').next().unwrap_or_default()))
}
