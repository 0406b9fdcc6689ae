//! Tests of cache keys: every field counts, and no two shapes share a hash.

use foundry_scopes::{Cloud, TenantId};
use proptest::prelude::*;

use super::*;

/// A key for tests that need one and do not care which.
pub(crate) fn key(n: u8) -> Key {
    Prefix([n; 32]).key(&[n.wrapping_mul(37).wrapping_add(1); 32])
}

/// Everything that shapes a request, in values of which each may differ alone.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    flow: Flow,
    cloud: String,
    tenant: u128,
    client: u128,
    owner: u128,
    agent: Option<u128>,
    kind: String,
    scopes: Vec<String>,
    capabilities: Vec<String>,
    assertion: [u8; 32],
}

impl Request {
    fn key(&self) -> Key {
        let cloud = Cloud::loopback(&self.cloud).unwrap();
        let authority = TenantAuthority::new(cloud, TenantId::from_u128(self.tenant));
        let scopes = ScopeSet::parse(&self.scopes.join(" ")).unwrap();
        let shape = Shape {
            flow: self.flow,
            authority: &authority,
            client: ClientId::from_u128(self.client),
            credential_owner: ClientId::from_u128(self.owner),
            agent: self.agent.map(ClientId::from_u128),
            credential_kind: &self.kind,
            scopes: &scopes,
            capabilities: &self.capabilities,
        };
        shape.prefix().key(&self.assertion)
    }

    fn example() -> Self {
        Self {
            flow: Flow::OnBehalfOf,
            cloud: "http://localhost:1".to_owned(),
            tenant: 1,
            client: 2,
            owner: 2,
            agent: None,
            kind: "secret".to_owned(),
            scopes: vec!["api://a/x".to_owned()],
            capabilities: Vec::new(),
            assertion: [7; 32],
        }
    }

    /// What the set of scopes makes of them: order and repetition do not matter.
    fn normal(mut self) -> Self {
        self.scopes.sort();
        self.scopes.dedup();
        self
    }
}

#[test]
fn every_part_of_a_request_alone_changes_the_key() {
    let base = Request::example();
    let changed = [
        (
            "flow",
            Request {
                flow: Flow::ClientCredentials,
                ..base.clone()
            },
        ),
        (
            "cloud",
            Request {
                cloud: "http://localhost:2".to_owned(),
                ..base.clone()
            },
        ),
        (
            "tenant",
            Request {
                tenant: 9,
                ..base.clone()
            },
        ),
        (
            "client",
            Request {
                client: 9,
                ..base.clone()
            },
        ),
        (
            "credential owner",
            Request {
                owner: 9,
                ..base.clone()
            },
        ),
        (
            "agent",
            Request {
                agent: Some(9),
                ..base.clone()
            },
        ),
        (
            "credential kind",
            Request {
                kind: "certificate".to_owned(),
                ..base.clone()
            },
        ),
        (
            "scopes",
            Request {
                scopes: vec!["api://a/y".to_owned()],
                ..base.clone()
            },
        ),
        (
            "capabilities",
            Request {
                capabilities: vec!["cp1".to_owned()],
                ..base.clone()
            },
        ),
        (
            "assertion",
            Request {
                assertion: [8; 32],
                ..base.clone()
            },
        ),
    ];
    assert!(base.key() == base.clone().key());
    for (part, request) in changed {
        assert!(request.key() != base.key(), "{part} is not in the key");
    }
}

#[test]
fn order_and_repetition_of_scopes_do_not_change_the_key() {
    let with = |scopes: &[&str]| Request {
        scopes: scopes.iter().map(|&s| s.to_owned()).collect(),
        ..Request::example()
    };
    let sorted = with(&["api://a/x", "api://a/y"]);
    assert!(sorted.key() == with(&["api://a/y", "api://a/x", "api://a/y"]).key());
}

#[test]
fn a_challenge_has_its_own_flight_and_no_own_entry() {
    let entry = key(1);
    assert!(entry.challenged("{\"a\":1}") != entry);
    assert!(entry.challenged("{\"a\":1}") != entry.challenged("{\"a\":2}"));
    assert!(entry.challenged("{}") != key(2).challenged("{}"));
}

fn requests() -> impl Strategy<Value = Request> {
    // Few values and characters that could pass for separators: near misses are common.
    let text = "[ab,:|\u{0}\u{1} ]{0,3}";
    (
        (1..4_u16, 1..4_u128, 1..4_u128, 1..4_u128),
        (
            prop::option::of(1..3_u128),
            prop::sample::select(&[Flow::OnBehalfOf, Flow::AgentExchange, Flow::AgentUser][..]),
        ),
        text,
        prop::collection::vec("api://a/[xy.]{1,2}", 1..4),
        prop::collection::vec(text, 0..3),
        prop::array::uniform32(0..2_u8),
    )
        .prop_map(
            |(
                (port, tenant, client, owner),
                (agent, flow),
                kind,
                scopes,
                capabilities,
                assertion,
            )| Request {
                flow,
                agent,
                cloud: format!("http://localhost:{port}"),
                tenant,
                client,
                owner,
                kind,
                scopes,
                capabilities,
                assertion,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_are_equal_exactly_when_requests_are(
        a in requests(),
        b in requests(),
        take in prop::array::uniform10(any::<bool>()),
    ) {
        // A mixture differs from `a` in few places.
        let mixed = Request {
            cloud: if take[0] { b.cloud } else { a.cloud.clone() },
            tenant: if take[1] { b.tenant } else { a.tenant },
            client: if take[2] { b.client } else { a.client },
            owner: if take[3] { b.owner } else { a.owner },
            kind: if take[4] { b.kind } else { a.kind.clone() },
            scopes: if take[5] { b.scopes } else { a.scopes.clone() },
            capabilities: if take[6] { b.capabilities } else { a.capabilities.clone() },
            assertion: if take[7] { b.assertion } else { a.assertion },
            flow: if take[8] { b.flow } else { a.flow },
            agent: if take[9] { b.agent } else { a.agent },
        };
        let same = a.key() == mixed.key();
        prop_assert_eq!(same, a.normal() == mixed.normal());
    }

    #[test]
    fn moving_text_between_neighbouring_fields_changes_the_key(
        left in "[ab,]{0,4}", moved in "[ab,]{1,4}", right in "[ab,]{0,4}",
    ) {
        let with = |capabilities: Vec<String>| Request { capabilities, ..Request::example() }.key();
        let early = with(vec![format!("{left}{moved}"), right.clone()]);
        let late = with(vec![left.clone(), format!("{moved}{right}")]);
        let joined = with(vec![format!("{left}{moved}{right}")]);
        prop_assert!(early != late);
        prop_assert!(early != joined && late != joined);
    }
}

/// A prefix for tests that need one and do not care which.
pub(crate) fn prefix(n: u8) -> Prefix {
    Prefix([n; 32])
}
