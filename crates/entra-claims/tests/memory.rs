//! What floods and large answers cost in memory, counted by the allocator.
//!
//! A binary of its own: the counting allocator is the whole process's.
#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "test code, of which this binary uses a part"
)]

#[path = "it/http/script.rs"]
mod script;
#[path = "it/support.rs"]
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use entra_claims::registry::InMemoryTenants;
use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use entra_claims::{AcceptedAudiences, Authenticator, Reason, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud};
use serde_json::json;

use crate::script::{Reply, Script, authenticator, discovery_url, keys_url, metadata};
use crate::support::{
    API, OTHER_TENANT, TENANT, base64url, clock, header, key_document, sign, tenant, user,
    v2_issuer, with,
};

const MIB: i64 = 1024 * 1024;

/// Counts what a future allocates in this thread, which is the only one that runs it.
fn counted<T>(
    runtime: &tokio::runtime::Runtime,
    future: impl Future<Output = T>,
) -> (T, AllocationInfo) {
    let mut output = None;
    let info = measure(|| output = Some(runtime.block_on(future)));
    (output.unwrap(), info)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn unsigned(kid: u32, payload: &str) -> String {
    let header = format!(r#"{{"alg":"RS256","kid":"made-up-{kid}"}}"#);
    format!("{}.{payload}.AAAA", base64url(header))
}

fn payload(tid: &str) -> String {
    let claims = [("iss", json!(v2_issuer(tid))), ("tid", json!(tid))];
    base64url(with(&user(), &claims).to_string())
}

/// 100,000 made-up keys in 20 s, half of them of made-up tenants, while the authority answers,
/// and a quarter of that while it fails or answers nothing of use.
#[test]
fn a_flood_of_made_up_keys_leaves_nothing_behind() {
    let runtime = runtime();
    let (ours, theirs) = (payload(TENANT), payload(OTHER_TENANT));
    for (reply, size) in [
        (None, 100_000),
        (Some(Reply::Body(500, Vec::new())), 25_000),
        (Some(Reply::Body(200, br#"{"keys":[]}"#.to_vec())), 25_000),
    ] {
        let pause = Duration::from_secs(20) * 50 / size;
        let script = Script::new();
        let (authenticator, clock) = authenticator(&script);
        let good = sign(&user());
        assert!(runtime.block_on(authenticator.authenticate(&good)).is_ok());
        if let Some(reply) = &reply {
            script.answer(&keys_url(TENANT), reply.clone());
        }
        let flood = async {
            let mut accepted = 0;
            for kid in 0..size {
                let payload = if kid % 2 == 0 { &ours } else { &theirs };
                let hostile = unsigned(kid, payload);
                assert!(authenticator.authenticate(&hostile).await.is_err());
                if kid % 50 == 0 {
                    accepted += u32::from(authenticator.authenticate(&good).await.is_ok());
                    clock.advance(pause);
                }
            }
            accepted
        };
        let (accepted, info) = counted(&runtime, flood);
        assert_eq!(accepted, size / 50, "good tokens among them");
        // Within 20 s there is one cool-down, and the first fetch was before.
        assert!(script.key_fetches() <= 2, "{}", script.key_fetches());
        assert!(info.bytes_current <= MIB, "{reply:?}: {info:?}");
    }
}

/// The same with an authority that hangs: who waits has a bound, and goes without a trace.
#[test]
fn a_flood_while_the_authority_hangs_leaves_nothing_behind() {
    let runtime = runtime();
    let ours = payload(TENANT);
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let good = sign(&user());
    assert!(runtime.block_on(authenticator.authenticate(&good)).is_ok());
    script.close();
    let flood = async {
        let (mut waited, mut refused, mut accepted) = (0, 0, 0);
        for round in 0..50 {
            let hostile: Vec<String> = (0..2000)
                .map(|kid| unsigned(round * 2000 + kid, &ours))
                .collect();
            let mut waiting: Vec<_> = hostile
                .iter()
                .map(|token| Box::pin(authenticator.authenticate(token)))
                .collect();
            for future in &mut waiting {
                match futures_util::poll!(future) {
                    std::task::Poll::Pending => waited += 1,
                    std::task::Poll::Ready(outcome) => {
                        assert_eq!(outcome.unwrap_err().reason(), Reason::Overloaded);
                        refused += 1;
                    }
                }
            }
            for number in 0..40 {
                let fresh = sign(&with(&user(), &[("uti", json!(number.to_string()))]));
                let mut known = Box::pin(authenticator.authenticate(&fresh));
                accepted += usize::from(futures_util::poll!(&mut known).is_ready());
            }
            tokio::task::yield_now().await;
        }
        (waited, refused, accepted)
    };
    let ((waited, refused, accepted), info) = counted(&runtime, flood);
    assert_eq!((waited, refused), (50 * 1024, 50 * (2000 - 1024)));
    assert_eq!(accepted, 50 * 40, "known keys wait for nothing");
    assert_eq!(script.key_fetches(), 2);
    assert!(info.bytes_current <= MIB, "{info:?}");
}

/// Made-up tenants before a registry, under a name of a key that the authority has.
#[test]
fn a_flood_of_made_up_tenants_leaves_nothing_behind() {
    let runtime = runtime();
    let script = Script::new();
    let issuer = [("issuer", json!(v2_issuer("{tenantid}")))];
    script.json(
        &discovery_url("common"),
        &with(&metadata("common"), &issuer),
    );
    script.json(&keys_url("common"), &key_document());
    let transport: Arc<dyn HttpTransport> = script.clone();
    let validator = Validator::new(
        Cloud::public(),
        TenantPolicy::registered(),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    );
    let authenticator = Authenticator::builder(validator.with_clock(clock()))
        .transport(transport)
        .tenant_registry(Arc::new(InMemoryTenants::new([tenant(TENANT)])))
        .build()
        .unwrap();
    let good = sign(&user());
    assert!(runtime.block_on(authenticator.authenticate(&good)).is_ok());
    let signature = good.rsplit_once('.').unwrap().1.to_owned();
    let header = base64url(header().to_string());
    let flood = async {
        for number in 0..20_000 {
            let payload = payload(&format!("{number:08x}-0000-4000-8000-000000000000"));
            let hostile = format!("{header}.{payload}.{signature}");
            let refusal = authenticator.authenticate(&hostile).await.unwrap_err();
            assert_eq!(refusal.reason(), Reason::BadSignature);
        }
    };
    let ((), info) = counted(&runtime, flood);
    assert_eq!(script.requests(), 2);
    assert!(info.bytes_current <= MIB, "{info:?}");
}

/// A server that would send this many times `chunk`; how much it got rid of.
fn endless(head: &'static str, chunk: Vec<u8>, times: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let mut outcome = stream.write_all(head.as_bytes());
            for _ in 0..times {
                if outcome.is_err() {
                    break;
                }
                outcome = stream.write_all(&chunk);
                if outcome.is_ok() {
                    counter.fetch_add(chunk.len(), Ordering::SeqCst);
                }
            }
        }
    });
    (url, sent)
}

async fn get(url: &str) -> Result<http::Response<Vec<u8>>, TransportError> {
    let client = HttpClient::allowing_loopback().unwrap();
    let request = http::Request::get(url).body(Vec::new()).unwrap();
    client.send(request).await
}

#[test]
fn a_body_without_end_is_cut_at_its_limit_and_takes_little_memory() {
    const HUNDRED: usize = 100;
    let runtime = runtime();
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n",
    ] {
        let (url, sent) = endless(head, vec![b' '; MIB as usize], HUNDRED);
        let (outcome, info) = counted(&runtime, get(&url));
        assert_eq!(outcome.unwrap_err(), TransportError::TooLarge);
        assert!(info.bytes_max <= 6 * MIB as u64, "{info:?}");
        // What is in the buffers of the sockets beyond the limit, and far from all of it.
        assert!(sent.load(Ordering::SeqCst) <= 16 * MIB as usize, "{sent:?}");
    }
}
