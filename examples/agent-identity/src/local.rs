//! The local tenant before the set-up: people, the app, the MCP server, the API, a machine.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use entra_emulator::{
    App, ConsentGrant, Directory, Emulator, OptionalClaim, Reading, RequestedTokenVersion, Tenant,
    User, demo,
};
use entra_obo::managed_identity::ManagedIdentity;
use entra_obo::{AgentUser, ClientCredential, ExchangeClient};
use mcp_auth::EntraApp;
use mcp_auth::scopes::{ClientId, TenantAuthority};

use crate::api;
use crate::mcp_server;
use crate::set_up::{GRAPH, Given, Made, PERMISSIONS};
use crate::settings::Settings;
use crate::sign_in::SignIn;

const APP: &str = "c0de0000-a9e0-4000-8000-0000000000c1";
const MANAGER: &str = "c0de0000-a9e0-4000-8000-0000000000c2";
const MCP: &str = "c0de0000-a9e0-4000-8000-0000000000b1";
const MCP_SECRET: &str = "demo-secret-of-the-mcp-server";
const API: &str = "c0de0000-a9e0-4000-8000-0000000000b2";
const MACHINE: &str = "c0de0000-a9e0-4000-8000-0000000000e1";
const MACHINE_OBJECT: &str = "c0de0000-a9e0-4000-8000-0000000000e2";
const ACCOUNT: &str = "travel.agent@contoso.onmicrosoft.com";

/// An API of another tenant, for the token that is not of this one.
pub const FOREIGN_API: &str = "c0de0000-a9e0-4000-8000-0000000000f1";
pub const FOREIGN_USER: &str = "c0de0000-a9e0-4000-8000-0000000000f2";

pub struct Local {
    pub emulator: Emulator,
}

impl Local {
    pub async fn start(readings: &[Reading]) -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(directory(readings)).await?;
        Ok(Self { emulator })
    }

    pub fn given(&self) -> Result<Given, Box<dyn Error>> {
        let base = self.emulator.base_url();
        Ok(Given {
            graph: format!("{base}/graph"),
            issuer: format!("{base}/{}/v2.0", demo::TENANT),
            machine: MACHINE_OBJECT.to_owned(),
            app: ClientId::parse(APP)?,
            mcp: ClientId::parse(MCP)?,
            api: ClientId::parse(API)?,
            account: ACCOUNT.to_owned(),
            patience: (1, Duration::ZERO),
        })
    }

    pub fn authority(&self) -> Result<TenantAuthority, Box<dyn Error>> {
        Ok(self.registration(APP, &[])?.authority().clone())
    }

    /// The blueprint's client, proved by the machine's managed identity.
    pub fn blueprint(&self, id: ClientId) -> Result<ExchangeClient, Box<dyn Error>> {
        let (endpoint, header) = (
            self.emulator.identity_endpoint(),
            self.emulator.identity_header(),
        );
        let machine = ManagedIdentity::app_service(endpoint, header).build()?;
        let credential = ClientCredential::federated(Arc::new(machine));
        Ok(ExchangeClient::new(self.authority()?, id, credential)?)
    }

    /// What a real tenant's environment would say after the set-up.
    pub fn settings(&self, made: &Made) -> Result<Settings, Box<dyn Error>> {
        let secret = [("AZURE_CLIENT_SECRET", MCP_SECRET)];
        Ok(Settings {
            app: ClientId::parse(APP)?,
            blueprint: self.registration(&made.blueprint.to_string(), &[])?,
            credentials: self.blueprint(made.blueprint)?,
            agent: made.agent,
            account: Some(AgentUser::upn(made.account.as_str())?),
            mcp: self.registration(MCP, &secret)?,
            api: self.registration(API, &[])?,
            graph: format!("{}/graph", self.emulator.base_url()),
        })
    }

    /// A token of a public client for a user, by code with PKCE.
    pub async fn sign_in(
        &self,
        client: &str,
        scope: &str,
        user: &str,
    ) -> Result<String, Box<dyn Error>> {
        let sign_in = SignIn::new(self.authority()?, ClientId::parse(client)?)?;
        sign_in
            .in_browser(scope, async |url| browse(url, user).await)
            .await
    }

    /// Alice at the management app, with all that the set-up needs.
    pub async fn manager(&self) -> Result<String, Box<dyn Error>> {
        let all = PERMISSIONS.map(|name| format!("https://graph.microsoft.com/{name}"));
        self.sign_in(MANAGER, &all.join(" "), demo::ALICE_UPN).await
    }

    /// As the Azure CLI gets them.
    pub fn cli_token(&self) -> Result<String, Box<dyn Error>> {
        let scopes = [
            "Directory.AccessAsUser.All",
            "AgentIdentityBlueprint.Create",
        ];
        let forge = self.emulator.forge();
        let token = forge.user_token(demo::TENANT, demo::ALICE, MANAGER, GRAPH, &scopes)?;
        Ok(token.sign()?)
    }

    fn registration(&self, id: &str, more: &[(&str, &str)]) -> Result<EntraApp, Box<dyn Error>> {
        let all = [
            ("AZURE_AUTHORITY_HOST", self.emulator.base_url()),
            ("AZURE_TENANT_ID", demo::TENANT),
            ("AZURE_CLIENT_ID", id),
        ];
        Ok(EntraApp::from_variables(all.iter().chain(more).copied())?)
    }
}

/// A browser in which this user is the only one.
async fn browse(url: String, user: &str) -> Result<(), Box<dyn Error>> {
    let mut url = url::Url::parse(&url)?;
    url.query_pairs_mut().append_pair("login_hint", user);
    let http = reqwest::Client::builder().no_proxy().build()?;
    let shown = http.get(url).send().await?;
    match shown.error_for_status_ref() {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error}: {}", shown.text().await?).into()),
    }
}

fn directory(readings: &[Reading]) -> Directory {
    let api = |id: &str, name: &str, scope: &str| {
        let app = App::new(id, name)
            .identifier_uri(format!("api://{id}"))
            .token_version(RequestedTokenVersion::V2)
            .scope(scope);
        // Without them an API cannot tell agents from other clients.
        [
            OptionalClaim::IdtypWithUser,
            OptionalClaim::XmsActFct,
            OptionalClaim::XmsSubFct,
            OptionalClaim::XmsParAppAzp,
        ]
        .into_iter()
        .fold(app, App::optional_claim)
    };
    let public = |id: &str, name: &str| {
        let app = App::new(id, name).public();
        app.redirect_uri("http://localhost/callback")
    };
    let tenant = Tenant::new(demo::TENANT, demo::TENANT_DOMAIN)
        .display_name("Contoso")
        .user(User::new(demo::ALICE, demo::ALICE_UPN, demo::ALICE_NAME))
        .user(User::new(demo::BOB, demo::BOB_UPN, demo::BOB_NAME))
        .app(public(APP, "Travel app"))
        .app(public(MANAGER, "Agent management"))
        .app(api(MCP, "Travel MCP server", mcp_server::READ).secret(MCP_SECRET))
        .app(api(API, "Bookings API", api::READ).role(api::READ_ALL))
        .app(
            App::new(MACHINE, "machine")
                .service_principal(MACHINE_OBJECT)
                .system_assigned_identity(),
        )
        .grant(ConsentGrant::delegated(MCP, API, [api::READ]))
        .grant(ConsentGrant::delegated(MANAGER, GRAPH, PERMISSIONS));
    let tenant = readings.iter().fold(tenant, |tenant, r| tenant.reading(*r));
    let foreign = Tenant::new(demo::OTHER_TENANT, "fabrikam.onmicrosoft.com")
        .user(User::new(
            FOREIGN_USER,
            "eve@fabrikam.onmicrosoft.com",
            "Eve",
        ))
        .app(App::new(APP, "Travel app").public())
        .app(App::new(FOREIGN_API, "Another API").scope("access_agent"));
    Directory::new().tenant(tenant).tenant(foreign)
}

impl Local {
    /// A token of Alice's for another API than the blueprint.
    pub fn other_audience(&self) -> Result<String, Box<dyn Error>> {
        let forge = self.emulator.forge();
        let token = forge.user_token(demo::TENANT, demo::ALICE, APP, MCP, &[mcp_server::READ])?;
        Ok(token.sign()?)
    }

    /// A token of another tenant's user, made out to the blueprint.
    pub fn other_tenant(&self, blueprint: &str) -> Result<String, Box<dyn Error>> {
        let (tenant, scopes) = (demo::OTHER_TENANT, ["access_agent"]);
        let forge = self.emulator.forge();
        let token = forge.user_token(tenant, FOREIGN_USER, APP, FOREIGN_API, &scopes)?;
        Ok(token.claim("aud", blueprint).sign()?)
    }
}
