//! Errors of an exchange: kind, next step, consent pages, remedy.

use crate::support;
use crate::support::{CLIENT, Endpoint, SCOPE, TENANT, World, json, refuse, scopes, user};
use entra_obo::credential::TokenFile;
use entra_obo::{
    AgentUser, ClientCredential, ClientSecret, EntraError, ErrorKind, ExchangeError, NextStep,
};
use foundry_scopes::{ClientId, ObjectId};
use time::OffsetDateTime;
use url::Url;

const AGENT: &str = "99998888-7777-6666-5555-444433332222";
const DEFAULT: &str = "api://downstream/.default";

fn consent_required(code: u32) -> World {
    World::new(Endpoint::new(move |seen, _| {
        // The legs before an agent's last request are granted.
        if seen.get("scope").contains("AzureADTokenExchange") {
            return support::grant(seen, 3600, "");
        }
        Ok(refuse(400, "invalid_grant", "consent_required", code))
    }))
}

fn pairs(url: &str) -> Vec<(String, String)> {
    Url::parse(url)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

#[tokio::test]
async fn a_users_consent_has_a_page_for_the_user_and_one_for_an_administrator() {
    let world = consent_required(65001);
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Consent);
    assert_eq!(error.next(), NextStep::AskConsent);
    let consent = error.consent().unwrap();
    assert_eq!(consent.client(), ClientId::parse(CLIENT).unwrap());
    assert_eq!(consent.scopes().to_string(), SCOPE);
    assert_eq!(consent.blueprint(), None);

    let page = consent
        .user_url("https://app.example/back?x=1&y=2", "a&b=c")
        .unwrap();
    let base = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?");
    assert!(page.starts_with(&base), "{page}");
    let expected = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", "https://app.example/back?x=1&y=2"),
        ("scope", SCOPE),
        ("prompt", "consent"),
        ("state", "a&b=c"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(&page), expected);
    assert_eq!(
        consent.admin_url().unwrap(),
        format!("https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={CLIENT}")
    );
    assert!(error.remedy().contains("consent page"));
}

/// AADSTS90094: the tenant leaves this consent to administrators.
#[tokio::test]
async fn where_only_an_administrator_may_consent_there_is_no_page_for_the_user() {
    let world = consent_required(90094);
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    let consent = error.consent().unwrap();
    assert_eq!(consent.user_url("https://app.example/", "s"), None);
    assert!(consent.admin_url().is_some());
    assert!(error.remedy().contains("administrator"));
}

#[tokio::test]
async fn an_applications_own_permission_is_an_administrators() {
    let world = consent_required(65001);
    let own = world.client.for_app(scopes(DEFAULT)).unwrap();
    let error = own.token().await.unwrap_err();
    let consent = error.consent().unwrap();
    assert_eq!(consent.user_url("https://app.example/", "s"), None);
    assert!(consent.admin_url().is_some());
}

#[tokio::test]
async fn an_agent_has_no_page_but_a_blueprint() {
    let world = consent_required(65001);
    let agent = world.client.agent(ClientId::parse(AGENT).unwrap()).unwrap();
    let for_user = agent.downstream(scopes(SCOPE)).unwrap();
    let account =
        AgentUser::object(ObjectId::parse("aaaaaaaa-0000-1111-2222-000000000001").unwrap());
    let account = agent.user_account(account, scopes(SCOPE)).unwrap();
    let errors = [
        agent
            .for_app(scopes(DEFAULT))
            .unwrap()
            .token()
            .await
            .unwrap_err(),
        for_user.token_on_behalf_of(&user(1)).await.unwrap_err(),
        account.token().await.unwrap_err(),
    ];
    for error in errors {
        let consent = error.consent().unwrap_or_else(|| panic!("{error:?}"));
        assert_eq!(consent.client(), ClientId::parse(AGENT).unwrap());
        assert_eq!(consent.blueprint(), Some(ClientId::parse(CLIENT).unwrap()));
        assert_eq!(consent.user_url("https://app.example/", "s"), None);
        assert_eq!(consent.admin_url(), None);
        assert!(error.remedy().contains("blueprint"));
    }
}

#[tokio::test]
async fn a_credential_problem_says_which_and_who_has_to_act() {
    let secret = || ClientCredential::secret(ClientSecret::new("another"));
    for (code, remedy) in [
        (7_000_222, "create a new secret"),
        (7_000_215, "configure the value"),
        (7_000_218, "configure a credential"),
        (1, "this process is configured with"),
    ] {
        let world = World::new(Endpoint::new(move |_, _| {
            Ok(refuse(401, "invalid_client", "", code))
        }));
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(error.next(), NextStep::FixConfiguration);
        assert_eq!(error.codes(), [u64::from(code)]);
        let text = error.to_string();
        assert!(
            text.starts_with("the client secret was not accepted: "),
            "{text}"
        );
        assert!(error.remedy().contains(remedy), "{}", error.remedy());
    }

    // No proof at all: nothing is sent, and the reason is in the text.
    let world = World::with(Endpoint::granting(), |_| {
        let file = TokenFile::new("/nowhere/federated-token");
        let federated = ClientCredential::federated(std::sync::Arc::new(file));
        entra_obo::ExchangeClient::builder(
            support::authority(),
            ClientId::parse(CLIENT).unwrap(),
            federated,
        )
    });
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(error.entra().is_none());
    let text = error.to_string();
    assert!(text.contains("federated credential"), "{text}");
    assert!(text.contains("/nowhere/federated-token"), "{text}");
    assert_eq!(world.endpoint.calls(), 0);

    // The last of several is the one that is reported, and the first was tried.
    let world = World::with(
        Endpoint::new(|_, _| Ok(refuse(401, "invalid_client", "", 7_000_215))),
        |builder| builder.or_credential(secret()),
    );
    world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(world.endpoint.calls(), 2);
}

fn of(status: u16, body: &str) -> ExchangeError {
    let answer =
        EntraError::from_response(status, None, body.as_bytes(), OffsetDateTime::UNIX_EPOCH);
    ExchangeError::from(answer)
}

#[test]
fn a_rejected_assertion_says_why() {
    let table = [
        (
            r#""error_codes":[500133]"#,
            "expired",
            NextStep::SignInAgain,
        ),
        (
            r#""suberror":"token_expired","error_codes":[70000]"#,
            "token_expired",
            NextStep::SignInAgain,
        ),
        (
            r#""error_codes":[500131]"#,
            "audience",
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[7000114]"#,
            "only a user can be acted for",
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[240002]"#,
            "ID token",
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[50013]"#,
            "could not be validated",
            NextStep::SignInAgain,
        ),
    ];
    for (members, says, next) in table {
        let error = of(400, &format!(r#"{{"error":"invalid_grant",{members}}}"#));
        assert_eq!(error.kind(), ErrorKind::Assertion, "{members}");
        assert_eq!(error.next(), next, "{members}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn what_only_an_administrator_can_change_is_denied() {
    let denied = |error: &str, code: u32, more: &str| {
        let body = format!(r#"{{"error":"{error}","error_codes":[{code}]{more}}}"#);
        of(400, &body)
    };
    // Assignment, disabled account, Conditional Access, security policy, other tenants.
    for code in [50105, 50057, 53003, 530_032, 53011, 500_213] {
        for error in ["invalid_grant", "interaction_required", "access_denied"] {
            let error = denied(error, code, "");
            assert_eq!(error.next(), NextStep::Denied, "{error}");
            assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        }
    }
    // Claims are a way out, and so is a second factor.
    let claims = r#","claims":"{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}""#;
    let error = denied("invalid_grant", 53003, claims);
    assert_eq!(error.next(), NextStep::PassOnClaims);
    let error = denied("interaction_required", 50076, "");
    assert_eq!(error.next(), NextStep::SignInAgain);
}

#[test]
fn an_oauth_word_that_is_not_known_is_unrecoverable_and_said_to_be_unknown() {
    let error = of(400, r#"{"error":"slow_dance","error_codes":[1]}"#);
    assert_eq!(error.next(), NextStep::Unrecoverable);
    let text = error.to_string();
    assert!(
        text.contains("slow_dance, an OAuth error that is not known"),
        "{text}"
    );
    assert!(error.remedy().contains("authority"));
}

#[test]
fn every_kind_of_answer_has_its_step_and_loses_nothing() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c\u00e91"}}}"#;
    let escaped = serde_json::to_string(claims).unwrap();
    let members = r#""error_description":"AADSTS1: x","error_codes":[16,17],"suberror":"s","trace_id":"t-1","correlation_id":"c-1","timestamp":"2026-11-25 10:00:00Z""#;
    let body = |error: &str, more: &str| format!(r#"{{"error":"{error}",{more}{members}}}"#);
    let later = |seconds| OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds);
    let table = [
        (400, body("consent_required", ""), NextStep::AskConsent),
        (400, body("interaction_required", ""), NextStep::SignInAgain),
        (
            400,
            body("invalid_grant", &format!(r#""claims":{escaped},"#)),
            NextStep::PassOnClaims,
        ),
        (401, body("invalid_client", ""), NextStep::FixConfiguration),
        (
            429,
            body("invalid_request", ""),
            NextStep::RetryAt(later(60)),
        ),
        (
            503,
            body("temporarily_unavailable", ""),
            NextStep::RetryAt(later(5)),
        ),
        (400, body("access_denied", ""), NextStep::Denied),
        (400, body("invalid_scope", ""), NextStep::FixConfiguration),
        (400, body("something_new", ""), NextStep::Unrecoverable),
    ];
    for (status, body, next) in table {
        let error = of(status, &body);
        assert_eq!(error.next(), next, "{body}: {error:?}");
        assert_eq!(error.codes(), [16, 17]);
        assert_eq!(error.correlation_id(), Some("c-1"));
        let answer = error.entra().unwrap();
        assert!(answer.error().is_some());
        assert_eq!(answer.suberror(), Some("s"));
        assert_eq!(answer.trace_id(), Some("t-1"));
        assert_eq!(answer.timestamp(), Some("2026-11-25 10:00:00Z"));
        assert!(!error.remedy().is_empty() && !error.remedy().contains('\n'));
        assert!(!error.to_string().contains(error.remedy()), "{error}");
        assert_eq!(error.claims().is_some(), next == NextStep::PassOnClaims);
        if let Some(found) = error.claims() {
            assert_eq!(found.as_json(), claims);
        }
        let retry_at = match next {
            NextStep::RetryAt(at) => Some(at),
            _ => None,
        };
        assert_eq!(error.retry_at(), retry_at);
    }
}

#[tokio::test]
async fn an_answer_that_is_none_keeps_its_status() {
    let world = World::new(Endpoint::new(|_, n| match n {
        0 => Ok(json(404, "<html>not here</html>")),
        _ => Ok(json(200, "<html>sign in</html>")),
    }));
    for expected in [404, 200] {
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("answered {expected}")), "{text}");
        assert_eq!(error.next(), NextStep::Unrecoverable);
        assert!(error.remedy().contains("proxy"));
    }
}
