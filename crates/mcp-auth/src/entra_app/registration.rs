//! The app registration that settings name: authority, client id, identifier URI, with what is wrong in them.

use foundry_scopes::{AppIdUri, ClientId, Cloud, KnownCloud, TenantAuthority, TenantId};
use url::Url;

use super::error::{EntraAppError, SettingMistake};
use super::settings::{EntraSettings, Variables, variable};

/// Who the app is at Entra ID.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    pub(super) authority: TenantAuthority,
    pub(super) client: ClientId,
    pub(super) identifier_uri: AppIdUri,
    pub(super) proxy: Option<String>,
}

/// A value with the setting that it comes from.
struct Given {
    setting: &'static str,
    value: Option<String>,
    /// For the error about an absent value.
    hint: Option<String>,
}

/// The settings before anything is looked at.
pub(super) struct Unread {
    tenant: Given,
    client: Given,
    cloud: Given,
    identifier_uri: Given,
    proxy: Given,
}

impl Unread {
    pub(super) fn from_variables(variables: &Variables<'_>) -> Self {
        let given = |setting| {
            let value = variables.get(setting);
            let hint = match value {
                Some(_) => None,
                None => variables.hint(setting),
            };
            Given {
                setting,
                value,
                hint,
            }
        };
        // The platform owns AZURE_CLIENT_ID on AKS and Container Apps, where it names an identity.
        let own = given(variable::OWN_CLIENT);
        Self {
            tenant: given(variable::TENANT),
            client: match own.value {
                Some(_) => own,
                None => given(variable::CLIENT),
            },
            cloud: given(variable::AUTHORITY),
            identifier_uri: given(variable::IDENTIFIER_URI),
            proxy: given(variable::PROXY),
        }
    }

    pub(super) fn from_settings(settings: &EntraSettings) -> Self {
        let given = |setting, value: &Option<String>| Given {
            setting,
            value: value.clone(),
            hint: None,
        };
        Self {
            tenant: given("entra.tenant", &settings.tenant),
            client: given("entra.client_id", &settings.client_id),
            cloud: given("entra.cloud", &settings.cloud),
            identifier_uri: given("entra.identifier_uri", &settings.identifier_uri),
            proxy: given("entra.https_proxy", &settings.https_proxy),
        }
    }

    /// The registration, or everything that is wrong.
    pub(super) fn read(self) -> Result<Registration, EntraAppError> {
        let mut mistakes = Vec::new();
        let mut collect = |given: &Given, problem: String| {
            let problem = match &given.hint {
                Some(hint) => format!("{problem}; {hint}"),
                None => problem,
            };
            mistakes.push(SettingMistake::new(given.setting, problem));
        };
        let tenant = tenant(self.tenant.value.as_deref())
            .map_err(|problem| collect(&self.tenant, problem))
            .ok();
        let client = client(&self.client)
            .map_err(|problem| collect(&self.client, problem))
            .ok();
        let cloud = self
            .cloud
            .value
            .as_deref()
            .map_or(Ok(Cloud::public()), cloud);
        let cloud = cloud.map_err(|problem| collect(&self.cloud, problem)).ok();
        let uri = self.identifier_uri.value.as_deref().map(identifier_uri);
        let uri = uri.transpose();
        let uri = uri.map_err(|problem| collect(&self.identifier_uri, problem));
        let proxy = self.proxy.value.as_deref().map(proxy).transpose();
        let proxy = proxy.map_err(|problem| collect(&self.proxy, problem));
        EntraAppError::unless_empty(mistakes)?;
        match (tenant, client, cloud, uri, proxy) {
            (Some(tenant), Some(client), Some(cloud), Ok(uri), Ok(proxy)) => Ok(Registration {
                authority: TenantAuthority::new(cloud, tenant),
                client,
                identifier_uri: uri.unwrap_or_else(|| AppIdUri::api(client)),
                proxy,
            }),
            // Each of them left a mistake behind.
            _ => Err(EntraAppError::one("settings", "unreadable")),
        }
    }
}

fn tenant(value: Option<&str>) -> Result<TenantId, String> {
    const WHERE: &str = "use the tenant's id, a GUID (Entra admin center, Overview)";
    let Some(value) = value else {
        return Err("missing; the tenant's id, a GUID (Entra admin center, Overview)".to_owned());
    };
    if let Ok(id) = TenantId::parse(value) {
        return Ok(id);
    }
    Err(match value.to_ascii_lowercase().as_str() {
        "common" | "organizations" | "consumers" => {
            format!("`{value}` names no single tenant; {WHERE}")
        }
        name if name.contains('.') && !name.contains('/') => {
            format!("`{value}` is a domain, which can move to another tenant; {WHERE}")
        }
        _ => format!("{} is no tenant id; {WHERE}", quoted(value)),
    })
}

fn client(given: &Given) -> Result<ClientId, String> {
    let Some(value) = &given.value else {
        return Err(
            "missing; the application (client) id of the API's app registration, a GUID".to_owned(),
        );
    };
    ClientId::parse(value).map_err(|_| {
        let hint = match value.strip_prefix("api://") {
            Some(id) if ClientId::parse(id).is_ok() => format!("write `{id}`, without `api://`"),
            _ => "use the application (client) id of the API's app registration, a GUID".to_owned(),
        };
        format!("{} is no client id; {hint}", quoted(value))
    })
}

fn identifier_uri(value: &str) -> Result<AppIdUri, String> {
    AppIdUri::parse(value).map_err(|error| {
        format!("{error}; use the Application ID URI of the registration (Expose an API), without a scope")
    })
}

fn proxy(value: &str) -> Result<String, String> {
    match Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Ok(value.to_owned())
        }
        // It may hold a password: not repeated.
        _ => Err("no address of a proxy; write it as http://proxy.contoso.example:8080".to_owned()),
    }
}

/// A cloud by name, or by the address of its authority.
fn cloud(value: &str) -> Result<Cloud, String> {
    let named = KnownCloud::from_name(value).and_then(Cloud::from_known);
    if let Some(cloud) = named.filter(|_| !value.is_empty()) {
        return Ok(cloud);
    }
    // azure-identity takes the host with and without the scheme.
    let text = match value.contains("://") {
        true => value.to_owned(),
        false => format!("https://{value}"),
    };
    let refuse = |why: &str| {
        format!(
            "{} {why}; use https://login.microsoftonline.com, https://login.microsoftonline.us, \
             https://login.partner.microsoftonline.cn, https://<name>.ciamlogin.com, or a local Entra ID on loopback",
            quoted(value)
        )
    };
    let url = Url::parse(&text).map_err(|_| refuse("is no address of an authority"))?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a path: the tenant is a setting of its own"));
    }
    let Some(host) = url.host_str() else {
        return Err(refuse("has no host"));
    };
    if let Some(known) = KnownCloud::from_host(host).and_then(Cloud::from_known) {
        return match url.scheme() {
            "https" => Ok(known),
            _ => Err(refuse("is not https")),
        };
    }
    let origin = text.trim_end_matches('/');
    if let Ok(local) = Cloud::loopback(origin) {
        return Ok(local);
    }
    if host.ends_with(".ciamlogin.com") {
        return Cloud::external_id(origin, []).map_err(|error| error.to_string());
    }
    Err(refuse(match url.scheme() {
        "http" => "is plain http, which is for loopback only",
        _ => "is no authority of Entra ID",
    }))
}

/// The value for an error text, at most the length of a GUID with braces and some.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!(
            "`{}...`",
            value.get(..end).unwrap_or_default().escape_debug()
        ),
        None => format!("`{}`", value.escape_debug()),
    }
}
