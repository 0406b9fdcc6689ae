//! A published agent's own endpoint: the Responses protocol, with a token for Foundry or for the
//! agent's blueprint, answered at once or as a stream.

use std::error::Error;

use foundry_scopes::{AgentProtocol, ClientId, Endpoint, Scope};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::agent::{Turn, read};
use crate::identity::Identity;

/// The longest answer that is read.
const MOST: usize = 8 << 20;

/// How the agent authorizes its callers: its address does not say.
#[derive(Clone, Copy)]
pub enum Authorization {
    /// A token for Foundry and a role: `AzureRbac`, also written `Entra`.
    Roles,
    /// A token for the agent's blueprint: `AgentBlueprint`.
    Blueprint(ClientId),
}

/// One published agent, ready to be called.
pub struct Published {
    url: String,
    pub scope: Scope,
    pub notes: Vec<String>,
}

impl Published {
    pub fn pasted(text: &str, authorization: Authorization) -> Result<Self, Box<dyn Error>> {
        let endpoint = Endpoint::parse(text)?;
        if endpoint.protocol() != Some(AgentProtocol::Responses) || endpoint.agent().is_none() {
            return Err(format!(
                "an agent's Responses endpoint is needed (.../agents/<agent>/endpoint/protocols/openai), \
                 and this is {}",
                endpoint.kind()
            )
            .into());
        }
        let endpoint = match authorization {
            Authorization::Roles => endpoint,
            Authorization::Blueprint(blueprint) => endpoint.with_blueprint(blueprint)?,
        };
        Ok(Self {
            url: format!("{}/responses?api-version=v1", endpoint.base_url()),
            scope: endpoint.scope().clone(),
            notes: endpoint.notes().iter().map(ToString::to_string).collect(),
        })
    }

    /// The same agent, served by a stand-in: same path, same audience.
    pub fn served_by(mut self, origin: &str) -> Result<Self, Box<dyn Error>> {
        let url = url::Url::parse(&self.url)?;
        let query = url.query().unwrap_or_default();
        self.url = format!("{origin}{}?{query}", url.path());
        Ok(self)
    }
}

/// Whom an application speaks for at an agent (`x-ms-user-identity`): an opaque name that parts one
/// user's sessions from another's. It needs the data action `UserIdentityImpersonation`, which no
/// built-in role has, and it is no identity for what is behind the agent.
#[derive(Clone, Debug)]
pub struct UserIdentity(String);

impl UserIdentity {
    /// 1 to 256 characters of `A-Z a-z 0-9 . _ : - @`. Derive it on your server, never from what a
    /// client sends.
    pub fn new(text: &str) -> Result<Self, String> {
        let known = |b: u8| b.is_ascii_alphanumeric() || b"._:-@".contains(&b);
        match (1..=256).contains(&text.len()) && text.bytes().all(known) {
            true => Ok(Self(text.to_owned())),
            false => {
                Err("a user identity is 1 to 256 characters of A-Z a-z 0-9 . _ : - @".to_owned())
            }
        }
    }
}

/// A caller of a published agent.
pub struct Caller<'a> {
    pub http: &'a reqwest::Client,
    pub agent: &'a Published,
    pub identity: &'a Identity,
    pub user: Option<UserIdentity>,
}

impl Caller<'_> {
    pub async fn ask(&self, question: &str) -> Result<Turn, Box<dyn Error>> {
        let answer = self.send(json!({ "input": question })).await?;
        read(&answer.json().await?)
    }

    /// The answer as it is written; `told` gets each piece. `previous` is the response after which the
    /// user consented.
    pub async fn stream(
        &self,
        question: &str,
        previous: Option<&str>,
        mut told: impl FnMut(&str),
    ) -> Result<Turn, Box<dyn Error>> {
        let mut body = json!({ "input": question, "stream": true });
        if let Some(previous) = previous {
            body["previous_response_id"] = json!(previous);
        }
        let mut answer = self.send(body).await?;
        let mut events = Events::default();
        while let Some(chunk) = answer.chunk().await? {
            for event in events.push(&chunk)? {
                match event["type"].as_str().unwrap_or_default() {
                    "response.output_text.delta" => {
                        told(event["delta"].as_str().unwrap_or_default());
                    }
                    "response.completed" | "response.incomplete" => {
                        return read(&event["response"]);
                    }
                    "response.failed" => {
                        let error = &event["response"]["error"]["message"];
                        return Err(format!("the agent failed: {error}").into());
                    }
                    _ => {}
                }
            }
        }
        Err("the stream ended before the response did".into())
    }

    async fn send(&self, body: Value) -> Result<reqwest::Response, Box<dyn Error>> {
        let token = self.identity.token(&self.agent.scope).await?;
        let mut request = self
            .http
            .post(&self.agent.url)
            .bearer_auth(token)
            // Without it some agents answer `preview_feature_required`.
            .header("Foundry-Features", "HostedAgents=V1Preview")
            .json(&body);
        if let Some(UserIdentity(user)) = &self.user {
            request = request.header("x-ms-user-identity", user);
        }
        let answer = request.send().await?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            status => Err(self.refused(status).into()),
        }
    }

    /// What a refusal most often means.
    fn refused(&self, status: StatusCode) -> String {
        let asked = self.agent.scope.resource();
        let advice = match status.as_u16() {
            401 => format!(
                "the token was for {asked}. An agent takes one for https://ai.azure.com (`AzureRbac`, also \
                 written `Entra`, with a role: the data plane says 401 for a missing one too) or one for its \
                 blueprint, api://<blueprint> (`AgentBlueprint`): its `authorization_schemes` say which"
            ),
            403 if self.user.is_some() => "the caller may not name users: the data action \
                UserIdentityImpersonation is in no built-in role"
                .to_owned(),
            403 => "the caller lacks a role on the agent or project".to_owned(),
            404 => "there is no such agent or response".to_owned(),
            _ => String::new(),
        };
        format!("{} answered {status}: {advice}", self.agent.url)
    }
}

/// Server-sent events, cut out of what arrives.
#[derive(Default)]
struct Events {
    rest: Vec<u8>,
    read: usize,
}

impl Events {
    fn push(&mut self, chunk: &[u8]) -> Result<Vec<Value>, Box<dyn Error>> {
        self.read += chunk.len();
        if self.read > MOST {
            return Err("the answer is too long".into());
        }
        self.rest
            .extend(chunk.iter().filter(|byte| **byte != b'\r'));
        let mut events = Vec::new();
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            let block = String::from_utf8(block)?;
            let data = block.lines().filter_map(|line| line.strip_prefix("data:"));
            let data = data.map(|line| line.strip_prefix(' ').unwrap_or(line));
            let data = data.collect::<Vec<_>>().join("\n");
            if !data.is_empty() && data != "[DONE]" {
                events.push(serde_json::from_str(&data)?);
            }
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::{Authorization, ClientId, Events, Published, UserIdentity};

    const AGENT: &str = "https://contoso.services.ai.azure.com/api/projects/p/agents/a/endpoint/protocols/openai/responses";

    #[test]
    fn a_user_identity_has_its_limits() {
        assert!(UserIdentity::new(&"a".repeat(256)).is_ok());
        assert!(UserIdentity::new("tenant:user_1@contoso.example-x").is_ok());
        for bad in ["", "a b", "a/b", "ä", "a\nb", &"a".repeat(257)] {
            assert!(UserIdentity::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_audience_is_foundrys_or_the_blueprints() {
        let roles = Published::pasted(AGENT, Authorization::Roles).unwrap();
        assert_eq!(roles.scope.as_str(), "https://ai.azure.com/.default");
        assert!(
            roles
                .notes
                .iter()
                .any(|note| note.contains("AgentBlueprint"))
        );
        let blueprint = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap();
        let own = Published::pasted(AGENT, Authorization::Blueprint(blueprint)).unwrap();
        assert_eq!(own.scope.resource(), format!("api://{blueprint}"));
        let project = "https://contoso.services.ai.azure.com/api/projects/p";
        assert!(Published::pasted(project, Authorization::Roles).is_err());
    }

    #[test]
    fn events_are_cut_wherever_the_network_cuts() {
        let text = "event: a\r\ndata: {\"n\":1}\r\n\r\n: ping\n\ndata: {\"n\":\ndata: 2}\n\ndata: [DONE]\n\n";
        let mut events = Events::default();
        let mut seen = Vec::new();
        for byte in text.as_bytes() {
            seen.extend(events.push(&[*byte]).unwrap());
        }
        assert_eq!(
            seen,
            [serde_json::json!({"n": 1}), serde_json::json!({"n": 2})]
        );
    }
}
