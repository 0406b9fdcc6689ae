//! Services that name both sides: the audience that came and the one that they want, the
//! tenant, the action, the address.

use foundry_scopes::catalogue;

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::audience::shown;

const SOURCE: &str = "the service's own answer";

fn said(code: Code, text: String) -> Finding {
    Finding::new(code, Certainty::Certain, text)
        .said()
        .source_is(SOURCE)
}

/// An audience that a text names, of the token and of the service.
struct Named {
    came: Option<String>,
    wanted: Vec<String>,
}

/// Texts of services and validators that refuse an audience.
pub(super) fn audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    // Entra ID's errors name audiences of assertions.
    if !facts.errors.is_empty() {
        return;
    }
    let Some(named) = named(facts) else { return };
    let came = named.came.or_else(|| {
        facts
            .claims()
            .and_then(|claims| claims.aud().map(str::to_owned))
    });
    let wanted: Vec<&str> = named.wanted.iter().map(String::as_str).collect();
    let same = |a: &str, b: &str| {
        a.trim_end_matches('/')
            .eq_ignore_ascii_case(b.trim_end_matches('/'))
    };
    if let Some(aud) = &came
        && wanted.iter().any(|it| same(it, aud))
    {
        // A list of what may be wrong, of which the audience is right.
        return;
    }
    let of_microsoft = wanted
        .first()
        .is_some_and(|it| !accept::resources(it).is_empty());
    let list = wanted
        .iter()
        .map(|it| format!("`{}`", shown(it)))
        .collect::<Vec<_>>()
        .join(" or ");
    let seen = match (&came, wanted.is_empty()) {
        (Some(came), false) => format!(
            "the token's audience is `{}`{}, and the service wants {list}",
            shown(came),
            in_words(came)
        ),
        (Some(came), true) => format!(
            "the token's audience is `{}`{}, which the API does not accept",
            shown(came),
            in_words(came)
        ),
        (None, false) => format!("the service wants the audience {list}"),
        (None, true) => return,
    };
    if of_microsoft || wanted.is_empty() && facts.wanted().is_some() {
        let scope = wanted.first().map_or_else(
            || facts.wanted().map(|(_, scope)| scope).unwrap_or_default(),
            |it| scope_of(it),
        );
        if came.is_none() && facts.token().is_none() && facts.requested().is_none() {
            found.push(
                said(Code::AudienceUnchecked, format!("{seen}; no token was given that could be compared"))
                    .why("the text lists what may be wrong: the token is missing, malformed, expired, or for another audience")
                    .change(Change::scope(scope)),
            );
            let last = found.len() - 1;
            if let Some(finding) = found.get_mut(last) {
                finding.certainty_is(Certainty::Likely);
            }
            return;
        }
        found.push(
            said(Code::AudienceWrong, seen)
                .why("a service accepts tokens for itself only")
                .change(Change::scope(scope)),
        );
        return;
    }
    // An API of one's own, whose validator compares with what it was configured with.
    if let Some(came) = &came {
        let spelling = wanted.iter().any(|it| same_application(it, came));
        let mut finding = said(
            if spelling || accept::resources(came).is_empty() {
                Code::AudienceNotAccepted
            } else {
                Code::AudienceWrong
            },
            seen,
        );
        if spelling {
            finding = finding
                .why("both are names of one registration: version 2 tokens carry the client id, version 1 tokens the identifier URI that was requested")
                .change(Change::setting("the audiences that the API's validation accepts", format!("`{}` and {list}", shown(came))));
        } else if accept::resources(came).is_empty() {
            finding = finding
                .why("the token was issued for another registration than the API is configured with")
                .change(if wanted.is_empty() { "configure the API with the client id and identifier URI of its own registration, and request a scope of that registration".to_owned() } else { format!("request a scope of the API's own registration ({list})") })
                .change("or, where both are names of the API, accept both in its validation");
        } else {
            let best = wanted
                .iter()
                .find(|it| !it.is_empty())
                .map_or_else(|| super::own::best_audience(facts), |it| (*it).to_owned());
            finding = finding
                .why("the token is for a service of Microsoft's, and the API accepts tokens for its own registration only")
                .change(Change::scope(scope_of(&best)));
        }
        found.push(finding);
    }
}

fn in_words(aud: &str) -> String {
    accept::named(aud)
        .map(|name| format!(" ({name})"))
        .unwrap_or_default()
}

/// One registration under two names: the client id, and an identifier URI with it.
fn same_application(a: &str, b: &str) -> bool {
    match (scan::guid(a), scan::guid(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn scope_of(aud: &str) -> String {
    let known = accept::resources(aud).first().and_then(|resource| {
        let cloud = resource.clouds().find(|cloud| {
            resource
                .identifiers(*cloud)
                .iter()
                .chain(resource.other_spellings(*cloud))
                .any(|uri| uri.trim_end_matches('/') == aud.trim_end_matches('/'))
        });
        resource.scope_in(cloud.unwrap_or(foundry_scopes::KnownCloud::Public))
    });
    match known {
        Some(scope) => scope.to_string(),
        None if scan::is_guid(aud) => format!("api://{aud}/.default"),
        None => format!("{}/.default", aud.trim_end_matches('/')),
    }
}

fn split(list: &str) -> Vec<String> {
    list.replace(" or ", ",")
        .split(|c: char| c.is_whitespace() || ",'\"`[](){}".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains("://") || scan::is_guid(word))
        .map(str::to_owned)
        .collect()
}

/// What each kind of text says of the audience.
fn named(facts: &Facts<'_>) -> Option<Named> {
    let text = facts.said.as_str();
    if let Some(list) = scan::between(text, "audience is incorrect (", ")") {
        return Some(Named {
            came: None,
            wanted: split(list),
        });
    }
    // Azure Resource Manager.
    if let Some(rest) = scan::after(text, "obtained for wrong audience or resource") {
        let line = rest.split('\n').next().unwrap_or(rest);
        let mut all = scan::all_quoted(line).into_iter();
        let came = all.next().map(str::to_owned);
        return Some(Named {
            came,
            wanted: all
                .take(4)
                .filter(|it| it.contains("://"))
                .map(str::to_owned)
                .collect(),
        });
    }
    // Key Vault: AKV10022.
    if let Some(rest) = scan::after(text, "Invalid audience. Expected") {
        let (expected, came) = rest.split_once("found")?;
        return Some(Named {
            came: split(came.split('\n').next()?).into_iter().next(),
            wanted: split(expected),
        });
    }
    // .NET: IDX10214.
    if scan::contains(text, "IDX10214") {
        let rest = scan::after(text, "IDX10214")?;
        let came = scan::quoted_after(rest, "Audiences:").filter(|it| !it.contains("PII"));
        let valid = ["ValidAudience:", "ValidAudiences:"]
            .iter()
            .filter_map(|mark| scan::quoted_after(rest, mark));
        let wanted = valid
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|it| !it.is_empty() && *it != "null" && !it.contains("PII"));
        let named = Named {
            came: came.map(str::to_owned),
            wanted: wanted.map(str::to_owned).collect(),
        };
        return (named.came.is_some() || !named.wanted.is_empty()).then_some(named);
    }
    // jsonwebtoken of Node.
    if let Some(rest) = scan::after(text, "jwt audience invalid. expected:") {
        return Some(Named {
            came: None,
            wanted: split(rest.split('\n').next()?),
        });
    }
    // Go and Python.
    if let Some(rest) = scan::after(text, "expected audience") {
        let line = rest.split('\n').next()?;
        let mut all = scan::all_quoted(line).into_iter().map(str::to_owned);
        let wanted = all.next()?;
        return Some(Named {
            came: all.next(),
            wanted: vec![wanted],
        });
    }
    let refused = [
        "audience validation failed",
        "invalid audience",
        "invalid_audience",
        "audience doesn't match",
        "audience is invalid",
        "unexpected \"aud\" claim",
        "access token validation failure. invalid audience",
    ];
    // The challenge of a service names the resource that its tokens are for.
    let challenged = ["resource_id", "resource"]
        .iter()
        .find_map(|name| facts.challenge.get(name))
        .filter(|resource| resource.contains("://") && facts.status() == Some(401));
    if let Some(resource) = challenged {
        return Some(Named {
            came: None,
            wanted: vec![resource.to_owned()],
        });
    }
    refused
        .iter()
        .any(|phrase| facts.says(phrase))
        .then(|| Named {
            came: None,
            wanted: facts
                .wanted()
                .map(|(_, scope)| scope.trim_end_matches("/.default").to_owned())
                .into_iter()
                .collect(),
        })
}

/// Issuers, signatures, rates and failures.
pub(super) fn validator(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let text = facts.said.as_str();
    if let Some(rest) =
        scan::after(text, "IDX10205").or_else(|| scan::after(text, "jwt issuer invalid"))
    {
        let came = scan::quoted_after(rest, "Issuer:").filter(|it| it.contains("://"));
        let wanted = scan::quoted_after(rest, "ValidIssuer:").filter(|it| it.contains("://"));
        if let (Some(came), Some(wanted)) = (came, wanted) {
            found.push(issuers(came, wanted));
        }
    }
    if let Some(finding) = issuer_in_words(facts) {
        found.push(finding);
    }
    // Azure Resource Manager names both tenants.
    if let Some(rest) = scan::after(text, "wrong issuer") {
        let mut all = scan::guids(rest.split('\n').next().unwrap_or(rest)).into_iter();
        if let (Some(came), Some(wanted)) = (all.next(), all.next()) {
            found.push(
                said(Code::TenantWrong, format!("the token is of the tenant {came}, and the resource of {wanted}"))
                    .why("guests and accounts with several tenants get a token of their home tenant unless one is named")
                    .change(Change::run("sign in to the tenant of the resource", format!("az login --tenant {wanted}")))
                    .change("or set `AZURE_TENANT_ID`, or `tenant_id` of the credential"),
            );
        }
    }
    let signature = facts.says_any(&[
        "idx10501",
        "idx10503",
        "idx10511",
        "idx10516",
        "idx10517",
        "signature validation failed",
        "invalid signature",
        "signature verification failed",
        "signing key is invalid",
        "unable to find a signing key",
        "no matching key",
    ]);
    if signature && !facts.has_error(&[50_013]) {
        let graph = facts
            .token()
            .is_some_and(|token| token.header().is_graph_style())
            || facts
                .claims()
                .and_then(entra_claims::Claims::aud)
                .is_some_and(|aud| accept::resources(aud).contains(&&catalogue::GRAPH));
        let finding = said(
            Code::SignatureRefused,
            if graph {
                "the token is for Microsoft Graph, and nobody else can check its signature"
                    .to_owned()
            } else {
                "no key of the API's authority fits the token".to_owned()
            },
        );
        found.push(if graph {
            finding
                .why("tokens for Graph are signed over another header than they show; a client that asks for no scope of the API gets one")
                .change(format!("request a scope of the API: `{}/<scope>`", super::own::best_audience(facts)))
        } else {
            finding
                .why("the keys were fetched from another tenant, cloud or version than the token's issuer, or long ago; or the token was changed when it was copied")
                .change("set the API's authority to the token's `iss` (tenant and cloud), and let it fetch the keys again when it meets an unknown `kid`")
        });
    }
    match facts.status() {
        Some(429) => found.push(
            said(Code::Throttled, "the service answers 429: too many calls".to_owned())
                .why("token and permissions are not what was refused")
                .change("wait as long as `Retry-After` says, and keep tokens instead of asking for one with each call"),
        ),
        Some(status @ (500 | 502..=504)) if facts.errors.is_empty() && !facts.says_any(&["public access is disabled", "session_not_ready"]) => found.push(
            Finding::new(Code::ServiceFailed, Certainty::Likely, format!("the service answers {status}"))
                .why("a refusal of a token is 401 or 403; this is a failure behind the authentication")
                .change("repeat it later, and look at the service's own log with the request id of the answer")
                .source_is("RFC 9110, section 15.6"),
        ),
        _ => {}
    }
    if facts.says_any(&[
        "featurenotavailable",
        "feature is not available",
        "feature is disabled",
        "disabled by the tenant",
        "tenant setting",
    ]) {
        found.push(
            said(Code::FeatureOff, "the service took the token and refuses the feature".to_owned())
                .why("it is switched off by a setting of the tenant, the region or the licence, and not by the token: another audience or role does not help")
                .change("have the administrator of the service switch it on (for Power BI and Fabric: the tenant settings of the admin portal)"),
        );
    }
}

/// A validator that refuses an issuer in words: its address, or the token's.
fn issuer_in_words(facts: &Facts<'_>) -> Option<Finding> {
    const REFUSED: [&str; 9] = [
        "jwt issuer invalid",
        "invalid issuer",
        "invalid_issuer",
        "issuer is invalid",
        "issuer validation failed",
        "unexpected issuer",
        "issuer mismatch",
        "issuer did not match",
        "unexpected \"iss\" claim",
    ];
    if !facts.says_any(&REFUSED) || facts.says("idx10205*validissuer") {
        return None;
    }
    let of_token = facts.claims().and_then(entra_claims::Claims::iss);
    let named = |mark: &str| {
        let rest = scan::after(&facts.said, mark)?;
        let line = rest.split('\n').next()?;
        let at = line.find("https://")?;
        let url = line
            .get(at..)?
            .split(|c: char| c.is_whitespace() || "'\"`,;)]}".contains(c))
            .next()?;
        Some(url.trim_end_matches('.').to_owned())
    };
    let wanted = ["expected:", "expected issuer", "expected ", "must be "]
        .iter()
        .find_map(|mark| named(mark));
    let came = of_token
        .map(str::to_owned)
        .or_else(|| REFUSED.iter().find_map(|phrase| named(phrase)));
    match (came, wanted) {
        (Some(came), Some(wanted)) if came != wanted => Some(issuers(&came, &wanted)),
        (Some(came), _) => Some(
            said(Code::IssuerUnknown, format!("the API refuses the issuer `{}`{}", shown(&came), kind_of_issuer(&came)))
                .why("an API trusts the issuers that it is configured with: the tenant, the cloud and the version (1 or 2) are parts of the name")
                .change(format!("configure the API's authority with this issuer, if its users sign in there: it publishes its keys below `{}`", shown(came.trim_end_matches('/'))))
                .change("or get the token from the tenant and the version that the API is configured with"),
        ),
        _ => None,
    }
}

/// The kind of tenant behind an issuer, where its address tells it.
pub(super) fn kind_of_issuer(issuer: &str) -> &'static str {
    if issuer.contains(".ciamlogin.com") {
        " (a tenant of Entra External ID)"
    } else if issuer.contains(".b2clogin.com") {
        " (a tenant of Azure AD B2C)"
    } else {
        ""
    }
}

fn issuers(came: &str, wanted: &str) -> Finding {
    let tenants = (scan::guid(came), scan::guid(wanted));
    let versions = (came.ends_with("/v2.0"), wanted.ends_with("/v2.0"));
    let seen = format!(
        "the token's issuer is `{}`{}, and the API wants `{}`{}",
        shown(came),
        kind_of_issuer(came),
        shown(wanted),
        kind_of_issuer(wanted)
    );
    match tenants {
        (Some(a), Some(b)) if a != b => said(Code::TenantWrong, seen)
            .why("the token is of another tenant than the API accepts")
            .change(Change::run(
                "sign in to the API's tenant",
                format!("az login --tenant {b}"),
            ))
            .change("or let the API accept tokens of that tenant, if it is for several"),
        _ if versions.0 != versions.1 => super::site::version(&seen).said(),
        _ => super::site::version(&seen).said(),
    }
}

/// An SDK's chain of credentials that found none.
pub(super) fn sdk(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let chain = facts.says_any(&[
        "failed to retrieve a token from the included credentials",
        "credentialunavailable",
        "defaultazurecredential failed",
        "chainedtokencredential failed",
        "authentication unavailable",
        "please run 'az login'",
        "please run 'connect-azaccount'",
    ]);
    if !chain || !facts.errors.is_empty() {
        return;
    }
    let imds = facts.says_any(&[
        "no response from the imds endpoint",
        "no managed identity endpoint found",
        "imds endpoint*unavailable",
        "managedidentitycredential authentication unavailable",
    ]);
    let cli = facts.says_any(&["please run 'az login'", "azure cli not found", "az login"]);
    let environment = facts.says_any(&[
        "environment variables are not fully configured",
        "environmentcredential authentication unavailable",
    ]);
    let mut finding = said(
        Code::CredentialUnavailable,
        "the SDK tried its credentials in order, and none could get a token".to_owned(),
    )
    .why("no call was made: role, audience and endpoint are not what failed");
    if cli {
        finding = finding.change(Change::run(
            "on a developer's machine: sign in",
            "az login --tenant <tenant id>",
        ));
    }
    if imds {
        finding = finding.change("in Azure: switch the managed identity of the host on; a user-assigned one is named by `AZURE_CLIENT_ID`");
    }
    if environment {
        finding = finding.change("with a registration of your own: set `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` (or `AZURE_FEDERATED_TOKEN_FILE`) for the process that runs, a container included");
    }
    found.push(finding.change("name the one credential that is meant (`AZURE_TOKEN_CREDENTIALS`, or its class) instead of the chain: its own error says more"));
}
