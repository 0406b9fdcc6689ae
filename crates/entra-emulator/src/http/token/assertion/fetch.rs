//! The keys of a federated issuer, fetched from this machine and from nowhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use url::{Host, Url};

const PATIENCE: Duration = Duration::from_secs(5);
const LIMIT: usize = 1024 * 1024;

/// The key set that an issuer's discovery document names, if both are on plain http and
/// loopback addresses.
pub(super) async fn key_set(issuer: &str) -> Option<Value> {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let document = get(&format!("{base}/.well-known/openid-configuration")).await?;
    // A document that names another issuer is not this issuer's (OpenID Connect Discovery
    // 1.0, section 4.3).
    if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return None;
    }
    get(document.get("jwks_uri").and_then(Value::as_str)?).await
}

async fn get(url: &str) -> Option<Value> {
    let url = Url::parse(url).ok()?;
    let (address, port) = loopback(&url)?;
    timeout(PATIENCE, exchange(&url, address, port))
        .await
        .ok()?
}

/// The address to connect to: a loopback address is taken as it is and `localhost` is not
/// looked up, so no name leads elsewhere.
fn loopback(url: &Url) -> Option<(IpAddr, u16)> {
    if url.scheme() != "http" {
        return None;
    }
    let address = match url.host()? {
        Host::Domain("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Host::Ipv4(address) if address.is_loopback() => IpAddr::V4(address),
        Host::Ipv6(Ipv6Addr::LOCALHOST) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        _ => return None,
    };
    Some((address, url.port_or_known_default()?))
}

/// One request over one connection; redirects are not followed.
async fn exchange(url: &Url, address: IpAddr, port: u16) -> Option<Value> {
    let stream = TcpStream::connect((address, port)).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .ok()?;
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let request = Request::get(target)
        .header(header::HOST, url.authority())
        .body(Body::empty())
        .ok()?;
    let response = sender.send_request(request).await.ok()?;
    let ok = response.status() == StatusCode::OK;
    let bytes = to_bytes(Body::new(response.into_body()), LIMIT).await.ok();
    driver.abort();
    serde_json::from_slice(&bytes.filter(|_| ok)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked() {
        let allowed = |url: &str| loopback(&Url::parse(url).unwrap()).is_some();
        assert!(allowed("http://localhost:1/x"));
        assert!(allowed("http://127.0.0.1:1/x"));
        assert!(allowed("http://[::1]:1/x"));
        for url in [
            "https://localhost:1/x",
            "http://localhost.example:1/x",
            "http://10.0.0.1/x",
            "http://169.254.169.254/x",
            "http://[::2]/x",
            "http://example.com/x",
            "http://0.0.0.0/x",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
