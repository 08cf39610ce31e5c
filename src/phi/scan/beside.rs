//! Dates and numbers that only a person beside them makes somebody's: settled once the names of a text are known.
//!
//! Owns how near is near; what may be settled at all is for the rules to say.

use std::ops::Range;

use super::{Context, Scan};
use crate::phi::class::{Class, Finding};
use crate::phi::names;
use crate::phi::rules::{NAME_BRACKETED, Rule};

impl Scan<'_> {
    /// A date or long number directly beside a name is that person's, and so is the day of an appointment wherever the
    /// person stands.
    pub(super) fn beside_names(&mut self) {
        let pending = std::mem::take(&mut self.scratch.pending);
        let of_somebody = self
            .found
            .iter()
            .any(|finding| matches!(finding.class, Class::Name | Class::Phone | Class::Email));
        let of_patient = of_somebody
            || self
                .found
                .iter()
                .any(|finding| matches!(finding.class, Class::Mrn | Class::HealthPlan | Class::Ssn));
        // The date before, and whether it was somebody's.
        let mut last: Option<(Range<usize>, bool)> = None;
        for (span, rule) in &pending {
            let joined = last
                .clone()
                .filter(|(before, _)| before.end <= span.start && self.is_moved(before.end..span.start));
            let moved = rule.id.starts_with("date.") && joined.as_ref().is_some_and(|(_, theirs)| *theirs);
            let covered =
                |finding: &Finding| finding.class == Class::HealthPlan && finding.span.end <= span.start;
            let beside = rule.id == "date.of-care" && of_somebody
                || rule.id == "date.done" && of_patient
                || rule.id == "date.of-cover" && self.found.iter().any(covered)
                || !matches!(rule.id, "date.of-care" | "date.done" | "date.of-cover")
                    && self.found.iter().any(|finding| {
                        // `subscriber not found: VALDERRAMA, JOAQUIN dob=19550318 id=903441127`
                        let born =
                            finding.class == Class::Date && of_somebody && finding.cue.is_some_and(is_birth);
                        (finding.class == Class::Name || born)
                            && (finding.span.end <= span.start
                                && self.joins(finding.span.end..span.start, rule)
                                || span.end <= finding.span.start
                                    && self.joins(span.end..finding.span.start, rule))
                    });
            if beside || moved {
                self.add(rule, Context::NONE, span.clone());
                if let Some((before, false)) = joined {
                    self.add(rule, Context::NONE, before);
                }
            }
            let theirs =
                beside || moved || last.as_ref().is_some_and(|(before, theirs)| before == span && *theirs);
            last = Some((span.clone(), theirs));
        }
        self.scratch.pending = pending;
        self.bracketed_names();
    }

    /// `Medicare number … inactive since … (Halvorsen)`: a family name in brackets, behind a number of somebody's.
    fn bracketed_names(&mut self) {
        const REACH: usize = 48;
        let numbers = self
            .found
            .iter()
            .filter(|finding| matches!(finding.class, Class::HealthPlan | Class::Mrn | Class::Ssn));
        let ends: Vec<usize> = numbers.map(|finding| finding.span.end).collect();
        for end in ends {
            let rest = &self.text[end..self.text.floor_char_boundary((end + REACH).min(self.text.len()))];
            let clause = &rest[..rest.find(['\n', ';', '"', '{', '=']).unwrap_or(rest.len())];
            let Some(open) = clause.find(" (").map(|at| at + 2) else { continue };
            let word = clause[open..].split(')').next().filter(|word| open + word.len() < clause.len());
            if let Some(word) = word.filter(|word| is_family_name(word)) {
                let start = end + open;
                self.add(&NAME_BRACKETED, Context::NONE, start..start + word.len());
            }
        }
    }

    /// `from 2026-12-03 10:20 to 2026-12-17 14:00`: does the second of two times follow the first?
    fn is_moved(&self, gap: Range<usize>) -> bool {
        const SIGNS: [&str; 9] = ["to", "until", "till", "-", "\u{2013}", "->", "=>", "\u{2192}", "and"];
        self.text.get(gap).is_some_and(|gap| SIGNS.contains(&gap.trim()))
    }

    /// Is this gap short and made of nothing that separates statements? A whole date may stand anywhere in a clause that
    /// names a person, a stamp with a time of day only where it is said of the person: `moved for Ida Lund to …`.
    fn joins(&self, gap: Range<usize>, rule: &Rule) -> bool {
        const FAR: [u8; 6] = *b"\n;&|}]";
        const SAID: [u8; 8] = *b"[](=:<>\"";
        // `Thursday 14 January 2027 10:15 is already booked for Ms …`
        if rule.id == "date.slot" && is_booked(&self.text[gap.clone()]) {
            return true;
        }
        let bytes = &self.bytes[gap];
        // `args=["Torvald Ekeland", "2026-11-19 10:30", "sms"]`
        if rule.id == "date.slot" && matches!(bytes, b"\", \"" | b"\",\"" | b"', '" | b"','") {
            return true;
        }
        let (bytes_max, letters_max) = match rule.id {
            "date.of-name" => (64, 64),
            "date.slot" => (20, 10),
            _ => (16, 6),
        };
        bytes.len() <= bytes_max
            && bytes.iter().filter(|b| b.is_ascii_alphanumeric()).count() <= letters_max
            && !bytes.iter().any(|b| FAR.contains(b) || rule.id == "date.slot" && SAID.contains(b))
    }
}

/// Does nothing stand between a time and a name but that it is theirs?
fn is_booked(between: &str) -> bool {
    const DONE: [&str; 6] = ["booked", "reserved", "taken", "held", "scheduled", "confirmed"];
    const LINKS: [&str; 14] = [
        "is", "was", "has", "already", "for", "by", "with", "the", "patient", "mr", "mrs", "ms", "miss", "dr",
    ];
    let words = || between.split([' ', '.']).filter(|word| !word.is_empty());
    let is_done = |word: &str| DONE.iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_link = |word: &str| LINKS.iter().any(|known| word.eq_ignore_ascii_case(known));
    between.len() <= 48
        && words().any(|word| DONE.contains(&word))
        && words().all(|word| is_done(word) || is_link(word))
}

/// A word of four letters or more, written as names are, and surely one.
fn is_family_name(word: &str) -> bool {
    word.len() >= 4
        && word.starts_with(char::is_uppercase)
        && word.chars().skip(1).any(char::is_lowercase)
        && word.chars().all(char::is_alphabetic)
        && names::is_name_like(word)
}

/// Is this the cue of a day of birth?
fn is_birth(cue: &str) -> bool {
    ["dob", "birth", "born", "geb", "nacid", "naiss", "nato", "nata"].iter().any(|head| cue.starts_with(head))
}
