//! Answers that a fault ordered.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use super::response::{error_response, loop_response, set};
use crate::call::Call;
use crate::errors::{AadError, Row, table};
use crate::fault::Fault;
use crate::serve::Abort;
use crate::state::Shared;

/// The answer that the fault gives instead of the real one.
pub(super) fn instead(fault: &Fault, call: &Call, shared: &Shared) -> Response {
    let Some(code) = fault.code else {
        return Response::default();
    };
    if code == table::LOOP.code && call.form.get("grant_type") == Some("client_credentials") {
        return loop_response();
    }
    let row = table::by_code(code).unwrap_or(Row {
        code,
        text: "An error ordered by a test.",
        ..table::CODE_EXPIRED
    });
    let error = AadError::new(row).claims(fault.claims.clone());
    error_response(&error, call, shared)
}

/// Dresses an answer up and sends it as the fault says.
pub(super) async fn spoil(fault: &Fault, mut response: Response) -> Response {
    if let Some(delay) = fault.latency() {
        tokio::time::sleep(delay).await;
    }
    if fault.close {
        response.extensions_mut().insert(Abort);
        return response;
    }
    if let Some(text) = &fault.body {
        *response.body_mut() = Body::from(text.clone());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if let Some(content_type) = &fault.content_type {
        set(response.headers_mut(), header::CONTENT_TYPE, content_type);
    }
    if let Some(status) = fault.status {
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    for (name, value) in fault.headers() {
        if let Ok(name) = HeaderName::try_from(name) {
            set(response.headers_mut(), name, value);
        }
    }
    match (fault.truncate, fault.pause()) {
        (None, None) => response,
        (truncate, pause) => broken_off(response, truncate, pause).await,
    }
}

/// The same answer, byte by byte or cut off.
async fn broken_off(
    response: Response,
    truncate: Option<usize>,
    pause: Option<Duration>,
) -> Response {
    let (mut parts, body) = response.into_parts();
    // Answers of the emulator are in memory already.
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // The promise that a truncated body breaks.
    set(
        &mut parts.headers,
        header::CONTENT_LENGTH,
        &whole.len().to_string(),
    );
    let cut = truncate.filter(|n| *n < whole.len());
    let broken = Broken {
        rest: whole.slice(..cut.unwrap_or(whole.len())),
        is_cut: cut.is_some(),
        pause,
        sleep: None,
    };
    Response::from_parts(parts, Body::new(broken))
}

/// A body that comes slowly, or ends in a closed connection.
struct Broken {
    rest: Bytes,
    is_cut: bool,
    pause: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// What makes hyper close the connection after what was sent.
#[derive(Debug, thiserror::Error)]
#[error("cut off on order")]
struct CutOff;

/// Long enough for hyper to have written what came before the cut.
const FLUSH: Duration = Duration::from_millis(5);

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.rest.is_empty() && !self.is_cut {
            return Poll::Ready(None);
        }
        let pause = match self.rest.is_empty() {
            true => Some(FLUSH),
            false => self.pause,
        };
        if let Some(pause) = pause {
            let sleep = self
                .sleep
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(Some(Err(CutOff)));
        }
        let length = match self.pause {
            Some(_) => 1,
            None => self.rest.len(),
        };
        let next = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(next))))
    }

    fn size_hint(&self) -> SizeHint {
        // Unknown, so that the promise of the header stands.
        SizeHint::default()
    }
}
