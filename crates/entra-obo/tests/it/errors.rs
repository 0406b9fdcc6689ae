//! Every failure says what to do: which variant it is, who has to act, where to consent.

use crate::support;
use crate::support::{CLIENT, Endpoint, SCOPE, TENANT, World, json, refuse, scopes, user};
use entra_obo::{
    AgentUser, AssertionProblem, ClientCredential, ClientSecret, EntraError, ErrorKind,
    ExchangeError, NextStep, TokenFile,
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
    assert!(matches!(error, ExchangeError::ConsentNeeded { .. }));
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
    for (code, administrator) in [(7_000_222, true), (7_000_215, false), (7_000_218, false)] {
        let world = World::new(Endpoint::new(move |_, _| {
            Ok(refuse(401, "invalid_client", "", code))
        }));
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        let ExchangeError::Credential {
            problem,
            answer,
            source,
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(problem.credential(), Some("client secret"));
        assert_eq!(problem.administrator_must_act(), administrator, "{code}");
        assert_eq!(problem.local(), None);
        assert!(answer.is_some() && source.is_none());
        assert_eq!(error.codes(), [code]);
        assert_eq!(error.next(), NextStep::FixConfiguration);
    }

    // No proof at all: nothing is sent, and the reason is kept.
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
    let ExchangeError::Credential {
        problem,
        answer: None,
        source: Some(source),
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(problem.credential(), Some("federated credential"));
    assert_eq!(problem.local(), Some(&**source));
    assert!(error.to_string().contains("federated credential"));
    assert_eq!(world.endpoint.calls(), 0);

    // The last of several is the one that is told, and the first was tried.
    let world = World::with(
        Endpoint::new(|_, _| Ok(refuse(401, "invalid_client", "", 7_000_215))),
        |builder| builder.or_credential(secret()),
    );
    world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(world.endpoint.calls(), 2);
}

type IsVariant = fn(&ExchangeError) -> bool;

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
            AssertionProblem::Expired { at: None },
            NextStep::SignInAgain,
        ),
        (
            r#""suberror":"token_expired","error_codes":[70000]"#,
            AssertionProblem::Expired { at: None },
            NextStep::SignInAgain,
        ),
        (
            r#""error_codes":[500131]"#,
            AssertionProblem::WrongAudience,
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[7000114]"#,
            AssertionProblem::AppOnly,
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[240002]"#,
            AssertionProblem::IdToken,
            NextStep::FixConfiguration,
        ),
        (
            r#""error_codes":[50013]"#,
            AssertionProblem::Refused,
            NextStep::SignInAgain,
        ),
    ];
    for (members, expected, next) in table {
        let error = of(400, &format!(r#"{{"error":"invalid_grant",{members}}}"#));
        let ExchangeError::AssertionRejected {
            problem,
            answer: Some(_),
        } = &error
        else {
            panic!("{members}: {error:?}");
        };
        assert_eq!(*problem, expected, "{members}");
        assert_eq!(error.next(), next, "{members}");
        assert!(!error.remedy().is_empty());
    }
}

#[test]
fn every_kind_of_answer_has_its_variant_and_loses_nothing() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c\u00e91"}}}"#;
    let escaped = serde_json::to_string(claims).unwrap();
    let members = r#""error_description":"AADSTS1: x","error_codes":[16,17],"suberror":"s","trace_id":"t-1","correlation_id":"c-1","timestamp":"2026-11-25 10:00:00Z""#;
    let body = |error: &str, more: &str| format!(r#"{{"error":"{error}",{more}{members}}}"#);
    let table: [(u16, String, IsVariant); 8] = [
        (400, body("consent_required", ""), |e| {
            matches!(e, ExchangeError::ConsentNeeded { consent: None, .. })
        }),
        (400, body("interaction_required", ""), |e| {
            matches!(e, ExchangeError::InteractionNeeded { claims: None, .. })
        }),
        (
            400,
            body("invalid_grant", &format!(r#""claims":{escaped},"#)),
            |e| {
                matches!(
                    e,
                    ExchangeError::InteractionNeeded {
                        claims: Some(_),
                        ..
                    }
                )
            },
        ),
        (401, body("invalid_client", ""), |e| {
            matches!(e, ExchangeError::Credential { .. })
        }),
        (429, body("invalid_request", ""), |e| {
            matches!(
                e,
                ExchangeError::Throttled {
                    answer: Some(_),
                    ..
                }
            )
        }),
        (503, body("temporarily_unavailable", ""), |e| {
            matches!(e, ExchangeError::Transient { .. })
        }),
        (400, body("access_denied", ""), |e| {
            matches!(e, ExchangeError::Denied(_))
        }),
        (400, body("invalid_scope", ""), |e| {
            matches!(e, ExchangeError::InvalidRequest(_))
        }),
    ];
    for (status, body, is_variant) in table {
        let error = of(status, &body);
        assert!(is_variant(&error), "{body}: {error:?}");
        assert!(error.error().is_some());
        assert_eq!(error.suberror(), Some("s"));
        assert_eq!(error.codes(), [16, 17]);
        assert_eq!(error.trace_id(), Some("t-1"));
        assert_eq!(error.correlation_id(), Some("c-1"));
        assert_eq!(error.timestamp(), Some("2026-11-25 10:00:00Z"));
        assert!(!error.remedy().is_empty() && !error.remedy().contains('\n'));
        if error.kind() == ErrorKind::ClaimsChallenge {
            assert_eq!(error.claims().unwrap().as_json(), claims);
        }
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
        let ExchangeError::Unintelligible { status, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(*status, expected);
        assert_eq!(error.next(), NextStep::Unrecoverable);
        assert!(error.remedy().contains("proxy"));
    }
}
