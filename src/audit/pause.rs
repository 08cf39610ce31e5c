//! The pause between two tries: it doubles, from one second to a minute, and varies.

use std::time::Duration;

const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

pub struct Pause(Duration);

impl Default for Pause {
    fn default() -> Pause {
        Pause(PAUSE_MIN)
    }
}

impl Pause {
    /// Between half of a pause and all of it, so that guards that failed together do not come back together.
    pub fn next(&mut self) -> Duration {
        let mut byte = [0];
        // Without randomness the whole pause is waited.
        let part = if aws_lc_rs::rand::fill(&mut byte).is_ok() { u32::from(byte[0]) } else { 255 };
        let pause = self.0;
        self.0 = (pause * 2).min(PAUSE_MAX);
        pause / 2 + pause / 2 * part / 255
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let mut pause = Pause::default();
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let whole = Duration::from_secs(seconds);
            assert!((whole / 2..=whole).contains(&pause.next()), "{seconds}");
        }
    }
}
