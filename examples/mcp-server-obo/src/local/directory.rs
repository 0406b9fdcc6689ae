//! The local tenant: what the commands of README.md set up in a real one.

use entra_emulator::{
    App, ConsentGrant, Directory, Reading, RequestedTokenVersion, Tenant, User, demo,
};

use crate::server::{AUDITOR, CONSENTED, READ, WRITE};

/// Microsoft Graph's client id.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
pub const GRAPH_URI: &str = "https://graph.microsoft.com";
/// Foundry's; in the portal it goes by the name of Azure Machine Learning Services.
pub const FOUNDRY: &str = "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe";
pub const FOUNDRY_URI: &str = "https://ai.azure.com";
/// The permission of Foundry's that users consent to.
pub const USER_IMPERSONATION: &str = "user_impersonation";

/// Where MCP clients take the code; any port of loopback.
pub const REDIRECT_URIS: [&str; 4] = [
    "http://localhost/callback",
    "http://127.0.0.1/callback",
    "http://localhost/oauth/callback",
    "http://127.0.0.1/oauth/callback",
];

/// The tenant, for a server on this port.
pub fn directory(port: u16) -> Directory {
    let client = REDIRECT_URIS.iter().fold(
        App::new(demo::MCP_CLIENT, "MCP client").public(),
        |app, uri| app.redirect_uri(*uri),
    );
    let server = App::new(demo::MCP_SERVER, "MCP server")
        .secret(demo::MCP_SERVER_SECRET)
        .identifier_uri(demo::MCP_SERVER_URI)
        .token_version(RequestedTokenVersion::V2)
        .scope(READ)
        .scope(WRITE)
        .role(AUDITOR)
        // A confidential client's redirect URI counts with its port.
        .redirect_uri(format!("http://localhost:{port}{CONSENTED}"))
        .pre_authorize(demo::MCP_CLIENT, [READ, WRITE]);
    let graph = App::new(GRAPH, "Microsoft Graph")
        .identifier_uri(GRAPH_URI)
        .microsoft_resource()
        .scope("User.Read")
        .scope("Calendars.Read")
        .scope("Mail.Send");
    let foundry = App::new(FOUNDRY, "Azure Machine Learning Services")
        .identifier_uri(FOUNDRY_URI)
        .microsoft_resource()
        .scope(USER_IMPERSONATION);
    let tenant = Tenant::new(demo::TENANT, demo::TENANT_DOMAIN)
        .display_name("Contoso")
        // A token has the scopes that were asked for, so that a client can step up.
        .reading(Reading::ScopesAsRequested)
        // The stand-in for Graph verifies its tokens as any API does; the real ones only Graph can.
        .reading(Reading::GraphTokensWithoutNonce)
        .user(User::new(demo::ALICE, demo::ALICE_UPN, demo::ALICE_NAME))
        .user(User::new(demo::BOB, demo::BOB_UPN, demo::BOB_NAME))
        .app(client)
        .app(server)
        .app(graph)
        .app(foundry)
        .grant(ConsentGrant::user_roles(
            demo::BOB,
            demo::MCP_SERVER,
            [AUDITOR],
        ))
        // Nobody has consented to Calendars.Read yet.
        .grant(ConsentGrant::delegated(
            demo::MCP_SERVER,
            GRAPH,
            ["User.Read", "Mail.Send"],
        ))
        .grant(ConsentGrant::delegated(
            demo::MCP_SERVER,
            FOUNDRY,
            [USER_IMPERSONATION],
        ));
    Directory::new().tenant(tenant)
}
