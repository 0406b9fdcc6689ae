//! The kit for a real tenant against the emulator: it tells both readings of every question apart,
//! and its report shows nothing of the tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use cross_crate_tests::live::{self, Browser, Report, Settings, Way};
use entra_emulator::{
    AccessPolicy, App, ConsentGrant, Directory, Emulator, Fault, OptionalClaim, PolicyRequirement,
    Reading, User, demo,
};
use url::Url;

const GUEST: &str = "c0de0000-0b1e-4000-8000-0000000000e7";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// The demo tenant as the set-up would leave one.
fn directory(more: &[Reading]) -> Directory {
    let guest = User::new(GUEST, "carol#EXT#@contoso.onmicrosoft.com", "Carol Guest")
        .guest_from(demo::OTHER_TENANT, demo::CAROL);
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app: App| {
        app.redirect_uri("http://localhost/callback")
    });
    let directory = more.iter().fold(directory, |d, r| d.reading(*r));
    let own = [demo::MCP_READ, demo::MCP_WRITE];
    let tenants = directory
        .tenants()
        .cloned()
        .map(|tenant| match tenant.id() {
            demo::TENANT => tenant
                .user(guest.clone())
                .authentication_context("c42")
                .grant(ConsentGrant::delegated(
                    demo::MCP_SERVER,
                    demo::MCP_SERVER,
                    own,
                ))
                .grant(ConsentGrant::delegated(
                    demo::MCP_CLIENT,
                    GRAPH,
                    ["User.Read"],
                )),
            _ => tenant,
        });
    tenants.fold(Directory::new(), Directory::tenant)
}

fn settings(emulator: &Emulator) -> Settings {
    Settings {
        authority: emulator.base_url().to_owned(),
        tenant: demo::TENANT.to_owned(),
        client: demo::MCP_CLIENT.to_owned(),
        api: demo::MCP_SERVER.to_owned(),
        api_uri: demo::MCP_SERVER_URI.to_owned(),
        api_secret: demo::MCP_SERVER_SECRET.to_owned(),
        read: demo::MCP_READ.to_owned(),
        write: demo::MCP_WRITE.to_owned(),
        downstream: demo::ORDERS_READ_SCOPE.to_owned(),
        declared_context: Some("c42".to_owned()),
        agent: Some(demo::AGENT.to_owned()),
        agent_redirect: Some("http://localhost/consented".to_owned()),
        blueprint: Some(demo::BLUEPRINT.to_owned()),
        blueprint_secret: Some(demo::BLUEPRINT_SECRET.to_owned()),
        guest: true,
    }
}

/// A person who is called Carol and approves device codes.
struct Carol(Arc<Emulator>);

impl Browser for Carol {
    fn open(&self, url: &Url) {
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("login_hint", demo::CAROL_UPN);
        tokio::spawn(async move { reqwest::get(url).await });
    }

    fn show_code(&self, _url: &str, code: &str) {
        let approved = self.0.approve_device_code(code, demo::TENANT, demo::ALICE);
        approved.unwrap();
    }
}

async fn ask(directory: Directory, faults: &[Fault], only: &str) -> Report {
    let emulator = Arc::new(Emulator::start(directory).await.unwrap());
    for fault in faults {
        emulator.fail_next(fault.clone());
    }
    let way = match only {
        "" | "device-code-flow" => Way::DeviceCode,
        _ => Way::Code,
    };
    let browser = Carol(Arc::clone(&emulator));
    live::run(&settings(&emulator), &browser, way, only)
        .await
        .unwrap()
}

fn readings(report: &Report) -> BTreeMap<String, String> {
    let found = report.findings.iter().map(|finding| {
        let reading = finding.reading.clone();
        let reading = reading.unwrap_or_else(|| panic!("{finding:?}"));
        (finding.probe.clone(), reading)
    });
    found.collect()
}

#[tokio::test]
async fn every_question_has_the_emulators_usual_reading() {
    let report = ask(directory(&[]), &[], "").await;
    let found = readings(&report);
    for probe in live::all() {
        assert_eq!(found[probe.id], probe.readings[0], "{}", probe.id);
    }
    assert_eq!(found.len(), live::all().len());
}

/// The other reading of each question: a reading of the directory.
const BY_READING: [(&str, Reading); 13] = [
    ("scopes", Reading::ScopesAsRequested),
    ("sid", Reading::SidInEveryToken),
    ("guest-name", Reading::GuestNameIsLocal),
    ("graph-nonce", Reading::GraphTokensWithoutNonce),
    ("obo-challenge", Reading::ChallengeIsInvalidGrant),
    ("undeclared-context", Reading::UndeclaredContextIgnored),
    ("untargeted-context", Reading::UntargetedContextGranted),
    ("malformed-code", Reading::CredentialBeforeCode),
    ("refresh-for-itself", Reading::SelfDefaultRefused),
    ("empty-secret", Reading::EmptySecretIsAbsent),
    ("pkce", Reading::PkceRequired),
    ("agent-consent", Reading::AgentConsentRefused),
    ("key-set-cors", Reading::KeySetsWithoutCors),
];

/// Or, where the emulator knows one answer only, an ordered one. Two codes are redeemed before.
fn by_fault() -> Vec<(&'static str, Fault)> {
    let third = |fault: Fault| fault.nth(3).times(1);
    let body = |status, text: &str| {
        third(Fault::status("/oauth2/v2.0/token", status).body("application/json", text))
    };
    vec![
        (
            "refresh-for-itself-named",
            third(Fault::aadsts("/oauth2/v2.0/token", 70011)),
        ),
        (
            "resource-mismatch",
            third(Fault::aadsts("/oauth2/v2.0/token", 901_002)),
        ),
        (
            "two-credentials",
            body(
                400,
                r#"{"error":"invalid_request","error_codes":[9002324]}"#,
            ),
        ),
        (
            "token-response-type",
            third(
                Fault::status("/authorize", 302)
                    .header("location", "http://localhost/callback?error=unsupported"),
            ),
        ),
        (
            "token-preflight",
            Fault::status("/oauth2/v2.0/token", 400).method("OPTIONS"),
        ),
        ("origin", body(200, r#"{"access_token":"x"}"#)),
        (
            "unknown-device-code",
            third(Fault::aadsts("/oauth2/v2.0/token", 70000)),
        ),
        (
            "device-code-flow",
            Fault::aadsts("/oauth2/v2.0/token", 53003),
        ),
    ]
}

#[tokio::test]
async fn every_question_tells_another_reading_apart() {
    let mut asked = Vec::new();
    for (probe, reading) in BY_READING {
        let found = readings(&ask(directory(&[reading]), &[], probe).await);
        asked.push((probe, found[probe].clone()));
    }
    for (probe, fault) in by_fault() {
        let found = readings(&ask(directory(&[]), &[fault], probe).await);
        asked.push((probe, found[probe].clone()));
    }
    // Or what the API's registration asks for.
    let asks = directory(&[]).map_app(demo::MCP_SERVER, |app| {
        app.optional_claim(OptionalClaim::XmsActFct)
    });
    let found = readings(&ask(asks, &[], "agent-markers").await);
    asked.push(("agent-markers", found["agent-markers"].clone()));
    for probe in live::all() {
        let found = asked.iter().find(|(id, _)| *id == probe.id);
        let (_, found) = found.unwrap_or_else(|| panic!("{} is not tested", probe.id));
        assert_ne!(found, probe.readings[0], "{}", probe.id);
        assert!(probe.readings.contains(&found.as_str()), "{}", probe.id);
    }
}

#[test]
fn every_reading_of_the_emulator_has_a_question_or_a_reason() {
    let without = [
        (
            Reading::MetadataHeaderOptional,
            "it is about a machine, not a tenant",
        ),
        (
            Reading::DeclinedConsentHasSubcode,
            "both are captured; a person would have to decline",
        ),
        (
            Reading::MetadataUrlInAzp,
            "the set-up makes no client with a metadata document",
        ),
        (
            Reading::AgentIdUnavailable,
            "it is about Microsoft Graph, which the kit does not ask",
        ),
    ];
    for reading in Reading::ALL {
        let asked = BY_READING.iter().any(|(_, r)| *r == reading);
        let excused = without.iter().any(|(r, _)| *r == reading);
        assert!(asked != excused, "{}", reading.name());
    }
}

#[tokio::test]
async fn what_the_tenant_has_not_is_an_answer() {
    let emulator = Arc::new(Emulator::start(directory(&[])).await.unwrap());
    let mut settings = settings(&emulator);
    (settings.agent, settings.declared_context) = (None, None);
    settings.blueprint = None;
    settings.guest = false;
    let browser = Carol(Arc::clone(&emulator));
    let report = live::run(&settings, &browser, Way::Code, "").await.unwrap();
    for probe in [
        "agent-consent",
        "agent-markers",
        "untargeted-context",
        "guest-name",
        "device-code-flow",
    ] {
        let finding = report.findings.iter().find(|f| f.probe == probe).unwrap();
        assert_eq!(finding.reading, None, "{probe}");
        assert!(finding.not_available.is_some(), "{probe}");
    }
}

#[tokio::test]
async fn an_answer_that_no_reading_expects_is_no_reading() {
    let fault = Fault::aadsts("/oauth2/v2.0/token", 90033).nth(3).times(1);
    let report = ask(directory(&[]), &[fault], "malformed-code").await;
    let finding = &report.findings[0];
    assert_eq!((&finding.reading, &finding.not_available), (&None, &None));
    assert!(finding.seen.contains("90033"), "{finding:?}");
}

#[tokio::test]
async fn the_report_shows_nothing_of_the_tenant_and_is_read_back() {
    let report = ask(directory(&[]), &[], "").await;
    let text = report.to_json();
    for secret in [
        demo::TENANT,
        demo::MCP_CLIENT,
        demo::MCP_SERVER_SECRET,
        GUEST,
        "Carol",
        "eyJ",
        "contoso",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    let again = Report::from_json(&text).unwrap();
    assert_eq!(again.to_json(), text);
    assert!(Report::from_json(&text.replace("entra-live/1", "entra-live/2")).is_err());
    // What would show an id is not written: a permission that is one.
    let emulator = Arc::new(Emulator::start(directory(&[])).await.unwrap());
    let policy = AccessPolicy::new(GUEST, PolicyRequirement::Block);
    emulator.set_policy(demo::TENANT, policy).unwrap();
    let browser = Carol(Arc::clone(&emulator));
    let error = live::run(&settings(&emulator), &browser, Way::Code, "scopes").await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("nobody was signed in"), "{error}");
}

#[tokio::test]
async fn kept_reports_hold_for_the_emulator() {
    // A report of a real tenant is a capture: what it found, the emulator can be set to.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");
    let mut kept = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let report = Report::from_json(&text).unwrap();
        let probes = live::all();
        let wanted: Vec<_> = report
            .findings
            .iter()
            .filter_map(|f| Some((f.probe.as_str(), f.reading.as_deref()?)))
            .collect();
        let other = |(probe, reading): &(&str, &str)| {
            let usual = probes
                .iter()
                .any(|p| p.id == *probe && p.readings[0] == *reading);
            let found = BY_READING.iter().find(|(id, _)| id == probe)?;
            (!usual).then_some(found.1)
        };
        let set: Vec<Reading> = wanted.iter().filter_map(other).collect();
        let found = readings(&ask(directory(&set), &[], "").await);
        for (probe, reading) in wanted {
            assert_eq!(found[probe], reading, "{probe}");
        }
        kept += 1;
    }
    assert!(kept > 0);
}

#[test]
fn what_the_set_up_writes_is_named_in_its_commands() {
    let settings = [
        "tenant",
        "client",
        "api",
        "api_uri",
        "api_secret",
        "read",
        "write",
    ];
    for member in settings {
        let quoted = format!("\"{member}\":");
        assert!(live::setup::SETUP.contains(&quoted), "{member}");
    }
    assert_eq!(
        live::setup::SETUP
            .matches("--display-name entra-live-kit")
            .count(),
        3
    );
    assert!(live::setup::CLEANUP.contains("az ad app delete"));
}
