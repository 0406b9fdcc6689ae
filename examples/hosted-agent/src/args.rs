//! The command line.

use std::net::{IpAddr, Ipv4Addr};

pub const USAGE: &str = "\
usage: hosted-agent [--host ADDRESS] [--port N]
       hosted-agent --self-check
       hosted-agent --help

  --host ADDRESS  listen at this IP address; 0.0.0.0 without it, as the platform wants it
  --port N        listen at this port; PORT without it, else 8088
  --self-check    start it beside stand-ins of the platform, the toolbox and the model, use it as
                  clients do, tell each step as JSON, end; also what runs without arguments where
                  FOUNDRY_PROJECT_ENDPOINT is not set

RUST_LOG (warn without it) says what is logged on standard error, LOG_FORMAT=json how.";

#[derive(Debug, PartialEq, Eq)]
pub enum Mode {
    Serve(IpAddr, u16),
    SelfCheck,
    Help,
}

/// Reads the arguments after the program's name; the error is for the terminal.
pub fn read(words: &[String], configured: bool, port: Option<&str>) -> Result<Mode, String> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] if !configured => return Ok(Mode::SelfCheck),
        ["--self-check"] => return Ok(Mode::SelfCheck),
        ["--help" | "-h"] => return Ok(Mode::Help),
        _ if !configured => {
            return Err("FOUNDRY_PROJECT_ENDPOINT is not set; see README.md".to_owned());
        }
        _ => {}
    }
    let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no port"));
    let mut host = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let mut port = port.map_or(Ok(8088), number)?;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"));
        match word {
            "--host" => host = value?.parse().map_err(|_| "--host needs an IP address")?,
            "--port" => port = number(value?)?,
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(Mode::Serve(host, port))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Mode, read};

    #[test]
    fn the_contract_is_the_default() {
        let read = |words: &str, configured, port| {
            let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
            read(&words, configured, port)
        };
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        assert_eq!(read("", true, None), Ok(Mode::Serve(any, 8088)));
        assert_eq!(read("", true, Some("9000")), Ok(Mode::Serve(any, 9000)));
        assert_eq!(read("", false, None), Ok(Mode::SelfCheck));
        for wrong in [
            "--port x",
            "--port",
            "--host here",
            "more",
            "--self-check --port 1",
        ] {
            assert!(read(wrong, true, None).is_err(), "{wrong}");
        }
        assert!(read("--port 1", false, None).is_err());
    }
}
