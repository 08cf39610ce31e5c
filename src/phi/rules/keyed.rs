//! Values that a key claims: `lastName=Doe`, `"mrn": "A-17"`, `firstName: received 'Jane'`, and the whole value of a
//! key that the caller knows. A validator's own words after a key (`firstName: Required`) are no value.

mod claim;
mod extent;
mod glue;
mod judge;
mod tally;

use std::ops::Range;

use super::{RECEIVED, Rule, WHOLE_VALUE, codes, contact, places};
use crate::phi::class::{Class, Finding, Place};
use crate::phi::cues::{self, Cue, Says};
use crate::phi::protect;
use crate::phi::scan::{Context, Scan};
use crate::phi::structure::words::is_titled_name;
use claim::Claim;
use extent::quoted;
pub(in crate::phi) use glue::unwrapped;
use judge::{is_age, is_local_ip, is_message, is_of_machine, is_slot};
pub(in crate::phi) use judge::{is_name_of_machine, is_time_zone, is_well_known_sid};
pub(super) use judge::{is_short_id, is_software_licence};
pub(in crate::phi) use tally::counted;

/// A token without digits: may it be a key, or open an identifier of letters first?
pub(in crate::phi) fn word(scan: &mut Scan<'_>, i: usize) {
    let token = scan.tok(i);
    match scan.byte(token.end()) {
        b' ' | b'-' => {
            if codes::lettered(scan, i) || places::lived(scan, i) {
                return;
            }
            if token.len() == 2 && contact::spelled(scan, i) {
                return;
            }
            if scan.place == Place::Error && (token.len() == 8 || token.len() == 3) && received_prose(scan, i)
            {
                return;
            }
            if !matches!(scan.byte(token.end() + 1), b'=' | b':')
                && !glue::may_follow(scan.bytes, token.end())
            {
                return;
            }
        }
        b':' | b'=' | b'"' | b'\'' | b']' | b'`' | b'\\' | b'%' => {}
        b')' if token.len() == 2 && contact::spelled(scan, i) => return,
        _ if glue::may_follow(scan.bytes, token.end()) => {}
        _ => return,
    }
    if !cues::may_end_cue(scan.slice(token), true) {
        return;
    }
    match key_end(scan.bytes, token.end()) {
        Some(gap) => {
            let Some(cue) = scan.cue_ending(i) else { return };
            if let Some(class) = claimed_class(scan, cue) {
                claim::claim(scan, Claim { key: i, cue, class }, gap);
            }
        }
        None => glued(scan, i),
    }
}

/// A value behind an arrow, in brackets, behind an operator: see `glue`.
fn glued(scan: &mut Scan<'_>, i: usize) {
    let token = scan.tok(i);
    let Some(glue) = glue::after(scan.bytes, token.start()..token.end()) else { return };
    let Some(cue) = scan.cue_ending(i).filter(|cue| cue.strong) else { return };
    let Some(class) = claimed_class(scan, cue) else { return };
    let fits = |value: &Range<usize>| {
        let text = &scan.text[value.clone()];
        // `"firstName", "public"."patient"`: columns of a statement.
        let qualifies = scan.text[value.end..].starts_with("\".\"");
        !qualifies
            && !judge::is_share(text)
            && !is_of_machine(class, text)
            && !judge::is_name_of_machine(class, cue.word, text)
    };
    if let Some(value) = glue.value(scan, class).filter(fits) {
        Claim { key: i, cue, class }.hide(scan, value);
    }
}

/// The class of what a cue claims, unless it is a provider's and those may be seen.
fn claimed_class(scan: &Scan<'_>, cue: Cue) -> Option<Class> {
    match cue.says {
        Says::Phi(class) => Some(class),
        Says::Provider(class) if scan.engine.settings().hide_providers => Some(class),
        _ => None,
    }
}

/// A separator found after a key.
struct Gap {
    /// First byte of the value.
    value: usize,
    assigned: bool,
}

/// Reads closing quotes and brackets, the separator and spaces after a key that ends at `end`.
fn key_end(bytes: &[u8], end: usize) -> Option<Gap> {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let mut i = end;
    while i < end + 4 && matches!(at(i), b'"' | b'\'' | b'\\' | b']' | b'`') {
        i += 1;
    }
    while i < end + 6 && at(i) == b' ' {
        i += 1;
    }
    let assigned = match at(i) {
        b'=' => true,
        b':' => false,
        b'%' if bytes.get(i..i + 3).is_some_and(|t| t.eq_ignore_ascii_case(b"%3d")) => {
            return Some(Gap { value: i + 3, assigned: true });
        }
        _ => return None,
    };
    i += 1;
    if !assigned && matches!(at(i), b':' | b'/') && at(i + 1) != b' ' && !(at(i) == b':' && at(i + 1) == b'"')
    {
        return None;
    }
    while matches!(at(i), b'=' | b'>' | b'~') {
        i += 1;
    }
    let mut spaces = 0;
    while at(i) == b' ' && spaces < 3 {
        i += 1;
        spaces += 1;
    }
    Some(Gap { value: i, assigned })
}

/// `received 'HIV stage 3'` in an error: what a client sent, in free text.
fn received_prose(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !matches!(scan.slice(token), b"received" | b"got" | b"Received") {
        return false;
    }
    let Some(value) = quoted(scan.bytes, token.end() + 1) else { return false };
    let Some(text) = scan.text.get(value.clone()) else { return false };
    let words = text.split(' ').filter(|word| word.len() > 1).count();
    let machine = text.contains(['/', '<', '{', '=', '[']) || text.split(' ').all(protect::is_vocabulary);
    if words >= 2 && !machine {
        let rule: &'static Rule = &RECEIVED;
        scan.add(rule, Context::NONE, value);
        return true;
    }
    false
}

/// The caller knows the key: the whole value is the finding, unless it is harmless by itself. True if decided.
pub(in crate::phi) fn whole_value(text: &str, class: Class, out: &mut Vec<Finding>) -> bool {
    let value = text.trim();
    if value.is_empty() {
        return true;
    }
    let titled = class == Class::Name && is_titled_name(value);
    if class != Class::ApiKey && protect::is_vocabulary(value) && !titled
        || !matches!(class, Class::ApiKey | Class::Biometric) && protect::is_minted(value)
        || is_slot(value)
        || is_of_machine(class, value)
    {
        return true;
    }
    if is_message(value) && (value.contains(' ') || class == Class::ApiKey) {
        // A validator's sentence under a field's name: judged as prose.
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let harmless = match class {
        Class::Date => is_age(value) || value.len() == 4 && digits == 4,
        Class::Ip => is_local_ip(value),
        // `SessionsController#create` under `caller_id`
        Class::Phone | Class::Fax => {
            digits == 0
                && (value.len() <= 12 && value.bytes().all(|b| b.is_ascii_lowercase())
                    || value.split_once('#').is_some_and(|(class, _)| {
                        ["Controller", "Job", "Worker", "Mailer"].iter().any(|end| class.ends_with(end))
                    }))
        }
        Class::ApiKey => {
            value.bytes().all(|b| b == b'*')
                // `token=41`: a number in a queue.
                || digits == value.len() && digits <= 3
                || matches!(value, "clk_live_*" | "clk_live_***" | "clk_test_*" | "clk_test_***")
        }
        Class::Clinical => true,
        _ => false,
    };
    if harmless {
        return true;
    }
    let lead = text.len() - text.trim_start().len();
    let mut from = lead;
    let end = lead + value.len();
    // Placeholders inside stay; what stands around them is still the value.
    let mut at = from;
    let mut push = |span: Range<usize>| {
        let said = text[span.clone()].bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80);
        if said {
            out.push(Finding {
                class,
                rule: WHOLE_VALUE.id,
                layer: WHOLE_VALUE.layer,
                confidence: WHOLE_VALUE.confidence,
                cue: None,
                span,
            });
        }
    };
    while protect::holds_placeholder(&text[at..end])
        && let Some(open) = text[at..end].find("[REDACTED:")
    {
        let open = at + open;
        match protect::placeholder_at(text.as_bytes(), open) {
            Some(close) => {
                push(from..open);
                from = close;
                at = close;
            }
            None => at = open + 1,
        }
    }
    push(from..end);
    true
}
