//! The command line.

use std::net::{IpAddr, Ipv4Addr};

const USAGE: &str = "\
usage: mcp-server-obo [--host ADDRESS] [--port N] [--offline] [--json]
       mcp-server-obo --self-check

  --host ADDR   listen at this IP address; 127.0.0.1 without it. A container needs 0.0.0.0
  --port N      listen there; 3001 without it, 0 for a free port
  --offline     the local tenant, even if AZURE_TENANT_ID is set
  --json        say where it listens, and each request, as one JSON object per line
  --self-check  start it offline, use it as clients do, tell each step as JSON, end";

#[derive(Clone, Copy)]
pub enum Mode {
    Serve,
    SelfCheck,
}

pub struct Args {
    pub mode: Mode,
    pub host: IpAddr,
    pub port: u16,
    pub offline: bool,
    pub json: bool,
}

impl Args {
    /// Reads the arguments after the program's name; the error is for the terminal.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            mode: Mode::Serve,
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 3001,
            offline: false,
            json: false,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            match word.as_str() {
                "--self-check" => args.mode = Mode::SelfCheck,
                "--offline" => args.offline = true,
                "--json" => args.json = true,
                "--host" => {
                    let host = words.next().and_then(|text| text.parse().ok());
                    args.host =
                        host.ok_or_else(|| format!("--host needs an IP address\n{USAGE}"))?;
                }
                "--port" => {
                    let port = words.next().and_then(|text| text.parse().ok());
                    args.port = port.ok_or_else(|| format!("--port needs a number\n{USAGE}"))?;
                }
                other => return Err(format!("unknown argument {other:?}\n{USAGE}")),
            }
        }
        Ok(args)
    }
}
