//! Many tokens, one line each.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::line;

/// The longest line that is read: a token and a key set of the largest size fit many times.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Answers one line of JSON with one line of JSON, in order, until the input ends.
///
/// In: `{"id", "token", "now": UNIX_SECONDS, "jwks": {"keys": [...]}, "policy": {...}}`, the
/// policy as [`Policy`](entra_claims::Policy) describes it. Out: `{"id", "outcome": "accept",
/// "principal": {"tid", "oid", "kind"}}` or `{"id", "outcome": "reject", "reason",
/// "message"}`; and for a line that is not valid input `{"id": null, "outcome": "error",
/// "message"}`.
///
/// ```
/// let mut out = Vec::new();
/// entra_doctor::batch(&mut &b"no JSON\n"[..], &mut out)?;
/// assert!(String::from_utf8_lossy(&out).contains("\"outcome\":\"error\""));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// An input that cannot be read, or an output that cannot be written.
pub fn batch(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = (&mut input).take(LIMIT + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        let ended = bytes.last() == Some(&b'\n');
        let answer = if !ended && read as u64 > LIMIT {
            skip_line(&mut input)?;
            line::error("the line is too long")
        } else {
            line::answer(&bytes)
        };
        writeln!(out, "{answer}")?;
        // Whoever feeds lines one by one waits for each answer.
        out.flush()?;
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}
