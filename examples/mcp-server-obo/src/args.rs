//! The command line.

use std::net::{IpAddr, Ipv4Addr};

pub const USAGE: &str = "\
usage: mcp-server-obo [--host ADDRESS] [--port N] [--offline] [--json]
       mcp-server-obo --self-check
       mcp-server-obo --help

  --host ADDRESS  listen at this IP address; 127.0.0.1 without it. A container needs 0.0.0.0
  --port N        listen at this port; 3001 without it, 0 for a free one
  --offline       the local tenant, even if AZURE_TENANT_ID is set
  --json          say where it listens, and each request, as one JSON object per line
  --self-check    start it offline, use it as clients do, tell each step as JSON, end

RUST_LOG (info,rmcp=warn without it) says what is logged on standard error, LOG_FORMAT=json how.";

pub enum Mode {
    Serve(Serve),
    SelfCheck,
    Help,
}

pub struct Serve {
    pub host: IpAddr,
    pub port: u16,
    pub offline: bool,
    pub json: bool,
}

/// Reads the arguments after the program's name; the error is for the terminal.
pub fn read(words: impl Iterator<Item = String>) -> Result<Mode, String> {
    let words: Vec<_> = words.collect();
    match words.as_slice() {
        [only] if only == "--self-check" => return Ok(Mode::SelfCheck),
        [only] if only == "--help" || only == "-h" => return Ok(Mode::Help),
        _ => {}
    }
    let mut serve = Serve {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 3001,
        offline: false,
        json: false,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--offline" => serve.offline = true,
            "--json" => serve.json = true,
            "--host" => {
                let host = words.next().and_then(|text| text.parse().ok());
                serve.host = host.ok_or("--host needs an IP address")?;
            }
            "--port" => {
                let port = words.next().and_then(|text| text.parse().ok());
                serve.port = port.ok_or("--port needs a number up to 65535")?;
            }
            "--self-check" | "--help" | "-h" => {
                return Err(format!("{word} goes without other arguments"));
            }
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(Mode::Serve(serve))
}

#[cfg(test)]
mod tests {
    use super::{Mode, read};

    fn mode(words: &str) -> Result<Mode, String> {
        read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn an_argument_that_would_do_nothing_is_refused() {
        assert!(matches!(mode("--help"), Ok(Mode::Help)));
        assert!(matches!(mode("--self-check"), Ok(Mode::SelfCheck)));
        assert!(matches!(mode("--host ::1 --port 0"), Ok(Mode::Serve(_))));
        for wrong in [
            "--self-check --port 1",
            "--json --self-check",
            "--port x",
            "more",
        ] {
            assert!(mode(wrong).is_err(), "{wrong}");
        }
    }
}
