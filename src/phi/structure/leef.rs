//! Events as QRadar reads them (LEEF 2.0): `LEEF:2.0|Vendor|Product|1.0|ID|^|usrName=…^src=…`. Their head says which sign stands
//! between the fields.
//!
//! Owns that sign only: with tabs in its place the fields are pairs like any others.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::view::{self, View};

static HEAD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"LEEF:2.0|"));
/// Fields of the head before the sign: version, vendor, product, its version, the kind of event.
const FIELDS: usize = 5;

/// The text with tabs between the fields of its first event. `None` if they are there already, or there is no event.
pub(super) fn tabbed(text: &str) -> Option<View> {
    let at = HEAD.find(text.as_bytes())?;
    let event = &text[at..];
    let event = &event[..event.find('\n').unwrap_or(event.len())];
    let (sign, _) = event.match_indices('|').nth(FIELDS - 1)?;
    let sign = event[sign + 1..].split('|').next()?;
    let mut letters = sign.chars();
    let delimiter = match (letters.next(), letters.next()) {
        (Some(sign), None) => sign,
        // `x5E`, `0x5E`
        _ => {
            let hex = sign.strip_prefix("0x").or_else(|| sign.strip_prefix('x'))?;
            u8::from_str_radix(hex, 16).ok().map(char::from)?
        }
    };
    let plain = matches!(delimiter, '\t' | '=' | '|') || delimiter.is_alphanumeric() || !delimiter.is_ascii();
    (!plain).then(|| view::with_tabs(text, delimiter, at + FIELDS..at + event.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_that_the_head_names_parts_the_fields() {
        let said = |text: &str| tabbed(text).map(|view| view.text);
        assert_eq!(
            said("LEEF:2.0|A|EHR|1|OPEN|^|a=b, c^d=e\nf^g").as_deref(),
            Some("LEEF:2.0|A|EHR|1|OPEN|\t|a=b, c\td=e\nf^g")
        );
        assert_eq!(
            said("LEEF:2.0|A|EHR|1|OPEN|0x3b|a=b;d=e").as_deref(),
            Some("LEEF:2.0|A|EHR|1|OPEN|0x3b|a=b\td=e")
        );
        for text in ["LEEF:2.0|A|EHR|1|OPEN|\t|a=b", "LEEF:1.0|A|EHR|1|OPEN|^|a=b", "LEEF:2.0|A", "a^b"] {
            assert!(said(text).is_none(), "{text}");
        }
    }
}
