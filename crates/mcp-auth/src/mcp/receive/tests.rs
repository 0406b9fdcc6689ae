use http::HeaderValue;
use http_body_util::BodyExt as _;

use super::*;

fn headers(values: &[(http::HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        headers.append(name.clone(), HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn json_is_announced_once_and_uncompressed() {
    for value in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json;charset=\"UTF-8\"; x=y",
    ] {
        assert_eq!(
            announced(&headers(&[(CONTENT_TYPE, value)])),
            Ok(()),
            "{value}"
        );
    }
    for value in [
        "",
        "text/plain",
        "application/jsonx",
        "application/json-seq",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/json, text/plain",
    ] {
        let error = announced(&headers(&[(CONTENT_TYPE, value)]));
        assert_eq!(error, Err(McpRequestError::ContentType), "{value}");
    }
    let json = (CONTENT_TYPE, "application/json");
    assert_eq!(announced(&headers(&[])), Err(McpRequestError::ContentType));
    assert_eq!(
        announced(&headers(&[json.clone(), json.clone()])),
        Err(McpRequestError::ContentType)
    );
    let identity = (CONTENT_ENCODING, "Identity");
    assert_eq!(
        announced(&headers(&[json.clone(), identity.clone()])),
        Ok(())
    );
    for value in ["gzip", "identity, gzip", "", "br"] {
        let both = [json.clone(), identity.clone(), (CONTENT_ENCODING, value)];
        assert_eq!(
            announced(&headers(&both)),
            Err(McpRequestError::ContentEncoding),
            "{value}"
        );
    }
}

/// Comes in pieces, and does not say how much there is.
struct Pieces(Vec<&'static [u8]>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = (!self.0.is_empty()).then(|| self.0.remove(0));
        Poll::Ready(next.map(|piece| Ok(Frame::data(Bytes::from_static(piece)))))
    }
}

#[tokio::test]
async fn pieces_are_put_together_up_to_the_limit() {
    for (pieces, whole_text) in [
        (vec![], ""),
        (vec![&b"abc"[..]], "abc"),
        (vec![b"a", b"", b"b", b"cd"], "abcd"),
    ] {
        let read = whole(Pieces(pieces), 4).await.unwrap();
        assert_eq!(read, whole_text.as_bytes());
        let body = McpRequestBody::<Pieces>::read(read);
        assert_eq!(
            body.collect().await.unwrap().to_bytes(),
            whole_text.as_bytes()
        );
    }
    for pieces in [vec![&b"abcde"[..]], vec![b"abcd", b"e"]] {
        assert_eq!(
            whole(Pieces(pieces), 4).await,
            Err(McpRequestError::TooLarge)
        );
    }
}

/// A length that says too much is enough: nothing is read.
#[tokio::test]
async fn an_announced_length_is_refused_unread() {
    struct Announced;
    impl Body for Announced {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            panic!("it is read");
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(5)
        }
    }
    assert_eq!(whole(Announced, 4).await, Err(McpRequestError::TooLarge));
}

/// A body that never ends holds no request for ever.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_given_up() {
    struct Endless;
    impl Body for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }
    assert_eq!(whole(Endless, 4).await, Err(McpRequestError::BodyTooSlow));
}
