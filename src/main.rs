//! The binary: hands the command line and the environment to the library.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the binary is where the environment is read")]
fn main() -> ExitCode {
    clinik_guard::cli::main(std::env::args_os(), |name| std::env::var(name).ok())
}
