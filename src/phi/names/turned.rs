//! A family name before its given name: `Quintanar, Marisol A.`, and the lists of words that look like it.

use super::cues::{DEGREE, SUFFIX};
use super::eponyms;
use super::forms::is_korean;
use super::judge::{Context, Hit};
use super::lexicon::Kind;
use super::run::{Role, Run};
use super::score::{as_family, as_given};
use super::shapes::Shape;
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

impl Run<'_> {
    /// `Quintanar, Marisol A.`
    pub(super) fn last_first(&self, context: Context) -> Option<Hit> {
        let last = self.parts().last()?;
        let (index, comma) = (last.at + 1, self.words.get(last.at + 1)?);
        if comma.gap != Gap::Comma
            || self.words[last.at].possessive
            || last.role == Role::Initial
            || self.names() > 2
        {
            return None;
        }
        let first = self.parts().iter().find(|part| part.role == Role::Word)?;
        // `NYHA class II, ASA 3`
        if self.words[first.at].cue().has(SUFFIX) {
            return None;
        }
        let lower = self.word(0).shape == Shape::Lower;
        if !(comma.is_named() || lower && comma.shape == Shape::Lower) {
            return None;
        }
        if comma.cue().has(DEGREE | SUFFIX) {
            return None;
        }
        // `Morse, Norton, Braden`: scales in a row. `von Willebrand, Stevens-Johnson`, `Papanicolaou, Masson`: diseases, stains.
        let (one, other) = (first_word(self, first.at), comma.text(self.text));
        let of_test = |word: &str| eponyms::is_scale(word) || eponyms::is_single(word);
        // Two of them may as well be a family and a given name; three are a row.
        let third = || {
            let before = first.at.checked_sub(1).filter(|_| self.words[first.at].gap == Gap::Comma);
            let after =
                Some(index + 1).filter(|at| self.words.get(*at).is_some_and(|next| next.gap == Gap::Comma));
            [before, after].into_iter().flatten().any(|at| of_test(self.words[at].text(self.text)))
        };
        if of_test(one)
            && of_test(other)
            && (other.contains('-') || !eponyms::is_certain(one, other) || third())
            // `Young-Mania, May-Thurner`
            || one.contains('-') && other.contains('-') && (of_test(one) || of_test(other))
        {
            return None;
        }
        let before = &self.text[..self.word(0).start()];
        let second = comma.start()..comma.end();
        if eponyms::is_of_countries(self.text, before, first_word(self, first.at), second)
            || eponyms::is_behind_region(before)
        {
            return None;
        }
        // `Dr Okonjo, LOS alert`: whose family name is not in capitals, their given name is not either.
        if comma.shape == Shape::Upper && comma.len() <= 4 && self.words[first.at].shape == Shape::Capital {
            return None;
        }
        let mut given = comma.entry(self.text);
        if is_korean(other) {
            given.given = given.given.max(2);
        }
        // `'WADHWA, PRANNATH'`, `member 88120947 (Te Rangi, Hinemoa)`: nothing else stands between the quotes.
        let open = self.text[..self.word(0).start()].chars().next_back();
        let close = self.text[comma.end()..].chars().next();
        let enclosed = matches!(
            (open, close),
            (Some('\''), Some('\'')) | (Some('"'), Some('"')) | (Some('('), Some(')'))
        );
        let alone = enclosed
            && self.parts().iter().any(|part| part.entry.is_name() && part.entry.word == 0)
            && given.word == 0
            && comma.len() >= 4;
        if given.is_blocked()
            || given.kind == Kind::Place && !(given.given == 3 && context.is_strong())
            || given.given == 0
                && (matches!(context, Context::None | Context::Title(_)) && !alone || given.word > 0 || lower)
        {
            return None;
        }
        if first.entry.kind == Kind::Place && !context.is_strong() && !is_korean(other) {
            return None;
        }
        let family = as_family(first.entry) - i32::from(lower && first.entry.family == 0) * 9;
        let mut score = family + as_given(given);
        let upper = self.word(0).shape == Shape::Upper;
        let mut end = index + 1;
        if self.words.get(end).is_some_and(|word| word.shape == Shape::Initial && word.gap == Gap::Space) {
            score += 2;
            end += 1;
        } else if self
            .words
            .get(end)
            .is_some_and(|word| word.is_named() && word.gap == Gap::Space && word.shape == comma.shape)
        {
            let middle = self.words[end].entry(self.text);
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
        let amid = &self.text[self.words[end - 1].end()..];
        let before = self.text[..self.word(0).start()].trim_end();
        if amid.starts_with(" &") || before.ends_with('&') {
            // `Johnson & Johnson, Eli Lilly`: firms in a row.
            return None;
        }
        let listed = self.words.get(end).is_some_and(|word| word.gap == Gap::Comma && word.is_named())
            || self.is_third_of_list();
        let is_listed =
            |next: &Token| next.gap == Gap::Space && next.is_named() && next.entry(self.text).is_name();
        // `OYELARAN, Babatunde`: a word of no list in capitals, and beside it a given name.
        let spelled = upper
            && first.entry.word == 0
            && self.word(0).len() >= 4
            && (given.given >= 2 || given.given == 1 && self.words.get(index + 1).is_some_and(is_listed))
            && given.word == 0
            && comma.shape == Shape::Capital;
        // `mismatch for Okonjo, Blessing`: a given name that is a word too, behind a word that is none.
        let meant = (enclosed || context != Context::None)
            && first.entry.word == 0
            && first.entry.kind == Kind::Plain
            && self.words[first.at].len() >= 4
            && given.given >= if first.entry.family > 0 { 1 } else { 2 }
            && comma.shape == Shape::Capital
            && !upper;
        let sure = alone || (spelled || meant) && !listed;
        if score < threshold + i32::from(listed) * 4 && !sure {
            return None;
        }
        let confidence = if score >= 6 { Confidence::High } else { Confidence::Medium };
        let start = self.word(0).start();
        let span = start..self.words[end - 1].end();
        Some(Hit {
            span,
            next: end,
            rule: "name.last_first",
            confidence,
            cue: context.cue(),
            is_spared: false,
        })
    }

    /// `Nightingale, Lister, Fleming, Victoria`: two single names before, parted as these are.
    fn is_third_of_list(&self) -> bool {
        let at = self.parts[0].at;
        let single = |at: usize| self.words[at].gap == Gap::Comma && self.words[at - 1].is_named();
        at >= 2 && single(at) && single(at - 1)
    }
}

fn first_word<'t>(run: &Run<'t>, at: usize) -> &'t str {
    run.words[at].text(run.text)
}
