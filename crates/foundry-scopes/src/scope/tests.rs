use super::*;
use crate::id::ClientId;

const GUID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

#[test]
fn the_resource_is_everything_before_the_last_slash() {
    let guid_scope = format!("{GUID}/.default");
    for (text, resource, name) in [
        (
            "https://management.azure.com//.default",
            "https://management.azure.com/",
            ".default",
        ),
        (
            "https://management.azure.com/.default",
            "https://management.azure.com",
            ".default",
        ),
        (
            "https://analysis.windows.net/powerbi/api/.default",
            "https://analysis.windows.net/powerbi/api",
            ".default",
        ),
        (
            "https://sentinel.microsoft.com/mcp/data-exploration//.default",
            "https://sentinel.microsoft.com/mcp/data-exploration/",
            ".default",
        ),
        (guid_scope.as_str(), GUID, ".default"),
        (
            "api://contoso/files/Files.Read",
            "api://contoso/files",
            "Files.Read",
        ),
        (
            "https://contoso.azurewebsites.net/user_impersonation",
            "https://contoso.azurewebsites.net",
            "user_impersonation",
        ),
    ] {
        let scope = Scope::parse(text).unwrap();
        assert_eq!((scope.resource(), scope.name()), (resource, name));
        assert_eq!(scope.is_default(), name == ".default");
        assert_eq!(scope.as_str(), text);
    }
}

#[test]
fn each_refusal_of_a_scope_says_why() {
    for (text, why) in [
        ("", "names no resource"),
        ("User.Read", "https://graph.microsoft.com/User.Read"),
        ("openid", "names no resource"),
        ("api://contoso", "append /.default"),
        ("https://graph.microsoft.com", "append /.default"),
        (GUID, "append /.default"),
        ("urn:contoso:api", "append /.default"),
        ("https://graph.microsoft.com/", "append .default"),
        ("contoso/User.Read", "neither an App ID URI"),
        ("https://*.azurewebsites.net/x", "neither an App ID URI"),
        ("https://a b/.default", "neither an App ID URI"),
        ("https://x/.default/.default", "neither an App ID URI"),
        ("api://contoso/a b", "printable ASCII"),
        ("api://contoso/a\"b", "printable ASCII"),
        ("api://contoso/a\\b", "printable ASCII"),
        ("api://contoso/ä", "printable ASCII"),
        ("api://c/a,api://c/b", "separate scopes with blanks"),
        ("api://c/a;api://c/b", "separate scopes with blanks"),
        ("api://c/a,b", "separate scopes with blanks"),
        ("openid,profile", "separate scopes with blanks"),
        ("api://contoso/.Default", "write .default in lower case"),
        (
            "https://ai.azure.com/.DEFAULT",
            "write .default in lower case",
        ),
    ] {
        let error = Scope::parse(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text:?}: {error}");
    }
}

#[test]
fn each_refusal_of_a_name_says_why() {
    for (text, why) in [
        ("", "empty"),
        (".default", "no token carries it"),
        (".Default", "no token carries it"),
        ("Files.Read,Files.Write", "comma or a semicolon"),
        ("Files.Read;Files.Write", "give one name"),
        ("api://contoso/Files.Read", "qualified"),
        ("Files Read", "printable ASCII"),
        ("Files\nRead", "printable ASCII"),
        ("\"Files\"", "printable ASCII"),
    ] {
        let error = ScopeName::parse(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text:?}: {error}");
    }
    assert_eq!(
        ScopeName::parse("Files.Read.All").unwrap().to_string(),
        "Files.Read.All"
    );
}

#[test]
fn composed_scopes_are_the_parsed_ones() {
    let uri = AppIdUri::api(ClientId::parse(GUID).unwrap());
    let name = ScopeName::parse("access_as_user").unwrap();
    let named = Scope::new(&uri, &name);
    assert_eq!(named, Scope::parse(named.as_str()).unwrap());
    assert_eq!(named.name(), "access_as_user");
    assert_eq!(named.resource(), uri.as_str());

    let slash = AppIdUri::parse("https://management.azure.com/").unwrap();
    let default = Scope::default_for(&slash);
    assert_eq!(default.as_str(), "https://management.azure.com//.default");
    assert_eq!(default, Scope::parse(default.as_str()).unwrap());
}

#[test]
fn a_slash_at_the_end_of_a_uri_without_authority_makes_no_authority() {
    let uri = AppIdUri::parse("urn:contoso:/").unwrap();
    let scope = Scope::new(&uri, &ScopeName::parse("read").unwrap());
    assert_eq!(scope.as_str(), "urn:contoso://read");
    assert_eq!(Scope::parse("urn:contoso://read"), Ok(scope));
    assert!(Scope::parse("api://contoso").is_err());
}

#[test]
fn openid_connect_scopes_have_their_names() {
    for scope in [
        OidcScope::Email,
        OidcScope::OfflineAccess,
        OidcScope::OpenId,
        OidcScope::Profile,
    ] {
        assert_eq!(OidcScope::from_name(scope.as_str()), Some(scope));
    }
    assert_eq!(OidcScope::from_name("OpenID"), None);
}
