//! Against the local Entra ID, over real HTTP.

use entra_claims::{
    AcceptedAudiences, AgentEvidence, Authenticator, PrincipalKind, Reason, RejectionClass,
    Requirement, TenantPolicy, Validator,
};
use entra_emulator::{
    App, Directory, Emulator, Fault, Forge, ForgeKey, ForgedToken, OptionalClaim, Reading,
    RequestedTokenVersion, demo,
};
use foundry_scopes::{ClientId, Cloud, ScopeName};

use crate::support::tenant;

async fn start() -> (Emulator, Authenticator) {
    of(Directory::demo()).await
}

async fn of(directory: Directory) -> (Emulator, Authenticator) {
    let emulator = Emulator::start(directory).await.unwrap();
    let validator = Validator::new(
        Cloud::loopback(emulator.base_url()).unwrap(),
        TenantPolicy::single(tenant(demo::TENANT)),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    (emulator, Authenticator::new(validator).unwrap())
}

/// What the MCP client gets for `user`, to be signed, or broken and signed.
fn right_token(forge: &Forge, user: &str) -> ForgedToken {
    let scopes = [demo::MCP_READ];
    forge
        .user_token(
            demo::TENANT,
            user,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &scopes,
        )
        .unwrap()
}

fn key_requests(emulator: &Emulator) -> usize {
    emulator
        .journal()
        .count(|entry| entry.path().ends_with("/keys"))
}

async fn refusal(authenticator: &Authenticator, token: &str) -> Reason {
    authenticator
        .authenticate(token)
        .await
        .unwrap_err()
        .reason()
}

#[tokio::test]
async fn the_emulators_tokens_are_accepted_in_both_versions() {
    let (emulator, authenticator) = start().await;
    for version in [RequestedTokenVersion::V1, RequestedTokenVersion::V2] {
        let forge = emulator.forge().version(version);
        let user = right_token(&forge, demo::ALICE);
        let verified = authenticator
            .authenticate(&user.sign().unwrap())
            .await
            .unwrap();
        let principal = verified.principal();
        assert_eq!(principal.kind(), PrincipalKind::User);
        assert_eq!(principal.object().to_string(), demo::ALICE);
        assert_eq!(principal.client().to_string(), demo::MCP_CLIENT);
        let read = Requirement::scope(ScopeName::parse(demo::MCP_READ).unwrap());
        assert!(read.check(&verified).is_ok());
        let write = Requirement::scope(ScopeName::parse(demo::MCP_WRITE).unwrap());
        assert_eq!(
            write.check(&verified).unwrap_err().reason(),
            Reason::MissingScope
        );

        let app = forge
            .app_token(
                demo::TENANT,
                demo::DAEMON,
                demo::MCP_SERVER,
                &[demo::MCP_RUN_ROLE],
            )
            .unwrap();
        let verified = authenticator
            .authenticate(&app.sign().unwrap())
            .await
            .unwrap();
        assert_eq!(verified.principal().kind(), PrincipalKind::App);
        assert!(
            Requirement::role(demo::MCP_RUN_ROLE)
                .check(&verified)
                .is_ok()
        );
        assert_eq!(
            read.check(&verified).unwrap_err().reason(),
            Reason::UserRequired
        );
    }
    assert_eq!(key_requests(&emulator), 1);
}

#[tokio::test]
async fn forged_and_misdirected_tokens_are_refused_for_their_reason() {
    let (emulator, authenticator) = start().await;
    let forge = emulator.forge();
    let right = right_token(&forge, demo::ALICE);
    assert!(
        authenticator
            .authenticate(&right.sign().unwrap())
            .await
            .is_ok()
    );

    let wrong_key = right
        .clone()
        .key(ForgeKey::UnpublishedUnderLiveKid)
        .sign()
        .unwrap();
    assert_eq!(
        refusal(&authenticator, &wrong_key).await,
        Reason::BadSignature
    );
    let unpublished = right.clone().key(ForgeKey::Unpublished).sign().unwrap();
    assert_eq!(
        refusal(&authenticator, &unpublished).await,
        Reason::UnknownKey
    );
    let unsigned = right.clone().header("alg", "none").unsigned().unwrap();
    assert_eq!(
        refusal(&authenticator, &unsigned).await,
        Reason::UnsupportedAlgorithm
    );
    let expired = right
        .clone()
        .claim("nbf", 0)
        .claim("exp", 1)
        .sign()
        .unwrap();
    assert_eq!(refusal(&authenticator, &expired).await, Reason::Expired);
    let id_token = forge
        .id_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER)
        .unwrap();
    assert_eq!(
        refusal(&authenticator, &id_token.sign().unwrap()).await,
        Reason::IdToken
    );
    let for_another = forge
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_SERVER,
            demo::ORDERS_API,
            &[demo::ORDERS_READ],
        )
        .unwrap();
    assert_eq!(
        refusal(&authenticator, &for_another.sign().unwrap()).await,
        Reason::WrongAudience
    );
    // Signed with the very same key: all tenants of a cloud share it.
    let issuer = format!("{}/{}/v2.0", emulator.base_url(), demo::OTHER_TENANT);
    let elsewhere = right
        .claim("tid", demo::OTHER_TENANT)
        .claim("iss", issuer)
        .claim("ver", "2.0")
        .sign()
        .unwrap();
    assert_eq!(
        refusal(&authenticator, &elsewhere).await,
        Reason::TenantNotAllowed
    );
}

#[tokio::test]
async fn a_rotated_key_is_accepted_at_once_and_the_old_one_with_it() {
    let (emulator, authenticator) = start().await;
    let token = |user| right_token(&emulator.forge(), user).sign().unwrap();
    let before = token(demo::ALICE);
    assert!(authenticator.authenticate(&before).await.is_ok());
    emulator.rotate_keys();
    assert!(authenticator.authenticate(&token(demo::BOB)).await.is_ok());
    assert!(authenticator.authenticate(&before).await.is_ok());
    assert_eq!(key_requests(&emulator), 2);
}

#[tokio::test]
async fn an_authority_that_fails_is_unavailable() {
    let (emulator, authenticator) = start().await;
    emulator.fail_next(Fault::status("/keys", 500));
    let token = right_token(&emulator.forge(), demo::ALICE);
    let rejection = authenticator
        .authenticate(&token.sign().unwrap())
        .await
        .unwrap_err();
    assert_eq!(rejection.reason(), Reason::KeysUnavailable);
    assert!(matches!(
        rejection.class(),
        RejectionClass::Unavailable { .. }
    ));
}

#[tokio::test]
async fn an_unknown_tenant_of_the_authority_is_unavailable_and_not_invalid() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let nobody = "c0de0000-7e4a-4000-8000-00000000dead";
    let validator = Validator::new(
        Cloud::loopback(emulator.base_url()).unwrap(),
        TenantPolicy::single(tenant(nobody)),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let authenticator = Authenticator::new(validator).unwrap();
    let issuer = format!("{}/{nobody}/v2.0", emulator.base_url());
    let token = right_token(
        &emulator.forge().version(RequestedTokenVersion::V2),
        demo::ALICE,
    )
    .claim("tid", nobody)
    .claim("iss", issuer)
    .sign()
    .unwrap();
    let reason = refusal(&authenticator, &token).await;
    assert_eq!(reason, Reason::KeysUnavailable);
}

/// Nobody told this machine to trust the emulator's own authority: no request is sent, and
/// what cannot be asked is not decided. There is no way back to plain http.
#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_ends_the_handshake() {
    let emulator = Emulator::builder(Directory::demo())
        .tls()
        .start()
        .await
        .unwrap();
    let validator = Validator::new(
        Cloud::loopback(emulator.base_url()).unwrap(),
        TenantPolicy::single(tenant(demo::TENANT)),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let authenticator = Authenticator::new(validator).unwrap();
    let token = right_token(&emulator.forge(), demo::ALICE).sign().unwrap();
    let refusal = authenticator.authenticate(&token).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeysUnavailable);
    assert_eq!(emulator.journal().count(|_| true), 0);
}

/// A public client that is registered as an agent, of each form, with the agent facet in its tokens
/// and without.
#[tokio::test]
async fn clients_that_are_registered_as_agents_are_a_kind_where_the_token_says_so() {
    const LOCAL: &str = "c0de0000-a6e0-4000-8000-0000000000c2";
    const DOCUMENTED: &str = "c0de0000-a6e0-4000-8000-0000000000c3";
    const DOCUMENT: &str = "https://vscode.dev/oauth/client-metadata.json";
    for (marked, kind, agent) in [
        (
            true,
            PrincipalKind::UserThroughAgentClient,
            AgentEvidence::Agent,
        ),
        (false, PrincipalKind::User, AgentEvidence::Unknown),
    ] {
        let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| match marked {
            true => app.optional_claim(OptionalClaim::XmsActFct),
            false => app,
        });
        let tenant = directory.tenants().next().unwrap().clone();
        let tenant = tenant
            .app(App::new(LOCAL, "Local").local_agent())
            .app(App::new(DOCUMENTED, "Editor").client_metadata_url(DOCUMENT));
        let (emulator, authenticator) = of(Directory::new().tenant(tenant)).await;
        for client in [LOCAL, DOCUMENTED] {
            for version in [RequestedTokenVersion::V1, RequestedTokenVersion::V2] {
                let forge = emulator.forge().version(version);
                let (user, api, scopes) = (demo::ALICE, demo::MCP_SERVER, [demo::MCP_READ]);
                let token = forge.user_token(demo::TENANT, user, client, api, &scopes);
                let token = token.unwrap().sign().unwrap();
                let verified = authenticator.authenticate(&token).await.unwrap();
                let principal = verified.principal();
                assert_eq!((principal.kind(), principal.agent()), (kind, agent));
                assert_eq!(principal.client().to_string(), client);
                // What lists no kinds admits it; a list of kinds by name alone.
                let read = Requirement::scope(ScopeName::parse(demo::MCP_READ).unwrap());
                assert!(read.check(&verified).is_ok());
                let agents = Requirement::kinds([PrincipalKind::AgentForUser]);
                assert!(agents.check(&verified).is_err());
                assert!(Requirement::kinds([kind]).check(&verified).is_ok());
            }
        }
    }
}

/// A token whose `azp` is the document's URL is refused, and the log says what was found.
#[tokio::test]
async fn a_client_that_is_named_by_its_documents_url_is_refused_and_named() {
    const DOCUMENTED: &str = "c0de0000-a6e0-4000-8000-0000000000c3";
    const DOCUMENT: &str = "https://vscode.dev/oauth/client-metadata.json";
    let directory = Directory::demo().reading(Reading::MetadataUrlInAzp);
    let tenant = directory.tenants().next().unwrap().clone();
    let tenant = tenant.app(App::new(DOCUMENTED, "Editor").client_metadata_url(DOCUMENT));
    let (emulator, authenticator) = of(Directory::new().tenant(tenant)).await;
    let (user, api, scopes) = (demo::ALICE, demo::MCP_SERVER, [demo::MCP_READ]);
    let forge = emulator.forge();
    let token = forge.user_token(demo::TENANT, user, DOCUMENTED, api, &scopes);
    let token = token.unwrap().sign().unwrap();
    let rejection = authenticator.authenticate(&token).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::MissingIdentity);
    assert!(
        rejection.explain().contains(DOCUMENT),
        "{}",
        rejection.explain()
    );
}
