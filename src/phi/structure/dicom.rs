//! Attributes of a DICOM data set by their tags: `(0010,0030) DA [19590303]` in a dump, `"00100030": {"vr": "DA", …}` in the
//! JSON of DICOMweb, `<DicomAttribute tag="00100030">` in its XML.
//!
//! Owns which tags identify somebody. UIDs of studies and instances are no identifiers here: every request names them.

use super::{Edit, PLACEHOLDER_HEAD, Reader};
use crate::phi::class::Class::{self, Date, Device, Geo, Mrn, Name, Phone};

/// Attributes read of one text.
const ATTRIBUTES_MAX: usize = 64;
/// How far behind its tag the value of an attribute ends.
const REACH: usize = 160;

/// Tags that identify, without the comma between group and element.
#[rustfmt::skip] // Rows of tags, not one a line.
const TAGS: &[(Class, &[&str])] = &[
    (Name, &["00080090", "00081048", "00081050", "00081060", "00081070", "00100010", "00101001", "00101005", "00101060", "00321032", "0040A075", "0040A123"]),
    (Mrn, &["00080050", "00100020", "00101000", "00101090", "00380010"]),
    (Date, &["00080020", "00080021", "00080022", "00080023", "0008002A", "00100030", "00100032", "00380020", "00400244", "00400002"]),
    (Geo, &["00101040", "00102150", "00102152"]),
    (Phone, &["00080094", "00102154", "00102155"]),
    (Device, &["00181000"]),
];

/// The class of the attribute with this tag of eight hexadecimal digits.
pub(super) fn attribute(tag: &str) -> Option<Class> {
    let of = |tags: &[&str]| tags.iter().any(|known| known.eq_ignore_ascii_case(tag));
    if tag.len() != 8 || !tag.starts_with("00") {
        return None;
    }
    TAGS.iter().find(|(_, tags)| of(tags)).map(|(class, _)| *class)
}

/// Bytes of a tag that stands between a key and its value: `PatientID=(0010,0020) 0845694`.
pub(super) fn tag_width(value: &str) -> usize {
    const WIDTH: usize = "(0010,0020) ".len();
    let tagged = value.get(..WIDTH).is_some_and(|tag| {
        let parts = tag.strip_prefix('(').and_then(|tag| tag.strip_suffix(") "));
        parts.and_then(|parts| parts.split_once(',')).is_some_and(|(group, element)| {
            group.len() == 4 && (group.bytes().chain(element.bytes())).all(|byte| byte.is_ascii_hexdigit())
        })
    });
    if tagged { WIDTH } else { 0 }
}

impl Reader<'_> {
    /// The attributes of a dump.
    pub(super) fn dicom(&mut self, text: &str, out: &mut Vec<Edit>) {
        for (open, _) in text.match_indices("(00").take(ATTRIBUTES_MAX) {
            let Some(tag) = text.get(open + 1..open + 10) else { continue };
            let Some(class) =
                tag.split_once(',').and_then(|(group, element)| attribute(&format!("{group}{element}")))
            else {
                continue;
            };
            let element = open + 10;
            // `PatientID (0010,0020) = 'LSH-2290417'`
            if let Some(from) = ["= '", " = '", ") = '", ")='", "): '"]
                .iter()
                .find_map(|sign| text[element..].starts_with(sign).then_some(element + sign.len()))
                && let Some(len) =
                    text[from..text.floor_char_boundary((from + REACH).min(text.len()))].find('\'')
                && len > 0
                && !text[from..].starts_with(PLACEHOLDER_HEAD)
            {
                out.push(Edit::plain(from..from + len, class, "dicom.attribute"));
                continue;
            }
            let rest = &text[element..text.floor_char_boundary((element + REACH).min(text.len()))];
            // Nothing stands between but the kind of value, of two capitals.
            let kind = |between: &str| {
                let letters = between.bytes().filter(u8::is_ascii_alphabetic).count();
                letters <= 2
                    && between
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || matches!(b, b')' | b' ' | b'\t' | b'='))
            };
            if let Some(from) = rest.find('[').filter(|from| *from <= 16 && kind(&rest[..*from]))
                && let Some(len) = rest[from + 1..].find(']')
                && !rest[from..].starts_with(PLACEHOLDER_HEAD)
                && len > 0
            {
                out.push(Edit::plain(element + from + 1..element + from + 1 + len, class, "dicom.attribute"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_say_what_their_attributes_hold() {
        assert_eq!(attribute("00100020"), Some(Mrn));
        assert_eq!(attribute("0040a123"), Some(Name));
        for other in ["00081150", "0020000D", "00100040", "20100020", "0010002", "", "001000200"] {
            assert_eq!(attribute(other), None, "{other}");
        }
    }
}
