//! No secret in anything that is traced. Alone in its process: what is traced where is
//! remembered globally, and other tests would interfere.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[path = "it/support/mod.rs"]
mod support;

use entra_claims::dangerous;
use entra_emulator::{Directory, Emulator, demo};
use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, UserAssertion};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use support::*;

#[test]
fn traces_say_what_happened_and_show_no_secret() {
    in_a_runtime(every_flow());
    in_a_runtime(over_http());
}

fn in_a_runtime(play: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(play);
}

async fn every_flow() {
    tokio::time::pause();
    for (what, endpoint) in flows::endpoints() {
        let traces = trace::Traces::default();
        let guard = tracing::subscriber::set_default(traces.clone());
        let played = flows::play(&endpoint).await;
        drop(guard);
        let text = traces.text();
        let secrets = flows::secrets(&endpoint.seen(), &played);
        assert_clean(what, &text, &secrets);
        for flow in [
            "on_behalf_of",
            "client_credentials",
            "agent_exchange",
            "agent_user_exchange",
            "agent_user",
            "managed_identity",
        ] {
            // What an agent's later legs need is not there if the first one fails.
            let wanted = format!("span token_exchange\nflow=\"{flow}\"\n");
            let later = flow == "agent_user_exchange" || flow == "agent_user";
            assert!(
                text.contains(&wanted) || (later && what != "tokens"),
                "{what}: {wanted}"
            );
        }
        let id = endpoint.seen()[0].headers["client-request-id"].clone();
        let (outcome, status) = match what {
            "tokens" | "forged scopes" => ("ok", "2xx"),
            "no bearer tokens" => ("unintelligible", "2xx"),
            "refusals" | "forged refusals" => ("claims_challenge", "4xx"),
            "pages" => ("unintelligible", "4xx"),
            "failures" => ("transient", "5xx"),
            "patience" => ("throttled", "429"),
            _ => ("unreachable", "timeout"),
        };
        for part in [
            "purpose=\"get\"",
            &format!("outcome=\"{outcome}\""),
            &format!("status=\"{status}\""),
            &format!("span token_request\nclient_request_id={id:?}"),
        ] {
            assert!(text.contains(part), "{what}: {part} is missing: {text}");
        }
    }
}

/// The same through the built-in client, on a real connection.
async fn over_http() {
    let emulator = Emulator::builder(Directory::demo()).echo_api();
    let emulator = emulator.start().await.unwrap();
    let forge = emulator.forge();
    let mcp = [demo::MCP_READ];
    let bearer = forge.user_token(
        demo::TENANT,
        demo::ALICE,
        demo::MCP_CLIENT,
        demo::MCP_SERVER,
        &mcp,
    );
    let bearer = bearer.unwrap().sign().unwrap();
    let traces = trace::Traces::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    let tenant = TenantId::parse(demo::TENANT).unwrap();
    let cloud = Cloud::loopback(emulator.base_url()).unwrap();
    let client = ExchangeClient::new(
        TenantAuthority::new(cloud, tenant),
        ClientId::parse(demo::MCP_SERVER).unwrap(),
        ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
    );
    let client = client.unwrap();
    let verified = dangerous::assume_verified(&bearer).unwrap();
    let alice = UserAssertion::try_from(&verified).unwrap();
    let orders = ScopeSet::parse(demo::ORDERS_READ_SCOPE).unwrap();
    let orders = client.downstream(orders).unwrap();
    let got = orders.token_on_behalf_of(&alice).await.unwrap();
    let payroll = ScopeSet::parse(demo::PAYROLL_READ_SCOPE).unwrap();
    let payroll = client.downstream(payroll).unwrap();
    payroll.token_on_behalf_of(&alice).await.unwrap_err();
    #[cfg(feature = "reqwest")]
    {
        let origins = entra_obo::attach::ApiOrigins::new([emulator.base_url()]).unwrap();
        let attach = entra_obo::attach::AttachToken::as_user(&orders, alice, &origins);
        let http = reqwest::Client::new();
        let request = http.get(emulator.echo_url(demo::ORDERS_API));
        let answer = attach.execute(&http, request.build().unwrap()).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    drop(guard);
    let text = traces.text();
    let secrets = [bearer.as_str(), got.expose(), demo::MCP_SERVER_SECRET];
    assert_clean("a real connection", &text, &secrets);
    assert!(
        text.contains("AADSTS65001") && text.contains("outcome=\"consent\""),
        "{text}"
    );
}
