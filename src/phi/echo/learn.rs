//! In which pieces a value of the request is remembered: whole, by its words, by its clauses, or not at all.
//!
//! Other spellings of dates, telephone numbers and secrets are in `spell`, what is not worth a look in `worth`.

use super::worth::{contact_uri, is_loinc, is_opaque, is_symbol, is_vocabulary};
use super::{BYTES_MAX, CUT_BYTES_MIN, Echo, Kind, VALUE_BYTES_MIN, fold, spell};
use crate::phi::class::Class;
use crate::phi::cues::KeyClass;
use crate::phi::names;
use crate::phi::structure::{PLACEHOLDER_HEAD, phi, words};
use crate::phi::systems;

impl Echo {
    /// Adds one decoded query parameter or path value.
    pub fn add_value(&mut self, class: KeyClass, value: &str) {
        // What stands in a placeholder is nobody's.
        value.split(PLACEHOLDER_HEAD).enumerate().for_each(|(at, piece)| {
            let value = if at == 0 { piece } else { piece.split_once(']').map_or(piece, |(_, rest)| rest) };
            self.add_piece(class, value);
        });
    }

    fn add_piece(&mut self, class: KeyClass, value: &str) {
        let value = systems::without_system(value);
        if let Some((class, value)) = contact_uri(value) {
            return self.add_phi(class, value);
        }
        // `https://clinic.example.org/mrn|MC-0558213`
        let number = value
            .rsplit_once('|')
            .filter(|(system, _)| system.contains("://"))
            .map_or(value, |(_, number)| number);
        if phi(class).is_none() && number.len() < value.len() {
            self.add_unknown(number);
        }
        match class {
            KeyClass::Phi(class) => self.add_phi(class, value),
            KeyClass::Free => self.add_free(value),
            KeyClass::Unknown => self.add_unknown(value),
            KeyClass::Safe => self.add_readable_id(value),
        }
    }

    pub(super) fn add_phi(&mut self, class: Class, value: &str) {
        let value = value.trim();
        if words::is_type_word(value) || is_vocabulary(value) && class != Class::Name {
            return;
        }
        match class {
            Class::Clinical => return self.add_free(value),
            Class::Date => spell::dates(value).iter().for_each(|date| self.push(date, class, Kind::Whole)),
            Class::Phone | Class::Fax => {
                spell::phones(value).iter().for_each(|n| self.push(n, class, Kind::Digits))
            }
            Class::Email => {
                if let Some((local, _)) = value.split_once('@') {
                    self.part(local, class, 5);
                }
            }
            Class::Name => self.name_parts(value),
            Class::Geo => self.place_parts(value),
            Class::Photo | Class::Biometric => {
                // Pictures are long; their head identifies them well enough.
                let head: String = value.chars().filter(|c| !c.is_whitespace()).take(64).collect();
                return self.whole(&head, class);
            }
            _ => {
                if let Some((_, id)) = value.rsplit_once('|') {
                    self.whole(id, class);
                }
            }
        }
        self.whole(value, class);
    }

    /// The whole value, and its head for answers that cut it short.
    pub(super) fn whole(&mut self, value: &str, class: Class) {
        let folded = fold::fold(value).text;
        // A number of three digits or a two-letter word is everywhere; a two-letter name only as such.
        let digits = folded.iter().filter(|byte| byte.is_ascii_digit()).count();
        if folded.len() < VALUE_BYTES_MIN || digits == folded.len() && digits < 5 {
            if class == Class::Name && folded.len() == 2 && !words::is_common(value) {
                self.push(&folded, class, Kind::Part);
            }
            return;
        }
        if folded.len() > CUT_BYTES_MIN + 2 {
            self.push(&folded, class, Kind::Cut);
        }
        self.push(&folded, class, Kind::Whole);
    }

    fn name_parts(&mut self, value: &str) {
        for word in value.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’' && !fold::is_mark(c))
        {
            self.part(word, Class::Name, 3);
        }
        for word in value.split(|c: char| c.is_whitespace() || c == ',' || c == '^') {
            if word.contains(['-', '\'', '’']) {
                self.part(word, Class::Name, 4);
            }
        }
        // A name joined from several fields is looked for in both orders as one match.
        let words: Vec<&str> = value.split_whitespace().collect();
        if let [first, .., last] = words[..] {
            self.push(&fold::fold(&format!("{last}{first}")).text, Class::Name, Kind::Whole);
        }
    }

    fn place_parts(&mut self, value: &str) {
        for piece in value.split([',', ';', '\n']) {
            if piece.len() < value.len() {
                self.whole(piece.trim(), Class::Geo);
            }
            for word in piece.split(|c: char| !c.is_alphanumeric() && !fold::is_mark(c)) {
                if word.chars().any(|c| c.is_alphabetic()) {
                    self.part(word, Class::Geo, 4);
                }
            }
        }
        if let Some(zip) = value.get(..5)
            && value.len() > 5
            && zip.bytes().all(|byte| byte.is_ascii_digit())
            && value.as_bytes()[5] == b'-'
        {
            self.whole(zip, Class::Geo);
        }
    }

    pub(super) fn part(&mut self, word: &str, class: Class, bytes_min: usize) {
        let folded = fold::fold(word).text;
        let wide = !word.is_ascii();
        if (folded.len() >= bytes_min || wide && folded.len() >= VALUE_BYTES_MIN) && !words::is_common(word) {
            self.push(&folded, class, Kind::Part);
        }
    }

    /// Free text: the whole, its clauses, and every run of words that could be quoted alone.
    pub(super) fn add_free(&mut self, value: &str) {
        if self.bytes >= BYTES_MAX {
            self.incomplete = true;
            return;
        }
        let cut = value.len() > BYTES_MAX - self.bytes;
        let value = &value[..value.floor_char_boundary(BYTES_MAX - self.bytes)];
        self.incomplete |= cut;
        self.bytes += value.len();
        if is_vocabulary(value) || is_loinc(value) {
            return;
        }
        let folded = fold::fold(value);
        if folded.text.len() <= 256 {
            self.whole(value, Class::Clinical);
        }
        for clause in value.split([',', ';', '.', '\n', ':', '(', ')']).map(str::trim).take(256) {
            let words = clause.split_whitespace().count();
            if clause.len() >= 8 && clause.len() < value.len() && words >= 2 && !is_vocabulary(clause) {
                self.push(&fold::fold(clause).text, Class::Clinical, Kind::Whole);
            }
        }
        let runs = fold::runs(value, &folded);
        self.runs.extend(runs.iter().map(|run| run.hash));
        for name in fold::capitalised(value) {
            self.part(name, Class::Name, 5);
        }
    }

    /// A value whose parameter or key we do not know: kept if it could be a person's.
    pub(super) fn add_unknown(&mut self, value: &str) {
        let value = value.trim();
        if value.split_whitespace().count() > 2 {
            return self.add_free(value);
        }
        let spoken =
            is_vocabulary(value) || is_symbol(value) || words::is_field_name(value) || is_loinc(value);
        if value.len() < 4 || spoken || is_opaque(value) {
            return;
        }
        let class = if value.contains('@') { Class::Email } else { Class::OtherId };
        if value.chars().any(char::is_uppercase) && value.chars().all(|c| !c.is_ascii_digit()) {
            self.name_parts(value);
            return self.whole(value, Class::Name);
        }
        self.whole(value, class);
    }

    /// An id that reads like a name, such as `pt_jane_doe`. Anything else behind a safe key stays.
    fn add_readable_id(&mut self, value: &str) {
        let body = value.rsplit('/').next().unwrap_or(value);
        let parts: Vec<&str> = body.split(['_', '-', '.']).collect();
        let readable = parts.len() >= 2
            && parts.iter().all(|part| part.chars().all(char::is_alphabetic))
            && parts[1..].iter().any(|part| part.len() >= 3)
            && body.len() >= 8
            && !is_vocabulary(body);
        if readable && names::is_name_like(body) {
            self.push(&fold::fold(body).text, Class::Name, Kind::Whole);
            for part in &parts[1..] {
                self.part(part, Class::Name, 4);
            }
        }
    }
}
