//! Codes whose parts are joined by strokes, the first of them capitals, under a word for a number.

use crate::phi::class::Class;
use crate::phi::rules::NUMBER_CUED;
use crate::phi::scan::{LOWER, Scan};

/// `HYG/10442/A` under a cue: parts joined by strokes, the first of them capitals.
pub(in crate::phi) fn stroked(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if i == 0 || scan.before(token.start()) != b'/' {
        return false;
    }
    let left = scan.tok(i - 1);
    let opens = matches!(scan.before(left.start()), b' ' | b'"' | b'\'' | b'=' | b':' | b'#');
    if left.end() + 1 != token.start()
        || left.flags & LOWER != 0
        || !left.is_word()
        || left.len() > 5
        || !opens
    {
        return false;
    }
    let rest = &scan.bytes[left.start()..scan.bytes.len().min(left.start() + 40)];
    let width =
        rest.iter().take_while(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || **b == b'/').count();
    let width = rest[..width].iter().rposition(|b| *b != b'/').map_or(0, |p| p + 1);
    let context = scan.cue_before(i - 1);
    let numbered = matches!(
        context.class(),
        Some(Class::HealthPlan | Class::Mrn | Class::Account | Class::License | Class::OtherId)
    );
    // `Deductible 3200/6400 USD`
    if !numbered
        || scan.unit_after(left.start() + width, i)
        || !context.strong
        || rest[..width].iter().filter(|b| b.is_ascii_digit()).count() < 3
    {
        return false;
    }
    if let Some(class) = context.class() {
        scan.add_cued(&NUMBER_CUED, class, context, left.start()..left.start() + width);
    }
    true
}
