//! What the words around a candidate say of it: the cue before it, the cue after it, the unit behind it.
//!
//! Owns how far a cue may stand and what ends its reach. Every look is bounded, so the scan stays linear. The vocabulary is
//! that of `cues`.

use super::words::{
    bounds, is_amount, is_counted, is_counted_exactly, is_place, is_process, is_sent, links, qualifies,
};
use super::{DIGIT, LOWER, Scan, Token, WIDE};
use crate::phi::class::Class;
use crate::phi::cues::{self, Cue, KeyClass, Says};
use crate::phi::rules::homonyms::means_another;
use crate::phi::rules::is_number_of_patient;
use crate::phi::structure::query::is_past_parameter;

/// What the words around a candidate say.
#[derive(Clone, Copy, Debug)]
pub(in crate::phi) struct Context {
    pub(in crate::phi) says: Says,
    pub(in crate::phi) word: &'static str,
    pub(in crate::phi) strong: bool,
    /// Only fillers stand between the cue and the candidate.
    pub(in crate::phi) adjacent: bool,
}

impl Context {
    pub(in crate::phi) const NONE: Context =
        Context { says: Says::Filler, word: "", strong: false, adjacent: false };

    pub(in crate::phi) fn class(self) -> Option<Class> {
        match self.says {
            Says::Phi(class) | Says::Provider(class) => Some(class),
            _ => None,
        }
    }

    pub(in crate::phi) fn cue(self) -> Option<&'static str> {
        (!self.word.is_empty()).then_some(self.word)
    }

    pub(in crate::phi) fn is_safe(self) -> bool {
        self.says == Says::Safe
    }
}

/// How far a cue may stand before its value.
const CUE_WORDS_MAX: usize = 12;
const CUE_BYTES_MAX: usize = 96;
/// Longest of several codes in a row.
const LISTED_DIGITS_MAX: usize = 6;

impl Scan<'_> {
    /// The cue for the candidate that opens with token `i`: before it, else after its last token.
    pub(in crate::phi) fn context(&self, i: usize, end: usize) -> Context {
        let before = self.cue_before(i);
        // An id may be the number that was checked; any other operational word speaks for itself.
        if before.class().is_some_and(numeric_class)
            || before.is_safe() && !matches!(before.word, "id" | "resourceid" | "recordid")
        {
            return before;
        }
        if self.is_checked(self.tok(i).start()..end) {
            let says = Says::Phi(Class::OtherId);
            return Context { says, word: "check digit", strong: true, adjacent: true };
        }
        if before.is_safe() {
            return before;
        }
        let after = self.cue_after(i, end);
        let told = after.class().filter(|class| !means_another(*class, after.word, self.text, end));
        if told.is_some() { after } else { before }
    }

    fn hinted(&self) -> Context {
        match self.hint {
            KeyClass::Phi(class) => {
                Context { says: Says::Phi(class), word: "key", strong: true, adjacent: true }
            }
            KeyClass::Safe => Context { says: Says::Safe, word: "key", strong: true, adjacent: true },
            _ => Context::NONE,
        }
    }

    /// Walks back over the words before token `i`. The nearest identifier word wins; an operational word only counts
    /// when it touches the candidate; a key of its own (`foo=`) ends the search.
    pub(in crate::phi) fn cue_before(&self, i: usize) -> Context {
        let (token, known) = self.around.get();
        if token as usize == i {
            return known;
        }
        let mut context = self.cue_before_uncached(i);
        let at = self.tok(i).start();
        if context.class().is_some_and(|class| means_another(class, context.word, self.text, at)) {
            context.says = Says::Safe;
        }
        self.around.set((i as u32, context));
        context
    }

    fn cue_before_uncached(&self, i: usize) -> Context {
        let mut adjacent = true;
        let mut person = Context::NONE;
        let (mut j, start) = (i, self.tok(i).start());
        let (mut numbers, mut listed) = (0, true);
        // Under a key for what was sent, a cue counts if the words between say what was done with it.
        let (mut sent, mut processed) = (false, false);
        while j > 0 && i - j < CUE_WORDS_MAX {
            let (token, next) = (self.tok(j - 1), self.tok(j));
            let gap = &self.bytes[token.end()..next.start()];
            if self.is_cut_off(i, token, gap, adjacent) {
                return person;
            }
            j -= 1;
            if token.is_number() {
                // `bad SSN in row 12: 912…`
                if adjacent && gap == b": " && j > 0 && is_place(self.slice(self.tok(j - 1))) {
                    j -= 1;
                    continue;
                }
                numbers += 1;
                listed &=
                    is_list(gap) && token.len() == self.tok(i).len() && token.len() <= LISTED_DIGITS_MAX;
                // `ZIP3 331: 1204`: a number that is a key of its own.
                if numbers > 4 || gap == b": " && token.len() <= 3 {
                    return person;
                }
                continue;
            }
            // `SSN check: 912…`: what is done with a number stands between it and its word.
            let process = is_process(self.slice(token));
            processed |= process;
            if adjacent && matches!(gap, b": " | b": \"" | b": '") && process {
                continue;
            }
            let found = self.cue_ending(j).filter(|cue| !self.is_of_a_name(cue, j, gap, adjacent));
            let own_key = is_key_gap(gap) && adjacent;
            let Some(cue) = found else {
                // `ssn_check_failed raw=912…`, `msg="MRN not found" q="…"`
                if own_key && !sent && is_sent(self.slice(token)) {
                    sent = true;
                    continue;
                }
                if own_key {
                    return person;
                }
                // `member id KWD 9981 20 117`: the letters that open it are a part of the number.
                let opens = j + 1 == i
                    && token.flags & (LOWER | DIGIT | WIDE) == 0
                    && token.len() <= 4
                    && gap == b" ";
                adjacent = adjacent && (token.has_digit() || opens);
                continue;
            };
            if cue.says == Says::Safe && matches!(self.slice(token), b"to" | b"from") {
                // `sent 3 pages to 808-555-0177`: an operational word says nothing of where something goes.
                adjacent = false;
                continue;
            }
            let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent };
            match cue.says {
                Says::Phi(_) | Says::Provider(_) if sent && !processed => return person,
                Says::Phi(_) if numbers > 0 && is_past_parameter(self.bytes, token.end(), start) => {
                    return person;
                }
                // `claim for enrollee HYG/20418/B`: whose it is stands nearer than what it is of.
                Says::Phi(Class::HealthPlan | Class::Account)
                    if !cue.strong && !adjacent && !person.word.is_empty() =>
                {
                    return person;
                }
                Says::Phi(_) | Says::Provider(_) => return context,
                // `CPT 99213..99499`: codes in a row.
                Says::Safe
                    if adjacent
                        && (numbers == 0 || listed)
                        && (is_key_gap(gap) || !cues::is_prose(cue.word)) =>
                {
                    return context;
                }
                Says::Person if adjacent && numbers == 0 => {
                    person = context;
                    adjacent = false;
                }
                Says::Filler => {}
                // `provider=nimc window_start=1794814200`
                Says::Free if own_key && bounds(self.slice(token)) => return person,
                Says::Free | Says::Safe | Says::Person => adjacent = false,
            }
        }
        if j == 0 && person.word.is_empty() && adjacent { self.hinted() } else { person }
    }

    /// Is the candidate at token `i` cut off from `token`, so that no word from there on back speaks of it?
    fn is_cut_off(&self, i: usize, token: Token, gap: &[u8], adjacent: bool) -> bool {
        let candidate = self.tok(i);
        // `carrier 'Fisher Healthcare', 118 lines`: what a quote closes says nothing of how many there are.
        let few = adjacent && candidate.is_number() && candidate.len() <= 4;
        candidate.start() - token.start() > CUE_BYTES_MAX
            || gap.len() > 16
            // Elements of X12 are known by their place.
            || gap.trim_ascii_start() == b"*"
            || gap.iter().any(|b| ends_clause(*b))
            // `"GET /v1/patients?phone=… HTTP/1.1" 200`: nor of what follows it.
            || gap == b"\" " && token.has_digit() && adjacent
            || few && matches!(gap, b"', " | b"\", ")
            // The label inside a placeholder speaks of what was there.
            || gap.first() == Some(&b']') && self.closes_placeholder(token)
    }

    /// Is the cue that ends in token `j` a part of the name of a class, a table or a path?
    fn is_of_a_name(&self, cue: &Cue, j: usize, gap: &[u8], adjacent: bool) -> bool {
        let token = self.tok(j);
        // The end of a path is none of a value behind it, nor is a unit: `/patients/[id]/chart in`, `mg/dL`.
        // `body/mrn must match format, got 4471`: a validator names a field so.
        let in_path = |token: Token| {
            token.len() >= 2
                && self.before(token.start()) == b'/'
                && !self.bytes[..token.start()].ends_with(b"body/")
        };
        // `Intel Mac OS X 10_15_7`: an address of a network card has a key or its own shape.
        let path =
            || cue.word == "mac" || in_path(token) || j > 0 && token.len() <= 2 && in_path(self.tok(j - 1));
        // `o.e.mpi.Linker - linked 4369515`: an element of the name of a class.
        let capital = |at: usize| self.byte(at).is_ascii_uppercase();
        let of_class = !adjacent
            && (gap.first() == Some(&b'.') && capital(token.end() + gap.len())
                // `[mpi-worker-3]`: more often the message passing interface.
                || self.slice(token).eq_ignore_ascii_case(b"mpi"));
        // `ENCOUNTER_FACT 2026-11-21`: a word that a table is named with.
        let of_table = gap == b"_" && !cue.strong && cue.says == Says::Phi(Class::Date);
        of_class || of_table || !is_key_gap(gap) && path()
    }

    fn closes_placeholder(&self, token: Token) -> bool {
        let from = token.start().saturating_sub(32);
        self.bytes[from..token.start()].windows(10).any(|window| window == b"[REDACTED:")
    }

    /// The cue whose last word is token `j`.
    pub(in crate::phi) fn cue_ending(&self, j: usize) -> Option<Cue> {
        let token = self.tok(j);
        if token.flags & WIDE != 0
            && !token.has_digit()
            && let Some((class, word)) = cues::scripts::announced(&self.text[token.start()..token.end()])
        {
            return Some(Cue { says: Says::Phi(class), word, strong: true });
        }
        // The letters of `%AC` are no word.
        if self.before(token.start()) == b'%'
            && self.slice(token).first_chunk::<2>().is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        {
            return None;
        }
        if !cues::may_end_cue(self.slice(self.tok(j)), false) {
            return None;
        }
        let memo = &self.memo[j % 16];
        let (token, known) = memo.get();
        if token as usize == j {
            return known;
        }
        let cue = self.cue_ending_uncached(j);
        memo.set((j as u32, cue));
        cue
    }

    fn cue_ending_uncached(&self, j: usize) -> Option<Cue> {
        let last = self.tok(j);
        // `cf16` is no word where it is a part of a UUID.
        if last.has_digit() && self.is_protected(last) {
            return None;
        }
        // `supplier.nhs.uk/D11111`: of a host.
        let host = match self.slice(last) {
            b"nhs" => self.bytes[last.end()..].starts_with(b".uk"),
            b"healthcare" => self.byte(last.end()) == b'.',
            _ => false,
        };
        if host {
            return None;
        }
        let mut from = j;
        while from > 0 && j - from < 3 {
            let (token, next) = (self.tok(from - 1), self.tok(from));
            let gap = &self.bytes[token.end()..next.start()];
            let joined = matches!(gap, [b' ' | b'_' | b'-' | b'\'' | b'/' | b'.'])
                // `hosp. no.`
                || gap == b". " && token.len() <= 5
                // H&C number, H+C no.: any other ampersand or plus parts two parameters.
                || matches!(gap, b"&" | b"+") && token.len() == 1 && next.len() == 1;
            // `mg/dL value=312`: a unit.
            let unit = self.slice(token).eq_ignore_ascii_case(b"dl") && self.before(token.start()) == b'/';
            if !joined || unit || token.is_number() {
                break;
            }
            from -= 1;
        }
        let cue = cues::cue_at_end(&self.text[self.tok(from).start()..last.end()])?;
        match cue.word {
            "patientid" if is_number_of_patient(self.bytes, last.end()) => {
                Some(Cue { says: Says::Phi(Class::Mrn), strong: true, ..cue })
            }
            // `mrn din 7712044`: a word of Romanian, not the number of a drug.
            "din" if j > 0 && self.cue_ending(j - 1).is_some_and(|before| before.strong) => None,
            _ => Some(cue),
        }
    }

    /// `1987-11-23 is not a valid date of birth`.
    pub(in crate::phi) fn cue_after_date(&self, i: usize, end: usize) -> Context {
        self.cue_after_where(i, end, |class| class == Class::Date)
    }

    /// `... is not a valid SSN`, `4471 (MRN)`: a cue a few linking words after the value.
    fn cue_after(&self, i: usize, end: usize) -> Context {
        self.cue_after_where(i, end, numeric_class)
    }

    fn cue_after_where(&self, i: usize, end: usize, fit: fn(Class) -> bool) -> Context {
        let mut j = i;
        while self.get(j).is_some_and(|token| token.start() < end) {
            j += 1;
        }
        let mut at = end;
        for step in 0..7 {
            let Some(token) = self.get(j + step) else { break };
            let gap = &self.bytes[at.min(token.start())..token.start()];
            if token.has_digit()
                || gap.len() > 3
                || gap.iter().any(|b| ends_clause(*b) || matches!(b, b',' | b'=' | b'&'))
                // `uploads/2026/11/Passport_Emeka.pdf`: the name of a file. `localhost:3000/healthcare`: a port.
                || gap == b"/" && (self.byte(token.end()) == b'_' || self.before(self.tok(i).start()) == b':')
            {
                break;
            }
            // `30006: landline`: what a code means.
            let explained = gap.contains(&b':') && end - self.tok(i).start() <= 6;
            at = token.end();
            let next = self.byte(at);
            // `udi-di` is another word.
            let goes_on = matches!(next, b'-' | b'_') && self.byte(at + 1).is_ascii_alphabetic();
            let owns_next = goes_on
                || matches!(next, b'=' | b':')
                || self.get(j + step + 1).is_some_and(|t| t.has_digit() && t.start() - at <= 3);
            if let Some(cue) = self.cue_ending_from(j, j + step)
                && let Says::Phi(class) | Says::Provider(class) = cue.says
            {
                // `carrier 30006 landline`: of a message.
                let short = end - self.tok(i).start() < 6;
                let called = (explained || short) && matches!(class, Class::Phone | Class::Fax);
                let fits = cue.strong && fit(class) && !owns_next && !called;
                if fits {
                    return Context { says: cue.says, word: cue.word, strong: true, adjacent: step < 2 };
                }
            }
            if !links(self.slice(token)) {
                let announced = step > 0 && qualifies(self.slice(self.tok(j + step - 1)));
                return if announced { self.phrase_after(j + step, fit) } else { Context::NONE };
            }
        }
        Context::NONE
    }

    /// `... is not a valid member id`: a cue of two or three words that opens with token `first`.
    fn phrase_after(&self, first: usize, fit: fn(Class) -> bool) -> Context {
        for last in first + 1..=first + 2 {
            let Some(token) = self.get(last).filter(|token| !token.has_digit()) else { break };
            let end = self.tok(last - 1).end();
            if self.bytes[end..token.start()] != *b" " {
                break;
            }
            let next = self.get(last + 1).is_some_and(|t| t.has_digit() && t.start() - token.end() <= 3);
            if let Some(cue) = self.cue_ending_from(first, last)
                && let Says::Phi(class) | Says::Provider(class) = cue.says
                && cue.strong
                && fit(class)
                && !next
                && !matches!(self.byte(token.end()), b'=' | b':')
            {
                return Context { says: cue.says, word: cue.word, strong: true, adjacent: false };
            }
        }
        Context::NONE
    }

    /// `expected YYYY-MM-DD (e.g. 1980-01-31)`: does the text give what stands at `start` as an example of a format?
    pub(in crate::phi) fn is_example(&self, start: usize) -> bool {
        const HEADS: [&str; 6] = ["e.g.", "e.g.,", "e.g.:", "for example", "for example:", "for example,"];
        const REACH: usize = 96;
        const FORMATS: [&str; 10] = [
            "format",
            "expected",
            "must ",
            "yyyy",
            "YYYY",
            "E.164",
            "form ",
            "should be",
            "pattern",
            "digits",
        ];
        let before = self.text[..start].trim_end_matches(['+', '\'', '"', '`', '\\', '(']).trim_end();
        if !before.ends_with(['.', ',', ':', 'e']) {
            return false;
        }
        let head = HEADS.iter().find(|head| before.ends_with(**head));
        head.is_some_and(|head| {
            let said = &before[..before.len() - head.len()];
            let said = &said[said.ceil_char_boundary(said.len().saturating_sub(REACH))..];
            let clause = said.rsplit(['\n', ';']).next().unwrap_or_default();
            FORMATS.iter().any(|word| clause.contains(word))
        })
    }

    /// Does a word near this run say whose number it is?
    pub(in crate::phi) fn is_claimed(&self, i: usize, end: usize) -> bool {
        let context = self.context(i, end);
        context.adjacent && context.class().is_some()
    }

    fn cue_ending_from(&self, first: usize, last: usize) -> Option<Cue> {
        if !cues::may_end_cue(self.slice(self.tok(last)), true) {
            return None;
        }
        let from = first.max(last.saturating_sub(3));
        cues::cue_at_end(&self.text[self.tok(from).start()..self.tok(last).end()])
    }

    /// Does an operational word or unit follow directly: `1532 ms`, `412 rows`?
    pub(in crate::phi) fn unit_after(&self, end: usize, i: usize) -> bool {
        let mut j = i;
        while self.get(j).is_some_and(|token| token.start() < end) {
            j += 1;
        }
        if is_amount(&self.bytes[end..]) {
            return true;
        }
        let Some(token) = self.get(j) else { return false };
        if token.has_digit() || self.bytes[end..token.start()] != *b" " {
            return false;
        }
        // A cue that touches the number is surer than most words behind it: `CHI 0511825013 sex digit`.
        let context = self.cue_before(i);
        if context.adjacent && context.strong && context.class().is_some() && !is_counted(self.slice(token)) {
            return false;
        }
        // A number this long counts nothing: `7845578389 version XL`.
        let long =
            self.bytes[..end].iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count() >= 9;
        if long && !is_counted(self.slice(token)) {
            return false;
        }
        // `2348125550133 profile.name`: a key of its own.
        let dotted = self.byte(token.end()) == b'.' && self.byte(token.end() + 1).is_ascii_alphabetic();
        let owns = dotted
            || matches!(self.byte(token.end()), b'=' | b':')
            || !cues::may_end_cue(self.slice(token), false);
        let operational = || {
            cues::cue_at_end(&self.text[token.start()..token.end()])
                .is_some_and(|cue| cue.says == Says::Safe && !cues::is_prose(cue.word))
        };
        !owns && (is_counted_exactly(self.slice(token)) || operational())
    }
}

/// Between the codes of a list or a range.
fn is_list(gap: &[u8]) -> bool {
    matches!(gap, b".." | b"..." | b", " | b"," | b"-" | b"/" | b" - " | b" to " | b"\xE2\x80\x93")
}

/// Ends what a cue can reach.
pub(super) fn ends_clause(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b';' | b'&' | b'}')
}

/// `: `, `="`, `': '`: what stands between a key and its value.
fn is_key_gap(gap: &[u8]) -> bool {
    gap.iter().any(|b| matches!(b, b':' | b'='))
        && gap.iter().all(|b| {
            matches!(
                b,
                b':' | b'=' | b' ' | b'"' | b'\'' | b']' | b'[' | b'(' | b'\\' | b'`' | b'>' | b'+' | b'{'
            )
        })
}

fn numeric_class(class: Class) -> bool {
    !matches!(
        class,
        Class::Name
            | Class::Geo
            | Class::Date
            | Class::Email
            | Class::Url
            | Class::Photo
            | Class::Biometric
            | Class::ApiKey
    )
}
