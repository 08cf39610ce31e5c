//! `clinik-guard scrub`: a log filter, standard input to standard output.
//!
//! Line by line and in order; output is flushed whenever no more input is waiting, so a pipe sees each line at once
//! and a file is filtered in large pieces. A closed output ends it cleanly.

use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::process::ExitCode;

use super::complain;
use crate::phi::Engine;

/// Input buffer, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;
/// A longer line is scrubbed in pieces of this size, so that no input can take all memory.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Filters until the input ends.
pub fn run(engine: &Engine, input: &mut dyn Read, output: &mut dyn Write) -> ExitCode {
    match filter(engine, input, output) {
        Ok(()) => ExitCode::SUCCESS,
        // `head` has seen enough: that is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(format_args!("cannot filter: {error}")),
    }
}

fn filter(engine: &Engine, input: &mut dyn Read, output: &mut dyn Write) -> std::io::Result<()> {
    let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, output);
    let mut line = Vec::new();
    let mut scrubbed = Vec::new();
    loop {
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        let read = (&mut input).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)?;
        if read == 0 {
            return output.flush();
        }
        let (text, end) = split_end(&line);
        scrubbed.clear();
        engine.scrub_line(text, &mut scrubbed);
        output.write_all(&scrubbed)?;
        output.write_all(end)?;
    }
}

/// A line and its line end.
fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    line.split_at(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::EngineSettings;

    #[test]
    fn line_ends_and_clean_lines_stay_byte_for_byte() {
        let engine = Engine::new(&EngineSettings::default()).expect("defaults compile");
        let mut out = Vec::new();
        filter(&engine, &mut &b"ready\r\n\nssn 219-09-1234\nno end"[..], &mut out).expect("memory");
        assert_eq!(String::from_utf8_lossy(&out), "ready\r\n\nssn [REDACTED:ssn]\nno end");
    }
}
