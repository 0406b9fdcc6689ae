//! entra-claims
