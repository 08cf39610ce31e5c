//! Numbers right behind a word of a script without blanks.

use crate::phi::cues::{Says, scripts};
use crate::phi::rules::NUMBER_CUED;
use crate::phi::scan::{Context, Scan, WIDE};

/// `电话13855500118`: scripts without blanks write the number right behind its word.
pub(in crate::phi) fn behind_script(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let text = &scan.text[token.start()..token.end()];
    let Some(digit) = text.find(|c: char| c.is_ascii_digit()) else { return false };
    let (word, rest) = text.split_at(digit);
    if token.flags & WIDE == 0 || word.is_empty() || !word.chars().all(char::is_alphabetic) {
        return false;
    }
    let Some((class, cue)) = scripts::announced(word) else { return false };
    let start = token.start() + digit;
    let mut end = start + rest.bytes().take_while(u8::is_ascii_digit).count();
    // The groups behind belong to it: `電話090-5550-0118`.
    let mut j = i + 1;
    while let Some(group) = scan.get(j).filter(|t| t.is_number() && t.start() == end + 1)
        && matches!(scan.byte(end), b'-' | b' ')
        && j < i + 5
    {
        end = group.end();
        j += 1;
    }
    if scan.bytes[start..end].iter().filter(|b| b.is_ascii_digit()).count() < 6 {
        return false;
    }
    let context = Context { says: Says::Phi(class), word: cue, strong: true, adjacent: true };
    scan.add_cued(&NUMBER_CUED, class, context, start..end);
    true
}
