//! Policies as configuration.

use entra_claims::{ManualClock, Policy, Reason};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::{
    API, CLIENT, NOW, OTHER_TENANT, TENANT, app, keys, sign, user, v2_issuer, with,
};

pub(crate) fn base() -> Value {
    json!({
        "cloud": "public",
        "tenants": {"mode": "single", "tenant": TENANT},
        "audiences": [API],
        "token_kinds": ["delegated", "app"],
    })
}

pub(crate) fn changed(changes: &[(&str, Value)]) -> Result<Policy, String> {
    Policy::from_json(&with(&base(), changes).to_string()).map_err(|error| error.to_string())
}

#[track_caller]
pub(crate) fn outcome(policy: &Value, claims: &Value) -> Option<Reason> {
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    let policy = policy.with_validator(|v| v.with_clock(Arc::new(ManualClock::at(NOW))));
    let result = policy.check(&sign(claims), &keys());
    result.err().map(|refusal| refusal.reason())
}

#[test]
fn what_is_missing_unknown_or_empty_is_an_error() {
    for name in ["cloud", "tenants", "audiences", "token_kinds"] {
        let error = changed(&[(name, Value::Null)]).unwrap_err();
        assert!(error.contains(&format!("{name}: is missing")), "{error}");
    }
    for (name, value, says) in [
        (
            "audience",
            json!(API),
            "audience: unknown field; did you mean `audiences`?",
        ),
        (
            "flavour",
            json!(1),
            "flavour: unknown field; the fields here are cloud, tenants",
        ),
        ("audiences", json!([]), "audiences: the array is empty"),
        (
            "audiences",
            json!("x"),
            r#"audiences: needs an array, and is "x": write ["x"]"#,
        ),
        (
            "audiences",
            json!([API, 7]),
            r#"audiences[1]: needs text, and is the number 7: write "7" with quotes"#,
        ),
        (
            "cloud",
            json!("azure"),
            r#"cloud: needs "public" or "usgov" or "china", and is "azure""#,
        ),
        ("cloud", json!("Public"), r#"write "public""#),
        (
            "cloud",
            json!({"public": {}}),
            "cloud.public: unknown field; the fields here are custom, external_id, loopback",
        ),
        ("cloud", json!({}), "and has 0 entries"),
        (
            "cloud",
            json!(7),
            "cloud: needs \"public\", \"usgov\", \"china\", or a table",
        ),
        (
            "cloud",
            json!({"loopback": "http://127.0.0.1:1", "custom": {}}),
            "and has 2 entries",
        ),
        ("token_kinds", json!([]), "token_kinds: the array is empty"),
        (
            "token_kinds",
            json!(["app", "user"]),
            r#"token_kinds[1]: needs "delegated" or "app", and is "user""#,
        ),
        (
            "token_kinds",
            json!(["Delegated"]),
            r#"token_kinds[0]: needs "delegated" or "app", and is "Delegated": write "delegated""#,
        ),
        ("versions", json!([]), "versions: the array is empty"),
        (
            "versions",
            json!(["2"]),
            r#"versions[0]: needs "1.0" or "2.0", and is "2": write "2.0""#,
        ),
        (
            "versions",
            json!([2.0]),
            r#"versions[0]: needs "1.0" or "2.0", and is the number 2.0: write "2.0" with quotes"#,
        ),
        (
            "versions",
            json!([1]),
            r#"and is the number 1: write "1.0" with quotes"#,
        ),
        (
            "versions",
            json!(2.0),
            "versions: needs an array, and is the number 2.0",
        ),
        ("algorithms", json!([]), "algorithms: the array is empty"),
        (
            "algorithms",
            json!(["HS256"]),
            r#"algorithms[0]: needs "RS256" or "PS256", and is "HS256""#,
        ),
        ("algorithms", json!(["none"]), "algorithms[0]: needs"),
        (
            "clock_skew_s",
            json!(601),
            "clock_skew_s: needs a whole number from 0 to 600, and is the number 601",
        ),
        ("clock_skew_s", json!(-1), "and is the number -1"),
        (
            "clock_skew_s",
            json!(60.0),
            "and is the number 60.0: write 60",
        ),
        (
            "clock_skew_s",
            json!("60"),
            r#"and is "60": write 60 without quotes"#,
        ),
        ("clock_skew_s", json!(true), "and is true"),
        (
            "max_token_bytes",
            json!(0),
            "max_token_bytes: needs a whole number from 1 to 262144, and is the number 0",
        ),
        (
            "required_scopes_any",
            json!([".default"]),
            "required_scopes_any[0]: ",
        ),
        (
            "required_scopes_any",
            json!([".default"]),
            "no token carries it",
        ),
        (
            "required_roles_any",
            json!([""]),
            "required_roles_any[0]: a role has a name",
        ),
        (
            "required_scopes_any",
            json!([]),
            "required_scopes_any: the array is empty: it would ask users for nothing",
        ),
        (
            "required_roles_any",
            json!([]),
            "required_roles_any: the array is empty: it would ask applications for nothing",
        ),
        (
            "required_user_roles_any",
            json!([]),
            "required_user_roles_any: the array is empty: it would ask users for nothing",
        ),
        (
            "required_user_roles_any",
            json!(["Admin", " "]),
            "required_user_roles_any[1]: a role has a name",
        ),
        (
            "required_scopes_any",
            json!([""]),
            "required_scopes_any[0]: ",
        ),
        (
            "roles_assigned_in",
            json!([]),
            "roles_assigned_in: the array is empty",
        ),
        (
            "cloud",
            json!({"external_id": {"authority": "https://contoso.ciamlogin.com", "hosts": []}}),
            "cloud.external_id.hosts: the array is empty",
        ),
        ("allowed_clients", json!(["x"]), "allowed_clients[0]: "),
        ("allowed_clients", json!(["x"]), "GUID"),
        ("allowed_clients", json!([]), "it would accept no client"),
        (
            "tenants",
            json!({"mode": "allow", "tenants": []}),
            "tenants.tenants: the array is empty: it would accept no tenant",
        ),
        (
            "tenants",
            json!({"mode": "any"}),
            r#"tenants.mode: needs "single" or "allow" or "organizations" or "common" or "registry", and is "any""#,
        ),
        (
            "tenants",
            json!({"mode": "single"}),
            "tenants.tenant: is missing",
        ),
        (
            "tenants",
            json!({"tenant": TENANT}),
            "tenants.mode: is missing",
        ),
        (
            "tenants",
            json!({"mode": "single", "tenant": "contoso.onmicrosoft.com"}),
            "tenants.tenant: ",
        ),
        (
            "tenants",
            json!("common"),
            r#"tenants: needs a table (object) with a mode, and is "common": write {"mode": "common", ...}"#,
        ),
        (
            "roles_assigned_in",
            json!("some"),
            "roles_assigned_in: needs an array of tenant ids",
        ),
        ("roles_assigned_in", json!(["x"]), "roles_assigned_in[0]: "),
    ] {
        let error = changed(&[(name, value.clone())]).unwrap_err();
        assert!(error.contains(says), "{name} = {value}: {error}");
        for rust in [
            "u64", "usize", "enum", "variant", "struct", "sequence", "map",
        ] {
            assert!(!error.contains(rust), "{rust}: {error}");
        }
    }
    let twice = base().to_string().replacen('{', r#"{"cloud":"china","#, 1);
    let error = Policy::from_json(&twice).unwrap_err().to_string();
    assert!(error.contains("cloud: is given twice"), "{error}");
    let error = Policy::from_json("{").unwrap_err().to_string();
    assert!(error.contains("this is not JSON"), "{error}");
    let error = Policy::from_json("[]").unwrap_err();
    assert_eq!(
        error.mistakes(),
        ["needs a table (object), and is an array"]
    );
}

#[test]
fn all_mistakes_are_listed_at_once() {
    let error = Policy::from_json(
        r#"{
            "cloud": {"custom": {"name": 1, "authority": "https://login.example"}},
            "tenants": {"mode": "single", "tenant": "contoso", "tenants": []},
            "audiences": [],
            "token_kinds": ["user"],
            "versions": [2.0],
            "clock_skew_s": "300",
            "required_scope_any": ["a"]
        }"#,
    )
    .unwrap_err();
    let paths: Vec<&str> = error
        .mistakes()
        .iter()
        .filter_map(|mistake| mistake.split(": ").next())
        .collect();
    let mut expected = vec![
        "required_scope_any",
        "cloud.custom.name",
        "cloud.custom.issuer_v1",
        "cloud.custom.issuer_v2",
        "tenants.tenants",
        "tenants.tenant",
        "audiences",
        "versions[0]",
        "clock_skew_s",
        "token_kinds[0]",
    ];
    expected.sort_unstable();
    let mut found = paths.clone();
    found.sort_unstable();
    assert_eq!(found, expected, "{error}");
    let text = error.to_string();
    assert!(
        error
            .mistakes()
            .iter()
            .all(|mistake| text.contains(mistake))
    );
}

/// Another format than JSON gives the same tree.
#[test]
fn a_policy_inside_of_another_document_names_the_same_paths() {
    #[derive(Debug, serde::Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only its mistakes are read")]
        callers: Policy,
    }
    let document = json!({ "callers": with(&base(), &[("versions", json!([2.0]))]) });
    let error = serde_json::from_value::<Outer>(document)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(r#"versions[0]: needs "1.0" or "2.0""#),
        "{error}"
    );
}

#[test]
fn fields_about_tokens_that_are_not_accepted_are_mistakes() {
    for (kinds, name, value) in [
        ("app", "required_scopes_any", json!(["a"])),
        ("delegated", "required_roles_any", json!(["a"])),
        ("app", "required_user_roles_any", json!(["a"])),
        ("delegated", "roles_assigned_in", json!("any")),
    ] {
        let error = changed(&[("token_kinds", json!([kinds])), (name, value)]).unwrap_err();
        assert!(error.contains("and `token_kinds` has no"), "{error}");
    }
    let roles = [
        ("token_kinds", json!(["delegated"])),
        ("required_roles_any", json!(["Admin"])),
    ];
    let error = changed(&roles).unwrap_err();
    assert!(error.contains("`required_user_roles_any`"), "{error}");
}

/// Each tenant's administrators assign roles: whose count is not left to a default.
#[test]
fn with_more_than_one_tenant_roles_say_where_they_were_assigned() {
    let tenants = json!({"mode": "allow", "tenants": [TENANT, OTHER_TENANT]});
    let several = [("tenants", tenants)];
    let guard = |policy: &Policy| policy.requirement().check_against(policy.validator(), None);
    let error = guard(&changed(&several).unwrap()).unwrap_err().to_string();
    assert!(error.contains("`roles_assigned_in`"), "{error}");
    let users = [several[0].clone(), ("token_kinds", json!(["delegated"]))];
    assert!(
        guard(&changed(&users).unwrap()).is_ok(),
        "no roles, no question"
    );

    let token = |id: &str| {
        let tenant = [("tid", json!(id)), ("iss", json!(v2_issuer(id)))];
        with(&with(&app(), &[("roles", json!(["Jobs.Read"]))]), &tenant)
    };
    let policy = |place: Value| with(&base(), &[several[0].clone(), ("roles_assigned_in", place)]);
    for (place, here, there) in [
        (json!("any"), None, None),
        (json!([TENANT]), None, Some(Reason::MissingRole)),
        (json!([OTHER_TENANT]), Some(Reason::MissingRole), None),
    ] {
        assert_eq!(
            outcome(&policy(place.clone()), &token(TENANT)),
            here,
            "{place}"
        );
        assert_eq!(
            outcome(&policy(place.clone()), &token(OTHER_TENANT)),
            there,
            "{place}"
        );
    }
    let elsewhere = Policy::from_json(&policy(json!([API])).to_string()).unwrap();
    let error = guard(&elsewhere).unwrap_err().to_string();
    assert!(
        error.contains("names no tenant that the policy accepts"),
        "{error}"
    );
}

/// A list where "anyone" was written means that somebody thought the list counts.
#[test]
fn open_modes_take_no_list() {
    for mode in ["organizations", "common"] {
        assert!(changed(&[("tenants", json!({"mode": mode}))]).is_ok());
        for extra in ["tenants", "tenant", "x"] {
            let error =
                changed(&[("tenants", json!({"mode": mode, extra: [TENANT]}))]).unwrap_err();
            assert!(
                error.contains("does not go with the mode") || error.contains("unknown field"),
                "{mode} {extra}: {error}"
            );
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
    for claims in [user(), app(), roles(Value::Null)] {
        assert_eq!(outcome(&named, &claims), None);
        assert_eq!(outcome(&other, &claims), Some(Reason::ClientNotAllowed));
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
