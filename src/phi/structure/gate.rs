//! The gate before all readers: one pass over a text that tells whether any of them could find something.
//!
//! Owns what lets a rule begin at all: words, each looked up once ([`vocabulary`]), the forms of numbers, and signs. A text that
//! nothing opens leaves with no further work; one that only a few readers could take an interest in is shown to
//! those. Findings are never made here. Invariant, tested against the readers: what the gate calls clean, they find nothing in.
//!
//! The argument: nearly all rules ask for a word of the vocabulary of claims (`cues`), so a text without one leaves only
//! the rules that need none. Each of those has its condition here, wider than its own.

use super::{Context, Reader, dated};
use crate::phi::{Engine, Place, cues::KeyClass, names, rules::network::is_of_a_probe};

mod claim;
mod claimed;
mod documents;
mod json;
mod name;
mod near;
mod number;
mod signs;
#[cfg(test)]
mod tests;
mod validators;
mod vocabulary;
mod walk;

use walk::{Asked, needs};

/// Who has to look at a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Needs(u8);

impl Needs {
    const NOBODY: Needs = Needs(0);
    /// The flat scan, names included.
    const SCAN: Needs = Needs(1);
    const NAMES: Needs = Needs(2);
    const SENTENCES: Needs = Needs(4);
    const PAIRS: Needs = Needs(8);
    const SLUGS: Needs = Needs(16);
    const ROWS: Needs = Needs(32);
    const ACCESS_LOG: Needs = Needs(64);
    /// Everybody: the gate cannot tell.
    const ALL: Needs = Needs(128);

    fn add(&mut self, more: Needs) {
        self.0 |= more.0;
    }

    fn has(self, what: Needs) -> bool {
        self.0 & what.0 != 0
    }
}

impl Reader<'_> {
    /// Would reading this document find nothing? False only says that it has to be read.
    pub(super) fn passes(&mut self, text: &str, context: Context) -> bool {
        let known = |unclean: &(String, KeyClass)| unclean.0 == text && unclean.1 == context.hint;
        self.judges(context)
            && !(context.subject.is_none() && self.unclean.take_if(|unclean| known(unclean)).is_some())
            && self.clean_document(text, context)
    }

    /// The same for a text that is no document of its own.
    pub(super) fn passes_as_text(&mut self, text: &str, context: Context) -> bool {
        self.judges(context) && self.clean_text(text, context)
    }

    /// Own rules, and a key that claims the whole text, are beyond the gate.
    fn judges(&self, context: Context) -> bool {
        let open = self.engine.custom.is_empty() && !matches!(context.hint, KeyClass::Phi(_));
        #[cfg(test)]
        let open = open && self.gated;
        open
    }

    /// Does the text hold a value of the request?
    fn echoes(&self, text: &str) -> bool {
        let Some(echo) = self.echo else { return false };
        let mut found = Vec::new();
        echo.find(text, &mut found);
        !found.is_empty()
    }

    /// The width of the client's address at the head of a line of an access log in which nothing else has to go.
    pub(crate) fn only_client(&mut self, line: &[u8]) -> Option<usize> {
        const BEHIND: &str = " - - [";
        let len = number::address(line).filter(|len| line[*len..].starts_with(BEHIND.as_bytes()))?;
        let (address, rest) = line.split_at_checked(len)?;
        // It says where the client is only if it is not this host.
        if !super::access_log::is_client(std::str::from_utf8(address).ok()?, self.engine)
            || !self.engine.is_strict(self.place)
        {
            return None;
        }
        let rest = std::str::from_utf8(rest).ok().filter(|rest| !is_of_a_probe(rest))?;
        let stamped = rest.as_bytes().get(BEHIND.len() + 2) == Some(&b'/') && rest.contains("] \"");
        (stamped && self.passes(&rest[1..], Context::NONE)).then_some(len)
    }

    fn clean_document(&mut self, text: &str, context: Context) -> bool {
        match text.as_bytes().first() {
            None => true,
            Some(b'{') => context.subject.is_none() && json::is_clean(self, text, context.hint),
            Some(b'<') => false,
            // The elements of a list may speak of one another.
            Some(b'[') if matches!(text.as_bytes().get(1), Some(b'"' | b'[' | b'{' | b' ')) => false,
            Some(b' ' | b'\t') if text.trim_start().starts_with(['<', '{', '[']) => false,
            Some(_) => self.clean_text(text, context),
        }
    }

    fn clean_text(&mut self, text: &str, context: Context) -> bool {
        // Validators speak in errors; of a line they are asked only if something is open.
        let first = self.place == Place::Error;
        if first && validators::is_sentence(text) {
            return !self.echoes(text);
        }
        let private_ips = self.engine.settings().hide_private_ips;
        let asked = Asked { private_ips, subject: context.subject.is_some() };
        let (needs, documents) = vocabulary::remembered(|memo| needs(text, asked, memo));
        (needs == Needs::NOBODY
            || !first && validators::is_sentence(text)
            || !needs.has(Needs::ALL) && self.nobody_finds(text, context, needs))
            && !self.echoes(text)
            && documents.opens().iter().all(|open| json::opens_clean(self, &text[*open..]))
    }

    /// Shows the text to those who might take an interest.
    #[cold]
    fn nobody_finds(&mut self, text: &str, context: Context, needs: Needs) -> bool {
        let mut found = Vec::new();
        // In an error, what was `received` is a finding of the scan too.
        let quoted = needs.has(Needs::SENTENCES) && self.place == Place::Error;
        if needs.has(Needs::SCAN) || quoted {
            self.findings.clear();
            self.engine.scan(text, self.place, context.hint, &mut self.findings);
            if !self.findings.is_empty() {
                return false;
            }
        } else if needs.has(Needs::NAMES) && self.engine.finds_name(text, self.place) {
            return false;
        }
        if needs.has(Needs::SENTENCES) {
            self.sentences(text, context, 1, &[], &mut found);
        }
        if needs.has(Needs::PAIRS) && found.is_empty() {
            self.pairs(text, 1, &[], &mut found);
        }
        if needs.has(Needs::SLUGS) && found.is_empty() {
            self.dated_slugs(text, &mut found);
            self.slugs(text, &mut found);
            dated::keys(text, &mut found);
            self.path_values(text, &mut found);
            self.segments(text, &mut found);
        }
        if needs.has(Needs::ACCESS_LOG) && found.is_empty() {
            self.access_log(text, &mut found);
        }
        if needs.has(Needs::ROWS) && found.is_empty() {
            self.given_away(text, 0, &mut found);
        }
        found.is_empty()
    }
}

impl Engine {
    /// Whether the text holds a name, if nothing is protected.
    fn finds_name(&self, text: &str, place: Place) -> bool {
        let settings = names::NameSettings { hide_providers: self.settings().hide_providers };
        let mut found = Vec::new();
        names::find(text, place, &settings, &[], &mut found);
        !found.is_empty()
    }
}
