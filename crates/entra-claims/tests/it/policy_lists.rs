//! Whom the lists of a policy bind, and what it is made of.

use entra_claims::{Policy, Reason};
use serde_json::{Value, json};

use crate::policy::{base, changed, outcome};
use crate::support::{API, CLIENT, OTHER_TENANT, TENANT, app, user, with};

/// Where `token_kinds` names both, a list still binds the one kind that the table says.
#[test]
fn a_role_of_users_is_demanded_of_users() {
    let roles = |claims: Value, roles: Value| with(&claims, &[("roles", roles)]);
    let policy = with(
        &base(),
        &[("required_user_roles_any", json!(["Admin", "Lead"]))],
    );
    assert_eq!(outcome(&policy, &user()), Some(Reason::MissingRole));
    let other = roles(user(), json!(["Reader"]));
    assert_eq!(outcome(&policy, &other), Some(Reason::MissingRole));
    assert_eq!(outcome(&policy, &roles(user(), json!(["Lead"]))), None);
    assert_eq!(outcome(&policy, &app()), None, "binds no application");

    let both = with(&policy, &[("required_scopes_any", json!(["Orders.Write"]))]);
    let admin = roles(user(), json!(["Admin"]));
    assert_eq!(outcome(&both, &admin), Some(Reason::MissingScope));

    let elsewhere = with(&policy, &[("roles_assigned_in", json!([OTHER_TENANT]))]);
    assert_eq!(outcome(&elsewhere, &admin), Some(Reason::MissingRole));
    let users = [("token_kinds", json!(["delegated"]))];
    assert!(Policy::from_json(&with(&elsewhere, &users).to_string()).is_ok());
}

/// Fields by their place would make one that is left out the next one's value.
#[test]
fn a_policy_is_an_object_at_every_level() {
    for text in [
        format!(r#"["public", {{"mode": "single", "tenant": "{TENANT}"}}, ["{API}"], ["app"]]"#),
        with(&base(), &[("tenants", json!(["single", TENANT]))]).to_string(),
        with(&base(), &[("cloud", json!(["public"]))]).to_string(),
        with(
            &base(),
            &[(
                "cloud",
                json!({"external_id": ["https://contoso.ciamlogin.com"]}),
            )],
        )
        .to_string(),
    ] {
        let error = Policy::from_json(&text).unwrap_err().to_string();
        assert!(error.contains("and is an array"), "{error}");
    }
}

#[test]
fn a_scope_of_another_api_is_a_mistake() {
    let read = |scope: String| changed(&[("required_scopes_any", json!(["a", scope]))]);
    for foreign in [
        "https://graph.microsoft.com/User.Read".to_owned(),
        format!("api://{CLIENT}/a"),
    ] {
        let error = read(foreign).unwrap_err();
        let says = "required_scopes_any[1]: the requirement";
        assert!(error.contains(says), "{error}");
        assert!(error.contains("names a scope of the API"), "{error}");
    }
    assert!(read(format!("api://{API}/a")).is_ok());
    let qualified = [
        ("audiences", json!(["api://contoso.example/orders"])),
        (
            "required_scopes_any",
            json!(["api://contoso.example/orders/a"]),
        ),
    ];
    assert!(changed(&qualified).is_ok());
}
