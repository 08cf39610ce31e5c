//! The policy's own rules over a whole text, so that a pattern may also speak of what stands around a value.
//!
//! The readers of the structure show the flat scan one decoded value at a time; here the rules see the text as it
//! came. In JSON a hit is cut to the keys and values it lies in, so that the document stays one.

use std::ops::Range;

use super::{Edit, Engine, Form, Kind, Tape, json::is_number, looks_like_json};

/// Adds what the policy's own rules find in `text`.
pub(crate) fn own_rules(engine: &Engine, text: &str, edits: &mut Vec<Edit>) {
    let mut tape = None;
    for rule in &engine.custom {
        rule.hits(text, |span| {
            let tape = tape
                .get_or_insert_with(|| (is_number(text) || looks_like_json(text)).then(|| Tape::read(text)));
            let edit = Edit::from(&rule.finding(span));
            match tape {
                Some(tape) => in_json(text, tape, edit, edits),
                None => edits.push(edit),
            }
        });
    }
}

fn in_json(text: &str, tape: &Tape, edit: Edit, edits: &mut Vec<Edit>) {
    let hit = edit.span.clone();
    let first = tape.tokens.partition_point(|token| token.end <= hit.start);
    let mut keys = 0;
    for token in tape.tokens[first..].iter().take_while(|token| token.start < hit.end) {
        let whole = token.start..token.end;
        let part = hit.start.max(whole.start)..hit.end.min(whole.end);
        let edit = |span: Range<usize>, form| Edit { span, form, ..edit.clone() };
        match token.kind {
            Kind::Object | Kind::Array | Kind::End => {}
            // An escape must not be cut in two.
            Kind::Str if text[whole.clone()].contains('\\') => edits.push(edit(whole, Form::Plain)),
            Kind::Str => edits.push(edit(part, Form::Plain)),
            // A key that only stands before the value is its label.
            Kind::Key if hit.end > whole.end => {}
            Kind::Key => {
                keys += 1;
                edits.push(edit(whole, Form::Numbered(keys)));
            }
            Kind::Number | Kind::Word => edits.push(edit(whole, Form::Quoted(0))),
        }
    }
    // What follows a broken document is text.
    if hit.end > tape.end {
        edits.push(Edit { span: hit.start.max(tape.end)..hit.end, ..edit });
    }
}
