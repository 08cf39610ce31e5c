//! Reading of an answer what has to be there before anything is sent: all of it, or its beginning. Within a size and a time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

use super::disguise::{self, Opening};
use super::room::Share;
use crate::upstream::UpstreamBody;

/// Longest wait for an answer that is read whole.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a successful answer to a write is read before the client sees its head, in bytes.
const WRITE_ANSWER_HELD_BYTES: usize = 64 * 1024;

/// Reads a body to its end, within a size and a time.
pub async fn read_bounded(
    first: Bytes,
    mut body: UpstreamBody,
    limit: usize,
    share: &mut Share,
) -> Option<Vec<u8>> {
    let announced =
        usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX).saturating_add(first.len());
    if announced > limit {
        return None;
    }
    let most = if body.size_hint().exact().is_some() { announced } else { limit };
    let read = async {
        if !share.grow(announced, most).await {
            return None;
        }
        // As long as it is said to be: a text that grows by itself takes up to twice its length, and may wait to be scrubbed with it.
        let mut raw = Vec::with_capacity(announced);
        raw.extend_from_slice(&first);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.ok()?.into_data() else { continue };
            let length = raw.len() + data.len();
            if length > limit || !share.grow(length, most).await {
                return None;
            }
            if share.has_turn() {
                body.part_with_connection();
            }
            raw.extend_from_slice(&data);
        }
        raw.shrink_to_fit();
        Some(raw)
    };
    tokio::time::timeout(READ_TIMEOUT, read).await.ok()?
}

/// The first piece of a body that is not empty.
pub async fn first_piece(body: &mut UpstreamBody) -> Option<Bytes> {
    loop {
        let Ok(data) = body.frame().await?.ok()?.into_data() else { continue };
        if !data.is_empty() {
            return Some(data);
        }
    }
}

/// Reads on behind the first piece until it shows what the answer is. Nothing if the body broke off before that.
pub async fn opened(first: &mut Bytes, body: &mut UpstreamBody) -> Option<Opening> {
    // The usual case, without a look at the clock.
    let opening = disguise::opening(first);
    if opening != Opening::Undecided {
        return Some(opening);
    }
    let read = async {
        loop {
            let opening = disguise::opening(first);
            if opening != Opening::Undecided || first.len() > disguise::OPENING_BYTES_MAX {
                return Some(opening);
            }
            // Twice as much each time, so that looking again costs no more than reading.
            let enough = first.len() * 2;
            let mut held = BytesMut::from(first.as_ref());
            while held.len() < enough {
                let Some(frame) = body.frame().await else { break };
                if let Ok(data) = frame.ok()?.into_data() {
                    held.extend_from_slice(&data);
                }
            }
            if held.len() == first.len() {
                return Some(opening);
            }
            *first = held.freeze();
        }
    };
    tokio::time::timeout(READ_TIMEOUT, read).await.ok()?
}

/// The answer to a write, whole unless it is long: one that breaks off has to be noticed before the client is told of
/// a success, since a client that sees half of one sends the write again.
pub async fn settled(body: &mut UpstreamBody) -> Option<Bytes> {
    let read = async {
        let mut held = Vec::new();
        while held.len() < WRITE_ANSWER_HELD_BYTES {
            let Some(frame) = body.frame().await else {
                let json =
                    serde_json::from_slice::<serde::de::IgnoredAny>(disguise::without_mark(&held)).is_ok();
                return json.then_some(held);
            };
            if let Ok(data) = frame.ok()?.into_data() {
                held.extend_from_slice(&data);
            }
        }
        Some(held)
    };
    tokio::time::timeout(READ_TIMEOUT, read).await.ok()?.map(Bytes::from)
}
