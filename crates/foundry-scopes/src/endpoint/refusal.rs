//! Why no token may be sent there.

use std::fmt;

use crate::KnownCloud;

/// Why a text is not taken as an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointRefusal {
    /// Nothing but blanks.
    #[error("nothing was given")]
    Empty,
    /// More than 2048 bytes.
    #[error("it is longer than 2048 bytes")]
    TooLong,
    /// Blanks around the text.
    #[error("there are blanks around it")]
    Blanks,
    /// Quotes or a comma around the text.
    #[error("there are quotes or a comma around it")]
    Quotes,
    /// `<resource>`, `{resource}` or `your-resource` was left in it.
    #[error("a placeholder was left in it: put in the name of your resource")]
    Placeholder,
    /// A control character, a blank, a backslash or another one that no URL has.
    #[error("it contains a character that no URL has")]
    Character,
    /// A letter outside ASCII, which may only look like the right one.
    #[error("it contains a character outside ASCII, which may only look like the right one")]
    NonAscii,
    /// `NAME=https://...`: a line of a settings file.
    #[error("it is a line of settings: give what follows the `=`")]
    Assignment,
    /// A connection string of an older SDK.
    #[error("it is a connection string: copy the project endpoint from the Foundry portal instead")]
    ConnectionString,
    /// An Azure resource id.
    #[error("it is an Azure resource id and not an endpoint")]
    ResourceId,
    /// No `https://`.
    #[error("`https://` is missing")]
    SchemeMissing,
    /// Plain `http` or `ws`: the token would travel in the clear.
    #[error("plain http would send the token in the clear")]
    PlainHttp,
    /// Another scheme, or a wrong number of slashes after it.
    #[error("it does not start with `https://` and a host")]
    Scheme,
    /// `wss` where the service has no WebSocket.
    #[error("this endpoint has no WebSocket: use https")]
    WebSocket,
    /// `user@` in front of the host.
    #[error("there is a user name in front of the host, which hides the real host")]
    UserInfo,
    /// A fragment.
    #[error("there is a `#` in it, and nothing after that reaches the server")]
    Fragment,
    /// A port other than 443.
    #[error("the service listens on port 443 only")]
    Port,
    /// A percent sign in the host.
    #[error("the host is percent-encoded")]
    EncodedHost,
    /// An IP address.
    #[error("the host is an IP address, and certificates and tokens go by name")]
    IpAddress,
    /// An internationalized host name.
    #[error("the host is an internationalized name, which may only look like the right one")]
    Idn,
    /// Not a host name.
    #[error("the host is not a well-formed name")]
    Host,
    /// A dot at the end of the host.
    #[error("there is a dot at the end of the host")]
    TrailingDot,
    /// `.` or `..` in the path, plain or encoded.
    #[error("there is a `.` or `..` in the path")]
    DotSegment,
    /// An encoded slash, backslash or control character in the path.
    #[error("the path hides a slash, a backslash or a control character behind a percent sign")]
    EncodedPath,
    /// A URL parser would read it differently.
    #[error("a URL parser reads it differently from what it looks like")]
    Ambiguous,
    /// `localhost`.
    #[error("a local address takes no Microsoft token")]
    LocalAddress,
    /// The host is none that is known.
    #[error("the host is none of Microsoft's that are known here, so no token may go there")]
    UnknownHost,
    /// More or fewer labels than the service's hosts have.
    #[error("the host has more labels than hosts of this service have")]
    Labels,
    /// The service's domain without a resource in front.
    #[error("the name of the resource is missing in front of the host")]
    ResourceMissing,
    /// A host of another cloud than the one configured.
    #[error("the host belongs to {0}: read it with `Endpoint::parse_in` and that cloud")]
    OtherCloud(KnownCloud),
    /// The cloud is none whose hosts are known.
    #[error("no hosts are known for a custom cloud")]
    CustomCloud,
    /// A host that documentation misspells.
    #[error("this spelling of the host stands in some documentation and does not exist")]
    MisspeltHost,
    /// A project on a host that has no projects.
    #[error("projects live on `<resource>.services.ai.azure.com`")]
    ProjectHost,
    /// `/api/projects` without a name.
    #[error("the name of the project is missing")]
    ProjectMissing,
    /// A resource, project, agent or deployment name with characters no such name has.
    #[error("a name in the path has characters that no such name has")]
    Name,
    /// A query parameter other than the known ones.
    #[error("only `api-version` belongs in the query")]
    Query,
    /// An `api-version` that is none, or given twice.
    #[error("the api-version is not well-formed or given twice")]
    ApiVersion,
    /// A page of a portal.
    #[error("this is a page of a portal: copy the endpoint that the overview page shows")]
    Portal,
    /// A page for a browser: consent or sign-in.
    #[error("this is a page for the browser of a user and not an endpoint")]
    BrowserPage,
    /// A sign-in host of Entra ID.
    #[error("this is where tokens come from and not where they go")]
    Authority,
    /// A regional host, which takes keys only.
    #[error(
        "regional hosts take keys only: give the resource a custom subdomain and use `https://<resource>.cognitiveservices.azure.com`"
    )]
    KeyOnlyRegion,
    /// A gateway, whose audience is its policy's.
    #[error("this is a gateway: its audience is whatever its policy checks, ask who runs it")]
    Gateway,
    /// A site with an app registration of its own.
    #[error(
        "this is an app of somebody's: the audience is the App ID URI or client id of its registration (`api://<client id>`)"
    )]
    CustomApi,
    /// The channel endpoint of a bot, which takes a Bot Service token.
    #[error("this is for the Bot Service, whose tokens are for the bot's own application id")]
    BotChannel,
    /// A form that current SDKs no longer take.
    #[error(
        "this is an endpoint of the retired hub projects: copy the project endpoint from the Foundry portal"
    )]
    Retired,
    /// Understood, but nobody documents its audience.
    #[error("nobody documents which audience this host takes: use its key")]
    AudienceUnknown,
}

impl EndpointRefusal {
    /// The stable code, for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Blanks => "blanks",
            Self::Quotes => "quotes",
            Self::Placeholder => "placeholder",
            Self::Character => "character",
            Self::NonAscii => "non_ascii",
            Self::Assignment => "assignment",
            Self::ConnectionString => "connection_string",
            Self::ResourceId => "resource_id",
            Self::SchemeMissing => "scheme_missing",
            Self::PlainHttp => "plain_http",
            Self::Scheme => "scheme",
            Self::WebSocket => "web_socket",
            Self::UserInfo => "user_info",
            Self::Fragment => "fragment",
            Self::Port => "port",
            Self::EncodedHost => "encoded_host",
            Self::IpAddress => "ip_address",
            Self::Idn => "idn",
            Self::Host => "host",
            Self::TrailingDot => "trailing_dot",
            Self::DotSegment => "dot_segment",
            Self::EncodedPath => "encoded_path",
            Self::Ambiguous => "ambiguous",
            Self::LocalAddress => "local_address",
            Self::UnknownHost => "unknown_host",
            Self::Labels => "labels",
            Self::ResourceMissing => "resource_missing",
            Self::OtherCloud(_) => "other_cloud",
            Self::CustomCloud => "custom_cloud",
            Self::MisspeltHost => "misspelt_host",
            Self::ProjectHost => "project_host",
            Self::ProjectMissing => "project_missing",
            Self::Name => "name",
            Self::Query => "query",
            Self::ApiVersion => "api_version",
            Self::Portal => "portal",
            Self::BrowserPage => "browser_page",
            Self::Authority => "authority",
            Self::KeyOnlyRegion => "key_only_region",
            Self::Gateway => "gateway",
            Self::CustomApi => "custom_api",
            Self::BotChannel => "bot_channel",
            Self::Retired => "retired",
            Self::AudienceUnknown => "audience_unknown",
        }
    }
}

/// A text that is no endpoint a token may be sent to: why, and the corrected text where
/// the intention is clear.
///
/// It never repeats the text itself: a pasted URL may hold a key or a password.
///
/// ```
/// use foundry_scopes::{Endpoint, EndpointRefusal};
///
/// let error = Endpoint::parse("http://contoso.openai.azure.com").unwrap_err();
/// assert_eq!(error.refusal(), EndpointRefusal::PlainHttp);
/// assert_eq!(error.suggestion(), Some("https://contoso.openai.azure.com"));
///
/// let error = Endpoint::parse("https://contoso.openai.azure.com.evil.example").unwrap_err();
/// assert_eq!((error.code(), error.suggestion()), ("unknown_host", None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    refusal: EndpointRefusal,
    suggestion: Option<Box<str>>,
}

impl EndpointError {
    pub(super) fn new(refusal: EndpointRefusal, suggestion: Option<String>) -> Self {
        Self {
            refusal,
            suggestion: suggestion.map(Into::into),
        }
    }

    /// Why it was refused.
    #[must_use]
    pub fn refusal(&self) -> EndpointRefusal {
        self.refusal
    }

    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.refusal.code()
    }

    /// The text that was probably meant. It parses; whether it is right is for the person
    /// to say who wrote it.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an endpoint to send a token to: {}", self.refusal)?;
        match &self.suggestion {
            Some(text) => write!(f, "; perhaps `{text}` is meant"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for EndpointError {}
