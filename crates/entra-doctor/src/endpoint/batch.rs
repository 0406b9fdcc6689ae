//! Many endpoints, one JSON object per line.

use std::io::{self, BufRead, BufReader, Read, Write};

use foundry_scopes::{Cloud, Endpoint, EndpointError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::why;
use crate::redact;
use crate::target::{Catalogued, Place, Target};

/// Longest line that is read. What is pasted has 2048 bytes at most, and JSON may write
/// each of them in six.
const LIMIT: u64 = 64 * 1024;

/// Answers `{"id","input"}` lines in their order, each as soon as it is read.
pub(crate) struct Batch {
    cloud: Option<Cloud>,
}

#[derive(Deserialize)]
struct Question {
    id: Value,
    input: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'a> {
    Taken {
        id: &'a Value,
        ok: bool,
        kind: &'static str,
        origin: String,
        base_url: String,
        audience: String,
        scope: String,
        accepted: Vec<Accepted>,
        notes: Vec<Said>,
    },
    Refused {
        id: &'a Value,
        ok: bool,
        error: Said,
    },
}

#[derive(Serialize)]
struct Accepted {
    audience: String,
    confidence: &'static str,
}

#[derive(Serialize)]
struct Said {
    code: &'static str,
    message: String,
}

impl Batch {
    pub(crate) fn new(cloud: Option<Cloud>) -> Self {
        Self { cloud }
    }

    /// Whether each line was a question; the answer to one that was not says so.
    pub(crate) fn run(&self, input: &mut dyn Read, out: &mut dyn Write) -> io::Result<bool> {
        let mut input = BufReader::new(input);
        let mut all_read = true;
        let mut line = Vec::new();
        loop {
            line.clear();
            if (&mut input).take(LIMIT).read_until(b'\n', &mut line)? == 0 {
                return Ok(all_read);
            }
            let whole = line.ends_with(b"\n") || (line.len() as u64) < LIMIT;
            if !whole {
                skip_line(&mut input)?;
            }
            let bare = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
            if whole && bare.trim_ascii().is_empty() {
                continue;
            }
            let question = serde_json::from_slice::<Question>(bare);
            let answer = match &question {
                Ok(question) if whole => self.answer(question),
                _ => {
                    all_read = false;
                    not_a_question(whole)
                }
            };
            let answer = serde_json::to_string(&answer)?;
            writeln!(out, "{}", crate::render::safe_json(&answer))?;
            // Who feeds line by line may wait for each answer.
            out.flush()?;
        }
    }

    fn answer<'q>(&self, question: &'q Question) -> Answer<'q> {
        let id = &question.id;
        match Endpoint::parse_in(
            &question.input,
            &self.cloud.clone().unwrap_or_else(Cloud::public),
        ) {
            Ok(endpoint) => taken(id, &endpoint),
            Err(error) => self.otherwise(id, &question.input, &error),
        }
    }

    /// An address of another cloud, or a host of the catalogue.
    fn otherwise<'q>(&self, id: &'q Value, input: &str, error: &EndpointError) -> Answer<'q> {
        let target = Target::of(input, self.cloud.as_ref());
        match &target.place {
            Place::Endpoint(endpoint) if target.corrected.is_none() => taken(id, endpoint),
            Place::Catalogued(found) if target.corrected.is_none() => named(id, found),
            _ => Answer::Refused {
                id,
                ok: false,
                error: Said {
                    code: error.code(),
                    message: message(error),
                },
            },
        }
    }
}

fn named<'q>(id: &'q Value, found: &Catalogued) -> Answer<'q> {
    let scope = found.scope();
    let audience = scope
        .as_ref()
        .map(|scope| scope.resource().to_owned())
        .unwrap_or_default();
    let scope = scope.map(|scope| scope.to_string()).unwrap_or_default();
    Answer::Taken {
        id,
        ok: true,
        kind: found
            .resources
            .first()
            .map_or("catalogued", |resource| resource.code()),
        origin: format!("https://{}", found.host),
        base_url: format!("https://{}/", found.host),
        accepted: vec![Accepted {
            audience: audience.clone(),
            confidence: "documented",
        }],
        audience,
        scope,
        notes: Vec::new(),
    }
}

fn taken<'q>(id: &'q Value, endpoint: &Endpoint) -> Answer<'q> {
    Answer::Taken {
        id,
        ok: true,
        kind: endpoint.kind().as_str(),
        origin: endpoint.origin(),
        base_url: endpoint.base_url().to_owned(),
        audience: endpoint.scope().resource().to_owned(),
        scope: endpoint.scope().as_str().to_owned(),
        accepted: endpoint
            .accepted()
            .iter()
            .map(|known| Accepted {
                audience: known.audience().to_owned(),
                confidence: known.acceptance().as_str(),
            })
            .collect(),
        notes: endpoint
            .notes()
            .iter()
            .map(|note| Said {
                code: note.code().as_str(),
                message: redact::secrets(note.message()),
            })
            .collect(),
    }
}

/// The refusal with the corrected text, for which this form has no member of its own.
fn message(error: &EndpointError) -> String {
    let why = why(error);
    redact::secrets(&match error.suggestion() {
        Some(text) => format!("{why}; perhaps `{text}` is meant"),
        None => why,
    })
}

fn not_a_question(whole: bool) -> Answer<'static> {
    Answer::Refused {
        id: &Value::Null,
        ok: false,
        error: Said {
            code: "line",
            message: if whole {
                "the line is no JSON object with `id` and a text `input`".to_owned()
            } else {
                format!("the line is longer than the {LIMIT} bytes that are read")
            },
        },
    }
}

/// Passes over the rest of a line that is too long.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if ends {
            return Ok(());
        }
    }
}
