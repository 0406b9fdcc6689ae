//! Logins: an ACL user, a password that is rotated, one that is wrong.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use entra_parts::store::SharedStore as _;
use entra_redis::{RedisCredentials, RedisLogin, RedisSettings};

use super::server::{Server, until};

const TTL: Duration = Duration::from_secs(60);

/// The commands that the documentation names.
const RIGHTS: [&str; 16] = [
    "~*", "-@all", "+get", "+mget", "+set", "+del", "+getdel", "+incrby", "+multi", "+exec",
    "+auth", "+ping", "+hello", "+client", "+info", "+select",
];

/// Logins at short intervals, with a password that the test changes.
#[derive(Debug)]
struct Changing(&'static Mutex<String>);

#[async_trait]
impl RedisLogin for Changing {
    async fn credentials(&self) -> Result<RedisCredentials, String> {
        let password = self.0.lock().unwrap().clone();
        match password.as_str() {
            "" => Err("none just now".into()),
            _ => Ok(RedisCredentials::new(Some("app".into()), password)),
        }
    }

    fn renew_every(&self) -> Duration {
        Duration::from_millis(50)
    }
}

fn user(server: &Server, password: &str) {
    let password = format!(">{password}");
    let mut command = vec!["acl", "setuser", "app", "on", "resetpass", &password];
    command.extend(RIGHTS);
    assert_eq!(server.cli(&command).trim(), "OK");
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn an_acl_user_needs_the_commands_of_the_documentation_only() {
    let server = Server::start(&[]);
    user(&server, "s3cret");
    server.cli(&["acl", "setuser", "default", "off"]);
    let url = format!("redis://app:s3cret@127.0.0.1:{}", server.port);
    let store = RedisSettings::new(&url).unwrap().connect().await.unwrap();
    until("a login", || async {
        store.put("a", b"1", TTL).await.is_ok()
    })
    .await;
    assert_eq!(store.put_if_absent("a", b"1", TTL).await, Ok(false));
    assert_eq!(store.add("n", 2, TTL).await, Ok(2));
    assert_eq!(
        store.get(&["a", "b"]).await.unwrap(),
        [Some(b"1".to_vec()), None]
    );
    assert_eq!(store.take("a").await.unwrap(), Some(b"1".to_vec()));
    assert_eq!(store.delete("a").await, Ok(()));
    assert_eq!(store.ping().await, Ok(()));
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_rotated_password_is_used_for_the_next_connection() {
    static PASSWORD: Mutex<String> = Mutex::new(String::new());
    let mut server = Server::start(&[]);
    server.cli = ["--user", "admin", "--pass", "admin", "--no-auth-warning"]
        .map(str::to_owned)
        .to_vec();
    let admin = ["acl", "setuser", "admin", "on", ">admin", "~*", "+@all"];
    // Nobody needs a name yet.
    let plain = std::mem::take(&mut server.cli);
    assert_eq!(server.cli(&admin).trim(), "OK");
    server.cli = plain;
    user(&server, "one");
    *PASSWORD.lock().unwrap() = "one".into();
    let settings = RedisSettings::new(&server.url())
        .unwrap()
        .login(Changing(&PASSWORD));
    let store = settings.connect().await.unwrap();
    until("a login", || async {
        store.put("a", b"1", TTL).await.is_ok()
    })
    .await;
    // For a while there are no credentials at all; connections that stand go on.
    PASSWORD.lock().unwrap().clear();
    assert_eq!(store.get(&["a"]).await.unwrap(), [Some(b"1".to_vec())]);
    user(&server, "two");
    *PASSWORD.lock().unwrap() = "two".into();
    server.cli(&["client", "kill", "type", "normal"]);
    until("a new login", || async {
        store.put("a", b"2", TTL).await.is_ok()
    })
    .await;
    assert_eq!(store.get(&["a"]).await.unwrap(), [Some(b"2".to_vec())]);
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_wrong_password_is_an_error_until_it_is_right() {
    let server = Server::start(&[]);
    user(&server, "right");
    server.cli(&["acl", "setuser", "default", "off"]);
    let file = server.folder.join("password");
    std::fs::write(&file, "wrong\n").unwrap();
    static PASSWORD: Mutex<String> = Mutex::new(String::new());
    *PASSWORD.lock().unwrap() = "wrong".into();
    let settings = RedisSettings::new(&server.url())
        .unwrap()
        .login(Changing(&PASSWORD));
    let store = settings.connect().await.unwrap();
    assert!(store.put("a", b"1", TTL).await.is_err());
    *PASSWORD.lock().unwrap() = "right".into();
    until("a login", || async {
        store.put("a", b"1", TTL).await.is_ok()
    })
    .await;
}
