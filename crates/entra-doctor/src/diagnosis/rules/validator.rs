//! Validators and services that refuse an issuer, a signature, a rate or a feature, and SDKs
//! that got no token.

use foundry_scopes::catalogue;

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::shared::{kind_of_issuer, said, shown};

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
                .change(format!("request a scope of the API: `{}/<scope>`", super::shared::best_audience(facts)))
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
    const REFUSED: [&str; 11] = [
        "jwt issuer invalid",
        "invalid issuer",
        "invalid_issuer",
        "issuer is invalid",
        "issuer validation failed",
        "unexpected issuer",
        "idx40001",
        "does not match any of the valid issuers",
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
        "please run az login",
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
