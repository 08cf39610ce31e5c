//! Holds a head back until it is whole, and lets everything else through where it stands.

use bytes::Bytes;

use super::{Fault, Limits, Side, Start, Walker};

/// A [`Walker`] with the bytes it has not passed yet: at most one head, and what came with its last piece.
pub struct Sieve {
    walker: Walker,
    /// The beginning of a head that is not whole yet.
    held: Vec<u8>,
    /// Passed, and not yet handed out.
    ready: Bytes,
}

/// What became of a piece.
pub struct Sifted {
    /// So many bytes at the front of the piece may go on at once. What else passed is ready to be handed out.
    pub passed: usize,
    pub heads: u64,
    /// With as much of the head at fault as is there.
    pub fault: Option<(Fault, Vec<u8>)>,
}

impl Sieve {
    pub fn new(side: Side, limits: Limits) -> Sieve {
        Sieve { walker: Walker::new(side, limits), held: Vec::new(), ready: Bytes::new() }
    }

    /// Goes over the next piece; see [`Walker::walk`].
    pub fn sift(&mut self, piece: &[u8]) -> Sifted {
        let mut held = std::mem::take(&mut self.held);
        let in_place = held.is_empty();
        if !in_place {
            held.extend_from_slice(piece);
        }
        let bytes = if in_place { piece } else { held.as_slice() };
        let walked = self.walker.walk(bytes);
        let rest = bytes.get(walked.passed..).unwrap_or_default();
        let mut sifted = Sifted { passed: 0, heads: walked.heads, fault: None };
        match walked.fault {
            Some(fault) => sifted.fault = Some((fault, rest.to_vec())),
            None if walked.passed == 0 && !in_place => {
                self.held = held;
                return sifted;
            }
            None => self.held = rest.to_vec(),
        }
        if in_place {
            sifted.passed = walked.passed;
        } else {
            held.truncate(walked.passed);
            self.ready = held.into();
        }
        sifted
    }

    /// Whether part of a head is there.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Gives up the head that is held.
    pub fn let_go(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// Puts bytes of the guard's own behind what passed.
    pub fn add(&mut self, bytes: &'static [u8]) {
        self.ready = if self.ready.is_empty() {
            Bytes::from_static(bytes)
        } else {
            [&self.ready, bytes].concat().into()
        };
    }

    /// The next bytes that passed, at most so many.
    pub fn hand_out(&mut self, room: usize) -> Option<Bytes> {
        (!self.ready.is_empty()).then(|| self.ready.split_to(room.min(self.ready.len())))
    }

    /// See [`Walker::expect`].
    pub fn expect(&mut self, no_body: bool) {
        self.walker.expect(no_body);
    }

    pub fn is_due(&self) -> bool {
        self.walker.is_due()
    }

    pub fn in_body(&self) -> bool {
        self.walker.in_body()
    }

    pub fn start(&self) -> &Start {
        self.walker.start()
    }
}
