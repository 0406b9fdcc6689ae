//! Choices.

use std::sync::Arc;

use entra_claims::{Authenticator, Clock, SystemClock};
use entra_obo::ExchangeClient;

use super::pages::{ConsentPages, Inner};
use super::store::Store;
use crate::ResourceError;
use crate::resource::PublicUrl;

/// Collects what [`ConsentPages`] are made of.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct ConsentPagesBuilder {
    url: String,
    exchange: ExchangeClient,
    authenticator: Authenticator,
    name: Option<String>,
    clock: Arc<dyn Clock>,
}

impl ConsentPagesBuilder {
    pub(super) fn new(url: String, exchange: ExchangeClient, authenticator: Authenticator) -> Self {
        Self {
            url,
            exchange,
            authenticator,
            name: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// What the server is called on its pages; without it, its host.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The pages.
    ///
    /// # Errors
    ///
    /// A URL that is not https (loopback excepted), has no path, or ends in a slash.
    pub fn build(self) -> Result<ConsentPages, ResourceError> {
        let base = PublicUrl::parse(&self.url)?;
        if base.path().is_empty() || base.as_text().contains('?') {
            return Err(ResourceError::Url {
                url: self.url,
                reason: "the consent pages need a path of their own, like /consent",
            });
        }
        let origin = base.origin();
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let name = self.name.unwrap_or_else(|| host.to_owned());
        Ok(ConsentPages(Arc::new(Inner {
            base,
            exchange: self.exchange,
            authenticator: self.authenticator,
            name,
            store: Store::new(self.clock),
        })))
    }
}
