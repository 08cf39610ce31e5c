//! Records of prints, faces, irises and veins (ISO/IEC 19794) in a dump, by the four bytes that they open with.

use super::{Cell, rows::cell};

const HEADS: [[u8; 4]; 5] = [*b"FMR\0", *b"FIR\0", *b"FAC\0", *b"IIR\0", *b"VIR\0"];

/// Does one open at `at`, where a number does? `46 4d 52 00`, `464d 5200`
#[inline]
pub(in crate::phi::structure) fn opens_record(bytes: &[u8], at: usize) -> bool {
    // `F`, `I` or `V`: all that is asked of most numbers.
    matches!(bytes.get(at..at + 2), Some(b"46" | b"49" | b"56")) && is_head(bytes, at)
}

fn is_head(bytes: &[u8], mut at: usize) -> bool {
    let mut head = [0; 4];
    for slot in &mut head {
        let Some(Cell { byte: Some(byte), group, .. }) = cell(bytes, at) else { return false };
        *slot = byte;
        at = group.end + usize::from(matches!(bytes.get(group.end), Some(b' ' | b':' | b'-')));
    }
    HEADS.contains(&head)
}

/// The first cell of the record in a dump. A version follows, and no word ends there.
pub(super) fn opening(cells: &[Cell]) -> Option<usize> {
    let byte = |at: usize| cells.get(at).and_then(|cell| cell.byte);
    (0..cells.len()).find(|first| {
        let head = [0, 1, 2, 3].map(|nth| byte(first + nth));
        let in_word = first.checked_sub(1).and_then(byte).is_some_and(|byte| byte.is_ascii_alphanumeric());
        HEADS.iter().any(|wanted| wanted.map(Some) == head)
            && !in_word
            && matches!(byte(first + 4), None | Some(b' ' | b'0'))
    })
}
