//! Rules on the credential: malformed and shortened tokens, keys and tokens in each other's place.

use foundry_scopes::Cloud;

use crate::diagnosis::accept::Verdict;
use crate::diagnosis::case::Credential;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::token::{Form, Place};
use crate::token::findings;

const SOURCE: &str = "reports of openai, llama_index, langchain and litellm users";

/// What is wrong with the token by itself, and its issuer's cloud.
pub(super) fn token(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(token), Some(kind)) = (facts.token(), facts.kind) else {
        return;
    };
    let (time, _) = facts.time();
    let form = facts.form().map(|(form, _)| form);
    let of_token = findings::of(token, kind, time, form.unwrap_or(Form::Whole));
    let wanted = facts.wanted().map(|(_, scope)| scope);
    for finding in of_token {
        found.push(match (&wanted, finding.code()) {
            (Some(scope), Code::IdToken) => finding.change(Change::scope(scope.clone())),
            _ => finding,
        });
    }
    let Some(iss) = token.claims().iss() else {
        return;
    };
    // The v1 issuer is one and the same in the public and the US Government cloud.
    let v2_of = |cloud: &Cloud| cloud.issuer_v2().tenant_in(iss).is_some();
    let clouds = [Cloud::public(), Cloud::us_government(), Cloud::china()];
    if facts.endpoint().is_some() && !v2_of(&facts.cloud) && clouds.iter().any(v2_of) {
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

/// A token that did not arrive, or not in a form that can be read.
pub(super) fn arrival(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let doubled = facts
        .form()
        .is_some_and(|(_, place)| place == Place::DoubledScheme)
        || facts.says("bearer bearer");
    let malformed = facts.says_any(&[
        "compacttoken parsing failed",
        "jwt is not well formed",
        "idx14100",
        "idx12741",
        "jwt malformed",
        "not enough segments",
        "token is malformed",
    ]);
    // A service that answers 403 has read the token: the scheme is doubled in the log only.
    if doubled && facts.status() != Some(403) {
        found.push(
            Finding::new(Code::BearerDoubled, Certainty::Certain, "the header says `Bearer Bearer`")
                .why("the client adds the scheme by itself, so a value that has it already gets it twice")
                .change("give the client the bare token, which starts with `eyJ`")
                .said()
                .source_is("RFC 6750, section 2.1"),
        );
    } else if malformed && facts.token().is_none() {
        found.push(
            Finding::new(Code::TokenUnreadable, Certainty::Certain, "the service found no well-formed token in the header")
                .why("what arrived is no JSON Web Token: often `Bearer` twice, quotes, a line break, an empty variable or a shortened copy")
                .change("send `Authorization: Bearer <token>` once, with the whole token: three parts, the first starts with `eyJ`")
                .said()
                .source_is("RFC 7519, section 7.2"),
        );
    }
    let missing = facts.says_any(&[
        "tokenismissing",
        "access token is required",
        "access token is empty",
        "'authorization' header is missing",
        "authorization header is missing",
        "authenticationfailedmissingtoken",
        "missing authorization header",
        "no authorization header",
        "noauthenticationinformation",
        "authorization token missing",
        "no token provided",
    ]);
    // RFC 6750: a request without any credentials gets a challenge without `error`.
    let challenged = facts.status() == Some(401)
        && facts.challenge.get("error").is_none()
        && (facts.challenge.get("resource_metadata").is_some()
            || facts.challenge.get("scope").is_some())
        && facts.credential.is_none()
        && facts.says("host:")
        && !facts.says("authorization: bearer");
    if challenged {
        let scope = facts.challenge.get("scope").map(str::to_owned);
        let mut finding = Finding::new(Code::AuthorizationMissing, Certainty::Likely, "the request has no `Authorization` header, and the challenge has no `error`: no token reached the server")
            .why("this 401 is the first step of a sign-in: the challenge says where the client learns which authority and scope to use");
        if let Some(scope) = scope {
            finding = finding.change(Change::scope(scope));
        }
        finding = finding.change("send `Authorization: Bearer <token>`; a client that speaks MCP does so after it fetched `resource_metadata` and signed the user in");
        found.push(finding.said().source_is("RFC 6750, section 3"));
    }
    if missing {
        let mut finding = Finding::new(Code::AuthorizationMissing, Certainty::Certain, "the service says that no `Authorization` header reached it")
            .why("the client did not send it, or something between dropped it: a redirect to another host, a proxy, a tool without a connection");
        if let Some((name, scope)) = facts.wanted() {
            finding = finding
                .change(format!(
                    "send `Authorization: Bearer <token>` with a token for {name}"
                ))
                .change(Change::scope(scope));
        } else {
            finding = finding.change("send `Authorization: Bearer <token>`, and look at the request as it leaves the client");
        }
        found.push(finding.said().source_is("RFC 6750, section 3"));
    }
    let large = facts.says_any(&[
        "authorization header length*exceeds",
        "request header fields too large",
        "request header or cookie too large",
        "header size exceeded",
        "request headers are too long",
    ]) || facts.status() == Some(431);
    if large {
        let groups = facts.claims().and_then(|claims| claims.get("groups"));
        let count = groups
            .as_ref()
            .and_then(|groups| groups.as_array())
            .map(Vec::len);
        let seen = match count {
            Some(count) => format!(
                "the token holds {count} groups, which makes it larger than the server's limit for headers"
            ),
            None => "the header is larger than the server's limit: mostly a token with many groups"
                .to_owned(),
        };
        found.push(
            Finding::new(Code::HeaderTooLarge, Certainty::Certain, seen)
                .why("Entra ID writes up to 200 groups into a token, about 40 bytes each; the token itself is valid")
                .change(Change::setting("`groupMembershipClaims` of the API's registration", "`ApplicationGroup` (groups assigned to the application only), or app roles in place of groups"))
                .change("or raise the server's header limit, where the server is yours")
                .said()
                .source_is("Entra doc \"Configure group claims\""),
        );
    }
}

/// Another token of the paste, where the one that was looked at is not the right one.
pub(super) fn others(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.token().is_none()
        || facts
            .verdict()
            .is_none_or(|verdict| verdict == Verdict::Accepted)
    {
        return;
    }
    let fits = facts.tokens().find_map(|other| {
        let credential = Credential::found(other);
        let aud = credential.token()?.claims().aud()?.to_owned();
        (facts.verdict_of(&aud) == Some(Verdict::Accepted)).then_some(aud)
    });
    if let Some(aud) = fits {
        found.push(
            Finding::new(Code::AnotherToken, Certainty::Certain, format!("the paste holds another token, with the `aud` `{}`, which is what the address wants", super::shared::shown(&aud)))
                .change("send that one; and look at what it is answered")
                .remark()
                .source_is("the tokens of the paste"),
        );
    }
}

/// Keys and tokens that changed places.
pub(super) fn misplaced(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let key_refused = facts.says("invalid subscription key or wrong api endpoint");
    match &facts.credential {
        Some(Credential::Shortened) => found.push(
            Finding::new(Code::TokenUnreadable, Certainty::Certain, "the token was shortened: an ellipsis stands in it, and its claims cannot be read")
                .why("a shortened token shows neither for whom it is nor how long it is valid")
                .change("give the whole token on standard input (nothing leaves this machine), or its decoded claims: `aud`, `iss`, `tid`, `exp`, `scp` or `roles`")
                .source_is("RFC 7519, section 7.2"),
        ),
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
        Some(Credential::Token(_, _, place)) if key_refused || *place == Place::KeyHeader => found.push(
            Finding::new(Code::TokenAsKey, Certainty::Certain, "a token stands where a key belongs, in the header `api-key`")
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
