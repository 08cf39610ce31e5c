//! Particles inside a run of words: `van der`, `de la`, `DE LA ROCHEFOUCAULD`.

use super::cues::PARTICLE;
use super::lexicon::lookup;
use super::run::{Run, is_article};
use super::shapes::Shape;
use super::tokens::{Gap, Token};

/// Does this open what is said to somebody: `your results are ready`?
pub(crate) fn speaks_to(text: &[u8]) -> bool {
    [&b"your "[..], b"you ", b"you're ", b"we "].iter().any(|words| text.starts_with(words))
}

/// Does this end a letter: `Kind regards,`, `Thanks,`? A name follows.
pub(crate) fn closes_letter(before: &str) -> bool {
    const CLOSINGS: [&str; 8] =
        ["thanks", "thank you", "regards", "sincerely", "wishes", "cheers", "respectfully", "yours truly"];
    let Some(before) = before.trim_end().strip_suffix(',') else { return false };
    let end = &before[before.ceil_char_boundary(before.len().saturating_sub(16))..];
    let end = end.to_ascii_lowercase();
    CLOSINGS.iter().any(|closing| {
        end.strip_suffix(closing).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
    })
}

impl Run<'_> {
    /// `Dear Faith,`: nothing more is said to whom.
    pub(super) fn ends_greeting(&self, len: usize) -> bool {
        let at = self.parts[len - 1].at;
        let rest = self.text.get(self.words[at].end()..).unwrap_or_default();
        rest.is_empty() || rest.starts_with([',', '!', '.', ':', '"', '\n', ';']) || rest.starts_with(" -")
    }

    /// `Kind regards, Faith`: the last word of a letter.
    pub(super) fn is_signature(&self, len: usize) -> bool {
        let before = self.text.get(..self.words[self.parts[0].at].start()).unwrap_or_default();
        self.ends_greeting(len) && closes_letter(before)
    }

    /// `Wilhelmina (aunt)`: who somebody is to the patient stands behind.
    pub(super) fn is_kin(&self, len: usize) -> bool {
        #[rustfmt::skip] // Rows of words, not one a line.
        const KIN: [&str; 22] = [
            "aunt", "uncle", "mother", "father", "mom", "mum", "dad", "wife", "husband", "spouse", "partner", "son", "daughter",
            "sister", "brother", "niece", "nephew", "grandmother", "grandfather", "guardian", "neighbour", "neighbor",
        ];
        let at = self.parts[len - 1].at;
        let rest = self.text.get(self.words[at].end()..).unwrap_or_default();
        rest.strip_prefix(" (")
            .map(|rest| &rest[..rest.floor_char_boundary(16.min(rest.len()))])
            .and_then(|rest| rest.split_once(')'))
            .is_some_and(|(kin, _)| KIN.iter().any(|known| kin.eq_ignore_ascii_case(known)))
    }

    /// `"Kwabena, your results are ready"`: what opens a text to somebody.
    pub(super) fn is_addressed(&self, len: usize) -> bool {
        let at = self.parts[len - 1].at;
        let rest = self.text.get(self.words[at].end()..).unwrap_or_default();
        // `Time for your refill, Isla`
        let before = self.text.get(..self.words[at].start()).unwrap_or_default();
        let clause = &before[before.ceil_char_boundary(before.len().saturating_sub(40))..];
        let ends = rest.is_empty() || rest.starts_with(['"', '!', '?']);
        let listed = self.parts[len - 1].entry.given >= 1 && self.parts[len - 1].entry.word == 0;
        if listed && ends && clause.ends_with(", ") && (clause.contains(" your ") || clause.contains(" you "))
        {
            return true;
        }
        self.words[at].shape == Shape::Capital
            && self.is_sentence_start(self.parts[0].at)
            && rest.strip_prefix(", ").is_some_and(|next| speaks_to(next.as_bytes()))
    }

    /// `DE LA ROCHEFOUCAULD`: particles in capitals and a longer word in capitals that is in no dictionary.
    pub(super) fn leads_on(&self, at: usize) -> bool {
        let rest = self.words[at..].iter().take(4).enumerate();
        let mut rest =
            rest.take_while(|(nth, word)| *nth == 0 || word.gap == Gap::Space).map(|(_, word)| word);
        let particle =
            |word: &&Token| word.cue().has(PARTICLE) && word.shape == Shape::Upper && word.len() <= 5;
        let first = rest.next().filter(particle).is_some();
        let family = rest.find(|word| !particle(word));
        first
            && family.is_some_and(|word| {
                let entry = word.entry(self.text);
                word.shape == Shape::Upper
                    && word.len() >= 4
                    && !entry.is_blocked()
                    && (entry.word == 0 || entry.is_name())
            })
    }

    /// Whether word `at` is a particle with a name (or another particle) right after it.
    pub(super) fn particle_before_name(&self, at: usize, lower: bool) -> bool {
        if self.len == 0 && !lower {
            return false;
        }
        let is_particle = |word: &Token| {
            word.cue().has(PARTICLE) && (word.text(self.text) != "t" || is_article(self.text, word))
        };
        let before_article = self.words[at].text(self.text) == "in"
            && self.words.get(at + 1).is_some_and(|next| is_article(self.text, next));
        if !is_particle(&self.words[at]) && !before_article {
            return false;
        }
        let mut next = at + 1;
        while next < self.words.len().min(at + 4)
            && (matches!(self.words[next].gap, Gap::Space | Gap::Dot)
                || is_article(self.text, &self.words[next]))
        {
            let word = &self.words[next];
            match word.shape {
                Shape::Capital | Shape::Upper => return !word.entry(self.text).is_blocked(),
                Shape::Lower if is_particle(word) => next += 1,
                Shape::Lower => return lower && lookup(word.text(self.text)).family > 0,
                _ => return false,
            }
        }
        false
    }
}
