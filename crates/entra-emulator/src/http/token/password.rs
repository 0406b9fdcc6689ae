//! The password grant (RFC 6749, section 4.3), for its errors: users here have a password
//! only if a directory says so.

use axum::response::Response;

use super::issue::{self, Extras};
use super::request::Request;
use crate::call::Call;
use crate::directory::Directory;
use crate::errors::{AadError, table};
use crate::scopes::{Asked, Endpoint};
use crate::session::Session;

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let name = request.need("username")?;
    let password = request.need("password")?;
    let scope = request.need("scope")?;
    let asked = Asked::parse(scope)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    asked.check_names(request.client, Endpoint::Token)?;
    let user = request.tenant.find_user_by_hint(name).ok_or_else(|| {
        AadError::new(table::USER_UNKNOWN)
            .arg("{EmailHidden}")
            .arg(&request.tenant.id)
            .with_suberror("bad_token")
    })?;
    let user = issue::user(request, user.object_id())?;
    match &user.password {
        Some(known) if known.value == password && known.expired => {
            return Err(AadError::new(table::PASSWORD_EXPIRED));
        }
        Some(known) if known.value == password => {}
        _ => return Err(AadError::new(table::PASSWORD_WRONG)),
    }
    let extras = Extras::new(&asked, scope, Session::plain(request.call.now));
    issue::for_user(request, user, &asked, &extras)
}

/// The tenant of a sign-in name, for requests to an alias.
pub(super) fn home(directory: &Directory, call: &Call) -> Option<String> {
    let name = call.form.get("username")?;
    let mut tenants = directory.tenants.iter();
    let found = tenants.find(|t| t.find_user_by_hint(name).is_some_and(|u| !u.is_guest()));
    found.map(|t| t.id.clone())
}
