//! Notes on an endpoint: what was changed, or looks wrong.

use std::borrow::Cow;
use std::fmt;

use super::kind::named;

/// One remark on an endpoint: a stable code and a sentence.
///
/// ```
/// use foundry_scopes::{Endpoint, NoteCode};
///
/// let endpoint = Endpoint::parse("https://contoso.openai.azure.com:443/")?;
/// let [note] = endpoint.notes() else { panic!() };
/// assert_eq!(note.code(), NoteCode::DefaultPort);
/// assert_eq!(note.to_string(), "`:443` was removed: it is the default port");
/// # Ok::<(), foundry_scopes::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    code: NoteCode,
    message: Cow<'static, str>,
}

impl Note {
    pub(super) fn new(code: NoteCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> NoteCode {
        self.code
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

named! {
    /// The stable code of a [`Note`](crate::Note).
    NoteCode {
        /// Scheme and host were put in lower case.
        HostCase => "host_case",
        /// Fixed parts of the path were put in lower case.
        PathCase => "path_case",
        /// `:443` was removed.
        DefaultPort => "default_port",
        /// Repeated slashes became one.
        DuplicateSlash => "duplicate_slash",
        /// A slash at the end was removed.
        TrailingSlash => "trailing_slash",
        /// The `privatelink` label was removed: clients use the public name.
        PrivateLink => "private_link",
        /// The part of the path that clients add themselves was removed.
        PathRemoved => "path_removed",
        /// A path that this service does not document was removed.
        PathUnknown => "path_unknown",
        /// The `api-version` was taken out of the URL.
        ApiVersionRemoved => "api_version_removed",
        /// Other known query parameters were removed.
        QueryRemoved => "query_removed",
        /// The scheme was changed to the one that the protocol needs.
        WebSocket => "web_socket",
        /// The v1 API refuses the `api-version` that was given.
        ApiVersionOnV1 => "api_version_on_v1",
        /// This API refuses requests without `api-version`, and none was given.
        ApiVersionMissing => "api_version_missing",
        /// The audience depends on the path that the client adds.
        AudienceByPath => "audience_by_path",
        /// Sources disagree on the audience; the one given is the documented one.
        AudienceDisputed => "audience_disputed",
        /// This is the control plane; the data plane is elsewhere.
        ControlPlane => "control_plane",
        /// The address was taken out of a line of settings with a variable that SDKs read.
        EnvironmentVariable => "environment_variable",
        /// The variable that it stood in wants another form of address.
        VariableForm => "variable_form",
        /// The address was put together from a connection string.
        ConnectionString => "connection_string",
        /// A key stood beside the address; it was neither used nor kept.
        SecretIgnored => "secret_ignored",
        /// The address was put together from an Azure resource id.
        ResourceId => "resource_id",
        /// The address was put together from the link of a portal page.
        PortalLink => "portal_link",
        /// The host was put together from the name of a resource, which its custom
        /// subdomain usually repeats.
        HostDerived => "host_derived",
        /// A form that current SDKs no longer take.
        RetiredForm => "retired_form",
        /// Requests need headers beside the token.
        ExtraHeaders => "extra_headers",
        /// An agent may be authorized by its blueprint, whose audience is not in the address.
        BlueprintAudience => "blueprint_audience",
        /// An Agent Application (legacy): an agent's own endpoint replaces it.
        LegacyApplication => "legacy_application",
        /// The host was opted in by name, and its audience is what the caller said.
        CustomHost => "custom_host",
    }
}

impl NoteCode {
    /// Whether the note reports a change to what was given, as opposed to an advice.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(
            self,
            Self::ApiVersionOnV1
                | Self::ApiVersionMissing
                | Self::AudienceByPath
                | Self::AudienceDisputed
                | Self::ControlPlane
                | Self::VariableForm
                | Self::RetiredForm
                | Self::ExtraHeaders
                | Self::BlueprintAudience
                | Self::LegacyApplication
                | Self::CustomHost
        )
    }
}
