//! What fits together, what the input excludes, and what would decide the rest.

use entra_claims::Claims;
use foundry_scopes::TenantId;

use crate::diagnosis::accept::Verdict;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::token::when;

use super::shared::permission_text;

/// A cause that the input excludes, with the findings that would name it.
pub(in crate::diagnosis) struct Excluded {
    pub(in crate::diagnosis) what: &'static str,
    pub(in crate::diagnosis) because: String,
    pub(in crate::diagnosis) codes: &'static [Code],
}

pub(in crate::diagnosis) fn excluded(facts: &Facts<'_>) -> Vec<Excluded> {
    let mut found = Vec::new();
    let mut add = |what, because: String, codes| {
        found.push(Excluded {
            what,
            because,
            codes,
        });
    };
    for entry in facts.sign_ins() {
        if entry.code == 0 {
            add(
                "the sign-in",
                format!(
                    "the log entry{} has errorCode 0: Entra ID issued what was asked for",
                    of_app(&entry.app)
                ),
                &[
                    Code::ConsentMissing,
                    Code::UserNotAssigned,
                    Code::UserNotInTenant,
                    Code::ApplicationNotFound,
                ] as &[Code],
            );
        }
        if matches!(entry.conditional_access.as_str(), "success" | "notapplied") {
            let word = if entry.conditional_access == "success" {
                "success"
            } else {
                "not applied"
            };
            add(
                "Conditional Access",
                format!("the log entry{} says {word}", of_app(&entry.app)),
                &[Code::ConditionalAccess],
            );
        }
    }
    let audience = facts.token().is_some() && facts.verdict() == Some(Verdict::Accepted);
    let permission = facts.status() == Some(403) && permission_text(facts);
    if audience {
        add(
            "the audience",
            "the token's `aud` is what the address wants".to_owned(),
            &[Code::AudienceWrong, Code::AudienceUnchecked],
        );
    } else if permission {
        add(
            "the audience and the expiry",
            "the service names a permission with 403, so it read and accepted the token".to_owned(),
            &[Code::AudienceUnchecked, Code::Expired],
        );
    }
    let (time, known) = facts.time();
    let exp = facts.claims().and_then(Claims::exp);
    if let Some(exp) = exp.filter(|exp| *exp > time) {
        let since = known && exp <= facts.case.now;
        let because = if since {
            format!(
                "the token was valid when the call failed, and expired {} later",
                when::span(u128::from(exp.abs_diff(time)))
            )
        } else {
            format!("the token expires {}", when::relative(exp, time))
        };
        add("the expiry", because, &[Code::Expired]);
    } else if exp.is_some() && facts.status() == Some(403) && !facts.says_expired() {
        add(
            "the expiry",
            "services answer 401 to an expired token, and this is a 403".to_owned(),
            &[Code::Expired],
        );
    }
    let tid = facts
        .claims()
        .and_then(Claims::tid)
        .and_then(|tid| TenantId::parse(tid).ok());
    if let (Some(of_token), Some(wanted)) = (tid, facts.resource_tenant())
        && of_token == wanted
    {
        add(
            "the tenant",
            "the token is of the tenant that the resource is in".to_owned(),
            &[Code::TenantWrong],
        );
    }
    found
}

fn of_app(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!(" of {name}")
    }
}

pub(in crate::diagnosis) fn agrees(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let (time, known) = facts.time();
    if let (Some((aud, from)), Some((name, _))) = (facts.audience(), facts.wanted())
        && facts.verdict() == Some(Verdict::Accepted)
    {
        found.push(format!(
            "{from} `{}` is what {name} wants",
            super::shared::shown(&aud)
        ));
    }
    if facts.is_answered()
        && let Some(status) = facts.status()
    {
        found.push(format!(
            "the service answered {status}: it let the caller in"
        ));
    }
    if let Some(own) = own_audience(facts) {
        found.push(own);
    }
    found.extend(of_claims(facts));
    if let (Some((aud, from)), None) = (facts.audience(), facts.wanted())
        && let Some(name) = crate::diagnosis::accept::named(&aud)
        && facts.own().is_none()
    {
        found.push(format!(
            "{from} `{}` is {name}'s",
            super::shared::shown(&aud)
        ));
    }
    if let Some(claims) = facts.claims()
        && claims.nbf().is_none_or(|nbf| nbf <= time)
        && let Some(exp) = claims.exp().filter(|exp| *exp > time)
    {
        let at = if known {
            format!("at {}", when::date(time))
        } else {
            "now".to_owned()
        };
        found.push(format!(
            "the token is valid {at}, until {}",
            when::date(exp)
        ));
    }
    if let Some((aud, from)) = facts.audience() {
        let shown = super::shared::shown(&aud);
        if let Some(site) = facts.site().filter(|site| site.allows(&aud)) {
            let how = if aud.eq_ignore_ascii_case(&site.client_id) {
                "it is the site's client id"
            } else {
                "it is one of the site's `allowedAudiences`"
            };
            found.push(format!("the site allows {from} `{shown}`: {how}"));
        }
        if facts.registration().is_some_and(|app| app.is_called(&aud)) {
            found.push(format!("{from} `{shown}` is a name of the registration"));
        }
    }
    if let (Some(site), Some(app)) = (facts.site(), facts.registration())
        && site.client_id == app.app_id
        && !app.app_id.is_empty()
    {
        found.push("the site and the registration name the same application".to_owned());
        let v2 = site.issuer.ends_with("/v2.0");
        if !site.issuer.is_empty() && !app.partial && v2 == (app.token_version == 2) {
            found.push(format!(
                "the registration's tokens are version {}, and so is the site's issuer",
                if v2 { 2 } else { 1 }
            ));
        }
    }
    found
}

/// The token's audience is the API's own.
fn own_audience(facts: &Facts<'_>) -> Option<String> {
    let aud = facts.claims()?.aud()?;
    if !crate::diagnosis::accept::resources(aud).is_empty() {
        return None;
    }
    let shown = super::shared::shown(aud);
    let given = facts.accepted();
    let id = |text: &str| crate::reading::scan::guid(text);
    let same = |it: &&str| it.eq_ignore_ascii_case(aud) || id(it).is_some() && id(it) == id(aud);
    if given.iter().any(same) {
        return Some(format!(
            "the token's `aud` `{shown}` is the API's own audience"
        ));
    }
    (facts.own().is_some() || facts.target.is_none()).then(|| {
        format!("the token's `aud` `{shown}` is an API's own, and no service of Microsoft's")
    })
}

/// The issuer's kind, a guest's home tenant, roles and scopes.
fn of_claims(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let Some(claims) = facts.claims() else {
        return found;
    };
    if facts.own().is_none() && facts.target.is_some() {
        return found;
    }
    let issuer = claims.iss().unwrap_or_default();
    let kind = super::shared::kind_of_issuer(issuer);
    if !kind.is_empty() {
        found.push(format!(
            "the issuer is `{}`{kind}",
            super::shared::shown(issuer)
        ));
    }
    let home = claims.get("idp");
    let home = home.as_ref().and_then(serde_json::Value::as_str);
    if let (Some(home), Some(tid)) = (home, claims.tid())
        && crate::reading::scan::guid(home).is_some_and(|home| !home.eq_ignore_ascii_case(tid))
    {
        found.push(format!("the user is a guest: `idp` names the home tenant (`{}`), and `tid` the tenant of the API", super::shared::shown(home)));
    }
    let roles: Vec<_> = claims
        .roles()
        .take(8)
        .map(|it| format!("`{}`", super::shared::shown(it)))
        .collect();
    if !roles.is_empty() {
        found.push(format!(
            "the token holds the app roles {}",
            roles.join(", ")
        ));
    }
    let scopes: Vec<_> = claims
        .scopes()
        .take(8)
        .map(|it| format!("`{}`", super::shared::shown(it)))
        .collect();
    if !scopes.is_empty() && roles.is_empty() {
        found.push(format!("the token holds the scopes {}", scopes.join(", ")));
    }
    found
}

/// The one thing to collect next.
pub(in crate::diagnosis) fn next(facts: &Facts<'_>) -> Option<String> {
    if super::shared::is_never_invoked(facts) {
        return Some("the site's HTTP log at the time of one call (`az webapp log tail --provider http`): is there no line, a 401 or a 403?".to_owned());
    }
    if facts.says_any(&[
        "waiting for foundry login",
        "published to teams",
        "agent published",
    ]) && facts.har().is_none()
    {
        return Some("the publishing scheme (`BotServiceRbac` or `BotServiceTenant`) and who holds Foundry Agent Consumer on the project; then the browser's traffic (HAR) of one sign-in".to_owned());
    }
    if facts.own().is_some() && super::own::is_git(facts) {
        return Some("which account git sent (`git credential fill`, the helper's entry), and whether that account may read the repository on this server".to_owned());
    }
    if facts.is_shortened() {
        return Some("the whole token on standard input (nothing leaves this machine), or its decoded `aud`, `tid`, `exp` and `scp` or `roles`".to_owned());
    }
    if facts.says("audience is incorrect") && facts.token().is_none() {
        return Some("the `aud` of the token that was sent: `entra-doctor decode` shows it, with the token on standard input (it goes nowhere)".to_owned());
    }
    if facts.tools().next().is_some()
        && facts.site().is_none()
        && facts.registration().is_none()
        && facts.token().is_none()
    {
        return Some("the site's HTTP log at the time of one call: no line, a 401 or a 403; and `identifierUris` of the site's registration".to_owned());
    }
    if let Some(site) = facts.site()
        && facts.token().is_none()
        && facts.registration().is_none()
        && facts.audience().is_some()
    {
        return Some(format!(
            "`identifierUris` of the registration {}: is the audience that is asked for among them?",
            site.client_id
        ));
    }
    let restricts = facts
        .site()
        .is_none_or(|site| site.partial && site.applications.is_empty());
    if facts.own() == Some(crate::target::OwnKind::Site)
        && facts.status() == Some(403)
        && facts.token().is_some()
        && restricts
        || facts.site().is_some_and(|site| site.partial) && facts.status() == Some(403) && restricts
    {
        return Some("the policy of the site's authentication settings (`defaultAuthorizationPolicy`: `allowedApplications`, `allowedPrincipals`): it answers 403 after the audience was accepted".to_owned());
    }
    if facts.own() == Some(crate::target::OwnKind::Gateway) {
        return Some("the gateway's policy (`validate-jwt` or `validate-azure-ad-token` in API Management): it names the audiences, and whether a subscription key is wanted".to_owned());
    }
    if facts.says_any(&["servicebus.windows.net", "servicebus.azure.net"])
        && facts.token().is_none()
    {
        return Some("whether the namespace is one of Service Bus (`https://servicebus.azure.net/.default`) or of Event Hubs (`https://eventhubs.azure.net/.default`): they share their hosts".to_owned());
    }
    if facts.site().is_some() && facts.token().is_some() {
        let log = if super::shared::is_container_app(facts) {
            "az containerapp logs show"
        } else {
            "az webapp log tail"
        };
        return Some(format!(
            "the site's log at the time of the call (`{log}`): its authentication names the check that failed"
        ));
    }
    let text = match (facts.token().is_some(), facts.target.is_some(), facts.status()) {
        _ if facts.own().is_some() && facts.token().is_some() => {
            format!("the audiences that the API accepts: its site's authentication settings (`{}`), or the audience in the code's validation", super::shared::auth_show(facts))
        }
        (false, true, _) if facts.own().is_none() => {
            "the access token that was sent: give it with `--token -` on standard input (it is decoded here and goes nowhere), or its `aud`, `tid` and `exp`".to_owned()
        }
        (false, true, _) => "the access token that was sent, or its `aud`; and the authentication settings of the API".to_owned(),
        (true, false, _) => "the address that the token was sent to (`--endpoint`), and the answer's status and body".to_owned(),
        (true, true, Some(status)) => format!("the body and the `WWW-Authenticate` field of the {status}: they name what was missed"),
        (true, true, None) => "the status and the body of the answer".to_owned(),
        (false, false, _) => "the address that was called, and the token that was sent or its `aud`".to_owned(),
    };
    Some(text)
}
