//! What was sent as a credential.

use foundry_scopes::Cloud;

use crate::diagnosis::case::Credential;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::token::findings;

const SOURCE: &str = "reports of openai, llama_index, langchain and litellm users";

/// What is wrong with the token by itself, and its issuer's cloud.
pub(super) fn token(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(token), Some(kind)) = (facts.token(), facts.kind) else {
        return;
    };
    found.extend(findings::of(token, kind, facts.case.now));
    let Some(iss) = token.claims().iss() else {
        return;
    };
    // The v1 issuer is one and the same in the public and the US Government cloud.
    let v2_of = |cloud: &Cloud| cloud.issuer_v2().tenant_in(iss).is_some();
    let clouds = [Cloud::public(), Cloud::us_government(), Cloud::china()];
    if facts.endpoint.is_some() && !v2_of(&facts.cloud) && clouds.iter().any(v2_of) {
        found.push(
            Finding::new(
                Code::IssuerOtherCloud,
                Certainty::Certain,
                "`iss` is of another cloud than the endpoint",
            )
            .why("each cloud trusts its own Entra ID only")
            .change(format!("use the authority {}", facts.cloud.authority()))
            .source_is("Entra doc \"National clouds\""),
        );
    }
}

/// Keys and tokens that changed places.
pub(super) fn misplaced(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let key_refused = facts.says("invalid subscription key or wrong api endpoint");
    match &facts.case.credential {
        Some(Credential::Unreadable(reason)) => found.push(
            Finding::new(Code::TokenUnreadable, Certainty::Certain, reason.clone())
                .why("a token is three parts of base64url with dots between them, whole")
                .change("copy the whole access token again")
                .source_is("RFC 7519, section 7.2"),
        ),
        Some(Credential::OpenAiKey) if facts.host.contains("azure") => found.push(
            Finding::new(Code::KeyOfOtherService, Certainty::Certain, "a key of OpenAI itself goes to Azure")
                .why("OpenAI and Azure issue keys of their own, and neither knows the other's")
                .change("use the key of the Azure resource, or a token of Entra ID")
                .source_is(SOURCE),
        ),
        Some(Credential::OpenAiKey | Credential::Key) => found.push(
            Finding::new(Code::KeyAsToken, Certainty::Certain, "what was given as a token has no dots: it is a key")
                .why("a bearer token of Entra ID is a JSON Web Token of three parts")
                .change("send a key in the header `api-key`, or request a token")
                .source_is(SOURCE),
        ),
        Some(Credential::Token(_)) if key_refused => found.push(
            Finding::new(Code::TokenAsKey, Certainty::Certain, "the service looked for a key and was given a token")
                .why("the client was given the token as its `api_key`, which goes into the header `api-key`")
                .change("give it as a token: `azure_ad_token_provider`, or the header `Authorization: Bearer`")
                .source_is(SOURCE),
        ),
        _ if key_refused => found.push(
            Finding::new(Code::KeyWrong, Certainty::Likely, "the service refused the key")
                .why("a key opens one resource, through that resource's own endpoint or its region's")
                .change("use the key of this resource and the endpoint of its region; a token goes into `Authorization: Bearer` and not into `api-key`")
                .source_is(SOURCE),
        ),
        _ => {}
    }
}
