//! Connection strings that hold an address.

use super::resource_id::derived;
use super::{Pasted, foundry_url, label};
use crate::cloud::KnownCloud;
use crate::endpoint::error::{Corrections, EndpointReason as Reason};
use crate::endpoint::hosts::{self, Service};
use crate::endpoint::note::Note;
use crate::endpoint::note::NoteCode;
use crate::endpoint::path::checked_name;
use crate::endpoint::raw::starts_with;

/// `<region>.api.azureml.ms;<subscription>;<group>;<project>` of the first azure-ai-projects,
/// and `key=value;...` with an endpoint.
pub(super) fn url<'t>(
    text: &'t str,
    cloud: Option<KnownCloud>,
    corrections: &mut Corrections,
) -> Result<Pasted<'t>, Reason> {
    let parts: Vec<&str> = text.split(';').filter(|part| !part.is_empty()).collect();
    if let [host, subscription, group, project] = *parts.as_slice()
        && !text.contains('=')
    {
        return hub(host, [subscription, group, project]);
    }
    let mut fields = Fields::default();
    for part in parts {
        let (key, value) = part.split_once('=').ok_or(Reason::ConnectionString)?;
        fields.read(key, value, corrections)?;
    }
    fields.url(cloud)
}

/// The address that azure-ai-projects 1.0.0b8 made of the four parts.
fn hub<'t>(host: &str, parts: [&str; 3]) -> Result<Pasted<'t>, Reason> {
    let region = host.strip_suffix(".api.azureml.ms").and_then(label);
    let [subscription, group, project] = parts;
    let clean = |b: u8| b.is_ascii_alphanumeric() || b"-_.()".contains(&b);
    let fits = |name: &str| {
        !name.is_empty() && name.len() <= 90 && name.bytes().all(clean) && !name.starts_with('.')
    };
    let (Some(_), true) = (region, parts.into_iter().all(fits)) else {
        return Err(Reason::ConnectionString);
    };
    let url = format!(
        "https://{host}/agents/v1.0/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{project}"
    );
    Ok(Pasted::new(url, vec![taken()]))
}

fn taken() -> Note {
    Note::new(
        NoteCode::ConnectionString,
        "the address was taken out of a connection string",
    )
}

#[derive(Default)]
struct Fields<'t> {
    endpoint: Option<&'t str>,
    project: Option<&'t str>,
    account: Option<&'t str>,
    suffix: Option<&'t str>,
    secret: bool,
}

impl<'t> Fields<'t> {
    fn read(
        &mut self,
        key: &str,
        value: &'t str,
        corrections: &mut Corrections,
    ) -> Result<(), Reason> {
        let field = match key.to_ascii_lowercase().as_str() {
            "endpoint" | "accountendpoint" => &mut self.endpoint,
            "projectname" => &mut self.project,
            "accountname" => &mut self.account,
            "endpointsuffix" => &mut self.suffix,
            "defaultendpointsprotocol" if !value.eq_ignore_ascii_case("https") => {
                corrections.record(Reason::PlainHttp);
                return Ok(());
            }
            "key"
            | "accountkey"
            | "accesskey"
            | "apikey"
            | "api-key"
            | "secret"
            | "sharedaccesskey"
            | "sharedaccesssignature" => {
                self.secret = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        match field.replace(value) {
            None => Ok(()),
            // Two readers could take another one of the two.
            Some(_) => Err(Reason::ConnectionString),
        }
    }

    fn url(self, cloud: Option<KnownCloud>) -> Result<Pasted<'t>, Reason> {
        let mut notes = vec![taken()];
        if self.secret {
            notes.push(Note::new(
                NoteCode::SecretIgnored,
                "a key stood beside the address: it was not used, and a token needs none",
            ));
        }
        if let (None, Some(account), Some(suffix)) = (self.endpoint, self.account, self.suffix) {
            let account = label(account).ok_or(Reason::Name)?;
            return Ok(Pasted::new(
                format!("https://{account}.blob.{suffix}"),
                notes,
            ));
        }
        let endpoint = self.endpoint.ok_or(Reason::ConnectionString)?;
        if starts_with(endpoint, "sb://") {
            return Err(Reason::NamespaceAudience);
        }
        let (Some(project), Some(cloud)) = (self.project, cloud) else {
            return Ok(Pasted::new(endpoint, notes));
        };
        // Only an address without a path is completed.
        let host = endpoint
            .get("https://".len()..)
            .filter(|_| starts_with(endpoint, "https://"));
        let host = host.map(|host| host.strip_suffix('/').unwrap_or(host).to_ascii_lowercase());
        let Some((host, Ok(found))) = host.as_deref().map(|host| (host, hosts::find(host))) else {
            return Ok(Pasted::new(endpoint, notes));
        };
        let account = matches!(
            found.row.service,
            Service::AzureOpenAi | Service::CognitiveServices | Service::Foundry
        );
        let Some(resource) = found
            .resource
            .filter(|_| account && found.row.cloud == Some(cloud))
        else {
            return Ok(Pasted::new(endpoint, notes));
        };
        let project = checked_name(project)?;
        let url = foundry_url(resource, Some(project), cloud);
        if !starts_with(&url, &format!("https://{host}/")) {
            notes.push(derived());
        }
        Ok(Pasted::new(url, notes))
    }
}
