//! Scopes, their names and sets of them.

use foundry_scopes::{AppIdUri, Audience, OidcScope, Scope, ScopeName, ScopeSet};

use crate::check::{hides_a_token, one_line, prints_safely};

/// `Scope`, `ScopeName` and `ScopeSet`.
///
/// What parses renders back, what is put together parses, and equal sets render equally.
pub fn scope(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match Scope::parse(text) {
        Ok(scope) => {
            assert_eq!(scope.as_str(), text);
            assert_eq!(format!("{}/{}", scope.resource(), scope.name()), text);
            assert_eq!(scope.is_default(), text.ends_with("/.default"));
            assert!(Audience::parse(scope.resource()).is_ok());
            one_line(&format!("{scope} {scope:?}"));
            let alone = ScopeSet::from(scope.clone());
            assert_eq!(ScopeSet::parse(text).as_ref(), Ok(&alone));
        }
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
    match ScopeName::parse(text) {
        Ok(name) => assert_eq!(name.as_str(), text),
        Err(error) => {
            prints_safely(&error);
            hides_a_token(text, &error);
        }
    }
    composed(text);
    set(text);
}

/// A scope of any resource, and of any name, is one that parses.
fn composed(text: &str) {
    let name = ScopeName::parse("access_as_user").expect("a scope name");
    if let Ok(uri) = AppIdUri::parse(text) {
        for scope in [Scope::new(&uri, &name), Scope::default_for(&uri)] {
            assert_eq!(scope.resource(), text);
            assert_eq!(Scope::parse(scope.as_str()), Ok(scope));
        }
    }
    if let Ok(name) = ScopeName::parse(text) {
        let uri = AppIdUri::parse("api://contoso").expect("an App ID URI");
        let scope = Scope::new(&uri, &name);
        assert_eq!(scope.name(), text);
        assert_eq!(Scope::parse(scope.as_str()), Ok(scope));
    }
}

fn set(text: &str) {
    let set = match ScopeSet::parse(text) {
        Ok(set) => set,
        Err(error) => return prints_safely(&error),
    };
    one_line(&format!("{set} {set:?}"));
    assert_eq!(ScopeSet::parse(&set.to_string()).as_ref(), Ok(&set));
    let mut parts: Vec<&str> = text.split_ascii_whitespace().collect();
    parts.reverse();
    assert_eq!(ScopeSet::parse(&parts.join("  ")).as_ref(), Ok(&set));
    assert!(
        set.scopes()
            .iter()
            .all(|scope| scope.resource() == set.resource())
    );
    let more = set.with(OidcScope::OfflineAccess);
    assert_eq!(ScopeSet::parse(&more.to_string()), Ok(more));
}
