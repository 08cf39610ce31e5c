//! Shipping: sealed segments of the trail go to an object store, each once, and stay there.
//!
//! A thread of its own sends what the spool holds, oldest first, whenever a segment is sealed and again while something is
//! left, with pauses that grow and vary. An object is named by chain, number and content, so that a crash between sending and
//! noting it costs one more request and nothing else. With the segments go the public key that verifies them and the last
//! checkpoint of the last one, from which `audit verify` sees segments that are gone. Not on the request path: what it does to
//! requests is said by [`Spool::is_full`].

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use super::chain::{hex, sha256};
use super::checkpoint::Verifier;
use super::pause::Pause;
use super::{names, segment};
use crate::credentials::ReadEnv;
use crate::metrics::Metrics;

pub mod settings;
mod spool;
mod store;

use settings::ShipSettings;
pub use spool::Spool;
use spool::Unsent;
use store::{ShipError, Store};

/// How often the spool is looked at though nothing was sealed: a segment may have been put there by hand.
const LOOK_INTERVAL: Duration = Duration::from_secs(60);
/// At the end, for what is left.
const LAST_PASS: Duration = Duration::from_secs(10);

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
pub struct Shipper {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Shipper {
    pub fn start(context: ShipContext, spool: Arc<Spool>) -> std::io::Result<Shipper> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopping) = watch::channel(false);
        let work = Work { context, spool, failing: None, sent_key: None };
        let thread = std::thread::Builder::new()
            .name("ship".into())
            .spawn(move || runtime.block_on(work.run(stopping)))?;
        Ok(Shipper { stop, thread })
    }

    /// Sends what is left, as far as that goes in a few seconds, and ends.
    pub fn close(self) {
        let _gone = self.stop.send(true);
        let _panicked_was_logged = self.thread.join();
    }
}

struct Work {
    context: ShipContext,
    spool: Arc<Spool>,
    /// What was said of the last failure, so that it is said once.
    failing: Option<ShipError>,
    /// The chain beside which the public key stands.
    sent_key: Option<String>,
}

impl Work {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut pause = Pause::default();
        while !*stopping.borrow() {
            let passed = tokio::select! {
                passed = self.pass() => passed,
                // What was under way is sent again, or found to be there, by the last pass.
                _ = stopping.changed() => break,
            };
            let wait = match passed {
                Ok(()) => {
                    pause = Pause::default();
                    LOOK_INTERVAL
                }
                Err(error) => {
                    self.failed(error);
                    pause.next()
                }
            };
            let spool = Arc::clone(&self.spool);
            // A segment that is sealed while the store does not answer is no reason to ask it sooner.
            let sealed = async {
                match self.failing {
                    None => spool.sealed.notified().await,
                    Some(_) => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sealed => {}
                () = tokio::time::sleep(wait) => {}
                _ = stopping.changed() => {}
            }
        }
        match tokio::time::timeout(LAST_PASS, self.pass()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(error),
            Err(_) => self.failed(ShipError::Unavailable),
        }
    }

    /// Sends all there is.
    async fn pass(&mut self) -> Result<(), ShipError> {
        if !self.context.settings.keep_local {
            let released = (self.context.released)();
            self.spool.clear(released).map_err(|error| ShipError::Unreadable(error.kind()))?;
        }
        let unsent = self.spool.unsent().map_err(|error| ShipError::Unreadable(error.kind()))?;
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
        if let Some(error) = stuck {
            self.show(&unsent);
            return Err(error);
        }
        if self.failing.take().is_some() {
            tracing::info!("segments of the audit trail reach the object store again");
        }
        Ok(())
    }

    async fn send(&mut self, store: &Store, one: &Unsent) -> Result<(), ShipError> {
        let unreadable = |error: std::io::Error| ShipError::Unreadable(error.kind());
        let content = Bytes::from(std::fs::read(&one.path).map_err(unreadable)?);
        let chain = &one.name.chain;
        let name = names::shipped(&self.context.trail, &one.name, &hex(&sha256(&content)));
        let object = format!("{chain}/{name}");
        store.put(&object, content.clone()).await?;
        if self.sent_key.as_ref() != Some(chain) {
            if let Some(verifier) = &self.context.verifier {
                let key = format!("{chain}/{}.pub.pem", verifier.fingerprint);
                self.beside(store, &key, Bytes::from(verifier.to_pem())).await;
            }
            self.sent_key = Some(chain.clone());
        }
        if let Some(head) = last_line(&content) {
            let file = names::head(&self.context.trail);
            let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.beside(store, &format!("{chain}/{file}"), head).await;
        }
        let read = segment::last_seq(&one.path).is_some_and(|last| last <= (self.context.released)());
        let keep = self.context.settings.keep_local || !read;
        self.spool.sent(one, &object, keep).map_err(unreadable)
    }

    /// A copy that helps whoever fetches the segments back. Where nothing may be replaced, as under a retention policy, the
    /// first stays, and no segment waits for that.
    async fn beside(&self, store: &Store, object: &str, content: Bytes) {
        if let Err(error) = store.replace(object, content).await {
            self.context.metrics.audit_ship_failures.with_label_values(&[error.as_str()]).inc();
            tracing::warn!(problem = %error, "a copy beside the audit segments was not replaced in the object store");
        }
    }

    fn failed(&mut self, error: ShipError) {
        self.context.metrics.audit_ship_failures.with_label_values(&[error.as_str()]).inc();
        if self.failing != Some(error) {
            tracing::error!(problem = %error, "segments of the audit trail are not in the object store yet");
        }
        self.failing = Some(error);
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

/// The checkpoint that a sealed segment ends with.
fn last_line(content: &Bytes) -> Option<Bytes> {
    let line = content.strip_suffix(b"\n")?;
    let from = line.iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1);
    Some(content.slice(from..))
}
