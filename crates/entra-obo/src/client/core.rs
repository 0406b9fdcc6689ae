//! What all views of one client share.

use std::fmt;
use std::sync::Arc;

use entra_claims::transport::HttpTransport;
use foundry_scopes::ClientId;

use crate::credential::Credentials;
use crate::engine::Engine;

pub(super) struct Core {
    pub(super) client: ClientId,
    pub(super) credentials: Credentials,
    pub(super) capabilities: Vec<String>,
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) engine: Arc<Engine>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("client", &self.client)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
