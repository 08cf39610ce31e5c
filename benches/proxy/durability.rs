//! `audit.durability: strict` against `relaxed`, in short rounds that alternate: `cargo bench --bench proxy -- durability`.
//!
//! The medians over many rounds, since one round in which the disk was busy with something else says nothing. Beside the time, how
//! often threads of the guard slept, and how much of the machine was idle. Further arguments name other builds of the guard to compare.

use std::path::PathBuf;

use super::{Duration, Measured, Path, Process, TARGET, Write, certificates, cpu, load};

const ROUNDS: usize = 20;
const COUNT: usize = 10_000;

struct Round {
    measured: Measured,
    /// Of all threads of the guard, for each 1,000 requests.
    sleeps: f64,
    /// Shares of the machine: nothing to do, and neither guard nor upstream nor load.
    idle: f64,
    others: f64,
}

pub async fn compare() {
    let dir = tempfile::tempdir().expect("a directory");
    certificates(dir.path());
    let upstream = Process::role("upstream", dir.path(), "");
    let mut guards = Vec::new();
    for (number, binary) in binaries().iter().enumerate() {
        for durability in ["relaxed", "strict"] {
            let name = format!("{durability}{number}");
            let guard = Process::guard_of(binary, dir.path(), &name, upstream.address, durability);
            guards.push((name, guard, Vec::new()));
        }
    }
    for _ in 0..ROUNDS {
        for (_, guard, rounds) in &mut guards {
            rounds.push(round(guard, &upstream).await);
        }
    }
    // The quieter half: a neighbour at work halves any figure.
    for (_, _, rounds) in &mut guards {
        rounds.sort_by(|a, b| a.others.total_cmp(&b.others));
        rounds.truncate(ROUNDS / 2);
    }
    let mut out = std::io::stdout();
    let first =
        guards.first().map_or(1.0, |(_, _, rounds)| median(rounds, |round| round.measured.per_second));
    for (name, _, rounds) in &guards {
        let per_second = median(rounds, |round| round.measured.per_second);
        writeln!(
            out,
            "{name:10} median {per_second:6.0}/s, {:3.0} % of the first; best {:6.0}/s; guard {:5.1} us; {:4.0} sleeps per 1,000; idle {:4.1} %, others {:4.1} %",
            100.0 * per_second / first,
            rounds.iter().map(|round| round.measured.per_second).fold(0.0, f64::max),
            median(rounds, |round| round.measured.cpu_us),
            median(rounds, |round| round.sleeps),
            100.0 * median(rounds, |round| round.idle),
            100.0 * median(rounds, |round| round.others),
        )
        .expect("a terminal");
    }
}

fn binaries() -> Vec<PathBuf> {
    let own = PathBuf::from(env!("CARGO_BIN_EXE_clinik-guard"));
    let others =
        std::env::args().skip(1).filter(|argument| argument != "durability" && !argument.starts_with('-'));
    std::iter::once(own).chain(others.map(PathBuf::from)).collect()
}

async fn round(guard: &Process, upstream: &Process) -> Round {
    let own = || guard.cpu() + upstream.cpu() + cpu("self");
    let (sleeps, own_before, (idle, busy)) = (guard.sleeps(), own(), machine());
    let measured = load(guard, TARGET, COUNT, 50).await;
    let (idle_after, busy_after) = machine();
    let (idle, busy) = ((idle_after - idle).as_secs_f64(), (busy_after - busy).as_secs_f64());
    let others = (busy - (own() - own_before).as_secs_f64()).max(0.0);
    Round {
        measured,
        sleeps: (guard.sleeps() - sleeps) / 10.0,
        idle: idle / (idle + busy),
        others: others / (idle + busy),
    }
}

fn median(rounds: &[Round], value: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Idle and busy time of all processors so far.
fn machine() -> (Duration, Duration) {
    let stat = std::fs::read_to_string("/proc/stat").expect("Linux");
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    let all: u64 = ticks.iter().take(8).sum();
    (Duration::from_millis(idle * 10), Duration::from_millis((all - idle) * 10))
}

impl Process {
    /// Voluntary context switches of all threads so far.
    fn sleeps(&self) -> f64 {
        let tasks = std::fs::read_dir(Path::new("/proc").join(self.child.id().to_string()).join("task"));
        let of_task = |task: PathBuf| {
            let status = std::fs::read_to_string(task.join("status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|count| count.trim().parse::<f64>().ok()).unwrap_or(0.0)
        };
        tasks.expect("running").filter_map(|task| Some(of_task(task.ok()?.path()))).sum()
    }
}
