//! The example of a directory file and the schema say all that a directory may say, and nothing
//! else.

use std::collections::BTreeSet;

use entra_emulator::Directory;
use serde_json::{Map, Value, json};

const ID: &str = "0a1b2c3d-0000-4000-8000-000000000000";

fn schema() -> Value {
    serde_json::from_str(Directory::json_schema()).unwrap()
}

/// The schema at a place, with its references followed.
fn at<'a>(schema: &'a Value, mut here: &'a Value) -> &'a Value {
    while let Some(reference) = here["$ref"].as_str() {
        here = schema.pointer(reference.trim_start_matches('#')).unwrap();
    }
    here
}

/// Every object of the schema, with a directory in which `null` stands where it is wanted.
fn objects() -> Vec<(&'static str, Value)> {
    let tenant = |member: &str, value: Value| {
        let mut tenant = json!({ "id": ID, "display_name": "T", "domains": ["t.example"] });
        tenant[member] = value;
        json!({ "tenants": [tenant] })
    };
    let user = |member: &str, value: Value| {
        let mut user = json!({ "object_id": ID, "user_principal_name": "u", "display_name": "U" });
        user[member] = value;
        tenant("users", json!([user]))
    };
    let app = |member: &str, value: Value| {
        let mut app = json!({ "client_id": ID, "display_name": "A" });
        app[member] = value;
        tenant("apps", json!([app]))
    };
    let odd = json!({ "bogus": 1 });
    vec![
        ("", odd.clone()),
        ("/properties/tenants/items", json!({ "tenants": [odd] })),
        ("/$defs/user", tenant("users", json!([odd]))),
        ("/$defs/app", tenant("apps", json!([odd]))),
        ("/$defs/grant", tenant("grants", json!([odd]))),
        ("/$defs/policy", tenant("policies", json!([odd]))),
        (
            "/$defs/tenant/properties/external_id",
            tenant("external_id", odd.clone()),
        ),
        ("/$defs/user/properties/home", user("home", odd.clone())),
        (
            "/$defs/user/properties/password",
            user("password", odd.clone()),
        ),
        (
            "/$defs/app/properties/secrets/items",
            app("secrets", json!([odd])),
        ),
        (
            "/$defs/app/properties/trusted_subjects/items",
            app("trusted_subjects", json!([odd])),
        ),
        (
            "/$defs/federated_credential",
            app("federated_credentials", json!([odd])),
        ),
        ("/$defs/app/properties/spa", app("spa", odd.clone())),
        (
            "/$defs/app/properties/pre_authorized/items",
            app("pre_authorized", json!([odd])),
        ),
        (
            "/$defs/app/properties/required/items",
            app("required", json!([odd])),
        ),
    ]
}

/// The words in backticks of "expected one of `a`, `b`".
fn expected(error: &str) -> BTreeSet<String> {
    let list = error
        .split_once("expected")
        .unwrap_or_else(|| panic!("{error}"));
    let words = list.1.split('`').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

fn keys(object: &Map<String, Value>) -> BTreeSet<String> {
    object.keys().cloned().collect()
}

#[test]
fn the_schema_has_the_members_that_are_read_and_no_others() {
    let schema = schema();
    for (place, directory) in objects() {
        let here = at(&schema, schema.pointer(place).unwrap());
        assert_eq!(here["additionalProperties"], false, "{place}");
        let error = Directory::from_json(&directory.to_string()).unwrap_err();
        let known = keys(here["properties"].as_object().unwrap());
        assert_eq!(known, expected(&error.to_string()), "{place}");
    }
}

/// Places of words, with the member that holds them.
fn words() -> [(&'static str, &'static str); 15] {
    [
        ("/$defs/tenant/properties/user_consent/enum", "tenant"),
        ("/$defs/tenant/properties/readings/items/enum", "tenant"),
        ("/$defs/user/properties/state/enum", "user"),
        ("/$defs/user/properties/second_factor/enum", "user"),
        ("/$defs/app/properties/kind/enum", "app"),
        ("/$defs/app/properties/state/enum", "app"),
        ("/$defs/app/properties/token_version/enum", "app"),
        ("/$defs/app/properties/id_tokens/enum", "app"),
        ("/$defs/app/properties/optional_claims/items/enum", "app"),
        ("/$defs/app/properties/id_token_claims/items/enum", "app"),
        ("/$defs/app/properties/group_claims/enum", "app"),
        ("/$defs/app/properties/assignment/enum", "app"),
        ("/$defs/app/properties/owner/enum", "app"),
        ("/$defs/app/properties/agent/oneOf/0/enum", "app"),
        (
            "/$defs/policy/properties/requirement/oneOf/0/enum",
            "policy",
        ),
    ]
}

#[test]
fn the_schema_has_the_words_that_are_read_and_no_others() {
    let schema = schema();
    for (place, of) in words() {
        let listed = schema.pointer(place).unwrap_or_else(|| panic!("{place}"));
        let listed = listed.as_array().unwrap().iter();
        let mut listed: BTreeSet<_> = listed.map(|w| w.as_str().unwrap().to_owned()).collect();
        let member = place.split('/').nth(4).unwrap();
        let bogus = match place.contains("/items/") {
            true => json!(["bogus"]),
            false => json!("bogus"),
        };
        let mut object = Map::new();
        object.insert(member.to_owned(), bogus);
        let list = match of {
            "user" => "users",
            "app" => "apps",
            _ => "policies",
        };
        let directory = match of {
            "tenant" => json!({ "tenants": [object] }),
            _ => json!({ "tenants": [{ list: [object] }] }),
        };
        let error = Directory::from_json(&directory.to_string()).unwrap_err();
        // Those with more to say stand beside the words in the schema.
        for more in ["identity", "sign-in-frequency"] {
            if place.contains("oneOf") && expected(&error.to_string()).contains(more) {
                listed.insert(more.to_owned());
            }
        }
        let read = expected(error.to_string().split("; it is").next().unwrap());
        assert_eq!(listed, read, "{place}");
    }
}

/// Collects the members that a value uses, by the schema's place.
fn used(schema: &Value, here: &Value, value: &Value, seen: &mut BTreeSet<(usize, String)>) {
    let here = at(schema, here);
    if let Some(options) = here["oneOf"].as_array() {
        for option in options {
            used(schema, option, value, seen);
        }
    }
    match value {
        Value::Array(all) => all
            .iter()
            .for_each(|v| used(schema, &here["items"], v, seen)),
        Value::Object(object) => {
            for (name, value) in object {
                let Some(property) = here["properties"].get(name) else {
                    continue;
                };
                seen.insert((std::ptr::from_ref(here).addr(), name.clone()));
                used(schema, property, value, seen);
            }
        }
        _ => {}
    }
}

/// All members of the schema.
fn all(here: &Value, seen: &mut BTreeSet<(usize, String)>) {
    match here {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            for name in properties.into_iter().flat_map(Map::keys) {
                seen.insert((std::ptr::from_ref(here).addr(), name.clone()));
            }
            object.values().for_each(|v| all(v, seen));
        }
        Value::Array(list) => list.iter().for_each(|v| all(v, seen)),
        _ => {}
    }
}

#[test]
fn the_example_uses_every_member_and_explains_itself() {
    let text = Directory::example_toml();
    let directory = Directory::from_toml(text).unwrap();
    // What is usual is not written back, so the file itself is looked at.
    let example: Value =
        serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
    let schema = schema();
    let (mut wanted, mut found) = (BTreeSet::new(), BTreeSet::new());
    all(&schema, &mut wanted);
    used(&schema, &schema, &example, &mut found);
    let missing: Vec<_> = wanted.difference(&found).map(|(_, name)| name).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(text.matches("\n# ").count() > 50, "comments");
    let again = Directory::from_json(&directory.to_json().to_string()).unwrap();
    assert_eq!(again.to_json(), directory.to_json());
}

#[test]
fn a_word_in_the_wrong_form_names_the_right_one() {
    let app = |member: &str, value: Value| {
        let app = json!({ "client_id": ID, "display_name": "A", member: value });
        let directory = json!({ "tenants": [{ "apps": [app] }] }).to_string();
        Directory::from_json(&directory).unwrap_err().to_string()
    };
    for (member, value) in [
        ("agent", json!("identity")),
        ("agent", json!({ "blueprint": {} })),
        ("agent", json!("Blueprint")),
        ("managed_identity", json!("user-assigned")),
        ("managed_identity", json!(true)),
    ] {
        let error = app(member, value.clone());
        assert!(error.starts_with("tenants[0].apps[0]."), "{error}");
        assert!(error.contains("; it is \""), "{member} {value}: {error}");
    }
    // Nothing is added where the form was right.
    let error = app("agent", json!({ "identity": {} }));
    assert!(error.contains("missing field"), "{error}");
}
