//! Why a handler did not run.

use ::axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::Refusal;
use crate::guard::Guard;
use crate::metadata::answer::Answer;
use crate::refusal::{Cause, unguarded_answer};

/// Why a handler did not get its [`Caller`](crate::Caller): the answer that the guard
/// would have given.
#[derive(Debug)]
pub struct CallerRejection(Box<Answer>);

impl CallerRejection {
    /// 500 where no [`AuthLayer`](crate::AuthLayer) guards the route, 401 where an
    /// optional one let a request without a token through, 403 (or 401 with a claims
    /// challenge) where the caller lacks what the handler requires.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(super) fn of(answer: Answer) -> Self {
        Self(Box::new(answer))
    }

    pub(super) fn refused(guard: &Guard, refusal: &Refusal) -> Self {
        Self::of(guard.refuse(refusal))
    }

    pub(super) fn no_layer() -> Self {
        let refusal = Refusal::new(Cause::Unguarded);
        refusal.trace();
        Self::of(unguarded_answer(&refusal))
    }
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
