//! How the client proves that it is the client.

mod certificate;
mod error;
mod federated;
mod jwt;
mod kind;
mod order;
mod pem;
mod proof;
mod signer;
mod token_file;

pub use certificate::ClientCertificate;
pub use error::CredentialError;
pub use federated::{AssertionCallback, FederatedAssertion};
pub use kind::ClientCredential;
pub(crate) use order::Credentials;
pub use proof::AssertionRequest;
pub(crate) use proof::Proof;
pub use signer::{AssertionSigner, SigningAlgorithm, SigningRequest};
pub use token_file::TokenFile;
