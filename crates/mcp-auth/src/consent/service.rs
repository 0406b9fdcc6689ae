//! The pages as a tower service.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::pages::ConsentPages;
use crate::MetadataBody;

impl<B> Service<Request<B>> for ConsentPages {
    type Response = Response<MetadataBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let pages = self.clone();
        let (parts, _) = request.into_parts();
        Box::pin(async move { Ok(pages.answer(&parts).await.map(MetadataBody::whole)) })
    }
}
