use entra_claims::{Reason, RejectionClass, Requirement, VerifiedToken};
use foundry_scopes::ScopeName;
use serde_json::{Value, json};

use crate::support::{app, user, verify, with};

fn scope(name: &str) -> Requirement {
    Requirement::scope(ScopeName::parse(name).unwrap())
}

fn scp(text: &str) -> VerifiedToken {
    verify(&with(&user(), &[("scp", json!(text))])).unwrap()
}

fn app_with(roles: Value) -> VerifiedToken {
    verify(&with(&app(), &[("roles", roles)])).unwrap()
}

fn reason(rule: &Requirement, token: &VerifiedToken) -> Reason {
    let rejection = rule.check(token).unwrap_err();
    assert_eq!(rejection.class(), RejectionClass::Forbidden);
    assert!(rejection.signature_checked());
    rejection.reason()
}

#[test]
fn a_scope_is_one_word_of_scp() {
    let rule = scope("access_as_user");
    for held in [
        "access_as_user",
        "access_as_user user.read",
        "user.read access_as_user",
        " access_as_user ",
    ] {
        assert!(rule.check(&scp(held)).is_ok(), "{held}");
    }
    for held in [
        "user.read",
        "access_as_user2",
        "xaccess_as_user",
        "Access_as_user",
        "api://x/access_as_user",
    ] {
        assert_eq!(reason(&rule, &scp(held)), Reason::MissingScope, "{held}");
    }
}

#[test]
fn an_application_never_meets_a_scope() {
    let rule = scope("access_as_user");
    for roles in [Value::Null, json!([]), json!(["access_as_user"])] {
        assert_eq!(reason(&rule, &app_with(roles)), Reason::UserRequired);
    }
    let slash = verify(&with(&app(), &[("scp", json!("/"))])).unwrap();
    assert_eq!(reason(&rule, &slash), Reason::UserRequired);
}

#[test]
fn a_role_is_one_element_of_roles_and_an_applications() {
    let rule = Requirement::role("access_as_app");
    assert!(
        rule.check(&app_with(json!(["other", "access_as_app"])))
            .is_ok()
    );
    for roles in [
        Value::Null,
        json!([]),
        json!(["access_as_app2"]),
        json!(["access_as_app_read access_as_app"]),
        json!(["Access_as_app"]),
    ] {
        assert_eq!(
            reason(&rule, &app_with(roles.clone())),
            Reason::MissingRole,
            "{roles}"
        );
    }
    let user_with_role = verify(&with(&user(), &[("roles", json!(["access_as_app"]))])).unwrap();
    assert_eq!(reason(&rule, &user_with_role), Reason::MissingRole);
    let of_user = Requirement::role_of_user("access_as_app");
    assert!(of_user.check(&user_with_role).is_ok());
    assert_eq!(
        reason(&of_user, &app_with(json!(["access_as_app"]))),
        Reason::MissingRole
    );
}

#[test]
fn alternatives_and_sums() {
    let any = Requirement::any_of([scope("s1"), scope("s2"), Requirement::role("R")]);
    assert!(any.check(&scp("s2")).is_ok());
    assert!(any.check(&scp("s2 s1")).is_ok());
    assert!(any.check(&app_with(json!(["R"]))).is_ok());
    assert_eq!(reason(&any, &scp("s3 s4")), Reason::MissingScope);
    assert_eq!(reason(&any, &app_with(json!(["X"]))), Reason::MissingRole);
    let all = Requirement::all_of([scope("s1"), scope("s2")]);
    assert!(all.check(&scp("s2 s1")).is_ok());
    assert_eq!(reason(&all, &scp("s1")), Reason::MissingScope);
}

#[test]
fn a_rule_that_asks_for_nothing_lets_nobody_in() {
    for rule in [Requirement::any_of([]), Requirement::all_of([])] {
        assert!(rule.check(&scp("s1")).is_err());
        assert!(rule.check(&app_with(json!(["R"]))).is_err());
        assert!(
            Requirement::all_of([rule, scope("s1")])
                .check(&scp("s1"))
                .is_err()
        );
    }
}

#[test]
fn what_to_ask_for_is_told() {
    let names = |scopes: Vec<ScopeName>| scopes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = Requirement::all_of([scope("s1"), scope("s2"), scope("s1")]);
    assert_eq!(names(all.missing_scopes(&scp("s2"))), ["s1"]);
    assert!(all.missing_scopes(&scp("s1 s2")).is_empty());
    assert_eq!(all.scopes().len(), 2);
    let any = Requirement::any_of([Requirement::role("R"), scope("s2"), scope("s1")]);
    assert_eq!(names(any.missing_scopes(&scp("x"))), ["s2"]);
    assert!(Requirement::role("R").missing_scopes(&scp("x")).is_empty());
    let explanation = any.check(&scp("x")).unwrap_err().explain();
    assert!(
        explanation.contains("any of (application role R, scope s2, scope s1)"),
        "{explanation}"
    );
    assert!(explanation.contains("scopes: x"), "{explanation}");
    assert!(
        explanation
            .contains("if no such scope exists at the API's registration, correct the Requirement"),
        "{explanation}"
    );
}
