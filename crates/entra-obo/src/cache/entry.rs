//! Cached token: its expiry, refresh time and owner.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use entra_claims::{Clock, PrincipalKey};

use super::key::Key;
use crate::token::{AccessToken, Issued, IssuedToken};

/// Renewal happens in the last fifth of a token's life.
const SHARE: u32 = 5;

/// A failed or unfinished refresh is not repeated sooner.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// A point in time, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) wall: i64,
    pub(crate) monotonic: Duration,
}

impl Now {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.wall(),
            monotonic: clock.monotonic(),
        }
    }
}

/// How long a token is good for, counted from before it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) asked: Now,
    pub(crate) lasts: Duration,
    /// What the endpoint says in `refresh_in`.
    pub(crate) refresh_in: Option<Duration>,
}

/// A cached token: the token, the key that finds it and the times that end it, in one
/// allocation. What is held for a million users is in no processor's cache, and each further
/// place to look at costs as much as the rest of a hit.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) key: Key,
    pub(super) term: Term,
    /// Since the last round of evictions.
    pub(super) read: AtomicBool,
    owner: Option<Owner>,
    token: IssuedToken,
}

/// A token with the times that its life is reckoned from, by the wall clock: processes have
/// no other clock in common.
#[derive(Clone, Debug)]
pub(crate) struct Record<T = IssuedToken> {
    pub(crate) token: T,
    /// When it was asked for, in Unix seconds.
    pub(crate) asked: i64,
    /// When it should be renewed, in Unix seconds.
    pub(crate) refresh_at: i64,
}

/// How long a token serves. It is read and changed under the lock of its shard.
#[derive(Debug)]
pub(super) struct Term {
    /// By the wall clock, as the token says.
    expires_at: i64,
    asked: Moment,
    ends: Moment,
    refresh_from: AtomicU64,
}

/// A point of the monotonic clock, in nanoseconds: enough for 584 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(u64);

impl From<Duration> for Moment {
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Moment> for AtomicU64 {
    fn from(moment: Moment) -> Self {
        Self::new(moment.0)
    }
}

impl Moment {
    fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// A user in four bytes, to be forgotten by. Two users with the same are forgotten together,
/// which is a miss for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner(NonZeroU32);

impl From<PrincipalKey> for Owner {
    fn from(user: PrincipalKey) -> Self {
        let words = [user.tenant.as_bytes(), user.object.as_bytes()]
            .into_iter()
            .flat_map(|id| id.as_chunks::<4>().0)
            .map(|word| u32::from_le_bytes(*word));
        // Ids are random for the most part; the turns keep equal parts from cancelling out.
        let mixed = words.fold(0_u32, |mixed, word| mixed.rotate_left(11) ^ word);
        Self(NonZeroU32::new(mixed).unwrap_or(NonZeroU32::MIN))
    }
}

/// What a look at an entry shows.
#[derive(Debug)]
pub(crate) struct CacheHit {
    pub(crate) token: AccessToken,
    /// How long ago it was asked for.
    #[cfg_attr(
        not(any(feature = "tower", feature = "reqwest")),
        expect(dead_code, reason = "for what an API refuses")
    )]
    pub(crate) age: Duration,
}

impl Entry {
    pub(crate) fn new(
        token: IssuedToken,
        owner: Option<PrincipalKey>,
        life: Lifetime,
        key: &Key,
    ) -> Arc<Self> {
        let asked = life.asked.monotonic;
        Arc::new(Self {
            key: *key,
            term: Term {
                expires_at: token.expires_at_unix(),
                asked: asked.into(),
                ends: asked.saturating_add(life.lasts).into(),
                refresh_from: Moment::from(asked.saturating_add(refresh_after(life, key))).into(),
            },
            read: AtomicBool::new(false),
            owner: owner.map(Owner::from),
            token,
        })
    }

    /// What another process asked for. Its age and its end are counted by the wall clock, the
    /// only one that processes share, and from now on the monotonic clock holds as well. It is
    /// renewed a little later here than where it was asked for, by `later` parts in 5100 of
    /// what is left (a twentieth at most): the first to come renews it for all.
    pub(crate) fn of_another_process(
        record: Record,
        owner: Option<PrincipalKey>,
        now: Now,
        key: &Key,
        later: u8,
    ) -> Arc<Self> {
        let ends = record.token.expires_at_unix();
        let lasts = seconds_from(record.asked, ends);
        // A wall clock that was set back does not make a life longer than it was.
        let left = seconds_from(now.wall, ends).min(lasts);
        let due = seconds_from(now.wall, record.refresh_at).min(left);
        let later = left / 20 * u32::from(later) / u32::from(u8::MAX);
        let after = if due.is_zero() {
            due
        } else {
            due.saturating_add(later)
        };
        let age = lasts.saturating_sub(left);
        Arc::new(Self {
            key: *key,
            term: Term {
                expires_at: ends,
                asked: now.monotonic.saturating_sub(age).into(),
                ends: now.monotonic.saturating_add(left).into(),
                refresh_from: Moment::from(now.monotonic.saturating_add(after)).into(),
            },
            read: AtomicBool::new(false),
            owner: owner.map(Owner::from),
            token: record.token,
        })
    }

    /// The same for other processes; `asked` is when it was asked for, in Unix seconds.
    pub(crate) fn record(&self, asked: i64) -> Record<&IssuedToken> {
        let after = self.term.refresh_from().since(self.term.asked).as_secs();
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        Record {
            token: &self.token,
            asked,
            refresh_at: asked.saturating_add(after),
        }
    }

    /// The token, for callers: this very allocation.
    pub(crate) fn token(self: &Arc<Self>) -> AccessToken {
        AccessToken::new(Arc::clone(self) as Arc<dyn Issued>)
    }

    pub(super) fn hit(self: &Arc<Self>, now: Now) -> CacheHit {
        CacheHit {
            token: self.token(),
            age: Moment::from(now.monotonic).since(self.term.asked),
        }
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.owner
    }

    pub(crate) fn serves(&self, now: Now, remaining: Duration) -> bool {
        self.term.serves(now, remaining)
    }

    pub(crate) fn is_due(&self, now: Now) -> bool {
        self.term.is_due(now)
    }

    /// Heap bytes, for the cache's books: itself with its two counters, and its texts.
    pub(super) fn heap_bytes(&self) -> usize {
        let texts = self.token.expose().len() + self.token.scope_text().len();
        texts + size_of::<Self>() + 2 * size_of::<usize>()
    }
}

impl Issued for Entry {
    fn issued(&self) -> &IssuedToken {
        &self.token
    }
}

impl Term {
    /// Whether this was asked for after `other`.
    pub(super) fn is_later_than(&self, other: &Self) -> bool {
        self.asked > other.asked
    }

    /// Both clocks have to agree that at least `remaining` is left: a wall clock that was
    /// set back must not keep a token alive, and one set forward ends it.
    pub(super) fn serves(&self, now: Now, remaining: Duration) -> bool {
        let seconds = i64::try_from(remaining.as_secs()).unwrap_or(i64::MAX);
        now.wall.saturating_add(seconds) < self.expires_at
            && Moment::from(now.monotonic.saturating_add(remaining)) < self.ends
    }

    fn refresh_from(&self) -> Moment {
        Moment(self.refresh_from.load(Ordering::Relaxed))
    }

    fn is_due(&self, now: Now) -> bool {
        Moment::from(now.monotonic) >= self.refresh_from()
    }

    /// Whether the reader should start a refresh. Saying yes claims the slot: the next
    /// yes comes after a pause, however the refresh ends.
    pub(super) fn claim_refresh(&self, now: Now) -> bool {
        let due = self.is_due(now);
        if due {
            let next = Moment::from(now.monotonic.saturating_add(REFRESH_PAUSE));
            self.refresh_from.store(next.0, Ordering::Relaxed);
        }
        due
    }
}

/// `refresh_in` where it makes sense, else four fifths of the life; earlier by up to a
/// twentieth of the life, so that users who came together do not refresh together.
fn refresh_after(life: Lifetime, key: &Key) -> Duration {
    let told = life
        .refresh_in
        .filter(|&after| !after.is_zero() && after < life.lasts);
    let after = told.unwrap_or(life.lasts - life.lasts / SHARE);
    let spread = life.lasts / 20;
    after.saturating_sub(spread * u32::from(key.jitter()) / u32::from(u8::MAX))
}

/// None if it lies before.
fn seconds_from(start: i64, end: i64) -> Duration {
    let seconds = u64::try_from(end.saturating_sub(start));
    Duration::from_secs(seconds.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::key::tests::key;
    use crate::secret::Secret;
    use foundry_scopes::{ObjectId, TenantId};

    const OWNER: Option<PrincipalKey> = Some(PrincipalKey {
        tenant: TenantId::from_u128(1),
        object: ObjectId::from_u128(2),
    });

    fn entry(lasts: u64, refresh_in: Option<u64>) -> Arc<Entry> {
        let asked = Now {
            wall: 1_000_000,
            monotonic: Duration::from_secs(50),
        };
        let life = Lifetime {
            asked,
            lasts: Duration::from_secs(lasts),
            refresh_in: refresh_in.map(Duration::from_secs),
        };
        let expires_at = asked.wall + i64::try_from(lasts).unwrap();
        let token = IssuedToken::new(Secret::new("t"), "s", expires_at);
        Entry::new(token, OWNER, life, &key(0))
    }

    fn at(wall: i64, monotonic: u64) -> Now {
        Now {
            wall: 1_000_000 + wall,
            monotonic: Duration::from_secs(50 + monotonic),
        }
    }

    #[test]
    fn a_token_serves_until_its_last_minute_by_both_clocks() {
        let entry = entry(3600, None);
        let serves = |wall, monotonic| entry.serves(at(wall, monotonic), Duration::from_secs(60));
        assert!(serves(0, 0));
        assert!(serves(3539, 3539));
        assert!(!serves(3540, 3539));
        assert!(!serves(3539, 3540));
        assert!(!serves(-86_400, 3600), "the wall clock was set back");
        assert!(!serves(86_400, 0), "the wall clock was set forward");
        let far = Now {
            wall: i64::MAX,
            monotonic: Duration::MAX,
        };
        assert!(!entry.serves(far, Duration::MAX));
    }

    #[test]
    fn refresh_starts_at_a_share_of_the_life_or_when_told() {
        let due_at = |lasts, refresh_in| {
            let entry = entry(lasts, refresh_in);
            (0..lasts)
                .find(|&t| entry.term.claim_refresh(at(0, t)))
                .unwrap()
        };
        assert!((2700..=2880).contains(&due_at(3600, None)));
        assert!((1620..=1800).contains(&due_at(3600, Some(1800))));
        for nonsense in [0, 3600, 9000] {
            assert_eq!(due_at(3600, Some(nonsense)), due_at(3600, None));
        }
    }

    #[test]
    fn one_reader_claims_the_refresh_and_the_next_after_a_pause() {
        let entry = entry(3600, Some(100));
        assert!(!entry.term.claim_refresh(at(0, 0)));
        assert!(entry.term.claim_refresh(at(0, 200)));
        assert!(!entry.term.claim_refresh(at(0, 200)));
        assert!(!entry.term.claim_refresh(at(0, 229)));
        assert!(entry.term.claim_refresh(at(0, 230)));
    }
}
