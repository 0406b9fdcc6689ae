//! The catalogue, listed.

use std::io::{self, Write};

use foundry_scopes::catalogue::{self, Confidence, Resource};
use foundry_scopes::{Cloud, KnownCloud};
use serde_json::json;

use crate::{Report, resource};

/// The resources of the catalogue that match. It is fine if there are any.
///
/// ```
/// use entra_doctor::{CatalogueReport, Report};
/// use foundry_scopes::Cloud;
///
/// let report = CatalogueReport::of("vault", &Cloud::public(), None);
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("\"code\":\"key_vault\""));
/// ```
#[derive(Debug)]
pub struct CatalogueReport {
    cloud: Option<KnownCloud>,
    found: Vec<&'static Resource>,
}

impl CatalogueReport {
    /// The resources documented in `cloud` with `text` in a name, identifier, scope, host or
    /// application id (all, if it is empty), of which at least `confidence` is known.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud, confidence: Option<Confidence>) -> Self {
        let cloud = cloud.known();
        let found = catalogue::search(text)
            .filter(|resource| {
                let known = cloud.and_then(|cloud| resource.confidence(cloud));
                known.is_some_and(|known| confidence.is_none_or(|least| known >= least))
            })
            .collect();
        Self { cloud, found }
    }
}

impl Report for CatalogueReport {
    fn is_fine(&self) -> bool {
        !self.found.is_empty()
    }

    fn to_json(&self) -> String {
        let resources: Vec<_> = self.found.iter().map(|r| resource::to_value(r)).collect();
        json!({ "ok": self.is_fine(), "count": resources.len(), "resources": resources })
            .to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for found in &self.found {
            resource::write_line(out, found, self.cloud.unwrap_or(KnownCloud::Public))?;
        }
        match self.found.len() {
            0 => writeln!(out, "Nothing in the catalogue matches"),
            1 => writeln!(out, "1 resource"),
            count => writeln!(out, "{count} resources"),
        }
    }
}
