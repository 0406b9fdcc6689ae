//! The facade's token endpoint: forwarding a client's token request to Entra ID.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ORIGIN, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::IgnoredAny;

use super::parameters::{self, FormError};
use crate::metadata::answer::{self, Answer};

/// More than any code or refresh token of Entra ID.
const BODY_LIMIT: usize = 64 * 1024;

/// How long the form may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The request to the tenant's token endpoint, rebuilt from the known parameters of the
/// client's: the form's known parameters, its own `Authorization: Basic` and its `Origin`.
///
/// `Basic` is the client's secret for Entra ID (RFC 6749, section 2.3.1); any other scheme
/// stays here. `Origin` is what Entra ID tells browser clients by (AADSTS9002326, 9002327).
pub(crate) async fn read<B>(
    request: Request<B>,
    endpoint: &str,
) -> Result<Request<Vec<u8>>, TokenRequestError>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        return Err(TokenRequestError::NoForm);
    }
    let basic = basic(&parts.headers)?;
    let read = Limited::new(body, BODY_LIMIT).collect();
    let read = tokio::time::timeout(BODY_TIME, read).await;
    let read = read.map_err(|_| TokenRequestError::TooSlow)?;
    let body = read.map_err(|error| match error.is::<LengthLimitError>() {
        true => TokenRequestError::TooLong,
        false => TokenRequestError::Unreadable,
    })?;
    let form = parameters::token_form(&body.to_bytes()).map_err(TokenRequestError::Form)?;
    let mut forward = Request::new(form.into_bytes());
    *forward.method_mut() = Method::POST;
    *forward.uri_mut() = endpoint.parse().map_err(|_| TokenRequestError::Endpoint)?;
    let headers = forward.headers_mut();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, form_type);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(mut basic) = basic {
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    if let Some(origin) = parts.headers.get(ORIGIN) {
        headers.insert(ORIGIN, origin.clone());
    }
    Ok(forward)
}

/// Why a token request stays here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRequestError {
    NoForm,
    TwoHeaders,
    TooLong,
    TooSlow,
    Unreadable,
    Form(FormError),
    Endpoint,
}

impl TokenRequestError {
    /// RFC 6749, section 5.2.
    pub(crate) fn answer(self) -> Answer {
        const BAD: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "invalid_request");
        let ((status, error), description) = match self {
            Self::NoForm => (BAD, "the token request must be a form"),
            Self::TwoHeaders => (BAD, "Authorization stands there more than once"),
            Self::TooLong => (
                (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
                "the token request is too long",
            ),
            Self::TooSlow => (
                (StatusCode::REQUEST_TIMEOUT, "invalid_request"),
                "the token request did not arrive in time",
            ),
            Self::Unreadable => (BAD, "the token request could not be read"),
            Self::Form(FormError::NotText) => (BAD, "the form is not plain text"),
            Self::Form(FormError::Repeated) => (BAD, "a parameter stands there more than once"),
            Self::Form(FormError::NoGrant) => (BAD, "grant_type is missing"),
            Self::Form(FormError::OtherGrant) => (
                (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
                "only authorization_code, refresh_token and client_credentials pass here",
            ),
            Self::Endpoint => return super::bad_gateway(),
        };
        answer::error(status, error, description)
    }
}

/// Status and JSON as Entra ID gave them, and nothing else of its answer.
pub(crate) fn pass_on(response: Response<Vec<u8>>) -> Answer {
    let (parts, body) = response.into_parts();
    let verdict = parts.status == StatusCode::OK
        || parts.status.is_client_error()
        || parts.status.is_server_error();
    if !verdict || serde_json::from_slice::<IgnoredAny>(&body).is_err() {
        return super::bad_gateway();
    }
    let mut answer = answer::json(parts.status, Bytes::from(body));
    if let Some(after) = parts.headers.get(RETRY_AFTER) {
        answer.headers_mut().insert(RETRY_AFTER, after.clone());
    }
    answer
}

fn is_form(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn basic(headers: &HeaderMap) -> Result<Option<HeaderValue>, TokenRequestError> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Err(TokenRequestError::TwoHeaders);
    }
    let is_basic = |value: &&HeaderValue| {
        let scheme = value.as_bytes().get(..6);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
    };
    Ok(first.filter(is_basic).cloned())
}
