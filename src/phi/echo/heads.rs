//! The search of one answer: a needle for each value, and one for all long values that begin alike, of which a server may
//! show no more than the beginning.
//!
//! A request can carry thousands of values with one beginning, and the answer can repeat it as often. Where it stands, all
//! of them are compared at once, as a sorted list is searched, and not one after the other.

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{CUT_BYTES_MIN, Kind, Pattern};
use crate::phi::work;

/// Comparisons for each byte of a text, on average, before the automaton takes over.
const COMPARISONS_MAX: usize = 4;

/// Finds needles by comparing those that begin like the text at hand. An automaton costs more to build than most answers to
/// read; it is only made for a text in which too much begins like a needle, so that the search is linear in any case.
pub(super) struct Searcher {
    needles: Vec<Needle>,
    /// Their texts, one behind the other.
    bytes: Vec<u8>,
    /// Numbers of needles, in the order of the lowest five bits of their first bytes, and where those of each begin.
    order: Vec<u16>,
    from: [u16; 33],
    /// The pairs of bytes that needles begin with.
    pairs: Pairs,
    automaton: OnceLock<Option<AhoCorasick>>,
}

struct Needle {
    text: Range<usize>,
    means: Means,
}

pub(super) enum Means {
    /// The index of a pattern.
    Value(usize),
    /// Indices of patterns with this head, in the order of their text.
    Heads(Vec<usize>),
}

/// A needle in a text.
pub(super) struct Found<'s> {
    pub(super) span: Range<usize>,
    pub(super) means: &'s Means,
}

impl Searcher {
    pub(super) fn of(patterns: &[Pattern]) -> Searcher {
        let mut searcher = Searcher {
            needles: Vec::with_capacity(patterns.len()),
            bytes: Vec::new(),
            order: Vec::new(),
            from: [0; 33],
            pairs: Pairs::default(),
            automaton: OnceLock::new(),
        };
        let mut heads: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, pattern) in patterns.iter().enumerate() {
            if pattern.kind == Kind::Cut {
                let head = pattern.folded.get(..CUT_BYTES_MIN).unwrap_or(&pattern.folded);
                heads.entry(head).or_default().push(index);
            } else {
                searcher.push(&pattern.folded, Means::Value(index));
            }
        }
        for (head, mut group) in heads {
            group.sort_unstable_by_key(|index| &patterns[*index].folded);
            searcher.push(head, Means::Heads(group));
        }
        searcher.sort();
        searcher
    }

    fn push(&mut self, text: &[u8], means: Means) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.pairs.add(text);
        self.needles.push(Needle { text: start..self.bytes.len(), means });
    }

    fn sort(&mut self) {
        // `PATTERNS_MAX` bounds their number.
        let mut order: Vec<u16> = (0..self.needles.len() as u16).collect();
        let letter = |number: u16| self.text(number).first().map_or(0, |byte| usize::from(byte & 31));
        order.sort_by_key(|number| letter(*number));
        let mut from = [0; 33];
        for number in &order {
            from[letter(*number) + 1] += 1;
        }
        for letter in 0..32 {
            from[letter + 1] += from[letter];
        }
        (self.order, self.from) = (order, from);
    }

    fn text(&self, number: u16) -> &[u8] {
        &self.bytes[self.needles[usize::from(number)].text.clone()]
    }

    /// Every needle wherever it stands, up to `most`, in the order of their ends; of those that end together the longest
    /// first, and of the same text the one that was added first.
    pub(super) fn find(&self, text: &[u8], most: usize) -> Vec<Found<'_>> {
        let mut found = match self.automaton.get() {
            Some(_) => None,
            None => self.compare(text),
        }
        .unwrap_or_else(|| self.run(text, most));
        found.truncate(most);
        let found = found.into_iter();
        found.map(|(span, number)| Found { span, means: &self.needles[usize::from(number)].means }).collect()
    }

    /// Compares needles with the text. `None` if that would take too long.
    pub(super) fn compare(&self, text: &[u8]) -> Option<Vec<(Range<usize>, u16)>> {
        let mut left = text.len() * COMPARISONS_MAX + 1024;
        let mut found = Vec::new();
        for (at, first) in text.iter().enumerate() {
            let next = text.get(at + 1).copied().unwrap_or(0);
            if !self.pairs.has(*first, next) {
                continue;
            }
            let letter = usize::from(*first & 31);
            let (from, to) = (self.from[letter], self.from[letter + 1]);
            for number in &self.order[usize::from(from)..usize::from(to)] {
                let needle = self.text(*number);
                // A long one takes longer to compare.
                left = left.checked_sub(1 + needle.len() / 16)?;
                work::add(1 + needle.len() / 16);
                if text[at..].starts_with(needle) {
                    found.push((at..at + needle.len(), *number));
                }
            }
        }
        found.sort_unstable_by_key(|(span, number)| (span.end, span.start, *number));
        Some(found)
    }

    pub(super) fn run(&self, text: &[u8], most: usize) -> Vec<(Range<usize>, u16)> {
        // Built for one answer, searched once or twice: the quickest automaton to build, no prefilter.
        let automaton = self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                .prefilter(false)
                .dense_depth(1)
                .build(self.needles.iter().map(|needle| &self.bytes[needle.text.clone()]))
                .ok()
        });
        let found = automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(text)).take(most);
        found.map(|found| (found.range(), found.pattern().as_usize() as u16)).collect()
    }
}

/// Pairs of bytes by their lowest five bits: no pair is missed, and few others are taken for one.
#[derive(Default)]
struct Pairs([u32; 32]);

impl Pairs {
    /// The pair that opens a text; any that begins with it if the text is a single byte.
    fn add(&mut self, text: &[u8]) {
        match text {
            [] => {}
            [first] => self.0[usize::from(first & 31)] = !0,
            [first, second, ..] => self.0[usize::from(first & 31)] |= 1 << (second & 31),
        }
    }

    #[inline]
    fn has(&self, first: u8, second: u8) -> bool {
        self.0[usize::from(first & 31)] >> (second & 31) & 1 == 1
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
