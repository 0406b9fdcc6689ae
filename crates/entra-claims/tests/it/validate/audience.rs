use entra_claims::{AcceptedAudiences, Reason, TenantPolicy, Validator};
use foundry_scopes::{Audience, ClientId, Cloud};
use serde_json::{Value, json};

use crate::support::{
    API, TENANT, clock, keys, refused, sign, tenant, user, user_v1, verify, with,
};

fn validator(audiences: AcceptedAudiences) -> Validator {
    Validator::new(
        Cloud::public(),
        TenantPolicy::single(tenant(TENANT)),
        audiences,
    )
    .with_clock(clock())
}

#[test]
fn a_client_id_stands_for_itself_and_its_api_uri() {
    for base in [user(), user_v1()] {
        for aud in [API.to_owned(), format!("api://{API}")] {
            assert!(
                verify(&with(&base, &[("aud", json!(aud))])).is_ok(),
                "{aud}"
            );
        }
    }
}

#[test]
fn the_audience_is_one_text_and_compared_byte_for_byte() {
    assert_eq!(
        refused(&with(&user(), &[("aud", Value::Null)])),
        Reason::MissingClaim
    );
    for aud in [
        json!([]),
        json!([API]),
        json!([API, API]),
        json!(["x", API]),
        json!(7),
        json!({}),
    ] {
        assert_eq!(
            refused(&with(&user(), &[("aud", aud.clone())])),
            Reason::WrongType,
            "{aud}"
        );
    }
    for aud in [
        String::new(),
        " ".to_owned(),
        format!(" {API}"),
        format!("{API} "),
        format!("{API}/"),
        API.to_uppercase(),
        format!("api://{API}/"),
        format!("API://{API}"),
        format!("api://{API}/access_as_user"),
        format!("spn:{API}"),
        "22223333-cccc-4444-dddd-5555eeee6666".to_owned(),
        "https://graph.microsoft.com".to_owned(),
        "00000003-0000-0000-c000-000000000000".to_owned(),
        "fb60f99c-7a34-4190-8149-302f77469936".to_owned(),
    ] {
        assert_eq!(
            refused(&with(&user(), &[("aud", json!(aud))])),
            Reason::WrongAudience,
            "{aud:?}"
        );
    }
}

#[test]
fn an_audience_stands_for_itself_only() {
    let only = validator(AcceptedAudiences::only(
        Audience::parse("https://contoso.com/orders/").unwrap(),
    ));
    for (aud, accepted) in [
        ("https://contoso.com/orders/", true),
        ("https://contoso.com/orders", false),
        ("https://contoso.com/orders//", false),
        (API, false),
    ] {
        let token = sign(&with(&user_v1(), &[("aud", json!(aud))]));
        assert_eq!(only.verify(&token, &keys()).is_ok(), accepted, "{aud}");
    }
    let both = AcceptedAudiences::for_client(ClientId::parse(API).unwrap())
        .and(Audience::parse("https://contoso.com/orders/").unwrap())
        .and(Audience::parse(API).unwrap());
    assert_eq!(
        both.iter().count(),
        3,
        "the one that was there is not added again"
    );
}

#[test]
fn the_explanation_names_what_was_found_and_what_to_request() {
    let explain = |aud: &str, base: &Value| {
        verify(&with(base, &[("aud", json!(aud))]))
            .unwrap_err()
            .explain()
    };
    let graph = explain("https://graph.microsoft.com", &user());
    assert!(graph.contains("token for Microsoft Graph"), "{graph}");
    assert!(
        graph.contains(&format!("request api://{API}/<scope>")),
        "{graph}"
    );
    let other = explain("api://other", &user_v1());
    assert!(other.contains("found \"api://other\""), "{other}");
    assert!(
        other.contains(&format!("needed {API} or api://{API}")),
        "{other}"
    );
    // Another API's audience must never be added, and whose it is cannot be seen here.
    assert!(
        other.contains("an identifier URI of this API's own registration"),
        "{other}"
    );
    assert!(
        other.contains("if it is another API's, the client asked for the wrong scope"),
        "{other}"
    );
    let client = explain("33334444-dddd-5555-eeee-6666ffff7777", &user());
    assert!(client.contains("if this is the client id"), "{client}");
    assert!(client.contains("if it is another API's"), "{client}");
    for known in [
        "https://vault.azure.net",
        "https://ai.azure.com",
        "00000003-0000-0000-c000-000000000000",
    ] {
        let known = explain(known, &user_v1());
        assert!(known.contains("this is a token for"), "{known}");
        assert!(!known.contains("add it"), "{known}");
    }
    let slash = explain(&format!("api://{API}/"), &user());
    assert!(slash.contains("trailing slash"), "{slash}");
}

/// A v1 token repeats what the client asked for; a v2 token is Entra ID's own spelling.
#[test]
fn one_slash_and_the_case_of_a_guid_are_the_v1_clients_own() {
    for (aud, accepted) in [
        (API.to_uppercase(), true),
        (format!("api://{API}/"), true),
        (format!("api://{API}//"), false),
        (format!("api://{}", API.to_uppercase()), false),
        (format!("{API}/"), false),
        (format!("spn:{API}"), false),
    ] {
        let v1 = verify(&with(&user_v1(), &[("aud", json!(aud))]));
        assert_eq!(v1.is_ok(), accepted, "{aud}");
        assert_eq!(
            refused(&with(&user(), &[("aud", json!(aud))])),
            Reason::WrongAudience
        );
    }
    // Listed as they stand in the token, and not a registration's own: no slash more or less.
    let listed = AcceptedAudiences::listed([Audience::parse("https://contoso.com/a").unwrap()]);
    let listed = validator(listed.unwrap());
    let token = sign(&with(
        &user_v1(),
        &[("aud", json!("https://contoso.com/a/"))],
    ));
    assert!(listed.verify(&token, &keys()).is_err());
    assert!(AcceptedAudiences::listed([]).is_err());
    let spn = Audience::parse(&format!("spn:{API}")).unwrap();
    let token = sign(&with(&user_v1(), &[("aud", json!(format!("spn:{API}")))]));
    assert!(
        validator(AcceptedAudiences::only(spn))
            .verify(&token, &keys())
            .is_ok()
    );
}

#[test]
fn adding_an_audience_again_takes_nothing_away() {
    use entra_claims::TokenVersion::V1;
    use foundry_scopes::AppIdUri;
    let uri = || AppIdUri::parse("api://orders").unwrap();
    let client = || AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
    for audiences in [
        client().identifier_uri(uri()).and(uri().into()),
        client().and(uri().into()).identifier_uri(uri()),
    ] {
        assert!(audiences.accepts("api://orders/", V1));
        assert_eq!(audiences.iter().count(), 3);
    }
    assert!(!client().and(uri().into()).accepts("api://orders/", V1));
}

/// Case is of no matter in a GUID alone, and not in whatever else is as long as one.
#[test]
fn a_uri_as_long_as_a_guid_keeps_its_case() {
    use entra_claims::TokenVersion::V1;
    let uri = "api://orders-of-the-department-store";
    assert_eq!(uri.len(), API.len());
    let audiences = AcceptedAudiences::only(Audience::parse(uri).unwrap());
    assert!(audiences.accepts(uri, V1));
    assert!(!audiences.accepts(&uri.to_uppercase(), V1));
}
