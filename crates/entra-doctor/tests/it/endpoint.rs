//! `entra-doctor endpoint`

use serde_json::Value;

use crate::support::{doctor, text};

#[test]
fn an_endpoint_is_told_with_what_was_changed() {
    let pasted = "https://Contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    let output = doctor(&["endpoint", pasted], b"");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in [
        "An Azure OpenAI resource",
        "https://contoso.openai.azure.com/",
        "gpt-4o",
        "2024-10-21",
        "https://cognitiveservices.azure.com/.default",
        "azure_endpoint",
        "host_case",
        "path_removed",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let output = doctor(&["endpoint", "--json", pasted], b"");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["kind"], "azure_openai");
    assert_eq!(report["origin"], "https://contoso.openai.azure.com");
    assert_eq!(report["audience"], "https://cognitiveservices.azure.com");
    assert_eq!(report["parts"]["deployment"], "gpt-4o");
    assert_eq!(
        report["clients"]["openai_base_url"]["scope"],
        "https://ai.azure.com/.default"
    );
    assert_eq!(report["notes"].as_array().unwrap().len(), 3);
}

#[test]
fn a_refused_endpoint_is_exit_code_1_with_the_text_that_was_meant() {
    let output = doctor(&["endpoint", "contoso.openai.azure.com"], b"");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(
        shown.contains("https://contoso.openai.azure.com"),
        "{shown}"
    );
    let hostile = "https://user:hunter2@contoso.openai.azure.com.evil.example/?sig=hunter2";
    let output = doctor(&["endpoint", "--json", hostile], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("hunter2"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    assert_eq!(report["error"]["code"], "user_info");
    assert_eq!(report["suggestion"], Value::Null);
}

#[test]
fn the_cloud_is_a_choice() {
    let gov = "https://contoso.services.ai.azure.us/api/projects/p1";
    let refused = doctor(&["endpoint", "--cloud", "public", gov], b"");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("add `--cloud usgov`"));
    let china = "https://contoso.openai.azure.cn/";
    let refused = doctor(&["endpoint", "--cloud", "public", "--json", china], b"");
    assert!(text(&refused.stdout).contains("add `--cloud china`"));
    let output = doctor(&["endpoint", "--cloud", "usgov", "--json", gov], b"");
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["scope"], "https://ai.azure.us/.default");
    // Without the option an address is read in its own cloud.
    let own = doctor(&["endpoint", "--json", gov], b"");
    assert_eq!(text(&own.stdout), text(&output.stdout));
    let output = doctor(&["endpoint", "--cloud", "mars", gov], b"");
    assert_eq!(output.status.code(), Some(2));
}
