//! The `entra-doctor` program.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default();
    // These two drop the colours where nobody sees them, and where NO_COLOR is set.
    let exit = entra_doctor::run(
        std::env::args_os(),
        &mut std::io::stdin().lock(),
        &mut anstream::stdout().lock(),
        &mut anstream::stderr().lock(),
        now,
    );
    ExitCode::from(exit)
}
