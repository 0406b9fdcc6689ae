//! Verified tokens out of nothing are what they say, and nothing to a validator.

use entra_claims::dangerous::TestToken;
use entra_claims::{
    AcceptedAudiences, AgentEvidence, Groups, ManualClock, Membership, PrincipalKind, Reason,
    Requirement, TenantPolicy, TokenVersion, Validator,
};
use foundry_scopes::{ClientId, Cloud, ObjectId, ScopeName, TenantId};
use serde_json::{Value, json};

use crate::support::{keys, reason};

const KINDS: [PrincipalKind; 6] = [
    PrincipalKind::User,
    PrincipalKind::App,
    PrincipalKind::Agent,
    PrincipalKind::AgentForUser,
    PrincipalKind::AgentUserAccount,
    PrincipalKind::UserThroughAgentClient,
];

#[test]
fn every_kind_is_classified_as_itself_in_both_versions() {
    for kind in KINDS {
        for version in [TokenVersion::V1, TokenVersion::V2] {
            let token = TestToken::for_kind(kind).version(version).build().unwrap();
            let principal = token.principal();
            assert_eq!(principal.kind(), kind);
            assert_eq!(principal.tenant(), TestToken::TENANT);
            assert_eq!(principal.object(), TestToken::OBJECT);
            assert_eq!(principal.client(), TestToken::CLIENT);
            let agent = !matches!(kind, PrincipalKind::User | PrincipalKind::App);
            let expected = [AgentEvidence::NotAgent, AgentEvidence::Agent][usize::from(agent)];
            assert_eq!(principal.agent(), expected, "{kind:?}");
            assert_eq!(token.claims().ver(), Some(version.as_str()));
        }
    }
}

#[test]
fn what_is_asked_for_is_in_it() {
    let (tenant, object) = (TenantId::from_u128(1), ObjectId::from_u128(2));
    let (client, group) = (ClientId::from_u128(3), ObjectId::from_u128(4));
    let token = TestToken::user()
        .tenant(tenant)
        .object(object)
        .client(client)
        .cloud(Cloud::us_government())
        .audience("api://orders")
        .scopes(["a", "b"])
        .roles(["R"])
        .groups([group])
        .guest()
        .auth_contexts(["c1"])
        .expires_at_unix(1_700_000_000)
        .claim("own", json!({"a": 1}))
        .claim("name", Value::Null)
        .build()
        .unwrap();
    let claims = token.claims();
    assert_eq!(token.principal().key().tenant, tenant);
    assert_eq!(token.principal().key().object, object);
    assert_eq!(token.principal().client(), client);
    let iss = Cloud::us_government().issuer_v2().render(tenant);
    assert_eq!(claims.iss(), Some(iss.as_str()));
    assert_eq!(claims.aud(), Some("api://orders"));
    assert_eq!(claims.scopes().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(claims.membership(), Membership::Guest);
    assert_eq!(token.expires_at_unix(), 1_700_000_000);
    assert_eq!(claims.get("own"), Some(json!({"a": 1})));
    assert_eq!(claims.name(), None);
    for rule in [
        Requirement::scope(ScopeName::parse("b").unwrap()),
        Requirement::role_of_user("R"),
        Requirement::group(group),
        Requirement::auth_context("c1"),
        Requirement::clients([client]),
    ] {
        assert!(rule.check(&token).is_ok(), "{rule}");
    }
    let overage = TestToken::user().groups_overage().build().unwrap();
    assert_eq!(overage.claims().groups(), Groups::Overage);
    let personal = TestToken::user()
        .tenant(TenantId::PERSONAL)
        .build()
        .unwrap();
    assert!(personal.claims().is_personal_account());
    // An application is admitted by what it holds and by nothing else.
    let rule = Requirement::any_role();
    let with_role = TestToken::app().roles(["R"]).build().unwrap();
    assert!(rule.check(&with_role).is_ok());
    assert!(rule.check(&TestToken::app().build().unwrap()).is_err());
}

#[test]
fn claims_that_no_validator_would_take_are_refused_here_too() {
    for odd in [
        TestToken::app().scopes(["s"]),
        TestToken::user().scopes([""; 0]),
        TestToken::user().claim("roles", "R"),
        TestToken::user().claim("oid", Value::Null),
        TestToken::user().claim("xms_sub_fct", "11"),
        TestToken::user().claim("exp", Value::Null),
    ] {
        assert!(odd.clone().build().is_err(), "{odd:?}");
    }
    let why = |token: TestToken| token.build().unwrap_err().to_string();
    assert!(
        why(TestToken::app().scopes(["s"])).contains("contradict each other: `idtyp` says app")
    );
    assert!(why(TestToken::user().scopes([""; 0])).contains("a user or an application"));
}

#[test]
fn no_validator_accepts_its_text() {
    let token = TestToken::user().build().unwrap();
    let validator = |clock| {
        Validator::new(
            Cloud::public(),
            TenantPolicy::single(TestToken::TENANT),
            AcceptedAudiences::for_client(TestToken::API),
        )
        .with_clock(std::sync::Arc::new(ManualClock::at(clock)))
    };
    let now = token.expires_at_unix() - 10;
    let outcome = validator(now).verify(token.expose_token(), &keys());
    assert_eq!(reason(outcome), Reason::UnknownKey);
    // And if somebody published a key of that name: the signature is nobody's.
    let document = crate::support::key_document_with(&[("kid", json!("test-token"))]);
    let keys = crate::support::key_set(&document);
    let outcome = validator(now).verify(token.expose_token(), &keys);
    assert_eq!(reason(outcome), Reason::BadSignature);
}
