//! MCP protocol revisions: one table of their versions and of what differs between them.

/// A revision of MCP whose rules are implemented here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    /// Its name in `MCP-Protocol-Version` and in `initialize`.
    pub(super) version: &'static str,
    pub(super) era: Era,
    /// How a server sends the user of such a client to a URL.
    #[cfg_attr(
        not(feature = "rmcp"),
        allow(dead_code, reason = "read by the bridge to rmcp")
    )]
    pub(crate) url_elicitation: UrlElicitation,
}

/// How requests are tied together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// Until 2025-11-25: `initialize`, and sessions if the server wants them.
    Sessions,
    /// From 2026-07-28: each request stands for itself, and headers mirror the body.
    Stateless,
}

/// How a server asks a client to open a URL for its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlElicitation {
    /// By an "input required" result (2026-07-28).
    Result,
    /// By the error -32042 (2025-11-25).
    Error,
    /// Not at all: the URL goes into a text.
    Unsupported,
}

/// All of them, the oldest first. A revision that is added here is accepted in headers, named
/// to clients that come with another one, and used by the bridge to `rmcp`.
const REVISIONS: [Revision; 5] = [
    Revision::new("2024-11-05", Era::Sessions, UrlElicitation::Unsupported),
    Revision::new("2025-03-26", Era::Sessions, UrlElicitation::Unsupported),
    Revision::new("2025-06-18", Era::Sessions, UrlElicitation::Unsupported),
    Revision::new("2025-11-25", Era::Sessions, UrlElicitation::Error),
    Revision::new("2026-07-28", Era::Stateless, UrlElicitation::Result),
];

/// The revision of a request without the header (MCP 2025-06-18, transports).
const ASSUMED: &str = "2025-03-26";

impl Revision {
    const fn new(version: &'static str, era: Era, url_elicitation: UrlElicitation) -> Self {
        Self {
            version,
            era,
            url_elicitation,
        }
    }

    /// The revision of this name, compared byte for byte.
    pub(crate) fn find(version: &str) -> Option<Self> {
        REVISIONS.into_iter().find(|it| it.version == version)
    }

    /// The revision that a request's `MCP-Protocol-Version` names; `None` if it is unknown.
    pub(super) fn of_header(value: Option<&str>) -> Option<Self> {
        Self::find(value.unwrap_or(ASSUMED))
    }

    /// Names of all revisions, for a client that has to choose one.
    pub(super) fn versions() -> impl Iterator<Item = &'static str> {
        REVISIONS.into_iter().map(|it| it.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_in_order_and_eras_do_not_come_back() {
        assert!(REVISIONS.is_sorted_by(|a, b| a.version < b.version));
        let stateless = |it: &&Revision| it.era == Era::Stateless;
        let older = REVISIONS.iter().take_while(|it| !stateless(it)).count();
        assert!(older < REVISIONS.len());
        assert!(REVISIONS.iter().skip(older).all(|it| stateless(&it)));
    }

    #[test]
    fn without_a_header_it_is_a_known_revision_with_sessions() {
        let assumed = Revision::of_header(None).unwrap();
        assert_eq!((assumed.version, assumed.era), (ASSUMED, Era::Sessions));
        assert_eq!(Revision::of_header(Some("2026-07-29")), None);
        assert_eq!(Revision::of_header(Some("")), None);
    }

    /// A newer `rmcp` must not negotiate a revision that the guard refuses.
    #[cfg(feature = "rmcp")]
    #[test]
    fn the_revisions_are_those_of_rmcp() {
        use ::rmcp::model::ProtocolVersion;

        let known: Vec<_> = ProtocolVersion::KNOWN_VERSIONS
            .iter()
            .map(ProtocolVersion::as_str)
            .collect();
        assert_eq!(Revision::versions().collect::<Vec<_>>(), known);
    }
}
