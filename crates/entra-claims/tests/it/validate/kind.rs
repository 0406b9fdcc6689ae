//! Who is calling.

use entra_claims::{AgentEvidence, PrincipalKind, Reason, Requirement};
use serde_json::{Value, json};

use crate::support::{
    ALICE, CLIENT, TENANT, app, refused, text_claim_is_checked, user, user_v1, verify, with,
};

fn kind(claims: &Value) -> (PrincipalKind, AgentEvidence) {
    let token = verify(claims).unwrap();
    (token.principal().kind(), token.principal().agent())
}

#[test]
fn a_user_and_an_application_are_told_apart() {
    for claims in [user(), user_v1()] {
        let token = verify(&claims).unwrap();
        let principal = token.principal();
        assert_eq!(principal.kind(), PrincipalKind::User);
        assert!(principal.is_delegated());
        assert_eq!(principal.tenant().to_string(), TENANT);
        assert_eq!(principal.object().to_string(), ALICE);
        assert_eq!(principal.client().to_string(), CLIENT);
        assert_eq!(principal.key().tenant, principal.tenant());
        assert_eq!(
            principal.to_string(),
            format!("user {TENANT}/{ALICE} via client {CLIENT}")
        );
    }
    let token = verify(&app()).unwrap();
    assert_eq!(token.principal().kind(), PrincipalKind::App);
    assert!(!token.principal().is_delegated());
}

#[test]
fn idtyp_decides_where_it_is_there() {
    let idtyp = |claims: &Value, idtyp: &str| with(claims, &[("idtyp", json!(idtyp))]);
    assert_eq!(kind(&idtyp(&user(), "user")).0, PrincipalKind::User);
    assert_eq!(refused(&idtyp(&user(), "app")), Reason::ContradictoryClaims);
    assert_eq!(refused(&idtyp(&app(), "user")), Reason::UnknownCaller);
    for other in ["App", "APP", "aPP"] {
        let refusal = refused(&idtyp(&user(), other));
        assert_eq!(refusal, Reason::UnknownCaller, "{other}");
    }
    for other in ["device", "", "service"] {
        assert_eq!(kind(&idtyp(&user(), other)).0, PrincipalKind::User);
        let refusal = refused(&idtyp(&app(), other));
        assert_eq!(refusal, Reason::UnknownCaller, "{other}");
    }
    for scp in ["", "/"] {
        let claims = with(&app(), &[("scp", json!(scp))]);
        assert_eq!(kind(&claims).0, PrincipalKind::App, "{scp:?}");
    }
}

#[test]
fn without_idtyp_the_subject_must_be_the_object() {
    let inferred = with(&app(), &[("idtyp", Value::Null)]);
    assert_eq!(kind(&inferred).0, PrincipalKind::App);
    for sub in [json!("pairwise"), Value::Null] {
        let unclear = with(&inferred, &[("sub", sub)]);
        assert_eq!(refused(&unclear), Reason::UnknownCaller);
    }
    let scopeless = with(&user(), &[("scp", json!("/"))]);
    assert_eq!(refused(&scopeless), Reason::UnknownCaller);
    assert_eq!(
        refused(&with(&user(), &[("scp", json!(["a"]))])),
        Reason::WrongType
    );
    assert_eq!(
        refused(&with(&user(), &[("scp", json!(1))])),
        Reason::WrongType
    );
}

#[test]
fn object_and_client_are_guids_as_entra_writes_them() {
    text_claim_is_checked(
        &user(),
        "oid",
        Reason::MissingIdentity,
        Reason::MissingIdentity,
    );
    text_claim_is_checked(&user(), "azp", Reason::IdToken, Reason::MissingIdentity);
    text_claim_is_checked(
        &user_v1(),
        "appid",
        Reason::IdToken,
        Reason::MissingIdentity,
    );
    for name in ["oid", "azp"] {
        for value in [
            ALICE.to_uppercase(),
            ALICE.replace('-', ""),
            "00000000-0000-0000-0000-000000000000".to_owned(),
        ] {
            let claims = with(&user(), &[(name, json!(value))]);
            assert_eq!(refused(&claims), Reason::MissingIdentity, "{name} {value}");
        }
    }
    let two = with(&user(), &[("appid", json!(ALICE))]);
    assert_eq!(refused(&two), Reason::ContradictoryClaims);
    let same = with(&user(), &[("appid", json!(CLIENT))]);
    assert!(verify(&same).is_ok());
}

#[test]
fn agents_are_recognized() {
    let facets = |base: &Value, actor: &str, subject: &str| {
        with(
            base,
            &[
                ("xms_act_fct", json!(actor)),
                ("xms_sub_fct", json!(subject)),
                ("azpacr", json!("2")),
            ],
        )
    };
    use AgentEvidence::{Agent, NotAgent, Unknown};
    assert_eq!(
        kind(&facets(&user(), "9 3 11", "4 3")),
        (PrincipalKind::AgentForUser, Agent)
    );
    assert_eq!(
        kind(&facets(&user(), "3 11", "13 3")),
        (PrincipalKind::AgentUserAccount, Agent)
    );
    assert_eq!(
        kind(&facets(&user(), "3 9", "13")),
        (PrincipalKind::AgentUserAccount, Agent)
    );
    assert_eq!(
        kind(&facets(&app(), "11 3", "3 11")),
        (PrincipalKind::Agent, Agent)
    );
    assert_eq!(
        kind(&facets(&app(), "3 9", "9 3")),
        (PrincipalKind::App, NotAgent)
    );
    assert_eq!(
        kind(&facets(&user(), "3 5", "3 10")),
        (PrincipalKind::User, NotAgent)
    );
    // Nothing readable is said: not the same as "no agent".
    assert_eq!(kind(&user()), (PrincipalKind::User, Unknown));
    assert_eq!(
        kind(&facets(&user(), "11 a", "4 3")),
        (PrincipalKind::User, Unknown)
    );
    // An unreadable subject may be an agent's account.
    assert_eq!(kind(&facets(&user(), "3 9", "13 a")).1, Unknown);
    let marked = with(&app(), &[("xms_par_app_azp", json!(CLIENT))]);
    assert_eq!(kind(&marked), (PrincipalKind::Agent, Agent));
}

#[test]
fn agent_claims_that_contradict_the_kind_are_refused() {
    let agent_user = with(&app(), &[("xms_sub_fct", json!("13"))]);
    assert_eq!(refused(&agent_user), Reason::ContradictoryClaims);
    let agent_as_user = with(&user(), &[("xms_sub_fct", json!("11"))]);
    assert_eq!(refused(&agent_as_user), Reason::ContradictoryClaims);
}

#[test]
fn a_public_client_that_is_an_agent_is_a_kind_of_its_own() {
    let through = |proofs: &[(&str, Value)]| {
        let base = with(&user(), &[("azpacr", Value::Null)]);
        let base = with(&base, &[("xms_act_fct", json!("3 11"))]);
        kind(&with(&base, proofs)).0
    };
    let (client, agent) = (
        PrincipalKind::UserThroughAgentClient,
        PrincipalKind::AgentForUser,
    );
    assert_eq!(through(&[("azpacr", json!("0"))]), client);
    assert_eq!(through(&[("appidacr", json!("0"))]), client);
    // It has to be there and to be 0.
    assert_eq!(through(&[]), agent);
    for other in [json!("1"), json!("2"), json!(0), json!("00"), json!("")] {
        assert_eq!(through(&[("azpacr", other.clone())]), agent, "{other}");
    }
    let both = [("azpacr", json!("0")), ("appidacr", json!("2"))];
    assert_eq!(through(&both), agent);
    // Without the facet it cannot be told from any other client.
    assert_eq!(kind(&user()), (PrincipalKind::User, AgentEvidence::Unknown));
    // A rule that lists no kinds admits it, a list of kinds only by name.
    let local = with(&user(), &[("xms_act_fct", json!("3 11"))]);
    let token = verify(&local).unwrap();
    assert!(Requirement::delegated().check(&token).is_ok());
    for named in [PrincipalKind::User, PrincipalKind::AgentForUser] {
        let refused = Requirement::kinds([named]).check(&token).unwrap_err();
        assert_eq!(refused.reason(), Reason::WrongKind);
    }
    assert!(Requirement::kinds([client]).check(&token).is_ok());
}

#[test]
fn a_client_that_is_named_by_a_url_is_said() {
    let url = "https://claude.ai/oauth/claude-code-client-metadata";
    let rejection = verify(&with(&user(), &[("azp", json!(url))])).unwrap_err();
    assert_eq!(rejection.reason(), Reason::MissingIdentity);
    let explained = rejection.explain();
    assert!(
        explained.contains(url) && explained.contains("metadata document"),
        "{explained}"
    );
}
