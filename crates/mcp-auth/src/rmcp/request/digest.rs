//! Canonical digest of the arguments of a request.

use ::rmcp::model::JsonObject;
use aws_lc_rs::digest::{Context, SHA256};
use serde::Deserialize;
use serde_json::Value;

/// SHA-256 of a message's `params.arguments`, with the members of objects in the order of
/// their names. None and no member are the same: that is how clients spell "without
/// arguments".
pub(super) fn arguments_of(message: &[u8]) -> [u8; 32] {
    #[derive(Deserialize)]
    struct Message {
        params: Option<Params>,
    }
    #[derive(Deserialize)]
    struct Params {
        arguments: Option<JsonObject>,
    }
    // A message that could not be read would not have come this far.
    let message = serde_json::from_slice::<Message>(message).ok();
    let arguments = message.and_then(|message| message.params?.arguments);
    let mut hash = Context::new(&SHA256);
    if let Some(arguments) = arguments.filter(|all| !all.is_empty()) {
        object(&mut hash, &arguments);
    }
    let digest = hash.finish();
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

fn value(hash: &mut Context, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(true) => hash.update(b"t"),
        Value::Bool(false) => hash.update(b"f"),
        Value::Number(number) => text(hash, b'#', &number.to_string()),
        Value::String(string) => text(hash, b'"', string),
        Value::Array(items) => {
            start(hash, b'[', items.len());
            items.iter().for_each(|item| self::value(hash, item));
        }
        Value::Object(members) => object(hash, members),
    }
}

fn object(hash: &mut Context, members: &JsonObject) {
    start(hash, b'{', members.len());
    let mut names: Vec<_> = members.iter().collect();
    names.sort_by_key(|(name, _)| *name);
    for (name, member) in names {
        text(hash, b'"', name);
        value(hash, member);
    }
}

fn text(hash: &mut Context, kind: u8, text: &str) {
    start(hash, kind, text.len());
    hash.update(text.as_bytes());
}

/// What comes, and how much of it: no two values are the same bytes.
fn start(hash: &mut Context, kind: u8, length: usize) {
    hash.update(&[kind]);
    hash.update(&(length as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(json: &str) -> [u8; 32] {
        arguments_of(format!(r#"{{"id":1,"params":{{"name":"n","arguments":{json}}}}}"#).as_bytes())
    }

    #[test]
    fn spelling_makes_no_difference_and_content_does() {
        let one = digest(r#"{"a":{"x":1,"y":[true,null]},"b":"t"}"#);
        assert_eq!(digest(r#"{ "b":"t", "a":{"y":[true,null],"x":1} }"#), one);
        for none in [
            r#"{"params":{"name":"n"}}"#,
            r#"{"id":1}"#,
            r#"{"params":{"arguments":null}}"#,
        ] {
            assert_eq!(arguments_of(none.as_bytes()), digest("{}"), "{none}");
        }
        for other in [
            r#"{"a":{"x":2,"y":[true,null]},"b":"t"}"#,
            r#"{"a":{"x":"1","y":[true,null]},"b":"t"}"#,
            r#"{"a":{"x":1,"y":[null,true]},"b":"t"}"#,
            r#"{"a":{"x":1,"y":[[true],null]},"b":"t"}"#,
            r#"{"a":{"x":1},"y":[true,null],"b":"t"}"#,
            r#"{"a":{"x":1,"y":[true,null]},"b":""}"#,
            r#"{"a":{"x":1,"y":[false,null]},"b":"t"}"#,
            "{}",
        ] {
            assert_ne!(digest(other), one, "{other}");
        }
        assert_ne!(
            digest(r#"{"a":"b","c":"d"}"#),
            digest(r#"{"a":"d","c":"b"}"#)
        );
        assert_ne!(digest(r#"{"ab":"c"}"#), digest(r#"{"a":"bc"}"#));
    }
}
