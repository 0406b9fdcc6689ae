//! Azure Arc's endpoint: a file whose content proves that the caller is on the machine.

use std::path::PathBuf;

use entra_emulator::{App, Directory, Emulator, demo};

use crate::support::{Answer, World, answer};

const IDENTITY: &str = "c0de0000-3a9a-4000-8000-0000000000a5";

struct Keys(PathBuf);

impl Keys {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("emulator-arc-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn count(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn world(keys: &Keys) -> World {
    let identity = App::new(IDENTITY, "arc").system_assigned_identity();
    let tenants = Directory::demo().tenants().cloned().collect::<Vec<_>>();
    let tenants = tenants.into_iter().map(|tenant| match tenant.id() {
        demo::TENANT => tenant.app(identity.clone()),
        _ => tenant,
    });
    let directory = tenants.fold(Directory::new(), Directory::tenant);
    let builder = Emulator::builder(directory).arc_tokens(&keys.0);
    World::of(builder.start().await.unwrap())
}

async fn ask(world: &World, query: &[(&str, &str)], secret: Option<&str>) -> Answer {
    let version = [("api-version", "2020-06-01")];
    let all = version.iter().chain(query);
    let url = url::Url::parse_with_params(&world.emulator.arc_endpoint(), all).unwrap();
    let mut request = world.http.get(url).header("metadata", "true");
    if let Some(secret) = secret {
        request = request.header("authorization", format!("Basic {secret}"));
    }
    answer(request.send().await.unwrap()).await
}

fn file(challenge: &Answer) -> PathBuf {
    assert_eq!(challenge.status, 401, "{}", challenge.json);
    let realm = challenge.headers["www-authenticate"].to_str().unwrap();
    PathBuf::from(realm.strip_prefix("Basic realm=").unwrap())
}

#[tokio::test]
async fn the_content_of_the_named_file_is_good_once() {
    let keys = Keys::new("once");
    let world = world(&keys).await;
    let resource = [("resource", demo::MCP_SERVER_URI)];
    let named = file(&ask(&world, &resource, None).await);
    assert_eq!(named.parent(), Some(keys.0.as_path()));
    assert_eq!(named.extension().unwrap(), "key");
    let secret = std::fs::read_to_string(&named).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&named).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(ask(&world, &resource, Some("wrong")).await.status, 403);
    let given = ask(&world, &resource, Some(&secret)).await;
    assert_eq!(given.token().claims["aud"], demo::MCP_SERVER);
    assert!(!named.exists());
    assert_eq!(ask(&world, &resource, Some(&secret)).await.status, 403);
}

#[tokio::test]
async fn what_it_does_not_know_is_refused() {
    let keys = Keys::new("refused");
    let world = world(&keys).await;
    let both = [("resource", demo::MCP_SERVER_URI), ("client_id", IDENTITY)];
    assert_eq!(ask(&world, &both, None).await.status, 400);
    let unknown = [("resource", "https://unknown.example")];
    let named = file(&ask(&world, &unknown, None).await);
    let secret = std::fs::read_to_string(named).unwrap();
    let refused = ask(&world, &unknown, Some(&secret)).await;
    assert_eq!(refused.status, 400);
    let text = refused.text("error_description");
    assert!(text.starts_with("AADSTS500011: "), "{text}");
    // What was not answered goes with the emulator.
    file(&ask(&world, &unknown, None).await);
    assert_eq!(keys.count(), 1);
    world.emulator.shutdown().await;
    assert_eq!(keys.count(), 0);

    let bare = World::new().await;
    assert_eq!(ask(&bare, &unknown, None).await.status, 404);
}
