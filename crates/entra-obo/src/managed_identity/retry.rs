//! When an endpoint on the machine is asked again.
//!
//! The metadata service is updated under running machines: it answers 404 and, for up to 70
//! seconds, 410 (Entra doc "How to use managed identities ... to acquire an access token",
//! error handling). The other endpoints have a shorter list.

use std::time::Duration;

use super::source::Source;

/// Waits up to here are honoured; a longer `Retry-After` is for the caller.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What came back, as far as repeating is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Status(u16),
    Timeout,
    NoConnection,
}

/// The pause before the next attempt; `None` when there is none. `attempt` counts from 0.
pub(super) fn pause(
    source: &Source,
    first: Met,
    met: Met,
    attempt: u32,
    told: Option<Duration>,
) -> Option<Duration> {
    let passes = match (met, source) {
        (Met::Status(404 | 408 | 429), _) => true,
        (Met::Status(status), Source::Imds { .. }) => status == 410 || status >= 500,
        (Met::Status(status), Source::AppService { .. }) => matches!(status, 500 | 503 | 504),
        (Met::Timeout, Source::Imds { .. }) => true,
        // A second timeout would only take as long again.
        (Met::Timeout, Source::AppService { .. }) => attempt == 0,
        (Met::NoConnection, _) => true,
    };
    if !passes {
        return None;
    }
    if first == Met::Status(410) {
        // Seven times ten seconds: it is back within seventy.
        return (attempt < 7).then_some(Duration::from_secs(10));
    }
    if attempt >= 3 {
        return None;
    }
    match told {
        Some(told) if told > LONGEST_WAIT => None,
        Some(told) => Some(told),
        None => match source {
            Source::Imds { .. } => Some(Duration::from_secs(1 << attempt)),
            Source::AppService { .. } => Some(Duration::from_secs(1)),
        },
    }
}
