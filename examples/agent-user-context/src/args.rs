//! The command line.

pub const USAGE: &str = "\
usage: agent-user-context-example [--self-check | --help | agent]

  (nothing)     a local tenant, gateway, agent and two APIs; says where they are, and how to try them
  --self-check  the same, used as a user does and as attackers would; tells each step as JSON, ends
  agent         the agent's process; the other two start it

RUST_LOG (info without it) says what is logged on standard error, LOG_FORMAT=json how.";

pub enum Mode {
    Serve,
    SelfCheck,
    Agent,
    Help,
}

/// Reads the arguments after the program's name; the error is for the terminal.
pub fn read(words: impl Iterator<Item = String>) -> Result<Mode, String> {
    let words: Vec<_> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Ok(Mode::Serve),
        ["--self-check"] => Ok(Mode::SelfCheck),
        ["--help" | "-h"] => Ok(Mode::Help),
        ["agent"] => Ok(Mode::Agent),
        [other, ..] => Err(format!("unknown argument {other:?}")),
    }
}
