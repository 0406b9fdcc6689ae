//! What guards an emulator that other machines reach: https, a token, a password.

use std::io;
use std::path::Path;

use super::error::StartError;
use crate::demo;
use crate::directory::Directory;
use crate::identity::write_privately;
use crate::state::Remote;
use crate::tokens::random_text;

/// What must hold before other machines are let in.
pub(super) fn check(https: bool, directory: &Directory) -> Result<(), StartError> {
    if !https {
        let reason = "https is needed there";
        return Err(StartError::Remote { reason });
    }
    let public = [demo::TENANT, demo::OTHER_TENANT];
    if directory.tenants().any(|t| public.contains(&t.id())) {
        let reason = "the secrets of the demo directory are public; another directory is needed";
        return Err(StartError::Remote { reason });
    }
    Ok(())
}

/// No shorter token is taken.
const SHORTEST_TOKEN: usize = 32;

/// The token, from the builder or its file.
pub(super) fn token(
    given: Option<String>,
    file: Option<&Path>,
) -> Result<Option<String>, StartError> {
    let (None, Some(file)) = (&given, file) else {
        return Ok(given);
    };
    let failed = |source| StartError::ControlToken {
        file: file.to_owned(),
        source,
    };
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = random_text(2);
            write_privately(file, &token).map_err(failed)?;
            Ok(Some(token))
        }
        Err(error) => Err(failed(error)),
    }
}

/// What guards the emulator, if anything has to.
pub(super) fn guards(
    beyond: bool,
    token: Option<String>,
    managed_identities: bool,
) -> Result<Option<Remote>, StartError> {
    let printable = |t: &String| t.bytes().all(|b| b.is_ascii_graphic());
    if token
        .as_ref()
        .is_some_and(|t| t.len() < SHORTEST_TOKEN || !printable(t))
    {
        let reason = "the control token needs at least 32 printable characters";
        return Err(StartError::Remote { reason });
    }
    if !beyond && token.is_none() {
        return Ok(None);
    }
    Ok(Some(Remote {
        control_token: token.unwrap_or_else(|| random_text(2)),
        password: beyond.then(|| random_text(1)),
        managed_identities: managed_identities || !beyond,
    }))
}
