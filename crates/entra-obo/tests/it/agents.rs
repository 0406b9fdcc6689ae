//! Agent identities: what each leg says, and that no leg ever serves another.

use std::sync::Arc;

use crate::support::*;
use entra_obo::{AgentIdentity, AgentUser, ErrorKind, NextStep};
use foundry_scopes::{ClientId, ObjectId};

const AGENT: &str = "aaaa1111-0000-1111-2222-bbbb3333cccc";
const OTHER_AGENT: &str = "dddd1111-0000-1111-2222-bbbb3333cccc";
const EXCHANGE: &str = "api://AzureADTokenExchange/.default";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEFAULT: &str = "https://graph.microsoft.com/.default";

/// Each token says how it came about.
fn tracing_endpoint() -> Arc<Endpoint> {
    Endpoint::new(|seen, _| {
        let token = format!(
            "{}|{}|{}|{}",
            seen.get("client_id"),
            seen.get("fmi_path"),
            seen.get("scope"),
            hash(&format!(
                "{}{}{}{}",
                seen.get("assertion"),
                seen.get("username"),
                seen.get("user_id"),
                seen.get("client_assertion")
            ))
        );
        Ok(json(
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#),
        ))
    })
}

fn agent(world: &World, id: &str) -> AgentIdentity {
    world.client.agent(ClientId::parse(id).unwrap()).unwrap()
}

fn fields(seen: &Seen) -> Vec<&str> {
    let mut names: Vec<_> = seen.form.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The blueprint's request, by which the agent identity can authenticate.
fn assert_first_leg(seen: &Seen, agent: &str) {
    assert_eq!(
        fields(seen),
        [
            "client_id",
            "client_secret",
            "fmi_path",
            "grant_type",
            "scope"
        ]
    );
    assert_eq!(seen.get("grant_type"), "client_credentials");
    assert_eq!(seen.get("client_id"), CLIENT);
    assert_eq!(seen.get("fmi_path"), agent);
    assert_eq!(seen.get("scope"), EXCHANGE);
}

fn assert_authenticated(seen: &Seen, agent: &str) {
    assert_eq!(seen.get("client_id"), agent);
    assert_eq!(seen.get("client_assertion_type"), ASSERTION_TYPE);
    let first = format!("{CLIENT}|{agent}|{EXCHANGE}|");
    assert!(seen.get("client_assertion").starts_with(&first));
    assert_eq!(seen.get("client_secret"), "", "an agent has no secret");
}

#[tokio::test]
async fn an_agent_alone_takes_two_requests() {
    let world = World::new(tracing_endpoint());
    let graph = agent(&world, AGENT).for_app(scopes(DEFAULT)).unwrap();
    graph.token().await.unwrap();
    graph.token().await.unwrap();
    let seen = world.endpoint.seen();
    assert_eq!(seen.len(), 2);
    assert_first_leg(&seen[0], AGENT);
    assert_authenticated(&seen[1], AGENT);
    assert_eq!(seen[1].get("grant_type"), "client_credentials");
    assert_eq!(seen[1].get("scope"), DEFAULT);

    // The next resource needs the last request only.
    let other = agent(&world, AGENT).for_app(scopes("https://ai.azure.com/.default"));
    other.unwrap().token().await.unwrap();
    assert_eq!(world.endpoint.calls(), 3);
}

#[tokio::test]
async fn an_agent_on_behalf_of_a_user_sends_the_users_token_with_its_own_proof() {
    let world = World::new(tracing_endpoint());
    let graph = agent(&world, AGENT).downstream(scopes(DEFAULT)).unwrap();
    let assertion = token(TENANT, 1, "");
    graph
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    let seen = world.endpoint.seen();
    assert_eq!(seen.len(), 2);
    assert_first_leg(&seen[0], AGENT);
    assert_authenticated(&seen[1], AGENT);
    assert_eq!(seen[1].get("requested_token_use"), "on_behalf_of");
    assert_eq!(seen[1].get("assertion"), assertion);

    // The same user through the client itself is another token.
    let direct = world.client.downstream(scopes(DEFAULT)).unwrap();
    direct
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    assert_eq!(world.endpoint.calls(), 3);
    assert_eq!(world.endpoint.seen()[2].get("client_id"), CLIENT);
}

#[tokio::test]
async fn an_agents_user_account_takes_three_requests() {
    let world = World::new(tracing_endpoint());
    let agent = agent(&world, AGENT);
    let user = AgentUser::upn("Agent-7@contoso.example").unwrap();
    let mail = agent.user_account(user, scopes(DEFAULT)).unwrap();
    mail.token().await.unwrap();
    mail.token().await.unwrap();
    let seen = world.endpoint.seen();
    assert_eq!(seen.len(), 3);
    assert_first_leg(&seen[0], AGENT);
    assert_authenticated(&seen[1], AGENT);
    assert_eq!(seen[1].get("scope"), EXCHANGE);
    assert_eq!(seen[1].get("fmi_path"), "");
    assert_authenticated(&seen[2], AGENT);
    assert_eq!(seen[2].get("grant_type"), "user_fic");
    assert_eq!(seen[2].get("username"), "agent-7@contoso.example");
    assert_eq!(seen[2].get("user_id"), "");
    let second = format!("{AGENT}||{EXCHANGE}|");
    let proof = seen[2].get("user_federated_identity_credential");
    assert!(proof.starts_with(&second), "{proof}");

    // By object id it is another entry, and says `user_id`.
    let object = ObjectId::parse("aaaaaaaa-0000-1111-2222-000000000007").unwrap();
    let by_id = agent.user_account(AgentUser::object(object), scopes(DEFAULT));
    by_id.unwrap().token().await.unwrap();
    let seen = world.endpoint.seen();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[3].get("user_id"), object.to_string());
}

#[tokio::test]
async fn agents_users_and_tenants_do_not_meet() {
    let world = World::new(tracing_endpoint());
    let mut tokens = std::collections::HashSet::new();
    let mut all = Vec::new();
    for client in [
        world.client.clone(),
        world.client.for_tenant(tenant(OTHER_TENANT)),
    ] {
        for id in [AGENT, OTHER_AGENT] {
            let agent = client.agent(ClientId::parse(id).unwrap()).unwrap();
            all.push(agent.for_app(scopes(DEFAULT)).unwrap());
            for upn in ["a@contoso.example", "b@contoso.example"] {
                let user = AgentUser::upn(upn).unwrap();
                all.push(agent.user_account(user, scopes(DEFAULT)).unwrap());
            }
        }
    }
    for own in &all {
        own.token().await.unwrap();
    }
    // Two tenants, two agents: two exchange tokens each, and three tokens.
    assert_eq!(world.client.stats().entries, 20);
    assert_eq!(world.endpoint.calls(), 20);
    for seen in world.endpoint.seen() {
        tokens.insert(format!("{}{:?}", seen.uri, {
            let mut form: Vec<_> = seen.form.into_iter().collect();
            form.sort();
            form
        }));
    }
    assert_eq!(tokens.len(), 20, "a request was sent twice");
}

#[tokio::test]
async fn a_refused_exchange_token_is_renewed_once() {
    for refused in [1, 2] {
        let endpoint = Endpoint::new(move |seen, n| {
            // Calls 1 and 3 are the agent's; those before them are the blueprint's.
            if seen.get("client_id") == AGENT && n < 2 * refused {
                return Ok(refuse(401, "invalid_client", "", 700_024));
            }
            grant(seen, 3600, "")
        });
        let world = World::new(endpoint);
        let graph = agent(&world, AGENT).for_app(scopes(DEFAULT)).unwrap();
        let got = graph.token().await;
        match refused {
            1 => assert!(got.is_ok()),
            _ => assert_eq!(got.unwrap_err().kind(), ErrorKind::Credential),
        }
        let seen = world.endpoint.seen();
        assert_eq!(seen.len(), 4);
        assert_first_leg(&seen[2], AGENT);
    }
}

#[tokio::test]
async fn what_the_first_leg_meets_is_what_the_caller_sees() {
    let world = World::new(Endpoint::new(|_, _| {
        Ok(refuse(401, "invalid_client", "", 7_000_222))
    }));
    let graph = agent(&world, AGENT).for_app(scopes(DEFAULT)).unwrap();
    let error = graph.token().await.unwrap_err();
    assert_eq!(error.codes(), [7_000_222]);
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert_eq!(world.endpoint.calls(), 1);
}

#[test]
fn names_that_are_none_are_refused() {
    for upn in ["", "a", "@b", "a@", "a b@c", "a@b\n"] {
        let error = AgentUser::upn(upn).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{upn:?}");
    }
    let world = World::new(Endpoint::granting());
    let agent = agent(&world, AGENT);
    assert!(
        agent
            .for_app(scopes("https://graph.microsoft.com/User.Read"))
            .is_err()
    );
    assert!(
        agent
            .downstream(scopes(&format!("{SCOPE} openid")))
            .is_err()
    );
}
