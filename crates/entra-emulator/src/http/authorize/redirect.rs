//! Redirect URIs: which are registered, and what is sent there in which way.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::super::{
    pages,
    response::{ErrorCode, set},
};
use super::response_type::ResponseType;
use crate::call::{Call, Params};
use crate::directory::App;
use crate::errors::{AadError, table};
use crate::grants::Platform;

/// A redirect URI that the client registered, and how the answer travels to it.
pub(super) struct Target<'a> {
    uri: &'a str,
    url: Url,
    app: &'a str,
    params: &'a Params,
    pub(super) platform: Platform,
}

/// How a browser is sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    Redirect,
    /// After a form of ours: by a page.
    Page,
}

/// The `response_mode` parameter: `query` for a code, `fragment` for tokens, unless said
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Query,
    Fragment,
    FormPost,
}

/// What a successful sign-in sends to the client.
#[derive(Default)]
pub(super) struct Success {
    pub(super) code: Option<String>,
    pub(super) id_token: Option<String>,
    pub(super) client_info: Option<String>,
    pub(super) session_state: Option<String>,
}

impl<'a> Target<'a> {
    /// The URI, if the app registered it: character for character, except for the port of a
    /// loopback URI (RFC 8252, section 7.3).
    pub(super) fn registered(app: &'a App, uri: &'a str, params: &'a Params) -> Option<Self> {
        let url = Url::parse(uri).ok().filter(|u| u.fragment().is_none())?;
        // A link to one of these would be a script on the emulator's own page.
        if matches!(url.scheme(), "javascript" | "data" | "vbscript") {
            return None;
        }
        let known = |all: &[String]| {
            let mut all = all.iter();
            all.any(|r| r == uri || is_same_loopback(r, &url, app.is_public()))
        };
        // The same URI on both platforms is a single-page app's, as its code is redeemed there.
        let platform = match (known(&app.spa.redirect_uris), known(app.redirect_uris())) {
            (true, _) => Platform::Spa,
            (false, true) => Platform::Other,
            (false, false) => return None,
        };
        Some(Self {
            uri,
            url,
            app: app.name(),
            params,
            platform,
        })
    }

    pub(super) fn uri(&self) -> &'a str {
        self.uri
    }

    pub(super) fn check_mode(&self) -> Result<(), AadError> {
        let tokens = ResponseType::read(self.params).is_some_and(ResponseType::has_tokens);
        match self.mode() {
            Some(Mode::Query) if tokens => Err(AadError::new(table::RESPONSE_MODE_QUERY)),
            Some(_) => Ok(()),
            None => Err(AadError::new(table::BAD_PARAMETER).arg("response_mode")),
        }
    }

    fn mode(&self) -> Option<Mode> {
        let tokens = ResponseType::read(self.params).is_some_and(ResponseType::has_tokens);
        match self.params.get("response_mode") {
            None if tokens => Some(Mode::Fragment),
            None | Some("query") => Some(Mode::Query),
            Some("fragment") => Some(Mode::Fragment),
            Some("form_post") => Some(Mode::FormPost),
            Some(_) => None,
        }
    }

    pub(super) fn success(&self, success: &Success, back: Back) -> Response {
        let members = [
            ("code", success.code.as_deref()),
            ("id_token", success.id_token.as_deref()),
            ("client_info", success.client_info.as_deref()),
            ("state", self.params.get("state")),
            ("session_state", success.session_state.as_deref()),
        ];
        let members = members.into_iter().filter_map(|(n, v)| Some((n, v?)));
        self.send(&members.collect::<Vec<_>>(), back)
    }

    pub(super) fn failure(
        &self,
        error: &AadError,
        call: &Call,
        base_url: &str,
        back: Back,
    ) -> Response {
        let (description, uri) = (error.description(call), error.uri(base_url));
        let mut answer = vec![
            ("error", error.error()),
            ("error_description", &description),
            ("error_uri", &uri),
        ];
        answer.extend(error.suberror().map(|s| ("error_subcode", s)));
        answer.extend(self.params.get("state").map(|s| ("state", s)));
        let mut response = self.send(&answer, back);
        response.extensions_mut().insert(ErrorCode(error.code()));
        response
    }

    /// The answer of the administrators' consent page.
    pub(super) fn consented(&self, answer: &[(&str, &str)], back: Back) -> Response {
        let mut answer = answer.to_vec();
        answer.extend(self.params.get("state").map(|s| ("state", s)));
        self.send(&answer, back)
    }

    /// The person left before they signed in: an error without a number.
    pub(super) fn cancelled(&self, back: Back) -> Response {
        let mut answer = vec![("error", "access_denied"), ("error_subcode", "cancel")];
        answer.extend(self.params.get("state").map(|s| ("state", s)));
        self.send(&answer, back)
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

/// The same loopback host with the same path; any port. `localhost` is free for every client,
/// `http://127.0.0.1` for public ones. `localhost` and `127.0.0.1` are two hosts.
fn is_same_loopback(registered: &str, asked: &Url, public: bool) -> bool {
    Url::parse(registered).is_ok_and(|registered| {
        let free = match registered.host_str() {
            Some("localhost") => matches!(registered.scheme(), "http" | "https"),
            Some("127.0.0.1") => public && registered.scheme() == "http",
            _ => false,
        };
        free && registered.scheme() == asked.scheme()
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
    fn the_port_of_localhost_is_free_on_web_and_spa_too() {
        let params = Params::default();
        let web = App::new("x", "x")
            .redirect_uri("http://localhost:8080/cb")
            .redirect_uri("https://localhost:7001/cb")
            .redirect_uri("http://127.0.0.1:8080/cb");
        let spa = App::new("x", "x").spa_redirect_uri("http://localhost:3000/cb");
        let platform = |app: &App, uri: &str| {
            Target::registered(app, uri, &params).map(|target| target.platform)
        };
        for uri in [
            "http://localhost:8080/cb",
            "http://localhost:8081/cb",
            "https://localhost/cb",
            "http://127.0.0.1:8080/cb",
        ] {
            assert_eq!(platform(&web, uri), Some(Platform::Other), "{uri}");
        }
        for uri in ["http://127.0.0.1:8081/cb", "https://localhost:1/other"] {
            assert_eq!(platform(&web, uri), None, "{uri}");
        }
        assert_eq!(platform(&spa, "http://localhost:1/cb"), Some(Platform::Spa));
        assert_eq!(platform(&spa, "https://localhost:3000/cb"), None);
    }

    #[test]
    fn a_redirect_uri_is_never_a_script() {
        for uri in ["javascript:alert(1)//", "data:text/html,x", "vbscript:x"] {
            assert!(!matches(uri, uri), "{uri}");
        }
        assert!(matches("myapp://auth", "myapp://auth"));
    }
}
