//! A federated token on disk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use entra_emulator::{FederatedCredential, demo};

use crate::support::{Answer, Token, World};

const SUBJECT: &str = "system:serviceaccount:default:worker";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

async fn present(world: &World, path: &Path) -> Answer {
    let token = std::fs::read_to_string(path).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", token.as_str()),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    world.token(&form).await
}

/// The next token in the file after this one.
async fn next(path: &Path, old: &str) -> String {
    let look = async {
        loop {
            let text = std::fs::read_to_string(path).unwrap();
            if text != old {
                return text;
            }
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(10);
    tokio::time::timeout(patience, look).await.expect("renewed")
}

#[tokio::test]
async fn a_token_in_a_file_is_kept_fresh() {
    let world = World::new().await;
    let (emulator, path) = (&world.emulator, path("federated-token"));
    emulator.clock().freeze();
    let file = emulator
        .federated_token_file(&path, demo::TENANT, SUBJECT)
        .unwrap();
    present(&world, &path)
        .await
        .refused(401, "invalid_client", 70_025);
    let changed = emulator.directory().map_app(demo::DAEMON, |app| {
        app.federated_credential(FederatedCredential::new(file.issuer(), SUBJECT))
    });
    emulator.replace_directory(changed).unwrap();
    present(&world, &path).await.token();

    let first = std::fs::read_to_string(&path).unwrap();
    emulator.clock().advance(Duration::from_secs(3000));
    let second = next(&path, &first).await;
    assert_eq!(
        Token::read(&second).claims["iat"],
        emulator.clock().now(),
        "by the emulator's clock"
    );
    emulator.clock().advance(Duration::from_secs(2000));
    present(&world, &path).await.token();

    emulator.rotate_keys();
    emulator.drop_old_keys();
    let third = next(&path, &second).await;
    assert_ne!(
        Token::read(&third).header["kid"],
        Token::read(&second).header["kid"]
    );
    present(&world, &path).await.token();
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_at_once() {
    let world = World::new().await;
    let emulator = &world.emulator;
    let nowhere = emulator.federated_token_file("/no/such/token", demo::TENANT, SUBJECT);
    assert!(nowhere.is_err());
    let nobody = emulator.federated_token_file(path("never"), "nobody.example", SUBJECT);
    assert!(nobody.unwrap_err().to_string().contains("nobody.example"));
    assert!(!path("never").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_and_no_link_is_written_through() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = path("token-file-links");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (file, victim) = (folder.join("token"), folder.join("victim"));
    std::fs::write(&victim, "untouched").unwrap();
    // Where another user could guess that something is written.
    symlink(&victim, folder.join("token.next")).unwrap();
    symlink(&victim, &file).unwrap();
    let world = World::new().await;
    let kept = world
        .emulator
        .federated_token_file(&file, demo::TENANT, SUBJECT)
        .unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "untouched");
    let found = std::fs::symlink_metadata(kept.path()).unwrap();
    assert!(found.is_file(), "the link is replaced");
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(left.len(), 3, "nothing is left behind: {left:?}");
}
