//! A line of a file that could not be parsed: what must be its keys and its signs, and nothing of its values.
//!
//! A key is a plain word behind the start of the line, a dash, a bracket or a comma within brackets, and before a colon.
//! Everything else becomes `…`. A tab is shown as `→`, since it is the mistake and cannot be seen.

use super::source::{HIDDEN, show_key};

/// The line and the caret under the character at `at`.
pub(super) fn excerpt(line: &[char], at: usize) -> Option<(String, String)> {
    let mut walk = Walk { line, here: 0, shown: String::new(), width: 0, caret: None, at };
    walk.all();
    let caret = walk.caret.unwrap_or(walk.width);
    let shown = walk.shown.trim_end().to_owned();
    (!shown.is_empty()).then(|| (shown, " ".repeat(caret) + "^"))
}

struct Walk<'a> {
    line: &'a [char],
    here: usize,
    shown: String,
    /// Of `shown`, in characters.
    width: usize,
    caret: Option<usize>,
    at: usize,
}

impl Walk<'_> {
    fn all(&mut self) {
        let mut depth = 0_usize;
        let mut key_may_follow = true;
        while let Some(&sign) = self.line.get(self.here) {
            let lone = self.line.get(self.here + 1).is_none_or(|next| next.is_whitespace());
            match sign {
                '#' if self.here == 0 || self.line[self.here - 1].is_whitespace() => break,
                '\t' => self.show("→", 1),
                ' ' => self.show(" ", 1),
                '{' | '[' => {
                    depth += 1;
                    key_may_follow = true;
                    self.show(sign.encode_utf8(&mut [0; 4]), 1);
                }
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    key_may_follow = false;
                    self.show(sign.encode_utf8(&mut [0; 4]), 1);
                }
                ',' => {
                    key_may_follow = depth > 0;
                    self.show(",", 1);
                }
                '-' | '?' if lone && key_may_follow => self.show(sign.encode_utf8(&mut [0; 4]), 1),
                ':' if lone => self.show(":", 1),
                '"' | '\'' => {
                    self.quoted(sign);
                    key_may_follow = false;
                }
                _ => {
                    self.word(key_may_follow);
                    key_may_follow = false;
                }
            }
        }
    }

    /// Text in quotes up to its end or that of the line: the quotes are seen.
    fn quoted(&mut self, quote: char) {
        let inside = &self.line[self.here + 1..];
        let close = inside.iter().position(|&c| c == quote);
        let sign = quote.to_string();
        self.show(&sign, 1);
        self.hide(close.unwrap_or(inside.len()));
        if close.is_some() {
            self.show(&sign, 1);
        }
    }

    fn word(&mut self, may_be_key: bool) {
        let rest = &self.line[self.here..];
        let ends = |i: usize| match rest[i] {
            '{' | '}' | '[' | ']' | ',' | '\t' => i > 0,
            ':' => rest.get(i + 1).is_none_or(|next| next.is_whitespace()),
            ' ' => rest.get(i + 1) == Some(&'#'),
            _ => false,
        };
        let length = (0..rest.len()).find(|&i| ends(i)).unwrap_or(rest.len());
        let text: String = rest[..length].iter().collect();
        match may_be_key && rest.get(length) == Some(&':') && show_key(&text) == text {
            true => self.show(&text, length),
            false => self.hide(length),
        }
    }

    /// `length` characters of the line, as one sign.
    fn hide(&mut self, length: usize) {
        if length > 0 {
            self.show(HIDDEN.encode_utf8(&mut [0; 4]), length);
        }
    }

    fn show(&mut self, text: &str, length: usize) {
        let width = text.chars().count();
        if (self.here..self.here + length).contains(&self.at) {
            self.caret = Some(self.width + (self.at - self.here).min(width.saturating_sub(1)));
        }
        self.shown.push_str(text);
        self.width += width;
        self.here += length;
    }
}
