//! Plates of vehicles in groups: `AJ 70 KX`, `BD51 SMR`, `B-MW 4482`, under a word for them.

use super::NUMBER_CUED;
use crate::phi::class::Class;
use crate::phi::scan::{LOWER, Scan, Token};

/// Groups on either side of the one with digits.
const GROUPS_MAX: usize = 2;

/// The plate that holds token `i`, the first of its groups with a digit. True if it is consumed.
pub(in crate::phi) fn plate(scan: &mut Scan<'_>, i: usize) -> bool {
    let group = |token: Token| token.flags & LOWER == 0 && token.len() <= 4;
    let joined = |left: Token, right: Token| {
        right.start() == left.end() + 1 && matches!(scan.byte(left.end()), b' ' | b'-')
    };
    if !group(scan.tok(i)) {
        return false;
    }
    let (mut first, mut last) = (i, i);
    while first > 0
        && i - first < GROUPS_MAX
        && scan.tok(first - 1).is_word()
        && group(scan.tok(first - 1))
        && joined(scan.tok(first - 1), scan.tok(first))
    {
        first -= 1;
    }
    while last - i < GROUPS_MAX
        && scan
            .get(last + 1)
            .is_some_and(|next| group(next) && next.len() <= 3 && joined(scan.tok(last), next))
    {
        last += 1;
    }
    let span = scan.tok(first).start()..scan.tok(last).end();
    let text = &scan.bytes[span.clone()];
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if first == last || digits < 1 || letters == 0 || !(5..=9).contains(&(digits + letters)) {
        return false;
    }
    let context = scan.cue_before(first);
    if context.class() != Some(Class::Vehicle) || !context.adjacent {
        return false;
    }
    scan.add_cued(&NUMBER_CUED, Class::Vehicle, context, span);
    true
}
