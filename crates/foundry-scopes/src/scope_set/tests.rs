use super::*;

const READ: &str = "https://graph.microsoft.com/Mail.Read";
const SEND: &str = "https://graph.microsoft.com/Mail.Send";
const DEFAULT: &str = "https://graph.microsoft.com/.default";

#[test]
fn order_and_repetition_do_not_matter() {
    let one = ScopeSet::parse(&format!("{SEND} profile  {READ}\topenid {READ} openid")).unwrap();
    let other = ScopeSet::parse(&format!("openid profile {READ} {SEND}")).unwrap();
    assert_eq!(one, other);
    assert_eq!(one.to_string(), format!("{READ} {SEND} openid profile"));
    assert_eq!(one.scopes().len(), 2);
    assert_eq!(one.oidc(), [OidcScope::OpenId, OidcScope::Profile]);
    assert_eq!(one.resource(), "https://graph.microsoft.com");
}

#[test]
fn each_refusal_says_why() {
    for (text, why) in [
        (String::new(), "no resource"),
        ("openid offline_access".to_owned(), "no resource"),
        (
            format!("{READ} https://ai.azure.com/user_impersonation"),
            "one resource",
        ),
        (
            // Another spelling is another resource: Entra ID compares literally.
            format!("{READ} https://graph.microsoft.com//Mail.Send"),
            "one resource",
        ),
        (format!("{DEFAULT} {READ}"), ".default already"),
        (format!("{READ} Mail.Send"), "names no resource"),
        (format!("{READ},{SEND}"), "separate scopes with blanks"),
        (format!("{READ}; {SEND}"), "separate scopes with blanks"),
        (format!("{READ},openid"), "separate scopes with blanks"),
        (DEFAULT.replace("default", "Default"), "in lower case"),
    ] {
        let error = ScopeSet::parse(&text).unwrap_err().to_string();
        assert!(error.contains(why), "{text:?}: {error}");
    }
}

#[test]
fn default_stands_alone_but_beside_openid_connect() {
    let set = ScopeSet::parse(&format!("{DEFAULT} offline_access {DEFAULT}")).unwrap();
    assert_eq!(set.to_string(), format!("{DEFAULT} offline_access"));
}

#[test]
fn a_set_from_scopes_is_the_parsed_one() {
    let read = Scope::parse(READ).unwrap();
    let send = Scope::parse(SEND).unwrap();
    assert_eq!(
        ScopeSet::new([send.clone(), read.clone()]).unwrap(),
        ScopeSet::parse(&format!("{READ} {SEND}")).unwrap()
    );
    assert!(ScopeSet::new([]).is_err());
    assert_eq!(
        ScopeSet::from(read.clone()),
        ScopeSet::new([read.clone()]).unwrap()
    );
    let with = ScopeSet::from(read)
        .with(OidcScope::Profile)
        .with(OidcScope::OpenId)
        .with(OidcScope::OpenId);
    assert_eq!(
        with,
        ScopeSet::parse(&format!("{READ} openid profile")).unwrap()
    );
}

#[test]
fn short_scopes_get_the_resource_and_others_keep_theirs() {
    let api = AppIdUri::parse("api://contoso").unwrap();
    let read = |text: &str| ScopeSet::qualify(&api, text).map(|set| set.to_string());
    assert_eq!(read("b a a").unwrap(), "api://contoso/a api://contoso/b");
    assert_eq!(read(".default").unwrap(), "api://contoso/.default");
    for bad in [
        "",
        "openid",
        "a .default",
        "https://graph.microsoft.com/User.Read",
        "api://contoso/",
        "a,b",
        ".Default",
        "api://contoso//a",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}
