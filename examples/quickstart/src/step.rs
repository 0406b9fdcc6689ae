//! One step of the story: what happens, why, what was seen, and whether it was right.

use serde_json::Value;

/// A step, built while it happens and then told.
pub struct Step {
    pub name: &'static str,
    pub title: String,
    pub why: String,
    /// In the order of the telling.
    pub facts: Vec<(String, Value)>,
    pub held: Vec<String>,
    pub broken: Vec<String>,
}

impl Step {
    /// `name` is for programs, `title` for people.
    pub fn new(name: &'static str, title: &str) -> Self {
        Self {
            name,
            title: title.to_owned(),
            why: String::new(),
            facts: Vec::new(),
            held: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Why this happens, for a newcomer.
    pub fn why(mut self, why: &str) -> Self {
        why.clone_into(&mut self.why);
        self
    }

    /// Something that was seen.
    pub fn fact(mut self, label: &str, value: impl Into<Value>) -> Self {
        self.facts.push((label.to_owned(), value.into()));
        self
    }

    /// Something that must be so, or the step has failed.
    pub fn must(mut self, what: &str, holds: bool) -> Self {
        let checks = if holds {
            &mut self.held
        } else {
            &mut self.broken
        };
        checks.push(what.to_owned());
        self
    }

    /// Whether everything that must be so is so.
    pub fn ok(&self) -> bool {
        self.broken.is_empty()
    }
}
