//! Each form of a fault, over a socket.

use std::time::Duration;

use entra_emulator::{Fault, FaultError, demo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::World;

const KEYS: &str = "/common/discovery/v2.0/keys";

/// What comes over the wire, until the connection is closed.
async fn raw(world: &World, path: &str) -> String {
    let authority = world.emulator.base_url().split_once("://").unwrap().1;
    let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_closed_connection_carries_not_one_byte() {
    let world = World::new().await;
    world.emulator.fail_next(Fault::close("/keys"));
    assert_eq!(raw(&world, KEYS).await, "");
    assert!(raw(&world, KEYS).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_holds() {
    let world = World::new().await;
    let whole = raw(&world, KEYS).await;
    let (_, body) = whole.split_once("\r\n\r\n").unwrap();
    for n in [0, 1, 10, body.len() - 1] {
        world.emulator.fail_next(Fault::on("/keys").truncate(n));
        let cut = raw(&world, KEYS).await;
        let (head, rest) = cut.split_once("\r\n\r\n").unwrap();
        assert_eq!(rest, &body[..n], "{n}");
        assert!(
            head.contains(&format!("content-length: {}", body.len())),
            "{head}"
        );
        world.emulator.fail_next(Fault::on("/keys").truncate(n));
        let url = format!("{}{KEYS}", world.emulator.base_url());
        let read = world.http.get(url).send().await.unwrap().bytes().await;
        assert!(read.is_err(), "a client notices");
    }
    world
        .emulator
        .fail_next(Fault::on("/keys").truncate(body.len()));
    assert!(raw(&world, KEYS).await.ends_with(body), "nothing was cut");
}

#[tokio::test]
async fn an_answer_can_drip() {
    let world = World::new().await;
    let text = "slow";
    let fault = Fault::status("/keys", 200).body("text/plain", text);
    world
        .emulator
        .fail_next(fault.drip(Duration::from_millis(20)));
    let began = std::time::Instant::now();
    let answer = world.get(KEYS).await;
    assert_eq!(answer.json, text);
    assert!(began.elapsed() >= Duration::from_millis(20 * 4));
}

#[tokio::test]
async fn an_answer_can_be_late_and_right() {
    let world = World::new().await;
    let late = Duration::from_millis(60);
    world.emulator.fail_next(Fault::on("/token").delay(late));
    let began = std::time::Instant::now();
    world.daemon(&[]).await.token();
    assert!(began.elapsed() >= late);
}

#[tokio::test]
async fn a_wrong_content_type_leaves_the_body() {
    let world = World::new().await;
    let fault = Fault::on("/keys").content_type("text/html");
    world.emulator.fail_next(fault);
    let answer = world.get(KEYS).await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (200, &"text/html".parse().unwrap())
    );
    assert!(answer.json["keys"].is_array());
}

#[tokio::test]
async fn a_redirect_keeps_the_method_and_names_the_place() {
    let world = World::new().await;
    let place = "http://127.0.0.1:9/elsewhere";
    world.emulator.fail_next(Fault::redirect("/token", place));
    let answer = world.daemon(&[]).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers["location"], place);
}

#[tokio::test]
async fn the_nth_request_of_one_client_fails_as_often_as_said() {
    let world = World::new().await;
    let fault = Fault::status("/token", 503)
        .client_id(demo::DAEMON)
        .nth(2)
        .times(2);
    let id = world.emulator.fail_next(fault);
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(world.daemon(&[]).await.status);
        // Another client is another story.
        let other = [
            ("client_id", demo::MCP_SERVER),
            ("client_secret", demo::MCP_SERVER_SECRET),
            ("scope", demo::ORDERS_DEFAULT_SCOPE),
        ];
        assert_eq!(world.daemon(&other).await.status, 200);
    }
    let pending = world.emulator.pending_faults();
    assert_eq!((pending[0].id(), pending[0].hits()), (id, 1));
    seen.push(world.daemon(&[]).await.status);
    seen.push(world.daemon(&[]).await.status);
    assert_eq!(seen, [200, 503, 503, 200]);
    assert!(world.emulator.pending_faults().is_empty());

    let id = world
        .emulator
        .fail_next(Fault::status("/token", 500).always());
    for _ in 0..3 {
        assert_eq!(world.daemon(&[]).await.status, 500);
    }
    assert!(world.emulator.remove_fault(id));
    world.daemon(&[]).await.token();
}

#[test]
fn members_that_contradict_each_other_are_named() {
    let read = |json: &str| serde_json::from_str::<Fault>(json).unwrap().check();
    for (json, one, other) in [
        (
            r#"{"path":"/","close":true,"status":500}"#,
            "close",
            "status",
        ),
        (r#"{"path":"/","always":true,"times":2}"#, "times", "always"),
        (
            r#"{"path":"/","aadsts":1,"claims":"{}","body":"x"}"#,
            "claims",
            "body",
        ),
    ] {
        assert_eq!(read(json), Err(FaultError::Contradiction { one, other }));
    }
    for (json, wrong) in [
        (r#"{"path":"/","status":99}"#, "status"),
        (r#"{"path":"/","claims":"{}"}"#, "claims"),
        (r#"{"path":"/","nth":0}"#, "nth"),
        (r#"{"path":"/","times":0}"#, "times"),
        (r#"{"path":"/","headers":{"a b":"c"}}"#, "headers"),
        (r#"{"path":"/","headers":{"a":"b\nc"}}"#, "headers"),
    ] {
        assert!(matches!(read(json), Err(FaultError::Invalid { member, .. }) if member == wrong));
    }
    assert!(serde_json::from_str::<Fault>(r#"{"path":"/","stauts":500}"#).is_err());
    assert!(serde_json::from_str::<Fault>(r#"{"status":500}"#).is_err());
}
