//! Tells the steps: in colour to people on a terminal, as JSON lines to programs.

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value, json};

use crate::step::Step;

const TITLE: Style = Style::new().bold();
const LABEL: Style = AnsiColor::Cyan.on_default();
const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

pub struct Console {
    json: bool,
    told: usize,
    failed: usize,
}

impl Console {
    /// Colours on a terminal; `NO_COLOR` is honoured by `anstream`.
    pub fn for_people() -> Self {
        Self {
            json: false,
            told: 0,
            failed: 0,
        }
    }

    pub fn for_programs() -> Self {
        Self {
            json: true,
            ..Self::for_people()
        }
    }

    pub fn tell(&mut self, step: &Step) {
        self.told += 1;
        self.failed += usize::from(!step.ok());
        if self.json {
            self.tell_programs(step);
        } else {
            self.tell_people(step);
        }
    }

    /// The last line for people; programs have the exit code.
    pub fn close(&self) {
        if self.json {
            return;
        }
        if self.failed == 0 {
            anstream::println!("{GOOD}All {} steps did what they say.{GOOD:#}", self.told);
            anstream::println!("Read next, in examples/quickstart/src:");
            anstream::println!(
                "  mcp_server.rs  the guarded MCP server, which calls on as the user"
            );
            anstream::println!("  orders_api.rs  the guarded API behind it");
            anstream::println!("  mcp_client.rs  the client, which is rmcp's own");
        } else {
            anstream::println!(
                "{BAD}{} of {} steps did not do what they say.{BAD:#}",
                self.failed,
                self.told
            );
        }
    }

    pub fn all_did_what_they_say(&self) -> bool {
        self.failed == 0 && self.told > 0
    }

    fn tell_programs(&self, step: &Step) {
        let facts: Map<String, Value> = step.facts.iter().cloned().collect();
        let line = json!({
            "step": step.name,
            "ok": step.ok(),
            "number": self.told,
            "title": step.title,
            "why": step.why,
            "facts": facts,
            "held": step.held,
            "broken": step.broken,
        });
        anstream::println!("{line}");
    }

    fn tell_people(&self, step: &Step) {
        anstream::println!("{TITLE}{}. {}{TITLE:#}", self.told, step.title);
        if !step.why.is_empty() {
            anstream::println!("   {QUIET}{}{QUIET:#}", step.why);
        }
        for (label, value) in &step.facts {
            match value {
                Value::Array(lines) => {
                    anstream::println!("   {LABEL}{label}{LABEL:#}");
                    for line in lines {
                        anstream::println!("     - {}", plain(line));
                    }
                }
                value => anstream::println!("   {LABEL}{label:<22}{LABEL:#} {}", plain(value)),
            }
        }
        for what in &step.held {
            anstream::println!("   {GOOD}ok{GOOD:#}     {what}");
        }
        for what in &step.broken {
            anstream::println!("   {BAD}not so{BAD:#} {what}");
        }
        anstream::println!();
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
