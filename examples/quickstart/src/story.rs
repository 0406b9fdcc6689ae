//! The story, in order.

use std::error::Error;

use entra_emulator::demo;
use mcp_auth::claims::UnverifiedToken;
use serde_json::Value;

use crate::console::Console;
use crate::mcp_client::{self, Client, SignIn};
use crate::refusals;
use crate::step::Step;
use crate::world::World;

/// Tells it all; an error means that the story could not go on.
pub async fn tell(console: &mut Console) -> Result<(), Box<dyn Error>> {
    let world = World::start().await?;
    console.tell(
        &Step::new(
            "start",
            "A local Entra ID, an Orders API and an MCP server start",
        )
        .why("No Azure tenant is needed: the emulator issues real RSA-signed tokens.")
        .fact("entra id", world.emulator.base_url())
        .fact("tenant", demo::TENANT)
        .fact("mcp server", world.mcp_url.as_str())
        .must(
            "all three listen on loopback",
            world.authority.cloud().is_loopback(),
        ),
    );

    let challenge = first_contact(console, &world).await?;
    refusals::resource_rule(console, &world).await?;
    let alice = signed_in(console, &world, &challenge).await?;
    let alice_token = alice.access_token.clone();

    let client = Client::connect(&world.mcp_url, alice).await?;
    tool_call(console, &client).await?;
    on_behalf_of(console, &client).await?;

    refusals::no_token(console, &world).await?;
    refusals::wrong_audience(console, &world, &challenge).await?;
    refusals::missing_scope(console, &world, &challenge).await?;
    refusals::no_consent(console, &client).await?;
    refusals::wrong_endpoint(console)?;
    refusals::no_secrets(console, &world, &alice_token);
    console.close();
    Ok(())
}

async fn first_contact(console: &mut Console, world: &World) -> Result<String, Box<dyn Error>> {
    let challenge = mcp_client::first_contact(&world.mcp_url).await?;
    console.tell(
        &Step::new(
            "challenge",
            "The MCP client calls without a token and is told where to get one",
        )
        .why("The 401 names the metadata of the server and the scope to ask for (RFC 9728).")
        .fact("www-authenticate", challenge.as_str())
        .must(
            "the challenge names the metadata",
            challenge.contains("resource_metadata="),
        )
        .must(
            "the challenge names the qualified scope",
            challenge.contains(demo::MCP_READ_SCOPE),
        ),
    );
    Ok(challenge)
}

async fn signed_in(
    console: &mut Console,
    world: &World,
    challenge: &str,
) -> Result<SignIn, Box<dyn Error>> {
    let sign_in = mcp_client::sign_in(&world.mcp_url, challenge, demo::ALICE_UPN, &[]).await?;
    let token = UnverifiedToken::decode(&sign_in.access_token)?;
    let claims = token.claims();
    console.tell(
        &Step::new("sign_in", "Alice signs in: authorization code with PKCE, as a public client")
            .why("The client follows the metadata to the server's facade, which forwards to Entra ID without the resource parameter.")
            .fact("user", demo::ALICE_UPN)
            .fact("audience", claims.aud())
            .fact("scp", claims.scp())
            .fact("client", claims.azp_or_appid())
            .must("PKCE was used", sign_in.authorize_url.contains("code_challenge_method=S256"))
            .must("the token is for the MCP server", claims.aud() == Some(demo::MCP_SERVER))
            .must("the user is Alice", claims.oid() == Some(demo::ALICE)),
    );
    Ok(sign_in)
}

async fn tool_call(console: &mut Console, client: &Client) -> Result<(), Box<dyn Error>> {
    let result = client.call("who_am_i").await?;
    let saw = result.structured_content.unwrap_or_default();
    console.tell(
        &Step::new("tool_call", "A tool is called, and the server knows who is calling")
            .why("mcp-auth checked signature, tenant, audience, time and scope, and gave the tool the caller. The tool never sees the Authorization header.")
            .fact("tenant", saw["tenant"].clone())
            .fact("object", saw["object"].clone())
            .fact("client", saw["client"].clone())
            .fact("audience", saw["audience"].clone())
            .must("it is Alice", saw["tenant"] == demo::TENANT && saw["object"] == demo::ALICE)
            .must("she came through the MCP client", saw["client"] == demo::MCP_CLIENT),
    );
    Ok(())
}

async fn on_behalf_of(console: &mut Console, client: &Client) -> Result<(), Box<dyn Error>> {
    let result = client.call("list_orders").await?;
    let answer = result.structured_content.unwrap_or_default();
    let saw: &Value = &answer["saw"];
    console.tell(
        &Step::new("on_behalf_of", "The tool calls the Orders API on behalf of Alice")
            .why("The server traded Alice's token for one that the Orders API accepts; the API validated it on its own.")
            .fact("orders", answer["orders"].clone())
            .fact("the API saw tenant", saw["tenant"].clone())
            .fact("the API saw object", saw["object"].clone())
            .fact("the API saw audience", saw["audience"].clone())
            .fact("the API saw client", saw["client"].clone())
            .must("it is the same user", saw["tenant"] == demo::TENANT && saw["object"] == demo::ALICE)
            .must("the audience is the Orders API", saw["audience"] == demo::ORDERS_API)
            .must("the client is the MCP server, the middle tier", saw["client"] == demo::MCP_SERVER),
    );
    Ok(())
}
