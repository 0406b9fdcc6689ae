//! `mcp-auth`: what App Service authentication says of a caller.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra_claims::TenantPolicy;
use foundry_scopes::TenantId;
use http::{HeaderMap, HeaderValue};
use mcp_auth::{ClientPrincipalError, ClientPrincipalReader};
use serde_json::Value;

use crate::check::one_line;
use crate::claims::world::TENANT;

static READER: LazyLock<ClientPrincipalReader> = LazyLock::new(|| {
    let tenant = TenantId::parse(TENANT).expect("a tenant id");
    ClientPrincipalReader::new(TenantPolicy::single(tenant))
});

/// `mcp_auth::ClientPrincipalReader` on `data`, as the header and as the JSON in it.
///
/// Only the policy's tenant is accepted, of a document that a second JSON reader takes too and
/// that names this tenant; an error says one line.
pub fn client_principal(data: &[u8]) {
    for value in [data, STANDARD.encode(data).as_bytes()] {
        let Ok(header) = HeaderValue::from_bytes(value) else {
            continue;
        };
        let mut headers = HeaderMap::new();
        headers.insert("x-ms-client-principal", header);
        match READER.read(&headers) {
            Ok(principal) => {
                assert_eq!(principal.tenant().to_string(), TENANT);
                let json = STANDARD.decode(value).expect("base64 was accepted");
                match serde_json::from_slice::<Value>(&json) {
                    Ok(second) => {
                        assert_eq!(second["auth_typ"], "aad");
                        assert!(second["claims"].is_array());
                        assert!(second.to_string().contains(TENANT));
                    }
                    // It reads what nobody asked for as well.
                    Err(error) => assert!(error.to_string().contains("number out of range")),
                }
                let claims = [principal.scopes().count(), principal.roles().count()];
                assert!(claims.iter().all(|count| *count <= json.len()));
                one_line(&format!("{principal:?}"));
            }
            Err(error) => {
                assert_ne!(error, ClientPrincipalError::Missing);
                one_line(&error.to_string());
            }
        }
    }
}
