//! Configuration values as JSON: one string each, checked on the way in.

use std::fmt::Debug;

use foundry_scopes::{
    AppIdUri, Audience, Authority, ClientId, Cloud, KnownCloud, ObjectId, Scope, ScopeName,
    ScopeSet, TenantId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let json = serde_json::to_string(text).unwrap();
    let value: T = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    // Through a reader nothing can be borrowed.
    assert_eq!(
        serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(),
        value
    );
}

fn refused<T: DeserializeOwned + Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).unwrap_err().to_string()
}

#[test]
fn each_type_is_one_string() {
    let guid = "11112222-bbbb-3333-cccc-4444dddd5555";
    round_trip::<TenantId>(guid);
    round_trip::<ClientId>(guid);
    round_trip::<ObjectId>(guid);
    round_trip::<Audience>(guid);
    round_trip::<Audience>("https://ai.azure.com");
    round_trip::<AppIdUri>("api://contoso/files");
    round_trip::<Scope>("https://management.azure.com//.default");
    round_trip::<ScopeName>("access_as_user");
    round_trip::<ScopeSet>("api://contoso/Files.Read api://contoso/Files.Write openid");
}

#[test]
fn the_checks_of_parse_hold_on_the_way_in() {
    assert!(refused::<TenantId>("\"common\"").contains("names no tenant"));
    assert!(refused::<AppIdUri>("\"contoso\"").contains("no scheme"));
    assert!(refused::<Audience>("\"https://ai.azure.com/.default\"").contains("scope"));
    assert!(refused::<Scope>("\"User.Read\"").contains("names no resource"));
    assert!(refused::<ScopeName>("\"api://contoso/x\"").contains("qualified"));
    assert!(refused::<ScopeSet>("\"openid\"").contains("no resource"));
    assert!(refused::<ScopeSet>("[\"api://contoso/x\"]").contains("expected a"));
}

#[test]
fn a_cloud_is_a_name_or_an_object() {
    let read = |json: &str| serde_json::from_str::<Cloud>(json);
    for (name, cloud) in [
        ("public", Cloud::public()),
        ("AzureCloud", Cloud::public()),
        ("usgov", Cloud::us_government()),
        ("AzureChinaCloud", Cloud::china()),
    ] {
        assert_eq!(read(&format!("{name:?}")).unwrap(), cloud);
    }
    let object = r#"{"name":"Bleu","authority":"https://login.sovcloud-identity.fr","issuer_v1":"https://sts.example/{tenantid}/","issuer_v2":"https://login.sovcloud-identity.fr/{tenantid}/v2.0","resources_of":"AzureBleu"}"#;
    let bleu = read(object).unwrap();
    assert_eq!(bleu.known(), Some(KnownCloud::Bleu));
    let local = read(r#"{"loopback":"http://127.0.0.1:1"}"#).unwrap();
    assert!(local.is_loopback());
    let external =
        read(r#"{"external_id":"https://login.contoso.com","hosts":["contoso.ciamlogin.com"]}"#);
    let external = external.unwrap();
    assert!(external.is_external_id());
    let plain = read(r#"{"external_id":"https://contoso.ciamlogin.com"}"#).unwrap();
    for cloud in [
        Cloud::public(),
        Cloud::china(),
        bleu,
        local,
        external,
        plain,
    ] {
        let json = serde_json::to_string(&cloud).unwrap();
        assert_eq!(read(&json).unwrap(), cloud, "{json}");
    }
    for (json, says) in [
        ("\"mars\"", "no cloud is called"),
        ("\"bleu\"", "must be described"),
        ("{}", "missing field `name`"),
        (
            r#"{"loopback":"http://127.0.0.1:1","name":"x"}"#,
            "stands alone",
        ),
        (r#"{"loopback":"http://192.0.2.1:1"}"#, "loopback"),
        (
            r#"{"loopback":"http://127.0.0.1:1","resources_of":"mars"}"#,
            "no cloud is called",
        ),
        (r#"{"nmae":"x"}"#, "unknown field"),
        (r#"{"hosts":["x.example"]}"#, "goes with `external_id`"),
        (
            r#"{"external_id":"https://x.ciamlogin.com","name":"x"}"#,
            "stands alone",
        ),
        (
            r#"{"external_id":"https://x.ciamlogin.com","loopback":"http://127.0.0.1:1"}"#,
            "stands alone",
        ),
        (
            r#"{"external_id":"http://x.ciamlogin.com"}"#,
            "https is needed",
        ),
        ("1", "the name of a cloud"),
    ] {
        let error = read(json).unwrap_err().to_string();
        assert!(error.contains(says), "{json}: {error}");
    }
    round_trip::<Authority>("https://login.microsoftonline.com/organizations");
    assert!(refused::<Authority>("\"https://evil.example/common\"").contains("not a sign-in host"));
}
