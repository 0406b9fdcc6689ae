//! The text that was probably meant.
//!
//! Never taken by itself: it goes into the error, for a person to confirm. Each step
//! mends one thing, and only a text that then reads strictly is offered.

use super::classify;
use super::pasted;
use super::raw::{self, QUOTES};
use super::reader::EndpointReader;
use super::refusal::EndpointRefusal as Refusal;

/// More than one thing may be wrong, but not endlessly many.
const STEPS: usize = 8;

/// The corrected text, or the first thing that cannot be mended.
pub(super) fn correct(
    text: &str,
    refusal: Refusal,
    reader: &EndpointReader,
) -> Result<String, Refusal> {
    let mut refusal = refusal;
    let mut text = text.to_owned();
    for _ in 0..STEPS {
        let mended = mend(&text, refusal, reader).ok_or(refusal)?;
        match classify::read(&mended, reader) {
            Ok(_) => return Ok(mended),
            // What this made is another address; its faults are not those of the text.
            Err(_) if refusal == Refusal::Portal => break,
            Err(stopped) => {
                refusal = stopped.refusal;
                text = stopped.text.into_owned();
            }
        }
    }
    Err(refusal)
}

fn mend(text: &str, refusal: Refusal, reader: &EndpointReader) -> Option<String> {
    match refusal {
        Refusal::Blanks => Some(text.trim().to_owned()),
        Refusal::Markup => raw::in_markup(text).map(str::to_owned),
        Refusal::Quotes => Some(text.trim_matches(QUOTES).to_owned()),
        Refusal::Assignment => {
            let url = text.get(text.find("http")?..)?;
            Some(url.trim_matches(QUOTES).to_owned())
        }
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
        // The Azure portal keeps the resource behind the `#`.
        Refusal::Fragment => match pasted::resource_id_in(text, reader.cloud.known()?) {
            Some(url) if text.contains("://portal.azure.") => Some(url),
            _ => Some(text.split('#').next()?.to_owned()),
        },
        Refusal::Query => Some(text.split('?').next()?.to_owned()),
        Refusal::TrailingDot => with_host(text, |host| host.strip_suffix('.').map(str::to_owned)),
        Refusal::MisspeltHost | Refusal::ProjectHost => with_host(text, |host| {
            let host = host.to_ascii_lowercase();
            REAL_HOSTS.iter().find_map(|(wrong, right)| {
                host.strip_suffix(wrong)
                    .map(|name| format!("{name}{right}"))
            })
        }),
        Refusal::Portal => pasted::resource_id_in(text, reader.cloud.known()?),
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
    (".ai.azure.us", ".services.ai.azure.us"),
];

fn with_host(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', ':']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(end);
    Some(format!("{scheme}://{}{tail}", change(host)?))
}
