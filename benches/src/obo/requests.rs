//! `obo.coalesced.requests`: a thousand callers at once for one user, the first of whom goes away.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::world::{User, World};
use crate::figure::Figure;

const CALLERS: usize = 1_000;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let world = World::new(2_300)?;
    let user = Arc::new(User::new(0, 20)?);
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        {
            let first = std::pin::pin!(world.api.token_on_behalf_of(&user.assertion));
            let polled = first.poll(&mut Context::from_waker(Waker::noop()));
            if polled.is_ready() || world.client.stats().in_flight != 1 {
                return Err("the first caller did not start the request".into());
            }
        }
        let mut callers = JoinSet::new();
        for _ in 1..CALLERS {
            let (api, user) = (world.api.clone(), Arc::clone(&user));
            callers.spawn(async move { api.token_on_behalf_of(&user.assertion).await });
        }
        for answer in callers.join_all().await {
            answer?;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let requests = world.endpoint.calls() as f64;
    Ok(vec![Figure {
        bench: "obo.coalesced.requests",
        against: "one for each caller",
        ours: requests,
        theirs: CALLERS as f64,
        ratio: requests,
        limit: 1.0,
    }])
}
