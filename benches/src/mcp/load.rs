//! The load: `wrk`, of Debian, with a bearer token that changes from request to request.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

const CONNECTIONS: &str = "32";

/// Takes the tokens in turn, and tells how many requests there were and how many of them were refused.
const SCRIPT: &str = r#"
local requests = {}
local turn = 0
function init(args)
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/", {["Authorization"] = "Bearer " .. token})
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary)
  local e = summary.errors
  io.write("figures ", summary.requests, " ", e.connect + e.read + e.write + e.status + e.timeout, "\n")
end
"#;

/// The files that `wrk` reads; gone when this is.
pub(super) struct Load {
    folder: PathBuf,
}

impl Load {
    pub(super) fn new() -> Result<Self, Box<dyn Error>> {
        if let Err(error) = Command::new("wrk").arg("--version").output() {
            return Err(
                format!("wrk does not start ({error}); `apt-get install wrk` on Debian").into(),
            );
        }
        let folder = std::env::temp_dir().join(format!("mcp-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("load.lua"), SCRIPT)?;
        Ok(Self { folder })
    }

    /// Writes tokens to a file, one per line.
    pub(super) fn tokens(&self, name: &str, tokens: &[String]) -> Result<PathBuf, Box<dyn Error>> {
        let path = self.folder.join(name);
        let mut file = std::fs::File::create(&path)?;
        for token in tokens {
            writeln!(file, "{token}")?;
        }
        Ok(path)
    }

    /// One second of load with these tokens; how many requests were answered, all with success.
    pub(super) fn run(&self, server: SocketAddr, tokens: &Path) -> Result<u64, Box<dyn Error>> {
        let output = Command::new("wrk")
            .args(["-t1", "-c", CONNECTIONS, "-d1s", "-s"])
            .arg(self.folder.join("load.lua"))
            .arg(format!("http://{server}/"))
            .arg("--")
            .arg(tokens)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figures = text
            .lines()
            .find_map(|line| line.strip_prefix("figures "))
            .and_then(|line| line.split_once(' '))
            .ok_or_else(|| format!("wrk said: {text}"))?;
        let (requests, errors) = (figures.0.parse()?, figures.1.trim().parse::<u64>()?);
        if errors > 0 || requests == 0 {
            return Err(format!("{errors} of {requests} requests failed").into());
        }
        Ok(requests)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
