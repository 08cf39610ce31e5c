//! A TCP connection to a host with several addresses.
//!
//! Names are looked up for every new connection, so that a change of DNS is followed as connections age. Addresses are
//! tried as RFC 8305 says: families in turn, each attempt with a head start on the next, the first to connect wins. A
//! dead address costs a quarter of a second and not a timeout.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Cause;

/// Head start of one attempt on the next (RFC 8305 section 8 recommends it).
const HEAD_START: Duration = Duration::from_millis(250);
/// Most addresses tried for one connection.
const ADDRESSES_MAX: usize = 16;

/// Connects within `limit`, the look-up included.
pub(super) async fn dial(host: &str, port: u16, limit: Duration) -> Result<TcpStream, Cause> {
    let connected = timeout(limit, async {
        let addresses = look_up(host, port).await?;
        race(addresses, TcpStream::connect).await.ok_or(Cause::Connect)
    });
    let stream = connected.await.map_err(|_| Cause::Connect)??;
    // Without it small requests wait for acknowledgements; a socket that refuses it is broken.
    stream.set_nodelay(true).map_err(|_| Cause::Connect)?;
    Ok(stream)
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|_| Cause::Resolve)?
        .take(ADDRESSES_MAX)
        .collect();
    if found.is_empty() { Err(Cause::Resolve) } else { Ok(in_turn(found)) }
}

/// Families in turn, beginning with that of the first address; within one the order of the resolver.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair.iter().all(Option::is_none) {
            return ordered;
        }
        ordered.extend(pair.into_iter().flatten());
    }
}

/// The first attempt to succeed; the others are dropped. `None` when all have failed.
async fn race<T, F>(addresses: Vec<SocketAddr>, attempt: impl Fn(SocketAddr) -> F) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut waiting = addresses.into_iter();
    let mut racing = JoinSet::new();
    loop {
        match waiting.next() {
            Some(address) => {
                racing.spawn(attempt(address));
            }
            None if racing.is_empty() => return None,
            None => {}
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(ended) = racing.join_next() => {
                if let Ok(Ok(connected)) = ended {
                    return Some(connected);
                }
            }
            () = tokio::time::sleep(HEAD_START), if more => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    fn address(number: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, number], 443))
    }

    fn v6(number: u16) -> SocketAddr {
        SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, number], 443))
    }

    /// Odd addresses never answer, 100 and above refuse at once, the rest connect after as many milliseconds.
    async fn attempt(address: SocketAddr) -> io::Result<SocketAddr> {
        let IpAddr::V4(ip) = address.ip() else { return Err(io::ErrorKind::Unsupported.into()) };
        match ip.octets()[3] {
            number if number >= 100 => Err(io::ErrorKind::ConnectionRefused.into()),
            number if number % 2 == 1 => std::future::pending().await,
            number => {
                tokio::time::sleep(Duration::from_millis(u64::from(number))).await;
                Ok(address)
            }
        }
    }

    async fn raced(numbers: &[u8]) -> (Option<SocketAddr>, u128) {
        let began = Instant::now();
        let won = race(numbers.iter().copied().map(address).collect(), attempt).await;
        (won, began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_address_costs_a_head_start_and_a_refusal_nothing() {
        assert_eq!(raced(&[20]).await, (Some(address(20)), 20));
        assert_eq!(raced(&[1, 20]).await, (Some(address(20)), 270));
        assert_eq!(raced(&[1, 3, 20]).await, (Some(address(20)), 520));
        assert_eq!(raced(&[100, 20]).await, (Some(address(20)), 20));
        assert_eq!(raced(&[1, 100, 20]).await, (Some(address(20)), 270));
        assert_eq!(raced(&[100, 101, 102]).await, (None, 0));
        assert_eq!(raced(&[]).await, (None, 0));
    }

    #[test]
    fn families_take_turns() {
        assert_eq!(
            in_turn(vec![v6(1), v6(2), v6(3), address(1), address(2)]),
            [v6(1), address(1), v6(2), address(2), v6(3)]
        );
        assert_eq!(in_turn(vec![address(1), v6(1)]), [address(1), v6(1)]);
        assert_eq!(in_turn(Vec::new()), []);
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_told_from_a_host_that_is_down() {
        let limit = Duration::from_secs(10);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(dial("127.0.0.1", port, limit).await.err(), Some(Cause::Connect));
        assert_eq!(dial("no such host", port, limit).await.err(), Some(Cause::Resolve));
        let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listening.local_addr().unwrap().port();
        assert!(dial("127.0.0.1", port, limit).await.is_ok());
    }
}
