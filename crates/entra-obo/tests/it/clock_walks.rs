//! Clocks that jump: nothing is handed out too late, whatever the wall clock says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::store::*;
use crate::support::*;
use entra_claims::Clock;
use entra_obo::{AccessToken, UserAssertion};
use proptest::prelude::*;

const MIN_REMAINING: u64 = 60;

#[derive(Clone, Debug)]
enum Step {
    /// Both clocks go on.
    Pass(u64),
    /// The wall clock is set, by an operator or a time server.
    SetWall(i64),
    /// A process stands still: the wall clock goes on, the monotonic one may not.
    Suspend(i64),
    Ask(u32),
    Look(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let jumps = prop::sample::select(&[1, 300, 3_600, 86_400][..]);
    let wall = prop_oneof![
        (any::<bool>(), jumps).prop_map(|(back, by)| if back { NOW - by } else { NOW + by }),
        // 1970, 2106, and what no clock shows.
        prop::sample::select(&[0, 4_294_967_295, i64::MIN, i64::MAX, NOW][..]),
        any::<i64>(),
    ];
    let step = prop_oneof![
        4 => (0..2_000_u64).prop_map(Step::Pass),
        1 => wall.prop_map(Step::SetWall),
        1 => (0..4_000_i64).prop_map(Step::Suspend),
        6 => (0..3_u32).prop_map(Step::Ask),
        2 => (0..3_u32).prop_map(Step::Look),
    ];
    prop::collection::vec(step, 1..60)
}

/// When each token was asked for by the monotonic clock, and how long it lasts.
type Issued = Arc<Mutex<HashMap<String, (Duration, u64)>>>;

/// A user whose own token outlives every walk.
fn lasting(n: u32) -> UserAssertion {
    let claims = format!(r#""scp":"access_as_user","exp":{}"#, 253_402_300_799_i64);
    assertion_of(&compact(TENANT, n, "", &claims))
}

fn walk(steps: Vec<Step>, shared: bool) -> Result<(), TestCaseError> {
    let issued = Issued::default();
    let book = Arc::clone(&issued);
    let clock = Arc::new(entra_claims::ManualClock::at(NOW));
    let time = Arc::clone(&clock);
    let endpoint = Endpoint::new(move |_, n| {
        let lasts = [61, 120, 3599, 86_400][n % 4];
        let token = format!("token-{n}");
        let asked = (time.monotonic(), lasts);
        book.lock().unwrap().insert(token.clone(), asked);
        let body =
            format!(r#"{{"token_type":"Bearer","expires_in":{lasts},"access_token":"{token}"}}"#);
        Ok(json(200, body))
    });
    let fleet = Fleet {
        store: FaultyStore::new(clock.clone()),
        endpoint: endpoint.clone(),
        clock: clock.clone(),
    };
    let processes = if shared {
        [fleet.process(), fleet.process()]
    } else {
        [(); 2].map(|()| World::at(clock.clone(), endpoint.clone(), |builder| builder))
    };
    let holds = |token: &AccessToken| {
        let left = token.expires_at_unix().saturating_sub(clock.wall());
        prop_assert!(
            left > MIN_REMAINING as i64,
            "{left} s left by the wall clock"
        );
        let (asked, lasts) = issued.lock().unwrap()[token.expose()];
        // Between processes the wall clock is all there is.
        let age = clock.monotonic().checked_sub(asked).unwrap();
        let ends = Duration::from_secs(lasts - MIN_REMAINING);
        prop_assert!(shared || age < ends, "{age:?} old of {lasts} s");
        Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for (n, step) in steps.into_iter().enumerate() {
            let world = &processes[n % 2];
            match step {
                Step::Pass(seconds) => clock.advance(Duration::from_secs(seconds)),
                Step::SetWall(wall) => clock.set_wall(wall),
                Step::Suspend(seconds) => clock.set_wall(clock.wall().saturating_add(seconds)),
                Step::Ask(n) => {
                    // What is asked for now is good for a call, unless the user's own token is
                    // over by such a clock.
                    if let Ok(token) = world.api.token_on_behalf_of(&lasting(n)).await {
                        let far = clock.wall().saturating_add(100_000) == i64::MAX;
                        if !far {
                            holds(&token)?;
                        }
                    }
                    world.settle().await;
                }
                Step::Look(n) => {
                    if let Some(token) = world.api.cached(&lasting(n)) {
                        holds(&token)?;
                    }
                }
            }
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_handed_out_with_less_than_its_minimum(steps in steps()) {
        walk(steps, false)?;
    }

    #[test]
    fn nor_is_what_another_process_asked_for(steps in steps()) {
        walk(steps, true)?;
    }
}
