//! Directories that contradict themselves.

use entra_emulator::{
    App, ConsentGrant, Directory, DirectoryError, Emulator, StartError, Tenant, User,
};

const T: &str = "0a1b2c3d-0000-4000-8000-000000000000";
const U: &str = "0a1b2c3d-0000-4000-8000-000000000001";
const A: &str = "0a1b2c3d-0000-4000-8000-0000000000a1";
const B: &str = "0a1b2c3d-0000-4000-8000-0000000000b1";

fn tenant() -> Tenant {
    Tenant::new(T, "contoso.example")
}

fn check(tenant: Tenant) -> Result<(), DirectoryError> {
    Directory::new().tenant(tenant).check()
}

#[test]
fn ids_are_guids() {
    let bad = [
        Tenant::new("x", "contoso.example"),
        tenant().user(User::new("x", "u@contoso.example", "U")),
        tenant().app(App::new("x", "App")),
        tenant().app(App::new(A, "App").service_principal("x")),
    ];
    for tenant in bad {
        assert!(matches!(
            check(tenant),
            Err(DirectoryError::NotAGuid { .. })
        ));
    }
    let upper = tenant().app(App::new(A.to_uppercase(), "App"));
    assert_eq!(upper.apps().next().unwrap().client_id(), A);
    assert_eq!(check(upper), Ok(()));
}

#[test]
fn names_are_unique() {
    let user = |id, upn: &str| User::new(id, upn, "U");
    let bad = [
        tenant().domain("Contoso.Example"),
        tenant().user(user(U, "a@b.c")).user(user(U, "d@b.c")),
        tenant().user(user(U, "a@b.c")).user(user(B, "A@b.c")),
        tenant().app(App::new(A, "1")).app(App::new(A, "2")),
        tenant()
            .app(App::new(A, "1").identifier_uri("api://x"))
            .app(App::new(B, "2").identifier_uri("api://x")),
    ];
    for tenant in bad {
        assert!(matches!(
            check(tenant),
            Err(DirectoryError::Duplicate { .. })
        ));
    }
    let twice = Directory::new().tenant(tenant()).tenant(tenant());
    assert!(matches!(
        twice.check(),
        Err(DirectoryError::Duplicate { .. })
    ));
}

#[test]
fn values_have_a_form() {
    let app = || App::new(A, "App");
    let bad = [
        Tenant::new(T, "common"),
        Tenant::new(T, "contoso..example"),
        tenant().app(app().identifier_uri("not a uri")),
        tenant().app(app().identifier_uri("api://x y")),
        tenant().app(app().identifier_uri("https://x.example/")),
        tenant().app(app().redirect_uri("/callback")),
        tenant().app(app().scope("api://x/read")),
        tenant().app(app().scope("two words")),
        tenant().app(app().scope(".default")),
        tenant().app(app().role("")),
        tenant().app(app().secret("")),
        tenant().app(app().public().secret("x")),
    ];
    for tenant in bad {
        let shown = format!("{tenant:?}");
        assert!(
            matches!(check(tenant), Err(DirectoryError::Invalid { .. })),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn grants_refer_to_what_exists_and_starting_checks() {
    let dangling = tenant()
        .app(App::new(A, "1"))
        .grant(ConsentGrant::delegated(A, B, ["read"]));
    let error = Emulator::start(Directory::new().tenant(dangling))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        StartError::Directory(DirectoryError::Unknown { .. })
    ));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(B), "{source}");
}
