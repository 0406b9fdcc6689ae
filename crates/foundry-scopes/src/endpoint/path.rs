//! Path segments and query parameters of an address.

use std::borrow::Cow;

use super::error::EndpointReason as Reason;

/// The part of a path that is not read yet.
pub(super) struct Path<'a> {
    rest: &'a str,
    case_changed: bool,
}

impl<'a> Path<'a> {
    /// Repeated slashes and those at the ends count as one.
    pub(super) fn new(path: &'a str) -> Self {
        Self {
            rest: path,
            case_changed: false,
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        let (segment, rest) = first_segment(self.rest)?;
        self.rest = rest;
        Some(segment)
    }

    /// Reads these fixed segments if they are next, in any case.
    pub(super) fn eat(&mut self, fixed: &[&str]) -> bool {
        let (mut rest, mut changed) = (self.rest, self.case_changed);
        for fixed in fixed {
            match first_segment(rest) {
                Some((segment, after)) if segment.eq_ignore_ascii_case(fixed) => {
                    changed |= segment != *fixed;
                    rest = after;
                }
                _ => return false,
            }
        }
        (self.rest, self.case_changed) = (rest, changed);
        true
    }

    /// Reads a name: at most 64 letters, digits, `-`, `_` and `.`, the first no `-` or `.`.
    /// `None` at the end of the path.
    pub(super) fn name(&mut self) -> Result<Option<&'a str>, Reason> {
        self.next().map(checked_name).transpose()
    }

    /// Passes over one segment, whatever it is.
    pub(super) fn skip(&mut self) -> Option<&'a str> {
        self.next()
    }

    /// Whether this segment is next, in any case.
    pub(super) fn is_next(&self, segment: &str) -> bool {
        first_segment(self.rest).is_some_and(|(next, _)| next.eq_ignore_ascii_case(segment))
    }

    pub(super) fn is_at_end(&self) -> bool {
        first_segment(self.rest).is_none()
    }

    pub(super) fn case_changed(&self) -> bool {
        self.case_changed
    }
}

/// The first segment that is not empty, and what follows it.
fn first_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.trim_start_matches('/');
    let end = path.bytes().position(|b| b == b'/').unwrap_or(path.len());
    (end > 0).then(|| path.split_at(end))
}

pub(super) fn has_repeated_slash(path: &str) -> bool {
    path.as_bytes().windows(2).any(|pair| pair == b"//")
}

/// The path with one slash before each segment and none at the end.
pub(super) fn tidy(path: &str) -> Cow<'_, str> {
    if !has_repeated_slash(path) {
        return Cow::Borrowed(path.strip_suffix('/').unwrap_or(path));
    }
    let mut text = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        text.push('/');
        text.push_str(segment);
    }
    Cow::Owned(text)
}

/// A name of a project, agent, deployment or the like (Azure doc "Naming rules"; projects
/// may be called `_project`).
pub(super) fn checked_name(name: &str) -> Result<&str, Reason> {
    let clean = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let start = name.get(..5).unwrap_or_default();
    if start.eq_ignore_ascii_case("your-") || start.eq_ignore_ascii_case("your_") {
        return Err(Reason::Placeholder);
    }
    let edge = name.starts_with(['-', '.']);
    if name.is_empty() || name.len() > 64 || edge || !name.bytes().all(clean) {
        return Err(Reason::Name);
    }
    Ok(name)
}

/// What a query said.
#[derive(Default)]
pub(super) struct Query<'a> {
    pub(super) api_version: Option<&'a str>,
    pub(super) deployment: Option<&'a str>,
    /// Something known that does not belong into a base URL.
    pub(super) others: bool,
}

pub(super) fn read_query(query: Option<&str>) -> Result<Query<'_>, Reason> {
    let mut found = Query::default();
    let Some(query) = query else {
        return Ok(found);
    };
    // A lone question mark says nothing, and is removed.
    found.others = query.is_empty();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "api-version" => {
                let clean = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                if value.is_empty() || value.len() > 40 || !value.bytes().all(clean) {
                    return Err(Reason::ApiVersion);
                }
                if found.api_version.replace(value).is_some() {
                    return Err(Reason::ApiVersion);
                }
            }
            // The realtime API names its deployment here.
            "deployment" => {
                found.deployment = Some(checked_name(value)?);
                found.others = true;
            }
            "agent_session_id" => found.others = true,
            "limit" if value.bytes().all(|b| b.is_ascii_digit()) => found.others = true,
            _ => return Err(Reason::Query),
        }
    }
    Ok(found)
}
