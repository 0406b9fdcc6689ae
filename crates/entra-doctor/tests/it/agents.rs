//! Agents: the two audiences that an endpoint may take, and who may write agents.

use entra_doctor::{Answer, Case, Certainty, Code};
use serde_json::json;

use crate::symptoms::{AI, P, case, jwt};

const BLUEPRINT: &str = "api://11112222-bbbb-3333-cccc-4444dddd5555";

fn agent(aud: &str) -> Case {
    let endpoint = format!("{P}/agents/a1/endpoint/protocols/openai/responses?api-version=v1");
    let token = jwt(aud, &json!({ "scp": "access_agent" }));
    case().endpoint(&endpoint).token(&token)
}

#[test]
fn a_401_of_an_agent_names_both_candidates() {
    for (aud, certainty) in [(AI, Certainty::Possible), (BLUEPRINT, Certainty::Likely)] {
        let refused = agent(aud).answer(Answer::new().status(401));
        let diagnosis = refused.diagnose();
        let mut findings = diagnosis.findings().iter();
        let finding = findings.find(|f| f.code() == Code::AgentAuthorization);
        let finding = finding.unwrap_or_else(|| panic!("{aud}: {diagnosis:?}"));
        assert_eq!(finding.certainty(), certainty, "{aud}");
        let text = format!("{finding:?}");
        for part in [
            "https://ai.azure.com/.default",
            "api://<blueprint>",
            "AzureRbac",
            "Entra",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // The blueprint's token is no token for an API that should exchange it.
        let other = diagnosis.findings().iter();
        let mut other = other.filter(|f| f.code() == Code::ExchangeNeeded);
        assert!(other.next().is_none());
    }
}

#[test]
fn other_services_have_one_audience() {
    let project = case()
        .endpoint(&format!("{P}/connections"))
        .token(&jwt(AI, &json!({})));
    let diagnosis = project.answer(Answer::new().status(401)).diagnose();
    let mut codes = diagnosis.findings().iter().map(entra_doctor::Finding::code);
    assert!(codes.all(|code| code != Code::AgentAuthorization));
}

#[test]
fn broad_directory_permissions_keep_agents_from_being_written() {
    for (scope, known) in [
        (
            "Directory.AccessAsUser.All AgentIdentityBlueprint.Create",
            true,
        ),
        (
            "Directory.ReadWrite.All AgentIdentityBlueprint.Create",
            true,
        ),
        ("AgentIdentityBlueprint.Create", false),
    ] {
        let token = jwt("https://graph.microsoft.com", &json!({ "scp": scope }));
        let url =
            "https://graph.microsoft.com/v1.0/applications/microsoft.graph.agentIdentityBlueprint";
        let said = format!(
            "POST {url}\nHTTP/1.1 403 Forbidden\n{{\"error\":{{\"code\":\"Authorization_RequestDenied\",\
             \"message\":\"Insufficient privileges to complete the operation.\"}}}}"
        );
        let case = case().token(&token).endpoint(url);
        let diagnosis = case
            .answer(Answer::new().status(403).body(&said))
            .diagnose();
        let mut codes = diagnosis.findings().iter().map(entra_doctor::Finding::code);
        assert_eq!(
            codes.any(|c| c == Code::GraphRefusesClient),
            known,
            "{scope}: {diagnosis:?}"
        );
    }
}
