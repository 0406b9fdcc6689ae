//! The samples of the README as child processes, with the variables that the emulator prints.

#![allow(
    clippy::unwrap_used,
    reason = "helpers outside of test functions: a test fails by panicking"
)]

mod api;
mod mcp;

use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::Duration;

use entra_emulator::{Directory, Emulator, EnvironmentFor, SdkFamily, demo};

/// A sample that runs, and the local Entra ID that it was pointed at.
struct Sample {
    emulator: Emulator,
    child: Child,
    url: String,
}

impl Sample {
    /// Starts `program` as the registration `client`.
    async fn start(program: &str, client: &str) -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let wanted = EnvironmentFor::new(SdkFamily::EntraRs).client(client);
        let environment = emulator.environment(&wanted).unwrap();
        let address = free_address();
        let child = Command::new(program)
            .env_clear()
            .envs(environment.variables())
            .env("BIND", &address)
            .env("MCP_PUBLIC_URL", format!("http://{address}/mcp"))
            .spawn()
            .unwrap();
        let mut sample = Self {
            emulator,
            child,
            url: format!("http://{address}"),
        };
        sample.listens(&address).await;
        sample
    }

    async fn listens(&mut self, address: &str) {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the sample ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the sample does not listen");
    }

    /// A token of Alice for the API `audience` with these scopes.
    fn token(&self, audience: &str, scopes: &[&str]) -> String {
        let forge = self.emulator.forge();
        let token = forge.user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            audience,
            scopes,
        );
        token.unwrap().sign().unwrap()
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        // It has ended by itself already, or it ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A loopback address that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
