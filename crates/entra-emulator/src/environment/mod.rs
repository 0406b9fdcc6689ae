//! What points each family of client libraries at an emulator.

mod format;

use std::fmt;

pub use format::EnvironmentFormat;

use crate::directory::App;
use crate::state::Shared;

/// A family of client libraries, as far as it is pointed at an authority in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SdkFamily {
    /// Python `msal`.
    MsalPython,
    /// Python `azure-identity`.
    AzureIdentityPython,
    /// `@azure/msal-node`.
    MsalNode,
    /// `@azure/identity`.
    AzureIdentityNode,
    /// MSAL.NET.
    MsalDotnet,
    /// .NET `Azure.Identity`.
    AzureIdentityDotnet,
    /// ASP.NET Core with `JwtBearer`, `OpenIdConnect` or `Microsoft.Identity.Web`.
    AspNetCore,
    /// Rust `azure_identity`.
    AzureIdentityRust,
    /// The crates of this crate's own workspace: `entra-claims`, `entra-obo`, `mcp-auth`, which
    /// read the variables themselves.
    EntraRs,
    /// A program with a managed identity, in any language. Its variables are never told beside
    /// a credential: platforms set either.
    ManagedIdentity,
    /// Validators in Python: PyJWT, `fastmcp`, `fastapi-azure-auth`.
    ValidatorPython,
    /// Validators in Node: `jose`, `express-oauth2-jwt-bearer`, `passport-azure-ad`.
    ValidatorNode,
}

impl SdkFamily {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::MsalPython,
        Self::AzureIdentityPython,
        Self::MsalNode,
        Self::AzureIdentityNode,
        Self::MsalDotnet,
        Self::AzureIdentityDotnet,
        Self::AspNetCore,
        Self::AzureIdentityRust,
        Self::EntraRs,
        Self::ManagedIdentity,
        Self::ValidatorPython,
        Self::ValidatorNode,
    ];

    /// The name on the command line and over HTTP.
    ///
    /// ```
    /// use entra_emulator::SdkFamily;
    ///
    /// assert_eq!(SdkFamily::MsalPython.name(), "msal-python");
    /// for family in SdkFamily::ALL {
    ///     assert_eq!(SdkFamily::named(family.name()), Some(family));
    /// }
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MsalPython => "msal-python",
            Self::AzureIdentityPython => "azure-identity-python",
            Self::MsalNode => "msal-node",
            Self::AzureIdentityNode => "azure-identity-node",
            Self::AzureIdentityRust => "azure-identity-rust",
            Self::MsalDotnet => "msal-dotnet",
            Self::AzureIdentityDotnet => "azure-identity-dotnet",
            Self::AspNetCore => "aspnetcore",
            Self::EntraRs => "entra-rs",
            Self::ManagedIdentity => "managed-identity",
            Self::ValidatorPython => "validator-python",
            Self::ValidatorNode => "validator-node",
        }
    }

    /// The family of a [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    fn trust(self) -> &'static [&'static str] {
        match self {
            // `requests` lets the variable win over what the program says.
            Self::MsalPython | Self::AzureIdentityPython => {
                &["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"]
            }
            Self::ValidatorPython
            | Self::AzureIdentityRust
            | Self::EntraRs
            | Self::MsalDotnet
            | Self::AzureIdentityDotnet
            | Self::AspNetCore => &["SSL_CERT_FILE"],
            // Its endpoints are plain http.
            Self::ManagedIdentity => &[],
            Self::MsalNode | Self::AzureIdentityNode | Self::ValidatorNode => {
                &["NODE_EXTRA_CA_CERTS"]
            }
        }
    }

    fn demands_https(self) -> bool {
        !matches!(
            self,
            Self::EntraRs | Self::ValidatorPython | Self::ValidatorNode | Self::ManagedIdentity
        )
    }

    /// What no variable can say.
    fn notes(self, place: &Place<'_>) -> Vec<String> {
        let Place {
            base,
            host,
            authority,
        } = place;
        let discovery = format!("{authority}/v2.0/.well-known/openid-configuration");
        match self {
            Self::MsalPython => vec![
                format!("authority=\"{authority}\", instance_discovery=False"),
                "REQUESTS_CA_BUNDLE wins over verify=".to_owned(),
            ],
            Self::AzureIdentityPython => vec![format!(
                "authority=\"{base}\", disable_instance_discovery=True"
            )],
            Self::MsalNode => vec![format!(
                "auth: {{ authority: \"{authority}\", knownAuthorities: [\"{host}\"] }}"
            )],
            Self::AzureIdentityNode => vec![format!(
                "authorityHost: \"{base}\", disableInstanceDiscovery: true"
            )],
            Self::MsalDotnet => vec![format!(
                ".WithAuthority(\"{authority}\").WithInstanceDiscovery(false)"
            )],
            Self::AzureIdentityDotnet => vec![
                "options.DisableInstanceDiscovery = true".to_owned(),
                "Key Vault: SecretClientOptions { DisableChallengeResourceVerification = true }"
                    .to_owned(),
            ],
            Self::AspNetCore => vec![
                format!("JwtBearer, OpenIdConnect: Authority = \"{authority}/v2.0\""),
                format!("Microsoft.Identity.Web: \"Instance\": \"{base}/\""),
                "MapInboundClaims = false".to_owned(),
            ],
            Self::AzureIdentityRust => vec![
                "managed identities: the metadata service's address is fixed in the library, so \
                 take the IDENTITY_ variables of --for managed-identity"
                    .to_owned(),
            ],
            Self::EntraRs => vec![
                "from_env() reads these variables".to_owned(),
                format!("Cloud::loopback(\"{base}\")"),
            ],
            Self::ManagedIdentity => vec![
                "without the IDENTITY_ variables it is a virtual machine, with them an App Service"
                    .to_owned(),
            ],
            Self::ValidatorPython => vec![
                format!("discovery: {discovery}"),
                format!("fastmcp: base_authority=\"{host}\""),
            ],
            Self::ValidatorNode => vec![
                format!("discovery: {discovery}"),
                format!("keys: {authority}/discovery/v2.0/keys"),
            ],
        }
    }
}

/// Where the emulator is.
struct Place<'a> {
    base: &'a str,
    host: &'a str,
    authority: &'a str,
}

/// The library, tenant and app of an [`SdkEnvironment`].
///
/// ```
/// use entra_emulator::{EnvironmentFor, SdkFamily, demo};
///
/// let wanted = EnvironmentFor::new(SdkFamily::MsalNode)
///     .tenant(demo::TENANT)
///     .client(demo::DAEMON)
///     .ca_file("/tmp/ca.pem");
/// assert!(format!("{wanted:?}").contains("MsalNode"));
/// ```
#[derive(Clone, Debug)]
pub struct EnvironmentFor {
    family: SdkFamily,
    tenant: Option<String>,
    client: Option<String>,
    ca_file: Option<String>,
}

impl EnvironmentFor {
    /// The directory's first tenant. No app, but for [`SdkFamily::EntraRs`] the first that is
    /// an API with a secret.
    #[must_use]
    pub fn new(family: SdkFamily) -> Self {
        Self {
            family,
            tenant: None,
            client: None,
            ca_file: None,
        }
    }

    /// Sets the tenant, by id or domain.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Sets the app of the program, by client id; its secret is told too.
    #[must_use]
    pub fn client(mut self, client_id: impl Into<String>) -> Self {
        self.client = Some(client_id.into());
        self
    }

    /// Sets where [`Emulator::ca_certificate_pem`](crate::Emulator::ca_certificate_pem) was written to.
    #[must_use]
    pub fn ca_file(mut self, file: impl Into<String>) -> Self {
        self.ca_file = Some(file.into());
        self
    }
}

/// Why there is no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The directory has no such tenant.
    #[error("there is no tenant `{0}`")]
    UnknownTenant(String),
    /// The directory has no tenant at all.
    #[error("the directory has no tenant")]
    NoTenant,
    /// The tenant has no such app.
    #[error("the tenant has no app `{0}`")]
    UnknownApp(String),
}

/// Environment variables that point a client library at an emulator, and what its program
/// has to say besides. It prints as an environment file, which shells read too.
#[derive(Clone, PartialEq, Eq)]
pub struct SdkEnvironment {
    family: SdkFamily,
    variables: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

impl fmt::Debug for SdkEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdkEnvironment")
            .field("family", &self.family)
            .finish_non_exhaustive()
    }
}

impl SdkEnvironment {
    /// Names and values.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.variables.iter().map(|(n, v)| (*n, v.as_str()))
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// What no variable can say: arguments of the library.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }
}

impl fmt::Display for SdkEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(EnvironmentFormat::Dotenv))
    }
}

impl SdkEnvironment {
    /// The environment for a shell or a program that reads files; notes are comments in all of
    /// them.
    #[must_use]
    pub fn text(&self, format: EnvironmentFormat) -> String {
        let notes = [self.family.name()].into_iter().chain(self.notes());
        let notes = notes.map(|note| format!("# {note}\n"));
        let lines = self
            .variables()
            .map(|(name, value)| format.line(name, value));
        notes.chain(lines).collect()
    }
}

impl Shared {
    pub(crate) fn environment(
        &self,
        wanted: &EnvironmentFor,
    ) -> Result<SdkEnvironment, EnvironmentError> {
        let directory = self.directory();
        let tenant = match &wanted.tenant {
            Some(name) => directory
                .find(name)
                .ok_or_else(|| EnvironmentError::UnknownTenant(name.clone()))?,
            None => directory
                .tenants()
                .next()
                .ok_or(EnvironmentError::NoTenant)?,
        };
        let (base, family) = (self.base_url.as_str(), wanted.family);
        let app = match &wanted.client {
            Some(id) => Some(
                tenant
                    .find_app(id)
                    .ok_or_else(|| EnvironmentError::UnknownApp(id.clone()))?,
            ),
            None if family == SdkFamily::EntraRs => tenant
                .apps()
                .find(|a| !a.scopes().is_empty() && self.live_secret(a).is_some()),
            None => None,
        };
        let authority = format!("{base}/{}", tenant.id());
        let mut notes = family.notes(&Place {
            base,
            host: self.authority(),
            authority: &authority,
        });
        // A proxy that is set for the internet would be asked for loopback too.
        let mut variables = vec![("NO_PROXY", "localhost,127.0.0.1,::1".to_owned())];
        if family == SdkFamily::ManagedIdentity {
            let metadata = self.metadata_base();
            variables.extend([
                ("IDENTITY_ENDPOINT", format!("{metadata}/msi/token")),
                ("IDENTITY_HEADER", self.identity.header.clone()),
                ("AZURE_POD_IDENTITY_AUTHORITY_HOST", metadata),
            ]);
            return Ok(SdkEnvironment {
                family,
                variables,
                notes,
            });
        }
        variables.splice(
            0..0,
            [
                ("AZURE_AUTHORITY_HOST", base.to_owned()),
                ("AZURE_TENANT_ID", tenant.id().to_owned()),
            ],
        );
        match (&wanted.ca_file, self.is_https()) {
            (Some(file), true) => {
                let trust = family.trust().iter();
                variables.extend(trust.map(|name| (*name, file.clone())));
            }
            (None, true) => notes.push(format!(
                "the CA file is not known: set {} to it",
                family.trust().join(" and ")
            )),
            (_, false) if family.demands_https() => {
                notes.push("this library refuses plain http: start with --tls".to_owned());
            }
            (_, false) => {}
        }
        variables.extend(app.into_iter().flat_map(|a| self.client_variables(a)));
        Ok(SdkEnvironment {
            family,
            variables,
            notes,
        })
    }

    /// Client id, identifier URI where it is not the usual one, and one credential.
    fn client_variables(&self, app: &App) -> Vec<(&'static str, String)> {
        let id = ("AZURE_CLIENT_ID", app.client_id().to_owned());
        let usual = format!("api://{}", app.client_id());
        let uri = app.identifier_uris().first().filter(|uri| **uri != usual);
        let uri = uri.map(|uri| ("ENTRA_IDENTIFIER_URI", uri.clone()));
        let secret = self
            .live_secret(app)
            .map(|s| ("AZURE_CLIENT_SECRET", s.to_owned()));
        [id].into_iter().chain(uri).chain(secret).collect()
    }

    fn live_secret<'a>(&self, app: &'a App) -> Option<&'a str> {
        let now = self.clock.now();
        let mut live = app.secrets().iter();
        let live = live.find(|s| s.expires_at.is_none_or(|at| at > now));
        live.map(|s| s.value.as_str())
    }
}
