//! What the words before a word promise: a title, a slot that persons fill, a preposition.

use super::Scan;
use super::cues::{Cue, MEDIUM, PROVIDER, SLOT, STRONG, TITLE, WEAK};
use super::judge::Context;
use super::shapes::Shape;
use super::slots::{self, is_preposition};
use super::tokens::Gap;
use crate::phi::{
    class::Class,
    cues::{KeyClass, is_thing, key_class},
    ends::Ends,
    list::List,
    structure::words,
};

/// Words for one of somebody's names in languages whose forms say it in front of a verdict.
fn is_kind_of_name(cue: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KINDS: List<13> = List::new([
        "geburtsname", "familienname", "etternavn", "efternavn", "efternamn", "fornavn", "fornamn", "fodenavn", "nazwisko", "sukunimi",
        "etunimi", "meisjesnaam", "geboortenaam",
    ]);
    KINDS.has(cue.as_bytes())
}

impl Scan<'_> {
    /// `sms provider Twilio timeout`: a firm that does so for others.
    fn is_of_service(&self, provider: usize) -> bool {
        #[rustfmt::skip] // Rows of words, not one a line.
        static SERVICES: List<26> = List::new([
            "ai", "auth", "cache", "cloud", "dns", "email", "fax", "geocoding", "identity", "idp", "llm", "mail", "messaging",
            "notification", "oauth", "oidc", "payment", "payments", "push", "saml", "sms", "sso", "storage", "telephony", "translation",
            "video",
        ]);
        self.words[provider].gap == Gap::Space
            && provider
                .checked_sub(1)
                .is_some_and(|kind| SERVICES.has(self.words[kind].text(self.text).as_bytes()))
    }

    /// `nom de naissance`, `apellido materno`: do the words up to `last` say which of somebody's names follows?
    fn ends_in_kind_of_name(&self, last: usize) -> bool {
        #[rustfmt::skip] // Rows of words, not one a line.
        static PHRASES: Ends<15> = Ends::new([
            "nom de naissance", "nom d'usage", "nom d\u{2019}usage", "nom de famille", "nom de jeune fille", "nom patronymique",
            "nom marital", "nom usuel", "apellido paterno", "apellido materno", "nombre de pila", "nome da mãe", "nome da mae",
            "nome do pai", "nome social",
        ]);
        let before = &self.text.as_bytes()[..self.words[last].end()];
        PHRASES.of(before).iter().any(|phrase| {
            let start = before.len().checked_sub(phrase.len());
            start.is_some_and(|start| before[start..].eq_ignore_ascii_case(phrase.as_bytes()))
        })
    }

    /// What the words before `at` promise.
    pub(super) fn context(&self, at: usize, before: Cue) -> Context {
        let gap = self.words[at].gap;
        if gap == Gap::Space && at > 0 && self.is_sent_name(at - 1)
            || matches!(gap, Gap::Space | Gap::Label) && self.ends_in_kind_of_name(at - 1)
        {
            return Context::Strong("surname");
        }
        if before == Cue::default() {
            return if self.is_behind_name_field(at) { Context::Medium("name") } else { Context::None };
        }
        if let Some(context) = self.title_before(at, before) {
            return context;
        }
        if gap == Gap::Comma && self.is_apposed(at, before) {
            return Context::Strong(before.text);
        }
        if !matches!(gap, Gap::Space | Gap::Label) {
            // `Dear, Jane` and `patient - Jane` are too rare to pay for.
            return Context::None;
        }
        if before.has(STRONG) {
            let machine = matches!(before.text, "client" | "twin")
                && slots::is_protocol(self.text, self.words[at - 1].start());
            // `Familienname Validierung fehlgeschlagen`
            let judged = is_kind_of_name(before.text) && words::is_common(self.words[at].text(self.text));
            return if machine || judged { Context::None } else { Context::Strong(before.text) };
        }
        let earlier = at.checked_sub(2).filter(|_| self.is_joined(at)).map(|earlier| self.cue_of(earlier));
        let earlier = earlier.unwrap_or_default();
        if let Some(context) = self.slot_before(at, before, earlier).or_else(|| self.field_before(at, before))
        {
            return context;
        }
        if self.is_name_of_a_thing(at, before) {
            return Context::None;
        }
        // `nombre de`, `my name is`, `this is`, `lives with`, `maiden name`
        let phrase = match before.text {
            "de" | "di" | "da" => matches!(earlier.text, "nombre" | "nom" | "nome"),
            "is" => matches!(earlier.text, "name" | "this") || slots::names_a_part(earlier.text),
            "with" => earlier.text == "lives",
            "name" => earlier.has(MEDIUM),
            _ => false,
        };
        if phrase {
            return Context::Medium(earlier.text);
        }
        if before.has(MEDIUM) || gap == Gap::Label && matches!(before.text, "name" | "contact" | "person") {
            return Context::Medium(before.text);
        }
        if before.has(WEAK) { Context::Weak(before.text) } else { Context::None }
    }

    /// `patient's mother, Nkechi, asked`: the name of whom the word before spoke, between commas.
    fn is_apposed(&self, at: usize, before: Cue) -> bool {
        const PERSONS: [&str; 3] = ["lady", "girl", "boy"];
        let word = &self.words[at];
        (before.has(STRONG) || PERSONS.contains(&before.text))
            && word.shape == Shape::Capital
            && self.text[word.end()..].starts_with(", ")
            && self.words[at - 1].shape == Shape::Lower
    }

    /// `PATIENT_NAME SHEVCHENKO Xiuying`
    fn is_behind_name_field(&self, at: usize) -> bool {
        at.checked_sub(1).map(|field| &self.words[field]).is_some_and(|field| {
            field.shape == Shape::Joined
                && &self.text[field.end()..self.words[at].start()] == " "
                && key_class(field.text(self.text)) == KeyClass::Phi(Class::Name)
        })
    }

    /// `Mrs`, `Dr.`, `provider`: what a title before word `at` promises, if one stands there.
    fn title_before(&self, at: usize, before: Cue) -> Option<Context> {
        let gap = self.words[at].gap;
        if !before.has(TITLE | PROVIDER) || !matches!(gap, Gap::Space | Gap::Label | Gap::Dot) {
            return None;
        }
        // `14 Fr Foley catheter`: a size.
        let size =
            || before.text == "fr" && self.lead(at - 1).trim_end().ends_with(|c: char| c.is_ascii_digit());
        if before.has(TITLE) && gap != Gap::Label && self.is_title(at - 1) && !size() {
            return Some(Context::Title(before.text));
        }
        if before.text == "provider" && self.is_of_service(at - 1) {
            return Some(Context::None);
        }
        (before.has(PROVIDER) && (gap != Gap::Dot || before.text.len() <= 4))
            .then_some(Context::Provider(before.text))
    }

    /// `patient is`, `baby girl`, `spoke with`: what the word before `at` promises beside the one before it.
    fn slot_before(&self, at: usize, before: Cue, earlier: Cue) -> Option<Context> {
        if earlier.has(STRONG)
            && (matches!(before.text, "name" | "names" | "is" | "named" | "called" | "family" | "given")
                || earlier.text == "kin")
        {
            return Some(Context::Strong(earlier.text));
        }
        let (lead, spaced) = (self.lead(at - 1), self.words[at].gap == Gap::Space);
        match before.text {
            // `patient display name 'Rose'`: which of their names it is.
            "name" if self.is_joined(at) && self.is_part_of_persons_name(at) => {
                return Some(Context::Strong("name"));
            }
            // `already used by Banjo Warrigal`
            "by" if spaced && lead.ends_with(' ') && lead.trim_end().ends_with("ed") => {
                return Some(Context::Medium(before.text));
            }
            // `likes to be called Shiku`, `goes by Shiku`, `her name's Shiku`
            "called" if spaced && lead.ends_with("to be ") => return Some(Context::Medium(before.text)),
            "by" if spaced && earlier.text.is_empty() && lead.ends_with("goes ") => {
                return Some(Context::Medium(before.text));
            }
            "name" if spaced && self.words[at - 1].possessive => return Some(Context::Medium(before.text)),
            // `baby girl Quillfeather`
            "girl" | "boy" if earlier.text == "baby" => return Some(Context::Strong(before.text)),
            // `Prescribed metformin 500 mg to Thistlewood`
            "to" if spaced && self.is_given_to(at) => return Some(Context::Strong("prescribed")),
            _ => {}
        }
        (before.has(WEAK) && earlier.has(SLOT) && is_preposition(before.text)).then(|| {
            if earlier.has(STRONG) { Context::Strong(earlier.text) } else { Context::Medium(earlier.text) }
        })
    }

    /// `Last name`, `name on file`: what a field whose name ends before word `at` promises.
    fn field_before(&self, at: usize, before: Cue) -> Option<Context> {
        const REACH: usize = 32;
        const PARTS: [&str; 7] = ["last", "first", "family", "given", "middle", "maiden", "second"];
        const OF_THINGS: [&str; 4] = ["column family", "font family", "address family", "socket family"];
        let lead = self.lead(at - 1);
        let spaced = self.words[at].gap == Gap::Space;
        match before.text {
            // `name on file Warrumbul, Jedda`
            "file" => lead.ends_with("name on ").then_some(Context::Strong("name")),
            // `family name on spine is FAIRWEATHER`
            "is" if spaced => {
                let near = &lead[lead.ceil_char_boundary(lead.len().saturating_sub(REACH))..];
                let clause = near.rsplit(['.', ';', '\n', ':']).next().unwrap_or_default();
                clause.contains("name on ").then_some(Context::Strong("surname"))
            }
            // `Last name Thistlewood has already been taken`
            "name" if spaced => {
                let part = last_word(lead);
                let of_person = PARTS.iter().any(|known| part.eq_ignore_ascii_case(known))
                    && !OF_THINGS.iter().any(|thing| lead.trim_end().ends_with(thing));
                of_person.then_some(Context::Medium("surname"))
            }
            _ => None,
        }
    }

    /// Does the word before `at` announce what a thing is called?
    fn is_name_of_a_thing(&self, at: usize, before: Cue) -> bool {
        let lead = self.lead(at - 1);
        match before.text {
            // `No module named 'Levenshtein'`, `no organization named 'Johnson & Johnson'`
            "named" => {
                let thing = last_word(lead).to_ascii_lowercase();
                thing == "module" || is_thing(&thing) && !is_called_after_somebody(&thing)
            }
            "name" => {
                // `"software": {"name": "Gideon"`
                self.words[at].gap == Gap::Label && words::is_of_a_thing(self.text, lead.len())
                    // `Unknown resource name "Practitoner"`
                    || lead.ends_with("resource ")
                    || self.is_display_of_a_code(at)
            }
            _ => false,
        }
    }

    /// Does no more than a blank or a colon stand before the word before `at`?
    fn is_joined(&self, at: usize) -> bool {
        matches!(self.words[at - 1].gap, Gap::Space | Gap::Label)
    }

    /// The text before word `at`.
    fn lead(&self, at: usize) -> &str {
        &self.text[..self.words[at].start()]
    }

    /// `Wrong Display Name 'Traveller's Diarrhea' for http://snomed.info/sct#11840006`: what a code is called.
    fn is_display_of_a_code(&self, at: usize) -> bool {
        const REACH: usize = 200;
        let start = self.words[at].start();
        let behind = &self.text[start..self.text.floor_char_boundary((start + REACH).min(self.text.len()))];
        self.text[..start].ends_with("Wrong Display Name '") && behind.contains("' for http")
    }

    /// Does a word for a person stand before the kind of name that stands before word `at`?
    fn is_part_of_persons_name(&self, at: usize) -> bool {
        const KINDS: [&str; 9] =
            ["display", "full", "first", "last", "given", "family", "legal", "preferred", "maiden"];
        at >= 3
            && KINDS.iter().any(|kind| self.words[at - 2].text(self.text).eq_ignore_ascii_case(kind))
            && matches!(self.words[at - 2].gap, Gap::Space)
            && self.cue_of(at - 3).has(STRONG)
    }

    /// `last name sent BRANNIGAN`: does word `at` say of the field before it what was done with its value?
    fn is_sent_name(&self, at: usize) -> bool {
        const DONE: [&str; 8] =
            ["sent", "received", "given", "provided", "submitted", "entered", "supplied", "returned"];
        const FIELDS: [&str; 5] = ["last name ", "first name ", "family name ", "given name ", "surname "];
        let word = &self.words[at];
        let before = &self.text.as_bytes()[..word.start()];
        let names = |field: &&str| {
            before
                .len()
                .checked_sub(field.len())
                .is_some_and(|from| before[from..].eq_ignore_ascii_case(field.as_bytes()))
        };
        DONE.contains(&word.text(self.text)) && FIELDS.iter().any(names)
    }

    /// Does the clause before word `at` say that something was prescribed or given?
    fn is_given_to(&self, at: usize) -> bool {
        const REACH: usize = 80;
        let end = self.words[at].start();
        let clause = &self.text[self.text.ceil_char_boundary(end.saturating_sub(REACH))..end];
        let clause = clause.rsplit(['\n', ';', '"', '{']).next().unwrap_or_default();
        const VERBS: [&[u8]; 5] = [b"rescribed", b"dministered", b"ispensed", b"njected", b"nfused"];
        let clause = clause.as_bytes();
        let mut words = memchr::memchr_iter(b' ', clause).map(|space| &clause[..space]);
        words.any(|head| head.ends_with(b"ed") && VERBS.iter().any(|verb| head.ends_with(verb)))
    }

    /// Titles are capitalised, or stand at a word that is clearly a name.
    fn is_title(&self, at: usize) -> bool {
        let word = &self.words[at];
        let text = word.text(self.text);
        // `met ms. Raquel`, but not `took 12 ms. Raquel called`.
        let dotted = || {
            matches!(text, "ms" | "mx" | "rev" | "hon" | "capt" | "sgt" | "lt")
                && self.text.as_bytes().get(word.end()) == Some(&b'.')
                && !self.lead(at).trim_end().ends_with(|c: char| c.is_ascii_digit())
        };
        // `MR BRAIN W WO CONTRAST`: a magnetic resonance.
        let imaged = || {
            #[rustfmt::skip] // Rows of words, not one a line.
            const PARTS: [&str; 16] = [
                "BRAIN", "SPINE", "HEAD", "NECK", "KNEE", "HIP", "PELVIS", "ABDOMEN", "CHEST", "SHOULDER", "ANKLE", "WRIST", "CERVICAL",
                "LUMBAR", "THORACIC", "ANGIO",
            ];
            text == "MR"
                && self.words.get(at + 1).is_some_and(|next| {
                    let rest = &self.text[next.end()..];
                    PARTS.contains(&next.text(self.text))
                        && [" W ", " WO", " WITH", " CONTRAST", " SCAN", " ANGIO"]
                            .iter()
                            .any(|said| rest.starts_with(said))
                })
        };
        (word.shape != Shape::Lower || !slots::is_common_title(text) || dotted()) && !imaged()
    }
}

/// `folder named 'Okafor'`: things that are named after those whom they are for.
fn is_called_after_somebody(thing: &str) -> bool {
    const THINGS: [&str; 9] = ["bed", "directory", "file", "folder", "image", "plan", "room", "task", "team"];
    THINGS.contains(&thing)
}

/// The word of ASCII letters that the text ends in, blanks behind it or not.
fn last_word(text: &str) -> &str {
    text.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}
