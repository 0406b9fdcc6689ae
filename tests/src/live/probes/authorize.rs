//! Questions to the authorization endpoint, without a session: what is wrong with a request is
//! said before anybody signs in.

use crate::live::probe::{Verdict, verdict};
use crate::live::tenant::Tenant;

const REDIRECT: &str = "http://localhost/callback";

pub(in crate::live) async fn pkce(tenant: &Tenant<'_>) -> Verdict {
    let scope = tenant.settings.scope(&tenant.settings.read);
    let params = [
        ("client_id", tenant.settings.client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope.as_str()),
        ("prompt", "none"),
    ];
    verdict(tenant.authorize(&params).await, |answer| {
        match answer.code() {
            Some(9_002_325 | 901_001 | 501_491) => Some("refused"),
            Some(50058) => Some("allowed"),
            _ => None,
        }
    })
}

pub(in crate::live) async fn agent_consent(tenant: &Tenant<'_>) -> Verdict {
    let settings = tenant.settings;
    let (Some(agent), Some(redirect)) = (&settings.agent, &settings.agent_redirect) else {
        return Verdict::NotAvailable("no agent identity");
    };
    let params = [
        ("client_id", agent.as_str()),
        ("response_type", "none"),
        ("redirect_uri", redirect.as_str()),
        ("response_mode", "query"),
        ("scope", "https://graph.microsoft.com/User.Read"),
        ("prompt", "none"),
    ];
    let answer = tenant.authorize(&params).await;
    // The refusal is a page: nothing may be sent to the address of a client that has none.
    verdict(answer, |answer| match (answer.code(), answer.status) {
        (Some(50058), _) => Some("allowed"),
        (Some(82014), _) | (None, 400) => Some("refused-82014"),
        _ => None,
    })
}

pub(in crate::live) async fn token_response_type(tenant: &Tenant<'_>) -> Verdict {
    let scope = tenant.settings.scope(&tenant.settings.read);
    let params = [
        ("client_id", tenant.settings.client.as_str()),
        ("response_type", "token"),
        ("redirect_uri", REDIRECT),
        ("scope", scope.as_str()),
        ("nonce", "n"),
        ("prompt", "none"),
    ];
    verdict(tenant.authorize(&params).await, |answer| {
        let location = answer.location.as_ref()?;
        let holds = |text: Option<&str>| text.is_some_and(|t| t.contains("error="));
        match (holds(location.fragment()), holds(location.query())) {
            (true, false) => Some("fragment"),
            (false, true) => Some("query"),
            _ => None,
        }
    })
}
