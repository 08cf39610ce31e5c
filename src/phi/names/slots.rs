//! Which cues say what of the word behind them: one part of a name, a patient, any person.

/// The field of one part of a name: `surname`, `FirstName`.
pub(super) fn names_a_part(cue: &str) -> bool {
    matches!(
        cue,
        "surname"
            | "forename"
            | "firstname"
            | "lastname"
            | "familyname"
            | "givenname"
            | "middlename"
            | "fullname"
            | "nee"
    )
}

/// What is sent to patients only, or done with them: `reminder to`, `appointment for`.
pub(super) fn is_of_patients(cue: &str) -> bool {
    matches!(
        cue,
        "reminder"
            | "recall"
            | "voicemail"
            | "callback"
            | "appointment"
            | "copay"
            | "spoke"
            | "talked"
            | "waitlist"
    )
}

/// What opens a text to somebody: `Dear`, `Good morning`.
pub(super) fn greets(cue: &str) -> bool {
    matches!(
        cue,
        "dear"
            | "hello"
            | "hi"
            | "hey"
            | "morning"
            | "afternoon"
            | "evening"
            | "hola"
            | "ciao"
            | "hej"
            | "bonjour"
            | "hallo"
            | "birthday"
            | "congratulations"
            | "congrats"
            | "thanks"
    )
}

pub(super) fn is_person_word(cue: &str) -> bool {
    matches!(
        cue,
        "user"
            | "username"
            | "client"
            | "contact"
            | "member"
            | "customer"
            | "row"
            | "person"
            | "relatedperson"
            | "caller"
            | "employee"
            | "applicant"
            | "infant"
            | "baby"
            | "child"
            | "boy"
            | "girl"
            | "witness"
            | "minor"
            | "holder"
            | "accountholder"
            | "cardholder"
            | "who"
            | "merge"
            | "notifying"
            | "contacting"
            | "emailing"
            | "calling"
            | "admitting"
    )
}
