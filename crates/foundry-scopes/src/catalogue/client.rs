//! Well-known client applications in tokens and sign-in logs.

use std::fmt;

use super::role::Confidence;
use crate::id::ClientId;

/// A well-known client application: what stands in `appid` or `azp`, never an audience.
///
/// ```
/// use foundry_scopes::{ClientId, catalogue};
///
/// let cli = ClientId::parse("04b07795-8ddb-461a-bbee-02f9e1bf7b46")?;
/// assert_eq!(catalogue::client(cli).unwrap().name(), "Azure CLI");
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct KnownClient {
    pub(super) name: &'static str,
    pub(super) id: ClientId,
    pub(super) note: &'static str,
    pub(super) confidence: Confidence,
    pub(super) source: &'static str,
}

impl KnownClient {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its application id.
    #[must_use]
    pub const fn id(&self) -> ClientId {
        self.id
    }

    /// What is good to know when it shows up.
    #[must_use]
    pub const fn note(&self) -> &'static str {
        self.note
    }

    /// How sure the id is.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Where it was read.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }
}

impl fmt::Display for KnownClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
