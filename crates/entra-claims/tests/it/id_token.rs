//! Who signed in on a page of the server's own: ID tokens of a local Entra ID.

use entra_claims::{
    AcceptedAudiences, Authenticator, ExpectedSignIn, Reason, TenantPolicy, TokenVersion, Validator,
};
use entra_emulator::{Directory, Emulator, ForgeKey, ForgedToken, demo};
use foundry_scopes::{ClientId, Cloud, TenantId};

const NONCE: &str = "the nonce of this sign-in";

struct World {
    emulator: Emulator,
    authenticator: Authenticator,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        // The API takes v1 access tokens; the sign-in is of the v2 endpoint all the same.
        let validator = Validator::new(
            Cloud::loopback(emulator.base_url()).unwrap(),
            TenantPolicy::single(TenantId::parse(demo::TENANT).unwrap()),
            AcceptedAudiences::for_client(server()),
        )
        .with_versions([TokenVersion::V1])
        .unwrap();
        let authenticator = Authenticator::new(validator).unwrap();
        Self {
            emulator,
            authenticator,
        }
    }

    fn id_token(&self) -> ForgedToken {
        let forge = self.emulator.forge();
        let token = forge.id_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER);
        token.unwrap().claim("nonce", NONCE)
    }

    async fn reason(&self, token: &str) -> Reason {
        let expected = ExpectedSignIn {
            client: server(),
            nonce: NONCE,
        };
        let outcome = self
            .authenticator
            .authenticate_id_token(token, expected)
            .await;
        outcome.unwrap_err().reason()
    }
}

fn server() -> ClientId {
    ClientId::parse(demo::MCP_SERVER).unwrap()
}

#[tokio::test]
async fn the_id_token_of_this_sign_in_says_who_it_was() {
    let world = World::start().await;
    let token = world.id_token().sign().unwrap();
    let expected = ExpectedSignIn {
        client: server(),
        nonce: NONCE,
    };
    let who = world
        .authenticator
        .authenticate_id_token(&token, expected)
        .await
        .unwrap();
    assert_eq!(who.key().tenant.to_string(), demo::TENANT);
    assert_eq!(who.key().object.to_string(), demo::ALICE);
    assert_eq!(who.user_name(), Some(demo::ALICE_UPN));
    // And it never is a caller.
    let refused = world.authenticator.authenticate(&token).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::IdToken);
}

#[tokio::test]
async fn every_other_token_is_refused() {
    let world = World::start().await;
    let forge = world.emulator.forge();
    let access = forge
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &["mcp.read"],
        )
        .unwrap();
    let other_client = forge
        .id_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT)
        .unwrap();
    let other_tenant = forge
        .id_token(demo::OTHER_TENANT, demo::CAROL, demo::MCP_SERVER)
        .unwrap();
    let mine = || world.id_token();
    for (token, reason) in [
        (mine().claim("nonce", "another"), Reason::MissingClaim),
        (mine().without_claim("nonce"), Reason::MissingClaim),
        (access, Reason::MissingClaim),
        (other_client.claim("nonce", NONCE), Reason::WrongAudience),
        (other_tenant.claim("nonce", NONCE), Reason::TenantNotAllowed),
        (
            mine().key(ForgeKey::UnpublishedUnderLiveKid),
            Reason::BadSignature,
        ),
        (mine().key(ForgeKey::Unpublished), Reason::UnknownKey),
        (
            mine().claim("exp", 1_000_000_000).claim("nbf", 1),
            Reason::Expired,
        ),
        (
            mine().claim("iss", "http://localhost:1/x/v2.0"),
            Reason::WrongIssuer,
        ),
        (
            mine().claim("tid", demo::OTHER_TENANT),
            Reason::TenantMismatch,
        ),
        (mine().without_claim("oid"), Reason::MissingIdentity),
    ] {
        let found = world.reason(&token.sign().unwrap()).await;
        assert_eq!(found, reason, "{:?}", token.claims());
    }
    let unsigned = mine().header("alg", "none").unsigned().unwrap();
    assert_eq!(world.reason(&unsigned).await, Reason::UnsupportedAlgorithm);
}
