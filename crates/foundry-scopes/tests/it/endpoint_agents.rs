//! Agent endpoints: the blueprint's audience, schemes of authorization, legacy applications.

use foundry_scopes::{Acceptance, AgentAuthorization, ClientId, Endpoint, Note, NoteCode};

const PROJECT: &str = "https://contoso.services.ai.azure.com/api/projects/p1";

#[test]
fn an_agent_is_asked_for_its_blueprint_where_the_caller_says_so() {
    let blueprint = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap();
    let parse = |text: &str| Endpoint::parse(&format!("{PROJECT}{text}")).unwrap();
    let agent = parse("/agents/a1/endpoint/protocols/openai/responses");
    let note = agent
        .notes()
        .iter()
        .find(|n| n.code() == NoteCode::BlueprintAudience);
    assert!(note.unwrap().message().contains("AgentBlueprint"));
    let asked = agent.clone().with_blueprint(blueprint).unwrap();
    assert_eq!(asked.blueprint(), Some(blueprint));
    assert_eq!(asked.base_url(), agent.base_url());
    let scope = "api://11112222-bbbb-3333-cccc-4444dddd5555/.default";
    assert_eq!(asked.scope().as_str(), scope);
    // Either spelling of the blueprint; Foundry's own where the agent takes both.
    for (aud, accepted) in [
        (
            "api://11112222-bbbb-3333-cccc-4444dddd5555",
            Some(Acceptance::Documented),
        ),
        (
            "11112222-bbbb-3333-cccc-4444dddd5555",
            Some(Acceptance::Documented),
        ),
        ("https://ai.azure.com", Some(Acceptance::Observed)),
        (
            "https://cognitiveservices.azure.com",
            Some(Acceptance::Refused),
        ),
        ("api://another", None),
    ] {
        assert_eq!(asked.acceptance_of(aud), accepted, "{aud}");
    }
    assert_eq!(
        agent.acceptance_of("https://ai.azure.com"),
        Some(Acceptance::Documented)
    );
    assert_eq!(
        agent.acceptance_of("11112222-bbbb-3333-cccc-4444dddd5555"),
        None
    );
    let codes: Vec<_> = asked.notes().iter().map(Note::code).collect();
    assert_eq!(codes, [NoteCode::PathRemoved]);
    // Nothing else has a blueprint.
    for other in ["", "/applications/app/protocols/openai", "/toolboxes/t/mcp"] {
        assert!(parse(other).with_blueprint(blueprint).is_err(), "{other}");
    }
    let legacy = parse("/applications/app/protocols/openai");
    assert!(
        legacy
            .notes()
            .iter()
            .any(|n| n.message().contains("Agent Application (legacy)"))
    );
}

#[test]
fn schemes_of_agents_are_read_in_any_case_and_unknown_ones_are_accepted() {
    use AgentAuthorization::{AgentBlueprint, AzureRbac, BotService, Other};
    for (name, scheme) in [
        ("AzureRbac", AzureRbac),
        ("Entra", AzureRbac),
        ("ENTRA", AzureRbac),
        ("AgentBlueprint", AgentBlueprint),
        ("BotService", BotService),
        ("BotServiceRbac", BotService),
        ("BotServiceTenant", BotService),
        ("Entra2", Other),
        ("", Other),
    ] {
        assert_eq!(AgentAuthorization::from_scheme(name), scheme, "{name}");
    }
}
