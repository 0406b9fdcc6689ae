//! The protected resource metadata document.

use serde::Serialize;

/// RFC 9728, section 2. Members without a value are left out (section 3.2).
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) resource: &'a str,
    pub(super) authorization_servers: [&'a str; 1],
    pub(super) scopes_supported: Vec<&'a str>,
    pub(super) bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_documentation: Option<&'a str>,
}
