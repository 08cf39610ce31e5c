//! Shipping: sealed segments of the trail go to an object store, each once, and stay there.
//!
//! What the spool holds is sent, oldest first, whenever a segment is sealed and again while something is left. An object is
//! named by chain, number and content, so that a crash between sending and noting it costs one more request and nothing else.
//! With the segments go the public key that verifies them and the last checkpoint of the last one, from which `audit verify`
//! sees segments that are gone. Not on the request path: what it does to requests is said by [`Spool::is_full`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use jiff::Timestamp;

use super::chain::hex;
use super::checkpoint::Verifier;
use super::courier::{Courier, Errand};
use super::{names, segment};
use crate::credentials::ReadEnv;
use crate::metrics::Metrics;

mod content;
mod credentials;
pub mod settings;
mod spool;
mod store;

use content::Content;
use settings::ShipSettings;
pub use spool::Spool;
use spool::Unsent;
use store::{ShipError, Store};

/// What the shipper needs of the guard.
pub struct ShipContext {
    pub settings: ShipSettings,
    /// The active file of the trail.
    pub trail: PathBuf,
    /// Of the key that signs checkpoints.
    pub verifier: Option<Verifier>,
    pub read_env: ReadEnv,
    pub metrics: Arc<Metrics>,
    pub released: Released,
}

/// Up to which line others have read the trail; a segment beyond it is not deleted.
pub type Released = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The running shipper.
pub struct Shipper(Courier);

impl Shipper {
    pub fn start(context: ShipContext, spool: Arc<Spool>) -> std::io::Result<Shipper> {
        Ok(Shipper(Courier::start(Segments { context, spool, sent_key: None })?))
    }

    /// Sends what is left, as far as that goes in a few seconds, and ends.
    pub fn close(self) {
        self.0.close();
    }
}

/// The segments on their way.
struct Segments {
    context: ShipContext,
    spool: Arc<Spool>,
    /// The chain beside which the public key stands.
    sent_key: Option<String>,
}

impl Errand for Segments {
    type Problem = ShipError;
    const NAME: &'static str = "ship";
    /// A segment may have been put there by hand.
    const INTERVAL: Duration = Duration::from_secs(60);
    const LATE: ShipError = ShipError::Unavailable;

    /// Sends all there is.
    async fn pass(&mut self) -> Result<(), ShipError> {
        if !self.context.settings.keep_local {
            self.spool.clear((self.context.released)())?;
        }
        let unsent = self.spool.unsent()?;
        self.show(&unsent);
        if unsent.is_empty() {
            return Ok(());
        }
        let store = Store::open(&self.context.settings, self.context.read_env, Timestamp::now())?;
        let mut stuck = None;
        for (index, one) in unsent.iter().enumerate() {
            match self.send(&store, one).await {
                Ok(()) => {
                    self.context.metrics.audit_shipped.inc();
                    self.show(unsent.get(index + 1..).unwrap_or_default());
                }
                // One segment's trouble keeps none of the others back.
                Err(error @ (ShipError::Foreign | ShipError::Unreadable(_))) => stuck = Some(error),
                Err(error) => return Err(error),
            }
        }
        match stuck {
            Some(error) => {
                self.show(&unsent);
                Err(error)
            }
            None => Ok(()),
        }
    }

    /// A segment is sealed.
    async fn wanted(&self) {
        self.spool.sealed.notified().await;
    }

    fn failed(&self, error: ShipError, is_new: bool) {
        self.context.metrics.audit_ship_failures.with_label_values(&[error.as_str()]).inc();
        if is_new {
            tracing::error!(problem = %error, "segments of the audit trail are not in the object store yet");
        }
    }

    fn works_again(&self) {
        tracing::info!("segments of the audit trail reach the object store again");
    }
}

impl Segments {
    async fn send(&mut self, store: &Store, one: &Unsent) -> Result<(), ShipError> {
        let content = Content::of(&one.path)?;
        let chain = &one.name.chain;
        let name = names::shipped(&self.context.trail, &one.name, &hex(&content.sha256));
        let object = format!("{chain}/{name}");
        store.put(&object, &content).await?;
        if self.sent_key.as_ref() != Some(chain) {
            if let Some(verifier) = &self.context.verifier {
                let key = format!("{chain}/{}.pub.pem", verifier.fingerprint);
                self.beside(store, &key, Bytes::from(verifier.to_pem())).await;
            }
            self.sent_key = Some(chain.clone());
        }
        if let Some(head) = segment::last_line(&one.path)? {
            let file = names::head(&self.context.trail);
            let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.beside(store, &format!("{chain}/{file}"), head.into()).await;
        }
        let read = segment::last_seq(&one.path).is_some_and(|last| last <= (self.context.released)());
        let keep = self.context.settings.keep_local || !read;
        Ok(self.spool.sent(one, &object, keep)?)
    }

    /// A copy that helps whoever fetches the segments back. Where nothing may be replaced, as under a retention policy, the
    /// first stays, and no segment waits for that.
    async fn beside(&self, store: &Store, object: &str, content: Bytes) {
        if let Err(error) = store.replace(object, content).await {
            self.context.metrics.audit_ship_failures.with_label_values(&[error.as_str()]).inc();
            tracing::warn!(problem = %error, "a copy beside the audit segments was not replaced in the object store");
        }
    }

    fn show(&self, unsent: &[Unsent]) {
        let metrics = &self.context.metrics;
        metrics.audit_spool_bytes.set(i64::try_from(self.spool.bytes()).unwrap_or(i64::MAX));
        let oldest = unsent.iter().filter_map(|one| one.modified).min();
        let seconds =
            oldest.and_then(|at: SystemTime| at.duration_since(UNIX_EPOCH).ok()).map_or(0, |at| at.as_secs());
        metrics.audit_spool_oldest.set(i64::try_from(seconds).unwrap_or(0));
    }
}
