//! Set-up in order: blueprint, its principal, its credential, its face as an API, the agent identity,
//! its user account, permissions. Every request is told before it is made.

use std::error::Error;
use std::time::Duration;

use entra_obo::ExchangeClient;
use mcp_auth::claims::UnverifiedToken;
use mcp_auth::scopes::{ClientId, ScopeSet};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{api, mcp_server, runtime};

/// What the token of the management app needs: for agents, and for granting permissions.
pub const PERMISSIONS: [&str; 8] = [
    "AgentIdentityBlueprint.Create",
    "AgentIdentityBlueprint.Read.All",
    "AgentIdentityBlueprint.AddRemoveCreds.All",
    "AgentIdentityBlueprint.UpdateAuthProperties.All",
    "AgentIdentityBlueprintPrincipal.Create",
    "Application.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
];

/// Beside one of these, Microsoft Graph ignores a token's permissions for agents.
const SHADOWING: [&str; 2] = ["Directory.AccessAsUser.All", "Directory.ReadWrite.All"];

pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
pub const BLUEPRINTS: &str = "v1.0/applications/microsoft.graph.agentIdentityBlueprint";

/// What there is already.
pub struct Given {
    /// Origin of Microsoft Graph.
    pub graph: String,
    /// Issuer of the tenant's tokens, and the object id of the managed identity that the blueprint
    /// trusts.
    pub issuer: String,
    pub machine: String,
    /// The app at which users sign in, the MCP server and the API.
    pub app: ClientId,
    pub mcp: ClientId,
    pub api: ClientId,
    /// The sign-in name of the agent's user account.
    pub account: String,
    /// How often what was just made may be missing, and the pause between.
    pub patience: (u32, Duration),
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub blueprint: ClientId,
    pub agent: ClientId,
    pub account: String,
}

/// Says before any request why a token cannot make agents.
pub fn check_token(token: &str) -> Result<(), Box<dyn Error>> {
    let token = UnverifiedToken::decode(token)?;
    let claims = token.claims();
    let held: Vec<_> = claims.scopes().collect();
    if let Some(broad) = SHADOWING.iter().find(|broad| held.contains(broad)) {
        return Err(format!(
            "this token of client {} carries {broad}, as the Azure CLI's always do: beside it Microsoft \
             Graph ignores every permission for agents and answers 403. Sign in at a management app of \
             your own (public, single tenant) that has the permissions for agents and nothing broader",
            claims.azp_or_appid().unwrap_or("(none)")
        )
        .into());
    }
    let missing: Vec<_> = PERMISSIONS
        .iter()
        .filter(|p| !held.contains(p))
        .copied()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("this token lacks {}", missing.join(", ")).into())
}

/// Requests to Microsoft Graph with one token.
pub struct Graph {
    http: reqwest::Client,
    origin: String,
    token: String,
}

impl Graph {
    pub fn new(origin: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
            origin: origin.to_owned(),
            token: token.to_owned(),
        })
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(StatusCode, Value), Box<dyn Error>> {
        eprintln!("{method} {}/{path}", self.origin);
        let request = self.http.request(method, format!("{}/{path}", self.origin));
        let request = request
            .bearer_auth(&self.token)
            .header("OData-Version", "4.0");
        let answer = match body {
            Some(body) => request.json(&body).send().await?,
            None => request.send().await?,
        };
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value, Box<dyn Error>> {
        done(path, self.send(Method::POST, path, Some(body)).await?)
    }

    /// The object id of an application's service principal.
    async fn principal(&self, client: &str) -> Result<Value, Box<dyn Error>> {
        let path = format!("v1.0/servicePrincipals?$filter=appId eq '{client}'");
        let found = done(&path, self.send(Method::GET, &path, None).await?)?;
        let found = found["value"][0].clone();
        if found.is_null() {
            return Err(format!("{client} has no service principal in this tenant").into());
        }
        Ok(found)
    }

    /// A delegated permission of `client` for all users.
    pub async fn grant(
        &self,
        client: &Value,
        resource: &str,
        scope: &str,
    ) -> Result<(), Box<dyn Error>> {
        let resource = self.principal(resource).await?["id"].clone();
        let grant = json!({
            "clientId": client,
            "consentType": "AllPrincipals",
            "resourceId": resource,
            "scope": scope,
            // Some tenants demand one.
            "startTime": "2024-01-01T00:00:00Z",
        });
        self.post("v1.0/oauth2PermissionGrants", grant).await?;
        Ok(())
    }

    /// An application permission of an agent identity.
    async fn assign(&self, agent: &str, resource: &str, role: &str) -> Result<(), Box<dyn Error>> {
        let resource = self.principal(resource).await?;
        let roles = resource["appRoles"].as_array().cloned().unwrap_or_default();
        let found = roles.iter().find(|known| known["value"] == role);
        let found = found.ok_or_else(|| format!("the resource has no role {role}"))?;
        let assignment = json!({
            "principalId": agent,
            "resourceId": resource["id"],
            "appRoleId": found["id"],
        });
        let path = format!("v1.0/servicePrincipals/{agent}/appRoleAssignments");
        self.post(&path, assignment).await?;
        Ok(())
    }
}

fn done(path: &str, (status, body): (StatusCode, Value)) -> Result<Value, Box<dyn Error>> {
    if status.is_success() {
        return Ok(body);
    }
    let error = &body["error"];
    Err(format!(
        "{path} answered {status}: {} {}",
        error["code"], error["message"]
    )
    .into())
}

/// Whether the tenant has Entra Agent ID, and the signed-in person the role for it.
pub async fn check_tenant(graph: &Graph) -> Result<(), Box<dyn Error>> {
    let (status, body) = graph
        .send(Method::GET, &format!("{BLUEPRINTS}?$top=1"), None)
        .await?;
    let said = body["error"]["message"].as_str().unwrap_or_default();
    match status {
        StatusCode::FORBIDDEN => Err(
            "the person who signed in may not manage agents: the role Agent ID \
            Developer or Agent ID Administrator is needed (a credential needs the latter)"
                .into(),
        ),
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => {
            Err(format!("Entra Agent ID is not available in this tenant: {said}").into())
        }
        _ => done(BLUEPRINTS, (status, body)).map(|_| ()),
    }
}

/// Makes everything. `blueprint` gives the client of the blueprint, once it has its credential.
pub async fn make(
    given: &Given,
    token: &str,
    blueprint: impl Fn(ClientId) -> Result<ExchangeClient, Box<dyn Error>>,
) -> Result<Made, Box<dyn Error>> {
    check_token(token)?;
    let graph = Graph::new(&given.graph, token)?;
    check_tenant(&graph).await?;
    let me = UnverifiedToken::decode(token)?;
    let me = me
        .claims()
        .oid()
        .ok_or("the token names no user")?
        .to_owned();
    let sponsors = json!([format!("https://graph.microsoft.com/v1.0/users/{me}")]);

    // 1 and 2: the blueprint, and the principal that Graph does not make with it.
    let body = json!({ "displayName": "Travel agents", "sponsors@odata.bind": sponsors });
    let made = graph.post(BLUEPRINTS, body).await?;
    let id = made["appId"]
        .as_str()
        .ok_or("no appId was given")?
        .to_owned();
    let principal = "v1.0/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal";
    let principal = graph.post(principal, json!({ "appId": id })).await?;
    // 3: its credential, a managed identity.
    let trust = json!({
        "name": "runtime",
        "issuer": given.issuer,
        "subject": given.machine,
        "audiences": ["api://AzureADTokenExchange"],
    });
    let path = format!("v1.0/applications/{id}/federatedIdentityCredentials");
    graph.post(&path, trust).await?;
    // 4: what it is as an API, so that users' tokens can be for it.
    let face = json!({
        "identifierUris": [format!("api://{id}")],
        "api": { "oauth2PermissionScopes": [scope(runtime::CALL)] },
    });
    let path = format!("v1.0/applications/{id}");
    done(&path, graph.send(Method::PATCH, &path, Some(face)).await?)?;
    let app = graph.principal(&given.app.to_string()).await?["id"].clone();
    graph.grant(&app, &id, runtime::CALL).await?;

    // 5 and 6: the agent identity and its account, made by the blueprint itself.
    let own = blueprint(ClientId::parse(&id)?)?;
    let own = own.for_app(ScopeSet::parse("https://graph.microsoft.com/.default")?)?;
    let own = patiently(given.patience, async || Ok(own.token().await?)).await?;
    let own = Graph::new(&given.graph, own.expose())?;
    let identity = json!({
        "displayName": "Travel agent",
        "agentIdentityBlueprintId": id,
        "sponsors@odata.bind": sponsors,
    });
    let path = "beta/servicePrincipals/Microsoft.Graph.AgentIdentity";
    let made = patiently(given.patience, async || {
        own.post(path, identity.clone()).await
    })
    .await?;
    let agent = made["appId"]
        .as_str()
        .ok_or("no appId was given")?
        .to_owned();
    let account = json!({
        "@odata.type": "microsoft.graph.agentUser",
        "displayName": "Travel agent",
        "userPrincipalName": given.account,
        "mailNickname": given.account.split('@').next(),
        "identityParentId": agent,
        "accountEnabled": true,
    });
    patiently(given.patience, async || {
        own.post("beta/users", account.clone()).await
    })
    .await?;

    // 7: its permissions. The grant to the agent identity itself is the one that surely helps.
    let client = json!(agent);
    graph.grant(&client, GRAPH, "User.Read").await?;
    graph
        .grant(&client, &given.mcp.to_string(), mcp_server::READ)
        .await?;
    graph
        .grant(&client, &given.api.to_string(), api::READ)
        .await?;
    graph
        .assign(&agent, &given.api.to_string(), api::READ_ALL)
        .await?;
    eprintln!("the blueprint's principal is {}", principal["id"]);
    Ok(Made {
        blueprint: ClientId::parse(&id)?,
        agent: ClientId::parse(&agent)?,
        account: given.account.clone(),
    })
}

fn scope(name: &str) -> Value {
    json!({
        "id": "8d5c6a3e-5f0f-4b8f-9d5e-2f7d3c1b0a11",
        "value": name,
        "type": "User",
        "isEnabled": true,
        "adminConsentDisplayName": "Call the agent",
        "adminConsentDescription": "Call the agent as the signed-in user",
    })
}

/// What was just made takes up to two minutes to be known everywhere.
async fn patiently<T>(
    (times, pause): (u32, Duration),
    mut ask: impl AsyncFnMut() -> Result<T, Box<dyn Error>>,
) -> Result<T, Box<dyn Error>> {
    for _ in 1..times {
        match ask().await {
            Ok(done) => return Ok(done),
            Err(error) => eprintln!("not yet: {error}"),
        }
        tokio::time::sleep(pause).await;
    }
    ask().await
}
