//! Rules on an app registration's manifest and on a site's principal header.

use super::site;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::document::{Parsed, Principal};
use crate::finding::{Certainty, Finding};

const SOURCE: &str = "Entra doc \"Understand the app manifest\"";

/// Claims that an API needs to tell users, applications and agents apart; none of them is
/// there by default.
const CLAIMS: [&str; 6] = [
    "idtyp",
    "xms_act_fct",
    "xms_sub_fct",
    "xms_tnt_fct",
    "xms_idrel",
    "xms_par_app_azp",
];

pub(super) fn registration(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(app) = facts.registration().filter(|app| !app.partial) else {
        return;
    };
    let setting = if app.older_format {
        "accessTokenAcceptedVersion"
    } else {
        "api.requestedAccessTokenVersion"
    };
    let mut add = |code, text: String, change: Change| {
        found.push(
            Finding::new(code, Certainty::Certain, text)
                .change(change)
                .source_is(SOURCE),
        );
    };
    if app.identifier_uris.is_empty() {
        let uri = format!("api://{}", app.app_id);
        add(
            Code::IdentifierUriMissing,
            "`identifierUris` is empty: clients cannot name a scope of this API by URI".into(),
            Change::paste_setting(
                "`identifierUris`",
                uri.clone(),
                serde_json::json!({ "identifierUris": [uri] }).to_string(),
            ),
        );
    }
    let patch = if app.older_format {
        "{\"accessTokenAcceptedVersion\":2}"
    } else {
        "{\"api\":{\"requestedAccessTokenVersion\":2}}"
    };
    if app.token_version != 2 && app.sign_in_audience.contains("Personal") {
        add(
            Code::VersionPersonalAccounts,
            format!("`{setting}` is not 2, and personal accounts may sign in"),
            Change::paste_setting(format!("`{setting}`"), "2", patch),
        );
    }
    if app.token_version != 2
        && app
            .identifier_uris
            .iter()
            .any(|uri| uri.starts_with("https://"))
    {
        add(
            Code::VersionBeforeHttpsUri,
            format!("there is an https identifier URI, and `{setting}` is not 2"),
            Change::paste_setting(format!("`{setting}`"), "2, before the URI is added", patch),
        );
    }
    for client in &app.pre_authorized {
        if client.permissions.iter().any(|id| {
            !app.scopes
                .iter()
                .any(|scope| scope.id.eq_ignore_ascii_case(id))
        }) {
            add(
                Code::PreauthorizedScopeUnknown,
                "a pre-authorized client names a permission id that no scope has".into(),
                "use the ids of the scopes in the same manifest".into(),
            );
        }
    }
    for scope in app.scopes.iter().filter(|scope| !scope.enabled) {
        add(
            Code::ScopeDisabled,
            format!("the scope `{}` is switched off", scope.value),
            Change::setting("`isEnabled` of the scope", "true"),
        );
    }
    let requester = facts.claims().and_then(|claims| claims.azp_or_appid());
    let consent = facts.has_error(&[65_001]);
    if let Some(client) = requester.filter(|client| {
        consent
            && !app
                .pre_authorized
                .iter()
                .any(|known| known.client == *client)
    }) {
        add(
            Code::ClientNotPreauthorized,
            format!("the client {client} is not pre-authorized"),
            Change::setting(
                "`preAuthorizedApplications`",
                "include it with the scope's id",
            ),
        );
    }
    let missing: Vec<_> = CLAIMS
        .into_iter()
        .filter(|name| !app.optional_claims.iter().any(|has| has == name))
        .collect();
    if !missing.is_empty() {
        // The list is replaced as a whole: what is there stays in it.
        let claims: Vec<_> = app
            .optional_claims
            .iter()
            .map(String::as_str)
            .chain(missing.iter().copied())
            .map(|name| serde_json::json!({ "name": name, "essential": false }))
            .collect();
        let patch = serde_json::json!({ "optionalClaims": { "accessToken": claims } }).to_string();
        found.push(
            Finding::new(Code::OptionalClaimsMissing, Certainty::Certain, format!("access tokens will not hold {}", missing.join(", ")))
                .why("without them a token does not say whether a user, an application or an agent calls")
                .change(Change::paste_setting("`optionalClaims.accessToken`", "these claims, with those that are there", patch))
                .source_is("Entra doc \"Optional claims reference\"")
                .remark(),
        );
    }
    let mut remark = |code, text: &str, change: &str| {
        found.push(
            Finding::new(code, Certainty::Certain, text)
                .change(change)
                .remark()
                .source_is(SOURCE),
        );
    };
    if app.app_roles == 0 {
        remark(
            Code::AppRolesMissing,
            "there are no app roles, and every application of the tenant gets a token for this API",
            "add app roles for applications and require one",
        );
    }
    if app.accept_mapped_claims && app.sign_in_audience.contains("Multiple") {
        remark(
            Code::MappedClaimsForeign,
            "`acceptMappedClaims` is on for a multi-tenant API",
            "switch it off: administrators of foreign tenants can forge claims",
        );
    }
    let local =
        |uri: &&String| uri.starts_with("http://localhost") || uri.starts_with("http://127.0.0.1");
    let tool = |uri: &&String| {
        uri.contains("/mcp") || uri.contains("callback") || uri.starts_with("http://127.0.0.1")
    };
    if let Some(uri) = app.spa_redirects.iter().find(|uri| local(uri) && tool(uri)) {
        found.push(
            Finding::new(Code::RedirectPlatform, Certainty::Possible, format!("`{uri}` is registered for the single-page platform, and looks like a command line or MCP client's"))
                .why("such a client redeems the code without an `Origin` header, and Entra ID refuses that for single-page redirect URIs (AADSTS9002327); a local page in a browser is fine there")
                .change(Change::setting("the platform of this redirect URI, if the client is no page in a browser", "\"Mobile and desktop applications\" (`publicClient`)"))
                .remark()
                .source_is(SOURCE),
        );
    }
    // The token that was given shows what the API's registration gave when it was issued.
    let ver = facts
        .claims()
        .filter(|claims| claims.aud().is_some_and(|aud| app.is_called(aud)))
        .and_then(|claims| claims.ver());
    if ver.is_some_and(|ver| (ver == "2.0") != (app.token_version == 2)) {
        found.push(site::version("the token's `ver` is not what the registration asks for: it is older than the change, or the change was made on the client's registration"));
    }
}

/// The caller of Static Web Apps, which is a form of its own.
pub(super) fn principal(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let of_site = |parsed: &Parsed| matches!(parsed, Parsed::Principal(Principal::Site(_)));
    let graph = facts
        .claims()
        .and_then(entra_claims::Claims::aud)
        .is_some_and(|aud| {
            crate::diagnosis::accept::resources(aud).contains(&&foundry_scopes::catalogue::GRAPH)
        });
    if graph && facts.parsed().any(of_site) && !facts.is_kind(foundry_scopes::EndpointKind::Graph) {
        found.push(
            Finding::new(Code::SiteLoginScopeGraph, Certainty::Certain, "the access token that the site's sign-in hands on is for Microsoft Graph")
                .why("the sign-in asks for no scope of an API, so the token opens Graph's user profile and no API of one's own, and cannot be exchanged")
                .change("set `loginParameters` of the site to [\"scope=openid offline_access api://<client id>/user_impersonation\"] where that token is used")
                .source_is("App Service doc \"Manage OAuth tokens\""),
        );
    }
    let of_static =
        |parsed: &Parsed| matches!(parsed, Parsed::Principal(Principal::StaticWebApp(_)));
    if facts.parsed().any(of_static) {
        let finding = Finding::new(Code::PrincipalWithoutTenant, Certainty::Certain, "the header is Static Web Apps': userId, userDetails, userRoles and no claims")
                .why("it names neither tenant nor object id, and `userId` is a number of this site's own: nobody can be found by it in Entra ID")
                .change("authorize by `userRoles`, or ask `/.auth/me` and a role function for more; App Service's own header (`claims`) has `tid` and `oid`")
            .source_is("Static Web Apps doc \"Accessing user information\"");
        // Code that looks for a tenant in it refuses everybody.
        let routed = facts
            .parsed()
            .any(|parsed| matches!(parsed, Parsed::StaticSite(_)));
        found.push(if facts.is_refused() && !routed {
            finding
        } else {
            finding.remark()
        });
    }
}
