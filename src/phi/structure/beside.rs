//! Names beside what was found: `Blodwyn Maddocks (03-Feb-1939)`, `Annsofie Lindal <a.l@example.org>`,
//! `CPR 010203-2994 Freja Thygesen`. A birth date or number tells whose it is, so words beside it need not be in any
//! list; they only must not be words of something else. And the name once more: who was found under a key is found
//! again in the message.
//!
//! Only looks around what other readers found, so a text without a finding costs nothing.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader, company::company, is_taken, span_of, words};
use crate::phi::{class::Class, list::List, names};

/// Findings of one text that are looked around, and how far.
const ANCHORS_MAX: usize = 32;
const GAP_BYTES_MAX: usize = 24;
const NAME_BYTES_MAX: usize = 64;
const WORDS_MAX: usize = 5;
/// Occurrences of one name that are followed up.
const AGAIN_MAX: usize = 16;

/// Letters that two spellings of a name have in common at least.
const ALIKE_LETTERS_MIN: usize = 3;

/// No link is longer, in any case.
const LINK_BYTES_MAX: usize = 16;

/// What may stand between a person and the date or number that is theirs, beside what is said of persons only.
#[rustfmt::skip] // Rows of words, not one a line.
static LINKS: List<66> = List::new([
    "b", "d", "o", "n", "née", "ne", "né", "ur", "född", "født", "f", "il", "le", "el", "am", "op", "den", "em", "on", "at",
    "dn", "fn", "ddn", "nhs", "kt", "cnp", "pesel", "tel", "tlf", "tél", "ph", "phone", "cell", "mob",
    "mobile", "email", "mail", "id", "no", "nr", "number", "member", "age", "fax", "call", "urodzony",
    "urodzona", "dnia", "naissance", "medicare", "medicaid", "ihi", "chi", "ohip", "phn", "ramq", "nin", "bvn", "hospital",
    "policy", "passport", "account", "acct", "licence", "license", "card",
]);

/// Is `word`, in any case, such a link?
fn is_link(word: &str) -> bool {
    match word.is_ascii() {
        true => LINKS.has(word.as_bytes()) || names::is_said_only_of_persons(word),
        false => word.len() <= LINK_BYTES_MAX && LINKS.has_exactly(word.to_lowercase().as_bytes()),
    }
}

impl Reader<'_> {
    /// Looks for names beside what was found since `first`.
    pub(super) fn beside(&self, text: &str, first: usize, out: &mut Vec<Edit>) {
        if out.len() == first {
            return;
        }
        let anchors: Vec<(Range<usize>, Class)> = out[first..]
            .iter()
            .filter(|edit| is_anchor(edit.class) && text.get(edit.span.clone()).is_some())
            .take(ANCHORS_MAX)
            .map(|edit| (edit.span.clone(), edit.class))
            .collect();
        homes(text, first, out);
        twins(text, first, out);
        for (anchor, class) in anchors {
            let before = name_before(text, anchor.start)
                .filter(|_| class != Class::Geo || text[..anchor.start].ends_with(", "));
            let after = name_after(text, anchor.end).filter(|_| class != Class::Geo);
            let after = after.or_else(|| {
                turned(text, anchor.end)
                    .or_else(|| initialled(text, anchor.end))
                    .filter(|_| !matches!(class, Class::Geo | Class::Date))
            });
            let names = [before, slug_before(text, anchor.start), label_before(text, anchor.start), after];
            for name in names.into_iter().flatten() {
                if !is_taken(&out[first..], &name) {
                    out.push(Edit::likely(name, Class::Name, "name.beside"));
                }
            }
        }
        groups(text, first, out);
        company(text, first, out);
    }
}

/// What is of one person only, so that a name beside it is theirs.
fn is_anchor(class: Class) -> bool {
    use Class::{Account, Date, Email, Geo, HealthPlan, Mrn, OtherId, Phone, Ssn};
    matches!(class, Date | Email | Phone | Ssn | Mrn | HealthPlan | Account | OtherId | Geo)
}

/// Towns behind the names and days found since `first`: `nato il 30/10/1952 a Pozzuoli`.
fn homes(text: &str, first: usize, out: &mut Vec<Edit>) {
    let homes: Vec<Range<usize>> = out[first..]
        .iter()
        .filter(|edit| text.is_char_boundary(edit.span.end.min(text.len())))
        .take(ANCHORS_MAX)
        .filter_map(|edit| {
            let prepositions: &[&str] = match edit.class {
                Class::Name => &[" from ", " of "],
                Class::Date => &[" a ", " te ", " in ", " \u{e0} ", " en ", " em ", " zu ", " w ", " i "],
                _ => return None,
            };
            home(text, edit.span.end.min(text.len()), prepositions)
        })
        .collect();
    out.extend(homes.into_iter().map(|span| Edit::likely(span, Class::Geo, "town.of-name")));
}

/// The groups of the plans found since `first`: `member 904417732-01 (group 88120)`.
fn groups(text: &str, first: usize, out: &mut Vec<Edit>) {
    const WORDS: [&str; 4] = ["group ", "grp ", "group# ", "group no "];
    let ends: Vec<usize> = out[first..]
        .iter()
        .filter(|edit| {
            edit.class == Class::HealthPlan && text.is_char_boundary(edit.span.end.min(text.len()))
        })
        .take(ANCHORS_MAX)
        .map(|edit| edit.span.end.min(text.len()))
        .collect();
    for end in ends {
        let rest = text[end..].trim_start_matches([' ', ',', '(', '/']);
        let Some(rest) = WORDS.iter().find_map(|word| rest.strip_prefix(word)) else { continue };
        let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let span = text.len() - rest.len()..text.len() - rest.len() + len;
        let digits = rest[..len].bytes().filter(u8::is_ascii_digit).count();
        if digits >= 4 && !is_taken(&out[first..], &span) {
            out.push(Edit::likely(span, Class::HealthPlan, "plan.group"));
        }
    }
}

/// Who is compared with the names found since `first`.
fn twins(text: &str, first: usize, out: &mut Vec<Edit>) {
    let names: Vec<Range<usize>> = out[first..]
        .iter()
        .filter(|edit| edit.class == Class::Name && text.get(edit.span.clone()).is_some())
        .take(ANCHORS_MAX)
        .map(|edit| edit.span.clone())
        .collect();
    for name in names {
        if let Some(twin) = twin(text, &name).filter(|twin| !is_taken(&out[first..], twin)) {
            out.push(Edit::likely(twin, Class::Name, "name.twin"));
        }
    }
}

/// `Saoirse Kilbannon / Searsha Kilbannan`: somebody else, or the same in other letters, compared with `name`.
fn twin(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    const SIGNS: [&str; 9] = [" / ", " vs ", " vs. ", " ~ ", " <> ", " <-> ", " <=> ", " != ", " versus "];
    let (before, after) = (&text.as_bytes()[..name.start], &text.as_bytes()[name.end..]);
    if !matches!(after, [b' ', b'/' | b'v' | b'~' | b'<' | b'!', ..])
        && !matches!(before, [.., b'/' | b's' | b'.' | b'~' | b'>' | b'=', b' '])
    {
        return None;
    }
    let words: Vec<&str> = text[name.clone()].split(' ').collect();
    if !(1..=WORDS_MAX).contains(&words.len()) {
        return None;
    }
    let part = |word: &str| {
        word.starts_with(char::is_uppercase) && names::may_be_part(word) && !words::is_common(word)
    };
    let span = if let Some(rest) = SIGNS.iter().find_map(|sign| text[name.end..].strip_prefix(sign)) {
        let start = text.len() - rest.len();
        let mut end = start;
        for word in rest.split(' ').take(words.len()) {
            let bare = word.trim_end_matches(|c: char| !is_of_name(c));
            end = span_of(text, bare).end;
        }
        start..end
    } else {
        let rest = SIGNS.iter().find_map(|sign| text[..name.start].strip_suffix(sign))?;
        let start = rest.rmatch_indices(' ').nth(words.len() - 1).map_or(0, |(at, _)| at + 1);
        let opened = rest[start..].trim_start_matches(|c: char| !is_of_name(c));
        rest.len() - opened.len()..rest.len()
    };
    let other: Vec<&str> = text[span.clone()].split(' ').collect();
    let alike = |a: &&str, b: &&str| {
        a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count() >= ALIKE_LETTERS_MIN
    };
    (other.len() == words.len()
        && other.iter().all(|word| part(word))
        && other.iter().any(|word| words.iter().any(|known| alike(word, known))))
    .then_some(span)
}

/// `Musa Gwandu from Birnin Kebbi`: where somebody named is from.
fn home(text: &str, end: usize, prepositions: &[&str]) -> Option<Range<usize>> {
    let rest = prepositions.iter().find_map(|preposition| text[end..].strip_prefix(preposition))?;
    let start = text.len() - rest.len();
    let mut end = start;
    for word in rest.split(' ').take(3) {
        let bare = word.trim_end_matches([',', '.', ';', ')', ':', '"']);
        let letters = bare.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
        if !bare.starts_with(char::is_uppercase)
            || !letters
            || bare.len() < 3
            || words::is_common(bare)
            || !names::may_be_town(bare)
        {
            break;
        }
        end = span_of(text, bare).end;
        if bare.len() < word.len() {
            break;
        }
    }
    (end > start && !text[end..].starts_with(['=', ':'])).then_some(start..end)
}

/// The run of capitalised words that ends before `anchor`, with no more than a link between.
fn name_before(text: &str, anchor: usize) -> Option<Range<usize>> {
    let floor = text.ceil_char_boundary(anchor.saturating_sub(GAP_BYTES_MAX + NAME_BYTES_MAX));
    let mut end = anchor;
    // Signs and linking words between.
    loop {
        let before = text[floor..end]
            .trim_end_matches([' ', '(', '<', ',', '-', '–', '/', '[', ':', '.', '#', '"', '\'', '*']);
        let signs = &text[floor + before.len()..end];
        let word = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '\'')).next().unwrap_or("");
        if signs.is_empty() || !is_link(word) {
            end = floor + before.len();
            break;
        }
        end = floor + before.len() - word.len();
    }
    let gap = text.get(end..anchor)?;
    // A key says whose value this is: `city: 1990-01-01` names nobody.
    if gap.is_empty() || gap.len() > GAP_BYTES_MAX || gap.contains('"') && !gap.contains(',') {
        return None;
    }
    if gap.contains([':', '=']) && !gap.split(|c: char| !c.is_alphanumeric()).any(is_link) {
        return None;
    }
    let mut start = end;
    let (mut count, mut turned) = (0, false);
    while count < WORDS_MAX {
        let before = &text[floor..start];
        let before = match (count, before.strip_suffix(", ")) {
            (0, _) => before,
            (_, Some(rest)) if !turned && count <= 2 => {
                turned = true;
                rest
            }
            _ => match before.strip_suffix(' ') {
                Some(rest) => rest,
                None => break,
            },
        };
        let len = before.chars().rev().take_while(|c| is_of_name(*c)).map(char::len_utf8).sum::<usize>();
        let word = &before[before.len() - len..];
        if !names::may_be_part(word) || words::is_common(word) {
            break;
        }
        start = floor + before.len() - len;
        count += 1;
    }
    judged(text, start..end)
}

/// `sess:pat:svetlana.volkova:1958-08-30`: words joined by a sign right before the date or number of a key in a cache.
fn slug_before(text: &str, anchor: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let end = anchor.checked_sub(1).filter(|sign| matches!(bytes[*sign], b':' | b'|' | b'#' | b'_'))?;
    let joins = |c: &char| c.is_alphabetic() || matches!(c, '.' | '_' | '-');
    let len: usize =
        text[..end].chars().rev().take(NAME_BYTES_MAX).take_while(joins).map(char::len_utf8).sum();
    let slug = &text[end - len..end];
    // The key of a cache has more elements; without one this could be anything.
    let keyed = text[..end - len].ends_with([':', '|', '#']);
    let start = end - len;
    if !keyed || !slug.contains(['.', '_', '-']) || slug.contains(PLACEHOLDER_HEAD) {
        return None;
    }
    match names::in_slug(slug) {
        Some(found) => Some(start + found.start..start + found.end),
        None => names::is_unlisted_slug(slug).then_some(start..end),
    }
}

/// `O'DRISCOLL/AOIFE/F/03APR1990`: the fields of a label, a sex among them, before the date.
fn label_before(text: &str, anchor: usize) -> Option<Range<usize>> {
    let sign =
        anchor.checked_sub(1).map(|at| text.as_bytes()[at]).filter(|sign| matches!(sign, b'/' | b'^'))?
            as char;
    let inside = |c: &char| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | ' ') || *c == sign;
    let head = &text[..anchor - 1];
    let len: usize = head.chars().rev().take(NAME_BYTES_MAX).take_while(inside).map(char::len_utf8).sum();
    let label = head[head.len() - len..].trim_start();
    let (named, sex) = label.rsplit_once(sign)?;
    let names = named.split(sign);
    let fits = matches!(sex, "M" | "F" | "U" | "X" | "O")
        && (2..=3).contains(&names.clone().count())
        && names.clone().all(|name| {
            // Capitals throughout, as labels are printed, with an apostrophe or without.
            let capitals = name.len() >= 3 && !name.contains(char::is_lowercase) && !words::is_common(name);
            capitals || name.split(' ').all(names::may_be_part)
        });
    let start = head.len() - label.len();
    fits.then_some(start..start + named.len())
}

/// The run of capitalised words right behind `anchor`: both listed or unknown, at least one of them listed.
fn name_after(text: &str, anchor: usize) -> Option<Range<usize>> {
    let rest = &text[anchor..];
    let rest = &rest[..rest.floor_char_boundary(NAME_BYTES_MAX)];
    // `BVN 22452824081 for EZEKWESILI CHUKWUDUMEBI`: in capitals, whatever the lists say.
    let shouted = rest.strip_prefix(" for ").and_then(|rest| {
        let len =
            rest.find(|c: char| !(c.is_uppercase() || matches!(c, ' ' | '-' | '\''))).unwrap_or(rest.len());
        let words = rest[..len].trim_end();
        let shouts =
            |word: &str| word.chars().count() >= 4 && names::may_be_part(word) && !words::is_common(word);
        (words.split(' ').count() == 2
            && words.split(' ').all(shouts)
            && !rest[len..].starts_with(char::is_lowercase))
        .then_some(anchor + " for ".len()..anchor + " for ".len() + words.len())
    });
    if shouted.is_some() {
        return shouted;
    }
    let rest = [", ", " - ", ": ", " (", " for "]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))
        .or(rest.strip_prefix(' '))?;
    let start = span_of(text, rest).start;
    let (mut end, mut count) = (start, 0);
    for word in rest.split(' ').take(3) {
        let bare = word.trim_end_matches([',', '.', ';', ')', ':', '"', '\'']);
        if !bare.starts_with(char::is_uppercase) || !names::may_be_part(bare) || words::is_common(bare) {
            break;
        }
        end = span_of(text, bare).end;
        count += 1;
        if bare.len() < word.len() {
            break;
        }
    }
    let key = text[end..].starts_with(['=', ':']);
    // `IHI 8003605265151618 for Merindah Goolagong (`: nobody else has it.
    let owned = || {
        text[..start].ends_with(" for ")
            && text[..anchor].ends_with(|c: char| c.is_ascii_digit())
            && names::may_be_run(&text[start..end])
            && !text[end..].starts_with(['-', '_'])
            && !text[end..].strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    (count >= 2 && !key && (names::is_listed_run(&text[start..end]) || owned())).then_some(start..end)
}

/// `patient 655 042 1098 (TREVELYAN, Piers)`: a family name and a given one, and nothing else, in brackets behind a number.
fn turned(text: &str, anchor: usize) -> Option<Range<usize>> {
    let inside = text.get(anchor..)?.strip_prefix(" (")?;
    let inside = &inside[..inside.floor_char_boundary(NAME_BYTES_MAX)];
    let (name, _) = inside.split_once(')')?;
    let (family, given) = name.split_once(", ")?;
    let fits = |part: &str| {
        part.split(' ').count() <= 2
            && part.split(' ').all(|word| {
                word.starts_with(char::is_uppercase) && names::may_be_part(word) && !words::is_common(word)
            })
    };
    let known = || name.split([' ', ',']).any(|word| names::is_listed(word) && names::is_distinctive(word));
    (fits(family) && fits(given) && known()).then(|| span_of(text, name))
}

/// `DVA file number QX904417 (T. Honeychurch)`: an initial and a family name, and nothing else, in brackets behind a number.
fn initialled(text: &str, anchor: usize) -> Option<Range<usize>> {
    /// What bacteria and fungi are called, with the initial of their genus.
    const SPECIES: [&str; 8] =
        ["Coli", "Aureus", "Difficile", "Albicans", "Pylori", "Faecalis", "Pneumoniae", "Aeruginosa"];
    let rest = &text[anchor..];
    let inner = rest[..rest.floor_char_boundary(NAME_BYTES_MAX)].strip_prefix(" (")?;
    let (name, _) = inner.split_once(')')?;
    let (initial, family) = name.split_once(". ")?;
    let fits = initial.len() == 1
        && initial.starts_with(|c: char| c.is_ascii_uppercase())
        && family.starts_with(char::is_uppercase)
        && family.chars().count() >= 4
        && family.chars().all(|c| is_of_name(c) && c != '.')
        && names::may_be_part(family)
        && !words::is_common(family)
        && !SPECIES.contains(&family)
        && family.split('-').all(names::is_distinctive);
    fits.then(|| span_of(text, name))
}

/// Two words or more that may be somebody; particles at the front go along.
fn judged(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let content = text.get(span.clone())?;
    let capitals = content.split([' ', ',']).filter(|word| word.starts_with(char::is_uppercase)).count();
    // `/faxes/Rasmussen, Ingeborg (f. 1931-04-22).pdf`: no segment of a path that a machine wrote holds a comma.
    let file = text[..span.start].ends_with('/') && content.contains(", ");
    let bounded = file
        || !text[..span.start]
            .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '@' | '-' | '$'));
    // `T. Mokoena, +27 …`
    let initialled = content
        .split_once(". ")
        .is_some_and(|(initial, family)| initial.chars().count() == 1 && names::is_distinctive(family));
    // `Olafsdottir G., kt. …`
    let initialled = initialled
        || text[span.end..].starts_with('.')
            && content.rsplit_once(' ').is_some_and(|(family, initial)| {
                initial.chars().count() == 1 && family.chars().count() >= 4 && names::is_distinctive(family)
            });
    (capitals >= 2
        && bounded
        && !content.contains(PLACEHOLDER_HEAD)
        && (initialled || names::may_be_run(content)))
    .then_some(span)
}

fn is_of_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.' | '\u{300}'..='\u{36f}')
}

/// `"to":"caoimhe.brennan@example.net","subject":"Your results are ready, Caoimhe"`: the words of a mailbox among the edits, once
/// more as names.
pub(crate) fn mailboxes_again(text: &str, edits: &mut Vec<Edit>) {
    let mut again = Vec::new();
    for edit in edits.iter().filter(|edit| edit.class == Class::Email).take(ANCHORS_MAX) {
        let Some((local, _)) = text.get(edit.span.clone()).and_then(|value| value.split_once('@')) else {
            continue;
        };
        let several = local.contains(['.', '_', '-']);
        for part in local.split(['.', '_', '-', '+']).take(WORDS_MAX) {
            if part.len() < 4
                || !part.bytes().all(|byte| byte.is_ascii_alphabetic())
                || words::is_common(part)
                || !several && !names::is_listed(part)
            {
                continue;
            }
            let mut name = part.to_ascii_lowercase();
            name[..1].make_ascii_uppercase();
            for at in super::occurrences(text.as_bytes(), name.as_bytes()).take(AGAIN_MAX) {
                let span = at..at + name.len();
                let apart = !text[..at]
                    .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '@'))
                    && !text[span.end..]
                        .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '/' | '='));
                if apart && !is_taken(edits, &span) && names::is_distinctive(&name) {
                    again.push(Edit::likely(span, Class::Name, "name.repeated"));
                }
            }
        }
    }
    edits.extend(again);
}

/// The names among the edits once more where nothing announces them: `lastName=Solberg` and `Solberg exists already`.
pub(crate) fn names_again(text: &str, edits: &mut Vec<Edit>) {
    let mut again = Vec::new();
    for edit in edits.iter().filter(|edit| edit.class == Class::Name).take(ANCHORS_MAX) {
        let Some(value) = text.get(edit.span.clone()) else { continue };
        for word in value.split(|c: char| !is_of_name(c)).filter(|word| word.len() >= 4).take(WORDS_MAX) {
            let word = word.trim_matches(['.', '-', '\'']);
            if !word.starts_with(char::is_uppercase) {
                continue;
            }
            // Asked once the word does stand somewhere else, which most do not.
            let mut is_own = None;
            for at in super::occurrences(text.as_bytes(), word.as_bytes()).take(AGAIN_MAX) {
                let span = at..at + word.len();
                let apart = !text[..at]
                    .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '@'))
                    && !text[span.end..]
                        .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '/'));
                if apart
                    && !is_taken(edits, &span)
                    && !super::is_inside_placeholder(text, &span)
                    && *is_own.get_or_insert_with(|| names::is_distinctive(word) && !words::is_common(word))
                {
                    again.push(Edit::likely(span, Class::Name, "name.repeated"));
                }
            }
        }
    }
    edits.extend(again);
}
