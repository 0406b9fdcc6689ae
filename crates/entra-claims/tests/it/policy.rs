//! Policies as configuration.

use entra_claims::{ManualClock, Policy, Reason};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::{API, CLIENT, NOW, TENANT, app, keys, sign, user, with};

fn base() -> Value {
    json!({
        "cloud": "public",
        "tenants": {"mode": "single", "tenant": TENANT},
        "audiences": [API],
        "token_kinds": ["delegated", "app"],
    })
}

fn changed(changes: &[(&str, Value)]) -> Result<Policy, String> {
    Policy::from_json(&with(&base(), changes).to_string()).map_err(|error| error.to_string())
}

#[track_caller]
fn outcome(policy: &Value, claims: &Value) -> Option<Reason> {
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    let policy = policy.with_validator(|v| v.with_clock(Arc::new(ManualClock::at(NOW))));
    let result = policy.check(&sign(claims), &keys());
    result.err().map(|refusal| refusal.reason())
}

#[test]
fn what_is_missing_unknown_or_empty_is_an_error() {
    for name in ["cloud", "tenants", "audiences", "token_kinds"] {
        let error = changed(&[(name, Value::Null)]).unwrap_err();
        assert!(
            error.contains(&format!("missing field `{name}`")),
            "{error}"
        );
    }
    for (name, value, says) in [
        ("audience", json!(API), "unknown field `audience`"),
        ("audiences", json!([]), "audiences is empty"),
        ("audiences", json!("x"), "sequence"),
        (
            "cloud",
            json!("azure"),
            "expected `public`, `usgov`, `china`, or a table",
        ),
        ("cloud", json!({"public": {}}), "unknown variant `public`"),
        ("cloud", json!({}), "a table with one entry"),
        (
            "cloud",
            json!({"loopback": "http://127.0.0.1:1", "name": "x"}),
            "and this has more",
        ),
        ("token_kinds", json!([]), "`token_kinds` is empty"),
        ("token_kinds", json!(["user"]), "unknown variant `user`"),
        ("versions", json!([]), "token versions is empty"),
        ("versions", json!(["2"]), "unknown variant `2`"),
        ("algorithms", json!([]), "algorithms is empty"),
        ("algorithms", json!(["HS256"]), "unknown variant `HS256`"),
        ("algorithms", json!(["none"]), "unknown variant `none`"),
        ("clock_skew_s", json!(601), "601 s"),
        ("clock_skew_s", json!(-1), "invalid value"),
        ("max_token_bytes", json!(0), "0 bytes"),
        (
            "required_scopes_any",
            json!([".default"]),
            "no token carries it",
        ),
        ("allowed_clients", json!(["x"]), "GUID"),
        (
            "tenants",
            json!({"mode": "allow", "tenants": []}),
            "tenants is empty",
        ),
        ("tenants", json!({"mode": "any"}), "unknown variant `any`"),
        ("tenants", json!("common"), "invalid type"),
    ] {
        let error = changed(&[(name, value.clone())]).unwrap_err();
        assert!(error.contains(says), "{name} = {value}: {error}");
    }
    let twice = base().to_string().replacen('{', r#"{"cloud":"china","#, 1);
    let error = Policy::from_json(&twice).unwrap_err().to_string();
    assert!(error.contains("duplicate field `cloud`"), "{error}");
}

/// A list where "anyone" was written means that somebody thought the list counts.
#[test]
fn open_modes_take_no_list() {
    for mode in ["organizations", "common"] {
        assert!(changed(&[("tenants", json!({"mode": mode}))]).is_ok());
        for extra in ["tenants", "tenant", "x"] {
            let error =
                changed(&[("tenants", json!({"mode": mode, extra: [TENANT]}))]).unwrap_err();
            assert!(error.contains("unknown field"), "{mode} {extra}: {error}");
        }
    }
    for mode in ["single", "allow"] {
        let both = json!({"mode": mode, "tenant": TENANT, "tenants": [TENANT]});
        assert!(changed(&[("tenants", both)]).is_err());
    }
}

#[test]
fn clouds_come_by_name_or_as_a_table() {
    let custom = json!({"custom": {
        "name": "AzureBleu", "authority": "https://login.sovcloud-identity.fr",
        "issuer_v1": "https://sts.example.fr/{tenantid}/",
        "issuer_v2": "https://login.sovcloud-identity.fr/{tenantid}/v2.0",
    }});
    for cloud in [
        json!("usgov"),
        json!("china"),
        custom,
        json!({"loopback": "http://127.0.0.1:1"}),
    ] {
        assert!(changed(&[("cloud", cloud.clone())]).is_ok(), "{cloud}");
    }
    for cloud in [
        json!({"loopback": "http://192.0.2.1"}),
        json!({"custom": {"name": "x", "authority": "http://x", "issuer_v1": "x", "issuer_v2": "x"}}),
        json!({"loopback": "http://127.0.0.1:1", "custom": {}}),
    ] {
        assert!(changed(&[("cloud", cloud.clone())]).is_err(), "{cloud}");
    }
}

#[test]
fn kinds_scopes_roles_and_clients_decide() {
    let policy = |changes: &[(&str, Value)]| with(&base(), changes);
    let roles = |roles: Value| with(&app(), &[("roles", roles)]);
    assert_eq!(outcome(&base(), &user()), None);
    assert_eq!(outcome(&base(), &app()), None);
    assert_eq!(
        outcome(&base(), &roles(Value::Null)),
        Some(Reason::MissingRole)
    );
    assert_eq!(
        outcome(&base(), &roles(json!([]))),
        Some(Reason::MissingRole)
    );

    let users = policy(&[("token_kinds", json!(["delegated"]))]);
    assert_eq!(outcome(&users, &app()), Some(Reason::UserRequired));
    let apps = policy(&[("token_kinds", json!(["app"]))]);
    assert_eq!(outcome(&apps, &user()), Some(Reason::WrongKind));

    for (scopes, expected) in [
        (json!(["Orders.Write", "Orders.Read"]), None),
        (json!([format!("api://{API}/Orders.Read")]), None),
        (json!(["Orders"]), Some(Reason::MissingScope)),
    ] {
        let policy = policy(&[("required_scopes_any", scopes)]);
        assert_eq!(outcome(&policy, &user()), expected);
        assert_eq!(outcome(&policy, &app()), None, "scopes are for users");
    }
    let role = policy(&[("required_roles_any", json!(["Other", "Jobs.Read"]))]);
    assert_eq!(outcome(&role, &app()), Some(Reason::MissingRole));
    assert_eq!(outcome(&role, &roles(json!(["Jobs.Read"]))), None);
    assert_eq!(outcome(&role, &user()), None, "roles are for applications");

    let named = policy(&[("allowed_clients", json!([CLIENT]))]);
    let other = policy(&[("allowed_clients", json!([API]))]);
    let nobody = policy(&[("allowed_clients", json!([]))]);
    for claims in [user(), app(), roles(Value::Null)] {
        assert_eq!(outcome(&named, &claims), None);
        assert_eq!(outcome(&other, &claims), Some(Reason::ClientNotAllowed));
        assert_eq!(outcome(&nobody, &claims), Some(Reason::ClientNotAllowed));
    }
}

#[test]
fn limits_are_the_policys() {
    let token = sign(&user());
    let policy = with(&base(), &[("max_token_bytes", json!(token.len() - 1))]);
    assert_eq!(outcome(&policy, &user()), Some(Reason::TooLarge));
    let policy = with(&base(), &[("max_token_bytes", json!(token.len()))]);
    assert_eq!(outcome(&policy, &user()), None);
    let late = with(&user(), &[("exp", json!(NOW - 61))]);
    let strict = with(&base(), &[("clock_skew_s", json!(60))]);
    assert_eq!(outcome(&base(), &late), None);
    assert_eq!(outcome(&strict, &late), Some(Reason::Expired));
    let v1 = with(&base(), &[("versions", json!(["1.0"]))]);
    assert_eq!(outcome(&v1, &user()), Some(Reason::VersionNotAccepted));
}
