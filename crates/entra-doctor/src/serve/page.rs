//! The page: a form, and beside the answer what was read in the paste. No scripts.

use std::fmt::Write as _;

use crate::diagnosis::{Diagnosis, NOT_VERIFIED, Outcome};
use crate::finding::{Finding, Severity};
use crate::reading::token::Form;
use crate::reading::{Mark, Reading};
use crate::redact;
use crate::render::{self, Report};
use crate::token::TokenReport;

/// Replaced by a number of the answer's own.
pub(super) const NONCE: &str = "@nonce@";

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 25%, transparent); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; } h2 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; }
label { display: block; font-weight: 600; margin-top: .6rem; }
textarea, input { width: 100%; font: 14px/1.4 ui-monospace, monospace; padding: .5rem; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; }
textarea { min-height: 14rem; } .report { min-height: 9rem; }
button { font: inherit; margin-top: .8rem; padding: .5rem 1.4rem; border-radius: 6px; border: 1px solid currentColor; background: transparent; color: inherit; cursor: pointer; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
.row { display: grid; gap: .8rem; grid-template-columns: 2fr 2fr 1fr 1fr; align-items: end; } .sides { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
@media (max-width: 60rem) { .row, .sides { grid-template-columns: minmax(0, 1fr); } }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 6px; padding: .7rem; font-size: 13px; max-height: 40rem; overflow: auto; }
code { font: 0.92em ui-monospace, monospace; background: color-mix(in srgb, currentColor 9%, transparent); border-radius: 3px; padding: 0 .2em; }
mark { background: color-mix(in srgb, gold 45%, transparent); color: inherit; border-radius: 3px; }
section { border: 1px solid var(--line); border-left-width: 5px; border-radius: 6px; padding: .6rem .9rem; margin: .8rem 0; overflow-wrap: anywhere; }
.problem { border-left-color: crimson; } .remark { border-left-color: goldenrod; } .fine { border-left-color: seagreen; }
section h2 { margin: 0; } small { opacity: .8; } li { margin: .3rem 0; } table { border-collapse: collapse; font-size: 14px; } td:first-child { white-space: nowrap; } td { padding: .15rem .6rem .15rem 0; vertical-align: top; overflow-wrap: anywhere; }
";

fn frame(body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>entra-doctor</title><style nonce=\"{NONCE}\">{STYLE}</style></head><body>{body}</body></html>"
    )
}

pub(super) fn message(text: &str) -> String {
    frame(&format!(
        "<main><h1>entra-doctor</h1><p>{}</p><p><a href=\"/\">To the page</a></p></main>",
        escaped(text)
    ))
}

pub(super) fn form(token: &str) -> String {
    frame(&format!(
        "<main><h1>Why is it refused?</h1><p>Nothing leaves this machine, and nothing is kept after the answer.</p>{}</main>",
        fields(token)
    ))
}

fn fields(token: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/\" autocomplete=\"off\"><input type=\"hidden\" name=\"form\" value=\"{token}\">\
         <label for=\"paste\">What you have: the error, the log, the request, the token, settings</label>\
         <textarea id=\"paste\" name=\"paste\" spellcheck=\"false\"></textarea>\
         <div class=\"row\"><div><label for=\"endpoint\">Address that was called (if it is not in the text)</label><input id=\"endpoint\" name=\"endpoint\" inputmode=\"url\"></div>\
         <div><label for=\"audience\">Audience of your own API</label><input id=\"audience\" name=\"audience\" placeholder=\"api://&lt;client id&gt;\"></div>\
         <div><label for=\"status\">Status</label><input id=\"status\" name=\"status\" inputmode=\"numeric\" placeholder=\"401\"></div>\
         <div><label for=\"at\">Time of the failure</label><input id=\"at\" name=\"at\" placeholder=\"2026-01-31T12:00:00Z\"></div></div>\
         <button type=\"submit\">Explain</button></form>"
    )
}

pub(super) fn answer(
    token: &str,
    paste: &str,
    reading: &Reading,
    diagnosis: &Diagnosis,
    now: i64,
) -> String {
    let mut found = String::new();
    if diagnosis.has_tokens() {
        let _ = write!(found, "<p><strong>{}</strong></p>", escaped(NOT_VERIFIED));
    }
    let problem = diagnosis
        .findings()
        .iter()
        .any(|finding| finding.severity() == Severity::Problem);
    if !problem && diagnosis.outcome() == Outcome::Fine {
        found.push_str(
            "<section class=\"fine\"><h2>Nothing looks wrong in what was given</h2></section>",
        );
    }
    for finding in diagnosis.findings() {
        write_finding(&mut found, finding);
    }
    list(
        &mut found,
        "What agrees",
        diagnosis.agrees().iter().map(String::as_str),
    );
    let ruled: Vec<_> = diagnosis
        .ruled_out()
        .iter()
        .map(|it| format!("{}: {}", it.what, it.because))
        .collect();
    list(&mut found, "Ruled out", ruled.iter().map(String::as_str));
    if let Some(next) = diagnosis.next() {
        let _ = write!(found, "<h2>What decides it</h2><p>{}</p>", prose(next));
    }
    let unread: Vec<_> = diagnosis
        .unread()
        .iter()
        .map(|it| format!("line {}: {}", it.line, it.start))
        .collect();
    list(
        &mut found,
        "Lines that were not recognized",
        unread.iter().map(String::as_str),
    );
    let mut side = format!(
        "<h2>What was read</h2><pre tabindex=\"0\" aria-label=\"The paste with what was read\">{}</pre>",
        marked(paste, reading)
    );
    for (number, one) in reading.tokens.iter().enumerate().take(4) {
        if let Ok(report) = TokenReport::read(&one.text, now) {
            let _ = write!(
                side,
                "<h2>Token {}</h2>{}",
                number + 1,
                token_table(&report, one.form)
            );
        }
    }
    let report = personal(&plain(diagnosis));
    frame(&format!(
        "<main><h1>The answer</h1><div class=\"sides\"><div>{found}<h2>Report to copy</h2><label for=\"report\">Without tokens, names and addresses</label>\
         <textarea class=\"report\" id=\"report\" readonly>{}</textarea></div><div>{side}</div></div><h2>Once more</h2>{}</main>",
        escaped(&report),
        fields(token)
    ))
}

fn write_finding(out: &mut String, finding: &Finding) {
    let class = finding.severity().as_str();
    let _ = write!(
        out,
        "<section class=\"{class}\"><h2>{}</h2><small>{} · {} {class}</small><p>{}</p>",
        escaped(finding.code().summary()),
        finding.code(),
        finding.certainty().as_str(),
        prose(finding.found())
    );
    if let Some(why) = finding.own_reason() {
        let _ = write!(out, "<p>{}</p>", prose(why));
    }
    if !finding.changes().is_empty() {
        out.push_str("<ol>");
        for change in finding.changes() {
            let _ = write!(out, "<li>{}", prose(&change.text()));
            if let Some(paste) = change.paste() {
                let _ = write!(out, "<pre tabindex=\"0\">{}</pre>", escaped(paste));
            }
            out.push_str("</li>");
        }
        out.push_str("</ol>");
    }
    let _ = write!(
        out,
        "<small>{}</small></section>",
        escaped(finding.source())
    );
}

fn list<'t>(out: &mut String, title: &str, items: impl Iterator<Item = &'t str>) {
    let items: String = items
        .map(|item| format!("<li>{}</li>", prose(item)))
        .collect();
    if !items.is_empty() {
        let _ = write!(out, "<h2>{title}</h2><ul>{items}</ul>");
    }
}

/// Header and claims, redacted, as `decode` shows them.
fn token_table(report: &TokenReport, form: Form) -> String {
    let value: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap_or_default();
    let mut rows = String::new();
    for fact in value
        .get("claims")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| {
            fact.get(name)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
        };
        let _ = write!(
            rows,
            "<tr><td><b>{}</b></td><td>{}</td><td><small>{}</small></td></tr>",
            escaped(text("name")),
            escaped(text("value")),
            escaped(text("meaning"))
        );
    }
    let how = match form {
        Form::Whole => "not verified",
        Form::Unsigned => "not verified; its signature was not judged",
        Form::Shortened => "shortened",
        Form::Decoded => "decoded claims, not verified",
    };
    format!("<p><small>{how}</small></p><table>{rows}</table>")
}

/// The paste without tokens, with what was read marked.
fn marked(paste: &str, reading: &Reading) -> String {
    let mut out = String::new();
    let mut at = 0;
    // A token within a header is marked, and not the whole line.
    let mut marks = reading.marks.clone();
    marks.sort_by_key(|mark| mark.end.saturating_sub(mark.start));
    let mut chosen: Vec<Mark> = Vec::new();
    for mark in marks {
        if !chosen
            .iter()
            .any(|known| mark.start < known.end && known.start < mark.end)
        {
            chosen.push(mark);
        }
    }
    chosen.sort_by_key(|mark| mark.start);
    for mark in &chosen {
        let (Some(before), Some(text)) =
            (paste.get(at..mark.start), paste.get(mark.start..mark.end))
        else {
            continue;
        };
        if mark.start < at || text.is_empty() {
            continue;
        }
        let shown = if mark.what == "token" {
            "(token)".to_owned()
        } else {
            text.to_owned()
        };
        let _ = write!(
            out,
            "{}<mark title=\"{}\">{}</mark>",
            escaped(before),
            mark.what,
            escaped(&shown)
        );
        at = mark.end;
    }
    out.push_str(&escaped(paste.get(at..).unwrap_or_default()));
    out
}

/// The answer as text, without colours.
fn plain(diagnosis: &Diagnosis) -> String {
    let mut bytes = Vec::new();
    let _ = diagnosis.write(&mut anstream::StripStream::new(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Mail addresses and addresses of machines hidden: reports end in tickets.
fn personal(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let bare = word.trim();
            let mail = bare.find('@').is_some_and(|at| {
                at > 0
                    && bare.get(at..).is_some_and(|rest| rest.contains('.'))
                    && !bare.contains("://")
            });
            let octets = bare
                .trim_matches(|c: char| !c.is_ascii_digit())
                .split('.')
                .filter(|part| part.parse::<u8>().is_ok())
                .count();
            let address = octets == 4 && bare.matches('.').count() >= 3;
            if mail || address {
                let end = word.get(bare.len()..).unwrap_or(" ");
                format!("(hidden){end}")
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// A sentence, with what stands between backticks as code.
fn prose(text: &str) -> String {
    let parts: Vec<_> = escaped(text).split('`').map(str::to_owned).collect();
    // An odd number of backticks is text of somebody else's.
    if parts.len() % 2 == 0 {
        return parts.join("`");
    }
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        if number % 2 == 1 {
            let _ = write!(out, "<code>{part}</code>");
        } else {
            out.push_str(part);
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in redact::secrets(text).chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(char),
            other => out.push_str(&render::safe(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}
