//! Requirements as text: one delegated scope of the app.

use entra_claims::Requirement;
use foundry_scopes::{AppIdUri, ScopeName};

use super::error::EntraAppError;

/// What a guard or a tool asks for: a [`Requirement`], or the name of exactly one delegated scope of the app,
/// short (`orders.read`) or under its identifier URI (`api://orders/orders.read`).
///
/// Roles are always written [`Requirement::role`], so that a scope is never mistaken for one.
pub trait IntoRequirement: sealed::Sealed {
    /// The requirement of an app with this identifier URI.
    ///
    /// # Errors
    ///
    /// Text that is not the name of one scope of this app.
    fn into_requirement(self, identifier_uri: &AppIdUri) -> Result<Requirement, EntraAppError>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &str {}
    impl Sealed for &String {}
    impl Sealed for entra_claims::Requirement {}
}

impl IntoRequirement for Requirement {
    fn into_requirement(self, _: &AppIdUri) -> Result<Requirement, EntraAppError> {
        Ok(self)
    }
}

impl IntoRequirement for &String {
    fn into_requirement(self, identifier_uri: &AppIdUri) -> Result<Requirement, EntraAppError> {
        scope_name(self, identifier_uri).map(Requirement::scope)
    }
}

impl IntoRequirement for &str {
    fn into_requirement(self, identifier_uri: &AppIdUri) -> Result<Requirement, EntraAppError> {
        scope_name(self, identifier_uri).map(Requirement::scope)
    }
}

/// The short name of one delegated scope of this app.
pub(crate) fn scope_name(
    text: &str,
    identifier_uri: &AppIdUri,
) -> Result<ScopeName, EntraAppError> {
    let refuse = |why: &str| {
        Err(EntraAppError::one(
            format!("scope `{}`", text.escape_debug()),
            why.to_owned(),
        ))
    };
    if text.contains(char::is_whitespace) {
        return refuse("one scope is needed; combine several with Requirement::all_of or any_of");
    }
    let uri = identifier_uri.as_str();
    let name = match text
        .strip_prefix(uri)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(name) => name,
        None if text.contains("://") => {
            return refuse(&format!("it is not under this app's identifier URI {uri}"));
        }
        None => text,
    };
    // A scope that was pasted into the URI; a name without a dot may well be the URI's own last part.
    if let Some(alone) = uri
        .strip_suffix(name)
        .and_then(|rest| rest.strip_suffix('/'))
        && name.contains('.')
    {
        return refuse(&format!(
            "the identifier URI {uri} ends with it: write the Application ID URI alone, {alone}"
        ));
    }
    if name == ".default" {
        return refuse("no token carries `.default`; name the delegated scope (Expose an API)");
    }
    match ScopeName::parse(name) {
        Ok(name) => Ok(name),
        Err(error) => refuse(&error.to_string()),
    }
}
