//! Which `iss` goes with which cloud and version.

use entra_claims::{AcceptedAudiences, Reason, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud};
use proptest::prelude::*;
use serde_json::json;

use super::{cases, refused_claims};
use crate::support::{API, TENANT, clock, tenant, user, user_v1, with};

/// Cloud, v1 host with its slash, v2 host: as Microsoft documents them.
const CLOUDS: [(&str, &str, &str); 3] = [
    ("public", "sts.windows.net", "login.microsoftonline.com"),
    ("usgov", "sts.windows.net", "login.microsoftonline.us"),
    (
        "china",
        "sts.chinacloudapi.cn",
        "login.partner.microsoftonline.cn",
    ),
];

/// Hosts that belong to Microsoft, to others, or to attackers.
const HOSTS: [&str; 14] = [
    "sts.windows.net",
    "sts.chinacloudapi.cn",
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.windows.net",
    "login.microsoft.com",
    "login.microsoftonline.de",
    "login.windows-ppe.net",
    "sts.windows-ppe.net",
    "login.microsoftonline.com.evil.example",
    "login.microsoftonline.com@evil.example",
    "LOGIN.microsoftonline.com",
];

const ENDS: [&str; 8] = [
    "/v2.0", "/v2.0/", "/", "", "/v1.1", "/v2.0?x", "/V2.0", "//v2.0",
];

fn cloud(name: &str) -> Cloud {
    match name {
        "usgov" => Cloud::us_government(),
        "china" => Cloud::china(),
        _ => Cloud::public(),
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn an_issuer_is_one_of_two_texts(
        of in 0..3_usize, host in 0..HOSTS.len(), end in 0..ENDS.len(), spelling in 0..6_usize, ver in 0..4_usize,
    ) {
        let (name, v1_host, v2_host) = CLOUDS[of];
        let written = match spelling {
            4 => TENANT.to_uppercase(),
            5 => "{tenantid}".to_owned(),
            _ => TENANT.to_owned(),
        };
        let iss = format!("https://{}/{written}{}", HOSTS[host], ENDS[end]);
        let ver = ["1.0", "2.0", "2.0", "3.0"][ver];
        let is_v1 = iss == format!("https://{v1_host}/{TENANT}/");
        let is_v2 = iss == format!("https://{v2_host}/{TENANT}/v2.0");
        let expected = match (is_v1, is_v2, ver) {
            (true, _, "1.0") | (_, true, "2.0") => None,
            (false, false, _) => Some(Reason::WrongIssuer),
            _ => Some(Reason::WrongVersion),
        };
        let base = if ver == "1.0" { user_v1() } else { user() };
        let claims = with(&base, &[("iss", json!(iss)), ("ver", json!(ver))]);
        let audiences = AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
        let policy = TenantPolicy::single(tenant(TENANT));
        let validator = Validator::new(cloud(name), policy, audiences).with_clock(clock());
        prop_assert_eq!(refused_claims(&validator, &claims), expected, "{} {}", name, iss);
    }
}
