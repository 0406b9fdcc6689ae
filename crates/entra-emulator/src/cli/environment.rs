//! `entra-emulator env`: what points a client library at an emulator that runs.

use std::io::Write as _;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use url::Url;

use super::{CliError, args::EnvArgs};

const LIMIT: usize = 1024 * 1024;

/// Asks the emulator and prints its answer.
pub(super) async fn print(args: EnvArgs) -> Result<(), CliError> {
    let what = format!("no emulator answers at {}", args.url);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("for", args.family.name());
    query.append_pair("format", args.format.name());
    let ca_file = args.ca_file.map(|f| {
        // Programs are started elsewhere.
        let file = std::path::absolute(&f).unwrap_or(f);
        file.display().to_string()
    });
    for (name, value) in [
        ("tenant", args.tenant),
        ("client", args.client),
        ("ca_file", ca_file),
    ] {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let target = format!("/__emulator/environment?{}", query.finish());
    let token = match &args.control_token_file {
        Some(file) => {
            let what = format!("the control token {}", file.display());
            let text = std::fs::read_to_string(file).map_err(|e| CliError::new(what, &e))?;
            Some(text.trim().to_owned())
        }
        None => None,
    };
    let (status, answer) = get(&args.url, &target, token.as_deref())
        .await
        .map_err(|error| CliError::new(what.clone(), &*error))?;
    match (status, answer.get("file").and_then(Value::as_str)) {
        (StatusCode::OK, Some(file)) => anstream::stdout()
            .write_all(file.as_bytes())
            .map_err(|e| CliError::new("could not print", &e)),
        _ => {
            let reason = answer.get("error").and_then(Value::as_str);
            let reason = reason.unwrap_or("what answers there is not an emulator");
            Err(CliError::plain(reason))
        }
    }
}

/// Plain http: an emulator that serves https answers it too, on the same port.
async fn get(
    url: &Url,
    target: &str,
    token: Option<&str>,
) -> Result<(StatusCode, Value), Box<dyn std::error::Error + Send + Sync>> {
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url
        .port_or_known_default()
        .ok_or("the address has no port")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut request = Request::get(target).header(header::HOST, format!("{host}:{port}"));
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let bytes = to_bytes(Body::new(response.into_body()), LIMIT).await?;
    driver.abort();
    Ok((
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    ))
}
