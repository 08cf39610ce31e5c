//! Outcomes among the resources of an answer that passes: their text is scrubbed, every other byte is left alone.
//!
//! A Bundle says of each of its entries what went wrong with it, and quotes the request in that. Resources stream on while they
//! are read; what may yet be an outcome waits until it shows ([`Finder`]), up to [`HELD_BYTES_MAX`]. Beyond that, or
//! without its end, it is not sent and the answer breaks off.

use std::cell::LazyCell;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::envelope;
use super::room::Share;
use crate::phi::Engine;
use crate::phi::echo::Echo;
use crate::phi::scrub::Redactions;
use crate::upstream::BodyLost;

mod finder;
mod skim;

pub use finder::Finder;

/// Most bytes that wait to be known for an outcome or none.
const HELD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Gathers the values of a request, once somebody asks for them.
pub type Recall = Box<dyn FnOnce() -> Echo + Send>;

/// What may be sent.
pub enum Read {
    /// As it came: what had waited, and what came now.
    Clear([Bytes; 2]),
    /// Once it is scrubbed.
    Outcomes(Outcomes),
}

/// A part of the text with outcomes in it.
pub struct Outcomes {
    text: Bytes,
    base: usize,
    found: Vec<Range<usize>>,
}

impl Outcomes {
    /// Of the outcomes alone.
    pub fn length(&self) -> usize {
        self.found.iter().map(ExactSizeIterator::len).sum()
    }
}

/// An answer on its way, as far as its outcomes go.
pub struct Entries {
    finder: Finder,
    /// What waits, and where in the text it begins.
    held: BytesMut,
    base: usize,
    engine: Arc<Engine>,
    echo: LazyCell<Echo, Recall>,
    outcome_bytes_max: usize,
    redactions: Redactions,
    /// Of what waits.
    share: Share,
}

impl Entries {
    pub fn new(engine: Arc<Engine>, recall: Recall, outcome_bytes_max: usize, share: Share) -> Entries {
        Entries {
            finder: Finder::default(),
            held: BytesMut::new(),
            base: 0,
            engine,
            echo: LazyCell::new(recall),
            outcome_bytes_max,
            redactions: Redactions::default(),
            share,
        }
    }

    /// Reads on, and says what may be sent of everything seen so far.
    pub fn read(&mut self, piece: Bytes) -> Result<Read, BodyLost> {
        let begun = self.base + self.held.len();
        if self.held.is_empty() || !self.finder.holds_string() {
            self.finder.read(&piece, begun).map_err(|_| BodyLost)?;
            let settled = self.finder.settled();
            // The usual case: what waited was no outcome, and the piece goes on as it came.
            if settled >= begun && !self.finder.has_found() {
                let held = std::mem::take(&mut self.held);
                self.held.extend_from_slice(piece.get(settled - begun..).unwrap_or_default());
                self.base = settled;
                return self.within_bounds(Read::Clear([held.freeze(), piece.slice(..settled - begun)]));
            }
            self.held.extend_from_slice(&piece);
        } else {
            self.held.extend_from_slice(&piece);
            self.finder.read(&self.held, self.base).map_err(|_| BodyLost)?;
        }
        let text = self.held.split_to(self.finder.settled() - self.base).freeze();
        let base = self.base;
        self.base += text.len();
        let found = self.finder.take_found();
        match found.is_empty() {
            true => self.within_bounds(Read::Clear([Bytes::new(), text])),
            false => self.within_bounds(Read::Outcomes(Outcomes { text, base, found })),
        }
    }

    fn within_bounds(&mut self, read: Read) -> Result<Read, BodyLost> {
        let held = self.held.len();
        if held <= HELD_BYTES_MAX && self.share.hold(held) { Ok(read) } else { Err(BodyLost) }
    }

    /// Nothing waits.
    pub fn is_settled(&self) -> bool {
        self.held.is_empty()
    }

    /// What was taken out since this was asked last.
    pub fn take_redactions(&mut self) -> Redactions {
        std::mem::take(&mut self.redactions)
    }

    /// What was read without what its outcomes quote.
    pub fn scrub(&mut self, outcomes: Outcomes) -> Result<Bytes, BodyLost> {
        let Outcomes { text, base, found } = outcomes;
        let mut clean = BytesMut::with_capacity(text.len());
        let mut done = 0;
        for outcome in found {
            let (from, to) = (outcome.start - base, outcome.end - base);
            clean.extend_from_slice(text.get(done..from).unwrap_or_default());
            let raw = text.get(from..to).unwrap_or_default();
            let (said, redactions) =
                scrub(raw, &self.engine, &self.echo, self.outcome_bytes_max).ok_or(BodyLost)?;
            clean.extend_from_slice(&said);
            self.redactions.add_all(&redactions);
            done = to;
        }
        clean.extend_from_slice(text.get(done..).unwrap_or_default());
        Ok(clean.freeze())
    }
}

/// One outcome without what it quotes; nothing if it is no JSON. Of one that is too long to read, or that quotes a request of
/// which too little is known, the text is withheld.
pub fn scrub(raw: &[u8], engine: &Engine, echo: &Echo, bytes_max: usize) -> Option<(Vec<u8>, Redactions)> {
    if raw.len() > bytes_max || echo.is_incomplete() {
        return Some((envelope::withheld_outcome(raw), Redactions::default()));
    }
    let (said, redactions) = engine.scrub_member("", std::str::from_utf8(raw).ok()?, echo);
    Some((envelope::in_place(said)?, redactions))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Room;
    use super::*;

    /// What comes of a text in pieces of so many bytes, and what still waits at its end.
    fn passed(text: &[u8], bytes: usize) -> (Vec<u8>, usize) {
        let mut entries =
            Entries::new(Arc::default(), Box::new(Echo::new), 4096, Room::default().of_answer());
        let mut out = Vec::new();
        for piece in text.chunks(bytes) {
            match entries.read(Bytes::copy_from_slice(piece)).expect("short and flat") {
                Read::Clear(parts) => out.extend(parts.concat()),
                Read::Outcomes(outcomes) => out.extend(entries.scrub(outcomes).expect("JSON")),
            }
        }
        out.extend_from_slice(&entries.held);
        (out, entries.held.len())
    }

    #[test]
    fn an_outcome_without_end_waits() {
        let text =
            br#"{"entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"diagnostics":"Jane"#;
        assert_eq!(passed(text, 7), (text.to_vec(), text.len() - 22));
        assert_eq!(passed(br#"{"entry":[]}"#, 3).1, 0);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference_and_what_holds_no_outcome_stays(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "1", "null", "\u{e9}", "\"id\":", "\"a\":", "\"response\":",
                    "\"outcome\":", "\"issue\":", "\"resourceType\":", "\"OperationOutcome\"", "\"x\"", "\"text\":", "{}", "[]",
                ]),
                0..24,
            ),
            bytes in 1usize..9,
        ) {
            let text = words.concat();
            let mut finder = Finder::default();
            prop_assume!(finder.read(text.as_bytes(), 0).is_ok());
            prop_assume!(finder.take_found().is_empty());
            prop_assert_eq!(passed(text.as_bytes(), bytes).0, text.as_bytes());
        }
    }
}
