//! Who the audience and the client are.

use entra_claims::ClientAuthentication;
use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{AppIdUri, ClientId};

/// What an `aud` names, in words.
pub(super) fn in_words(aud: &str) -> String {
    let known: Vec<_> = catalogue::by_audience(aud).map(Resource::name).collect();
    if let [first, ..] = known.as_slice() {
        return match known.as_slice() {
            [_] => format!("for {first}"),
            _ => format!("for one of: {} (they share this id)", known.join(", ")),
        };
    }
    if ClientId::parse(aud).is_ok() {
        return "for the API with this client id, as v2 tokens name it".to_owned();
    }
    match AppIdUri::parse(aud) {
        Ok(_) => "for the API registered under this App ID URI, as v1 tokens name it".to_owned(),
        Err(_) => "neither a client id nor an App ID URI".to_owned(),
    }
}

/// The client application, which may be a well-known one that is there by accident.
pub(super) fn client(id: &str) -> String {
    let known = ClientId::parse(id).ok().and_then(catalogue::client);
    match known {
        Some(client) => format!("{client} asked for it: {}", client.note()),
        None => "the application that asked for it".to_owned(),
    }
}

/// How the client proved who it is.
pub(super) fn proof(proof: Option<ClientAuthentication>) -> &'static str {
    match proof {
        Some(ClientAuthentication::None) => "the client proved nothing: a public client",
        Some(ClientAuthentication::Secret) => "the client proved itself with a secret",
        Some(ClientAuthentication::Certificate) => {
            "the client proved itself with a certificate, or is a managed identity"
        }
        _ => "how the client proved itself: not known",
    }
}
