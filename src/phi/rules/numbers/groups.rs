//! Runs of digit groups joined by single separators, read once for every rule on numbers.

use crate::phi::scan::Scan;

pub(super) const GROUPS_MAX: usize = 8;

pub(super) const DIGITS_MAX: usize = 24;

/// Digit groups joined by single separators, from one token on.
pub(super) struct Groups {
    pub(super) count: usize,
    /// End of each group in the text.
    pub(super) ends: [usize; GROUPS_MAX],
    pub(super) lens: [usize; GROUPS_MAX],
    /// Separator before each group but the first; `)` where a bracket closed.
    pub(super) seps: [u8; GROUPS_MAX],
    pub(super) digits: [u8; DIGITS_MAX],
    /// Digits up to the end of each group.
    pub(super) sums: [usize; GROUPS_MAX],
}

impl Groups {
    pub(super) fn read(scan: &Scan<'_>, i: usize) -> Groups {
        let mut groups = Groups {
            count: 0,
            ends: [0; GROUPS_MAX],
            lens: [0; GROUPS_MAX],
            seps: [0; GROUPS_MAX],
            digits: [0; DIGITS_MAX],
            sums: [0; GROUPS_MAX],
        };
        let mut j = i;
        let mut total = 0;
        while groups.count < GROUPS_MAX {
            let Some(token) = scan.get(j).filter(|token| token.is_number()) else { break };
            let mut sep = 0;
            if groups.count > 0 {
                let gap = &scan.bytes[groups.ends[groups.count - 1]..token.start()];
                sep = match gap {
                    [sep @ (b'-' | b'.' | b' ' | b'/')] => *sep,
                    [b')'] | [b')', b' ' | b'-' | b'.'] => b')',
                    [b' ', b'('] => b'(',
                    b" - " | b"\xE2\x80\x93" | b"\xE2\x80\x91" | b"\xE2\x80\x90" => b'-',
                    b"\xC2\xA0" | b"\xE2\x80\xAF" | b"  " => b' ',
                    b"%20" => b' ',
                    _ => break,
                };
            }
            if total + token.len() > DIGITS_MAX {
                break;
            }
            groups.digits[total..total + token.len()].copy_from_slice(scan.slice(token));
            total += token.len();
            let at = groups.count;
            (groups.ends[at], groups.lens[at], groups.seps[at], groups.sums[at]) =
                (token.end(), token.len(), sep, total);
            groups.count += 1;
            j += 1;
        }
        groups
    }

    /// Are the first groups of exactly these lengths?
    pub(super) fn is(&self, lens: &[usize]) -> bool {
        self.count >= lens.len() && self.lens[..lens.len()] == *lens
    }

    pub(super) fn text(&self, groups: usize) -> &[u8] {
        &self.digits[..self.sums[groups - 1]]
    }

    /// The one separator of the first `groups` groups; 0 if they are mixed.
    pub(super) fn sep(&self, groups: usize) -> u8 {
        let first = self.seps[1];
        if self.seps[1..groups].iter().all(|sep| *sep == first) { first } else { 0 }
    }
}

/// Is the run over at `end`?
pub(super) fn free_end(scan: &Scan<'_>, end: usize, joined: bool) -> bool {
    let (after, further) = (scan.byte(end), scan.byte(end + 1));
    let glued = after.is_ascii_alphabetic() && !matches!(after, b'x' | b'X' | b'e')
        // In a path the next word begins; a stroke before a digit goes on with the number.
        || after == b'-' && further.is_ascii_alphanumeric()
        || after == b'/' && further.is_ascii_digit()
        // A file ending may follow, a further group may not.
        || after == b'.' && further.is_ascii_digit();
    !glued && !joined
}
