//! Redis servers of a test: on free ports, in folders of their own, ended by their process ids.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use entra_redis::{RedisSettings, RedisStore};

/// A test fails when something that has to happen has not happened by then.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    arguments: Vec<String>,
    /// What `redis-cli` needs besides the port.
    pub(crate) cli: Vec<String>,
}

impl Server {
    /// A server that keeps nothing on disk.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        Self::on(port, &["--port", &port.to_string()], arguments, &[])
    }

    /// A server whose TCP port is as `port_arguments` say; `cli` is what `redis-cli` needs.
    pub(crate) fn on(port: u16, port_arguments: &[&str], arguments: &[&str], cli: &[&str]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("entra-redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let fixed = [
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--daemonize",
            "no",
        ];
        let owned = |text: &&str| (*text).to_owned();
        let arguments: Vec<String> = port_arguments
            .iter()
            .chain(&fixed)
            .chain(arguments)
            .map(owned)
            .collect();
        let mut server = Self {
            child: spawn(&folder, &arguments),
            port,
            folder,
            arguments,
            cli: cli.iter().map(owned).collect(),
        };
        server.wait_until_up();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` prints.
    pub(crate) fn cli(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(&self.cli)
            .args(command)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same server again, empty, on the same port.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.folder, &self.arguments);
        self.wait_until_up();
    }

    /// `STOP`, `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    fn wait_until_up(&mut self) {
        let start = Instant::now();
        while !self.cli(&["ping"]).contains("PONG") && !self.cli(&["ping"]).contains("NOAUTH") {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "redis-server ended: {ended:?}");
            assert!(start.elapsed() < PATIENCE, "redis-server does not answer");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn spawn(folder: &Path, arguments: &[String]) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    Command::new("redis-server")
        .args(arguments)
        .args(["--dir", folder.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .expect("redis-server does not start: `apt-get install redis-server`, or run `cargo xtask test`")
}

/// A port below those that the system gives to connections, with one for the bus of a cluster 10,000 above.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let from = 12_000 + (std::process::id() % 900) as u16 * 10;
    loop {
        let port = from + NEXT.fetch_add(1, Ordering::SeqCst) % 600;
        let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if free(port) && free(port + 10_000) {
            return port;
        }
    }
}

/// A store at this address, connected.
pub(crate) async fn store(url: &str) -> RedisStore {
    let store = RedisSettings::new(url).unwrap().connect().await.unwrap();
    assert!(
        store.connected_within(PATIENCE).await,
        "{store:?} does not connect"
    );
    store
}

/// Asks again until it holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, ask: impl Fn() -> F) {
    let start = Instant::now();
    while !ask().await {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::task::yield_now().await;
    }
}
