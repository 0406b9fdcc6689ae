//! Whether two audiences name one resource: spellings, application ids, open labels.

use super::lookup::{APPLICATIONS, by_identifier};
use super::resource::InCloud;
use crate::audience::Audience;
use crate::id::ClientId;

impl Audience {
    /// Whether both are names of one resource in one cloud, as Entra ID resolves them.
    ///
    /// 1. Scheme and host in any case, one slash at the end or none.
    /// 2. A client id and `api://<client id>`.
    /// 3. Spellings that one row of the [catalogue](crate::catalogue) lists, its application id
    ///    included; an id that two resources share names both.
    ///
    /// Use it to search and to explain. A service compares `aud` literally, as `==` does: to
    /// accept a token for this reason would accept what the service did not configure.
    ///
    /// ```
    /// use foundry_scopes::Audience;
    ///
    /// let asked = Audience::parse("https://management.azure.com")?;
    /// let found = Audience::parse("https://management.core.windows.net/")?;
    /// assert!(asked.names_same_resource(&found));
    /// assert_ne!(asked, found);
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn names_same_resource(&self, other: &Self) -> bool {
        plain(self.as_str()) == plain(other.as_str())
            || in_one_row(&names(self.as_str()), &names(other.as_str()))
    }
}

/// Whether one row has a spelling of each. An account's own host is narrower than the
/// resource, so two of them are not the same.
fn in_one_row(one: &[String], other: &[String]) -> bool {
    let (own, others) = (rows(one), rows(other));
    let both_narrow = own.iter().all(|(_, open)| *open) && others.iter().all(|(_, open)| *open);
    !both_narrow
        && own
            .iter()
            .any(|(row, _)| others.iter().any(|(found, _)| std::ptr::eq(*row, *found)))
}

/// The rows with one of these spellings or application ids, and whether only by an open label.
fn rows(names: &[String]) -> Vec<(&'static InCloud, bool)> {
    let mut found = Vec::new();
    for name in names {
        let id = ClientId::parse(name).ok();
        let owners = by_identifier(name).into_iter();
        let owners = owners.chain(
            id.iter()
                .flat_map(|id| APPLICATIONS.get(id))
                .flatten()
                .copied(),
        );
        for row in owners.flat_map(|resource| resource.clouds) {
            let listed = |uri: &&str| *uri == name.as_str();
            let whole = row.registered.iter().chain(row.seen).any(listed)
                || id.is_some() && row.application == id;
            let open = |uri: &&str| {
                let tail = uri.strip_prefix("https://*");
                tail.is_some_and(|tail| name.ends_with(tail))
            };
            if whole || row.registered.iter().chain(row.seen).any(open) {
                found.push((row, !whole));
            }
        }
    }
    found
}

/// Scheme and host in lower case, without one slash at the end and without `api://` before a
/// client id.
fn plain(text: &str) -> String {
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let id = trimmed.strip_prefix("api://").unwrap_or(trimmed);
    if let Ok(client) = ClientId::parse(id) {
        return client.to_string();
    }
    let Some((scheme, rest)) = trimmed.split_once("://") else {
        return trimmed.to_owned();
    };
    // What follows `api://` is a name and no host: its case is the application's choice.
    if scheme.eq_ignore_ascii_case("api") {
        return format!("api://{rest}");
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    format!(
        "{}://{}{path}",
        scheme.to_ascii_lowercase(),
        host.to_ascii_lowercase()
    )
}

/// The spellings under which the catalogue may have it.
fn names(text: &str) -> Vec<String> {
    let plain = plain(text);
    if plain.ends_with('/') {
        return Vec::new();
    }
    vec![format!("{plain}/"), plain]
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

    #[test]
    fn one_resource_has_many_names_and_one_cloud() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Audience::parse(a).unwrap(), Audience::parse(b).unwrap());
            assert_eq!(a.names_same_resource(&b), b.names_same_resource(&a));
            a.names_same_resource(&b)
        };
        let own = format!("api://{GUID}");
        for (a, b) in [
            ("https://ai.azure.com", "https://ai.azure.com/"),
            ("https://ai.azure.com", "HTTPS://AI.azure.com"),
            (GUID, own.as_str()),
            (
                "https://ai.azure.com",
                "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
            ),
            (
                "https://ml.azure.com",
                "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
            ),
            (
                "https://graph.microsoft.com/",
                "00000003-0000-0000-c000-000000000000",
            ),
            (
                "https://storage.azure.com",
                "https://contoso.blob.core.windows.net",
            ),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [
            // Two resources of one application, and one resource in two clouds.
            ("https://ai.azure.com", "https://ml.azure.com"),
            (
                "https://cognitiveservices.azure.com",
                "https://cognitiveservices.azure.us",
            ),
            (
                "https://cognitiveservices.azure.com",
                "https://ai.azure.com",
            ),
            ("https://ai.azure.com", "https://ai.azure.com/x"),
            ("https://ai.azure.com", "https://ai.azure.com//"),
            ("https://ai.azure.com", "http://ai.azure.com"),
            (
                "https://devbox.microsoft.com/mcp",
                "https://devbox.microsoft.com",
            ),
            ("api://contoso", "api://Contoso"),
            (
                "https://a.blob.core.windows.net",
                "https://b.blob.core.windows.net",
            ),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
