//! A contestant: an HTTP server on a thread of its own, which says how long it has worked.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc as blocking;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use crate::clock;

/// Serves a listener until it is dropped.
pub(super) type Serve = Box<dyn FnOnce(TcpListener) -> Serving + Send>;
pub(super) type Serving = std::pin::Pin<Box<dyn Future<Output = std::io::Result<()>>>>;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    questions: mpsc::UnboundedSender<blocking::Sender<Duration>>,
}

impl Server {
    /// Starts a server on loopback. The thread ends with the handle.
    pub(super) fn start(name: &str, serve: Serve) -> Result<Self, Box<dyn Error>> {
        Self::run(name, serve, Builder::new_current_thread())
    }

    /// The same with a thread for each core, as services run; the time that it has worked is not told.
    pub(super) fn on_all_cores(name: &str, serve: Serve) -> Result<Self, Box<dyn Error>> {
        Self::run(name, serve, Builder::new_multi_thread())
    }

    fn run(name: &str, serve: Serve, mut runtime: Builder) -> Result<Self, Box<dyn Error>> {
        let (questions, mut asked) = mpsc::unbounded_channel::<blocking::Sender<Duration>>();
        let (ready, address) = blocking::channel();
        // A name, so that a profile tells the contestants apart.
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(move || -> std::io::Result<()> {
            let runtime = runtime.enable_all().build()?;
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let _ = ready.send(listener.local_addr()?);
                let answer = async {
                    while let Some(answer) = asked.recv().await {
                        let _ = answer.send(clock::worked());
                    }
                };
                tokio::select! {
                    result = serve(listener) => result,
                    () = answer => Ok(()),
                }
            })
        })?;
        Ok(Self {
            address: address.recv()?,
            questions,
        })
    }

    /// The status with which it answers a request with this token.
    pub(super) fn status(&self, token: &str) -> Result<u16, Box<dyn Error>> {
        let mut connection = TcpStream::connect(self.address)?;
        let request = format!(
            "GET / HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
            self.address
        );
        connection.write_all(request.as_bytes())?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).ok_or("no status")?;
        Ok(status.parse()?)
    }

    /// The time that its thread has worked so far.
    pub(super) fn worked(&self) -> Result<Duration, Box<dyn Error>> {
        let (answer, worked) = blocking::channel();
        self.questions.send(answer)?;
        Ok(worked.recv()?)
    }
}
