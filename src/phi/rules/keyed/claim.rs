//! What a key claims: its value in quotes, behind an equal sign or in words, or what a validator quotes further on. Where the value ends
//! is told by `extent`, what it may be by `judge`.

use std::ops::Range;

use super::extent::{assigned_value, closer_width, first_word, prose_value, quoted};
use super::judge::{self, Form, is_of_machine};
use super::{Gap, counted, glue};
use crate::phi::class::Class;
use crate::phi::cues::Cue;
use crate::phi::names;
use crate::phi::protect;
use crate::phi::rules::homonyms::means_another;
use crate::phi::rules::{KEYED, places};
use crate::phi::scan::{Context, Scan};
use crate::phi::structure::{opens_a_pair, statement, words};

/// Values of a list that one key claims.
const ITEMS_MAX: usize = 16;

/// How validators that speak other languages open a complaint.
const COMPLAINTS: [&str; 2] = ["Cette valeur ", "Ce champ "];

/// A key and the class of what it claims.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    /// Its last token.
    pub(super) key: usize,
    pub(super) cue: Cue,
    pub(super) class: Class,
}

/// Hides the value after a key of an identifier.
pub(super) fn claim(scan: &mut Scan<'_>, claim: Claim, gap: Gap) {
    let Some(at) = claim.opens(scan, &gap) else { return };
    let listed = scan.byte(at) == b'[' && scan.byte(at + 1) != b'R';
    let at = if listed { past_spaces(scan, at + 1) } else { at };
    if quoted_values(scan, claim, at, listed) {
        return;
    }
    if at >= scan.bytes.len() || protect::placeholder_at(scan.bytes, at).is_some() {
        return;
    }
    if gap.assigned {
        assigned(scan, claim, at);
    } else {
        spoken(scan, claim, at);
    }
}

/// Hides a value in quotes, or a list of them. False if there is none.
fn quoted_values(scan: &mut Scan<'_>, claim: Claim, mut at: usize, listed: bool) -> bool {
    let mut items = 0;
    while let Some(value) = quoted(scan.bytes, at) {
        at = value.end + closer_width(scan.bytes, value.end);
        if value.is_empty() {
            scan.done = scan.done.max(at);
        } else if claim.takes(scan, value.clone(), Form::Quoted) {
            claim.hide(scan, value);
        }
        items += 1;
        if !listed || items > ITEMS_MAX || scan.byte(at) != b',' {
            break;
        }
        at = past_spaces(scan, at + 1);
    }
    items > 0
}

/// `key=value`
fn assigned(scan: &mut Scan<'_>, claim: Claim, at: usize) {
    let value = assigned_value(scan, claim.class, at);
    // `family=family`: an argument handed on.
    let handed = scan.bytes[value.clone()] == *scan.slice(scan.tok(claim.key));
    if !value.is_empty() && !handed && claim.takes(scan, value.clone(), Form::Assigned) {
        claim.hide(scan, value);
    }
}

/// `key: value`, or a complaint that quotes the value.
fn spoken(scan: &mut Scan<'_>, claim: Claim, at: usize) {
    let first = first_word(scan, at);
    if first.is_empty() {
        return;
    }
    let complaint = COMPLAINTS.iter().any(|opens| scan.text[at..].starts_with(opens))
        || protect::is_vocabulary(&scan.text[first]);
    let value = prose_value(scan, claim.class, at);
    if !complaint && !value.is_empty() && claim.takes(scan, value.clone(), Form::Prose) {
        claim.hide(scan, value);
    } else {
        received_after(scan, claim, at);
    }
}

impl Claim {
    /// Where its value opens, if it claims what stands there.
    fn opens(self, scan: &Scan<'_>, gap: &Gap) -> Option<usize> {
        let Claim { key, cue, class } = self;
        let weak_ok = matches!(class, Class::Name | Class::Geo | Class::Ip);
        if !cue.strong && !weak_ok
            || means_another(class, cue.word, scan.text, gap.value)
            || statement::mark_len(&scan.text[gap.value..]) > 0
        {
            return None;
        }
        let at = glue::past_nothing(scan.bytes, gap.value);
        // `password= user=admin`: nothing stands between this key and the next.
        let empty = gap.assigned
            && at == gap.value
            && scan.bytes[..at].ends_with(b"= ")
            && !scan.bytes[..at].ends_with(b" = ");
        let nothing = empty && opens_a_pair(&scan.text[at..])
            || counted(scan.text, at, class).is_some()
            || cue.word == "name" && words::is_of_a_thing(scan.text, scan.tok(key).start());
        (!nothing).then_some(at)
    }

    /// May the value be of that class?
    fn takes(self, scan: &Scan<'_>, value: Range<usize>, form: Form) -> bool {
        let Claim { cue, class, .. } = self;
        // `Name = NightlyExport`: anything may have a name.
        let held = scan.text.get(value.clone()).unwrap_or("");
        let thing = cue.word == "name" && names::is_compound_word(held)
            || cue.word == "providername" && is_platform(held)
            || words::is_name_of_a_job(cue.word, held)
            || judge::is_name_of_machine(class, cue.word, held.trim());
        !thing && judge::takes(scan, class, cue.strong, value, form)
    }

    pub(super) fn hide(self, scan: &mut Scan<'_>, value: Range<usize>) {
        let Claim { cue, class, .. } = self;
        let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: true };
        let end = value.end;
        scan.add_cued(&KEYED, class, context, value);
        if class == Class::Geo {
            places::locality(scan, end);
        }
    }
}

fn past_spaces(scan: &Scan<'_>, mut at: usize) -> usize {
    while scan.byte(at) == b' ' {
        at += 1;
    }
    at
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
    PLATFORMS.contains(&first) || value.starts_with("Microsoft-Windows-") && !value.contains(' ')
}

/// `email: Invalid email, received 'x'`: the quoted text after the verb is the value of the key.
fn received_after(scan: &mut Scan<'_>, claim: Claim, at: usize) {
    const REACH: usize = 240;
    let limit = at + REACH;
    let mut j = claim.key + 1;
    while let Some(token) = scan.get(j).filter(|token| token.start() < limit) {
        if scan.bytes[scan.tok(j - 1).end()..token.start()].contains(&b'\n') {
            return;
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
                    || is_of_machine(claim.class, text)
                    || text.starts_with("[REDACTED:")
                    || claim.class == Class::Phone && !digits;
                if !harmless {
                    claim.hide(scan, value);
                    return;
                }
            }
        }
        j += 1;
    }
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
