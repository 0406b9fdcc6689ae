//! Errors about what was asked for: resource, scopes, parameters.

use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{Endpoint, KnownCloud};

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::code_text::EntraError;
use crate::diagnosis::facts::Facts;
use crate::diagnosis::rules::shared;
use crate::finding::Finding;
use crate::reading::address::host_of;
use crate::reading::scan;

use super::{said, seen};

/// Microsoft Graph, to which Entra ID counts scopes without a resource.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

pub(super) fn read(error: &EntraError, facts: &Facts<'_>) -> Option<Finding> {
    Some(match error.number {
        500_011 | 50_001 => not_found(error, facts),
        650_053 | 28_002 => unknown_scope(error),
        70_011 => invalid_scope(error),
        900_144 | 90_014 => missing(error),
        90_009 | 90_008 => for_itself(error),
        9_010_010 => mismatch(error, facts),
        901_002 => said(Code::McpResourceRefused, seen(error))
            .change("drop the `resource` parameter: serve a metadata facade that forwards without it, as mcp-auth's `facade` does"),
        _ => return None,
    })
}

/// What a wrong name was probably meant to be.
pub(crate) fn correction(name: &str) -> Option<(String, String)> {
    let bare = name.trim().trim_end_matches('/');
    let split = ["/.default", "./default", ".default", "/default"]
        .iter()
        .find_map(|suffix| Some((bare.strip_suffix(suffix)?, *suffix)));
    if let Some((resource, suffix)) = split
        && resource.len() > 4
    {
        let resource = resource.trim_end_matches(['/', '.']);
        if catalogue::by_audience(resource).next().is_none()
            && let Some(uri) = near(resource)
        {
            let right = format!("{}/.default", uri.trim_end_matches('/'));
            let why = format!("`{resource}` is misspelt: the identifier is `{uri}`");
            return Some((right, why));
        }
        return Some(match suffix {
            "/.default" => (
                resource.to_owned(),
                format!("`{suffix}` belongs to a scope: the resource is `{resource}`"),
            ),
            _ => (
                format!("{resource}/.default"),
                format!("`{suffix}` is misspelt: the scope is `{resource}/.default`"),
            ),
        });
    }
    if let Ok(endpoint) = Endpoint::parse(name)
        && catalogue::by_audience(bare).next().is_none()
    {
        let resource = endpoint.scope().resource().to_owned();
        let why = format!(
            "`{bare}` is an endpoint ({}) and no resource: its tokens are for `{resource}`",
            endpoint.kind()
        );
        return Some((resource, why));
    }
    near(bare).map(|uri| {
        let why = format!("`{bare}` is misspelt: the identifier is `{uri}`");
        (uri.to_owned(), why)
    })
}

/// The identifier of the catalogue that differs by case or by a letter or two.
pub(crate) fn near(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches('/').to_ascii_lowercase();
    if name.len() < 12 {
        return None;
    }
    let all = catalogue::all().flat_map(|resource| {
        resource.clouds().flat_map(move |cloud| {
            resource
                .identifiers(cloud)
                .iter()
                .chain(resource.other_spellings(cloud))
        })
    });
    let close = |uri: &&'static str| {
        let bare = uri.trim_end_matches('/').to_ascii_lowercase();
        !uri.contains('*') && bare.len().abs_diff(name.len()) <= 2 && distance(&bare, &name) <= 2
    };
    all.copied().find(close)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, left) in a.chars().enumerate() {
        let mut before = row.first().copied().unwrap_or_default();
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
        for (column, right) in b.iter().enumerate() {
            let above = row.get(column + 1).copied().unwrap_or(usize::MAX);
            let beside = row.get(column).copied().unwrap_or(usize::MAX);
            let cost = before + usize::from(left != *right);
            before = above;
            if let Some(cell) = row.get_mut(column + 1) {
                *cell = cost
                    .min(above.saturating_add(1))
                    .min(beside.saturating_add(1));
            }
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// The first address of a text in another language.
fn address_in(text: &str) -> Option<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "'\"`,;()".contains(c));
    words
        .map(|word| word.trim_end_matches('.'))
        .find(|word| word.contains("://"))
}

fn not_found(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let name = scan::between(&error.text, "resource principal named ", " was not found")
        .map(|name| name.trim_matches(['\'', '"', '`', ' ']))
        .filter(|name| !name.is_empty())
        .or_else(|| address_in(error.sentence()))
        .or_else(|| facts.requested());
    let Some(name) = name else {
        return said(Code::ResourceNotFound, seen(error))
            .change("request an identifier URI that is registered in this tenant; a managed identity's endpoint wants it without `/.default`")
            .change("if the service is Microsoft's, create its service principal: `az ad sp create --id '<application id>'`");
    };
    let tenant = scan::between(&error.text, "in the tenant named ", ".")
        .map(|tenant| tenant.trim_matches(['\'', '"']));
    let place = tenant.map_or_else(
        || "the tenant".to_owned(),
        |tenant| format!("the tenant {tenant}"),
    );
    let known = accept::resources(name);
    if let Some(resource) = known.first() {
        return of_microsoft(name, resource, &place);
    }
    if let Some((right, why)) = correction(name) {
        let change = if accept::resources(&right).is_empty() && !right.contains("/.default") {
            Change::from(format!(
                "request `{right}/.default` at the v2.0 endpoint, or `{right}` as `resource`"
            ))
        } else if right.contains("/.default") {
            Change::scope(right)
        } else {
            Change::scope(format!("{right}/.default"))
        };
        return said(Code::ResourceMisspelt, format!("Entra ID was asked for `{name}`: {why}"))
            .why("Entra ID looks for exactly this name among the identifiers in the tenant, and no token is issued")
            .change(change);
    }
    if let Some(app) = facts.registration() {
        let best = shared::best_audience(facts);
        let names = if app.identifier_uris.is_empty() {
            "none".to_owned()
        } else {
            app.identifier_uris.join("`, `")
        };
        return said(
            Code::ResourceNotFound,
            format!("`{name}` is no identifier URI of the registration (it has `{names}`)"),
        )
        .why("no token is issued, so the call never happens")
        .change(Change::scope(format!("{best}/.default")));
    }
    let host = host_of(name);
    let url = name.starts_with("https://") && !crate::target::is_microsofts(&host);
    if url || host.ends_with(".azurewebsites.net") {
        let best = shared::best_audience(facts);
        return said(Code::ResourceNotFound, format!("`{name}` is an address, and no registration in {place} has it as an identifier URI"))
            .why("no token is issued, so the call never happens and the site shows no invocation")
            .change(Change::setting("the audience that is asked for", format!("`{best}`")))
            .change("or register the address as a further identifier URI of the API's registration, if its domain is verified in the tenant, keeping those that are there");
    }
    let mut finding = said(
        Code::ResourceNotFound,
        format!("no application with the name `{name}` is in {place}"),
    )
    .why("the name is that of a registration in another tenant, or of none");
    if scan::guid(name).is_some() {
        finding = finding
            .change(format!("look for it in the tenant: `az ad sp list --filter \"appId eq '{}'\"`", scan::guid(name).unwrap_or_default()))
            .change("if the API is another tenant's, it must be multi-tenant, and an administrator consents to it first; if it is yours, sign in to its tenant");
    } else {
        finding = finding
            .change("request an identifier URI that is registered in this tenant (`identifierUris` of the API's manifest), or `api://<client id>`")
            .change("sign in to the tenant of the registration, if it is another one");
    }
    finding
}

/// A service of Microsoft's without a service principal in the tenant, or of another cloud.
fn of_microsoft(name: &str, resource: &'static Resource, place: &str) -> Finding {
    let public = resource.application(KnownCloud::Public);
    let id = resource
        .clouds()
        .find_map(|cloud| resource.application(cloud))
        .or(public);
    let own_cloud = resource.clouds().next().unwrap_or(KnownCloud::Public);
    let everywhere = resource
        .identifiers(KnownCloud::Public)
        .iter()
        .chain(resource.other_spellings(KnownCloud::Public));
    let in_public = everywhere
        .into_iter()
        .any(|uri| uri.trim_end_matches('/') == name.trim_end_matches('/'))
        || public.is_some_and(|id| name.contains(&id.to_string()));
    let finding = said(
        Code::ServicePrincipalMissing,
        format!("`{name}` is {}, and it has no service principal in {place}", resource.name()),
    )
    .why("a service of Microsoft's is in a tenant once somebody used it there, or created its service principal");
    let finding = match id {
        Some(id) => finding.change(Change::run(
            format!(
                "create the service principal of {} once in the tenant, as an administrator",
                resource.name()
            ),
            format!("az ad sp create --id {id}"),
        )),
        None => finding.change("have an administrator create the service principal in the tenant"),
    };
    if in_public {
        finding
    } else {
        finding.change(format!("or ask the Entra ID of the cloud that the name belongs to ({own_cloud}): each cloud has identifiers of its own"))
    }
}

fn unknown_scope(error: &EntraError) -> Finding {
    let scope = scan::quoted_after(&error.text, "asked for scope").unwrap_or_default();
    let resource = scan::quoted_after(&error.text, "on the resource").unwrap_or_default();
    let app = scan::quoted_after(&error.text, "The application").unwrap_or("the client");
    if scope.is_empty()
        || resource.is_empty()
        || resource.eq_ignore_ascii_case(GRAPH)
        || resource == "Microsoft Graph"
    {
        let seen = if scope.is_empty() {
            seen(error)
        } else {
            format!(
                "`{scope}` was asked for without a resource, so Entra ID looked for it at Microsoft Graph"
            )
        };
        return said(Code::McpScopeUnqualified, seen)
            .why("a scope without an identifier URI in front is read as one of Microsoft Graph's")
            .change(format!("ask for it qualified: `api://<client id of the API>/{}`; advertise it like that in `scopes_supported` and in the challenge", if scope.is_empty() { "<scope>" } else { scope }));
    }
    let known = accept::resources(resource);
    match known.first() {
        Some(found) => {
            let default = found.scope_in(KnownCloud::Public).map(|scope| scope.to_string());
            let mut finding = said(
                Code::ScopeUnknown,
                format!("{} (`{resource}`) has no scope `{scope}`, which {app} asked for", found.name()),
            )
            .why("the name of the scope is wrong or was retired; the resource itself was found");
            if let Some(default) = default {
                finding = finding.change(Change::scope(default));
            }
            if !found.permissions().is_empty() {
                finding = finding.change(format!("or one of its delegated permissions: {}", found.permissions().join(", ")));
            }
            finding
        }
        None => said(
            Code::ScopeUnknown,
            format!("the application `{resource}` exposes no scope `{scope}`, which {app} asked for"),
        )
        .why("the resource was found, and among its `oauth2PermissionScopes` there is none of this name that is enabled")
        .change(Change::setting(
            format!("\"Expose an API\" of the registration {resource}"),
            format!("a scope named `{scope}`, enabled; or ask for a scope as it is registered there (upper and lower case count)"),
        )),
    }
}

fn invalid_scope(error: &EntraError) -> Finding {
    let text = &error.text;
    let scope = scan::between(text, "The scope ", " is not valid")
        .or_else(|| scan::quoted_after(text, "The scope"))
        .unwrap_or_default()
        .trim();
    if scan::contains(text, "offline_access scope request must include")
        || scope == "offline_access"
    {
        return said(Code::ScopeInvalid, "`offline_access` was asked for alone")
            .why("it asks for a refresh token beside an access token, and names no resource")
            .change("ask for a scope of the resource beside it, at the authorization and at the token endpoint: `<identifier URI>/<scope> offline_access`");
    }
    if scan::contains(text, ".default scope can't be combined")
        || scope.contains("/.default ")
        || scope.contains(' ') && scope.contains("/.default")
    {
        let resource = scope
            .split_whitespace()
            .find_map(|scope| scope.strip_suffix("/.default"));
        let right = resource.map_or("<identifier URI>/.default".to_owned(), |resource| {
            format!("{resource}/.default")
        });
        return said(Code::ScopeInvalid, format!("`.default` and named scopes were asked for together: `{scope}`"))
            .why("`.default` stands for all granted permissions and goes with no other scope of the resource; answers list both, so a client must not send back the `scope` that it got")
            .change(format!("ask for `{right}` alone (and `offline_access`), or for the named scopes alone, at the refresh as well"));
    }
    let resource_like = scope.contains("://") && !scope.ends_with('/');
    let mut finding = said(
        Code::ScopeInvalid,
        if scope.is_empty() {
            seen(error)
        } else {
            format!("the scope `{scope}` is not valid")
        },
    );
    if let Some((right, why)) = correction(scope) {
        return said(
            Code::ScopeInvalid,
            format!("the scope `{scope}` is not valid: {why}"),
        )
        .change(Change::scope(if right.contains("/.default") {
            right
        } else {
            format!("{right}/.default")
        }));
    }
    if resource_like && !scope.contains("/.default") {
        finding = finding.change(Change::scope(format!(
            "{}/.default",
            scope.trim_end_matches('/')
        )));
    }
    finding
        .why("a scope is an identifier URI and a name, `<identifier URI>/<scope>`, or `<identifier URI>/.default`; client credentials take `.default` only")
        .change("check that the scope exists at the API's registration, and ask for scopes of one resource at a time")
}

fn missing(error: &EntraError) -> Finding {
    let name = scan::quoted_after(&error.text, "following parameter")
        .or_else(|| scan::quoted_after(&error.text, "required field"))
        .unwrap_or_default();
    if name == "scope" || name.is_empty() && error.number == 900_144 {
        return said(Code::McpScopeAbsent, "the request to Entra ID has no `scope`")
            .why("a client that finds no scope in the challenge or the metadata of an MCP server asks for none")
            .change("name a qualified scope in the challenge and in `scopes_supported`, or in the client's settings: `<identifier URI>/<scope>`");
    }
    if name.is_empty() {
        return said(Code::ParameterMissing, seen(error))
            .change("send the parameter that the text names");
    }
    let hint = match name {
        "client_id" => "set the client id: an empty setting or environment variable sends none",
        "grant_type" => {
            "send the form in the body, with `Content-Type: application/x-www-form-urlencoded` and `grant_type`"
        }
        "code" => "send the `code` of the redirect; a reload of the callback page has none",
        "code_verifier" => "send the PKCE verifier that belongs to the sign-in's challenge",
        "refresh_token" => "ask for `offline_access` at the sign-in, and send the refresh token",
        "redirect_uri" => "send the same `redirect_uri` as at the sign-in",
        "assertion" => "send the user's access token as `assertion`",
        _ => "send it: the client's setting for it is empty or not passed on",
    };
    said(
        Code::ParameterMissing,
        format!("the request to Entra ID has no `{name}`"),
    )
    .change(hint)
}

fn for_itself(error: &EntraError) -> Finding {
    let app = scan::quoted_after(&error.text, "Application")
        .and_then(scan::guid)
        .or_else(|| scan::guid(&error.text));
    let id = app.as_deref().unwrap_or("<client id>");
    said(Code::TokenForItself, format!("the application {id} asks for a token for itself by its identifier URI"))
        .why("client and API are one registration, and there Entra ID takes the resource by its application id only")
        .change(format!("ask for `{id}/<scope>` or `{id}/.default` in place of `api://...`"))
        .change("better: give the client a registration of its own, apart from the API's")
}

fn mismatch(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let of_metadata = || {
        ["\"resource\"", "resource="]
            .iter()
            .find_map(|mark| {
                let rest =
                    scan::after(&facts.said, mark)?.trim_start_matches([':', ' ', '"', '\'']);
                rest.split(|c: char| c.is_whitespace() || "\"',&;)}".contains(c))
                    .next()
            })
            .filter(|text| text.contains("://"))
    };
    let resource = scan::quoted_after(&error.text, "resource")
        .filter(|text| text.contains("://"))
        .or_else(of_metadata);
    let resource = resource.or_else(|| facts.parameter("resource"));
    let scopes = facts
        .parameter("scope")
        .and_then(|scopes| scopes.split_whitespace().find(|it| it.contains("://")))
        .map_or_else(
            || "the scopes are another identifier's".to_owned(),
            |scope| format!("the scope is `{}`", shared::shown(scope)),
        );
    let seen = resource.map_or_else(
        || seen(error),
        |resource| format!("`resource` is `{}`, and {scopes}", shared::shown(resource)),
    );
    said(Code::McpResourceMismatch, seen)
        .change("make the `resource` of the metadata an identifier URI of the API, set `requestedAccessTokenVersion` to 2 first, and advertise scopes qualified with it")
        .change("or serve a metadata facade that drops `resource`, as mcp-auth's `facade` does")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_have_a_correction() {
        for (name, right) in [
            (
                "api://AzureADTokenExchange./default",
                "api://AzureADTokenExchange/.default",
            ),
            (
                "https://ai.azure.com.default",
                "https://ai.azure.com/.default",
            ),
            (
                "https://cognitiveservices.azure.com/.default/",
                "https://cognitiveservices.azure.com",
            ),
            (
                "https://contoso.openai.azure.com/",
                "https://cognitiveservices.azure.com",
            ),
            (
                "https://cognitiveservice.azure.com",
                "https://cognitiveservices.azure.com",
            ),
            ("https://vaults.azure.net", "https://vault.azure.net"),
        ] {
            assert_eq!(
                correction(name).map(|(right, _)| right).as_deref(),
                Some(right),
                "{name}"
            );
        }
        assert_eq!(
            correction("api://11112222-bbbb-3333-cccc-4444dddd5555"),
            None
        );
        assert_eq!(correction("https://orders.azurewebsites.net"), None);
    }
}
