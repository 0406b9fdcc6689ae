//! Small files of credentials: regular files only, read whole on a blocking thread, within a time.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::proof::CredentialError;

/// Files of one process that are read at a time.
pub(super) static FILES: Readers = Readers::new(8, Duration::from_secs(5));

/// A volume answers within milliseconds. One that hangs holds its thread, so there are few of
/// them; a request that waits goes on with an error.
pub(super) struct Readers {
    threads: Semaphore,
    wait: Duration,
}

impl Readers {
    const fn new(threads: usize, wait: Duration) -> Self {
        Self {
            threads: Semaphore::const_new(threads),
            wait,
        }
    }

    /// Runs what reads a file, off the workers of the runtime.
    pub(super) async fn read<T: Send + 'static>(
        &'static self,
        what: &'static str,
        work: impl FnOnce() -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let runtime = Handle::try_current()
            .map_err(|_| CredentialError::new(what, "its file is read within a Tokio runtime"))?;
        let read = async {
            let thread = self.threads.acquire().await.ok();
            let read = runtime.spawn_blocking(move || {
                // Held by the thread, which may outlive the one who waits for it.
                let _thread = thread;
                work()
            });
            let stopped = |_| CredentialError::new(what, "reading its file was stopped");
            read.await.map_err(stopped)?
        };
        tokio::time::timeout(self.wait, read)
            .await
            .unwrap_or_else(|_| {
                Err(CredentialError::new(
                    what,
                    format!(
                        "its file was not read within {} s: the volume does not answer",
                        self.wait.as_secs()
                    ),
                ))
            })
    }
}

/// The whole file, if it is small; what is wrong, with the path and without the content.
/// Links are followed, as Kubernetes mounts secrets; a pipe or device would never end.
pub(super) fn read_small(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let irregular = || format!("{} is no regular file", path.display());
    // Before it is opened: a pipe without a writer waits there.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(irregular());
    }
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(irregular());
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(format!(
            "{} is larger than {} KiB",
            path.display(),
            limit / 1024
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Long enough for a loaded machine, where the test passes without waiting for it.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_read_does_not_hold_the_worker_that_asks() {
        static READERS: Readers = Readers::new(1, PATIENCE);
        let (send, receive) = mpsc::channel();
        let read = READERS.read("file", move || {
            // What ends the read is done by another task of the same worker.
            receive
                .recv_timeout(PATIENCE)
                .map_err(|_| CredentialError::other("the worker was held"))
        });
        let (read, ()) = tokio::join!(read, async move { send.send(7).unwrap() });
        assert_eq!(read.unwrap(), 7);
    }

    #[tokio::test]
    async fn reads_that_hang_hold_few_threads() {
        static READERS: Readers = Readers::new(2, Duration::from_millis(20));
        let mut open = Vec::new();
        for _ in 0..2 {
            let (send, receive) = mpsc::channel::<()>();
            open.push(send);
            let hung = READERS.read("file", move || Ok(receive.recv_timeout(PATIENCE).is_ok()));
            let error = hung.await.unwrap_err();
            assert!(error.to_string().contains("does not answer"), "{error}");
        }
        // Both threads are taken: a third read is not even started.
        let (send, started) = mpsc::channel();
        let third = READERS.read("file", move || {
            let _ = send.send(());
            Ok(())
        });
        assert!(third.await.is_err());
        assert!(started.try_recv().is_err(), "a third thread was started");
        drop(open);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_directory_is_no_credential_and_a_link_to_a_file_is() {
        let folder = std::env::temp_dir().join(format!("entra-obo-file-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let pipe = folder.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success(), "mkfifo makes the pipe");
        // A writer, so that a reader that opens the pipe does not wait for ever.
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::OpenOptions::new().read(true).write(true).open(pipe)
        });
        let kept = writer.join().unwrap().unwrap();
        std::io::Write::write_all(&mut &kept, &[b'a'; 64]).unwrap();
        for path in [pipe.as_path(), &folder, Path::new("/dev/null")] {
            let error = read_small(path, 16).unwrap_err();
            assert!(error.contains("no regular file"), "{error}");
        }
        fs::write(folder.join("token"), "a.b.c").unwrap();
        let link = folder.join("link");
        std::os::unix::fs::symlink("token", &link).unwrap();
        assert_eq!(read_small(&link, 16).unwrap().as_slice(), b"a.b.c");
        fs::remove_dir_all(&folder).unwrap();
    }
}
