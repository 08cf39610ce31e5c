//! Whether letters follow one another as they do in family names: nine in ten names pass, one in thirty random words.
//!
//! The table is built by `scripts/build_names.py` from the family names of the US census of 2010.

/// For each letter, and for the start, which may follow: 27 rows of 27 bits, little endian, the last bit for the end.
static PAIRS: &[u8; 108] = include_bytes!("../../../data/names/pairs.bin");
const EDGE: usize = 26;

/// Could a word of letters be a family name, going by its pairs of letters? Anything but ASCII letters could not.
pub(crate) fn is_spoken_like_a_name(word: &[u8]) -> bool {
    let mut before = EDGE;
    for byte in word {
        let after = usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a'));
        if after >= EDGE || !follows(before, after) {
            return false;
        }
        before = after;
    }
    follows(before, EDGE)
}

fn follows(before: usize, after: usize) -> bool {
    let row = PAIRS.as_chunks::<4>().0.get(before).map_or(0, |row| u32::from_le_bytes(*row));
    row >> after & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_random_letters_do_not() {
        for name in
            ["quintanar", "Hargreaves", "szymanski", "kovalenko", "thistlewood", "adeyemi", "brandrith"]
        {
            assert!(is_spoken_like_a_name(name.as_bytes()), "{name}");
        }
        for random in ["sabacmnq", "dugxeisl", "nrfojbli", "kfygykfr", "gfotiauv", "a1b2", "é", ""] {
            assert!(!is_spoken_like_a_name(random.as_bytes()), "{random}");
        }
    }
}
