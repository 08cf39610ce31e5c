//! Numbers and addresses that are a whole value: what running text needs a word beside it for is plain when a
//! parameter holds nothing else.
//!
//! Owns the shapes that the scan of text leaves alone without a cue and whose check digit or grouping is distinctive
//! when nothing stands around them: health and personal numbers, spaced postcodes, telephone numbers with a trunk
//! zero, days with a month's name, HL7 v2 identifiers. Sources: the issuing bodies' published formats (`validate`),
//! Ofcom, ACMA and NCC numbering plans, Royal Mail and Canada Post postcode formats.
//!
//! Does not judge text in which anything else stands, and allocates nothing.

use crate::phi::class::{Class, Confidence, Layer};
use crate::phi::settings::{Region, RegionSet};
use crate::phi::url::UrlFinding;
use crate::phi::validate;

/// Longest value looked at: an IBAN in groups has 42.
const BYTES_MAX: usize = 48;

/// What a value is, if the whole of it is one number or postcode of a person.
pub(super) fn whole(text: &str, regions: RegionSet) -> Option<UrlFinding> {
    let text = text.trim();
    if text.len() < 6 || text.len() > BYTES_MAX || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.contains('^') {
        return hl7_identifier(text);
    }
    if regions.has(Region::Eu) && is_postal_line(text) {
        return Some(finding(Class::Geo, "url.postal-line", Layer::Shape, Confidence::Medium));
    }
    let shape = Shape::of(text)?;
    let on = |region| regions.has(region);
    let checked = |class, rule| Some(finding(class, rule, Layer::Checksum, Confidence::High));
    let shaped = |class, rule| Some(finding(class, rule, Layer::Shape, Confidence::Medium));
    let plain = shape.text();
    let digits = plain.iter().all(u8::is_ascii_digit);
    if digits {
        match plain.len() {
            16 if on(Region::Au) && validate::ihi(plain) => return checked(Class::Mrn, "url.ihi"),
            10 if on(Region::Eu) && shape.groups() == [6, 4] && (is_day(plain, 0) || is_day(plain, 4)) => {
                return shaped(Class::OtherId, "url.personal-number");
            }
            12 if on(Region::Eu) && shape.groups() == [8, 4] && is_day(plain, 2) => {
                return shaped(Class::OtherId, "url.personal-number");
            }
            10 if on(Region::Uk) && shape.groups() == [3, 3, 4] && validate::nhs(plain) => {
                return checked(Class::Mrn, "url.nhs-number");
            }
            10 if on(Region::Ca) && shape.groups() == [4, 3, 3] && validate::ohip(plain) => {
                return checked(Class::Mrn, "url.ohip");
            }
            9 if on(Region::Ca) && shape.groups() == [3, 3, 3] && validate::sin(plain) => {
                return checked(Class::OtherId, "url.sin");
            }
            10 | 11
                if on(Region::Au)
                    && matches!(shape.groups(), [4, 5, 1, ..])
                    && validate::au_medicare(&plain[..10]) =>
            {
                return checked(Class::HealthPlan, "url.medicare-au");
            }
            _ => {}
        }
        return is_trunk_phone(&shape)
            .then(|| finding(Class::Phone, "url.phone-trunk", Layer::Shape, Confidence::Medium));
    }
    if shape.digits < plain.len() {
        if plain.len() >= 15 && validate::iban(plain) {
            return checked(Class::Account, "url.iban");
        }
        match plain.len() {
            10 | 11 if on(Region::Eu) && validate::hetu(text.to_ascii_uppercase().as_bytes()) => {
                return checked(Class::OtherId, "url.hetu");
            }
            11 if on(Region::Us)
                && matches!(shape.groups(), [11] | [4, 3, 4])
                && validate::mbi(&shape.upper()) =>
            {
                return shaped(Class::HealthPlan, "url.mbi");
            }
            5..=7 if is_postcode(&shape, regions) => return shaped(Class::Geo, "url.postcode"),
            _ => {}
        }
        // The century sign of a hetu may be a letter, a hyphen or a plus.
        if on(Region::Eu) && text.len() == 11 && validate::hetu(text.to_ascii_uppercase().as_bytes()) {
            return checked(Class::OtherId, "url.hetu");
        }
    }
    None
}

fn finding(class: Class, rule: &'static str, layer: Layer, confidence: Confidence) -> UrlFinding {
    UrlFinding { class, rule, layer, confidence, cue: None }
}

const PLAIN_MAX: usize = 34;
const GROUPS_MAX: usize = 9;

/// A value taken apart into groups of letters and digits.
struct Shape {
    plain: [u8; PLAIN_MAX],
    length: usize,
    digits: usize,
    sizes: [usize; GROUPS_MAX],
    count: usize,
    spaced: bool,
}

impl Shape {
    /// `None` for what is too long or holds anything but letters, digits and one kind of separator.
    fn of(text: &str) -> Option<Shape> {
        let mut shape = Shape {
            plain: [0; PLAIN_MAX],
            length: 0,
            digits: 0,
            sizes: [0; GROUPS_MAX],
            count: 1,
            spaced: false,
        };
        let mut separator = None;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    *shape.plain.get_mut(shape.length)? = byte;
                    shape.length += 1;
                    shape.digits += usize::from(byte.is_ascii_digit());
                    shape.sizes[shape.count - 1] += 1;
                }
                b' ' | b'-' | b'.' | b'/' => {
                    if separator.is_some_and(|known| known != byte) || shape.sizes[shape.count - 1] == 0 {
                        return None;
                    }
                    separator = Some(byte);
                    shape.spaced |= byte == b' ';
                    if shape.count == GROUPS_MAX {
                        return None;
                    }
                    shape.count += 1;
                }
                // `(02) 9012 3456`
                b'(' | b')' => {}
                _ => return None,
            }
        }
        Some(shape)
    }

    fn text(&self) -> &[u8] {
        &self.plain[..self.length]
    }

    fn groups(&self) -> &[usize] {
        &self.sizes[..self.count]
    }

    fn upper(&self) -> [u8; 11] {
        let mut upper = [0; 11];
        upper.copy_from_slice(&self.plain[..11]);
        upper.make_ascii_uppercase();
        upper
    }
}

/// Day and month, and a year of two digits, from six digits: `YYMMDD` (coordination numbers add 60) or `DDMMYY`.
/// With an `offset` of 2 the century stands first; of 4, the last reading is meant.
fn is_day(digits: &[u8], offset: usize) -> bool {
    let two = |at: usize| u32::from(digits[at] - b'0') * 10 + u32::from(digits[at + 1] - b'0');
    let month = |value: u32| (1..=12).contains(&value);
    match offset {
        4 => (1..=31).contains(&two(0)) && month(two(2)),
        from => month(two(from + 2)) && matches!(two(from + 4), 1..=31 | 61..=91),
    }
}

/// National numbers with the trunk zero, in groups. Groups of a drug code (NDC) end in one or two digits.
fn is_trunk_phone(shape: &Shape) -> bool {
    let (digits, groups) = (shape.text(), shape.groups());
    let last = groups[groups.len() - 1];
    (9..=11).contains(&digits.len())
        && digits[0] == b'0'
        && matches!(digits[1], b'1'..=b'9')
        && (2..=5).contains(&groups.len())
        && (2..=5).contains(&groups[0])
        && (last >= 3 || shape.spaced && last == 2)
        // Six and four are the day and serial of a personal number.
        && groups != [6, 4]
}

/// Spaced, except Eircodes, which are distinctive as they are.
fn is_postcode(shape: &Shape, regions: RegionSet) -> bool {
    let upper: Vec<u8> = shape.text().iter().map(u8::to_ascii_uppercase).collect();
    let (letter, digit) =
        (|at: usize| upper[at].is_ascii_uppercase(), |at: usize| upper[at].is_ascii_digit());
    let (groups, count) = (shape.groups(), upper.len());
    let spaced = shape.spaced && groups.len() == 2;
    if regions.has(Region::Ca) && spaced && *groups == [3, 3] {
        let alternate = (0..6).all(|at| if at % 2 == 0 { letter(at) } else { digit(at) });
        let usable = [0, 2, 4].iter().all(|at| !b"DFIOQU".contains(&upper[*at]));
        if alternate && usable && !b"WZ".contains(&upper[0]) {
            return true;
        }
    }
    if !regions.has(Region::Uk) {
        return false;
    }
    let eircode = |byte: u8| byte.is_ascii_digit() || b"ACDEFHKNPRTVWXY".contains(&byte);
    if count == 7 && matches!(groups, [7] | [3, 4]) && (groups.len() == 1 || spaced) {
        let routing = b"ACDEFHKNPRTVWXY".contains(&upper[0]) && digit(1) && (digit(2) || upper[2] == b'W');
        let unique = upper[3..].iter().all(|byte| eircode(*byte));
        // Three digits and a letter end an ICD-10-CM code without its dot.
        let icd = !spaced && upper[3..6].iter().all(u8::is_ascii_digit);
        if routing && unique && !icd && upper[3..].iter().any(u8::is_ascii_uppercase) {
            return true;
        }
    }
    let inward = count - 3;
    spaced
        && groups[1] == 3
        && (2..=4).contains(&groups[0])
        && digit(inward)
        && upper[inward + 1..].iter().all(|byte| byte.is_ascii_uppercase() && !b"CIKMOV".contains(byte))
        && letter(0)
        && match &upper[..inward] {
            [_, b] => b.is_ascii_digit(),
            [_, b, c] => {
                b.is_ascii_digit() && c.is_ascii_alphanumeric()
                    || b.is_ascii_uppercase() && c.is_ascii_digit()
            }
            [_, b, c, d] => b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_alphanumeric(),
            _ => false,
        }
}

/// `77120^^^HOSP^MR`, the identifier of HL7 v2 (CX): the fifth component says what it is.
fn hl7_identifier(text: &str) -> Option<UrlFinding> {
    let mut components = text.split('^');
    let number = components.next()?;
    let kind = components.nth(3)?;
    let class = match kind.split(['~', '&']).next()? {
        "MR" | "PI" | "PT" | "PN" | "VN" => Class::Mrn,
        "SS" => Class::Ssn,
        "MB" | "MC" | "MA" | "SN" | "HC" | "JHN" => Class::HealthPlan,
        "DL" | "PPN" => Class::License,
        "AN" => Class::Account,
        "NI" | "NH" => Class::OtherId,
        _ => return None,
    };
    (!number.is_empty()).then(|| finding(class, "url.hl7-identifier", Layer::Structure, Confidence::High))
}

/// `Ahornallee 12, 14050 Berlin`: street and number, then postcode and town.
fn is_postal_line(text: &str) -> bool {
    let Some((street, town)) = text.split_once(',') else { return false };
    let Some((name, number)) = street.trim().rsplit_once(' ') else { return false };
    let Some((code, place)) = town.trim().split_once(' ') else { return false };
    let words = |text: &str| {
        text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\''))
            && text.chars().filter(|c| c.is_alphabetic()).count() >= 2
    };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    words(name)
        && matches!(digits(number), 1..=4)
        && number.len() <= digits(number) + 1
        && matches!(code.len(), 4 | 5)
        && digits(code) == code.len()
        && words(place)
}

/// A drug code: the groups of an NDC.
pub fn is_ndc(text: &str) -> bool {
    let mut sizes = [0usize; 3];
    let mut count = 0;
    for group in text.split('-') {
        if count == 3 || group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        sizes[count] = group.len();
        count += 1;
    }
    count == 3 && matches!(sizes, [5, 4, 2] | [5, 4, 1] | [5, 3, 2] | [4, 4, 2])
}

/// The year of `12 Mar 1984`, `March 12, 1984` or `12-MAR-1984`, when that is the whole text.
pub(super) fn named_day(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if text.len() > 24 {
        return None;
    }
    let (mut month, mut day, mut year) = (false, false, None);
    for word in text.split([' ', ',', '-', '.', '/']).filter(|word| !word.is_empty()) {
        let bytes = word.as_bytes();
        if bytes.iter().all(u8::is_ascii_digit) {
            match (word.len(), word.parse::<u32>()) {
                (1 | 2, Ok(1..=31)) if !day => day = true,
                (4, Ok(value)) if year.is_none() && (1900..=2035).contains(&value) => year = Some(value),
                _ => return None,
            }
        } else if !month
            && word.len() >= 3
            && word.is_ascii()
            && word.len() <= 9
            && MONTHS.iter().any(|known| word[..3].eq_ignore_ascii_case(known))
            && bytes.iter().all(u8::is_ascii_alphabetic)
        {
            month = true;
        } else {
            return None;
        }
    }
    year.filter(|_| month && day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(text: &str) -> Option<Class> {
        whole(text, RegionSet::ALL).map(|finding| finding.class)
    }

    #[test]
    fn whole_values_and_near_misses() {
        for (text, expected) in [
            ("8003608833357361", Some(Class::Mrn)),
            ("8003 6088 3335 7361", Some(Class::Mrn)),
            ("8003608833357362", None),
            ("811218-9876", Some(Class::OtherId)),
            ("030744-0341", Some(Class::OtherId)),
            ("19811218-9876", Some(Class::OtherId)),
            ("202499-0012", None),
            ("131052-308T", Some(Class::OtherId)),
            ("131052A308T", Some(Class::OtherId)),
            ("131052-308U", None),
            ("1EG4TE5MK73", Some(Class::HealthPlan)),
            ("1EG4-TE5-MK73", Some(Class::HealthPlan)),
            ("1EG4TE5MK7", None),
            ("1234-567-897", Some(Class::Mrn)),
            ("1234-567-890", None),
            ("SW1A 1AA", Some(Class::Geo)),
            ("M1 1AE", Some(Class::Geo)),
            ("Ahornallee 12, 14050 Berlin", Some(Class::Geo)),
            ("Drug 12, 500 mg", None),
            ("DE89370400440532013000", Some(Class::Account)),
            ("DE89 3704 0044 0532 0130 00", Some(Class::Account)),
            ("DE89370400440532013001", None),
            ("SW1A1AA", None),
            ("K1A 0B1", Some(Class::Geo)),
            ("K1A0B1", None),
            ("D08 XY71", Some(Class::Geo)),
            ("D08XY71", Some(Class::Geo)),
            ("A12 3456", None),
            ("07700 900123", Some(Class::Phone)),
            ("020 7946 0018", Some(Class::Phone)),
            ("0803-123-4567", Some(Class::Phone)),
            ("(02) 9012 3456", Some(Class::Phone)),
            ("00777-3105-02", None),
            ("0777-3105-02", None),
            ("0123456789", None),
            ("77120^^^HOSP^MR", Some(Class::Mrn)),
            ("a^b^c", None),
            ("E11.9", None),
            ("4548-4", None),
            // An ICD-10-CM code without its dot.
            ("T81501A", None),
        ] {
            assert_eq!(class_of(text), expected, "{text}");
        }
        assert_eq!(whole("SW1A 1AA", RegionSet::NONE), None);
    }

    #[test]
    fn drug_codes_and_days_by_name() {
        assert!(is_ndc("00777-3105-02") && is_ndc("0777-3105-02") && !is_ndc("512-555-0143"));
        for (text, year) in [
            ("12 Mar 1984", Some(1984)),
            ("March 12, 1984", Some(1984)),
            ("12-MAR-1984", Some(1984)),
            ("Mar 1984", None),
            ("12 Mar", None),
            ("1984-03-12", None),
            ("12 Mars bars 1984", None),
        ] {
            assert_eq!(named_day(text), year, "{text}");
        }
    }
}
