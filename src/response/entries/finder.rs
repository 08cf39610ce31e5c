//! Where outcomes stand in a JSON text that comes in pieces.
//!
//! An outcome is an object whose `resourceType` says so, wherever it stands; one that has `issue` and nothing that an outcome
//! has not; and whatever stands as `outcome` of a `response`. An object whose first members say nothing of what it is waits for
//! [`LEAD_BYTES_MAX`], and to its end once it has `issue`; one that calls itself an outcome after it was let go ends the
//! reading. So hardly anything waits. Reads what is no JSON in some way or other: nobody else reads it either.

use std::ops::Range;

/// Deepest nesting that is followed.
const DEPTH_MAX: usize = 512;

/// How far into an object with members that no outcome has its type, or `issue`, is waited for.
const LEAD_BYTES_MAX: usize = 4096;

/// Why a text cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nested deeper than anybody reads.
    TooDeep,
    /// What calls itself an outcome was let go before it did.
    TooLate,
}

/// The state between two pieces. Positions count from the beginning of the text.
#[derive(Default)]
pub struct Finder {
    /// What was read so far.
    at: usize,
    /// The innermost container that is open, and those around it. Around all stands one that is nothing.
    top: Container,
    around: Vec<Container>,
    /// The next string is a name.
    before_name: bool,
    /// The name whose value comes next or is being read; an element of an array has none.
    name: Name,
    string: Option<Quoted>,
    found: Vec<Range<usize>>,
}

/// An object or array that is not closed yet.
#[derive(Clone, Copy, Default)]
struct Container {
    from: usize,
    is_object: bool,
    shown: Shown,
    /// Stands under the name `response`, by itself or among others.
    is_response: bool,
    has_issue: bool,
}

/// What a container has shown itself to be.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Shown {
    /// An object with nothing so far but what outcomes have.
    Undecided,
    /// An object with something else, too; waits until [`LEAD_BYTES_MAX`], and to its end if it has `issue`.
    Doubtful,
    Outcome,
    /// Was let go, and has `issue`, from which on it waits to its end.
    LateIssue,
    #[default]
    Other,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Name {
    ResourceType,
    Issue,
    Response,
    Outcome,
    /// Another that holds resources.
    Carried,
    /// Another member that an outcome may have.
    OfOutcome,
    #[default]
    Other,
}

struct Quoted {
    from: usize,
    is_name: bool,
    /// Nothing in it is escaped.
    plain: bool,
    /// The next byte is.
    escaped: bool,
}

impl Finder {
    /// Reads on. `text` begins at `base`, which is [`Finder::settled`] or before it, and ends where nobody has read yet.
    pub fn read(&mut self, text: &[u8], base: usize) -> Result<(), Lost> {
        let mut at = self.at - base;
        self.at = base + text.len();
        loop {
            if let Some(string) = &mut self.string {
                let Some(end) = string.end(text, at) else { return Ok(()) };
                at = end;
                self.string_ends(text, base, base + end)?;
            }
            loop {
                let Some(byte) = text.get(at) else { return Ok(()) };
                at += 1;
                match byte {
                    b'"' => break,
                    b',' => self.before_name = self.top.is_object,
                    b':' => self.before_name = false,
                    b'{' | b'[' => self.opens(*byte == b'{', base + at - 1)?,
                    b'}' | b']' => self.closes(base + at),
                    _ => {}
                }
            }
            let from = base + at - 1;
            self.string = Some(Quoted { from, is_name: self.before_name, plain: true, escaped: false });
        }
    }

    /// Up to here it is known where outcomes stand.
    pub fn settled(&self) -> usize {
        let mut open = self.around.iter().chain([&self.top]);
        let container = open.find(|container| container.waits(self.at));
        let string = self
            .string
            .as_ref()
            .filter(|string| string.is_name || self.is_outcome_next() || self.is_type_next());
        let container = container.map_or(self.at, |container| container.from);
        string.map_or(container, |string| container.min(string.from))
    }

    /// The outcomes that end before [`Finder::settled`], in order; each once.
    pub fn take_found(&mut self) -> Vec<Range<usize>> {
        let settled = self.settled();
        let later = self.found.partition_point(|outcome| outcome.end <= settled);
        let rest = self.found.split_off(later);
        std::mem::replace(&mut self.found, rest)
    }

    fn string_ends(&mut self, text: &[u8], base: usize, end: usize) -> Result<(), Lost> {
        let Some(string) = self.string.take() else { return Ok(()) };
        let forced = !string.is_name && self.is_outcome_next();
        if forced {
            self.found.push(string.from..end);
            return Ok(());
        }
        if !string.is_name && !self.is_type_next() {
            return Ok(());
        }
        // Names and types wait for their end: all of either is here.
        let written = text.get(string.from.saturating_sub(base)..end - base).unwrap_or_default();
        let decoded: String;
        let value = if string.plain {
            written.get(1..written.len().saturating_sub(1)).unwrap_or_default()
        } else {
            decoded = serde_json::from_slice(written).unwrap_or_default();
            decoded.as_bytes()
        };
        if !self.top.waits(end) {
            self.top.shown = Shown::Other;
        }
        if string.is_name {
            self.name = Name::of(value);
            self.top.has(self.name, string.from);
            return Ok(());
        }
        self.top.is_of_type(value == b"OperationOutcome")
    }

    fn opens(&mut self, is_object: bool, from: usize) -> Result<(), Lost> {
        if self.around.len() >= DEPTH_MAX {
            return Err(Lost::TooDeep);
        }
        let shown = match (self.is_outcome_next(), is_object) {
            (true, _) => Shown::Outcome,
            (false, true) => Shown::Undecided,
            (false, false) => Shown::Other,
        };
        let around = self.top;
        let is_response = self.name == Name::Response || !around.is_object && around.is_response;
        self.around.push(around);
        self.top = Container { from, is_object, shown, is_response, has_issue: false };
        (self.before_name, self.name) = (is_object, Name::Other);
        Ok(())
    }

    fn closes(&mut self, end: usize) {
        let Some(around) = self.around.pop() else { return };
        let closed = std::mem::replace(&mut self.top, around);
        self.name = Name::Other;
        if closed.shown == Shown::Outcome || closed.shown == Shown::Undecided && closed.has_issue {
            // What stands inside of an outcome goes with it.
            self.found.truncate(self.found.partition_point(|outcome| outcome.start < closed.from));
            self.found.push(closed.from..end);
        }
    }

    /// The value that comes next, or is being read, stands as `outcome` of a `response`.
    fn is_outcome_next(&self) -> bool {
        self.top.is_response && self.name == Name::Outcome
    }

    /// The value that comes next, or is being read, says of what type the object is.
    fn is_type_next(&self) -> bool {
        self.top.is_object && self.name == Name::ResourceType
    }
}

impl Quoted {
    /// Where it ends: behind the closing quote. `text` has it from `at` on.
    #[inline]
    fn end(&mut self, text: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if self.escaped {
                text.get(at)?;
                (self.escaped, at) = (false, at + 1);
            }
            at += mark(text.get(at..)?)? + 1;
            if text.get(at - 1) == Some(&b'"') {
                return Some(at);
            }
            (self.plain, self.escaped) = (false, true);
        }
    }
}

/// The first quote or backslash. Most strings are short, so the first bytes are looked at eight at a time, in place.
#[inline]
fn mark(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    // Sets the high bit of the first byte that is zero, and of none before it.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    for (nth, word) in text.as_chunks::<8>().0.iter().take(3).enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zero(word ^ (ONES * b'"' as u64)) | zero(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(nth * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    memchr::memchr2(b'"', b'\\', text)
}

impl Container {
    /// Whether it has to be kept until more of it is read than up to `at`.
    fn waits(&self, at: usize) -> bool {
        match self.shown {
            Shown::Undecided | Shown::Outcome | Shown::LateIssue => true,
            Shown::Doubtful => self.has_issue || at - self.from <= LEAD_BYTES_MAX,
            Shown::Other => false,
        }
    }

    /// A member of this name, which begins at `from`, was read.
    fn has(&mut self, name: Name, from: usize) {
        let may_be = matches!(self.shown, Shown::Undecided | Shown::Doubtful);
        match name {
            Name::Issue if may_be => self.has_issue = true,
            Name::Issue if self.shown == Shown::Other => (self.shown, self.from) = (Shown::LateIssue, from),
            Name::Response | Name::Outcome | Name::Carried if may_be && !self.has_issue => {
                self.shown = Shown::Other;
            }
            Name::Response | Name::Outcome | Name::Carried | Name::Other if may_be => {
                self.shown = Shown::Doubtful;
            }
            _ => {}
        }
    }

    /// Its type was read. Of several the last one counts, to most who read it.
    fn is_of_type(&mut self, is_outcome: bool) -> Result<(), Lost> {
        self.shown = match (self.shown, is_outcome) {
            (Shown::Outcome | Shown::Undecided | Shown::Doubtful, true) => Shown::Outcome,
            (Shown::Other | Shown::LateIssue, true) => return Err(Lost::TooLate),
            (Shown::Undecided | Shown::Doubtful, false) if self.has_issue => Shown::Doubtful,
            (Shown::Undecided | Shown::Doubtful, false) => Shown::Other,
            (shown, false) => shown,
        };
        Ok(())
    }
}

impl Name {
    fn of(name: &[u8]) -> Name {
        match name {
            b"resourceType" => Name::ResourceType,
            b"issue" => Name::Issue,
            b"response" => Name::Response,
            b"outcome" => Name::Outcome,
            b"entry" | b"parameter" | b"resource" => Name::Carried,
            b"id" | b"meta" | b"text" | b"language" | b"contained" | b"extension" | b"implicitRules"
            | b"modifierExtension" => Name::OfOutcome,
            [b'_', ..] => Name::OfOutcome,
            _ => Name::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outcomes of a text that comes in pieces of so many bytes, of which what is settled is forgotten at once.
    fn found(text: &str, bytes: usize) -> Vec<&str> {
        let mut finder = Finder::default();
        let (mut found, mut base) = (Vec::new(), 0);
        for end in (bytes..text.len()).step_by(bytes).chain([text.len()]) {
            finder.read(&text.as_bytes()[base..end], base).expect("not deep");
            let settled = finder.settled();
            assert!((base..=end).contains(&settled), "{text} {bytes}");
            found.extend(finder.take_found());
            base = settled;
        }
        found.into_iter().map(|outcome| &text[outcome]).collect()
    }

    #[test]
    fn outcomes_are_found_wherever_they_stand_and_however_they_begin() {
        let plain = r#"{"resourceType":"OperationOutcome","issue":[{"a":"}"}]}"#;
        let late = r#"{ "id":"1", "issue":[{"diagnostics":"\\\"]"}], "text":{"div":"{"}, "resourceType" : "OperationOutcome" }"#;
        let spelt = r#"{"resource\u0054ype":"\u004fperationOutcome"}"#;
        let nested =
            r#"{"resourceType":"OperationOutcome","contained":[{"resourceType":"OperationOutcome"}]}"#;
        let strange =
            r#"{"$schema":"x","fhir_comments":[],"a":{"b":1},"resourceType":"OperationOutcome","issue":[1]}"#;
        let stranger = r#"{"issue":[1],"status":400,"entry":[],"resourceType":"Patient","resourceType":"OperationOutcome"}"#;
        for outcome in [plain, late, spelt, nested, strange, stranger, r#"{"issue":[1]}"#] {
            for text in [
                outcome.to_owned(),
                format!("\u{feff} [ {outcome} ]"),
                format!(r#"{{"entry":[{{"resource":{outcome}}},{{"fullUrl":"x"}}]}}"#),
                format!(r#"{{"contained":[{{"a":{outcome}}}],"resourceType":"Patient"}}"#),
                format!(r#"{{"resourceType":"Patient","contained":[{{"id":"1"}},{outcome}]}}"#),
                format!(r#"{{"response":{{"outcome": {outcome}}}}}"#),
                format!(r#"[{{"response":[{{"outcome" :{outcome},"a":"b"}}]}}]"#),
            ] {
                for bytes in 1..=text.len() {
                    assert_eq!(found(&text, bytes), [outcome], "{text} {bytes}");
                }
            }
        }
        for forced in [r#""text""#, r#"{"a":1}"#, "[{}]"] {
            let text = format!(r#"{{"response":{{"status":"1","outcome":{forced}}},"outcome":"x"}}"#);
            for bytes in 1..=text.len() {
                assert_eq!(found(&text, bytes), [forced], "{text} {bytes}");
            }
        }
        let two = format!(r#"{{"entry":[{plain},{late},{{"resource":{plain}}}]}}"#);
        assert_eq!(found(&two, 9), [plain, late, plain]);
    }

    #[test]
    fn what_is_no_outcome_is_not_found_and_does_not_wait() {
        for text in [
            r#"{"resourceType":"Patient","issue":[1]}"#,
            r#"{"issue":[1],"resourceType":"Patient"}"#,
            r#"{"issue":[1],"status":400}"#,
            r#"{"status":400,"issue":[1]}"#,
            r#"{"entry":[],"issue":[1]}"#,
            r#"{"id":"1","text":{"div":"x"}}"#,
            r#"{"outcome":{"text":"x"},"response":{"code":"ok"}}"#,
            r#"{"response":{"outcome":null,"status":"1"}}"#,
            r#"{"a":"{\"resourceType\":\"OperationOutcome\"}"}"#,
            r#"["resourceType","OperationOutcome"]"#,
            r#"{"resourceType":null,"id":"OperationOutcome"}"#,
            r#"}]{"a":"b"#,
            "",
        ] {
            for bytes in 1..=text.len().max(1) {
                assert_eq!(found(text, bytes), Vec::<&str>::new(), "{text} {bytes}");
            }
        }
        for (text, settled) in [
            (r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","na"#, 72),
            (r#"{"entry":[{"resource":{"resourceType":"Patient","gender":"Quin"#, 62),
            // Whatever begins strangely may be an outcome for a while.
            (r#"{"entry":[{"resource":{"resourceType":"Patient","name":[{"family":"Quin"#, 56),
            (r#"{"entry":[{"resource":{"resourceType":"Patient","issue":[1],"a":1"#, 48),
            (r#"{"entry":[{"resource":{"id":"1","text":{"div":"x"#, 22),
            (r#"{"entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"a":1}"#, 22),
            (r#"{"entry":[{"response":{"status":"400","outcome":"x"#, 48),
        ] {
            let mut finder = Finder::default();
            finder.read(text.as_bytes(), 0).expect("not deep");
            assert_eq!(finder.settled(), settled, "{text}");
        }
    }

    #[test]
    fn a_strange_object_waits_for_so_long_and_with_issue_to_its_end() {
        let strange = |pad: usize, behind: &str| format!(r#"[{{"a":"{}",{behind}}}]"#, "x".repeat(pad));
        let typed = r#""resourceType":"OperationOutcome","issue":[1]"#;
        let issue =
            format!(r#""issue":["{}"],"resourceType":"OperationOutcome""#, "y".repeat(2 * LEAD_BYTES_MAX));
        for behind in [typed, &issue] {
            let text = strange(LEAD_BYTES_MAX - 100, behind);
            for bytes in [1, 100, LEAD_BYTES_MAX, text.len()] {
                assert_eq!(found(&text, bytes), [&text[1..text.len() - 1]]);
            }
            let text = strange(LEAD_BYTES_MAX, behind);
            for bytes in [1, 100, LEAD_BYTES_MAX, text.len()] {
                let mut finder = Finder::default();
                let read = |piece: &[u8], nth: usize, finder: &mut Finder| {
                    let read = finder.read(
                        &text.as_bytes()[finder.settled()..nth * bytes + piece.len()],
                        finder.settled(),
                    );
                    // What was let go is what stands before `issue`.
                    assert!(read.is_err() || finder.settled() <= text.find("\"issue").unwrap_or_default());
                    read
                };
                let all = text.as_bytes().chunks(bytes).enumerate();
                let lost = all.into_iter().find_map(|(nth, piece)| read(piece, nth, &mut finder).err());
                assert_eq!(lost, Some(Lost::TooLate), "{bytes}");
            }
        }
        let text = format!(r#"[{{"a":"{}"#, "x".repeat(LEAD_BYTES_MAX));
        let mut finder = Finder::default();
        assert_eq!(finder.read(text.as_bytes(), 0), Ok(()));
        assert_eq!(finder.settled(), text.len());
        let twice = br#"{"resourceType":"Patient","resourceType":"OperationOutcome"}"#;
        assert_eq!(Finder::default().read(twice, 0), Err(Lost::TooLate));
    }

    #[test]
    fn depth_is_bounded() {
        let mut finder = Finder::default();
        assert_eq!(finder.read("[".repeat(DEPTH_MAX).as_bytes(), 0), Ok(()));
        assert_eq!(finder.read(b"[", DEPTH_MAX), Err(Lost::TooDeep));
    }
}
