//! What the caller may use, in handlers.

use ::rmcp::ErrorData;
use http::request::Parts;

use super::HandlerContext;
use crate::Permissions;

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
