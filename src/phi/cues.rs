//! The vocabulary of keys and cue words: what a key says about its value, what a word says about its neighbour.
//!
//! Owns the word lists ([`vocabulary`]) and the one matcher over them. Words are matched whole, after splitting
//! camelCase, snake_case, kebab-case, dotted, bracketed and FHIRPath forms, never as substrings: `public` is no `lic`.
//! Does not look at values. Called on hot paths: no allocation, one hash probe per suffix of the key.
//!
//! How a key is read: the last path element decides; in it, the longest run of trailing words that is in the
//! vocabulary wins (`patientFirstName` is `first name`, `hostName` is `host name` and harmless). Words that only say
//! "of a thing" (`value`, `number`, `text`) are dropped from the end and the rest is tried again; generic leaves
//! (`line`, `value`) ask the element above them.

pub(crate) mod regions;
pub(crate) mod scripts;
mod split;
mod things;
mod vocabulary;

use std::{cell::RefCell, ops::Range};

use super::class::Class;
use super::memo::Memo;
use split::{WORDS_MAX, Words};
use vocabulary::Kind;

/// What a key says about the value it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyClass {
    /// The value is an identifier of this class, whatever it looks like.
    Phi(Class),
    /// Operational or vocabulary: the value passes unless its shape alone is PHI.
    Safe,
    /// Human text: everything in it is suspect.
    Free,
    #[default]
    Unknown,
}

/// Whole-token classification of a JSON key, query parameter, header, column, form field, logfmt key or FHIRPath.
pub fn key_class(key: &str) -> KeyClass {
    if !key.is_ascii()
        && let Some(class) = scripts::key_class(key)
    {
        return KeyClass::Phi(class);
    }
    // `MRN__c`: a field that customers of Salesforce added.
    let key = ["__c", "__pc"].iter().find_map(|end| key.strip_suffix(end)).unwrap_or(key);
    let words = Words::split(key);
    if words.count == 0 {
        return KeyClass::Unknown;
    }
    if words.missing {
        return KeyClass::Safe;
    }
    match words.judge() {
        Some(found) => match found.kind {
            Kind::Phi(class) => KeyClass::Phi(class),
            Kind::Weak(class) if found.whole || found.person => KeyClass::Phi(class),
            // `pt_ln`: a function or a line without the person.
            Kind::Cue(Class::Name) if found.person => KeyClass::Phi(Class::Name),
            // The number of a clinician; a name may be that of a resource.
            Kind::Provider(class @ (Class::OtherId | Class::License)) => KeyClass::Phi(class),
            // `babyBorn`, `patient_admitted`: what happened to a person has a day.
            Kind::Cue(Class::Date) if found.person => KeyClass::Phi(Class::Date),
            Kind::Cue(Class::Date) if found.whole && matches!(found.word, "born" | "died") => {
                KeyClass::Phi(Class::Date)
            }
            Kind::Safe => KeyClass::Safe,
            // A key such as `value` or `number` alone may hold anything.
            Kind::Free | Kind::Up => KeyClass::Free,
            _ => KeyClass::Unknown,
        },
        None => KeyClass::Unknown,
    }
}

/// Is this the key of a number that identifies a clinician?
pub(crate) fn is_of_provider(key: &str) -> bool {
    Words::split(key).judge().is_some_and(|found| matches!(found.kind, Kind::Provider(_)))
}

/// Does a key claim its value by a word of a region that is off?
pub(crate) fn is_of_another_region(key: &str, regions: super::settings::RegionSet) -> bool {
    let found = Words::split(key).judge();
    found.is_some_and(|found| !regions::is_on(found.word, regions))
}

/// What the words at the end of `text` announce about what follows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cue {
    pub(crate) says: Says,
    /// The entry of our own vocabulary that matched, for explanations.
    pub(crate) word: &'static str,
    /// Means this as a key too, and not only in running text.
    pub(crate) strong: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// An identifier of this class.
    Phi(Class),
    /// A clinician's identifier.
    Provider(Class),
    /// A word such as `patient`: what stands next to it belongs to a person.
    Person,
    /// An operational word: the value is not a person's.
    Safe,
    Free,
    /// Words that say nothing: they may stand between a cue and its value.
    Filler,
}

/// The longest cue that ends `text`, of up to four words. `text` should start at a word boundary.
pub(crate) fn cue_at_end(text: &str) -> Option<Cue> {
    CUES.with_borrow_mut(|known| known.get(text, cue_at_end_afresh))
}

thread_local! {
    static CUES: RefCell<Memo<Option<Cue>>> = RefCell::new(Memo::new());
}

fn cue_at_end_afresh(text: &str) -> Option<Cue> {
    let words = Words::split(text);
    if words.count == 0 {
        return None;
    }
    let found = words.judge()?;
    // `CareApplicationKt`, `s.s.S.c.Handler`: two letters are a word only by themselves, but for `H&C`, `S/N`.
    let glued = || {
        // `pFn` is the name of a field; `CareApplicationKt` is not.
        let own = |word: &str| {
            let head = word.len().checked_sub(found.word.len());
            head.is_some_and(|head| {
                head <= 2 && word.as_bytes()[head..].eq_ignore_ascii_case(found.word.as_bytes())
            })
        };
        !text.split(|c: char| !c.is_ascii_alphanumeric()).any(own)
    };
    if found.word.len() == 2 && !text.contains(['&', '/', '+']) && glued() {
        return None;
    }
    let says = match found.kind {
        Kind::Phi(class) | Kind::Cue(class) => Says::Phi(class),
        Kind::Weak(class) if found.whole || found.person => Says::Phi(class),
        Kind::Weak(_) => return None,
        Kind::Provider(class) => Says::Provider(class),
        Kind::Person => Says::Person,
        Kind::Safe => Says::Safe,
        Kind::Free => Says::Free,
        Kind::Tail | Kind::Up => Says::Filler,
    };
    let strong = match found.kind {
        Kind::Cue(_) => false,
        Kind::Weak(_) => found.person,
        _ => true,
    };
    Some(Cue { says, word: found.word, strong })
}

/// May a phrase that ends in this token be a cue at all (`claims`: one that is more than operational)? Cheap, and
/// never wrong when it says no.
pub(crate) fn may_end_cue(token: &[u8], claims: bool) -> bool {
    vocabulary::may_end(token, claims)
}

/// What a run of ASCII letters may do as the last word of a phrase that claims something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Nothing,
    /// Claims by itself.
    Claims,
    /// Claims behind certain words only: `birth` in `date of birth`.
    Behind(Behind),
}

impl Ending {
    fn of(behind: Behind) -> Ending {
        if behind.pairs == 0 { Ending::Nothing } else { Ending::Behind(behind) }
    }
}

/// What a word must stand behind to claim something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    /// In which letters the word before ends, two of them: see [`may_follow`].
    pub(crate) pairs: u32,
    entries: (u16, u16),
    /// Length of the first word of the run.
    len: u16,
}

impl Behind {
    pub(crate) const NOTHING: Behind = Behind { pairs: 0, entries: (0, 0), len: 0 };

    fn new(entries: Range<u16>, len: usize) -> Behind {
        let pairs = vocabulary::pairs_before(&entries, len);
        Behind { pairs, entries: (entries.start, entries.end), len: len as u16 }
    }

    /// Do the run and the run of letters before it claim something together?
    pub(crate) fn follows(self, before: &str) -> bool {
        // Capitals inside a run part it.
        let inside = before.as_bytes().get(1..).unwrap_or_default();
        let parted =
            inside.iter().any(u8::is_ascii_uppercase) && before.bytes().any(|b| b.is_ascii_lowercase());
        let words = parted.then(|| Words::split(before)).filter(|words| words.count > 0);
        let last = words.as_ref().map_or(before.as_bytes(), |words| words.word(words.count - 1));
        vocabulary::stands_before(&(self.entries.0..self.entries.1), last, usize::from(self.len))
    }
}

/// See [`Ending`]. Never too little: capitals inside the run part it as they do in keys.
pub(crate) fn ending(run: &str) -> Ending {
    // `patientid 00-88-1742`: as a key of its own it claims nothing, before a number of a hospital it does.
    if run.eq_ignore_ascii_case("patientid") {
        return Ending::Claims;
    }
    if run.len() <= 32 && run.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let behind = |entries| Behind::new(entries, run.len());
        return vocabulary::claimed_by(run.as_bytes()).map_or(Ending::Claims, |e| Ending::of(behind(e)));
    }
    let words = Words::split(run);
    if run.len() > 80 || words.count >= WORDS_MAX {
        return Ending::Claims;
    }
    let mut first = Behind::NOTHING;
    for k in 0..words.count {
        let word = words.word(k);
        let Some(entries) = vocabulary::claimed_by(word) else { return Ending::Claims };
        if k == 0 {
            first = Behind::new(entries, word.len());
        } else if vocabulary::stands_before(&entries, words.word(k - 1), word.len()) {
            return Ending::Claims;
        }
    }
    Ending::of(first)
}

/// Could the run of letters `before` stand before a word of [`Behind`]? Most do not, by their last two letters.
#[inline]
pub(crate) fn may_follow(pairs: u32, before: &[u8]) -> bool {
    match before {
        [.., first, last] if !(first.is_ascii_lowercase() && last.is_ascii_uppercase()) => {
            pairs & pair_bit(*first, *last) != 0
        }
        // A single letter, or one that a capital parts from the letters before it.
        [.., _] => true,
        [] => false,
    }
}

/// A bit for two letters in any case.
const fn pair_bit(first: u8, last: u8) -> u32 {
    1 << ((last & 31).wrapping_mul(7).wrapping_add(first & 31) & 31)
}

/// Is this key, in lower case and without separators, a word for what has a name and is no person?
pub(crate) fn is_thing(key: &str) -> bool {
    things::is_thing(key)
}

/// Is this key one for several of them: `groups`, `queues`?
pub(crate) fn are_things(key: &str) -> bool {
    things::are_things(key)
}

/// Operational words that are also plain prose: before or after a number they say nothing unless they are its key.
pub(crate) fn is_prose(word: &str) -> bool {
    const PROSE: [&str; 40] = [
        "sent",
        "received",
        "required",
        "missing",
        "present",
        "test",
        "ok",
        "done",
        "success",
        "valid",
        "active",
        "status",
        "use",
        "empty",
        "enabled",
        "disabled",
        "state",
        "target",
        "class",
        "result",
        "linked",
        "requests",
        "accept",
        "action",
        "used",
        "app",
        "operation",
        "type",
        "code",
        "country",
        "flag",
        "option",
        "isvalid",
        "listen",
        "province",
        "priority",
        "quota",
        "sort",
        "handler",
        "system",
    ];
    PROSE.contains(&word)
}

#[cfg(test)]
mod tests;
