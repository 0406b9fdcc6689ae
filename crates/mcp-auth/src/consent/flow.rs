//! HTTP handling of the consent pages: page, button, callback.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use entra_claims::ExpectedSignIn;
use entra_obo::AuthorizationCode;
use entra_parts::store::StoreError;
use http::header::{ALLOW, CACHE_CONTROL, LOCATION, ORIGIN, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::authorize::authorize;
use super::authorize::{Answered, Ask, Leg, With};
use super::page::{Attempt, Outcome, Page, Stage};
use super::pages::{ConsentPages, Inner};
use super::store::Seen;
use super::{cookie, html};
use crate::metadata::answer::{self, Answer, NO_STORE};

/// The one path beside the pages themselves.
const CALLBACK: &str = "callback";

impl ConsentPages {
    /// The answer; no body is read.
    pub(super) async fn answer(&self, parts: &Parts) -> Answer {
        let below = parts.uri.path().strip_prefix(self.path());
        let Some(segment) = below.and_then(|rest| rest.strip_prefix('/')) else {
            return answer::empty(StatusCode::NOT_FOUND);
        };
        match (segment, &parts.method) {
            (CALLBACK, &Method::GET) => Inner::callback(&self.0, parts).await,
            // Looking does not redeem.
            (CALLBACK, &Method::HEAD) => answer::empty(StatusCode::NO_CONTENT),
            (CALLBACK, _) => answer::not_allowed(answer::Methods::Read),
            (id, &Method::GET) => self.0.show(id).await,
            (id, &Method::HEAD) => answer::without_body(self.0.show(id).await),
            (id, &Method::POST) => self.0.start(id, &parts.headers).await,
            _ => {
                let mut answer = answer::empty(StatusCode::METHOD_NOT_ALLOWED);
                let methods = HeaderValue::from_static("GET, HEAD, POST");
                answer.headers_mut().insert(ALLOW, methods);
                answer
            }
        }
    }
}

impl Inner {
    /// The page. It changes nothing.
    async fn show(&self, id: &str) -> Answer {
        let seen = match self.see(id, None).await {
            Ok(seen) => seen,
            Err(answer) => return answer,
        };
        if let Some(ended) = ended(seen.stage, &seen.page.ask) {
            return ended;
        }
        let lead = format!("You called a tool of {}.", self.name);
        html::button(
            &format!("Continue with {}", self.name),
            &[
                &lead,
                &seen.page.ask.sentence(),
                "Go on only if you have just used this tool yourself. You will sign in first, \
                 with the account that you used there.",
            ],
            "Continue",
        )
    }

    /// The button: a sign-in begins.
    async fn start(&self, id: &str, headers: &HeaderMap) -> Answer {
        if !self.is_own(headers) {
            return html::page(
                StatusCode::FORBIDDEN,
                "Not from here",
                &["This was not pressed on the page itself."],
            );
        }
        let seen = match self.see(id, None).await {
            Ok(seen) => seen,
            Err(answer) => return answer,
        };
        if let Some(ended) = ended(seen.stage, &seen.page.ask) {
            return ended;
        }
        let started = match self.store.begin(id).await {
            Ok(started) => started,
            Err(error) => return unavailable(&error),
        };
        let url = started
            .as_ref()
            .and_then(|attempt| self.sign_in(id, &seen.page, attempt));
        let (Some(attempt), Some(url)) = (started, url) else {
            return html::page(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                &["Call the tool again to get a new link."],
            );
        };
        let mut answer = html::go_on(&url);
        if let Some(cookie) = cookie::set(id, &attempt.browser, self.is_secure()) {
            answer.headers_mut().insert(SET_COOKIE, cookie);
        }
        answer
    }

    /// Where Entra ID says who is there. Which account it is, the person chooses: one that
    /// is signed in somewhere else would be taken silently, and be the wrong one.
    fn sign_in(&self, id: &str, page: &Page, attempt: &Attempt) -> Option<String> {
        let state = format!("s.{id}.{}", attempt.sign_in);
        let client = self.exchange.client_id();
        let redirect_uri = self.redirect_uri();
        let mut url = authorize(page.ask.authority(), client, &redirect_uri, &state)?;
        url.query_pairs_mut()
            // Without `profile` the ID token does not say who it is: no `oid`.
            .append_pair("scope", "openid profile")
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", attempt.pkce.challenge())
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        Some(url.into())
    }

    /// Entra ID's answer, to the sign-in or to what was asked for.
    async fn callback(self: &Arc<Self>, parts: &Parts) -> Answer {
        if is_prefetch(&parts.headers) {
            return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
        }
        let query = parts.uri.query().unwrap_or_default();
        let Some(answered) = Answered::read(query) else {
            return gone();
        };
        let browser = cookie::read(&parts.headers, &answered.id, self.is_secure());
        let seen = match self.see(&answered.id, browser).await {
            Ok(seen) => seen,
            Err(answer) => return answer,
        };
        // Another browser, or an older sign-in: nothing of this page is touched.
        let Some(attempt) = &seen.attempt else {
            return gone();
        };
        let expected = match answered.leg {
            Leg::SignIn => &attempt.sign_in,
            Leg::Ask => &attempt.ask,
        };
        if !browser.is_some_and(|found| same(found, &attempt.browser))
            || !same(&answered.secret, expected)
        {
            return gone();
        }
        // An answer that comes once more, after the end.
        if let Some(ended) = ended(seen.stage, &seen.page.ask) {
            return ended;
        }
        let ask = &seen.page.ask;
        match (answered.leg, answered.with) {
            // Who it is that did not sign in is not known.
            (Leg::SignIn, With::Error) => no_sign_in(),
            (Leg::Ask, With::Error) => self.end(&answered.id, Stage::Declined, ask).await,
            (Leg::SignIn, With::Code(code)) => self.signed_in(answered.id, seen, code).await,
            // An agent identity gets no code, and every other application gets one.
            (Leg::Ask, With::Code(_)) if ask.is_for_agent() => gone(),
            (Leg::Ask, With::Nothing) if !ask.is_for_agent() => gone(),
            // Only who was recognized has a state for this.
            (Leg::Ask, _) => match self.store.outcome(&answered.id, attempt).await {
                Ok(Some(Outcome::Same(_))) => self.end(&answered.id, Stage::Done, ask).await,
                Ok(_) => gone(),
                Err(error) => unavailable(&error),
            },
            (Leg::SignIn, With::Nothing) => gone(),
        }
    }

    /// The page, or the response for an unknown one.
    async fn see(&self, id: &str, browser: Option<&str>) -> Result<Seen, Answer> {
        match self.store.see(id, browser).await {
            Ok(Some(seen)) => Ok(seen),
            Ok(None) => {
                tracing::info!(
                    target: "mcp_auth::consent",
                    "a consent page is unknown: it is too old, this process restarted, or another \
                     instance that does not share its pages made it"
                );
                Err(gone())
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn end(&self, id: &str, stage: Stage, ask: &Ask) -> Answer {
        match self.store.end(id, stage).await {
            Ok(()) => ended(stage, ask).unwrap_or_else(gone),
            Err(error) => unavailable(&error),
        }
    }

    async fn signed_in(self: &Arc<Self>, id: String, seen: Seen, code: String) -> Answer {
        let (pages, page_id) = (Arc::clone(self), id.clone());
        // A browser that goes away does not leave the code half redeemed.
        let settled = tokio::spawn(async move {
            let attempt = seen.attempt.as_ref()?;
            let who = pages.recognize(&page_id, &seen.page, attempt, &code);
            Some(pages.store.settle(&page_id, attempt, who).await)
        });
        let outcome = match settled.await {
            Ok(Some(Ok(outcome))) => outcome,
            Ok(Some(Err(error))) => return unavailable(&error),
            Ok(None) | Err(_) => Outcome::Unknown,
        };
        match outcome {
            Outcome::Same(url) => {
                let mut answer = answer::empty(StatusCode::SEE_OTHER);
                let headers = answer.headers_mut();
                if let Ok(url) = HeaderValue::try_from(url.as_str()) {
                    headers.insert(LOCATION, url);
                }
                headers.insert(CACHE_CONTROL, NO_STORE);
                answer
            }
            Outcome::Other => {
                if let Err(error) = self.store.end(&id, Stage::Void).await {
                    return unavailable(&error);
                }
                html::page(
                    StatusCode::FORBIDDEN,
                    "This link is not for this account",
                    &[
                        "It was made for another account's tool call. Nothing was allowed, and \
                         the link is void now. If somebody sent it to you, do not use it.",
                        "If it was your own call, call the tool again and sign in with the \
                         account that you use there.",
                    ],
                )
            }
            Outcome::Unknown => html::page(
                StatusCode::BAD_GATEWAY,
                "The sign-in did not work",
                &["Go back to the page and press the button again."],
            ),
        }
    }

    /// Who is there, by the ID token that the code gives. All other tokens that come with it
    /// are dropped unread.
    async fn recognize(&self, id: &str, page: &Page, attempt: &Attempt, code: &str) -> Outcome {
        let tenant = page.ask.authority().tenant();
        let redirect_uri = self.redirect_uri();
        let grant = AuthorizationCode {
            code,
            redirect_uri: &redirect_uri,
            verifier: attempt.pkce.verifier(),
        };
        let token = match self.exchange.for_tenant(tenant).redeem_code(grant).await {
            Ok(token) => token,
            Err(error) => {
                tracing::warn!(target: "mcp_auth::consent", %error, "a code was not redeemed");
                return Outcome::Unknown;
            }
        };
        let client = self.exchange.client_id();
        let expected = ExpectedSignIn {
            client,
            nonce: &attempt.nonce,
        };
        let verified = self
            .authenticator
            .authenticate_id_token(token.expose(), expected);
        let who = match verified.await {
            Ok(who) => who,
            // A user of a tenant that is not served is certainly another user.
            Err(error) if error.reason() == entra_claims::Reason::TenantNotAllowed => {
                return Outcome::Other;
            }
            Err(error) => {
                tracing::warn!(target: "mcp_auth::consent", reason = error.code(), "an ID token is not accepted");
                return Outcome::Unknown;
            }
        };
        if who.key() != page.initiator.user {
            tracing::warn!(
                target: "mcp_auth::consent",
                user = %page.initiator.user.object,
                "a consent page was opened by somebody else than who it is for; it is void"
            );
            return Outcome::Other;
        }
        let state = format!("a.{id}.{}", attempt.ask);
        let hint = who.user_name();
        let url = page
            .ask
            .url(client, &redirect_uri, &state, hint, &attempt.pkce);
        url.map_or(Outcome::Unknown, Outcome::Same)
    }

    fn redirect_uri(&self) -> String {
        format!("{}/{CALLBACK}", self.base.as_text())
    }

    fn is_secure(&self) -> bool {
        self.base.as_text().starts_with("https:")
    }

    /// Whether a button was pressed on a page of this origin. Browsers say so twice; a request that
    /// says nothing is no browser, and has no cookies that could be abused.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let text = |name: &http::HeaderName| headers.get(name).map(|value| value.to_str().ok());
        let site = text(&http::HeaderName::from_static("sec-fetch-site"));
        text(&ORIGIN).is_none_or(|origin| origin == Some(self.base.origin()))
            && site.is_none_or(|site| site == Some("same-origin"))
    }
}

fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// A browser that looks ahead (Fetch Metadata, `Sec-Purpose`; older ones `Purpose`).
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch"))
    })
}

/// One text for what never was, is over, or is another browser's: nothing tells them apart.
fn gone() -> Answer {
    html::page(
        StatusCode::NOT_FOUND,
        "This link is not valid",
        &[
            "It may be too old, or was opened in another browser. Call the tool again to get a new one.",
        ],
    )
}

/// Declined, or failed at Entra ID, before it is clear who is there: the page stays open.
fn no_sign_in() -> Answer {
    html::page(
        StatusCode::OK,
        "You did not sign in",
        &["Nothing was allowed. To go on, open the link of your tool call again."],
    )
}

/// The store that the instances share does not answer.
fn unavailable(error: &StoreError) -> Answer {
    tracing::warn!(target: "mcp_auth::consent", %error, "a consent page cannot be looked up");
    let mut answer = html::page(
        StatusCode::SERVICE_UNAVAILABLE,
        "Not at the moment",
        &["This page cannot be shown at the moment. Reload it in a few seconds."],
    );
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

fn ended(stage: Stage, ask: &Ask) -> Option<Answer> {
    match stage {
        Stage::Open => None,
        // Whether the consent was recorded nothing says; the next exchange does.
        Stage::Done if ask.is_for_agent() => Some(html::page(
            StatusCode::OK,
            "Try again",
            &[
                "You can close this window. Call the tool again: that shows whether your consent \
                 counts. If it does not, an administrator has to grant the permission.",
            ],
        )),
        Stage::Done => Some(html::page(
            StatusCode::OK,
            "Done",
            &["You can close this window and go back to where you called the tool."],
        )),
        Stage::Declined => Some(html::page(
            StatusCode::OK,
            "Nothing was allowed",
            &["You can close this window. If you change your mind, call the tool again later."],
        )),
        Stage::Void => Some(gone()),
    }
}
