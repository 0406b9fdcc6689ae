//! Mapping of an exchange's error to what the MCP client gets: the only place for it.

use ::rmcp::ErrorData;
use ::rmcp::model::ErrorCode;
use entra_claims::PrincipalKind;
use entra_obo::{Consent, ExchangeError, NextStep};
use entra_parts::seal::random_id;
use foundry_scopes::Scope;
use serde_json::json;

use super::answer::Need;
use super::answer::Question;
use super::{Links, StepUp, StepUpAnswer};
use crate::consent::ConsentLink;
use crate::mcp::UrlElicitation;
use crate::on_behalf_of::OnBehalfOfError;
use crate::refusal::Incident;
use crate::rmcp::request::{McpRequest, State};

impl StepUp {
    pub(super) async fn choose(
        &self,
        request: &McpRequest,
        asked: u8,
        error: &OnBehalfOfError,
    ) -> StepUpAnswer {
        let Some(exchange) = error.exchange() else {
            return StepUpAnswer::of(&Need::of(
                "user_required",
                "This tool acts for a user, and the caller is an application without one. \
                 Call it with a user's token.",
                error,
            ));
        };
        tracing::info!(
            target: "mcp_auth::exchange",
            caller = %request.caller().principal(),
            kind = exchange.kind().as_str(),
            correlation_id = exchange.correlation_id(),
            "{exchange}"
        );
        let scopes = error.scope_set();
        match exchange.next() {
            NextStep::AskConsent => {
                let consent = exchange.consent();
                self.consent(request, asked, error, consent).await
            }
            NextStep::PassOnClaims => match exchange.claims() {
                Some(claims) => self.claims(request, asked, error, scopes, claims).await,
                None => self.sign_in(request, error, exchange, scopes).await,
            },
            NextStep::SignInAgain => self.sign_in(request, error, exchange, scopes).await,
            NextStep::RetryAt(at) => StepUpAnswer::of(
                &Need::of(
                    "temporarily_unavailable",
                    "This tool cannot get its token at the moment; call it again later.",
                    error,
                )
                .with("retry_at", at.unix_timestamp()),
            ),
            NextStep::Denied => StepUpAnswer::of(&Need::of(
                "access_denied",
                "The organization does not allow this tool to act for the user.",
                error,
            )),
            _ => misconfigured(exchange),
        }
    }

    async fn consent(
        &self,
        request: &McpRequest,
        asked: u8,
        error: &OnBehalfOfError,
        consent: Option<&Consent>,
    ) -> StepUpAnswer {
        let scopes = names(error);
        let admin = consent.and_then(Consent::admin_url);
        let agent = consent.filter(|consent| consent.blueprint().is_some());
        // No person can sign in as an agent's own user account.
        let person = request.caller().principal().kind() != PrincipalKind::AgentUserAccount;
        let page = match consent.filter(|_| person) {
            Some(consent) => self.page(request, consent).await,
            None => ConsentLink::NotForUsers,
        };
        let url = match page {
            ConsentLink::Open { url } => url,
            ConsentLink::Declined => return StepUpAnswer::of(&Need::declined()),
            ConsentLink::TooMany => return StepUpAnswer::of(&too_many("consent_required", error)),
            ConsentLink::Unavailable => {
                return StepUpAnswer::of(&no_page("consent_required", error));
            }
            ConsentLink::Done | ConsentLink::NotForUsers => {
                if let Some(agent) = agent {
                    return self.agents_administrators(error, agent);
                }
                return self.administrators(error, admin.as_deref());
            }
        };
        if self.0.foundry {
            return StepUpAnswer::error(foundry_consent_error(&scopes, &url));
        }
        let message = match agent {
            None => format!("Allow this server to use {scopes} on your behalf."),
            Some(_) => format!(
                "Allow this server's agent to use {scopes} on your behalf. The page may be refused \
                 (AADSTS82014); then an administrator has to grant the permission."
            ),
        };
        self.ask(request, asked, &url, message).unwrap_or_else(|| {
            let need = Need::of(
                "consent_required",
                format!(
                    "This tool needs a permission: {scopes}. Open this page to consent, then \
                     call the tool again: {url}"
                ),
                error,
            );
            StepUpAnswer::of(&need.with("url", url.as_str()))
        })
    }

    /// Consent for an agent identity, for which no page is certain.
    fn agents_administrators(&self, error: &OnBehalfOfError, consent: &Consent) -> StepUpAnswer {
        let scopes = names(error);
        let agent = consent.client();
        let mut text = format!(
            "The agent {agent} that this tool acts through lacks a permission: {scopes}. An \
             administrator has to grant it to the agent identity, or make it inheritable on the \
             agent's blueprint."
        );
        let redirect_uri = match &self.0.links {
            Links::Pages(pages) => Some(pages.redirect_uri()),
            Links::Authority { redirect_uri } => Some(redirect_uri.clone()),
            Links::Administrators => None,
        };
        let state = random_id().unwrap_or_default();
        let pages = redirect_uri.and_then(|uri| consent.agent_pages(&uri, &state));
        if let Some(pages) = pages {
            let page = pages.administrator();
            text +=
                &format!(" This page does the same where it is not refused (AADSTS82014): {page}");
        }
        StepUpAnswer::of(&Need::of("consent_required", text, error))
    }

    /// Consent that only an administrator can give, or where users have no page.
    fn administrators(&self, error: &OnBehalfOfError, url: Option<&str>) -> StepUpAnswer {
        let scopes = names(error);
        let Some(url) = url else {
            return StepUpAnswer::of(&Need::of(
                "consent_required",
                format!(
                    "This tool needs a permission that nobody has consented to: {scopes}. An \
                     administrator can consent to it for the organization."
                ),
                error,
            ));
        };
        if self.0.foundry {
            return StepUpAnswer::error(foundry_consent_error(&scopes, url));
        }
        let need = Need::of(
            "consent_required",
            format!(
                "This tool needs a permission: {scopes}. An administrator can consent to it for \
                 the organization on this page: {url}"
            ),
            error,
        );
        StepUpAnswer::of(&need.with("url", url))
    }

    /// The page on which the user consents.
    async fn page(&self, request: &McpRequest, consent: &Consent) -> ConsentLink {
        match &self.0.links {
            Links::Pages(pages) => pages.consent(request.caller(), consent).await,
            Links::Authority { redirect_uri } => {
                let url = random_id()
                    .ok()
                    .and_then(|state| consent.user_url(redirect_uri, &state));
                url.map_or(ConsentLink::NotForUsers, |url| ConsentLink::Open { url })
            }
            Links::Administrators => ConsentLink::NotForUsers,
        }
    }

    /// Sends the user to a page, if the client can and was not asked too often.
    pub(super) fn ask(
        &self,
        request: &McpRequest,
        asked: u8,
        url: &str,
        message: String,
    ) -> Option<StepUpAnswer> {
        let question = Question {
            url,
            id: random_id().ok()?,
            message,
        };
        match request.url_elicitation() {
            UrlElicitation::Result if asked < self.0.rounds => {
                let state = State::new(asked + 1, self.0.clock.wall(), self.0.ttl);
                let state = request.seal(state, &self.0.sealer)?;
                Some(StepUpAnswer::input_required(question, state))
            }
            UrlElicitation::Error => Some(StepUpAnswer::elicitation_error(&question)),
            UrlElicitation::Result | UrlElicitation::Unsupported => None,
        }
    }
}

/// What only the operator can mend: the client gets no more than an id to report.
fn misconfigured(exchange: &ExchangeError) -> StepUpAnswer {
    let incident = match exchange.correlation_id() {
        Some(id) => id.to_owned(),
        None => Incident::new().to_string(),
    };
    tracing::error!(
        target: "mcp_auth::exchange",
        incident,
        remedy = exchange.remedy(),
        "{exchange}"
    );
    StepUpAnswer::error(ErrorData::internal_error(
        "this tool is not set up correctly; its operator finds the reason in the server's log",
        Some(json!({"error": "server_error", "correlation_id": incident})),
    ))
}

fn names(error: &OnBehalfOfError) -> String {
    let names: Vec<_> = error.scopes().iter().map(Scope::as_str).collect();
    names.join(" ")
}

pub(super) fn too_many(code: &'static str, error: &OnBehalfOfError) -> Need {
    Need::of(
        code,
        "The user was sent to too many pages in a short time. Call the tool again in ten minutes.",
        error,
    )
}

/// The store of the pages does not answer.
pub(super) fn no_page(code: &'static str, error: &OnBehalfOfError) -> Need {
    Need::of(
        code,
        "The user has to be asked on a page, and there can be none at the moment. Call the tool \
         again in a few seconds.",
        error,
    )
}

/// The number of Foundry's tool gateway. It is in the range that MCP calls legacy, and no
/// receiver may give it a meaning (MCP 2026-07-28, "Error codes"): by opt-in only.
const FOUNDRY_CONSENT_REQUIRED: i32 = -32006;

/// A text with JSON behind it, in which hosted agents look for `CONSENT_REQUIRED` and the
/// link.
fn foundry_consent_error(name: &str, url: &str) -> ErrorData {
    let errors = json!({
        "errors": [{
            "name": name,
            "type": "mcp",
            "error": {"code": "CONSENT_REQUIRED", "message": url},
        }]
    });
    ErrorData::new(
        ErrorCode(FOUNDRY_CONSENT_REQUIRED),
        format!("consent is required {errors}"),
        None,
    )
}
