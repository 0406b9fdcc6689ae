//! Serving until Ctrl-C.

use std::path::Path;
use std::pin::pin;

use entra_emulator::Emulator;

use super::ready::{self, ReadyFile};
use super::{Args, CliError, directory, guide};

pub(super) async fn run(args: Args) -> Result<(), CliError> {
    let mut builder = Emulator::builder(directory::read(args.directory.as_deref())?)
        .host(args.host)
        .port(args.port);
    if args.tls {
        builder = builder.tls();
    }
    if args.echo {
        builder = builder.echo_api();
    }
    if let Some(directory) = args.arc_tokens {
        builder = builder.arc_tokens(directory);
    }
    if let Some(address) = args.listen {
        builder = builder.listen(address);
    }
    if args.allow_remote {
        builder = builder.allow_remote();
    }
    if args.remote_managed_identities {
        builder = builder.remote_managed_identities();
    }
    if let Some(file) = args.state {
        builder = builder.state_file(file);
    }
    if let Some(file) = &args.control_token_file {
        builder = builder.control_token_file(file);
    }
    let emulator = builder.start().await?;
    let ca_file = write_ca(&emulator, &args.ca_file)?;
    let token_file = args.federated_token_file.map(|file| {
        let directory = emulator.directory();
        let tenant = directory.tenants().next().map_or("", |t| t.id());
        let what = format!("could not keep the federated token {}", file.display());
        emulator
            .federated_token_file(file, tenant, &args.federated_subject)
            .map_err(|e| CliError::new(what, &e))
    });
    let _kept = token_file.transpose()?;
    // The first poll installs the handler, so that who reads the guide can stop it at once.
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    tokio::select! {
        biased;
        early = &mut interrupt => return early.map_err(|e| CliError::new("Ctrl-C", &e)),
        () = std::future::ready(()) => {}
    }
    let facts = ready::facts(&emulator, ca_file);
    let ready = args.ready_file;
    let ready = ready
        .map(|file| ReadyFile::write(file, &facts))
        .transpose()?;
    match args.directory {
        _ if args.json => ready::print(&facts),
        Some(_) => guide::print_directory(&emulator, ca_file),
        None => guide::print(&emulator, ca_file),
    }
    .map_err(|e| CliError::new("could not print", &e))?;
    interrupt
        .await
        .map_err(|e| CliError::new("could not wait for Ctrl-C", &e))?;
    drop(ready);
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
