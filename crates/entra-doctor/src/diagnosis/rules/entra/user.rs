//! Errors about users: consent, assignment, tenants, Conditional Access, assertions.

use foundry_scopes::ClientId;
use foundry_scopes::catalogue;

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::code_text::EntraError;
use crate::diagnosis::facts::Facts;
use crate::finding::Finding;
use crate::reading::scan;

use super::{said, seen};

const CONDITIONAL_ACCESS: [u32; 17] = [
    50_005, 50_074, 50_076, 50_079, 50_097, 50_158, 53_000, 53_001, 53_002, 53_003, 53_004, 53_011,
    500_121, 530_002, 530_003, 530_032, 530_035,
];

pub(super) fn read(error: &EntraError, facts: &Facts<'_>) -> Option<Finding> {
    Some(match error.number {
        65_001 => consent(error, facts),
        650_057 => not_listed(error),
        90_094 | 90_093 => said(Code::ConsentMissing, seen(error))
            .why("the permission, or every consent of users in this tenant, needs an administrator")
            .change(admin_consent(&application(error, facts))),
        50_105 | 501_051 => unassigned(error, facts),
        50_020 | 50_034 | 51_004 | 16_000 | 500_208 | 50_178 => elsewhere(error),
        50_013 | 500_131 => assertion(error, facts),
        50_173 => revoked(error),
        number if CONDITIONAL_ACCESS.contains(&number) => conditional_access(error, facts),
        _ => return None,
    })
}

fn application(error: &EntraError, facts: &Facts<'_>) -> String {
    [
        "application with ID",
        "Client app ID",
        "application",
        "client",
    ]
    .iter()
    .find_map(|mark| scan::guid(scan::after(&error.text, mark)?))
    // Texts in other languages name it first.
    .or_else(|| scan::guid(error.sentence()))
    .or_else(|| facts.parameter("client_id").and_then(scan::guid))
    .or_else(|| {
        let mut entries = facts.sign_ins().map(|entry| entry.app_id.clone());
        entries.find(|id| !id.is_empty())
    })
    .unwrap_or_else(|| "<client id>".to_owned())
}

fn admin_consent(id: &str) -> Change {
    Change::run(
        "have an administrator consent for the tenant",
        format!("az ad app permission admin-consent --id {id}"),
    )
}

fn consent(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let id = application(error, facts);
    let name = scan::quoted_after(&error.text, "named");
    let known = ClientId::parse(&id).ok().and_then(catalogue::client);
    let who = match (name, known) {
        (Some(name), _) => format!("{name} ({id})"),
        (None, Some(client)) => format!("{} ({id})", client.name()),
        _ if id.starts_with('<') => "the client".to_owned(),
        _ => id.clone(),
    };
    let asked = facts.requested().map(accept::resource_of);
    let resource = asked
        .as_deref()
        .map(|aud| accept::named(aud).unwrap_or_else(|| format!("`{aud}`")));
    let seen = match &resource {
        Some(resource) => format!("AADSTS65001: nobody consented that {who} calls {resource}"),
        None => format!("AADSTS65001: nobody consented to what {who} asks for"),
    };
    let mut finding = said(Code::ConsentMissing, seen)
        .why("the request was understood, and what it asks for is not granted");
    let foundry = facts.says_any(&[
        "ai.azure.com",
        "18a66f5f-dbdf",
        "azure machine learning services",
    ]);
    if known.is_some() {
        finding = finding.change(format!("{who} is a client of Microsoft's: pre-authorize it at your API (\"Expose an API\", \"Add a client application\"), or sign in with a client of your own"));
    } else if foundry {
        finding = finding.change("grant the delegated permission `user_impersonation` of Azure Machine Learning Services (18a66f5f-dbdf-4c17-9dd7-1634712a9cbe, found by its id: it is Foundry's resource)");
    } else if resource.is_none() {
        finding = finding.change("add the delegated permission to the client's registration (\"API permissions\") by the API's application id; Foundry's is `user_impersonation` of Azure Machine Learning Services (18a66f5f-dbdf-4c17-9dd7-1634712a9cbe)");
    } else {
        finding = finding.change("add the delegated permission of that API to the client's registration (\"API permissions\"), by the API's application id");
    }
    if known.is_none() {
        finding = finding.change(admin_consent(&id));
    }
    if facts.is_agent() || facts.says("agent identity") || facts.says("blueprint") {
        finding = finding.change("for an agent identity an administrator grants the permission to the agent's own id (`oauth2PermissionGrants`), or makes it inheritable on the blueprint and grants it there; a consent page may be refused (AADSTS82014)");
    } else if facts.says_any(&[
        "on-behalf-of",
        "on_behalf_of",
        "jwt-bearer",
        "onbehalfof",
        "obo",
    ]) {
        finding = finding.change("in an on-behalf-of exchange the middle tier is the client: its registration needs the permission, and `knownClientApplications` lets the user consent to both at once");
    }
    finding
}

fn not_listed(error: &EntraError) -> Finding {
    let value = |mark: &str| {
        scan::word_after(&error.text, mark)
            .unwrap_or_default()
            .to_owned()
    };
    let client = scan::after(&error.text, "Client app ID")
        .and_then(scan::guid)
        .unwrap_or_else(|| "<client id>".to_owned());
    let resource = value("Resource value from request");
    let id = scan::after(&error.text, "Resource app ID").and_then(scan::guid);
    let name = id
        .as_deref()
        .and_then(accept::named)
        .or_else(|| accept::named(&resource));
    let shown = match (&name, &id) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => format!("`{resource}` ({id})"),
        _ if resource.is_empty() => "the requested resource".to_owned(),
        _ => format!("`{resource}`"),
    };
    let id = id.unwrap_or_else(|| "<application id of the API>".to_owned());
    if let Some(microsofts) = super::microsofts(&client) {
        let own = name.is_none();
        return said(Code::PermissionNotListed, format!("{microsofts} ({client}), a client of Microsoft's, may not ask for {shown}"))
            .why("its registration is Microsoft's and cannot be changed; an API lets such a client in by its own registration")
            .change(if own {
                format!("pre-authorize the client at the API {id}: \"Expose an API\", \"Add a client application\", {client} with a scope of the API")
            } else {
                "sign in with a client registration of your own, and give it the permission".to_owned()
            })
            .change("or use a client registration of your own that lists the permission");
    }
    said(Code::PermissionNotListed, format!("the registration of the client {client} lists no permission of {shown}"))
        .why("`.default` asks for what the registration lists, and for this resource it lists nothing")
        .change(Change::setting(format!("\"API permissions\" of the registration {client}, keeping those that are there"), format!("a permission of {id} added, and consent to it")))
        .change("or ask for named scopes, `<identifier URI>/<scope>`, in place of `.default`: Entra ID then asks the user")
}

fn unassigned(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let id = scan::after(&error.text, "application")
        .and_then(scan::guid)
        .unwrap_or_else(|| application(error, facts));
    let finding = said(
        Code::UserNotAssigned,
        match error.number {
            501_051 => {
                let ids = scan::guids(&error.text);
                match ids.as_slice() {
                    [caller, api, ..] => {
                        format!("the application {caller} is not assigned to a role of {api}")
                    }
                    _ => format!(
                        "{}: the calling application is not assigned to a role of the API",
                        seen(error)
                    ),
                }
            }
            _ => format!("the application {id} demands an assignment, and the user has none"),
        },
    );
    if error.number == 501_051 {
        finding
            .why("the API's enterprise application has \"Assignment required\" on, for applications as well")
            .change("assign an app role of the API to the calling application's service principal, or switch the demand off")
    } else {
        finding
            .why("\"Assignment required\" of the enterprise application (`appRoleAssignmentRequired`) is on; another sign-in does not help")
            .change(format!("have an administrator assign the user, or a group of theirs, to the enterprise application {id} (nested groups do not count)"))
    }
}

/// A refresh token or code that is older than a change of the password or a revocation.
fn revoked(error: &EntraError) -> Finding {
    let times = scan::all_quoted(error.sentence());
    let seen = match times.as_slice() {
        [issued, valid_from, ..] => format!(
            "the grant was issued on {issued}, and the user's sessions were revoked on {valid_from}"
        ),
        _ => seen(error),
    };
    said(Code::EntraError, seen)
        .why("a change of the password, an administrator or the user ended what was issued before; no retry and no new secret helps")
        .change("have the user sign in again (interactively), and drop the cached refresh token")
}

fn elsewhere(error: &EntraError) -> Finding {
    let tenant = scan::quoted_after(&error.text, "in tenant")
        .or_else(|| scan::quoted_after(&error.text, "tenant"));
    let provider = scan::quoted_after(&error.text, "identity provider");
    let place = tenant.map_or_else(
        || "the tenant that was asked".to_owned(),
        |tenant| format!("the tenant `{tenant}`"),
    );
    let from = provider.map_or_else(String::new, |provider| {
        format!(", and signs in at `{provider}`")
    });
    said(Code::UserNotInTenant, format!("the user is not in {place}{from}"))
        .why("the sign-in was sent to another tenant than the user's, or the browser's session is another account's")
        .change("sign in with an account of that tenant, or use the authority of the user's own: `https://login.microsoftonline.com/<tenant id>`")
        .change("or invite the user as a guest; an application for users of other tenants is registered as multi-tenant and uses `/organizations`")
}

fn assertion(error: &EntraError, facts: &Facts<'_>) -> Finding {
    if facts.app_only() {
        return said(Code::TokenWithoutUser, format!("{}: and the token that was given is an application's or agent's own, with no user in it", seen(error)))
            .why("only a user's token can be exchanged on behalf of one")
            .change("configure identity passthrough on the MCP tool, so that the user's token arrives")
            .change("or call a token broker that validates the user's token and exchanges it")
            .change("or send the agent's token with a signed user context that the API verifies");
    }
    let text = &error.text;
    let audience = scan::quoted_after(text, "audience in the assertion was")
        .or_else(|| scan::quoted_after(text, "assertion was"));
    let expected = scan::quoted_after(text, "expected audience is");
    let app = scan::after(text, "App ID").and_then(scan::guid);
    let of_token = facts
        .claims()
        .and_then(entra_claims::Claims::aud)
        .map(str::to_owned);
    let audience = audience.map(str::to_owned).or(of_token);
    let graph = audience
        .as_deref()
        .is_some_and(|aud| accept::resources(aud).contains(&&catalogue::GRAPH));
    let named = audience.as_deref().map(|aud| match accept::named(aud) {
        Some(name) => format!("`{aud}` ({name})"),
        None => format!("`{aud}`"),
    });
    let want = expected.map(str::to_owned).or(app);
    let seen = match (&named, &want) {
        (Some(aud), Some(want)) => format!(
            "the assertion's audience is {aud}, and the application that presents it is `{want}`"
        ),
        (Some(aud), None) => format!("the assertion's audience is {aud}"),
        _ => seen(error),
    };
    let scope = match &want {
        Some(want) if want.contains("://") => format!("{want}/<scope>"),
        Some(want) => format!("api://{want}/<scope>"),
        None => "api://<client id of the exchanging API>/<scope>".to_owned(),
    };
    let mut finding = said(Code::AssertionAudience, seen)
        .why("a service may exchange a token only that was issued to itself: the `aud` of the assertion is the client of the exchange")
        .change(format!("have the first client request the user's token for the application that exchanges it (`{scope}`); for an agent `api://<blueprint>/access_as_user`"));
    if graph || error.number == 50_013 {
        finding = finding.change("a token for Microsoft Graph cannot be an assertion: its signature can be checked by Graph alone (AADSTS50013)");
    }
    finding.change(
        "a self-hosted MCP server validates the token for itself and performs its own exchange",
    )
}

fn conditional_access(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let claims = facts.says("\"claims\"")
        || facts.challenge.get("claims").is_some()
        || facts.says("insufficient_claims");
    let blocks = matches!(error.number, 53_003 | 53_011 | 530_032);
    let finding = said(Code::ConditionalAccess, seen(error));
    let finding = match (blocks, claims) {
        (true, true) => finding.change("have the user sign in again with the `claims` of the answer; where that is blocked as well, an administrator changes the policy that the sign-in log names"),
        (true, false) => finding
            .change("have an administrator look at the entry in the sign-in log (by the correlation id): it names the policy that blocked")
            .change("from a server, an agent or a device code flow no policy can be satisfied that asks for a device or a location: exclude the application or the user, or sign in on a managed device"),
        (false, true) => finding.change("have the user sign in again with the `claims` of the answer, so that the policy can ask for what it wants"),
        (false, false) => finding
            .change("have the user sign in again interactively at the client, for the resource that was asked for, so that the policy can ask for what it wants")
            .change("or have an administrator change the policy that the sign-in log names"),
    };
    finding.why("a policy of the tenant asks for more than the sign-in had, or forbids it; the registration and the token request are right")
}
