//! The trail goes on when somebody else touched its file, and says what is gone.

use std::io;
use std::time::Instant;

use super::{Lines, Note, Sink, fields_of, now};
use crate::audit::segment::{Found, Touched};

impl Lines {
    /// Says that lines are gone though none is to be written now.
    pub(in crate::audit::trail) fn note_loss(&mut self) -> io::Result<()> {
        if self.has_collected() || !self.has_lost() {
            return Ok(());
        }
        self.go_on()
    }

    /// Goes on in a new file if somebody else renamed, cut or deleted the one that was written to, and says so.
    pub(super) fn go_on(&mut self) -> io::Result<()> {
        let Sink::File(segment) = &mut self.sink else { return Ok(()) };
        let (touched, written) = (segment.look(), segment.written_bytes());
        let name = match touched {
            Touched::Not => return Ok(()),
            Touched::Renamed | Touched::Cut { .. } | Touched::Deleted => segment.name(&self.place),
        };
        if let Touched::Cut { left } = touched {
            segment.accept_cut(left)?;
            let is_here = segment.look() == Touched::Not;
            self.note_cut(written, left, &name);
            // The name of the segment that was cut stays free, for a copy of it. What is left gets the next one.
            self.place.segment += 1;
            if is_here {
                if let Err(error) = self.seal_file() {
                    tracing::error!(kind = %error.kind(), "the audit file that was cut cannot be sealed and goes on growing");
                    return Ok(());
                }
                return self.write_here(&self.segment_started());
            }
        }
        let Sink::File(segment) = &mut self.sink else { return Ok(()) };
        self.gone |= segment.collected_bytes() > 0 && touched == Touched::Deleted;
        let found = segment.reopen()?;
        self.note_written();
        match touched {
            Touched::Deleted => self.note_cut(written, 0, &name),
            Touched::Renamed => tracing::warn!(
                file = name,
                "somebody renamed the audit file: give it this name beside the active one, or `audit verify` misses its records"
            ),
            Touched::Not | Touched::Cut { .. } => {}
        }
        self.place.segment += 1;
        self.segment_opened = Instant::now();
        self.write_here(&self.segment_started())?;
        if found != Found::default() {
            self.note_resumed(&found);
        }
        Ok(())
    }

    /// Records are gone that were acknowledged: nothing brings them back but a copy that somebody made.
    fn note_cut(&mut self, bytes_written: u64, bytes_left: u64, name: &str) {
        tracing::error!(
            bytes_written,
            bytes_left,
            file = name,
            "somebody cut or deleted the audit file: a copy of it belongs beside the active one under this name"
        );
        if let Some(metrics) = &self.metrics {
            metrics.audit_failures.inc();
        }
        let segment = self.place.segment;
        self.keep(fields_of(&Note::SegmentCut { time: &now(), segment, bytes_written, bytes_left }));
    }
}
