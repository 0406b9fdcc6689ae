//! The facade's authorization server metadata.

use foundry_scopes::{OidcScope, Scope};
use serde_json::{Map, Value, json};

/// Members of Entra ID's document that stay true behind the facade. A list of what may
/// pass, so that a new member of Entra's document cannot lead clients around the facade.
const KEPT: [&str; 7] = [
    "jwks_uri",
    "response_types_supported",
    "response_modes_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_endpoint",
    "end_session_endpoint",
];

/// Entra ID's metadata with the facade in its place (RFC 8414, section 2).
///
/// - `issuer` and the two endpoints are the facade's.
/// - `code_challenge_methods_supported` is added: Entra ID supports S256 without saying
///   so, and MCP clients must refuse a server that does not say so.
/// - `none` and the secret methods are the client authentications that can pass through
///   (a client assertion names Entra's endpoint as its audience, so it cannot).
/// - `scopes_supported` holds the resource's scopes and `offline_access`, so that clients
///   still ask for a refresh token; the `prompt=consent` that they add to it is taken out
///   on the way.
/// - No `registration_endpoint`: Entra ID has none, and none is pretended.
pub(crate) fn facade_document(entra: &Map<String, Value>, issuer: &str, scopes: &[Scope]) -> Value {
    let mut document = Map::new();
    for name in KEPT {
        if let Some(value) = entra.get(name) {
            document.insert(name.to_owned(), value.clone());
        }
    }
    let scopes: Vec<_> = scopes
        .iter()
        .map(Scope::as_str)
        .chain([OidcScope::OfflineAccess.as_str()])
        .collect();
    let own = [
        ("issuer", json!(issuer)),
        (
            "authorization_endpoint",
            json!(format!("{issuer}/authorize")),
        ),
        ("token_endpoint", json!(format!("{issuer}/token"))),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "grant_types_supported",
            json!(["authorization_code", "refresh_token", "client_credentials"]),
        ),
        (
            "token_endpoint_auth_methods_supported",
            json!(["none", "client_secret_post", "client_secret_basic"]),
        ),
        ("scopes_supported", json!(scopes)),
    ];
    for (name, value) in own {
        document.insert(name.to_owned(), value);
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_true_is_kept() {
        let Value::Object(entra) = json!({
            "issuer": "https://login.microsoftonline.com/t/v2.0",
            "authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/authorize",
            "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            "jwks_uri": "https://login.microsoftonline.com/t/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "registration_endpoint": "https://evil.example/register",
            "mtls_endpoint_aliases": {"token_endpoint": "https://around.example/token"},
            "device_authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/devicecode",
            "authorization_response_iss_parameter_supported": true,
        }) else {
            panic!("an object");
        };
        let scope = Scope::parse("api://a/mcp.read").unwrap();
        assert_eq!(
            facade_document(&entra, "https://mcp.test/as", &[scope]),
            json!({
                "issuer": "https://mcp.test/as",
                "authorization_endpoint": "https://mcp.test/as/authorize",
                "token_endpoint": "https://mcp.test/as/token",
                "jwks_uri": "https://login.microsoftonline.com/t/discovery/v2.0/keys",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
                "scopes_supported": ["api://a/mcp.read", "offline_access"],
            })
        );
    }
}
