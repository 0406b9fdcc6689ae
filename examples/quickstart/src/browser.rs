//! The user's browser, reduced to what a sign-in needs: follow redirects until the one
//! that goes back to the client.

use std::error::Error;

use url::Url;

use crate::wire;

/// Opens `authorize_url` as `user` and returns the redirect that carries the code (or the
/// error) back to the client.
pub async fn sign_in(
    authorize_url: &str,
    user: &str,
    redirect_uri: &str,
) -> Result<Url, Box<dyn Error>> {
    let http = wire::client()?;
    let mut url = Url::parse(authorize_url)?;
    url.query_pairs_mut().append_pair("login_hint", user);
    for _ in 0..5 {
        let answer = http.get(url.clone()).send().await?;
        let Some(location) = answer.headers().get("location") else {
            let status = answer.status();
            return Err(format!("no redirect but {status}: {}", answer.text().await?).into());
        };
        url = url.join(location.to_str()?)?;
        if url.as_str().starts_with(redirect_uri) {
            return Ok(url);
        }
    }
    Err("the redirects never came back to the client".into())
}
