//! Days of a person among the members of an object: which keys hold one, and beside whom: `{"invitee":{"name":…},"start_time":…}`.
//!
//! Owns the keys. When a machine did something (`ts`, `createdAt`, `expires`) is nobody's day, whoever is named beside it.

use super::{Frame, Kind, Tape};
use crate::phi::{
    class::Class,
    list::List,
    structure::{class_of, phi, rows},
};

/// Does the value of `key` say when something happened to somebody: to whom alone it happens, or in an object that names one?
pub(super) fn is_day_of_somebody(key: &str, value: &str, frame: &Frame) -> bool {
    let visit = frame.visit && is_visit_key(key);
    // A log has a date as well, with the time of day: `"date":"2026-11-12"` has none, or a short one.
    let date = frame.patient && key.eq_ignore_ascii_case("date") && !value.contains(':')
        || frame.visit && key == "date" && value.len() <= DAY_ALONE_BYTES_MAX;
    let stay = frame.patient && (is_stay_key(key) || frame.told && is_event_key(key));
    if !(visit || date || stay || is_care_key(key)) {
        return false;
    }
    // Nobody is seen to the thousandth of a second, though JavaScript writes it: `09:45:00.000Z`.
    let fraction = value.rsplit_once(':').and_then(|(_, last)| last.split_once('.'));
    let fraction = fraction
        .is_some_and(|(_, part)| part.starts_with(|c: char| c.is_ascii_digit()) && !part.starts_with("000"));
    // A visit may be on `Nov 12` or `Thursday 9am`.
    let digits_min = if visit { 1 } else { DAY_DIGITS_MIN };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits >= digits_min && value.len() <= DAY_BYTES_MAX && !fraction
}

/// `2 Sept 2026`, `2026-09-22T09:45:00-06:00`: how many digits a day has, and how long it is with its time.
const DAY_DIGITS_MIN: usize = 5;
const DAY_BYTES_MAX: usize = 40;
/// `November 12, 2026`
const DAY_ALONE_BYTES_MAX: usize = 18;

/// `Ida Lund`, `Mwangi, Wanjiru K`: two names or more, in either order.
pub(super) fn is_full_name(value: &str) -> bool {
    let words = || value.split([' ', ',']).filter(|word| word.trim_end_matches('.').chars().count() >= 2);
    (2..=4).contains(&words().count()) && words().all(|word| rows::is_name(word, false))
}

/// `{"invitee":{"name":…}}`: does the object name a person?
pub(super) fn names_somebody(text: &str, tape: &Tape, object: usize) -> bool {
    tape.tokens[object].kind == Kind::Object
        && tape.members(object).any(|(key, value)| {
            let (key, value) = (&tape.tokens[key], &tape.tokens[value]);
            let (key, held) = (&text[key.start..key.end], &text[value.start..value.end]);
            let listed = matches!(value.kind, Kind::Array | Kind::Object);
            let of_person = phi(class_of(key)) == Some(Class::Name);
            // What has a name need not be a person.
            let open = matches!(key, "name" | "display");
            let named =
                value.kind == Kind::Str && if open { is_full_name(held) } else { rows::is_name(held, false) };
            of_person && listed || (of_person || open) && named
        })
}

/// `death_registered`, `patient.discharged`: an event of somebody's life, whose time is that of the event.
pub(super) fn is_of_life(event: &str) -> bool {
    const EVENTS: [&str; 9] = [
        "death",
        "died",
        "deceased",
        "birth",
        "admission",
        "admitted",
        "discharge",
        "discharged",
        "transplant",
    ];
    let event = event.to_ascii_lowercase();
    let mut words = event.split(|c: char| !c.is_ascii_alphabetic());
    event.len() <= DAY_BYTES_MAX && words.any(|word| EVENTS.iter().any(|known| word.ends_with(known)))
}

/// What is held for somebody named beside it: `{"patient":"…","visit":{"start":…}}`.
pub(super) fn is_key_of_visit(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KEYS: [&str; 15] = [
        "admission", "appointment", "appointments", "appt", "booking", "encounter", "encounters", "period", "reservation", "session", "slot",
        "stay", "surgery", "visit", "visits",
    ];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// When an event was.
fn is_event_key(key: &str) -> bool {
    matches!(key, "at" | "on" | "date" | "day" | "occurredAt" | "occurred_at" | "occurred")
}

/// What is done to patients only, so that its day is somebody's: `"discharged":"2026-11-12"`.
pub(in crate::phi::structure) fn is_care_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KEYS: [&str; 18] = [
        "admitted", "deceased", "diagnosed", "died", "discharged", "dispensed", "examined", "explanted", "hospitalised",
        "hospitalized", "immunised", "immunized", "implanted", "operated", "prescribed", "transplanted", "treated", "vaccinated",
    ];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// When a visit is, in an object that names a person.
pub(in crate::phi::structure) fn is_visit_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<34> = List::new([
        "appointment", "appt", "slot", "due", "dueDate", "due_date", "nextAppt", "next_appt", "nextVisit", "next_visit", "lastVisit",
        "last_visit", "collected", "collectedAt", "start", "end", "startTime", "endTime", "start_time", "end_time", "starts_at", "ends_at", "startsAt", "endsAt", "when",
        "scheduledAt", "scheduled_at", "scheduledFor", "scheduled_for", "slotStart", "slot_start", "bookedFor", "booked_for",
        "appointmentAt",
    ]);
    KEYS.has_exactly(key.as_bytes())
}

/// When a patient came, was seen, or is to come again.
fn is_stay_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KEYS: [&str; 13] = [
        "arrived", "arrivedAt", "arrived_at", "booked", "checkedIn", "checked_in", "collected", "enrolled", "nextDue", "next_due",
        "referred", "scheduled", "seen",
    ];
    KEYS.contains(&key)
}
