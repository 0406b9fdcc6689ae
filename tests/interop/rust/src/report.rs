//! One line for each case, as the other clients of the suite print them.

use std::error::Error;
use std::process::ExitCode;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

#[derive(Default)]
pub(crate) struct Report {
    ran: usize,
    failed: usize,
}

impl Report {
    pub(crate) fn case(&mut self, client: &str, flow: &str, outcome: Outcome) {
        self.ran += 1;
        match outcome {
            Ok(()) => println!("ok {client}: {flow}"),
            Err(error) => {
                self.failed += 1;
                println!("FAILED {client}: {flow}\n{error}");
            }
        }
    }

    pub(crate) fn finish(self) -> ExitCode {
        println!("ran {}", self.ran);
        match self.failed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}
