//! Client credentials: secret, certificate, external signer, federated assertion.

mod certificate;
mod federated;
mod jwt;
mod kind;
mod proof;
mod secret_file;
mod signer;

pub use certificate::ClientCertificate;
pub use federated::{AssertionCallback, FederatedAssertion, TokenFile};
pub use kind::ClientCredential;
pub(crate) use kind::Credentials;
pub(crate) use proof::Proof;
pub use proof::{AssertionRequest, CredentialError};
pub use signer::{AssertionSigner, SigningAlgorithm, SigningRequest};
