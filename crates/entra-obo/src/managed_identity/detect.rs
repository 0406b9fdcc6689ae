//! Managed identity source from environment variables, in the order of Microsoft's libraries.

use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};

use super::arc;
use super::source::{IMDS, Source};
use crate::error::ExchangeError;
use crate::secret::Secret;

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// An endpoint on the machine.
    Endpoint(Source),
    /// A token file of Kubernetes, to be traded as this client.
    Workload {
        authority: TenantAuthority,
        client: ClientId,
        file: String,
    },
}

/// 1. `AZURE_FEDERATED_TOKEN_FILE` with `AZURE_CLIENT_ID` and `AZURE_TENANT_ID`: workload
///    identity.
/// 2. `IDENTITY_ENDPOINT` with `IDENTITY_HEADER`: App Service, Functions, Container Apps.
/// 3. `IDENTITY_ENDPOINT` with `IMDS_ENDPOINT`, or the agent's program: Azure Arc.
/// 4. The metadata service, at `AZURE_POD_IDENTITY_AUTHORITY_HOST` if that is set.
///
/// What is set and not supported is refused by name: the metadata service would answer with
/// another identity.
pub(super) fn detect(
    variable: impl Fn(&str) -> Option<String>,
    cloud: &Cloud,
    agent: bool,
) -> Result<Found, ExchangeError> {
    let refuse = |reason| Err(ExchangeError::configuration(reason));
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    if let Some(file) = variable("AZURE_FEDERATED_TOKEN_FILE") {
        let client = variable("AZURE_CLIENT_ID").and_then(|id| ClientId::parse(&id).ok());
        let tenant = variable("AZURE_TENANT_ID").and_then(|id| TenantId::parse(&id).ok());
        let (Some(client), Some(tenant)) = (client, tenant) else {
            return refuse(
                "AZURE_FEDERATED_TOKEN_FILE is set; AZURE_CLIENT_ID and AZURE_TENANT_ID must \
                 be GUIDs beside it",
            );
        };
        let authority = TenantAuthority::new(cloud.clone(), tenant);
        return Ok(Found::Workload {
            authority,
            client,
            file,
        });
    }
    match (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER")) {
        (Some(_), Some(_)) if variable("IDENTITY_SERVER_THUMBPRINT").is_some() => {
            return refuse("Service Fabric's identity endpoint is not supported");
        }
        (Some(endpoint), Some(header)) => {
            return Ok(Found::Endpoint(Source::AppService {
                endpoint,
                header: Secret::new(header),
            }));
        }
        (Some(endpoint), None) if variable("IMDS_ENDPOINT").is_some() => {
            return Ok(Found::Endpoint(at_arc(endpoint)?));
        }
        (Some(_), None) => {
            return refuse(
                "IDENTITY_ENDPOINT is set without IDENTITY_HEADER (App Service) and without \
                 IMDS_ENDPOINT (Azure Arc)",
            );
        }
        _ => {}
    }
    if variable("MSI_ENDPOINT").is_some() {
        return refuse(
            "MSI_ENDPOINT is set without IDENTITY_ENDPOINT: the retired form of App Service, \
             Azure Machine Learning or Cloud Shell, which are not supported",
        );
    }
    let base = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    if base.is_none() && agent {
        return Ok(Found::Endpoint(at_arc(arc::ENDPOINT.to_owned())?));
    }
    let base = base.map_or_else(
        || IMDS.to_owned(),
        |base| base.trim_end_matches('/').to_owned(),
    );
    Ok(Found::Endpoint(Source::Imds { base }))
}

/// The agent of Azure Arc at an endpoint of this machine.
pub(super) fn at_arc(endpoint: String) -> Result<Source, ExchangeError> {
    if !arc::is_local(&endpoint) {
        let reason = "the endpoint of Azure Arc must be plain http on a loopback address";
        return Err(ExchangeError::configuration(reason));
    }
    match arc::key_directory() {
        Some(keys) => Ok(Source::Arc { endpoint, keys }),
        None => Err(ExchangeError::configuration(
            "the agent of Azure Arc runs on Linux and Windows alone",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

    fn with(variables: &[(&str, &str)]) -> Result<Found, ExchangeError> {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        detect(find, &Cloud::public(), false)
    }

    #[test]
    fn the_first_that_is_complete_wins() {
        let app = [
            ("IDENTITY_ENDPOINT", "http://localhost:1/t"),
            ("IDENTITY_HEADER", "h"),
        ];
        let workload = [
            ("AZURE_FEDERATED_TOKEN_FILE", "/f"),
            ("AZURE_CLIENT_ID", GUID),
            ("AZURE_TENANT_ID", GUID),
        ];
        assert!(matches!(with(&[]), Ok(Found::Endpoint(Source::Imds { base })) if base == IMDS));
        assert!(matches!(
            with(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://localhost:9/")]),
            Ok(Found::Endpoint(Source::Imds { base })) if base == "http://localhost:9"
        ));
        assert!(matches!(
            with(&app),
            Ok(Found::Endpoint(Source::AppService { endpoint, .. })) if endpoint == "http://localhost:1/t"
        ));
        let both: Vec<_> = app.iter().chain(&workload).copied().collect();
        assert!(matches!(with(&both), Ok(Found::Workload { file, .. }) if file == "/f"));
        // An id alone says nothing about a token file.
        assert!(matches!(
            with(&[("AZURE_CLIENT_ID", GUID)]),
            Ok(Found::Endpoint(Source::Imds { .. }))
        ));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn azure_arc_is_its_variables_or_its_agent() {
        let endpoint = "http://localhost:40342/metadata/identity/oauth2/token";
        let variables = [
            ("IDENTITY_ENDPOINT", endpoint),
            ("IMDS_ENDPOINT", "http://localhost:40342"),
        ];
        assert!(matches!(
            with(&variables),
            Ok(Found::Endpoint(Source::Arc { endpoint: e, keys }))
                if e == endpoint && keys == std::path::Path::new("/var/opt/azcmagent/tokens")
        ));
        let found = detect(|_| None, &Cloud::public(), true);
        assert!(matches!(found, Ok(Found::Endpoint(Source::Arc { .. }))));
        // What the environment says comes first.
        let pod = |name: &str| {
            (name == "AZURE_POD_IDENTITY_AUTHORITY_HOST").then(|| "http://localhost:9".to_owned())
        };
        let found = detect(pod, &Cloud::public(), true);
        assert!(matches!(found, Ok(Found::Endpoint(Source::Imds { .. }))));
    }

    #[test]
    fn what_is_half_set_or_not_supported_is_refused_by_name() {
        for (variables, named) in [
            (
                &[("AZURE_FEDERATED_TOKEN_FILE", "/f")][..],
                "AZURE_CLIENT_ID",
            ),
            (&[("IDENTITY_ENDPOINT", "e")], "Arc"),
            (
                &[
                    ("IDENTITY_ENDPOINT", "http://10.0.0.1/t"),
                    ("IMDS_ENDPOINT", "http://10.0.0.1"),
                ],
                "loopback",
            ),
            (&[("MSI_ENDPOINT", "e")], "MSI_ENDPOINT"),
            (
                &[
                    ("IDENTITY_ENDPOINT", "e"),
                    ("IDENTITY_HEADER", "h"),
                    ("IDENTITY_SERVER_THUMBPRINT", "t"),
                ],
                "Service Fabric",
            ),
        ] {
            let error = with(variables).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
