//! Who may steer: programs on this machine, and no web page.
//!
//! A page in the developer's browser can send requests to loopback, so:
//!
//! 1. the connection comes from loopback, whatever was bound;
//! 2. `Host` is a name of this machine with the emulator's port: a page that rebinds its own
//!    name to 127.0.0.1 sends that name;
//! 3. `Origin`, if there is one, is the emulator's own;
//! 4. `Sec-Fetch-Site`, if there is one, is not another site's;
//! 5. where other machines reach the emulator, the control token takes the place of rule 1, over
//!    https alone;
//! 6. a `POST` says `application/json`, which a page cannot send across origins without a
//!    preflight (Fetch standard, "CORS-safelisted request-header"), and no preflight is
//!    answered here; `DELETE` always needs one.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::reply::refuse;
use crate::http::response::set;
use crate::serve::{Arrival, Channel};
use crate::state::Shared;

pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let arrival = request.extensions().get::<Arrival>();
    let near = arrival.is_some_and(|a| a.peer.ip().is_loopback());
    let plain = arrival.is_none_or(|a| a.channel == Channel::Plain);
    let refusal = if let Some(remote) = &shared.remote {
        if !near && plain {
            Some((StatusCode::FORBIDDEN, "from another machine: https only"))
        } else if !has_token(headers, &remote.control_token) {
            Some((
                StatusCode::UNAUTHORIZED,
                "send the control token: `Authorization: Bearer ...`",
            ))
        } else {
            None
        }
    } else if !near {
        Some((
            StatusCode::FORBIDDEN,
            "only programs on this machine may steer the emulator",
        ))
    } else {
        None
    };
    let refusal = if refusal.is_some() {
        refusal
    } else if !is_own_host(&shared, headers) {
        Some((
            StatusCode::FORBIDDEN,
            "`Host` is not a name of this emulator",
        ))
    } else if !is_own_origin(&shared, headers) {
        Some((
            StatusCode::FORBIDDEN,
            "`Origin` is another site: web pages may not steer the emulator",
        ))
    } else if is_cross_site(headers) {
        Some((
            StatusCode::FORBIDDEN,
            "`Sec-Fetch-Site` is another site: web pages may not steer the emulator",
        ))
    } else if is_simple(request.method()) && !says_json(headers) {
        Some((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send `Content-Type: application/json`, also without a body",
        ))
    } else {
        None
    };
    let mut response = match refusal {
        Some((status, reason)) => refuse(status, reason),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "cross-origin-resource-policy", "same-origin");
    set(headers, header::CACHE_CONTROL, "no-store");
    response
}

/// Whether the request has the control token, compared in constant time.
fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return false;
    };
    let given = value.as_bytes().strip_prefix(b"Bearer ");
    given.is_some_and(|given| {
        aws_lc_rs::constant_time::verify_slices_are_equal(given, token.as_bytes()).is_ok()
    })
}

/// Whether a page may send the method across origins without a preflight, and it may change
/// something.
fn is_simple(method: &Method) -> bool {
    method != Method::GET && method != Method::HEAD && method != Method::DELETE
}

fn is_own_host(shared: &Shared, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    host.to_str()
        .is_ok_and(|h| authorities(shared).any(|a| a == h))
}

fn is_own_origin(shared: &Shared, headers: &HeaderMap) -> bool {
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        let authority = origin.to_str().ok().and_then(|o| {
            o.strip_prefix("https://")
                .or_else(|| o.strip_prefix("http://"))
        });
        authority.is_some_and(|o| authorities(shared).any(|a| a == o))
    })
}

/// The emulator's own name and the loopback ones, with its port.
fn authorities(shared: &Shared) -> impl Iterator<Item = String> + '_ {
    let own = shared.authority();
    let port = own.rsplit_once(':').map_or("", |(_, port)| port);
    ["localhost", "127.0.0.1", "[::1]"]
        .into_iter()
        .map(move |host| format!("{host}:{port}"))
        .chain([own.to_owned()])
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get_all("sec-fetch-site")
        .iter()
        .any(|site| site != "same-origin" && site != "none")
}

fn says_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| v.trim().eq_ignore_ascii_case("application/json"))
}
