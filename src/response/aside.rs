//! Reading a long text beside the worker: a worker serves many exchanges on one thread, and none of them waits for what another quotes.
//!
//! Owns how many texts are read at once, the threads for it, and for how long an answer waits. A text that found no place or was not done
//! in time is not vouched for: whoever asked sends something that quotes nothing. One that was begun is read to its end and keeps its
//! place until then.

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

/// Longest text that is read where it came, in bytes: a few milliseconds, some eighty of the worst there is.
const BYTES_MAX: usize = 8 * 1024;
/// Texts read beside the workers at once.
const PLACES: usize = 2;
/// Longest wait for a place and the reading, both together.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The places and their threads, shared by all workers.
#[derive(Clone)]
pub struct Aside {
    places: Arc<Semaphore>,
    threads: Arc<Threads>,
}

/// As many threads as places, which end when they have had nothing to do for a while. Those of the workers' own runtimes would not do: a
/// place is free a moment before its thread is, so that a rush begins a thread for every few texts, and each remembers words by itself.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        // A text that is still read has nobody left to be sent to.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Aside {
    pub fn new() -> io::Result<Aside> {
        let threads =
            Builder::new_current_thread().thread_name("scrub").max_blocking_threads(PLACES).build()?;
        Ok(Aside { places: Arc::new(Semaphore::new(PLACES)), threads: Arc::new(Threads(Some(threads))) })
    }

    /// What `read` makes of so many bytes; nothing if that takes too long.
    pub async fn run<T: Send + 'static>(
        self,
        bytes: usize,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if bytes <= BYTES_MAX {
            return Some(read());
        }
        let reading = async {
            let place = self.places.acquire_owned().await.ok()?;
            let reading = self.threads.0.as_ref()?.spawn_blocking(move || {
                let _place = place;
                read()
            });
            match reading.await {
                Ok(made) => Some(made),
                // Ends the exchange as it would have where it came.
                Err(error) => error.try_into_panic().map_or(None, |panic| resume_unwind(panic)),
            }
        };
        tokio::time::timeout(TIMEOUT, reading).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::mpsc;
    use std::thread::{ThreadId, current};

    use super::*;

    fn aside() -> Aside {
        Aside::new().expect("no driver is asked for")
    }

    async fn thread_of(aside: &Aside, bytes: usize) -> Option<ThreadId> {
        aside.clone().run(bytes, || current().id()).await
    }

    #[tokio::test]
    async fn a_long_text_is_read_on_another_thread() {
        let aside = aside();
        let here = Some(current().id());
        assert_eq!(thread_of(&aside, BYTES_MAX).await, here);
        let there = thread_of(&aside, BYTES_MAX + 1).await;
        assert!(there.is_some() && there != here);
    }

    #[tokio::test(start_paused = true)]
    async fn one_more_than_there_are_places_waits_and_then_has_nothing() {
        let aside = aside();
        let (ends, held): (Vec<_>, Vec<_>) = (0..PLACES)
            .map(|_| {
                let (end, ended) = mpsc::sync_channel::<()>(0);
                let reading = aside.clone().run(usize::MAX, move || ended.recv().is_err());
                (end, tokio::spawn(reading))
            })
            .unzip();
        while aside.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waits = tokio::spawn(aside.clone().run(usize::MAX, || ()));
        tokio::task::yield_now().await;
        assert_eq!(thread_of(&aside, 1).await, Some(current().id()), "a short one needs no place");
        tokio::time::advance(TIMEOUT).await;
        assert_eq!(waits.await.unwrap(), None);
        // They keep their places though nobody waits for them any more.
        for reading in held {
            assert_eq!(reading.await.unwrap(), None);
        }
        assert_eq!(aside.places.available_permits(), 0);
        drop(ends);
        tokio::time::resume();
        assert!(thread_of(&aside, usize::MAX).await.is_some());
    }

    #[tokio::test]
    async fn a_rush_begins_no_more_threads_than_there_are_places() {
        let aside = aside();
        let readings: Vec<_> = (0..200)
            .map(|_| {
                let aside = aside.clone();
                tokio::spawn(async move { thread_of(&aside, usize::MAX).await.unwrap() })
            })
            .collect();
        let mut threads = HashSet::new();
        for reading in readings {
            threads.insert(reading.await.unwrap());
        }
        assert!(threads.len() <= PLACES, "{}", threads.len());
    }

    #[tokio::test]
    #[should_panic(expected = "in the middle of it")]
    async fn a_panic_is_passed_on() {
        aside().run(usize::MAX, || panic!("in the middle of it")).await;
    }
}
