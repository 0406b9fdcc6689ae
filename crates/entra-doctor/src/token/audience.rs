//! Who the audience and the client are.

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

/// Well-known client applications that show up in tokens by accident.
pub(super) fn client(id: &str) -> &'static str {
    match id {
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46" => "the Azure CLI asked for it",
        "1950a258-227b-4e31-a9cf-717495945fc2" => "Azure PowerShell asked for it",
        "cb2ff863-7f30-4ced-ab89-a00194bcf6d9" => "the Foundry portal's app asked for it",
        _ => "the application that asked for it",
    }
}
