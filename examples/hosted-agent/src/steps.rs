//! Output of the steps: one JSON line each, with whether it did what it says.

use std::error::Error;

use serde_json::{Value, json};

/// What was told, and how much of it was wrong.
#[derive(Default)]
pub struct Steps {
    failed: usize,
}

impl Steps {
    pub fn tell(&mut self, step: &str, ok: bool, seen: Value) {
        self.failed += usize::from(!ok);
        println!("{}", json!({ "step": step, "ok": ok, "seen": seen }));
    }

    pub fn end(self) -> Result<(), Box<dyn Error>> {
        match self.failed {
            0 => Ok(()),
            failed => Err(format!("{failed} steps did not do what they say").into()),
        }
    }
}
