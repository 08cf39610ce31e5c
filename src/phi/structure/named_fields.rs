//! Fields of HL7 v2 that a sentence names: `PID-3 "8820-17-331^^^RCH^MR"`, `PV1-44 '202611130915'`.
//!
//! Owns what stands in quotes behind such a name. Which fields hold what is the table of `wire`; `PID-7=…` is a pair.

use super::{Edit, Reader, pairs, wire};

/// Names of fields in one text that are looked at.
const FIELDS_MAX: usize = 64;

impl Reader<'_> {
    pub(super) fn named_fields(&self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        for dash in memchr::memchr_iter(b'-', bytes).take(FIELDS_MAX) {
            let Some(start) = dash.checked_sub(3).filter(|start| bytes[*start].is_ascii_uppercase()) else {
                continue;
            };
            let number =
                bytes[dash + 1..].iter().take(5).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
            let end = dash + 1 + number;
            let quote = bytes[end..].iter().take(4).take_while(|b| matches!(b, b' ' | b':')).count();
            if number == 0 || quote == 0 || !matches!(bytes.get(end + quote), Some(b'"' | b'\'')) {
                continue;
            }
            if let Some(class) = text.get(start..end).and_then(wire::field_of_path)
                && let Some(value) = pairs::quoted_value(text, end + quote)
            {
                wire::hl7_field(text, value, class, out);
            }
        }
    }
}
