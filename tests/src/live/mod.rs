//! Questions to a real tenant: where only an inference exists, or captures contradict each other,
//! a probe tells the possible readings of Entra ID apart.
//!
//! 1. [`setup`] prints the commands that prepare a tenant, and those that clean up; the kit itself
//!    writes nothing there.
//! 2. [`Settings`] are the ids that the commands print.
//! 3. [`run`] signs one person in, asks every question and gives a [`Report`] without tokens and
//!    ids of people or tenants.
//!
//! The tests run the kit against the emulator in both readings of every question.

mod probe;
mod probes;
mod redact;
mod report;
mod settings;
pub mod setup;
mod sign_in;
mod tenant;

pub use probe::{Probe, Verdict, all};
pub use report::{Finding, Report, SCHEMA};
pub use settings::Settings;
pub use sign_in::{Browser, Way};
pub use tenant::LiveError;

use tenant::Tenant;

/// Asks every question, or those whose id contains `only`.
///
/// # Errors
///
/// The person could not be signed in, or the report would show what it must not.
pub async fn run(
    settings: &Settings,
    browser: &dyn Browser,
    way: Way,
    only: &str,
) -> Result<Report, LiveError> {
    let tenant = Tenant::sign_in(settings, browser, way).await?;
    let mut findings = Vec::new();
    for probe in all() {
        if !probe.id.contains(only) {
            continue;
        }
        let verdict = (probe.ask)(&tenant).await;
        findings.push(Finding::new(&probe, &verdict));
    }
    Report::new(settings, findings, &tenant.secrets())
}
