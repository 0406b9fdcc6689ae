//! Reading a path segment by segment.

use super::refusal::EndpointRefusal as Refusal;

/// The segments of a path that are not read yet.
pub(super) struct Path<'a> {
    segments: std::vec::IntoIter<&'a str>,
    case_changed: bool,
}

impl<'a> Path<'a> {
    /// Repeated slashes and those at the ends count as one.
    pub(super) fn new(path: &'a str) -> Self {
        let segments: Vec<_> = path.split('/').filter(|s| !s.is_empty()).collect();
        Self {
            segments: segments.into_iter(),
            case_changed: false,
        }
    }

    /// Reads these fixed segments if they are next, in any case.
    pub(super) fn eat(&mut self, fixed: &[&str]) -> bool {
        let next = self.segments.as_slice();
        let matches = next.len() >= fixed.len()
            && next
                .iter()
                .zip(fixed)
                .all(|(s, f)| s.eq_ignore_ascii_case(f));
        if matches {
            for fixed in fixed {
                let given = self.segments.next();
                self.case_changed |= given != Some(*fixed);
            }
        }
        matches
    }

    /// Reads a name: at most 64 letters, digits, `-`, `_` and `.`, the first no `-` or `.`.
    /// `None` at the end of the path.
    pub(super) fn name(&mut self) -> Result<Option<&'a str>, Refusal> {
        self.segments.next().map(checked_name).transpose()
    }

    /// Passes over one segment, whatever it is.
    pub(super) fn skip(&mut self) -> Option<&'a str> {
        self.segments.next()
    }

    /// Whether this segment is next, in any case.
    pub(super) fn is_next(&self, segment: &str) -> bool {
        let next = self.segments.as_slice().first();
        next.is_some_and(|next| next.eq_ignore_ascii_case(segment))
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.segments.as_slice().is_empty()
    }

    /// What is left, with its slashes.
    pub(super) fn rest(&self) -> String {
        self.segments
            .as_slice()
            .iter()
            .fold(String::new(), |mut text, segment| {
                text.push('/');
                text.push_str(segment);
                text
            })
    }

    pub(super) fn case_changed(&self) -> bool {
        self.case_changed
    }
}

/// A name of a project, agent, deployment or the like (Azure doc "Naming rules"; projects
/// may be called `_project`).
pub(super) fn checked_name(name: &str) -> Result<&str, Refusal> {
    let clean = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let edge = name.starts_with(['-', '.']);
    if name.is_empty() || name.len() > 64 || edge || !name.bytes().all(clean) {
        return Err(Refusal::Name);
    }
    Ok(name)
}
