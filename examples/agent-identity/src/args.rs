//! The command line.

pub const USAGE: &str = "\
usage: agent-identity [--device-code]
       agent-identity --set-up
       agent-identity --self-check
       agent-identity --help

  --device-code  sign in with a code on another page, where no browser is on this machine; many tenants
                 block this flow (AADSTS53003)
  --set-up       make blueprint, agent identity and permissions in the tenant of the environment
  --self-check   set-up, all steps and all refusals against the local Entra ID, as JSON lines; also
                 what runs without arguments where AZURE_TENANT_ID is not set

RUST_LOG (warn without it) says what is logged on standard error, LOG_FORMAT=json how.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The steps in a real tenant.
    Run(Flow),
    SetUp,
    SelfCheck,
    Help,
}

/// How a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Authorization code with PKCE, back to loopback.
    Browser,
    DeviceCode,
}

/// Reads the arguments after the program's name; the error is for the terminal.
pub fn read(words: &[String], configured: bool) -> Result<Mode, String> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let mode = match words.as_slice() {
        [] if configured => Mode::Run(Flow::Browser),
        [] | ["--self-check"] => Mode::SelfCheck,
        ["--device-code"] => Mode::Run(Flow::DeviceCode),
        ["--set-up"] => Mode::SetUp,
        ["--help" | "-h"] => Mode::Help,
        [other] => return Err(format!("unknown argument {other:?}")),
        _ => return Err("one argument at most".to_owned()),
    };
    match mode {
        Mode::Run(_) | Mode::SetUp if !configured => {
            Err("this needs a real tenant: set AZURE_TENANT_ID; see README.md".to_owned())
        }
        mode => Ok(mode),
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, Mode, read};

    #[test]
    fn an_argument_that_would_do_nothing_is_refused() {
        let read = |words: &str, configured| {
            let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
            read(&words, configured)
        };
        assert_eq!(read("", false), Ok(Mode::SelfCheck));
        assert_eq!(read("", true), Ok(Mode::Run(Flow::Browser)));
        assert_eq!(read("--device-code", true), Ok(Mode::Run(Flow::DeviceCode)));
        assert_eq!(read("--self-check", true), Ok(Mode::SelfCheck));
        for wrong in ["--device-code", "--set-up", "more", "--self-check --set-up"] {
            assert!(read(wrong, false).is_err(), "{wrong}");
        }
    }
}
