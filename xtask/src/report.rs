//! Runs steps one after the other, says how long each took, and sums up at the end.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    Passed,
    /// A tool is not at hand. Said aloud and listed at the end, never swallowed.
    NotRun(String),
}

/// The error is what a reader has to know to mend it.
pub(crate) type StepResult = Result<Outcome, String>;

struct Step {
    name: String,
    took: Duration,
    result: StepResult,
}

#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

impl Report {
    /// Runs a step; whether it did not fail.
    pub(crate) fn step(
        &mut self,
        name: impl Into<String>,
        run: impl FnOnce() -> StepResult,
    ) -> bool {
        let name = name.into();
        println!("\n== {name}");
        flush();
        let start = Instant::now();
        let result = run();
        let took = start.elapsed();
        match &result {
            Ok(Outcome::Passed) => println!("-- {name}: passed in {}", seconds(took)),
            Ok(Outcome::NotRun(why)) => println!("-- {name}: NOT RUN, {why}"),
            Err(message) => println!("-- {name}: FAILED in {}\n{message}", seconds(took)),
        }
        flush();
        let passed = result.is_ok();
        self.steps.push(Step { name, took, result });
        passed
    }

    pub(crate) fn finish(self) -> ExitCode {
        println!("\n== Summary");
        let (mut passed, mut failed) = (0_usize, 0_usize);
        for step in &self.steps {
            let verdict = match &step.result {
                Ok(Outcome::Passed) => {
                    passed += 1;
                    "passed"
                }
                Ok(Outcome::NotRun(_)) => "NOT RUN",
                Err(_) => {
                    failed += 1;
                    "FAILED"
                }
            };
            println!("{verdict:>8} {:>9}  {}", seconds(step.took), step.name);
        }
        for step in &self.steps {
            match &step.result {
                Ok(Outcome::Passed) => {}
                Ok(Outcome::NotRun(why)) => println!("NOT RUN: {}: {why}", step.name),
                Err(message) => println!("FAILED: {}: {message}", step.name),
            }
        }
        let total = self.steps.iter().map(|step| step.took).sum();
        println!("all steps took {}", seconds(total));
        println!("{passed} passed, {failed} failed");
        flush();
        if failed == 0 && passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Child processes write to the same terminal, so our lines must be out before theirs.
fn flush() {
    // Nobody is left to tell when standard output is gone.
    let _ = std::io::stdout().flush();
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Turns a list of findings into a step's result.
pub(crate) fn none_found(findings: &[String]) -> StepResult {
    if findings.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(findings.join("\n"))
    }
}
