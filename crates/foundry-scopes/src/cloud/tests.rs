use super::*;
use crate::id::TenantId;

#[test]
fn the_known_clouds_have_the_published_issuers() {
    let tenant = TenantId::parse("f645ad92-e38d-4d1a-b510-d1b09a74a8ca").unwrap();
    let issuers = |cloud: Cloud| {
        (
            cloud.issuer_v1().unwrap().render(tenant),
            cloud.issuer_v2().render(tenant),
        )
    };
    assert_eq!(
        issuers(Cloud::public()),
        (
            format!("https://sts.windows.net/{tenant}/"),
            format!("https://login.microsoftonline.com/{tenant}/v2.0")
        )
    );
    assert_eq!(
        issuers(Cloud::us_government()),
        (
            format!("https://sts.windows.net/{tenant}/"),
            format!("https://login.microsoftonline.us/{tenant}/v2.0")
        )
    );
    assert_eq!(
        issuers(Cloud::china()),
        (
            format!("https://sts.chinacloudapi.cn/{tenant}/"),
            format!("https://login.partner.microsoftonline.cn/{tenant}/v2.0")
        )
    );
}

#[test]
fn plain_http_is_for_loopback_only() {
    for good in [
        "http://127.0.0.1:1",
        "http://localhost:65535",
        "https://localhost",
        "http://[::1]:80",
    ] {
        assert!(Cloud::loopback(good).unwrap().is_loopback(), "{good}");
    }
    for bad in [
        "http://127.0.0.2:1",
        "http://localhost.evil.example:1",
        "http://localhost:1/",
        "http://localhost:1/x",
        "http://u@localhost:1",
        "http://localhost:99999",
        "http://localhost:",
        "http://[::1]x",
        "http://[::1]:",
        "http://[localhost]:1",
        "http://localhost:+80",
        "http://localhost:-1",
        "http://localhost:8 0",
        "http://LOCALHOST:1",
        "ftp://localhost:1",
        "localhost:1",
        "http://",
        "http://login.microsoftonline.com",
    ] {
        assert!(Cloud::loopback(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_custom_cloud_needs_https() {
    let spec = CloudSpec {
        name: "Test",
        authority: "http://login.example",
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    };
    assert!(Cloud::custom(spec.clone()).is_err());
    let cloud = Cloud::custom(CloudSpec {
        authority: "https://login.example",
        ..spec
    })
    .unwrap();
    assert_eq!(cloud.authority(), "https://login.example");
    assert_eq!(cloud.key_cloud(), None);
}

#[test]
fn an_authority_is_a_plain_https_host() {
    let custom = |authority: &str| {
        Cloud::custom(CloudSpec {
            name: "Test",
            authority,
            issuer_v1: "https://sts.example/{tenantid}/",
            issuer_v2: "https://login.example/{tenantid}/v2.0",
            key_cloud: Some("login.example"),
        })
    };
    for good in [
        "https://login.example",
        "https://login.example:8443",
        "https://[fd00::1]",
    ] {
        let cloud = custom(good).unwrap();
        assert_eq!(cloud.authority(), good);
        assert_eq!(cloud.known(), None);
        assert!(!cloud.is_loopback());
    }
    for bad in [
        "https://",
        "https://.",
        "https://login..example",
        "https://login.example.",
        "https://-login.example",
        "https://login-.example",
        "https://[login.example]",
        "https://[fd00::1",
        "https://login.example?x",
        "https://login.example#x",
        "https://login.example\\x",
        "https://login%2eexample",
        "https://user@login.example",
        "https://Login.example",
        "HTTPS://login.example",
        "https://login.example:65536",
        "https://login.example:+443",
        "https://l\u{f6}gin.example",
    ] {
        assert!(custom(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_custom_cloud_needs_issuer_templates() {
    let spec = CloudSpec {
        name: "Test",
        authority: "https://login.example",
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    };
    assert_eq!(Cloud::custom(spec.clone()).unwrap().name(), "Test");
    let v1 = CloudSpec {
        issuer_v1: "https://sts.example/",
        ..spec.clone()
    };
    assert!(Cloud::custom(v1).is_err());
    let v2 = CloudSpec {
        issuer_v2: "https://login.example/v2.0",
        ..spec
    };
    assert!(Cloud::custom(v2).is_err());
}

#[test]
fn the_tables_know_three_clouds_and_a_local_one_plays_the_public() {
    let local = Cloud::loopback("http://localhost:1").unwrap();
    for (cloud, known, keys) in [
        (Cloud::public(), KnownCloud::Public, "microsoftonline.com"),
        (
            Cloud::us_government(),
            KnownCloud::UsGovernment,
            "microsoftonline.us",
        ),
        (
            Cloud::china(),
            KnownCloud::China,
            "partner.microsoftonline.cn",
        ),
        (local, KnownCloud::Public, "microsoftonline.com"),
    ] {
        assert_eq!(cloud.known(), Some(known));
        assert_eq!(cloud.key_cloud(), Some(keys));
        if !cloud.is_loopback() {
            assert_eq!(cloud.name(), known.as_str());
        }
    }
}

#[test]
fn a_slash_at_the_end_is_told_as_such() {
    let error = Cloud::loopback("http://localhost:1/").unwrap_err();
    assert!(
        error.to_string().contains("trailing slash must go"),
        "{error}"
    );
}

#[test]
fn each_refusal_of_a_local_address_says_what_to_write() {
    let tenant = "http://localhost:8080/8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    for (text, says) in [
        (
            tenant,
            "a path follows the port: give scheme, host and port",
        ),
        ("http://localhost:8080/x/", "a path follows the port"),
        ("http://[::1]:1/x", "a path follows the port"),
        ("http://localhost/x", "a path follows the host"),
        ("http://localhost:x/y", "a path follows the host"),
        ("http://localhost:99999", "not a number up to 65535"),
        ("localhost:8080", "write http://localhost:8080"),
        ("127.0.0.1:1", "write http://127.0.0.1:1"),
        ("https://login.microsoftonline.com", "use Cloud::public()"),
        ("https://login.microsoftonline.us", "us_government()"),
        ("https://login.example", "are loopback"),
    ] {
        let error = Cloud::loopback(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let other = Cloud::loopback("login.example:1").unwrap_err();
    assert_eq!(other.remedy(), None);
    let other = Cloud::loopback("https://login.example").unwrap_err();
    assert_eq!(other.remedy(), None);
}

const EXTERNAL: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

#[test]
fn external_id_has_a_set_of_hosts_and_no_other() {
    let tenant = TenantId::parse(EXTERNAL).unwrap();
    let cloud = Cloud::external_id("https://login.contoso.com", ["contoso.ciamlogin.com"]).unwrap();
    let own = format!("{EXTERNAL}.ciamlogin.com");
    for host in ["login.contoso.com", "contoso.ciamlogin.com", &own] {
        assert!(
            cloud.pins(Some(tenant), &format!("https://{host}/x")),
            "{host}"
        );
        for (scheme, end) in [
            ("http", "/x"),
            ("https", ""),
            ("https", ":443/x"),
            ("https", ".evil.example/x"),
            ("https", "@evil.example/x"),
            ("https", "?x"),
        ] {
            let url = format!("{scheme}://{host}{end}");
            assert!(!cloud.pins(Some(tenant), &url), "{url}");
        }
    }
    for url in [
        "https://fabrikam.ciamlogin.com/x",
        "https://f645ad92-e38d-4d1a-b510-d1b09a74a8ca.ciamlogin.com/x",
        "https://ciamlogin.com/x",
        "https://login.microsoftonline.com/x",
        "https://x.login.contoso.com/x",
        "//login.contoso.com/x",
        "/x",
        "",
    ] {
        assert!(!cloud.pins(Some(tenant), url), "{url}");
    }
    assert!(
        !cloud.pins(None, &format!("https://{own}/x")),
        "of one tenant"
    );
    assert!(cloud.is_external_id() && !Cloud::public().is_external_id());
    let plain = Cloud::external_id("https://contoso.ciamlogin.com", []).unwrap();
    assert!(!plain.pins(Some(tenant), "https://login.contoso.com/x"));
}

#[test]
fn external_id_issues_on_its_own_hosts_only() {
    let tenant = TenantId::parse(EXTERNAL).unwrap();
    let cloud = Cloud::external_id("https://contoso.ciamlogin.com", ["login.contoso.com"]).unwrap();
    assert_eq!(cloud.issuer_v1(), None);
    let issuers: Vec<String> = cloud.issuers_v2().map(|it| it.render(tenant)).collect();
    let of = |host: &str, end: &str| format!("https://{host}/{EXTERNAL}/v2.0{end}");
    let own = format!("{EXTERNAL}.ciamlogin.com");
    assert_eq!(
        issuers,
        [
            of(&own, ""),
            of(&own, "/"),
            of("contoso.ciamlogin.com", ""),
            of("contoso.ciamlogin.com", "/"),
            of("login.contoso.com", ""),
            of("login.contoso.com", "/"),
        ]
    );
    assert_eq!(cloud.issuer_v2().render(tenant), of(&own, ""));
    assert_eq!(Cloud::public().issuers_v2().count(), 1);
}

#[test]
fn external_id_takes_domains_and_nothing_else() {
    for bad in [
        "http://contoso.ciamlogin.com",
        "https://contoso.ciamlogin.com/",
        "https://contoso.ciamlogin.com/tenant",
        "contoso.ciamlogin.com",
        "https://127.0.0.1",
        "https://169.254.169.254",
        "https://[::1]",
        "https://localhost",
        "https://login.microsoftonline.com",
        "https://Contoso.ciamlogin.com",
        "https://contoso.ciamlogin.com@evil.example",
    ] {
        assert!(Cloud::external_id(bad, []).is_err(), "{bad}");
    }
    for bad in [
        "https://login.contoso.com",
        "login.contoso.com:443",
        "login.contoso.com/x",
        "10.0.0.1",
        "[::1]",
        "localhost",
        "login.microsoftonline.us",
        "",
        "login.contoso.com?x",
    ] {
        let cloud = Cloud::external_id("https://contoso.ciamlogin.com", [bad]);
        assert!(cloud.is_err(), "{bad}");
    }
}
