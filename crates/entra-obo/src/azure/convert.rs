//! Between `azure_core`'s types and ours.

use std::error::Error;

use azure_core::credentials::AccessToken;
use azure_core::error::ErrorKind;

use crate::ExchangeError;

pub(super) fn answer(
    got: Result<crate::AccessToken, ExchangeError>,
) -> azure_core::Result<AccessToken> {
    match got {
        Ok(token) => Ok(AccessToken::new(
            token.expose().to_owned(),
            token.expires_at(),
        )),
        Err(error) => Err(azure_core::Error::new(ErrorKind::Credential, error)),
    }
}

/// The exchange's error inside of an error that an Azure SDK client returned, whatever was
/// put around it.
///
/// ```
/// use azure_core::error::{Error, ErrorKind};
/// use entra_obo::azure::exchange_error;
/// use entra_obo::{ExchangeError, Next};
///
/// let ours = ExchangeError::Configuration { reason: "no credential" };
/// let error = Error::new(ErrorKind::Credential, ours).with_context("while listing secrets");
/// assert_eq!(exchange_error(&error).map(ExchangeError::next), Some(Next::FixConfiguration));
/// assert!(exchange_error(&Error::with_message(ErrorKind::Io, "broken pipe")).is_none());
/// ```
#[must_use]
pub fn exchange_error(error: &azure_core::Error) -> Option<&ExchangeError> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref() {
            return Some(ours);
        }
        next = error.source();
    }
    None
}
