//! The pages as a router.

use ::axum::Router;

use super::ConsentPages;

impl ConsentPages {
    /// The pages as a router, to be merged *after* the guard's layer: people open them in a
    /// browser, without a token.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn into_router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let path = format!("{}/{{page}}", self.path());
        // A path segment may begin with a colon or an asterisk; braces are not possible.
        Router::new()
            .without_v07_checks()
            .route_service(&path, self)
    }
}
