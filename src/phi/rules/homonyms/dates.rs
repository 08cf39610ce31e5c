//! Days of files, of batteries and of lists of prices.

use super::Cue;

pub(super) fn date(cue: &Cue<'_>) -> bool {
    match cue.word {
        "effective" => is_of_a_list(cue),
        // `Modify: 2026-11-03 … Birth: 2026-11-02`: of a file, as `stat` prints it.
        "birth" => cue.follows(&[" birth: "]) && cue.line().contains("Modify: 20"),
        // `Battery discharge 2026-11-03`
        word if word.starts_with("discharge") => cue.speaks_of(&["apcupsd", "upsd"]),
        word if word.starts_with("appointment") => cue.follows(&["appointment slots generated "]),
        _ => false,
    }
}

/// `fee schedule v3 effective 2026-12-01`: from when on a list of prices holds.
fn is_of_a_list(cue: &Cue<'_>) -> bool {
    const REACH: usize = 48;
    const LISTS: [&str; 6] =
        ["fee schedule", "price list", "rate table", "charge master", "chargemaster", "formulary"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const PERSONS: [&str; 13] = [
        "dob", "born", "birth", "birthdate", "patient", "patients", "member", "enrollee", "subscriber", "beneficiary", "pt", "policy",
        "insured",
    ];
    let before = cue.near(REACH).to_ascii_lowercase();
    let Some(head) = before.trim_end().strip_suffix("effective") else { return false };
    let head = head.trim_end();
    // A version may stand between.
    let head = match head.rsplit_once(' ') {
        Some((list, version)) if version.bytes().any(|byte| byte.is_ascii_digit()) && version.len() <= 6 => {
            list
        }
        _ => head,
    };
    let clause = before.rsplit(['\n', ';', '"', '{']).next().unwrap_or_default();
    let of_somebody = clause.split(|c: char| !c.is_alphabetic()).any(|word| PERSONS.contains(&word));
    // No list of prices is that old.
    let past = ["19", "200"].iter().any(|years| cue.value().starts_with(years));
    LISTS.iter().any(|list| head.ends_with(list)) && !of_somebody && !past
}
