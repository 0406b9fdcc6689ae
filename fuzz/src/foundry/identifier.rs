//! Ids, identifier URIs, audiences and authorities.

use foundry_scopes::{AppIdUri, Audience, Authority, ClientId, ObjectId, TenantId, catalogue};

use crate::check::{hides_a_token, one_line, prints_safely};

/// `TenantId`, `ClientId`, `ObjectId`, `AppIdUri`, `Audience` and `Authority`; and the catalogue, which
/// may be asked anything.
///
/// What parses renders back to what was given, ids in lower case; the spelling of tokens is a part
/// of the spellings of configuration.
pub fn identifier(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    ids(text);
    authority(text);
    // A resource is found by a spelling of its own, which is an audience.
    assert!(catalogue::by_identifier(text).is_none() || Audience::parse(text).is_ok());
    match AppIdUri::parse(text) {
        Ok(uri) => {
            assert_eq!(uri.as_str(), text);
            one_line(&format!("{uri} {uri:?}"));
            assert_eq!(Audience::parse(text), Ok(Audience::from(uri.clone())));
            if let Some(client) = uri.client_id() {
                assert!(text.to_lowercase().ends_with(&client.to_string()));
            }
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
    match Audience::parse(text) {
        Ok(audience) => {
            one_line(&format!("{audience} {audience:?}"));
            assert!(audience.names_same_resource(&audience));
            assert_eq!(Audience::parse(audience.as_str()), Ok(audience));
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
}

/// What is read is an address of a cloud that is known, and one tenant's only if it names one.
fn authority(text: &str) {
    match Authority::parse(text) {
        Ok(authority) => {
            let shown = authority.to_string();
            one_line(&shown);
            assert!(shown.starts_with(&format!("{}/", authority.cloud().authority())));
            assert_eq!(Authority::parse(&shown), Ok(authority.clone()));
            if let Ok(one) = authority.tenant_authority() {
                assert!(shown.ends_with(&one.tenant().to_string()));
            }
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
}

fn ids(text: &str) {
    match TenantId::parse(text) {
        Ok(tenant) => {
            let shown = tenant.to_string();
            assert_eq!(shown, text.to_ascii_lowercase());
            assert_eq!(TenantId::parse(&shown), Ok(tenant));
            assert_eq!(TenantId::from_token(&shown), Some(tenant));
            assert_eq!(TenantId::from_token(text).is_some(), shown == text);
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
            assert_eq!(TenantId::from_token(text), None);
        }
    }
    // The three kinds of id have one grammar.
    let spelled = TenantId::parse(text).map(|id| id.to_string()).ok();
    let client = ClientId::parse(text).map(|id| id.to_string()).ok();
    let object = ObjectId::parse(text).map(|id| id.to_string()).ok();
    assert!(spelled == client && spelled == object);
}
