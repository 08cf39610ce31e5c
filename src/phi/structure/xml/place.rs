//! Where in a document the text between two tags stands: its elements, its cell of a table, the label before it.

use super::{ELEMENTS_MAX, Element, cell_label};
use crate::phi::{cues::KeyClass, structure::phi};

/// The elements around, the label before, and the table.
pub(super) struct Place {
    pub(super) open: Vec<Element>,
    /// Elements that were opened and not remembered.
    skipped: usize,
    pub(super) label: KeyClass,
    pub(super) table: Table,
}

impl Place {
    /// The begin of a document that stands for something of `class`.
    pub(super) fn within(class: KeyClass) -> Place {
        let root = Element { class, ..Element::default() };
        Place { open: vec![root], skipped: 0, label: KeyClass::Unknown, table: Table::default() }
    }

    pub(super) fn enter(&mut self, element: Element) {
        if self.open.len() < ELEMENTS_MAX { self.open.push(element) } else { self.skipped += 1 }
    }

    pub(super) fn close(&mut self, of_table: bool) {
        if of_table {
            self.table = Table::default();
        }
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if self.open.len() > 1 {
            self.open.pop();
        }
    }

    /// What the element says of its text.
    pub(super) fn class(&self) -> KeyClass {
        self.open.last().map_or(KeyClass::Unknown, |element| element.class)
    }

    /// What all of them say of the text that follows.
    pub(super) fn says(&self) -> KeyClass {
        let labelled = phi(self.label).is_some();
        match (self.class(), self.table.column()) {
            (KeyClass::Unknown, _) if self.open.last().is_some_and(|element| element.heading) => {
                KeyClass::Unknown
            }
            (KeyClass::Unknown, Some(column)) => column,
            (KeyClass::Unknown | KeyClass::Free | KeyClass::Safe, _) if labelled => self.label,
            (own, _) => own,
        }
    }
}

/// What the headings of a table say, and which cell of a row is read.
#[derive(Default)]
pub(super) struct Table {
    columns: Vec<KeyClass>,
    cell: usize,
    in_heading: bool,
}

impl Table {
    pub(super) fn open(&mut self, element: &str) {
        match element {
            "table" | "TABLE" => *self = Table::default(),
            "tr" | "TR" => (self.cell, self.in_heading) = (0, false),
            "th" | "TH" => self.in_heading = true,
            "td" | "TD" => (self.cell, self.in_heading) = (self.cell + 1, false),
            _ => {}
        }
    }

    pub(super) fn add_heading(&mut self, content: &str) {
        if self.in_heading && self.columns.len() < ELEMENTS_MAX {
            self.columns.push(cell_label(content));
        }
    }

    /// What the column says of the cell, in a table of persons.
    fn column(&self) -> Option<KeyClass> {
        (is_of_persons(&self.columns) && !self.in_heading && self.cell > 0)
            .then(|| self.columns.get(self.cell - 1).copied().unwrap_or(KeyClass::Unknown))
    }
}

/// Two columns of a person or more; `Name` and `Status` may be those of a service.
fn is_of_persons(columns: &[KeyClass]) -> bool {
    columns.iter().filter(|class| phi(**class).is_some()).count() >= 2
}
