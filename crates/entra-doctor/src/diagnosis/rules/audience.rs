//! Rules on the token's audience, its tenant and the kind of caller.

use entra_claims::{Claims, KindGuess};
use foundry_scopes::catalogue::{AGENT_365_TOOLS, AZURE_AD_TOKEN_EXCHANGE, BOT_FRAMEWORK, GRAPH};
use foundry_scopes::{KnownCloud, TenantId};

use crate::diagnosis::accept::{self, Verdict};
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

use super::shared::shown;

const MATRIX: &str = "Foundry doc \"Authentication and authorization\", the SDKs' defaults and the services' 401 texts";
const EXCHANGE: &str = "Entra doc \"On-Behalf-Of flow\"";

pub(super) fn audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some((aud, from)) = facts.audience() else {
        return;
    };
    let meant = accept::resources(&aud);
    if meant.contains(&&AZURE_AD_TOKEN_EXCHANGE) && facts.token().is_some() {
        found.push(
            Finding::new(
                Code::ExchangeToken,
                Certainty::Certain,
                "the token's `aud` is the token exchange",
            )
            .why("it is a credential for Entra ID's token endpoint and opens no API")
            .change("use it as `client_assertion`, and send the token that comes back")
            .source_is("Entra doc \"Agent OAuth protocols\""),
        );
        return;
    }
    if meant.contains(&&BOT_FRAMEWORK) {
        found.push(
            Finding::new(
                Code::ActivityToken,
                Certainty::Certain,
                "the token is the Bot Framework's, for activities",
            )
            .why("it is for the connector between a bot and its channel, and for nothing else")
            .change("request a token for the endpoint's own audience")
            .source_is("Bot Service doc \"Authentication with the Bot Connector API\"")
            .remark(),
        );
    }
    let slashless =
        facts.says("exactly match*forward slash") || facts.says("including forward slash");
    if slashless && !aud.ends_with('/') {
        found.push(
            Finding::new(
                Code::AudienceSlash,
                Certainty::Certain,
                format!("{from} is `{aud}`, without the slash of the registered identifier"),
            )
            .why("`/.default` takes the slash that belongs to the identifier, so it is written twice")
                .change(Change::scope(format!("{aud}//.default")))
            .source_is("Entra doc \"Trailing slash and .default\""),
        );
    }
    let (Some((name, scope)), Some(verdict)) = (facts.wanted(), facts.verdict()) else {
        return;
    };
    // The `aud` of an ID token is the client.
    if matches!(facts.kind, Some(KindGuess::IdToken(_))) && meant.is_empty() {
        return;
    }
    let scope = scope.as_str();
    let wanted = accept::resource_of(scope);
    let own = meant.is_empty() && facts.token().is_some();
    // An agent may be asked with tokens for its blueprint, an application of the tenant's own.
    if own && facts.is_kind(foundry_scopes::EndpointKind::FoundryAgent) {
        return;
    }
    let is = match accept::named(&aud) {
        Some(name) => format!("`{}` ({name})", shown(&aud)),
        None => format!("`{}`", shown(&aud)),
    };
    let seen = format!("{from} is {is}, and {name} wants `{wanted}`");
    match verdict {
        Verdict::Refused if own && !facts.app_only() => found.push(
            Finding::new(Code::ExchangeNeeded, Certainty::Certain, seen)
                .why("the token is for an API of your own: only that API may exchange it for one of the user's for the endpoint")
                .change("let the API exchange it on behalf of the user (`entra_obo::ExchangeClient`), with the scope below")
                .change(Change::scope(scope))
                .source_is(EXCHANGE),
        ),
        Verdict::Refused => {
            let mut finding = Finding::new(Code::AudienceWrong, Certainty::Certain, seen)
                .why("a service accepts tokens for itself only")
                .change(Change::scope(scope));
            if let Some(tool) = facts.tools().find(|tool| tool.audience.is_some()).filter(|_| facts.token().is_none()) {
                let kind = if tool.is_connection { "connection" } else { "tool" };
                finding = finding.change(Change::setting(format!("the audience of the {kind}"), format!("`{wanted}`")));
            }
            if meant.contains(&&GRAPH) {
                finding = finding.change("a token that a site's sign-in hands on is for Microsoft Graph: exchange the user's token for your API on their behalf instead");
            }
            found.push(finding.source_is(MATRIX));
        }
        Verdict::OtherCloud => found.push(
            Finding::new(Code::AudienceOtherCloud, Certainty::Certain, seen)
                .why("each cloud has identifiers of its own, and some SDKs always ask for the public ones")
                .change(Change::scope(scope))
                .source_is(MATRIX),
        ),
        Verdict::Disputed => found.push(
            Finding::new(Code::AudienceDisputed, if facts.catalogued().is_some() { Certainty::Likely } else { Certainty::Possible }, seen)
                .why(if facts.catalogued().is_some() {
                    "both names are of one application, and the service compares the spelling of `aud`"
                } else {
                    "Microsoft's own samples and SDKs disagree on this pair"
                })
                .change(Change::scope(scope))
                .source_is(MATRIX),
        ),
        Verdict::Accepted => {}
    }
}

pub(super) fn tenant(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let told = facts.says("does not match resource t")
        || facts.says("does not match the tenant")
        || facts.says("primary access token is from the wrong issuer")
        || facts.says("tenant provided in token does not match")
        || facts.says("invalidauthenticationtokentenant")
        || facts.says("from the wrong issuer");
    let of_token = facts
        .claims()
        .and_then(Claims::tid)
        .and_then(|tid| TenantId::parse(tid).ok());
    let differs = matches!((of_token, facts.resource_tenant()), (Some(a), Some(b)) if a != b);
    if told || differs {
        let wanted = facts.resource_tenant().map_or_else(
            || "<tenant of the resource>".to_owned(),
            |tenant| tenant.to_string(),
        );
        let named = || {
            let mentions = facts.lower.match_indices("tenant");
            mentions.into_iter().find_map(|(at, mark)| {
                let rest = facts.lower.get(at + mark.len()..)?;
                crate::reading::scan::guid(crate::reading::cut(rest, 48))
            })
        };
        let of_token = of_token.map(|tenant| tenant.to_string()).or_else(named);
        let which = of_token.map_or_else(String::new, |tenant| format!(" {tenant}"));
        found.push(
            Finding::new(Code::TenantWrong, Certainty::Certain, format!("the token is of another tenant{which} than the resource"))
                .why("guests and accounts with several tenants get a token of their home tenant unless one is named")
                .change(Change::run("sign in to the tenant of the resource", format!("az login --tenant {wanted}")))
                .change("or set `AZURE_TENANT_ID`, or `tenant_id` of the credential")
                .source_is("answers of Azure OpenAI (400) and Azure Resource Manager (401)"),
        );
    }
    let issuer = facts.claims().and_then(Claims::iss).unwrap_or_default();
    let kind = super::shared::kind_of_issuer(issuer);
    if !kind.is_empty() && facts.wanted().is_some() {
        found.push(
            Finding::new(Code::TenantWrong, Certainty::Certain, format!("the token's issuer is `{}`{kind}", shown(issuer)))
                .why("services of Azure and Microsoft 365 take tokens of the workforce tenant that the resource is in, and none of a customer tenant")
                .change("get the token from the workforce tenant (`login.microsoftonline.com/<tenant id>`): as an application's own, or exchange the user at an API of your own")
                .source_is("Entra External ID doc \"Supported features\""),
        );
    }
    if facts.says("botframework.com") && !told {
        found.push(
            Finding::new(Code::BotTenant, Certainty::Likely, "the directory `botframework.com` is named")
                .why("a multi-tenant bot gets its token from that directory, a single-tenant bot from its own")
                .change(Change::scope("https://api.botframework.com/.default"))
                .change("set the tenant by the kind of the bot: `botframework.com`, or the tenant of its registration")
                .source_is("Bot Service doc \"Authentication with the Bot Connector API\""),
        );
    }
}

/// A question about the user's identity in an agent's tools, without a refusal.
pub(super) fn whose(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let user = facts.says_any(&[
        "on-behalf-of",
        "on behalf of",
        "obo flow",
        "user identity",
        "user's identity",
        "user context",
        "identity passthrough",
        "token passthrough",
        "as the user",
        "user token",
        "user's token",
        "users' token",
        "signed-in user",
        "calling user",
        "end user",
    ]);
    let agent = facts.says_any(&["agent", "foundry"])
        && facts.says_any(&[
            "foundry",
            "hosted agent",
            "agent identity",
            "agent identities",
            "agent's own",
            "agent's identity",
            "our api",
            "my api",
            "mcp",
            "tool",
        ]);
    if !(user && agent) || facts.is_refused() || facts.token().is_some() || !facts.errors.is_empty()
    {
        return;
    }
    found.push(
        Finding::new(Code::UserInAgent, Certainty::Likely, "the question is how a user's identity reaches a tool or an API behind an agent")
            .why("code in a hosted agent runs as the agent's identity, and the platform exchanges the user's token for configured tools only; a token for one audience cannot be exchanged by another application")
            .change("for a configured MCP tool: identity passthrough on its connection (`UserEntraToken` or OAuth2); Foundry performs the exchange through the agent identity's blueprint")
            .change("for a self-hosted MCP server: it validates the token that it gets and performs its own on-behalf-of exchange (`entra_obo::ExchangeClient`; the repository's examples run offline)")
            .change("for code in the agent: a token broker that validates the user's token, or the agent's own token with a signed user context that the API verifies")
            .remark()
            .source_is(EXCHANGE),
    );
}

/// Users, applications, agents and their scopes.
pub(super) fn kind(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(claims) = facts.claims() else { return };
    let assertion = facts.has_error(&[50_013, 500_131, 7_000_114]);
    let exchange = facts
        .parameter("grant_type")
        .is_some_and(|grant| grant.contains("jwt-bearer"))
        || facts.says_any(&[
            "on-behalf-of",
            "on behalf of the user",
            "as the user",
            "exchange the token",
            "exchange this token",
            "exchange it",
            "token exchange",
            "onbehalfof",
            "user's identity",
            "user identity",
            "user context",
            "signed-in user",
            "calling user",
            "user's token",
        ]);
    if facts.app_only() && (facts.case.as_user || assertion || exchange) {
        let who = if facts.is_agent() {
            "an agent identity's own"
        } else {
            "an application's own"
        };
        found.push(
            Finding::new(Code::TokenWithoutUser, Certainty::Certain, format!("the token is {who}: no user is in it, so nothing can be exchanged on behalf of one"))
                .why("code in a hosted agent runs as the agent; the platform exchanges the user's token for configured tools only")
                .change("configure identity passthrough on the MCP tool")
                .change("or call a token broker that validates the user's token and exchanges it")
                .change("or send the agent's token with a signed user context that the API verifies")
                .source_is(EXCHANGE),
        );
    }
    let needed = facts.challenge.get("scope").unwrap_or_default();
    let short = |scope: &str| scope.rsplit('/').next().unwrap_or_default().to_owned();
    let missing: Vec<_> = needed
        .split_whitespace()
        .map(short)
        .filter(|scope| scope != ".default" && !claims.scopes().any(|has| has == scope))
        .collect();
    let told =
        facts.says("mcpservers.") || facts.says("insufficient_scope") || facts.says("runtime.all");
    if !facts.app_only() && (!missing.is_empty() || told) {
        let found_text = match missing.as_slice() {
            [] => "the service misses a delegated scope in the token".to_owned(),
            list => format!("`scp` lacks {}", list.join(", ")),
        };
        found.push(
            Finding::new(Code::ScopeMissing, Certainty::Certain, found_text)
                .why("the API checks `scp` after audience and signature, and answers 403 for a token without the scope")
                .change("request the scope that the answer names, qualified with the API's identifier URI, and consent to it")
                .source_is("RFC 6750, section 3.1"),
        );
    }
    if facts.is_kind(foundry_scopes::EndpointKind::Graph)
        && claims
            .scopes()
            .any(|scope| scope == "Directory.AccessAsUser.All")
    {
        found.push(
            Finding::new(Code::GraphRefusesClient, Certainty::Likely, "`scp` holds Directory.AccessAsUser.All")
                .why("the APIs for agent identities refuse tokens with this scope, as the Azure CLI gets them")
                .change("use an application of your own with the permissions for agent identities")
                .source_is("Entra Agent ID known limitations"),
        );
    }
    let agent_365 = claims.aud().is_some_and(|aud| {
        AGENT_365_TOOLS
            .application(KnownCloud::Public)
            .is_some_and(|id| id.to_string() == aud)
    });
    if facts.app_only() && !facts.is_agent() && agent_365 {
        found.push(
            Finding::new(
                Code::AgentIdentityAbsent,
                Certainty::Likely,
                "no agent identity is in the token",
            )
            .why("without `fmi_path` the blueprint gets a token for itself")
            .change("set `fmi_path` to the agent identity's application id in the first step")
            .source_is("Entra doc \"Agent OAuth protocols\""),
        );
    }
    if facts.app_only()
        && facts
            .tools()
            .any(|tool| tool.auth.eq_ignore_ascii_case("oauth2"))
    {
        found.push(
            Finding::new(
                Code::ConsentShared,
                Certainty::Certain,
                "the caller is an application, and consent is kept by caller",
            )
            .why("whoever uses the calling application uses the consent of the first who gave it")
            .change("call the agent with the user's own token")
            .source_is("Foundry doc \"MCP authentication\"")
            .remark(),
        );
    }
}
