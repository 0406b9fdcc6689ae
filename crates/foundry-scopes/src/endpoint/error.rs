//! Reasons for refusing an endpoint, and the suggested correction.

use std::fmt;

use crate::cloud::KnownCloud;

/// Why a text was refused as an endpoint, and the corrected address where the intention is
/// clear.
///
/// It never repeats the text itself: a pasted URL may hold a key or a password.
///
/// ```
/// use foundry_scopes::{Endpoint, EndpointReason};
///
/// let error = Endpoint::parse("http://contoso.openai.azure.com").unwrap_err();
/// assert_eq!(error.reason(), EndpointReason::PlainHttp);
/// assert_eq!(error.suggestion(), Some("https://contoso.openai.azure.com"));
///
/// let error = Endpoint::parse("https://contoso.openai.azure.com.evil.example").unwrap_err();
/// assert_eq!((error.code(), error.suggestion()), ("unknown_host", None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    reason: EndpointReason,
    suggestion: Option<Box<str>>,
}

impl EndpointError {
    pub(super) fn new(reason: EndpointReason, suggestion: Option<String>) -> Self {
        Self {
            reason,
            suggestion: suggestion.map(Into::into),
        }
    }

    /// Why it was refused.
    #[must_use]
    pub fn reason(&self) -> EndpointReason {
        self.reason
    }

    /// The stable code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// The address that was probably meant. It parses; a person must confirm that it is right.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no token may be sent to this address: {}", self.reason)?;
        match &self.suggestion {
            Some(text) => write!(f, "; did you mean `{text}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for EndpointError {}

/// Mistakes whose correction is clear. Reading goes on with what was corrected; the first
/// mistake is the reason for the refusal, and what was read becomes the suggestion.
#[derive(Default)]
pub(super) struct Corrections {
    first: Option<EndpointReason>,
    suggestion: Option<String>,
}

impl Corrections {
    pub(super) fn record(&mut self, reason: EndpointReason) {
        self.first.get_or_insert(reason);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Whether there are mistakes, and no suggestion yet.
    pub(super) fn lacks_suggestion(&self) -> bool {
        self.first.is_some() && self.suggestion.is_none()
    }

    pub(super) fn suggest(&mut self, text: String) {
        self.suggestion = Some(text);
    }

    pub(super) fn into_error(self) -> Option<EndpointError> {
        let reason = self.first?;
        Some(EndpointError::new(reason, self.suggestion))
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident $(($cloud:ident))? = $code:literal: $message:literal,)*) => {
        /// The reason for refusing a text as an endpoint.
        ///
        /// [The crate's page](crate) lists all codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[non_exhaustive]
        pub enum EndpointReason {
            $($(#[$doc])* #[error($message)] $variant $(($cloud))?,)*
        }

        impl EndpointReason {
            /// All codes, in the order of the checks.
            pub const CODES: &'static [&'static str] = &[$($code,)*];

            /// The stable code, for machines.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                }
            }
        }
    };
}

refusals! {
    /// Nothing but blanks.
    Empty = "empty":
        "the text is empty",
    /// More than 2048 bytes.
    TooLong = "too_long":
        "it is longer than 2048 bytes",
    /// Blanks around the text.
    Blanks = "blanks":
        "there are blanks around it",
    /// Quotes or a comma around the text.
    Quotes = "quotes":
        "there are quotes or a comma around it",
    /// Markdown, angle brackets or JSON around the URL.
    Markup = "markup":
        "there is markup around it",
    /// `<resource>`, `{resource}` or `your-resource` was left in it.
    Placeholder = "placeholder":
        "a placeholder was left in it: put in the name of your resource",
    /// A control character, a blank, a backslash or another one that no URL has.
    Character = "character":
        "it contains a character that no URL has",
    /// A letter outside ASCII, which may only look like the right one.
    NonAscii = "non_ascii":
        "it contains a character outside ASCII, which may only look like the right one",
    /// `NAME=https://...` with a name that no known SDK reads.
    Assignment = "assignment":
        "no known SDK reads the variable of this settings line: give the address alone",
    /// The name of a variable, without its value.
    VariableName = "variable_name":
        "it is the name of a variable: give its value",
    /// A key instead of an address.
    Secret = "secret":
        "this is a key or a secret, not an address: do not paste it here",
    /// A token instead of an address.
    Token = "token":
        "this is a token, not an address: do not paste it here",
    /// A connection string without an address, or with parts that contradict each other.
    ConnectionString = "connection_string":
        "no address could be read from this connection string: copy the endpoint from the portal instead",
    /// An Azure resource id from which no host can be derived.
    ResourceId = "resource_id":
        "no host can be derived from this Azure resource id",
    /// No `https://`.
    SchemeMissing = "scheme_missing":
        "`https://` is missing",
    /// Plain `http` or `ws`: the token would travel in the clear.
    PlainHttp = "plain_http":
        "plain http would send the token in the clear",
    /// Another scheme, or a wrong number of slashes after it.
    Scheme = "scheme":
        "it does not start with `https://` and a host",
    /// `wss` where the service has no WebSocket.
    WebSocket = "web_socket":
        "this endpoint has no WebSocket: use https",
    /// `user@` in front of the host.
    UserInfo = "user_info":
        "there is a user name in front of the host, which hides the real host",
    /// `@` in the path, as after a user name.
    AtSign = "at_sign":
        "there is an `@` in the path, which no address of this service has",
    /// A fragment.
    Fragment = "fragment":
        "there is a `#` in it, and nothing after that reaches the server",
    /// A port other than 443.
    Port = "port":
        "the service listens on port 443 only",
    /// A percent sign in the host.
    EncodedHost = "encoded_host":
        "the host is percent-encoded",
    /// An IP address.
    IpAddress = "ip_address":
        "the host is an IP address, and certificates and tokens go by name",
    /// An internationalized host name.
    Idn = "idn":
        "the host is an internationalized name, which may only look like the right one",
    /// Not a host name.
    Host = "host":
        "the host is not a well-formed name",
    /// A dot at the end of the host.
    TrailingDot = "trailing_dot":
        "there is a dot at the end of the host",
    /// `.` or `..` in the path, plain or encoded.
    DotSegment = "dot_segment":
        "there is a `.` or `..` in the path",
    /// An encoded slash, backslash or control character in the path.
    EncodedPath = "encoded_path":
        "the path hides a slash, a backslash or a control character behind a percent sign",
    /// A URL parser would read it differently.
    Ambiguous = "ambiguous":
        "a URL parser reads it differently from what it looks like",
    /// `localhost`.
    LocalAddress = "local_address":
        "this is a local address, which takes no token for a Microsoft service",
    /// The host is not a known one.
    UnknownHost = "unknown_host":
        "it is not a known Microsoft host",
    /// More or fewer labels than the service's hosts have.
    Labels = "labels":
        "the host has more labels than hosts of this service have",
    /// The service's domain without a resource in front.
    ResourceMissing = "resource_missing":
        "the name of the resource is missing in front of the host",
    /// A host of another cloud than the one configured.
    OtherCloud(KnownCloud) = "other_cloud":
        "the host belongs to {0}: read it with `Endpoint::parse_in` and that cloud",
    /// The hosts of a custom cloud are not known.
    CustomCloud = "custom_cloud":
        "the hosts of a custom cloud are not known: name them with `EndpointReader::allow_custom_host`",
    /// A host of Microsoft's with an audience of its own, named as a custom host.
    KnownHost = "known_host":
        "this Microsoft host has an audience of its own and cannot be a custom host",
    /// A host that documentation misspells.
    MisspeltHost = "misspelt_host":
        "this host does not exist, though some documentation spells it so",
    /// A project on a host that has no projects.
    ProjectHost = "project_host":
        "projects live on `<resource>.services.ai.azure.com`",
    /// `/api/projects` without a name.
    ProjectMissing = "project_missing":
        "the name of the project is missing",
    /// A resource, project, agent or deployment name with characters no such name has.
    Name = "name":
        "a name in the path has characters that no such name has",
    /// A query parameter other than the known ones.
    Query = "query":
        "only `api-version` belongs in the query",
    /// A malformed or repeated `api-version`.
    ApiVersion = "api_version":
        "the api-version is malformed or repeated",
    /// A page of a portal.
    Portal = "portal":
        "this is a page of a portal: copy the endpoint that the overview page shows",
    /// A page for a browser: consent or sign-in.
    BrowserPage = "browser_page":
        "this is a page for the user's browser, not an endpoint",
    /// A sign-in host of Entra ID.
    Authority = "authority":
        "this is a sign-in host, which issues tokens and takes none",
    /// A sign-in host of Entra External ID.
    ExternalId = "external_id":
        "this is a sign-in host of Entra External ID, which issues tokens and takes none",
    /// A sign-in host of Azure AD B2C.
    B2c = "b2c":
        "this is a sign-in host of Azure AD B2C, which issues tokens and takes none",
    /// A regional host, which takes keys only.
    KeyOnlyRegion = "key_only_region":
        "regional hosts take keys only: give the resource a custom subdomain and use `https://<resource>.cognitiveservices.azure.com`",
    /// A regional speech host, which takes no plain bearer token.
    SpeechRegion = "speech_region":
        "regional speech hosts take a key, or `aad#<resource id>#<token>` and no plain bearer token: use the resource's custom subdomain",
    /// A gateway, whose audience is its policy's.
    Gateway = "gateway":
        "this is a gateway, whose policy decides the audience: ask its operator",
    /// A site with an app registration of its own.
    CustomApi = "custom_api":
        "this is a custom app: its audience is the App ID URI or client id of its registration (`api://<client id>`)",
    /// The channel endpoint of a bot, which takes a Bot Service token.
    BotChannel = "bot_channel":
        "this endpoint takes tokens of the Bot Service, whose audience is the bot's own application id",
    /// A host of a cloud or service that was closed.
    Retired = "retired":
        "this host belongs to a cloud that was closed",
    /// A known service whose audience is not documented.
    AudienceUnknown = "audience_unknown":
        "the audience of this host is not documented: use its key",
    /// A messaging namespace, whose host Service Bus and Event Hubs share.
    NamespaceAudience = "namespace_audience":
        "Service Bus (`https://servicebus.azure.net`) and Event Hubs (`https://eventhubs.azure.net`) share this host: request the scope of the one you use",
    /// A public service that takes no token.
    Anonymous = "anonymous":
        "this is public and takes no token",
}
