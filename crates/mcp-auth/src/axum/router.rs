//! The metadata routes as a router.

use ::axum::Router;
use entra_claims::transport::TransportError;

use crate::metadata::MetadataService;
use crate::resource::ProtectedResource;

impl ProtectedResource {
    /// The public routes: metadata, and the facade where it is on. Merge them *after* the
    /// guard's layer, at the root of the application: clients read them without a token.
    ///
    /// Of several resources on one origin, only one may serve the document at the root
    /// (see [`without_root_document`](crate::ProtectedResourceBuilder::without_root_document)),
    /// and each facade needs a path of its own.
    ///
    /// # Errors
    ///
    /// The facade's HTTP client cannot be set up.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn metadata_router<S>(&self) -> Result<Router<S>, TransportError>
    where
        S: Clone + Send + Sync + 'static,
    {
        MetadataService::new(self).map(MetadataService::into_router)
    }
}

impl MetadataService {
    /// The service as a router, one route per path.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn into_router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        // A path segment may begin with a colon or an asterisk; braces are not possible.
        let router = Router::new().without_v07_checks();
        self.paths().fold(router, |router, path| {
            router.route_service(path, self.clone())
        })
    }
}
