//! Configuration values as JSON: one string each, checked on the way in.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::fmt::Debug;

use foundry_scopes::{
    AppIdUri, Audience, ClientId, ObjectId, Scope, ScopeName, ScopeSet, TenantId,
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
