//! Caller and permissions from the request context of an `rmcp` handler.

use ::rmcp::handler::server::common::{AsRequestContext, FromContextPart};
use ::rmcp::model::Extensions;
use ::rmcp::service::{NotificationContext, RequestContext};
use ::rmcp::{ErrorData, RoleServer};
use http::request::Parts;

use crate::caller::Caller;
use crate::mcp::Permissions;

/// The verified caller of the request or notification that a handler works on.
///
/// It is the caller of this very HTTP request, never that of the `initialize` which began
/// the session.
///
/// ```
/// use mcp_auth::rmcp::caller;
/// use rmcp::model::{ListToolsResult, PaginatedRequestParams};
/// use rmcp::service::RequestContext;
/// use rmcp::{ErrorData, RoleServer, ServerHandler};
///
/// struct Tools;
///
/// impl ServerHandler for Tools {
///     async fn list_tools(
///         &self,
///         _: Option<PaginatedRequestParams>,
///         context: RequestContext<RoleServer>,
///     ) -> Result<ListToolsResult, ErrorData> {
///         let caller = caller(&context)?;
///         tracing::info!(caller = %caller.principal(), "lists the tools");
///         Ok(ListToolsResult::default())
///     }
/// }
/// ```
///
/// # Errors
///
/// The server is not behind an [`AuthLayer`](crate::AuthLayer), is reached over another
/// transport than HTTP, or an optional layer saw no token: an internal error, so a tool
/// that asks for its caller never runs without one.
pub fn caller(context: &impl HandlerContext) -> Result<Caller, ErrorData> {
    let parts = context.extensions().get::<Parts>();
    let caller = parts.and_then(|parts| parts.extensions.get::<Caller>());
    caller.cloned().ok_or_else(|| {
        tracing::error!(
            target: "mcp_auth::rejection",
            "a handler asks for its caller, and there is none: put `.layer(guard)` after the server's \
             route is added; an optional layer may let nobody in, and only HTTP has callers"
        );
        ErrorData::internal_error("this server does not know who is calling", None)
    })
}

/// What `rmcp` gives its handlers: the context of a request or of a notification.
pub trait HandlerContext: sealed::Sealed {
    #[doc(hidden)]
    fn extensions(&self) -> &Extensions;
}

impl HandlerContext for RequestContext<RoleServer> {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }
}

impl HandlerContext for NotificationContext<RoleServer> {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }
}

mod sealed {
    use super::{NotificationContext, RequestContext, RoleServer};

    pub trait Sealed {}

    impl Sealed for RequestContext<RoleServer> {}

    impl Sealed for NotificationContext<RoleServer> {}
}

/// As a parameter of a `#[tool]` function or a prompt.
impl<C: AsRequestContext> FromContextPart<C> for Caller {
    fn from_context_part(context: &mut C) -> Result<Self, ErrorData> {
        caller(context.as_request_context())
    }
}

/// What the caller may use by the policy of the [`McpLayer`](crate::McpLayer), for lists that
/// hold no more than that.
///
/// ```
/// use mcp_auth::rmcp::permissions;
/// use rmcp::model::{ListToolsResult, PaginatedRequestParams, Tool};
/// use rmcp::service::RequestContext;
/// use rmcp::{ErrorData, RoleServer, ServerHandler};
///
/// struct Server {
///     tools: Vec<Tool>,
/// }
///
/// impl ServerHandler for Server {
///     async fn list_tools(
///         &self,
///         _: Option<PaginatedRequestParams>,
///         context: RequestContext<RoleServer>,
///     ) -> Result<ListToolsResult, ErrorData> {
///         let may = permissions(&context)?;
///         let mut tools = self.tools.clone();
///         tools.retain(|tool| may.may_call_tool(&tool.name));
///         Ok(ListToolsResult::with_all_items(tools))
///     }
/// }
/// ```
///
/// # Errors
///
/// The server is not behind an [`McpLayer`](crate::McpLayer), or is reached over another
/// transport than HTTP: an internal error.
pub fn permissions(context: &impl HandlerContext) -> Result<Permissions, ErrorData> {
    let parts = context.extensions().get::<Parts>();
    let found = parts.and_then(|parts| parts.extensions.get::<Permissions>());
    found.cloned().ok_or_else(|| {
        tracing::error!(
            target: "mcp_auth::rejection",
            "a handler asks what its caller may use, and no McpLayer guards its route"
        );
        ErrorData::internal_error("this server does not know what its callers may use", None)
    })
}
