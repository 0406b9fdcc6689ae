//! A handle that does not open, as `rmcp` reports it.

use ::rmcp::ErrorData;

use crate::HandleError;

/// Invalid params for a handle that is not known, so that `?` in a tool says the right
/// thing; an internal error where none can be made.
impl From<HandleError> for ErrorData {
    fn from(error: HandleError) -> Self {
        let message = error.to_string();
        match error {
            HandleError::Unknown => Self::invalid_params(message, None),
            HandleError::NoRandomness => Self::internal_error(message, None),
        }
    }
}
