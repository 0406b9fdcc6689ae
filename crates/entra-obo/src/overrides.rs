//! Transport and clock overrides.

use std::sync::Arc;

use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use entra_claims::{Clock, SystemClock};

use crate::error::ExchangeError;

/// What was chosen so far; what was not is the built-in client and the system's clock.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) transport: Option<Arc<dyn HttpTransport>>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

impl Surroundings {
    pub(crate) fn transport(
        &self,
        built_in: impl FnOnce() -> Result<HttpClient, TransportError>,
    ) -> Result<Arc<dyn HttpTransport>, ExchangeError> {
        if let Some(chosen) = &self.transport {
            return Ok(Arc::clone(chosen));
        }
        match built_in() {
            Ok(client) => Ok(Arc::new(client)),
            Err(_) => Err(ExchangeError::configuration(
                "the HTTP client could not be made",
            )),
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match &self.clock {
            Some(chosen) => Arc::clone(chosen),
            None => Arc::new(SystemClock::new()),
        }
    }
}
