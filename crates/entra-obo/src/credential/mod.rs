//! Client credentials: secret, certificate, external signer, federated assertion.
//!
//! [`ClientCredential`] is what the client takes. A certificate is a [`ClientCertificate`], a key
//! in a vault an [`AssertionSigner`], a token of another issuer a [`FederatedAssertion`], such as
//! a [`TokenFile`].

mod certificate;
mod federated;
mod file;
mod jwt;
mod kind;
mod proof;
mod secret_file;
mod signer;

pub use certificate::ClientCertificate;
pub use federated::{AssertionCallback, FederatedAssertion, TokenFile};
pub use kind::ClientCredential;
pub(crate) use kind::Credentials;
pub use proof::{AssertionRequest, CredentialError};
pub(crate) use proof::{Proof, federated_audience};
pub use signer::{AssertionSigner, SigningAlgorithm, SigningRequest};
