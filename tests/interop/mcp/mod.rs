//! Real MCP clients, unmodified, against the guarded server of `examples/mcp-server-obo` and
//! the Entra ID that it brings along: from the 401 to a downstream call as the user.
//!
//! What each of them sends, in which order, stands in `sequences/`.

mod conformance;
mod rmcp_client;
mod sequence;
mod server;

use crate::passes;
use crate::program::{Program, interop};
use rmcp::model::ProtocolVersion;
use rmcp::service::ClientLifecycleMode;
use server::McpServer;

/// Runs a client's cases against a server of its own, and looks at what the server saw.
async fn flow(name: &str, program: Program) {
    let server = McpServer::start(name);
    passes(name, program.with(server.variables())).await;
    sequence::check(name, &server.stop());
}

fn python(script: &str) -> Program {
    let python = interop().join("python/bin/python");
    Program::new(python).arg(&format!("python/{script}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the MCP clients of npm; cargo xtask test"]
async fn typescript_sdk_1() {
    let program = Program::newer_node().node_script("mcp_typescript1.mjs");
    flow("mcp-typescript1", program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the MCP clients of npm; cargo xtask test"]
async fn typescript_sdk_2() {
    for mode in ["legacy", "auto"] {
        let program = Program::newer_node().node_script("mcp_typescript2.mjs");
        flow(&format!("mcp-typescript2-{mode}"), program.word(mode)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the MCP clients of PyPI; cargo xtask test"]
async fn python_sdk() {
    for mode in ["legacy", "auto"] {
        let program = python("mcp_sdk.py").word(mode);
        flow(&format!("mcp-python-{mode}"), program).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the MCP clients of PyPI; cargo xtask test"]
async fn fastmcp() {
    flow("mcp-fastmcp", python("mcp_fastmcp.py")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the MCP clients of npm; cargo xtask test"]
async fn inspector() {
    for era in ["legacy", "modern"] {
        let program = Program::newer_node().node_script("mcp_inspector.mjs");
        flow(&format!("mcp-inspector-{era}"), program.word(era)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the example server's program; cargo xtask test"]
async fn rmcp() {
    let auto = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    };
    for (name, mode) in [
        ("mcp-rmcp-initialize", ClientLifecycleMode::Initialize),
        ("mcp-rmcp-auto", auto),
    ] {
        let server = McpServer::start(name);
        rmcp_client::cases(&server, mode).await;
        println!("ok {name}");
        sequence::check(name, &server.stop());
    }
}
