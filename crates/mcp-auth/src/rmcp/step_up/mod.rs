//! `StepUp`: consent and step-up authentication for the client of an `rmcp` server.

mod answer;
mod builder;
mod causes;
mod choose;
mod sign_in;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::Clock;
use entra_obo::{AccessToken, Downstream};
use entra_parts::seal::{SealError, Sealer};

use super::request::{McpRequest, Reply};
use crate::consent::ConsentPages;
use crate::on_behalf_of::OnBehalfOfError;
use answer::Need;
use causes::Causes;

pub use answer::StepUpAnswer;
pub use builder::StepUpBuilder;

/// Gets tokens as the caller, and turns what is missing into what this client can use.
///
/// One per server, made at start; cloning copies a pointer. [`token`](Self::token) is the
/// one call of a tool:
///
/// ```
/// use entra_obo::Downstream;
/// use mcp_auth::rmcp::{McpRequest, StepUp};
/// use rmcp::ErrorData;
/// use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
/// use rmcp::{tool, tool_router};
///
/// #[derive(Clone)]
/// struct Tools {
///     step_up: StepUp,
///     payroll: Downstream,
/// }
///
/// #[tool_router(server_handler)]
/// impl Tools {
///     #[tool(description = "what was paid last month")]
///     async fn payslip(&self, request: McpRequest) -> Result<CallToolResponse, ErrorData> {
///         let token = match self.step_up.token(&request, &self.payroll).await {
///             Ok(token) => token,
///             Err(answer) => return answer.into(),
///         };
///         // `.bearer_auth(token.expose())`
/// #       let _ = token;
///         Ok(CallToolResult::success(vec![ContentBlock::text("2,000")]).into())
///     }
/// }
/// # let _ = StepUp::new()?;
/// # Ok::<(), mcp_auth::shared::SealError>(())
/// ```
///
/// # What the client gets
///
/// | missing | client elicits URLs, 2026-07-28 | client elicits URLs, 2025-11-25 | others |
/// | --- | --- | --- | --- |
/// | consent | "input required" with the page and a sealed state | error -32042 with the page | tool error with the link |
/// | a claims challenge, and the token's `xms_cc` has `cp1` | 401 `insufficient_claims` | the same, where HTTP allows it; else a tool error with the claims | likewise |
/// | a claims challenge, no `cp1`, with [pages](StepUpBuilder::pages) | "input required" with the page, then 401 `invalid_token` | error -32042 with the page, then as below | tool error with the link |
/// | a claims challenge, no `cp1`, without pages | tool error: sign in again with further proof | likewise | likewise |
/// | a fresh user's token | 401 `invalid_token`, where HTTP allows it; else a tool error | likewise | likewise |
/// | consent for an agent identity | as above where the pages serve its blueprint, marked as "may be refused"; else a tool error that names the administrator's ways | likewise | likewise |
/// | a user (the caller is an application) | tool error | likewise | likewise |
/// | patience (throttling, outages) | tool error with the time to come again | likewise | likewise |
/// | a correct configuration | internal error with an id for the operator | likewise | likewise |
///
/// A tool error is an ordinary result with `is_error`: clients show it to the user and the
/// model, while they hide protocol errors. Where there is no such result (prompts,
/// resources, lists) an internal error (-32603) says the same.
///
/// # What holds
///
/// 1. A link goes to this server's own [`ConsentPages`] or to the authority of the
///    downstream's client, and to nowhere else.
/// 2. A page is offered only to a client that declared `elicitation.url`.
/// 3. The request state opens for the same tenant, user, client application, method, name
///    and arguments, for ten minutes; anything else is -32602. A user is asked in at most
///    three rounds of one request, and not again after declining.
/// 4. The same cause gets one 401 per user, client application and scopes: a client that
///    comes back without what was missing gets an instruction instead of being sent around
///    again. A success where it was sent, or ten minutes, forget it.
/// 5. Nothing is cached on the way to a success: the call after the consent succeeds.
///
/// # Deployment caveat
///
/// [`McpLayer`](crate::McpLayer) has to be around the server: a [`McpRequest`] is not made
/// without it. Several instances [share](StepUpBuilder::shared) a store, or have the same
/// [keys](StepUpBuilder::keys) and each its own memory of causes.
#[derive(Clone)]
pub struct StepUp(Arc<Inner>);

struct Inner {
    sealer: Sealer,
    links: Links,
    foundry: bool,
    rounds: u8,
    ttl: Duration,
    causes: Causes,
    clock: Arc<dyn Clock>,
}

/// Where users are sent to.
#[derive(Clone, Debug)]
enum Links {
    Pages(ConsentPages),
    Authority { redirect_uri: String },
    Administrators,
}

impl StepUp {
    /// With keys of this process, and without pages for users: links are those for
    /// administrators.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn new() -> Result<Self, SealError> {
        Self::builder().build()
    }

    /// With choices.
    pub fn builder() -> StepUpBuilder {
        StepUpBuilder::new()
    }

    /// A token for the downstream as the caller of this request.
    ///
    /// # Errors
    ///
    /// What the handler returns instead of its result.
    pub async fn token(
        &self,
        request: &McpRequest,
        downstream: &Downstream,
    ) -> Result<AccessToken, StepUpAnswer> {
        // What the client brought back is looked at before anything is done with it.
        let asked = self.asked(request)?;
        match request.caller().exchange_for(downstream).await {
            Ok(token) => {
                let who = request.caller().principal();
                self.0.causes.forget(who, downstream.scopes()).await;
                Ok(token)
            }
            Err(error) => Err(self.choose(request, asked, &error).await),
        }
    }

    /// What the handler returns for an exchange that it made by itself, with
    /// [`Caller::on_behalf_of`](crate::Caller::on_behalf_of).
    pub async fn answer(&self, request: &McpRequest, error: &OnBehalfOfError) -> StepUpAnswer {
        match self.asked(request) {
            Ok(asked) => self.choose(request, asked, error).await,
            Err(answer) => answer,
        }
    }

    /// In how many rounds of this request the user was asked already.
    fn asked(&self, request: &McpRequest) -> Result<u8, StepUpAnswer> {
        match request.reply(&self.0.sealer, self.0.clock.wall()) {
            Reply::Nothing => Ok(0),
            Reply::Accepted(state) => Ok(state.asked),
            Reply::Refused => Err(StepUpAnswer::of(&Need::declined())),
            Reply::Invalid => {
                tracing::info!(
                    target: "mcp_auth::exchange",
                    caller = %request.caller().principal(),
                    "a request state is not of this request"
                );
                Err(StepUpAnswer::invalid_state())
            }
        }
    }
}

impl fmt::Debug for StepUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUp")
            .field("links", &self.0.links)
            .field("foundry", &self.0.foundry)
            .finish_non_exhaustive()
    }
}
