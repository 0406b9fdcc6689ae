//! Links of the Foundry portal.

use super::resource_id::{address, derived};
use super::{Pasted, foundry_url, label};
use crate::KnownCloud;
use crate::endpoint::NoteCode;
use crate::endpoint::note::Note;
use crate::endpoint::path::checked_name;

/// The project or account that a page of the Foundry portal shows.
///
/// The new portal names it as `/nextgen/r/<subscription>,<group>,,<account>,<project>`, the
/// classic one as a resource id in `wsid`.
pub(in crate::endpoint) fn project(
    path: &str,
    query: Option<&str>,
    cloud: KnownCloud,
) -> Option<Pasted<'static>> {
    let url = match path.strip_prefix("/nextgen/r/") {
        Some(rest) => {
            let mut parts = rest.split('/').next()?.split(',').skip(3);
            let account = label(parts.next()?)?;
            let project = checked_name(parts.next()?).ok()?;
            if parts.next().is_some() {
                return None;
            }
            foundry_url(account, Some(project), cloud)
        }
        None => {
            let mut ids = query?
                .split('&')
                .filter_map(|pair| pair.strip_prefix("wsid="));
            let id = ids.next()?.replace("%2F", "/").replace("%2f", "/");
            if ids.next().is_some() {
                return None;
            }
            address(&id, cloud).ok()?
        }
    };
    Some(Pasted::new(
        url,
        vec![
            Note::new(
                NoteCode::PortalLink,
                "this was a page of the portal: the address was put together from what its link names",
            ),
            derived(),
        ],
    ))
}
