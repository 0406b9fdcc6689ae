//! What a store, or who sits in it, may change, cut or exchange: at worst a miss.

use crate::support::store::*;
use crate::support::*;

/// A fleet with the token of user 1 in its store, the value's name and the value.
async fn with_token() -> (Fleet, String, Vec<u8>) {
    let fleet = Fleet::new(Endpoint::granting());
    ask(&fleet.process(), 1, "").await;
    let name = fleet.token_name();
    let (value, _) = fleet.memory().value(&name).unwrap();
    (fleet, name, value)
}

/// Always the caller's own token; whether it came from the store.
async fn ask(world: &World, n: u32, salt: &str) -> bool {
    let assertion = token(TENANT, n, salt);
    let got = world
        .api
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    assert_eq!(got.expose(), expected(&assertion, SCOPE), "another token");
    world.settle().await;
    world.client.stats().remote_hits > 0
}

/// One process for all of a test's forgeries: nothing of them may stay in its memory either.
async fn refuses(fleet: &Fleet, world: &World, name: &str, forged: Vec<u8>, what: &str) {
    let before = world.client.stats();
    let calls = fleet.endpoint.calls();
    fleet.memory().overwrite(name, forged);
    world.client.clear();
    ask(world, 1, "").await;
    let after = world.client.stats();
    assert_eq!(after.remote_hits, before.remote_hits, "{what} was accepted");
    assert_eq!(after.remote_rejected, before.remote_rejected + 1, "{what}");
    assert_eq!(after.remote_failures, 0, "{what}");
    assert_eq!(fleet.endpoint.calls(), calls + 1, "{what}");
}

#[tokio::test]
async fn every_flipped_bit_is_noticed() {
    let (fleet, name, value) = with_token().await;
    let world = fleet.process();
    for bit in 0..value.len() * 8 {
        let mut forged = value.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        refuses(&fleet, &world, &name, forged, &format!("bit {bit}")).await;
    }
    // The value as it was is still good, so it was the flips that were noticed.
    fleet.memory().overwrite(&name, value);
    assert!(ask(&fleet.process(), 1, "").await);
}

#[tokio::test]
async fn every_cut_and_everything_appended_is_noticed() {
    let (fleet, name, value) = with_token().await;
    let world = fleet.process();
    for length in 0..value.len() {
        refuses(
            &fleet,
            &world,
            &name,
            value[..length].to_vec(),
            &format!("{length} bytes"),
        )
        .await;
        refuses(
            &fleet,
            &world,
            &name,
            value[length + 1..].to_vec(),
            &format!("from {length}"),
        )
        .await;
    }
    for more in [vec![0], value.clone()] {
        refuses(
            &fleet,
            &world,
            &name,
            [value.clone(), more].concat(),
            "more",
        )
        .await;
    }
}

#[tokio::test]
async fn a_value_is_good_for_one_request_only() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    let write = one
        .client
        .downstream(scopes("api://downstream/orders.write"))
        .unwrap();
    // Another user, another token of the same user, another scope of the same token.
    ask(&one, 1, "").await;
    let mine = fleet.token_name();
    let (value, _) = fleet.memory().value(&mine).unwrap();
    let known = fleet.memory().names();
    ask(&one, 2, "").await;
    ask(&one, 1, "second").await;
    write.token_on_behalf_of(&user(1)).await.unwrap();
    one.settle().await;
    let others = fleet
        .memory()
        .names()
        .into_iter()
        .filter(|name| !known.contains(name));
    let others: Vec<_> = others
        .map(|name| fleet.memory().value(&name).unwrap().0)
        .collect();
    assert_eq!(others.len(), 4, "three tokens and an epoch");
    let world = fleet.process();
    for (n, other) in others.into_iter().enumerate() {
        assert_ne!(other, value);
        refuses(&fleet, &world, &mine, other, &format!("value {n}")).await;
    }
}

#[tokio::test]
async fn other_forms_and_sizes_are_noticed() {
    let (fleet, name, value) = with_token().await;
    let world = fleet.process();
    let older = |version| {
        let mut forged = value.clone();
        forged[0] = version;
        forged
    };
    for (what, forged) in [
        ("an older form", older(0)),
        ("a newer form", older(2)),
        ("nothing", Vec::new()),
        ("text", b"WRONGTYPE Operation against a key".to_vec()),
        ("JSON", br#"{"access_token":"h.p.s"}"#.to_vec()),
        (
            "64 KiB and one",
            vec![1; entra_obo::store::MAX_STORED_VALUE + 1],
        ),
        ("10 MB", vec![1; 10_000_000]),
    ] {
        refuses(&fleet, &world, &name, forged, what).await;
    }
}

#[tokio::test]
async fn a_value_sealed_with_another_secret_is_noticed() {
    let (fleet, name, _) = with_token().await;
    let foreign = Fleet::new(Endpoint::granting());
    ask(&foreign.process_with(keys(2)), 1, "").await;
    let (value, _) = foreign.memory().value(&foreign.token_name()).unwrap();
    refuses(&fleet, &fleet.process(), &name, value, "another key's").await;
}

#[tokio::test]
async fn a_token_too_long_for_a_store_is_not_kept_there() {
    for (length, kept) in [(65_000, true), (65_500, false)] {
        let fleet = Fleet::new(Endpoint::new(move |_, _| {
            let token = "x".repeat(length);
            Ok(json(
                200,
                format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#),
            ))
        }));
        let (one, two) = (fleet.process(), fleet.process());
        for world in [&one, &two] {
            world.api.token_on_behalf_of(&user(1)).await.unwrap();
            world.settle().await;
        }
        assert_eq!(two.client.stats().remote_hits == 1, kept, "{length}");
        for name in fleet.memory().names() {
            let (value, _) = fleet.memory().value(&name).unwrap();
            assert!(value.len() <= entra_obo::store::MAX_STORED_VALUE);
        }
    }
}

/// Replies that are off by one, as after a cancelled call on a shared connection.
#[tokio::test]
async fn swapped_replies_are_misses_and_are_counted() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    for n in 0..10 {
        ask(&one, n, "").await;
    }
    fleet.memory().swap_every(2);
    let two = fleet.process();
    for n in 0..10 {
        ask(&two, n, "").await;
    }
    assert_eq!(fleet.memory().swapped(), 5);
    let stats = two.client.stats();
    assert_eq!((stats.remote_hits, stats.remote_misses), (5, 5));
    assert_eq!(stats.remote_rejected, 10, "a token and an epoch each");
    assert_eq!(stats.remote_failures, 0);
}

/// Nothing that the store holds tells anything: neither tokens nor who they belong to.
#[tokio::test]
async fn nothing_in_the_store_can_be_read() {
    const USERS: u32 = 1_000;
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    let mut secrets = vec![
        CLIENT.to_owned(),
        SECRET.to_owned(),
        SCOPE.to_owned(),
        TENANT.to_owned(),
    ];
    for n in 0..USERS {
        ask(&world, n, "").await;
        let assertion = token(TENANT, n, "");
        let object = user(n).principal().object.to_string();
        secrets.extend([
            expected(&assertion, SCOPE),
            hash(&assertion),
            object,
            assertion,
        ]);
    }
    let mut windows = std::collections::HashSet::new();
    for secret in &secrets {
        windows.extend(secret.as_bytes().windows(12).map(<[u8]>::to_vec));
    }
    // As bytes too, which is how ids and hashes could stand there.
    for n in 0..USERS {
        let principal = user(n).principal();
        windows.extend(principal.object.as_bytes().windows(12).map(<[u8]>::to_vec));
        windows.extend(principal.tenant.as_bytes().windows(12).map(<[u8]>::to_vec));
    }
    let names = fleet.memory().names();
    assert_eq!(names.len(), 2 * USERS as usize, "a token and an epoch each");
    for name in names {
        let (value, ttl) = fleet.memory().value(&name).unwrap();
        for bytes in [name.as_bytes(), &value[..]] {
            let found = bytes.windows(12).find(|window| windows.contains(*window));
            assert_eq!(found, None);
        }
        let is_token = value.len() > 100;
        let longest = if is_token { 3600 } else { 7 * 24 * 3600 };
        assert!(ttl.as_secs() > 0 && ttl.as_secs() <= longest);
    }
}
