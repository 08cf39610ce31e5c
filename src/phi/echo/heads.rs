//! What is searched for in one answer: a needle for each value, and one for all long values that begin alike, of which a
//! server may show no more than the beginning.
//!
//! A request can carry thousands of values with one beginning, and the answer can repeat it as often. Where it stands, all
//! of them are compared at once, as a sorted list is searched, and not one after the other.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{CUT_BYTES_MIN, Kind, Pattern};

pub(super) struct Searcher {
    pub(super) automaton: AhoCorasick,
    /// By the automaton's number.
    needles: Vec<Needle>,
}

pub(super) enum Needle {
    /// The index of a pattern.
    Value(usize),
    /// Indices of patterns with this head, in the order of their text.
    Heads(Vec<usize>),
}

impl Searcher {
    pub(super) fn of(patterns: &[Pattern]) -> Option<Searcher> {
        let mut texts: Vec<&[u8]> = Vec::with_capacity(patterns.len());
        let mut needles = Vec::with_capacity(patterns.len());
        let mut heads: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, pattern) in patterns.iter().enumerate() {
            if pattern.kind == Kind::Cut {
                let head = pattern.folded.get(..CUT_BYTES_MIN).unwrap_or(&pattern.folded);
                heads.entry(head).or_default().push(index);
            } else {
                texts.push(&pattern.folded);
                needles.push(Needle::Value(index));
            }
        }
        for (head, mut group) in heads {
            group.sort_unstable_by_key(|index| &patterns[*index].folded);
            texts.push(head);
            needles.push(Needle::Heads(group));
        }
        // Built for one answer, searched once or twice: the quickest automaton to build, no prefilter.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .prefilter(false)
            .dense_depth(1)
            .build(texts)
            .ok()?;
        Some(Searcher { automaton, needles })
    }

    pub(super) fn needle(&self, number: usize) -> &Needle {
        &self.needles[number]
    }
}

/// How far a text agrees with the values of a group that it does not show to their end: each length once, with one of the
/// values that agree so far. What it shows as a whole is found as a whole.
pub(super) fn agreements<'p>(
    text: &[u8],
    group: &[usize],
    patterns: &'p [Pattern],
) -> Vec<(usize, &'p Pattern)> {
    let value = |index: &usize| patterns[*index].folded.as_slice();
    let mut agreements = Vec::new();
    let (mut alike, mut length) = (group, CUT_BYTES_MIN);
    loop {
        // Values that end here stand first.
        alike = &alike[alike.partition_point(|index| value(index).len() <= length)..];
        let next = text.get(length);
        let from = next.map_or(0, |next| alike.partition_point(|index| value(index)[length] < *next));
        let to = next.map_or(0, |next| alike.partition_point(|index| value(index)[length] <= *next));
        let other = if from > 0 { alike.first() } else { alike.get(to) };
        if let Some(other) = other {
            agreements.push((length, &patterns[*other]));
        }
        if from == to {
            return agreements;
        }
        alike = &alike[from..to];
        length += 1;
    }
}
