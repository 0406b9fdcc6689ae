//! Scope hierarchy: scopes that include others.

use foundry_scopes::ScopeName;

/// Which scopes include others: `mcp.admin` may be enough where `mcp.write` is asked for.
///
/// Entra ID knows no such thing: a token carries the scopes that were asked for, and no
/// more. Inclusion is what the API means by its scopes. It decides who passes; what a
/// challenge asks the client for stays the narrow scope.
///
/// ```
/// use entra_claims::{Requirement, ScopeHierarchy};
/// use foundry_scopes::ScopeName;
///
/// let [admin, write, read] = ["mcp.admin", "mcp.write", "mcp.read"].map(ScopeName::parse);
/// let (admin, write, read) = (admin?, write?, read?);
/// let hierarchy = ScopeHierarchy::new()
///     .includes(admin.clone(), write.clone())
///     .includes(write.clone(), read.clone());
/// assert_eq!(hierarchy.broader(&read), [&write, &admin]);
///
/// let rule = Requirement::scope(read.clone()).with_hierarchy(&hierarchy);
/// assert_eq!(rule.scopes(), [&read]);
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeHierarchy {
    /// Broad and narrow.
    pairs: Vec<(ScopeName, ScopeName)>,
}

impl ScopeHierarchy {
    /// No scope includes another.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `broad` includes `narrow`, and what that includes.
    #[must_use]
    pub fn includes(mut self, broad: ScopeName, narrow: ScopeName) -> Self {
        self.pairs.push((broad, narrow));
        self
    }

    /// The scopes that include this one, the nearest first.
    #[must_use]
    pub fn broader(&self, narrow: &ScopeName) -> Vec<&ScopeName> {
        let mut found: Vec<&ScopeName> = Vec::new();
        let mut looked_at = 0;
        let mut of = Some(narrow);
        while let Some(scope) = of {
            for (broad, included) in &self.pairs {
                if included == scope && broad != narrow && !found.contains(&broad) {
                    found.push(broad);
                }
            }
            of = found.get(looked_at).copied();
            looked_at += 1;
        }
        found
    }
}
