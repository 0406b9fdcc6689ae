//! The browser behind a request: what it says of itself, and its cookie.

use axum::http::{HeaderMap, header};
use axum::response::Response;

use crate::http::response::set;
use crate::state::Shared;
use crate::tokens::random_text;

/// What a request says about the browser that sent it.
pub(in crate::http) struct Browser {
    cookie: Option<String>,
    /// Whether a person looks at the answer: browsers mark a navigation (Fetch Metadata
    /// Request Headers, `Sec-Fetch-Mode`), scripts do not.
    pub(in crate::http) is_watched: bool,
    own_origin: bool,
}

impl Browser {
    pub(in crate::http) fn read(headers: &HeaderMap, shared: &Shared) -> Self {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
        let wanted = cookie_name(shared);
        let cookies = headers.get_all(header::COOKIE).iter();
        let cookie = cookies
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == wanted)
            // None that was given out here is longer.
            .filter(|(_, value)| value.len() <= 64)
            .map(|(_, value)| value.to_owned());
        // Cookies do not tell ports apart, so another local page could plant one. A form
        // always says which page it is on.
        let own_origin = match (text(header::ORIGIN), text(header::HOST)) {
            (None, _) => true,
            (Some(origin), Some(host)) => origin
                .split_once("://")
                .is_some_and(|(_, o)| o.eq_ignore_ascii_case(host)),
            (Some(_), None) => false,
        };
        Self {
            cookie,
            // Where a password is needed, nobody goes past the pages.
            is_watched: shared.password().is_some()
                || text(header::HeaderName::from_static("sec-fetch-mode")) == Some("navigate"),
            own_origin,
        }
    }

    /// The cookie, if the request comes from one of the emulator's own pages.
    pub(in crate::http) fn own_cookie(&self) -> Option<&str> {
        self.cookie.as_deref().filter(|_| self.own_origin)
    }

    pub(in crate::http) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    pub(in crate::http) fn cookie_or_new(&self) -> String {
        self.cookie.clone().unwrap_or_else(|| random_text(2))
    }

    /// Gives the browser its cookie, if it is a new one.
    pub(in crate::http) fn remember(&self, shared: &Shared, cookie: &str, to: &mut Response) {
        if self.cookie.as_deref() == Some(cookie) {
            return;
        }
        // As Entra's: hidden frames of apps on other origins ask silently.
        let policy = match shared.base_url.starts_with("https:") {
            true => "None; Secure",
            false => "Lax",
        };
        let name = cookie_name(shared);
        let text = format!("{name}={cookie}; Path=/; HttpOnly; SameSite={policy}");
        set(to.headers_mut(), header::SET_COOKIE, &text);
    }
}

/// One name for each port, since cookies do not tell ports apart.
fn cookie_name(shared: &Shared) -> String {
    let port = shared.base_url.rsplit(':').next().unwrap_or_default();
    format!("entra-emulator-{port}")
}
