//! Random ids in the API's forms.

use std::sync::OnceLock;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use rustls::crypto::SecureRandom;

/// A version 4 UUID.
pub(crate) fn uuid() -> String {
    let mut bytes = random::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// `req_` and eight letters or digits.
pub(crate) fn request_id() -> String {
    format!("req_{}", BASE32_NOPAD.encode(&random::<5>()).to_ascii_lowercase())
}

/// `job_` and eight letters or digits.
pub(crate) fn job_id() -> String {
    format!("job_{}", BASE32_NOPAD.encode(&random::<5>()).to_ascii_lowercase())
}

fn random<const N: usize>() -> [u8; N] {
    static SOURCE: OnceLock<&'static dyn SecureRandom> = OnceLock::new();
    let source = SOURCE.get_or_init(|| rustls::crypto::aws_lc_rs::default_provider().secure_random);
    let mut bytes = [0; N];
    // Without randomness ids collide, and a second create replaces the first: bad enough for a stand-in, and no worse.
    let _ = source.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_form_and_differ() {
        let id = uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert_eq!(id.matches('-').count(), 4);
        assert_ne!(id, uuid());
        assert_eq!(request_id().len(), 12);
        assert!(job_id().starts_with("job_"));
    }
}
