//! Credential of an app registration: certificate, federated token, managed identity or secret, or the reason why it is missing.

use std::sync::Arc;

use async_trait::async_trait;
use entra_obo::credential::{
    AssertionRequest, ClientCertificate, CredentialError, FederatedAssertion, TokenFile,
};
use entra_obo::managed_identity::{IdentitySelector, ManagedIdentity};
use entra_obo::{ClientCredential, ClientSecret};
use foundry_scopes::{ClientId, Cloud, Scope};

use super::error::EntraAppError;
use super::settings::{CredentialSettings, Variables, variable};

/// What Entra ID expects in the assertion of a federated credential (Entra doc "Workload identity federation").
const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The kinds, as `ENTRA_CREDENTIAL` spells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Certificate,
    Federated,
    ManagedIdentity,
    Secret,
}

/// What is set of a kind.
#[derive(Clone)]
enum Choice {
    Certificate(String),
    Federated(String),
    ManagedIdentity(Option<String>),
    Secret(ClientSecret),
    SecretFile(String),
}

/// A credential that is set, and by which setting.
struct Candidate {
    setting: &'static str,
    choice: Choice,
}

/// The credential of the environment. Its mistakes count only where a credential is needed.
pub(super) fn from_variables(
    variables: &Variables<'_>,
    cloud: &Cloud,
) -> Result<ClientCredential, EntraAppError> {
    let mut candidates = Vec::new();
    let mut add = |setting, choice: &dyn Fn(String) -> Choice| {
        if let Some(value) = variables.get(setting) {
            candidates.push(Candidate {
                setting,
                choice: choice(value),
            });
        }
    };
    add(variable::CERTIFICATE, &Choice::Certificate);
    add(variable::FEDERATED, &Choice::Federated);
    add(variable::MANAGED_IDENTITY, &|id| {
        Choice::ManagedIdentity(Some(id))
    });
    add(variable::SECRET, &|secret| {
        Choice::Secret(ClientSecret::new(secret))
    });
    add(variable::SECRET_FILE, &Choice::SecretFile);

    if let Some(wanted) = variables.get(variable::CREDENTIAL) {
        let Some(kind) = Kind::named(wanted.trim()) else {
            return Err(EntraAppError::one(
                variable::CREDENTIAL,
                "unknown kind; use certificate, federated, managed-identity or secret",
            ));
        };
        candidates.retain(|candidate| candidate.choice.kind() == kind);
        if candidates.is_empty() && kind == Kind::ManagedIdentity {
            candidates.push(Candidate {
                setting: variable::CREDENTIAL,
                choice: Choice::ManagedIdentity(None),
            });
        }
        if candidates.is_empty() {
            let needed = kind.settings();
            return Err(EntraAppError::one(
                needed,
                format!(
                    "missing, and {}={} asks for it",
                    variable::CREDENTIAL,
                    kind.name()
                ),
            ));
        }
    }
    let candidate = only_one(candidates, |kinds| {
        let choices: Vec<_> = kinds
            .iter()
            .map(|kind| format!("{}={kind}", variable::CREDENTIAL))
            .collect();
        let choice = match choices.len() {
            1 => String::new(),
            _ => format!(", or choose with {}", choices.join(" or ")),
        };
        format!("only one may be set; remove the others{choice}")
    })?;
    let Some(candidate) = candidate else {
        let each = [
            variable::SECRET,
            variable::CERTIFICATE,
            variable::FEDERATED,
            variable::SECRET_FILE,
        ];
        let hint = each.iter().find_map(|setting| variables.hint(setting));
        return Err(EntraAppError::one(
            "credential",
            format!(
                "missing, and calling on needs one: {}, or {}=managed-identity{}",
                each.join(", "),
                variable::CREDENTIAL,
                hint.map(|hint| format!("; {hint}")).unwrap_or_default()
            ),
        ));
    };
    if candidate.setting == variable::CERTIFICATE
        && variables.get(variable::CERTIFICATE_PASSWORD).is_some()
    {
        return Err(EntraAppError::one(
            variable::CERTIFICATE_PASSWORD,
            "is not read: use a PEM file whose private key is not encrypted, readable by this process only",
        ));
    }
    candidate.into_credential(cloud)
}

/// The credential of a file.
pub(super) fn from_settings(
    settings: Option<&CredentialSettings>,
    variables: &Variables<'_>,
    cloud: &Cloud,
) -> Result<ClientCredential, EntraAppError> {
    const SECTION: &str = "entra.credential";
    let none = || {
        EntraAppError::one(
            SECTION,
            "missing; calling on needs one of certificate, federated_token_file, managed_identity, secret_file, secret_variable",
        )
    };
    let settings = settings.ok_or_else(none)?;
    let mut candidates = Vec::new();
    let mut add = |setting, value: &Option<String>, choice: &dyn Fn(String) -> Choice| {
        if let Some(value) = value {
            candidates.push(Candidate {
                setting,
                choice: choice(value.clone()),
            });
        }
    };
    add(
        "entra.credential.certificate",
        &settings.certificate,
        &Choice::Certificate,
    );
    add(
        "entra.credential.federated_token_file",
        &settings.federated_token_file,
        &Choice::Federated,
    );
    add(
        "entra.credential.managed_identity",
        &settings.managed_identity,
        &|id| Choice::ManagedIdentity(Some(id).filter(|id| id != "system")),
    );
    add(
        "entra.credential.secret_file",
        &settings.secret_file,
        &Choice::SecretFile,
    );
    if let Some(name) = &settings.secret_variable {
        const SETTING: &str = "entra.credential.secret_variable";
        let secret = variables.get(name).ok_or_else(|| {
            EntraAppError::one(
                SETTING,
                format!("the variable `{}` is not set", name.escape_debug()),
            )
        })?;
        candidates.push(Candidate {
            setting: SETTING,
            choice: Choice::Secret(ClientSecret::new(secret)),
        });
    }
    only_one(candidates, |_| {
        "only one may be set; remove the others".to_owned()
    })?
    .ok_or_else(none)?
    .into_credential(cloud)
}

/// The only candidate, if there are not two.
fn only_one(
    candidates: Vec<Candidate>,
    problem: impl Fn(&[&str]) -> String,
) -> Result<Option<Candidate>, EntraAppError> {
    if candidates.len() > 1 {
        let settings: Vec<_> = candidates.iter().map(|one| one.setting).collect();
        let mut kinds: Vec<_> = candidates
            .iter()
            .map(|one| one.choice.kind().name())
            .collect();
        kinds.dedup();
        return Err(EntraAppError::one(settings.join(", "), problem(&kinds)));
    }
    Ok(candidates.into_iter().next())
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Certificate,
        Self::Federated,
        Self::ManagedIdentity,
        Self::Secret,
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Federated => "federated",
            Self::ManagedIdentity => "managed-identity",
            Self::Secret => "secret",
        }
    }

    fn settings(self) -> &'static str {
        match self {
            Self::Certificate => variable::CERTIFICATE,
            Self::Federated => variable::FEDERATED,
            Self::ManagedIdentity => variable::MANAGED_IDENTITY,
            Self::Secret => variable::SECRET,
        }
    }
}

impl Choice {
    fn kind(&self) -> Kind {
        match self {
            Self::Certificate(_) => Kind::Certificate,
            Self::Federated(_) => Kind::Federated,
            Self::ManagedIdentity(_) => Kind::ManagedIdentity,
            Self::Secret(_) | Self::SecretFile(_) => Kind::Secret,
        }
    }
}

impl Candidate {
    fn into_credential(self, cloud: &Cloud) -> Result<ClientCredential, EntraAppError> {
        let setting = self.setting;
        let refuse = |error: &dyn std::fmt::Display| EntraAppError::one(setting, error.to_string());
        match self.choice {
            Choice::Certificate(path) => ClientCertificate::from_pem_file(path)
                .map(ClientCredential::certificate)
                .map_err(|error| refuse(&error)),
            Choice::Federated(path) => {
                Ok(ClientCredential::federated(Arc::new(TokenFile::new(path))))
            }
            Choice::Secret(secret) => Ok(ClientCredential::secret(secret)),
            Choice::SecretFile(path) => {
                ClientCredential::secret_file(path).map_err(|error| refuse(&error))
            }
            Choice::ManagedIdentity(id) => {
                let selector = match id {
                    None => IdentitySelector::Only,
                    Some(id) => IdentitySelector::Client(ClientId::parse(&id).map_err(|_| {
                        EntraAppError::one(
                            setting,
                            "no client id of a managed identity; a GUID is needed",
                        )
                    })?),
                };
                let identity = ManagedIdentity::from_environment()
                    .identity(selector)
                    .cloud(cloud.clone())
                    .build()
                    .map_err(|error| refuse(&error))?;
                let scope = Scope::parse(&format!("{EXCHANGE}/.default"))
                    .map_err(|error| refuse(&error))?;
                Ok(ClientCredential::federated(Arc::new(IdentityAssertion {
                    identity,
                    scope,
                })))
            }
        }
    }
}

/// A managed identity's token as the assertion of the registration that trusts it (Entra doc "Configure an
/// application to trust a managed identity").
#[derive(Debug)]
struct IdentityAssertion {
    identity: ManagedIdentity,
    scope: Scope,
}

#[async_trait]
impl FederatedAssertion for IdentityAssertion {
    async fn assertion(&self, _: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        let token = self.identity.token(&self.scope).await;
        token
            .map(|token| token.expose().to_owned())
            .map_err(|error| CredentialError::other(error.to_string()))
    }
}
