//! The policy as it stands in a file.

use std::time::Duration;

use foundry_scopes::{Audience, ClientId, TenantId};
use serde::Deserialize;

use super::Policy;
use super::cloud::CloudField;
use crate::key::Algorithm;
use crate::require::Requirement;
use crate::validate::{AcceptedAudiences, TenantPolicy, TokenVersion, Validator};

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a policy, which is a table of its members"
)]
pub(super) struct PolicyFile {
    cloud: CloudField,
    tenants: Tenants,
    audiences: Vec<Audience>,
    token_kinds: Vec<TokenKind>,
    #[serde(default)]
    versions: Option<Vec<Version>>,
    #[serde(default)]
    algorithms: Option<Vec<Alg>>,
    #[serde(default)]
    clock_skew_s: Option<u64>,
    #[serde(default)]
    max_token_bytes: Option<usize>,
    #[serde(default)]
    required_scopes_any: Vec<String>,
    #[serde(default)]
    required_roles_any: Vec<String>,
    #[serde(default)]
    allowed_clients: Option<Vec<ClientId>>,
}

/// Empty struct variants and no unit ones: serde lets those swallow other fields, and then
/// `{"mode":"organizations","tenants":[...]}` would be anyone where a list was meant.
#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
enum Tenants {
    Single { tenant: TenantId },
    Allow { tenants: Vec<TenantId> },
    Organizations {},
    Common {},
    Registry {},
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TokenKind {
    Delegated,
    App,
}

#[derive(Clone, Copy, Deserialize)]
enum Version {
    #[serde(rename = "1.0")]
    V1,
    #[serde(rename = "2.0")]
    V2,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Alg {
    Rs256,
    Ps256,
}

impl TryFrom<PolicyFile> for Policy {
    /// In words: serde takes nothing else.
    type Error = String;

    fn try_from(file: PolicyFile) -> Result<Self, String> {
        let requirement = file.requirement()?;
        let validator = file.validator().map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            requirement,
        })
    }
}

impl PolicyFile {
    fn validator(self) -> Result<Validator, crate::validate::ConfigError> {
        let tenants = match self.tenants {
            Tenants::Single { tenant } => TenantPolicy::single(tenant),
            Tenants::Allow { tenants } => TenantPolicy::allow_list(tenants)?,
            Tenants::Organizations {} => TenantPolicy::any_work_or_school_tenant(),
            Tenants::Common {} => TenantPolicy::any_tenant_including_personal_accounts(),
            Tenants::Registry {} => TenantPolicy::registered(),
        };
        let audiences = AcceptedAudiences::listed(self.audiences)?;
        let mut validator = Validator::new(self.cloud.0, tenants, audiences);
        if let Some(versions) = self.versions {
            validator =
                validator.with_versions(versions.into_iter().map(|version| match version {
                    Version::V1 => TokenVersion::V1,
                    Version::V2 => TokenVersion::V2,
                }))?;
        }
        if let Some(algorithms) = self.algorithms {
            validator = validator.with_algorithms(algorithms.into_iter().map(|alg| match alg {
                Alg::Rs256 => Algorithm::Rs256,
                Alg::Ps256 => Algorithm::Ps256,
            }))?;
        }
        if let Some(seconds) = self.clock_skew_s {
            validator = validator.with_leeway(Duration::from_secs(seconds))?;
        }
        if let Some(bytes) = self.max_token_bytes {
            validator = validator.with_max_token_size(bytes)?;
        }
        Ok(validator)
    }

    /// One alternative per kind of token.
    fn requirement(&self) -> Result<Requirement, String> {
        let mut alternatives = Vec::new();
        if self.token_kinds.contains(&TokenKind::Delegated) {
            let mut rules = vec![Requirement::delegated()];
            if !self.required_scopes_any.is_empty() {
                let scopes = self.required_scopes_any.iter();
                let scopes = scopes.map(|text| Requirement::parse_scope(text));
                let scopes: Result<Vec<_>, _> = scopes.collect();
                rules.push(Requirement::any_of(
                    scopes.map_err(|error| error.to_string())?,
                ));
            }
            rules.extend(self.clients());
            alternatives.push(Requirement::all_of(rules));
        }
        if self.token_kinds.contains(&TokenKind::App) {
            let mut rules = vec![Requirement::app_only()];
            rules.extend(self.clients());
            if !self.required_roles_any.is_empty() {
                let roles = self.required_roles_any.iter().map(Requirement::role);
                rules.push(Requirement::any_of(roles));
            } else if self.allowed_clients.is_none() {
                rules.push(Requirement::any_role());
            }
            alternatives.push(Requirement::all_of(rules));
        }
        if alternatives.is_empty() {
            return Err("`token_kinds` is empty".to_owned());
        }
        Ok(Requirement::any_of(alternatives))
    }

    fn clients(&self) -> Option<Requirement> {
        let clients = self.allowed_clients.as_ref()?;
        Some(Requirement::clients(clients.iter().copied()))
    }
}
