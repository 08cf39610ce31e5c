//! Folding of look-alikes: NFKC, zero-width and format characters, Unicode dashes, digits and spaces, and UTF-8 that was read
//! as Windows-1252.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::View;

/// The folded text; borrowed when there is nothing to fold.
pub fn fold(text: &str) -> Cow<'_, str> {
    match folded(text) {
        Some(view) => Cow::Owned(view.text),
        None => Cow::Borrowed(text),
    }
}

pub(super) fn folded(text: &str) -> Option<View> {
    if text.is_ascii() {
        return None;
    }
    let mut view = View::with_capacity(text.len());
    let mut decoded = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let mut end = start + first.len_utf8();
        if let Some(letter) = chars.peek().and_then(|(_, next)| misread(first, *next)) {
            end += chars.next().map_or(0, |(_, next)| next.len_utf8());
            view.push(letter.encode_utf8(&mut [0; 4]), (start, end));
            continue;
        }
        // A base and its marks compose together, so they are one unit with one origin.
        while let Some((at, mark)) = chars.next_if(|(_, c)| is_combining_mark(*c) || is_invisible(*c)) {
            end = at + mark.len_utf8();
        }
        decoded.clear();
        let unit = text[start..end].chars().filter(|c| !is_invisible(*c));
        decoded.extend(unit.nfkc().map(plain));
        view.push(&decoded, (start, end));
    }
    (view.text != text).then_some(view)
}

/// `Ã¼`: the letter that two bytes of UTF-8 were, each of which was taken for a character of Windows-1252.
fn misread(lead: char, next: char) -> Option<char> {
    /// What Windows-1252 has at 0x80 to 0x9F; what is missing there stands for itself.
    const CP1252: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    if !matches!(lead, 'Â' | 'Ã' | 'Ä' | 'Å') {
        return None;
    }
    let byte = match next {
        '\u{80}'..='\u{bf}' => u32::from(next),
        _ => 0x80 + u32::try_from(CP1252.iter().position(|known| *known == next)?).ok()?,
    };
    char::from_u32((u32::from(lead) & 0x1f) << 6 | byte & 0x3f)
}

/// Characters that show nothing and only break words up for a scanner.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}')
}

fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2E3A}' | '\u{2E3B}' | '\u{30A0}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}' | '\u{2BC}' => '\'',
        '\u{201C}' | '\u{201D}' => '"',
        '\u{2028}' | '\u{2029}' | '\u{1680}' => ' ',
        '\u{3002}' => '.',
        c => digit(c).unwrap_or(c),
    }
}

/// Zeros of the decimal digits that NFKC keeps apart.
const ZEROS: &[u32] = &[
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x11066, 0x110F0, 0x11136, 0x1E140,
    0x1E2F0, 0x1E950,
];

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_fold_to_ascii() {
        for (text, expected) in [
            ("１２３－４５－６７８９", "123-45-6789"),
            ("123\u{2011}45\u{2013}6789", "123-45-6789"),
            ("٥١٢", "512"),
            ("Ja\u{200B}ne\u{FEFF}", "Jane"),
            ("jane＠example．com", "jane@example.com"),
            ("Jane\u{A0}Doe", "Jane Doe"),
            ("Jose\u{301}", "José"),
            ("O\u{2019}Brien", "O'Brien"),
            ("ﬁnal", "final"),
            ("𝟓𝟏𝟐", "512"),
            ("JÃ¼rgen GroÃŸkreutz, JosÃ©", "Jürgen Großkreutz, José"),
            ("SÃO Ängeby Åse", "SÃO Ängeby Åse"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn the_rest_is_borrowed() {
        for text in ["plain", "José", "张伟", "Müller-Lüdenscheidt"] {
            assert!(matches!(fold(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
