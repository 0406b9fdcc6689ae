//! The example server as a process of its own, and the lines that it writes.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::program::{Variables, interop};

pub(crate) struct McpServer {
    child: Child,
    announced: Value,
    file: PathBuf,
    reader: JoinHandle<Vec<Value>>,
}

impl McpServer {
    /// Starts it on a free port and writes what it announces to a file for the clients.
    pub(crate) fn start(name: &str) -> Self {
        let program = interop().with_file_name("debug/mcp-server-obo");
        let child = Command::new(&program)
            .args(["--offline", "--json", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| {
            panic!(
                "cannot start {}: {error}; `cargo xtask test` builds it",
                program.display()
            )
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("it announces itself").unwrap();
        let announced: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(announced["event"], "listening", "{announced}");
        let folder = interop().join("world").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("world.json");
        std::fs::write(&file, first).unwrap();
        let reader = std::thread::spawn(move || {
            let events = lines.map_while(Result::ok);
            let events = events.filter_map(|line| serde_json::from_str(&line).ok());
            events.collect()
        });
        Self {
            child,
            announced,
            file,
            reader,
        }
    }

    pub(crate) fn mcp_url(&self) -> String {
        self.announced["mcp_url"].as_str().unwrap().to_owned()
    }

    /// Alice consents to what the calendar tool needs.
    pub(crate) async fn consent(&self) {
        let offline = &self.announced["offline"];
        let control = offline["control"].as_str().unwrap();
        let grant = json!({
            "tenant": demo::TENANT,
            "client": demo::MCP_SERVER,
            "resource": offline["graph_client_id"],
            "user": demo::ALICE,
            "scopes": ["Calendars.Read"],
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(format!("{control}/consent")).json(&grant).send();
        assert!(answer.await.unwrap().status().is_success());
    }

    pub(crate) fn variables(&self) -> Variables {
        vec![("ENTRA_WORLD", self.file.clone().into())]
    }

    /// Ends it and gives its events: a request is told before its answer leaves, so those of
    /// a client that has ended are all there.
    pub(crate) fn stop(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap()
    }
}
