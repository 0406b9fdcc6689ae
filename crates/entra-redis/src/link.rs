//! The link to Redis: connected again and again, logged in again, given up when it is silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::server::{Connection, Servers};

/// Between attempts to connect, without end.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// So many commands in a row without an answer, and the connection is given up: a frozen server, or a network that
/// swallows.
const SILENT: u32 = 3;

/// A link that keeps itself up until it is dropped.
pub(crate) struct Link {
    shared: Arc<Shared>,
    connection: watch::Receiver<Option<Connection>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    broken: Notify,
    unanswered: AtomicU32,
}

impl Link {
    pub(crate) fn start(servers: Servers) -> Self {
        let (sender, connection) = watch::channel(None);
        let shared = Arc::<Shared>::default();
        let task = tokio::spawn(stay_connected(servers, Arc::clone(&shared), sender));
        Self {
            shared,
            connection,
            task,
        }
    }

    /// The connection. Nothing waits for one, to be sent late.
    pub(crate) fn connection(&self) -> Option<Connection> {
        self.connection.borrow().clone()
    }

    /// Waits until there is one.
    pub(crate) async fn connected(&self) {
        let mut connection = self.connection.clone();
        // An error is the end of the task, which lives as long as this.
        let _ = connection.wait_for(Option::is_some).await;
    }

    pub(crate) fn answered(&self) {
        self.shared.unanswered.store(0, Ordering::Relaxed);
    }

    /// Gives the connection up if this error means that it will not do any more.
    pub(crate) fn failed(&self, error: &RedisError) {
        let silent = error.is_timeout()
            && self.shared.unanswered.fetch_add(1, Ordering::Relaxed) + 1 >= SILENT;
        let demoted = matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
                | ErrorKind::ClusterConnectionNotFound
                | ErrorKind::AuthenticationFailed
        );
        let logged_out = error.code() == Some("NOAUTH");
        if silent
            || demoted
            || logged_out
            || error.is_connection_dropped()
            || error.is_unrecoverable_error()
        {
            self.shared.unanswered.store(0, Ordering::Relaxed);
            self.shared.broken.notify_one();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn stay_connected(
    servers: Servers,
    shared: Arc<Shared>,
    sender: watch::Sender<Option<Connection>>,
) {
    let mut outage = false;
    let mut pause = FIRST_PAUSE;
    loop {
        match servers.connect().await {
            Ok(connection) => {
                if std::mem::take(&mut outage) {
                    tracing::info!("connected to Redis");
                }
                pause = FIRST_PAUSE;
                sender.send_replace(Some(connection.clone()));
                tokio::select! {
                    () = shared.broken.notified() => {}
                    () = log_in_again(&servers, connection) => {}
                }
                sender.send_replace(None);
            }
            Err(error) => {
                // One line for an outage, not for each attempt.
                if !std::mem::replace(&mut outage, true) {
                    tracing::warn!(%error, "no connection to Redis; trying again until there is one");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Logs a connection in at each interval. Ends when the server refuses that. The nodes of a cluster do it by themselves.
async fn log_in_again(servers: &Servers, connection: Connection) {
    let (Some(login), Connection::One(mut connection)) = (&servers.login, connection) else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(login.renew_every()).await;
        match login.credentials().await {
            Ok(credentials) => {
                let mut auth = redis::cmd("AUTH");
                auth.arg(credentials.user()).arg(&*credentials.password);
                if let Err(error) = auth.query_async::<()>(&mut connection).await {
                    tracing::warn!(%error, "Redis refuses to renew the login; connecting again");
                    return;
                }
            }
            // The connection is good as long as its last login is.
            Err(reason) => {
                tracing::warn!(%reason, "no credentials for Redis; they are asked for again");
            }
        }
    }
}
