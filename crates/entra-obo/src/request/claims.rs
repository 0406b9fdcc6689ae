//! The `claims` parameter: a challenge from the downstream API, and what this client can
//! handle (Entra doc "Claims challenges, claims requests, and client capabilities").

use serde_json::{Map, Value, json};

use crate::ClaimsChallenge;

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
