//! `entra-doctor serve`: the page, and what it refuses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::symptoms::jwt;

struct Server {
    child: Child,
    host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_entra-doctor"))
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let host = line.trim().strip_prefix("http://").unwrap();
        let host = host.strip_suffix('/').unwrap().to_owned();
        assert!(host.starts_with("127.0.0.1:"), "{host}");
        Self { child, host }
    }

    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn get(&self, host: &str) -> String {
        self.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    }

    fn form_token(&self) -> String {
        let page = self.get(&self.host);
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn post(&self, extra: &str, body: &str) -> String {
        self.send(&format!(
            "POST / HTTP/1.1\r\nHost: {}\r\n{extra}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        ))
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn the_page_explains_a_paste_and_repeats_no_token() {
    let server = Server::start();
    let token = jwt(
        "https://management.azure.com/",
        &json!({ "nbf": 1_700_000_000, "iat": 1_700_000_000 }),
    );
    let paste = format!(
        "<b>curl</b> https://contoso.openai.azure.com/openai/deployments/d\nAuthorization: Bearer {token}\nHTTP/1.1 401 Unauthorized\nadele@contoso.example 203.0.113.9"
    );
    let body = format!("form={}&paste={}", server.form_token(), encoded(&paste));
    let answer = server.post("", &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for part in [
        "audience_wrong",
        "https://cognitiveservices.azure.com/.default",
        "<mark title=\"address\">",
        "<mark title=\"token\">(token)</mark>",
        "&lt;b&gt;curl&lt;/b&gt;",
        "Report to copy",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    assert!(
        !answer.contains("eyJ") && !answer.contains("<script"),
        "{answer}"
    );
    let (_, report) = answer.split_once("id=\"report\"").unwrap();
    let report = report.split("</textarea>").next().unwrap();
    assert!(
        !report.contains("adele@") && !report.contains("203.0.113.9"),
        "{report}"
    );
    // Nothing of it is there for the next one.
    assert!(!server.get(&server.host).contains("contoso"));
}

#[test]
fn answers_carry_the_policies_of_a_page_that_holds_secrets() {
    let server = Server::start();
    let page = server.get(&server.host);
    for field in [
        "Cache-Control: no-store",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: same-origin",
    ] {
        assert!(page.contains(field), "{field}: {page}");
    }
    // The style's number is another one each time.
    let nonce = |page: &str| {
        page.split("style-src 'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(nonce(&page), nonce(&server.get(&server.host)));
    assert!(page.contains(&format!("<style nonce=\"{}\">", nonce(&page))));
}

#[test]
fn foreign_hosts_origins_and_forms_are_refused() {
    let server = Server::start();
    let port = server.host.split(':').nth(1).unwrap().to_owned();
    let status = |answer: &str| answer.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status(&server.get(&format!("localhost:{port}"))), "200");
    for host in [
        "rebound.example",
        "127.0.0.1",
        &*format!("evil.example:{port}"),
    ] {
        assert_eq!(status(&server.get(host)), "421", "{host}");
    }
    let form = format!("form={}&paste=x", server.form_token());
    assert_eq!(status(&server.post("", &form)), "200");
    assert_eq!(
        status(&server.post(&format!("Origin: http://{}\r\n", server.host), &form)),
        "200"
    );
    for origin in ["https://evil.example", "null", "http://localhost:1"] {
        assert_eq!(
            status(&server.post(&format!("Origin: {origin}\r\n"), &form)),
            "403",
            "{origin}"
        );
    }
    assert_eq!(status(&server.post("", "form=guess&paste=x")), "403");
    assert_eq!(status(&server.post("", "paste=x")), "403");
    let long = format!("{form}{}", "a".repeat(1024 * 1024 + 1));
    assert_eq!(status(&server.post("", &long)), "413");
    assert_eq!(
        status(&server.send(&format!("GET /x HTTP/1.1\r\nHost: {}\r\n\r\n", server.host))),
        "404"
    );
    assert_eq!(
        status(&server.send(&format!("PUT / HTTP/1.1\r\nHost: {}\r\n\r\n", server.host))),
        "405"
    );
}
