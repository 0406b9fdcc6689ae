//! The API: two needs, and Microsoft Graph as the user.

use entra_emulator::demo;
use reqwest::{Client, Method, Response, StatusCode};

use crate::Sample;

async fn send(sample: &Sample, method: Method, path: &str, token: Option<&str>) -> Response {
    let mut request = Client::new().request(method, format!("{}{path}", sample.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_sample_guards_calls_on_and_tells_needs_apart() {
    let sample = Sample::start(env!("CARGO_BIN_EXE_api"), demo::ORDERS_API).await;
    let (read, write) = (
        sample.token(demo::ORDERS_API, &[demo::ORDERS_READ]),
        sample.token(demo::ORDERS_API, &[demo::ORDERS_READ, demo::ORDERS_WRITE]),
    );

    let refused = send(&sample, Method::GET, "/me", None).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.headers().contains_key("www-authenticate"));

    // The exchange for Graph is a request to the local Entra ID.
    let me = send(&sample, Method::GET, "/me", Some(&read)).await;
    assert_eq!(me.status(), StatusCode::OK);
    assert!(me.text().await.unwrap().contains("token for Graph"));

    let refused = send(&sample, Method::POST, "/orders", Some(&read)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let ordered = send(&sample, Method::POST, "/orders", Some(&write)).await;
    assert_eq!(ordered.status(), StatusCode::OK);
    assert!(ordered.text().await.unwrap().contains(demo::ALICE));
}
