//! Every kind of change at random places: the report names where.

use proptest::prelude::*;

use super::*;

/// A trail in memory: its files with their lines, and the copy of its last checkpoint.
struct Kept {
    files: Vec<(PathBuf, Vec<String>)>,
    head: Vec<u8>,
    key: Vec<u8>,
}

fn kept() -> &'static Kept {
    static KEPT: std::sync::OnceLock<Kept> = std::sync::OnceLock::new();
    KEPT.get_or_init(|| {
        let made = made();
        let files = segments(&made.path).expect("segments").into_iter().map(|file| {
            let lines = fs::read_to_string(&file).expect("text").lines().map(str::to_owned).collect();
            (PathBuf::from(file.file_name().expect("a name")), lines)
        });
        let head = fs::read(crate::audit::names::head(&made.path)).expect("a head");
        Kept { files: files.collect(), head, key: fs::read(&made.key).expect("a key") }
    })
}

impl Kept {
    /// File and line, both from 0, of the nth line of all.
    fn place(&self, mut nth: usize) -> (usize, usize) {
        for (file, (_, lines)) in self.files.iter().enumerate() {
            if nth < lines.len() {
                return (file, nth);
            }
            nth -= lines.len();
        }
        panic!("within the trail")
    }

    fn len(&self) -> usize {
        self.files.iter().map(|(_, lines)| lines.len()).sum()
    }

    /// Writes all lines, the files as `cuts` says, and reports.
    fn report(&self, files: &[(PathBuf, Vec<String>)]) -> (tempfile::TempDir, Report) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, lines) in files.iter().filter(|(_, lines)| !lines.is_empty()) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(dir.path().join(name), text).expect("written");
        }
        fs::write(dir.path().join("audit.jsonl.head"), &self.head).expect("written");
        let key = dir.path().join("key.pem");
        fs::write(&key, &self.key).expect("written");
        let expected =
            Expected { verifiers: vec![Verifier::read(&key).expect("a key")], ..Expected::default() };
        let report =
            verify(&dir.path().join("audit.jsonl"), &expected, &mut |_, _| Ok(())).expect("readable");
        (dir, report)
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Flip {
        byte: usize,
    },
    Remove,
    Repeat {
        of: usize,
    },
    Swap {
        with: usize,
    },
    Invent,
    /// Nothing from here on is left.
    Cut,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(|byte| Change::Flip { byte }),
        Just(Change::Remove),
        any::<usize>().prop_map(|of| Change::Repeat { of }),
        any::<usize>().prop_map(|with| Change::Swap { with }),
        Just(Change::Invent),
        Just(Change::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn any_change_anywhere_is_named_with_its_place(at: usize, change in change()) {
        let kept = kept();
        let total = kept.len();
        let at = at % total;
        let mut files = kept.files.clone();
        let (file, line) = kept.place(at);
        // Where the first problem may be told, as the number of a line of all; none is the trail as a whole.
        let mut told = vec![Some(at)];
        match change {
            Change::Flip { byte } => {
                let mut bytes = files[file].1[line].clone().into_bytes();
                let byte = byte % bytes.len();
                bytes[byte] ^= 1;
                files[file].1[line] = String::from_utf8(bytes).expect("still ASCII");
            }
            Change::Remove => {
                files[file].1.remove(line);
                told = if at + 1 == total { vec![None] } else { vec![Some(at)] };
            }
            Change::Repeat { of } => {
                let (from_file, from_line) = kept.place(of % total);
                let copy = files[from_file].1[from_line].clone();
                files[file].1.insert(line, copy);
                // A repeated first line before the first is good until the first comes again.
                told.push(Some(at + 1));
            }
            Change::Swap { with } => {
                let with = with % total;
                prop_assume!(with != at);
                let (other_file, other_line) = kept.place(with);
                let (a, b) = (files[file].1[line].clone(), files[other_file].1[other_line].clone());
                files[file].1[line] = b;
                files[other_file].1[other_line] = a;
                told = vec![Some(at.min(with))];
            }
            Change::Invent => {
                // As good as one can be made without the chain breaking behind it.
                let next = Link::read(files[file].1[line].as_bytes()).expect("a line");
                let before = Tip { seq: next.seq - 1, hash: next.prev };
                let mut invented = Vec::new();
                before.seal(br#""event":"exchange","outcome":"answered""#, &mut invented);
                let invented = String::from_utf8(invented).expect("ASCII").trim_end().to_owned();
                files[file].1.insert(line, invented);
                told.push(Some(at + 1));
            }
            Change::Cut => {
                files[file].1.truncate(line);
                files[file + 1..].iter_mut().for_each(|(_, lines)| lines.clear());
                prop_assume!(at > 0);
                told = vec![None];
            }
        }
        let (dir, report) = kept.report(&files);
        prop_assert!(!report.is_good(), "{:?} at {}", change, at);
        let first = &report.problems[0];
        let name = first.file.strip_prefix(dir.path()).expect("in the directory");
        let before: usize =
            files.iter().take_while(|(file, _)| file != name).map(|(_, lines)| lines.len()).sum();
        let place = usize::try_from(first.line).unwrap().checked_sub(1).map(|line| before + line);
        prop_assert!(told.contains(&place), "{:?} at {}: {:?} {:?}", change, at, place, first.fault);
    }
}
