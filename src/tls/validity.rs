//! When a certificate ends: the few elements of X.509 on the way to `notAfter` (RFC 5280 section 4.1).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of a certificate's time, in seconds since the Unix epoch; `None` if it is not a certificate.
pub fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (certificate, _) = expect(SEQUENCE, certificate.as_ref())?;
    let (mut fields, _) = expect(SEQUENCE, certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (validity, _) = expect(SEQUENCE, fields)?;
    let (_, _, rest) = element(validity)?;
    let (tag, time, _) = element(rest)?;
    time_unix(tag, std::str::from_utf8(time).ok()?)
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`: the only forms that certificates may have.
fn time_unix(tag: u8, text: &str) -> Option<i64> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = digits.split_at(2);
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = digits.split_at(4);
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let time = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

fn expect(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = element(input)?;
    (found == tag).then_some((contents, rest))
}

/// One element of DER: tag, contents, and what follows it.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, input) = input.split_first()?;
    let (&first, mut input) = input.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (digits, rest) = input.split_at_checked(count)?;
        length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        input = rest;
    }
    let (contents, rest) = input.split_at_checked(length)?;
    Some((tag, contents, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let key = KeyPair::generate().unwrap();
        // From 2050 on certificates write the year in four digits.
        for (year, unix) in
            [(1999, 915_148_800), (2030, 1_893_456_000), (2049, 2_493_072_000), (2050, 2_524_608_000)]
        {
            let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            params.not_before = date_time_ymd(1990, 1, 1);
            params.not_after = date_time_ymd(year, 1, 1);
            let certificate = params.self_signed(&key).unwrap();
            assert_eq!(not_after(certificate.der()), Some(unix), "{year}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let good = params.self_signed(&key).unwrap().der().to_vec();
        // Cut anywhere before its end the outermost length is wrong.
        for end in 0..good.len() {
            assert_eq!(not_after(&CertificateDer::from(good[..end].to_vec())), None, "cut at {end}");
        }
        for bad in ["", "991231235959", "9912312359590", "20991231235959Z", "991331235959Z", "9912312359é9Z"]
        {
            assert_eq!(time_unix(UTC_TIME, bad), None, "{bad}");
        }
        assert_eq!(time_unix(GENERALIZED_TIME, "991231235959Z"), None);
        assert_eq!(element(&[0x30, 0x85, 1, 1, 1, 1, 1]), None, "a length of five bytes");
        assert_eq!(element(&[0x30, 0x80]), None, "an indefinite length");
    }
}
