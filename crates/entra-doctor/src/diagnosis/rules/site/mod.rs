//! App Service and Functions sites. Two checks: the requested resource is an identifier of
//! some registration, and the issued token's `aud` and issuer are allowed by the site. A
//! version 2 token carries the client id whatever was requested, a version 1 token what was
//! requested. Roles on the site do not matter for calls to it.

use foundry_scopes::TenantId;
use foundry_scopes::catalogue::GRAPH;

use crate::diagnosis::accept::{self, resource_of};
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::document::{Registration, Site};
use crate::finding::{Certainty, Finding};
use crate::target::{OwnKind, Place};

mod policy;

pub(super) use policy::policy;

const SOURCE: &str = "App Service doc \"Configure your app to use Microsoft Entra sign-in\"";

pub(super) fn registered(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some((aud, from)) = facts.audience() else {
        return;
    };
    let version = facts
        .registration()
        .filter(|registration| !registration.partial)
        .map(|registration| registration.token_version);
    let mut right = None;
    if let Some(registration) = facts.registration() {
        let id = registration.app_id.clone();
        let best = registration
            .identifier_uris
            .first()
            .cloned()
            .unwrap_or_else(|| format!("api://{id}"));
        if facts.token().is_none() && !registration.is_called(&aud) {
            found.push(
                Finding::new(Code::AudienceNotRegistered, Certainty::Certain, format!("{from} is `{aud}`, which is no identifier URI of the registration"))
                    .why("Entra ID issues no token for it, so the call never happens and the site shows no invocation; roles on the site do not matter for calls to it")
                    .change(Change::setting("the audience of the tool or client", format!("`{best}`")))
                    .changes_from(register(registration, &id, &aud))
                    .source_is(SOURCE),
            );
        }
        right = Some(best);
    }
    let Some(site) = facts.site() else { return };
    if site.partial && site.audiences.is_empty() && site.client_id.is_empty() {
        return;
    }
    // Whether the token carries the URI or the client id is its version's matter.
    let unknown = facts.registration().is_none_or(|app| app.partial)
        && facts.token().is_none()
        && !site.client_id.is_empty()
        && aud.to_ascii_lowercase().contains(&site.client_id);
    if unknown && (site.partial || facts.registration().is_some()) {
        return;
    }
    // The client id comes in the token, whatever was requested.
    let issued_is_client = facts.token().is_none() && version == Some(2);
    if !issued_is_client && !site.allows(&resource_of(&aud)) && !hands_on_graph(facts, site) {
        found.push(
            Finding::new(Code::SiteAudienceNotAllowed, Certainty::Certain, format!("{from} is `{aud}`, which the site does not allow"))
                .why("the site answers 401 unless the token's `aud` is its client id or an allowed audience")
                .changes_from(ask_otherwise(facts, site, right.as_deref()))
                .changes_from(allow(site, right.as_deref(), &aud))
                .source_is(SOURCE),
        );
    }
}

/// The command that adds an identifier URI: it replaces the list, so it names what is there.
fn register(registration: &Registration, id: &str, aud: &str) -> Option<Change> {
    // A domain must be verified in the tenant, and nobody verifies azurewebsites.net.
    let own = aud.starts_with("api://")
        || aud.starts_with("https://")
            && !aud.contains(".azurewebsites.")
            && !aud.contains(".azurecontainerapps.");
    if !own || id.is_empty() || registration.partial || !accept::resources(aud).is_empty() {
        return None;
    }
    let uris: Vec<_> = registration
        .identifier_uris
        .iter()
        .map(String::as_str)
        .chain([aud])
        .map(plain_uri)
        .collect();
    Some(Change::run(
        "or register the audience as a further identifier URI, if its domain is verified in the tenant (the command replaces the list, so it names those that are there)",
        format!(
            "az ad app update --id {} --identifier-uris {}",
            plain_uri(id),
            uris.join(" ")
        ),
    ))
}

/// Where there is no token yet, another audience can be asked for: one that the site allows.
fn ask_otherwise(facts: &Facts<'_>, site: &Site, right: Option<&str>) -> Option<Change> {
    if facts.token().is_some() {
        return None;
    }
    let allowed = site
        .audiences
        .iter()
        .find(|uri| uri.starts_with("api://"))
        .or(site.audiences.first());
    let best = right
        .map(str::to_owned)
        .or_else(|| allowed.cloned())
        .or_else(|| (!site.client_id.is_empty()).then(|| format!("api://{}", site.client_id)))?;
    let what = if facts.tools().next().is_some() {
        "the audience of the tool or connection"
    } else {
        "the audience that is asked for"
    };
    Some(Change::setting(
        what,
        format!("`{best}`, which the site allows"),
    ))
}

/// The site's list with the right audience added, or the advice to ask for another.
fn allow(site: &Site, right: Option<&str>, aud: &str) -> Vec<Change> {
    if let Some(name) = accept::named(aud) {
        let id = &site.client_id;
        let best = site
            .audiences
            .first()
            .cloned()
            .or_else(|| right.map(str::to_owned))
            .unwrap_or_else(|| format!("api://{id}"));
        return vec![Change::from(format!(
            "request `{best}/.default`: a token for {name} is not for this site, and must not be allowed there"
        ))];
    }
    let added = right.unwrap_or(aud);
    let mut audiences = site.audiences.clone();
    if !audiences.iter().any(|known| known == added) {
        audiences.push(added.to_owned());
    }
    let paste = serde_json::json!({ "validation": { "allowedAudiences": audiences } }).to_string();
    vec![Change::paste_setting(
        "`allowedAudiences` of the site, keeping what is there",
        "the list with it (a PUT of authsettingsV2 replaces the whole object: send it whole)",
        paste,
    )]
}

/// The address of the site was asked for as if it were an audience, and nothing else is
/// known of its registration.
pub(super) fn address_as_audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some((aud, from)) = facts.audience() else {
        return;
    };
    let known = facts.registration().is_some() || facts.site().is_some();
    let host = crate::reading::address::host_of(&resource_of(&aud));
    let target = crate::target::Target::of(&format!("https://{host}/"), None);
    let site = matches!(
        target.place,
        Place::Own(OwnKind::Site | OwnKind::Domain | OwnKind::Gateway, _)
    );
    let same = facts.host == host
        || facts.target.is_none() && matches!(target.place, Place::Own(OwnKind::Site, _));
    if known || !site || facts.token().is_some() || !same || !aud.starts_with("http") {
        return;
    }
    found.push(
        Finding::new(
            Code::AudienceNotRegistered,
            // Whether a registration has the address as an identifier URI is not in the input.
            Certainty::Possible,
            format!("{from} is `{}`, the address of the site itself", super::shared::shown(&aud)),
        )
        .why("unless that address is an identifier URI of a registration, Entra ID issues no token for it: the call never happens, and the site shows no invocation; roles on the site do not matter for calls to it")
        .change(Change::setting(
            "the audience of the tool or client",
            "`api://<client id of the registration in the site's authentication settings>`",
        ))
        .source_is(SOURCE),
    );
}

/// The site allows its own address as an audience, and whether a registration has it as an
/// identifier URI is not known.
pub(super) fn address_allowed(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(site), Some((aud, from))) = (facts.site(), facts.audience()) else {
        return;
    };
    let address = aud.starts_with("https://") && site.allows(&aud) && !aud.contains("/.default");
    if !address
        || facts.registration().is_some()
        || facts.token().is_some()
        || !accept::resources(&aud).is_empty()
    {
        return;
    }
    let id = if site.client_id.is_empty() {
        "<client id>"
    } else {
        &site.client_id
    };
    found.push(
        Finding::new(Code::AudienceNotRegistered, Certainty::Possible, format!("{from} is `{}`: the site allows it, and Entra ID issues a token for it only if it is an identifier URI of a registration", super::shared::shown(&aud)))
            .why("these are two checks: the requested resource must be registered, and the token's `aud` must be allowed by the site")
            .change(Change::run("see whether it is registered", format!("az ad app show --id {} --query identifierUris", plain_uri(id))))
            .change(Change::setting("if it is not: the audience of the tool or connection", format!("`api://{id}`")))
            .source_is(SOURCE),
    );
}

/// The issuer of the token against the site's.
pub(super) fn issuer(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(site), Some(claims)) = (facts.site(), facts.claims()) else {
        return;
    };
    let Some(iss) = claims
        .iss()
        .filter(|_| !site.issuer.is_empty() && !hands_on_graph(facts, site))
    else {
        return;
    };
    let tenant = |text: &str| crate::reading::scan::guid(text);
    if let (Some(of_token), Some(of_site)) = (tenant(iss), tenant(&site.issuer)) {
        if of_token != of_site {
            found.push(
                Finding::new(
                    Code::TenantWrong,
                    Certainty::Certain,
                    format!(
                        "the token is of the tenant {of_token}, and the site's issuer of {of_site}"
                    ),
                )
                .why("the site answers 401 to tokens of another issuer")
                .change(Change::run(
                    "get the token in the site's tenant",
                    format!("az login --tenant {of_site}"),
                ))
                .source_is(SOURCE),
            );
        } else if iss.contains("/v2.0") != site.issuer.contains("/v2.0")
            && facts.status() == Some(401)
        {
            found.push(version(&format!(
                "the token's issuer is `{}`, and the site's `openIdIssuer` is `{}`",
                super::shared::shown(iss),
                super::shared::shown(&site.issuer)
            )));
        }
    }
}

/// The token is the one for Microsoft Graph that the site's own sign-in got and handed on.
fn hands_on_graph(facts: &Facts<'_>, site: &Site) -> bool {
    let aud = facts.claims().and_then(entra_claims::Claims::aud);
    !site.asks_for_an_api() && aud.is_some_and(|aud| accept::resources(aud).contains(&&GRAPH))
}

fn plain_uri(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:/".contains(&b);
    if text.bytes().all(plain) && !text.starts_with('-') {
        text.to_owned()
    } else {
        "<identifier URI>".to_owned()
    }
}

/// What the settings say by themselves.
pub(super) fn weaknesses(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(site) = facts.site() else { return };
    if site.partial {
        return;
    }
    let tenant = site
        .issuer
        .split('/')
        .find_map(|part| TenantId::parse(part).ok());
    if site.on && !site.client_id.is_empty() && tenant.is_none() {
        found.push(
            Finding::new(Code::SiteTenantUnchecked, Certainty::Certain, "the site's issuer names no tenant")
                .why("with such an issuer the site checks no tenant: a token of any tenant is let through")
                .change(Change::paste_setting("`openIdIssuer` of the site", "the issuer of your tenant", "{\"registration\":{\"openIdIssuer\":\"https://login.microsoftonline.com/<tenant id>/v2.0\"}}"))
                .source_is(SOURCE),
        );
    }
    let v1 = facts
        .registration()
        .is_some_and(|registration| !registration.partial && registration.token_version != 2);
    if v1 && site.issuer.ends_with("/v2.0") {
        found.push(version(
            "the registration's tokens are version 1, and the site names a version 2 issuer",
        ));
    }
    let mut remark = |code, text: &str, change: &str| {
        found.push(
            Finding::new(code, Certainty::Certain, text)
                .change(change)
                .remark()
                .source_is(SOURCE),
        );
    };
    if !site.on || site.anonymous {
        remark(
            Code::SiteAuthOff,
            "requests without a token reach the site",
            "require authentication, unless the code checks tokens itself",
        );
    }
    if site.redirects {
        remark(
            Code::SiteRedirectsCallers,
            "callers without a token are sent to a sign-in page",
            "set `unauthenticatedClientAction` to `Return401` for an API",
        );
    }
    if site.excluded_paths > 0 {
        remark(
            Code::SitePathsExcluded,
            "some paths are excluded, and no identity header arrives there",
            "check `excludedPaths`, and never trust X-MS-CLIENT-PRINCIPAL on them",
        );
    }
    if !site.asks_for_an_api() {
        let finding = Finding::new(Code::SiteLoginScopeGraph, Certainty::Certain, "the sign-in asks for no scope of an API, so its access token is for Microsoft Graph")
            .why("X-MS-TOKEN-AAD-ACCESS-TOKEN is for what the sign-in asked for, and by default that is the user's profile")
            .change("set `loginParameters` to [\"scope=openid offline_access api://<client id>/user_impersonation\"] where that token is used")
            .source_is("App Service doc \"Manage OAuth tokens\"");
        found.push(if hands_on_graph(facts, site) {
            finding
        } else {
            finding.remark()
        });
    }
}

pub(super) fn version(seen: &str) -> Finding {
    Finding::new(Code::VersionMismatch, Certainty::Likely, seen)
        .why("the API's registration decides the version, whichever endpoint the client used: `null` and 1 give the issuer sts.windows.net and the requested URI as `aud`, 2 gives login.microsoftonline.com/.../v2.0 and the client id")
        .change(Change::paste_setting("`requestedAccessTokenVersion` of the API's registration", "2", "{\"api\":{\"requestedAccessTokenVersion\":2}}"))
        .change("or accept both issuers and both audiences, as entra-claims does")
        .source_is("Entra doc \"Understand the app manifest\"")
}
