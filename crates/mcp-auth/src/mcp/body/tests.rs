use std::sync::atomic::{AtomicI64, Ordering};

use entra_claims::{
    AcceptedAudiences, Authenticator, Clock, Requirement, TenantPolicy, Validator, dangerous,
};
use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName};
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::*;
use crate::guard::AuthLayer;

/// A wall clock that goes with tokio's time, and can be set.
#[derive(Debug)]
struct Wall {
    began: Instant,
    set: AtomicI64,
}

impl Clock for Wall {
    fn wall(&self) -> i64 {
        let gone = i64::try_from(self.began.elapsed().as_secs()).unwrap();
        self.set.load(Ordering::SeqCst) + gone
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}

/// Nothing, for ever; or nothing, and that is known.
struct Silent(SizeHint);

impl Body for Silent {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        self.0
    }
}

/// A token that ends in `seconds`, and a guard with that clock and no leeway.
fn leased(seconds: i64) -> (Arc<Wall>, Arc<Guard>, VerifiedToken) {
    let token = include_str!("../../../../entra-claims/tests/data/token.txt");
    let token = dangerous::assume_verified(token).unwrap();
    let clock = Arc::new(Wall {
        began: Instant::now(),
        set: AtomicI64::new(token.expires_at_unix() - seconds),
    });
    let tenant = token.principal().tenant();
    let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap();
    let audiences = AcceptedAudiences::for_client(client);
    let validator = Validator::new(Cloud::public(), TenantPolicy::single(tenant), audiences)
        .with_clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .with_leeway(Duration::ZERO)
        .unwrap();
    let layer = AuthLayer::for_api(
        Authenticator::new(validator).unwrap(),
        AppIdUri::api(client),
        Requirement::scope(ScopeName::parse("a").unwrap()),
    )
    .unwrap();
    (clock, Arc::clone(layer.guard()), token)
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_ends_in_the_second_that_its_token_does() {
    for seconds in [0, 1, 29, 31, 3_000] {
        let (_, guard, token) = leased(seconds);
        let began = Instant::now();
        let mut body = McpBody::of_server(Silent(SizeHint::default()), &guard, Some(&token));
        assert!(!body.is_end_stream());
        assert!(body.frame().await.is_none());
        let lasted = began.elapsed().as_secs();
        assert_eq!(i64::try_from(lasted).unwrap(), seconds + 1);
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
}

/// After a suspended machine wakes up, for example.
#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_is_noticed_within_half_a_minute() {
    let (clock, guard, token) = leased(3_000);
    let mut body = McpBody::of_server(Silent(SizeHint::default()), &guard, Some(&token));
    let waiting = tokio::spawn(async move { body.frame().await.is_none() });
    sleep(Duration::from_secs(100)).await;
    assert!(!waiting.is_finished());
    clock.set.fetch_add(10_000, Ordering::SeqCst);
    let jumped = Instant::now();
    assert!(waiting.await.unwrap());
    assert!(jumped.elapsed() <= LOOK, "{:?}", jumped.elapsed());
}

/// Cut off, an answer of a known length would be a broken one. A request without a token has no end of its stream.
#[tokio::test(start_paused = true)]
async fn whole_answers_and_nobodys_streams_are_not_cut() {
    let (_, guard, token) = leased(-10);
    for (hint, token) in [
        (SizeHint::with_exact(5), Some(&token)),
        (SizeHint::default(), None),
    ] {
        let mut body = McpBody::of_server(Silent(hint), &guard, token);
        assert_eq!(body.size_hint().exact(), hint.exact());
        let pending = tokio::time::timeout(Duration::from_secs(100), body.frame()).await;
        assert!(pending.is_err());
    }
}
