//! Finds a host in the table of known hosts, by whole labels.

mod table;

use super::error::EndpointReason as Reason;
use super::kind::EndpointKind as Kind;
use crate::catalogue;
use crate::cloud::KnownCloud;
use crate::scope::Scope;

pub(super) use table::TABLE;

/// One form of host.
pub(super) struct Row {
    /// What stands before `suffix`.
    labels: Labels,
    suffix: &'static str,
    /// `None` for what is the same seen from every cloud.
    pub(super) cloud: Option<KnownCloud>,
    pub(super) service: Service,
}

/// How many labels stand before the suffix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// None: the suffix is the whole host.
    None,
    /// The resource.
    One,
    /// The resource and its region.
    Two,
    /// Any number; only for hosts that are refused.
    Any,
}

/// What answers at a host.
#[derive(Clone, Copy)]
pub(super) enum Service {
    /// `<resource>.openai.azure.*`
    AzureOpenAi,
    /// `<resource>.cognitiveservices.azure.*`
    CognitiveServices,
    /// `<resource>.services.ai.azure.*`
    Foundry,
    /// The private name of one of the three, and the public suffix to use instead.
    PrivateLink(&'static str),
    /// A spelling that does not exist, and the suffix that is meant.
    Misspelt(&'static str),
    /// One audience for the whole host.
    Whole(Kind, &'static catalogue::Resource),
    /// The control plane.
    ResourceManager,
    /// `<region>.api.azureml.ms`
    MachineLearningRegion,
    /// The Foundry portal, whose links name a project.
    Portal,
    /// A web app with a registration of its own.
    Site,
    /// No token goes there.
    Refused(Reason),
}

/// A host that was found in the table.
pub(super) struct Found<'h> {
    pub(super) row: &'static Row,
    pub(super) resource: Option<&'h str>,
    pub(super) region: Option<&'h str>,
}

/// A host that the caller opted in, and the scope that its tokens are for.
#[derive(Clone, Debug)]
pub(super) struct CustomHost {
    pub(super) host: String,
    pub(super) scope: Scope,
}

#[cfg(test)]
impl Row {
    /// A host of this form.
    pub(super) fn example(&self) -> String {
        let suffix = self.suffix;
        match self.labels {
            Labels::None => suffix.to_owned(),
            Labels::One | Labels::Any => format!("contoso.{suffix}"),
            Labels::Two => format!("contoso.eastus.{suffix}"),
        }
    }

    pub(super) fn example_suffix(&self) -> &'static str {
        self.suffix
    }
}

#[cfg(test)]
impl Found<'_> {
    /// The host again, which differs from the given one by a `privatelink` label at most.
    pub(super) fn whole_host(&self) -> String {
        match (self.resource, self.region) {
            (Some(resource), None) => format!("{resource}.{}", self.row.suffix),
            (Some(resource), Some(region)) => format!("{resource}.{region}.{}", self.row.suffix),
            _ => self.row.suffix.to_owned(),
        }
    }
}

/// What follows the name of an account on the host that has its projects.
pub(super) fn foundry_suffix(cloud: KnownCloud) -> Option<&'static str> {
    match cloud {
        KnownCloud::Public => Some("services.ai.azure.com"),
        KnownCloud::UsGovernment => Some("services.ai.azure.us"),
        _ => None,
    }
}

/// What stands before `.suffix`. The dot is looked at first: it fails for most rows.
fn in_front<'h>(host: &'h str, suffix: &str) -> Option<&'h str> {
    let dot = host.len().checked_sub(suffix.len() + 1)?;
    if host.as_bytes().get(dot) != Some(&b'.') || !host.ends_with(suffix) {
        return None;
    }
    host.get(..dot)
}

/// Finds a lower-case, well-formed host. Whole labels only: a suffix never matches in the
/// middle of one.
pub(super) fn find(host: &str) -> Result<Found<'_>, Reason> {
    if host == "localhost" || host.ends_with(".localhost") {
        return Err(Reason::LocalAddress);
    }
    let mut near_miss = None;
    for row in TABLE {
        if row.labels == Labels::None {
            if host == row.suffix {
                return Ok(Found {
                    row,
                    resource: None,
                    region: None,
                });
            }
            continue;
        }
        if host == row.suffix {
            near_miss = Some(Reason::ResourceMissing);
            continue;
        }
        let Some(before) = in_front(host, row.suffix) else {
            continue;
        };
        let mut labels = before.split('.');
        let (resource, region) = (labels.next(), labels.next());
        let fits = match row.labels {
            Labels::Any => true,
            Labels::None => false,
            Labels::One => region.is_none(),
            Labels::Two => region.is_some() && labels.next().is_none(),
        };
        // The bare suffix of a longer form is no resource of a shorter one.
        if fits && near_miss.is_none() {
            return Ok(Found {
                row,
                resource,
                region,
            });
        }
        near_miss = near_miss.or(Some(Reason::Labels));
    }
    Err(near_miss.unwrap_or(Reason::UnknownHost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;
    use crate::endpoint::Endpoint;

    fn cloud(known: KnownCloud) -> Cloud {
        match known {
            KnownCloud::Public => Cloud::public(),
            KnownCloud::UsGovernment => Cloud::us_government(),
            KnownCloud::China => Cloud::china(),
            _ => panic!("{known} has no constructor"),
        }
    }

    fn home(row: &Row) -> Cloud {
        cloud(row.cloud.unwrap_or(KnownCloud::Public))
    }

    #[test]
    fn every_row_of_the_table_is_reached_by_a_host_of_its_form() {
        for row in TABLE {
            let host = row.example();
            let found = find(&host).unwrap_or_else(|refusal| panic!("{host}: {refusal}"));
            assert!(std::ptr::eq(found.row, row), "{host} finds another row");
            assert_eq!(found.whole_host(), host);
        }
    }

    #[test]
    fn every_row_that_takes_tokens_has_an_audience_in_its_cloud() {
        for row in TABLE {
            let text = format!("https://{}", row.example());
            let result = Endpoint::parse_in(&text, &home(row));
            match row.service {
                Service::Refused(refusal) => assert_eq!(result.unwrap_err().reason(), refusal),
                Service::Site => {
                    assert_eq!(result.unwrap_err().reason(), Reason::CustomApi);
                }
                Service::Misspelt(_) => {
                    assert_eq!(result.unwrap_err().reason(), Reason::MisspeltHost);
                }
                Service::Portal => assert_eq!(result.unwrap_err().reason(), Reason::Portal),
                _ => {
                    let endpoint = result.unwrap_or_else(|error| panic!("{text}: {error}"));
                    assert!(endpoint.scope().is_default(), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_row_that_takes_tokens_is_refused_in_the_other_clouds() {
        let clouds = [
            KnownCloud::Public,
            KnownCloud::UsGovernment,
            KnownCloud::China,
        ];
        for row in TABLE {
            let (Some(own), false) = (
                row.cloud,
                matches!(row.service, Service::Refused(_) | Service::Portal),
            ) else {
                continue;
            };
            let text = format!("https://{}", row.example());
            for other in clouds.into_iter().filter(|other| *other != own) {
                let error = Endpoint::parse_in(&text, &cloud(other)).unwrap_err();
                assert_eq!(error.reason(), Reason::OtherCloud(own), "{text}");
            }
        }
    }

    #[test]
    fn a_label_in_front_and_a_domain_behind_never_match() {
        for row in TABLE {
            let host = row.example();
            for text in [
                format!("https://{host}.evil.example/"),
                format!("https://{host}evil.example/"),
                format!("https://{host}-evil.com/"),
                format!("https://evil.example/{host}"),
            ] {
                let error = Endpoint::parse_in(&text, &home(row)).unwrap_err();
                assert_eq!(error.code(), "unknown_host", "{text}");
                assert_eq!(error.suggestion(), None, "{text}");
            }
            // A suffix begins at a dot.
            let glued = format!("evil{}", row.example_suffix());
            let same = find(&glued).is_ok_and(|found| std::ptr::eq(found.row, row));
            assert!(!same, "{glued}");
        }
    }

    #[test]
    fn a_custom_cloud_has_no_hosts_and_a_local_one_the_public_ones() {
        let text = "https://contoso.openai.azure.com/";
        let custom = Cloud::custom(crate::cloud::CloudSpec {
            name: "AzurePublic",
            authority: "https://login.example",
            issuer_v1: "https://sts.example/{tenantid}/",
            issuer_v2: "https://login.example/{tenantid}/v2.0",
            key_cloud: None,
        })
        .unwrap();
        let error = Endpoint::parse_in(text, &custom).unwrap_err();
        assert_eq!(error.reason(), Reason::CustomCloud);
        let local = Cloud::loopback("http://localhost:1").unwrap();
        let endpoint = Endpoint::parse_in(text, &local).unwrap();
        assert_eq!(endpoint.base_url(), text);
    }
}
