//! Members of JSON, by name whatever their case: portals, Graph and logs differ in it.

use serde_json::Value;

/// Longer lists are cut.
const LIST: usize = 256;
/// Longer texts are cut.
const TEXT: usize = 2048;

pub(super) fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    let exact = object.get(name);
    let any_case = || {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    };
    exact.or_else(any_case).filter(|found| !found.is_null())
}

pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter()
        .try_fold(value, |value, name| member(value, name))
}

pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    let text = at(value, path)?.as_str()?;
    Some(text.chars().take(TEXT).collect())
}

pub(super) fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    at(value, path)?.as_bool()
}

pub(super) fn list<'v>(value: &'v Value, path: &[&str]) -> impl Iterator<Item = &'v Value> {
    let found = at(value, path).and_then(Value::as_array);
    found.into_iter().flatten().take(LIST)
}

pub(super) fn texts(value: &Value, path: &[&str]) -> Vec<String> {
    list(value, path)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

pub(super) fn number(value: &Value, path: &[&str]) -> Option<u64> {
    let found = at(value, path)?;
    found
        .as_u64()
        .or_else(|| found.as_str()?.trim().parse().ok())
}

/// Every text and number below, in order, bounded.
pub(super) fn all_text(value: &Value) -> String {
    fn add(value: &Value, out: &mut String) {
        if out.len() > 64 * 1024 {
            return;
        }
        match value {
            Value::String(text) => {
                out.push_str(text);
                out.push('\n');
            }
            Value::Number(number) => {
                out.push_str(&number.to_string());
                out.push('\n');
            }
            Value::Array(list) => list.iter().for_each(|value| add(value, out)),
            Value::Object(members) => members.values().for_each(|value| add(value, out)),
            _ => {}
        }
    }
    let mut out = String::new();
    add(value, &mut out);
    out
}
