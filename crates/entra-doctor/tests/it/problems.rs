//! The five problems that people report most, and what settings say without any token.

use entra_doctor::{
    Answer, Case, Certainty, Change, Code, Diagnosis, Document, DocumentError, DocumentKind, Report,
};
use serde_json::{Value, json};

use crate::symptoms::{NOW, file, jwt};

const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const AI: &str = "https://ai.azure.com";

fn registration(changes: &Value) -> Value {
    let claims = [
        "idtyp",
        "xms_act_fct",
        "xms_sub_fct",
        "xms_tnt_fct",
        "xms_idrel",
        "xms_par_app_azp",
    ]
    .map(|name| json!({ "name": name }));
    let mut app = json!({
        "appId": API, "identifierUris": [format!("api://{API}")], "signInAudience": "AzureADMyOrg",
        "api": { "requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [{ "id": "s1", "value": "read", "isEnabled": true }], "preAuthorizedApplications": [] },
        "appRoles": [{ "value": "Call" }], "optionalClaims": { "accessToken": claims },
    });
    for (name, value) in changes.as_object().unwrap() {
        app[name] = value.clone();
    }
    app
}

fn site(issuer: &str) -> Value {
    json!({ "properties": {
        "globalValidation": { "unauthenticatedClientAction": "Return401" },
        "identityProviders": { "azureActiveDirectory": {
            "registration": { "clientId": API, "openIdIssuer": issuer },
            "login": { "loginParameters": ["scope=api://x/y"] },
            "validation": { "allowedAudiences": [format!("api://{API}")] },
        } },
    } })
}

fn tool(audience: &str) -> Value {
    json!({ "tools": [{ "type": "openapi", "openapi": { "name": "orders", "auth": { "type": "managed_identity", "security_scheme": { "audience": audience } } } }] })
}

pub(crate) fn case_of(documents: &[Value]) -> Case {
    documents.iter().fold(Case::new().at(NOW), |case, value| {
        case.documents(file(value))
    })
}

fn of(documents: &[Value]) -> Diagnosis {
    case_of(documents).diagnose()
}

fn codes(diagnosis: &Diagnosis) -> Vec<Code> {
    diagnosis
        .findings()
        .iter()
        .map(entra_doctor::Finding::code)
        .collect()
}

#[test]
fn one_an_agent_asks_for_the_sites_url() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let wrong = of(&[
        tool("https://orders.azurewebsites.net"),
        registration(&json!({})),
        site(&issuer),
    ]);
    let first = &wrong.findings()[0];
    assert_eq!(
        (first.code(), first.certainty()),
        (Code::AudienceNotRegistered, Certainty::Certain)
    );
    assert!(first.changes()[0].text().contains(&format!("api://{API}")));
    let right = of(&[
        tool(&format!("api://{API}")),
        registration(&json!({})),
        site(&issuer),
    ]);
    assert!(right.is_fine(), "{:?}", codes(&right));
    assert_eq!(codes(&right), []);
}

#[test]
fn one_also_from_the_two_addresses_alone() {
    let asked = |audience: &str| {
        let case = Case::new()
            .at(NOW)
            .endpoint("https://orders.azurewebsites.net/api/orders")
            .requested(audience);
        codes(&case.diagnose())
    };
    for site in [
        "https://orders.azurewebsites.net",
        "https://Orders.azurewebsites.net/.default",
        "https://orders.azurewebsites.net/api/orders",
    ] {
        let codes = asked(site);
        assert_eq!(codes[0], Code::AudienceNotRegistered, "{site}: {codes:?}");
    }
    for other in [
        &*format!("api://{API}"),
        "https://invoices.azurewebsites.net",
        "https://orders.azurewebsites.net.evil.example",
    ] {
        assert!(
            !asked(other).contains(&Code::AudienceNotRegistered),
            "{other}"
        );
    }
}

#[test]
fn two_a_hosted_agent_has_no_user() {
    let agent = json!({ "scp": null, "idtyp": "app", "sub": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "xms_par_app_azp": API, "roles": ["R"] });
    let diagnosis = Case::new()
        .at(NOW)
        .token(&jwt(AI, &agent))
        .as_the_user()
        .diagnose();
    let first = &diagnosis.findings()[0];
    assert_eq!(first.code(), Code::TokenWithoutUser);
    assert!(first.found().contains("agent identity"));
    assert_eq!(first.changes().len(), 3);
}

#[test]
fn three_a_published_agent_never_answers() {
    let entry = json!({ "appId": "cb2ff863-7f30-4ced-ab89-a00194bcf6d9", "userPrincipalName": "adele@contoso.example", "ipAddress": "203.0.113.9",
        "resourceDisplayName": "Azure Resource Manager", "status": { "errorCode": 54005, "failureReason": "The code was already redeemed." } });
    let diagnosis = of(&[entry]);
    assert_eq!(
        codes(&diagnosis),
        [Code::CodeRedeemedTwice, Code::SignInNotYours]
    );
    assert!(!format!("{diagnosis:?}").contains("adele"));
    let text = b"Sign-in error code: 54005\nApplication: Azure AI Studio App";
    let diagnosis = Case::new()
        .documents(Document::read(text).unwrap())
        .diagnose();
    assert_eq!(diagnosis.findings()[0].code(), Code::CodeRedeemedTwice);
}

#[test]
fn four_a_key_works_and_a_token_does_not() {
    let endpoint = "https://contoso.openai.azure.com/openai/deployments/gpt-4o";
    let refused = || {
        Case::new()
            .at(NOW)
            .endpoint(endpoint)
            .answer(Answer::new().status(401))
    };
    assert_eq!(
        refused().diagnose().findings()[0].code(),
        Code::AudienceUnchecked
    );
    assert_eq!(
        refused()
            .token(&jwt("https://management.azure.com/", &json!({})))
            .diagnose()
            .findings()[0]
            .code(),
        Code::AudienceWrong
    );
    let diagnosis = refused()
        .token(&jwt("https://cognitiveservices.azure.com", &json!({})))
        .diagnose();
    let first = &diagnosis.findings()[0];
    assert_eq!(first.code(), Code::RoleMissing);
    let Change::AssignRole {
        role, id, command, ..
    } = &first.changes()[0]
    else {
        panic!("{first:?}")
    };
    assert_eq!(
        (*role, id.to_string().as_str()),
        (
            "Cognitive Services OpenAI User",
            "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
        )
    );
    assert!(command.starts_with(
        "az role assignment create --role 5e0bd9bd-7b93-4f28-af87-19fc36ad61bd --assignee"
    ));
    assert!(
        command.contains("customSubDomainName=='contoso'"),
        "{command}"
    );
}

#[test]
fn five_a_server_of_ones_own_exchanges_the_users_token() {
    let diagnosis = Case::new()
        .at(NOW)
        .token(&jwt(&format!("api://{API}"), &json!({})))
        .endpoint("https://contoso.services.ai.azure.com/api/projects/p1")
        .diagnose();
    assert_eq!(diagnosis.findings()[0].code(), Code::ExchangeNeeded);
}

/// Documents, and the code of the first finding.
pub(crate) fn settings() -> Vec<(Vec<Value>, Code)> {
    let common = "https://login.microsoftonline.com/common/v2.0";
    let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let v1 = json!({ "api": { "requestedAccessTokenVersion": null } });
    vec![
        (vec![site(common)], Code::SiteTenantUnchecked),
        (
            vec![site(""), registration(&json!({}))],
            Code::SiteTenantUnchecked,
        ),
        (vec![site(&v2), registration(&v1)], Code::VersionMismatch),
        (
            vec![
                site(&v2),
                registration(&json!({ "appId": "99999999-bbbb-3333-cccc-4444dddd5555" })),
            ],
            Code::SiteClientMismatch,
        ),
        (
            vec![registration(&json!({ "identifierUris": [] }))],
            Code::IdentifierUriMissing,
        ),
        (
            vec![registration(
                &json!({ "api": { "requestedAccessTokenVersion": 1 }, "signInAudience": "AzureADandPersonalMicrosoftAccount" }),
            )],
            Code::VersionPersonalAccounts,
        ),
        (
            vec![registration(
                &json!({ "api": {}, "identifierUris": ["https://mcp.contoso.com"] }),
            )],
            Code::VersionBeforeHttpsUri,
        ),
        (
            vec![registration(
                &json!({ "api": { "requestedAccessTokenVersion": 2, "preAuthorizedApplications": [{ "appId": "x", "delegatedPermissionIds": ["gone"] }] } }),
            )],
            Code::PreauthorizedScopeUnknown,
        ),
        (
            vec![registration(
                &json!({ "api": { "requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [{ "id": "s", "value": "read", "isEnabled": false }] } }),
            )],
            Code::ScopeDisabled,
        ),
        (
            vec![registration(&json!({ "optionalClaims": null }))],
            Code::OptionalClaimsMissing,
        ),
        (
            vec![registration(&json!({ "appRoles": [] }))],
            Code::AppRolesMissing,
        ),
        (
            vec![registration(
                &json!({ "signInAudience": "AzureADMultipleOrgs", "api": { "requestedAccessTokenVersion": 2, "acceptMappedClaims": true } }),
            )],
            Code::MappedClaimsForeign,
        ),
        (
            vec![
                json!({ "enabled": true, "unauthenticatedClientAction": "RedirectToLoginPage", "issuer": v2, "clientId": API, "allowedAudiences": [], "additionalLoginParams": ["scope=api://x/y"] }),
            ],
            Code::SiteRedirectsCallers,
        ),
        (
            vec![
                json!({ "enabled": true, "unauthenticatedClientAction": "AllowAnonymous", "issuer": v2, "clientId": API, "additionalLoginParams": ["scope=api://x/y"] }),
            ],
            Code::SiteAuthOff,
        ),
        (
            vec![
                json!({ "enabled": true, "unauthenticatedClientAction": "Return401", "issuer": v2, "clientId": API }),
            ],
            Code::SiteLoginScopeGraph,
        ),
    ]
}

#[test]
fn settings_speak_for_themselves() {
    for (documents, expected) in settings() {
        let found = codes(&of(&documents));
        assert_eq!(found.first(), Some(&expected), "{found:?}");
    }
}

#[test]
fn the_older_manifest_format_is_read_too() {
    let older = json!({ "appId": API, "identifierUris": [], "accessTokenAcceptedVersion": 1, "signInAudience": "PersonalMicrosoftAccount", "oauth2Permissions": [] });
    let diagnosis = of(&[older]);
    let finding = diagnosis
        .findings()
        .iter()
        .find(|f| f.code() == Code::VersionPersonalAccounts)
        .unwrap();
    assert_eq!(
        finding.changes()[0].paste(),
        Some("{\"accessTokenAcceptedVersion\":2}")
    );
}

#[test]
fn what_a_v2_api_issues_is_the_client_id_whatever_was_requested() {
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let uri = "https://contoso.example/orders";
    let app = |version: u64| {
        registration(
            &json!({ "identifierUris": [uri], "api": { "requestedAccessTokenVersion": version } }),
        )
    };
    assert!(!codes(&of(&[tool(uri), app(2), site(&v1)])).contains(&Code::SiteAudienceNotAllowed));
    assert!(codes(&of(&[tool(uri), app(1), site(&v1)])).contains(&Code::SiteAudienceNotAllowed));
}

#[test]
fn files_are_recognized_or_refused_with_the_reason() {
    assert_eq!(
        file(&registration(&json!({})))[0].kind(),
        DocumentKind::Registration
    );
    assert_eq!(file(&site("x"))[0].kind(), DocumentKind::SiteAuthentication);
    assert_eq!(file(&tool("x"))[0].kind(), DocumentKind::Tool);
    assert_eq!(
        file(&json!([{ "name": "A", "value": "b" }]))[0].kind(),
        DocumentKind::AppSettings
    );
    let long = vec![b'x'; 1024 * 1024 + 1];
    let many = Value::from(vec![json!({ "authType": "None" }); 102]).to_string();
    for (bytes, code) in [
        (b"".as_slice(), "empty"),
        (&[0xff, 0xfe], "not_text"),
        (b"{", "not_json"),
        (b"openapi: 3.0.0", "yaml"),
        (b"{}", "unrecognized"),
        (&long, "too_large"),
        (many.as_bytes(), "too_many"),
    ] {
        assert_eq!(
            Document::read(bytes)
                .map_err(DocumentError::code)
                .unwrap_err(),
            code
        );
    }
}

#[test]
fn a_hostile_name_stays_out_of_commands() {
    let diagnosis = Case::new().at(NOW).token(&jwt(AI, &json!({ "oid": "$(reboot)", "idtyp": "app", "scp": null, "roles": ["R"], "sub": "$(reboot)" })))
        .endpoint("https://contoso.services.ai.azure.com/api/projects/p1").answer(Answer::new().status(401)).diagnose();
    let pasted: Vec<_> = diagnosis
        .findings()
        .iter()
        .flat_map(entra_doctor::Finding::changes)
        .filter_map(Change::paste)
        .collect();
    assert!(!pasted.is_empty());
    assert!(
        pasted.iter().all(|text| !text.contains("reboot")),
        "{pasted:?}"
    );
}

#[test]
fn the_program_explains_and_compares() {
    let run = |args: &[&str], stdin: &str| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = entra_doctor::run(args, &mut stdin.as_bytes(), &mut out, &mut err, NOW);
        (
            exit,
            String::from_utf8(out).unwrap(),
            String::from_utf8(err).unwrap(),
        )
    };
    let token = jwt("https://cognitiveservices.azure.com", &json!({}));
    let project = "https://contoso.services.ai.azure.com/api/projects/p1";
    let explain = [
        "entra-doctor",
        "explain",
        "--endpoint",
        project,
        "--token",
        "-",
        "--status",
        "401",
        "--json",
    ];
    let (exit, out, err) = run(&explain, &token);
    assert_eq!(
        (exit, err.as_str()),
        (entra_doctor::Exit::SomethingWrong, "")
    );
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["findings"][0]["code"], "audience_wrong");
    assert_eq!(
        json["findings"][0]["changes"][0]["scope"],
        "https://ai.azure.com/.default"
    );

    let (exit, out, _) = run(
        &["entra-doctor", "manifest", "-"],
        &site("https://login.microsoftonline.com/common/v2.0").to_string(),
    );
    assert_eq!(exit, entra_doctor::Exit::SomethingWrong);
    assert!(out.contains("site_tenant_unchecked"), "{out}");
    let (exit, _, err) = run(&["entra-doctor", "manifest", "-"], "{}");
    assert_eq!(exit, entra_doctor::Exit::CannotRead);
    assert!(err.contains("none of"), "{err}");
}
