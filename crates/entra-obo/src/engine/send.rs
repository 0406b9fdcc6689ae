//! One request to an endpoint, counted and told of.

use entra_claims::transport::{HttpTransport, TransportError};
use http::{Request, Response};
use tracing::Instrument as _;

use super::Engine;
use crate::meter;

impl Engine {
    /// `id` is the `client-request-id`, where the endpoint takes one.
    pub(crate) async fn send(
        &self,
        transport: &dyn HttpTransport,
        request: Request<Vec<u8>>,
        flow: &'static str,
        id: Option<&str>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        self.counters.requests.count();
        let span = tracing::info_span!(
            "token_request",
            client_request_id = id,
            status = tracing::field::Empty,
        );
        let answer = transport.send(request);
        let answer = answer.instrument(span.clone()).await;
        let status = meter::status(&answer);
        span.record("status", status);
        meter::request(flow, status);
        answer
    }
}
