//! Numbers in the names of files that say whose they are: `Passport_Emeka_Nwachukwu_A04418826.pdf`.
//!
//! Owns the number only; the name in it is found as any in a slug, the day by `structure::dated`.

use crate::phi::class::Class;
use crate::phi::cues::{self, Says};
use crate::phi::rules::PREFIXED;
use crate::phi::scan::{Context, Scan};

/// `Passport_Emeka_Nwachukwu_A04418826.pdf`: the number of whoever a file is called after, behind the kind of the file.
pub(super) fn number(scan: &mut Scan<'_>, first: usize, i: usize) -> bool {
    const DIGITS_MIN: usize = 6;
    let (start, token) = (scan.tok(first).start(), scan.tok(i));
    let code = scan.slice(token);
    let digits = code.iter().filter(|byte| byte.is_ascii_digit()).count();
    // `nhs_Export_20261103.csv`
    let day = digits == 8 && (code.starts_with(b"19") || code.starts_with(b"20"));
    if digits < DIGITS_MIN || day {
        return false;
    }
    for last in first..i - 1 {
        // One or two names between.
        let names = i - 1 - last;
        let named = names <= 3
            && (last + 1..i).all(|at| {
                let word = scan.slice(scan.tok(at));
                word[0].is_ascii_uppercase()
                    && word.iter().skip(1).all(u8::is_ascii_lowercase)
                    && word.len() > 1
            });
        if named
            && let Some(cue) = cues::cue_at_end(&scan.text[start..scan.tok(last).end()])
            && let Says::Phi(
                class @ (Class::Mrn | Class::License | Class::HealthPlan | Class::Ssn | Class::OtherId),
            ) = cue.says
        {
            let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: false };
            scan.add_cued(&PREFIXED, class, context, token.start()..token.end());
            return true;
        }
    }
    false
}
