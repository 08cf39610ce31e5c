//! Where outcomes stand in a JSON text that comes in pieces.
//!
//! An outcome is an object whose `resourceType` says so, wherever it stands; one that has `issue` and nothing that an outcome
//! has not; and whatever stands as `outcome` of a `response`. An object whose first members say nothing of what it is waits for
//! [`LEAD_BYTES_MAX`], and to its end once it has `issue`; one that calls itself an outcome after it was let go ends the
//! reading. So hardly anything waits. Reads what is no JSON in some way or other: nobody else reads it either.
//!
//! Where nothing in a piece can make an outcome of anything, only what it leaves open is read: see [`skim`].

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

use super::skim::skim;

/// Deepest nesting that is followed.
const DEPTH_MAX: usize = 512;

/// How far into an object with members that no outcome has its type, or `issue`, is waited for.
const LEAD_BYTES_MAX: usize = 4096;

/// Shorter pieces are read through.
const SKIMMED_BYTES_MIN: usize = 128;

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
    /// Reads on. `text` begins at `base` and ends where nobody has read yet; all of it that was read already may be missing,
    /// unless [`Finder::holds_string`], from [`Finder::settled`] on.
    pub fn read(&mut self, text: &[u8], base: usize) -> Result<(), Lost> {
        let mut at = self.at - base;
        self.at = base + text.len();
        let mut skimmed = false;
        loop {
            if let Some(string) = &mut self.string {
                let Some(end) = string.end(text, at) else { return Ok(()) };
                at = end;
                self.string_ends(text, base, base + end)?;
            }
            if !skimmed {
                at += self.skip(text.get(at..).unwrap_or_default(), base + at);
                skimmed = true;
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
        let container = container.map_or(self.at, |container| container.from);
        self.held_string().map_or(container, |string| container.min(string.from))
    }

    /// Whether the text ends in a string that has to be read whole.
    pub fn holds_string(&self) -> bool {
        self.held_string().is_some()
    }

    /// Whether [`Finder::take_found`] may have any.
    pub fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    fn held_string(&self) -> Option<&Quoted> {
        let string = self.string.as_ref()?;
        (string.is_name || self.is_outcome_next() || self.is_type_next()).then_some(string)
    }

    /// The outcomes that end before [`Finder::settled`], in order; each once.
    pub fn take_found(&mut self) -> Vec<Range<usize>> {
        let settled = self.settled();
        let later = self.found.partition_point(|outcome| outcome.end <= settled);
        let rest = self.found.split_off(later);
        std::mem::replace(&mut self.found, rest)
    }

    /// How much of `text`, which begins at `from` and outside of strings, need not be read: whatever is opened there is closed
    /// there as well, and is no outcome.
    fn skip(&mut self, text: &[u8], from: usize) -> usize {
        let may_be_outcome = |container: &Container| container.has_issue || container.shown == Shown::Outcome;
        if text.len() < SKIMMED_BYTES_MIN
            || self.is_outcome_next()
            || self.around.iter().chain([&self.top]).any(may_be_outcome)
            || may_make_outcome(text)
        {
            return 0;
        }
        let too_deep = |deepest: usize| self.around.len() + deepest > DEPTH_MAX;
        let Some(skimmed) = skim(text).filter(|skimmed| skimmed.rest > 0 && !too_deep(skimmed.deepest))
        else {
            return 0;
        };
        let Some(depth) = self.around.len().checked_sub(skimmed.closed) else { return 0 };
        // Of what waits, and stays open, all members have to be read.
        let waits = |container: &Container| container.waits(from + skimmed.rest);
        if self.around.iter().chain([&self.top]).take(depth + 1).any(waits) {
            return 0;
        }
        if let Some(top) = self.around.get(depth) {
            self.top = *top;
            self.around.truncate(depth);
        }
        (self.before_name, self.name) = (self.top.is_object, Name::Other);
        skimmed.rest
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
        // A comma may be missing, where a reader forgives that.
        (self.before_name, self.name) = (self.top.is_object, Name::Other);
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

/// Whether a name or a type that outcomes are known by may stand in `text`: as it is, or in escapes of letters.
fn may_make_outcome(text: &[u8]) -> bool {
    static NAMES: LazyLock<[memmem::Finder<'static>; 2]> =
        LazyLock::new(|| ["issue\"", "utcome\""].map(memmem::Finder::new));
    let is_letter = |at: usize| matches!(text.get(at + 4), Some(b'4'..=b'7'));
    NAMES.iter().any(|name| name.find(text).is_some())
        || memchr::memchr(b'\\', text).is_some() && memmem::find_iter(text, b"\\u00").any(is_letter)
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
mod tests;
