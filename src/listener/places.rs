//! How many connections there are, in all and of one peer, and what becomes of one too many.
//!
//! One that finds no place gets a 503 at once, before it is read, instead of a wait in the kernel's queue that its
//! client takes for a slow answer. It leaves no line in the audit trail, since nothing was asked; it is counted.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::guards::caller::Peer;
use crate::outcome::{Code, Refusal};
use crate::reply::{self, Dialect};

/// How long a refused connection may take to read its answer.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
/// What is read of it meanwhile.
const FAREWELL_BYTES_MAX: u64 = 64 * 1024;
/// How many are told at once; more are closed without a word.
pub(super) const FAREWELLS_MAX: usize = 64;

/// The places of all workers.
pub struct Places {
    max: usize,
    per_peer_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_peer: HashMap<Peer, usize>,
}

/// Which limit left no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    All,
    Peer,
}

impl Full {
    pub const ALL: [Full; 2] = [Full::All, Full::Peer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Full::All => "all",
            Full::Peer => "peer",
        }
    }
}

/// One connection's place, given back when it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    peer: Peer,
}

impl Places {
    pub fn new(max: NonZeroUsize, per_peer_max: NonZeroUsize) -> Places {
        Places { max: max.get(), per_peer_max: per_peer_max.get(), taken: Mutex::default() }
    }

    pub(super) fn take(self: &Arc<Self>, peer: Peer) -> Result<Place, Full> {
        let peer = counted_as(peer);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.max {
            return Err(Full::All);
        }
        let of_peer = taken.by_peer.entry(peer).or_default();
        if *of_peer >= self.per_peer_max {
            return Err(Full::Peer);
        }
        *of_peer += 1;
        taken.all += 1;
        Ok(Place { places: Arc::clone(self), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(of_peer) = taken.by_peer.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                taken.by_peer.remove(&self.peer);
            }
        }
    }
}

/// An IPv6 host has a whole /64 to itself.
fn counted_as(peer: Peer) -> Peer {
    match peer {
        Peer::Tcp(address) => Peer::Tcp(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                if address.is_loopback() {
                    address.into()
                } else {
                    Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
                }
            }
            v4 @ IpAddr::V4(_) => v4,
        }),
        // A user has one share, however many containers it runs.
        Peer::Unix { uid, .. } => Peer::Unix { uid, container: None },
    }
}

/// Tells a client that there is no place for its connection, and closes it.
pub(super) async fn turn_away<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T, answer: Arc<[u8]>) {
    let farewell = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // Closed with its request unread, the client would see a reset and no answer.
        tokio::io::copy(&mut (&mut stream).take(FAREWELL_BYTES_MAX), &mut tokio::io::sink()).await
    };
    let _told = tokio::time::timeout(FAREWELL_TIMEOUT, farewell).await;
}

/// The answer to a connection without a place, as bytes.
pub(super) async fn no_place_answer() -> Arc<[u8]> {
    let (head, body) =
        reply::refusal(&Refusal::new(Code::Overloaded), Dialect::ClinikApi, "none").into_parts();
    let mut text = format!("HTTP/1.1 {}\r\nconnection: close\r\n", head.status).into_bytes();
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "x-request-id") {
        for piece in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            text.extend_from_slice(piece);
        }
    }
    let mut body = body;
    let mut content = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        content.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
    }
    text.extend_from_slice(format!("content-length: {}\r\n\r\n", content.len()).as_bytes());
    text.extend_from_slice(&content);
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(max: usize, per_peer_max: usize) -> Arc<Places> {
        let count = |n| NonZeroUsize::new(n).expect("not zero");
        Arc::new(Places::new(count(max), count(per_peer_max)))
    }

    fn tcp(address: &str) -> Peer {
        Peer::Tcp(address.parse().expect("an address"))
    }

    #[test]
    fn n_connections_have_a_place_and_one_more_has_none() {
        let places = places(3, 2);
        let first = places.take(tcp("127.0.0.1")).ok();
        let second = places.take(tcp("::ffff:127.0.0.1")).ok();
        assert!(first.is_some() && second.is_some());
        assert_eq!(places.take(tcp("127.0.0.1")).err(), Some(Full::Peer), "mapped or not, it is one peer");
        let other = places.take(tcp("10.0.0.7")).ok();
        assert!(other.is_some());
        assert_eq!(places.take(tcp("10.0.0.8")).err(), Some(Full::All));
        drop(first);
        assert!(places.take(tcp("127.0.0.1")).is_ok());
        drop((second, other));
        assert!(places.taken.lock().expect("whole").by_peer.is_empty(), "nothing is kept of peers that left");
    }

    #[test]
    fn addresses_of_one_ipv6_host_count_together() {
        let places = places(10, 1);
        let _place = places.take(tcp("2001:db8:0:1::1")).ok();
        assert_eq!(places.take(tcp("2001:db8:0:1:ffff::2")).err(), Some(Full::Peer));
        assert!(places.take(tcp("2001:db8:0:2::1")).is_ok());
    }

    #[tokio::test]
    async fn a_refused_connection_is_told_why() {
        let text = String::from_utf8(no_place_answer().await.to_vec()).expect("text");
        assert!(text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{text}");
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        assert!(head.contains("retry-after: 1") && head.contains(&format!("content-length: {}", body.len())));
        assert!(body.contains("\"OVERLOADED\""), "{body}");
    }
}
