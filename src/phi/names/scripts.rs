//! Names in scripts without case: `山田太郎`, `محمد علي`, `თამარ`.
//!
//! Such words bring no capitals to go by, so the cue, the lexicon or their being alone among Latin words must speak.

use super::judge::{Context, Hit};
use super::lexicon::lookup;
use super::run::{Role, Run};
use super::score::pair;
use super::shapes::Shape;
use super::tokens::{Gap, Token};
use crate::phi::class::Confidence;

impl Run<'_> {
    /// Scripts without case: `山田太郎`, `محمد علي`. A few such words inside Latin text are somebody's data, not the message.
    pub(super) fn caseless(&self, context: Context) -> Option<Hit> {
        let first = self.word(0).text(self.text);
        let cued = !matches!(context, Context::None | Context::Weak(_));
        let same_script =
            self.parts().iter().take_while(|part| self.words[part.at].shape == Shape::Caseless).count();
        let ideographs = first.chars().all(is_east_asian);
        let isolated = self.is_isolated(same_script);
        let len = first.chars().count();
        // Behind a cue the first word is the name; what follows it is the sentence.
        let sentence = ideographs && cued && same_script > 1 && (2..=4).contains(&len);
        let accepted = if sentence {
            true
        } else if ideographs && same_script == 1 {
            let listed = east_asian(first);
            if cued {
                (2..=8).contains(&len)
            } else {
                listed == 2 && isolated && len <= 6 || listed == 1 && isolated && (2..=4).contains(&len)
            }
        } else {
            let listed =
                self.parts().iter().any(|part| lookup(self.words[part.at].text(self.text)).is_name());
            // A cue in the same language may begin a plain sentence.
            let cue_says = cued && (listed || context.cue().is_some_and(str::is_ascii));
            cue_says || isolated && (2..=4).contains(&same_script) || self.both_listed(same_script)
        };
        let confidence = if context.is_strong() { Confidence::High } else { Confidence::Medium };
        if !accepted {
            return None;
        }
        if sentence {
            return Some(self.hit(1, "name.script", confidence, context.cue()));
        }
        let last = (0..self.len).rev().find(|index| self.parts[*index].role != Role::Particle)?;
        let mut hit = self.hit(last + 1, "name.script", confidence, context.cue());
        if let Some(more) = self
            .words
            .get(hit.next)
            .filter(|more| more.shape == Shape::Caseless && more.gap == Gap::Comma && same_script == 1)
        {
            hit.span.end = more.end();
            hit.next += 1;
        }
        Some(hit)
    }

    /// A listed given name beside a listed family name, and nothing more.
    fn both_listed(&self, len: usize) -> bool {
        let entry = |index: usize| lookup(self.word(index).text(self.text));
        len == 2 && pair(entry(0), entry(1)) >= 4 && entry(0).is_name() && entry(1).is_name()
    }

    /// Whether the run stands by itself in a text of Latin words.
    fn is_isolated(&self, len: usize) -> bool {
        // Behind a placeholder of ours stands the rest of the sentence.
        if self.text[..self.word(0).start()].trim_end().ends_with(']') {
            return false;
        }
        let (from, to) = (self.parts[0].at, self.parts[len.max(1) - 1].at + 1);
        let latin = |word: &Token| self.text.as_bytes().get(word.start()).is_some_and(u8::is_ascii);
        let before =
            from.checked_sub(1).is_none_or(|at| latin(&self.words[at]) || self.words[from].gap == Gap::Label);
        let after = self.words.get(to).is_none_or(|word| latin(word) || word.gap == Gap::Comma);
        before && after && self.text.bytes().take(512).filter(u8::is_ascii_alphabetic).nth(5).is_some()
    }
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '々')
}

/// How well a word splits into a listed family name and a given name: 0 not, 1 family only, 2 both.
fn east_asian(word: &str) -> u8 {
    let mut best = 0;
    for (at, _) in word.char_indices().skip(1).take(3) {
        let (family, given) = word.split_at(at);
        if lookup(family).family > 0 {
            best = best.max(if lookup(given).given > 0 { 2 } else { 1 });
        }
    }
    best
}
