//! The clouds that the tables know.

use std::fmt;

/// A cloud whose resources and hosts are documented.
///
/// ```
/// use foundry_scopes::{Cloud, KnownCloud};
///
/// assert_eq!(Cloud::us_government().known(), Some(KnownCloud::UsGovernment));
/// assert_eq!(KnownCloud::China.to_string(), "AzureChina");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KnownCloud {
    /// The public cloud.
    Public,
    /// Azure for US Government.
    UsGovernment,
    /// Azure in China operated by 21Vianet.
    China,
}

impl KnownCloud {
    /// The name that Microsoft's libraries use for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "AzurePublic",
            Self::UsGovernment => "AzureUsGovernment",
            Self::China => "AzureChina",
        }
    }
}

impl fmt::Display for KnownCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
