//! "Did you mean": the nearest of a closed set of words, by spelling, else by how it begins (`prod`, `warning`).

/// Longer words are not worth comparing; also bounds the work.
const WORD_CHARS_MAX: usize = 80;

/// Shorter beginnings say nothing.
const BEGINNING_CHARS_MIN: usize = 3;

/// The candidate nearest to `word`, if near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = normal(word);
    if word.is_empty() || word.len() > WORD_CHARS_MAX {
        return None;
    }
    let limit = (word.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    let mut begins_alike = Vec::new();
    for candidate in candidates {
        let spelling = normal(candidate);
        let distance = distance(&word, &spelling);
        if word.len().min(spelling.len()) >= BEGINNING_CHARS_MIN
            && (word.starts_with(&spelling) || spelling.starts_with(&word))
        {
            begins_alike.push(candidate);
        }
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    match (best, begins_alike.as_slice()) {
        (Some((_, candidate)), _) => Some(candidate),
        (None, [one]) => Some(one),
        (None, _) => None,
    }
}

/// Case and the choice of separator are spelling, not meaning.
fn normal(word: &str) -> Vec<char> {
    word.chars()
        .take(WORD_CHARS_MAX + 1)
        .map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() })
        .collect()
}

/// Edits needed: insert, delete, replace, or swap of two neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_and_only_what_is_near() {
        let words = ["bytes_max", "depth_max", "mode", "routes"];
        let cases = [
            ("byte_max", Some("bytes_max")),
            ("bytes-max", Some("bytes_max")),
            ("BYTES_MAX", Some("bytes_max")),
            ("bytse_max", Some("bytes_max")),
            ("mdoe", Some("mode")),
            ("route", Some("routes")),
            ("timeout", None),
            ("depth", Some("depth_max")),
            ("modes_of_it", Some("mode")),
            ("by", None),
            ("", None),
            ("x", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
        assert_eq!(nearest("body", ["body_timeout", "body_rate_min"]), None, "either could be meant");
        assert_eq!(nearest(&"m".repeat(100_000), words), None);
    }
}
