//! Shared cache: lookup, storing and forgetting of tokens in a shared store.
//!
//! A user has an epoch, sixteen random bytes under a name of its own. A token carries the
//! epoch of its user from before it was asked for, and counts only while the store still
//! holds that epoch: both are read in one round trip. To forget a user is to put another
//! epoch in its place, which no token carries. So an epoch that is lost or evicted makes
//! misses, never a token that was forgotten; and since an epoch is never written again once
//! it is replaced, nothing that was under way brings it back.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand;
use entra_claims::PrincipalKey;
use entra_parts::lock::lock;
use zeroize::Zeroizing;

use super::guarded::{Guarded, StoreCounters};
use super::keys::{Ring, StoreKey, Subject};
use super::record::{NOBODYS, UserEpoch};
use super::seal;
use super::token_store::StoreError;
use crate::cache::{Key, Now, Record};
use crate::meter;
use crate::token::IssuedToken;

/// Longer than any token lives. When it ends, what was kept under it is asked for anew.
const EPOCH_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

/// So many users are remembered whose epoch could not be replaced.
const UNFORGOTTEN: usize = 10_000;

#[derive(Debug)]
pub(crate) struct SharedCache {
    store: Arc<Guarded>,
    ring: Ring,
    /// This process's own share of lateness, so that not all renew at once.
    pub(crate) later: u8,
    /// Whoever is here is to be forgotten as soon as the store can be reached: until then
    /// nothing is taken from it for them.
    unforgotten: Mutex<HashSet<PrincipalKey>>,
}

/// What a look-up is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
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
enum Held {
    Nothing,
    This(UserEpoch),
    /// Something that was not sealed for it.
    Foreign,
}

impl SharedCache {
    pub(crate) fn new(store: Arc<Guarded>, ring: Ring) -> Self {
        let mut later = [0];
        // Without randomness all renew at the same time, which is all that is lost.
        let _ = rand::fill(&mut later);
        let [later] = later;
        Self {
            store,
            ring,
            later,
            unforgotten: Mutex::default(),
        }
    }

    pub(crate) fn counters(&self) -> &StoreCounters {
        &self.store.counters
    }

    /// Looks for the token of `key`, or only for what a token of it may be kept with, in one
    /// round trip. A store that fails is a miss.
    pub(crate) async fn look(
        &self,
        key: &Key,
        owner: Option<PrincipalKey>,
        wanted: Wanted,
    ) -> Found {
        let wants_token = wanted == Wanted::Token;
        let names: Vec<String> = self
            .ring
            .all()
            .flat_map(|with| {
                let token = wants_token.then(|| with.name(Subject::Token(key)));
                let epoch = owner.map(|user| with.name(Subject::Epoch(user)));
                token.into_iter().chain(epoch)
            })
            .collect();
        let values = if names.is_empty() {
            Vec::new()
        } else {
            match self.store.get(names).await {
                Ok(values) => values,
                Err(_) => return Found::default(),
            }
        };
        if let Some(user) = owner
            && lock(&self.unforgotten).contains(&user)
        {
            let record = None;
            let ticket = self.forget(user).await.ok();
            return Found { record, ticket };
        }
        let mut values = values.into_iter();
        let mut found = Found::default();
        for (place, with) in self.ring.all().enumerate() {
            let token = wants_token.then(|| values.next().flatten()).flatten();
            let held = match owner {
                None => Held::This(NOBODYS),
                Some(user) => self.epoch(with, user, values.next().flatten()),
            };
            if place == 0 {
                found.ticket = self.ticket(&held, owner);
            }
            if let (None, Some(value)) = (&found.record, token) {
                match seal::open(with, Subject::Token(key), value, Record::read) {
                    Some((epoch, record)) => {
                        // Else it was forgotten, or its epoch was lost.
                        if matches!(held, Held::This(current) if current == epoch) {
                            found.record = Some(record);
                        }
                    }
                    None => self.reject(),
                }
            }
        }
        if wants_token {
            let counters = &self.store.counters;
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

    fn ticket(&self, held: &Held, owner: Option<PrincipalKey>) -> Option<Ticket> {
        match (held, owner) {
            (&Held::This(epoch), _) => Some(Ticket { epoch, new: false }),
            (Held::Nothing, _) => random().map(|epoch| Ticket { epoch, new: true }),
            (Held::Foreign, owner) => {
                owner.into_iter().for_each(|user| self.drop_epoch(user));
                None
            }
        }
    }

    fn epoch(&self, with: &StoreKey, user: PrincipalKey, value: Option<Vec<u8>>) -> Held {
        let Some(value) = value else {
            return Held::Nothing;
        };
        let read = |plain: &[u8]| plain.try_into().ok();
        match seal::open(with, Subject::Epoch(user), value, read) {
            Some(epoch) => Held::This(epoch),
            None => {
                self.reject();
                Held::Foreign
            }
        }
    }

    fn reject(&self) {
        self.store.counters.rejected.count();
        meter::shared_store("rejected");
    }

    /// What stands in an epoch's place and is none would keep the user out for ever.
    fn drop_epoch(&self, user: PrincipalKey) {
        let store = Arc::clone(&self.store);
        let name = self.ring.primary.name(Subject::Epoch(user));
        tokio::spawn(async move { store.delete(&name).await });
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
        // A failure has been counted and told by now; the token is in memory all the same.
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
        let with = &self.ring.primary;
        let subject = Subject::Token(key);
        if let (true, Some(user)) = (ticket.new, owner) {
            // Somebody else's is there by now: another process was first, or the user was
            // forgotten. Which of the two cannot be told.
            let (name, value) = sealed_epoch(with, user, &ticket.epoch)?;
            if !self.store.put_if_absent(&name, &value, EPOCH_TTL).await? {
                return Ok(());
            }
        }
        let sealed = record
            .write(&ticket.epoch)
            .and_then(|plain| seal::seal(with, subject, plain));
        match sealed {
            Some(value) => self.store.put(&with.name(subject), &value, ttl).await,
            None => Ok(()),
        }
    }

    /// From now on this process takes nothing of a user from the store until the user is
    /// forgotten there, at the next look-up if not sooner.
    pub(crate) fn will_forget(&self, user: PrincipalKey) {
        let mut unforgotten = lock(&self.unforgotten);
        if unforgotten.len() < UNFORGOTTEN {
            unforgotten.insert(user);
        }
    }

    /// Makes everything that the store holds of a user a miss, for all processes. The ticket
    /// is for what is asked for from now on.
    pub(crate) async fn forget(&self, user: PrincipalKey) -> Result<Ticket, StoreError> {
        self.will_forget(user);
        let epoch = random().ok_or(StoreError::failed("no randomness"))?;
        // Under every key: a process in the middle of a rotation reads by another one.
        for with in self.ring.all() {
            let (name, value) = sealed_epoch(with, user, &epoch)?;
            self.store.put(&name, &value, EPOCH_TTL).await?;
        }
        lock(&self.unforgotten).remove(&user);
        Ok(Ticket { epoch, new: false })
    }
}

fn sealed_epoch(
    with: &StoreKey,
    user: PrincipalKey,
    epoch: &UserEpoch,
) -> Result<(String, Vec<u8>), StoreError> {
    let subject = Subject::Epoch(user);
    let plain = Zeroizing::new(epoch.to_vec());
    match seal::seal(with, subject, plain) {
        Some(value) => Ok((with.name(subject), value)),
        None => Err(StoreError::failed("it could not be sealed")),
    }
}

fn random() -> Option<UserEpoch> {
    let mut epoch = NOBODYS;
    rand::fill(&mut epoch).ok()?;
    Some(epoch)
}
