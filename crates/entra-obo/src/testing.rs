//! For tests of applications: a downstream without HTTP, and a shared store with faults on demand.
//!
//! [`downstream`] answers with what the test says, through the real exchange: the cache, the
//! classification of errors and the next step are those of production.
//!
//! ```
//! use std::time::Duration;
//! use entra_obo::store::SharedStore;
//! use entra_obo::testing::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), entra_obo::store::StoreError> {
//! let store = MemoryStore::default();
//! store.put("a", b"1", Duration::from_secs(60)).await?;
//! store.put("b", b"2", Duration::from_secs(60)).await?;
//! assert_eq!(store.get(&["a"]).await?, [Some(b"1".to_vec())]);
//!
//! store.swap_every(1);
//! assert_eq!(store.get(&["b"]).await?, [Some(b"1".to_vec())]);
//! assert_eq!(store.swapped(), 1);
//! # Ok(())
//! # }
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_parts::lock::lock;
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http::{Request, Response, header};
use serde_json::{Value, json};

use crate::client::{Downstream, ExchangeClient};
use crate::credential::ClientCredential;
use crate::error::ExchangeError;
use crate::secret::ClientSecret;

#[doc(inline)]
pub use entra_parts::store::MemoryStore;

/// The tenant of [`downstream`], which is that of `entra_claims::dangerous::TestToken` too.
pub const TENANT: TenantId = TenantId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0001);

const CLIENT: ClientId = ClientId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_00c1);

/// What Entra ID answers in a test.
#[derive(Clone, Debug)]
pub struct TestAnswer {
    status: u16,
    retry_after: Option<u32>,
    body: Value,
}

impl TestAnswer {
    /// A token that lasts an hour.
    #[must_use]
    pub fn token(token: &str) -> Self {
        let body = json!({"token_type": "Bearer", "access_token": token, "expires_in": 3600});
        Self::new(200, body)
    }

    /// An error of OAuth, with an AADSTS number: `("invalid_grant", 65001)` asks for consent,
    /// `("invalid_grant", 50105)` is a denial.
    #[must_use]
    pub fn error(error: &str, aadsts: u32) -> Self {
        Self::new(400, json!({"error": error, "error_codes": [aadsts]}))
    }

    /// A claims challenge: these claims, as JSON.
    #[must_use]
    pub fn claims(claims: &str) -> Self {
        let body = json!({
            "error": "interaction_required",
            "error_codes": [50076],
            "claims": claims,
        });
        Self::new(400, body)
    }

    /// 429, to be asked again after so many seconds.
    #[must_use]
    pub fn throttled(seconds: u32) -> Self {
        let mut answer = Self::new(429, json!({"error": "temporarily_unavailable"}));
        answer.retry_after = Some(seconds);
        answer
    }

    fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            retry_after: None,
            body,
        }
    }

    fn response(&self) -> Result<Response<Vec<u8>>, TransportError> {
        let mut response = Response::builder().status(self.status);
        if let Some(seconds) = self.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        let response = response.body(self.body.to_string().into_bytes());
        response.map_err(|_| TransportError::Setup)
    }
}

/// A downstream that needs no network: each request to Entra ID gets the next answer, and the
/// last one is repeated. Users are those of [`TENANT`]; [`downstream_in`] serves another tenant.
///
/// ```
/// use entra_obo::testing::{self, TestAnswer};
/// use entra_obo::{Downstream, NextStep, UserAssertion};
///
/// // What is tested: a handler that has a downstream.
/// async fn payslip(payroll: &Downstream, user: &UserAssertion) -> u16 {
///     match payroll.token_on_behalf_of(user).await {
///         Ok(_token) => 200,
///         Err(error) if error.next() == NextStep::AskConsent => 403,
///         Err(_) => 500,
///     }
/// }
/// # use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
/// # let payload = r#"{"aud":"a","iss":"i","ver":"2.0","scp":"s","sub":"u","exp":4102444800,
/// #     "tid":"aaaaaaaa-0000-4000-8000-000000000001","oid":"aaaaaaaa-0000-4000-8000-000000000002",
/// #     "azp":"aaaaaaaa-0000-4000-8000-000000000003"}"#;
/// # let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#);
/// # let token = format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn run(token: String) -> Result<(), Box<dyn std::error::Error>> {
///
/// // `TestToken::user()` of entra-claims makes such a token.
/// let user = UserAssertion::try_from(&entra_claims::dangerous::assume_verified(&token)?)?;
///
/// let payroll = testing::downstream([TestAnswer::error("invalid_grant", 65001)])?;
/// assert_eq!(payslip(&payroll, &user).await, 403);
///
/// let payroll = testing::downstream([TestAnswer::token("for-payroll")])?;
/// assert_eq!(payslip(&payroll, &user).await, 200);
/// # Ok(())
/// # }
/// # run(token).unwrap();
/// ```
///
/// # Errors
///
/// None in practice: its settings are fixed.
pub fn downstream(
    answers: impl IntoIterator<Item = TestAnswer>,
) -> Result<Downstream, ExchangeError> {
    downstream_in(TENANT, answers)
}

/// [`downstream`] for the users of another tenant.
///
/// # Errors
///
/// None in practice: its settings are fixed.
pub fn downstream_in(
    tenant: TenantId,
    answers: impl IntoIterator<Item = TestAnswer>,
) -> Result<Downstream, ExchangeError> {
    let answers = Answers(Mutex::new(answers.into_iter().collect()));
    let authority = TenantAuthority::new(Cloud::public(), tenant);
    let credential = ClientCredential::secret(ClientSecret::new("of-a-test"));
    let client = ExchangeClient::builder(authority, CLIENT, credential)
        .transport(Arc::new(answers))
        .build()?;
    let scopes = ScopeSet::parse("api://downstream/access_as_user")
        .map_err(|error| ExchangeError::configuration(error.to_string()))?;
    client.downstream(scopes)
}

#[derive(Debug)]
struct Answers(Mutex<VecDeque<TestAnswer>>);

impl HttpTransport for Answers {
    fn send(
        &self,
        _: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        let mut answers = lock(&self.0);
        let answer = match answers.len() {
            0 | 1 => answers.front().cloned(),
            _ => answers.pop_front(),
        };
        drop(answers);
        let response = answer.map_or(Err(TransportError::Setup), |answer| answer.response());
        Box::pin(std::future::ready(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::UserAssertion;
    use crate::error::NextStep;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn user() -> UserAssertion {
        let payload = format!(
            r#"{{"aud":"a","iss":"i","ver":"2.0","scp":"s","sub":"u","exp":4102444800,"tid":"{TENANT}","oid":"{TENANT}","azp":"{CLIENT}"}}"#
        );
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#);
        let token = format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        let token = entra_claims::dangerous::assume_verified(&token).unwrap();
        UserAssertion::try_from(&token).unwrap()
    }

    #[tokio::test]
    async fn each_request_gets_the_next_answer_and_the_last_is_repeated() {
        let claims = r#"{"access_token":{"acrs":{"value":"c1"}}}"#;
        let api = downstream([
            TestAnswer::error("invalid_grant", 65001),
            TestAnswer::error("invalid_grant", 50105),
            TestAnswer::claims(claims),
            TestAnswer::token("t"),
        ]);
        let api = api.unwrap();
        let mut steps = Vec::new();
        for _ in 0..3 {
            let error = api.token_on_behalf_of(&user()).await.unwrap_err();
            steps.push(error.next());
        }
        let expected = [
            NextStep::AskConsent,
            NextStep::Denied,
            NextStep::PassOnClaims,
        ];
        assert_eq!(steps, expected);
        assert_eq!(api.token_on_behalf_of(&user()).await.unwrap().expose(), "t");
        let throttled = downstream([TestAnswer::throttled(30)]).unwrap();
        let error = throttled.token_on_behalf_of(&user()).await.unwrap_err();
        assert!(error.retry_at().is_some());
        let elsewhere = downstream_in(TenantId::from_u128(1), []).unwrap();
        let error = elsewhere.token_on_behalf_of(&user()).await.unwrap_err();
        assert_eq!(error.next(), NextStep::FixConfiguration);
    }
}
