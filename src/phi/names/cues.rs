//! The words that make a name of what stands beside them, in seven languages.
//!
//! Owns the vocabulary only; how far a cue reaches is decided in `find`. A cue never carries wire text: what a finding
//! names as its cue is the entry of the table here.

use super::lexicon::fold;

/// What a word does to its neighbours. A word may do several things at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cue {
    bits: u16,
    pub text: &'static str,
}

/// A person follows: `patient`, `guardian`, `named`.
pub(super) const STRONG: u16 = 1;
/// A person or a thing may follow: a name the lexicon knows is enough.
pub(super) const MEDIUM: u16 = 1024;
/// A form of address: `Mrs`, `Herr`.
pub(super) const TITLE: u16 = 2;
/// A person may follow: `for`, `by`, `user`.
pub(super) const WEAK: u16 = 4;
/// A provider follows: `Dr`, `physician`.
pub(super) const PROVIDER: u16 = 8;
/// Before `by`, `to`, `for`, `of` it makes a name slot: `signed by`, `registered to`, `mother of`.
pub(super) const SLOT: u16 = 16;
/// What a person does at the start of a sentence: `reports`, `denies`.
pub(super) const VERB: u16 = 32;
/// Follows a person's name: `born`, `not found`.
pub(super) const TAIL: u16 = 64;
/// Said of persons only, right behind the name: `born`, `dob`.
pub(super) const OF_PERSON: u16 = 4096;
/// Stands inside names: `van`, `de`, `al`.
pub(super) const PARTICLE: u16 = 128;
/// Ends a name: `Jr`, `III`.
pub(super) const SUFFIX: u16 = 256;
/// Follows a provider's name: `MD`, `RN`.
pub(super) const DEGREE: u16 = 512;
/// Asks for somebody, so that even small letters in quotes behind it are a name: `patient 'zbigniewska'`.
pub(super) const SEEKS: u16 = 2048;

// Rows of words, not one a line.
#[rustfmt::skip]
const LISTS: [(u16, &[&str]); 13] = [
    (STRONG, &[
        "patient", "pt", "subscriber", "guardian", "guarantor", "beneficiary", "policyholder", "spouse",
        "enrollee", "decedent", "caregiver", "mother", "father", "husband", "wife", "brother", "sister",
        "daughter", "kin", "patientname", "subscribername", "guardianname", "paciente", "llamado",
        "llamada", "apellido", "apellidos", "tutora", "madre", "padre", "esposa", "esposo", "patiente",
        "prenom", "nomme", "nommee", "patientin", "patienten", "versicherter", "versicherte", "paziente",
        "cognome", "titulaire", "souscripteur", "souscriptrice", "versicherungsnehmer", "tomador", "contraente", "patientrecord", "patientrow", "patientdto", "patiententity", "patientmodel", "patientview", "patientobject",
        "patientresource", "patientsummary", "patientprofile", "patientinfo", "patientproxy", "personrecord", "persondto",
        "personentity", "memberrecord", "memberdto", "memberentity", "subscriberdto", "subscriberrecord", "assistito", "achternaam", "voornaam", "geburtsname", "familienname", "meisjesnaam", "geboortenaam", "etternavn", "efternavn", "efternamn", "fornavn", "fornamn", "fodenavn", "nazwisko", "sukunimi", "etunimi", "prijmeni", "sloinne", "verzekerde", "sobrenome", "пациент", "пациентка",
        "пациента", "ασθενης", "المريض", "مريض", "מטופל", "रोगी", "患者", "病人", "환자", "氏名", "姓名", "성명", "имя",
        "фамилия", "اسم", "שם", "नाम", "ονομα", "名前", "mom", "dad", "grandmother", "grandfather",
        "grandson", "granddaughter", "aunt", "uncle", "niece", "nephew", "fiance", "fiancee", "partner",
        "pat", "mum", "mommy", "daddy", "grandma", "grandpa", "stepfather", "stepmother", "step-father",
        "step-mother", "stepson", "stepdaughter", "daughter-in-law", "son-in-law", "mother-in-law",
        "father-in-law", "sister-in-law", "brother-in-law", "twin", "triplet", "twins", "newborn",
        "neonate", "toddler", "survivor", "widow", "widower", "cousin", "roommate", "boyfriend", "girlfriend",
        "inpatient", "outpatient", "carer", "caretaker", "foster", "proband", "mutter", "vater", "tochter",
        "sohn", "ehefrau", "ehemann", "bruder", "schwester", "angehorige", "angehoriger", "betreuer",
        "betreuerin", "patientinnen", "mere", "pere", "fille", "fils", "epoux", "epouse", "conjoint",
        "conjointe", "frere", "soeur", "tutrice", "beneficiaire", "adherent", "adherente", "prenomme",
        "prenommee", "asegurado", "asegurada", "hijo", "hija", "hermano", "hermana", "abuelo", "abuela",
        "beneficiario", "beneficiaria", "afiliado", "afiliada", "cuidador", "cuidadora", "utente", "filho",
        "filha", "mae", "pai", "irmao", "irma", "avo", "segurado", "segurada", "responsavel", "doente",
        "assistita", "figlio", "figlia", "marito", "moglie", "fratello", "sorella", "nonno", "nonna",
        "tutore", "intestatario", "moeder", "vader", "dochter", "zoon", "echtgenoot", "echtgenote", "broer",
        "mantelzorger", "voogd", "client", "cliente", "clienten", "brukare", "anhorig", "mamma", "pappa",
        "dotter", "maka", "pasient", "pasienten", "pasienter", "datter", "sonn", "moren", "faren", "borger",
        "pacjent", "pacjentka", "pacjentki", "pacjentke", "pacjenta", "pacjentowi", "pacjentem", "matka",
        "ojciec", "corka", "zona", "maz", "opiekun", "opiekunka", "ubezpieczony", "ubezpieczona", "hasta",
        "hastanin", "hastasi", "pacient", "pacientka", "potilas", "beteg", "пациентке", "пациентки",
        "пациентку", "пациентом", "пациенту", "пацієнт", "пацієнтка", "хворий", "מטופלת", "החולה", "חולה",
        "מטופלים", "המטופל", "המטופלת", "المريضة", "مريضة", "للمريض", "للمريضة", "환자명", "病患", "患儿",
        "cardholder", "accountholder", "alaisan", "majinyaci", "majinyaciya", "mgonjwa",
    ]),
    (MEDIUM, &[
        "late", "guest", "attendee", "invitee", "feld", "veld", "champ", "campo", "named", "dependent", "dependant", "dear", "hello", "hi", "hey", "birthday", "congratulations", "congrats", "thanks", "morning", "afternoon", "evening", "parent", "partner", "alias", "nom", "titular",
        "insured", "son", "nombre", "nome", "naam", "nachname", "vorname", "assure", "assuree", "hola", "ciao",
        "bonjour", "hallo", "hej", "famille", "geachte", "estimado", "estimada", "liebe", "chere", "cher", "namens", "tutor", "relative", "nickname", "mom", "dad", "surname", "forename",
        "firstname", "lastname", "fullname", "displayname", "familyname", "givenname", "middlename",
        "maiden", "patients", "proband", "nee", "formerly", "aka", "baby", "re", "tell", "ask", "asked",
        "remind", "text", "texted", "ring", "rang", "phoned", "paged", "page", "bel", "notified", "prior",
        "dtr", "dau", "nan", "nana", "nanna", "gran", "hubby", "ora", "habari", "jambo", "sawubona", "merhaba", "namaste", "sannu", "salaam",
        "admitted", "discharged", "triaged", "examined", "vaccinated", "immunised", "immunized", "intubated",
        "little", "infant", "reminder", "pikin", "roomie", "onye", "i'm", "its", "it's",
    ]),
    (TITLE, &[
        "mr", "mrs", "ms", "miss", "mx", "sr", "sra", "srta", "senor", "senora", "senorita", "don", "dona",
        "herr", "herrn", "frau", "monsieur", "madame", "mademoiselle", "mme", "mlle", "signor", "signora",
        "sig", "dhr", "mevr", "mevrouw", "meneer", "mw", "senhor", "senhora", "dn", "pan", "pani", "bay",
        "bayan", "sayin", "alhaji", "alhaja", "hajia", "hajiya", "mallam", "malam", "chief", "otunba",
        "bi", "bw", "bibi", "bwana", "smt", "shri", "shrimati", "sushri", "thiru", "selvi", "janab", "datuk", "datin", "encik", "puan", "khun", "ustaz", "ustazah", "bpk", "engr", "alh", "hajjah", "kyrios", "kyria",
        "evang", "pastor", "rev", "reverend", "fr", "imam", "rabbi", "sheikh", "sir",
        "dame", "lady", "lord", "mama", "papa", "baba", "iya", "oga", "auntie", "aunty", "uncle", "aunt",
        "grandpa", "grandma", "granny", "grandad", "mister", "missus", "missis", "madam", "capt", "captain",
        "lt", "sgt", "col", "maj", "cpl", "judge", "mstr", "fru", "hr", "froken", "frk", "bg", "bb", "hon",
    ]),
    (WEAK, &[
        "for", "by", "from", "to", "with", "of", "and", "user", "username", "suser", "duser", "usrname", "client", "contact", "member",
        "customer", "row", "name", "is", "as", "person", "relatedperson", "caller", "employee", "applicant",
        "owner", "author", "recipient", "sender", "who", "para", "por", "con", "pour", "par", "avec", "fur",
        "von", "mit", "per", "voor", "door", "met", "com", "che", "called", "against", "about", "child",
        "infant", "baby", "boy", "girl", "family", "given", "account", "accountholder", "holder",
        "cardholder", "driver", "witness", "minor", "value", "duplicate", "spouse", "mentioned", "told",
        "saw", "between", "sur", "chez", "del", "du", "der", "dem", "bei", "di", "da", "do", "van",
        "mister", "nurse", "doctor", "loading", "processing", "updating", "creating", "deleting", "merging",
        "searching", "registering", "fetching", "admitting", "saving", "calling", "notifying", "contacting",
        "emailing", "merge", "merged", "loaded", "found", "got", "chart", "this", "bit", "lives",
        "citofono", "returned", "returns", "says",
    ]),
    (PROVIDER, &[
        "dr", "dra", "drs", "prof", "doctor", "docteur", "doktor", "dottore", "dott", "professor",
        "provider", "physician", "practitioner", "nurse", "surgeon", "attending", "pcp", "clinician",
        "therapist", "pharmacist", "prescriber", "resident", "consultant", "medico", "medecin", "arzt",
        "doc",
    ]),
    (SLOT, &[
        "ask", "asked", "asks", "asking", "seen", "signed", "assigned", "registered", "belongs", "belonging", "issued", "match", "matches",
        "matched", "lookup", "behalf", "mother", "father", "son", "daughter", "wife", "husband", "spouse",
        "guardian", "parent", "brother", "sister", "referred", "prescribed", "admitted", "scheduled",
        "booked", "approved", "requested", "called", "record", "records", "chart", "file", "name", "names",
        "results", "result", "appointment", "visit", "encounter", "claim", "coverage", "eligibility",
        "search", "searching", "searched", "found", "duplicate", "merge", "merged", "address", "phone",
        "email", "dob", "birthdate", "notify", "notified", "sent", "letter", "message", "reminder",
        "consent", "referral", "prescription", "refill", "discharged", "transferred", "spoke", "talked",
        "met", "written", "reported", "submitted", "entered", "witnessed", "accompanied", "brought", "kin",
        "care", "history", "labs", "orders", "order", "note", "notes", "bill", "billed", "invoice",
        "statement", "rx", "refills", "script", "meds", "recall", "voicemail", "vm", "sms", "callback", "followup", "follow-up",
        "copay", "waitlist", "immunization", "immunizations", "vaccination", "vaccine", "screening", "bloods", "bloodwork", "mri",
        "xray", "x-ray", "ultrasound", "swab", "transport", "interpreter", "booking", "intake", "consult", "consultation",
        "checkup", "check-up", "televisit", "telehealth", "questionnaire", "reschedule", "rescheduled", "cancellation", "no-show",
        "registriert", "ausgestellt", "registrado", "registrada", "encontrado", "enregistre",
        "atendido", "firmado", "unterschrieben", "household", "estate",
        "newborn", "neonate", "twins", "widow", "widower", "cousin", "niece", "nephew", "grandson", "granddaughter",
        "grandmother", "grandfather",
    ]),
    (VERB, &[
        "walks", "family", "household", "screened", "reports", "reported", "states", "stated", "denies", "denied", "complains", "complained",
        "presents", "presented", "describes", "described", "endorses", "endorsed", "lives", "underwent",
        "requests", "requested", "called", "says", "said", "takes", "tolerated", "arrived", "refused",
        "was", "is", "has", "had", "mentioned", "feels", "felt", "missed", "cancelled", "wants", "needs",
        "asked", "agreed", "declined", "slept", "ambulated", "asks", "walked", "rescheduled", "opted",
        "calls", "rang", "phoned", "delivered", "fasting", "stable", "pending", "discharged", "transferred",
        "awake", "sleeping", "ate", "voided", "vomited", "fell", "cried", "smiled", "refuses", "consents",
        "consented", "agrees", "attended", "ringte", "arrives", "leaves", "left", "moved", "misses", "took",
        "gave", "signed", "verified", "swapped", "spelled", "allergic", "lost", "got", "wishes", "prefers",
        "hopes", "came", "comes", "goes", "went", "visits", "visited", "wrote", "writes", "emailed",
        "texted", "shares", "share", "tested", "recovered", "died", "breathing", "eating", "drinking",
    ]),
    (TAIL | OF_PERSON, &[
        "born", "dob", "geb", "geboren", "nee", "nacido", "nacida", "nato", "nata", "nascido", "nascida", "aged",
        "admitted", "discharged", "deceased", "ssn", "mrn",
    ]),
    (TAIL, &[
        "ne", "age", "birthdate", "birth", "dateofbirth", "phone", "email", "yo", "male", "female", "not", "does",
        "already", "has", "was", "cannot", "could", "failed", "no", "rejected", "exists", "is", "did", "missing",
        "lives", "called", "denied", "and", "bed", "room", "ward", "chair", "rescheduled", "pending", "stable",
        "fasting", "allergic", "wants", "asks",
    ]),
    (PARTICLE, &[
        "van", "der", "den", "de", "la", "las", "los", "del", "da", "das", "do", "dos", "di", "du", "des",
        "le", "von", "zu", "zum", "zur", "bin", "ibn", "bint", "al", "el", "ter", "ten", "op", "st", "ste",
        "y", "e", "i", "af", "av", "ben", "abu", "abd", "ap", "san", "della", "delle", "dello", "dalla",
        "mc", "mac", "ni", "nic", "santa", "saint", "t", "het",
    ]),
    (SUFFIX, &[
        "jr", "sr", "ii", "iii", "iv", "esq",
    ]),
    (SEEKS, &[
        "patient", "patients", "pt", "pts", "paciente", "pacientes", "patientin", "patiente", "paziente", "pacjent", "pacjentka",
        "surname", "forename", "lastname", "firstname", "fullname", "familyname", "givenname", "resident", "residents",
        "member", "members", "subscriber", "subscribers", "enrollee", "beneficiary", "dependent", "dependant", "person", "persons",
        "people", "guarantor", "search", "searched", "searching", "searches", "query", "queried", "term", "terms",
        "lookup", "keyword", "find", "finding",
    ]),
    (DEGREE, &[
        "md", "rn", "np", "pa", "phd", "lpn", "dds", "dmd", "pharmd", "lcsw", "crna", "facs", "dnp", "psyd",
        "mbbs", "frcs", "mph",
    ]),
];

impl Cue {
    pub fn has(self, what: u16) -> bool {
        self.bits & what != 0
    }
}

/// What the table says of `word`, in any case. Diacritics must be folded by the caller if the word is not ASCII.
pub(super) fn cue(word: &str) -> Cue {
    entry(index(word))
}

/// The table entry of `word`, or 0.
pub(super) fn index(word: &str) -> u16 {
    let bytes = word.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    let len = bytes.len();
    if len > WORD_MAX || GATE[gate_at(*first, *last)] >> len & 1 == 0 {
        return 0;
    }
    if len >= 2 && INNER_GATE[gate_at(bytes[1], bytes[len - 2])] >> len & 1 == 0 {
        return 0;
    }
    let mut at = hash(bytes);
    loop {
        let slot = &TABLE[at];
        if slot.text.is_empty() {
            return 0;
        }
        if slot.text.as_bytes().eq_ignore_ascii_case(bytes) {
            return at as u16;
        }
        at = after(at);
    }
}

/// The same for a word with letters beyond ASCII.
pub(super) fn index_folded(word: &str) -> u16 {
    match index(word) {
        0 => index(&fold(word)),
        found => found,
    }
}

pub(super) fn entry(index: u16) -> Cue {
    TABLE[usize::from(index) % SLOTS]
}

/// No cue is longer.
pub(super) const WORD_MAX: usize = 31;
/// Slot 0 stays empty: it is the entry of every word that is no cue.
const SLOTS: usize = 2048;
static TABLE: [Cue; SLOTS] = build();
/// By first and last byte, the lengths that occur: most words of a line leave here, and most others by the bytes beside those.
static GATE: [u32; 1024] = gate(0);
static INNER_GATE: [u32; 1024] = gate(1);

const fn gate_at(first: u8, last: u8) -> usize {
    ((first & 31) as usize) << 5 | (last & 31) as usize
}

const fn after(at: usize) -> usize {
    if at + 1 == SLOTS { 1 } else { at + 1 }
}

const fn hash(word: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < word.len() {
        hash = (hash ^ word[at].to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    let at = (hash ^ hash >> 15) as usize & (SLOTS - 1);
    if at == 0 { 1 } else { at }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

// The lists hold far fewer words than the table has slots, so the probe always ends; a table too full would not compile.
const fn build() -> [Cue; SLOTS] {
    let mut table = [Cue { bits: 0, text: "" }; SLOTS];
    let mut used = 0;
    let mut list = 0;
    while list < LISTS.len() {
        let mut word = 0;
        while word < LISTS[list].1.len() {
            let text = LISTS[list].1[word];
            assert!(text.len() <= WORD_MAX);
            let mut at = hash(text.as_bytes());
            while !table[at].text.is_empty() && !same(table[at].text.as_bytes(), text.as_bytes()) {
                at = after(at);
            }
            if table[at].text.is_empty() {
                used += 1;
            }
            table[at] = Cue { bits: table[at].bits | LISTS[list].0, text };
            word += 1;
        }
        list += 1;
    }
    assert!(used < SLOTS / 2);
    table
}

/// The gate by the bytes so far from both ends.
const fn gate(from_end: usize) -> [u32; 1024] {
    let mut gate = [0; 1024];
    let mut list = 0;
    while list < LISTS.len() {
        let mut word = 0;
        while word < LISTS[list].1.len() {
            let text = LISTS[list].1[word].as_bytes();
            if text.len() > from_end {
                gate[gate_at(text[from_end], text[text.len() - 1 - from_end])] |= 1 << text.len();
            }
            word += 1;
        }
        list += 1;
    }
    gate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_nothing_else_is() {
        assert!(cue("patient").has(STRONG) && cue("PATIENT").has(STRONG) && cue("Mrs").has(TITLE));
        assert!(cue("signed").has(SLOT) && cue("von").has(PARTICLE) && cue("von").has(WEAK));
        assert!(cue("пациент").has(STRONG));
        for word in ["", "p", "patientx", "zebra", "a-very-long-word-that-is-longer-than-the-table-allows"] {
            assert_eq!(cue(word), Cue::default());
        }
    }
}
