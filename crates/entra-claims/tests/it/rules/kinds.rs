//! Delegated, application, or neither: every combination of the claims that decide.

use entra_claims::Policy;
use serde_json::{Value, json};

use crate::support::{ALICE, API, CLIENT, NOW, TENANT, clock, keys, sign, user, with};

/// What the definition says of these claims.
///
/// Delegated: `scp` is a text that is neither empty nor `/`, and `idtyp` is not `app`. An
/// application: `idtyp` is `app`, or is absent with no `scp` and `oid` equal to `sub`; and a
/// non-empty array of roles, unless the client is listed. Anything else is refused.
fn expected(claims: &Value, listed: bool) -> Option<&'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let scope = text("scp").is_some_and(|scp| !matches!(scp, "" | "/"));
    let roles = claims.get("roles").and_then(Value::as_array);
    let admitted = roles.is_some_and(|roles| !roles.is_empty()) || listed;
    let same = text("sub").is_some() && text("sub") == text("oid");
    match (text("idtyp"), scope) {
        (Some("app"), false) => admitted.then_some("app"),
        // Contradictory claims are errors.
        (Some("app"), true) => None,
        (_, true) => Some("delegated"),
        (None, false) if same => admitted.then_some("app"),
        _ => None,
    }
}

#[test]
fn every_combination_is_what_the_definition_says() {
    let policy = |clients: Value| {
        let policy = json!({
            "cloud": "public", "tenants": {"mode": "single", "tenant": TENANT},
            "audiences": [API], "token_kinds": ["delegated", "app"], "allowed_clients": clients,
        });
        let policy = Policy::from_json(&policy.to_string()).unwrap();
        policy.with_validator(|validator| validator.with_clock(clock()))
    };
    let (anybody, listed) = (policy(json!(null)), policy(json!([CLIENT])));
    let keys = keys();
    let absent = Value::Null;
    let mut accepted = [0; 2];
    for idtyp in [
        absent.clone(),
        json!("app"),
        json!("user"),
        json!("device"),
        json!(""),
    ] {
        for scp in [
            absent.clone(),
            json!(""),
            json!("/"),
            json!("s"),
            json!("s /"),
            json!("a b"),
        ] {
            for roles in [absent.clone(), json!([]), json!(["R"]), json!(["R", "S"])] {
                for sub in [absent.clone(), json!(ALICE), json!("pairwise")] {
                    let claims = with(
                        &user(),
                        &[
                            ("idtyp", idtyp.clone()),
                            ("scp", scp.clone()),
                            ("roles", roles.clone()),
                            ("sub", sub.clone()),
                            ("exp", json!(NOW + 60)),
                        ],
                    );
                    let token = sign(&claims);
                    for (policy, listed) in [(&anybody, false), (&listed, true)] {
                        let verified = policy.check(&token, &keys);
                        let kind = verified.as_ref().ok().map(|token| {
                            ["app", "delegated"][usize::from(token.principal().is_delegated())]
                        });
                        let expected = expected(&claims, listed);
                        assert_eq!(kind, expected, "{claims} {verified:?}");
                        accepted[usize::from(listed)] += usize::from(kind.is_some());
                    }
                }
            }
        }
    }
    // Neither the code nor the reference refuses everything.
    assert!(
        accepted[0] > 100 && accepted[1] > accepted[0],
        "{accepted:?}"
    );
}

/// A role of no letters is an element of the array, and admits nobody.
#[test]
fn two_odd_values_are_read_more_strictly_than_they_could_be() {
    let policy = json!({
        "cloud": "public", "tenants": {"mode": "single", "tenant": TENANT},
        "audiences": [API], "token_kinds": ["delegated", "app"],
    });
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    let policy = policy.with_validator(|validator| validator.with_clock(clock()));
    for (name, value) in [("scp", json!("  ")), ("idtyp", json!("App"))] {
        let token = sign(&with(&user(), &[(name, value.clone())]));
        assert!(policy.check(&token, &keys()).is_err(), "{name} = {value}");
    }
    let app = with(&crate::support::app(), &[("roles", json!([""]))]);
    assert!(policy.check(&sign(&app), &keys()).is_err());
}
