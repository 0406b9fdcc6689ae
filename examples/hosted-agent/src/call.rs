//! Platform headers of a request: the call id, and the partition of its user.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Foundry's services resolve the user from it.
const CALL_ID: HeaderName = HeaderName::from_static("x-agent-foundry-call-id");
const USER_ID: HeaderName = HeaderName::from_static("x-agent-user-id");

/// The call id of a request: whoever has it acts as the user, so it goes to the toolbox alone. Only
/// [`header`](Self::header) gives it away, and only the toolbox takes a `CallId`.
#[derive(Clone)]
pub struct CallId(HeaderValue);

impl CallId {
    /// Name and value for a request to the toolbox, unchanged.
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        (CALL_ID, self.0.clone())
    }
}

/// What the platform says of a request. Both are absent outside of it.
pub struct Call {
    pub id: Option<CallId>,
    /// Parts what is kept of one user from what is kept of another. It is no identity, and it is
    /// not sent on.
    pub partition: String,
}

impl Call {
    pub fn of(headers: &HeaderMap) -> Self {
        let mut id = headers.get_all(&CALL_ID).iter();
        let id = match (id.next(), id.next()) {
            (Some(id), None) => {
                let mut id = id.clone();
                id.set_sensitive(true);
                Some(CallId(id))
            }
            _ => None,
        };
        let user = headers.get(&USER_ID).and_then(|user| user.to_str().ok());
        Self {
            id,
            partition: user.unwrap_or_default().to_owned(),
        }
    }
}
