//! Words around a day that say what happened to somebody on it: care, cover, events of a family, days as people tell them.
//!
//! Owns these words and how far they reach. Who it happened to is settled once the names of a text are known.

use std::ops::Range;

use crate::phi::scan::Scan;

/// How the days of the week begin in English.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `your smear is Fri`, `flu jab 19 Nov`, `my son was in on`: what somebody has an appointment for or was there for, right before
/// the day.
pub(super) fn is_of_care(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 72;
    const OWNERS: [&str; 4] = ["your", "my", "her", "his"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const CARE: [&str; 26] = [
        "appointment", "appt", "visit", "smear", "screening", "checkup", "surgery", "operation", "vaccination", "jab", "consultation",
        "ultrasound", "mri", "xray", "biopsy", "physio", "dialysis", "chemo", "bloods", "test", "tests", "results", "scan", "exam", "labs",
        "dose",
    ];
    // Nothing else is called so, whoever it is for.
    const TREATED: [&str; 8] =
        ["smear", "vaccination", "jab", "booster", "physio", "chemo", "bloods", "mammogram"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const KIN: [&str; 15] = [
        "son", "daughter", "mum", "mom", "mother", "dad", "father", "wife", "husband", "baby", "brother", "sister", "gran", "grandma",
        "grandad",
    ];
    const WHO: [&str; 5] = ["i", "we", "he", "she", "they"];
    const PLACES: [&str; 8] =
        ["clinic", "hospital", "ward", "surgery", "emergency", "icu", "maternity", "outpatients"];
    #[rustfmt::skip] // Rows of words, not one a line.
    const LINKS: [&str; 15] = [
        "is", "was", "on", "at", "for", "from", "to", "due", "since", "booked", "scheduled", "confirmed", "arranged", "cancelled",
        "missed",
    ];
    // What somebody is or has since a day.
    const AILING: [&str; 10] =
        ["sick", "ill", "unwell", "fever", "cough", "seizure", "vomiting", "bleeding", "rash", "pregnant"];
    let clause = scan.lead(at, REACH);
    let ends = ['\n', ';', '.', '"', '\'', '{', '=', '?', '!', '|'];
    // `Ida's next dose`: no quote.
    let inside = |at: usize| clause[at..].starts_with("'s ") && at > 0 && clause.as_bytes()[at - 1] != b' ';
    let start =
        clause.rmatch_indices(ends).find(|(at, _)| !inside(*at)).map_or(0, |(at, end)| at + end.len());
    let clause = &clause[start..];
    let is_any = |word: &str, list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    let weekday = |word: &str| word.get(..3).is_some_and(|head| is_any(head, &WEEKDAYS));
    let mut words = clause.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut link = words.next().unwrap_or_default();
    // `on Thursday 19 November`, `on the 19th`
    while weekday(link) || link.eq_ignore_ascii_case("the") {
        link = words.next().unwrap_or_default();
    }
    // `flu jab 19 Nov`, `blood test 19 Nov`
    if is_any(link, &TREATED) {
        return true;
    }
    if is_any(link, &["test", "tests"]) {
        return words.next().is_some_and(|kind| is_any(kind, &["blood", "smear", "eye", "hearing", "urine"]));
    }
    if !is_any(link, &LINKS) && !link.eq_ignore_ascii_case("period") {
        return false;
    }
    let (mut care, mut treated, mut owned, mut kin, mut who) = (false, false, false, false, false);
    let (mut before, mut last) = ("", link);
    for (nth, word) in words.enumerate() {
        care |= is_any(word, &CARE);
        treated |= is_any(word, &TREATED) || word == "dose";
        owned |= is_any(word, &OWNERS);
        kin |= is_any(word, &KIN);
        who |= is_any(word, &WHO);
        if nth < 2 {
            (before, last) = if nth == 0 { ("", word) } else { (word, last) };
        }
    }
    if is_any(last, &AILING) || is_any(link, &["period"]) && last.eq_ignore_ascii_case("last") {
        return true;
    }
    // `was in on`, `brought in on`, `at the hospital on`, `due on`: anybody may be in on something, but a child hardly is.
    let inside = last.eq_ignore_ascii_case("in");
    let brought = inside && is_any(before, &["taken", "brought", "rushed"]);
    let came = inside && before.eq_ignore_ascii_case("came");
    let there = is_any(last, &PLACES);
    let expected = [link, last, before].iter().any(|word| word.eq_ignore_ascii_case("due"));
    care && (owned || kin)
        || treated && expected
        || kin && (inside || expected)
        || brought
        || came && who
        || there && (owned || kin || who)
}

/// `member … not eligible on`, `inactive since`: from when to when somebody is insured, or is asked to be.
pub(super) fn is_of_cover(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 40;
    #[rustfmt::skip] // Rows of words, not one a line.
    const STATES: [&str; 15] = [
        "active", "benefits", "coverage", "covered", "eligibility", "eligible", "ended", "enrolled", "expired", "inactive", "insured",
        "lapsed", "termed", "terminated", "uninsured",
    ];
    const LINKS: [&str; 8] = ["on", "since", "from", "until", "of", "through", "after", "before"];
    let lead = scan.lead(at, REACH);
    let clause = lead.rsplit(['\n', ';', '"', '=']).next().unwrap_or_default();
    let mut words = clause.rsplit(' ').filter(|word| !word.is_empty());
    clause.ends_with(' ')
        && words.next().is_some_and(|link| LINKS.contains(&link))
        && words.take(2).any(|word| STATES.iter().any(|state| word.eq_ignore_ascii_case(state)))
}

/// `death of spouse 06-2019`: what happened to somebody of the family.
pub(super) fn is_of_kin(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 40;
    const EVENTS: [&str; 7] =
        ["death of ", "birth of ", "loss of ", "passing of ", "suicide of ", "surgery of ", "marriage of "];
    let clause = scan.lead(at, REACH).to_ascii_lowercase();
    let clause = clause.rsplit(['\n', ';', '.', ',', '"']).next().unwrap_or_default();
    EVENTS.iter().any(|event| {
        clause.rsplit_once(event).is_some_and(|(_, whose)| whose.split_whitespace().count() <= 3)
    })
}

/// `Mon 23 Nov 2:10pm`, `Thursday 3 December`, `lundi 3 mars à`: a day as people tell it, with the weekday and without seconds.
pub(super) fn is_told(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const OTHERS: [&str; 29] = [
        "tues", "thur", "thurs", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "lundi", "mardi",
        "mercredi", "jeudi", "vendredi", "samedi", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "maandag",
        "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "måndag", "tisdag",
    ];
    let before = scan.text[..span.start].trim_end_matches([' ', ',', '.']);
    let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let begins = |head: &str| WEEKDAYS.iter().any(|day| head.eq_ignore_ascii_case(day));
    let named = word.len() >= 6
        && word.is_ascii()
        && word[word.len() - 3..].eq_ignore_ascii_case("day")
        && begins(&word[..3]);
    let weekday = named || begins(word) || OTHERS.iter().any(|day| word.eq_ignore_ascii_case(day));
    let date = &scan.text[span.clone()];
    weekday && date.bytes().any(|b| b.is_ascii_alphabetic()) && date.matches(':').count() < 2
}

/// `results were reported on`, `specimen received`: what was done, if a day follows. Stock and reports of machines are spoken of
/// so too: it is somebody's if the text holds a person.
pub(super) fn is_done(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 64;
    #[rustfmt::skip] // Rows of words, not one a line.
    const DONE: [&str; 33] = [
        "performed", "taken", "reported", "reviewed", "done", "completed", "signed", "obtained", "given", "administered", "drawn",
        "issued", "checked", "fitted", "placed", "inserted", "implanted", "removed", "extracted", "interrogated", "adjusted", "applied",
        "received", "accepted", "sent", "replaced", "created", "changed", "returned", "available", "authorised", "authorized", "finalized",
    ];
    #[rustfmt::skip] // Rows of words, not one a line.
    const TO_SOMEBODY: [&str; 46] = [
        "results", "result", "labs", "specimen", "sample", "swab", "ray", "spirometry", "ecg", "ekg", "eeg", "echo", "endoscopy",
        "smear", "bloods", "consent", "prescription", "dose", "vaccine", "assessment", "operation", "procedure", "treatment", "therapy",
        "referral", "pacemaker", "icd", "stent", "catheter", "cannula", "denture", "dentures", "prosthesis", "splint",
        "stitches", "sutures", "cast", "crown", "implant", "aid", "aids", "fistula", "dressing", "cpap", "holter", "glasses",
    ];
    // Machines scan and report too.
    #[rustfmt::skip] // Rows of words, not one a line.
    const KINDS: [&str; 13] = [
        "ct", "mri", "pet", "dexa", "bone", "brain", "heart", "chest", "bladder", "lab", "pathology", "radiology", "histology",
    ];
    const BETWEEN: [&str; 9] = ["was", "were", "is", "been", "has", "have", "last", "on", "the"];
    let clause = scan.lead(at, REACH);
    let ends = ['\n', ';', '.', '"', '{', '=', '|', ',', ':'];
    let clause = clause.rsplit(ends).next().unwrap_or_default();
    let is_any = |word: &str, list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    let words = clause.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words = words.filter(|word| !is_any(word, &BETWEEN));
    words.next().is_some_and(|verb| is_any(verb, &DONE))
        && words.next().is_some_and(|what| match what.to_ascii_lowercase().as_str() {
            "scan" | "report" => words.next().is_some_and(|kind| is_any(kind, &KINDS)),
            _ => is_any(what, &TO_SOMEBODY),
        })
}
