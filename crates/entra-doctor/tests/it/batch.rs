//! `endpoint --batch`

use serde_json::{Value, json};

use crate::support::doctor;

fn answers(args: &[&str], input: &str) -> (Vec<Value>, Option<i32>) {
    let args: Vec<_> = ["endpoint", "--batch"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let output = doctor(&args, input.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), output.status.code())
}

#[test]
fn each_line_is_answered_in_order_and_in_the_documented_shape() {
    let input = concat!(
        r#"{"id":1,"input":"https://contoso.openai.azure.com/openai/v1?api-version=preview"}"#,
        "\n",
        r#"{"id":"b","input":"http://contoso.openai.azure.com"}"#,
        "\r\n\n",
        r#"{"id":null,"input":"https://contoso.azure-api.net/","more":0}"#,
    );
    let (answers, exit) = answers(&["-"], input);
    assert_eq!(exit, Some(0));
    assert_eq!(answers.len(), 3);
    let members = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        members(&answers[0]),
        [
            "accepted", "audience", "base_url", "id", "kind", "notes", "ok", "origin", "scope"
        ]
    );
    assert_eq!(answers[0]["id"], 1);
    assert_eq!(answers[0]["ok"], true);
    assert_eq!(answers[0]["kind"], "openai_v1");
    assert_eq!(answers[0]["origin"], "https://contoso.openai.azure.com");
    assert_eq!(
        answers[0]["base_url"],
        "https://contoso.openai.azure.com/openai/v1/"
    );
    assert_eq!(answers[0]["audience"], "https://ai.azure.com");
    assert_eq!(answers[0]["scope"], "https://ai.azure.com/.default");
    assert_eq!(
        answers[0]["accepted"][1],
        json!({"audience":"https://cognitiveservices.azure.com","confidence":"observed"})
    );
    assert_eq!(answers[0]["notes"][0]["code"], "api_version_removed");
    assert_eq!(members(&answers[1]), ["error", "id", "ok"]);
    assert_eq!(answers[1]["error"]["code"], "plain_http");
    let message = answers[1]["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("`https://contoso.openai.azure.com`"),
        "{message}"
    );
    assert_eq!(answers[2]["id"], Value::Null);
    assert_eq!(answers[2]["error"]["code"], "gateway");
}

#[test]
fn a_line_that_is_no_question_is_said_and_the_rest_is_answered() {
    let long = format!("{{\"id\":0,\"input\":\"{}\"}}", "a".repeat(70_000));
    let good = r#"{"id":9,"input":"https://contoso.openai.azure.com"}"#;
    for bad in [
        "x",
        "{}",
        r#"{"id":1}"#,
        r#"{"id":1,"input":2}"#,
        r#"{"id":1,"input":"a","input":"b"}"#,
        "\u{1}",
        &long,
    ] {
        let (answers, exit) = answers(&["-"], &format!("{bad}\n{good}\n"));
        assert_eq!(exit, Some(1));
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0]["error"]["code"], "line");
        assert_eq!(
            (&answers[1]["id"], &answers[1]["ok"]),
            (&json!(9), &json!(true))
        );
    }
}

#[test]
fn the_cloud_and_the_file_are_arguments() {
    let input = r#"{"id":1,"input":"https://contoso.services.ai.azure.us/api/projects/p1"}"#;
    let (public, _) = answers(&["-", "--cloud", "public"], input);
    assert_eq!(public[0]["error"]["code"], "other_cloud");
    let (own, _) = answers(&["-"], input);
    assert_eq!(own[0]["audience"], "https://ai.azure.us");
    let (gov, _) = answers(&["-", "--cloud", "usgov"], input);
    assert_eq!(gov[0]["audience"], "https://ai.azure.us");
    let file =
        std::env::temp_dir().join(format!("entra-doctor-batch-{}.jsonl", std::process::id()));
    std::fs::write(&file, input).unwrap();
    let (read, exit) = answers(&[file.to_str().unwrap(), "--cloud", "usgov"], "");
    std::fs::remove_file(&file).unwrap();
    assert_eq!((read, exit), (gov, Some(0)));
    let (none, exit) = answers(&["/nonexistent/file"], "");
    assert_eq!((none.len(), exit), (0, Some(2)));
    let (_, exit) = answers(&["-", "https://contoso.openai.azure.com"], "");
    assert_eq!(exit, Some(2));
}

#[test]
fn no_key_and_no_token_is_repeated() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";
    for input in [
        token.to_owned(),
        format!("http://contoso.openai.azure.com/{token}"),
        "Endpoint=https://contoso.openai.azure.com/;Key=hunter2hunter2".to_owned(),
        "AZURE_OPENAI_API_KEY=hunter2hunter2".to_owned(),
    ] {
        let line = json!({"id":1,"input":input}).to_string();
        let output = doctor(&["endpoint", "--batch", "-"], line.as_bytes());
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(
            !shown.contains("hunter2") && !shown.contains("eyJ"),
            "{shown}"
        );
    }
}
