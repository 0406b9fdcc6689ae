//! parse(render(x)) == x, for whatever parses.

use foundry_scopes::{
    AppIdUri, Audience, Authority, ClientId, Cloud, ObjectId, Scope, ScopeName, ScopeSet, TenantId,
};
use proptest::prelude::*;

fn guid() -> impl Strategy<Value = String> {
    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{11}[1-9a-f]"
}

fn uri() -> impl Strategy<Value = String> {
    prop_oneof![
        guid().prop_map(|id| format!("api://{id}")),
        (guid(), "[a-z0-9]{1,8}").prop_map(|(id, tail)| format!("api://{id}/{tail}")),
        "https://[a-z0-9-]{1,20}\\.azurewebsites\\.net",
        "(https|urn|ms-appx|api):[a-zA-Z0-9/._~:@!$&'()+=%?-]{1,60}x",
    ]
}

fn resource() -> impl Strategy<Value = String> {
    prop_oneof![guid(), uri(), uri().prop_map(|uri| format!("{uri}/"))]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(".default".to_owned()),
        "[A-Za-z][A-Za-z0-9._:-]{0,30}",
        "[!#-+.0-:<-\\[\\]-~-]{1,10}",
    ]
}

proptest! {
    #[test]
    fn ids(text in guid()) {
        let tenant = TenantId::parse(&text).unwrap();
        prop_assert_eq!(TenantId::parse(&tenant.to_string()).unwrap(), tenant);
        prop_assert_eq!(TenantId::from_token(&tenant.to_string()), Some(tenant));
        let client = ClientId::parse(&text).unwrap();
        prop_assert_eq!(client.to_string().parse::<ClientId>().unwrap(), client);
        let object = ObjectId::parse(&text).unwrap();
        prop_assert_eq!(object.to_string().parse::<ObjectId>().unwrap(), object);
        prop_assert_eq!(client.to_string(), text.to_lowercase());
    }

    #[test]
    fn app_id_uris(text in uri()) {
        let uri = AppIdUri::parse(&text).unwrap();
        prop_assert_eq!(uri.as_str(), &text);
        prop_assert_eq!(uri.to_string().parse::<AppIdUri>().unwrap(), uri.clone());
        let audience = Audience::from(uri);
        prop_assert_eq!(audience.as_str(), &text);
    }

    #[test]
    fn scopes(resource in resource(), name in name()) {
        let text = format!("{resource}/{name}");
        let scope = Scope::parse(&text).unwrap();
        prop_assert_eq!(scope.as_str(), &text);
        prop_assert_eq!(scope.resource(), &resource);
        prop_assert_eq!(scope.name(), &name);
        prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
    }

    #[test]
    fn scope_sets(
        resource in resource(),
        names in proptest::collection::vec("[A-Za-z][A-Za-z0-9._-]{0,20}", 1..6),
        oidc in proptest::collection::vec(
            prop_oneof![Just("openid"), Just("profile"), Just("email"), Just("offline_access")],
            0..6,
        ),
    ) {
        let mut parts: Vec<String> = names.iter().map(|n| format!("{resource}/{n}")).collect();
        parts.extend(oidc.iter().map(|&s| s.to_owned()));
        let set = ScopeSet::parse(&parts.join(" ")).unwrap();
        prop_assert_eq!(set.to_string().parse::<ScopeSet>().unwrap(), set.clone());
        prop_assert_eq!(set.resource(), &resource);
        parts.reverse();
        prop_assert_eq!(ScopeSet::parse(&parts.join("  ")).unwrap(), set);
    }

    #[test]
    fn authorities(
        cloud in prop_oneof![Just(Cloud::public()), Just(Cloud::us_government()), Just(Cloud::china())],
        tenant in prop_oneof![
            guid(),
            Just("common".to_owned()),
            Just("organizations".to_owned()),
            "[a-z0-9]{1,10}\\.(onmicrosoft\\.com|example)",
        ],
        tail in prop_oneof![Just(""), Just("/"), Just("/v2.0"), Just("/oauth2/v2.0/token")],
    ) {
        let text = format!("{}/{tenant}{tail}", cloud.authority());
        let authority = Authority::parse(&text).unwrap();
        prop_assert_eq!(authority.cloud(), &cloud);
        prop_assert_eq!(authority.to_string().parse::<Authority>().unwrap(), authority.clone());
        prop_assert_eq!(Authority::parse_in(&text, &cloud).unwrap(), authority);
    }

    #[test]
    fn a_name_is_the_same_resource_as_itself(text in resource(), other in resource()) {
        let (one, two) = (Audience::parse(&text), Audience::parse(&other));
        if let (Ok(one), Ok(two)) = (one, two) {
            prop_assert!(one.names_same_resource(&one));
            prop_assert_eq!(one.names_same_resource(&two), two.names_same_resource(&one));
        }
    }

    #[test]
    fn nothing_panics_and_what_parses_renders_back(text in "\\PC{0,80}") {
        if let Ok(value) = Scope::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
            prop_assert!(Audience::parse(value.resource()).is_ok());
        }
        if let Ok(value) = AppIdUri::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = ScopeName::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = Authority::parse(&text) {
            prop_assert_eq!(Authority::parse(&value.to_string()).unwrap(), value);
        }
        if let Err(error) = ScopeSet::parse(&text) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
