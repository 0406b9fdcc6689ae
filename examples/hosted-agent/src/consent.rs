//! Consent that a toolbox asks for: its forms, and the links that a person may be shown.

use serde_json::Value;
use url::Url;

/// Hosts to which a consent link may lead. A host that begins with a dot stands for all below it.
#[derive(Clone, Debug)]
pub struct ConsentHosts(Vec<String>);

/// One connection that the user has to consent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// The connection's name.
    pub server: String,
    pub link: String,
}

/// What a toolbox's error says about consent.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Consent and nothing else is missing.
    Consent(Vec<ConsentRequest>),
    /// Something else went wrong, perhaps beside missing consent: asking would not help.
    Other(String),
}

impl ConsentHosts {
    pub fn parse(text: &str) -> Result<Self, String> {
        let hosts = text.split(',').map(|host| host.trim().to_ascii_lowercase());
        let hosts: Vec<_> = hosts.filter(|host| !host.is_empty()).collect();
        let odd = |host: &&String| {
            let name = host.strip_prefix('.').unwrap_or(host);
            name.starts_with('.') || !name.contains('.') || name.contains(['/', ':', '@', '*', ' '])
        };
        match hosts.iter().find(odd) {
            Some(bad) => Err(format!("CONSENT_HOSTS: {bad:?} is no host name")),
            None if hosts.is_empty() => Err("CONSENT_HOSTS names no host".to_owned()),
            None => Ok(Self(hosts)),
        }
    }

    /// The link, if it is https and leads to one of the hosts. It is shown to people and never opened
    /// here.
    fn check(&self, link: &str) -> Option<String> {
        let url = Url::parse(link).ok()?;
        let host = url.host_str()?;
        let known = self.0.iter().any(|known| match known.starts_with('.') {
            true => host.len() > known.len() && host.ends_with(known.as_str()),
            false => host == known,
        });
        let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        (url.scheme() == "https" && known && plain).then(|| url.into())
    }
}

/// The mark of a request for consent. Its number differs: -32006 of `tools/call`, -32007 of what
/// several sources said together.
const CONSENT_REQUIRED: &str = "CONSENT_REQUIRED";

/// Reads a JSON-RPC error of a toolbox.
pub fn read(error: &Value, hosts: &ConsentHosts) -> Asked {
    let message = error["message"].as_str().unwrap_or_default();
    let other = || Asked::Other(cut(message));
    if !message.contains(CONSENT_REQUIRED) {
        return other();
    }
    // A sentence with JSON behind it.
    let json = message.find('{').and_then(|at| message.get(at..));
    let json: Option<Value> = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(sources) = json.as_ref().and_then(|json| json["errors"].as_array()) else {
        return other();
    };
    let mut requests = Vec::new();
    for source in sources {
        let error = &source["error"];
        // All of them have to be about consent: a tool that is broken stays broken after it.
        if error["code"] != CONSENT_REQUIRED {
            return Asked::Other(codes(sources));
        }
        let known = matches!(source["type"].as_str(), Some("mcp" | "a2a_preview"));
        let link = error["message"].as_str().and_then(|link| hosts.check(link));
        let (true, Some(link)) = (known, link) else {
            return Asked::Other(
                "a consent link does not lead to a configured https host".to_owned(),
            );
        };
        requests.push(ConsentRequest {
            server: source["name"].as_str().unwrap_or_default().to_owned(),
            link,
        });
    }
    match requests.is_empty() {
        true => other(),
        false => Asked::Consent(requests),
    }
}

/// What each source says, for the log: no message, since one may be another's consent link.
fn codes(sources: &[Value]) -> String {
    let code = |source: &Value| {
        let text = |value: &Value| cut(value.as_str().unwrap_or_default());
        format!(
            "{}: {}",
            text(&source["name"]),
            text(&source["error"]["code"])
        )
    };
    sources.iter().map(code).collect::<Vec<_>>().join(", ")
}

/// Foreign text for the log.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Asked, ConsentHosts, ConsentRequest, read};

    const LINK: &str = "https://logic-apis-eastus.consent.azure-apim.net/login?data=x";

    fn hosts() -> ConsentHosts {
        ConsentHosts::parse(".consent.azure-apim.net, consent.contoso.example").unwrap()
    }

    fn source(kind: &str, code: &str, message: &str) -> Value {
        json!({ "name": "mail", "type": kind, "error": { "code": code, "message": message } })
    }

    fn error(number: i64, sources: &[Value]) -> Value {
        let text = format!("tools failed {}", json!({ "errors": sources }));
        json!({ "code": number, "message": text })
    }

    #[test]
    fn both_numbers_and_both_sources_ask_for_consent() {
        for number in [-32006, -32007, 0] {
            for kind in ["mcp", "a2a_preview"] {
                let asked = read(
                    &error(number, &[source(kind, "CONSENT_REQUIRED", LINK)]),
                    &hosts(),
                );
                let expected = ConsentRequest {
                    server: "mail".to_owned(),
                    link: LINK.to_owned(),
                };
                assert_eq!(asked, Asked::Consent(vec![expected]), "{number} {kind}");
            }
        }
    }

    #[test]
    fn what_is_not_consent_alone_is_an_error() {
        let consent = source("mcp", "CONSENT_REQUIRED", LINK);
        for wrong in [
            error(-32007, &[consent.clone(), source("mcp", "HTTP_403", "no")]),
            error(-32007, &[source("mcp", "HTTP_404", "CONSENT_REQUIRED")]),
            error(-32006, &[]),
            error(-32006, &[source("openapi", "CONSENT_REQUIRED", LINK)]),
            json!({ "code": -32006, "message": "CONSENT_REQUIRED" }),
            json!({ "code": -32006, "message": "CONSENT_REQUIRED {not json" }),
            json!({ "code": -32006 }),
            Value::Null,
        ] {
            assert!(matches!(read(&wrong, &hosts()), Asked::Other(_)), "{wrong}");
        }
    }

    #[test]
    fn a_link_leads_to_a_configured_https_host_or_nowhere() {
        for bad in [
            "http://logic-apis-eastus.consent.azure-apim.net/login",
            "https://consent.azure-apim.net/login",
            "https://evil.example/login",
            "https://evil.example/?x=.consent.azure-apim.net",
            "https://a.consent.azure-apim.net.evil.example/",
            "https://evilconsent.azure-apim.net/",
            "https://a.consent.azure-apim.net@evil.example/",
            "https://user@a.consent.azure-apim.net/",
            "https://a.consent.azure-apim.net:8443/",
            "javascript:alert(1)",
            "/login",
            "",
        ] {
            let asked = read(
                &error(-32006, &[source("mcp", "CONSENT_REQUIRED", bad)]),
                &hosts(),
            );
            assert!(matches!(asked, Asked::Other(_)), "{bad}");
        }
        let own = "https://consent.contoso.example/login";
        let asked = read(
            &error(-32006, &[source("mcp", "CONSENT_REQUIRED", own)]),
            &hosts(),
        );
        assert!(matches!(asked, Asked::Consent(_)));
        for bad in ["", "*", "https://a.example", "localhost", "..x.y"] {
            assert!(ConsentHosts::parse(bad).is_err(), "{bad}");
        }
    }
}
