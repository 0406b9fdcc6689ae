//! Microsoft's crates against the emulator: `azure_identity` as a client of it, and clients of
//! the Azure SDK with the credentials of `entra-obo`.

mod as_users;
mod identity;
mod report;

use std::process::ExitCode;

use serde_json::Value;

use crate::report::Report;

fn main() -> ExitCode {
    let world: Value = std::fs::read_to_string(std::env::var("ENTRA_WORLD").expect("ENTRA_WORLD"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .expect("the world's description");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut report = Report::default();
    runtime.block_on(async {
        identity::all(&world, &mut report).await;
        as_users::all(&world, &mut report).await;
    });
    report.finish()
}

fn text(world: &Value, pointer: &str) -> String {
    let found = world.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{pointer} is not in the world"))
        .to_owned()
}
