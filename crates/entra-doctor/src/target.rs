//! Classification of an address, one for `endpoint`, `scope` and `explain`: endpoint, catalogue host, own API or refused.

use foundry_scopes::catalogue::Resource;
use foundry_scopes::{Cloud, Endpoint, EndpointError, EndpointReason as Reason, KnownCloud, Scope};

use crate::hosts::serving;
use crate::mended;
use crate::reading::address::host_of;

/// An address that was read, in the cloud that it belongs to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) place: Place,
    pub(crate) cloud: Cloud,
    /// What was read instead of the text as given, and why.
    pub(crate) corrected: Option<(String, String)>,
}

#[derive(Debug)]
pub(crate) enum Place {
    /// One of the kinds of endpoints that foundry-scopes reads.
    Endpoint(Box<Endpoint>),
    /// A host of the catalogue, whose paths are not known.
    Catalogued(Catalogued),
    /// An API of one's own, with the refusal of a Microsoft endpoint.
    Own(OwnKind, EndpointError),
    Refused(EndpointError),
}

/// A host of the catalogue.
#[derive(Debug)]
pub(crate) struct Catalogued {
    pub(crate) host: String,
    pub(crate) known: KnownCloud,
    /// Several resources can be served at one host.
    pub(crate) resources: Vec<&'static Resource>,
}

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnKind {
    /// App Service, Functions, Container Apps, Static Web Apps, a virtual machine.
    Site,
    /// API Management, Front Door, Traffic Manager.
    Gateway,
    /// `localhost` or an address of a private network.
    Local,
    /// A domain that is none of Microsoft's.
    Domain,
}

impl Catalogued {
    /// The scope to request, where it is one and the same for all who are served here.
    pub(crate) fn scope(&self) -> Option<Scope> {
        let resource = self.resources.first()?;
        // The address of the customer's own organization is the resource.
        if matches!(resource.code(), "dataverse" | "sharepoint" | "health_fhir") {
            return Scope::parse(&format!("https://{}/.default", self.host)).ok();
        }
        if let Some(scope) = named_scope(resource, self.known) {
            return Some(scope);
        }
        // Some resources have a name for each of their hosts.
        let named = resource
            .scopes(self.known)
            .iter()
            .find(|scope| scope.contains(&self.host));
        named
            .and_then(|scope| Scope::parse(scope).ok())
            .or_else(|| resource.scope_in(self.known))
    }

    /// Whether each host of the resource has a name of its own, and this one is known.
    pub(crate) fn is_named(&self) -> bool {
        self.resources.first().is_some_and(|resource| {
            resource
                .scopes(self.known)
                .iter()
                .any(|scope| scope.contains(&self.host))
        })
    }

    /// How access is given where Azure roles do not do it.
    pub(crate) fn access(&self) -> Option<&'static str> {
        self.resources.iter().find_map(|resource| resource.access())
    }

    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self
            .resources
            .iter()
            .map(|resource| resource.name())
            .collect();
        names.join(" or ")
    }
}

/// The scope of a resource that wants to be asked for by name, since clients' registrations
/// list nothing of it.
pub(crate) fn named_scope(resource: &Resource, known: KnownCloud) -> Option<Scope> {
    let named = resource
        .quirks()
        .iter()
        .any(|quirk| quirk.starts_with("Ask for named scopes"));
    let (id, name) = (
        resource.application(known)?,
        resource.permissions().first()?,
    );
    named
        .then(|| Scope::parse(&format!("{id}/{name}")).ok())
        .flatten()
}

impl Target {
    /// Reads an address. Without a cloud it is read in the cloud that it belongs to.
    pub(crate) fn of(text: &str, cloud: Option<&Cloud>) -> Self {
        let asked = cloud.cloned().unwrap_or_else(Cloud::public);
        match Endpoint::parse_in(text, &asked) {
            Ok(endpoint) => Self::endpoint(endpoint, asked, None),
            Err(error) => Self::corrected(text, error, cloud, asked),
        }
    }

    fn endpoint(endpoint: Endpoint, cloud: Cloud, corrected: Option<(String, String)>) -> Self {
        Self {
            place: Place::Endpoint(Box::new(endpoint)),
            cloud,
            corrected,
        }
    }

    fn corrected(text: &str, error: EndpointError, cloud: Option<&Cloud>, asked: Cloud) -> Self {
        if let Reason::OtherCloud(other) = error.reason()
            && cloud.is_none()
            && let Some(other) = Cloud::from_known(other)
        {
            return Self::of(text, Some(&other));
        }
        // Voice Live is a WebSocket and nothing else.
        if error.reason() == Reason::WebSocket
            && text.contains("/voice-live/")
            && let Some(https) = error.suggestion()
            && let Ok(endpoint) = Endpoint::parse_in(https, &asked)
        {
            return Self::endpoint(endpoint, asked, None);
        }
        if let Some(suggestion) = error.suggestion()
            && !matches!(
                error.reason(),
                Reason::MisspeltHost | Reason::ProjectHost | Reason::Portal
            )
        {
            let why = error.reason().to_string();
            if let Ok(endpoint) = Endpoint::parse_in(suggestion, &asked) {
                let corrected = (suggestion.to_owned(), why);
                return Self::endpoint(endpoint, asked, Some(corrected));
            }
        }
        let mended = mended::address(text);
        if mended != text {
            let why = error.reason().to_string();
            let inner = Self::of(&mended, cloud);
            if !matches!(inner.place, Place::Refused(_)) {
                let corrected = inner.corrected.or(Some((mended, why)));
                return Self { corrected, ..inner };
            }
        }
        Self::elsewhere(text, error, asked, None)
    }

    fn elsewhere(
        text: &str,
        error: EndpointError,
        cloud: Cloud,
        corrected: Option<(String, String)>,
    ) -> Self {
        let host = host_of(text);
        let by_name = matches!(
            error.reason(),
            Reason::UnknownHost
                | Reason::NamespaceAudience
                | Reason::WebSocket
                | Reason::Labels
                | Reason::Query
                | Reason::AtSign
                | Reason::Port
        );
        if by_name && let Some((known, resources)) = serving(&host, cloud.known()) {
            let cloud = Cloud::from_known(known).unwrap_or(cloud);
            let place = Place::Catalogued(Catalogued {
                host,
                known,
                resources,
            });
            return Self {
                place,
                cloud,
                corrected,
            };
        }
        let place = match own(&host, error.reason()) {
            Some(kind) => Place::Own(kind, error),
            None => Place::Refused(error),
        };
        Self {
            place,
            cloud,
            corrected,
        }
    }
}

/// Domains of Microsoft's, below which nobody has an address of their own.
const MICROSOFT: [&str; 36] = [
    "microsoft.com",
    "azure.com",
    "azure.net",
    "azure.us",
    "azure.cn",
    "windows.net",
    "microsoftonline.com",
    "office.com",
    "office365.com",
    "sharepoint.com",
    "dynamics.com",
    "visualstudio.com",
    "botframework.com",
    "cloud.microsoft",
    "azureml.ms",
    "usgovcloudapi.net",
    "chinacloudapi.cn",
    "powerbi.com",
    "powerplatform.com",
    "powerapps.com",
    "fabric.microsoft.com",
    "windowsazure.com",
    "ciamlogin.com",
    "b2clogin.com",
    "live.com",
    "azuredatabricks.net",
    "azuresynapse.net",
    "azurecr.io",
    "azmk8s.io",
    "azure-devices.net",
    "loganalytics.io",
    "applicationinsights.io",
    "trafficmanager.net",
    "azurefd.net",
    "azure-api.net",
    "microsoft.us",
];

fn below(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

fn own(host: &str, reason: Reason) -> Option<OwnKind> {
    match reason {
        Reason::CustomApi => Some(OwnKind::Site),
        Reason::Gateway => Some(OwnKind::Gateway),
        Reason::LocalAddress => Some(OwnKind::Local),
        Reason::IpAddress => Some(OwnKind::Local),
        Reason::UnknownHost
        | Reason::Port
        | Reason::PlainHttp
        | Reason::Query
        | Reason::CustomCloud
        | Reason::EncodedPath
        | Reason::AtSign => {
            if matches!(host, "localhost" | "host.docker.internal")
                || host.ends_with(".local")
                || host.ends_with(".internal")
            {
                return Some(OwnKind::Local);
            }
            let named = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
            // A name that only looks like one of Microsoft's is nobody's own.
            let lookalike = MICROSOFT.iter().any(|domain| host.contains(domain));
            (named && !lookalike).then_some(OwnKind::Domain)
        }
        _ => None,
    }
}

/// A path of Foundry that differs from a known one by a segment: what was found, and the
/// address that was probably meant.
pub(crate) fn near_miss(host: &str, path: &str) -> Option<(String, String)> {
    if !host.contains(".services.ai.azure.") {
        return None;
    }
    let bare = path.split('?').next().unwrap_or(path);
    let mut corrected = bare.to_owned();
    let mut seen = Vec::new();
    if bare.starts_with("/projects/") {
        corrected = format!("/api{corrected}");
        seen.push(
            "`/projects/...` stands without `/api` in front: projects are below `/api/projects/`"
                .to_owned(),
        );
    } else if bare.starts_with("/toolbox/") || bare.starts_with("/toolboxes/") {
        let rest = bare.splitn(3, '/').nth(2).unwrap_or_default();
        corrected = format!("/api/projects/<project>/toolboxes/{rest}");
        seen.push("`/toolbox/...` stands without its project: toolboxes are below `/api/projects/<project>/toolboxes/`".to_owned());
    } else if bare.starts_with("/agents/") || bare.starts_with("/assistants") {
        corrected = format!("/api/projects/<project>{bare}");
        seen.push(
            "agents stand without their project: they are below `/api/projects/<project>/`"
                .to_owned(),
        );
    } else if bare.starts_with("/api/project/") {
        corrected = corrected.replacen("/api/project/", "/api/projects/", 1);
        seen.push("`/api/project/` is `/api/projects/`".to_owned());
    }
    for (wrong, right) in [
        ("/toolbox/", "/toolboxes/"),
        ("/agent/", "/agents/"),
        ("/application/", "/applications/"),
    ] {
        if corrected.contains("/api/projects/") && corrected.contains(wrong) {
            corrected = corrected.replacen(wrong, right, 1);
            seen.push(format!("`{wrong}` is `{right}`"));
        }
    }
    (!seen.is_empty()).then(|| (seen.join("; "), format!("https://{host}{corrected}")))
}

/// Whether the host is one of Microsoft's, known or not.
pub(crate) fn is_microsofts(host: &str) -> bool {
    MICROSOFT.iter().any(|domain| below(host, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> String {
        match Target::of(text, None).place {
            Place::Endpoint(endpoint) => endpoint.kind().to_string(),
            Place::Catalogued(found) => found.resources[0].code().to_owned(),
            Place::Own(kind, _) => format!("{kind:?}").to_lowercase(),
            Place::Refused(error) => format!("refused {}", error.code()),
        }
    }

    #[test]
    fn every_address_has_one_answer() {
        for (text, expected) in [
            ("https://contoso.openai.azure.com", "azure_openai"),
            ("http://contoso.openai.azure.com", "azure_openai"),
            ("https://contoso.openai.azure.us/", "azure_openai"),
            ("\"https://contoso.openai.azure.us/\"", "azure_openai"),
            (
                "https://contoso.weu.grafana.azure.com/api/azure-mcp",
                "grafana",
            ),
            ("https://contoso.westeurope.kusto.windows.net", "kusto"),
            (
                "https://api.fabric.microsoft.com/v1/mcp/powerbi",
                "power_bi",
            ),
            (
                "https://contoso.crm4.dynamics.com/api/data/v9.2",
                "dataverse",
            ),
            ("https://mcp.acme.com/mcp", "domain"),
            ("http://mcp.acme.com/mcp", "domain"),
            ("https://api.acme.com:8443/v1?x=1", "domain"),
            ("http://localhost:3001/mcp", "local"),
            ("http://10.0.0.4:8080/mcp", "local"),
            ("https://orders.azurewebsites.net/api", "site"),
            ("https://contoso.azure-api.net/x", "gateway"),
            (
                "https://contoso.openai.azure.com.evil.example",
                "refused unknown_host",
            ),
            (
                "https://login.microsoftonline.com/common",
                "refused authority",
            ),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }

    #[test]
    fn every_host_of_the_catalogue_is_known() {
        let mut count = 0;
        for resource in foundry_scopes::catalogue::all() {
            for known in resource.clouds() {
                for pattern in resource.hosts(known) {
                    let host = pattern.replace("*", "contoso").replace("<n>", "4");
                    let target = Target::of(&format!("https://{host}/"), None);
                    let unknown = matches!(&target.place, Place::Refused(error) if error.reason() == Reason::UnknownHost);
                    assert!(!unknown, "{host}");
                    count += 1;
                }
            }
        }
        assert!(count > 90);
    }
}
