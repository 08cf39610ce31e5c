//! Files that something else renamed, copied or packed.

use super::*;

impl Made {
    fn beside(&self) -> Vec<String> {
        let parent = format!("{}/", self.dir.path().display());
        self.verify().beside.iter().map(|file| file.to_string().replace(&parent, "")).collect()
    }
}

#[test]
fn a_file_with_missing_records_is_named_and_so_is_the_name_it_needs() {
    let made = made();
    assert_eq!(made.beside(), [""; 0]);
    let all = segments(&made.path).expect("segments");
    for at in [0, 2, all.len() - 1] {
        let moved = made.dir.path().join("audit.jsonl.1");
        fs::rename(&all[at], &moved).expect("renamed");
        let told = made.beside();
        let name = all[at].file_name().expect("a name").to_string_lossy();
        assert!(told.len() == 1 && told[0].starts_with("audit.jsonl.1: holds records "), "{told:?}");
        // The active file has no number in its name.
        if at + 1 < all.len() {
            assert!(told[0].ends_with(&format!(": name it {name}, and verify again")), "{told:?}");
        }
        fs::rename(&moved, &all[at]).expect("renamed back");
    }
    assert_eq!(made.faults(), []);
}

#[test]
fn what_is_of_another_chain_or_of_no_trail_is_not_named() {
    let (made, other) = (self::made(), self::made());
    let at = |name: &str| made.dir.path().join(name);
    let first = |made: &Made| segments(&made.path).expect("segments")[0].clone();
    fs::copy(first(&other), at("audit.jsonl.1")).expect("copied");
    fs::write(at("notes.txt"), "nothing\n").expect("written");
    std::os::unix::fs::symlink(first(&made), at("link")).expect("a link");
    // Without a gap nothing is looked for, and a copy of what is there is none of its business.
    fs::copy(first(&made), at("copy.jsonl")).expect("copied");
    assert_eq!(made.beside(), [""; 0]);
    fs::remove_file(at("copy.jsonl")).expect("removed");
    fs::remove_file(first(&made)).expect("removed");
    assert_eq!(made.beside(), [""; 0]);
    fs::write(at("audit.jsonl.2.gz"), "packed").expect("written");
    fs::write(at("other.gz"), "packed").expect("written");
    let said = "audit.jsonl.2.gz: is compressed and may hold what is missing: unpack it, and verify again";
    assert_eq!(made.beside(), [said]);
}

#[test]
fn a_copy_that_ends_in_half_a_line_is_named_by_what_it_holds() {
    let made = made();
    let first = segments(&made.path).expect("segments")[0].clone();
    let text = fs::read_to_string(&first).expect("text");
    let kept: usize = text.split_inclusive('\n').take(3).map(str::len).sum();
    fs::write(made.dir.path().join("audit.jsonl.1"), &text[..kept + 20]).expect("written");
    fs::remove_file(&first).expect("removed");
    let told = made.beside();
    assert!(told.len() == 1 && told[0].starts_with("audit.jsonl.1: holds records 1 to 3, "), "{told:?}");
}
