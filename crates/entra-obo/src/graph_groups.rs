//! Groups of a user from Microsoft Graph, for tokens that do not list them (groups overage).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::VerifiedToken;
use entra_claims::groups::{GroupSource, GroupSourceError};
use entra_claims::transport::{BoxFuture, HttpClient, HttpTransport};
use foundry_scopes::{ObjectId, Scope, ScopeSet, TenantId, catalogue};
use http::{Request, StatusCode, header};
use serde::Deserialize;

use crate::assertion::UserAssertion;
use crate::client::{AppDownstream, Downstream, ExchangeClient};
use crate::error::{ExchangeError, NextStep};
use crate::token::AccessToken;

/// Asks Microsoft Graph for the groups of a user (Graph doc "directoryObject:
/// getMemberObjects"), as the source of a
/// [`GroupDirectory`](entra_claims::groups::GroupDirectory).
///
/// | made with | asks as | permission |
/// | --- | --- | --- |
/// | [`on_behalf_of`](Self::on_behalf_of) | the user, for the user's own groups | delegated `User.Read` |
/// | [`as_app`](Self::as_app) | the application, for users of its tenant | application `GroupMember.Read.All` and `User.ReadBasic.All` |
///
/// Tokens go to Graph alone, over https, and come from the client's cache.
///
/// ```
/// use entra_claims::groups::GroupDirectory;
/// use entra_obo::graph_groups::GraphGroups;
/// # use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
/// # use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};
/// # let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// # let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// # let secret = ClientCredential::secret(ClientSecret::new("secret"));
/// # let authority = TenantAuthority::new(Cloud::public(), tenant);
/// # let client = ExchangeClient::new(authority, client, secret)?;
///
/// let groups = GroupDirectory::new(GraphGroups::on_behalf_of(&client)?);
/// # let _ = groups;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GraphGroups {
    asks: Asks,
    /// The tenant of the application, whose users it may ask for.
    tenant: TenantId,
    /// `https://graph.microsoft.com/v1.0`.
    base: String,
    transport: Arc<dyn HttpTransport>,
    security_only: bool,
}

enum Asks {
    OnBehalfOf(Downstream),
    AsApp(AppDownstream),
}

impl fmt::Debug for GraphGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = match self.asks {
            Asks::OnBehalfOf(_) => "on behalf of",
            Asks::AsApp(_) => "as app",
        };
        f.debug_struct("GraphGroups")
            .field("asks", &asks)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// What Graph answers at most (Graph doc "directoryObject: getMemberObjects").
const MOST: usize = 11_000;

impl GraphGroups {
    /// On behalf of each user, for that user's own groups.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): Graph is not known in the client's cloud.
    pub fn on_behalf_of(client: &ExchangeClient) -> Result<Self, ExchangeError> {
        let graph = graph(client)?;
        let scope = format!("{}/User.Read", graph.resource());
        let scope = ScopeSet::parse(&scope)
            .map_err(|_| ExchangeError::configuration("the scope of Graph is not readable"))?;
        Self::new(client, &graph, Asks::OnBehalfOf(client.downstream(scope)?))
    }

    /// As the application, for users of its own tenant.
    ///
    /// # Errors
    ///
    /// As for [`on_behalf_of`](Self::on_behalf_of).
    pub fn as_app(client: &ExchangeClient) -> Result<Self, ExchangeError> {
        let graph = graph(client)?;
        let asks = Asks::AsApp(client.for_app(ScopeSet::from(graph.clone()))?);
        Self::new(client, &graph, asks)
    }

    fn new(client: &ExchangeClient, graph: &Scope, asks: Asks) -> Result<Self, ExchangeError> {
        let transport = HttpClient::new();
        let transport = transport
            .map_err(|_| ExchangeError::configuration("the http client cannot be built"))?;
        Ok(Self {
            asks,
            tenant: client.authority().tenant(),
            base: format!("{}/v1.0", graph.resource().trim_end_matches('/')),
            transport: Arc::new(transport),
            security_only: false,
        })
    }

    /// Only groups that are for security; usually all groups and directory roles are asked for,
    /// as Graph does.
    #[must_use]
    pub fn security_groups_only(mut self) -> Self {
        self.security_only = true;
        self
    }

    /// Asks another Graph, `http://localhost:8080/graph/v1.0` of a local Entra ID say. Every
    /// address here gets tokens for Graph.
    #[must_use]
    pub fn at(mut self, base: impl AsRef<str>) -> Self {
        base.as_ref()
            .trim_end_matches('/')
            .clone_into(&mut self.base);
        self
    }

    /// Sends requests through this transport. It must not follow redirects: the request carries
    /// a token.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = transport;
        self
    }

    async fn ask(&self, user: &VerifiedToken) -> Result<Vec<ObjectId>, GroupSourceError> {
        let principal = user.principal();
        if principal.tenant() != self.tenant {
            return Err(GroupSourceError::new(
                "the user is of another tenant than the application",
            ));
        }
        let (token, address) = match &self.asks {
            Asks::OnBehalfOf(downstream) => {
                let assertion = UserAssertion::try_from(user).map_err(|_| {
                    GroupSourceError::new("the token is no assertion for Microsoft Graph")
                })?;
                let token = downstream.token_on_behalf_of(&assertion).await;
                (token, format!("{}/me/getMemberObjects", self.base))
            }
            Asks::AsApp(downstream) => {
                let object = principal.object();
                let address = format!("{}/users/{object}/getMemberObjects", self.base);
                (downstream.token().await, address)
            }
        };
        let token = token.map_err(|error| no_token(&error))?;
        self.groups_at(&address, &token).await
    }

    async fn groups_at(
        &self,
        address: &str,
        token: &AccessToken,
    ) -> Result<Vec<ObjectId>, GroupSourceError> {
        const ODD: GroupSourceError = GroupSourceError::new("Microsoft Graph cannot be asked");
        let mut bearer = header::HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| ODD)?;
        bearer.set_sensitive(true);
        let body = format!("{{\"securityEnabledOnly\":{}}}", self.security_only);
        let request = Request::post(address)
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into_bytes())
            .map_err(|_| ODD)?;
        let answer = self.transport.send(request).await;
        let answer = answer.map_err(|_| GroupSourceError::new("Microsoft Graph did not answer"))?;
        match answer.status() {
            StatusCode::OK => read(answer.body()),
            status => Err(refused(status, answer.headers(), answer.body())),
        }
    }
}

impl GroupSource for GraphGroups {
    fn groups<'a>(
        &'a self,
        user: &'a VerifiedToken,
    ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>> {
        Box::pin(self.ask(user))
    }
}

/// `<graph>/.default` in the cloud of the client; a local Entra ID has the public one's.
fn graph(client: &ExchangeClient) -> Result<Scope, ExchangeError> {
    let scope = catalogue::GRAPH.default_scope(client.authority().cloud());
    scope.ok_or_else(|| ExchangeError::configuration("Microsoft Graph is not known in this cloud"))
}

fn no_token(error: &ExchangeError) -> GroupSourceError {
    let why = match error.next() {
        NextStep::AskConsent => "there is no consent for Microsoft Graph",
        NextStep::PassOnClaims | NextStep::SignInAgain => {
            "the user must sign in again before Microsoft Graph can be asked"
        }
        _ => "there is no token for Microsoft Graph",
    };
    GroupSourceError::new(why)
}

/// All of the ids, or none: an answer that is read in part would be another user's truth.
fn read(body: &[u8]) -> Result<Vec<ObjectId>, GroupSourceError> {
    #[derive(Deserialize)]
    struct Wire {
        value: Vec<String>,
        #[serde(rename = "@odata.nextLink")]
        next: Option<serde::de::IgnoredAny>,
    }
    const ODD: GroupSourceError = GroupSourceError::new("the answer of Microsoft Graph is odd");
    let wire: Wire = serde_json::from_slice(body).map_err(|_| ODD)?;
    if wire.next.is_some() || wire.value.len() > MOST {
        return Err(ODD);
    }
    let ids = wire.value.iter().map(|id| ObjectId::parse(id));
    ids.collect::<Result<_, _>>().map_err(|_| ODD)
}

fn refused(status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> GroupSourceError {
    #[derive(Deserialize)]
    struct Wire {
        error: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        code: String,
    }
    let code = serde_json::from_slice::<Wire>(body).map(|wire| wire.error.code);
    let too_many = code.is_ok_and(|code| code == "Directory_ResultSizeLimitExceeded");
    let wait = headers.get(header::RETRY_AFTER);
    let wait = wait.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let error = GroupSourceError::new(match status {
        _ if too_many => "the user is in more groups than Microsoft Graph tells",
        StatusCode::UNAUTHORIZED => "Microsoft Graph does not take the token",
        StatusCode::FORBIDDEN => "the permission for groups is missing at Microsoft Graph",
        StatusCode::NOT_FOUND => "Microsoft Graph does not know the user",
        StatusCode::TOO_MANY_REQUESTS => "Microsoft Graph asks for patience",
        _ => "Microsoft Graph refused",
    });
    match wait {
        Some(seconds) => error.retry_after(Duration::from_secs(seconds)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let id = "0a1b2c3d-0000-4000-8000-000000000001";
        let good = format!("{{\"value\":[\"{id}\"]}}");
        assert_eq!(
            read(good.as_bytes()).unwrap(),
            [ObjectId::parse(id).unwrap()]
        );
        assert_eq!(read(b"{\"value\":[]}").unwrap(), []);
        let many = vec![format!("\"{id}\""); MOST + 1].join(",");
        for bad in [
            "{}".to_owned(),
            "<html>".to_owned(),
            "{\"value\":[\"x\"]}".to_owned(),
            format!("{{\"value\":[\"{id}\",1]}}"),
            format!("{{\"value\":[\"{id}\"],\"@odata.nextLink\":\"x\"}}"),
            format!("{{\"value\":[{many}]}}"),
        ] {
            assert!(read(bad.as_bytes()).is_err());
        }
    }
}
