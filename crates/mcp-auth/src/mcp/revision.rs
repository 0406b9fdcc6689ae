//! Revisions of MCP whose rules are known here, and the era of each.

/// The versions whose rules are known here.
pub(super) const KNOWN_VERSIONS: [&str; 5] = [
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    STATELESS,
];

/// Where the stateless era begins. Versions are dates, so they compare as texts.
pub(super) const STATELESS: &str = "2026-07-28";

/// What a request without the header is taken for (MCP 2025-06-18, transports).
pub(super) const ASSUMED: &str = "2025-03-26";

/// How requests are tied together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// Until 2025-11-25: `initialize`, and sessions if the server wants them.
    Sessions,
    /// From 2026-07-28: each request stands for itself, and headers mirror the body.
    Stateless,
}
