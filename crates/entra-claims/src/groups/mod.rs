//! Groups of users who are in more than a token holds.
//!
//! A token lists up to 200 groups; of a user in more it lists none and says so (groups
//! overage). [`Requirement::check`](crate::Requirement::check) then cannot tell. A
//! [`GroupSource`] of yours asks Microsoft Graph, and a [`GroupDirectory`] keeps the answers:
//!
//! ```
//! use entra_claims::groups::{GroupDirectory, GroupSource, GroupSourceError};
//! use entra_claims::{Reason, Requirement, VerifiedToken, transport::BoxFuture};
//! use foundry_scopes::ObjectId;
//!
//! /// Asks Microsoft Graph: `POST /users/{oid}/getMemberObjects` with the application's own
//! /// token, or `POST /me/getMemberObjects` with one on behalf of the user.
//! #[derive(Debug)]
//! struct Graph;
//!
//! impl GroupSource for Graph {
//!     fn groups<'a>(
//!         &'a self,
//!         user: &'a VerifiedToken,
//!     ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>> {
//!         Box::pin(async move {
//!             let answer = get_member_objects(user.principal().object()).await;
//!             answer.ok_or(GroupSourceError::new("Microsoft Graph did not answer"))
//!         })
//!     }
//! }
//! # async fn get_member_objects(_: ObjectId) -> Option<Vec<ObjectId>> {
//! #     Some(vec![ObjectId::from_u128(7)])
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let token = "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiI4ZWFlZjAyMy0yYjM0LTRkYTEtOWJhYS04YmM4YzlkNmE0OTAiLCJvaWQiOiJhYWFhYWFhYS0wMDAwLTExMTEtMjIyMi1iYmJiYmJiYmJiYmIiLCJhenAiOiIyMjIyMzMzMy1jY2NjLTQ0NDQtZGRkZC01NTU1ZWVlZTY2NjYiLCJzY3AiOiJzIiwiZXhwIjoxNzAwMDAwMDAwLCJoYXNncm91cHMiOnRydWV9.c2ln";
//! # let token = entra_claims::dangerous::assume_verified(token).unwrap();
//! let admins = Requirement::group(ObjectId::from_u128(7));
//! // The token says only that the user is in too many groups.
//! assert_eq!(admins.check(&token).unwrap_err().reason(), Reason::GroupsUnknown);
//!
//! let directory = GroupDirectory::new(Graph);
//! assert!(directory.check(&admins, &token).await.is_ok());
//! let others = Requirement::group(ObjectId::from_u128(8));
//! let refusal = directory.check(&others, &token).await.unwrap_err();
//! assert_eq!(refusal.reason(), Reason::MissingGroup);
//! # }
//! ```
//!
//! What holds:
//!
//! 1. The source is asked only where the groups decide and the token does not hold them.
//! 2. Whatever goes wrong (an error, no answer in time, a panic, too many lookups at once) is
//!    [`Reason::GroupsUnavailable`](crate::Reason::GroupsUnavailable), "cannot tell now": never
//!    "a member" and never "not a member".
//! 3. An answer belongs to one tenant and object. It is looked up by both, and a check with
//!    another user's groups cannot tell.
//! 4. One lookup per user at a time, in a task of its own; whoever asks meanwhile waits for it.
//!    Failures are shared with those who wait and not remembered.
//!
//! A requirement that is checked where nothing can be waited for, as by the layer of
//! `mcp-auth`, leaves the group out; the handler then checks it with the directory.
//!
//! **A membership that was taken away counts until the answer is forgotten**, five minutes
//! unless you set another time, or [`GroupDirectory::forget`].

mod cache;
mod directory;
mod limits;
mod source;

pub use directory::GroupDirectory;
pub use limits::GroupLimits;
pub use source::{GroupSource, GroupSourceError};

pub use crate::ResolvedGroups;
