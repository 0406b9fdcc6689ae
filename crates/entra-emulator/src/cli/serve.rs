//! Serving until Ctrl-C.

use std::path::Path;
use std::pin::pin;

use entra_emulator::{Directory, Emulator};

use super::{Args, error::CliError, guide};

pub(super) async fn run(args: Args) -> Result<(), CliError> {
    let mut builder = Emulator::builder(Directory::demo())
        .host(args.host)
        .port(args.port);
    if args.tls {
        builder = builder.tls();
    }
    if let Some(address) = args.listen {
        builder = builder.listen(address);
    }
    if args.allow_remote {
        builder = builder.allow_remote();
    }
    let emulator = builder.start().await?;
    let ca_file = write_ca(&emulator, &args.ca_file)?;
    // The first poll installs the handler, so that who reads the guide can stop it at once.
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    tokio::select! {
        biased;
        early = &mut interrupt => return early.map_err(|e| CliError::new("Ctrl-C", &e)),
        () = std::future::ready(()) => {}
    }
    guide::print(&emulator, ca_file).map_err(|e| CliError::new("could not print", &e))?;
    interrupt
        .await
        .map_err(|e| CliError::new("could not wait for Ctrl-C", &e))?;
    emulator.shutdown().await;
    Ok(())
}

/// Writes the certificate that clients have to trust, if there is one.
fn write_ca<'a>(emulator: &Emulator, file: &'a Path) -> Result<Option<&'a Path>, CliError> {
    let Some(pem) = emulator.ca_certificate_pem() else {
        return Ok(None);
    };
    match std::fs::write(file, pem) {
        Ok(()) => Ok(Some(file)),
        Err(error) => {
            let what = format!("could not write the CA file {}", file.display());
            Err(CliError::new(what, &error))
        }
    }
}
