//! A family name before its given name: `Quintanar, Marisol A.`, and the lists of words that look like it.

use super::cues::{DEGREE, SUFFIX};
use super::eponyms;
use super::forms::{is_korean, is_syllable};
use super::judge::{Context, Hit};
use super::lexicon::{Entry, Kind};
use super::run::{Role, Run};
use super::score::{as_family, as_given};
use super::shapes::Shape;
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

/// A family name, a comma and the word behind it.
struct Turned<'r> {
    /// The first word of the family name, and what is known of it.
    first: usize,
    family: Entry,
    /// The word behind the comma, and what is known of it.
    given_at: usize,
    comma: &'r Token,
    given: Entry,
    /// The family name in capitals, in small letters.
    upper: bool,
    lower: bool,
    /// Quotes or brackets stand around the two and nothing else.
    enclosed: bool,
}

impl Run<'_> {
    /// `Quintanar, Marisol A.`
    pub(super) fn last_first(&self, context: Context) -> Option<Hit> {
        let turned = self.turned()?;
        if self.is_row_of_things(&turned) || self.is_no_given(&turned, context) {
            return None;
        }
        let (end, more) = self.middle(&turned);
        // `Johnson & Johnson, Eli Lilly`: firms in a row.
        let before = self.text[..self.word(0).start()].trim_end();
        if self.text[self.words[end - 1].end()..].starts_with(" &") || before.ends_with('&') {
            return None;
        }
        let Turned { family, given, upper, lower, .. } = turned;
        let score = as_family(family) - i32::from(lower && family.family == 0) * 9 + as_given(given) + more;
        let threshold = match context {
            Context::None => 4,
            Context::Weak(_) => 3,
            _ => 2,
        } + i32::from(upper && !context.is_strong());
        // A list of single names, not one person: `Jackson, Jenkins, Maven`.
        let listed = self.words.get(end).is_some_and(|word| word.gap == Gap::Comma && word.is_named())
            || self.is_third_of_list();
        let sure = || {
            self.is_alone(&turned)
                || !listed && (self.is_spelled_out(&turned) || self.is_meant(&turned, context))
        };
        if score < threshold + i32::from(listed) * 4 && !sure() {
            return None;
        }
        Some(Hit {
            span: self.word(0).start()..self.words[end - 1].end(),
            next: end,
            rule: "name.last_first",
            confidence: if score >= 6 { Confidence::High } else { Confidence::Medium },
            cue: context.cue(),
            is_spared: false,
        })
    }

    /// The two names, if they have the shape.
    fn turned(&self) -> Option<Turned<'_>> {
        let last = self.parts().last()?;
        let (given_at, comma) = (last.at + 1, self.words.get(last.at + 1)?);
        if comma.gap != Gap::Comma
            || self.words[last.at].possessive
            || last.role == Role::Initial
            || self.names() > 2
        {
            return None;
        }
        let first = self.parts().iter().find(|part| part.role == Role::Word)?;
        let lower = self.word(0).shape == Shape::Lower;
        // `NYHA class II, ASA 3`
        if self.words[first.at].cue().has(SUFFIX)
            || !(comma.is_named() || lower && comma.shape == Shape::Lower)
            || comma.cue().has(DEGREE | SUFFIX)
        {
            return None;
        }
        let mut given = comma.entry(self.text);
        if is_korean(comma.text(self.text)) {
            given.given = given.given.max(2);
        }
        let upper = self.word(0).shape == Shape::Upper;
        // `TAN, MEI LING`
        if upper && first.entry.family > 0 && self.is_of_syllables(given_at) {
            given = Entry { given: 2, word: 0, ..given };
        }
        let open = self.text[..self.word(0).start()].chars().next_back();
        let close = self.text[comma.end()..].chars().next();
        let enclosed = matches!(
            (open, close),
            (Some('\''), Some('\'')) | (Some('"'), Some('"')) | (Some('('), Some(')'))
        );
        Some(Turned { first: first.at, family: first.entry, given_at, comma, given, upper, lower, enclosed })
    }

    /// `MEI LING`: a given name of two syllables, both in capitals, and no more words.
    fn is_of_syllables(&self, at: usize) -> bool {
        let syllable = |word: &Token| word.shape == Shape::Upper && is_syllable(word.text(self.text));
        self.words.get(at).is_some_and(syllable)
            && self.words.get(at + 1).is_some_and(|word| word.gap == Gap::Space && syllable(word))
            && self.words.get(at + 2).is_none_or(|word| word.gap != Gap::Space || word.shape != Shape::Upper)
    }

    /// Scales, diseases, stains, countries and regions in a row.
    fn is_row_of_things(&self, turned: &Turned<'_>) -> bool {
        let (one, other) = (self.words[turned.first].text(self.text), turned.comma.text(self.text));
        // `Morse, Norton, Braden`: scales in a row. `von Willebrand, Stevens-Johnson`, `Papanicolaou, Masson`: diseases, stains.
        let of_test = |word: &str| eponyms::is_scale(word) || eponyms::is_single(word);
        // Two of them may as well be a family and a given name; three are a row.
        let third = || {
            let before = turned.first.checked_sub(1).filter(|_| self.words[turned.first].gap == Gap::Comma);
            let after = Some(turned.given_at + 1)
                .filter(|at| self.words.get(*at).is_some_and(|next| next.gap == Gap::Comma));
            [before, after].into_iter().flatten().any(|at| of_test(self.words[at].text(self.text)))
        };
        if of_test(one)
            && of_test(other)
            && (other.contains('-') || !eponyms::is_certain(one, other) || third())
            // `Young-Mania, May-Thurner`
            || one.contains('-') && other.contains('-') && (of_test(one) || of_test(other))
        {
            return true;
        }
        let before = &self.text[..self.word(0).start()];
        let second = turned.comma.start()..turned.comma.end();
        eponyms::is_of_countries(self.text, before, one, second) || eponyms::is_behind_region(before)
    }

    /// Is the word behind the comma no given name here, or the one before it no family name?
    fn is_no_given(&self, turned: &Turned<'_>, context: Context) -> bool {
        let &Turned { given, comma, lower, .. } = turned;
        // `Dr Okonjo, LOS alert`: whose family name is not in capitals, their given name is not either.
        let abbreviation = comma.shape == Shape::Upper
            && comma.len() <= 4
            && self.words[turned.first].shape == Shape::Capital;
        // `tubes SST,ED`: letters that nobody could say.
        let family = self.words[turned.first].text(self.text);
        let unsaid = turned.upper
            && turned.family.family == 0
            && family.len() <= 4
            && family.bytes().all(|byte| byte.is_ascii_uppercase() && !b"AEIOUY".contains(&byte));
        let unannounced = matches!(context, Context::None | Context::Title(_));
        // `St. Patrick's Day, Diwali`
        let holiday = family == "Day"
            && turned.first.checked_sub(1).is_some_and(|before| {
                self.words[turned.first].gap == Gap::Space && self.words[before].shape != Shape::Lower
            });
        abbreviation
            || holiday
            || unsaid
            || given.is_blocked()
            || given.kind == Kind::Place && !(given.given == 3 && context.is_strong())
            || given.given == 0 && (unannounced && !self.is_alone(turned) || given.word > 0 || lower)
            || turned.family.kind == Kind::Place && !context.is_strong() && !is_korean(comma.text(self.text))
    }

    /// Where the name ends, a middle name or an initial with it, and the points these add.
    fn middle(&self, turned: &Turned<'_>) -> (usize, i32) {
        let end = turned.given_at + 1;
        let Some(next) = self.words.get(end).filter(|next| next.gap == Gap::Space) else { return (end, 0) };
        if next.shape == Shape::Initial {
            return (end + 1, 2);
        }
        if turned.upper && turned.family.family > 0 && self.is_of_syllables(turned.given_at) {
            return (end + 1, 2);
        }
        let middle = next.entry(self.text);
        let named = next.is_named()
            && next.shape == turned.comma.shape
            && middle.is_name()
            && !middle.is_blocked()
            && middle.word < 2;
        (end + usize::from(named), 0)
    }

    /// `'WADHWA, PRANNATH'`, `member 88120947 (Te Rangi, Hinemoa)`: nothing else stands between the quotes.
    fn is_alone(&self, turned: &Turned<'_>) -> bool {
        turned.enclosed
            && self.parts().iter().any(|part| part.entry.is_name() && part.entry.word == 0)
            && turned.given.word == 0
            && turned.comma.len() >= 4
    }

    /// `OYELARAN, Babatunde`: a word of no list in capitals, and beside it a given name.
    fn is_spelled_out(&self, turned: &Turned<'_>) -> bool {
        let given = turned.given;
        let listed = || {
            self.words.get(turned.given_at + 1).is_some_and(|next| {
                next.gap == Gap::Space && next.is_named() && next.entry(self.text).is_name()
            })
        };
        turned.upper
            && turned.family.word == 0
            && self.word(0).len() >= 4
            && (given.given >= 2 || given.given == 1 && listed())
            && given.word == 0
            && turned.comma.shape == Shape::Capital
    }

    /// `mismatch for Okonjo, Blessing`: a given name that is a word too, behind a word that is none.
    fn is_meant(&self, turned: &Turned<'_>, context: Context) -> bool {
        let family = turned.family;
        (turned.enclosed || context != Context::None)
            && family.word == 0
            && family.kind == Kind::Plain
            && self.words[turned.first].len() >= 4
            && turned.given.given >= if family.family > 0 { 1 } else { 2 }
            && turned.comma.shape == Shape::Capital
            && !turned.upper
    }

    /// `Nightingale, Lister, Fleming, Victoria`: two single names before, parted as these are.
    fn is_third_of_list(&self) -> bool {
        let at = self.parts[0].at;
        let single = |at: usize| self.words[at].gap == Gap::Comma && self.words[at - 1].is_named();
        at >= 2 && single(at) && single(at - 1)
    }
}
