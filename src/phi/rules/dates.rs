//! Dates in every shape, and ages of 90 and over. Whether a date is a person's is a matter of context.
//!
//! A date is hidden when a cue says so (birth, admission, visit, a word for a person), when it is too old to be
//! operational, or when it stands beside a name. A stamp with a time of day is operational unless a cue says otherwise.

pub(in crate::phi) mod age;
mod care;
mod read;
mod spelled;

use std::ops::Range;

use super::{
    DATE_CUED, DATE_DONE, DATE_NAMED, DATE_OF_CARE, DATE_OF_COVER, DATE_OF_NAME, DATE_OLD, DATE_SLOT,
    NUMBER_CUED,
};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::list::List;
use crate::phi::scan::{Context, Scan};
use crate::phi::validate::OLD_YEARS;
use age::age;
use care::{is_done, is_of_care, is_of_cover, is_of_kin, is_told};
pub(in crate::phi) use read::is_month;
use read::{Read, is_day_in_kanji, opening, plausible_compact, read, time_end, value};
pub(in crate::phi) use spelled::{is_century, is_number_word, spelled};

/// Longest canonical that is looked for before the bar of its version.
const CANONICAL_BYTES_MAX: usize = 256;

/// Tries every shape that opens with the number token `i`. True if the token is consumed.
pub(in crate::phi) fn numeric(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if age(scan, i) {
        return true;
    }
    let from = opening(scan, i);
    let Some(read) = read(scan, i) else { return false };
    if !bounded(scan, from, read.end) {
        return false;
    }
    judge(scan, i, from..read.end.max(token.end()), &read)
}

/// `12th of March 1984`, `20240315T101500Z`, `90yo`: tokens with letters.
pub(in crate::phi) fn worded(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if age(scan, i) {
        return true;
    }
    if token.flags & crate::phi::scan::WIDE != 0 && in_kanji(scan, i) {
        return true;
    }
    let text = scan.slice(token);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &text[digits..];
    let ordinal = matches!(rest, b"st" | b"nd" | b"rd" | b"th" | b"er") && (1..=2).contains(&digits);
    if ordinal {
        let from = opening(scan, i);
        let Some(read) = read(scan, i) else { return false };
        return judge(scan, i, from..read.end, &read);
    }
    if token.flags & crate::phi::scan::WIDE != 0 && digits == 4 && is_day_in_kanji(text) {
        let year = Some(value(&text[..4]));
        let read = Read { end: token.end(), year, time: false, weak: false, new_year: false };
        return judge(scan, i, token.start()..token.end(), &read);
    }
    // 20240315T101500Z and 12Mar1984
    if digits == 8 && rest[0] == b'T' && plausible_compact(&text[..8]) {
        let end = time_end(scan.bytes, token.start() + 9).unwrap_or(token.end());
        let read = Read { end, year: Some(value(&text[..4])), time: true, weak: false, new_year: false };
        return judge(scan, i, token.start()..end, &read);
    }
    if (1..=2).contains(&digits) && rest.len() >= 5 {
        let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let year = &rest[letters..];
        if is_month(&rest[..letters]) && matches!(year.len(), 2 | 4) && year.iter().all(u8::is_ascii_digit) {
            let year = (year.len() == 4).then(|| value(year));
            let read = Read { end: token.end(), year, time: false, weak: false, new_year: false };
            return judge(scan, i, token.start()..token.end(), &read);
        }
    }
    false
}

fn judge(scan: &mut Scan<'_>, i: usize, span: Range<usize>, read: &Read) -> bool {
    let mut first = i;
    while first > 0 && span.start < scan.tok(first).start() {
        first -= 1;
    }
    let mut context = scan.cue_before(first);
    if context.class().is_none() && !context.is_safe() {
        let after = scan.cue_after_date(i, span.end);
        if after.class().is_some() {
            context = after;
        }
    }
    // `cohort age band 65-74, model trained 2026-10-28`: an age is not the word for a day.
    if matches!(context.word, "age" | "ages") && !context.adjacent && !is_old(read) {
        context = Context::NONE;
    }
    // A stamp with its year is one of machines.
    let stamp = read.time && !read.weak;
    if context.class() == Some(Class::Name) && is_of_kin(scan, span.start) {
        scan.add(&DATE_CUED, context, span);
        return true;
    }
    pend_of_care(scan, context, &span, stamp);
    if is_of_machine(scan, context, &span, read) {
        scan.protect(span);
        return true;
    }
    // `rescheduled Ida Lund: 12 Nov 2026 09:00 -> …`
    if stamp && matches!(context.word, "moved" | "rebooked" | "rescheduled") && !context.adjacent {
        scan.pend(span.clone(), &DATE_OF_CARE);
    }
    match context.says {
        // Between a birth cue and a stamp with a time, only a touching cue speaks of the stamp.
        // A referral is received by programs too.
        Says::Phi(Class::Date) if is_to_the_second(scan, &span) && context.word.starts_with("referral") => {}
        Says::Phi(Class::Date)
            if !read.time || context.strong || context.adjacent || is_told(scan, &span) =>
        {
            scan.add(&DATE_CUED, context, span);
            return true;
        }
        Says::Phi(class) if context.adjacent && context.strong && !read.weak && class != Class::Name => {
            scan.add_cued(&NUMBER_CUED, class, context, span);
            return true;
        }
        // `patients-2026.11.21` is an index.
        Says::Person
            if context.adjacent
                && !read.time
                && !read.weak
                && !matches!(scan.before(span.start), b'-' | b'_' | b'.') =>
        {
            scan.add(&DATE_CUED, context, span);
            return true;
        }
        // `not a valid DateTime: '1986-02-30'`: a parser speaks of what it was given, and no machine was given that.
        Says::Safe if is_old(read) && is_of_a_parser(scan, span.start) => {
            scan.add(&DATE_OLD, Context::NONE, span);
            return true;
        }
        Says::Safe => {
            if !read.weak {
                scan.protect(span);
            }
            return !read.weak;
        }
        _ => {}
    }
    if read.weak {
        let short = span.len() >= 6 && !read.time;
        if short && scan.bytes[span.clone()].iter().any(|b| matches!(b, b'/' | b'-' | b' ')) {
            scan.pend(span, &DATE_NAMED);
        }
        return false;
    }
    if is_old(read) && !is_namespace(scan, &span) && !is_of_a_document(scan, &span) {
        scan.add(&DATE_OLD, context, span);
        return true;
    }
    // What opens a line is its stamp.
    // No appointment is made to the thousandth of a second.
    let fraction = scan.text[span.clone()].rsplit_once(':').is_some_and(|(_, last)| last.contains('.'));
    if !fraction && scan.bytes[..span.start].iter().any(u8::is_ascii_alphabetic) {
        scan.pend(span.clone(), if read.time { &DATE_SLOT } else { &DATE_OF_NAME });
    }
    scan.protect(span);
    true
}

/// `section 4.11.1984`: the number of a part of a document.
fn is_of_a_document(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    static PARTS: List<8> =
        List::new(["section", "sections", "chapter", "clause", "paragraph", "appendix", "figure", "table"]);
    let before = scan.token_from(span.start).checked_sub(1).map(|at| scan.tok(at));
    scan.bytes[span.clone()].contains(&b'.')
        && before.is_some_and(|word| word.end() + 1 == span.start && PARTS.has(scan.slice(word)))
}

/// Has the day a meaning that makes it somebody's as soon as a person stands beside it?
fn pend_of_care(scan: &mut Scan<'_>, context: Context, span: &Range<usize>, stamp: bool) {
    let of_number = matches!(context.class(), Some(Class::HealthPlan | Class::Mrn)) && !context.adjacent;
    if !stamp && (of_number || context.class().is_none()) && is_of_cover(scan, span.start) {
        scan.pend(span.clone(), &DATE_OF_COVER);
    }
    if context.class().is_none_or(|class| class == Class::Name || !context.adjacent && class != Class::Date)
        && (!stamp && is_of_care(scan, span.start) || is_told(scan, span))
    {
        scan.pend(span.clone(), &DATE_OF_CARE);
    }
    if !is_to_the_second(scan, span) && context.class() != Some(Class::Date) && is_done(scan, span.start) {
        scan.pend(span.clone(), &DATE_DONE);
    }
}

fn is_to_the_second(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    scan.bytes[span.clone()].iter().filter(|byte| **byte == b':').count() > 1
}

/// A layout, an example, a limit, a version, a day in force or of operations: nobody's.
fn is_of_machine(scan: &Scan<'_>, context: Context, span: &Range<usize>, read: &Read) -> bool {
    // `ValueSet/age-unit|20190731`: the version of a part of a specification.
    let versioned = || {
        scan.before(span.start) == b'|' && {
            let lead = scan.lead(span.start, CANONICAL_BYTES_MAX);
            crate::phi::work::add(lead.len());
            let word = lead.rsplit([' ', '"', '\'', '(']).next().unwrap_or_default();
            word.contains("://") || word.contains("ValueSet/") || word.contains("CodeSystem/")
        }
    };
    // `parsing time "…" as "2006-01-02"`: how Go writes a layout.
    let layout = &scan.text[span.clone()] == "2006-01-02"
        && scan.text[..span.start].trim_end_matches(['"', '\\']).ends_with(" as ");
    if layout || versioned() || scan.is_example(span.start) || is_limit(scan, span.start) {
        return true;
    }
    match context.word {
        _ if is_old(read) => false,
        // `ACIP schedule effective 2026-02-06`: from when a rule is in force. As a key it says whose day it is.
        "effective" => {
            scan.before(span.start) == b' '
                && !scan.text[span.end..].starts_with(" for ")
                && is_of_a_rule(scan, span.start)
        }
        // `maintenance window moved from …`
        "moved" | "rescheduled" => is_of_operations(scan, span.start),
        _ => false,
    }
}

/// The months in English, in small letters.
#[rustfmt::skip] // Rows of words, not one a line.
pub(in crate::phi) const MONTHS: [&str; 12] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
];

/// `fee schedule effective `, `NDC … superseded by … effective `, `policy MRI-Brain v14 effective `: does the text before `at` speak of
/// a rule, a price or a package that comes into force, and of nobody?
fn is_of_a_rule(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 96;
    #[rustfmt::skip] // Rows of words, not one a line.
    const RULES: [&str; 18] = [
        "schedule", "rules", "rule", "edition", "version", "release", "guideline", "guidelines", "tariff", "rates", "formulary",
        "superseded", "ndc", "package", "pricing", "fee", "charge", "hcpcs",
    ];
    const PERSONS: [&str; 9] =
        ["coverage", "eligib", "enrol", "member", "subscriber", "patient", "insured", "benefi", "guarant"];
    let before = scan.lead(at, REACH).to_ascii_lowercase();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let numbered = |word: &str| {
        word.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut words = line.split(|c: char| !c.is_alphanumeric());
    words.any(|word| RULES.contains(&word) || numbered(word))
        && !PERSONS.iter().any(|word| line.contains(word))
}

/// Is it a machine's work that was moved to another time?
fn is_of_operations(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 80;
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORK: [&str; 16] = [
        "backup", "batch", "cron", "cutover", "deploy", "deployment", "export", "failover", "import", "job", "maintenance",
        "migration", "release", "restart", "rollout", "upgrade",
    ];
    // Whoever moves them, these are somebody's.
    #[rustfmt::skip] // Rows of words, not one a line.
    const CARE: [&str; 18] = [
        "admission", "appointment", "appt", "biopsy", "checkup", "chemo", "consult", "delivery", "dialysis", "discharge",
        "encounter", "implant", "infusion", "patient", "procedure", "surgery", "transplant", "visit",
    ];
    let clause = scan.lead(at, REACH).rsplit(['\n', ';']).next().unwrap_or_default();
    let holds = |known: &[&str]| {
        let mut words = clause.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    holds(&WORK) && !holds(&CARE)
}

/// `must be between 1/1/1900 and 12/31/2026`: what a validator allows.
fn is_limit(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 40;
    const HEADS: [&str; 6] = [
        "must be between ",
        "must be on or after ",
        "must be on or before ",
        "must be after ",
        "must be before ",
        "no later than ",
    ];
    let before = scan.lead(at, REACH);
    let second = |head: &str| {
        before.rfind(head).is_some_and(|found| {
            let between = &before[found + head.len()..];
            between.ends_with(" and ") && between.bytes().filter(u8::is_ascii_alphabetic).count() == 3
        })
    };
    // Nearly no date stands behind one, so ask at first how the text ends.
    HEADS.iter().any(|head| before.ends_with(head))
        || before.ends_with(" and ") && HEADS.iter().any(|head| second(head))
}

/// Too old to be operational.
fn is_old(read: &Read) -> bool {
    read.year.is_some_and(|year| OLD_YEARS.contains(&year)) && !read.time && !read.new_year
}

/// Does a parser or validator speak right before `at`?
fn is_of_a_parser(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 64;
    const STEMS: [&[u8]; 9] =
        [b"pars", b"nvalid", b"valid", b"ecogni", b"onver", b"alformed", b"nparse", b"ormat", b"range"];
    let before = &scan.bytes[at.saturating_sub(REACH)..at];
    STEMS.iter().any(|stem| before.windows(stem.len()).any(|window| window == *stem))
}

/// `昭和41年2月30日`: a day of a Japanese era that is over. Where it stands in a token, mistyped or not.
fn of_era(text: &str) -> Option<Range<usize>> {
    const ERAS: [&str; 4] = ["明治", "大正", "昭和", "平成"];
    let start = ERAS.iter().filter_map(|era| text.find(era)).min()?;
    let mut at = start + "昭和".len();
    for sign in ["年", "月", "日"] {
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        let first = usize::from(sign == "年" && digits == 0 && text[at..].starts_with('元')) * "元".len();
        let rest = text.get(at + digits + first..).filter(|_| (1..=2).contains(&digits) || first > 0)?;
        rest.strip_prefix(sign)?;
        at += digits + first + sign.len();
    }
    Some(start..at)
}

/// `の予約を2026年12月3日に変更`: without blanks a whole sentence is one token, and what it says of the day stands in it.
fn in_kanji(scan: &mut Scan<'_>, i: usize) -> bool {
    const SAID: [&str; 14] = [
        "生年月日",
        "予約",
        "患者",
        "様",
        "受診",
        "診察",
        "入院",
        "退院",
        "誕生",
        "出生",
        "就诊",
        "预约",
        "환자",
        "예약",
    ];
    let token = scan.tok(i);
    let text = &scan.text[token.start()..token.end()];
    if let Some(day) = of_era(text) {
        let span = token.start() + day.start..token.start() + day.end;
        scan.add(&DATE_OLD, Context::NONE, span);
        return true;
    }
    // `生年月日` holds the sign too; a year has four digits before it.
    let dated = |at: &usize| {
        text.as_bytes()[..*at].last_chunk::<4>().is_some_and(|year| year.iter().all(u8::is_ascii_digit))
    };
    let years = text.match_indices('年').chain(text.match_indices('년'));
    let Some(year) = years.map(|(at, _)| at).find(dated) else { return false };
    let start = text[..year].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &text[start..];
    let day = rest.find('日').or_else(|| rest.find('일'));
    let Some(end) = day.map(|at| start + at + "日".len()) else { return false };
    if year - start != 4 || end - start > 18 || !SAID.iter().any(|word| text.contains(word)) {
        return false;
    }
    let span = token.start() + start..token.start() + end;
    scan.add(&DATE_CUED, crate::phi::scan::Context::NONE, span);
    true
}

/// `http://www.w3.org/1999/02/22-rdf-syntax-ns`: a date in the path of a specification.
fn is_namespace(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    let strokes = scan.bytes[span.clone()].contains(&b'/');
    strokes && (scan.before(span.start) == b'/' || scan.byte(span.end) == b'/')
}

/// A date must not continue some longer run.
fn bounded(scan: &Scan<'_>, from: usize, end: usize) -> bool {
    let before = scan.before(from);
    let beyond = if from >= 2 { scan.bytes[from - 2] } else { 0 };
    let after = scan.byte(end);
    let further = scan.byte(end + 1);
    let glued_before = before.is_ascii_alphanumeric()
        || before >= 0x80 && beyond >= 0x80 && before > 0xBF
        || matches!(before, b'-' | b'.') && beyond.is_ascii_digit();
    let glued_after =
        after.is_ascii_alphanumeric() || matches!(after, b'-' | b'.' | b'/') && further.is_ascii_digit();
    !glued_before && !glued_after
}
