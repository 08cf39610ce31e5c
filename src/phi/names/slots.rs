//! Which cues say what of the word behind them: one part of a name, a patient, any person, or nothing in small letters.

use crate::phi::list::List;

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
            | "nickname"
            | "nee"
    )
}

/// Does a word for how machines talk end before `start`? `TCP client 'Mount Carmel'` is none of a clinic's
/// clients, and a `device twin` has no brother.
pub(super) fn is_protocol(text: &str, start: usize) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PROTOCOLS: [&str; 36] = [
        "tcp", "udp", "http", "https", "http2", "ftp", "sftp", "ftps", "ssh", "smtp", "imap", "ldap", "mllp", "hl7", "fhir",
        "rest", "soap", "api", "rpc", "grpc", "mqtt", "amqp", "jms", "dicom", "tls", "ssl", "vpn", "sql", "redis", "kafka", "oauth",
        "oidc", "websocket", "s3", "device", "digital",
    ];
    let word = text[..start].trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    PROTOCOLS.iter().any(|known| word.eq_ignore_ascii_case(known))
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
    #[rustfmt::skip] // Rows of words, not one a line.
    static GREETINGS: List<22> = List::new([
        "dear", "hello", "hi", "hey", "morning", "afternoon", "evening", "hola", "ciao", "hej", "bonjour", "hallo",
        "birthday", "congratulations", "congrats", "thanks", "geachte", "estimado", "estimada", "liebe", "chere", "cher",
    ]);
    GREETINGS.has_exactly(cue.as_bytes())
}

pub(super) fn is_person_word(cue: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PERSONS: List<29> = List::new([
        "user", "username", "client", "contact", "member", "customer", "row", "person", "relatedperson", "caller",
        "employee", "applicant", "infant", "baby", "child", "boy", "girl", "witness", "minor", "holder", "accountholder",
        "cardholder", "who", "merge", "notifying", "contacting", "emailing", "calling", "admitting",
    ]);
    PERSONS.has_exactly(cue.as_bytes())
}

/// Stands between what is done and whom it is done with or for.
pub(super) fn is_preposition(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PREPOSITIONS: List<21> = List::new([
        "by", "to", "for", "of", "with", "from", "von", "para", "por", "pour", "par", "per", "voor", "door", "as", "is",
        "an", "sur", "bei", "di", "da",
    ]);
    PREPOSITIONS.has_exactly(word.as_bytes())
}

/// Titles that in small letters are other words.
pub(super) fn is_common_title(word: &str) -> bool {
    const COMMON: [&str; 40] = [
        "don", "sig", "sr", "miss", "ms", "mw", "dn", "mx", "pan", "pani", "bay", "chief", "pastor", "rev",
        "fr", "imam", "sir", "dame", "lady", "lord", "mama", "papa", "baba", "iya", "oga", "capt", "captain",
        "lt", "sgt", "col", "maj", "cpl", "judge", "mstr", "hr", "bg", "bb", "hon", "evang", "aunt",
    ];
    COMMON.contains(&word)
}
