//! The built-in demo directory, as constants: what the binary serves, and what examples
//! and tests use.
//!
//! The story: an MCP client signs Alice in and calls the MCP server, which calls the
//! Orders API on her behalf. Two more APIs show what is refused.
//!
//! | app | scopes | who may call it |
//! | --- | --- | --- |
//! | [`MCP_SERVER`] | [`MCP_READ`], [`MCP_WRITE`] | [`MCP_CLIENT`], for all users; [`DAEMON`] as itself, with [`MCP_RUN_ROLE`] |
//! | [`ORDERS_API`] | [`ORDERS_READ`], [`ORDERS_WRITE`] | [`MCP_SERVER`] with [`ORDERS_READ`], for all users, and as itself with [`ORDERS_ROLE`] |
//! | [`PAYROLL_API`] | [`PAYROLL_READ`] | no client: consent is missing |
//! | [`REPORTS_API`] (v1 tokens) | [`REPORTS_READ`] | [`MCP_CLIENT`], for all users |
//! | [`BLUEPRINT`] | [`BLUEPRINT_SCOPE`] | [`MCP_CLIENT`], for all users |
//!
//! Microsoft's own resources are there as in every tenant: the MCP server may call Microsoft
//! Graph ([`GRAPH_SCOPE`]), Azure OpenAI ([`COGNITIVE_SERVICES_SCOPE`]) and Foundry
//! ([`FOUNDRY_SCOPE`]) on behalf of all users, and as itself. [`AGENT`] is an agent identity of
//! the blueprint: it calls the Orders API alone, for the users who call it, and as the agent
//! user [`AGENT_USER`].
//!
//! The secrets here are public. They are for demos and tests and open nothing.
//!
//! ```
//! use entra_emulator::{Directory, demo};
//!
//! let directory = Directory::demo();
//! let tenant = directory.tenants().find(|t| t.id() == demo::TENANT).expect("the demo tenant");
//! assert!(tenant.users().any(|u| u.object_id() == demo::ALICE));
//! assert_eq!(demo::ORDERS_READ_SCOPE, format!("{}/{}", demo::ORDERS_API_URI, demo::ORDERS_READ));
//! ```

use crate::directory::{
    App, COGNITIVE_SERVICES, ConsentGrant, Directory, FOUNDRY, GRAPH, RequestedTokenVersion,
    Tenant, User,
};

/// The tenant's id.
pub const TENANT: &str = "c0de0000-7e4a-4000-8000-00000000c001";
/// The tenant's verified domain.
pub const TENANT_DOMAIN: &str = "contoso.onmicrosoft.com";
/// Another tenant, with its own user and the same MCP client and MCP server.
pub const OTHER_TENANT: &str = "c0de0000-7e4a-4000-8000-00000000fab1";
/// The other tenant's verified domain.
pub const OTHER_TENANT_DOMAIN: &str = "fabrikam.onmicrosoft.com";

/// Alice's object id.
pub const ALICE: &str = "c0de0000-0b1e-4000-8000-0000000a11ce";
/// Alice's sign-in name, to be used as `login_hint`.
pub const ALICE_UPN: &str = "alice@contoso.onmicrosoft.com";
/// Alice's display name.
pub const ALICE_NAME: &str = "Alice Example";
/// Bob's object id.
pub const BOB: &str = "c0de0000-0b1e-4000-8000-000000000b0b";
/// Bob's sign-in name.
pub const BOB_UPN: &str = "bob@contoso.onmicrosoft.com";
/// Bob's display name.
pub const BOB_NAME: &str = "Bob Example";
/// Object id of Carol, a user of [`OTHER_TENANT`].
pub const CAROL: &str = "c0de0000-0b1e-4000-8000-00000000ca01";
/// Carol's sign-in name.
pub const CAROL_UPN: &str = "carol@fabrikam.onmicrosoft.com";

/// Client id of the public client: an MCP client, a command line, a desktop app.
pub const MCP_CLIENT: &str = "c0de0000-c11e-4000-8000-0000000000c1";
/// A redirect URI of [`MCP_CLIENT`]; any port works.
pub const MCP_CLIENT_REDIRECT_URI: &str = "http://localhost/callback";

/// Client id of the MCP server: an API and a confidential client. v2 tokens.
pub const MCP_SERVER: &str = "c0de0000-a4b1-4000-8000-0000000000a1";
/// Demo secret of [`MCP_SERVER`]. Public, opens nothing.
pub const MCP_SERVER_SECRET: &str = "demo-secret-of-the-mcp-server";
/// Application ID URI of [`MCP_SERVER`].
pub const MCP_SERVER_URI: &str = "api://c0de0000-a4b1-4000-8000-0000000000a1";
/// Short name of the MCP server's read scope.
pub const MCP_READ: &str = "mcp.read";
/// The MCP server's read scope as a client asks for it.
pub const MCP_READ_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000a1/mcp.read";
/// Short name of the MCP server's write scope.
pub const MCP_WRITE: &str = "mcp.write";
/// The MCP server's write scope as a client asks for it.
pub const MCP_WRITE_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000a1/mcp.write";
/// App role of the MCP server that [`DAEMON`] has.
pub const MCP_RUN_ROLE: &str = "Mcp.Run.All";

/// Client id of the downstream Orders API. v2 tokens.
pub const ORDERS_API: &str = "c0de0000-a4b1-4000-8000-0000000000b2";
/// Application ID URI of [`ORDERS_API`].
pub const ORDERS_API_URI: &str = "api://c0de0000-a4b1-4000-8000-0000000000b2";
/// Demo secret of [`ORDERS_API`], which calls Microsoft Graph as its users. Public, opens nothing.
pub const ORDERS_API_SECRET: &str = "demo-secret-of-the-orders-api";
/// Short name of the Orders API's scope.
pub const ORDERS_READ: &str = "orders.read";
/// Short name of the Orders API's scope for placing orders.
pub const ORDERS_WRITE: &str = "orders.write";
/// The Orders API's scope as a client asks for it.
pub const ORDERS_READ_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000b2/orders.read";
/// App role of the Orders API that [`MCP_SERVER`] has.
pub const ORDERS_ROLE: &str = "Orders.Read.All";
/// Scope with which [`MCP_SERVER`] calls the Orders API as itself.
pub const ORDERS_DEFAULT_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000b2/.default";

/// Client id of the Payroll API, for which no consent was given.
pub const PAYROLL_API: &str = "c0de0000-a4b1-4000-8000-0000000000b3";
/// Application ID URI of [`PAYROLL_API`].
pub const PAYROLL_API_URI: &str = "api://c0de0000-a4b1-4000-8000-0000000000b3";
/// Short name of the Payroll API's scope.
pub const PAYROLL_READ: &str = "payroll.read";
/// The Payroll API's scope as a client asks for it.
pub const PAYROLL_READ_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000b3/payroll.read";

/// Client id of the Reports API, which takes v1 tokens.
pub const REPORTS_API: &str = "c0de0000-a4b1-4000-8000-0000000000b4";
/// Application ID URI of [`REPORTS_API`].
pub const REPORTS_API_URI: &str = "api://c0de0000-a4b1-4000-8000-0000000000b4";
/// Short name of the Reports API's scope.
pub const REPORTS_READ: &str = "reports.read";
/// The Reports API's scope as a client asks for it.
pub const REPORTS_READ_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000b4/reports.read";

/// Client id of an app without users that calls the MCP server as itself.
pub const DAEMON: &str = "c0de0000-da30-4000-8000-0000000000d1";
/// Demo secret of [`DAEMON`]. Public, opens nothing.
pub const DAEMON_SECRET: &str = "demo-secret-of-the-daemon";
/// Scope with which [`DAEMON`] calls the MCP server as itself.
pub const MCP_DEFAULT_SCOPE: &str = "api://c0de0000-a4b1-4000-8000-0000000000a1/.default";

/// Scope of Microsoft Graph that [`MCP_SERVER`] has consent for.
pub const GRAPH_SCOPE: &str = "https://graph.microsoft.com/User.Read";
/// Scope of Azure OpenAI and the other Cognitive Services that [`MCP_SERVER`] has consent for.
pub const COGNITIVE_SERVICES_SCOPE: &str = "https://cognitiveservices.azure.com/user_impersonation";
/// Scope of Foundry projects that [`MCP_SERVER`] has consent for.
pub const FOUNDRY_SCOPE: &str = "https://ai.azure.com/user_impersonation";

/// Client id of an agent identity blueprint: it has the credential of its agents.
pub const BLUEPRINT: &str = "c0de0000-a6e0-4000-8000-0000000000b0";
/// Demo secret of [`BLUEPRINT`]. Public, opens nothing.
pub const BLUEPRINT_SECRET: &str = "demo-secret-of-the-blueprint";
/// Application ID URI of [`BLUEPRINT`].
pub const BLUEPRINT_URI: &str = "api://c0de0000-a6e0-4000-8000-0000000000b0";
/// The blueprint's scope as a client asks for it: calling its agents.
pub const BLUEPRINT_SCOPE: &str = "api://c0de0000-a6e0-4000-8000-0000000000b0/access_agent";
/// Client id of an agent identity of [`BLUEPRINT`].
pub const AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a0";
/// Object id of the agent user of [`AGENT`].
pub const AGENT_USER: &str = "c0de0000-0b1e-4000-8000-0000000000a0";
/// Sign-in name of [`AGENT_USER`].
pub const AGENT_USER_UPN: &str = "orders.agent@contoso.onmicrosoft.com";

impl Directory {
    /// The built-in demo directory; its ids and secrets are the constants of
    /// [`demo`](self).
    #[must_use]
    pub fn demo() -> Self {
        directory()
    }
}

fn directory() -> Directory {
    let contoso = Tenant::new(TENANT, TENANT_DOMAIN)
        .display_name("Contoso")
        .user(User::new(ALICE, ALICE_UPN, ALICE_NAME))
        .user(User::new(BOB, BOB_UPN, BOB_NAME))
        .app(mcp_client())
        .app(mcp_server())
        .app(
            App::new(ORDERS_API, "Orders API")
                .identifier_uri(ORDERS_API_URI)
                .token_version(RequestedTokenVersion::V2)
                .scope(ORDERS_READ)
                .scope(ORDERS_WRITE)
                .role(ORDERS_ROLE)
                .secret(ORDERS_API_SECRET),
        )
        .app(
            App::new(PAYROLL_API, "Payroll API")
                .identifier_uri(PAYROLL_API_URI)
                .token_version(RequestedTokenVersion::V2)
                .scope(PAYROLL_READ),
        )
        .app(
            App::new(REPORTS_API, "Reports API")
                .identifier_uri(REPORTS_API_URI)
                .token_version(RequestedTokenVersion::V1)
                .scope(REPORTS_READ),
        )
        .app(App::new(DAEMON, "Nightly job").secret(DAEMON_SECRET))
        .grant(ConsentGrant::delegated(
            MCP_CLIENT,
            MCP_SERVER,
            [MCP_READ, MCP_WRITE],
        ))
        .grant(ConsentGrant::delegated(
            MCP_CLIENT,
            REPORTS_API,
            [REPORTS_READ],
        ))
        .grant(ConsentGrant::delegated(
            MCP_SERVER,
            ORDERS_API,
            [ORDERS_READ],
        ))
        .grant(ConsentGrant::app_roles(
            MCP_SERVER,
            ORDERS_API,
            [ORDERS_ROLE],
        ))
        .grant(ConsentGrant::app_roles(DAEMON, MCP_SERVER, [MCP_RUN_ROLE]));
    let contoso = with_agent(with_microsoft(contoso));
    let fabrikam = Tenant::new(OTHER_TENANT, OTHER_TENANT_DOMAIN)
        .display_name("Fabrikam")
        .user(User::new(CAROL, CAROL_UPN, "Carol Example"))
        .app(mcp_client())
        .app(mcp_server())
        .grant(ConsentGrant::delegated(
            MCP_CLIENT,
            MCP_SERVER,
            [MCP_READ, MCP_WRITE],
        ));
    Directory::new().tenant(contoso).tenant(fabrikam)
}

/// Consent of the MCP server and of the Orders API for Microsoft's own resources.
fn with_microsoft(tenant: Tenant) -> Tenant {
    let graph = ["User.Read", "User.ReadBasic.All"];
    let others = [COGNITIVE_SERVICES, FOUNDRY]
        .map(|resource| ConsentGrant::delegated(MCP_SERVER, resource, ["user_impersonation"]));
    let tenant = tenant
        .grant(ConsentGrant::delegated(MCP_SERVER, GRAPH, graph))
        .grant(ConsentGrant::delegated(ORDERS_API, GRAPH, ["User.Read"]));
    others.into_iter().fold(tenant, Tenant::grant)
}

/// A blueprint with an agent identity and its user.
fn with_agent(tenant: Tenant) -> Tenant {
    let blueprint = App::new(BLUEPRINT, "Agent blueprint")
        .blueprint()
        .secret(BLUEPRINT_SECRET)
        .identifier_uri(BLUEPRINT_URI)
        .token_version(RequestedTokenVersion::V2)
        .redirect_uri("http://localhost/consented")
        .scope("access_agent");
    tenant
        .app(blueprint)
        .app(App::new(AGENT, "Orders agent").agent_identity_of(BLUEPRINT))
        .user(User::new(AGENT_USER, AGENT_USER_UPN, "Orders Agent").agent_account_of(AGENT))
        .grant(ConsentGrant::delegated(
            MCP_CLIENT,
            BLUEPRINT,
            ["access_agent"],
        ))
        .grant(ConsentGrant::delegated(AGENT, ORDERS_API, [ORDERS_READ]))
        .grant(ConsentGrant::app_roles(AGENT, ORDERS_API, [ORDERS_ROLE]))
}

fn mcp_client() -> App {
    App::new(MCP_CLIENT, "MCP client")
        .public()
        .redirect_uri("http://localhost")
        .redirect_uri(MCP_CLIENT_REDIRECT_URI)
        .redirect_uri("http://127.0.0.1")
        .redirect_uri("http://127.0.0.1/callback")
}

fn mcp_server() -> App {
    App::new(MCP_SERVER, "MCP server")
        .secret(MCP_SERVER_SECRET)
        .identifier_uri(MCP_SERVER_URI)
        .token_version(RequestedTokenVersion::V2)
        .scope(MCP_READ)
        .scope(MCP_WRITE)
        .role(MCP_RUN_ROLE)
}
