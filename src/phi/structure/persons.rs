//! Names that words beside them give away: an age, a thing somebody owns, a name they are called by, a form of address, a
//! record that is spoken of.
//!
//! Owns these words; which others may be names is for `names` to say.

use super::{Edit, rows::is_name, span_of, words};
use crate::phi::{class::Class, names, protect};

/// No name is longer.
const NAME_BYTES_MAX: usize = 48;

/// Finds such names; a name they are called by is looked for behind those found since `first`.
pub(super) fn persons(text: &str, first: usize, out: &mut Vec<Edit>) {
    turned(text, out);
    if memchr::memchr(b'M', text.as_bytes()).is_some() {
        monsieur(text, out);
    }
    let wide = !text.is_ascii();
    if wide {
        honoured(text, out);
    }
    aged(text, out);
    addressed(text, out);
    owners(text, "'s ", out);
    if wide {
        owners(text, "\u{2019}s ", out);
    }
    called(text, first, out);
}

/// `68M`, `81 F,`: years and a letter for the sex.
pub(super) fn opens_age(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let letter = digits + usize::from(bytes.get(digits) == Some(&b' '));
    digits >= 1
        && matches!(bytes.get(letter), Some(b'M' | b'F'))
        && matches!(bytes.get(letter + 1), None | Some(b',' | b'.' | b';' | b')' | b'"'))
}

/// `transfer for will young, 68M`: two names before an age, also where they are words and in small letters.
fn aged(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for comma in memchr::memchr_iter(b',', bytes).filter(|at| bytes.get(at + 1) == Some(&b' ')).take(512) {
        if !opens_age(&bytes[comma + 2..]) {
            continue;
        }
        let floor = text.ceil_char_boundary(comma.saturating_sub(NAME_BYTES_MAX));
        let mut words = text[floor..comma].rsplit(' ');
        let (Some(family), Some(given)) = (words.next(), words.next()) else { continue };
        let name = [family, given].iter().all(|word| {
            word.chars().count() >= 2
                && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
                && names::is_listed(word)
        });
        // `temp in paris france, 68F`, `memory will grow, 68M`: small letters need one who is moved, called or seen.
        let led = given.starts_with(char::is_uppercase)
            || words.next().is_some_and(|word| {
                matches!(word, "for" | "patient" | "pt" | "with" | "seen" | "called" | "of")
            });
        if name && led {
            out.push(Edit::likely(comma - family.len() - given.len() - 1..comma, Class::Name, "name.aged"));
        }
    }
}

/// `NHS: Gwenllian, pls call re your smear`: who is asked for something at the beginning of a message.
fn addressed(text: &str, out: &mut Vec<Edit>) {
    const ASKED: [&str; 12] = [
        "call", "ring", "contact", "attend", "book", "bring", "reply", "phone", "text", "come", "confirm",
        "collect",
    ];
    const OWN: [&str; 13] = [
        "appt",
        "appointment",
        "result",
        "results",
        "test",
        "tests",
        "blood",
        "bloods",
        "scan",
        "smear",
        "prescription",
        "referral",
        "surgery",
    ];
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b',', bytes).filter(|at| asks(&bytes[at + 1..])).take(16) {
        let mut words = text[at + 2..].split(|c: char| !c.is_ascii_alphabetic());
        let (asks, of) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let known: &[&str] = if asks.eq_ignore_ascii_case("your") { &OWN } else { &ASKED };
        let floor = text.ceil_char_boundary(at.saturating_sub(NAME_BYTES_MAX));
        let name = text[floor..at].rsplit(|c: char| !(c.is_alphabetic() || c == '-')).next().unwrap_or("");
        let opens = text[..at - name.len()].ends_with(['"', '\'']) || text[..at - name.len()].ends_with(": ");
        if opens
            && known.contains(&of)
            && name.chars().count() >= 4
            && name.starts_with(char::is_uppercase)
            && name.chars().nth(1).is_some_and(char::is_lowercase)
            && names::may_be_part(name)
            && names::is_distinctive(name)
            && !words::is_common(name)
            && !protect::is_vocabulary(name)
        {
            out.push(Edit::likely(at - name.len()..at, Class::Name, "name.addressed"));
        }
    }
}

/// Behind a comma: ` pls `, ` please `, ` your `.
pub(super) fn asks(behind: &[u8]) -> bool {
    [&b" pls "[..], b" plz ", b" please ", b" your "].iter().any(|word| behind.starts_with(word))
}

/// `Kwabena's iPhone`: a name of one's own for a device.
fn owners(text: &str, sign: &str, out: &mut Vec<Edit>) {
    const DEVICES: [&str; 9] =
        ["iPhone", "iPad", "iMac", "MacBook", "Mac", "Apple Watch", "Galaxy", "Pixel", "Android"];
    let bytes = text.as_bytes();
    let opens = |at: &usize| bytes[*at..].starts_with(sign.as_bytes());
    for at in memchr::memchr_iter(sign.as_bytes()[0], bytes).filter(opens).take(64) {
        let rest = &text[at + sign.len()..];
        let floor = text.ceil_char_boundary(at.saturating_sub(NAME_BYTES_MAX));
        let word = text[floor..at].rsplit(|c: char| !(c.is_alphabetic() || c == '-')).next().unwrap_or("");
        let owned = DEVICES.iter().any(|device| {
            rest.strip_prefix(device).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
        });
        if owned && word.starts_with(char::is_uppercase) && names::is_listed(word) {
            out.push(Edit::likely(at - word.len()..at, Class::Name, "name.owner"));
        }
    }
}

/// `Mrs. Hodgkin (Agnes)`: in brackets behind a name that was found since `first`, what else they are called.
fn called(text: &str, first: usize, out: &mut Vec<Edit>) {
    for index in first..out.len() {
        let edit = &out[index];
        let Some(rest) = text.get(edit.span.end..).filter(|_| edit.class == Class::Name) else { continue };
        let Some(inner) = rest.strip_prefix(" (") else { continue };
        let word =
            inner.split(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\''))).next().unwrap_or("");
        let name = word.starts_with(char::is_uppercase)
            && word.chars().nth(1).is_some_and(char::is_lowercase)
            && inner[word.len()..].starts_with(')')
            && word.len() <= NAME_BYTES_MAX
            && names::is_distinctive(word)
            && names::is_listed(word);
        if name {
            let start = edit.span.end + " (".len();
            out.push(Edit::likely(start..start + word.len(), Class::Name, "name.called"));
        }
    }
}

/// `record khumalo, mbali is locked`: family name and given name in small letters, behind a word for a record or a
/// person and before what is said of them.
fn turned(text: &str, out: &mut Vec<Edit>) {
    const CUES: [&str; 15] = [
        "record",
        "patient",
        "chart",
        "unmatched",
        "unmatched:",
        "pt",
        "client",
        "member",
        "resident",
        "person",
        "named",
        "patient:",
        "name:",
        "record:",
        "chart:",
    ];
    let bytes = text.as_bytes();
    let letter = |byte: &u8| byte.is_ascii_lowercase() || *byte >= 0x80 || matches!(byte, b'\'' | b'-');
    for comma in memchr::memchr_iter(b',', bytes).take(32) {
        let (Some(b' '), Some(left)) = (bytes.get(comma + 1), comma.checked_sub(1)) else { continue };
        if !letter(&bytes[left]) || !bytes.get(comma + 2).is_some_and(letter) {
            continue;
        }
        let start = comma - bytes[..comma].iter().rev().take(32).take_while(|byte| letter(byte)).count();
        let end = comma + 2 + bytes[comma + 2..].iter().take(32).take_while(|byte| letter(byte)).count();
        let (Some(family), Some(given)) = (text.get(start..comma), text.get(comma + 2..end)) else {
            continue;
        };
        let cue = text[..start].trim_end_matches(' ').rsplit([' ', '"', '\t']).next().unwrap_or("");
        let rest = &text[end..];
        let said = rest.is_empty()
            || ["\"", " (", ".", ")", " is ", " was ", " has ", " not ", " already ", " does "]
                .iter()
                .any(|next| rest.starts_with(next));
        let plain = |word: &str| word.len() >= 3 && !words::is_common(word) && !protect::is_vocabulary(word);
        let listed = || names::is_name_like(family) || names::is_name_like(given);
        // `skipping quintanar, marisol (already synced)`: both listed, behind what is done to a record.
        let done = || {
            cue.len() > 4
                && (cue.ends_with("ing") || cue.ends_with("ed"))
                && names::is_name_like(&format!("{given} {family}"))
                && [family, given].into_iter().all(names::is_distinctive)
        };
        if said
            && plain(family)
            && plain(given)
            && listed()
            && (done() || CUES.iter().any(|known| cue.eq_ignore_ascii_case(known)))
        {
            out.push(Edit::likely(start..end, Class::Name, "row.person"));
        }
    }
}

/// `M. Kouassi N'Guessan a déjà …`: the French title, which elsewhere is an initial.
fn monsieur(text: &str, out: &mut Vec<Edit>) {
    const TITLE: &str = "M. ";
    let titles = memchr::memchr_iter(b'M', text.as_bytes()).filter(|at| text[*at..].starts_with(TITLE));
    for at in titles.take(8) {
        let bounded = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
        let after = at + TITLE.len();
        let words: Vec<&str> = text[after..].split(' ').take(3).collect();
        let [given, family, next] = words.as_slice() else { continue };
        let french = matches!(*next, "a" | "est" | "n'a" | "n'est" | "né" | "sera" | "doit" | "et" | "déjà");
        let capital = |word: &str| word.starts_with(char::is_uppercase) && is_name(word, false);
        if bounded && french && capital(given) && capital(family) {
            out.push(Edit::likely(after..after + given.len() + 1 + family.len(), Class::Name, "name.titled"));
        }
    }
}

/// `患者渡辺香織さんの`: ideographs between a word for a person, or no ideograph, and a Japanese form of address.
fn honoured(text: &str, out: &mut Vec<Edit>) {
    const FORMS: [&str; 6] = ["さん", "様", "氏", "殿", "ちゃん", "くん"];
    const PERSONS: [&str; 14] = [
        "患者",
        "本人",
        "家族",
        "利用者",
        "保護者",
        "会員",
        "顧客",
        "被保険者",
        "入院",
        "外来",
        "担当",
        "登録者",
        "患児",
        "受診者",
    ];
    /// What comes before `様` in other words: `仕様`, `同様`; and the trades in `看護師さん`.
    const OTHERS: &str = "仕同模多異有者師員客方皆各科院薬様";
    /// What goes on with another word: `氏名`, `様式`, `様子`.
    const GOES_ON: &[char] = &['名', '式', '子', '相', '態', '々'];
    const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=6;
    let bytes = text.as_bytes();
    for at in memchr::memchr3_iter(0xe3, 0xe6, 0xe5, bytes).take(512) {
        let Some(form) = text.get(at..).and_then(|rest| FORMS.iter().find(|form| rest.starts_with(**form)))
        else {
            continue;
        };
        if text[at + form.len()..].starts_with(GOES_ON) {
            continue;
        }
        let is_name = |c: &char| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '々');
        // `佐々木 美咲 様`: blanks between the names and before the form.
        let spaced = text[..at].ends_with([' ', '\u{3000}']);
        let part = |c: &char| is_name(c) || spaced && matches!(c, ' ' | '\u{3000}');
        let run: usize = text[..at].chars().rev().take(12).take_while(|c| part(c)).map(char::len_utf8).sum();
        let name = text[at - run..at].trim_matches([' ', '\u{3000}']);
        // A family and a given name; what stands before them is the sentence.
        let before = name.rmatch_indices([' ', '\u{3000}']).nth(1).map_or(0, |(at, blank)| at + blank.len());
        let name = &name[before..];
        let name = PERSONS.iter().find_map(|person| name.strip_prefix(person)).unwrap_or(name);
        let last = name.chars().next_back();
        let letters = name.chars().filter(is_name).count();
        if NAME_CHARS.contains(&letters) && !last.is_some_and(|last| OTHERS.contains(last)) {
            out.push(Edit::likely(span_of(text, name), Class::Name, "name.honoured"));
        }
    }
}
