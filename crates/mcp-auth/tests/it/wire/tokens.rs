//! Tokens that are meant for others, made up, worn out or made to hurt, over sockets. The
//! rules are `entra-claims`' and tested there one by one; here is what a client is told.

use std::collections::HashSet;
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::Requirement;
use entra_emulator::{Fault, ForgeKey, ForgedToken, RequestedTokenVersion, demo};
use foundry_scopes::ClientId;
use mcp_auth::AuthLayer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::{Server, invalid_token};
use crate::common::world::{URL, World, read};

const NOT_ACCEPTED: &str = "the access token is not accepted here";

impl Server {
    fn good(&self) -> ForgedToken {
        self.world.forged(&[demo::MCP_READ])
    }

    /// The token is an invalid one, and why is not told.
    async fn refuses(&self, token: &str, what: &str) {
        let reply = self.post().token(token).send().await;
        assert_eq!(reply.status, 401, "{what}: {reply:?}");
        assert_eq!(reply.challenge(), invalid_token(NOT_ACCEPTED), "{what}");
        assert_eq!(reply.get("cache-control"), Some("no-store"));
    }

    async fn accepts(&self, token: &str, what: &str) {
        let reply = self.post().token(token).send().await;
        assert_eq!(reply.status, 200, "{what}: {reply:?}");
        assert_eq!(reply.json()["object"], demo::ALICE, "{what}");
    }
}

/// Another API of the same tenant, no audience, several, the resource's URL, an ID token of
/// our own client.
#[tokio::test]
async fn a_token_for_something_else_is_an_invalid_token() {
    let server = Server::start().await;
    let forge = server.world.emulator.forge();
    let (tenant, user, client) = (demo::TENANT, demo::ALICE, demo::MCP_CLIENT);
    let other = forge.user_token(tenant, user, client, demo::REPORTS_API, &[demo::MCP_READ]);
    let id_token = forge.id_token(tenant, user, demo::MCP_SERVER).unwrap();
    let good = || server.good();
    for (what, token) in [
        ("another API", other.unwrap()),
        (
            "Graph",
            good().claim("aud", "00000003-0000-0000-c000-000000000000"),
        ),
        ("no audience", good().without_claim("aud")),
        (
            "several audiences",
            good().claim("aud", json!([demo::MCP_SERVER, "x"])),
        ),
        (
            "one in a list",
            good().claim("aud", json!([demo::MCP_SERVER])),
        ),
        ("the resource's URL", good().claim("aud", URL)),
        (
            "in another case",
            good().claim("aud", demo::MCP_SERVER.to_uppercase()),
        ),
        ("an ID token", id_token),
        (
            "no client",
            good().without_claim("azp").without_claim("appid"),
        ),
    ] {
        server.refuses(&token.sign().unwrap(), what).await;
    }
    assert_eq!(server.handled(), 0);
}

/// Another tenant, two tenants at once, personal accounts, versions that do not go together.
#[tokio::test]
async fn a_token_of_another_issuer_is_an_invalid_token() {
    let server = Server::start().await;
    let forge = server.world.emulator.forge();
    let carols = forge
        .user_token(
            demo::OTHER_TENANT,
            demo::CAROL,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap();
    let issuer = |tenant: &str| format!("{}/{tenant}/v2.0", server.world.emulator.base_url());
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let good = || server.good();
    for (what, token) in [
        ("another tenant", carols),
        ("its tid only", good().claim("tid", demo::OTHER_TENANT)),
        (
            "its issuer only",
            good().claim("iss", issuer(demo::OTHER_TENANT)),
        ),
        (
            "a personal account",
            good().claim("iss", issuer(personal)).claim("tid", personal),
        ),
        ("the template", good().claim("iss", issuer("{tenantid}"))),
        ("no tenant", good().without_claim("tid")),
        ("no issuer", good().without_claim("iss")),
        ("a v2 issuer and version 1.0", good().claim("ver", "1.0")),
        ("no version", good().without_claim("ver")),
        (
            "a user flow of B2C",
            good()
                .claim(
                    "iss",
                    "https://login.contoso.example/tfp/x/b2c_1_sign_in/v2.0/",
                )
                .claim("tfp", "b2c_1_sign_in"),
        ),
    ] {
        server.refuses(&token.sign().unwrap(), what).await;
    }
    let v1 = forge.version(RequestedTokenVersion::V1);
    let v1 = v1
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap();
    let mixed = v1.clone().claim("ver", "2.0").sign().unwrap();
    server.refuses(&mixed, "a v1 issuer and version 2.0").await;
    assert_eq!(server.handled(), 0);
    server
        .accepts(&v1.sign().unwrap(), "a v1 token for the identifier URI")
        .await;
    // A guest of this tenant is a user of it, whoever proved who they are.
    let guest = good().claim("idp", issuer(demo::OTHER_TENANT));
    server.accepts(&guest.sign().unwrap(), "a guest").await;
}

/// Whatever the header says of algorithms and keys, the configured ones count, and nobody is
/// called for others.
#[tokio::test]
async fn a_signature_by_another_key_or_algorithm_is_an_invalid_token() {
    let server = Server::start().await;
    let bait = TcpListener::bind("127.0.0.1:0").unwrap();
    bait.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys", bait.local_addr().unwrap());
    let good = || server.good();
    let own_key = || good().key(ForgeKey::Unpublished);
    let jwk = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "x"});
    for (what, token) in [
        ("no algorithm", good().header("alg", "none").unsigned()),
        ("no signature", good().unsigned()),
        (
            "HS256 with the public key",
            good().header("alg", "HS256").sign_with_public_key(),
        ),
        ("an unknown algorithm", good().header("alg", "RS999").sign()),
        ("another algorithm", good().header("alg", "PS256").sign()),
        (
            "crit",
            good().header("crit", json!(["x"])).header("x", 1).sign(),
        ),
        ("an unpublished key", own_key().sign()),
        (
            "the same under a published name",
            good().key(ForgeKey::UnpublishedUnderLiveKid).sign(),
        ),
        ("no key id", good().without_header("kid").sign()),
        ("jku", own_key().header("jku", url.as_str()).sign()),
        ("x5u", own_key().header("x5u", url.as_str()).sign()),
        ("jwk", own_key().header("jwk", jwk).sign()),
        ("cnf", good().claim("cnf", json!({"kid": "x"})).sign()),
        ("a proof of possession", good().header("typ", "pop").sign()),
        ("another type", good().header("typ", "dpop+jwt").sign()),
    ] {
        server.refuses(&token.unwrap(), what).await;
    }
    let token = server.token();
    let (rest, last) = token.split_at(token.len() - 6);
    server
        .refuses(
            &format!("{rest}{}", last.to_uppercase() + "A"),
            "a longer signature",
        )
        .await;
    assert_eq!(server.handled(), 0);
    let nobody = bait.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}

/// Times beyond the skew of 300 s, and times that are none.
#[tokio::test]
async fn only_an_expired_token_is_told_apart() {
    let server = Server::start().await;
    let good = || server.good();
    // Entra ID's tokens were issued five minutes ago, by their own account.
    let now = good().claims()["iat"].as_i64().unwrap() + 300;
    let expired = good()
        .claim("iat", now - 9000)
        .claim("nbf", now - 9000)
        .claim("exp", now - 301);
    let reply = server.post().token(&expired.sign().unwrap()).send().await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.challenge(),
        invalid_token("the access token has expired")
    );
    for (what, token) in [
        (
            "not valid yet",
            good().claim("nbf", now + 600).claim("exp", now + 9000),
        ),
        ("no end", good().without_claim("exp")),
        (
            "2^63",
            good().claim("exp", json!(9_223_372_036_854_775_808_u64)),
        ),
        ("a fraction", good().claim("exp", json!(4e9 + 0.5))),
        ("below zero", good().claim("exp", -1)),
        ("a text", good().claim("exp", "4102444800")),
        ("null", good().claim("exp", Value::Null)),
    ] {
        server.refuses(&token.sign().unwrap(), what).await;
    }
    assert_eq!(server.handled(), 0);
}

/// Every text that a client gets for its token is one of a few, short, and safe for parsers.
#[tokio::test]
async fn descriptions_are_fixed_short_and_plain() {
    let server = Server::start().await;
    let roles = Requirement::role("Jobs.Run");
    let evil = "\"\\\r\n scope=evil resource_metadata=http://evil/";
    let mut texts = HashSet::new();
    for token in [
        server.good().claim("aud", evil),
        server.good().claim("iss", evil),
        server.good().claim("scp", evil),
        server.good().claim("name", evil).claim("exp", 1),
        server.good().header("kid", evil),
        server.good().claim("scp", "other"),
        server.good().claim("xms_cc", evil),
    ] {
        let token = token.sign().unwrap();
        let reply = server.post().token(&token).send().await;
        if reply.status == 200 {
            continue;
        }
        for value in [reply.challenge().to_owned(), reply.body.clone()] {
            assert!(!value.contains("evil"), "{value}");
        }
        texts.insert(
            reply.json()["error_description"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        let guard = server.world.guard_for(roles.clone());
        let request = crate::common::world::bearer(&token);
        let answer = crate::common::json(server.world.ask(&guard, request).await).await;
        texts.insert(answer["error_description"].as_str().unwrap().to_owned());
    }
    assert!((3..=5).contains(&texts.len()), "{texts:?}");
    for text in texts {
        let plain = |c: char| c.is_ascii_alphanumeric() || " .,:;()/_-".contains(c);
        assert!(text.len() <= 120 && text.chars().all(plain), "{text}");
    }
}

/// Large tokens, large headers, deep claims, no text: refused without harm.
#[tokio::test]
async fn what_is_made_to_hurt_is_refused_and_the_server_lives() {
    let server = Server::start().await;
    let forge = server.world.emulator.forge();
    let live = server.good().sign().unwrap();
    let head = live.split('.').next().unwrap();
    let head = URL_SAFE_NO_PAD.decode(head).unwrap();
    let long_head = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(20_000));
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for (what, token) in [
        ("beyond 32 KiB", format!("{live}{}", "A".repeat(33_000))),
        (
            "a long header",
            forge.sign_bytes(long_head.as_bytes(), b"{}").unwrap(),
        ),
        (
            "deep claims",
            forge.sign_bytes(&head, deep.as_bytes()).unwrap(),
        ),
        ("no text", forge.sign_bytes(&head, b"\xff\xfe").unwrap()),
        (
            "a second member",
            forge
                .sign_bytes(&head, br#"{"aud":"a","aud":"b"}"#)
                .unwrap(),
        ),
        ("ten thousand dots", "a.".repeat(10_000)),
    ] {
        server.refuses(&token, what).await;
    }
    // More than the HTTP server takes in a header: it says so or hangs up.
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let line = "A".repeat(1024 * 1024);
    let request =
        format!("POST /mcp HTTP/1.1\r\nHost: mcp.test\r\nAuthorization: Bearer {line}\r\n\r\n");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
        "{}",
        answer.escape_ascii()
    );
    assert_eq!(server.handled(), 0);
    server.accepts(&server.token(), "the server lives").await;
}

/// Made-up key ids cause one fetch for all of them.
#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch() {
    let server = Server::start().await;
    server.accepts(&server.token(), "the keys are there").await;
    let fetches = || {
        let journal = server.world.emulator.journal();
        journal.count(|entry| entry.path().contains("/keys"))
    };
    let before = fetches();
    let token = server.token();
    let (head, rest) = token.split_once('.').unwrap();
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    for n in 0..1000 {
        let mut head = head.clone();
        head["kid"] = json!(format!("made-up-{n}"));
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        let reply = server.post().token(&format!("{head}.{rest}")).send().await;
        assert_eq!(reply.status, 401, "{reply:?}");
    }
    assert!(fetches() <= before + 1, "{} {before}", fetches());
    server.accepts(&token, "valid calls go on").await;
}

/// Undecided is 503: no challenge, or clients would throw good tokens away.
#[tokio::test]
async fn without_keys_nothing_is_decided_and_with_held_keys_all_is() {
    let server = Server::start().await;
    let cut = |times| {
        for part in ["/discovery/", "openid-configuration"] {
            server
                .world
                .emulator
                .fail_next(Fault::status(part, 500).times(times));
        }
    };
    cut(1000);
    let reply = server.post().token(&server.token()).send().await;
    assert_eq!(reply.status, 503, "{reply:?}");
    assert_eq!(reply.get("www-authenticate"), None);
    assert!(reply.get("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(reply.json()["error"], "temporarily_unavailable");
    assert_eq!(server.handled(), 0);

    let server = Server::start().await;
    server.accepts(&server.token(), "keys are held").await;
    for part in ["/discovery/", "openid-configuration"] {
        server
            .world
            .emulator
            .fail_next(Fault::status(part, 500).times(1000));
    }
    let another = server.good().claim("jti", "another").sign().unwrap();
    server
        .accepts(&another, "a known key without the authority")
        .await;
}

/// Applications where users are asked for, users where a role is, clients that are not listed.
#[tokio::test]
async fn the_wrong_kind_of_caller_is_forbidden_and_told_no_scope() {
    let world = World::start().await;
    let client = ClientId::parse(demo::DAEMON).unwrap();
    let listed = Requirement::all_of([read(), Requirement::clients([client])]);
    let resource = world.resource(URL);
    let guard = AuthLayer::new(world.authenticator(), resource.clone(), listed).unwrap();
    let server = Server::serve(world, &resource, guard, "mcp.test").await;
    let unlisted = server.post().token(&server.token()).send().await;
    let users_only = Server::start().await;
    let app = users_only.world.app_token(&["Mcp.Read", demo::MCP_READ]);
    let app = users_only.post().token(&app).send().await;
    let roles = Requirement::role(demo::MCP_RUN_ROLE);
    let world = World::start().await;
    let guard = AuthLayer::new(world.authenticator(), resource.clone(), roles).unwrap();
    let apps_only = Server::serve(world, &resource, guard, "mcp.test").await;
    let user = apps_only.good().claim("roles", vec![demo::MCP_RUN_ROLE]);
    let user = apps_only.post().token(&user.sign().unwrap()).send().await;
    for (what, reply) in [("unlisted", unlisted), ("app", app), ("user", user)] {
        assert_eq!(reply.status, 403, "{what}: {reply:?}");
        assert!(!reply.challenge().contains("scope=\""), "{what}: {reply:?}");
        assert_eq!(reply.json()["error"], "insufficient_scope");
    }
    assert_eq!(
        server.handled() + users_only.handled() + apps_only.handled(),
        0
    );
}
