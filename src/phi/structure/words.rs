//! The words of machines: what validators, servers and formats say that is nobody's data.
//!
//! Owns the word list that keeps messages readable (`must be a string`), echoes from erasing vocabulary (`male`,
//! `final`), and the keys by which reports name a field, quote a value or carry a sentence.

use std::{
    cell::RefCell,
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

use super::{PLACEHOLDER_HEAD, class_of, phi};
use crate::phi::{class::Class, cues::KeyClass, memo::Memo};

/// FNV-1a: the words are ours or are compared in full, so a flood of collisions gains nothing worth having.
#[derive(Clone)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

static COMMON: LazyLock<HashSet<&'static [u8], BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
    COMMON_WORDS
        .split_ascii_whitespace()
        .chain(PREDICATE_WORDS.split_ascii_whitespace())
        .map(str::as_bytes)
        .collect()
});
static PREDICATES: LazyLock<HashSet<&'static [u8], BuildHasherDefault<Fnv>>> =
    LazyLock::new(|| PREDICATE_WORDS.split_ascii_whitespace().map(str::as_bytes).collect());

/// The longest word of the lists.
const WORD_BYTES_MAX: usize = 24;

fn listed(set: &HashSet<&'static [u8], BuildHasherDefault<Fnv>>, word: &str) -> bool {
    let mut lower = [0; WORD_BYTES_MAX];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    set.contains(&*lower)
}

/// A word of messages, enumerations or formats, in any case.
pub(crate) fn is_common(word: &str) -> bool {
    listed(&COMMON, word)
}

/// A word that only a sentence about a field holds.
pub(crate) fn is_predicate(word: &str) -> bool {
    listed(&PREDICATES, word)
}

/// `Required`, `must be a valid e-mail address`: a validator speaking about the field, not its value.
pub(crate) fn is_message(text: &str) -> bool {
    let (mut words, mut common, mut predicates) = (0, 0, 0);
    let mut quoted = false;
    // A placeholder says nothing about the sentence around it.
    let bare: String;
    let text = if text.contains(PLACEHOLDER_HEAD) {
        bare = text
            .split(PLACEHOLDER_HEAD)
            .enumerate()
            .map(
                |(index, part)| {
                    if index == 0 { part } else { part.split_once(']').map_or("", |(_, rest)| rest) }
                },
            )
            .collect();
        bare.as_str()
    } else {
        text
    };
    for piece in text.split_inclusive(['\'', '"', '`']).take(64) {
        if !quoted {
            for word in piece.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(48) {
                if word.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                words += 1;
                common += u32::from(is_common(word));
                predicates += u32::from(is_predicate(word));
            }
        }
        if piece.ends_with(['\'', '"', '`']) && !ends_in_apostrophe(piece, text) {
            quoted = !quoted;
        }
    }
    predicates > 0 && common * 10 >= words * 6
}

/// The quote that ends `piece` is an apostrophe: a letter stands on both sides of it.
fn ends_in_apostrophe(piece: &str, text: &str) -> bool {
    // `piece` is a part of `text`, so the distance of their ends is where the next character stands.
    let next = piece.as_ptr() as usize + piece.len() - text.as_ptr() as usize;
    piece.ends_with('\'')
        && piece[..piece.len() - 1].ends_with(|c: char| c.is_alphanumeric())
        && text.get(next..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// A name that is an everyday word too, folded.
pub(crate) fn is_also_a_word(folded: &[u8]) -> bool {
    matches!(
        folded,
        b"grace"
            | b"young"
            | b"price"
            | b"chase"
            | b"penny"
            | b"summer"
            | b"stone"
            | b"frank"
            | b"brown"
            | b"white"
            | b"black"
            | b"green"
            | b"short"
            | b"major"
            | b"stage"
            | b"power"
            | b"waters"
            | b"fields"
            | b"banks"
            | b"rivers"
            | b"woods"
            | b"brooks"
            | b"cross"
            | b"french"
            | b"english"
            | b"church"
            | b"marsh"
            | b"bishop"
            | b"carter"
            | b"cooper"
            | b"miller"
            | b"baker"
            | b"mason"
            | b"taylor"
            | b"parker"
            | b"hunter"
            | b"porter"
            | b"fisher"
            | b"walker"
            | b"turner"
            | b"weaver"
            | b"parks"
            | b"burns"
            | b"moody"
            | b"savage"
            | b"strong"
            | b"sharp"
            | b"swift"
            | b"small"
            | b"little"
            | b"noble"
            | b"pearl"
            | b"olive"
            | b"violet"
            | b"daisy"
            | b"ivory"
            | b"amber"
            | b"crystal"
            | b"faith"
            | b"charity"
            | b"constance"
            | b"victor"
            | b"angel"
            | b"heaven"
            | b"story"
            | b"early"
            | b"means"
            | b"rounds"
            | b"house"
            | b"block"
            | b"child"
            | b"blank"
            | b"match"
            | b"check"
            | b"force"
            | b"guest"
            | b"royal"
            | b"carrier"
            | b"driver"
            | b"proctor"
    )
}

/// Names of types and the absence of a value.
pub(crate) fn is_type_word(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "string"
            | "number"
            | "integer"
            | "int"
            | "long"
            | "float"
            | "double"
            | "boolean"
            | "bool"
            | "object"
            | "array"
            | "null"
            | "undefined"
            | "nan"
            | "none"
            | "nil"
            | "date"
            | "datetime"
            | "true"
            | "false"
            | "unknown"
            | "any"
            | "never"
            | "bigint"
            | "map"
            | "set"
            | "record"
            | "list"
            | "dict"
            | "str"
            | "empty"
            | "missing"
            | "n/a"
            | "na"
            | "<nil>"
            | "(null)"
            | "-"
            | "--"
            | "invalid_date"
            | "invalid date"
            | "nonetype"
            | "text"
            | "varchar"
            | "timestamp"
            | "required"
            | "invalid"
            | "***"
            | "<redacted>"
            | "redacted"
            | "[redacted]"
            | "[filtered]"
            | "<filtered>"
            | "filtered"
            | "(filtered)"
            | "[hidden]"
            | "[masked]"
            | "****"
            | "********"
            | "xxxxx"
            | "*"
            | "?"
            | "..."
    )
}

/// A value under a PHI key that is a word of the format: a type, an error class, the name of a field.
pub(crate) fn is_literal(value: &str, class: Class) -> bool {
    if is_type_word(value) || is_bind(value) {
        return true;
    }
    if value.bytes().any(|byte| byte.is_ascii_whitespace()) || value.len() > 64 {
        return false;
    }
    let error_class = ["Error", "Exception", "Fault", "Warning"]
        .iter()
        .any(|end| value.ends_with(end) && value.len() > end.len());
    if error_class && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_') {
        return true;
    }
    if class == Class::Date && is_duration(value) {
        return true;
    }
    // `minItems`, `Blue Cross`, `keyword=STOP`: no number of anybody is without digits, unless it is in capitals.
    let numeric = matches!(
        class,
        Class::Phone
            | Class::Fax
            | Class::Ssn
            | Class::Mrn
            | Class::HealthPlan
            | Class::Account
            | Class::Vehicle
    );
    if numeric
        && value.len() >= 3
        && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-.=".contains(&byte))
        && value.bytes().skip(1).any(|byte| byte.is_ascii_lowercase())
    {
        return true;
    }
    // A field name under a key that could hold a field name; anywhere else such a word would be a strange value.
    class == Class::Name && is_field_name(value)
}

/// `3600s`, `15m`, `250ms`: the age of a cache, not of a person.
fn is_duration(value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(&value[digits..], "s" | "ms" | "us" | "ns" | "m" | "min" | "h")
}

/// Several words, one of which no machine says, and no message: somebody wrote this.
pub(crate) fn is_prose(text: &str) -> bool {
    let written = |word: &str| word.len() >= 4 && word.chars().all(char::is_alphabetic) && !is_common(word);
    text.contains(' ')
        && !text.contains("[REDACTED:")
        && text.split(|c: char| !c.is_alphanumeric()).take(64).any(written)
        && !is_message(text)
}

/// The place of a value: `%s`, `%(name)s`, `:name`, `@p0`, `$1`, `{id}`, `${name}`, a date layout.
pub(crate) fn is_bind(value: &str) -> bool {
    let ident = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
    };
    value.strip_prefix("%(").is_some_and(|rest| rest.ends_with([')', 's', 'd']))
        || matches!(value, "%s" | "%d" | "?" | "%v" | "%r" | "{}" | "2006-01-02" | "%Y-%m-%d")
        || value.strip_prefix([':', '@']).is_some_and(ident)
        || value
            .strip_prefix('$')
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()) || rest.starts_with('{'))
        || value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(ident)
        || value.to_ascii_lowercase().starts_with("yyyy")
}

/// A host and port, where a key such as `address` could also hold a place.
pub(crate) fn is_endpoint(value: &str) -> bool {
    let (host, port) = value.trim_start_matches("tcp://").rsplit_once(':').unwrap_or((value, ""));
    let ported = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && !host.contains(' ');
    ported
        || value.split('.').count() == 4 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || value.starts_with("0x")
}

/// The name of a machine, a package or an object: no person is called `api-7d9f8b6c5-x2x4z`.
pub(crate) fn is_machine_name(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./:@".contains(&byte))
        && value.bytes().any(|byte| b"-_./:@".contains(&byte))
        && !value.contains('@')
}

/// `HEDIS BCS-E`: nothing but short words in capitals.
pub(crate) fn is_acronyms(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" -_/".contains(&byte))
        && value.split([' ', '-']).all(|word| word.len() <= 5)
        && value.split([' ', '-']).count() >= 3
}

/// The ends of keys of what clinicians and patients write.
const CLINICAL_ENDS: [&str; 19] = [
    "note",
    "notes",
    "complaint",
    "symptom",
    "symptoms",
    "diagnosis",
    "narrative",
    "hpi",
    "assessment",
    "comment",
    "comments",
    "history",
    "instruction",
    "instructions",
    "freetext",
    "noteText",
    "reasonforvisit",
    "visitreason",
    "medicalhistory",
];

/// Keys of what clinicians and patients write.
fn says_clinical(key: &str) -> bool {
    let squeezed = squeezed(key);
    CLINICAL_ENDS.iter().any(|end| squeezed.as_str().ends_with(end))
        && !squeezed.as_str().ends_with("releasenotes")
}

/// Keys of what was searched for.
pub(crate) fn is_search_key(key: &str) -> bool {
    matches!(key, "q" | "query" | "search" | "term" | "searchTerm" | "keyword" | "searchText")
}

/// Could a key of clinical prose or of a search end in this run of lower-case letters?
pub(super) fn may_end_asking_key(word: &str) -> bool {
    matches!(word, "q" | "query" | "search" | "term" | "searchterm" | "keyword" | "searchtext")
        || CLINICAL_ENDS.iter().any(|end| word.ends_with(end) || end.ends_with(word))
}

/// Does a key of JSON make more of its value, or of those beside it, than its class says?
fn says_more(key: &str) -> bool {
    let odd = |byte: u8| matches!(byte, b'@' | b' ' | b'%' | b'=' | b'^' | b',') || !byte.is_ascii();
    says_clinical(key)
        || key.bytes().any(odd)
        || key.bytes().filter(u8::is_ascii_digit).count() >= 6
        || key.starts_with('[')
        || matches!(
            key,
            "first"
                | "last"
                | "middle"
                | "patient"
                | "patientName"
                | "patient_name"
                | "client"
                | "subject"
                | "name"
                | "system"
                | "reference"
                | "sql"
                | "query"
                | "statement"
                | "bindings"
                | "binds"
                | "bindValues"
                | "boundValues"
        )
}

/// Keys of what has a name and is no person.
fn says_thing(key: &str) -> bool {
    matches!(
        squeezed(key).as_str(),
        "org"
            | "organization"
            | "organisation"
            | "managingorganization"
            | "serviceprovider"
            | "location"
            | "measure"
            | "ward"
            | "facility"
            | "hospital"
            | "clinic"
            | "department"
            | "service"
            | "healthcareservice"
            | "payer"
            | "insurer"
            | "plan"
            | "medication"
            | "device"
            | "logger"
            | "pod"
            | "container"
            | "node"
            | "deployment"
            | "namespace"
            | "table"
            | "index"
            | "database"
            | "schema"
            | "module"
            | "package"
            | "library"
            | "study"
            | "questionnaire"
            | "activitydefinition"
            | "plandefinition"
            | "valueset"
            | "codesystem"
            | "lab"
            | "laboratory"
            | "pharmacy"
            | "room"
            | "bed"
            | "team"
            | "tenant"
            | "app"
            | "application"
            | "job"
            | "queue"
            | "topic"
            | "cluster"
            | "test"
            | "manufacturer"
            | "vendor"
            | "product"
            | "metric"
            | "rule"
            | "template"
            | "group"
            | "channel"
    )
}

/// `birthDate`, `last_name`, `Patient.name[0].family`, `address.line.0`: identifiers whose words we know.
pub(crate) fn is_field_name(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.is_empty()
        || value.len() > 96
        || value.contains(PLACEHOLDER_HEAD)
        || !bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-[]/#:$".contains(b))
    {
        return false;
    }
    let structured = bytes.iter().any(|b| b"_.[/#".contains(b))
        || bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let lower = bytes[0].is_ascii_lowercase() || !bytes[0].is_ascii_alphabetic();
    (structured || lower) && !matches!(class_of(value), KeyClass::Unknown)
}

/// Can this be the name or path of a field at all?
pub(crate) fn is_field_path(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 96
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]/#:$ '\"".contains(&b))
        && value.split(' ').count() <= 3
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Only ever names a field.
    Strong,
    /// Names a field if a value or a message stands beside it.
    Weak,
}

/// Keys whose value names a field.
fn says_field(key: &str) -> Option<Strength> {
    let squeezed = squeezed(key);
    let strong = matches!(
        squeezed.as_str(),
        "field"
            | "fieldname"
            | "fieldpath"
            | "param"
            | "parameter"
            | "paramname"
            | "parametername"
            | "path"
            | "property"
            | "propertyname"
            | "propertypath"
            | "attribute"
            | "attributename"
            | "column"
            | "columnname"
            | "loc"
            | "pointer"
            | "datapath"
            | "instancepath"
            | "jsonpath"
            | "jsonpointer"
            | "argument"
            | "expression"
            | "fhirpath"
            | "fields"
            | "on"
    );
    let weak = matches!(
        squeezed.as_str(),
        "name" | "key" | "k" | "target" | "source" | "location" | "label" | "element" | "id" | "title"
    );
    match (strong, weak) {
        (true, _) => Some(Strength::Strong),
        (_, true) => Some(Strength::Weak),
        _ => None,
    }
}

/// Keys whose value is what was sent.
fn says_value(key: &str) -> bool {
    matches!(
        squeezed(key).as_str(),
        "value"
            | "values"
            | "received"
            | "receivedvalue"
            | "input"
            | "inputvalue"
            | "actual"
            | "actualvalue"
            | "got"
            | "given"
            | "rejectedvalue"
            | "rejected"
            | "attempted"
            | "attemptedvalue"
            | "invalidvalue"
            | "badvalue"
            | "original"
            | "originalvalue"
            | "supplied"
            | "provided"
            | "providedvalue"
            | "submitted"
            | "submittedvalue"
            | "current"
            | "currentvalue"
            | "found"
            | "raw"
            | "rawvalue"
            | "fieldvalue"
            | "oldvalue"
            | "newvalue"
            | "previous"
            | "existing"
            | "existingvalue"
            | "valuestring"
            | "val"
            | "v"
            | "stringvalue"
            | "literal"
            | "offending"
            | "offendingvalue"
            | "suggestions"
            | "candidates"
            | "diff"
            | "data"
            | "was"
    ) && key != "given"
}

/// Keys whose value is a sentence or a list of them.
fn says_message(key: &str) -> bool {
    matches!(
        squeezed(key).as_str(),
        "message"
            | "messages"
            | "msg"
            | "error"
            | "errors"
            | "detail"
            | "details"
            | "diagnostics"
            | "description"
            | "reason"
            | "reasons"
            | "errormessage"
            | "hint"
            | "problem"
            | "cause"
            | "why"
            | "fielderrors"
            | "formerrors"
            | "issues"
            | "violations"
            | "constraints"
            | "warning"
            | "warnings"
            | "summary"
            | "defaultmessage"
            | "developermessage"
            | "usermessage"
            | "longmessage"
            | "statustext"
            | "stack"
            | "stacktrace"
            | "trace"
    )
}

/// What the lists above say of one key: asked many times over for the same keys, so remembered.
#[derive(Clone, Copy)]
pub(crate) struct Traits {
    /// Of what clinicians and patients write.
    pub(crate) clinical: bool,
    /// Of what has a name and is no person.
    pub(crate) thing: bool,
    /// Its value is what was sent.
    pub(crate) value: bool,
    /// Its value is a sentence or a list of them.
    pub(crate) message: bool,
    /// Its value names a field.
    pub(crate) field: Option<Strength>,
    /// Calls for more than its class does.
    pub(crate) more: bool,
}

thread_local! {
    static TRAITS: RefCell<Memo<Traits>> = RefCell::new(Memo::new());
}

pub(crate) fn traits(key: &str) -> Traits {
    TRAITS.with_borrow_mut(|known| {
        known.get(key, |key| Traits {
            clinical: says_clinical(key),
            thing: says_thing(key),
            value: says_value(key),
            message: says_message(key),
            field: says_field(key),
            more: says_more(key),
        })
    })
}

/// Keys of clinical prose.
pub(crate) fn is_clinical_key(key: &str) -> bool {
    traits(key).clinical
}

/// Keys whose value is what was sent.
pub(crate) fn is_value_key(key: &str) -> bool {
    traits(key).value
}

/// A key without case and separators, in place.
struct Squeezed {
    bytes: [u8; 32],
    len: usize,
}

impl Squeezed {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

fn squeezed(key: &str) -> Squeezed {
    let mut squeezed = Squeezed { bytes: [0; 32], len: 0 };
    for byte in key.bytes().filter(u8::is_ascii_alphanumeric).take(32) {
        squeezed.bytes[squeezed.len] = byte.to_ascii_lowercase();
        squeezed.len += 1;
    }
    squeezed
}

/// Resource types whose `name` and `title` are no person's.
pub(crate) fn is_thing(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "Organization"
            | "Location"
            | "HealthcareService"
            | "ActivityDefinition"
            | "PlanDefinition"
            | "Measure"
            | "Medication"
            | "MedicationKnowledge"
            | "Substance"
            | "Questionnaire"
            | "ValueSet"
            | "CodeSystem"
            | "StructureDefinition"
            | "CapabilityStatement"
            | "SearchParameter"
            | "OperationDefinition"
            | "ConceptMap"
            | "Library"
            | "InsurancePlan"
            | "Endpoint"
            | "NamingSystem"
            | "ImplementationGuide"
            | "OperationOutcome"
            | "Parameters"
    )
}

/// The class a field mention gives a sentence: `birthDate`, `last_name`, `email`.
pub(crate) fn mention(word: &str) -> Option<Class> {
    if is_message_word_only(word) { None } else { phi(class_of(word)) }
}

/// Words of messages that are also keys in our vocabulary, such as `contact` in "contact support".
fn is_message_word_only(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "contact" | "address" | "account" | "line" | "device" | "key" | "token" | "url" | "patient"
    ) && word.bytes().all(|byte| byte.is_ascii_lowercase())
        && word != "address"
}

/// Words by which a message about a field is known.
const PREDICATE_WORDS: &str = "\
is are be been must should shall cannot can't can isn't doesn't does not invalid required missing expected received
already exists taken duplicate unrecognized unknown unsupported malformed wrong incorrect exceeds exceeded
failed match matches contain contains provided enter allowed forbidden accepted empty blank null cannot couldn't could
was were has have unexpected illegal
ungültig ungültiges ungültige ungültiger erforderlich fehlt fehlerhaft erwartet muss darf obligatoire requis requise invalide attendu attendue doit
manquant manquante incorrecte obligatorio obligatoria requerido requerida inválido inválida válido válida esperado esperada debe falta incorrecto incorrecta
obbligatorio obbligatoria richiesto richiesta valido valida atteso deve manca ongeldig ongeldige vereist verplicht verwacht moet ontbreekt
obrigatório obrigatória ausente ogiltig krävs saknas måste ugyldig påkrævet påkrevd nieprawidłowy nieprawidłowa wymagane wymagany brak";

/// Everything else that messages, enumerations and formats say.
const COMMON_WORDS: &str = "\
a an and or the of to in on at only too got saw has have had by for from with without into as it its this that these those no none any all each every if then
than less more least most greater equal between before after until since per least up down out over under again also either
both one two three first second third last next previous new old other another same such own only just once still
i we you your our they their he she his her him them who what which when where why how
value values field fields property properties key keys param params parameter parameters argument arguments attribute
column row table index constraint relation record records entry entries item items element elements list array object string
number integer int boolean bool date datetime time timestamp text type types format pattern regex length size range minimum
maximum min max character characters char chars digit digits letter letters byte bytes word words line position offset
code codes status error errors warning message messages detail details reason issue issues exception fault failure validation
validate valid request requests response body header headers query url uri path route method endpoint resource resources
reference references identifier id ids name names email e-mail mail phone telephone mobile address birth birthdate dob gender sex
input output parse parsing parser parsed json xml html http https api server client service gateway upstream proxy host port
connection timeout timed retry later please try again check see contact support documentation information internal bad not found
unauthorized forbidden conflict unprocessable entity media large many denied access permission permissions scope scopes
token tokens secret authentication authorization session user users account password
patient patients person persons practitioner practitioners encounter encounters observation observations appointment
appointments condition conditions medication medications organization organizations location locations device devices claim
claims coverage consent consents document documents note notes lab labs report task tasks care plan team goal allergy allergies
immunization immunizations procedure procedures specimen schedule slot operationoutcome bundle parameters
male female other unknown active inactive draft final preliminary amended corrected cancelled canceled completed pending
booked arrived fulfilled noshow proposed planned entered mild moderate severe high low medium normal abnormal routine urgent
asap stat resolved remission recurrence relapse confirmed unconfirmed provisional differential refuted temporary home work
mobile official usual nickname anonymous maiden single married divorced widowed yes no true false null undefined nan on off
string enum union literal instance instanceof zoderror zod invalid_type invalid_string too_small too_big custom
create created update updated delete deleted read write search get post put patch insert select where
english spanish usd en us tx ca ny fl uk test example sample demo default general general other misc
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday day days week weeks month months year years hour hours minute minutes
second seconds today now current currently future past
street avenue road drive lane court apt suite unit floor north south east west
follow followup follow-up visit call message complete available use used using set choose select enough long short greater
support supported version member present non empty zero positive negative unique violates violation violated column
correct correctly real actual wrong format formatted looks like seems unable process processing processed handle could
characterised data sent send submitted submit field's it's its given when trying while during because due again there
address line city state postal zip country region district province street
null-valued nonempty optional mandatory formato formaat feld champ campo veld datum fecha data wert valeur valor valore waarde zeichen caractères caracteres ziffern chiffres
ist nicht sein werden est pas niet het är inte ikke nie jest leer vide vacío vuoto leeg
gefunden trouvé encontrado trovato gevonden hittades existing registered associated another different the-same belongs belong own
attempt attempted failed success successful ok okay problem with accept accepts content encoded encoding utf-8 iso iso8601
yyyy mm dd hh ss cant wont doesnt isnt didnt dont t s re ve ll d don isn doesn didn won wouldn shouldn couldn aren wasn weren hasn haven";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_values() {
        for message in [
            "Required",
            "must be a valid email address",
            "is too long (maximum is 20 characters)",
            "can't be blank",
            "has already been taken",
            "The email field is required.",
            "String must contain at least 1 character(s)",
            "Invalid date",
            "Expected string, received number",
            "The value '1987-13-45' is not valid for BirthDate.",
            "Enter a valid email address.",
        ] {
            assert!(is_message(message), "{message}");
        }
        for value in [
            "Marisol Quintanar",
            "4417 Larkspur Bend",
            "Will May",
            "1987-11-23",
            "(512) 555-0147",
            "Ng",
            "Ana Maria de la Cruz",
        ] {
            assert!(!is_message(value), "{value}");
        }
    }

    #[test]
    fn words_of_the_format_are_literals() {
        for word in [
            "string",
            "null",
            "ZodError",
            "java.lang.NullPointerException",
            "birthDate",
            "last_name",
            "email",
        ] {
            assert!(is_literal(word, Class::Name), "{word}");
        }
        for value in ["Marisol", "Quintanar-Abbott", "jane@example.org", "O'Brien"] {
            assert!(!is_literal(value, Class::Name), "{value}");
        }
    }
}
