//! Authorities of clouds, and issuers.

use foundry_scopes::{Cloud, CloudSpec, IssuerTemplate, TenantAuthority, TenantId};

use crate::check::{hides_a_token, one_line, prints_safely};

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

/// `Cloud::loopback`, `Cloud::custom` and `IssuerTemplate::parse`.
///
/// Plain http goes to loopback alone, an authority is an origin and nothing more, and an issuer
/// that is rendered is read back.
pub fn cloud(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let tenant = TenantId::parse(TENANT).expect("a tenant id");
    match Cloud::loopback(text) {
        Ok(cloud) => {
            assert!(cloud.is_loopback());
            let (_, host) = text
                .split_once("://")
                .expect("accepted, so it has a scheme");
            let loopback = ["127.0.0.1", "[::1]", "localhost"];
            let port = loopback.iter().find_map(|it| host.strip_prefix(it));
            let port = port.expect("accepted, so it is loopback");
            assert!(port.is_empty() || port.starts_with(':'));
            is_an_origin(text);
            holds(&cloud, tenant, text);
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
    let custom = Cloud::custom(CloudSpec {
        name: "Custom",
        authority: text,
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    });
    match custom {
        Ok(cloud) => {
            assert!(text.starts_with("https://") && !cloud.is_loopback());
            is_an_origin(text);
            holds(&cloud, tenant, text);
        }
        Err(error) => prints_safely(&error),
    }
    match Cloud::external_id(text, []) {
        Ok(cloud) => {
            assert!(text.starts_with("https://") && cloud.is_external_id());
            is_an_origin(text);
            holds(&cloud, tenant, text);
            pins_itself_only(&cloud, tenant, text);
        }
        Err(error) => prints_safely(&error),
    }
    match Cloud::external_id("https://contoso.ciamlogin.com", [text]) {
        Ok(cloud) => {
            let origin = format!("https://{text}");
            is_an_origin(&origin);
            assert!(!text.contains(':'), "{text}");
            pins_itself_only(&cloud, tenant, &origin);
        }
        Err(error) => prints_safely(&error),
    }
    match IssuerTemplate::parse(text) {
        Ok(template) => reads_back(&template, tenant),
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
}

fn holds(cloud: &Cloud, tenant: TenantId, text: &str) {
    assert_eq!(cloud.authority(), text);
    one_line(&format!("{cloud:?}"));
    for template in cloud.issuer_v1().into_iter().chain(cloud.issuers_v2()) {
        reads_back(template, tenant);
    }
    let authority = TenantAuthority::new(cloud.clone(), tenant);
    for url in [
        authority.discovery_url(),
        authority.authorize_endpoint(),
        authority.token_endpoint(),
    ] {
        assert!(url.starts_with(&format!("{text}/{TENANT}/")), "{url}");
    }
}

fn pins_itself_only(cloud: &Cloud, tenant: TenantId, origin: &str) {
    assert!(cloud.pins(Some(tenant), &format!("{origin}/keys")));
    for other in [
        format!("{origin}.evil.example/keys"),
        format!("{origin}@evil.example/keys"),
        format!("{origin}:444/keys"),
        origin.to_owned(),
    ] {
        assert!(!cloud.pins(Some(tenant), &other), "{other}");
    }
}

/// No user, path, query or fragment: what follows is appended to it.
fn is_an_origin(text: &str) {
    let (_, rest) = text.split_once("://").expect("it has a scheme");
    let stranger = |c: char| c.is_whitespace() || "/\\?#@%".contains(c);
    assert!(!rest.is_empty() && !rest.contains(stranger), "{text}");
}

fn reads_back(template: &IssuerTemplate, tenant: TenantId) {
    let issuer = template.render(tenant);
    one_line(&issuer);
    assert_eq!(template.tenant_in(&issuer), Some(tenant));
    assert_eq!(template.tenant_in(template.as_str()), None);
    assert_eq!(
        IssuerTemplate::parse(template.as_str()).as_ref(),
        Ok(template)
    );
}
