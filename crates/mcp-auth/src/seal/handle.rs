//! Handles of state, bound to their caller.

use entra_claims::PrincipalKey;

use super::key::{Bound, SealingKey};
use crate::caller::Caller;

/// Turns the server's own ids (of a cart, an upload, a conversation) into handles that only
/// the caller they were made for can use.
///
/// To know an id is not to be allowed to use it (MCP security best practices, "Session
/// hijacking"): a handle that leaks into another user's conversation must be worth nothing
/// there. The handle is the id, sealed with the caller's tenant and object id as associated
/// data. Sealed and not stored: it needs no memory, works on every instance that has the
/// [`SealingKey`], and shows nobody the id or how many there are. A sealed handle cannot be
/// revoked; the state behind it can be deleted.
///
/// The caller is tenant and object: the same user in another client of theirs may go on.
///
/// ```
/// use mcp_auth::{Caller, HandleError, SealedHandles, SealingKey};
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
/// # let shop = Shop { carts: SealedHandles::new(&SealingKey::random()?, "cart") };
/// # let _ = (Shop::new_cart, Shop::add, shop);
/// # Ok::<(), mcp_auth::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SealedHandles {
    key: SealingKey,
    purpose: String,
}

impl SealedHandles {
    /// Handles for one kind of state; those of another `purpose` do not open.
    #[must_use]
    pub fn new(key: &SealingKey, purpose: impl Into<String>) -> Self {
        Self {
            key: key.clone(),
            purpose: purpose.into(),
        }
    }

    /// The handle for `id`, for this caller alone.
    ///
    /// # Errors
    ///
    /// [`HandleError::NoRandomness`].
    pub fn seal(&self, caller: &Caller, id: &str) -> Result<String, HandleError> {
        let bound = self.bound(caller.principal().key());
        self.key.seal(&bound, id.as_bytes()).map_err(|error| {
            tracing::error!(target: "mcp_auth::handle", %error, "no handle can be made");
            HandleError::NoRandomness
        })
    }

    /// The id in a handle.
    ///
    /// # Errors
    ///
    /// [`HandleError::Unknown`] for another caller's handle as for one that never existed:
    /// the difference would tell a stranger what exists.
    pub fn open(&self, caller: &Caller, handle: &str) -> Result<String, HandleError> {
        let opened = self.key.open(&self.bound(caller.principal().key()), handle);
        let id = opened.and_then(|id| String::from_utf8(id).ok());
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

    fn bound(&self, to: PrincipalKey) -> Bound {
        Bound::to("mcp-auth/handle/1")
            .and(&self.purpose)
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
}
