//! Shared cache: lookup, storing and forgetting of tokens in a shared store.
//!
//! A user has an epoch, sixteen random bytes under a name of its own. A token carries the
//! epoch of its user from before it was asked for, and counts only while the store still
//! holds that epoch: both are read in one round trip. To forget a user is to put another
//! epoch in its place, which no token carries. So an epoch that is lost or evicted makes
//! misses, never a token that was forgotten; and since an epoch is never written again once
//! it is replaced, nothing that was under way brings it back.
//!
//! A store that is rolled back (a replica that lags, a snapshot) has the old epoch again. So the
//! process that forgot a user remembers it for longer than any token lives: what the store holds
//! from before is refused there, and meeting it writes another epoch for all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand;
use entra_claims::PrincipalKey;
use entra_parts::bounded::{BoundedMap, FOREVER};
use entra_parts::lock::lock;
use entra_parts::seal::{Binding, SealError, SealerKey};
use entra_parts::store::{SharedSpace, SharedTier, StoreError, StoreEvent};
use zeroize::Zeroizing;

use super::record::{NOBODYS, UserEpoch};
use crate::cache::{Key, Now, Record};
use crate::meter::{self, Counter};
use crate::token::IssuedToken;

/// Longer than any token lives. When it ends, what was kept under it is requested again.
const EPOCH_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

/// So many users are remembered whose epoch could not be replaced.
const UNFORGOTTEN: usize = 10_000;

/// So long a process remembers whom it forgot: longer than a token lives that was asked for before.
const REMEMBERED: Duration = Duration::from_secs(28 * 3600);

/// So many users are remembered.
const MOST_REMEMBERED: usize = 100_000;

/// Clocks of processes differ by less, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// They stay until they are forgotten: no time matters.
const NOT_EXPIRING: Duration = Duration::ZERO;

/// The part of a store that holds tokens. A change of what is sealed gets another number:
/// older values are misses then, and under other names.
const PURPOSE: &str = "entra-obo/tokens/2";

#[derive(Debug)]
pub(crate) struct SharedCache {
    space: SharedSpace,
    counters: Arc<StoreCounters>,
    /// This process's own share of lateness, so that not all renew at once.
    pub(crate) later: u8,
    /// Users to be forgotten as soon as the store can be reached: until then
    /// nothing is taken from it for them.
    unforgotten: Mutex<BoundedMap<PrincipalKey, ()>>,
    /// When this process forgot whom, by the wall clock: what the store holds of them from before
    /// is refused, whatever epoch it shows.
    forgotten: Mutex<BoundedMap<PrincipalKey, i64>>,
}

/// What a look-up is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupFor {
    /// A token, if there is one.
    Token,
    /// A new token will be asked for in any case; what it may be kept with.
    Ticket,
}

/// What a look-up brought.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) record: Option<Record>,
    /// What allows to keep the token that is asked for now; none if nothing was learnt.
    pub(crate) ticket: Option<Ticket>,
}

/// The epoch that a token will carry. It is taken before the token is asked for: who is
/// forgotten meanwhile gets another one.
#[derive(Debug)]
pub(crate) struct Ticket {
    epoch: UserEpoch,
    /// Not in the store yet: it goes there with the first token that carries it.
    new: bool,
}

/// What the store holds under an epoch's name.
enum StoredEpoch {
    Nothing,
    This(UserEpoch),
    /// Something that was not sealed for it.
    Foreign,
}

#[derive(Debug, Default)]
pub(crate) struct StoreCounters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) rejected: Counter,
    pub(crate) failures: Counter,
    pub(crate) left_out: Counter,
}

impl StoreCounters {
    fn count(&self, event: StoreEvent) {
        let (counter, name) = match event {
            StoreEvent::Failed => (&self.failures, "failed"),
            StoreEvent::LeftOut => (&self.left_out, "left_out"),
            StoreEvent::Rejected => (&self.rejected, "rejected"),
        };
        counter.count();
        meter::shared_store(name);
    }
}

/// What a value is of.
#[derive(Clone, Copy)]
enum Subject<'a> {
    /// The token of a request, by everything that shaped it.
    Token(&'a Key),
    /// The epoch of a user.
    Epoch(PrincipalKey),
}

impl Subject<'_> {
    /// What its name is made of.
    fn place(self) -> Binding {
        match self {
            Self::Token(key) => key.parts().iter().fold(Binding::new("token"), Binding::and),
            Self::Epoch(user) => Binding::new("epoch")
                .and(user.tenant.as_bytes())
                .and(user.object.as_bytes()),
        }
    }

    /// What its value is bound to.
    #[cfg(not(entra_obo_broken = "unbound_values"))]
    fn binding(self) -> Binding {
        self.place()
    }

    /// A build that is broken on purpose: the test of wrong users has to fail with it.
    #[cfg(entra_obo_broken = "unbound_values")]
    fn binding(self) -> Binding {
        Binding::new("")
    }
}

impl SharedCache {
    pub(crate) fn new(tier: &SharedTier) -> Result<Self, SealError> {
        let counters = Arc::new(StoreCounters::default());
        let counting = Arc::clone(&counters);
        let space = tier
            .space(PURPOSE)?
            .watched_by(move |event| counting.count(event));
        let mut later = [0];
        // Without randomness all renew at the same time, which is all that is lost.
        let _ = rand::fill(&mut later);
        let [later] = later;
        Ok(Self {
            space,
            counters,
            later,
            unforgotten: Mutex::new(BoundedMap::new(UNFORGOTTEN)),
            forgotten: Mutex::new(BoundedMap::new(MOST_REMEMBERED)),
        })
    }

    pub(crate) fn counters(&self) -> &StoreCounters {
        &self.counters
    }

    /// Looks for the token of `key`, or only for what a token of it may be kept with, in one
    /// round trip. A store that fails is a miss.
    pub(crate) async fn look(
        &self,
        key: &Key,
        owner: Option<PrincipalKey>,
        wanted: LookupFor,
        now: Now,
    ) -> Found {
        let wants_token = wanted == LookupFor::Token;
        let names: Vec<String> = self
            .space
            .keys()
            .iter()
            .flat_map(|with| {
                let token = wants_token.then(|| with.name(&Subject::Token(key).place()));
                let epoch = owner.map(|user| with.name(&Subject::Epoch(user).place()));
                token.into_iter().chain(epoch)
            })
            .collect();
        let values = if names.is_empty() {
            Vec::new()
        } else {
            match self.space.get_named(names).await {
                Ok(values) => values,
                Err(_) => return Found::default(),
            }
        };
        if let Some(user) = owner
            && lock(&self.unforgotten).get(&user, NOT_EXPIRING).is_some()
        {
            let record = None;
            let ticket = self.forget(user).await.ok();
            return Found { record, ticket };
        }
        let mut values = values.into_iter();
        let mut found = Found::default();
        for (place, with) in self.space.keys().iter().enumerate() {
            let token = wants_token.then(|| values.next().flatten()).flatten();
            let held = match owner {
                None => StoredEpoch::This(NOBODYS),
                Some(user) => self.epoch(with, user, values.next().flatten()),
            };
            if place == 0 {
                found.ticket = self.ticket(&held, owner);
            }
            if let (None, Some(value)) = (&found.record, token) {
                let opened = self.open(with, Subject::Token(key), value, Record::read);
                // With another epoch it was forgotten, or its epoch was lost.
                found.record = opened
                    .filter(|(epoch, _)| matches!(held, StoredEpoch::This(current) if current == *epoch))
                    .map(|(_, record)| record);
            }
        }
        if let Some(user) = owner
            && found
                .record
                .take_if(|record| self.is_forgotten(user, record, now))
                .is_some()
        {
            tracing::warn!(
                user = %user.object,
                "the shared store holds a token of a user who was forgotten: it was rolled back"
            );
            self.counters.count(StoreEvent::Rejected);
            found.ticket = self.forget(user).await.ok();
        }
        if wants_token {
            let counters = &self.counters;
            match found.record {
                Some(_) => {
                    counters.hits.count();
                    meter::shared_store("hit");
                }
                None => {
                    counters.misses.count();
                    meter::shared_store("miss");
                }
            }
        }
        found
    }

    /// Whether a record was asked for before this process forgot its user, or so soon after that
    /// the clock of the process that asked may only have been ahead.
    fn is_forgotten(&self, user: PrincipalKey, record: &Record, now: Now) -> bool {
        let forgotten = lock(&self.forgotten);
        let at = forgotten.get(&user, now.monotonic);
        at.is_some_and(|at| record.asked < at.saturating_add(CLOCKS_DIFFER))
    }

    fn ticket(&self, held: &StoredEpoch, owner: Option<PrincipalKey>) -> Option<Ticket> {
        match (held, owner) {
            (&StoredEpoch::This(epoch), _) => Some(Ticket { epoch, new: false }),
            (StoredEpoch::Nothing, _) => random().map(|epoch| Ticket { epoch, new: true }),
            (StoredEpoch::Foreign, owner) => {
                owner.into_iter().for_each(|user| self.drop_epoch(user));
                None
            }
        }
    }

    fn epoch(&self, with: &SealerKey, user: PrincipalKey, value: Option<Vec<u8>>) -> StoredEpoch {
        let Some(value) = value else {
            return StoredEpoch::Nothing;
        };
        let read = |plain: &[u8]| plain.try_into().ok();
        match self.open(with, Subject::Epoch(user), value, read) {
            Some(epoch) => StoredEpoch::This(epoch),
            None => StoredEpoch::Foreign,
        }
    }

    /// What was sealed for `subject`; whatever else stands there is counted.
    fn open<T>(
        &self,
        with: &SealerKey,
        subject: Subject<'_>,
        value: Vec<u8>,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let plain = self.space.open(with, &subject.binding(), value)?;
        let read = read(&plain);
        if read.is_none() {
            self.counters.count(StoreEvent::Rejected);
        }
        read
    }

    fn primary(&self) -> Result<&SealerKey, StoreError> {
        let primary = self.space.keys().first();
        primary.ok_or(StoreError::failed("there is no sealing key"))
    }

    fn seal(
        &self,
        with: &SealerKey,
        subject: Subject<'_>,
        plain: Zeroizing<Vec<u8>>,
    ) -> Result<(String, Vec<u8>), StoreError> {
        let value = self.space.seal(with, &subject.binding(), plain)?;
        Ok((with.name(&subject.place()), value))
    }

    fn seal_epoch(
        &self,
        with: &SealerKey,
        user: PrincipalKey,
        epoch: &UserEpoch,
    ) -> Result<(String, Vec<u8>), StoreError> {
        let plain = Zeroizing::new(epoch.to_vec());
        self.seal(with, Subject::Epoch(user), plain)
    }

    /// A value that is not an epoch would lock the user out for ever.
    fn drop_epoch(&self, user: PrincipalKey) {
        let Ok(primary) = self.primary() else { return };
        let space = self.space.clone();
        let name = primary.name(&Subject::Epoch(user).place());
        tokio::spawn(async move { space.delete_named(&name).await });
    }

    /// Keeps a token that was asked for after `ticket` was given out.
    pub(crate) async fn keep(
        &self,
        ticket: Ticket,
        key: &Key,
        owner: Option<PrincipalKey>,
        record: &Record<&IssuedToken>,
        now: Now,
    ) {
        // A failure has been counted and logged by now; the token is in memory all the same.
        let _ = self.try_keep(ticket, key, owner, record, now).await;
    }

    async fn try_keep(
        &self,
        ticket: Ticket,
        key: &Key,
        owner: Option<PrincipalKey>,
        record: &Record<&IssuedToken>,
        now: Now,
    ) -> Result<(), StoreError> {
        let left = record.token.expires_at_unix().saturating_sub(now.wall);
        let ttl = match u64::try_from(left) {
            Ok(seconds) if seconds > 0 => Duration::from_secs(seconds),
            _ => return Ok(()),
        };
        let with = self.primary()?;
        if let (true, Some(user)) = (ticket.new, owner) {
            // Another value is there by now: another process was first, or the user was
            // forgotten. Which of the two is unknown.
            let (name, value) = self.seal_epoch(with, user, &ticket.epoch)?;
            if !self
                .space
                .put_if_absent_named(&name, &value, EPOCH_TTL)
                .await?
            {
                return Ok(());
            }
        }
        let Some(plain) = record.write(&ticket.epoch) else {
            return Ok(());
        };
        let (name, value) = match self.seal(with, Subject::Token(key), plain) {
            Err(StoreError::TooLong) => return Ok(()),
            sealed => sealed?,
        };
        self.space.put_named(&name, &value, ttl).await
    }

    /// From now on this process takes nothing of a user from the store that was asked for before,
    /// and nothing at all until the user is forgotten there, at the next look-up if not sooner.
    pub(crate) fn remember_forgotten(&self, user: PrincipalKey, now: Now) {
        let until = now.monotonic.saturating_add(REMEMBERED);
        lock(&self.forgotten).insert(user, now.wall, until, now.monotonic);
        self.will_forget(user);
    }

    fn will_forget(&self, user: PrincipalKey) {
        let mut unforgotten = lock(&self.unforgotten);
        // Full, it leaves those in it that are.
        if unforgotten.get(&user, NOT_EXPIRING).is_none() {
            unforgotten.insert_if_room(user, (), FOREVER, NOT_EXPIRING);
        }
    }

    /// Makes everything that the store holds of a user a miss, for all processes. The ticket
    /// is for what is asked for from now on.
    pub(crate) async fn forget(&self, user: PrincipalKey) -> Result<Ticket, StoreError> {
        self.will_forget(user);
        let epoch = random().ok_or(StoreError::failed("no randomness"))?;
        // Under every key: a process in the middle of a rotation reads by another one.
        for with in self.space.keys() {
            let (name, value) = self.seal_epoch(with, user, &epoch)?;
            self.space.put_named(&name, &value, EPOCH_TTL).await?;
        }
        lock(&self.unforgotten).remove(&user);
        Ok(Ticket { epoch, new: false })
    }
}

fn random() -> Option<UserEpoch> {
    let mut epoch = NOBODYS;
    rand::fill(&mut epoch).ok()?;
    Some(epoch)
}
