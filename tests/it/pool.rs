//! Pooled connections to the upstream: what happens when the other side ends them.

use crate::harness::{Harness, Setup, code};
use crate::rogue::{Authority, EMPTY_SEARCH, Rogue, Step, server_tls};

const SEARCH: &str = "/v1/patients?count=1";

fn one_answer_then(end: Step) -> Vec<Step> {
    vec![Step::Handshake, Step::ReadRequest, Step::Send(EMPTY_SEARCH.to_vec()), end]
}

async fn start(upstream: &'static str) -> (Rogue, Harness) {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
    let instead = Some((rogue.url(), authority.pem()));
    let harness = Harness::start(Setup { instead, upstream, ..Setup::default() }).await;
    (rogue, harness)
}

/// A server that closes after each answer without announcing it: the next request, a write too, must not meet a dead
/// connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_between_two_requests_is_never_an_error() {
    let (rogue, harness) = start("").await;
    for round in 0..40 {
        rogue.script(one_answer_then(if round % 4 < 2 { Step::Close } else { Step::Reset }));
        let answer = match round % 2 {
            0 => harness.get(SEARCH).await,
            _ => harness.post("/v1/patients", "{}").await,
        };
        assert_eq!(answer.status, 200, "round {round}");
        rogue.ended(round + 1).await;
        assert_eq!((rogue.requests(), rogue.connections()), (round + 1, round + 1), "each was sent once");
    }
    harness.finish().await;
}

/// The connection dies while the request is on its way: a read goes out once more, a write does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_dies_under_a_request() {
    let (rogue, harness) = start("").await;
    for end in [Step::Close, Step::Reset] {
        let dies = [one_answer_then(Step::ReadRequest), vec![end.clone()]].concat();
        rogue.script(dies.clone());
        assert_eq!(harness.get(SEARCH).await.status, 200);
        rogue.script(dies);
        let before = rogue.requests();
        assert_eq!(harness.get(SEARCH).await.status, 200);
        assert_eq!(rogue.requests(), before + 2, "once on the dying connection, once on a fresh one");

        let write = harness.post("/v1/patients", &format!("{{\"note\":{before}}}")).await;
        assert_eq!((write.status.as_u16(), code(&write).as_str()), (409, "OUTCOME_UNKNOWN"));
        assert_eq!(rogue.requests(), before + 3, "a write that may have arrived is not sent again");
    }
    harness.finish().await;
}

/// Old connections are let go, so that a new certificate or address of the upstream is met in bounded time.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_past_its_age_is_not_used_again() {
    let (rogue, harness) = start("pool: {age_max: 1ms}").await;
    for count in 1..=3 {
        assert_eq!(harness.get(SEARCH).await.status, 200);
        assert_eq!(rogue.connections(), count);
    }
    harness.finish().await;
}
