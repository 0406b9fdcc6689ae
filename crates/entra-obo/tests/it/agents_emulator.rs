//! Agents against a local Entra ID: a blueprint for itself, single-instance agents, missing consent
//! and the two pages for it.

use entra_claims::dangerous;
use entra_emulator::{App, ConsentGrant, Directory, Emulator, Reading, demo};
use entra_obo::{ClientCredential, ClientSecret, Consent, ExchangeClient, NextStep, UserAssertion};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};

const SINGLE: &str = "c0de0000-a6e0-4000-8000-0000000000c1";
const CALLBACK: &str = "http://localhost/consented";

async fn start(readings: &[Reading]) -> Emulator {
    let tenant = Directory::demo().tenants().next().unwrap().clone();
    let single = App::new(SINGLE, "Single agent")
        .single_instance_agent()
        .secret("s")
        .scope("access_agent");
    let grant = ConsentGrant::delegated(SINGLE, demo::ORDERS_API, [demo::ORDERS_READ]);
    let tenant = tenant.app(single).grant(grant);
    let tenant = readings.iter().fold(tenant, |t, r| t.reading(*r));
    Emulator::start(Directory::new().tenant(tenant))
        .await
        .unwrap()
}

fn client(emulator: &Emulator, id: &str, secret: &str) -> ExchangeClient {
    let cloud = Cloud::loopback(emulator.base_url()).unwrap();
    let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT).unwrap());
    let secret = ClientCredential::secret(ClientSecret::new(secret));
    ExchangeClient::new(authority, ClientId::parse(id).unwrap(), secret).unwrap()
}

fn blueprint(emulator: &Emulator) -> ExchangeClient {
    client(emulator, demo::BLUEPRINT, demo::BLUEPRINT_SECRET)
}

fn alice(emulator: &Emulator, api: &str) -> UserAssertion {
    let forge = emulator.forge();
    let scopes = ["access_agent"];
    let token = forge.user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, api, &scopes);
    let token = token.unwrap().sign().unwrap();
    UserAssertion::try_from(&dangerous::assume_verified(&token).unwrap()).unwrap()
}

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

#[tokio::test]
async fn a_blueprint_asks_graph_for_itself_and_a_refusal_is_explained() {
    let emulator = start(&[]).await;
    let blueprint = blueprint(&emulator);
    let graph = scopes("https://graph.microsoft.com/.default");
    blueprint.for_app(graph).unwrap().token().await.unwrap();
    // What is asked for is sent, and Entra ID decides.
    let orders = blueprint.for_app(scopes(demo::ORDERS_DEFAULT_SCOPE));
    let error = orders.unwrap().token().await.unwrap_err();
    assert_eq!(error.codes(), [82_001]);
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert!(error.remedy().contains("fmi_path"), "{}", error.remedy());
}

#[tokio::test]
async fn a_single_instance_agent_is_an_ordinary_client() {
    let emulator = start(&[]).await;
    let agent = client(&emulator, SINGLE, "s");
    let orders = agent.downstream(scopes(demo::ORDERS_READ_SCOPE)).unwrap();
    let alice = alice(&emulator, SINGLE);
    let token = orders.token_on_behalf_of(&alice).await.unwrap();
    let token = dangerous::assume_verified(token.expose()).unwrap();
    assert_eq!(token.principal().client().to_string(), SINGLE);
    assert_eq!(token.principal().object().to_string(), demo::ALICE);
    // One request: no exchange token comes before it.
    let asked = emulator.journal();
    assert_eq!(asked.count(|e| e.path().ends_with("/oauth2/v2.0/token")), 1);
}

/// The consent that the demo's agent lacks, as the exchange tells it.
async fn missing(emulator: &Emulator) -> Consent {
    let agent = ClientId::parse(demo::AGENT).unwrap();
    let agent = blueprint(emulator).agent(agent).unwrap();
    let payroll = agent.downstream(scopes(demo::PAYROLL_READ_SCOPE)).unwrap();
    let alice = alice(emulator, demo::BLUEPRINT);
    let error = payroll.token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.next(), NextStep::AskConsent);
    assert!(error.remedy().contains("inheritable"), "{}", error.remedy());
    assert!(error.remedy().contains("AADSTS82014"), "{}", error.remedy());
    error.consent().unwrap().clone()
}

#[tokio::test]
async fn both_consent_pages_of_an_agent_work_or_are_refused() {
    for refused in [false, true] {
        let emulator = match refused {
            false => start(&[]).await,
            true => start(&[Reading::AgentConsentRefused]).await,
        };
        let directory = emulator
            .directory()
            .map_app(demo::BLUEPRINT, |app| app.redirect_uri(CALLBACK))
            .map_user(demo::BOB, entra_emulator::User::administrator);
        emulator.replace_directory(directory).unwrap();
        let consent = missing(&emulator).await;
        // No page is offered as certain.
        assert_eq!(consent.user_url(CALLBACK, "s"), None);
        assert_eq!(consent.admin_url(), None);
        assert_eq!(consent.client().to_string(), demo::AGENT);
        assert_eq!(consent.blueprint().unwrap().to_string(), demo::BLUEPRINT);
        let pages = consent.agent_pages(CALLBACK, "the-state").unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let http = http.no_proxy().build().unwrap();
        for (page, who) in [
            (pages.user(), demo::ALICE_UPN),
            (pages.administrator(), demo::BOB_UPN),
        ] {
            let url = format!("{page}&login_hint={who}");
            let response = http.get(url).send().await.unwrap();
            if refused {
                assert_ne!(response.status(), 302);
                let entry = emulator.journal().last().unwrap();
                assert_eq!(entry.error_code(), Some(82_014), "{page}");
                continue;
            }
            let back = response.headers()["location"].to_str().unwrap();
            assert!(back.starts_with(CALLBACK) && back.contains("state=the-state"));
            assert!(
                !back.contains("code=") && !back.contains("error="),
                "{back}"
            );
        }
        let agent = ClientId::parse(demo::AGENT).unwrap();
        let agent = blueprint(&emulator).agent(agent).unwrap();
        let payroll = agent.downstream(scopes(demo::PAYROLL_READ_SCOPE)).unwrap();
        let alice = alice(&emulator, demo::BLUEPRINT);
        let token = payroll.token_on_behalf_of(&alice).await;
        assert_eq!(token.is_err(), refused);
    }
}

#[tokio::test]
async fn an_ordinary_applications_consent_has_no_agent_pages() {
    let emulator = start(&[]).await;
    let authority = client(&emulator, SINGLE, "s").authority().clone();
    let (id, wanted) = (
        ClientId::parse(SINGLE).unwrap(),
        scopes(demo::PAYROLL_READ_SCOPE),
    );
    let consent = Consent::for_user(authority, id, wanted);
    assert_eq!(consent.agent_pages(CALLBACK, "s"), None);
}
