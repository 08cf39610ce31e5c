//! Is a scrubbed text the old one with placeholders in it, and every other byte where it was?

const HEAD: &[u8] = b"[REDACTED:";

/// The pieces between placeholders stand in the old text, in this order, the first at its beginning, the last at its
/// end.
pub fn assert_only_replaced(before: &[u8], after: &[u8]) {
    let pieces = pieces(after);
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let found = match index {
            0 => before.starts_with(piece).then_some(0),
            _ => find(&before[at..], piece),
        };
        let Some(found) = found else {
            panic!(
                "bytes outside a finding changed:\n{}\n{}",
                String::from_utf8_lossy(before),
                String::from_utf8_lossy(after)
            );
        };
        at += found + piece.len();
    }
    assert!(pieces.last().is_none_or(|last| before.ends_with(last)), "the end changed");
}

/// What stands between placeholders, less the quotes around one that was a JSON number and the number of a key.
fn pieces(text: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(head) = find(&text[at..], HEAD).map(|found| found + at) {
        at = head + HEAD.len();
        let label = &text[at..];
        let width = label.iter().take_while(|byte| byte.is_ascii_lowercase() || b"_-".contains(byte)).count();
        if label.get(width) != Some(&b']') {
            continue;
        }
        pieces.push(trim_quote_end(&text[from..head]));
        at += width + 1;
        if text.get(at) == Some(&b'#') {
            at += 1 + text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
        let quote = text[at..].iter().take_while(|byte| **byte == b'\\').count();
        if text.get(at + quote) == Some(&b'"') {
            at += quote + 1;
        }
        from = at;
    }
    pieces.push(&text[from..]);
    pieces
}

fn trim_quote_end(piece: &[u8]) -> &[u8] {
    match piece.strip_suffix(b"\"") {
        Some(bare) => &bare[..bare.len() - bare.iter().rev().take_while(|byte| **byte == b'\\').count()],
        None => piece,
    }
}

fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    if piece.is_empty() {
        return Some(0);
    }
    text.windows(piece.len()).position(|window| window == piece)
}
