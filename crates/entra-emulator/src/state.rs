//! What the requests of one emulator share.

use std::sync::{Arc, PoisonError, RwLock};

use crate::call::Call;
use crate::clock::EmulatorClock;
use crate::device::Devices;
use crate::directory::{Directory, User};
use crate::fault::Faults;
use crate::grants::{Codes, RefreshTokens};
use crate::identity::{IdentityService, IdentityState};
use crate::journal::Journal;
use crate::keys::{KeyRing, SigningKey};
use crate::sign_ins::SignIns;

pub(crate) struct Shared {
    /// Scheme, host and port, fixed when the listener was bound.
    pub(crate) base_url: String,
    pub(crate) clock: EmulatorClock,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) codes: Codes,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) devices: Devices,
    pub(crate) sign_ins: SignIns,
    directory: RwLock<Arc<Directory>>,
    /// The directory that it started with.
    seed: Arc<Directory>,
    keys: RwLock<KeyRing>,
    pub(crate) identity: IdentityService,
    /// What guards it beyond loopback.
    pub(crate) remote: Option<Remote>,
}

/// What guards an emulator that other machines reach.
pub(crate) struct Remote {
    /// Who steers has it.
    pub(crate) control_token: String,
    /// Who signs in on the pages has it; on loopback nobody is asked.
    pub(crate) password: Option<String>,
    /// Whether the endpoints of managed identities are served.
    pub(crate) managed_identities: bool,
}

/// What an emulator starts with.
pub(crate) struct Start {
    pub(crate) base_url: String,
    pub(crate) directory: Directory,
    pub(crate) keys: KeyRing,
    pub(crate) identity: IdentityService,
    pub(crate) remote: Option<Remote>,
}

impl Shared {
    pub(crate) fn new(start: Start) -> Self {
        let Start {
            base_url,
            directory,
            keys,
            identity,
            remote,
        } = start;
        let seed = Arc::new(directory);
        Self {
            base_url,
            clock: EmulatorClock::new(),
            journal: Journal::default(),
            faults: Faults::default(),
            codes: Codes::default(),
            refresh_tokens: RefreshTokens::default(),
            devices: Devices::default(),
            sign_ins: SignIns::default(),
            directory: RwLock::new(Arc::clone(&seed)),
            seed,
            keys: RwLock::new(keys),
            identity,
            remote,
        }
    }

    /// The password of the pages, where there is one.
    pub(crate) fn password(&self) -> Option<&str> {
        self.remote.as_ref()?.password.as_deref()
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.base_url.split_once("://").map_or("", |(_, rest)| rest)
    }

    /// The base URL that a request was sent to, with the External ID tenant whose it is.
    pub(crate) fn base_of(&self, call: &Call) -> (String, Option<String>) {
        let directory = self.directory();
        let host = call.host.as_deref().unwrap_or_default();
        let found = directory.tenants().find_map(|tenant| {
            let base = tenant.own_base(&self.base_url)?;
            let own = base.split_once("://").is_some_and(|(_, a)| a == host);
            own.then(|| (base, Some(tenant.id.clone())))
        });
        found.unwrap_or_else(|| (self.base_url.clone(), None))
    }

    /// Base of the metadata endpoints: plain http, whatever the authority speaks.
    pub(crate) fn metadata_base(&self) -> String {
        format!("http://{}", self.authority())
    }

    pub(crate) fn is_https(&self) -> bool {
        self.base_url.starts_with("https:")
    }

    /// The directory as it is now; a request works on one snapshot from start to end.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The account that a guest has at home.
    pub(crate) fn home(&self, user: &User) -> Option<User> {
        let home = user.home.as_ref()?;
        let directory = self.directory();
        directory.find(&home.tenant)?.find_user(&home.oid).cloned()
    }

    /// Changes the directory; a change that fails leaves it as it was.
    pub(crate) fn change<E>(
        &self,
        change: impl FnOnce(&mut Directory) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut current = self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut next = Directory::clone(&current);
        change(&mut next)?;
        *current = Arc::new(next);
        Ok(())
    }

    /// Everything as it was at the start: directory, keys, clock; no code, token, sign-in,
    /// fault or journal entry from before counts.
    pub(crate) fn reset(&self) {
        *self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&self.seed);
        self.change_keys(|ring| *ring = ring.renewed());
        self.codes.clear();
        self.refresh_tokens.clear();
        self.devices.clear();
        self.sign_ins.clear();
        self.faults.clear();
        self.identity.set(IdentityState::Ready);
        self.clock.reset();
        self.journal.clear();
    }

    pub(crate) fn live_key(&self) -> &'static SigningKey {
        self.with_keys(KeyRing::live)
    }

    pub(crate) fn published_keys(&self) -> Vec<&'static SigningKey> {
        self.with_keys(|ring| ring.published().collect())
    }

    pub(crate) fn with_keys<T>(&self, read: impl FnOnce(&KeyRing) -> T) -> T {
        read(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn change_keys(&self, change: impl FnOnce(&mut KeyRing)) {
        change(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner));
    }
}
