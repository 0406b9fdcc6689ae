//! `scopes.endpoint`: taking a pasted endpoint apart, against one `Url::parse` of the same text.

use std::error::Error;
use std::hint::black_box;

use foundry_scopes::Endpoint;
use url::Url;

use crate::figure::Figure;
use crate::harness::interleaved;

/// What people paste, as it is and with the ends that are cut off.
const PASTED: &[&str] = &[
    "https://contoso.openai.azure.com/",
    "https://contoso.openai.azure.com/openai/deployments/gpt-4.1-mini/chat/completions?api-version=2024-10-21",
    "https://contoso.openai.azure.com/openai/v1/",
    "https://contoso.services.ai.azure.com/api/projects/project-1",
    "https://contoso.services.ai.azure.com/api/projects/project-1/agents/agent-1/endpoint/protocols/openai/responses?api-version=v1",
    "https://contoso.services.ai.azure.com/api/projects/project-1/toolboxes/tools/mcp?api-version=v1",
    "https://contoso.cognitiveservices.azure.com/language/mcp?api-version=2025-11-15-preview",
    "https://score.eastus.inference.ml.azure.com/score",
];
const LIMIT: f64 = 4.0;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let measured = interleaved(
        PASTED.len(),
        &[
            Box::new(|item| PASTED.get(item).is_some_and(|text| ours(text))),
            Box::new(|item| PASTED.get(item).is_some_and(|text| theirs(text))),
        ],
    )?;
    Ok(vec![Figure {
        bench: "scopes.endpoint",
        against: "one Url::parse",
        ours: measured.time(0),
        theirs: measured.time(1),
        ratio: measured.ratio(0, 1),
        limit: LIMIT,
    }])
}

/// Read and normalized: what a caller looks at is there.
fn ours(text: &str) -> bool {
    Endpoint::parse(black_box(text)).is_ok_and(|endpoint| {
        black_box((endpoint.base_url(), endpoint.scope(), endpoint.notes()));
        true
    })
}

fn theirs(text: &str) -> bool {
    Url::parse(black_box(text)).is_ok_and(|url| {
        black_box(&url);
        true
    })
}
