//! Values that a key claims: `lastName=Doe`, `"mrn": "A-17"`, `firstName: received 'Jane'`, and the whole value of a
//! key that the caller knows. A validator's own words after a key (`firstName: Required`) are no value.

mod extent;
mod glue;
mod judge;
mod tally;

use std::ops::Range;

use super::homonyms::means_another;
use super::{KEYED, RECEIVED, Rule, WHOLE_VALUE, codes, contact, places};
use crate::phi::class::{Class, Finding, Place};
use crate::phi::cues::{self, Cue, Says};
use crate::phi::names;
use crate::phi::protect;
use crate::phi::scan::{Context, Scan};
use crate::phi::structure::{
    opens_a_pair, statement,
    words::{self, is_titled_name},
};
use extent::{assigned_value, closer_width, first_word, prose_value, quoted};
pub(in crate::phi) use glue::unwrapped;
use judge::{Form, is_age, is_local_ip, is_message, is_of_machine, is_slot, takes};
pub(in crate::phi) use judge::{is_name_of_machine, is_well_known_sid};
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
            claim(scan, i, cue, gap);
        }
        None => glued(scan, i),
    }
}

/// A value behind an arrow, in brackets, behind an operator: see `glue`.
fn glued(scan: &mut Scan<'_>, i: usize) {
    let token = scan.tok(i);
    let Some(glue) = glue::after(scan.bytes, token.start()..token.end()) else { return };
    let Some(cue) = scan.cue_ending(i).filter(|cue| cue.strong) else { return };
    let class = match cue.says {
        Says::Phi(class) => class,
        Says::Provider(class) if scan.engine.settings().hide_providers => class,
        _ => return,
    };
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
        let context = Context { says: cue.says, word: cue.word, strong: true, adjacent: true };
        emit(scan, class, context, value);
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

/// Hides the value after a key of an identifier.
fn claim(scan: &mut Scan<'_>, i: usize, cue: Cue, gap: Gap) {
    let class = match cue.says {
        Says::Phi(class) => class,
        Says::Provider(class) if scan.engine.settings().hide_providers => class,
        _ => return,
    };
    let weak_ok = matches!(class, Class::Name | Class::Geo) || class == Class::Ip;
    let placed = || statement::mark_len(&scan.text[gap.value..]) > 0;
    if !cue.strong && !weak_ok || means_another(class, cue.word, scan.text, gap.value) || placed() {
        return;
    }
    let mut at = glue::past_nothing(scan.bytes, gap.value);
    // `password= user=admin`: nothing stands between this key and the next.
    let empty = gap.assigned
        && at == gap.value
        && scan.bytes[..at].ends_with(b"= ")
        && !scan.bytes[..at].ends_with(b" = ");
    if empty && opens_a_pair(&scan.text[at..]) {
        return;
    }
    if counted(scan.text, at, class).is_some()
        || cue.word == "name" && words::is_of_a_thing(scan.text, scan.tok(i).start())
    {
        return;
    }
    let mut items = 0;
    let listed = scan.byte(at) == b'[' && scan.byte(at + 1) != b'R';
    if listed {
        at += 1;
        while scan.byte(at) == b' ' {
            at += 1;
        }
    }
    let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: true };
    let takes = |scan: &Scan<'_>, class: Class, strong: bool, value: Range<usize>, form: Form| {
        // `Name = NightlyExport`: anything may have a name.
        let held = scan.text.get(value.clone()).unwrap_or("");
        let thing = cue.word == "name" && names::is_compound_word(held)
            || cue.word == "providername" && is_platform(held)
            || words::is_name_of_a_job(cue.word, held)
            || judge::is_name_of_machine(class, cue.word, held.trim());
        !thing && takes(scan, class, strong, value, form)
    };
    while let Some(value) = quoted(scan.bytes, at) {
        let after = value.end + closer_width(scan.bytes, value.end);
        if !value.is_empty() && takes(scan, class, cue.strong, value.clone(), Form::Quoted) {
            emit(scan, class, context, value);
        } else if value.is_empty() {
            scan.done = scan.done.max(after);
        }
        items += 1;
        at = after;
        if !listed || items > 16 || scan.byte(at) != b',' {
            return;
        }
        at += 1;
        while scan.byte(at) == b' ' {
            at += 1;
        }
    }
    if items > 0 || at >= scan.bytes.len() || protect::placeholder_at(scan.bytes, at).is_some() {
        return;
    }
    if gap.assigned {
        let value = assigned_value(scan, class, at);
        // `family=family`: an argument handed on.
        let handed = scan.bytes[value.clone()] == *scan.slice(scan.tok(i));
        if !value.is_empty() && !handed && takes(scan, class, cue.strong, value.clone(), Form::Assigned) {
            emit(scan, class, context, value);
        }
        return;
    }
    let first = first_word(scan, at);
    if first.is_empty() {
        return;
    }
    let opens =
        ["Cette valeur ", "Ce champ "].iter().any(|opens| scan.text[first.start..].starts_with(opens));
    if opens || protect::is_vocabulary(&scan.text[first.clone()]) {
        received_after(scan, i, class, context, at);
        return;
    }
    let value = prose_value(scan, class, at);
    if !value.is_empty() && takes(scan, class, cue.strong, value.clone(), Form::Prose) {
        emit(scan, class, context, value);
    } else {
        received_after(scan, i, class, context, at);
    }
}

/// `providerName=docker`: who provides a configuration, a secret or a login, and no clinician.
fn is_platform(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PLATFORMS: [&str; 27] = [
        "docker", "kubernetes", "kubernetescrd", "kubernetesingress", "file", "consul", "consulcatalog", "nomad", "ecs", "swarm",
        "marathon", "rancher", "etcd", "zookeeper", "redis", "http", "internal", "rest", "aws", "azure", "gcp", "vault", "ldap",
        "saml", "oidc", "oauth", "letsencrypt",
    ];
    let first = value.split(['-', '_', '@', '.']).next().unwrap_or("");
    PLATFORMS.contains(&first) || value.starts_with("Microsoft-Windows-")
}

fn emit(scan: &mut Scan<'_>, class: Class, context: Context, value: Range<usize>) {
    let end = value.end;
    scan.add_cued(&KEYED, class, context, value);
    if class == Class::Geo {
        places::locality(scan, end);
    }
}

/// `email: Invalid email, received 'x'`: the quoted text after the verb is the value of the key.
fn received_after(scan: &mut Scan<'_>, i: usize, class: Class, context: Context, at: usize) -> bool {
    let limit = at + 240;
    let mut j = i + 1;
    while let Some(token) = scan.get(j).filter(|token| token.start() < limit) {
        if scan.bytes[scan.tok(j - 1).end()..token.start()].contains(&b'\n') {
            return false;
        }
        if token.start() >= at && is_verb(scan.slice(token)) {
            let mut from = token.end();
            while matches!(scan.byte(from), b' ' | b':') && from < token.end() + 4 {
                from += 1;
            }
            if let Some(value) = quoted(scan.bytes, from).filter(|value| !value.is_empty()) {
                let text = scan.text.get(value.clone()).unwrap_or_default();
                let digits = text.bytes().any(|b| b.is_ascii_digit());
                let harmless = protect::is_vocabulary(text)
                    || is_of_machine(class, text)
                    || text.starts_with("[REDACTED:")
                    || class == Class::Phone && !digits;
                if !harmless {
                    emit(scan, class, context, value);
                    return true;
                }
            }
        }
        j += 1;
    }
    false
}

fn is_verb(word: &[u8]) -> bool {
    const VERBS: [&[u8]; 12] = [
        b"received",
        b"got",
        b"found",
        b"was",
        b"input",
        b"value",
        b"actual",
        b"Received",
        b"Got",
        b"provided",
        b"given",
        b"saw",
    ];
    matches!(word.first(), Some(b'r' | b'R' | b'g' | b'G' | b'f' | b'w' | b'i' | b'v' | b'a' | b'p' | b's'))
        && VERBS.contains(&word)
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
