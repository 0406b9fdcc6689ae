use foundry_scopes::{Cloud, ScopeName, TenantId};
use serde_json::{Value, json};

use super::*;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const API: &str = "api://11112222-bbbb-3333-cccc-4444dddd5555";

fn builder(url: &str) -> ProtectedResourceBuilder {
    ProtectedResource::builder(url)
        .authority(&TenantAuthority::new(
            Cloud::public(),
            TenantId::parse(TENANT).unwrap(),
        ))
        .identifier_uri(AppIdUri::parse(API).unwrap())
}

fn scope(name: &str) -> ScopeName {
    ScopeName::parse(name).unwrap()
}

fn document(resource: &ProtectedResource) -> Value {
    serde_json::from_str(&resource.metadata_json()).unwrap()
}

#[test]
fn the_plain_document_lists_the_tenants_issuer_and_qualified_scopes() {
    let resource = builder("https://mcp.test/mcp")
        .scope(scope("mcp.read"))
        .scope(scope("mcp.read"))
        .url_is_identifier_uri()
        .build()
        .unwrap();
    assert_eq!(
        document(&resource),
        json!({
            "resource": "https://mcp.test/mcp",
            "authorization_servers": [format!("https://login.microsoftonline.com/{TENANT}/v2.0")],
            "scopes_supported": [format!("{API}/mcp.read")],
            "bearer_methods_supported": ["header"],
        })
    );
}

#[test]
fn the_facade_is_the_issuer_when_it_is_on() {
    let resource = builder("https://mcp.test/mcp").facade().build().unwrap();
    assert_eq!(
        document(&resource)["authorization_servers"],
        json!(["https://mcp.test/as"])
    );
    let resource = builder("https://mcp.test/mcp")
        .facade_at("/sign-in/entra")
        .build()
        .unwrap();
    assert_eq!(resource.issuer(), "https://mcp.test/sign-in/entra");
}

#[test]
fn without_a_scope_everything_granted_is_asked_for() {
    let resource = builder("https://mcp.test/mcp").facade().build().unwrap();
    assert_eq!(
        document(&resource)["scopes_supported"],
        json!([format!("{API}/.default")])
    );
}

#[test]
fn names_are_shown_only_when_set() {
    let resource = builder("https://mcp.test/mcp")
        .facade()
        .name("Orders")
        .documentation("https://d.test")
        .build()
        .unwrap();
    let no_page = builder("https://mcp.test/mcp")
        .facade()
        .documentation("javascript:alert(1)");
    assert!(matches!(
        no_page.build(),
        Err(ResourceError::Documentation { .. })
    ));
    assert_eq!(document(&resource)["resource_name"], "Orders");
    assert_eq!(
        document(&resource)["resource_documentation"],
        "https://d.test"
    );
}

#[test]
fn a_url_that_entra_does_not_know_needs_a_decision() {
    let error = builder("https://mcp.test/mcp").build().unwrap_err();
    assert!(error.to_string().contains("AADSTS9010010"), "{error}");
    let configured = format!("the configured identifier URI is {API}: call `.facade()`");
    assert!(error.to_string().contains(&configured), "{error}");
    let same = builder("https://mcp.test/mcp")
        .identifier_uri(AppIdUri::parse("https://mcp.test/mcp").unwrap());
    assert!(same.clone().build().is_ok());
    // Byte for byte: what Entra ID compares.
    let other = same.identifier_uri(AppIdUri::parse("https://mcp.test/Mcp").unwrap());
    assert!(matches!(
        other.build(),
        Err(ResourceError::NotRegistered { .. })
    ));
}

#[test]
fn sign_in_scopes_and_missing_settings_are_refused() {
    for name in ["openid", "profile", "email", "offline_access"] {
        let error = builder("https://mcp.test/mcp")
            .facade()
            .scope(scope(name))
            .build()
            .unwrap_err();
        assert!(
            matches!(error, ResourceError::SignInScope { .. }),
            "{name}: {error}"
        );
    }
    let authority = TenantAuthority::new(Cloud::public(), TenantId::parse(TENANT).unwrap());
    let bare = ProtectedResource::builder("https://mcp.test/mcp");
    for (builder, text) in [
        (
            bare.clone(),
            "the protected resource has no authority: call `.authority(...)` on the builder",
        ),
        (
            bare.authority(&authority),
            "the protected resource has no identifier_uri: call `.identifier_uri(...)` on the builder",
        ),
    ] {
        assert_eq!(builder.build().unwrap_err().to_string(), text);
    }
}

#[test]
fn the_facade_lies_beside_the_resource() {
    for (url, path) in [
        ("https://mcp.test/mcp", "/mcp"),
        ("https://mcp.test/mcp", "/mcp/as"),
        ("https://mcp.test/as/mcp", "/as"),
        ("https://mcp.test/mcp", "as"),
        ("https://mcp.test/mcp", ""),
        ("https://mcp.test/mcp", "/"),
        ("https://mcp.test/mcp", "/as/"),
        ("https://mcp.test/mcp", "/as?x"),
        ("https://mcp.test/mcp", "/as#x"),
        ("https://mcp.test/mcp", "/.well-known/as"),
        ("https://mcp.test/mcp", "//evil/as/.."),
    ] {
        let error = builder(url).facade_at(path).build().unwrap_err();
        assert!(
            matches!(error, ResourceError::FacadePath { .. }),
            "{url} {path}: {error}"
        );
    }
    assert!(
        builder("https://mcp.test/mcp")
            .facade_at("/mcp2")
            .build()
            .is_ok()
    );
    assert!(builder("https://mcp.test").facade_at("/as").build().is_ok());
}

#[test]
fn the_document_is_where_clients_look() {
    let resource = builder("https://mcp.test/mcp").facade().build().unwrap();
    assert_eq!(
        resource.metadata_paths(),
        [
            "/.well-known/oauth-protected-resource/mcp",
            "/mcp/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource"
        ]
    );
    let at_root = builder("https://mcp.test").facade().build().unwrap();
    assert_eq!(
        at_root.metadata_paths(),
        ["/.well-known/oauth-protected-resource"]
    );
    let second = builder("https://mcp.test/b/mcp")
        .facade()
        .without_root_document()
        .build()
        .unwrap();
    assert_eq!(
        second.metadata_paths(),
        [
            "/.well-known/oauth-protected-resource/b/mcp",
            "/b/mcp/.well-known/oauth-protected-resource"
        ]
    );
}

/// `common` and `organizations` have no issuer of their own, and clients compare.
#[test]
fn an_issuer_without_a_tenant_is_listed_on_request_only() {
    let builder = builder("https://mcp.test/mcp").url_is_identifier_uri();
    for (builder, name) in [
        (builder.clone().any_organization(), "organizations"),
        (builder.any_account(), "common"),
    ] {
        let error = builder.clone().build().unwrap_err().to_string();
        for part in [
            name,
            "TypeScript SDK 2.x",
            "Python SDK",
            "rmcp",
            ".facade()",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
        let listed = builder.clone().allow_shared_issuer();
        let issuer = format!("https://login.microsoftonline.com/{name}/v2.0");
        assert_eq!(
            document(&listed.build().unwrap())["authorization_servers"],
            json!([issuer])
        );
        // Behind the facade the issuer is this server, for whichever accounts.
        let facade = builder.facade().build().unwrap();
        assert_eq!(facade.issuer(), "https://mcp.test/as");
        assert_eq!(facade.sign_in_mode(), SignInMode::Facade);
    }
}

#[test]
fn a_resource_per_tenant_has_a_document_and_a_sign_in_per_tenant() {
    let other = "11111111-2222-3333-4444-555555555555";
    let tenants = [TENANT, other, TENANT].map(|id| TenantId::parse(id).unwrap());
    let resources = builder("https://mcp.test/{tenant}/mcp")
        .facade()
        .build_per_tenant(tenants)
        .unwrap();
    assert_eq!(resources.len(), 2);
    for (resource, id) in resources.iter().zip([TENANT, other]) {
        assert_eq!(resource.url(), format!("https://mcp.test/{id}/mcp"));
        assert_eq!(resource.issuer(), format!("https://mcp.test/as/{id}"));
        assert_eq!(
            resource.metadata_paths(),
            [
                format!("/.well-known/oauth-protected-resource/{id}/mcp"),
                format!("/{id}/mcp/.well-known/oauth-protected-resource"),
            ]
        );
    }
    let plain = builder("https://mcp.test/t/{tenant}").url_is_identifier_uri();
    let resources = plain.build_per_tenant(tenants).unwrap();
    let issuer = format!("https://login.microsoftonline.com/{other}/v2.0");
    assert_eq!(resources[1].issuer(), issuer);

    let tenant = TenantId::parse(TENANT).unwrap();
    let with = builder("https://mcp.test/{tenant}/mcp").facade();
    let without = builder("https://mcp.test/mcp").facade();
    for (built, part) in [
        (without.build_per_tenant([tenant]), "needs {tenant}"),
        (with.clone().build_per_tenant([]), "no tenant"),
        (
            with.clone().any_account().build_per_tenant([tenant]),
            "of that tenant",
        ),
        (with.build().map(|one| vec![one]), "build_per_tenant"),
    ] {
        let error = built.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
