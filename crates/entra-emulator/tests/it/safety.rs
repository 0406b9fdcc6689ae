//! What an emulator must never do.

use entra_emulator::{App, Directory, Emulator, StartError, demo};

use crate::support::World;

#[tokio::test]
async fn it_listens_on_loopback_only() {
    for host in [
        "0.0.0.0",
        "::",
        "[::]",
        "192.0.2.1",
        "login.microsoftonline.com",
        "",
        "LOCALHOST",
    ] {
        let result = Emulator::builder(Directory::demo())
            .host(host)
            .start()
            .await;
        assert!(
            matches!(result, Err(StartError::NotLoopback { .. })),
            "{host}"
        );
    }
    for host in ["localhost", "127.0.0.1"] {
        let emulator = Emulator::builder(Directory::demo())
            .host(host)
            .start()
            .await
            .unwrap();
        let port = emulator.base_url().rsplit(':').next().unwrap().to_owned();
        assert_eq!(emulator.base_url(), format!("http://{host}:{port}"));
        // Nothing but 127.0.0.1 is bound, so 127.0.0.2 has no listener on that port.
        let other = std::net::TcpStream::connect(format!("127.0.0.2:{port}"));
        assert!(other.is_err());
    }
}

#[tokio::test]
async fn what_is_beyond_loopback_is_served_only_when_allowed() {
    let any = std::net::IpAddr::from([0, 0, 0, 0]);
    let builder = || Emulator::builder(Directory::demo()).listen(any);
    let refused = builder().start().await;
    assert!(matches!(refused, Err(StartError::NotLoopback { host }) if host == "0.0.0.0"));
    let far = || Emulator::builder(crate::remote::directory()).tls();
    let allowed = far().listen(any).allow_remote().start().await.unwrap();
    let port = allowed.base_url().rsplit(':').next().unwrap().to_owned();
    std::net::TcpStream::connect(format!("127.0.0.2:{port}")).unwrap();
    let named = far().allow_remote().host("entra.test");
    let named = named.start().await.unwrap();
    assert!(named.base_url().starts_with("https://entra.test:"));
    let builder = Emulator::builder(Directory::demo()).allow_remote();
    let microsoft = builder.host("login.microsoftonline.com").start().await;
    assert!(matches!(microsoft, Err(StartError::BadHost { .. })));
}

#[tokio::test]
async fn the_host_header_changes_nothing() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let url = format!(
        "{base}/{}/v2.0/.well-known/openid-configuration",
        demo::TENANT
    );
    let response = world
        .http
        .get(url)
        .header("host", "login.microsoftonline.com")
        .header("x-forwarded-host", "login.microsoftonline.com")
        .header("x-forwarded-proto", "https")
        .send();
    let text = response.await.unwrap().text().await.unwrap();
    assert!(text.contains(base) && !text.contains("login.microsoftonline.com"));
}

#[tokio::test]
async fn a_taken_port_is_an_error_with_its_reason() {
    let world = World::new().await;
    let port = world
        .emulator
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let error = Emulator::builder(Directory::demo())
        .port(port)
        .start()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("could not listen on localhost port {port}")
    );
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn secrets_are_in_no_debug_output() {
    let world = World::new().await;
    let directory =
        Directory::demo().map_app(demo::DAEMON, |app| app.secret_until("another secret", 1));
    let app = App::new(demo::DAEMON, "x").secret("another secret");
    let token = world.forged();
    let signature = token.sign().unwrap().rsplit('.').next().unwrap().to_owned();
    let shown = format!(
        "{directory:?} {app:?} {:?} {:?} {token:?} {:?}",
        world.emulator,
        world.emulator.forge(),
        world.emulator.journal(),
    );
    for secret in [
        demo::DAEMON_SECRET,
        demo::MCP_SERVER_SECRET,
        "another secret",
        &signature,
    ] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
