//! What is looked for in the bytes of a body, whole or in pieces: its size, its grammar, and an API key.

use std::sync::LazyLock;

use bytes::Bytes;
use memchr::memmem;
use regex::bytes::Regex;

use super::fields::Fields;
use super::json::JsonCheck;
use super::place::Place;
use super::settings::BodySettings;
use super::stream::TURN_BYTES;
use super::{Purpose, Scope};
use crate::contract::Route;
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};

/// Bytes of the end of a piece looked at again with the next, so that no key hides on a boundary.
/// A key whose every character is a six-byte escape is 102 bytes long where the pattern ends.
const OVERLAP_BYTES: usize = 128;

/// The checks that run over the bytes of a body, whole or in pieces.
pub(super) struct Checks {
    mode: Mode,
    limit: u64,
    seen: u64,
    /// The end of the piece before.
    tail: Vec<u8>,
    json: Option<JsonCheck>,
    phi: Option<Phi>,
    /// Says what the places of the body are called.
    route: Option<&'static Route>,
    is_search: bool,
}

/// What becomes of PHI that no agreement covers.
pub(super) struct Phi {
    pub(super) mode: Mode,
    pub(super) fields: Fields,
}

impl Checks {
    /// Checks for a body of at most `limit` bytes; `json` has it be one JSON text.
    pub(super) fn new(settings: &BodySettings, limit: u64, json: bool, scope: &Scope<'_>) -> Checks {
        let json = json.then(|| JsonCheck::new(settings.depth_max, settings.string_bytes_max));
        let is_search = scope.purpose == Purpose::Search;
        Checks {
            mode: settings.mode,
            limit,
            seen: 0,
            tail: Vec::new(),
            json,
            phi: scope.phi(),
            route: scope.documented(),
            is_search,
        }
    }

    pub(super) async fn whole(mut self, bytes: &Bytes, observed: &mut Observed) -> Result<(), Refusal> {
        for (nth, piece) in bytes.chunks(TURN_BYTES).enumerate() {
            if nth > 0 {
                tokio::task::yield_now().await;
            }
            let before = bytes.get(..nth * TURN_BYTES).unwrap_or_default();
            self.piece(before, piece, observed)?;
        }
        self.end(observed)
    }

    /// `before` is what is still there of what came before `piece`, from the beginning.
    pub(super) fn piece(
        &mut self,
        before: &[u8],
        piece: &[u8],
        observed: &mut Observed,
    ) -> Result<(), Refusal> {
        if let Some(phi) = &mut self.phi {
            phi.fields.push(piece);
            if phi.mode == Mode::Enforce && !phi.fields.found().is_empty() {
                return Err(uncovered(phi.fields.found()));
            }
        }
        if self.mode == Mode::Off {
            return Ok(());
        }
        let seen_before = self.seen;
        self.seen += piece.len() as u64;
        if self.seen > self.limit && seen_before <= self.limit {
            self.mode.refuse(super::too_large(), observed)?;
        }
        if let Some(at) = self.key_in(seen_before, piece) {
            self.mode.refuse(self.key_found(at, before, seen_before, piece), observed)?;
        }
        if self.json.as_mut().is_some_and(|json| json.push(piece).is_err()) {
            self.json = None;
            self.mode.refuse(Code::InvalidJson.into(), observed)?;
        }
        Ok(())
    }

    pub(super) fn end(&mut self, observed: &mut Observed) -> Result<(), Refusal> {
        if let Some(found) = self.phi.take().filter(|phi| !phi.fields.found().is_empty()) {
            found.mode.refuse(uncovered(found.fields.found()), observed)?;
        }
        // An empty streamed body is no JSON, but no body either.
        let malformed = self.json.take().is_some_and(|json| json.finish().is_err());
        if malformed && self.seen > 0 { self.mode.refuse(Code::InvalidJson.into(), observed) } else { Ok(()) }
    }

    /// Notes what was found in a body that is no JSON.
    pub(super) fn names_of_form(&mut self, form: &[u8]) {
        if let Some(phi) = &mut self.phi {
            phi.fields.form(form);
        }
    }

    /// At which byte of the body a key begins that ends in this piece, which begins at `start`.
    fn key_in(&mut self, start: u64, piece: &[u8]) -> Option<u64> {
        let mut found = find_key(piece).map(|at| start + at as u64);
        if !self.tail.is_empty() {
            let begin = piece.get(..OVERLAP_BYTES.min(piece.len())).unwrap_or_default();
            let before = start.saturating_sub(self.tail.len() as u64);
            found = find_key(&[&self.tail, begin].concat()).map(|at| before + at as u64).or(found);
        }
        let end = piece.get(piece.len().saturating_sub(OVERLAP_BYTES)..).unwrap_or_default();
        self.tail.extend_from_slice(end);
        let excess = self.tail.len().saturating_sub(OVERLAP_BYTES);
        self.tail.drain(..excess);
        found
    }

    fn key_found(&self, at: u64, before: &[u8], start: u64, piece: &[u8]) -> Refusal {
        let up_to = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let first = before.get(..up_to(at)).unwrap_or(before);
        let second = piece.get(..up_to(at.saturating_sub(start))).unwrap_or(piece);
        let place = Place { route: self.route, is_search: self.is_search, before: [first, second], at };
        Refusal::new(Code::KeyInRequest).at(place.named())
    }
}

fn uncovered(fields: &[&'static str]) -> Refusal {
    let refusal = Refusal { fields: fields.to_vec(), ..Code::PhiOnTest.into() };
    match fields.first() {
        Some(first) => refusal.about(first),
        None => refusal,
    }
}

/// Where an API key begins in these bytes, plain or with JSON escapes.
fn find_key(bytes: &[u8]) -> Option<usize> {
    static KEY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?-u)(?:clk|sk)_(?:live|test)_[A-Za-z0-9_-]{8}").ok());
    // The pattern is a constant that a test compiles; should it ever not, everything counts as a key.
    let Some(key) = KEY.as_ref() else { return Some(0) };
    let worded = memmem::find(bytes, b"_live_").is_some() || memmem::find(bytes, b"_test_").is_some();
    if let Some(plain) = key.find(bytes).filter(|_| worded) {
        return Some(plain.start());
    }
    let escaped = memchr::memchr(b'%', bytes).is_some() || memmem::find(bytes, b"\\u00").is_some();
    if !escaped {
        return None;
    }
    let found = key.find(&unescape_ascii(bytes, usize::MAX).0)?.start();
    Some(unescape_ascii(bytes, found).1)
}

/// Replaces `\u00XX` and `%XX` by the byte they stand for; enough to see a key written in escapes. Stops at `most` bytes, and
/// says how many bytes those were made of.
fn unescape_ascii(bytes: &[u8], most: usize) -> (Vec<u8>, usize) {
    let mut plain = Vec::with_capacity(bytes.len().min(most));
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first().filter(|_| plain.len() < most) {
        let escaped = [&b"\\u00"[..], b"%"].into_iter().find_map(|prefix| {
            let hex = std::str::from_utf8(rest.strip_prefix(prefix)?.get(..2)?).ok()?;
            Some((u8::from_str_radix(hex, 16).ok()?, prefix.len() + 2))
        });
        match escaped {
            Some((value, length)) => {
                plain.push(value);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    (plain, bytes.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::contract;

    fn judged(text: &[u8], chunk: usize, limit: u64, json: bool) -> Result<(), Refusal> {
        let mut checks = Checks {
            mode: Mode::Enforce,
            limit,
            seen: 0,
            tail: Vec::new(),
            json: json.then(|| JsonCheck::new(4, 1000)),
            phi: None,
            route: contract::routes()
                .get(contract::index_of(&Method::POST, "/v1/notes").unwrap_or(usize::MAX)),
            is_search: false,
        };
        let mut observed = Observed::default();
        for (nth, piece) in text.chunks(chunk).enumerate() {
            checks.piece(&text[..nth * chunk], piece, &mut observed)?;
        }
        checks.end(&mut observed)
    }

    fn run(text: &[u8], chunk: usize, limit: u64, json: bool) -> Option<Code> {
        judged(text, chunk, limit, json).err().map(|refusal| refusal.code)
    }

    #[test]
    fn a_key_is_found_at_its_place_however_the_body_is_cut() {
        let filling = "x".repeat(200);
        for key in ["clk_live_Synthetic00", "clk\\u005flive_Synthetic00", "%63lk_live_Synthetic00"] {
            let text = format!("{{\"a\":\"{filling}\",\"content\":\"a {key} {filling}\"}}");
            for chunk in [1, 7, 100, 219, 220, 1000] {
                let refusal = judged(text.as_bytes(), chunk, 1000, true).unwrap_err();
                assert_eq!(refusal.subject.as_deref(), Some("content, byte 222 of the body"), "{chunk}");
                assert!(!refusal.advice().contains("Synthetic"));
            }
        }
    }

    #[test]
    fn n_bytes_pass_and_one_more_is_refused_for_every_chunking() {
        let text = b"{\"a\":\"0123456789\"}";
        for chunk in 1..=text.len() {
            assert_eq!(run(text, chunk, text.len() as u64, true), None);
            assert_eq!(run(text, chunk, text.len() as u64 - 1, true), Some(Code::BodyTooLarge));
        }
    }

    #[test]
    fn a_key_is_seen_on_every_boundary_and_in_escapes() {
        for text in [
            &b"{\"note\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx clk_live_Synthetic00 yyyyyyyyyyyyyyyyyyyyyyyyyy\"}"[..],
            b"{\"k\":\"sk_test_Synthetic00\"}",
            b"{\"k\":\"clk\\u005flive_Synthetic00\"}",
            b"{\"k\":\"clk%5Flive%5FSynthetic00\"}",
            b"{\"k\":\"100% of %63lk_live_Synthetic00\"}",
            b"{\"k\":\"\\u0063\\u006c\\u006b\\u005f\\u006c\\u0069\\u0076\\u0065\\u005f\\u0041\\u0042\\u0043\\u0044\\u0045\\u0046\\u0047\\u0048\"}",
        ] {
            for chunk in 1..=text.len() {
                assert_eq!(run(text, chunk, 1000, true), Some(Code::KeyInRequest), "{chunk}");
            }
        }
        for text in [
            &b"{\"k\":\"clk_live_*\"}"[..],
            b"{\"k\":\"clk_live_ or clk_test_\"}",
            b"{\"k\":\"my_live_show\"}",
        ] {
            assert_eq!(run(text, 7, 1000, true), None);
        }
    }

    #[test]
    fn malformed_json_is_refused_and_observe_lets_it_pass() {
        assert_eq!(run(b"{\"a\":}", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"{\"a\":1", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"[[[[[1]]]]]", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"not json", 3, 100, false), None);
        let mut checks = Checks {
            mode: Mode::Observe,
            limit: 2,
            seen: 0,
            tail: Vec::new(),
            json: Some(JsonCheck::new(4, 1000)),
            phi: None,
            route: None,
            is_search: false,
        };
        let mut observed = Observed::default();
        assert!(checks.piece(b"", b"oops", &mut observed).is_ok());
        assert_eq!(observed.0.len(), 2);
    }
}
