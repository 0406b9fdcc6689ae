//! Sealed handles of a server's own state, bound to their caller.

use entra_claims::PrincipalKey;
use entra_parts::seal::{Binding, SealError, Sealer, SealingKeys};

use crate::caller::Caller;

/// Turns the server's own ids (of a cart, an upload, a conversation) into handles that only
/// the caller they were made for can use.
///
/// To know an id is not to be allowed to use it (MCP security best practices, "Session
/// hijacking"): a handle that leaks into another user's conversation must be worth nothing
/// there. The handle is the id, sealed with the caller's tenant and object id as associated
/// data. Sealed and not stored: it needs no memory, works on every instance that has the
/// [`SealingKeys`], and reveals neither the id nor how many there are. A sealed handle cannot be
/// revoked; the state behind it can be deleted.
///
/// The caller is tenant and object: the same user in another client of theirs may go on.
///
/// ```
/// use mcp_auth::shared::SealingKeys;
/// use mcp_auth::{Caller, HandleError, SealedHandles};
///
/// struct Shop {
///     carts: SealedHandles,
/// }
///
/// impl Shop {
///     fn new_cart(&self, caller: &Caller) -> Result<String, HandleError> {
///         self.carts.seal(caller, "17")
///     }
///
///     fn add(&self, caller: &Caller, handle: &str) -> Result<String, HandleError> {
///         let cart = self.carts.open(caller, handle)?; // another caller's: an error
///         Ok(format!("cart {cart}"))
///     }
/// }
/// let shop = Shop { carts: SealedHandles::new(&SealingKeys::random()?, "cart")? };
/// # let _ = (Shop::new_cart, Shop::add, shop);
/// # Ok::<(), mcp_auth::shared::SealError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SealedHandles {
    sealer: Sealer,
    purpose: String,
}

impl SealedHandles {
    /// Handles for one kind of state; those of another `purpose` do not open.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn new(keys: &SealingKeys, purpose: impl Into<String>) -> Result<Self, SealError> {
        Ok(Self {
            sealer: Sealer::new("mcp-auth/handles/2", keys)?,
            purpose: purpose.into(),
        })
    }

    /// The handle for `id`, for this caller alone.
    ///
    /// # Errors
    ///
    /// [`HandleError::NoRandomness`]; [`HandleError::TooLong`] for an id of several kilobytes.
    pub fn seal(&self, caller: &Caller, id: &str) -> Result<String, HandleError> {
        let bound = self.bound(caller.principal().key());
        let sealed = self.sealer.seal_text(&bound, id.as_bytes());
        sealed.map_err(|error| {
            tracing::error!(target: "mcp_auth::handle", %error, "no handle can be made");
            match error {
                SealError::TooLong => HandleError::TooLong,
                _ => HandleError::NoRandomness,
            }
        })
    }

    /// The id in a handle.
    ///
    /// # Errors
    ///
    /// [`HandleError::Unknown`] for another caller's handle as for one that never existed:
    /// the difference would tell a stranger what exists.
    pub fn open(&self, caller: &Caller, handle: &str) -> Result<String, HandleError> {
        let opened = self
            .sealer
            .open_text(&self.bound(caller.principal().key()), handle);
        let id = opened.and_then(|id| String::from_utf8(id.to_vec()).ok());
        id.ok_or_else(|| {
            tracing::info!(
                target: "mcp_auth::handle",
                caller = %caller.principal(),
                purpose = self.purpose,
                "a handle is not this caller's"
            );
            HandleError::Unknown
        })
    }

    fn bound(&self, to: PrincipalKey) -> Binding {
        Binding::new(&self.purpose)
            .and(to.tenant.as_bytes())
            .and(to.object.as_bytes())
    }
}

/// Why a handle cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// Made for another caller or purpose, changed, or never made by this server.
    #[error("this handle is not known")]
    Unknown,
    /// The system gives no random bytes.
    #[error("no handle can be made")]
    NoRandomness,
    /// The id is too long to be sealed.
    #[error("the id is too long for a handle")]
    TooLong,
}
