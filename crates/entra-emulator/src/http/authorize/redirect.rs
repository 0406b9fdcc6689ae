//! Redirect URIs: which are registered, and what is sent there.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::super::{
    pages,
    response::{ErrorCode, set},
};
use crate::call::{Call, Params};
use crate::directory::App;
use crate::errors::{AadError, table};
use crate::tokens::random_text;

/// A redirect URI that the client registered, and how the answer travels to it.
pub(super) struct Target<'a> {
    uri: &'a str,
    url: Url,
    app: &'a str,
    params: &'a Params,
}

/// How a browser is sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    Redirect,
    /// After a form of ours: by a page.
    Page,
}

/// The `response_mode` parameter; for a code it is `query` unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Query,
    Fragment,
    FormPost,
}

impl<'a> Target<'a> {
    /// The URI, if the app registered it: character for character, except that the port
    /// of a public client's loopback URI is free (RFC 8252, section 7.3).
    pub(super) fn registered(app: &'a App, uri: &'a str, params: &'a Params) -> Option<Self> {
        let url = Url::parse(uri).ok().filter(|u| u.fragment().is_none())?;
        // A link to one of these would be a script on the emulator's own page.
        if matches!(url.scheme(), "javascript" | "data" | "vbscript") {
            return None;
        }
        let known = app.redirect_uris().iter().any(|registered| {
            registered == uri || (app.is_public() && is_same_loopback(registered, &url))
        });
        known.then_some(Self {
            uri,
            url,
            app: app.name(),
            params,
        })
    }

    pub(super) fn uri(&self) -> &'a str {
        self.uri
    }

    pub(super) fn check_mode(&self) -> Result<(), AadError> {
        match self.mode() {
            Some(_) => Ok(()),
            None => Err(AadError::new(table::BAD_PARAMETER).arg("response_mode")),
        }
    }

    fn mode(&self) -> Option<Mode> {
        match self.params.get("response_mode") {
            None | Some("query") => Some(Mode::Query),
            Some("fragment") => Some(Mode::Fragment),
            Some("form_post") => Some(Mode::FormPost),
            Some(_) => None,
        }
    }

    pub(super) fn success(&self, code: &str, back: Back) -> Response {
        let mut answer = vec![("code", code)];
        answer.extend(self.params.get("state").map(|s| ("state", s)));
        let session = random_text(1);
        answer.push(("session_state", &session));
        self.send(&answer, back)
    }

    pub(super) fn failure(&self, error: &AadError, call: &Call, back: Back) -> Response {
        let description = error.description(call);
        let mut answer = vec![
            ("error", error.error()),
            ("error_description", &description),
        ];
        answer.extend(error.suberror().map(|s| ("error_subcode", s)));
        answer.extend(self.params.get("state").map(|s| ("state", s)));
        let mut response = self.send(&answer, back);
        response.extensions_mut().insert(ErrorCode(error.code()));
        response
    }

    fn send(&self, answer: &[(&str, &str)], back: Back) -> Response {
        let mut url = self.url.clone();
        match self.mode() {
            Some(Mode::FormPost) => return pages::form_post(self.url.as_str(), answer),
            Some(Mode::Fragment) => {
                let mut text = url::form_urlencoded::Serializer::new(String::new());
                text.extend_pairs(answer);
                url.set_fragment(Some(&text.finish()));
            }
            Some(Mode::Query) | None => {
                url.query_pairs_mut().extend_pairs(answer);
            }
        }
        if back == Back::Page {
            return pages::go_on(url.as_str(), self.app);
        }
        let mut response = StatusCode::FOUND.into_response();
        set(response.headers_mut(), header::LOCATION, url.as_str());
        set(
            response.headers_mut(),
            header::CACHE_CONTROL,
            "no-store, no-cache",
        );
        response
    }
}

/// Plain http on the same loopback host with the same path; any port. `localhost` and
/// `127.0.0.1` are two hosts.
fn is_same_loopback(registered: &str, asked: &Url) -> bool {
    Url::parse(registered).is_ok_and(|registered| {
        registered.scheme() == "http"
            && asked.scheme() == "http"
            && matches!(registered.host_str(), Some("localhost" | "127.0.0.1"))
            && registered.host() == asked.host()
            && registered.path() == asked.path()
            && registered.query() == asked.query()
            && asked.username().is_empty()
            && asked.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(registered: &str, asked: &str) -> bool {
        let app = App::new("x", "x").public().redirect_uri(registered);
        Target::registered(&app, asked, &Params::default()).is_some()
    }

    #[test]
    fn only_the_port_of_a_loopback_uri_is_free() {
        assert!(matches("http://localhost", "http://localhost:1234"));
        assert!(matches("http://localhost", "http://localhost:1234/"));
        assert!(matches("http://127.0.0.1/cb", "http://127.0.0.1:1/cb"));
        assert!(matches("https://app.example/cb", "https://app.example/cb"));
        for (registered, asked) in [
            ("http://localhost", "http://localhost:1234/other"),
            ("http://localhost", "http://127.0.0.1:1234"),
            ("http://localhost", "https://localhost:1234"),
            ("http://localhost", "http://localhost.example:1234"),
            ("http://localhost", "http://localhost@example.com"),
            ("http://localhost", "http://u@localhost:1"),
            ("http://localhost", "http://localhost:1/?x=1"),
            ("http://localhost", "http://localhost:1/#x"),
            ("https://app.example/cb", "https://app.example:444/cb"),
            ("https://app.example/cb", "https://app.example/cb/"),
        ] {
            assert!(!matches(registered, asked), "{registered} {asked}");
        }
    }

    #[test]
    fn a_confidential_client_registers_its_port() {
        let app = App::new("x", "x").redirect_uri("http://localhost:8080/cb");
        assert!(Target::registered(&app, "http://localhost:8080/cb", &Params::default()).is_some());
        assert!(Target::registered(&app, "http://localhost:8081/cb", &Params::default()).is_none());
    }

    #[test]
    fn a_redirect_uri_is_never_a_script() {
        for uri in ["javascript:alert(1)//", "data:text/html,x", "vbscript:x"] {
            assert!(!matches(uri, uri), "{uri}");
        }
        assert!(matches("myapp://auth", "myapp://auth"));
    }
}
