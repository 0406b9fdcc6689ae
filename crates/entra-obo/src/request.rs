//! Token request: form, headers, `claims` parameter.

use foundry_scopes::ClientId;
use http::{HeaderValue, Method, Request, Uri, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use crate::credential::Proof;
use entra_claims::ClaimsChallenge;

/// Tells Entra ID that this client honours `Retry-After`: it then answers loops with 429
/// instead of `invalid_grant` (AADSTS50196).
const LIB_CAPABILITY: &str = "retry-after, h429";

/// One request to the token endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) client: ClientId,
    pub(crate) proof: &'a Proof,
    /// The grant's own parameters, `grant_type` first.
    pub(crate) grant: &'a [(&'static str, &'a str)],
    pub(crate) scope: &'a str,
    pub(crate) claims: Option<&'a str>,
    pub(crate) request_id: &'a str,
}

impl TokenRequest<'_> {
    /// The HTTP request.
    pub(crate) fn build(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, http::Error> {
        Request::builder()
            .method(Method::POST)
            .uri(endpoint.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", self.request_id)
            .header("return-client-request-id", "true")
            .header(
                "x-ms-lib-capability",
                HeaderValue::from_static(LIB_CAPABILITY),
            )
            .header("x-client-sku", env!("CARGO_PKG_NAME"))
            .header("x-client-ver", env!("CARGO_PKG_VERSION"))
            .body(self.form())
    }

    fn form(&self) -> Vec<u8> {
        // Room for everything, so that growing leaves no copies of secrets behind.
        let grant = self.grant.iter().map(|(_, value)| value.len());
        let proof = self.proof.parameters().map(|(_, value)| value.len());
        let values: usize = grant.chain(proof).sum();
        let room = 3 * (values + self.scope.len() + self.claims.map_or(0, str::len));
        let mut form = Serializer::new(String::with_capacity(room + 512));
        form.extend_pairs(self.grant)
            .append_pair("client_id", &self.client.to_string())
            .extend_pairs(self.proof.parameters())
            .append_pair("scope", self.scope);
        if let Some(claims) = self.claims {
            form.append_pair("claims", claims);
        }
        form.finish().into_bytes()
    }
}

/// A random GUID (RFC 9562, version 4), for `client-request-id` and `jti`.
pub(crate) fn random_guid() -> String {
    let mut bytes = [0; 16];
    // Without randomness the id is only less useful; no decision hangs on it.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}

/// Both parts merged, or `None` when there is nothing to say. A challenge alone goes out
/// byte for byte.
pub(crate) fn claims_parameter(
    capabilities: &[String],
    challenge: Option<&ClaimsChallenge>,
) -> Option<String> {
    let asked: Map<String, Value> = challenge
        .and_then(|challenge| serde_json::from_str(challenge.as_json()).ok())
        .unwrap_or_default();
    match (capabilities.is_empty(), challenge) {
        (true, Some(challenge)) if !asked.is_empty() => Some(challenge.as_json().to_owned()),
        (true, _) => None,
        (false, _) => {
            let mut claims = Value::Object(asked);
            let ours = json!({ "access_token": { "xms_cc": { "values": capabilities } } });
            merge(&mut claims, ours);
            Some(claims.to_string())
        }
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ClientSecret;

    #[test]
    fn the_form_is_the_documented_one_and_escapes_everything() {
        let request = TokenRequest {
            client: ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap(),
            proof: &Proof::Secret(ClientSecret::new("a+b&c=d e~%\u{fc}")),
            grant: &[("grant_type", "urn:x:y"), ("assertion", "h.p.s")],
            scope: "api://a/x api://a/y",
            claims: Some(r#"{"a":1}"#),
            request_id: "id-1",
        };
        let endpoint = Uri::from_static("https://login.example/t/oauth2/v2.0/token");
        let request = request.build(&endpoint).unwrap();
        assert_eq!(
            String::from_utf8(request.body().clone()).unwrap(),
            "grant_type=urn%3Ax%3Ay\
             &assertion=h.p.s\
             &client_id=11112222-bbbb-3333-cccc-4444dddd5555\
             &client_secret=a%2Bb%26c%3Dd+e%7E%25%C3%BC\
             &scope=api%3A%2F%2Fa%2Fx+api%3A%2F%2Fa%2Fy\
             &claims=%7B%22a%22%3A1%7D"
        );
        assert_eq!(request.method(), Method::POST);
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(header("client-request-id"), "id-1");
        assert_eq!(header("return-client-request-id"), "true");
        assert_eq!(header("x-ms-lib-capability"), "retry-after, h429");
        assert_eq!(header("x-client-sku"), "entra-obo");
        assert_eq!(header("x-client-ver"), env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn request_ids_are_random_guids() {
        let (a, b) = (random_guid(), random_guid());
        assert_ne!(a, b);
        let guid = uuid::Uuid::try_parse(&a).unwrap();
        assert_eq!(guid.get_version_num(), 4);
    }

    #[test]
    fn capabilities_and_challenge_are_merged() {
        let cp1 = ["cp1".to_owned()];
        let challenge = r#"{ "access_token":{"acrs":{"essential":true,"value":"c1"}} }"#;
        let parameter = |capabilities: &[String], challenge: Option<&str>| {
            let challenge = challenge.map(|text| ClaimsChallenge::from_json(text).unwrap());
            claims_parameter(capabilities, challenge.as_ref())
        };
        assert_eq!(parameter(&[], None), None);
        assert_eq!(parameter(&[], Some("{}")), None);
        assert_eq!(parameter(&[], Some(" { } ")), None);
        assert_eq!(parameter(&[], Some(challenge)).unwrap(), challenge);
        let ours = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
        assert_eq!(parameter(&cp1, None).unwrap(), ours);
        assert_eq!(parameter(&cp1, Some("{}")).unwrap(), ours);
        assert_eq!(
            parameter(&cp1, Some(challenge)).unwrap(),
            r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#
        );
        // A challenge whose members have unexpected types does not swallow ours.
        assert_eq!(
            parameter(&cp1, Some(r#"{"access_token":7}"#)).unwrap(),
            ours
        );
    }
}
