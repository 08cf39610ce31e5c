//! What a name says of the pair beside it: `ptid="RAD-0091772" ptname="…"`, and `..."Imelda","lastName":"…"` in a window that a
//! parser cut out of a document.
//!
//! Owns which ids are numbers of a hospital. Alone, or as a database counts, they stay: the contract asks for them everywhere.

use std::ops::Range;

use super::{extent::key_follows, key::Key, quoted_value, value_start};
use crate::phi::class::Class;
use crate::phi::cues;
use crate::phi::names;
use crate::phi::structure::{Edit, aamva, class_of, json::is_visit_key, ncpdp, phi, words};

/// How far from the id its person is looked for.
const REACH: usize = 160;
const VALUE_BYTES_MAX: usize = 24;
/// No print is packed shorter.
const PRINT_BYTES_MIN: usize = 16;

/// The value of `key` that another key, a standard or an event beside it claims.
pub(super) fn beside(text: &str, key: &Key, separator: usize) -> Option<Edit> {
    let field = |(class, value)| Edit::plain(value, class, "pair.of-standard");
    ncpdp::value(text, key.span.clone(), separator)
        .or_else(|| aamva::value(text, key.span.clone(), separator))
        .map(field)
        .or_else(|| {
            number(text, key, separator).map(|value| Edit::likely(value, Class::Mrn, "number.of-named"))
        })
        .or_else(|| {
            visit(text, key, separator).map(|value| Edit::likely(value, Class::Date, "visit.of-named"))
        })
        .or_else(|| {
            failed(text, key, separator)
                .or_else(|| typed(text, key, separator))
                .or_else(|| taken(text, key, separator))
                .map(|(class, value)| Edit::likely(value, class, "pair.of-check"))
        })
}

/// The value of a pair whose key is the id of a patient, if it is such a number and a name stands near.
fn number(text: &str, key: &Key, separator: usize) -> Option<Range<usize>> {
    if !is_id_of_patient(&text[key.span.clone()]) {
        return None;
    }
    let value = code(text, separator);
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let ceiling = text.floor_char_boundary((value.end + REACH).min(text.len()));
    (is_written_by_a_hospital(&text[value.clone()])
        && (names_somebody(&text[floor..key.span.start]) || names_somebody(&text[value.end..ceiling])))
    .then_some(value)
}

/// `ssn_format_check_failed raw=219 44 091O`: the value of `key`, and the class of the number that a check before it speaks of.
fn failed(text: &str, key: &Key, separator: usize) -> Option<(Class, Range<usize>)> {
    const FAILS: [&str; 7] = ["fail", "invalid", "mismatch", "reject", "malformed", "not_found", "bad_"];
    if text.as_bytes()[separator] != b'=' || !words::is_value_key(&text[key.span.clone()]) {
        return None;
    }
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let line = text[floor..key.span.start].rsplit('\n').next().unwrap_or_default();
    // The name of an event, of which a field is a part.
    let events = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let mut events =
        events.filter(|event| event.contains('_') && FAILS.iter().any(|fail| event.contains(fail)));
    let class =
        events.find_map(|event| event.match_indices('_').find_map(|(at, _)| phi(class_of(&event[..at]))))?;
    let start = value_start(text.as_bytes(), separator);
    let value = quoted_value(text, start).unwrap_or_else(|| {
        let rest = &text[start..text.floor_char_boundary((start + VALUE_BYTES_MAX).min(text.len()))];
        let rest = &rest[..rest.find(['\n', ',', ';', '"', ')', ']', '}']).unwrap_or(rest.len())];
        let mut blanks = rest.match_indices(' ').map(|(at, _)| at);
        start..start + blanks.find(|at| key_follows(&rest[at + 1..])).unwrap_or(rest.len())
    });
    let digits = text[value.clone()].bytes().filter(u8::is_ascii_digit).count();
    (digits >= 4).then_some((class, value))
}

/// `type=DRIVING_LICENSE state=CA number=F4471829`: a number, and the class that the kind before it says.
fn typed(text: &str, key: &Key, separator: usize) -> Option<(Class, Range<usize>)> {
    const KEYS: [&str; 7] = ["number", "no", "num", "nr", "value", "numero", "nummer"];
    if text.as_bytes()[separator] != b'=' || !KEYS.contains(&&text[key.span.clone()]) {
        return None;
    }
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let line = text[floor..key.span.start].rsplit('\n').next().unwrap_or_default();
    let mut pairs = line.rsplit([' ', ',', ';']).filter_map(|pair| pair.split_once('='));
    let kind = pairs.find(|(key, _)| is_kind(key)).map(|(_, kind)| kind.trim_matches(['"', '\'']))?;
    let class = phi(class_of(kind)).filter(|class| {
        matches!(
            class,
            Class::Ssn | Class::License | Class::HealthPlan | Class::Mrn | Class::OtherId | Class::Account
        )
    })?;
    let value = code(text, separator);
    let digits = text[value.clone()].bytes().filter(u8::is_ascii_digit).count();
    (digits >= 4).then_some((class, value))
}

/// What stands behind a separator: the inside of quotes, or letters, digits and hyphens in a row.
fn code(text: &str, separator: usize) -> Range<usize> {
    let start = value_start(text.as_bytes(), separator);
    quoted_value(text, start).unwrap_or_else(|| {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        start..start + text.bytes().skip(start).take(VALUE_BYTES_MAX).take_while(part).count()
    })
}

/// `type`, `idKind`, `document_type`
fn is_kind(key: &str) -> bool {
    let tail = |len: usize| key.len().checked_sub(len).and_then(|at| key.get(at..)).unwrap_or_default();
    tail(4).eq_ignore_ascii_case("type") || tail(4).eq_ignore_ascii_case("kind")
}

/// `voiceprint_id=… template=…`: what a print is compared with.
fn taken(text: &str, key: &Key, separator: usize) -> Option<(Class, Range<usize>)> {
    if !matches!(&text[key.span.clone()], "template" | "embedding" | "descriptor" | "minutiae") {
        return None;
    }
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let near = &text[floor..key.span.start];
    let of_print = |key: &str| phi(class_of(key)) == Some(Class::Biometric);
    let mut keys = near.split('=').filter_map(|head| head.rsplit([' ', ',']).next());
    // `faceprint enroll: template=…`
    let mut words = near.split(' ').filter(|word| word.len() > "print".len() && word.ends_with("print"));
    // Asked first: the value is read only where it goes, so that many such keys in a row stay linear.
    if !(keys.any(of_print) || words.any(of_print)) {
        return None;
    }
    let start = value_start(text.as_bytes(), separator);
    let packed =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b':');
    let len = text.as_bytes()[start..].iter().take_while(|byte| packed(byte)).count();
    (len >= PRINT_BYTES_MIN).then_some((Class::Biometric, start..start + len))
}

/// `AppointmentRequest(patientName=Thandiwe Nkosi, start=2026-05-06T10:15, …)`: when somebody's visit is, behind whose it is.
fn visit(text: &str, key: &Key, separator: usize) -> Option<Range<usize>> {
    if !is_visit_key(&text[key.span.clone()]) {
        return None;
    }
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let near = &text[floor..key.span.start];
    let open = near.rfind(['(', '{', '[']).map_or(0, |at| at + 1);
    let (above, record) = near.split_at(open);
    let start = value_start(text.as_bytes(), separator);
    let value = quoted_value(text, start).unwrap_or_else(|| {
        let stamp =
            |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T' | b'.' | b'/' | b'Z');
        start..start + text[start..].bytes().take(VALUE_BYTES_MAX).take_while(stamp).count()
    });
    let day = value.len() <= VALUE_BYTES_MAX + 8
        && text[value.clone()].bytes().filter(u8::is_ascii_digit).count() >= 8
        && text[value.clone()].starts_with(|c: char| c.is_ascii_digit());
    // A name alone may be that of the job.
    let of_somebody = |record: &str, above: &str| {
        record.split(['=', ':']).any(|head| {
            let key = head.trim_end_matches(['"', '\'', ' ']);
            let key = key.rsplit([' ', '"', '\'', ',', '(']).next().unwrap_or_default();
            match key {
                "name" => opens_a_person(above),
                key => {
                    key.len() > "name".len()
                        && (words::may_name_patient(key) || phi(class_of(key)) == Some(Class::Name))
                }
            }
        })
    };
    // `appointment start=2026-11-18T09:30 patient="Emeka Okafor"`: before whose it is, if it is said to be a visit.
    let ceiling = text.floor_char_boundary((value.end + REACH).min(text.len()));
    let behind = || text[value.end..ceiling].split(['\n', ')', '}', ']']).next().unwrap_or_default();
    (day && (of_somebody(record, above) || speaks_of_a_visit(near) && of_somebody(behind(), "")))
        .then_some(value)
}

/// `appointment conflict: `, `slot booked `: does a word for a visit stand in the line that leads up to a key?
fn speaks_of_a_visit(near: &str) -> bool {
    const VISITS: [&str; 8] =
        ["appointment", "appt", "visit", "slot", "booking", "consult", "consultation", "encounter"];
    let line = near.rsplit('\n').next().unwrap_or_default();
    line.split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| VISITS.iter().any(|visit| word.eq_ignore_ascii_case(visit)))
}

/// `{'invitee': {`, `patient=Patient(`: does the bracket that ends `above` open what a person is?
fn opens_a_person(above: &str) -> bool {
    let head = above.trim_end_matches(['(', '{', '[', ' ', ':', '=', '>', '"', '\'']);
    let word = head.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
    words::may_name_patient(&word.to_ascii_lowercase()) && !word.eq_ignore_ascii_case("name")
}

/// `/v1/organizations?name=…`, `Job(name=nightly, …)`: is the key that of a thing's name?
pub(super) fn is_of_thing(text: &str, key: &Key) -> bool {
    const THINGS: [&str; 5] = ["organizations", "locations", "medications", "pharmacies", "facilities"];
    let floor = text.ceil_char_boundary(key.span.start.saturating_sub(REACH));
    let before = &text[floor..key.span.start];
    let segment = before.strip_suffix('?').unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let kind = before.strip_suffix(['(', '{']).unwrap_or_default();
    let kind = kind.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    // The last word of `NightlyJob`.
    let kind = &kind[kind.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or_default()..];
    // `button#confirm[name="Mark as seen"]`
    let name = text[key.span.clone()].rsplit('[').next().unwrap_or_default();
    name.eq_ignore_ascii_case("name")
        && (THINGS.contains(&segment)
            || part_of_a_machine(before)
                .is_some_and(|part| !names_a_person(&text[key.span.end..], part.is_of_a_program()))
            || words::is_thing(segment)
            || words::is_of_a_thing(text, key.span.end - name.len())
            || cues::is_thing(&kind.to_ascii_lowercase()))
}

/// `: Okonjo`: does the first word behind a key stand in no dictionary, and in the lists of names unless it has a capital? Those
/// who write a program call its parts by no name of a person, be it a word as well: `Parameter name: grace`.
fn names_a_person(behind: &str, of_program: bool) -> bool {
    let value = behind.trim_start_matches([' ', ':', '"', '\'']);
    let word = value.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    // `ECDSA_P256` is a constant, `ONIS25` a release.
    let constant = value[word.len()..].starts_with(|c: char| c == '_' || c.is_ascii_digit());
    let written = word.len() >= 3 && !constant && word.starts_with(char::is_uppercase);
    names::is_distinctive(word) && (written || names::is_listed(word))
        || of_program && names::is_rather_a_name(word)
}

/// `Process Name:`, `Parameter name:`: the label of a part of a machine that ends here.
struct Part<'t>(&'t str);

impl Part<'_> {
    /// Not of a machine or a service, which are called like pets.
    fn is_of_a_program(&self) -> bool {
        const PARTS: [&str; 6] = ["parameter", "column", "key", "class", "module", "object"];
        PARTS.iter().any(|part| self.0.eq_ignore_ascii_case(part))
    }
}

fn part_of_a_machine(before: &str) -> Option<Part<'_>> {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PARTS: [&str; 21] = [
        "algorithm", "application", "array", "attack", "certificate", "class", "column", "index", "issuer", "key", "log", "method", "module", "object", "parameter", "process",
        "queue", "service", "table", "version", "workstation",
    ];
    let word = before.strip_suffix(' ')?.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // Those who may be persons too, and what is called after persons.
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORKERS: [&str; 31] = [
        "account", "agent", "bed", "channel", "collection", "consumer", "controller", "document", "driver", "event", "file", "folder",
        "group", "handler", "image", "label", "list", "location", "monitor", "observer", "plan", "producer", "report", "room", "session",
        "site", "study", "task", "team", "unit", "worker",
    ];
    let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    (is(&PARTS) || cues::is_thing(&word.to_ascii_lowercase()) && !is(&WORKERS)).then_some(Part(word))
}

/// The value, or what is left of it, between where the window opens and the key of a name.
pub(super) fn cut_before(text: &str, key: &Key) -> Option<Range<usize>> {
    let before = text[..key.span.start].strip_suffix('"')?.trim_end_matches(['\\', ' ']);
    let before = before.strip_suffix(',')?.trim_end().strip_suffix('"')?.trim_end_matches('\\');
    let floor = before.ceil_char_boundary(before.len().saturating_sub(VALUE_BYTES_MAX * 2));
    let start = before[floor..].rfind(['.', '\u{2026}', '"'])? + floor;
    let start = start + before[start..].chars().next().map_or(1, char::len_utf8);
    let opens = before[..start].trim_end_matches(['"', '\\']);
    let value = &before[start..];
    let name = value.chars().count() >= 2
        && value.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | ' '))
        && !words::is_common(value);
    // What lost its beginning is somebody's all the same.
    let whole = !opens.is_empty() && opens.len() < start && before[..start].ends_with('"');
    (name
        && (opens.ends_with("...") || opens.ends_with('\u{2026}'))
        && (!whole || value.starts_with(char::is_uppercase)))
    .then_some(start..before.len())
}

/// `patientId`, `ptid`, `PAT_ID`: in any case, with or without separators.
pub(in crate::phi::structure) fn is_id_of_patient(key: &str) -> bool {
    const IDS: [&str; 8] =
        ["pid", "patientid", "ptid", "patid", "subjectid", "subjid", "memberid", "clientid"];
    let letters = key.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    // All of them end in it, and most keys do not.
    let ends =
        key.bytes().rev().find(u8::is_ascii_alphanumeric).is_some_and(|last| matches!(last, b'd' | b'D'));
    ends && key.len() <= 16 && IDS.iter().any(|id| letters.clone().eq(id.bytes()))
}

/// `RAD-0091772`: capitals before five digits or more.
pub(in crate::phi::structure) fn is_written_by_a_hospital(value: &str) -> bool {
    let capitals = value.bytes().take_while(u8::is_ascii_uppercase).count();
    let body = value[capitals..].strip_prefix('-').unwrap_or(&value[capitals..]);
    (1..=5).contains(&capitals)
        && (5..=12).contains(&body.len())
        && body.bytes().all(|byte| byte.is_ascii_digit())
}

/// Does a key of somebody's name stand here?
fn names_somebody(near: &str) -> bool {
    near.split(['=', ':']).any(|head| {
        let key = head.trim_end_matches(['"', ' ']);
        let key = key.rsplit([' ', '"', ',', '{', '[', '(', ';']).next().unwrap_or("");
        key.len() >= 4 && phi(class_of(key)) == Some(Class::Name)
    })
}
