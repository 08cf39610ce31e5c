//! The log filter as a process: real pipes, real files, real signals.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};

use crate::harness::PATIENCE;

/// A filter at work. Its output is read as it comes.
struct Filter {
    child: Child,
    lines: Receiver<String>,
}

impl Filter {
    fn start(arguments: &[&str]) -> Filter {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clinik-guard"))
            .arg("scrub")
            .args(arguments)
            .env_remove("CLINIK_GUARD_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = sync_channel(1024);
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Filter { child, lines }
    }

    fn say(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// The next line, once it is out.
    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// Everything else until the output is closed.
    fn rest(&self) -> Vec<String> {
        self.lines.iter().collect()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// The next line on standard error.
    fn said(&mut self) -> String {
        let mut line = Vec::new();
        let said = self.child.stderr.as_mut().unwrap();
        while line.last() != Some(&b'\n') {
            let mut byte = [0];
            said.read_exact(&mut byte).unwrap();
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// How it ended, and what it said on standard error.
    fn end(mut self) -> (ExitStatus, String) {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap(), said)
    }

    fn end_well(self) {
        let (status, said) = self.end();
        assert_eq!((status.code(), said.as_str()), (Some(0), ""));
    }

    /// Waits until the process has the file open and stands at `place` in it.
    fn stands_in(&self, path: &Path, place: u64) {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let stands = || {
            let open = std::fs::read_dir(process.join("fd")).ok()?.flatten();
            let fd = open.into_iter().find(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == path))?;
            let info = std::fs::read_to_string(process.join("fdinfo").join(fd.file_name())).ok()?;
            info.lines().find_map(|line| line.strip_prefix("pos:"))?.trim().parse::<u64>().ok()
        };
        let until = std::time::Instant::now() + PATIENCE;
        while stands() != Some(place) {
            assert!(std::time::Instant::now() < until, "never stood at {place}");
            std::thread::yield_now();
        }
    }
}

fn append(path: &Path, text: &str) -> File {
    let mut file = File::options().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn a_pipe_sees_each_line_before_the_next_is_written() {
    let mut filter = Filter::start(&[]);
    filter.say("login of marisol.q@example.org\n");
    assert_eq!(filter.line(), "login of [REDACTED:email]");
    filter.say("half a li");
    filter.say("ne, ssn 912-84-6713\nno end, ssn 912-84-6713");
    assert_eq!(filter.line(), "half a line, ssn [REDACTED:ssn]");
    drop(filter.child.stdin.take());
    assert_eq!(filter.rest(), ["no end, ssn [REDACTED:ssn]"]);
    filter.end_well();
}

#[test]
fn a_value_written_long_after_its_label_does_not_come_out() {
    let mut filter = Filter::start(&[]);
    filter.say("java.lang.IllegalStateException: no such patient:\n");
    // It is out already when the line comes that continues it.
    assert_eq!(filter.line(), "java.lang.IllegalStateException: no such patient:");
    filter.say("    mrn:\n");
    assert_eq!(filter.line(), "    mrn:");
    filter.say("        4711223\n    at com.acme.Lookup(Lookup.java:12)\n");
    assert_eq!(filter.line(), "        [REDACTED:mrn]");
    assert_eq!(filter.line(), "    at com.acme.Lookup(Lookup.java:12)");
    filter.end_well();
}

#[test]
fn signals_end_it_with_everything_written() {
    for name in ["TERM", "INT"] {
        let mut filter = Filter::start(&["--stats"]);
        filter.say("first\n");
        assert_eq!(filter.line(), "first");
        filter.say("ssn 912-84-6713\n  more\nand no end of marisol.q@example.org");
        filter.signal(name);
        assert_eq!(filter.rest(), ["ssn [REDACTED:ssn]", "  more", "and no end of [REDACTED:email]"]);
        let (status, said) = filter.end();
        assert_eq!(status.code(), Some(0));
        assert_eq!(said, "lines 4\nredactions 2\nemail 1\nssn 1\n");
    }
}

#[test]
fn a_closed_output_ends_it_without_a_word() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_clinik-guard"))
        .arg("scrub")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    input.write_all(b"first\n").unwrap();
    output.read_exact(&mut [0; 6]).unwrap();
    drop(output);
    // Writes until the filter is gone.
    while input.write_all(b"more and more of it\n").is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn more_than_any_buffer_goes_through_in_order() {
    let mut filter = Filter::start(&[]);
    let mut input = filter.child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        for n in 0..20_000 {
            writeln!(input, "line {n} of marisol.q@example.org").unwrap();
        }
    });
    for n in 0..20_000 {
        assert_eq!(filter.line(), format!("line {n} of [REDACTED:email]"));
    }
    writer.join().unwrap();
    filter.end_well();
}

/// Another holder of the pipe made it non-blocking, as event loops do with what they inherit.
#[test]
fn a_full_pipe_that_does_not_block_loses_nothing() {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.log");
    let text: String = (0..20_000).map(|n| format!("line {n} of a long log\n")).collect();
    std::fs::write(&path, &text).unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_clinik-guard"))
        .arg("scrub")
        .env_remove("CLINIK_GUARD_CONFIG")
        .stdin(File::open(&path).unwrap())
        .stdout(writer.try_clone().unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody reads before the pipe is full.
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let until = std::time::Instant::now() + PATIENCE;
    while poll(&mut [PollFd::new(&writer, PollFlags::OUT)], Some(&at_once)).unwrap() > 0 {
        assert!(std::time::Instant::now() < until, "the pipe was never full");
        std::thread::yield_now();
    }
    drop(writer);
    let mut written = String::new();
    reader.read_to_string(&mut written).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    assert!(written == text, "{} of {} bytes came out", written.len(), text.len());
}

#[test]
fn a_followed_file_is_read_through_every_kind_of_rotation() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap().join("app.log");
    append(&path, "from the start, ssn 912-84-6713\n");
    let filter = Filter::start(&["--from-start", "--follow", path.to_str().unwrap()]);
    assert_eq!(filter.line(), "from the start, ssn [REDACTED:ssn]");
    // Renamed, the rest of the old file unread and without an end, and created again.
    let mut old = append(&path, "one\n");
    std::fs::rename(&path, dir.path().join("app.log.1")).unwrap();
    old.write_all(b"two\nthree of marisol.q@example.org").unwrap();
    drop(old);
    append(&path, "four\n");
    for expected in ["one", "two", "three of [REDACTED:email]", "four"] {
        assert_eq!(filter.line(), expected);
    }
    // Copied and truncated.
    filter.stands_in(&path, 5);
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    append(&path, "five, after copytruncate\n");
    assert_eq!(filter.line(), "five, after copytruncate");
    // Removed, and there again later.
    std::fs::remove_file(&path).unwrap();
    append(&path, "six\n");
    assert_eq!(filter.line(), "six");
    append(&path, "seven, no end");
    filter.stands_in(&path, 17);
    filter.signal("TERM");
    assert_eq!(filter.rest(), ["seven, no end"]);
    filter.end_well();
}

#[test]
fn a_followed_file_begins_at_its_end_and_may_come_later() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap().join("app.log");
    append(&path, "old\n");
    let filter = Filter::start(&["--follow", path.to_str().unwrap()]);
    filter.stands_in(&path, 4);
    append(&path, "new, ssn 912-84-6713\n");
    assert_eq!(filter.line(), "new, ssn [REDACTED:ssn]");
    filter.signal("INT");
    assert_eq!(filter.rest(), [""; 0]);
    filter.end_well();

    let later = path.with_extension("later");
    let mut filter = Filter::start(&["--from-start", "--follow", later.to_str().unwrap()]);
    let said = filter.said();
    assert_eq!(said, format!("clinik-guard: {} does not exist yet: waiting for it\n", later.display()));
    append(&later, "here\n");
    assert_eq!(filter.line(), "here");
    filter.signal("TERM");
    filter.end_well();

    let (status, said) = Filter::start(&["--follow", dir.path().to_str().unwrap()]).end();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("not a regular file"), "{said}");
}

#[test]
fn the_policy_says_what_passes_and_its_faults_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, "scrub: {places: {log: {classes_off: [email]}}}\n").unwrap();
    let mut filter = Filter::start(&["--policy", path.to_str().unwrap()]);
    filter.say("marisol.q@example.org ssn 912-84-6713\n");
    assert_eq!(filter.line(), "marisol.q@example.org ssn [REDACTED:ssn]");
    filter.end_well();
    std::fs::write(&path, "scrub: {style: labels}\n").unwrap();
    let (status, said) = Filter::start(&["--policy", path.to_str().unwrap()]).end();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("policy.yaml:1:16") && said.contains("did you mean `label`?"), "{said}");
    let (status, said) = Filter::start(&["--style", "pseudonyms"]).end();
    assert_eq!(status.code(), Some(2));
    assert!(said.contains("label or pseudonym"), "{said}");
}

/// What a filter makes of a text.
fn scrubbed(arguments: &[&str], text: &str) -> String {
    let mut filter = Filter::start(arguments);
    filter.say(text);
    drop(filter.child.stdin.take());
    let out = filter.rest().join("\n");
    filter.end_well();
    out
}

#[test]
fn pseudonyms_agree_under_one_key_and_only_there() {
    let dir = tempfile::tempdir().unwrap();
    let (key, policy) = (dir.path().join("key"), dir.path().join("policy.yaml"));
    std::fs::write(&key, "0123456789abcdef0123456789abcdef\n").unwrap();
    std::fs::write(&policy, format!("scrub: {{style: pseudonym, pseudonym_key_file: {}}}\n", key.display()))
        .unwrap();
    let keyed = ["-c", policy.to_str().unwrap()];
    let text = "call 512-555-0147\n{\"phone\":\"(512) 555-0147\"}\ncall 512-555-0148\n";
    let out = scrubbed(&keyed, text);
    let code = |out: &str, nth: usize| {
        let code = out.split("[REDACTED:phone:").nth(nth).unwrap().split(']').next().unwrap();
        assert_eq!(code.len(), 8, "{out}");
        code.to_owned()
    };
    assert_eq!(code(&out, 1), code(&out, 2));
    assert_ne!(code(&out, 1), code(&out, 3));
    assert_eq!(scrubbed(&keyed, text), out, "another process with the same key");
    assert_eq!(scrubbed(&keyed, &out), out, "what is scrubbed stays");
    assert_eq!(scrubbed(&["--style", "label"], &out), out, "under another style as well");
    let random = scrubbed(&["--style", "pseudonym"], text);
    assert_eq!(code(&random, 1), code(&random, 2));
    assert_ne!(code(&random, 1), code(&out, 1));
    std::fs::remove_file(&key).unwrap();
    let (status, said) = Filter::start(&keyed).end();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("scrub.pseudonym_key_file") && said.contains("is not there"), "{said}");
}
