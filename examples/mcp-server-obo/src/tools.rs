//! The tools. Each acts for the user who calls it, and for no other.

use std::error::Error;

use mcp_auth::Caller;
use mcp_auth::rmcp::{McpRequest, StepUp};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResponse, CallToolResult};
use rmcp::schemars::JsonSchema;
use rmcp::{ErrorData, tool, tool_router};
use serde::Deserialize;
use serde_json::json;

use crate::downstream::Api;
use crate::settings::Settings;
use crate::wire;

#[derive(Clone)]
pub struct Tools {
    http: reqwest::Client,
    graph: String,
    profile: Api,
    calendar: Api,
    mail: Api,
    responses: String,
    model: String,
    foundry: Api,
}

impl Tools {
    pub fn new(step_up: &StepUp, settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let entra = &settings.entra;
        let graph = |scope: &str| -> Result<Api, Box<dyn Error>> {
            Ok(Api {
                name: "Microsoft Graph",
                downstream: entra.downstream(&format!("https://graph.microsoft.com/{scope}"))?,
                step_up: step_up.clone(),
            })
        };
        let foundry = &settings.foundry;
        Ok(Self {
            http: wire::client()?,
            graph: settings.graph.clone(),
            profile: graph("User.Read")?,
            calendar: graph("Calendars.Read")?,
            mail: graph("Mail.Send")?,
            responses: format!("{}/openai/v1/responses", foundry.project_url),
            model: foundry.model.clone(),
            foundry: Api {
                name: "the Foundry project",
                downstream: entra.downstream(foundry.scope.as_str())?,
                step_up: step_up.clone(),
            },
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Mail {
    /// Whom to write to.
    to: String,
    /// What about.
    subject: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Question {
    /// What to ask.
    question: String,
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "Whom the server sees. Calls nothing.")]
    async fn whoami(&self, caller: Caller) -> CallToolResult {
        let principal = caller.principal();
        CallToolResult::structured(json!({
            "tenant": principal.tenant().to_string(),
            "object": principal.object().to_string(),
            "client": principal.client().to_string(),
            "kind": principal.kind().as_str(),
        }))
    }

    #[tool(description = "Whether the caller is an auditor, for whom alone it runs")]
    async fn audit(&self, caller: Caller) -> CallToolResult {
        CallToolResult::structured(json!({ "auditor": caller.principal().object().to_string() }))
    }

    #[tool(description = "The caller's profile, from Microsoft Graph")]
    async fn read_profile(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        let request = self.http.get(format!("{}/v1.0/me", self.graph));
        self.profile.call(&mcp, request).await
    }

    #[tool(description = "The caller's next appointments, from Microsoft Graph")]
    async fn read_calendar(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        let request = self.http.get(format!("{}/v1.0/me/events", self.graph));
        self.calendar.call(&mcp, request).await
    }

    #[tool(description = "Sends a mail as the caller, through Microsoft Graph")]
    async fn send_mail(
        &self,
        mcp: McpRequest,
        Parameters(mail): Parameters<Mail>,
    ) -> Result<CallToolResponse, ErrorData> {
        let message = json!({
            "message": {
                "subject": mail.subject,
                "toRecipients": [{ "emailAddress": { "address": mail.to } }],
            },
        });
        let request = self.http.post(format!("{}/v1.0/me/sendMail", self.graph));
        self.mail.call(&mcp, request.json(&message)).await
    }

    #[tool(description = "Asks a model of a Foundry project, as the caller")]
    async fn ask_foundry(
        &self,
        mcp: McpRequest,
        Parameters(Question { question }): Parameters<Question>,
    ) -> Result<CallToolResponse, ErrorData> {
        let body = json!({ "model": self.model, "input": question });
        let request = self.http.post(&self.responses).json(&body);
        self.foundry.call(&mcp, request).await
    }
}
