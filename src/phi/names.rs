//! Personal names in flat text: a lexicon, cue words and the structure of the sentence.
//!
//! Owns what no key, echo or shape decides: whether words are somebody's name. Keys, request echoes and structured formats
//! belong to other layers. Evidence adds up: a listed given and family name side by side need no cue; an unknown word needs a
//! strong one; a dictionary word needs a title, or a partner that is surely a name. Time is linear in the text, and every
//! run of words is bounded.
//!
//! - `names/lexicon.rs`  what a word is: given name, family name, dictionary word, place, stop word
//! - `names/cues.rs`     the words that make a name of their neighbours
//! - `names/bits.rs`    where words start and end, eight bytes at a time
//! - `names/tokens.rs`   words, their shapes and the gaps between them
//! - `names/context.rs`  what the words before a word promise
//! - `names/judge.rs`    whether a run of words is a name
//! - `names/turned.rs`   a family name before its given name
//! - `names/called.rs`   what is called after somebody or like somebody
//! - `names/particles.rs` `van der` and the like inside a run
//! - `names/slots.rs`   which cues say what of the word behind them
//! - `names/forms.rs`   what the form of an unlisted word suggests
//! - `names/eponyms.rs`  names of scales, diseases and regions
//! - `names/labels.rs`   words that say that what follows is a ward, a site or a maker
//! - `names/compound.rs` what programs and catalogues call things
//! - `names/parts.rs`    words at a place that other readers know to hold a name
//! - `names/joined.rs`   names inside identifiers and segment formats

mod bits;
mod called;
mod compound;
mod context;
mod cues;
mod eponyms;
mod forms;
mod joined;
mod judge;
mod labels;
mod lexicon;
mod paired;
mod particles;
mod parts;
mod run;
mod score;
mod scripts;
mod several;
mod shapes;
mod slots;
mod spoken;
mod tokens;
mod turned;

use std::cell::Cell;
use std::ops::Range;

use super::class::{Class, Confidence, Finding, Layer, Place};
use cues::{Cue, DEGREE, MEDIUM, OF_PERSON, PARTICLE, PROVIDER, SEEKS, SLOT, STRONG, TITLE, WEAK};
use judge::{Context, Hit};
use shapes::Shape;
use tokens::{Gap, Token};

pub(crate) use called::is_family_and_word;
pub(crate) use compound::{is_compound_word, is_edition};
pub(crate) use joined::in_slug;
pub(crate) use joined::is_login;
pub use joined::{is_name_like, is_titled_name};
pub(crate) use labels::{is_of_somebody, is_place_or_maker};
pub(crate) use particles::{closes_letter, speaks_to};
pub(crate) use parts::{
    before_day, in_document_name, is_city, is_distinctive, is_heading, is_listed, is_listed_run, is_no_name,
    is_person_prefix, is_rather_a_name, is_unlisted_slug, may_be_part, may_be_run, may_be_town,
    opens_old_day, stands_for_somebody,
};
pub(crate) use run::{is_missing_key, is_said_of_person, is_said_only_of_persons};
pub(crate) use spoken::is_spoken_like_a_name;

/// What the policy says about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameSettings {
    /// Whether the names of clinicians go too. Safe Harbor does not list them; most readers expect them gone.
    pub hide_providers: bool,
}

impl Default for NameSettings {
    fn default() -> NameSettings {
        NameSettings { hide_providers: true }
    }
}

/// Finds personal names in flat text and appends them to `out`, in order and without overlaps among themselves.
/// `protected` are sorted spans that no name may touch.
pub fn find(
    text: &str,
    _place: Place,
    settings: &NameSettings,
    protected: &[Range<usize>],
    out: &mut Vec<Finding>,
) {
    // Taken, so that a search within this one would simply have its own.
    let mut words = WORDS.take();
    tokens::split(text, &mut words);
    find_in(text, settings, protected, &words, out);
    // A single huge text must not keep its buffer for ever.
    if words.capacity() <= 1 << 14 {
        words.clear();
        WORDS.set(words);
    }
}

thread_local! {
    static WORDS: Cell<Vec<Token>> = const { Cell::new(Vec::new()) };
}

fn find_in(
    text: &str,
    settings: &NameSettings,
    protected: &[Range<usize>],
    words: &[Token],
    out: &mut Vec<Finding>,
) {
    let scan = Scan { text, words, settings };
    let mut next = 0;
    // What the word before says, so that each word is looked up as a cue once.
    let mut before = Cue::default();
    while next < words.len() {
        let hit = scan.at(next, before);
        match hit {
            Some(hit) if is_free(&hit.span, protected) => {
                next = hit.next.max(next + 1);
                if !hit.is_spared {
                    out.push(finding(&hit));
                }
                before = scan.cue_of(next - 1);
            }
            _ => {
                before = scan.cue_of(next);
                next += 1;
            }
        }
    }
}

/// Whether the text can hold a name at all: a capital or a letter beyond ASCII at the start of a word, a cue before a
/// lower-case word, or an identifier with underscores. Never says no where [`find`] would find something.
pub fn may_hold_name(text: &str) -> bool {
    let mut in_word = false;
    let mut start = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let is_letter = byte.is_ascii_lowercase();
        if !is_letter && (byte.is_ascii_uppercase() || byte == b'_' || !byte.is_ascii()) {
            return true;
        }
        if is_letter && !in_word {
            start = at;
        } else if !is_letter && in_word {
            let cue = cues::cue(&text[start..at]);
            if is_gate_cue(cue) || cue.has(SEEKS) {
                return true;
            }
        }
        in_word = is_letter;
    }
    false
}

/// What a word by itself can bring about, for gates that must know before any reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Makes a name of what stands beside it.
    pub(crate) cue: bool,
    /// Says anything at all of a name beside it.
    pub(crate) any_cue: bool,
    /// Can be an element of a capitalised name.
    pub(crate) element: bool,
    /// Can be an element of a name in small letters.
    pub(crate) lower: bool,
    /// A name rather than a word.
    pub(crate) likely: bool,
    /// In the lists of names, whatever else it is.
    pub(crate) named: bool,
    /// Asks for somebody: small letters in quotes behind it may be a name.
    pub(crate) seeks: bool,
}

/// The traits of a run of ASCII letters.
pub(crate) fn traits(word: &str) -> Traits {
    let entry = score::entry_of(word);
    let shape = shapes::shape(
        word,
        if word.bytes().any(|b| b.is_ascii_lowercase()) { shapes::LOWER } else { 0 }
            | if word.bytes().any(|b| b.is_ascii_uppercase()) { shapes::UPPER } else { 0 },
        word.as_bytes(),
        0,
        word.len(),
    );
    let open = !entry.is_blocked();
    let is_name = open && entry.is_name();
    let cue = cues::cue(word);
    Traits {
        cue: is_gate_cue(cue),
        any_cue: cue != Cue::default(),
        element: matches!(shape, Shape::Capital | Shape::Upper)
            && open
            && (is_name || entry.word == 0 && entry.kind != lexicon::Kind::Place),
        lower: shape == Shape::Lower && is_name && entry.word <= 2,
        likely: is_name && entry.given.max(entry.family) > entry.word,
        named: is_name,
        seeks: cue.has(SEEKS),
    }
}

fn is_gate_cue(cue: Cue) -> bool {
    cue.has(STRONG | TITLE | WEAK | MEDIUM | PROVIDER | SLOT)
}

fn finding(hit: &Hit) -> Finding {
    Finding {
        class: Class::Name,
        rule: hit.rule,
        layer: if hit.cue.is_some() { Layer::Context } else { Layer::Lexicon },
        confidence: hit.confidence,
        cue: hit.cue,
        span: hit.span.clone(),
    }
}

fn is_free(span: &Range<usize>, protected: &[Range<usize>]) -> bool {
    let at = protected.partition_point(|taken| taken.end <= span.start);
    protected.get(at).is_none_or(|taken| taken.start >= span.end)
}

/// Longest content of quotes that is looked at as a name somebody sought.
const SOUGHT_BYTES_MAX: usize = 48;

/// One text, split into words.
struct Scan<'a> {
    text: &'a str,
    words: &'a [Token],
    settings: &'a NameSettings,
}

impl Scan<'_> {
    /// The name that starts at word `at`. `before` is what the word before it says.
    fn at(&self, at: usize, before: Cue) -> Option<Hit> {
        let word = &self.words[at];
        if word.shape == Shape::Joined {
            let hit = joined::identifier(self.text, word, at);
            let kept = |hit: &Hit| !self.settings.hide_providers && hit.cue == Some("dr");
            return hit.map(|hit| Hit { is_spared: kept(&hit), ..hit });
        }
        let is_cued = || before != Cue::default() && matches!(word.gap, Gap::Space | Gap::Label);
        if word.shape == Shape::Code {
            if self.text.as_bytes().get(word.end()) == Some(&b'/')
                && let Some(hit) = paired::slashed(self.text, self.words, at)
            {
                return Some(hit);
            }
            return is_cued().then(|| joined::dotted(self.text, self.words, at, before.text)).flatten();
        }
        let follows = self.words.get(at + 1);
        // `user=Philippa.Goodenough`
        if follows.is_some_and(|next| next.gap == Gap::Dot && next.shape == Shape::Capital)
            && word.shape == Shape::Capital
            && is_cued()
            && let Some(hit) = joined::dotted(self.text, self.words, at, before.text)
        {
            return Some(hit);
        }
        let in_segment = follows.is_some_and(|next| matches!(next.gap, Gap::Caret | Gap::Star));
        if let Some(hit) = in_segment.then(|| joined::segment(self.text, self.words, at)).flatten() {
            return Some(hit);
        }
        if word.cue().has(TITLE | PROVIDER | STRONG)
            && follows.is_some_and(|next| next.is_named() && next.gap != Gap::Break)
        {
            // `Herr` is a family name too; before a name it is a title.
            if lexicon::lookup(word.text(self.text)).given < 2 {
                return None;
            }
        }
        if word.is_named()
            && let Some(hit) = paired::displayed(self.text, self.words, at)
        {
            return Some(hit);
        }
        let in_quotes = word.gap == Gap::Quotes || follows.is_some_and(|next| next.gap == Gap::Quotes);
        if let Some(hit) =
            (in_quotes && word.is_named()).then(|| paired::quoted(self.text, self.words, at)).flatten()
        {
            return Some(hit);
        }
        if word.shape == Shape::Lower
            && matches!(word.gap, Gap::Label | Gap::Break | Gap::Far)
            && let Some(hit) = self.sought(at)
        {
            return Some(hit);
        }
        // `a nombre de Begoña`: the name begins behind it.
        if before.has(MEDIUM)
            && matches!(word.text(self.text), "de" | "di" | "da")
            && follows.is_some_and(Token::is_named)
        {
            return None;
        }
        let context = self.context(at, before);
        if word.shape == Shape::Lower && !self.is_lower_candidate(at, context) {
            return None;
        }
        let alone = context == Context::None
            && !follows.is_some_and(|next| !matches!(next.gap, Gap::Break | Gap::Far));
        let stands_alone =
            || run::is_missing_key(self.text, word.start()) || closes_letter(&self.text[..word.start()]);
        if alone && word.shape != Shape::Caseless && !stands_alone() {
            return None;
        }
        let hit = judge::judge(self.text, self.words, at, context)?;
        let is_thing = self.is_thing(at, &hit, context);
        let hit = self.spare_provider(hit, at, context);
        Some(Hit { is_spared: hit.is_spared || is_thing, ..hit })
    }

    /// `ward 'Nightingale 4B'`, `Client 'Gideon' 7.4.1`: called after somebody, or like somebody.
    fn is_thing(&self, at: usize, hit: &Hit, context: Context) -> bool {
        if matches!(context, Context::Title(_) | Context::Provider(_)) {
            return false;
        }
        let said = self.words.get(hit.next).filter(|next| !matches!(next.gap, Gap::Break | Gap::Far));
        let of_person = said.is_some_and(|next| next.cue().has(OF_PERSON));
        let saint = labels::is_saint(self.words[at].text(self.text));
        let labelled = || !context.is_strong() && (saint || labels::names_a_thing(self.text, hit.span.start));
        let versioned = || labels::may_be_versioned(context) && labels::is_versioned(self.text, hit.span.end);
        !of_person && (versioned() || labelled()) && !labels::is_of_somebody(&self.text[hit.span.clone()])
    }

    /// `patient 'zbigniewska'`, `search term "okafor amara"`: small letters alone in quotes, behind a word that asks for
    /// somebody. Behind a search for anything they must look like a name, or the sentence must speak of persons.
    fn sought(&self, at: usize) -> Option<Hit> {
        let start = self.words[at].start();
        let before = self.text[..start].strip_suffix(['\'', '"', '`', '\u{201c}', '\u{2018}'])?;
        let close = match self.text[before.len()..start].chars().next()? {
            '\u{201c}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            quote => quote,
        };
        let window =
            &self.text[start..self.text.floor_char_boundary((start + SOUGHT_BYTES_MAX).min(self.text.len()))];
        let content = &window[..window.find(close)?];
        // The name of a parameter or field is quoted as well: `search parameter "famly"`.
        let word = before.strip_suffix(' ')?.rsplit(|c: char| !c.is_ascii_alphabetic()).next()?;
        let linked = cues::cue(word).has(SEEKS)
            || matches!(
                word,
                "for" | "of" | "named" | "called" | "by" | "to" | "with" | "is" | "on" | "matching"
            );
        let earlier = (at.saturating_sub(3)..at).rev().map(|earlier| self.cue_of(earlier));
        let seeker = earlier.clone().filter(|_| linked).find(|cue| cue.has(SEEKS))?;
        let open = |cue: &Cue| {
            cue.has(STRONG) || matches!(cue.text, "patients" | "patient" | "surname" | "lastname")
        };
        // `lookup of member "thistlewood"` speaks of one person, `member "sysadmin"` need not.
        let person = earlier.clone().any(|cue| open(&cue))
            || earlier.filter(|cue| cue.has(SEEKS)).count() >= 2
            || self.words.iter().skip(at).take(8).any(|word| open(&word.cue()));
        parts::is_sought(content, person).then(|| Hit {
            span: start..start + content.len(),
            next: self.words.partition_point(|word| word.start() < start + content.len()),
            rule: "name.sought",
            confidence: Confidence::Medium,
            cue: Some(seeker.text),
            is_spared: false,
        })
    }

    fn is_lower_candidate(&self, at: usize, context: Context) -> bool {
        match context {
            Context::None => false,
            Context::Weak(_) => {
                self.words.get(at + 1).is_some_and(|next| next.gap == Gap::Space || next.gap == Gap::Comma)
            }
            _ => true,
        }
    }

    fn cue_of(&self, at: usize) -> Cue {
        self.words.get(at).map(Token::cue).unwrap_or_default()
    }

    /// Marks the name of a clinician as not to be reported, if the policy keeps those.
    fn spare_provider(&self, mut hit: Hit, at: usize, context: Context) -> Hit {
        if self.settings.hide_providers {
            return hit;
        }
        let degree = self.words.get(hit.next).is_some_and(|next| {
            matches!(next.gap, Gap::Comma | Gap::Space)
                && next.shape == Shape::Upper
                && next.cue().has(DEGREE)
        });
        let introduced = matches!(context, Context::Provider(_))
            || at >= 2
                && self.words[at].gap == Gap::Space
                && self.cue_of(at - 2).has(PROVIDER)
                && self.cue_of(at - 1).has(PARTICLE | WEAK);
        hit.is_spared = degree || introduced;
        hit
    }
}

#[cfg(test)]
mod tests;
