//! Microsoft's `azure_identity` against the emulator.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::ClientOptions;
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::report::{Outcome, Report};
use crate::text;

const NAME: &str = "azure_identity 1.0.0 (Rust)";
type Credential = Result<Arc<dyn TokenCredential>, Box<dyn std::error::Error>>;

pub(crate) async fn all(world: &Value, report: &mut Report) {
    let api = text(world, "/api/id");
    let orders = text(world, "/orders/default");
    let scope = text(world, "/daemon/scope");
    let right = || {
        secret(
            world,
            &text(world, "/daemon/id"),
            &text(world, "/daemon/secret"),
        )
    };
    report.case(
        NAME,
        "ClientSecretCredential",
        accepted(right(), &scope, "azp", &text(world, "/daemon/id")).await,
    );
    report.case(
        NAME,
        "WorkloadIdentityCredential",
        accepted(workload(world, json!({})), &orders, "azp", &api).await,
    );
    let worker = text(world, "/identity/worker");
    report.case(
        NAME,
        "ManagedIdentityCredential, App Service",
        accepted(managed(&worker), &scope, "azp", &worker).await,
    );

    let stranger = "c0de0000-a4b1-4000-8000-00000000ffff";
    let refusals = [
        (
            "wrong secret",
            7000215,
            secret(world, &text(world, "/daemon/id"), "wrong"),
            scope.clone(),
        ),
        (
            "unknown app",
            700016,
            secret(world, stranger, "x"),
            scope.clone(),
        ),
        (
            "unknown resource",
            500011,
            right(),
            "api://nobody/.default".to_owned(),
        ),
        (
            "scope without /.default",
            1002012,
            right(),
            text(world, "/api/scope"),
        ),
        (
            "expired secret",
            7000222,
            secret(world, &api, "expired-secret"),
            orders.clone(),
        ),
        (
            "unknown subject",
            700213,
            workload(world, json!({ "sub": "someone else" })),
            orders.clone(),
        ),
        (
            "unknown issuer",
            700211,
            workload(world, json!({ "iss": "https://evil.example/" })),
            orders.clone(),
        ),
    ];
    for (name, code, credential, scope) in refusals {
        report.case(
            NAME,
            &format!("refused: {name} ({code})"),
            refused(credential, &scope, code).await,
        );
    }
    let unknown = managed(stranger);
    let outcome = match unknown {
        Ok(credential) => match credential.get_token(&[&scope], None).await {
            Ok(_) => Err("accepted".into()),
            Err(_) => Ok(()),
        },
        Err(error) => Err(error),
    };
    report.case(
        NAME,
        "ManagedIdentityCredential refused: not assigned",
        outcome,
    );
}

async fn accepted(credential: Credential, scope: &str, claim: &str, expected: &str) -> Outcome {
    let token = credential?.get_token(&[scope], None).await?;
    let payload = token.token.secret().split('.').nth(1).ok_or("no token")?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload)?)?;
    match claims.pointer(&format!("/{claim}")).and_then(Value::as_str) == Some(expected) {
        true => Ok(()),
        false => Err(format!("{claim} is not {expected}: {claims}").into()),
    }
}

async fn refused(credential: Credential, scope: &str, code: u32) -> Outcome {
    match credential?.get_token(&[scope], None).await {
        Ok(_) => Err("accepted".into()),
        Err(error) if error.to_string().contains(&format!("AADSTS{code}: ")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn options(world: &Value) -> ClientOptions {
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = text(world, "/base");
    ClientOptions {
        cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
        ..ClientOptions::default()
    }
}

fn secret(world: &Value, client: &str, value: &str) -> Credential {
    let options = ClientSecretCredentialOptions {
        client_options: options(world),
    };
    let tenant = text(world, "/tenant");
    let secret = Secret::new(value.to_owned());
    Ok(ClientSecretCredential::new(
        &tenant,
        client.to_owned(),
        secret,
        Some(options),
    )?)
}

/// A credential that reads a foreign issuer's token, changed as told, from a file.
fn workload(world: &Value, changes: Value) -> Credential {
    let file = Path::new(&text(world, "/ca")).with_file_name(format!(
        "{}.jwt",
        changes
            .to_string()
            .replace(|c: char| !c.is_alphanumeric(), "_")
    ));
    std::fs::write(&file, federated(world, &changes)?)?;
    let options = WorkloadIdentityCredentialOptions {
        credential_options: ClientAssertionCredentialOptions {
            client_options: options(world),
        },
        client_id: Some(text(world, "/api/id")),
        tenant_id: Some(text(world, "/tenant")),
        token_file_path: Some(file),
    };
    Ok(WorkloadIdentityCredential::new(Some(options))?)
}

fn managed(client: &str) -> Credential {
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: Some(UserAssignedId::ClientId(client.to_owned())),
        ..Default::default()
    };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}

fn federated(world: &Value, changes: &Value) -> Result<String, Box<dyn std::error::Error>> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    let mut claims = json!({
        "iss": text(world, "/federated/issuer"),
        "sub": text(world, "/federated/subject"),
        "aud": ["api://AzureADTokenExchange"],
        "iat": now, "nbf": now, "exp": now + 3600,
    });
    if let (Some(claims), Some(changes)) = (claims.as_object_mut(), changes.as_object()) {
        claims.extend(changes.clone());
    }
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": text(world, "/federated/kid") });
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", encode(&header), encode(&claims));
    let pem =
        std::fs::read_to_string(Path::new(&text(world, "/keys")).join("test-only-issuer.key.pem"))?;
    let der: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let key = KeyPair::from_pkcs8(&BASE64_STANDARD.decode(der)?)?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        input.as_bytes(),
        &mut signature,
    )?;
    Ok(format!(
        "{input}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    ))
}
