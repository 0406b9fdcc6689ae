//! The load: `wrk`, of Debian, with a bearer token that changes from request to request.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// As fast as the server answers.
const FULL: Pace = Pace {
    connections: 32,
    milliseconds: 0,
};

/// Takes the tokens in turn, and tells how many requests there were and how many of them were refused.
const SCRIPT: &str = r#"
local requests = {}
local turn = 0
local pause = 0
function init(args)
  pause = tonumber(args[2])
  -- Without the function `wrk` does not wait at all.
  if pause == 0 then delay = nil end
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/", {["Authorization"] = "Bearer " .. token})
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function delay()
  return pause
end
function done(summary, latency)
  local e = summary.errors
  io.write("figures ", summary.requests, " ", e.status, " ", e.connect + e.read + e.write + e.timeout, " ",
    latency:percentile(99), "\n")
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
        let seen = self.wrk(server, tokens, FULL, "-d1s")?.seen()?;
        match seen {
            Seen {
                requests,
                refused: 0,
                ..
            } if requests > 0 => Ok(requests),
            seen => Err(format!("{} of {} requests failed", seen.refused, seen.requests).into()),
        }
    }

    /// Two seconds of load, all of it answered with success; the 99th percentile of the time that an
    /// answer took, in nanoseconds.
    pub(super) fn latency(
        &self,
        server: SocketAddr,
        tokens: &Path,
        pace: Pace,
    ) -> Result<f64, Box<dyn Error>> {
        match self.wrk(server, tokens, pace, "-d2s")?.seen()? {
            Seen {
                requests,
                refused: 0,
                slow,
            } if requests > 0 => Ok(slow * 1000.0),
            seen => Err(format!("{} of {} requests failed", seen.refused, seen.requests).into()),
        }
    }

    /// Starts two seconds of load.
    pub(super) fn start(
        &self,
        server: SocketAddr,
        tokens: &Path,
        pace: Pace,
    ) -> Result<Running, Box<dyn Error>> {
        self.wrk(server, tokens, pace, "-d2s")
    }

    fn wrk(
        &self,
        server: SocketAddr,
        tokens: &Path,
        pace: Pace,
        time: &str,
    ) -> Result<Running, Box<dyn Error>> {
        let child = Command::new("wrk")
            .args(["-t1", time, "-c", &pace.connections.to_string(), "-s"])
            .arg(self.folder.join("load.lua"))
            .arg(format!("http://{server}/"))
            .arg("--")
            .arg(tokens)
            .arg(pace.milliseconds.to_string())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Running(child))
    }
}

/// How many connections, and the pause on each between two requests.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) connections: u32,
    pub(super) milliseconds: u32,
}

/// Load that is under way.
pub(super) struct Running(Child);

struct Seen {
    requests: u64,
    /// Answers that are no success.
    refused: u64,
    /// The 99th percentile, in microseconds.
    slow: f64,
}

impl Running {
    /// Waits for the end; each request was answered, and none with success.
    pub(super) fn all_refused(self) -> Result<(), Box<dyn Error>> {
        match self.seen()? {
            Seen {
                requests, refused, ..
            } if requests > 0 && requests == refused => Ok(()),
            seen => Err(format!("{} of {} were refused", seen.refused, seen.requests).into()),
        }
    }

    /// Waits for the end; each request was answered, with whatever.
    pub(super) fn all_answered(self) -> Result<(), Box<dyn Error>> {
        self.seen().map(drop)
    }

    fn seen(self) -> Result<Seen, Box<dyn Error>> {
        let output = self.0.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figures = text
            .lines()
            .find_map(|line| line.strip_prefix("figures "))
            .map(|line| line.split(' ').collect::<Vec<_>>());
        let Some([requests, refused, broken, slow]) = figures.as_deref() else {
            return Err(format!("wrk said: {text}").into());
        };
        if *broken != "0" {
            return Err(format!("{broken} requests were not answered").into());
        }
        Ok(Seen {
            requests: requests.parse()?,
            refused: refused.parse()?,
            slow: slow.parse()?,
        })
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
