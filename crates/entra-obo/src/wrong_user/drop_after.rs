//! A future that is cancelled after a number of polls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls the inner future a number of times and then drops it.
pub(super) struct DropAfter<F> {
    inner: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> DropAfter<F> {
    pub(super) fn new(inner: F, polls: usize) -> Self {
        let inner = Some(Box::pin(inner));
        Self { inner, polls }
    }
}

impl<F: Future> Future for DropAfter<F> {
    /// `None` when it was dropped before it was ready.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.polls.checked_sub(1) else {
            self.inner = None;
            return Poll::Ready(None);
        };
        self.polls = left;
        match self
            .inner
            .as_mut()
            .map(|inner| inner.as_mut().poll(context))
        {
            Some(Poll::Ready(output)) => Poll::Ready(Some(output)),
            _ => {
                // Where the drop is to come, the next poll comes whether or not anything
                // happened.
                if left < usize::MAX / 2 {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            }
        }
    }
}
