//! The hosts that are known, as data.

mod table;

use super::EndpointKind as Kind;
use super::refusal::EndpointRefusal as Refusal;
use crate::KnownCloud;
use crate::catalogue;

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
    /// One audience for the whole host.
    Whole(Kind, &'static catalogue::Resource),
    /// The control plane.
    ResourceManager,
    /// `<region>.api.azureml.ms`
    MachineLearningRegion,
    /// The Foundry portal, whose links name a project.
    Portal,
    /// Somebody's web app.
    Site,
    /// No token goes there.
    Refused(Refusal),
}

/// A host that was found in the table.
pub(super) struct Found<'h> {
    pub(super) row: &'static Row,
    pub(super) resource: Option<&'h str>,
    pub(super) region: Option<&'h str>,
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
pub(super) fn find(host: &str) -> Result<Found<'_>, Refusal> {
    if host == "localhost" || host.ends_with(".localhost") {
        return Err(Refusal::LocalAddress);
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
            near_miss = Some(Refusal::ResourceMissing);
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
        near_miss = near_miss.or(Some(Refusal::Labels));
    }
    Err(near_miss.unwrap_or(Refusal::UnknownHost))
}
