//! The state file: the next emulator goes on where the last one stopped.

use std::path::PathBuf;

use entra_emulator::{Directory, Emulator, EmulatorBuilder, StartError, demo};

use crate::support::{Answer, World};

struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("emulator-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn builder(&self) -> EmulatorBuilder {
        Emulator::builder(Directory::demo()).state_file(&self.0)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const OFFLINE: &str = concat!(
    "api://c0de0000-a4b1-4000-8000-0000000000a1/mcp.read",
    " openid offline_access"
);

async fn refresh(world: &World, token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
    ];
    world.token(&form).await
}

#[tokio::test]
async fn keys_directory_and_refresh_tokens_outlive_the_process() {
    let file = File::new("state");
    let first = World::of(file.builder().start().await.unwrap());
    let answer = first.sign_in(OFFLINE).await;
    let token = answer.text("refresh_token").to_owned();
    first.emulator.rotate_keys();
    first
        .emulator
        .disable_user(demo::TENANT, demo::BOB)
        .unwrap();
    let signed = first.forged().sign().unwrap();
    let base = first.emulator.base_url().to_owned();
    let port = base.rsplit(':').next().unwrap().parse().unwrap();
    first.emulator.shutdown().await;

    let second = file.builder().port(port).start().await.unwrap();
    let second = World::of(second);
    let again = refresh(&second, &token).await.token();
    assert_eq!(again.claims["oid"], demo::ALICE);
    // What was signed before is still a good assertion: the rotated key is published.
    second.obo(&signed, &[]).await.token();
    let directory = second.emulator.directory().to_json();
    let bob = directory.to_string().contains("\"disabled\"");
    assert!(bob, "the change of the directory was kept");
}

#[tokio::test]
async fn each_file_has_keys_of_its_own_which_others_cannot_read() {
    let (one, two) = (File::new("one"), File::new("two"));
    let kid = async |file: &File| {
        let world = World::of(file.builder().start().await.unwrap());
        let token = world.forged().sign().unwrap();
        let kid = crate::support::Token::read(&token).header["kid"].clone();
        world.emulator.shutdown().await;
        kid
    };
    let first = kid(&one).await;
    assert_ne!(first, kid(&two).await);
    assert_eq!(first, kid(&one).await);
    let published = World::new().await.forged().sign().unwrap();
    let published = crate::support::Token::read(&published);
    assert_ne!(first, published.header["kid"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&one.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_file_is_written_while_it_runs() {
    let file = File::new("live");
    let world = World::of(file.builder().start().await.unwrap());
    world
        .emulator
        .disable_user(demo::TENANT, demo::BOB)
        .unwrap();
    for _ in 0..100 {
        if std::fs::read_to_string(&file.0)
            .unwrap()
            .contains("\"disabled\"")
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it was never written");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_and_stays() {
    let file = File::new("none");
    for text in ["", "{}", "not json", r#"{"version":2}"#] {
        std::fs::write(&file.0, text).unwrap();
        let error = file.builder().start().await.unwrap_err();
        assert!(matches!(error, StartError::State { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&file.0).unwrap(), text);
    }
    let nowhere = Emulator::builder(Directory::demo()).state_file("/no/such/folder/state");
    let error = nowhere.start().await.unwrap_err();
    assert!(
        error.to_string().contains("/no/such/folder/state"),
        "{error}"
    );
}
