//! Runs of digit groups joined by single separators, read once for every rule on numbers.

use std::ops::Range;

use crate::phi::cues::{self, Says};
use crate::phi::scan::{Scan, extension};
use crate::phi::structure::query::{is_behind_parameter, is_status};

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
    /// From token `i` on.
    pub(super) fn read(scan: &Scan<'_>, i: usize) -> Groups {
        // `GET /v1/patients?expediente=2024118834 404`: a status behind a parameter.
        const LONG_DIGITS_MIN: usize = 7;
        let first = scan.tok(i);
        let parameter = first.len() >= LONG_DIGITS_MIN
            && scan.before(first.start()) == b'='
            && is_behind_parameter(scan.bytes, first.start() - 1);
        let mut next = i;
        Groups::of(scan.bytes, || {
            let token = scan.get(next).filter(|token| token.is_number())?;
            let status = next == i + 1
                && scan.before(token.start()) == b' '
                && is_status(&scan.bytes[token.start()..]);
            next += 1;
            (!(parameter && status)).then(|| token.start()..token.end())
        })
    }

    /// From the digit at `start` on, where no tokens are known.
    pub(super) fn read_at(bytes: &[u8], start: usize) -> Groups {
        let mut end = start;
        Groups::of(bytes, || {
            let number = number_from(bytes, end)?;
            end = number.end;
            Some(number)
        })
    }

    fn of(bytes: &[u8], mut next: impl FnMut() -> Option<Range<usize>>) -> Groups {
        let mut groups = Groups {
            count: 0,
            ends: [0; GROUPS_MAX],
            lens: [0; GROUPS_MAX],
            seps: [0; GROUPS_MAX],
            digits: [0; DIGITS_MAX],
            sums: [0; GROUPS_MAX],
        };
        let mut total = 0;
        while groups.count < GROUPS_MAX {
            let Some(number) = next() else { break };
            let mut sep = 0;
            if groups.count > 0 {
                let gap = &bytes[groups.ends[groups.count - 1]..number.start];
                sep = match gap {
                    [sep @ (b'-' | b'.' | b' ' | b'/')] => *sep,
                    [b')'] | [b')', b' ' | b'-' | b'.'] => b')',
                    // `+31(0)20-1411250`
                    [b'('] => b'(',
                    [b' ', b'('] => b'(',
                    b" - " | b"\xE2\x80\x93" | b"\xE2\x80\x91" | b"\xE2\x80\x90" => b'-',
                    b"\xC2\xA0" | b"\xE2\x80\xAF" | b"  " => b' ',
                    b"%20" => b' ',
                    _ => break,
                };
            }
            if total + number.len() > DIGITS_MAX {
                break;
            }
            groups.digits[total..total + number.len()].copy_from_slice(&bytes[number.clone()]);
            total += number.len();
            let at = groups.count;
            (groups.ends[at], groups.lens[at], groups.seps[at], groups.sums[at]) =
                (number.end, number.len(), sep, total);
            groups.count += 1;
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

/// Longest that stands between two groups.
const GAP_BYTES_MAX: usize = 3;

/// The number that begins at `from` or a few signs behind it.
fn number_from(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let start = from + gap_before_number(bytes, from)?;
    let end = start + bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let number = bytes[start..end].iter().all(u8::is_ascii_digit).then_some(end);
    number.or_else(|| extension(bytes, start..end)).map(|end| start..end)
}

/// How many signs stand between `from` and the next digit.
pub(super) fn gap_before_number(bytes: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.iter().take(GAP_BYTES_MAX + 1).position(u8::is_ascii_digit)
}

/// Groups that machines write: the version of a product (`Chrome/63.0.3239.111`, RFC 9110 section 10.1.5), the seconds of a
/// time and what follows them, the head of a line of Chromium (`[0701/114930:WARNING`).
pub(super) fn is_of_a_machine(text: &str, start: usize, groups: &Groups) -> bool {
    let bytes = text.as_bytes();
    let head = &bytes[..start];
    match head {
        // `Code: c0 0f 85 01 00 00 4c`: bytes of a program.
        [.., b' ', one, other, b' ']
            if groups.lens[0] == 2 && groups.seps[1] == b' ' && is_byte(*one, *other) =>
        {
            true
        }
        [.., b'[']
            if groups.is(&[4, 6])
                && groups.seps[1] == b'/'
                && matches!(bytes.get(groups.ends[1]), Some(b':' | b'.')) =>
        {
            true
        }
        // `HTTP/1.1" 404 19 2167 "-"`: the status, bytes and times of an access log.
        [.., b'"', b' '] => {
            groups.lens[0] == 3
                && groups.seps[1] == b' '
                && matches!(groups.digits[0], b'1'..=b'5')
                && is_behind_request(head)
        }
        [.., b':', b'0'..=b'5', b'0'..=b'9', b':'] => groups.lens[0] == 2,
        // `portal@3.12.0`, but no `call@512.555.0143`.
        [.., b'a'..=b'z', b'@'] => {
            groups.count >= 3
                && groups.seps[1..3] == [b'.', b'.']
                && groups.lens[..3].iter().all(|len| *len <= 3)
                && groups.sums[2] <= 6
        }
        [.., b'/'] if groups.seps[1] == b'.' => {
            let product = &head[..start - 1];
            let len = product.iter().rev().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
            let word = &text[product.len() - len..product.len()];
            let opens = matches!(
                product[..product.len() - len].last(),
                None | Some(b' ' | b'(' | b'+' | b'"' | b';' | b',')
            );
            len >= 2 && opens && cues::cue_at_end(word).is_none_or(|cue| !matches!(cue.says, Says::Phi(_)))
        }
        _ => false,
    }
}

/// `"GET / HTTP/1.1" `: does the quoted line of a request stand in what leads up to here?
pub(super) fn is_behind_request(head: &[u8]) -> bool {
    const REACH: usize = 160;
    let near = &head[head.len().saturating_sub(REACH)..];
    [b"HTTP/1.1\"", b"HTTP/1.0\"", b"HTTP/2.0\"", b"HTTP/3.0\""]
        .iter()
        .any(|end| near.windows(9).any(|w| w == *end))
        || [b"HTTP/2\"", b"HTTP/3\""].iter().any(|end| near.windows(7).any(|w| w == *end))
}

/// Two hexadecimal digits in small letters, at least one of which is a letter.
fn is_byte(one: u8, other: u8) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    digit(one) && digit(other) && !(one.is_ascii_digit() && other.is_ascii_digit())
}

/// Eight to twelve digits in groups with blanks or hyphens between, as telephone numbers are written.
pub(super) fn is_line(groups: &Groups, count: usize) -> bool {
    // Pairs alone are rather a list, unless there are five.
    let pairs = groups.lens[..count].iter().all(|len| *len == 2) && count < 5;
    // `0212 5246`, `08-25 25 78`: with the 0 that is dialled first.
    let dialled = groups.digits[0] == b'0' && count >= 2 && groups.lens[0] >= 2;
    (8..=12).contains(&groups.sums[count - 1])
        && (!pairs || dialled)
        && groups.seps[1..count].iter().all(|sep| matches!(sep, b' ' | b'-'))
        && groups.lens[..count].iter().all(|len| (2..=4).contains(len))
}

/// Numbers that stand on each side of a run in a list before it is no number of its own: `60 64 100 104 108 112`.
const LISTED_MIN: usize = 2;

/// Are the `count` groups from token `i` some numbers of a longer list, parted as it is?
pub(super) fn is_in_list(scan: &Scan<'_>, i: usize, count: usize) -> bool {
    let alone = |j: usize| scan.get(j).is_some_and(|token| token.is_number() && !is_year(scan.slice(token)));
    let gap = |j: usize| match (j.checked_sub(1).and_then(|before| scan.get(before)), scan.get(j)) {
        (Some(left), Some(right)) => match &scan.bytes[left.end()..right.start()] {
            [sign @ (b' ' | b'/')] => *sign,
            _ => 0,
        },
        _ => 0,
    };
    let sign = gap(i);
    let mut before = 0;
    while before < LISTED_MIN && i > before && sign != 0 && gap(i - before) == sign && alone(i - before - 1) {
        before += 1;
    }
    let mut after = 0;
    while after < LISTED_MIN && gap(i + count + after) == b' ' && alone(i + count + after) {
        after += 1;
    }
    before >= LISTED_MIN || after >= LISTED_MIN || before > 0 && after > 0 && sign == b' '
}

/// `2026`: what stands beside a year is rather a date.
fn is_year(digits: &[u8]) -> bool {
    matches!(digits, [b'1', b'9', _, _] | [b'2', b'0', _, _])
}

/// Is the run over at `end`?
pub(super) fn free_end(bytes: &[u8], end: usize, joined: bool) -> bool {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let (after, further) = (byte(end), byte(end + 1));
    let glued = after.is_ascii_alphabetic() && !matches!(after, b'x' | b'X' | b'e')
        // In a path the next word begins; a stroke before a digit goes on with the number.
        || after == b'-' && further.is_ascii_alphanumeric()
        || after == b'/' && further.is_ascii_digit()
        // A file ending may follow, a further group may not.
        || after == b'.' && further.is_ascii_digit();
    !glued && !joined
}
