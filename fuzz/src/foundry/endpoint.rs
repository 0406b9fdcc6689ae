//! Endpoints that people paste.

use foundry_scopes::{Acceptance, Client, Cloud, Endpoint, Note};

use crate::check::{one_line, prints_safely};

/// `Endpoint::parse_in` for each documented cloud.
///
/// Reading a normalized address again changes nothing, the host stays the one that was given, and
/// a suggestion parses.
pub fn endpoint(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    for cloud in [Cloud::public(), Cloud::us_government(), Cloud::china()] {
        match Endpoint::parse_in(text, &cloud) {
            Ok(endpoint) => {
                keeps_the_host(text, &endpoint);
                is_stable(&endpoint, &cloud);
            }
            Err(error) => {
                prints_safely(&error);
                if let Some(suggestion) = error.suggestion() {
                    let meant = Endpoint::parse_in(suggestion, &cloud);
                    is_stable(&meant.expect("a suggestion parses"), &cloud);
                }
            }
        }
    }
}

/// The host of a URL stays; what holds one says that it was taken out.
fn keeps_the_host(text: &str, endpoint: &Endpoint) {
    let taken_out = [
        "environment_variable",
        "connection_string",
        "resource_id",
        "portal_link",
    ];
    let said = |note: &Note| taken_out.contains(&note.code().as_str());
    if endpoint.notes().iter().any(said) {
        return;
    }
    let (_, rest) = text
        .split_once("://")
        .expect("accepted, so it has a scheme");
    let end = rest.find(['/', '?', ':']).unwrap_or(rest.len());
    let given = rest[..end]
        .to_ascii_lowercase()
        .replace(".privatelink.", ".");
    assert_eq!(endpoint.origin(), format!("https://{given}"));
}

fn is_stable(endpoint: &Endpoint, cloud: &Cloud) {
    one_line(&format!("{endpoint} {endpoint:?}"));
    for note in endpoint.notes() {
        one_line(note.message());
    }
    let base = endpoint.base_url();
    assert!(base.starts_with(&endpoint.origin()), "{base}");
    let again = Endpoint::parse_in(base, cloud).expect("what was normalized parses");
    assert_eq!(again.base_url(), base);
    assert_eq!(again.kind(), endpoint.kind());
    assert_eq!(again.scope(), endpoint.scope());
    // Of an address below the Resource Manager only the host stays, and the rest was its path.
    if endpoint.kind().as_str() != "resource_manager" {
        assert_eq!(again.resource(), endpoint.resource());
        assert_eq!(again.project(), endpoint.project());
    }
    assert_eq!(again.region(), endpoint.region());
    assert_eq!(again.protocol(), endpoint.protocol());
    let change = again.notes().iter().find(|note| note.code().is_change());
    assert_eq!(change, None, "{base}");
    assert_eq!(again.accepted(), endpoint.accepted());
    let first = endpoint.accepted();
    assert_eq!(first[0].audience(), endpoint.scope().resource());
    assert_eq!(first[0].acceptance(), Acceptance::Documented);
    for client in Client::ALL {
        let (first, second) = (endpoint.for_client(*client), again.for_client(*client));
        assert_eq!(first, second, "{base}");
    }
}
