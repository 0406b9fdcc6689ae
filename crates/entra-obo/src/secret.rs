//! Client secret, and other secret text: wiped on drop, never printed.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A string that is wiped when it is dropped and never printed.
pub(crate) struct Secret(Zeroizing<Box<str>>);

impl Secret {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// A client secret: the *value* of a secret of the application's registration (its id, a
/// GUID, is something else and gives AADSTS7000215).
///
/// Wiped when the last clone is dropped. There is no way to read it back.
///
/// ```
/// use entra_obo::ClientSecret;
///
/// let secret = ClientSecret::new("very-secret-value");
/// assert_eq!(format!("{secret:?}"), "ClientSecret(<redacted>)");
/// ```
#[derive(Clone)]
pub struct ClientSecret(Arc<Secret>);

impl ClientSecret {
    /// Takes the value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Secret::new(value.into())))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(<redacted>)")
    }
}
