//! Running requests of a connection, for its idle limit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_parts::lock::lock;
use tokio::time::Instant;

/// The running requests of a connection, and when the last one ended.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<Seen>>);

struct Seen {
    running: usize,
    last: Instant,
}

/// A request that runs until this is dropped.
pub(super) struct Running(Activity);

impl Default for Activity {
    fn default() -> Self {
        let last = Instant::now();
        Self(Arc::new(Mutex::new(Seen { running: 0, last })))
    }
}

impl Activity {
    pub(super) fn begin(&self) -> Running {
        self.change(|seen| seen.running += 1);
        Running(self.clone())
    }

    /// Ends once there was no request for this long.
    pub(super) async fn idle(&self, time: Duration) {
        loop {
            let until = self.change(|seen| match seen.running {
                0 => seen.last + time,
                _ => Instant::now() + time,
            });
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut lock(&self.0))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|seen| {
            seen.running -= 1;
            seen.last = Instant::now();
        });
    }
}
