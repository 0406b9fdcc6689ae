//! Errors about the client: its credential, its redirect URI, its platform, its registration.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::code_text::EntraError;
use crate::diagnosis::facts::Facts;
use crate::finding::Finding;
use crate::reading::scan;

use super::{said, seen};

pub(super) fn read(error: &EntraError, facts: &Facts<'_>) -> Option<Finding> {
    Some(match error.number {
        7_000_215 | 7_000_222 | 700_027 => secret(error),
        7_000_218 => no_secret(facts),
        9_002_324 => two(),
        50_011 | 500_112 | 500_113 | 900_971 => redirect(error, facts),
        9_002_325..=9_002_327 => platform(error, facts),
        700_016 | 700_011 => not_found(error, facts),
        54_005 => redeemed(facts),
        7_000_232 => said(Code::SecretRefused, "a managed identity came with a client secret")
            .change("use the managed identity endpoint, or a registration of your own with a federated credential for the identity"),
        _ => return None,
    })
}

fn application(error: &EntraError) -> Option<String> {
    ["for app", "added to app", "app Id", "application", "client"]
        .iter()
        .find_map(|mark| scan::guid(scan::after(&error.text, mark)?))
        .or_else(|| scan::guid(error.sentence()))
}

fn secret(error: &EntraError) -> Finding {
    let app = application(error);
    let id = app.as_deref().unwrap_or("<client id>");
    match error.number {
        7_000_215 => said(Code::SecretRefused, format!("the secret that was sent for the application {id} is not valid"))
            .why("the usual cause is the secret's id in place of its value; else it is another application's secret, or was cut or changed by a shell or a setting")
            .change("send the secret's value, which the portal shows once, and not its id (a GUID); set a new one if the value is lost, and recreate the connection that holds it"),
        7_000_222 => said(Code::SecretRefused, format!("every secret of the application {id} has expired"))
            .change(Change::run("add a secret, keeping those that are there", format!("az ad app credential reset --id {id} --append")))
            .change("put the new value where the old one is used, and recreate the connection that holds it; a federated credential or a managed identity does not expire"),
        _ => {
            let thumbprint = scan::quoted_after(&error.text, "identifier").or_else(|| scan::quoted_after(&error.text, "Thumbprint"));
            let which = thumbprint.map_or_else(String::new, |thumbprint| format!(" `{thumbprint}`"));
            said(Code::SecretRefused, match &app {
                Some(id) => format!("the certificate{which} that signed the client assertion is not one of the application {id}"),
                None => format!("the certificate{which} that signed the client assertion is not one of the application's"),
            })
                .change("upload the public part of the certificate that the client uses to the registration, or have the client use the one that is registered; the tenant and the client id count as well")
        }
    }
}

fn no_secret(facts: &Facts<'_>) -> Finding {
    said(Code::SecretOfPublicClient, "AADSTS7000218: Entra ID wants `client_secret` or `client_assertion`, and the client sent neither")
        .why("the redirect URI is registered for the platform Web, whose clients have a secret; a desktop, command line or MCP client has none")
        .change(Change::setting(
            "the platform of the client's redirect URI in its registration",
            match redirect_of(facts) {
                Some(uri) => format!("\"Mobile and desktop applications\" (`publicClient`) for `{uri}`, and remove it from Web"),
                None => "\"Mobile and desktop applications\" (`publicClient`), and remove the URI from Web".to_owned(),
            },
        ))
        .change("for the device code and password grants: `isFallbackPublicClient` true (\"Allow public client flows\")")
        .change("or, where the client is a server that keeps a secret: configure the secret or certificate in it")
}

fn two() -> Finding {
    said(Code::TwoCredentials, "the request holds more than one of `client_secret`, `client_assertion` and `request`")
        .why("a client proves itself once: Entra ID refuses a request with two proofs instead of choosing")
        .change("send one client credential only: remove the secret from the settings of a client that signs assertions, a certificate, a federated credential or an agent identity's blueprint among them")
}

fn redirect_of(facts: &Facts<'_>) -> Option<String> {
    let of_web = || {
        facts
            .registration()
            .and_then(|app| app.web_redirects.first().cloned())
    };
    facts
        .parameter("redirect_uri")
        .map(str::to_owned)
        .or_else(of_web)
}

fn redirect(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let text = &error.text;
    let uri = ["redirect URI", "reply URL", "reply address", "The redirect"]
        .iter()
        .find_map(|mark| scan::quoted_after(text, mark))
        .or_else(|| {
            scan::all_quoted(error.sentence())
                .into_iter()
                .find(|it| it.contains("://"))
        })
        .map(str::to_owned)
        .or_else(|| redirect_of(facts));
    let of_entry = || {
        facts
            .sign_ins()
            .map(|entry| entry.app_id.clone())
            .find(|id| !id.is_empty())
    };
    let app = application(error)
        .or_else(|| facts.parameter("client_id").map(str::to_owned))
        .or_else(of_entry);
    let id = app.as_deref().unwrap_or("<client id>");
    if let Some(name) = super::microsofts(id) {
        let uri = uri.map_or_else(
            || "the redirect URI of the request".to_owned(),
            |uri| format!("`{uri}`"),
        );
        return said(Code::RedirectMismatch, format!("{uri} is no redirect URI of {name} ({id}), an application of Microsoft's"))
            .why("its registration is Microsoft's: no customer can add a redirect URI there")
            .change("sign in with a client registration of your own, and configure its id in the tool that sent this request")
            .change("where the request came from a page of Microsoft's, start again from that page in a private window; then a support case with the correlation id");
    }
    let Some(uri) = uri else {
        return said(Code::RedirectMismatch, seen(error))
            .change("register the reply URL of the request, exactly as written: for a Foundry connection it is `properties.redirectUrl`, `https://global.consent.azure-apim.net/redirect/<id>`, as a Web redirect");
    };
    let platform = platform_of(&uri);
    let mut finding = said(Code::RedirectMismatch, format!("`{uri}` is no redirect URI of the application {id}"))
        .why("Entra ID compares the redirect URI of the request with the registered ones, path, case and slash at the end included; on `localhost` the port does not count")
        .change(Change::setting(
            format!("the redirect URIs of the registration {id}, platform {platform}, keeping those that are there"),
            format!("`{uri}` added, exactly as written"),
        ));
    if uri.starts_with("http://") && platform == "Web" {
        finding = finding.change("behind a proxy the application thinks that it is called by http: let it read `X-Forwarded-Proto`, so that it asks for the https address");
    }
    if let Some(app) = facts.registration() {
        let has = |list: &[String]| list.iter().any(|known| known == &uri);
        if has(&app.spa_redirects) || has(&app.web_redirects) || has(&app.public_redirects) {
            finding = finding.change("the registration that was given has this URI: the client id of the request is another one, or the change is minutes old");
        }
    }
    finding
}

/// Where a redirect URI of this form belongs.
pub(crate) fn platform_of(uri: &str) -> &'static str {
    let local = uri.starts_with("http://localhost")
        || uri.starts_with("http://127.0.0.1")
        || uri.starts_with("http://[::1]");
    if local || !uri.starts_with("http") || uri.contains("/oauth2/nativeclient") {
        "\"Mobile and desktop applications\" (`publicClient`)"
    } else {
        "Web"
    }
}

fn platform(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let uri =
        redirect_of(facts).map_or_else(|| "the redirect URI".to_owned(), |uri| format!("`{uri}`"));
    match error.number {
        9_002_327 => said(Code::RedirectPlatform, format!("{uri} is registered as a single-page application's, and the code was redeemed outside a browser"))
            .why("codes of single-page applications are redeemed by a browser, with an `Origin` header")
            .change(Change::setting(
                "the platform of the redirect URI",
                "\"Mobile and desktop applications\" for command line, desktop and MCP clients, Web for servers with a secret; remove it from single-page",
            )),
        9_002_326 => said(Code::RedirectPlatform, format!("the token was asked for by a page (with an `Origin` header), and {uri} is not registered as a single-page application's"))
            .why("Entra ID answers a page only where the redirect URI belongs to the single-page platform")
            .change(Change::setting("the platform of the redirect URI", "single-page application (`spa`), and remove it from the other platforms"))
            .change("a server or tool that is no browser must not send an `Origin` header"),
        _ => said(Code::RedirectPlatform, "the code was redeemed without the proof key that a page needs")
            .change("send `code_challenge` with S256 at the sign-in and `code_verifier` with the code"),
    }
}

fn not_found(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let id = scan::quoted_after(&error.text, "identifier")
        .and_then(scan::guid)
        .or_else(|| application(error));
    let shown = id
        .clone()
        .or_else(|| scan::quoted_after(&error.text, "identifier").map(str::to_owned));
    let shown = shown.as_deref().unwrap_or("of the request");
    let tenant = scan::quoted_after(&error.text, "in the directory");
    let place = tenant.map_or_else(
        || "the tenant".to_owned(),
        |tenant| format!("the tenant `{tenant}`"),
    );
    if tenant.is_some_and(|tenant| {
        tenant
            .to_ascii_lowercase()
            .replace(' ', "")
            .contains("botframework")
    }) {
        return said(Code::BotTenant, format!("the bot `{shown}` asked the directory `botframework.com` for its token, and is not in it"))
            .why("a multi-tenant bot gets its token from that directory; a single-tenant bot or one with a managed identity from its own tenant")
            .change("set the bot's type and tenant in its settings: `MicrosoftAppType` SingleTenant (or UserAssignedMSI) and `MicrosoftAppTenantId`")
            .change(Change::scope("https://api.botframework.com/.default"));
    }
    let mut finding = said(Code::ApplicationNotFound, format!("the application `{shown}` is not in {place}"))
        .why("the client id is wrong, or the request went to another tenant than the registration's; a multi-tenant application is in a tenant once somebody there consented to it");
    if shown.contains("://") {
        finding =
            finding.change("give the client id, a GUID: an identifier URI stands in its place");
    } else if id.is_none() && !shown.is_empty() && shown != "of the request" {
        finding = finding.change("give the client id as a GUID");
    }
    if let Some(app) = facts.registration()
        && id.as_deref() != Some(app.app_id.as_str())
    {
        finding = finding.change(format!(
            "the registration that was given is {}: use that client id",
            app.app_id
        ));
    }
    finding.change("check the client id (not the object id), and use the authority of the registration's tenant: `https://login.microsoftonline.com/<tenant id>`")
}

/// A sign-in code that came a second time: whose matter that is shows in the log and in the
/// browser's traffic.
fn redeemed(facts: &Facts<'_>) -> Finding {
    let platform = facts.sign_ins().any(super::sign_in::is_microsofts)
        || facts.says_any(&[
            "azureml.ms",
            "agent-oauth",
            "foundry login",
            "botframework",
            "azure-apim.net",
        ]);
    let har = facts.har().map(|har| har.redirects);
    let finding = said(
        Code::CodeRedeemedTwice,
        "the code of one sign-in was redeemed twice: the first time it worked",
    );
    let finding = match har {
        Some(count) if count >= 2 => {
            return finding
                .why("the browser's traffic holds the redirect more than once with one code: the browser, an extension or a link scanner fetched it again")
                .change("sign in once in a private window without extensions, and without a scanner that opens links (Safe Links, a proxy)");
        }
        Some(1) => finding
            .why("the browser fetched the redirect once, so the second redemption happened in the service: nothing in the customer's registration is at fault")
            .change("open a support case with the correlation id and time of the failing answer"),
        _ if platform => finding
            .why("the sign-in itself succeeded, with an application of Microsoft's: nothing in the customer's registration is at fault, and no change there helps")
            .change("record the browser's traffic (HAR): two requests for the redirect with one code are the browser, an extension or a link scanner; one is the service, and a support case with the correlation id is the way"),
        _ => finding
            .why("a reload, a prefetch, a double submit or two instances behind one callback send the code twice")
            .change("redeem the code once, keep the tokens, and redirect away from the callback page so that a reload does not send it again")
            .change("record the browser's traffic (HAR): two requests for the redirect with one code are the browser, one is the server"),
    };
    if platform {
        finding
            .change("in order: an address of the Agent Application (legacy) in the channel's settings; the publishing scheme (`BotServiceRbac` or `BotServiceTenant`); with `BotServiceRbac`, Foundry Agent Consumer on the project for those who talk to the agent; limits of the channel (no sign-in of tools, no approvals)")
    } else {
        finding
    }
}
