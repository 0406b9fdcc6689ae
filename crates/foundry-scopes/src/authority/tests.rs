use super::*;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

#[test]
fn every_alias_leads_to_its_cloud() {
    for known in KnownCloud::ALL {
        for host in known.authority_hosts() {
            let read = Authority::parse(&format!("https://{host}/{TENANT}"));
            match Cloud::from_known(*known) {
                Some(cloud) => {
                    let read = read.unwrap();
                    assert_eq!(read.cloud(), &cloud, "{host}");
                    let one = read.tenant_authority().unwrap();
                    assert_eq!(one.token_endpoint(), read.token_endpoint());
                    assert_eq!(one.authorize_endpoint(), read.authorize_endpoint());
                    assert_eq!(one.discovery_url(), read.discovery_url());
                    assert_eq!(Authority::from(one), read);
                }
                None => assert!(read.unwrap_err().to_string().contains("Cloud::custom")),
            }
        }
        let preferred = known.authority_hosts().first().unwrap();
        let own = Cloud::from_known(*known).map(|cloud| cloud.authority().to_owned());
        assert!(own.is_none_or(|own| own == format!("https://{preferred}")));
    }
}

#[test]
fn what_documents_append_is_left_out() {
    for tail in TAILS {
        for slash in ["", "/"] {
            let text = format!("https://login.microsoftonline.com/{TENANT}/{tail}{slash}");
            let read = Authority::parse(&text);
            // Two slashes at the end are in no document.
            assert_eq!(read.is_ok(), !text.ends_with("//"), "{text}");
        }
    }
    let bare = format!("https://login.microsoftonline.us/{TENANT}");
    assert_eq!(Authority::parse(&bare).unwrap().to_string(), bare);
}

#[test]
fn only_one_tenant_is_good_enough_for_a_tenant_authority() {
    let read = |tenant: &str| {
        Authority::parse(&format!("https://login.microsoftonline.com/{tenant}")).unwrap()
    };
    assert!(read(TENANT).tenant_authority().is_ok());
    for open in [
        "common",
        "Organizations",
        "consumers",
        "contoso.com",
        &TenantId::PERSONAL.to_string(),
    ] {
        let error = read(open).tenant_authority().unwrap_err();
        assert!(
            error.to_string().contains("directory (tenant) id"),
            "{open}: {error}"
        );
    }
}

#[test]
fn hostile_and_mistaken_texts_are_refused() {
    for bad in [
        "",
        "login.microsoftonline.com/common",
        "http://login.microsoftonline.com/common",
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.com.example/common",
        "https://login.microsoftonline.com@evil.example/common",
        "https://evil.example/login.microsoftonline.com/common",
        "https://LOGIN.microsoftonline.com/common",
        "https://login.microsoftonline.com:443/common",
        "https://login.microsoftonline.com/common?x=1",
        "https://login.microsoftonline.com/common#x",
        "https://login.microsoftonline.com/common/../x",
        "https://login.microsoftonline.com//common",
        "https://login.microsoftonline.com/contoso",
        "https://login.microsoftonline.com/-a.com",
        "https://login.microsoftonline.com/a..com",
        "https://login.microsoftonline.com/common/saml2",
        "https://login.microsoftonline.com/adfs",
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com",
    ] {
        assert!(Authority::parse(bad).is_err(), "{bad}");
    }
    let local = Cloud::loopback("http://localhost:1").unwrap();
    assert!(Authority::parse_in("http://localhost:1/common", &local).is_ok());
    for bad in [
        "http://localhost:12/common",
        "http://localhost:1common",
        "http://localhost:1",
    ] {
        assert!(Authority::parse_in(bad, &local).is_err(), "{bad}");
    }
}

#[test]
fn external_id_is_read_by_its_host() {
    let text = format!("https://contoso.ciamlogin.com/{TENANT}/v2.0");
    let read = Authority::parse(&text).unwrap();
    assert!(read.cloud().is_external_id());
    assert_eq!(
        read.to_string(),
        format!("https://contoso.ciamlogin.com/{TENANT}")
    );
    assert_eq!(
        read.tenant_authority().unwrap().issuer_v2(),
        format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0")
    );
    for bad in [
        "https://ciamlogin.com/x.onmicrosoft.com",
        "https://.ciamlogin.com/x.onmicrosoft.com",
        "https://a.b.ciamlogin.com/x.onmicrosoft.com",
        "https://contoso.ciamlogin.com.evil.example/x.onmicrosoft.com",
        "https://contoso.b2clogin.com/x.onmicrosoft.com",
    ] {
        assert!(Authority::parse(bad).is_err(), "{bad}");
    }
}
