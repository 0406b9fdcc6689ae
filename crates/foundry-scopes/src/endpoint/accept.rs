//! Audiences that an endpoint accepts, with the confidence of each.

use super::Endpoint;
use super::kind::EndpointKind as Kind;
use super::kind::named;
use crate::catalogue::{self, ARM, AZURE_AI, AZURE_ML, COGNITIVE_SERVICES, Resource};
use crate::cloud::KnownCloud;

named! {
    /// How sure it is that an endpoint accepts an audience.
    Acceptance {
        /// Documented by Microsoft, or what its own SDK for this endpoint requests.
        Documented => "documented",
        /// Seen to work: shipped clients or error texts say so, documentation does not.
        Observed => "observed",
        /// Sources contradict each other.
        Disputed => "disputed",
        /// Known to be refused.
        Refused => "refused",
        /// What the caller said of a host of its own.
        Configured => "configured",
    }
}

/// One audience and whether an endpoint accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedAudience {
    audience: Box<str>,
    acceptance: Acceptance,
    resource: Option<&'static Resource>,
}

impl AcceptedAudience {
    /// The audience as it is requested; a token may also carry another spelling of the
    /// same resource, or its application id.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// How sure it is.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        self.acceptance
    }

    /// The resource of the catalogue that it names.
    #[must_use]
    pub fn resource(&self) -> Option<&'static Resource> {
        self.resource
    }
}

impl Endpoint {
    /// The audiences that are known of this endpoint, the one to request first, those that
    /// it refuses last. What is not listed is not known.
    ///
    /// Sources: the Foundry doc "Authentication and authorization", the defaults of the
    /// SDKs, and the texts of the services' own 401 answers.
    ///
    /// ```
    /// use foundry_scopes::{Acceptance, Endpoint};
    ///
    /// let endpoint = Endpoint::parse("https://contoso.openai.azure.com/openai/v1/")?;
    /// let known: Vec<_> = endpoint.accepted().iter().map(|a| (a.audience().to_owned(), a.acceptance())).collect();
    /// assert_eq!(known[0], ("https://ai.azure.com".to_owned(), Acceptance::Documented));
    /// assert_eq!(known[1], ("https://cognitiveservices.azure.com".to_owned(), Acceptance::Observed));
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    #[must_use]
    pub fn accepted(&self) -> Vec<AcceptedAudience> {
        let requested = AcceptedAudience {
            audience: self.scope.resource().into(),
            acceptance: match self.kind {
                Kind::Custom => Acceptance::Configured,
                _ => Acceptance::Documented,
            },
            resource: self.catalogued,
        };
        let mut known = vec![requested];
        // A v2 token for a blueprint carries its client id.
        known.extend(self.blueprint.map(|id| AcceptedAudience {
            audience: id.to_string().into(),
            acceptance: Acceptance::Documented,
            resource: None,
        }));
        let rules = rules(self);
        for (resource, acceptance) in rules {
            if self.catalogued == Some(*resource) {
                continue;
            }
            if let Some(scope) = resource.default_scope(&self.cloud) {
                known.push(AcceptedAudience {
                    audience: scope.resource().into(),
                    acceptance: *acceptance,
                    resource: Some(resource),
                });
            }
        }
        known.extend(self.of_the_public_cloud(rules));
        // Stable: the requested one stays in front of its equals.
        known.sort_by_key(AcceptedAudience::acceptance);
        known
    }

    /// How sure it is that a token with this `aud` is accepted; `None` where nothing is
    /// known. Every spelling and the application id of a resource count; an id that two
    /// resources share counts as the better of them.
    ///
    /// ```
    /// use foundry_scopes::{Acceptance, Endpoint};
    ///
    /// let project = Endpoint::parse("https://contoso.services.ai.azure.com/api/projects/p1")?;
    /// assert_eq!(project.acceptance_of("https://ai.azure.com/"), Some(Acceptance::Documented));
    /// assert_eq!(project.acceptance_of("https://cognitiveservices.azure.com"), Some(Acceptance::Refused));
    /// assert_eq!(project.acceptance_of("api://contoso"), None);
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    #[must_use]
    pub fn acceptance_of(&self, aud: &str) -> Option<Acceptance> {
        let known = self.accepted();
        if let Some(found) = known.iter().find(|known| known.audience() == aud) {
            return Some(found.acceptance);
        }
        let slashless = aud.strip_suffix('/').unwrap_or(aud);
        let public_only = |resource: &Resource| {
            let home = self.cloud.known();
            home.is_some_and(|cloud| {
                cloud != KnownCloud::Public && !spelled_in(resource, cloud, aud)
            })
        };
        let meant: Vec<_> = catalogue::by_audience(aud).collect();
        let of_resource = known
            .iter()
            .filter(|known| {
                known
                    .resource
                    .is_some_and(|r| meant.contains(&r) && !public_only(r))
            })
            .map(AcceptedAudience::acceptance)
            .min();
        of_resource.or_else(|| {
            let found = known.iter().find(|known| {
                known
                    .audience()
                    .strip_suffix('/')
                    .unwrap_or(known.audience())
                    == slashless
            });
            found.map(AcceptedAudience::acceptance)
        })
    }

    /// In a national cloud the public spelling of the same resource is refused.
    fn of_the_public_cloud(
        &self,
        rules: &[(&'static Resource, Acceptance)],
    ) -> Vec<AcceptedAudience> {
        if matches!(self.cloud.known(), None | Some(KnownCloud::Public)) {
            return Vec::new();
        }
        let public = crate::cloud::Cloud::public();
        let rows = self
            .catalogued
            .into_iter()
            .chain(rules.iter().map(|(resource, _)| *resource));
        let mut refused: Vec<AcceptedAudience> = Vec::new();
        for resource in rows {
            let (Some(there), here) = (
                resource.default_scope(&public),
                resource.default_scope(&self.cloud),
            ) else {
                continue;
            };
            let audience = there.resource();
            let same = here.is_some_and(|here| here.resource() == audience);
            if !same && refused.iter().all(|known| known.audience() != audience) {
                refused.push(AcceptedAudience {
                    audience: audience.into(),
                    acceptance: Acceptance::Refused,
                    resource: Some(resource),
                });
            }
        }
        refused
    }
}

/// Whether `aud` is a spelling of `resource` in `cloud`, or its application id there.
fn spelled_in(resource: &Resource, cloud: KnownCloud, aud: &str) -> bool {
    let spelled = resource
        .identifiers(cloud)
        .iter()
        .chain(resource.other_spellings(cloud))
        .any(|uri| *uri == aud);
    spelled
        || resource
            .application(cloud)
            .is_some_and(|id| id.to_string().eq_ignore_ascii_case(aud))
}

type Rule = (&'static Resource, Acceptance);

/// Beyond the audience to request.
fn rules(endpoint: &Endpoint) -> &'static [Rule] {
    use Acceptance::{Disputed, Documented, Observed, Refused};
    match endpoint.kind {
        // Documents use both; reviewers claim that Foundry's is refused.
        Kind::AzureOpenAi | Kind::CognitiveServices => {
            const { &[(&AZURE_AI, Disputed), (&AZURE_ML, Refused), (&ARM, Refused)] }
        }
        Kind::LanguageMcp => const { &[(&AZURE_ML, Refused), (&ARM, Refused)] },
        // On the Foundry host one report contradicts the clients that use the classic one.
        Kind::OpenAiV1 if endpoint.is_on_foundry_host() => {
            const {
                &[
                    (&COGNITIVE_SERVICES, Disputed),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        Kind::OpenAiV1 => {
            const {
                &[
                    (&COGNITIVE_SERVICES, Observed),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        // Each is documented for some of the paths below the account.
        Kind::FoundryResource => {
            const {
                &[
                    (&AZURE_AI, Documented),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        // The service's own 401 names both.
        Kind::ModelInference => {
            const { &[(&AZURE_AI, Observed), (&AZURE_ML, Refused), (&ARM, Refused)] }
        }
        Kind::ModelProvider => const { &[] },
        // A fine-tuning script of Microsoft's sends the classic one here.
        Kind::ProjectOpenAi => {
            const {
                &[
                    (&COGNITIVE_SERVICES, Disputed),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        // With a blueprint: an agent may be authorized in both ways.
        Kind::FoundryAgent => {
            const {
                &[
                    (&AZURE_AI, Observed),
                    (&COGNITIVE_SERVICES, Refused),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        Kind::Anthropic
        | Kind::FoundryProject
        | Kind::FoundryApplication
        | Kind::FoundryToolbox => {
            const {
                &[
                    (&COGNITIVE_SERVICES, Refused),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        Kind::FoundryMcp | Kind::Search => {
            const {
                &[
                    (&COGNITIVE_SERVICES, Refused),
                    (&AZURE_AI, Refused),
                    (&AZURE_ML, Refused),
                    (&ARM, Refused),
                ]
            }
        }
        // The last SDK for hubs asked for the control plane's, the first for Azure ML's.
        Kind::HubProject => const { &[(&AZURE_ML, Observed), (&COGNITIVE_SERVICES, Refused)] },
        _ => const { &[] },
    }
}
