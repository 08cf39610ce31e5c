//! The records, by FHIR type and id, in the order they were made. Bounded in number and in bytes; the oldest go first.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

const RECORDS_MAX: usize = 10_000;
const BYTES_MAX: usize = 128 * 1024 * 1024;

/// How the fields of a record are written: as the simplified routes take them, or as FHIR.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Simple,
    Fhir,
}

pub(crate) struct Record {
    pub(crate) fhir_type: String,
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) updated: String,
    pub(crate) form: Form,
    /// Without `id`, `meta` and `resourceType`.
    pub(crate) fields: Map<String, Value>,
    bytes: usize,
}

#[derive(Default)]
pub(crate) struct Store {
    records: BTreeMap<u64, Record>,
    numbers: HashMap<(String, String), u64>,
    next: u64,
    bytes: usize,
}

impl Store {
    /// Makes or replaces a record. `bytes` is the length of the request body it came in, its price in memory.
    pub(crate) fn put(&mut self, fhir_type: &str, id: &str, written: Written, now: &str) -> &Record {
        let version = self.find(fhir_type, id).map_or(1, |record| record.version + 1);
        self.remove(fhir_type, id);
        let record = Record {
            fhir_type: fhir_type.to_owned(),
            id: id.to_owned(),
            version,
            updated: now.to_owned(),
            form: written.form,
            fields: written.fields,
            bytes: written.bytes,
        };
        while self.records.len() >= RECORDS_MAX
            || (self.bytes + written.bytes > BYTES_MAX && !self.records.is_empty())
        {
            self.remove_oldest();
        }
        let number = self.next;
        self.next += 1;
        self.bytes += written.bytes;
        self.numbers.insert((record.fhir_type.clone(), record.id.clone()), number);
        self.records.entry(number).or_insert(record)
    }

    pub(crate) fn find(&self, fhir_type: &str, id: &str) -> Option<&Record> {
        let number = self.numbers.get(&(fhir_type.to_owned(), id.to_owned()))?;
        self.records.get(number)
    }

    /// The record keeps its place among the others. Returns `None` if there is no such record.
    pub(crate) fn update(
        &mut self,
        fhir_type: &str,
        id: &str,
        written: Written,
        now: &str,
    ) -> Option<&Record> {
        let number = self.numbers.get(&(fhir_type.to_owned(), id.to_owned()))?;
        let record = self.records.get_mut(number)?;
        self.bytes = self.bytes - record.bytes + written.bytes;
        record.version += 1;
        now.clone_into(&mut record.updated);
        (record.form, record.fields, record.bytes) = (written.form, written.fields, written.bytes);
        Some(record)
    }

    pub(crate) fn remove(&mut self, fhir_type: &str, id: &str) -> bool {
        let Some(number) = self.numbers.remove(&(fhir_type.to_owned(), id.to_owned())) else { return false };
        if let Some(record) = self.records.remove(&number) {
            self.bytes -= record.bytes;
        }
        true
    }

    pub(crate) fn of_type<'a>(&'a self, fhir_type: &'a str) -> impl Iterator<Item = &'a Record> {
        self.all().filter(move |record| record.fhir_type == fhir_type)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    fn remove_oldest(&mut self) {
        if let Some((_, record)) = self.records.pop_first() {
            self.bytes -= record.bytes;
            self.numbers.remove(&(record.fhir_type, record.id));
        }
    }
}

/// What a request wrote.
pub(crate) struct Written {
    pub(crate) form: Form,
    pub(crate) fields: Map<String, Value>,
    pub(crate) bytes: usize,
}

impl Written {
    /// Takes the parts the server decides out of what the client sent.
    pub(crate) fn new(form: Form, mut fields: Map<String, Value>, bytes: usize) -> Written {
        for name in ["id", "meta", "resourceType", "fullName"] {
            fields.shift_remove(name);
        }
        Written { form, fields, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: usize) -> Written {
        Written::new(Form::Simple, Map::new(), bytes)
    }

    #[test]
    fn the_oldest_record_makes_room() {
        let mut store = Store::default();
        for number in 0..=RECORDS_MAX {
            store.put("Patient", &number.to_string(), written(1), "");
        }
        assert_eq!(store.len(), RECORDS_MAX);
        assert!(store.find("Patient", "0").is_none() && store.find("Patient", "1").is_some());
    }

    #[test]
    fn bytes_are_bounded_and_given_back() {
        let mut store = Store::default();
        for number in 0..100 {
            store.put("Binary", &number.to_string(), written(BYTES_MAX / 10), "");
        }
        assert_eq!(store.len(), 10);
        for number in 90..100 {
            assert!(store.remove("Binary", &number.to_string()));
        }
        assert_eq!((store.len(), store.bytes), (0, 0));
    }

    #[test]
    fn versions_count_and_types_are_apart() {
        let mut store = Store::default();
        assert_eq!(store.put("Patient", "a", written(5), "t").version, 1);
        assert_eq!(store.put("Patient", "a", written(7), "t").version, 2);
        assert_eq!(store.update("Patient", "a", written(3), "t").map(|record| record.version), Some(3));
        assert!(store.find("Person", "a").is_none());
        assert_eq!(store.bytes, 3);
    }
}
