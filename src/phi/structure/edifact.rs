//! EDIFACT: `NAD+PAT+++QUINTANAR:MARISOL'DTM+329:19610704:102'`, as laboratories and insurers in Europe still speak it.
//!
//! Segments end with an apostrophe, elements with a plus, components with a colon. Only segments about a person are read.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader};
use crate::phi::class::Class;

/// Segments of one text that are read, and the longest of them.
const SEGMENTS_MAX: usize = 256;
const SEGMENT_BYTES_MAX: usize = 512;

/// What segments are called that are read here.
const NAMES: [&str; 7] = ["NAD+", "PNA+", "DTM+", "ADR+", "COM+", "RFF+", "IDE+"];

impl Reader<'_> {
    pub(super) fn edifact(&self, text: &str, out: &mut Vec<Edit>) {
        for (at, _) in text.match_indices('+').take(SEGMENTS_MAX) {
            let Some(start) = at.checked_sub(3) else { continue };
            let Some(name) = text.get(start..at + 1).filter(|name| NAMES.contains(name)) else { continue };
            let bounded = !text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '+' || c == ':');
            let rest = &text[at + 1..text.floor_char_boundary((at + 1 + SEGMENT_BYTES_MAX).min(text.len()))];
            // `?'` is an apostrophe of the text.
            let end = rest.match_indices('\'').map(|(end, _)| end).find(|end| !rest[..*end].ends_with('?'));
            let Some(end) = end.filter(|_| bounded) else { continue };
            segment(text, name, at + 1..at + 1 + end, out);
        }
    }
}

fn segment(text: &str, name: &str, span: Range<usize>, out: &mut Vec<Edit>) {
    let elements: Vec<Range<usize>> = parts(text, span, '+').collect();
    let first = elements.first().map_or("", |element| &text[element.clone()]);
    let mut hide = |span: Range<usize>, class: Class| {
        let value = &text[span.clone()];
        if value.len() >= 2 && !value.starts_with(PLACEHOLDER_HEAD) {
            out.push(Edit::plain(span, class, "edifact.element"));
        }
    };
    match name {
        // Party, id, name and address, name, street, town, region, postcode.
        "NAD+" if !is_of_person(first) => {}
        "NAD+" => {
            for (nth, element) in elements.iter().enumerate().skip(1) {
                let class = match nth {
                    1 => Class::HealthPlan,
                    2 | 3 => Class::Name,
                    4 | 5 | 7 => Class::Geo,
                    _ => continue,
                };
                let components = parts(text, element.clone(), ':').take(if nth == 1 { 1 } else { 5 });
                components.for_each(|component| hide(component, class));
            }
        }
        // Person, id, and names behind their qualifiers: `SU:QUINTANAR+FO:MARISOL`.
        "PNA+" => {
            for (nth, element) in elements.iter().enumerate().skip(1) {
                let mut components = parts(text, element.clone(), ':');
                let qualifier = components.next().unwrap_or(element.end..element.end);
                match nth {
                    1 => hide(qualifier, Class::Mrn),
                    _ if qualifier.len() == 2 => {
                        components.for_each(|component| hide(component, Class::Name))
                    }
                    _ => {}
                }
            }
        }
        "DTM+" => {
            let mut components = parts(text, elements.first().cloned().unwrap_or_default(), ':');
            let qualifier = components.next().map_or("", |span| &text[span]);
            // Birth, death, admission, discharge, sampling, service, appointment.
            if matches!(
                qualifier,
                "329" | "325" | "194" | "206" | "7" | "8" | "119" | "126" | "163" | "164" | "245" | "434"
            ) && let Some(date) = components.next()
            {
                hide(date, Class::Date);
            }
        }
        "ADR+" => {
            let address = elements.iter().skip(2).flat_map(|element| parts(text, element.clone(), ':'));
            address.for_each(|component| hide(component, Class::Geo));
        }
        "COM+" => {
            let mut components = parts(text, elements.first().cloned().unwrap_or_default(), ':');
            if let Some(number) = components.next() {
                let class = if text[number.clone()].contains('@') { Class::Email } else { Class::Phone };
                hide(number, class);
            }
        }
        "RFF+" => {
            let mut components = parts(text, elements.first().cloned().unwrap_or_default(), ':');
            let qualifier = components.next().map_or("", |span| &text[span]);
            if matches!(qualifier, "HSP" | "PAT" | "NHS" | "HN" | "SS" | "AHI" | "AHP" | "AGU")
                && let Some(number) = components.next()
            {
                hide(number, Class::Mrn);
            }
        }
        _ => {}
    }
}

/// The qualifiers of patients, subscribers and those beside them.
fn is_of_person(party: &str) -> bool {
    matches!(party, "PAT" | "IM" | "INS" | "SUB" | "BE" | "IN" | "RC" | "NOK" | "GU" | "PER" | "AF")
}

fn parts(text: &str, span: Range<usize>, sign: char) -> impl Iterator<Item = Range<usize>> {
    let mut at = span.start;
    text[span].split(sign).map(move |part| {
        let start = at;
        at += part.len() + 1;
        start..start + part.len()
    })
}
