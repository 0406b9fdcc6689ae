//! `cargo xtask live`: questions to a test tenant.

use std::io::Write as _;
use std::process::ExitCode;

use cross_crate_tests::live::{self, Browser, Settings, Way};
use url::Url;

const USAGE: &str =
    "cargo xtask live setup            print the commands that prepare a test tenant
cargo xtask live questions        print the questions and their possible answers
cargo xtask live ask FILE [ONLY]  sign in, ask, and write entra-live-report.json; FILE is what the set-up wrote
cargo xtask live ask-with-device-code FILE [ONLY]   the same, and a device code first
cargo xtask live cleanup          print the commands that remove what the set-up made
";

/// Shows the address: the person opens it.
struct Shown;

impl Browser for Shown {
    fn open(&self, url: &Url) {
        let _ = writeln!(std::io::stderr(), "Open and sign in:\n\n  {url}\n");
    }

    fn show_code(&self, url: &str, code: &str) {
        let _ = writeln!(std::io::stderr(), "Open {url} and enter {code}\n");
    }
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn questions() -> String {
    let lines = live::all().into_iter().map(|probe| {
        let readings = probe.readings.join(" | ");
        format!("{:<26}{}\n{:<26}{readings}\n", probe.id, probe.question, "")
    });
    lines.collect()
}

/// Where the report goes.
const REPORT: &str = "entra-live-report.json";

async fn ask(file: &str, way: Way, only: &str) -> Result<String, Box<dyn std::error::Error>> {
    let settings: Settings = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let report = live::run(&settings, &Shown, way, only).await?;
    std::fs::write(REPORT, report.to_json())?;
    let lines = report.findings.iter().map(|finding| {
        let found = finding
            .reading
            .as_deref()
            .or(finding.not_available.as_deref());
        let found = found.unwrap_or("something else");
        format!("{:<26}{found}  ({})\n", finding.probe, finding.seen)
    });
    Ok(lines.collect::<String>() + "The report: " + REPORT + "\n")
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["setup"] => print(live::setup::SETUP),
        ["cleanup"] => print(live::setup::CLEANUP),
        ["questions"] => print(&questions()),
        ["ask" | "ask-with-device-code", file] | ["ask" | "ask-with-device-code", file, _] => {
            let only = arguments.get(2).copied().unwrap_or_default();
            let way = match arguments.first() {
                Some(&"ask") => Way::Code,
                _ => Way::DeviceCode,
            };
            match ask(file, way, only).await {
                Ok(report) => print(&report),
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "live: {error}");
                    ExitCode::FAILURE
                }
            }
        }
        _ => {
            let _ = writeln!(std::io::stderr(), "{USAGE}");
            ExitCode::FAILURE
        }
    }
}
