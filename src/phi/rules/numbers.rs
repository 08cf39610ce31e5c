//! Numbers: grouped digits that mean something by shape and check digit, and bare ones that need a cue.

mod bare;
mod device;
mod groups;
mod phone;
mod plate;
mod register;
mod script;
mod slips;

use std::ops::Range;

use super::{
    AU_MEDICARE, CARD_GROUPED, HETU, HICN, IHI, ITIN_GROUPED, NATIONAL_GROUPED, NHS_GROUPED, NIR,
    NUMBER_CUED, OHIP_GROUPED, PERSONNUMMER, PHONE_GROUPED, PHONE_NANP, PHONE_NATIONAL, Rule, SIN_GROUPED,
    SSN_GROUPED, SSN_MISTYPED,
};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::scan::{DIGIT, LOWER, Scan, WIDE};
use crate::phi::settings::{Region, RegionSet};
use crate::phi::validate;
pub(in crate::phi) use bare::{bare, is_of_range};
use device::udi;
use groups::{Groups, free_end};
use phone::{extended, international, nanp, national_phone};
pub(in crate::phi) use plate::{PLATE_BYTES_MAX, is_plate, may_end_plate, plate};
pub(in crate::phi) use register::{REGISTER_BYTES, is_of_register};
pub(in crate::phi) use script::behind_script;
pub(in crate::phi) use slips::slipped;

/// Groups with separators. True if a finding was made or the run is known to be harmless.
pub(in crate::phi) fn grouped(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let start = token.start();
    let groups = Groups::read(scan, i);
    if udi(scan, i) {
        return true;
    }
    if let Some(taken) = international(scan, i, &groups) {
        return taken;
    }
    if groups.count < 2 {
        return false;
    }
    let before = scan.before(start);
    let beyond = if start >= 2 { scan.bytes[start - 2] } else { 0 };
    if before.is_ascii_alphanumeric() || matches!(before, b'-' | b'.') && beyond.is_ascii_alphanumeric() {
        // `x-219-09-1234`: a prefix of letters does not make another number of it.
        let prefixed = before == b'-' && beyond.is_ascii_alphabetic() && groups.count == 3;
        if prefixed
            && groups.is(&[3, 2, 4])
            && groups.sep(3) == b'-'
            && validate::ssn(groups.text(3))
            && free_end(scan.bytes, groups.ends[2], false)
            && scan.regions().has(Region::Us)
        {
            return decide(scan, i, &SSN_GROUPED, start..groups.ends[2]);
        }
        return false;
    }
    if groups::is_of_a_machine(scan.text, start, &groups) {
        scan.protect(start..groups.ends[groups.count - 1]);
        return true;
    }
    let regions = scan.regions();
    for count in (2..=groups.count).rev() {
        let end = groups.ends[count - 1];
        if !free_end(scan.bytes, end, count < groups.count && groups.seps[count] != b' ') {
            continue;
        }
        let span = start..end;
        if let Some(rule) = by_shape(&groups, count, regions) {
            if groups.sep(count) == b' ' && groups::is_in_list(scan, i, count) && !scan.is_claimed(i, end) {
                scan.protect(span);
                return true;
            }
            return decide(scan, i, rule, extended(scan, span, rule));
        }
    }
    // hetu, HICN: the last group carries a letter.
    if lettered_tail(scan, i, &groups) {
        return true;
    }
    cued_groups(scan, i, &groups)
}

/// Digits that groups of a number have at least, if no word stands beside them.
pub(in crate::phi) const GROUPED_DIGITS_MIN: usize = 9;

/// For the gate, of the groups of digits that follow one another from `start` on: where they end, and whether some of
/// them could be a number with no word beside them. Brackets, a plus sign and letters are looked for elsewhere.
pub(in crate::phi) fn stand_alone(text: &str, start: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let mut at = start + groups::gap_before_number(bytes, start).unwrap_or(0);
    loop {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // `0/0/1/12/13`: no number of anybody has one digit in its second group, unless a bracket closed the first.
        let gap = bytes.get(at + digits..).unwrap_or_default();
        if let [b' ' | b'-' | b'.' | b'/', second, third, ..] = gap
            && !bytes[at..].starts_with(b"00")
            && second.is_ascii_digit()
            && !third.is_ascii_alphanumeric()
        {
            at += digits + 1;
            continue;
        }
        let groups = Groups::read_at(bytes, at);
        let by_shape = |count: usize| {
            let joined = count < groups.count && groups.seps[count] != b' ';
            groups.sums[count - 1] >= GROUPED_DIGITS_MIN
                && free_end(bytes, groups.ends[count - 1], joined)
                && by_shape(&groups, count, RegionSet::ALL).is_some()
        };
        if groups.count > 1 && groups::is_of_a_machine(text, at, &groups) {
            // Seconds with their fraction; another time a number may stand behind them.
            at = groups.ends[usize::from(groups.seps[1] == b'.')];
        } else if phone::is_behind_one(&groups)
            || phone::zeroed(bytes, &groups).is_some()
            || (2..=groups.count).any(by_shape)
        {
            return (at, true);
        } else {
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count().max(1);
        }
        match groups::gap_before_number(bytes, at) {
            Some(gap) => at += gap,
            None => return (at, false),
        }
    }
}

/// The rule whose shape the first `count` groups have.
fn by_shape(groups: &Groups, count: usize, regions: RegionSet) -> Option<&'static Rule> {
    let lens = &groups.lens[..count];
    let text = groups.text(count);
    let sep = groups.sep(count);
    let paren = groups.seps[1] == b')';
    let spaced = matches!(sep, b' ' | b'-');
    let us = regions.has(Region::Us);
    match lens {
        [3, 2, 4] if us && matches!(sep, b'-' | b'.' | b' ') => {
            if validate::ssn(text) {
                Some(&SSN_GROUPED)
            } else if validate::itin(text) {
                Some(&ITIN_GROUPED)
            } else {
                // A mistyped one is still somebody's, unless the separator is as common as a space.
                (sep == b'-' && text != b"000000000").then_some(&SSN_MISTYPED)
            }
        }
        [3, 3, 4] | [1, 3, 3, 4] => {
            let national = if count == 4 { &text[1..] } else { text };
            let country = count == 3 || text[0] == b'1';
            let uniform = matches!(sep, b'-' | b'.' | b' ') || paren || groups.seps[2] == b')';
            if !country || !uniform {
                return None;
            }
            if count == 3 && text[0] == b'0' && national_phone(groups, count) {
                return Some(&PHONE_NATIONAL);
            }
            if nanp(national) {
                return Some(&PHONE_NANP);
            }
            if count == 3 && spaced && validate::nhs(text) {
                return Some(&NHS_GROUPED);
            }
            (sep == b'-' || paren).then_some(&PHONE_GROUPED)
        }
        // `001-507-555-0143`
        [3, 3, 3, 4] if text.starts_with(b"001") && matches!(sep, b'-' | b'.' | b' ') && nanp(&text[3..]) => {
            Some(&PHONE_NANP)
        }
        // `(351) 913922144`
        [3, 7] | [3, 4, 3] | [3, 9] | [3, 3, 3, 3] | [2, 9] | [2, 10] if paren => Some(&PHONE_GROUPED),
        [4, 3, 3] if spaced && regions.has(Region::Ca) && validate::ohip(text) => Some(&OHIP_GROUPED),
        [4, 5, 1] | [4, 5, 1, 1] | [4, 5, 2]
            if spaced && regions.has(Region::Au) && validate::au_medicare(text) =>
        {
            Some(&AU_MEDICARE)
        }
        [4, 4, 4, 4] if spaced && validate::ihi(text) => Some(&IHI),
        [4, 4, 4, 4] | [4, 6, 5] | [4, 4, 4, 4, 3] | [4, 4, 4, 1] if spaced && validate::card(text) => {
            Some(&CARD_GROUPED)
        }
        [3, 3, 3] if spaced && regions.has(Region::Ca) && validate::sin(text) => Some(&SIN_GROUPED),
        [3, 3, 3] if sep == b' ' && regions.has(Region::Eu) && text[0] == b'6' => Some(&PHONE_NATIONAL),
        // Spain
        [3, 2, 2, 2] if sep == b' ' && regions.has(Region::Eu) && matches!(text[0], b'6' | b'7' | b'9') => {
            Some(&PHONE_NATIONAL)
        }
        // `12.824.215-5`: the RUT of Chile, with its check digit.
        [1 | 2, 3, 3, 1] if groups.seps[1..4] == [b'.', b'.', b'-'] && validate::rut(text) => {
            Some(&NATIONAL_GROUPED)
        }
        // The national numbers of Belgium and Switzerland: no other number is parted like that.
        [2, 2, 2, 3, 2] if regions.has(Region::Eu) && groups.seps[1..5] == [b'.', b'.', b'-', b'.'] => {
            Some(&NATIONAL_GROUPED)
        }
        [3, 4, 4, 2] if regions.has(Region::Eu) && sep == b'.' && text.starts_with(b"756") => {
            Some(&NATIONAL_GROUPED)
        }
        [6, 4] | [8, 4] if sep == b'-' && regions.has(Region::Eu) && validate::personnummer(text) => {
            Some(&PERSONNUMMER)
        }
        [1, 2, 2, 2, 3, 3, 2] | [1, 2, 2, 2, 3, 3]
            if sep == b' ' && regions.has(Region::Eu) && matches!(text[0], b'1' | b'2') =>
        {
            Some(&NIR)
        }
        _ if national_phone(groups, count) => Some(&PHONE_NATIONAL),
        _ => None,
    }
}

/// Weighs a shape against the words around it.
fn decide(scan: &mut Scan<'_>, i: usize, rule: &'static Rule, span: Range<usize>) -> bool {
    let context = scan.context(i, span.end);
    if scan.keeps(context) {
        scan.protect(span);
        return true;
    }
    if scan.is_example(span.start) {
        scan.protect(span);
        return true;
    }
    if context.is_safe() {
        // An operational key clears what is only phone-shaped (an NDC, a version), not what has a shape of its own.
        let own = matches!(rule.id, "ssn.grouped" | "itin.grouped" | "phone.e164" | "card.grouped" | "nir")
            || rule.id == "phone.nanp" && context.word == "key"
            // `page 617-555-0164 for the consult`: neither a count nor a name is written like that.
            || rule.id == "phone.nanp"
                && scan.bytes[span.clone()].contains(&b'-')
                && matches!(context.word, "page" | "queue" | "queuename" | "topic")
            // Nothing operational is written as `(694) 555-0191` or `0491 570 156`.
            || rule.class == Class::Phone && scan.bytes[span.clone()].contains(&b')')
            || rule.id == "phone.national"
                && scan.bytes[span.clone()].contains(&b' ')
                && (context.word == "retry" || !scan.lead(span.start, 32).trim_end_matches([' ', '=', ':']).ends_with(context.word));
        if !own {
            scan.protect(span);
            return true;
        }
    }
    // `HTTP/2" 503 UF - 812 91 3005 - req_k8f3`: columns of an access log.
    let columns = rule.id == "ssn.grouped"
        && context.class().is_none()
        && scan.bytes[span.clone()].contains(&b' ')
        && scan.bytes[..span.start].ends_with(b" - ")
        && scan.bytes[span.end..].starts_with(b" - ")
        && groups::is_behind_request(&scan.bytes[..span.start]);
    if columns {
        scan.protect(span);
        return true;
    }
    if rule.class == Class::Phone && context.class().is_none() && phone::is_of_a_desk(scan, i) {
        scan.protect(span);
        return true;
    }
    match context.class() {
        Some(class) if numeric(class) => scan.add_cued(rule, class, context, span),
        _ => scan.add(rule, context, span),
    }
    true
}

/// May a cue of this class rename what a shape found?
fn numeric(class: Class) -> bool {
    matches!(
        class,
        Class::Phone
            | Class::Fax
            | Class::Ssn
            | Class::Mrn
            | Class::HealthPlan
            | Class::Account
            | Class::License
            | Class::OtherId
            | Class::Device
            | Class::Vehicle
    )
}

/// `220281-686U`, `123-45-6789A`: the last group is a token with letters.
fn lettered_tail(scan: &mut Scan<'_>, i: usize, groups: &Groups) -> bool {
    let regions = scan.regions();
    let next = i + groups.count.min(2);
    for (count, j) in [(1, i + 1), (2, next)] {
        let Some(tail) = scan.get(j).filter(|t| !t.is_number() && t.has_digit()) else { continue };
        let end = groups.ends[count - 1];
        if count > groups.count
            || tail.start() != end + 1
            || !scan.stands_alone(&(scan.tok(i).start()..tail.end()))
        {
            continue;
        }
        let mut full = [0u8; 16];
        let body = scan.slice(tail);
        let head = groups.text(count);
        let sep = scan.byte(end);
        let span = scan.tok(i).start()..tail.end();
        if count == 1 && head.len() == 6 && body.len() == 4 && regions.has(Region::Eu) {
            full[..6].copy_from_slice(head);
            full[6] = sep;
            full[7..11].copy_from_slice(body);
            full.make_ascii_uppercase();
            let valid = validate::hetu(&full[..11]);
            if valid || validate::is_hetu_shape(&full[..11]) {
                let context = scan.context(i, span.end);
                // `potilas 110459-876T`: mistyped, it is that patient's all the same.
                if valid || context.says == Says::Person {
                    scan.add(&HETU, context, span);
                    return true;
                }
            }
        }
        if count == 2 && groups.is(&[3, 2]) && sep == b'-' && matches!(body.len(), 5 | 6) {
            full[..5].copy_from_slice(head);
            full[5..5 + body.len()].copy_from_slice(body);
            full.make_ascii_uppercase();
            if regions.has(Region::Us)
                && body[..4].iter().all(u8::is_ascii_digit)
                && validate::hicn(&full[..5 + body.len()])
            {
                let context = scan.context(i, span.end);
                scan.add(&HICN, context, span);
                return true;
            }
        }
    }
    false
}

/// `balance $1,204.50`: behind the sign of a currency, parted as money is.
fn is_amount(scan: &Scan<'_>, start: usize, seps: &[u8]) -> bool {
    // The thousands may be groups of their own.
    let mut from = start;
    while from > start.saturating_sub(8) && matches!(scan.bytes[from - 1], b'0'..=b'9' | b',') {
        from -= 1;
    }
    let before = &scan.bytes[..from];
    let currency = [&b"$"[..], "€".as_bytes(), "£".as_bytes(), "₦".as_bytes()];
    currency.iter().any(|sign| before.ends_with(sign)) && seps.iter().all(|sep| matches!(sep, b'.' | b','))
}

/// Where a capital behind the last of groups with points between ends, if nothing follows it.
fn check_letter(bytes: &[u8], groups: &Groups) -> Option<usize> {
    let end = groups.ends[groups.count - 1];
    let [b'-', letter, rest @ ..] = bytes.get(end..)? else { return None };
    let ends = rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_'));
    (groups.count == 3 && groups.sep(3) == b'.' && letter.is_ascii_uppercase() && ends).then_some(end + 2)
}

/// `DrugBank 5.1.13`, `app 26.0.5`: three short groups with points between. Right behind a cue they may be a number.
fn is_version(groups: &Groups, count: usize) -> bool {
    count == 3 && groups.sep(3) == b'.' && groups.sums[2] <= 5
}

/// Groups of no known shape that a cue claims: `MRN 00-48-29`, `phone 555-0143`.
fn cued_groups(scan: &mut Scan<'_>, i: usize, groups: &Groups) -> bool {
    let start = scan.tok(i).start();
    let mut count = groups.count;
    // `DNI 14.011.785-R`: a letter that checks the digits.
    let letter = check_letter(scan.bytes, groups);
    // A space joins only what the cue's class writes with spaces.
    while letter.is_none() && count > 1 && !free_end(scan.bytes, groups.ends[count - 1], false) {
        count -= 1;
    }
    let context = scan.context(i, groups.ends[count - 1]);
    if scan.keeps(context) {
        scan.protect(start..groups.ends[count - 1]);
        return true;
    }
    // `emergency contact: … (spouse) 22 613 04 45`
    let line = matches!(context.says, Says::Person | Says::Phi(Class::Name))
        && context.adjacent
        && (count >= 3 || count == 2 && (groups.digits[0] == b'0' || groups.is(&[4, 4])))
        && groups::is_line(groups, count);
    let named = context.class().filter(|class| numeric(*class));
    let Some(class) = named.or(line.then_some(Class::Phone)) else { return false };
    // `coverage 88.20%`
    let share = count == 2
        && groups.seps[1] == b'.'
        && matches!(scan.bytes[groups.ends[1]..], [b'%', ..] | [b' ', b'%', ..]);
    if share
        || is_amount(scan, start, &groups.seps[1..count])
        || is_version(groups, count) && (!context.adjacent || context.word.ends_with("bank"))
    {
        return false;
    }
    // `Card ending is not accepted: 4532 1145 3918 4704`
    let printed = context.word == "card" && groups.lens[..count] == [4; 4];
    if !context.adjacent
        && !printed
        && (!context.strong || count == 2 && matches!(groups.seps[1], b'.' | b'/'))
    {
        return false;
    }
    // `Luhn check failed for 4539 2271 8680 3294`: a card with a wrong digit.
    let card = class == Class::Account && groups.lens[..count] == [4; 4]
        // `TFN check failed: 309 682 146`: so are other numbers.
        || matches!(&groups.lens[..count], [3, 3, 3 | 4] | [4, 3, 3] | [4, 4, 4 | 3] | [3, 2, 4]);
    let joined = groups.seps[1..count]
        .iter()
        .take_while(|sep| **sep != b' ' && **sep != b'(' || context.adjacent || card)
        .count()
        + 1;
    let count = joined.min(count);
    let digits = groups.sums[count - 1];
    if digits < 4 || count == 1 {
        return false;
    }
    let end = letter.filter(|_| count == groups.count).unwrap_or(groups.ends[count - 1]);
    let span = opening_letters(scan, i)..end;
    if scan.unit_after(span.end, i) && !context.adjacent {
        return false;
    }
    scan.add_cued(&NUMBER_CUED, class, context, span);
    true
}

/// Where an identifier begins that opens with letters apart: `KWD 9981 20 117`, `NX 884412`.
fn opening_letters(scan: &Scan<'_>, i: usize) -> usize {
    let start = scan.tok(i).start();
    let Some(letters) = i.checked_sub(1).map(|before| scan.tok(before)) else { return start };
    let opens = letters.flags & (LOWER | DIGIT | WIDE) == 0
        && letters.len() <= 4
        && scan.bytes[letters.end()..start] == *b" "
        && scan.cue_ending(i - 1).is_none();
    if opens { letters.start() } else { start }
}

/// `08091347720`, `2348031112233`, `447700900123`: a mobile telephone as it is dialled at home, or with the code of its country
/// and no plus sign, as gateways of messages write it. `07700900123` is written in as many digits, but so is much else.
pub(in crate::phi) fn is_mobile(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
        && match text.len() {
            11 => {
                is_mobile_of_nigeria(text)
                    || [&b"336"[..], b"337", b"346", b"316", b"614"].iter().any(|code| text.starts_with(code))
            }
            12 => text.starts_with(b"447") || is_mobile_of_germany(text),
            13 => text.starts_with(b"234") && matches!(text[3], b'7'..=b'9') || is_mobile_of_germany(text),
            _ => false,
        }
}

/// `19025550164`: a line in North America behind its code.
fn is_dialled(text: &[u8]) -> bool {
    text.len() == 11 && text[0] == b'1' && nanp(&text[1..])
}

fn is_mobile_of_nigeria(text: &[u8]) -> bool {
    text.len() == 11 && matches!(&text[..3], b"070" | b"080" | b"081" | b"090" | b"091")
}

fn is_mobile_of_germany(text: &[u8]) -> bool {
    text.starts_with(b"491") && matches!(text[3], b'5'..=b'7')
}

/// For the gate: could so many digits be somebody's with no word beside them, or one for a device?
pub(in crate::phi) fn stands_bare(text: &[u8]) -> bool {
    match text.len() {
        11..=13 => is_mobile(text) || is_dialled(text),
        15 => validate::nir(text) || validate::luhn(text),
        16 => validate::ihi(text) || validate::card_strict(text),
        20 => validate::ehic(text),
        _ => false,
    }
}
