//! What failures between guards and answer mean to the client: above all, whether a write may have been carried out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use crate::audit::Record;
use crate::outcome::{Code, Refusal};
use crate::upstream::{Cause, SendError};

/// What a failed send means to the client: a write that may have arrived must not be sent again unseen.
pub(super) fn failure(error: SendError, safe: bool) -> Refusal {
    let code = match (error.maybe_sent, safe, error.cause) {
        (true, false, _) => Code::OutcomeUnknown,
        (_, _, Cause::Timeout) => Code::UpstreamTimeout,
        (_, _, Cause::Malformed) => Code::UpstreamInvalid,
        (
            _,
            _,
            Cause::Resolve
            | Cause::Connect
            | Cause::Tls
            | Cause::CertificateExpired
            | Cause::CertificateName
            | Cause::CertificateUntrusted
            | Cause::CertificatePin
            | Cause::ClientCertificate
            | Cause::Closed
            | Cause::BrokenOff,
        ) => Code::UpstreamUnreachable,
    };
    Refusal::new(code).about(error.cause.as_str())
}

/// Runs a future to its end; `None` if it panicked. The panic hook has logged where, and the payload, which can hold
/// anything, is dropped here. What the future shares with others are locks and counters that stay whole: nothing is
/// edited in place under them.
pub(super) async fn caught<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_payload) => Poll::Ready(None),
    })
    .await
}

/// What a panic means to the client. A 5xx is sent again by the SDK, so it is for what changed nothing.
pub(super) fn panicked(record: &Record) -> Refusal {
    match (&record.key, record.withheld()) {
        (Some(_), Code::OutcomeUnknown) => Code::OutcomeUnknown.into(),
        _ => Code::InternalError.into(),
    }
}

/// What a request without an answer after `listen.exchange_timeout` means: only one that went out may have had an effect.
pub(super) fn overdue(record: &Record) -> Refusal {
    match (&record.key, record.withheld()) {
        (None, _) => Refusal::new(Code::ClientTimeout).about("listen.exchange_timeout"),
        (Some(_), Code::OutcomeUnknown) => Code::OutcomeUnknown.into(),
        (Some(_), _) => Code::UpstreamTimeout.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_before_and_after_a_wait() {
        assert_eq!(caught(pin!(async { 7 })).await, Some(7));
        assert_eq!(caught(pin!(async { panic!("Marisol") })).await, None::<()>);
        let late = pin!(async {
            tokio::task::yield_now().await;
            panic!("Marisol")
        });
        assert_eq!(caught(late).await, None::<()>);
    }
}
