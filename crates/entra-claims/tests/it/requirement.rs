use entra_claims::{Reason, RejectionClass, Requirement, ScopeHierarchy, VerifiedToken};
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

/// The same value may be assigned to users and to applications.
#[test]
fn a_role_of_the_other_kind_of_caller_is_explained() {
    let user_holds = verify(&with(&user(), &[("roles", json!(["R"]))])).unwrap();
    let says = |rule: Requirement, token: &VerifiedToken| rule.check(token).unwrap_err().explain();
    let line = says(Requirement::role("R"), &user_holds);
    assert!(line.contains("use Requirement::role_of_user"), "{line}");
    assert!(line.contains("user token with roles R"), "{line}");
    let line = says(Requirement::role_of_user("R"), &app_with(json!(["R"])));
    assert!(
        line.contains("for an application's role use Requirement::role"),
        "{line}"
    );
    let line = says(Requirement::role("R"), &app_with(json!(["other"])));
    assert!(line.contains("app token with roles other"), "{line}");
    assert!(line.contains("assign the app role to the caller"), "{line}");
}

#[test]
fn a_client_a_kind_and_a_context_that_do_not_fit_are_named() {
    let says = |rule: Requirement| rule.check(&scp("s1")).unwrap_err().explain();
    let api = foundry_scopes::ClientId::parse(crate::support::API).unwrap();
    let line = says(Requirement::clients([api]));
    assert!(
        line.contains(&format!("user token of client {}", crate::support::CLIENT)),
        "{line}"
    );
    assert!(line.contains(&format!("client ({api})")), "{line}");
    let line = says(Requirement::app_only());
    assert!(line.contains("found \"user token\""), "{line}");
    let line = says(Requirement::auth_context("c1"));
    assert!(
        line.contains("user token without authentication contexts"),
        "{line}"
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
    // What the caller holds is for the log, and in no fixed text.
    assert!(
        explanation.contains("found \"user token with scopes x\""),
        "{explanation}"
    );
    let held = any.check(&scp("Payroll.Read")).unwrap_err();
    assert!(held.explain().contains("Payroll.Read"));
    assert!(!format!("{held} {held:?} {:?}", held.remedy()).contains("Payroll"));
    assert!(
        explanation
            .contains("if no such scope exists at the API's registration, correct the Requirement"),
        "{explanation}"
    );
}

#[test]
fn an_application_is_admitted_by_a_role_or_by_name_and_by_nothing_else() {
    let client = |id: &str| Requirement::clients([foundry_scopes::ClientId::parse(id).unwrap()]);
    let (with_role, without) = (app_with(json!(["R"])), app_with(json!([])));
    let kinds = Requirement::kinds([entra_claims::PrincipalKind::App]);
    for rule in [
        Requirement::app_only(),
        kinds.clone(),
        Requirement::any_of([Requirement::app_only(), scope("s")]),
        Requirement::all_of([Requirement::app_only(), kinds.clone()]),
    ] {
        assert_eq!(reason(&rule, &with_role), Reason::AppNotAdmitted, "{rule}");
    }
    for rule in [
        Requirement::any_role(),
        Requirement::all_of([Requirement::app_only(), Requirement::role("R")]),
        client(crate::support::CLIENT),
    ] {
        assert!(rule.check(&with_role).is_ok(), "{rule}");
    }
    assert_eq!(
        reason(&Requirement::any_role(), &without),
        Reason::MissingRole
    );
    assert_eq!(
        reason(&Requirement::any_role(), &app_with(json!([""]))),
        Reason::MissingRole
    );
    assert!(client(crate::support::CLIENT).check(&without).is_ok());
    assert_eq!(
        reason(&client(crate::support::API), &with_role),
        Reason::ClientNotAllowed
    );
    assert_eq!(
        reason(&Requirement::clients([]), &with_role),
        Reason::ClientNotAllowed
    );
    // An alternative that is not met admits nobody.
    let other = Requirement::any_of([
        Requirement::app_only(),
        Requirement::all_of([Requirement::role("R"), client(crate::support::API)]),
    ]);
    assert_eq!(reason(&other, &with_role), Reason::AppNotAdmitted);
}

#[test]
fn kinds_and_authentication_contexts() {
    assert!(Requirement::delegated().check(&scp("s")).is_ok());
    assert_eq!(
        reason(&Requirement::delegated(), &app_with(json!(["R"]))),
        Reason::UserRequired
    );
    assert_eq!(
        reason(&Requirement::app_only(), &scp("s")),
        Reason::WrongKind
    );
    let agents = Requirement::kinds([entra_claims::PrincipalKind::AgentForUser]);
    assert_eq!(reason(&agents, &scp("s")), Reason::WrongKind);
    let c1 = Requirement::auth_context("c1");
    let acrs = |acrs: Value| verify(&with(&user(), &[("acrs", acrs)])).unwrap();
    assert!(c1.check(&acrs(json!(["p1", "c1"]))).is_ok());
    for other in [
        Value::Null,
        json!([]),
        json!(["c10"]),
        json!("c1"),
        json!(["c1", 2]),
    ] {
        assert_eq!(
            reason(&c1, &acrs(other.clone())),
            Reason::MissingAuthContext,
            "{other}"
        );
    }
}

#[test]
fn a_group_that_the_token_cannot_list_is_neither_there_nor_not() {
    const GROUP: &str = "bbbbbbbb-1111-2222-3333-cccccccccccc";
    let rule = Requirement::group(foundry_scopes::ObjectId::parse(GROUP).unwrap());
    let groups = |changes: &[(&str, Value)]| verify(&with(&user(), changes)).unwrap();
    assert!(
        rule.check(&groups(&[("groups", json!(["x", GROUP]))]))
            .is_ok()
    );
    for other in [
        json!([]),
        json!(["x"]),
        json!([GROUP.to_uppercase()]),
        Value::Null,
    ] {
        let token = groups(&[("groups", other.clone())]);
        assert_eq!(reason(&rule, &token), Reason::MissingGroup, "{other}");
    }
    for overage in [
        vec![("_claim_names", json!({"groups": "src1"}))],
        vec![("hasgroups", json!(true))],
        vec![("groups", json!(GROUP))],
        vec![("groups", json!([GROUP])), ("hasgroups", json!(true))],
    ] {
        let token = groups(&overage);
        let refusal = rule.check(&token).unwrap_err();
        assert_eq!(refusal.reason(), Reason::GroupsUnknown, "{overage:?}");
        // Another alternative may still let the caller in, and another demand keep it out.
        assert!(
            Requirement::any_of([rule.clone(), scope("access_as_user")])
                .check(&token)
                .is_ok()
        );
        let both = Requirement::all_of([rule.clone(), scope("other")]);
        assert_eq!(reason(&both, &token), Reason::MissingScope);
    }
    // Applications have no groups, whatever a claim says.
    let app = verify(&with(&app(), &[("groups", json!([GROUP]))])).unwrap();
    assert_eq!(reason(&rule, &app), Reason::MissingGroup);
}

#[test]
fn a_broader_scope_is_enough_and_is_not_asked_for() {
    let name = |text: &str| ScopeName::parse(text).unwrap();
    let hierarchy = ScopeHierarchy::new()
        .includes(name("admin"), name("write"))
        .includes(name("write"), name("read"))
        // A circle is no end.
        .includes(name("read"), name("admin"));
    let read = scope("read").with_hierarchy(&hierarchy);
    for held in ["read", "write", "admin", "x admin"] {
        assert!(read.check(&scp(held)).is_ok(), "{held}");
    }
    for held in ["administrator", "Admin", "x"] {
        assert_eq!(reason(&read, &scp(held)), Reason::MissingScope, "{held}");
    }
    assert_eq!(read.missing_scopes(&scp("x")), [name("read")]);
    assert_eq!(read.to_string(), "scope read or broader (write, admin)");

    let one_way = ScopeHierarchy::new().includes(name("admin"), name("read"));
    let admin = scope("admin").with_hierarchy(&one_way);
    assert_eq!(reason(&admin, &scp("read")), Reason::MissingScope);
    let nested = Requirement::all_of([
        Requirement::any_of([scope("read"), Requirement::role("r")]),
        scope("other"),
    ]);
    let nested = nested.with_hierarchy(&one_way);
    assert!(nested.check(&scp("admin other")).is_ok());
    assert_eq!(nested.scopes(), [&name("read"), &name("other")]);
    // No application has it, whatever its roles are called.
    assert_eq!(
        reason(&read, &app_with(json!(["admin"]))),
        Reason::UserRequired
    );
}

fn validator_for(tenants: entra_claims::TenantPolicy) -> entra_claims::Validator {
    let api = foundry_scopes::ClientId::parse(crate::support::API).unwrap();
    let audiences = entra_claims::AcceptedAudiences::for_client(api);
    entra_claims::Validator::new(foundry_scopes::Cloud::public(), tenants, audiences)
}

/// Without it the administrators of any accepted tenant would decide who is an administrator here.
#[test]
fn where_tenants_are_several_roles_and_groups_say_whose_they_are() {
    use entra_claims::TenantPolicy;
    let id = |text: &str| foundry_scopes::TenantId::parse(text).unwrap();
    let (own, other) = (id(crate::support::TENANT), id(crate::support::OTHER_TENANT));
    let single = validator_for(TenantPolicy::single(own));
    let group = foundry_scopes::ObjectId::from_u128(7);
    let rules = || {
        [
            Requirement::role("R"),
            Requirement::any_role(),
            Requirement::role_of_user("R"),
            Requirement::group(group),
            Requirement::any_of([scope("s"), Requirement::role("R")]),
        ]
    };
    for several in [
        TenantPolicy::allow_list([own, other]).unwrap(),
        TenantPolicy::any_work_or_school_tenant(),
        TenantPolicy::any_tenant_including_personal_accounts(),
        TenantPolicy::registered(),
    ] {
        let several = validator_for(several);
        for rule in rules() {
            assert!(rule.check_against(&single, None).is_ok(), "{rule}");
            let error = rule.check_against(&several, None).unwrap_err().to_string();
            assert!(error.contains(".assigned_in_any_tenant()"), "{error}");
            for said in [
                rule.clone().assigned_in([own]),
                rule.clone().assigned_in([other, own]),
                rule.clone().assigned_in_any_tenant(),
            ] {
                assert!(said.check_against(&several, None).is_ok(), "{said}");
            }
            assert!(
                rule.clone()
                    .assigned_in([])
                    .check_against(&several, None)
                    .is_err()
            );
        }
        assert!(scope("s").check_against(&several, None).is_ok());
    }
    for rule in rules().into_iter().take(4) {
        let elsewhere = rule.assigned_in([other]);
        assert!(
            elsewhere.check_against(&single, None).is_err(),
            "{elsewhere}"
        );
    }
}

#[test]
fn an_assignment_counts_in_the_tenants_that_were_named() {
    let id = |text: &str| foundry_scopes::TenantId::parse(text).unwrap();
    let (own, other) = (id(crate::support::TENANT), id(crate::support::OTHER_TENANT));
    let group = foundry_scopes::ObjectId::from_u128(7);
    let user_with = with(
        &user(),
        &[
            ("roles", json!(["R"])),
            ("groups", json!([group.to_string()])),
        ],
    );
    let user_with = verify(&user_with).unwrap();
    for (rule, token) in [
        (Requirement::role("R"), app_with(json!(["R"]))),
        (Requirement::any_role(), app_with(json!(["R"]))),
        (Requirement::role_of_user("R"), user_with.clone()),
        (Requirement::group(group), user_with.clone()),
    ] {
        assert!(
            rule.clone().assigned_in([own]).check(&token).is_ok(),
            "{rule}"
        );
        assert!(
            rule.clone().assigned_in([other, own]).check(&token).is_ok(),
            "{rule}"
        );
        assert!(
            rule.clone().assigned_in_any_tenant().check(&token).is_ok(),
            "{rule}"
        );
        let refused = rule.clone().assigned_in([other]);
        assert!(refused.check(&token).is_err(), "{refused}");
        // What was said first stays.
        let said = rule.assigned_in([other]).assigned_in_any_tenant();
        assert!(said.check(&token).is_err(), "{said}");
    }
    let line = Requirement::role("R")
        .assigned_in([other])
        .check(&app_with(json!(["R"])));
    let line = line.unwrap_err().explain();
    assert!(
        line.contains("assigned in another tenant than the rule names"),
        "{line}"
    );
    assert!(line.contains(&format!("in tenant {own}")), "{line}");
}

#[test]
fn a_text_is_one_scope_of_this_api() {
    let validator = validator_for(entra_claims::TenantPolicy::single(
        foundry_scopes::TenantId::parse(crate::support::TENANT).unwrap(),
    ));
    let short: Requirement = "s1".parse().unwrap();
    let own = Requirement::try_from(&*format!("api://{}/s1", crate::support::API)).unwrap();
    let by_id = Requirement::parse(&format!("{}/s1", crate::support::API)).unwrap();
    for rule in [&short, &own, &by_id] {
        assert!(rule.check_against(&validator, None).is_ok(), "{rule}");
        assert!(rule.check(&scp("s1")).is_ok(), "{rule}");
        assert_eq!(reason(rule, &scp("s2")), Reason::MissingScope);
    }
    let uri = foundry_scopes::AppIdUri::parse("https://contoso.com/orders").unwrap();
    let custom = Requirement::parse("https://contoso.com/orders/s1").unwrap();
    let error = custom
        .check_against(&validator, None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the API https://contoso.com/orders"),
        "{error}"
    );
    assert!(custom.check_against(&validator, Some(&uri)).is_ok());
    for text in [
        "",
        "s1 s2",
        "s1,s2",
        "role s1",
        ".default",
        "api://x/.default",
        "api://x/",
        "https://x",
    ] {
        assert!(Requirement::parse(text).is_err(), "{text}");
    }
}
