//! The text that was probably meant.
//!
//! Never taken by itself: it goes into the error, for a person to confirm. Each step
//! mends one thing, and only a text that then reads strictly is offered.

use super::classify;
use super::path::Path;
use super::raw::{self, QUOTES, starts_with};
use super::refusal::EndpointRefusal as Refusal;
use super::shape::account_in_resource_id;
use crate::Cloud;

/// More than one thing may be wrong, but not endlessly many.
const STEPS: usize = 8;

/// The corrected text, or the first thing that cannot be mended.
pub(super) fn correct(text: &str, refusal: Refusal, cloud: &Cloud) -> Result<String, Refusal> {
    let mut refusal = refusal;
    let mut text = text.to_owned();
    for _ in 0..STEPS {
        text = mend(&text, refusal).ok_or(refusal)?;
        match classify::endpoint(&text, cloud) {
            Ok(_) => return Ok(text),
            // What these two make is another address; its faults are not those of the text.
            Err(_) if matches!(refusal, Refusal::Portal | Refusal::ResourceId) => break,
            Err(next) => refusal = next,
        }
    }
    Err(refusal)
}

fn mend(text: &str, refusal: Refusal) -> Option<String> {
    match refusal {
        Refusal::Blanks => Some(text.trim_ascii().to_owned()),
        Refusal::Quotes => Some(text.trim_matches(QUOTES).to_owned()),
        Refusal::Assignment => Some(raw::assigned(text)?.trim_matches(QUOTES).to_owned()),
        Refusal::SchemeMissing => Some(format!("https://{text}")),
        Refusal::PlainHttp => {
            let (scheme, rest) = text.split_once("://")?;
            let secure = if scheme.eq_ignore_ascii_case("ws") {
                "wss"
            } else {
                "https"
            };
            Some(format!("{secure}://{rest}"))
        }
        Refusal::WebSocket => Some(format!("https://{}", text.split_once("://")?.1)),
        Refusal::Fragment => Some(text.split('#').next()?.to_owned()),
        Refusal::Query => Some(text.split('?').next()?.to_owned()),
        Refusal::TrailingDot => with_host(text, |host| host.strip_suffix('.').map(str::to_owned)),
        Refusal::MisspeltHost | Refusal::ProjectHost => with_host(text, |host| {
            let host = host.to_ascii_lowercase();
            REAL_HOSTS.iter().find_map(|(wrong, right)| {
                host.strip_suffix(wrong)
                    .map(|name| format!("{name}{right}"))
            })
        }),
        Refusal::ResourceId => in_resource_id(text),
        Refusal::Portal => on_portal_page(text),
        _ => None,
    }
}

/// Misspelt hosts, and hosts on which a project was looked for.
const REAL_HOSTS: &[(&str, &str)] = &[
    (".azure.openai.com", ".openai.azure.com"),
    (".openai.azure.com", ".services.ai.azure.com"),
    (".openai.azure.us", ".services.ai.azure.us"),
    (".cognitiveservices.azure.com", ".services.ai.azure.com"),
    (".cognitiveservices.azure.us", ".services.ai.azure.us"),
    (".ai.azure.com", ".services.ai.azure.com"),
];

fn with_host(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', ':']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(end);
    Some(format!("{scheme}://{}{tail}", change(host)?))
}

fn project_url(account: &str, project: Option<&str>) -> String {
    let origin = format!("https://{account}.services.ai.azure.com");
    match project {
        Some(project) => format!("{origin}/api/projects/{project}"),
        None => origin,
    }
}

fn in_resource_id(text: &str) -> Option<String> {
    let (account, project) = account_in_resource_id(&mut Path::new(text)).ok()?;
    Some(project_url(account?, project))
}

/// The new portal names the project as `/nextgen/r/<subscription>,<group>,,<account>,<project>`,
/// the classic one as a resource id in `wsid`.
fn on_portal_page(text: &str) -> Option<String> {
    if !starts_with(text, "https://ai.azure.com/") {
        return None;
    }
    if let Some((_, rest)) = text.split_once("/nextgen/r/") {
        let place = rest.split(['/', '?']).next()?;
        let mut parts = place.split(',').skip(3);
        let (account, project) = (parts.next()?, parts.next()?);
        return Some(project_url(account, Some(project)));
    }
    let (_, id) = text.split_once("wsid=")?;
    in_resource_id(id.split('&').next()?)
}
