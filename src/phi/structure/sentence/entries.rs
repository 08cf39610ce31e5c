//! What a database says is there already: `Duplicate entry '94-20-7713' for key 'charts_mrn_unique'`.
//!
//! Owns what the name of an index says of the value, and the parts of a value of several columns.

use std::ops::Range;

use super::content::{is_capitals, is_lone_name};
use crate::phi::{
    class::Class,
    structure::{Edit, Reader, field_class, phi, words},
};

impl Reader<'_> {
    /// `Duplicate entry 'Whitlock-Genevieve-1984-07-22'`: the columns of a key in one string. Beside a date or a long number
    /// and a listed name, words that no machine says are the names of a person.
    pub(super) fn composite(&self, text: &str, entry: Range<usize>, out: &mut Vec<Edit>) {
        let content = &text[entry.clone()];
        let digits = content.bytes().filter(u8::is_ascii_digit).count();
        if digits < 6 || !content.contains('-') || content.contains("[REDACTED:") {
            return;
        }
        let listed = crate::phi::names::is_name_like;
        if !content.split('-').any(listed) {
            return;
        }
        let mut at = entry.start;
        for part in content.split('-') {
            // A key without case has it in small letters.
            let small = part.len() >= 3
                && part.bytes().all(|byte| byte.is_ascii_lowercase())
                && !words::is_common(part)
                && (listed(part) || part.len() >= 4 && crate::phi::names::is_distinctive(part));
            if is_lone_name(part) || small || is_capitals(part) && listed(part) {
                out.push(Edit::likely(at..at + part.len(), Class::Name, "sentence.composite"));
            }
            let day = part.len() == 8
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && matches!(&part[..2], "19" | "20");
            if day {
                out.push(Edit::likely(at..at + part.len(), Class::Date, "sentence.composite"));
            }
            at += part.len() + 1;
        }
    }
}

/// `' for key 'charts_mrn_unique'`: the class of the column that an index is named after.
pub(super) fn class_of_index(after: &str) -> Option<Class> {
    let key = after.trim_start_matches(['\'', '"', '`']).strip_prefix(" for key ")?;
    let key = key.trim_start_matches(['\'', '"', '`']).split(['\'', '"', '`', ' ']).next()?;
    let name = key.rsplit('.').next()?;
    let column = |part: &&str| {
        !matches!(
            *part,
            "unique" | "uniq" | "uq" | "uk" | "idx" | "index" | "ix" | "key" | "pk" | "constraint"
        )
    };
    let parts: Vec<&str> = name.split('_').filter(column).take(8).collect();
    // `uq_phone_tenant`: one of its columns.
    let ends = |from: usize| (from + 1..=parts.len()).rev();
    (0..parts.len().min(3))
        .find_map(|from| ends(from).find_map(|end| phi(field_class(&parts[from..end].join("_")))))
}

pub(super) fn is_key_of_persons(after: &str) -> bool {
    after.trim_start_matches(['\'', '"', '`']).strip_prefix(" for key ").is_some_and(|key| {
        let table = key.trim_start_matches(['\'', '"', '`']).split('.').next().unwrap_or("");
        matches!(
            table,
            "patient"
                | "patients"
                | "person"
                | "persons"
                | "people"
                | "member"
                | "members"
                | "subscribers"
                | "guarantors"
        ) && !key.contains("PRIMARY")
    })
}
