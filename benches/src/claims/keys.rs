//! `claims.keys.two_threads`: reading the fetched keys from two threads at once, against one.

use std::error::Error;
use std::sync::Barrier;
use std::time::Duration;

use entra_claims::Authenticator;
use foundry_scopes::TenantId;

use super::cached::authenticator;
use super::issuer::{Issuer, TENANT};
use crate::clock;
use crate::figure::Figure;

const READS: usize = 20_000;
const ROUNDS: usize = 101;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let authenticator = authenticator(&issuer)?;
    let tenant: TenantId = TENANT.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(authenticator.warm_up())?;

    let (mut one, mut two, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let alone = read(&authenticator, tenant)?;
        let start = Barrier::new(2);
        let together = std::thread::scope(|scope| {
            let reader = || {
                start.wait();
                read(&authenticator, tenant).unwrap_or(Duration::MAX)
            };
            let (first, second) = (scope.spawn(reader), scope.spawn(reader));
            let time = |thread: std::thread::ScopedJoinHandle<'_, Duration>| {
                thread.join().unwrap_or(Duration::MAX)
            };
            time(first).max(time(second))
        });
        let each = |time: Duration| time.as_secs_f64() * 1e9 / READS as f64;
        one.push(each(alone));
        two.push(each(together));
        ratios.push(each(together) / each(alone));
    }
    Ok(vec![Figure {
        bench: "claims.keys.two_threads",
        against: "one thread",
        ours: median(two),
        theirs: median(one),
        ratio: median(ratios),
        // No slower: the tenth is what the measurement itself moves by.
        limit: 1.1,
    }])
}

/// The slower of two threads is a pessimist's figure, which is what is wanted here.
fn read(authenticator: &Authenticator, tenant: TenantId) -> Result<Duration, String> {
    let start = clock::worked();
    let mut seen = 0;
    for _ in 0..READS {
        seen += authenticator
            .with_keys(tenant, |keys| keys.kids().count())
            .unwrap_or_default();
    }
    let took = clock::worked().saturating_sub(start);
    if seen == 7 * READS {
        Ok(took)
    } else {
        Err("a read found no keys".to_owned())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
