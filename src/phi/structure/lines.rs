//! Values whose label stands on the line before: `Patient name:` and, below it, the name.

use super::{KeyClass, class_of};

/// The text with each line end after a label turned into a space, byte for byte as long. Nothing without such a label.
pub(crate) fn joined(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut joined: Option<Vec<u8>> = None;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        let line = text[start..end].trim_ascii_end();
        start = end + 1;
        if ends_in_label(line) {
            let out = joined.get_or_insert_with(|| bytes.to_vec());
            let gap = end - usize::from(bytes[..end].ends_with(b"\r"))..start;
            out[gap].fill(b' ');
        }
    }
    joined.and_then(|joined| String::from_utf8(joined).ok())
}

fn ends_in_label(line: &str) -> bool {
    if line.ends_with([':', '=']) {
        return true;
    }
    let word = line.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    matches!(class_of(word), KeyClass::Phi(_))
}
