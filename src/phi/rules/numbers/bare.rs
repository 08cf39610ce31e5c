//! One run of digits: a check digit, a cue or a person beside it makes it somebody's.

use std::ops::Range;

use super::device::is_behind_device;
use super::groups::DIGITS_MAX;
use super::{REGISTER_BYTES, is_dialled, is_mobile, is_of_register, opening_letters};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::rules::places::told_of;
use crate::phi::rules::{
    CARD_BARE, DATE_CUED, EHIC, IHI, IMEI_BARE, NHS_BARE, NIR, NUMBER_CUED, NUMBER_NAMED, PHONE_NATIONAL,
    Rule, keyed,
};
use crate::phi::scan::{Context, LOWER, Scan, Token};
use crate::phi::settings::Region;
use crate::phi::validate;

/// How far before a line a word may say that it is called.
const CALL_REACH: usize = 96;

/// One run of digits.
pub(in crate::phi) fn bare(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let (span, len) = (token.start()..token.end(), token.len());
    if !(3..=DIGITS_MAX).contains(&len) || !whole_number(scan, &span) {
        return false;
    }
    let mut copy = [0; DIGITS_MAX];
    copy[..len].copy_from_slice(scan.slice(token));
    let text = &copy[..len];
    let by_check = by_check(scan, i, text);
    if is_of_machine(scan, i) {
        scan.protect(span);
        return true;
    }
    if is_mistyped_day(text, &scan.text[span.end..]) {
        scan.add(&DATE_CUED, Context::NONE, span);
        return true;
    }
    // `erx[2217]: DEA # …`: the number of a process, whatever stands behind it.
    let process = len <= 7 && scan.before(span.start) == b'[' && scan.bytes[span.end..].starts_with(b"]:");
    if process && scan.cue_before(i).class().is_none() {
        scan.protect(span);
        return true;
    }
    let context = scan.context(i, span.end);
    // `ihi-batch: 8003…`: such a number says itself what it is.
    let sure = by_check.is_some_and(|rule| rule.id == IHI.id);
    if scan.keeps(context) || context.is_safe() && !sure {
        // `member Ana Ruiz id 77234419`
        if context.word == "id" && len >= 6 {
            scan.pend(span.clone(), &NUMBER_NAMED);
        }
        scan.protect(span);
        return true;
    }
    let counted = scan.unit_after(span.end, i);
    // `dossier 20261122 archived`: a word that only may mean a number stands before a day as well.
    let stamped = !context.strong
        && len == 8
        && text.starts_with(b"20")
        && matches!(text[4..6], [b'0', _] | [b'1', b'0'..=b'2']);
    if let Some(class) = context.class().filter(|class| fits(*class, text, context) && !stamped)
        && !counted
    {
        let start = if context.adjacent { opening_letters(scan, i) } else { span.start };
        scan.add_cued(&NUMBER_CUED, class, context, start..span.end);
        if class == Class::Geo {
            told_of(scan, span.end);
        }
        return true;
    }
    if counted {
        return false;
    }
    // `result for visit 7730019284`: no day has as many digits.
    let epoch = len == 10 && text.starts_with(b"1");
    if (9..=12).contains(&len) && !epoch && is_of_visit(scan, i) {
        scan.add_cued(&NUMBER_CUED, Class::Account, context, span);
        return true;
    }
    if let Some(rule) = by_check {
        scan.add(rule, context, span);
        return true;
    }
    if is_beside_person(scan, i, context) {
        scan.add(&NUMBER_NAMED, context, span);
        return true;
    }
    if (6..=12).contains(&len) {
        scan.pend(span, &NUMBER_NAMED);
    }
    false
}

/// The rule that its check digit, or its form and the words around it, speak for.
fn by_check(scan: &Scan<'_>, i: usize, text: &[u8]) -> Option<&'static Rule> {
    let span = scan.tok(i).start()..scan.tok(i).end();
    let regions = scan.regions();
    match text.len() {
        15 if regions.has(Region::Eu)
            && matches!(text[0], b'1' | b'2')
            && (1..=12).contains(&((text[3] - b'0') * 10 + text[4] - b'0'))
            && validate::nir(text) =>
        {
            Some(&NIR)
        }
        16 if regions.has(Region::Au) && validate::ihi(text) => Some(&IHI),
        20 if regions.has(Region::Eu) && validate::ehic(text) => Some(&EHIC),
        15 | 16 if validate::card_strict(text) => Some(&CARD_BARE),
        15 if validate::luhn(text) && is_behind_device(scan, i) => Some(&IMEI_BARE),
        11..=13
            if (regions.has(Region::Ng) || !text.starts_with(b"0"))
                && (is_mobile(text)
                    || is_dialled(text) && speaks_of_calls(scan.lead(span.start, CALL_REACH)))
                && i > 0
                && is_of_line(scan.slice(scan.tok(i - 1)))
                && !is_of_range(scan.text, &span) =>
        {
            Some(&PHONE_NATIONAL)
        }
        10 if regions.has(Region::Uk)
            && validate::nhs(text)
            && is_of_register(&scan.bytes[span.start.saturating_sub(REGISTER_BYTES)..span.start]) =>
        {
            Some(&NHS_BARE)
        }
        _ => None,
    }
}

/// A count, a model, a line of source: nobody's, whatever stands before it.
fn is_of_machine(scan: &Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let (start, len) = (token.start(), token.len());
    let before = scan.before(start);
    // `{ssn:3, mrn:118}`
    let may_count = len <= 3 && matches!(before, b':' | b' ') || len <= 6 && before == b'=';
    may_count && keyed::counted(scan.text, start, Class::Mrn).is_some()
        // `DI 00643169007222` is a model, whoever has one.
        || len == 14 && i > 0 && matches!(scan.slice(scan.tok(i - 1)), b"DI" | b"GTIN")
        || begins(scan, i)
        || is_counter(scan, i)
        || len <= 5 && is_source_line(scan, start)
}

/// `19471332 not a valid date`: digits of a day, and what a parser says behind them.
fn is_mistyped_day(digits: &[u8], after: &str) -> bool {
    const SAID: [&str; 3] = [" not a valid date", " an invalid date", " no valid date"];
    let after = after.strip_prefix(" is").unwrap_or(after);
    digits.len() == 8
        && matches!(&digits[..2], b"18" | b"19" | b"20")
        && SAID.iter().any(|said| after.starts_with(said))
}

/// `member 77234419`: does a word for a person stand right before the number?
fn is_beside_person(scan: &Scan<'_>, i: usize, context: Context) -> bool {
    const FIRMS: [&[u8]; 3] = [b"trading partner ", b"business partner ", b"channel partner "];
    let (start, len) = (scan.tok(i).start(), scan.tok(i).len());
    if context.says != Says::Person || !context.adjacent || i == 0 {
        return false;
    }
    let word = scan.tok(i - 1);
    let hashed = scan.before(start) == b'#';
    let beside =
        !scan.bytes[word.end()..start].iter().any(|b| matches!(b, b',' | b'|')) && !is_path(scan, start);
    // `partner=5901228`: as a key, a firm that is dealt with.
    let firm = context.word == "partner"
        && (matches!(scan.before(start), b'=' | b':')
            || FIRMS.iter().any(|head| scan.bytes[..start].ends_with(head)));
    // `com.example.model.Patient#104471`: a row, as Hibernate names it.
    let entity = hashed && scan.before(word.start()) == b'.';
    (len >= 6 || hashed && len >= 3) && beside && !firm && !entity
}

/// Words before the line that a message or call goes to or comes from.
fn is_of_line(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 18] = [
        b"callee",
        b"Callee",
        b"TO",
        b"DEST",
        b"DST",
        b"rcpt",
        b"to",
        b"To",
        b"from",
        b"From",
        b"number",
        b"recipient",
        b"mobile",
        b"dest",
        b"destination",
        b"src",
        b"dst",
        b"addr",
    ];
    WORDS.contains(&word)
}

/// `hylafax FaxSend[30217]: JOB 4410 DEST 19025550164`: does the text speak of faxes, calls or messages?
fn speaks_of_calls(lead: &str) -> bool {
    const CALLS: [&str; 10] =
        ["sip", "sms", "mms", "smpp", "callee", "invite", "dial", "dialplan", "ivr", "voicemail"];
    lead.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        CALLS.iter().any(|call| word.eq_ignore_ascii_case(call)) || word.to_ascii_lowercase().contains("fax")
    })
}

/// `copy from 33712345678 to 33712349999`, `offset from 447123456789`: where something in a file or a queue begins and ends.
pub(in crate::phi) fn is_of_range(text: &str, span: &Range<usize>) -> bool {
    const REACH: usize = 48;
    const GAP_MAX: usize = 12;
    const COUNTED: [&str; 9] =
        ["bytes", "byte", "offset", "offsets", "copy", "range", "lag", "sequence", "seq"];
    const CALLS: [&str; 10] =
        ["call", "calls", "called", "sms", "mms", "message", "text", "fax", "whatsapp", "dialled"];
    let before = &text[text.ceil_char_boundary(span.start.saturating_sub(REACH))..span.start];
    let is_one = |known: &[&str], word: &str| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    let clause = before.rsplit(['\n', ';']).next().unwrap_or_default();
    let mut words = clause.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    if words.clone().any(|word| is_one(&CALLS, word)) {
        return false;
    }
    // `{"range":{"from":"33612345678"`: nobody puts a number of bytes in quotes.
    if !before.ends_with('"') && words.nth(1).is_some_and(|word| is_one(&COUNTED, word)) {
        return true;
    }
    // The other end of it opens alike.
    let digit = |c: char| c.is_ascii_digit();
    let head = &text[span.start..span.start + 5];
    let behind = &text[span.end..text.floor_char_boundary((span.end + REACH).min(text.len()))];
    let joins = |gap: &str| gap.len() <= GAP_MAX && gap.contains("to");
    let next = behind.find(digit).map(|at| behind.split_at(at));
    let last = before.rfind(digit).map(|at| before.split_at(at + 1));
    next.is_some_and(|(gap, number)| joins(gap) && number.starts_with(head))
        || last.is_some_and(|(left, gap)| {
            joins(gap) && left.rsplit(|c| !digit(c)).next().is_some_and(|number| number.starts_with(head))
        })
}

/// Does the word for somebody's stay stand directly before the number (HL7 v2 PV1-19)?
fn is_of_visit(scan: &Scan<'_>, i: usize) -> bool {
    const VISITS: [&[u8]; 6] = [b"visit", b"Visit", b"encounter", b"Encounter", b"CSN", b"csn"];
    i > 0 && {
        let word = scan.tok(i - 1);
        VISITS.contains(&scan.slice(word))
            && matches!(&scan.bytes[word.end()..scan.tok(i).start()], b" " | b" #" | b": " | b"=")
    }
}

/// `must begin with 800360`: how such numbers open says nothing of anybody's.
fn begins(scan: &Scan<'_>, i: usize) -> bool {
    i >= 2
        && scan.slice(scan.tok(i - 1)) == b"with"
        && [b"begin".as_slice(), b"begins", b"start", b"starts", b"starting", b"beginning"]
            .contains(&scan.slice(scan.tok(i - 2)))
}

/// `RECEIVED 120334 FILTERED 881`: counters in a row, in capitals.
fn is_counter(scan: &Scan<'_>, i: usize) -> bool {
    let Some(name) = i.checked_sub(1).map(|before| scan.tok(before)) else { return false };
    let (Some(next), Some(more)) = (scan.get(i + 1), scan.get(i + 2)) else { return false };
    let spaced = |left: Token, right: Token| scan.bytes[left.end()..right.start()] == *b" ";
    let capitals = |token: Token| token.is_word() && token.flags & LOWER == 0 && token.len() >= 4;
    let verb = |token: Token| {
        let word = scan.slice(token);
        const COUNTERS: [&[u8]; 11] = [
            b"RECEIVED",
            b"FILTERED",
            b"SENT",
            b"ERROR",
            b"ERRORED",
            b"QUEUED",
            b"PROCESSED",
            b"REJECTED",
            b"ACCEPTED",
            b"SKIPPED",
            b"TOTAL",
        ];
        COUNTERS.contains(&word)
    };
    scan.tok(i).len() <= 7
        && capitals(name)
        && capitals(next)
        && more.is_number()
        && verb(name)
        && verb(next)
        && spaced(name, scan.tok(i))
        && spaced(scan.tok(i), next)
        && spaced(next, more)
}

/// `sync.go:204`: the line of a source file.
fn is_source_line(scan: &Scan<'_>, start: usize) -> bool {
    const ENDINGS: [&[u8]; 12] = [
        b".go:", b".rs:", b".py:", b".js:", b".ts:", b".tsx:", b".mjs:", b".rb:", b".php:", b".cs:",
        b".java:", b".kt:",
    ];
    scan.before(start) == b':' && ENDINGS.iter().any(|ending| scan.bytes[..start].ends_with(ending))
}

/// `Patient/4471829`: an id in a path, minted by the server.
fn is_path(scan: &Scan<'_>, start: usize) -> bool {
    matches!(scan.before(start), b'/' | b':')
}

/// Not part of a decimal, a path of dashes or a unit.
fn whole_number(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    let (before, after) = (scan.before(span.start), scan.byte(span.end));
    let beyond = if span.start >= 2 { scan.bytes[span.start - 2] } else { 0 };
    let glued_before = before == b'.' && beyond.is_ascii_digit()
        || before == b'_'
        || before == b'-' && beyond.is_ascii_alphanumeric();
    let glued_after = matches!(after, b'.' | b',') && scan.byte(span.end + 1).is_ascii_digit()
        || after == b'%' && scan.byte(span.end + 1) == b' '
        || matches!(after, b'-' | b'_') && scan.byte(span.end + 1).is_ascii_alphanumeric();
    !glued_before && !glued_after
}

/// Could a bare number of these digits be of the class the cue names?
fn fits(class: Class, text: &[u8], context: Context) -> bool {
    let len = text.len();
    let near = context.adjacent;
    match class {
        Class::Phone | Class::Fax => len >= 7 || near && len >= 5 && context.strong,
        Class::Ssn => len >= 6 || near && len == 4,
        Class::Mrn => len >= 6 || near && (len >= 4 || context.strong && len >= 3),
        // The number of a payer has five digits, and is nobody's.
        Class::HealthPlan => len >= 6 || near && (len == 5 && context.word != "payer" || len == 4),
        // `{billing:118, claims:12}` counts.
        Class::Account => len >= 6 || near && (len >= 4 || context.strong && len >= 3),
        Class::License | Class::Vehicle | Class::Device => len >= 5 || near && context.strong && len >= 4,
        Class::OtherId => len >= 6 || near && context.strong && len >= 5,
        Class::Geo => context.strong && ((4..=6).contains(&len) && near || len == 5),
        Class::Date => len == 8 && near,
        Class::Biometric => len >= 6,
        Class::ApiKey => near && len >= 4,
        Class::Name | Class::Email | Class::Url | Class::Ip | Class::Photo | Class::Clinical => false,
    }
}
