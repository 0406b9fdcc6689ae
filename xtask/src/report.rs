//! Steps: named, listed, chosen, run one after the other and timed, with a summary at the end.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    Passed,
    /// A tool is absent. Printed and listed at the end, never swallowed.
    NotRun(String),
}

/// The error is what a reader has to know to mend it.
pub(crate) type StepResult = Result<Outcome, String>;

/// A step as the plan knows it, before anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) name: String,
    /// Earlier steps without which this one cannot run.
    needs: Vec<String>,
    long: bool,
}

/// Which steps of a plan run.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Choice {
    /// Only the steps whose name contains this, and those that they need; can be repeated
    #[arg(long, value_name = "PART OF A NAME", conflicts_with = "from")]
    only: Vec<String>,
    /// The first step whose name contains this and all that come after it
    #[arg(long, value_name = "PART OF A NAME")]
    from: Option<String>,
    /// The steps that cost more too: many more mutations of foreign bytes, the benchmarks
    #[arg(long)]
    long: bool,
}

impl Choice {
    /// The chosen steps of `plan`. The error says what there is to choose from.
    pub(crate) fn of(&self, plan: &[Planned]) -> Result<BTreeSet<String>, String> {
        let contains = |step: &Planned, part: &str| {
            step.name
                .to_ascii_lowercase()
                .contains(&part.to_ascii_lowercase())
        };
        for part in self.only.iter().chain(&self.from) {
            if !plan.iter().any(|step| contains(step, part)) {
                let names: Vec<&str> = plan.iter().map(|step| step.name.as_str()).collect();
                return Err(format!(
                    "no step has {part:?} in its name; there are\n  {}",
                    names.join("\n  ")
                ));
            }
        }
        let first = self
            .from
            .as_ref()
            .and_then(|part| plan.iter().position(|step| contains(step, part)));
        let mut chosen = BTreeSet::new();
        // From the end: what a step needs stands before it.
        for (position, step) in plan.iter().enumerate().rev() {
            let named = self.only.iter().any(|part| contains(step, part));
            let asked_for = match first {
                _ if !self.only.is_empty() => named,
                Some(first) => position >= first,
                None => true,
            };
            // A step that is asked for by its name needs no second word.
            let affordable = self.long || named || !step.long;
            if asked_for && affordable {
                chosen.insert(step.name.clone());
            }
            if chosen.contains(&step.name) {
                chosen.extend(step.needs.iter().cloned());
            }
        }
        Ok(chosen)
    }
}

struct Step {
    name: String,
    took: Duration,
    /// Processor time of all its processes, where the system counts it.
    busy: Option<Duration>,
    result: StepResult,
}

#[derive(Default)]
enum Mode {
    /// Steps are written down and not run.
    Plan,
    #[default]
    RunAll,
    Run(BTreeSet<String>),
}

#[derive(Default)]
pub(crate) struct Report {
    mode: Mode,
    plan: Vec<Planned>,
    steps: Vec<Step>,
}

impl Report {
    /// Writes down the steps that `all` would run.
    pub(crate) fn plan(all: impl FnOnce(&mut Self)) -> Vec<Planned> {
        let mut report = Self {
            mode: Mode::Plan,
            ..Self::default()
        };
        all(&mut report);
        report.plan
    }

    /// Runs the steps of these names and leaves the others out.
    pub(crate) fn of(chosen: BTreeSet<String>) -> Self {
        Self {
            mode: Mode::Run(chosen),
            ..Self::default()
        }
    }

    /// Runs a step; `false` if it failed.
    pub(crate) fn step(
        &mut self,
        name: impl Into<String>,
        run: impl FnOnce() -> StepResult,
    ) -> bool {
        self.any_step(name.into(), &[], false, run)
    }

    /// A step that cannot run without earlier ones.
    pub(crate) fn step_after(
        &mut self,
        needs: &[&str],
        name: impl Into<String>,
        run: impl FnOnce() -> StepResult,
    ) -> bool {
        self.any_step(name.into(), needs, false, run)
    }

    /// A step that runs under `--long`, or when it is asked for by its name.
    pub(crate) fn long_step(
        &mut self,
        name: impl Into<String>,
        run: impl FnOnce() -> StepResult,
    ) -> bool {
        self.any_step(name.into(), &[], true, run)
    }

    fn any_step(
        &mut self,
        name: String,
        needs: &[&str],
        long: bool,
        run: impl FnOnce() -> StepResult,
    ) -> bool {
        match &self.mode {
            Mode::Plan => {
                let needs = needs.iter().map(|&name| name.to_owned()).collect();
                self.plan.push(Planned { name, needs, long });
                return true;
            }
            Mode::Run(chosen) if !chosen.contains(&name) => return true,
            // Of the parts by name (`cargo xtask lint`), which have no options.
            Mode::RunAll if long => return true,
            Mode::Run(_) | Mode::RunAll => {}
        }
        println!("\n== {name}");
        flush();
        let (start, busy) = (Instant::now(), processor_time());
        let result = run();
        let took = start.elapsed();
        let busy = processor_time().zip(busy).map(|(now, then)| now - then);
        let cost = cost(took, busy);
        match &result {
            Ok(Outcome::Passed) => println!("-- {name}: passed in {cost}"),
            Ok(Outcome::NotRun(why)) => println!("-- {name}: NOT RUN, {why}"),
            Err(message) => println!("-- {name}: FAILED in {cost}\n{message}"),
        }
        flush();
        let passed = result.is_ok();
        self.steps.push(Step {
            name,
            took,
            busy,
            result,
        });
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
            println!(
                "{verdict:>8} {:>9} {:>9}  {}",
                seconds(step.took),
                step.busy.map(seconds).unwrap_or_default(),
                step.name
            );
        }
        for step in &self.steps {
            match &step.result {
                Ok(Outcome::Passed) => {}
                Ok(Outcome::NotRun(why)) => println!("NOT RUN: {}: {why}", step.name),
                Err(message) => println!("FAILED: {}: {message}", step.name),
            }
        }
        let total = self.steps.iter().map(|step| step.took).sum();
        let busy = self.steps.iter().map(|step| step.busy).sum();
        println!("all steps took {}", cost(total, busy));
        println!("{passed} passed, {failed} failed");
        flush();
        if failed == 0 && passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// One line for each step of a plan.
pub(crate) fn print(plan: &[Planned]) {
    for step in plan {
        let when = if step.long { "  (--long)" } else { "" };
        println!("{}{when}", step.name);
    }
}

/// Child processes write to the same terminal, so our lines must be out before theirs.
fn flush() {
    // There is no place for a message when standard output is closed.
    let _ = std::io::stdout().flush();
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn cost(took: Duration, busy: Option<Duration>) -> String {
    match busy {
        Some(busy) => format!("{} ({} of processor time)", seconds(took), seconds(busy)),
        None => seconds(took),
    }
}

/// Processor time of this process and of its children that have ended: on a busy machine it says
/// more than the clock. Linux counts it in hundredths of a second.
fn processor_time() -> Option<Duration> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?)
        .map(|ticks| Duration::from_millis(ticks * 10))
}

fn ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(4);
    let times: Vec<u64> = times.map_while(|field| field.parse().ok()).collect();
    (times.len() == 4).then(|| times.iter().sum())
}

/// Turns a list of findings into a step's result.
pub(crate) fn none_found(findings: &[String]) -> StepResult {
    if findings.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(findings.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Vec<Planned> {
        Report::plan(|report| {
            report.step("programs", || Err("not run while planning".to_owned()));
            report.step("Formatting", || Ok(Outcome::Passed));
            report.step_after(&["programs"], "clients", || Ok(Outcome::Passed));
            report.step("packages", || Ok(Outcome::Passed));
            report.step_after(&["clients"], "tests: clients meet", || Ok(Outcome::Passed));
            report.long_step("benchmarks", || Ok(Outcome::Passed));
        })
    }

    fn chosen(choice: &Choice) -> Vec<String> {
        let chosen = choice.of(&plan()).unwrap();
        let names = plan().into_iter().map(|step| step.name);
        names.filter(|name| chosen.contains(name)).collect()
    }

    #[test]
    fn without_options_all_but_the_long_steps_run() {
        let all = chosen(&Choice::default());
        assert_eq!(all.len(), 5);
        assert!(!all.contains(&"benchmarks".to_owned()));
        let long = Choice {
            long: true,
            ..Choice::default()
        };
        assert_eq!(chosen(&long).len(), 6);
    }

    #[test]
    fn a_step_brings_what_it_needs_and_nothing_else() {
        let only = |part: &str| {
            chosen(&Choice {
                only: vec![part.to_owned()],
                ..Choice::default()
            })
        };
        assert_eq!(only("meet"), ["programs", "clients", "tests: clients meet"]);
        assert_eq!(only("formatting"), ["Formatting"]);
        assert_eq!(only("bench"), ["benchmarks"]);
    }

    #[test]
    fn from_a_step_on_earlier_ones_run_only_where_needed() {
        let from = Choice {
            from: Some("packages".to_owned()),
            ..Choice::default()
        };
        assert_eq!(
            chosen(&from),
            ["programs", "clients", "packages", "tests: clients meet"]
        );
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let unknown = Choice {
            only: vec!["formating".to_owned()],
            ..Choice::default()
        };
        let error = unknown.of(&plan()).unwrap_err();
        assert!(error.contains("formating") && error.contains("tests: clients meet"));
    }

    #[test]
    fn only_the_chosen_steps_are_run() {
        let mut report = Report::of(BTreeSet::from(["b".to_owned()]));
        assert!(report.step("a", || Err("must not run".to_owned())));
        assert!(!report.step("b", || Err("runs".to_owned())));
        assert_eq!(report.steps.len(), 1);
    }

    #[test]
    fn processor_time_is_read_behind_a_name_with_blanks() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 100 20 3000 400 20 0 1 0";
        assert_eq!(ticks(stat), Some(3520));
        assert_eq!(ticks("7 (a) S 1"), None);
    }
}
