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
async fn forwarded_names_change_nothing() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let url = format!(
        "{base}/{}/v2.0/.well-known/openid-configuration",
        demo::TENANT
    );
    let response = world
        .http
        .get(url)
        .header("x-forwarded-host", "login.microsoftonline.com")
        .header("x-forwarded-proto", "https")
        .send();
    let text = response.await.unwrap().text().await.unwrap();
    assert!(text.contains(base) && !text.contains("login.microsoftonline.com"));
}

#[tokio::test]
async fn a_name_that_a_page_rebinds_to_this_machine_is_refused() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let port = base.rsplit(':').next().unwrap();
    let paths = [
        format!("{}/v2.0/.well-known/openid-configuration", demo::TENANT),
        format!("{}/oauth2/v2.0/authorize?client_id=x", demo::TENANT),
        "metadata/identity/oauth2/token?resource=x".to_owned(),
        "no/such/path".to_owned(),
    ];
    for path in &paths {
        let ask = |host: String| {
            let request = world.http.get(format!("{base}/{path}"));
            request.header("host", host).send()
        };
        for host in [
            "evil.example",
            "login.microsoftonline.com",
            "localhost.evil.example",
        ] {
            let answer = ask(format!("{host}:{port}")).await.unwrap();
            assert_eq!(answer.status(), 421, "{host} {path}");
        }
        assert!(world.emulator.journal().entries().is_empty(), "{path}");
        for host in ["localhost", "127.0.0.1", "[::1]", "customers.localhost"] {
            let answer = ask(format!("{host}:{port}")).await.unwrap();
            assert_ne!(answer.status(), 421, "{host} {path}");
        }
        world.emulator.journal().clear();
    }
}

#[tokio::test]
async fn what_one_request_leaves_behind_is_small() {
    let world = World::new().await;
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        world.emulator.base_url(),
        demo::TENANT
    );
    let large = "x".repeat(900 * 1024);
    let form = [
        ("scope", large.as_str()),
        ("device_code", "topsecret"),
        ("id_token_hint", "topsecret"),
        ("subject_token", "topsecret"),
        ("actor_token", "topsecret"),
    ];
    world.http.post(url).form(&form).send().await.unwrap();
    let entry = world.emulator.journal().last().unwrap();
    assert!(entry.param("scope").unwrap().len() < 20 * 1024);
    assert!(!format!("{entry:?}").contains("topsecret"), "{entry:?}");
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
