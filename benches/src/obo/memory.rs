//! `obo.memory.bytes`: what a user takes whose token of 2.3 kB is held: the token, what finds it, and a
//! share of the room that tables grow into. Counted by the allocator, in bytes that stay.

use std::error::Error;

use tokio::runtime::Builder;

use super::world::{User, World};
use crate::figure::Figure;

const TOKEN: usize = 2_300;
/// A little more than a power of two in each of 64 shards, after which tables have just doubled.
const USERS: usize = 70_000;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let world = World::new(TOKEN)?;
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let mut result = Ok(());
    let info = allocation_counter::measure(|| {
        result = runtime.block_on(async {
            for n in 0..USERS {
                let user = User::new(n, 0)?;
                world.api.token_on_behalf_of(&user.assertion).await?;
            }
            Ok::<_, Box<dyn Error>>(())
        });
    });
    result?;
    if world.client.stats().entries != USERS {
        return Err("not all users are held".into());
    }
    let bytes = info.bytes_current as f64 / USERS as f64;
    Ok(vec![Figure {
        bench: "obo.memory.bytes",
        against: "the token alone",
        ours: bytes,
        theirs: TOKEN as f64,
        ratio: bytes,
        limit: 2_800.0,
    }])
}
