//! Properties: normalizing is idempotent, and no text gets past the table of hosts.

use foundry_scopes::{Client, Endpoint};
use proptest::prelude::*;

fn host() -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        Just("openai.azure.com"),
        Just("OpenAI.Azure.com"),
        Just("cognitiveservices.azure.com"),
        Just("services.ai.azure.com"),
        Just("privatelink.services.ai.azure.com"),
        Just("search.windows.net"),
        Just("vault.azure.net"),
        Just("blob.core.windows.net"),
    ];
    prop_oneof![
        8 => ("[a-zA-Z0-9]([a-z0-9-]{0,20}[a-z0-9])?", suffix).prop_map(|(r, s)| format!("{r}.{s}")),
        1 => Just("graph.microsoft.com".to_owned()),
        1 => Just("management.azure.com".to_owned()),
        1 => Just("mcp.ai.azure.com".to_owned()),
        1 => Just("a.eastus.inference.ml.azure.com".to_owned()),
    ]
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(&[
            "openai", "OpenAI", "v1", "v1.0", "deployments", "realtime", "api", "projects",
            "Projects", "agents", "endpoint", "protocols", "invocations", "invocations_ws", "a2a",
            "applications", "toolboxes", "versions", "mcp", "models", "anthropic", "providers",
            "language", "score", "responses", "subscriptions", "",
        ][..]).prop_map(str::to_owned),
        3 => "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,12}",
        1 => "[a-zA-Z0-9%._~!$&'()*+,;=:@-]{1,6}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => Just("?".to_owned()),
        2 => Just("?api-version=2024-10-21".to_owned()),
        1 => Just("?api-version=v1&deployment=d&agent_session_id=s".to_owned()),
    ]
}

fn pasted() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![9 => Just("https"), 1 => Just("HTTPS"), 2 => Just("wss")];
    let path = proptest::collection::vec(segment(), 0..10);
    (scheme, host(), any::<bool>(), path, query()).prop_map(|(scheme, host, port, path, query)| {
        let port = if port { ":443" } else { "" };
        let path: String = path.iter().map(|s| format!("/{s}")).collect();
        format!("{scheme}://{host}{port}{path}{query}")
    })
}

fn is_stable(endpoint: &Endpoint) -> Result<(), TestCaseError> {
    let again = Endpoint::parse(endpoint.base_url()).expect("what was normalized parses");
    prop_assert_eq!(again.base_url(), endpoint.base_url());
    prop_assert_eq!(again.kind(), endpoint.kind());
    prop_assert_eq!(again.scope(), endpoint.scope());
    prop_assert_eq!(
        again.project().is_some(),
        endpoint.project().is_some() && again.kind().as_str() != "resource_manager"
    );
    prop_assert_eq!(again.protocol(), endpoint.protocol());
    let changes: Vec<_> = again
        .notes()
        .iter()
        .filter(|n| n.code().is_change())
        .collect();
    prop_assert!(changes.is_empty(), "{changes:?}");
    for client in Client::ALL {
        prop_assert_eq!(again.for_client(*client), endpoint.for_client(*client));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn normalizing_is_idempotent(text in pasted()) {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            is_stable(&endpoint)?;
        }
    }

    #[test]
    fn whatever_is_changed_is_said(text in pasted()) {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            let changed = endpoint.base_url().trim_end_matches('/') != text.trim_end_matches('/');
            let said = endpoint.notes().iter().any(|note| note.code().is_change());
            prop_assert!(said || !changed, "{}: {:?}", text, endpoint.notes());
        }
    }

    #[test]
    fn the_host_is_the_one_that_was_given(text in pasted()) {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            let given = text.split("://").nth(1).unwrap();
            let given = given.split(['/', '?', ':']).next().unwrap().to_lowercase();
            prop_assert_eq!(endpoint.origin(), format!("https://{}", given.replace("privatelink.", "")));
        }
    }

    #[test]
    fn nothing_panics_and_what_parses_is_stable(text in "\\PC{0,120}") {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            is_stable(&endpoint)?;
        }
    }

    #[test]
    fn one_odd_byte_anywhere_never_moves_the_host(
        text in pasted(),
        at in any::<prop::sample::Index>(),
        odd in any::<char>(),
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        chars.insert(at.index(chars.len()), odd);
        let mutated: String = chars.into_iter().collect();
        match Endpoint::parse(&mutated) {
            Ok(endpoint) => {
                let host = endpoint.origin().replacen("https://", "", 1);
                let label = host.split('.').next().unwrap().to_owned();
                prop_assert!(mutated.to_lowercase().contains(&label));
                is_stable(&endpoint)?;
            }
            Err(error) => {
                if let Some(suggestion) = error.suggestion() {
                    is_stable(&Endpoint::parse(suggestion).expect("a suggestion parses"))?;
                }
            }
        }
    }

    #[test]
    fn a_mistake_around_an_address_leads_back_to_it(text in pasted()) {
        let Ok(direct) = Endpoint::parse(&text) else { return Ok(()) };
        let mistakes = [
            (format!(" {text}\n"), "blanks"),
            (format!("\"{text}\","), "quotes"),
            (format!("<{text}>"), "markup"),
            (format!("{text}#part"), "fragment"),
        ];
        for (mistaken, code) in mistakes {
            // Markup is recognized by a plain `https://`, and these end a URL in it.
            if code == "markup" && (!text.starts_with("https://") || text.contains(['(', ')', '\'', '*'])) {
                continue;
            }
            let error = Endpoint::parse(&mistaken).expect_err(&mistaken);
            prop_assert_eq!(error.code(), code, "{}", mistaken);
            // In markup the one URL is taken, and none where two stand.
            if code == "markup" && text.matches("://").count() > 1 {
                prop_assert_eq!(error.suggestion(), None, "{}", mistaken);
                continue;
            }
            let meant = Endpoint::parse(error.suggestion().expect(&mistaken)).expect(&mistaken);
            prop_assert_eq!(meant.base_url(), direct.base_url(), "{}", mistaken);
            prop_assert_eq!(meant.scope(), direct.scope());
        }
    }

    #[test]
    fn whatever_names_a_project_leads_to_the_same_address(
        account in "[a-z][a-z0-9]{0,20}",
        project in "[a-z0-9][a-zA-Z0-9_.-]{0,20}",
    ) {
        prop_assume!(!project.to_lowercase().starts_with("your"));
        let url = format!("https://{account}.services.ai.azure.com/api/projects/{project}");
        let id = format!("/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/{account}/projects/{project}");
        let direct = Endpoint::parse(&url).unwrap();
        for text in [
            id.clone(),
            format!("AZURE_AI_PROJECT_ID={id}"),
            format!("FOUNDRY_PROJECT_ENDPOINT=\"{url}\""),
            format!("https://ai.azure.com/nextgen/r/sub,rg,,{account},{project}/build"),
            format!("https://ai.azure.com/resource/overview?wsid={}", id.replace('/', "%2F")),
            format!("endpoint=https://{account}.cognitiveservices.azure.com/;projectname={project}"),
        ] {
            let endpoint = Endpoint::parse(&text).unwrap();
            prop_assert_eq!(endpoint.base_url(), direct.base_url(), "{}", text);
            prop_assert_eq!(endpoint.kind(), direct.kind());
            prop_assert_eq!(endpoint.scope(), direct.scope());
            prop_assert!(endpoint.notes().iter().any(|note| note.code().is_change()));
        }
    }
}
