//! The thread of what carries the trail elsewhere: when it goes, how it waits, how it ends.
//!
//! A pass is made at once, then after an interval or when there is a reason, after a failure with pauses that grow, and once more
//! at the end. Whatever hangs, the end comes within [`LAST_PASS`]. What is carried, and where to, is the errand's.

use std::fmt::Display;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::pause::Pause;

/// At the end, for what is left.
const LAST_PASS: Duration = Duration::from_secs(10);

/// What is carried.
pub(super) trait Errand: Send + 'static {
    /// Of a closed set.
    type Problem: Copy + PartialEq + Display;
    /// Of the thread.
    const NAME: &'static str;
    /// Until the next look though there is no reason for one.
    const INTERVAL: Duration;
    /// The problem of a pass that did not end in time.
    const LATE: Self::Problem;

    /// Carries all there is. May be broken off at any `await`; the next one then begins anew.
    async fn pass(&mut self) -> Result<(), Self::Problem>;

    /// Returns when there is a reason to go before the interval is over.
    async fn wanted(&self) {
        std::future::pending().await
    }

    /// Counts a failure, and says so if it is another one than before.
    fn failed(&self, problem: Self::Problem, is_new: bool);

    /// Says that what failed works again.
    fn works_again(&self);
}

/// A running errand.
pub(super) struct Courier {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Courier {
    pub(super) fn start<E: Errand>(errand: E) -> io::Result<Courier> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopping) = watch::channel(false);
        let thread = std::thread::Builder::new().name(E::NAME.into()).spawn(move || {
            runtime.block_on(run(errand, stopping));
            // Does not wait for the look-up of a name that hangs.
            runtime.shutdown_background();
        })?;
        Ok(Courier { stop, thread })
    }

    /// Carries what is left, as far as that goes in a few seconds, and ends.
    pub(super) fn close(self) {
        let _gone = self.stop.send(true);
        let _panicked_was_logged = self.thread.join();
    }
}

async fn run<E: Errand>(mut errand: E, mut stopping: watch::Receiver<bool>) {
    let (mut pause, mut failing) = (Pause::default(), None);
    while !*stopping.borrow() {
        let passed = tokio::select! {
            passed = errand.pass() => passed,
            // What was under way is done again, or found to be done, by the last pass.
            _ = stopping.changed() => break,
        };
        note(&errand, passed, &mut failing);
        let wait = if failing.is_some() { pause.next() } else { E::INTERVAL };
        if failing.is_none() {
            pause = Pause::default();
        }
        tokio::select! {
            // Something new is no reason to ask sooner who does not answer.
            () = errand.wanted(), if failing.is_none() => {}
            () = tokio::time::sleep(wait) => {}
            _ = stopping.changed() => {}
        }
    }
    let last = tokio::time::timeout(LAST_PASS, errand.pass()).await;
    note(&errand, last.unwrap_or(Err(E::LATE)), &mut failing);
}

fn note<E: Errand>(errand: &E, passed: Result<(), E::Problem>, failing: &mut Option<E::Problem>) {
    match passed {
        Ok(()) => {
            if failing.take().is_some() {
                errand.works_again();
            }
        }
        Err(problem) => {
            errand.failed(problem, *failing != Some(problem));
            *failing = Some(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    /// Does as planned, pass by pass, and hangs once the plan is through.
    struct Planned {
        plan: Vec<Result<(), &'static str>>,
        said: Arc<Mutex<Vec<String>>>,
    }

    impl Planned {
        fn say(&self, what: impl Into<String>) {
            self.said.lock().unwrap().push(what.into());
        }
    }

    impl Errand for Planned {
        type Problem = &'static str;
        const NAME: &'static str = "planned";
        const INTERVAL: Duration = Duration::from_secs(100);
        const LATE: &'static str = "late";

        async fn pass(&mut self) -> Result<(), &'static str> {
            self.say("pass");
            if self.plan.is_empty() {
                std::future::pending::<()>().await;
            }
            self.plan.remove(0)
        }

        fn failed(&self, problem: &'static str, is_new: bool) {
            self.say(if is_new { problem.to_owned() } else { format!("{problem} again") });
        }

        fn works_again(&self) {
            self.say("works");
        }
    }

    /// What an errand of this plan says until it hangs, and how many seconds its end takes then.
    async fn said(plan: &[Result<(), &'static str>]) -> (Vec<String>, u64) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopping) = watch::channel(false);
        let errand = Planned { plan: plan.to_vec(), said: Arc::clone(&said) };
        let running = tokio::spawn(run(errand, stopping));
        // Later than any pause.
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let before = Instant::now();
        stop.send(true).unwrap();
        running.await.unwrap();
        let said = said.lock().unwrap().clone();
        (said, before.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_nothing_that_hangs() {
        assert_eq!(said(&[]).await, (vec!["pass".into(), "pass".into(), "late".into()], 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_said_once_and_so_is_its_end() {
        let (said, _) = said(&[Err("a"), Err("a"), Err("b"), Ok(()), Ok(())]).await;
        let expected =
            ["pass", "a", "pass", "a again", "pass", "b", "pass", "works", "pass", "pass", "pass", "late"];
        assert_eq!(said, expected);
    }
}
