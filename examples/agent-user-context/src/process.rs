//! The agent as a process of its own: started, and ended with this one.

use std::error::Error;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub struct Process {
    pub url: String,
    /// Ends when its standard input does, and at the latest when this is dropped.
    _child: Child,
}

impl Process {
    /// Starts `agent` with these variables and none of this process's own.
    pub async fn start(variables: &[(&str, String)]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("agent").env_clear();
        if let Ok(level) = std::env::var("RUST_LOG") {
            command.env("RUST_LOG", level);
        }
        command.envs(
            variables
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the agent has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url).await?;
        let url = url.trim().to_owned();
        if !url.starts_with("http://") {
            return Err("the agent did not start: see its log lines".into());
        }
        Ok(Self { url, _child: child })
    }
}
