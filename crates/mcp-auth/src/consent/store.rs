//! Open consent pages in a store: short-lived, each for one user, five per user.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use entra_parts::seal::{Binding, SealError, random_id};
use entra_parts::store::{SharedSpace, SharedTier, StoreError};
use foundry_scopes::{ClientId, TenantAuthority};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::authorize::Ask;
use super::page::{AskRecord, Attempt, Initiator, Outcome, Page, PageRecord, SlotRecord, Stage};

/// How long a page is open.
pub(super) const LIFE: Duration = Duration::from_secs(600);

/// Pages that one user in one client application can have made within [`LIFE`].
const EACH: u8 = 5;

/// Sign-ins that one page begins at most.
const ATTEMPTS: u64 = 10;

/// Between two looks for what another request, or another instance, found out.
const POLL: Duration = Duration::from_millis(50);

/// How often it is looked for: longer than a code takes to be redeemed.
const POLLS: u32 = 300;

/// What is known of a page, and of the sign-in of one browser on it.
pub(super) struct Seen {
    pub(super) page: Page,
    pub(super) stage: Stage,
    pub(super) attempt: Option<Attempt>,
}

/// What came of asking for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    Page(String),
    Done,
    Declined,
    Full,
}

/// The pages in a store. Each fact has a record of its own that is written once, so that instances
/// need no lock.
pub(super) struct Store {
    space: SharedSpace,
    application: ClientId,
    authority: TenantAuthority,
}

impl Store {
    pub(super) fn new(
        tier: &SharedTier,
        application: ClientId,
        authority: TenantAuthority,
    ) -> Result<Self, SealError> {
        Ok(Self {
            space: tier.space("mcp-auth/consent-pages/2")?,
            application,
            authority,
        })
    }

    /// The page on which this caller is asked for this: one that is open already, or a new
    /// one. What was done or declined is said until the page's time is over.
    pub(super) async fn open(&self, initiator: Initiator, ask: Ask) -> Result<Opened, StoreError> {
        let asked = AskRecord::of(&ask);
        let places: Vec<_> = (0..EACH).map(|n| slot(&initiator, n)).collect();
        let mut free = Vec::new();
        let mut stages = Vec::new();
        for (place, held) in places.iter().zip(self.space.get_all(&places).await?) {
            let Some(held) = held.and_then(|held| read::<SlotRecord>(&held)) else {
                free.push((place, None));
                continue;
            };
            match self.see(&held.id, None).await? {
                // Whoever had its link used it up: that costs its user a call, and no place.
                Some(seen) if seen.stage == Stage::Void => free.push((place, Some(held.id))),
                // A full store may have lost the page.
                None => free.push((place, Some(held.id))),
                Some(seen) if held.ask == asked => stages.push((held.id, seen.stage)),
                Some(_) => {}
            }
        }
        if let Some((id, _)) = stages.iter().find(|(_, stage)| *stage == Stage::Open) {
            return Ok(Opened::Page(id.clone()));
        }
        let any = |wanted| stages.iter().any(|(_, stage)| *stage == wanted);
        if any(Stage::Declined) {
            return Ok(Opened::Declined);
        }
        // Consent that was given and is still missing may be asked for again; a sign-in that
        // was made is for the client to make use of, and an agent's page that did not help will
        // not help the next time.
        let once = matches!(ask, Ask::Claims { .. }) || ask.is_for_agent();
        if once && any(Stage::Done) {
            return Ok(Opened::Done);
        }
        if free.is_empty() {
            return Ok(Opened::Full);
        }
        let id = random_id().map_err(|error| StoreError::failed(error.to_string()))?;
        // Before its place: a place without a page would lead nowhere.
        let page = PageRecord::of(&Page { initiator, ask });
        self.space.put(&of_page(&id), written(&page)?, LIFE).await?;
        let record = SlotRecord { id, ask: asked };
        for (place, over) in free {
            if over.is_some() {
                self.space.delete(place).await?;
            }
            let taken = self.space.put_if_absent(place, written(&record)?, LIFE);
            if taken.await? {
                return Ok(Opened::Page(record.id));
            }
        }
        self.space.delete(&of_page(&record.id)).await?;
        Ok(Opened::Full)
    }

    /// A page, if there is one of this id, with the sign-in that this browser began on it.
    pub(super) async fn see(
        &self,
        id: &str,
        browser: Option<&str>,
    ) -> Result<Option<Seen>, StoreError> {
        let attempt = of_attempt(id, browser.unwrap_or_default());
        let records = [of_page(id), of_end(id), attempt];
        let found = self.space.get_all(&records).await?;
        let [page, end, attempt] = found.as_slice() else {
            return Err(StoreError::failed("it answered with more or fewer values"));
        };
        let page = page.as_deref().and_then(|page| read::<PageRecord>(page));
        let page = page.and_then(|page| page.page(self.application, &self.authority));
        Ok(page.map(|page| Seen {
            page,
            stage: end
                .as_deref()
                .and_then(|end| read(end))
                .unwrap_or(Stage::Open),
            attempt: attempt.as_deref().and_then(|attempt| read(attempt)),
        }))
    }

    /// A new sign-in on a page that waits for one, in a browser of its own: it leaves those of
    /// others alone. None after too many; then the page is over, and the next call gets another.
    pub(super) async fn begin(&self, id: &str) -> Result<Option<Attempt>, StoreError> {
        if self.space.add(&of_count(id), 1, LIFE).await? > ATTEMPTS {
            self.end(id, Stage::Void).await?;
            return Ok(None);
        }
        let Some(attempt) = Attempt::new() else {
            return Err(StoreError::failed("there is no randomness"));
        };
        let record = written(&attempt)?;
        let place = of_attempt(id, &attempt.browser);
        self.space.put(&place, record, LIFE).await?;
        Ok(Some(attempt))
    }

    /// Ends a page that still waits. What ended stays as it ended.
    pub(super) async fn end(&self, id: &str, stage: Stage) -> Result<(), StoreError> {
        let record = written(&stage)?;
        self.space.put_if_absent(&of_end(id), record, LIFE).await?;
        Ok(())
    }

    /// Who signed in: the first request to ask finds it out by `found_out`, also on another
    /// instance, and all others get the same.
    pub(super) async fn settle(
        &self,
        id: &str,
        attempt: &Attempt,
        found_out: impl Future<Output = Outcome>,
    ) -> Result<Outcome, StoreError> {
        let lock = Binding::new("redeemed").and(id).and(&attempt.sign_in);
        let first = self.space.put_if_absent(&lock, written(&())?, LIFE).await?;
        if first {
            let outcome = found_out.await;
            let record = written(&outcome)?;
            self.space
                .put(&of_outcome(id, attempt), record, LIFE)
                .await?;
            return Ok(outcome);
        }
        for _ in 0..POLLS {
            if let Some(outcome) = self.outcome(id, attempt).await? {
                return Ok(outcome);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Outcome::Unknown)
    }

    /// Who signed in, if it is known.
    pub(super) async fn outcome(
        &self,
        id: &str,
        attempt: &Attempt,
    ) -> Result<Option<Outcome>, StoreError> {
        let found = self.space.get(&of_outcome(id, attempt)).await?;
        Ok(found.and_then(|found| read(&found)))
    }
}

fn slot(initiator: &Initiator, n: u8) -> Binding {
    let Initiator { user, client } = initiator;
    [
        user.tenant.to_string(),
        user.object.to_string(),
        client.to_string(),
    ]
    .iter()
    .fold(Binding::new("place"), Binding::and)
    .and([n])
}

fn of_page(id: &str) -> Binding {
    Binding::new("page").and(id)
}

fn of_end(id: &str) -> Binding {
    Binding::new("end").and(id)
}

fn of_attempt(id: &str, browser: &str) -> Binding {
    Binding::new("sign-in").and(id).and(browser)
}

fn of_count(id: &str) -> Binding {
    Binding::new("sign-ins").and(id)
}

fn of_outcome(id: &str, attempt: &Attempt) -> Binding {
    Binding::new("outcome").and(id).and(&attempt.sign_in)
}

fn written(record: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(record);
    bytes
        .map(Zeroizing::new)
        .map_err(|error| StoreError::failed(error.to_string()))
}

/// None for a record of another version of this crate.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}
