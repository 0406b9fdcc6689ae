//! Per-handler permission: the `Require` trait and the `Authorized` extractor.

use std::fmt;
use std::marker::PhantomData;

use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use entra_claims::Requirement;
use foundry_scopes::ParseError;
use http::request::Parts;

use super::extract::CallerRejection;
use crate::caller::Caller;
use crate::refusal::{Cause, Refusal};

/// A permission with a name: what [`Authorized`] demands of a handler's caller.
///
/// Implement it for a type of your own, and the permission stands in the handler's
/// signature:
///
/// ```
/// use entra_claims::Requirement;
/// use foundry_scopes::ParseError;
/// use mcp_auth::{Authorized, Require};
///
/// /// Users with the scope, and applications with the role.
/// enum WriteOrders {}
///
/// impl Require for WriteOrders {
///     fn requirement() -> Result<Requirement, ParseError> {
///         Ok(Requirement::any_of([
///             Requirement::parse("orders.write")?,
///             Requirement::role("Orders.Write.All"),
///         ]))
///     }
/// }
///
/// async fn change_order(caller: Authorized<WriteOrders>) -> String {
///     format!("changed by {}", caller.caller().principal().object())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::put(change_order));
/// assert!(WriteOrders::requirement().is_ok());
/// ```
///
/// What it lists is checked by the same rules as the guard's own requirement: an
/// application on its own is admitted by a role or a list of clients only.
pub trait Require {
    /// The requirement. It is asked for at each request; parsing a scope costs little.
    ///
    /// # Errors
    ///
    /// A scope that cannot be one. The handler then answers 500, and the reason is traced; likewise
    /// for a requirement that no caller can meet.
    fn requirement() -> Result<Requirement, ParseError>;
}

/// The verified caller, who also meets `R`.
///
/// The guard lets a caller in, and this extractor decides about one handler. A caller that lacks
/// what it requires gets the guard's answer: 403 `insufficient_scope` with the qualified
/// scopes to ask for and the guard's base scopes, 403 without scopes where more of them
/// would not help, or a claims challenge. On a route without a guard it is 500.
///
/// `Option<Authorized<R>>` is `None` where an [optional](crate::AuthLayer::optional) layer
/// saw no token. A caller who lacks something is refused, and never `None`.
///
/// See [`Require`] for an example.
pub struct Authorized<R> {
    caller: Caller,
    requirement: PhantomData<fn() -> R>,
}

impl<R> Authorized<R> {
    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who is calling.
    #[must_use]
    pub fn into_caller(self) -> Caller {
        self.caller
    }
}

impl<R: Require> Authorized<R> {
    /// **A caller of a test, if the check of `R` lets them in**: what a handler gets, without
    /// HTTP. See [`Caller::for_test`], also about the feature `test-tokens`.
    ///
    /// ```
    /// use entra_claims::dangerous::TestToken;
    /// use entra_claims::Requirement;
    /// use foundry_scopes::ParseError;
    /// use mcp_auth::{Authorized, Caller, Require};
    ///
    /// enum WriteOrders {}
    ///
    /// impl Require for WriteOrders {
    ///     fn requirement() -> Result<Requirement, ParseError> {
    ///         Requirement::parse("orders.write")
    ///     }
    /// }
    ///
    /// async fn change_order(caller: Authorized<WriteOrders>) -> String {
    ///     format!("changed by {}", caller.caller().principal().object())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), entra_claims::DecodeError> {
    /// let writer = Caller::for_test(&TestToken::user().scopes(["orders.write"]).build()?);
    /// let writer = Authorized::for_test(writer).expect("the scope is there");
    /// assert!(change_order(writer).await.starts_with("changed by"));
    ///
    /// let reader = Caller::for_test(&TestToken::user().scopes(["orders.read"]).build()?);
    /// let refused = Authorized::<WriteOrders>::for_test(reader).unwrap_err();
    /// assert_eq!(refused.status(), 403);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The answer that the guard would give: 403, 401 with a claims challenge, or 500 for a
    /// requirement that cannot be met.
    #[cfg(feature = "test-tokens")]
    #[cfg_attr(docsrs, doc(cfg(feature = "test-tokens")))]
    pub fn for_test(caller: Caller) -> Result<Self, CallerRejection> {
        Self::check(caller)
    }

    fn check(caller: Caller) -> Result<Self, CallerRejection> {
        let guard = caller.authorization();
        let refused = |refusal: Refusal| CallerRejection::refused(guard, &refusal);
        let requirement = R::requirement()
            .map_err(|error| refused(Refusal::new(Cause::BadRequirement(error.to_string()))))?;
        guard
            .check_handler(requirement, caller.token())
            .map_err(refused)?;
        Ok(Self {
            caller,
            requirement: PhantomData,
        })
    }
}

impl<R: Require, S: Send + Sync> FromRequestParts<S> for Authorized<R> {
    type Rejection = CallerRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CallerRejection> {
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::check(caller)
    }
}

impl<R: Require, S: Send + Sync> OptionalFromRequestParts<S> for Authorized<R> {
    type Rejection = CallerRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, CallerRejection> {
        let caller = <Caller as OptionalFromRequestParts<S>>::from_request_parts(parts, state);
        caller.await?.map(Self::check).transpose()
    }
}

impl<R> Clone for Authorized<R> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            requirement: PhantomData,
        }
    }
}

impl<R> fmt::Debug for Authorized<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorized").field(&self.caller).finish()
    }
}
