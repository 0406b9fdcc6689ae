//! A web page in the developer's browser must not steer an emulator.
//!
//! Each case breaks one thing about a request that is right otherwise.

use reqwest::RequestBuilder;

use crate::support::World;

/// Freezes the clock, if it gets through.
fn attack(world: &World) -> RequestBuilder {
    let url = format!("{}/__emulator/clock", world.emulator.base_url());
    let body = r#"{"freeze_at":1}"#;
    world
        .http
        .post(url)
        .header("content-type", "application/json")
        .body(body)
}

#[track_caller]
fn untouched(world: &World) {
    assert!(!world.emulator.clock().is_frozen());
}

#[tokio::test]
async fn the_same_request_from_a_program_works() {
    let world = World::new().await;
    assert_eq!(attack(&world).send().await.unwrap().status(), 200);
    assert!(world.emulator.clock().is_frozen());
}

#[tokio::test]
async fn another_origin_is_refused() {
    let world = World::new().await;
    let port = world.emulator.base_url().rsplit(':').next().unwrap();
    let near = format!("http://localhost.evil.example:{port}");
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:1",
        &near,
        "file://",
    ] {
        let answer = attack(&world)
            .header("origin", origin)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        untouched(&world);
    }
    let own = world.emulator.base_url().to_owned();
    let answer = attack(&world).header("origin", own).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_rebound_name_is_refused() {
    let world = World::new().await;
    let port = world.emulator.base_url().rsplit(':').next().unwrap();
    for host in [
        &format!("evil.example:{port}"),
        "localhost",
        "localhost:1",
        "evil.example",
    ] {
        let answer = attack(&world).header("host", host).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{host}");
        untouched(&world);
        let url = format!("{}/__emulator/journal", world.emulator.base_url());
        let read = world
            .http
            .get(url)
            .header("host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(read.status(), 403, "reading too");
    }
}

#[tokio::test]
async fn a_cross_site_fetch_is_refused() {
    let world = World::new().await;
    for site in ["cross-site", "same-site"] {
        let answer = attack(&world)
            .header("sec-fetch-site", site)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{site}");
        untouched(&world);
    }
}

#[tokio::test]
async fn what_a_form_or_a_beacon_can_send_is_refused() {
    let world = World::new().await;
    let url = format!("{}/__emulator/clock", world.emulator.base_url());
    let body = r#"{"freeze_at":1}"#;
    let types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ];
    for content_type in types {
        let request = world.http.post(&url).header("content-type", content_type);
        assert_eq!(
            request.body(body).send().await.unwrap().status(),
            415,
            "{content_type}"
        );
        untouched(&world);
    }
    assert_eq!(
        world
            .http
            .post(&url)
            .body(body)
            .send()
            .await
            .unwrap()
            .status(),
        415
    );
    untouched(&world);
    let preflight = world
        .http
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let answer = preflight.send().await.unwrap();
    assert!(!answer.status().is_success());
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}
