//! Where documents of JSON open inside a text: each has to be clean by itself as well.

/// Places of embedded documents, as many as are looked into.
#[derive(Default)]
pub(super) struct Documents {
    opens: [usize; DOCUMENTS_MAX],
    count: usize,
}

const DOCUMENTS_MAX: usize = 4;

impl Documents {
    /// False if there is no room for one more.
    pub(super) fn push(&mut self, open: usize) -> bool {
        let Some(place) = self.opens.get_mut(self.count) else { return false };
        *place = open;
        self.count += 1;
        true
    }

    pub(super) fn opens(&self) -> &[usize] {
        &self.opens[..self.count]
    }
}
