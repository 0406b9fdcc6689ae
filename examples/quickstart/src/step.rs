//! One step of the story: what happens, why, what was seen, and whether it was right.

use serde_json::{Map, Value};

/// A step, built while it happens and then told.
pub struct Step {
    pub name: &'static str,
    pub title: String,
    pub why: String,
    pub facts: Map<String, Value>,
    pub broken: Vec<String>,
}

impl Step {
    /// `name` is for programs, `title` for people.
    pub fn new(name: &'static str, title: &str) -> Self {
        Self {
            name,
            title: title.to_owned(),
            why: String::new(),
            facts: Map::new(),
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
        self.facts.insert(label.to_owned(), value.into());
        self
    }

    /// Something that must be so, or the step has failed.
    pub fn must(mut self, what: &str, holds: bool) -> Self {
        if !holds {
            self.broken.push(what.to_owned());
        }
        self
    }

    /// Whether everything that must be so is so.
    pub fn ok(&self) -> bool {
        self.broken.is_empty()
    }
}
