//! What an emulator keeps in a file: its keys, directory and refresh tokens.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, task::JoinHandle};

use crate::directory::Directory;
use crate::grants::Refresh;
use crate::identity::write_privately;
use crate::keys::{self, KeyRing, Pair, RingPosition};
use crate::state::Shared;

/// How often it is looked at whether something changed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The form of the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    keys: Vec<KeptKey>,
    ring: RingPosition,
    directory: Directory,
    refresh_tokens: Vec<(String, Refresh)>,
}

/// Both in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptKey {
    pkcs8: String,
    certificate: String,
}

/// The file of one emulator, with the keys that are in it.
pub(super) struct StateFile {
    path: PathBuf,
    keys: Vec<KeptKey>,
}

/// What was read, or made for a new file.
pub(super) struct Begun {
    pub(super) file: StateFile,
    pub(super) ring: KeyRing,
    /// Nothing in a new file.
    pub(super) directory: Option<Directory>,
    pub(super) refresh_tokens: Vec<(String, Refresh)>,
}

/// Reads the file, or makes keys for a new one.
pub(super) fn begin(path: PathBuf) -> io::Result<Begun> {
    let wrong = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason.to_owned());
    let refused = || wrong("its keys are refused by this platform's crypto library");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| wrong(&e.to_string()))?;
            if kept.version != VERSION {
                return Err(wrong("it is of another version of the emulator"));
            }
            let pairs: Option<Vec<Pair>> = kept.keys.iter().map(KeptKey::pair).collect();
            let keys = pairs.and_then(|pairs| keys::keys_of(&pairs));
            let ring = keys.and_then(|keys| KeyRing::at(keys, kept.ring));
            let keys = kept.keys;
            Ok(Begun {
                file: StateFile { path, keys },
                ring: ring.ok_or_else(refused)?,
                directory: Some(kept.directory),
                refresh_tokens: kept.refresh_tokens,
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let pairs = keys::generate().ok_or_else(refused)?;
            let ring = keys::keys_of(&pairs).map(KeyRing::new);
            let keys = pairs.iter().map(KeptKey::of).collect();
            Ok(Begun {
                file: StateFile { path, keys },
                ring: ring.ok_or_else(refused)?,
                directory: None,
                refresh_tokens: Vec::new(),
            })
        }
        Err(error) => Err(error),
    }
}

impl KeptKey {
    fn of((pkcs8, certificate): &Pair) -> Self {
        Self {
            pkcs8: BASE64_STANDARD.encode(pkcs8),
            certificate: BASE64_STANDARD.encode(certificate),
        }
    }

    fn pair(&self) -> Option<Pair> {
        let decode = |text: &str| BASE64_STANDARD.decode(text).ok();
        Some((decode(&self.pkcs8)?, decode(&self.certificate)?))
    }
}

impl StateFile {
    /// Writes the file as a whole: who reads it sees the old one or the new one.
    pub(super) fn write(&self, shared: &Shared) -> io::Result<()> {
        let text = self.text(shared)?;
        replace(&self.path, &text)
    }

    fn text(&self, shared: &Shared) -> io::Result<String> {
        let kept = Kept {
            version: VERSION,
            keys: self.keys.clone(),
            ring: shared.with_keys(KeyRing::position),
            directory: Directory::clone(&shared.directory()),
            refresh_tokens: shared.refresh_tokens.all(),
        };
        serde_json::to_string(&kept).map_err(io::Error::other)
    }

    /// Keeps the file as the emulator is, until it stops. A write that fails is tried again.
    pub(super) fn keep(self, shared: Arc<Shared>, mut stop: watch::Receiver<()>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut looks = tokio::time::interval(LOOK_EVERY);
            let mut written = String::new();
            loop {
                let stops = tokio::select! {
                    _ = stop.changed() => true,
                    _ = looks.tick() => false,
                };
                if let Ok(text) = self.text(&shared)
                    && text != written
                    && replace(&self.path, &text).is_ok()
                {
                    written = text;
                }
                if stops {
                    return;
                }
            }
        })
    }
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut next = path.as_os_str().to_owned();
    next.push(".next");
    let next = PathBuf::from(next);
    // One that an earlier run left.
    match std::fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_privately(&next, text)?;
    std::fs::rename(next, path)
}
