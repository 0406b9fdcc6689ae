//! The MCP server: three tools, of which one needs more and one calls Microsoft Graph as the user.

use entra_emulator::demo;
use reqwest::{Client, Response, StatusCode};
use serde_json::json;

use crate::Sample;

/// A call of a tool, each for itself (MCP 2026-07-28).
async fn call(sample: &Sample, tool: &str, token: Option<&str>) -> Response {
    const VERSION: &str = "2026-07-28";
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": tool, "arguments": {},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": VERSION,
                "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let mut request = Client::new()
        .post(format!("{}/mcp", sample.url))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", VERSION)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

async fn text(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mcp_sample_guards_its_tools_and_calls_on() {
    let sample = Sample::start(env!("CARGO_BIN_EXE_mcp"), demo::MCP_SERVER).await;
    let (read, write) = (
        sample.token(demo::MCP_SERVER, &[demo::MCP_READ]),
        sample.token(demo::MCP_SERVER, &[demo::MCP_READ, demo::MCP_WRITE]),
    );

    let refused = call(&sample, "whoami", None).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenge = refused.headers().get("www-authenticate").unwrap();
    assert!(challenge.to_str().unwrap().contains("resource_metadata="));

    assert!(
        text(call(&sample, "whoami", Some(&read)).await)
            .await
            .contains(demo::ALICE)
    );
    assert!(
        text(call(&sample, "profile", Some(&read)).await)
            .await
            .contains("token for Graph")
    );

    let refused = call(&sample, "place_order", Some(&read)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let ordered = text(call(&sample, "place_order", Some(&write)).await).await;
    assert!(ordered.contains("ordered by"), "{ordered}");
}
