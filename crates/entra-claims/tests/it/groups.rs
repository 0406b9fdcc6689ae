//! Groups of users who are in more than a token holds.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use entra_claims::groups::{GroupDirectory, GroupLimits, GroupSource, GroupSourceError};
use entra_claims::transport::BoxFuture;
use entra_claims::{
    ManualClock, PrincipalKey, Reason, RejectionClass, Requirement, ResolvedGroups, VerifiedToken,
    dangerous,
};
use foundry_scopes::{ObjectId, ScopeName};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{ALICE, NOW, OTHER_TENANT, TENANT, app, sign, user, v2_issuer, with};

const BOB: &str = "bbbbbbbb-0000-1111-2222-cccccccccccc";

fn group(number: u128) -> ObjectId {
    ObjectId::from_u128(number)
}

fn in_group(number: u128) -> Requirement {
    Requirement::group(group(number))
}

/// A user of a tenant, in more groups than the token holds.
fn overage(tenant: &str, object: &str) -> VerifiedToken {
    let claims = with(
        &user(),
        &[
            ("iss", json!(v2_issuer(tenant))),
            ("tid", json!(tenant)),
            ("oid", json!(object)),
            ("_claim_names", json!({"groups": "src1"})),
        ],
    );
    dangerous::assume_verified(&sign(&claims)).unwrap()
}

fn alice() -> VerifiedToken {
    overage(TENANT, ALICE)
}

/// What Microsoft Graph would say.
#[derive(Debug)]
struct Book {
    groups: Mutex<HashMap<PrincipalKey, Vec<ObjectId>>>,
    asked: AtomicUsize,
    /// The same, for those who wait for it.
    begun: watch::Sender<usize>,
    mood: Mutex<Mood>,
    /// While closed, answers wait.
    gate: watch::Sender<bool>,
}

#[derive(Clone, Debug)]
enum Mood {
    Answer,
    Fail(GroupSourceError),
    Panic,
}

impl Book {
    fn new(entries: &[(&VerifiedToken, &[u128])]) -> Arc<Self> {
        let entry = |(token, groups): &(&VerifiedToken, &[u128])| {
            let groups = groups.iter().map(|number| group(*number)).collect();
            (token.principal().key(), groups)
        };
        Arc::new(Self {
            groups: Mutex::new(entries.iter().map(entry).collect()),
            asked: AtomicUsize::new(0),
            begun: watch::channel(0).0,
            mood: Mutex::new(Mood::Answer),
            gate: watch::channel(true).0,
        })
    }

    fn feel(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until so many lookups have begun.
    async fn was_asked(&self, times: usize) {
        let mut begun = self.begun.subscribe();
        let begun = begun.wait_for(|begun| *begun >= times);
        let begun = tokio::time::timeout(Duration::from_secs(30), begun).await;
        begun.expect("nobody asked").unwrap();
    }
}

impl GroupSource for Book {
    fn groups<'a>(
        &'a self,
        user: &'a VerifiedToken,
    ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.begun.send_modify(|begun| *begun += 1);
        Box::pin(async move {
            // As it is now, and told when the gate is open.
            let user = user.principal().key();
            let known = self.groups.lock().unwrap().get(&user).cloned();
            let mut gate = self.gate.subscribe();
            let _ = gate.wait_for(|open| *open).await;
            let mood = self.mood.lock().unwrap().clone();
            match mood {
                Mood::Answer => known.ok_or(GroupSourceError::new("no such user")),
                Mood::Fail(error) => Err(error),
                Mood::Panic => panic!("as the test demands"),
            }
        })
    }
}

fn reason(outcome: Result<(), entra_claims::Rejection>) -> Option<Reason> {
    outcome.err().map(|refusal| refusal.reason())
}

#[tokio::test]
async fn the_source_is_asked_where_the_groups_decide_and_the_token_lacks_them() {
    let book = Book::new(&[(&alice(), &[7])]);
    let directory = GroupDirectory::new(book.clone());
    let scope = |name| Requirement::scope(ScopeName::parse(name).unwrap());
    let claims = |changes: &[(&str, Value)]| {
        dangerous::assume_verified(&sign(&with(&user(), changes))).unwrap()
    };
    let listed = claims(&[("groups", json!([group(7).to_string()]))]);
    let application = with(&app(), &[("hasgroups", json!(true))]);
    let application = dangerous::assume_verified(&sign(&application)).unwrap();
    for (rule, token, expected) in [
        (in_group(7), &listed, None),
        (in_group(8), &listed, Some(Reason::MissingGroup)),
        (in_group(7), &claims(&[]), Some(Reason::MissingGroup)),
        (in_group(7), &application, Some(Reason::MissingGroup)),
        (
            Requirement::any_of([in_group(7), scope("access_as_user")]),
            &alice(),
            None,
        ),
        (
            Requirement::all_of([in_group(7), scope("other")]),
            &alice(),
            Some(Reason::MissingScope),
        ),
    ] {
        assert_eq!(
            reason(directory.check(&rule, token).await),
            expected,
            "{rule}"
        );
    }
    assert_eq!(book.asked(), 0);

    assert_eq!(reason(directory.check(&in_group(7), &alice()).await), None);
    let refusal = directory.check(&in_group(8), &alice()).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::MissingGroup);
    assert_eq!(refusal.class(), RejectionClass::Forbidden);
    assert!(refusal.signature_checked());
    let both = Requirement::all_of([in_group(7), scope("access_as_user")]);
    assert_eq!(reason(directory.check(&both, &alice()).await), None);
    assert_eq!(book.asked(), 1, "the first answer was kept");
}

#[tokio::test]
async fn a_failure_is_neither_a_member_nor_none_and_is_not_remembered() {
    let book = Book::new(&[(&alice(), &[7])]);
    let directory = GroupDirectory::new(book.clone());
    let pause = Duration::from_secs(17);
    for (mood, retry_after) in [
        (
            Mood::Fail(GroupSourceError::new("Graph is down")),
            Duration::from_secs(1),
        ),
        (
            Mood::Fail(GroupSourceError::new("Graph is busy").retry_after(pause)),
            pause,
        ),
        (Mood::Panic, Duration::from_secs(1)),
    ] {
        book.feel(mood.clone());
        for rule in [
            in_group(7),
            in_group(8),
            Requirement::any_of([in_group(7), in_group(8)]),
        ] {
            let refusal = directory.check(&rule, &alice()).await.unwrap_err();
            assert_eq!(refusal.reason(), Reason::GroupsUnavailable, "{mood:?}");
            assert_eq!(refusal.class(), RejectionClass::Unavailable { retry_after });
            assert_eq!(refusal.reason().bearer_error(), None);
        }
        book.feel(Mood::Answer);
        assert_eq!(reason(directory.check(&in_group(7), &alice()).await), None);
        directory.forget(alice().principal().key());
    }
    assert_eq!(book.asked(), 12);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_none() {
    let book = Book::new(&[(&alice(), &[7])]);
    let limits = GroupLimits::default().with_timeout(Duration::from_millis(200));
    let directory = GroupDirectory::new(book.clone())
        .with_limits(limits)
        .unwrap();
    book.gate.send_replace(false);
    let began = tokio::time::Instant::now();
    let refusal = directory.check(&in_group(7), &alice()).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::GroupsUnavailable);
    assert!(refusal.explain().contains("did not come in time"));
    assert!(began.elapsed() <= Duration::from_millis(250));
    book.gate.send_replace(true);
    assert_eq!(reason(directory.check(&in_group(7), &alice()).await), None);
}

#[tokio::test]
async fn nobody_gets_the_groups_of_somebody_else() {
    let twin = overage(OTHER_TENANT, ALICE);
    let bob = overage(TENANT, BOB);
    let book = Book::new(&[(&alice(), &[7]), (&twin, &[8]), (&bob, &[9])]);
    let directory = GroupDirectory::new(book.clone());
    for _ in 0..2 {
        for (token, own) in [(alice(), 7), (twin.clone(), 8), (bob.clone(), 9)] {
            for number in [7, 8, 9] {
                let outcome = reason(directory.check(&in_group(number), &token).await);
                let expected = (number != own).then_some(Reason::MissingGroup);
                assert_eq!(outcome, expected, "{own} {number}");
            }
        }
    }
    assert_eq!(book.asked(), 3);

    // Groups that were resolved for one user say nothing about another.
    let of_bob = directory.groups_of(&bob).await.unwrap();
    assert!(of_bob.contains(group(9)));
    for number in [7, 9] {
        let outcome = in_group(number).check_with_groups(&alice(), &of_bob);
        assert_eq!(reason(outcome), Some(Reason::GroupsUnknown), "{number}");
    }
    assert_eq!(reason(in_group(9).check_with_groups(&bob, &of_bob)), None);
    let same_object = PrincipalKey {
        tenant: twin.principal().tenant(),
        ..alice().principal().key()
    };
    let foreign = ResolvedGroups::new(same_object, [group(7)]);
    let outcome = in_group(7).check_with_groups(&alice(), &foreign);
    assert_eq!(reason(outcome), Some(Reason::GroupsUnknown));
}

/// Resolved groups add to nothing that the token says itself.
#[test]
fn a_token_that_lists_its_groups_is_believed() {
    let groups = ResolvedGroups::new(alice().principal().key(), [group(7)]);
    assert_eq!(
        reason(in_group(7).check_with_groups(&alice(), &groups)),
        None
    );
    for listed in [json!([]), json!([group(8).to_string()])] {
        let claims = with(&user(), &[("groups", listed)]);
        let token = dangerous::assume_verified(&sign(&claims)).unwrap();
        let outcome = in_group(7).check_with_groups(&token, &groups);
        assert_eq!(reason(outcome), Some(Reason::MissingGroup));
    }
    let shown = format!("{groups:?}");
    assert!(
        !shown.contains("000007") && shown.contains("groups: 1"),
        "{shown}"
    );
}

#[tokio::test]
async fn many_who_ask_at_once_share_one_lookup_and_its_failure() {
    for mood in [Mood::Answer, Mood::Fail(GroupSourceError::new("down"))] {
        let book = Book::new(&[(&alice(), &[7])]);
        book.feel(mood.clone());
        book.gate.send_replace(false);
        let directory = GroupDirectory::new(book.clone());
        let ask = || {
            let directory = directory.clone();
            tokio::spawn(async move { reason(directory.check(&in_group(7), &alice()).await) })
        };
        // The one who caused the lookup goes away; the others get its answer.
        let first = ask();
        book.was_asked(1).await;
        let others: Vec<_> = (0..20).map(|_| ask()).collect();
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        first.abort();
        book.gate.send_replace(true);
        let expected = match mood {
            Mood::Answer => None,
            _ => Some(Reason::GroupsUnavailable),
        };
        for other in others {
            assert_eq!(other.await.unwrap(), expected);
        }
        assert_eq!(book.asked(), 1);
    }
}

#[tokio::test]
async fn beyond_the_bound_of_lookups_the_answer_comes_at_once() {
    let bob = overage(TENANT, BOB);
    let book = Book::new(&[(&alice(), &[7]), (&bob, &[7])]);
    book.gate.send_replace(false);
    let limits = GroupLimits::default().with_lookups(1);
    let directory = GroupDirectory::new(book.clone())
        .with_limits(limits)
        .unwrap();
    let waiting = tokio::spawn({
        let directory = directory.clone();
        async move { reason(directory.check(&in_group(7), &alice()).await) }
    });
    book.was_asked(1).await;
    let refusal = directory.check(&in_group(7), &bob).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::GroupsUnavailable);
    assert!(refusal.explain().contains("too many lookups"));
    book.gate.send_replace(true);
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(reason(directory.check(&in_group(7), &bob).await), None);
}

#[tokio::test]
async fn an_answer_counts_for_its_time_and_until_it_is_forgotten() {
    let book = Book::new(&[(&alice(), &[7])]);
    let clock = Arc::new(ManualClock::at(NOW));
    let limits = GroupLimits::default().with_kept_for(Duration::from_secs(60));
    let directory = GroupDirectory::new(book.clone())
        .with_limits(limits)
        .unwrap()
        .with_clock(clock.clone());
    let member = async || reason(directory.check(&in_group(7), &alice()).await);
    assert_eq!(member().await, None);
    book.groups
        .lock()
        .unwrap()
        .insert(alice().principal().key(), vec![]);
    clock.advance(Duration::from_secs(59));
    assert_eq!(member().await, None);
    clock.advance(Duration::from_secs(1));
    assert_eq!(member().await, Some(Reason::MissingGroup));
    assert_eq!(book.asked(), 2);

    book.groups
        .lock()
        .unwrap()
        .insert(alice().principal().key(), vec![group(7)]);
    directory.forget(alice().principal().key());
    assert_eq!(member().await, None);
    assert_eq!(book.asked(), 3);
}

/// What was asked before a user was forgotten may be the old answer.
#[tokio::test]
async fn a_lookup_from_before_the_user_was_forgotten_is_not_kept() {
    let book = Book::new(&[(&alice(), &[7])]);
    book.gate.send_replace(false);
    let directory = GroupDirectory::new(book.clone());
    let ask = || {
        let directory = directory.clone();
        tokio::spawn(async move { directory.groups_of(&alice()).await.unwrap().len() })
    };
    let before = ask();
    book.was_asked(1).await;
    let user = alice().principal().key();
    book.groups.lock().unwrap().insert(user, vec![]);
    directory.forget(user);
    let after = ask();
    book.was_asked(2).await;
    book.gate.send_replace(true);
    assert_eq!((before.await.unwrap(), after.await.unwrap()), (1, 0));
    assert_eq!(directory.groups_of(&alice()).await.unwrap().len(), 0);
    assert_eq!(book.asked(), 2, "the second answer was kept");
}

#[test]
fn without_a_runtime_it_cannot_be_told() {
    let directory = GroupDirectory::new(Book::new(&[(&alice(), &[7])]));
    let (rule, token) = (in_group(7), alice());
    let mut asked = pin!(directory.check(&rule, &token));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(outcome) = asked.as_mut().poll(&mut context) else {
        panic!("it waits for nobody");
    };
    assert_eq!(reason(outcome), Some(Reason::GroupsUnavailable));
}

/// The runtime of the request that caused the lookup is shut down: another one asks anew.
#[test]
fn a_lookup_whose_runtime_went_away_is_made_again() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    };
    let book = Book::new(&[(&alice(), &[7])]);
    book.gate.send_replace(false);
    let directory = GroupDirectory::new(book.clone());
    let (one, two) = (runtime(), runtime());
    let ask = || {
        let directory = directory.clone();
        async move { reason(directory.check(&in_group(7), &alice()).await) }
    };
    one.spawn(ask());
    two.block_on(book.was_asked(1));
    let waiting = two.spawn(ask());
    one.shutdown_background();
    two.block_on(book.was_asked(2));
    book.gate.send_replace(true);
    assert_eq!(two.block_on(waiting).unwrap(), None);
}

#[test]
fn handles_go_between_threads() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<GroupDirectory>();
    check::<ResolvedGroups>();
}

#[test]
fn an_hour_is_the_most() {
    let directory = || GroupDirectory::new(Book::new(&[]));
    let hour = Duration::from_secs(3600);
    for (wrong, says) in [
        (
            GroupLimits::default().with_kept_for(hour + Duration::from_secs(1)),
            "kept_for is 3601 s, and may be 0 s to 3600 s",
        ),
        (
            GroupLimits::default().with_timeout(Duration::ZERO),
            "timeout is 0 s, and may be 1 ms to 3600 s",
        ),
        (GroupLimits::default().with_lookups(0), "lookups is 0"),
    ] {
        let error = directory().with_limits(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let longest = GroupLimits::default().with_kept_for(hour);
    assert!(directory().with_limits(longest).is_ok());
}
