//! Reads pasted text: finds tokens, addresses, JSON, header fields, statuses, settings,
//! requests to Entra ID and times in it, whatever stands around them.
//!
//! Nothing is judged here: the rules look at what was found. Foreign bytes: bounded in
//! length and in the number of things that are kept.

pub(crate) mod address;
mod claims;
pub(crate) mod fragment;
pub(crate) mod http;
mod json;
pub(crate) mod request;
pub(crate) mod scan;
pub(crate) mod single;
mod status;
pub(crate) mod time;
pub(crate) mod token;

use serde_json::Value;

use crate::document::{Document, DocumentKind, Parsed, Principal, SignIn};
use address::{Address, Role};
use http::Header;
use token::{Form, FoundToken, Place};

/// Longer pastes are cut.
pub(crate) const LIMIT: usize = 256 * 1024;

/// What a paste holds.
#[derive(Clone, Default)]
pub(crate) struct Reading {
    /// The paste, then what JSON and queries in it hold in a second coat.
    pub(crate) text: String,
    pub(crate) tokens: Vec<FoundToken>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) headers: Vec<Header>,
    pub(crate) status: Option<u16>,
    pub(crate) documents: Vec<Document>,
    /// Resources and scopes that the paste asks Entra ID for.
    pub(crate) requested: Vec<String>,
    /// Decoded parameters of requests to Entra ID.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) failed_at: Option<i64>,
    pub(crate) marks: Vec<Mark>,
    /// Lines of which nothing was recognized, with their numbers.
    pub(crate) unread: Vec<(usize, String)>,
    /// Ids of the calling application.
    pub(crate) caller: fragment::Caller,
    /// What a gateway's policy lets in.
    pub(crate) policy: Option<fragment::Policy>,
    /// Audiences that a validator is configured with.
    pub(crate) accepted: Vec<String>,
}

/// A stretch of the paste that was read, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) what: &'static str,
}

impl Reading {
    pub(crate) fn of(paste: &str) -> Self {
        let paste = cut(paste, LIMIT);
        let values = json::find(paste);
        let mut found = Self {
            tokens: token::find(paste),
            headers: http::headers(paste),
            addresses: address::find(paste),
            text: plain(paste),
            ..Self::default()
        };
        for one in &values {
            found.read_value(&one.value, one.start, one.end);
        }
        found.tokens.extend(claims::from_lines(paste, &values));
        if let Some(entry) = SignIn::from_text(paste).filter(|_| values.is_empty()) {
            found.documents.push(Document(Parsed::SignIn(entry)));
            found.marks.push(Mark {
                start: 0,
                end: paste.len(),
                what: "sign-in log entry",
            });
        }
        found.tokens.sort_by_key(|token| token.start);
        found.read_principal();
        found.read_addresses(paste);
        request::read(paste, &mut found);
        for header in &found.headers {
            found.marks.push(Mark {
                start: header.start,
                end: header.end,
                what: "header",
            });
        }
        for token in &found.tokens {
            found.marks.push(Mark {
                start: token.start,
                end: token.end,
                what: "token",
            });
        }
        found.read_fragments(paste);
        found.status = status::of(&without_tokens(&found.text));
        found.prefer_refused(paste);
        found.failed_at = time::of_failure(&found.text);
        found.marks.extend(codes(paste));
        found.marks.extend(status_marks(paste));
        found.marks.sort_by_key(|mark| (mark.start, mark.end));
        found.unread = unread(paste, &found.marks);
        found
    }

    /// Settings whose documents are not in the paste as a whole.
    fn read_fragments(&mut self, paste: &str) {
        let text = plain(&crate::redact::tokens(paste));
        let has = |kind| {
            self.documents
                .iter()
                .any(|document| document.kind() == kind)
        };
        let pieces = [
            (DocumentKind::SiteAuthentication, fragment::site(&text)),
            (DocumentKind::Registration, fragment::registration(&text)),
            (DocumentKind::Tool, fragment::tool(&text)),
            (DocumentKind::AppSettings, fragment::app_settings(&text)),
        ];
        let mut added = Vec::new();
        for (kind, value) in pieces {
            let Some(value) = value.filter(|_| !has(kind)) else {
                continue;
            };
            added.extend(
                Document::piece(&value)
                    .into_iter()
                    .filter(|it| it.kind() == kind),
            );
        }
        self.documents.extend(added);
        self.caller = fragment::caller(&text);
        self.policy = fragment::policy(&text);
        self.accepted = fragment::accepted(&text);
    }

    /// Of several addresses, the one that stands beside the status of the refusal was called.
    fn prefer_refused(&mut self, paste: &str) {
        let Some(status) = self.status.filter(|status| *status >= 400) else {
            return;
        };
        for address in self
            .addresses
            .iter_mut()
            .filter(|it| it.role == Role::Called)
        {
            let before = paste.get(..address.start).unwrap_or_default();
            let after = paste.get(address.end..).unwrap_or_default();
            let line = format!(
                "{} x {}",
                before.rsplit('\n').next().unwrap_or_default(),
                without_tokens(after.split('\n').next().unwrap_or_default())
            );
            if status::all(&format!("GET /x{line}")).contains(&status) {
                address.weight += 3;
            }
        }
    }

    fn read_value(&mut self, value: &Value, start: usize, end: usize) {
        let before = self.tokens.len();
        let mut texts = json::texts(value);
        if claims::is_claims(value) {
            self.tokens.push(claims::from_claims(value, start, end));
        } else if let Some(inner) = nested_claims(value) {
            self.tokens.push(claims::from_claims(inner, start, end));
        }
        for (name, value) in http::members(value) {
            if !self.headers.iter().any(|known| known.name == name) {
                self.headers.push(Header {
                    start,
                    end: start,
                    name,
                    value,
                });
            }
        }
        let mut kinds = Vec::new();
        if let Ok(documents) = Document::from_json(value) {
            for document in documents {
                kinds.push(document.kind());
                if let Parsed::Principal(Principal::Site(caller)) = &document.0
                    && claims::is_claims(caller)
                {
                    self.tokens.push(claims::from_claims(caller, start, end));
                }
                if document.kind() != DocumentKind::ErrorText {
                    self.documents.push(document);
                }
            }
        }
        // Texts of settings are settings and not what a service said.
        let settings = kinds
            .iter()
            .any(|kind| !matches!(kind, DocumentKind::ErrorText | DocumentKind::SignIn));
        if !settings {
            for text in texts.drain(..) {
                // What was folded or escaped in the paste is plain here.
                if !self.text.contains(&text) {
                    self.text.push('\n');
                    self.text.push_str(cut(&text, 16 * 1024));
                }
            }
        }
        let what = match kinds.first() {
            _ if self.tokens.len() > before => "claims",
            Some(DocumentKind::SiteAuthentication) => "authentication settings of a site",
            Some(DocumentKind::AppSettings) => "application settings",
            Some(DocumentKind::StaticSite) => "configuration of a Static Web App",
            Some(DocumentKind::Registration) => "app registration",
            Some(DocumentKind::Tool) => "tool or connection",
            Some(DocumentKind::SignIn) => "sign-in log entry",
            Some(DocumentKind::ErrorText) => "error",
            Some(DocumentKind::Traffic) => "traffic of a browser",
            Some(DocumentKind::Principal) => "caller from a site's authentication",
            _ => "JSON",
        };
        self.marks.push(Mark { start, end, what });
    }

    /// `X-MS-CLIENT-PRINCIPAL` is base64 of JSON.
    fn read_principal(&mut self) {
        let Some(decoded) = self
            .header("x-ms-client-principal")
            .and_then(claims::base64_text)
        else {
            return;
        };
        if let Ok(value) = serde_json::from_str::<Value>(&decoded) {
            self.read_value(&value, 0, 0);
        }
    }

    fn read_addresses(&mut self, paste: &str) {
        for target in http::request_targets(paste, &self.headers) {
            if !self.addresses.iter().any(|known| known.url == target) && target.contains("://") {
                let start = paste.find(&target).unwrap_or(0);
                let end = if paste.contains(&target) {
                    start + target.len()
                } else {
                    start
                };
                let role = if request::is_authority(&target) {
                    Role::Authority
                } else {
                    Role::Called
                };
                self.addresses.push(Address {
                    start,
                    end,
                    url: target,
                    role,
                    weight: 6,
                });
            }
        }
        for address in &self.addresses {
            let what = match address.role {
                Role::Called => "address",
                Role::Authority => "request to Entra ID",
                Role::Audience => "resource or scope",
                Role::Redirect => "redirect URI",
                Role::ManagedIdentity => "request to a managed identity's endpoint",
                Role::Page => continue,
            };
            self.marks.push(Mark {
                start: address.start,
                end: address.end,
                what,
            });
        }
    }

    /// The token that the paste is about: the one that was sent, an access token before
    /// any other.
    pub(crate) fn token(&self) -> Option<&FoundToken> {
        let rank = |token: &FoundToken| match (token.place, token.form) {
            (Place::DoubledScheme, _) => 0,
            (Place::Authorization, Form::Whole) => 1,
            (Place::KeyHeader, _) => 2,
            (Place::Authorization, _) => 3,
            (Place::AccessToken, _) => 4,
            (Place::Elsewhere, Form::Whole) => 5,
            (Place::Elsewhere, _) => 6,
            (Place::SiteHeader, _) => 7,
            (Place::Assertion, _) => 8,
            (Place::IdToken, _) => 9,
        };
        self.tokens.iter().min_by_key(|token| rank(token))
    }

    /// The address that was called, the plainest mention first.
    pub(crate) fn called(&self) -> Option<&str> {
        let called = self
            .addresses
            .iter()
            .filter(|address| address.role == Role::Called);
        let best = called.rev().max_by_key(|address| address.weight)?;
        Some(&best.url)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.name == name)?;
        Some(&found.value)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    /// What was read, in words, with how often.
    pub(crate) fn summary(&self) -> Vec<(&'static str, usize)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for mark in &self.marks {
            match counts.iter_mut().find(|(what, _)| *what == mark.what) {
                Some((_, count)) => *count += 1,
                None => counts.push((mark.what, 1)),
            }
        }
        counts
    }
}

/// Statuses, on lines without tokens.
fn status_marks(paste: &str) -> Vec<Mark> {
    const MOST: usize = 64;
    let (mut found, mut at) = (Vec::new(), 0);
    for line in paste.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.len() > 4096 || line.contains("eyJ") || found.len() >= MOST {
            continue;
        }
        for status in status::all(line) {
            if let Some(place) = line.find(&status.to_string()) {
                found.push(Mark {
                    start: start + place,
                    end: start + place + 3,
                    what: "status",
                });
            }
        }
    }
    found
}

/// The lines that no mark touches and that hold neither a status nor a time.
fn unread(paste: &str, marks: &[Mark]) -> Vec<(usize, String)> {
    const MOST: usize = 50;
    let (mut found, mut at) = (Vec::new(), 0);
    for (number, line) in paste.split_inclusive('\n').enumerate() {
        let (start, end) = (at, at + line.len());
        at = end;
        let touched = marks
            .iter()
            .any(|mark| mark.start < end && mark.end > start);
        let known = touched
            || line.trim().is_empty()
            || !status::all(line).is_empty()
            || time::of_failure(line).is_some();
        if !known && found.len() < MOST {
            found.push((number + 1, start_of(line)));
        }
    }
    found
}

/// The start of a line, without what could be a secret.
fn start_of(line: &str) -> String {
    let plain = without_tokens(line.trim());
    let words: Vec<String> = plain
        .split_whitespace()
        .map(|word| {
            let long = word.len() >= 20 && word.bytes().filter(u8::is_ascii_digit).count() > 3;
            if long || word.contains('@') {
                "...".to_owned()
            } else {
                word.to_owned()
            }
        })
        .collect();
    let text = words.join(" ");
    let short = cut(&text, 48);
    if short.len() < text.len() {
        format!("{short}...")
    } else {
        text
    }
}

/// `{"decoded": {...}}`, `{"header": ..., "payload": ...}`.
fn nested_claims(value: &Value) -> Option<&Value> {
    let members = value.as_object()?;
    members.values().find(|inner| claims::is_claims(inner))
}

/// Escapes that are left where JSON could not be read as a whole, and HTML's.
fn plain(paste: &str) -> String {
    let mut text = paste.to_owned();
    for (escape, char) in [
        ("\\r\\n", "\n"),
        ("\\n", "\n"),
        ("\\u0027", "'"),
        ("\\u0022", "\""),
        ("\\u0026", "&"),
        ("\\\"", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("\u{2018}", "'"),
        ("\u{2019}", "'"),
        ("\u{201c}", "\""),
        ("\u{201d}", "\""),
        ("\u{201e}", "\""),
        ("\u{ab}\u{a0}", "'"),
        ("\u{a0}\u{bb}", "'"),
        ("\u{ab}\u{202f}", "'"),
        ("\u{202f}\u{bb}", "'"),
        ("\u{ab} ", "'"),
        (" \u{bb}", "'"),
        ("\u{ab}", "'"),
        ("\u{bb}", "'"),
    ] {
        if text.contains(escape) {
            text = text.replace(escape, char);
        }
    }
    text
}

/// Numbers in tokens are no statuses.
fn without_tokens(text: &str) -> String {
    crate::redact::tokens(text)
}

fn codes(paste: &str) -> Vec<Mark> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = scan::find_from(paste, "AADSTS", from) {
        let digits = paste.get(start + 6..).unwrap_or_default();
        let length = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        from = start + 6 + length;
        if length > 0 {
            found.push(Mark {
                start,
                end: from,
                what: "AADSTS code",
            });
        }
    }
    found
}

pub(crate) fn cut(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
