//! Is a string in quotes a value, and of which field?
//!
//! Owns what the words beside a quote say of it. What a sentence speaks of is `subject`'s.

use std::ops::Range;

use crate::phi::{
    class::Class,
    cues::KeyClass,
    names,
    rules::homonyms,
    structure::{
        Context, PLACEHOLDER_HEAD, class_of, field_class, is_open_number, phi, rows,
        sentence::{
            REACH,
            content::{is_lone_name, is_mistyped_name, is_named_thing, is_watched},
            subject::{
                clause_after, clause_before, is_allowing, is_complaint, is_value_word, names_a_field,
                subject, suggested,
            },
            terms::{is_named_by_a_program, is_of_terminology},
        },
        words,
    },
    validate,
};

/// `None` if the string is no value; its class, or `Free` if no field is named.
pub(super) fn role(text: &str, open: usize, inner: &Range<usize>, context: Context) -> Option<KeyClass> {
    let content = &text[inner.clone()];
    let named = words::is_field_name(content) && !content.contains('@') && !is_mistyped_name(content);
    // `"public"."patient"`: a name of a table or column, and of what holds it.
    let qualifies = text[inner.end..].starts_with("\".\"");
    if words::is_type_word(content) || named || qualifies {
        return None;
    }
    let quote = Quote::new(text, open, inner);
    if quote.is_type_or_font() || quote.is_mistyped_option() {
        return None;
    }
    let last = quote.last;
    // `Did you mean "birthDateRange"?`, `did you mean 'Graves disease'`
    if last == "mean"
        && (content.starts_with(|c: char| c.is_ascii_lowercase()) || quote.subject(context).is_none())
    {
        return None;
    }
    if context.subject == Some(Class::Name) && quote.is_like_a_name() && !is_allowing(last) {
        return Some(KeyClass::Phi(Class::Name));
    }
    let of_date = quote.is_after_format_of_date();
    if is_allowing(last) && !of_date || quote.left.trim_end().ends_with(['|', '/']) {
        return None;
    }
    if quote.is_part_of_a_program() {
        return None;
    }
    if let Some(class) = words::mention(last) {
        return Some(KeyClass::Phi(class));
    }
    if quote.is_of_a_catalogue() || names_a_field(last) && !is_value_word(last) {
        return None;
    }
    if of_date {
        return Some(KeyClass::Phi(Class::Date));
    }
    quote.is_judged(context).then(|| quote.subject(context).map_or(KeyClass::Free, KeyClass::Phi))
}

/// A string in quotes, and what stands beside it.
struct Quote<'t> {
    content: &'t str,
    /// How many digits it has.
    digits: usize,
    text: &'t str,
    /// Where its opening quote stands.
    open: usize,
    /// All behind its closing quote.
    after: &'t str,
    /// The clause on either side.
    left: &'t str,
    right: &'t str,
    /// The clause before it, less our own placeholder, which is no word of the sentence.
    said: &'t str,
    /// The last word of it.
    last: &'t str,
}

impl<'t> Quote<'t> {
    fn new(text: &'t str, open: usize, inner: &Range<usize>) -> Quote<'t> {
        let content = &text[inner.clone()];
        let left = clause_before(&text[text.ceil_char_boundary(open.saturating_sub(REACH))..open]);
        let after = &text[text.ceil_char_boundary((inner.end + 1).min(text.len()))..];
        let right = clause_after(&after[..after.floor_char_boundary(REACH.min(after.len()))]);
        let said = match left.rfind(PLACEHOLDER_HEAD) {
            Some(head) => left[head..].find(']').map_or("", |end| &left[head + end + 1..]),
            None => left,
        };
        let last = words_from_end(said).next().unwrap_or("");
        let digits = content.bytes().filter(u8::is_ascii_digit).count();
        Quote { content, digits, text, open, after, left, right, said, last }
    }

    /// The words before the last.
    fn words_before_last(&self) -> impl Iterator<Item = &'t str> + Clone + use<'t> {
        words_from_end(self.said).skip(1)
    }

    /// The word before the last.
    fn word_before_last(&self) -> &'t str {
        self.words_before_last().next().unwrap_or("")
    }

    /// `NameError: name 'foo' is not defined`, `The name 'Practitioner' is not valid`: a part of a program, a type, a font.
    fn is_type_or_font(&self) -> bool {
        let undefined =
            self.left.ends_with("NameError: name ") || self.right.trim_start().starts_with("is not defined");
        undefined
            || ["name", "type"].iter().any(|word| self.last.eq_ignore_ascii_case(word))
                && words::is_type_of_resource(self.content)
            || is_of_terminology(self.left, self.right)
            || homonyms::ends_in_typeface(self.left)
    }

    /// `Expected 'booked' | 'cancelled', received 'Bookd'`: all but one of the letters of a word that was allowed.
    fn is_mistyped_option(&self) -> bool {
        const OPTIONS_MAX: usize = 16;
        if self.last != "received" || !self.content.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return false;
        }
        let options = self.left.split(['\'', '"', '`']).skip(1).step_by(2).take(OPTIONS_MAX);
        options.filter(|option| option.len() >= 4).any(|option| is_one_letter_off(option, self.content))
    }

    /// One name alone, or names that open the sentence: `'van den Hoogenband' te lang`.
    fn is_like_a_name(&self) -> bool {
        let family = self.content.rsplit(' ').next().is_some_and(|word| word.starts_with(char::is_uppercase));
        is_lone_name(self.content) || self.left.trim().is_empty() && rows::is_name(self.content, family)
    }

    /// `format: "23-11-1987"` quotes a date, `format: "yyyy-MM-dd"` a rule.
    fn is_after_format_of_date(&self) -> bool {
        self.last == "format" && self.digits >= 6 && self.left.trim_end().ends_with(':')
    }

    /// `because "subscriber" is null`, `bean with name 'quayRegistry'`: a name that a program has for something.
    fn is_part_of_a_program(&self) -> bool {
        // `input[name="Grace period"]`
        let before = &self.text[..self.open];
        let of_thing =
            || before.strip_suffix("name=").is_some_and(|at| words::is_of_a_thing(self.text, at.len()));
        self.last == "because"
            || is_watched(self.last, self.right)
            || is_named_by_a_program(self.said, self.content, self.right)
            || matches!(self.last, "name" | "named")
                && (is_named_thing(self.words_before_last()) || of_thing())
            // `does not exist on type 'PatientDto'`
            || self.last == "type"
                && matches!(self.word_before_last(), "on" | "of" | "to" | "from" | "by" | "in" | "for")
            // `on entity type 'Product'`, `cannot import name 'X'`, `to have text 'Dashboard'`
            || self.last == "type" && matches!(self.word_before_last(), "entity" | "object" | "element")
            || self.last == "name" && self.word_before_last() == "import"
            || self.last == "text" && matches!(self.word_before_last(), "have" | "contain")
            // `for resource type "Appointment"`: a word of the format, mistyped or not.
            || matches!(self.last, "type" | "name") && self.word_before_last() == "resource"
            // `{ name: "BradenScaleDocumented" }`
            || self.last == "name" && names::is_compound_word(self.content)
    }

    /// What a catalogue has: codes, what they are called, definitions, makers.
    fn is_of_a_catalogue(&self) -> bool {
        let (left, last) = (self.left, self.last);
        // `WHERE display LIKE 'Parkinson disease%'`: what codes are called.
        let column = self.word_before_last();
        last.eq_ignore_ascii_case("like")
            && ["display", "title", "term"].iter().any(|called| column.ends_with(called))
            && !["patient", "person", "member", "name"].iter().any(|person| left.contains(person))
            // `code: 'Parkinson disease' is not an ICD-10 code`: what a field of codes was sent.
            || self.digits < 4
                && left.trim_end().ends_with(':')
                && matches!(class_of(last), KeyClass::Safe)
            // `PlanDefinition 'Hodgkin Lymphoma Follow-up' is retired`: what a thing of the catalogue is called.
            || last.ends_with("Definition")
            || words::is_thing(last)
            || names::is_place_or_maker(last)
            // `UCUM unit 'mm Hg' is not valid for code …`, `Display 'Parkinson disease' does not match code …`
            || self.digits < 4
                && matches!(last, "unit" | "Unit" | "display" | "Display")
                && self.right.contains(" code ")
    }

    /// Do the words beside it say that a value stands here, and what is wrong with it?
    fn is_judged(&self, context: Context) -> bool {
        let (left, last) = (self.left, self.last);
        let judged = matches!(
            self.right.split_whitespace().next().unwrap_or(""),
            "is" | "was"
                | "does"
                | "could"
                | "cannot"
                | "must"
                | "already"
                | "has"
                | "not"
                | "as"
                | "to"
                | "for"
                | "in"
                | "into"
                | "exceeds"
        );
        let of_a_field = || subject(left, "", context).is_some();
        // `sent 'Fitzsimmons', payer has 'Fitzsimons'`: two sides that differ in the field the sentence names.
        let told = || {
            matches!(last, "sent" | "has" | "have" | "holds" | "shows" | "says")
                && (left.contains("match") || last == "sent")
                && of_a_field()
        };
        // `lastName must not contain digits: "Kahananui2"`
        let complained = || left.trim_end().ends_with(':') && is_complaint(left) && of_a_field();
        is_value_word(last)
            || judged
            || context.subject.is_some() && is_value_word(self.word_before_last())
            || told()
            || complained()
    }

    /// What it is a value of.
    fn subject(&self, context: Context) -> Option<Class> {
        let (content, left, last) = (self.content, self.left, self.last);
        // A parser of dates names no field, and quotes a date.
        let dated = matches!(last, "date" | "datetime" | "timestamp" | "data" | "Text" | "time")
            && (4..=14).contains(&self.digits)
            && content.len() < 40;
        // `gender must be one of: male, female; got 'Vrou'`: a word out of a list.
        // `address.state: must be a two-letter code, received 'Ohio'`
        let of_state = left.contains("two-letter") && left.contains("state");
        let named = is_value_word(last) && is_lone_name(content) && !left.contains(" one of") && !of_state;
        subject(left, self.right, context)
            .or_else(|| chained(self.after))
            .or(dated.then_some(Class::Date))
            .or(named.then_some(Class::Name))
            // `Invalid value - '4815992705' in field 'id'`: by its check digit, a number of the NHS.
            .or((content.len() == 10 && validate::nhs(content.as_bytes())).then_some(Class::Mrn))
            .or_else(|| is_open_number(content).then(|| suggested(left, self.right, context)).flatten())
    }
}

/// The words of a clause, the last first.
fn words_from_end(clause: &str) -> impl Iterator<Item = &str> + Clone {
    clause
        .rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '-')
        // `Invalid value - '…'`
        .filter(|word| !word.is_empty() && *word != "-")
}

/// `(through reference chain: com.example.PatientDto["dateOfBirth"])`, as Jackson says at the end which field it could not read.
fn chained(after: &str) -> Option<Class> {
    const REACH: usize = 320;
    let near = &after[..after.floor_char_boundary(REACH.min(after.len()))];
    let chain = &near[near.find("reference chain: ")?..];
    let chain = &chain[..chain.find(')')?];
    let field = chain.trim_end_matches(['"', ']', '\\']).rsplit(['"', '[']).next()?;
    phi(field_class(field))
}

/// Is one letter too many, missing or another in `word`, whatever its case?
fn is_one_letter_off(option: &str, word: &str) -> bool {
    let (option, word) = (option.as_bytes(), word.as_bytes());
    let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let front = option.iter().zip(word).take_while(same).count();
    let back = option.iter().rev().zip(word.iter().rev()).take_while(same).count();
    option.len().abs_diff(word.len()) <= 1 && front + back + 1 >= option.len().max(word.len())
}
