//! Identifiers of letters and digits: shapes that stand alone, and ids that a cue claims; `prefixed` has those that say it themselves.

mod filed;
mod labelled;
mod made;
mod matches;
mod prefixed;
mod prints;
mod program;
mod stroked;

use std::ops::Range;

use labelled::{is_of_upload, is_on_card};
pub(in crate::phi::rules) use made::is_mac_algorithm;
pub(in crate::phi) use made::is_measure;
use made::{is_format, is_hexadecimal, is_release, is_short_digest, is_table};

use super::{
    CODICE_FISCALE, DNI, HETU, IBAN, KVNR, MBI, NINO, NUMBER_CUED, NUMBER_NAMED, PPSN, PREFIXED, RAMQ, Rule,
    UK_LICENCE, VIN,
};
use crate::phi::class::Class;
use crate::phi::cues::Says;
use crate::phi::protect;
use crate::phi::scan::{Context, LOWER, Scan};
use crate::phi::settings::Region;
use crate::phi::structure::words;
use crate::phi::validate;
pub(in crate::phi) use matches::is_merge_word;
use matches::{is_code_of_place, is_line_of_a_kind};
pub(in crate::phi) use prefixed::prefixed;
pub(in crate::phi) use prints::{biometric, in_pairs, opens_record};
pub(in crate::phi) use program::of_a_program;
pub(in crate::phi) use stroked::stroked;

const CODE_MAX: usize = 34;

/// `tel`, `ext`: more letters make another word of it.
const PHONE_LETTERS_MAX: usize = 4;

/// Token `i` and the tokens joined to it by one separator each, without the separators.
struct Joined {
    text: [u8; CODE_MAX],
    len: usize,
    end: usize,
}

/// Joins `count` tokens separated by single spaces or dashes.
fn joined(scan: &Scan<'_>, i: usize, count: usize) -> Option<Joined> {
    let mut code = Joined { text: [0; CODE_MAX], len: 0, end: 0 };
    for k in 0..count {
        let token = scan.get(i + k)?;
        if k > 0 && (token.start() != code.end + 1 || !matches!(scan.byte(code.end), b' ' | b'-')) {
            return None;
        }
        let part = scan.slice(token);
        if code.len + part.len() > CODE_MAX {
            return None;
        }
        code.text[code.len..code.len + part.len()].copy_from_slice(part);
        code.len += part.len();
        code.end = token.end();
    }
    Some(code)
}

/// Shapes that need no cue.
pub(in crate::phi) fn shaped(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let start = token.start();
    let regions = scan.regions();
    let before = scan.before(start);
    let beyond = if start >= 2 { scan.bytes[start - 2] } else { 0 };
    if before == b'_'
        || matches!(before, b'-' | b'.' | b'/') && beyond.is_ascii_alphanumeric() && token.len() < 11
    {
        return false;
    }
    if token.flags & LOWER == 0 {
        let single: Option<&'static Rule> = match token.len() {
            8 | 9 => {
                let text = scan.slice(token);
                if regions.has(Region::Uk) && (validate::nino(text) || validate::ppsn(text)) {
                    if validate::nino(text) { Some(&NINO) } else { Some(&PPSN) }
                } else if regions.has(Region::Eu) && (validate::dni(text) || validate::nie(text)) {
                    Some(&DNI)
                } else {
                    None
                }
            }
            10 => (regions.has(Region::Eu) && validate::kvnr(scan.slice(token))).then_some(&KVNR),
            11 if regions.has(Region::Us) && validate::mbi(scan.slice(token)) => Some(&MBI),
            11 => (regions.has(Region::Eu) && validate::hetu(scan.slice(token))).then_some(&HETU),
            12 => (regions.has(Region::Ca) && validate::ramq(scan.slice(token))).then_some(&RAMQ),
            16 => {
                let text = scan.slice(token);
                if regions.has(Region::Eu) && validate::codice_fiscale_shape(text) {
                    Some(&CODICE_FISCALE)
                } else if regions.has(Region::Uk) && validate::uk_licence(text) {
                    Some(&UK_LICENCE)
                } else {
                    None
                }
            }
            17 => validate::vin(scan.slice(token)).then_some(&VIN),
            _ => None,
        };
        let single = single.or_else(|| validate::iban(scan.slice(token)).then_some(&IBAN));
        if let Some(rule) = single {
            return found(scan, i, rule, start..token.end());
        }
        if let Some((rule, end)) = several(scan, i) {
            return found(scan, i, rule, start..end);
        }
    } else if matches!(token.len(), 11 | 16 | 9) {
        // Lower-case forms of the most distinctive shapes; hashes and ids are mostly longer or shorter.
        let mut text = [0; CODE_MAX];
        let len = token.len();
        text[..len].copy_from_slice(scan.slice(token));
        text.make_ascii_uppercase();
        let text = &text[..len];
        let rule: Option<&'static Rule> =
            if len == 16 && regions.has(Region::Eu) && validate::codice_fiscale(text) {
                Some(&CODICE_FISCALE)
            } else if len == 9 && regions.has(Region::Uk) && validate::nino(text) {
                Some(&NINO)
            } else {
                None
            };
        if let Some(rule) = rule {
            return found(scan, i, rule, start..token.end());
        }
    }
    false
}

fn found(scan: &mut Scan<'_>, i: usize, rule: &'static Rule, span: Range<usize>) -> bool {
    if !scan.stands_alone(&span) {
        return false;
    }
    let context = scan.context(i, span.end);
    if context.is_safe() && rule.id == "mbi" {
        return false;
    }
    match context
        .class()
        .filter(|class| !matches!(class, Class::Name | Class::Date | Class::Geo | Class::Email))
    {
        Some(class) => scan.add_cued(rule, class, context, span),
        None => scan.add(rule, context, span),
    }
    true
}

/// Grouped forms: `AB 12 34 56 C`, `DE61 4617 ...`, `1EG4-TE5-MK73`, `TREM 9051 1508`.
fn several(scan: &Scan<'_>, i: usize) -> Option<(&'static Rule, usize)> {
    let token = scan.tok(i);
    let regions = scan.regions();
    match token.len() {
        4 => {
            if regions.has(Region::Us)
                && let Some(code) = joined(scan, i, 3).filter(|code| code.len == 11)
                && validate::mbi(&code.text[..11])
            {
                return Some((&MBI, code.end));
            }
            for count in (4..=9).rev() {
                if let Some(code) = joined(scan, i, count)
                    && validate::iban(&code.text[..code.len])
                {
                    return Some((&IBAN, code.end));
                }
            }
            None
        }
        _ => None,
    }
}

/// Shapes that open with letters only, `AB 12 34 56 C`, `TREM 9051 1508`: proposed at the word.
pub(in crate::phi) fn lettered(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if token.flags & LOWER != 0 || !matches!(token.len(), 2 | 4 | 5) {
        return false;
    }
    let Some(next) = scan.get(i + 1).filter(|next| next.has_digit() && next.start() == token.end() + 1)
    else {
        return false;
    };
    let regions = scan.regions();
    let start = token.start();
    match token.len() {
        2 if regions.has(Region::Uk) && matches!(next.len(), 2 | 6 | 7) => {
            for count in [2, 3, 5] {
                if let Some(code) = joined(scan, i, count).filter(|code| code.len == 9)
                    && validate::nino(&code.text[..9])
                {
                    return found(scan, i, &NINO, start..code.end);
                }
            }
            false
        }
        // `MORGA 657054 SM9IJ 35`: with the number of issue behind it or not.
        5 if regions.has(Region::Uk)
            && next.len() == 6
            && !words::is_common(&scan.text[start..token.end()]) =>
        {
            match joined(scan, i, 3).filter(|code| code.len == 16) {
                Some(code) if validate::uk_licence(&code.text[..16]) => {
                    let issue = joined(scan, i, 4)
                        .filter(|more| more.len == 18 && more.text[16..18].iter().all(u8::is_ascii_digit));
                    found(scan, i, &UK_LICENCE, start..issue.map_or(code.end, |issue| issue.end))
                }
                _ => false,
            }
        }
        4 if regions.has(Region::Ca) => match joined(scan, i, 3).filter(|code| code.len == 12) {
            Some(code) if validate::ramq(&code.text[..12]) => found(scan, i, &RAMQ, start..code.end),
            _ => false,
        },
        _ => false,
    }
}

/// Where the run of tokens joined by `_ - .` ends.
fn blob_end(scan: &Scan<'_>, i: usize) -> usize {
    let mut end = scan.tok(i).end();
    let mut j = i + 1;
    while let Some(next) =
        scan.get(j).filter(|next| next.start() == end + 1 && matches!(scan.byte(end), b'_' | b'-' | b'.'))
    {
        // A dot before a capital opens the next sentence.
        if scan.byte(end) == b'.' && scan.byte(next.start()).is_ascii_uppercase() || j > i + 12 {
            break;
        }
        end = next.end();
        j += 1;
    }
    end
}

/// A token with digits and letters of no known shape: only a cue makes it an identifier.
pub(in crate::phi) fn cued(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let span = token.start()..blob_end(scan, i);
    if claimed(scan, i, span.clone()) {
        return true;
    }
    if span.len() >= 14 {
        scan.protect(span);
        return true;
    }
    false
}

/// Does a cue before (or a linking phrase after) claim this blob as an identifier?
fn claimed(scan: &mut Scan<'_>, first: usize, span: Range<usize>) -> bool {
    let text = &scan.bytes[span.clone()];
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let plain = text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    if is_measure(text)
        || digits < 2 && !(digits == 1 && is_in_quotes(scan, &span))
        || span.len() < 4
        || span.len() > 40
        || !plain
        || is_release(text)
        || is_table(text)
        || is_format(text)
        || is_mac_algorithm(text)
    {
        return false;
    }
    if is_of_upload(scan, first, text) {
        scan.protect(span);
        return true;
    }
    let context = scan.context(first, span.end);
    if matches::is_merged(scan, first, &span) {
        scan.add_cued(&NUMBER_NAMED, Class::Mrn, context, span);
        return true;
    }
    if context.word == "id" && is_on_card(scan, &span) {
        scan.add_cued(&NUMBER_CUED, Class::HealthPlan, context, span);
        return true;
    }
    if context.is_safe() || scan.keeps(context) {
        if context.word == "id" && digits >= 5 && !protect::is_minted(&scan.text[span.clone()]) {
            scan.pend(span.clone(), &NUMBER_NAMED);
        }
        scan.protect(span);
        return true;
    }
    let Some(class) = context.class() else {
        if context.says == Says::Person
            && context.adjacent
            && digits >= 5
            && !protect::is_ulid(&scan.bytes[span.clone()])
            && scan.bytes[span.clone()].iter().any(u8::is_ascii_uppercase)
            // `client 0oa9k2lmn4PqRsT5d7`: made by a machine.
            && scan.bytes[span.clone()].iter().filter(|byte| byte.is_ascii_lowercase()).count() <= 2
        {
            scan.add(&NUMBER_NAMED, context, span);
            return true;
        }
        if matches::is_of_match(scan, first, &span) {
            scan.pend(span, &NUMBER_NAMED);
        }
        return false;
    };
    if class == Class::License && super::keyed::is_software_licence(&scan.text[span.clone()]) {
        return false;
    }
    let counted = !context.adjacent
        && scan.bytes[span.clone()].iter().all(u8::is_ascii_digit)
        && scan.unit_after(span.end, first);
    if counted
        || is_minted_as(class, context, &scan.text[span.clone()])
        || !is_enough(scan, class, context, &span)
    {
        return false;
    }
    scan.add_cued(&NUMBER_CUED, class, context, span);
    true
}

fn is_in_quotes(scan: &Scan<'_>, span: &Range<usize>) -> bool {
    let quote = scan.before(span.start);
    matches!(quote, b'"' | b'\'' | b'`') && scan.byte(span.end) == quote
}

/// Does a server make blobs like this one where the cue stands?
fn is_minted_as(class: Class, context: Context, blob: &str) -> bool {
    let text = blob.as_bytes();
    match class {
        Class::ApiKey => protect::is_sid(text),
        // `member 8e9e05c52164694d lagging`, `member consumer-4-8f22b6b0 rebalanced`
        Class::HealthPlan
            if is_hexadecimal(text) || text.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 6 =>
        {
            true
        }
        Class::Phone | Class::Fax if context.adjacent && is_line_of_a_kind(text) => false,
        // `policy 799ea37d5913 applied`, `[_doc][b71f02dd]: routing`
        _ if !context.strong && is_short_digest(text) => true,
        _ => protect::is_minted(blob) || super::keyed::is_short_id(blob),
    }
}

/// Has the blob what a number of its class has, so near to its cue?
fn is_enough(scan: &Scan<'_>, class: Class, context: Context, span: &Range<usize>) -> bool {
    let text = &scan.bytes[span.clone()];
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    match class {
        Class::Name
        | Class::Email
        | Class::Url
        | Class::Photo
        | Class::Clinical
        | Class::Ip
        | Class::Date => false,
        Class::Geo => context.adjacent && context.strong && is_code_of_place(context.word, text),
        // See `biometric`.
        Class::Biometric => false,
        // `call PATCH /v1/care-teams/ct_5501287340`
        Class::Phone | Class::Fax => {
            digits >= 7
                && (!text.contains(&b'_') || context.adjacent && context.strong && is_line_of_a_kind(text))
                && text.iter().filter(|b| b.is_ascii_alphabetic()).count() <= PHONE_LETTERS_MAX
        }
        // `a token for job_1445`: that is what it is for.
        Class::ApiKey => {
            context.adjacent
                && context.strong
                && text.len() >= 6
                && scan.before(span.start) != b'/'
                && !scan.bytes[..span.start].ends_with(b" for ")
        }
        // `renamed ssn_last4 …, P3009`: too short for one that is mistyped.
        Class::Ssn if !context.adjacent => {
            context.strong && digits >= 7 && text.iter().filter(|b| b.is_ascii_lowercase()).count() <= 2
        }
        // Of the newer kind in New Zealand, `ZBN77VL`.
        Class::Mrn if context.adjacent && context.word.starts_with("nhi") => digits >= 2,
        Class::Vehicle if context.adjacent => digits >= 2,
        _ if context.adjacent => digits >= 3 || context.strong && is_in_quotes(scan, span),
        _ => context.strong && digits >= 4 && text.iter().filter(|b| b.is_ascii_lowercase()).count() <= 2,
    }
}
