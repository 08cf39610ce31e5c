//! What of a request is worth remembering: not the words, names of code systems, identifiers and numbers that machines say to
//! one another, and that an operator needs in the answer.

use crate::phi::{class::Class, names, structure::words, validate};

/// All words are words of machines: nothing of a person.
pub(super) fn is_vocabulary(value: &str) -> bool {
    let mut words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_none()
        || words.all(|word| words::is_common(word) || word.len() <= 2 && word.is_ascii())
            && !value.bytes().any(|byte| byte.is_ascii_digit())
}

/// `8867-4`: a code of LOINC with its check digit, behind a key that claims nothing.
pub(super) fn is_loinc(value: &str) -> bool {
    value.split_once('-').is_some_and(|(code, check)| {
        (3..=5).contains(&code.len())
            && check.len() == 1
            && validate::loinc(format!("{code}{check}").as_bytes())
    })
}

/// An id of a server: long hex, or letters and digits after a prefix.
pub(super) fn is_opaque(value: &str) -> bool {
    let body = value.rsplit('/').next().unwrap_or(value);
    let uuid = body.len() == 36 && body.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let hex = body.len() >= 16 && body.bytes().all(|byte| byte.is_ascii_hexdigit());
    let prefixed = body.split_once('_').is_some_and(|(prefix, id)| {
        (2..=5).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && id.bytes().any(|b| b.is_ascii_digit())
            && id.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    uuid || hex || prefixed || value.contains("://")
}

/// `PRIOR_AUTH`, `appt_reminder_v7`: words of a program, one of them at least known as such, and none of them a name.
pub(super) fn is_symbol(value: &str) -> bool {
    const DIGITS_MAX: usize = 3;
    let cased = |byte: u8| {
        value.bytes().all(|other| {
            !other.is_ascii_alphabetic() || other.is_ascii_lowercase() == byte.is_ascii_lowercase()
        })
    };
    let parts = value.split(['_', '-', '.']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.contains('_')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && value.bytes().find(u8::is_ascii_alphabetic).is_some_and(cased)
        && digits <= DIGITS_MAX
        && parts.clone().any(|part| part.len() >= 3 && words::is_common(part))
        && !parts.into_iter().any(names::is_name_like)
}

/// `tel:+1-512-555-0147`, `mailto:jane@example.org`: how somebody is reached, by the scheme of its URI.
pub(super) fn contact_uri(value: &str) -> Option<(Class, &str)> {
    let (scheme, rest) = value.trim().split_once(':')?;
    let class = match scheme.to_ascii_lowercase().as_str() {
        "tel" | "sms" => Class::Phone,
        "fax" => Class::Fax,
        "mailto" => Class::Email,
        _ => return None,
    };
    (!rest.is_empty() && !rest.contains(char::is_whitespace)).then_some((class, rest))
}

/// Does a request say this to a machine: the number of an envelope, the processor of a claim, a trading partner, a template,
/// a version? Anything longer or of another shape under such a key may still be a person's.
pub(super) fn is_operational(key: &str, value: &str) -> bool {
    let mut key: String = key.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    key.make_ascii_lowercase();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match key.as_str() {
        "bin" | "rxbin" | "binnumber" | "iin" | "processorbin" => {
            digits == value.len() && matches!(digits, 6 | 8)
        }
        "pcn" | "rxpcn" | "processorcontrolnumber" => {
            plain && value.len() <= 10 && digits < 6 && !value.bytes().any(|byte| byte.is_ascii_lowercase())
        }
        "isa13" | "gs06" | "st02" | "iea02" | "ge02" | "se02" => is_control_number(value),
        // Those of a claim, a document or a patient are somebody's (CLM01, REF*F8).
        "interchangecontrolnumber" | "groupcontrolnumber" | "transactionsetcontrolnumber" => {
            is_control_number(value)
        }
        "controlnumber" => is_control_number(value) && (value.len() < 9 || !validate::ssn(value.as_bytes())),
        "tradingpartnerid"
        | "tradingpartnerserviceid"
        | "payerid"
        | "payercode"
        | "receiverid"
        | "senderid"
        | "submitterid" => plain && value.len() <= 15 && digits <= 6,
        "servicetypecode" | "servicetypecodes" | "placeofservice" | "placeofservicecode" => {
            plain && value.len() <= 3
        }
        "template" | "templatename" | "templateid" | "operationname" | "typename" | "version"
        | "apiversion" | "schemaversion" | "messagetype" | "eventtype" | "triggerevent" | "processingid" => {
            value.len() <= 64
                && digits < 6
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:^".contains(&byte))
                && !names::is_name_like(value)
        }
        _ => false,
    }
}

/// Of an interchange, a group or a transaction set (X12.5): up to nine digits.
fn is_control_number(value: &str) -> bool {
    (1..=9).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}
