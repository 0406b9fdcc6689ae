//! Advice for a wrong audience or issuer, the commonest rejections.

use std::sync::LazyLock;

use foundry_scopes::{AppIdUri, ClientId, Cloud, IssuerTemplate, catalogue};

use super::Validator;

/// Audiences of Microsoft's own APIs, with what to call them.
const KNOWN: &[(&str, &str)] = &[
    ("https://graph.microsoft.com", "Microsoft Graph"),
    ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    ("https://management.azure.com", "Azure Resource Manager"),
    (
        "https://management.core.windows.net",
        "Azure Resource Manager",
    ),
    ("https://cognitiveservices.azure.com", "Azure AI services"),
    ("https://ai.azure.com", "Microsoft Foundry"),
    (
        "fb60f99c-7a34-4190-8149-302f77469936",
        "the token exchange (a credential)",
    ),
];

pub(super) fn audience(policy: &Validator, aud: &str, ver: Option<&str>) -> String {
    let bare = aud.strip_suffix('/').unwrap_or(aud);
    if let Some((_, name)) = KNOWN.iter().find(|(known, _)| *known == bare) {
        return format!("this is a token for {name}: request {}", scope(policy));
    }
    let almost = policy
        .audiences
        .iter()
        .map(foundry_scopes::Audience::as_str)
        .any(|own| own.trim_end_matches('/').eq_ignore_ascii_case(bare));
    if almost {
        return "only case or a trailing slash differs: add this spelling to the accepted audiences".to_owned();
    }
    let request = ["request ", &scope(policy)].concat();
    if let Some(resource) = catalogue::by_audience(aud).next() {
        return format!("this is a token for {}: {request}", resource.name());
    }
    // Whose identifier it is cannot be seen here, and another API's must never be added.
    let own = if !aud.contains(':') && ClientId::parse(aud).is_ok() {
        "the client id"
    } else if ver == Some("1.0") && AppIdUri::parse(aud).is_ok() {
        "an identifier URI"
    } else {
        return [&request, "; a v2 token carries the client id of the API"].concat();
    };
    // Refusing is to be cheap: one allocation.
    [
        "if this is ",
        own,
        " of this API's own registration, add it to the accepted audiences; \
         if it is another API's, the client asked for the wrong scope: ",
        &request,
    ]
    .concat()
}

/// A scope of this API, as far as the configuration shows it.
fn scope(policy: &Validator) -> String {
    let uri = policy
        .audiences
        .iter()
        .map(foundry_scopes::Audience::as_str)
        .find(|audience| audience.contains(':'));
    [uri.unwrap_or("api://<client id>"), "/<scope>"].concat()
}

/// The issuers of the cloud, of the tenant if there is but one.
pub(super) fn issuers(policy: &Validator) -> String {
    let tenant = policy.tenants.only();
    let shown = |template: &IssuerTemplate| match tenant {
        Some(tenant) => template.render(tenant),
        None => template.as_str().to_owned(),
    };
    let cloud = &policy.cloud;
    let others = match cloud.is_external_id() {
        true => ", or the issuer that its metadata names",
        false => "",
    };
    let v2 = shown(cloud.issuer_v2());
    match cloud.issuer_v1().map(shown) {
        Some(v1) => [&*v1, " or ", &*v2, others].concat(),
        None => [&*v2, others].concat(),
    }
}

static CLOUDS: LazyLock<[Cloud; 3]> =
    LazyLock::new(|| [Cloud::public(), Cloud::us_government(), Cloud::china()]);

/// Why the issuer may be another one.
pub(super) fn issuer(configured: &Cloud, iss: &str) -> &'static str {
    let names_a_tenant = |cloud: &Cloud| {
        let v1 = cloud.issuer_v1().into_iter();
        v1.chain(cloud.issuers_v2())
            .any(|template| template.tenant_in(iss).is_some())
    };
    if !configured.is_external_id() && is_external_id(iss) {
        return "the token is from External ID: pass Cloud::external_id to Validator::new";
    }
    if is_loopback(iss) {
        return if configured.is_loopback() {
            "the token is from a local Entra ID at another address: pass that address to Cloud::loopback"
        } else {
            "the token is from a local Entra ID: in development, and only there, pass Cloud::loopback to Validator::new"
        };
    }
    if CLOUDS.iter().any(names_a_tenant) {
        return "the token is from another cloud: pass that cloud to Validator::new";
    }
    "the issuer is compared byte for byte, the tenant in lower case"
}

fn is_external_id(iss: &str) -> bool {
    let host = iss
        .strip_prefix("https://")
        .and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| host.ends_with(".ciamlogin.com"))
}

/// Whether it begins with an address that [`Cloud::loopback`] takes.
fn is_loopback(iss: &str) -> bool {
    let Some((scheme, rest)) = iss.split_once("://") else {
        return false;
    };
    // `localhost`, `127.`, `[::1]`: what begins otherwise need not be parsed.
    if !rest.starts_with(['l', 'L', '1', '[']) {
        return false;
    }
    let authority = rest.split('/').next().unwrap_or_default();
    Cloud::loopback(&format!("{scheme}://{authority}")).is_ok()
}
