//! England's register of patients: what speaks of it makes a number with the right check digit a patient's.

/// How far before a number of England's register of patients its name is looked for.
pub(in crate::phi) const REGISTER_BYTES: usize = 80;

/// `spine-adapter pds retrieve `: does the text before a number speak of the register?
pub(in crate::phi) fn is_of_register(before: &[u8]) -> bool {
    let mut words = before.split(|byte| !byte.is_ascii_alphabetic());
    words.any(|word| [b"pds".as_slice(), b"spine"].iter().any(|known| word.eq_ignore_ascii_case(known)))
}
