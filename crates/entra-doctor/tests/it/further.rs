//! More of what people report. Reports that nothing at hand can show are not in the tables:
//!
//! - An administrator does not find Foundry's API in the portal's picker: no call is made.
//!   `entra-doctor scope` finds it by name, and its display name is in the catalogue.
//! - A coding agent's configuration names another variable for the key: the file is that
//!   program's own, and its 401 is that of any missing key.
//! - A toolbox container lists no tools after a role was granted: it answers 200, and the
//!   list is cached in it until the agent's version is deployed again.

use entra_doctor::{Answer, Case, Certainty, Code, Document};
use serde_json::json;

use crate::coverage;
use crate::symptoms::{
    AI, ARM, CS, GRAPH, NOW, O, P, R, RBAC, app, body, case, connection, file, jwt, says, site,
    status, user,
};

const ID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

/// The number of the report, what is known of it, and the code of the first finding.
pub(crate) fn more_reports() -> Vec<(u32, Case, Code)> {
    let of_site = |aud: &str, change: &dyn Fn(&mut serde_json::Value)| {
        let mut settings = site();
        change(&mut settings["properties"]);
        let token = if aud.is_empty() {
            case()
        } else {
            case().token(&jwt(aud, &json!({})))
        };
        token.documents(file(&settings))
    };
    let policy = |name: &'static str, value: serde_json::Value| {
        move |settings: &mut serde_json::Value| {
            let policy = &mut settings["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"];
            policy["allowedApplications"] = json!([]);
            policy[name] = value.clone();
        }
    };
    let no_login = |settings: &mut serde_json::Value| {
        settings["identityProviders"]["azureActiveDirectory"]["login"] = json!({});
    };
    let tenants = json!([{ "name": "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "value": "72f988bf-86f1-41af-91ab-2d7cd011db47" }]);
    let webhook = "https://contoso.azurewebsites.net/runtime/webhooks/mcp";
    let enterprise = "https://mcp.svc.cloud.microsoft/enterprise";
    let fabric = "https://api.fabric.microsoft.com/v1/mcp/powerbi";
    let registry = "https://contoso.azurecr.io";
    vec![
        (
            21,
            status(of_site(ID, &|_| ()), 403),
            Code::SiteClientNotAllowed,
        ),
        (
            21,
            status(
                of_site(
                    ID,
                    &policy("allowedPrincipals", json!({ "identities": ["someone"] })),
                ),
                403,
            ),
            Code::SitePrincipalNotAllowed,
        ),
        (
            21,
            status(
                of_site(ID, &policy("allowedPrincipals", json!({}))).documents(file(&tenants)),
                403,
            ),
            Code::SiteTenantNotAllowed,
        ),
        (
            34,
            connection(&json!({ "authType": "ProjectManagedIdentity", "audience": "" })),
            Code::ConnectionAudienceMissing,
        ),
        (
            45,
            app(AI, "").documents(file(&json!({ "name": "a", "instance_identity": null }))),
            Code::AgentNotProvisioned,
        ),
        (45, app(AI, "").documents(file(&json!({ "name": "a", "instance_identity": { "principal_id": "99999999-0000-1111-2222-bbbbbbbbbbbb" } }))), Code::AgentIdentityUnused),
        (
            51,
            body(user(AI, &format!("{P}/agents")), 401, RBAC),
            Code::RoleMissing,
        ),
        (61, status(user(AI, P), 401), Code::RoleMissing),
        (
            81,
            status(
                user(AI, &format!("{R}/openai/deployments/d/chat/completions")),
                404,
            ),
            Code::ProjectPathMissing,
        ),
        (97, status(app(ARM, O), 401), Code::AudienceWrong),
        (97, status(app(CS, O), 401), Code::RoleMissing),
        (
            99,
            status(case().endpoint(webhook), 401),
            Code::FunctionKeyMissing,
        ),
        (
            106,
            status(user(GRAPH, enterprise), 401),
            Code::AudienceWrong,
        ),
        (
            106,
            case()
                .requested("https://graph.microsoft.com/.default")
                .endpoint(enterprise),
            Code::AudienceWrong,
        ),
        (
            108,
            status(case().requested(&format!("{ID}/.default")), 400),
            Code::ResourceHasScopeSuffix,
        ),
        (
            112,
            status(
                user("https://analysis.windows.net/powerbi/api", fabric),
                401,
            ),
            Code::AudienceDisputed,
        ),
        (112, status(user(ARM, fabric), 401), Code::AudienceWrong),
        (
            119,
            body(
                case().endpoint(registry),
                403,
                "denied: requested access to the resource is denied",
            ),
            Code::RegistryRoleMissing,
        ),
        (
            119,
            says("failed to push to contoso.azurecr.io: denied"),
            Code::RegistryRoleMissing,
        ),
        (
            121,
            of_site("", &|settings| {
                settings["globalValidation"]["excludedPaths"] = json!(["/health"]);
            }),
            Code::SitePathsExcluded,
        ),
        (122, of_site(GRAPH, &no_login), Code::SiteLoginScopeGraph),
        (122, of_site("", &no_login), Code::SiteLoginScopeGraph),
        (
            128,
            body(user(AI, P), 403, "Public network access is disabled."),
            Code::NetworkClosed,
        ),
    ]
}

#[test]
fn the_right_audience_is_not_complained_about() {
    let enterprise = user(
        "e8c77dc2-69b3-43f4-bc51-3213c9d915b4",
        "https://mcp.svc.cloud.microsoft/enterprise",
    );
    let fabric = user(
        "https://api.fabric.microsoft.com",
        "https://api.fabric.microsoft.com/v1/mcp/powerbi",
    );
    for case in [enterprise, fabric] {
        assert_eq!(case.diagnose().findings(), []);
    }
}

#[test]
fn every_finding_has_a_reason_and_a_source() {
    let mut lacking = std::collections::BTreeSet::new();
    for case in coverage::cases() {
        for finding in case.diagnose().findings() {
            for (name, text) in [
                ("found", finding.found()),
                ("why", finding.reason()),
                ("source", finding.source()),
            ] {
                if text.trim().is_empty() {
                    lacking.insert(format!("{}: {name}", finding.code()));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:?}");
}

/// An agent of this object id, with a tool whose connection names no audience.
fn agent(principal: &str) -> serde_json::Value {
    json!({ "name": "a", "instance_identity": { "principal_id": principal, "client_id": principal },
        "definition": { "tools": [{ "type": "openapi", "openapi": { "auth": { "type": "managed_identity", "security_scheme": {} } } }] } })
}

#[test]
fn an_agents_own_token_and_tools_are_seen() {
    let codes = |principal: &str| {
        let diagnosis = app(AI, "").documents(file(&agent(principal))).diagnose();
        let found = diagnosis.findings().iter();
        found.map(entra_doctor::Finding::code).collect::<Vec<_>>()
    };
    assert_eq!(
        codes("AAAAAAAA-0000-1111-2222-BBBBBBBBBBBB"),
        [Code::ConnectionAudienceMissing]
    );
    let other = codes("99999999-0000-1111-2222-bbbbbbbbbbbb");
    assert_eq!(
        other,
        [Code::ConnectionAudienceMissing, Code::AgentIdentityUnused]
    );
}

/// A token that is pasted an hour later has expired whatever was wrong.
#[test]
fn an_expired_token_stands_behind_what_a_new_one_would_not_mend() {
    let old = |aud: &str, endpoint: &str| {
        case()
            .token(&jwt(aud, &json!({ "exp": NOW - 10 })))
            .endpoint(endpoint)
    };
    let cases = [
        (status(old(CS, O), 401), Code::Expired),
        (body(old(CS, O), 401, RBAC), Code::RoleMissing),
        (body(old(CS, O), 401, "AADSTS65001: consent"), Code::ConsentMissing),
        (body(old(CS, O), 403, "Public access is disabled."), Code::NetworkClosed),
        (status(old(CS, P), 401), Code::AudienceWrong),
        (body(old(CS, P), 401, "The token is expired."), Code::Expired),
        (body(old(CS, O), 401, "IDX10223: Lifetime validation failed."), Code::Expired),
        // A weakness of settings refuses no call.
        (old(CS, O).documents(file(&json!({ "appId": ID, "identifierUris": [], "api": { "requestedAccessTokenVersion": 2 } }))), Code::Expired),
    ];
    for (case, expected) in cases {
        let diagnosis = case.diagnose();
        let found = diagnosis.findings();
        assert_eq!(found[0].code(), expected, "{found:?}");
        let Some(expired) = found.iter().find(|it| it.code() == Code::Expired) else {
            // Services answer 401 to an expired token.
            let ruled_out = diagnosis.ruled_out();
            assert!(
                ruled_out.iter().any(|it| it.what == "the expiry"),
                "{found:?}"
            );
            continue;
        };
        let certain = expired.certainty() == Certainty::Certain;
        assert_eq!(certain, expected == Code::Expired);
    }
}

/// Diagnostic settings write members in Pascal case, numbers as texts and `Status` as JSON
/// in a text; an event hub wraps entries in `records`.
#[test]
fn exported_sign_in_logs_are_read() {
    let row = json!({
        "TimeGenerated": "2026-01-01T00:00:00Z", "OperationName": "Sign-in activity", "Category": "SignInLogs",
        "ResultType": "54005", "ResultDescription": "The code was already redeemed.", "AppId": "CB2FF863-7F30-4CED-AB89-A00194BCF6D9",
        "AppDisplayName": "Azure AI Studio App", "ResourceDisplayName": "Azure Resource Manager", "UserPrincipalName": "adele@contoso.example",
        "Status": "{\"errorCode\":54005}", "ConditionalAccessStatus": "Failure",
    });
    let hub = json!({ "records": [{ "resultType": "54005", "resultDescription": "The code was already redeemed.", "category": "SignInLogs",
        "properties": { "appId": "cb2ff863-7f30-4ced-ab89-a00194bcf6d9", "resourceDisplayName": "Azure Resource Manager",
            "conditionalAccessStatus": "failure", "userPrincipalName": "adele@contoso.example", "status": { "errorCode": 54005 } } }] });
    for export in [json!([row]), json!({ "Value": [row] }), hub] {
        let documents = Document::read(export.to_string().as_bytes()).unwrap();
        assert_eq!(documents[0].kind(), entra_doctor::DocumentKind::SignIn);
        let diagnosis = Case::new()
            .documents(documents)
            .answer(Answer::new())
            .diagnose();
        let codes: Vec<_> = diagnosis
            .findings()
            .iter()
            .map(entra_doctor::Finding::code)
            .collect();
        assert_eq!(
            codes,
            [
                Code::CodeRedeemedTwice,
                Code::ConditionalAccess,
                Code::SignInNotYours
            ]
        );
        assert!(!format!("{diagnosis:?}").contains("adele"));
    }
}
